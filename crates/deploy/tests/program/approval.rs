//! What is shown before anything is changed, and who has to say yes.

use serde_json::json;

use crate::asked::{ABOVE, ACCOUNT, Asked, BELOW, Content};
use crate::scene::Scene;
use pipewright_testbed::cloudformation::Fake;

#[test]
fn without_a_terminal_and_a_yes_nothing_is_changed() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let done = scene.program("deploy", &asked).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("--yes") && done.last().contains("--plan"), "{done}");
    assert_eq!(scene.fake.count("ExecuteChangeSet"), 0);
    assert_eq!(scene.fake.stack(BELOW).unwrap().status, "REVIEW_IN_PROGRESS");
    let done = done.says(["BROADENS", "Role", BELOW, "1 failed"]);
    assert!(!done.err.contains("1 deployed"));
    // As data too.
    let done = scene.program("deploy", &asked).args(["--json"]).run().ends(1);
    let said = done.json();
    assert_eq!(said["failures"][0]["kind"], "refused", "{done}");
    assert_eq!(said["failures"][0]["stack"], BELOW);
    assert_eq!(said["stacks"][0]["result"], "failed");
    assert_eq!(said["stacks"][1]["result"], "skipped");
    scene.program("deploy", &asked).args(["--require-approval", "never"]).run().ends(0);
    scene.is(&asked, &[], "never asked");
}

#[test]
fn more_permissions_are_marked_and_fewer_are_not() {
    let scene = Scene::new();
    let few = Asked::of(Content::code(1));
    let many = Asked::of(Content::code(1).role(4));
    scene.deploy(&few).run().ends(0);
    let done = scene.program("deploy", &many).run().ends(1);
    let done = done.says(["BROADENS", "s3:PutObject", "s3:DeleteObject"]);
    assert!(done.last().contains("--yes"), "{done}");
    scene.stack_is(BELOW, &few).unwrap();
    scene.deploy(&many).run().ends(0).says(["BROADENS"]);
    scene.is(&many, &[&few], "more");
    let done = scene.program("deploy", &few).run().ends(0);
    assert!(!done.err.contains("BROADENS"), "{done}");
    scene.is(&few, &[&many], "less");
    // `any` asks for that as well.
    scene.deploy(&many).run().ends(0);
    let done = scene.program("deploy", &few).args(["--require-approval=any"]).run().ends(1);
    assert!(done.last().contains("--yes"), "{done}");
    scene.stack_is(BELOW, &many).unwrap();
}

#[test]
fn replacements_and_losses_are_marked() {
    let scene = Scene::with(Fake::builder().create_only("AWS::SSM::Parameter", "Name"));
    let old = Asked::of(Content::code(1));
    scene.deploy(&old).run().ends(0);
    let renamed = Asked::in_account(Content::code(1), ACCOUNT, |name, template| {
        if name == BELOW {
            template["Resources"]["Name"]["Properties"]["Name"] = json!("/dev-a/other");
        } else {
            template["Resources"].as_object_mut().unwrap().remove("Group");
        }
    });
    scene.deploy(&renamed).run().ends(0).says(["REPLACES", "-+ Name", "- ", "Group"]);
    scene.is(&renamed, &[&old], "renamed");
}

#[test]
fn a_domain_is_not_replaced_by_a_yes() {
    let scene = Scene::with(Fake::builder().create_only("AWS::SageMaker::Domain", "AuthMode"));
    let with_domain = |mode: &str| {
        Asked::in_account(Content::code(1), ACCOUNT, |name, template| {
            if name == BELOW {
                template["Resources"]["Domain"] = json!({
                    "Type": "AWS::SageMaker::Domain",
                    "Properties": {"DomainName": "dev-a", "AuthMode": mode},
                });
            }
        })
    };
    let (old, new) = (with_domain("IAM"), with_domain("SSO"));
    scene.deploy(&old).run().ends(0);
    let done = scene.deploy(&new).run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("--require-approval never"), "{done}");
    scene.stack_is(BELOW, &old).unwrap();
    scene.deploy(&new).args(["--require-approval=never"]).run().ends(0);
    scene.stack_is(BELOW, &new).unwrap();
}

#[test]
fn change_sets_without_execution() {
    let scene = Scene::new();
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2).role(2)));
    let done = scene.program("deploy", &old).args(["--no-execute", "--json"]).run().ends(0);
    let said = done.json();
    assert_eq!(said["stacks"][0]["result"], "prepared", "{done}");
    assert_eq!(said["stacks"][1]["result"], "deferred", "{done}");
    assert_eq!(scene.fake.count("ExecuteChangeSet"), 0);
    scene.deploy(&old).run().ends(0);
    scene.clear_requests();
    let done = scene.program("deploy", &new).args(["--no-execute"]).run().ends(0);
    // What would be changed is shown though nobody is asked.
    done.says(["BROADENS", BELOW, ABOVE, "2 stacks prepared"]);
    assert_eq!(scene.fake.count("ExecuteChangeSet"), 0);
    scene.stack_is(BELOW, &old).unwrap();
    // The change sets are found again.
    scene.clear_requests();
    scene.deploy(&new).run().ends(0);
    scene.is(&new, &[&old], "executed later");
}
