//! What was approved is what is executed, or it stops.

use std::os::unix::fs::PermissionsExt as _;

use crate::asked::{ABOVE, Asked, BELOW, Content};
use crate::run::json_of;
use crate::scene::Scene;

fn plan(scene: &Scene, asked: &Asked) -> std::path::PathBuf {
    let file = asked.beside("plan.json");
    scene.program("plan", asked).args(["--out"]).arg(&file).run().ends(0);
    file
}

fn executed(scene: &Scene) -> usize {
    scene
        .fake
        .requests()
        .iter()
        .filter(|one| one.action == "ExecuteChangeSet" && one.refused.is_none())
        .count()
}

#[test]
fn a_plan_is_executed_to_the_letter() {
    let scene = Scene::new();
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2).role(3)));
    scene.deploy(&old).run().ends(0);
    scene.clear_requests();
    let file = new.beside("plan.json");
    let done = scene.program("plan", &new).args(["--json", "--out"]).arg(&file).run().ends(0);
    assert_eq!(executed(&scene), 0);
    assert_eq!(done.json(), json_of(&file));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let done = done.says(["BROADENS", "s3:PutObject", "--plan"]);
    scene.stack_is(BELOW, &old).unwrap();
    let planned: Vec<String> = json_of(&file)["stacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stack| stack["change_set_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(planned.len(), 2, "{done}");
    scene.clear_requests();
    // Approved is approved: nobody is asked, and no other change set is made.
    scene.program("deploy", &new).args(["--plan"]).arg(&file).run().ends(0);
    scene.is(&new, &[&old], "planned");
    assert_eq!(scene.fake.count("CreateChangeSet"), 0);
    let ran: Vec<String> = (scene.fake.requests().iter())
        .filter(|one| one.action == "ExecuteChangeSet")
        .map(|one| one.params["ChangeSetName"].clone())
        .collect();
    assert_eq!(ran, planned);
    // Once: whoever was stopped in the middle may say it again.
    scene.program("deploy", &new).args(["--plan"]).arg(&file).run().ends(0).says(["2 stacks unchanged"]);
    assert_eq!(executed(&scene), 2);
}

#[test]
fn what_drifted_is_not_executed() {
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2).role(3)));
    let between = Asked::of(Content::code(3));
    // Somebody deploys something else meanwhile.
    let scene = Scene::new();
    scene.deploy(&old).run().ends(0);
    let file = plan(&scene, &new);
    scene.deploy(&between).run().ends(0);
    scene.clear_requests();
    let done = scene.program("deploy", &new).args(["--plan"]).arg(&file).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("no longer true"), "{done}");
    assert_eq!(executed(&scene), 0, "not the stack below either, though its part is still true");
    scene.is(&between, &[&old, &new], "drifted");

    // The assembly is another one.
    let file = plan(&scene, &new);
    let done = scene.program("deploy", &old).args(["--plan"]).arg(&file).run().ends(1);
    assert!(done.last().contains("no longer true"), "{done}");
    // Another role for CloudFormation was not planned.
    let other = ["--role-arn", "arn:aws:iam::111122223333:role/other", "--plan"];
    let done = scene.program("deploy", &new).args(other).arg(&file).run().ends(1);
    assert!(done.last().contains("no longer true"), "{done}");
    // Somebody else's operation.
    scene.fake.start_foreign_update(ABOVE, 5_000);
    let done = scene.program("deploy", &new).args(["--plan"]).arg(&file).run().ends(1);
    assert!(done.last().contains("no longer true"), "{done}");
    assert_eq!(executed(&scene), 0);
}

#[test]
fn a_plan_with_nothing_to_do() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    scene.deploy(&asked).run().ends(0);
    let file = plan(&scene, &asked);
    scene.clear_requests();
    scene.program("deploy", &asked).args(["--plan"]).arg(&file).run().ends(0).says(["2 stacks unchanged"]);
    assert_eq!(executed(&scene), 0);
}

#[test]
fn of_a_new_account_only_what_can_be_prepared() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let file = plan(&scene, &asked);
    scene.program("deploy", &asked).args(["--plan"]).arg(&file).run().ends(0);
    scene.stack_is(BELOW, &asked).unwrap();
    assert!(scene.fake.stack(ABOVE).is_none_or(|stack| stack.status == "REVIEW_IN_PROGRESS"));
    scene.deploy(&asked).run().ends(0);
    scene.is(&asked, &[], "both");
}

#[test]
fn what_is_no_plan_is_wrong_usage() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let file = asked.beside("plan.json");
    for text in ["", "{", "{}", r#"{"format": 99}"#, "[1]"] {
        std::fs::write(&file, text).unwrap();
        let done = scene.program("deploy", &asked).args(["--plan"]).arg(&file).run().ends(2);
        assert!(done.last().contains("plan.json"), "{done}");
    }
    scene.program("deploy", &asked).args(["--plan", "/nowhere/plan.json"]).run().ends(2);
    assert_eq!(scene.requests(), 0, "nobody was asked");
}
