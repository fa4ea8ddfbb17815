//! Exit statuses, what is last on the screen, and the commands that look and take down.

use pipewright_testbed::cloudformation::Fake;
use serde_json::json;

use crate::asked::{ABOVE, ACCOUNT, Asked, BELOW, Content};
use crate::run::Program;
use crate::scene::Scene;

#[test]
fn wrong_usage_is_2() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let wrong: [&[&str]; 8] = [
        &["deploy", "--nonsense"],
        &["deploy", "--require-approval", "sometimes"],
        &["deploy", "--plan", "x", "--no-execute"],
        &["deploy", "--attach", "--no-execute"],
        &["deploy", "--concurrency", "0"],
        &["deploy", "no-such-stack"],
        &["destroy", "--yes", "no-such-stack"],
        &["deploy", "--fast"],
    ];
    for args in wrong {
        let mut program = scene.program(args[0], &asked);
        for arg in &args[1..] {
            program = program.args([*arg]);
        }
        let done = program.run().ends(2);
        assert!(done.out.is_empty() && done.err.contains("error: "), "{args:?} {done}");
    }
    Program::bare(&scene.endpoints()).run().ends(2);
    Program::bare(&scene.endpoints()).args(["deploy"]).run().ends(2);
    assert_eq!(scene.fake.count("CreateChangeSet") + scene.fake.count("DeleteStack"), 0);
    let done = scene.program("deploy", &asked).args(["dev-a-pipeline"]).run().ends(2);
    assert!(done.last().contains(ABOVE), "it says which was meant: {done}");
}

#[test]
fn what_is_wrong_with_the_surroundings_is_1() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let done = Program::new(&scene.endpoints(), "deploy", &asked.beside("nothing")).run().ends(1);
    assert!(done.last().contains("nothing"), "{done}");
    let other = Asked::in_account(Content::code(1), "999988887777", |_, _| {});
    let done = scene.deploy(&other).run().ends(1);
    assert!(done.last().contains("999988887777") && done.last().contains(ACCOUNT), "{done}");
    let done = scene.deploy(&asked).args(["--region", "eu-west-1"]).run().ends(1);
    assert!(done.last().contains("eu-west-1"), "{done}");
    assert_eq!(scene.fake.count("CreateChangeSet"), 0);
    scene.fake.deny("cloudformation:CreateChangeSet");
    let done = scene.deploy(&asked).args(["--json"]).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("cloudformation:CreateChangeSet"), "{done}");
    assert_eq!(done.json()["failures"][0]["action"], "cloudformation:CreateChangeSet", "{done}");
    scene.program("deploy", &asked).env("PIPEWRIGHT_PACE_MS", "fast").run().ends(2);
}

#[test]
fn credentials_that_end_in_the_middle() {
    let asked = Asked::of(Content::code(1));
    for requests in [0, 2, 5, 9, 14] {
        let scene = Scene::with(Fake::builder().resource_ms(20));
        scene.fake.expire_credentials_after(Some(requests));
        let done = scene.deploy(&asked).run().ends(1);
        done.is_truthful_failure();
        assert!(done.last().contains("sign in again"), "after {requests}: {done}");
        scene.fake.expire_credentials_after(None);
        scene.deploy(&asked).run().ends(0);
        scene.is(&asked, &[], "signed in again");
    }
}

#[test]
fn the_root_cause_is_the_last_thing_on_the_screen() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let reason = "Role dev-a-train already exists in this account";
    scene.fake.fail_resource("Role", reason);
    let outputs = asked.beside("outputs.json");
    let done = scene.deploy(&asked).args(["--outputs-file"]).arg(&outputs).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains(reason) && done.last().contains("Role"), "{done}");
    let done = done.says(["1 stack", "failed", "not begun"]);
    assert!(!done.last().contains("cancelled"), "what followed is not the cause: {done}");
    assert_eq!(scene.fake.stack(BELOW).unwrap().status, "ROLLBACK_COMPLETE");
    assert!(scene.fake.stack(ABOVE).is_none());

    // The next attempt says the old cause first, and begins anew.
    scene.fake.mend("Role");
    scene.deploy(&asked).run().ends(0).says([reason]);
    scene.is(&asked, &[], "mended");

    // Of an update, where the file can't be written as well.
    let update = Asked::of(Content::code(2));
    scene.fake.fail_resource("Train", "the definition is not valid");
    let done = scene.deploy(&update).args(["--outputs-file", "/nowhere/outputs.json"]).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("the definition is not valid"), "{done}");
    let done = done.says(["/nowhere/outputs.json"]);
    assert_eq!(scene.fake.stack(ABOVE).unwrap().status, "UPDATE_ROLLBACK_COMPLETE", "{done}");
    scene.fake.mend("Train");
    scene.deploy(&update).run().ends(0);
    scene.is(&update, &[&asked], "mended again");
}

