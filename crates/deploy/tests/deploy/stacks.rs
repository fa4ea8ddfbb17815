//! Change sets, templates of every size, and several stacks.

use std::sync::Arc;

use pipewright_deploy::Kind;
use pipewright_deploy::deploy::Ended;
use pipewright_testbed::cloudformation::{Fake, Preset, Validation};

use crate::scene::{DEV, Says, Scene, preset, topic, topics};

#[tokio::test]
async fn an_open_reference_takes_a_change_set_that_may_be_empty() {
    let template = topic("{{resolve:ssm:/dev/name}}");
    let fake = Fake::builder().stack(preset(&template)).start();
    let scene = Scene::new(&template);
    scene.succeeds(&fake, Ended::Unchanged).await;
    assert_eq!(fake.count("CreateChangeSet"), 1);
    assert_eq!(fake.count("ExecuteChangeSet"), 0);
    assert_eq!(scene.approver.count(), 0);
    assert!(fake.stack(DEV).unwrap().change_sets.is_empty());
}

#[tokio::test]
async fn both_reasons_of_an_empty_change_set_are_known() {
    for reason in [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ] {
        let fake = Fake::builder().stack(preset(&topic("old"))).start();
        fake.fail_change_sets(Some(reason));
        Scene::new(&topic("new")).succeeds(&fake, Ended::Unchanged).await;
        assert!(fake.stack(DEV).unwrap().change_sets.is_empty());
    }
}

#[tokio::test]
async fn early_validation_is_told_for_each_resource() {
    let failure = |id: &str, reason: &str| Validation {
        logical_id: id.to_owned(),
        name: "AWS::EarlyValidation::PropertyValidation".to_owned(),
        reason: reason.to_owned(),
        path: format!("/Resources/{id}/Properties/DisplayName"),
    };
    let start = || {
        Fake::builder()
            .early_validation_failure(failure("Topic", "too long"))
            .early_validation_failure(failure("Other", "too short"))
    };
    let template = topics(&[("Topic", "a"), ("Other", "b")]);
    let fake = start().start();
    let error = Scene::new(&template).fails(&fake).await;
    for text in
        ["Topic (AWS::SNS::Topic) at /Resources/Topic/Properties/DisplayName: too long", "Other", "too short"]
    {
        assert!(error.message.contains(text), "{error}");
    }
    assert!(fake.stacks().is_empty(), "the stack in review that was made for it is gone");

    // Where the API is not there, the reason must do.
    let fake = start().deny("cloudformation:DescribeEvents").stack(preset(&topic("old"))).start();
    let error = Scene::new(&template).fails(&fake).await;
    assert!(error.message.contains("EarlyValidation"), "{error}");
    let stack = fake.stack(DEV).unwrap();
    assert_eq!((stack.status.as_str(), stack.change_sets.len()), ("CREATE_COMPLETE", 0));
}

#[tokio::test]
async fn a_change_set_of_an_earlier_run_is_used_again() {
    let fake = Fake::builder().stack(preset(&topic("old"))).start();
    let mut scene = Scene::new(&topic("new"));
    scene.options.execute = false;
    let report = scene.succeeds(&fake, Ended::Prepared).await;
    let prepared = report.prepared().next().unwrap().clone();
    assert!(prepared.change_set.as_ref().unwrap().starts_with("pipewright-"));
    assert_eq!(prepared.changes[0].logical_id, "Topic");
    let again = scene.succeeds(&fake, Ended::Prepared).await;
    assert_eq!(again.prepared().next().unwrap(), &prepared);
    scene.options.execute = true;
    scene.succeeds(&fake, Ended::Deployed).await;
    assert_eq!(fake.stack(DEV).unwrap().template, topic("new"));
    assert_eq!(fake.count("DeleteChangeSet"), 0);
    assert_eq!(scene.approver.count(), 1);
}

#[tokio::test]
async fn what_is_refused_is_not_executed() {
    let fake = Fake::builder().stack(preset(&topic("old"))).start();
    let mut scene = Scene::new(&topic("new"));
    scene.approver = Arc::new(Says { no: true, ..Says::default() });
    let error = scene.fails(&fake).await;
    assert_eq!(error.kind, Kind::Refused);
    assert_eq!(fake.count("ExecuteChangeSet"), 0);
    assert_eq!(fake.stack(DEV).unwrap().template, topic("old"));
}

#[tokio::test]
async fn templates_of_every_size() {
    let large = |count: usize, name: &str| topics(&[("Topic", &name.repeat(count))]);
    // Spaces are for people.
    let fake = Fake::start();
    let airy = topic("new").replace("  ", &" ".repeat(20_000));
    assert!(airy.len() > 51_200);
    Scene::new(&airy).succeeds(&fake, Ended::Deployed).await;
    Scene::new(&airy).succeeds(&fake, Ended::Unchanged).await;

    let fake = Fake::start();
    let error = Scene::new(&large(1_000_100, "x")).fails(&fake).await;
    assert!(error.message.contains("1000000") && error.message.contains("bytes"), "{error}");
    assert!(fake.actions().is_empty());

    // Through the bucket, which is not there.
    let error = Scene::new(&large(60_000, "x")).fails(&fake).await;
    assert!(error.hints.iter().any(|hint| hint.contains("source bucket")), "{error} {:?}", error.hints);
    assert_eq!(fake.count("CreateChangeSet"), 0);
}

