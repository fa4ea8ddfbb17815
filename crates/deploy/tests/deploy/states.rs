//! Every state that a stack may be found in, and how it becomes what is wanted.

use pipewright_deploy::Kind;
use pipewright_deploy::deploy::Ended;
use pipewright_deploy::stack::Busy;
use pipewright_testbed::cloudformation::{Fake, Preset};

use crate::scene::{Scene, client, preset, topic, until};

/// A stack in this state becomes what is wanted.
async fn check(found: Preset, status: &str, says: &str) -> (Fake, Scene) {
    let fake = Fake::builder().stack(found).start();
    let scene = Scene::new(&topic("new"));
    let report = scene.succeeds(&fake, Ended::Deployed).await;
    let stack = fake.stack("dev").unwrap();
    assert_eq!(stack.status, status);
    assert_eq!(report.stacks[0].status.as_deref(), Some(status));
    assert_eq!(stack.template, topic("new"));
    assert_eq!(stack.tags["team"], "a");
    assert!(report.stacks[0].outputs.contains_key("TopicArn"));
    assert!(says.is_empty() || scene.seen.said(says), "{:?}", scene.seen);
    (fake, scene)
}

#[tokio::test]
async fn a_new_stack() {
    let fake = Fake::start();
    let scene = Scene::new(&topic("new"));
    let report = scene.succeeds(&fake, Ended::Deployed).await;
    assert_eq!(report.stacks[0].status.as_deref(), Some("CREATE_COMPLETE"));
    assert!(!report.outputs()["dev"]["TopicArn"].is_empty());
    assert_eq!(scene.approver.count(), 1);
    assert_eq!(fake.count("ExecuteChangeSet"), 1);
    let told = scene.seen.told();
    assert_eq!(told.first().unwrap(), "dev CREATE_IN_PROGRESS");
    assert_eq!(told.last().unwrap(), "dev CREATE_COMPLETE");
    let ids: std::collections::BTreeSet<_> =
        scene.seen.events.lock().unwrap().iter().map(|event| event.id.clone()).collect();
    assert_eq!(ids.len(), told.len(), "{told:?}");
}

#[tokio::test]
async fn nothing_to_do_takes_two_requests() {
    let fake = Fake::builder().stack(preset(&topic("same"))).start();
    let scene = Scene::new(&topic("same"));
    let report = scene.succeeds(&fake, Ended::Unchanged).await;
    assert_eq!(fake.actions(), ["DescribeStacks", "GetTemplate"]);
    assert!(!report.stacks[0].changed);
    assert_eq!(scene.approver.count(), 0);
    assert!(report.stacks[0].outputs.contains_key("TopicArn"));
}

#[tokio::test]
async fn tags_alone_are_a_change() {
    let found = preset(&topic("same")).tag("team", "b").tag("old", "x");
    let fake = Fake::builder().stack(found).start();
    Scene::new(&topic("same")).succeeds(&fake, Ended::Deployed).await;
    let tags = fake.stack("dev").unwrap().tags;
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("team".to_owned(), "a".to_owned())]);
}

#[tokio::test]
async fn states_at_rest() {
    for status in [
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    ] {
        let (fake, scene) = {
            let fake = Fake::builder().stack(preset(&topic("old")).status(status)).start();
            let scene = Scene::new(&topic("new"));
            scene.succeeds(&fake, Ended::Deployed).await;
            (fake, scene)
        };
        assert_eq!(fake.stack("dev").unwrap().status, "UPDATE_COMPLETE", "{status}");
        assert_eq!(fake.count("DeleteStack"), 0);
        // And again: nothing.
        fake.clear_requests();
        scene.succeeds(&fake, Ended::Unchanged).await;
        assert_eq!(fake.actions().len(), 2, "{status}");
    }
}

#[tokio::test]
async fn what_is_left_of_a_failed_creation_is_deleted_and_the_reason_said() {
    let old = |status: &str| preset(&topic("old")).status(status).failed("Topic", "the name is taken");
    for status in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"] {
        let (fake, _) = check(old(status), "CREATE_COMPLETE", "the name is taken").await;
        assert_eq!(fake.count("DeleteStack"), 1, "{status}");
        assert_eq!(fake.count("RollbackStack"), 0, "{status}");
    }
    let (fake, _) = check(old("CREATE_FAILED"), "CREATE_COMPLETE", "the name is taken").await;
    assert_eq!(fake.count("RollbackStack"), 1);
}

