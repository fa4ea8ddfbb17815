//! The CloudFormation fake, asked by the AWS SDK's own client.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that can't go on fails, and says where")]

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, EventFilter, ExecutionStatus,
};
use pipewright_testbed::cloudformation::{Fake, Preset, Validation};
use pipewright_testbed::s3::Server;

const ONE: &str = r#"{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}"#;
const TWO: &str = r#"{"Resources":{
    "Queue":{"Type":"AWS::SQS::Queue","DependsOn":"Topic"},
    "Topic":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"news"}}},
    "Outputs":{"Arn":{"Value":{"Ref":"Topic"}},"Q":{"Value":{"Fn::GetAtt":["Queue","Arn"]}}}}"#;

fn client(fake: &Fake) -> Client {
    let config = aws_sdk_cloudformation::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(aws_sdk_cloudformation::config::retry::RetryConfig::disabled())
        .endpoint_url(fake.endpoint());
    Client::from_conf(config.build())
}

/// Creates a change set, waits until it is computed, and returns its status and reason.
async fn change_set(
    client: &Client,
    stack: &str,
    kind: ChangeSetType,
    body: &str,
) -> (ChangeSetStatus, String) {
    let create = client.create_change_set().stack_name(stack).change_set_name("change").change_set_type(kind);
    create.template_body(body).capabilities(Capability::CapabilityNamedIam).send().await.unwrap();
    loop {
        let about =
            client.describe_change_set().stack_name(stack).change_set_name("change").send().await.unwrap();
        let status = about.status().cloned().unwrap();
        if !matches!(status, ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) {
            return (status, about.status_reason().unwrap_or_default().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn execute(client: &Client, stack: &str) {
    client.execute_change_set().stack_name(stack).change_set_name("change").send().await.unwrap();
}

/// Waits until nothing runs any more; the last status.
async fn settled(client: &Client, stack: &str) -> String {
    loop {
        let about = client.describe_stacks().stack_name(stack).send().await.unwrap();
        let status = about.stacks()[0].stack_status().unwrap().as_str().to_owned();
        if !status.ends_with("_IN_PROGRESS") {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The events of a stack, oldest first: `Topic CREATE_COMPLETE`.
async fn events(client: &Client, stack: &str) -> Vec<String> {
    let mut pages = client.describe_stack_events().stack_name(stack).into_paginator().items().send();
    let mut all = Vec::new();
    while let Some(event) = pages.next().await {
        let event = event.unwrap();
        let status = event.resource_status().unwrap().as_str();
        all.push(format!("{} {status}", event.logical_resource_id().unwrap()));
    }
    all.reverse();
    all
}

#[tokio::test]
async fn creates_in_the_order_of_dependencies() {
    let fake = Fake::builder().page(3).start();
    let client = client(&fake);
    let missing = client.describe_stacks().stack_name("app").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("ValidationError"));
    assert_eq!(missing.message(), Some("Stack with id app does not exist"));
    let (status, _) = change_set(&client, "app", ChangeSetType::Create, TWO).await;
    assert_eq!(status, ChangeSetStatus::CreateComplete);
    assert_eq!(fake.stack("app").unwrap().status, "REVIEW_IN_PROGRESS");
    let about =
        client.describe_change_set().stack_name("app").change_set_name("change").send().await.unwrap();
    assert_eq!(about.execution_status(), Some(&ExecutionStatus::Available));
    let changes: Vec<_> = about.changes().iter().filter_map(|change| change.resource_change()).collect();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0].logical_resource_id(), Some("Queue"));
    execute(&client, "app").await;
    assert_eq!(settled(&client, "app").await, "CREATE_COMPLETE");
    let expected = [
        "app REVIEW_IN_PROGRESS",
        "app CREATE_IN_PROGRESS",
        "Topic CREATE_IN_PROGRESS",
        "Topic CREATE_IN_PROGRESS",
        "Topic CREATE_COMPLETE",
        "Queue CREATE_IN_PROGRESS",
        "Queue CREATE_IN_PROGRESS",
        "Queue CREATE_COMPLETE",
        "app CREATE_COMPLETE",
    ];
    assert_eq!(events(&client, "app").await, expected);
    let about = client.describe_stacks().stack_name("app").send().await.unwrap();
    let outputs = about.stacks()[0].outputs();
    assert_eq!(outputs[0].output_value(), Some("arn:aws:sns:us-east-1:111122223333:news"));
    assert!(about.stacks()[0].creation_time().is_some());
    let template = client.get_template().stack_name("app").send().await.unwrap();
    assert_eq!(template.template_body(), Some(TWO));
}

#[tokio::test]
async fn says_so_when_nothing_changes() {
    let fake = Fake::builder().stack(Preset::new("app").template(ONE)).start();
    let (status, reason) = change_set(&client(&fake), "app", ChangeSetType::Update, ONE).await;
    assert_eq!(status, ChangeSetStatus::Failed);
    assert!(reason.starts_with("The submitted information didn't contain changes."), "{reason}");
}

#[tokio::test]
async fn turns_round_when_a_resource_fails() {
    let fake = Fake::builder().fail_resource("Queue", "no more queues").start();
    let client = client(&fake);
    change_set(&client, "app", ChangeSetType::Create, TWO).await;
    execute(&client, "app").await;
    assert_eq!(settled(&client, "app").await, "ROLLBACK_COMPLETE");
    let all = events(&client, "app").await;
    let at =
        |text: &str| all.iter().position(|one| one == text).unwrap_or_else(|| panic!("{text} in {all:?}"));
    assert!(at("Queue CREATE_FAILED") < at("app ROLLBACK_IN_PROGRESS"));
    assert!(at("Queue DELETE_COMPLETE") < at("Topic DELETE_IN_PROGRESS"));
    let refused = client.create_change_set().stack_name("app").change_set_name("again").template_body(TWO);
    let refused = refused.send().await.unwrap_err();
    let text = refused.message().unwrap();
    assert!(text.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{text}");
}

#[tokio::test]
async fn a_failed_update_goes_back() {
    let fake = Fake::builder().stack(Preset::new("app").template(ONE)).start();
    fake.fail_resource("Queue", "no more queues");
    fake.fail_rollback("Topic", "stuck");
    let client = client(&fake);
    change_set(&client, "app", ChangeSetType::Update, TWO).await;
    execute(&client, "app").await;
    assert_eq!(settled(&client, "app").await, "UPDATE_ROLLBACK_FAILED");
    fake.mend("Topic");
    client.continue_update_rollback().stack_name("app").send().await.unwrap();
    assert_eq!(settled(&client, "app").await, "UPDATE_ROLLBACK_COMPLETE");
    let stack = fake.stack("app").unwrap();
    assert_eq!(stack.template, ONE);
    assert_eq!(stack.resources.len(), 1, "{:?}", stack.resources);
    fake.mend("Queue");
    client.delete_change_set().stack_name("app").change_set_name("change").send().await.unwrap();
    change_set(&client, "app", ChangeSetType::Update, TWO).await;
    execute(&client, "app").await;
    assert_eq!(settled(&client, "app").await, "UPDATE_COMPLETE");
    assert_eq!(fake.stack("app").unwrap().template, TWO);
}

#[tokio::test]
async fn cancels_an_update() {
    let fake = Fake::builder().stack(Preset::new("app").template(ONE)).hang("Queue").start();
    let client = client(&fake);
    change_set(&client, "app", ChangeSetType::Update, TWO).await;
    execute(&client, "app").await;
    let busy = client.create_change_set().stack_name("app").change_set_name("other").template_body(TWO);
    let text = busy.send().await.unwrap_err();
    assert!(text.message().unwrap().ends_with("is in UPDATE_IN_PROGRESS state and can not be updated."));
    client.cancel_update_stack().stack_name("app").send().await.unwrap();
    fake.mend("Queue");
    assert_eq!(settled(&client, "app").await, "UPDATE_ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn shows_replacements() {
    let before = r#"{"Resources":{"Bucket":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"one"}},
        "Policy":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"Bucket"},"PolicyDocument":{}}}}}"#;
    let after = before.replace("\"one\"", "\"two\"");
    let fake = Fake::builder().stack(Preset::new("app").template(before)).start();
    let client = client(&fake);
    change_set(&client, "app", ChangeSetType::Update, &after).await;
    let about = client.describe_change_set().stack_name("app").change_set_name("change");
    let about = about.include_property_values(true).send().await.unwrap();
    let changes: Vec<_> = about.changes().iter().filter_map(|change| change.resource_change()).collect();
    assert_eq!(changes[0].replacement().unwrap().as_str(), "True");
    let target = changes[0].details()[0].target().unwrap();
    assert_eq!(target.requires_recreation().unwrap().as_str(), "Always");
    assert_eq!((target.before_value(), target.after_value()), (Some("one"), Some("two")));
    assert_eq!(changes[1].replacement().unwrap().as_str(), "Conditional");
    assert_eq!(changes[1].details()[0].causing_entity(), Some("Bucket"));
}

#[tokio::test]
async fn refuses_as_the_service_does() {
    let fake = Fake::builder()
        .stack(Preset::new("app").template(ONE).protected())
        .deny("cloudformation:GetTemplate")
        .throttle("ListStacks", 1)
        .start();
    let client = client(&fake);
    let denied = client.get_template().stack_name("app").send().await.unwrap_err();
    assert_eq!(denied.code(), Some("AccessDenied"));
    assert!(
        denied
            .message()
            .unwrap()
            .contains("not authorized to perform: cloudformation:GetTemplate on resource")
    );
    let throttled = client.list_stacks().send().await.unwrap_err();
    assert_eq!((throttled.code(), throttled.message()), (Some("Throttling"), Some("Rate exceeded")));
    client.list_stacks().send().await.unwrap();
    let protected = client.delete_stack().stack_name("app").send().await.unwrap_err();
    assert_eq!(
        protected.message(),
        Some("Stack [app] cannot be deleted while TerminationProtection is enabled")
    );
    client
        .update_termination_protection()
        .stack_name("app")
        .enable_termination_protection(false)
        .send()
        .await
        .unwrap();
    client.delete_stack().stack_name("app").send().await.unwrap();
    let id = fake.stack("app").map(|stack| stack.id);
    if let Some(id) = id {
        assert_eq!(settled(&client, &id).await, "DELETE_COMPLETE");
    }
    fake.expire_credentials_after(Some(0));
    let expired = client.list_stacks().send().await.unwrap_err();
    assert_eq!(expired.code(), Some("ExpiredToken"));
}

#[tokio::test]
async fn finds_mistakes_early() {
    let failure = Validation {
        logical_id: "Topic".to_owned(),
        name: "AWS::EarlyValidation::PropertyValidation".to_owned(),
        reason: "extraneous key [Nmae] is not permitted".to_owned(),
        path: "/Resources/Topic/Properties/Nmae".to_owned(),
    };
    let fake = Fake::builder().early_validation_failure(failure).start();
    let client = client(&fake);
    let (status, reason) = change_set(&client, "app", ChangeSetType::Create, ONE).await;
    assert_eq!(status, ChangeSetStatus::Failed);
    assert!(reason.contains("DescribeEvents"), "{reason}");
    let events = client.describe_events().stack_name("app").change_set_name("change");
    let events = events.filters(EventFilter::builder().failed_events(true).build()).send().await.unwrap();
    let event = &events.operation_events()[0];
    assert_eq!(event.validation_path(), Some("/Resources/Topic/Properties/Nmae"));
    assert_eq!(event.event_type().unwrap().as_str(), "VALIDATION_ERROR");
}

#[tokio::test]
async fn takes_large_templates_from_s3() {
    let s3 = Server::start(["templates"]);
    let fake = Fake::builder().s3(s3.endpoint()).start();
    let client = client(&fake);
    let large = |size: usize| format!("{{\"Description\":\"{}\",{}", "x".repeat(size), &ONE[1..]);
    let refused =
        client.create_change_set().stack_name("app").change_set_name("a").template_body(large(51_200));
    assert_eq!(refused.send().await.unwrap_err().code(), Some("ValidationError"));
    s3.put("templates", "fine.json", large(60_000).as_bytes());
    s3.put("templates", "huge.json", large(1_000_000).as_bytes());
    let create = |key: &str| {
        let url = format!("https://templates.s3.us-east-1.amazonaws.com/{key}");
        let create = client.create_change_set().stack_name("app").change_set_name("a").template_url(url);
        create.change_set_type(ChangeSetType::Create).send()
    };
    let huge = create("huge.json").await.unwrap_err();
    assert_eq!(huge.message(), Some("Template may not exceed 1000000 bytes in size."));
    create("fine.json").await.unwrap();
}

#[tokio::test]
async fn shows_an_old_state_and_other_actors() {
    let fake = Fake::builder().stack(Preset::new("app").template(ONE)).stale_reads(1).by_poll().start();
    let client = client(&fake);
    change_set(&client, "app", ChangeSetType::Update, TWO).await;
    execute(&client, "app").await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let about = client.describe_stacks().stack_name("app").send().await.unwrap();
        seen.push(about.stacks()[0].stack_status().unwrap().as_str().to_owned());
    }
    assert_eq!(seen, ["CREATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]);
    assert_eq!(settled(&client, "app").await, "UPDATE_COMPLETE");
    fake.start_foreign_update("app", 50);
    assert_eq!(fake.stack("app").unwrap().status, "UPDATE_IN_PROGRESS");
    assert_eq!(settled(&client, "app").await, "UPDATE_COMPLETE");
    assert_eq!(fake.stack("app").unwrap().tags["changed-by"], "somebody else");
}

#[tokio::test]
async fn holds_exports_policies_and_tokens() {
    let exporting = r#"{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}},
        "Outputs":{"Name":{"Value":"x","Export":{"Name":"shared"}}}}"#;
    let importing = r#"{"Resources":{"Topic":{"Type":"AWS::SNS::Topic",
        "Properties":{"TopicName":{"Fn::ImportValue":"shared"}}}}}"#;
    let policy = r#"{"Statement":[{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"*"}]}"#;
    let fake = Fake::builder()
        .stack(Preset::new("base").template(exporting))
        .stack(Preset::new("user").template(importing))
        .stack(Preset::new("held").template(ONE).policy(policy))
        .start();
    let client = client(&fake);
    let used = client.delete_stack().stack_name("base").send().await.unwrap_err();
    assert_eq!(used.message(), Some("Export shared cannot be deleted as it is in use by user"));
    let changed = r#"{"Resources":{"Topic":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":"x"}}}}"#;
    change_set(&client, "held", ChangeSetType::Update, changed).await;
    let execute = || {
        let execute = client.execute_change_set().stack_name("held").change_set_name("change");
        execute.client_request_token("once").send()
    };
    execute().await.unwrap();
    execute().await.unwrap();
    assert_eq!(settled(&client, "held").await, "UPDATE_ROLLBACK_COMPLETE");
    let stack = fake.stack("held").unwrap();
    let reason = stack
        .events
        .iter()
        .find(|event| event.status == "UPDATE_FAILED")
        .and_then(|event| event.reason.clone());
    assert!(reason.unwrap().starts_with("Action denied by stack policy: Statement [#1]"));
}

#[tokio::test]
async fn knows_who_calls() {
    let fake = Fake::builder().account("444455556666").start();
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(aws_sdk_sts::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_sts::config::Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(fake.endpoint());
    let caller = aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await.unwrap();
    assert_eq!(caller.account(), Some("444455556666"));
    assert_eq!(caller.arn(), Some("arn:aws:iam::444455556666:user/deployer"));
}