#[tokio::test]
async fn capabilities_only_where_roles_are_made() {
    let role = r#"{"Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"x","AssumeRolePolicyDocument":{}}}}}"#;
    for (template, expected) in [(role.to_owned(), true), (topic("x"), false)] {
        let fake = Fake::start();
        Scene::new(&template).succeeds(&fake, Ended::Deployed).await;
        let request = fake.requests().into_iter().find(|one| one.action == "CreateChangeSet").unwrap();
        assert_eq!(request.params.keys().any(|key| key.starts_with("Capabilities")), expected);
    }
}

#[tokio::test]
async fn stacks_come_in_their_order_and_a_failure_skips_what_depends_on_it() {
    let (a, b) = (topics(&[("First", "1")]), topics(&[("Second", "2")]));
    let stacks: [(&str, &str, &[&str]); 3] = [("a", &a, &[]), ("b", &b, &["a"]), ("c", &b, &[])];
    let fake = Fake::start();
    let scene = Scene::of(&stacks, false);
    let report = scene.deploy(&fake).await;
    scene.expect(report, &[Ended::Deployed; 3]);
    assert_eq!(fake.stacks(), ["a", "b", "c"]);
    fake.clear_requests();
    let report = scene.deploy(&fake).await;
    scene.expect(report, &[Ended::Unchanged; 3]);
    assert_eq!(fake.actions().len(), 6);

    let fake = Fake::builder().fail_resource("First", "no").start();
    let report = scene.deploy(&fake).await;
    let report = scene.expect(report, &[Ended::Failed, Ended::Skipped, Ended::Deployed]);
    assert_eq!(report.failures.len(), 1);
    assert!(fake.stack("b").is_none());
    assert_eq!(report.stacks[1].reason.as_deref(), Some("stack a failed"));
}

#[tokio::test]
async fn only_the_stacks_that_are_named_and_what_they_need() {
    let template = topic("x");
    let stacks: [(&str, &str, &[&str]); 3] =
        [("a", &template, &[]), ("b", &template, &["a"]), ("c", &template, &[])];
    let fake = Fake::start();
    let mut scene = Scene::of(&stacks, false);
    scene.options.stacks = vec!["b".to_owned()];
    let report = scene.deploy(&fake).await;
    scene.expect(report, &[Ended::Deployed; 2]);
    assert_eq!(fake.stacks(), ["a", "b"]);
    scene.options.stacks = vec!["d".to_owned()];
    assert_eq!(scene.deploy(&fake).await.unwrap_err().kind, Kind::Usage);
}

#[tokio::test]
async fn without_execution_what_needs_a_missing_stack_is_deferred() {
    let template = topic("x");
    let stacks: [(&str, &str, &[&str]); 3] =
        [("a", &template, &[]), ("b", &template, &["a"]), ("c", &template, &["b"])];
    let fake = Fake::start();
    let mut scene = Scene::of(&stacks, false);
    scene.options.execute = false;
    let report = scene.deploy(&fake).await;
    scene.expect(report, &[Ended::Prepared, Ended::Deferred, Ended::Deferred]);
    assert_eq!(fake.stack("a").unwrap().status, "REVIEW_IN_PROGRESS");
    assert_eq!(fake.count("ExecuteChangeSet"), 0);
}

#[tokio::test]
async fn without_execution_nothing_is_deleted_either() {
    for (status, hint) in [("ROLLBACK_COMPLETE", "deleted"), ("UPDATE_ROLLBACK_FAILED", "taken back")] {
        let fake = Fake::builder().stack(preset(&topic("old")).status(status)).start();
        let mut scene = Scene::new(&topic("new"));
        scene.options.execute = false;
        let error = scene.fails(&fake).await;
        assert!(error.message.contains(hint), "{error}");
        assert_eq!(fake.actions(), ["DescribeStacks"]);
    }
}

#[tokio::test]
async fn a_part_of_the_pipelines_deletes_none_of_the_others() {
    let whole = topics(&[("First", "1"), ("Second", "2")]);
    let fake = Fake::builder().stack(Preset::new(DEV).template(whole)).start();
    let error = Scene::of(&[(DEV, &topics(&[("First", "new")]), &[])], true).fails(&fake).await;
    assert_eq!(error.kind, Kind::Assembly);
    assert!(error.message.contains("Second"), "{error}");
    assert_eq!(fake.count("CreateChangeSet"), 0);
    let more = topics(&[("First", "new"), ("Second", "2")]);
    Scene::of(&[(DEV, &more, &[])], true).succeeds(&fake, Ended::Deployed).await;
}