#[tokio::test]
async fn a_failed_deletion_is_tried_again() {
    let found = preset(&topic("old")).status("DELETE_FAILED");
    let (fake, _) = check(found, "CREATE_COMPLETE", "deleting what is left").await;
    assert_eq!(fake.count("DeleteStack"), 1);

    let fake = Fake::builder().stack(preset(&topic("old")).status("DELETE_FAILED")).start();
    fake.fail_delete("Topic", "it is in use");
    let error = Scene::new(&topic("new")).fails(&fake).await;
    assert_eq!(error.kind, Kind::Stack);
    assert!(error.message.contains("it is in use"), "{error}");
    assert_eq!(error.failure().unwrap().state.status, "DELETE_FAILED");
    assert_eq!(fake.count("CreateChangeSet"), 0);
}

#[tokio::test]
async fn what_was_deleted_is_made_anew() {
    let found = preset(&topic("old")).status("DELETE_COMPLETE");
    check(found, "CREATE_COMPLETE", "").await;
}

#[tokio::test]
async fn what_is_protected_is_not_deleted() {
    for status in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED"] {
        let fake = Fake::builder().stack(preset(&topic("old")).status(status).protected()).start();
        let error = Scene::new(&topic("new")).fails(&fake).await;
        assert!(error.message.contains("protected from deletion"), "{error}");
        assert!(
            error.hints[0].contains("--no-enable-termination-protection --stack-name dev"),
            "{:?}",
            error.hints
        );
        assert_eq!(fake.actions(), ["DescribeStacks"], "{status}");
    }
    let fake = Fake::builder().stack(preset(&topic("old")).protected()).start();
    Scene::new(&topic("new")).succeeds(&fake, Ended::Deployed).await;
    assert!(fake.stack("dev").unwrap().protected);
}

#[tokio::test]
async fn a_stack_in_review_is_used_and_the_change_sets_of_others_stay() {
    let fake = Fake::start();
    let foreign = client(&fake).create_change_set().stack_name("dev").change_set_name("theirs");
    let foreign = foreign.change_set_type(aws_sdk_cloudformation::types::ChangeSetType::Create);
    foreign.template_body(topic("theirs")).send().await.unwrap();
    let before = fake.stack("dev").unwrap();
    assert_eq!(before.status, "REVIEW_IN_PROGRESS");
    let mut scene = Scene::new(&topic("new"));
    scene.options.execute = false;
    scene.succeeds(&fake, Ended::Prepared).await;
    assert!(fake.stack("dev").unwrap().change_sets.contains_key("theirs"));
    scene.options.execute = true;
    scene.succeeds(&fake, Ended::Deployed).await;
    let after = fake.stack("dev").unwrap();
    assert_eq!((after.id, after.status.as_str()), (before.id, "CREATE_COMPLETE"));
    let deleted: Vec<_> =
        fake.requests().into_iter().filter(|one| one.action.starts_with("Delete")).collect();
    assert!(deleted.is_empty(), "{deleted:?}");
}

#[tokio::test]
async fn a_rollback_that_failed_goes_on() {
    let found = preset(&topic("old")).status("UPDATE_ROLLBACK_FAILED").failed("Topic", "the topic is locked");
    let (fake, _) = check(found.clone(), "UPDATE_COMPLETE", "the topic is locked").await;
    assert_eq!(fake.count("ContinueUpdateRollback"), 1);

    let fake = Fake::builder().stack(found).fail_rollback("Topic", "still locked").start();
    let error = Scene::new(&topic("new")).fails(&fake).await;
    assert!(
        error.message.contains("still locked") && error.message.contains("still stuck: Topic"),
        "{error}"
    );
    assert!(error.hints.iter().any(|hint| hint.contains("--resources-to-skip Topic")), "{:?}", error.hints);
    assert_eq!(fake.stack("dev").unwrap().status, "UPDATE_ROLLBACK_FAILED");
    assert_eq!(fake.count("CreateChangeSet"), 0);
}

#[tokio::test]
async fn an_update_without_rollback_that_failed_is_taken_back() {
    let found = preset(&topic("old")).status("UPDATE_FAILED").failed("Topic", "no");
    let (fake, _) = check(found, "UPDATE_COMPLETE", "taking it back first").await;
    assert_eq!(fake.count("RollbackStack"), 1);
}

#[tokio::test]
async fn without_rollback_what_was_made_stays_and_is_gone_on_from() {
    let fake = Fake::start();
    let mut scene = Scene::new(&topic("new"));
    scene.options.no_rollback = true;
    fake.fail_resource("Topic", "not now");
    let error = scene.fails(&fake).await;
    assert!(error.message.contains("not now"), "{error}");
    assert_eq!(fake.stack("dev").unwrap().status, "CREATE_FAILED");
    fake.mend("Topic");
    scene.succeeds(&fake, Ended::Deployed).await;
    assert!(fake.stack("dev").unwrap().status.ends_with("E_COMPLETE"));
}

