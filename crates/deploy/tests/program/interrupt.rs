//! Ctrl-C and SIGTERM in the middle: leave, take back, pick up again.

use pipewright_testbed::cloudformation::Fake;

use crate::asked::{ABOVE, Asked, BELOW, Content};
use crate::scene::Scene;

/// A resource takes long enough to press Ctrl-C meanwhile.
fn slow() -> Scene {
    Scene::with(Fake::builder().resource_ms(150))
}

fn status(scene: &Scene, name: &str) -> String {
    scene.fake.stack(name).map(|stack| stack.status).unwrap_or_default()
}

fn executed(scene: &Scene) -> usize {
    scene.fake.count("ExecuteChangeSet")
}

#[test]
fn leaving_and_picking_up_again() {
    for (signal, policy) in [("INT", "ask"), ("TERM", "cancel"), ("INT", "detach")] {
        let scene = slow();
        let asked = Asked::of(Content::code(1));
        let mut run = scene.deploy(&asked).args(["--on-interrupt", policy]).start();
        run.until("something is made", || executed(&scene) == 1);
        run.until("events are seen", || scene.fake.count("DescribeStackEvents") > 3);
        run.signal(signal);
        let done = run.wait().ends(1);
        done.is_truthful_failure();
        assert!(done.last().contains("--attach"), "{done}");
        assert!(status(&scene, BELOW).ends_with("_IN_PROGRESS"), "{signal}: it goes on without us: {done}");
        let done = done.says(["1 stack not begun, 1 failed"]);
        assert!(!done.err.contains("infrastructure  deployed"), "{done}");
        let done = scene.program("deploy", &asked).args(["--attach", "--json"]).run().ends(0);
        scene.stack_is(BELOW, &asked).unwrap();
        assert_eq!(done.json()["stacks"][0]["result"], "deployed", "{done}");
        assert_eq!(done.json()["stacks"][1]["result"], "absent", "{done}");
        assert!(scene.fake.stack(ABOVE).is_none(), "attaching begins nothing");
        assert_eq!(executed(&scene), 1);
        scene.deploy(&asked).run().ends(0);
        scene.is(&asked, &[], "in the end");
    }
}

#[test]
fn having_it_taken_back() {
    let scene = slow();
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2)));
    scene.deploy(&old).run().ends(0);
    scene.fake.clear_requests();
    let mut run = scene.deploy(&new).args(["--on-interrupt=cancel"]).start();
    run.until("it is updated", || status(&scene, ABOVE) == "UPDATE_IN_PROGRESS");
    run.until("that is seen", || scene.fake.count("DescribeStackEvents") > 3);
    run.signal("INT");
    let done = run.wait().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("as it was before"), "{done}");
    assert_eq!(status(&scene, ABOVE), "UPDATE_ROLLBACK_COMPLETE", "{done}");
    assert_eq!(scene.fake.count("CancelUpdateStack"), 1);
    scene.deploy(&new).run().ends(0);
    scene.is(&new, &[&old], "in the end");
}

#[test]
fn the_second_time_it_leaves_at_once() {
    let scene = slow();
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2)));
    scene.deploy(&old).run().ends(0);
    scene.fake.clear_requests();
    let mut run = scene.deploy(&new).args(["--on-interrupt=cancel"]).start();
    run.until("it is updated", || status(&scene, ABOVE) == "UPDATE_IN_PROGRESS");
    run.until("that is seen", || scene.fake.count("DescribeStackEvents") > 3);
    run.signal("INT");
    run.until("it is cancelled", || scene.fake.count("CancelUpdateStack") == 1);
    run.signal("INT");
    let done = run.wait().ends(1);
    assert!(done.last().contains("--attach"), "{done}");
    // What it comes to is told to whoever attaches: taken back is not deployed.
    let done = scene.program("deploy", &new).args(["--attach"]).run();
    assert_eq!(status(&scene, ABOVE), "UPDATE_ROLLBACK_COMPLETE", "{done}");
    assert_eq!(done.code, Some(1), "{done}");
    scene.deploy(&new).run().ends(0);
    scene.is(&new, &[&old], "in the end");
}

#[test]
fn before_anything_is_changed_it_just_ends() {
    for signal in ["INT", "TERM"] {
        let scene = Scene::with(Fake::builder().change_set_ms(2_000));
        let asked = Asked::of(Content::code(1));
        let mut run = scene.deploy(&asked).start();
        run.until("a change set is made", || scene.fake.count("DescribeChangeSet") > 0);
        run.signal(signal);
        let done = run.wait().ends(1);
        done.is_truthful_failure();
        assert_eq!(executed(&scene), 0, "{done}");
        scene.deploy(&asked).run().ends(0);
        scene.is(&asked, &[], "in the end");
    }
}

#[test]
fn attaching_to_what_fails_tells_the_cause() {
    let scene = slow();
    let asked = Asked::of(Content::code(1));
    scene.fake.fail_resource("Role", "Role dev-a-train already exists");
    let mut run = scene.deploy(&asked).start();
    run.until("something is made", || scene.fake.count("DescribeStackEvents") > 3);
    run.signal("INT");
    run.wait().ends(1);
    let done = scene.program("deploy", &asked).args(["--attach"]).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("Role dev-a-train already exists"), "{done}");
    // Also when it has ended before.
    let done = scene.program("deploy", &asked).args(["--attach"]).run().ends(1);
    assert!(done.last().contains("Role dev-a-train already exists"), "{done}");
}

#[test]
fn attaching_where_nothing_is() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let done = scene.program("deploy", &asked).args(["--attach"]).run().ends(0);
    done.says(["there is no stack dev-a-infrastructure"]);
    scene.deploy(&asked).run().ends(0);
    scene.fake.clear_requests();
    scene.program("deploy", &asked).args(["--attach"]).run().ends(0).says(["nothing is under way"]);
    assert!(
        scene.fake.actions().iter().all(|action| action.starts_with("Get") || action.starts_with("Describe"))
    );
}
