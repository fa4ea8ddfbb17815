//! On a terminal: somebody is asked, answers, presses Ctrl-C. Skipped where no Python makes a terminal.

use pipewright_testbed::cloudformation::Fake;

use crate::asked::{ABOVE, Asked, BELOW, Content};
use crate::run::Done;
use crate::scene::Scene;

const QUESTION: &str = "[y/N]";
const CTRL_C: &str = "\u{3}";

/// Deploys with somebody who answers.
fn answered(scene: &Scene, asked: &Asked, typed: &[(&str, &str)]) -> Option<Done> {
    scene.program("deploy", asked).on_terminal(typed)
}

#[test]
fn a_yes_is_a_yes() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let Some(done) = answered(&scene, &asked, &[(QUESTION, "y\n")]) else { return };
    let done = done.ends(0).says(["BROADENS", "Make these changes to dev-a-infrastructure?"]);
    assert!(!done.err.contains("Make these changes to dev-a-pipelines"), "that needs no approval: {done}");
    scene.is(&asked, &[], "approved");
}

#[test]
fn anything_else_is_a_no() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    // The last one is the end of the input.
    for typed in ["n\n", "\n", "yep\n", "\u{4}"] {
        let Some(done) = answered(&scene, &asked, &[(QUESTION, typed)]) else { return };
        let done = done.ends(1);
        assert!(done.last().contains("not approved"), "{typed:?} {done}");
        assert_eq!(scene.fake.count("ExecuteChangeSet"), 0);
    }
    let done = answered(&scene, &asked, &[(QUESTION, CTRL_C)]).unwrap().ends(1);
    assert!(done.last().contains("stopped before anything"), "{done}");
    assert_eq!(scene.fake.count("ExecuteChangeSet"), 0);
    assert_eq!(scene.fake.stack(BELOW).unwrap().status, "REVIEW_IN_PROGRESS");
}

#[test]
fn the_name_has_to_be_typed_to_take_down() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    scene.deploy(&asked).run().ends(0);
    let destroy = |typed| scene.program("destroy", &asked).on_terminal(&[("to take this down:", typed)]);
    for typed in ["y\n", "yes\n", "dev-a\n", "\n"] {
        let Some(done) = destroy(typed) else { return };
        done.ends(1);
        scene.is(&asked, &[], "not confirmed");
    }
    destroy("dev\n").unwrap().ends(0);
    assert!(scene.fake.stack(ABOVE).is_none() && scene.fake.stack(BELOW).is_none());
}

#[test]
fn ctrl_c_asks_what_is_to_become_of_it() {
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2)));
    for (answer, code, status) in [
        ("o\n", 0, "UPDATE_COMPLETE"),
        ("c\n", 1, "UPDATE_ROLLBACK_COMPLETE"),
        ("d\n", 1, "UPDATE_COMPLETE"),
        (CTRL_C, 1, "UPDATE_COMPLETE"),
    ] {
        let scene = Scene::with(Fake::builder().resource_ms(400));
        scene.deploy(&old).run().ends(0);
        let typed = [("UPDATE_IN_PROGRESS", CTRL_C), ("go [o]n?", answer)];
        let program = scene.program("deploy", &new).args(["--progress=lines"]);
        let Some(done) = program.on_terminal(&typed) else { return };
        let done = done.ends(code);
        let settled = (0..2_000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(2));
            !scene.fake.stack(ABOVE).unwrap().status.ends_with("_IN_PROGRESS")
        });
        assert!(settled, "{answer:?} {done}");
        assert_eq!(scene.fake.stack(ABOVE).unwrap().status, status, "{answer:?} {done}");
        scene.deploy(&new).run().ends(0);
        scene.is(&new, &[&old], answer);
    }
}

#[test]
fn bars_and_a_tree_end_with_the_cause() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1).large());
    scene.fake.fail_resource("Train", "the definition is not valid");
    let Some(done) = scene.deploy(&asked).args(["--progress=live"]).on_terminal(&[]) else { return };
    let done = done.ends(1);
    let from = done.err.rfind("error: ").unwrap_or_else(|| panic!("{done}"));
    let words = done.err[from..].split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the definition is not valid"), "{done}");
    assert!(done.err.contains("\u{1b}["), "it is drawn: {done}");
}