#[tokio::test]
async fn what_nobody_here_can_mend_is_said() {
    for status in ["IMPORT_ROLLBACK_FAILED", "SOMETHING_ELSE"] {
        let fake = Fake::builder().stack(preset(&topic("old")).status(status)).start();
        let error = Scene::new(&topic("new")).fails(&fake).await;
        assert_eq!(error.kind, Kind::Stack);
        assert!(error.message.contains(status), "{error}");
        assert_eq!(fake.actions(), ["DescribeStacks"]);
    }
}

#[tokio::test]
async fn the_operation_of_somebody_else_is_waited_for() {
    for (status, then) in [
        ("CREATE_IN_PROGRESS", "CREATE_COMPLETE"),
        ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"),
        ("IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"),
        ("IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE"),
        ("DELETE_IN_PROGRESS", "DELETE_COMPLETE"),
    ] {
        let fake = Fake::builder().stack(preset(&topic("old")).status(status)).start();
        let scene = Scene::new(&topic("new"));
        let settle = async {
            until("waited", || scene.seen.said("somebody else's operation is under way")).await;
            assert_eq!(fake.count("CreateChangeSet"), 0);
            fake.settle("dev", then);
        };
        let (report, ()) = tokio::join!(scene.deploy(&fake), settle);
        scene.expect(report, &[Ended::Deployed]);
        assert_eq!(fake.stack("dev").unwrap().template, topic("new"), "{status}");
    }
}

#[tokio::test]
async fn the_operation_of_somebody_else_is_a_reason_to_stop_if_asked_for_or_too_long() {
    let fake = Fake::builder().stack(preset(&topic("old")).status("UPDATE_IN_PROGRESS")).start();
    let mut scene = Scene::new(&topic("new"));
    scene.options.pace.busy = std::time::Duration::from_millis(50);
    let error = scene.fails(&fake).await;
    assert_eq!(error.kind, Kind::Busy);
    scene.options.busy = Busy::Stop;
    fake.clear_requests();
    let error = scene.fails(&fake).await;
    assert_eq!(error.kind, Kind::Busy);
    assert!(error.message.contains("UPDATE_IN_PROGRESS"), "{error}");
    assert_eq!(fake.actions(), ["DescribeStacks"]);
}

#[tokio::test]
async fn a_failed_creation_says_why_and_leaves_a_way_on() {
    let fake = Fake::builder().fail_resource("Topic", "the name is taken").start();
    let scene = Scene::new(&topic("new"));
    let error = scene.fails(&fake).await;
    assert_eq!(error.kind, Kind::Stack);
    assert!(
        error.message.contains("can't create stack dev") && error.message.contains("the name is taken"),
        "{error}"
    );
    let failure = error.failure().unwrap();
    assert_eq!(failure.state.status, "ROLLBACK_COMPLETE");
    assert!(failure.events.iter().any(|event| event.status == "CREATE_FAILED"));
    fake.mend("Topic");
    scene.succeeds(&fake, Ended::Deployed).await;
    assert!(scene.seen.said("the name is taken"));
}

#[tokio::test]
async fn a_failed_update_is_no_success_and_may_be_repeated() {
    let fake = Fake::builder().stack(preset(&topic("old"))).fail_resource("Topic", "quota").start();
    let scene = Scene::new(&topic("new"));
    for _ in 0..2 {
        let error = scene.fails(&fake).await;
        assert!(error.message.contains("quota"), "{error}");
        let stack = fake.stack("dev").unwrap();
        assert_eq!((stack.status.as_str(), stack.template), ("UPDATE_ROLLBACK_COMPLETE", topic("old")));
    }
    assert_eq!(fake.count("ExecuteChangeSet"), 2);
    fake.mend("Topic");
    scene.succeeds(&fake, Ended::Deployed).await;
    assert_eq!(fake.stack("dev").unwrap().template, topic("new"));
}

#[tokio::test]
async fn a_stack_policy_is_named() {
    let policy = r#"{"Statement":[{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"*"}]}"#;
    let fake = Fake::builder().stack(preset(&topic("old")).policy(policy)).start();
    let error = Scene::new(&topic("new")).fails(&fake).await;
    assert!(error.message.contains("stack policy"), "{error}");
    assert!(
        error.hints.iter().any(|hint| hint.contains("get-stack-policy --stack-name dev")),
        "{:?}",
        error.hints
    );
}