#[test]
fn outputs_that_cant_be_written_are_said() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let done = scene.deploy(&asked).args(["--json", "--outputs-file", "/nowhere/outputs.json"]).run();
    assert_ne!(done.code, Some(0), "{done}");
    assert!(done.last().contains("/nowhere/outputs.json"), "{done}");
    assert_eq!(done.json()["stacks"][1]["result"], "deployed", "what was done is told all the same");
    scene.is(&asked, &[], "deployed");
}

#[test]
fn differences() {
    let scene = Scene::new();
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2).role(2)));
    let done = scene.program("diff", &old).args(["--exit-code"]).run().ends(3);
    assert!(done.out.contains(BELOW) && done.out.contains("Train"), "{done}");
    scene.deploy(&old).run().ends(0);
    scene.clear_requests();
    scene.program("diff", &old).args(["--exit-code"]).run().ends(0);
    let done = scene.program("diff", &new).run().ends(0);
    // Step by step, and by permission.
    assert!(done.out.contains("Step") && done.out.contains("s3:ListBucket"), "{done}");
    let done = scene.program("diff", &new).args(["--exit-code", "--json"]).run().ends(3);
    assert!(done.json()[ABOVE].is_object() && done.json()[BELOW].is_object(), "{done}");
    let done = scene.program("diff", &new).args(["--exit-code", "--json", ABOVE]).run().ends(3);
    assert!(done.json()[BELOW].is_null(), "{done}");
    let actions = scene.fake.actions();
    assert!(actions.iter().all(|action| action.starts_with("Get") || action.starts_with("Describe")));
}

#[test]
fn taking_down() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    scene.deploy(&asked).run().ends(0);
    let done = scene.program("destroy", &asked).run().ends(1);
    assert!(done.last().contains("--yes"), "{done}");
    scene.is(&asked, &[], "not confirmed");
    let done = scene.program("destroy", &asked).args(["--yes", "--json"]).run().ends(0);
    let said = done.json();
    let ends: Vec<_> = (said["stacks"].as_array().unwrap().iter())
        .map(|stack| (stack["name"].as_str().unwrap(), stack["result"].as_str().unwrap()))
        .collect();
    assert_eq!(ends, [(ABOVE, "destroyed"), (BELOW, "destroyed")], "{done}");
    let done = done.says([&asked.bucket]);
    assert!(scene.fake.stacks().iter().all(|name| !name.starts_with("dev-a")), "{done}");
    assert_eq!(scene.s3.objects(&scene.bucket).len(), asked.objects.len() + 3, "objects stay");
    scene.nothing_else(&[&asked], "taken down");
    // Again, there is nothing.
    let done = scene.program("destroy", &asked).args(["--yes", "--json"]).run().ends(0);
    assert_eq!(done.json()["stacks"][0]["result"], "absent", "{done}");
    // And from there to everything.
    scene.deploy(&asked).run().ends(0);
    scene.is(&asked, &[], "made anew");
}

#[test]
fn taking_down_fails_with_its_cause() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    scene.deploy(&asked).run().ends(0);
    scene.fake.fail_delete("Role", "Cannot delete entity, must detach all policies first.");
    let done = scene.program("destroy", &asked).args(["--yes"]).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("must detach all policies first"), "{done}");
    scene.fake.mend("Role");
    scene.program("destroy", &asked).args(["--yes"]).run().ends(0);
    assert!(scene.fake.stacks().iter().all(|name| !name.starts_with("dev-a")));
}

#[test]
fn the_doctor_changes_nothing() {
    let scene = Scene::with(Fake::builder());
    let asked = Asked::of(Content::code(1));
    let done = scene.program("doctor", &asked).args(["--json"]).run();
    let said = done.json();
    let findings = said["findings"].as_array().unwrap();
    let of = |about: &str| {
        let found = findings.iter().find(|finding| finding["about"].as_str().unwrap().starts_with(about));
        found.unwrap_or_else(|| panic!("nothing about {about}: {done}"))
    };
    for about in ["assembly", "credentials", "account", "region", "source bucket", "data bucket", "stack"] {
        assert_eq!(of(about)["verdict"], "good", "{about}: {done}");
    }
    assert!(of("clock").is_object() && of("quota").is_object());
    let bad = findings.iter().any(|finding| finding["verdict"] == json!("bad"));
    assert_eq!(done.code, Some(i32::from(bad)), "{done}");
    let actions = scene.fake.actions();
    assert!(actions.iter().all(|action| action.starts_with("Get") || action.starts_with("Describe")));
    scene.nothing_else(&[], "looked at");
    let done = scene.program("doctor", &asked).env("AWS_ACCESS_KEY_ID", "").run().ends(1);
    assert!(done.out.contains("credentials"), "{done}");
}
