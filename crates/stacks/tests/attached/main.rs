//! What stands around pipelines: starts, notifications, alarms, model package groups, and what was allowed by hand.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod mistakes;
#[path = "../rules/mod.rs"]
mod rules;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use pipewright_stacks::{
    Alarm, Attached, Event, EventSource, Notifications, Notify, Outcome, Roles, Schedule,
};
use serde_json::{Value, json};

use crate::scene::{Scene, TOPIC, by_hand, data, event, parameters, schedule};

#[test]
fn everything_at_once() {
    let mut scene = Scene::new(true);
    scene.parameters = parameters();
    scene.added = vec![by_hand()];
    scene.groups = BTreeSet::from(["Abalone".to_owned(), "abalone".to_owned()]);
    scene.tags = BTreeMap::from([("team".to_owned(), "x".to_owned())]);
    scene.notifications = Notifications {
        to: vec!["ada@example.com".into(), TOPIC.into()],
        on: vec![Outcome::Stopped, Outcome::Failed],
    };
    let full = Attached {
        schedules: vec![Schedule {
            expression: "cron(0 3 ? * MON-FRI *)".into(),
            timezone: Some("Europe/Berlin".into()),
            start: Some("2030-01-01T00:00:00Z".into()),
            end: Some("2031-01-01T00:00:00Z".into()),
            flexible_window_minutes: Some(15),
            enabled: false,
            parameters: BTreeMap::from([
                ("Input".to_owned(), json!("s3://x/y")),
                ("Mode".to_owned(), json!("small")),
                ("Rounds".to_owned(), json!(5)),
            ]),
            ..schedule("every-night")
        }],
        events: vec![
            Event {
                parameters: BTreeMap::from([("Input".to_owned(), json!("$.detail.object.key"))]),
                ..event("arrival", data())
            },
            Event {
                parameters: BTreeMap::from([("Input".to_owned(), json!("s3://x"))]),
                ..event("other", EventSource::Pattern(json!({"source": ["my.app"], "detail": {"n": [1]}})))
            },
        ],
        dead_letters: true,
        notify: Notify::Shared,
        alarm: Some(Alarm::default()),
    };
    let own = Attached {
        notify: Notify::Own(vec!["grace@example.com".into()]),
        alarm: Some(Alarm { period_minutes: 60, threshold: 3 }),
        ..Attached::default()
    };
    scene.parameters[0].default = Some(json!("s3://default"));
    let stack = scene.stack(&[("MyAnt", &full), ("bee", &own)]).unwrap();
    assert_eq!(stack.warnings, []);
    insta::assert_snapshot!(stack.template.text());
}

fn attachments() -> Vec<Attached> {
    let mut all = Vec::new();
    let sources = [vec![], vec![data()], vec![data(), EventSource::Pattern(json!({"source": ["a"]}))]];
    let notify =
        [Notify::Shared, Notify::Own(vec![]), Notify::Own(vec!["a@b".into(), "c@d".into(), TOPIC.into()])];
    for schedules in 0..3 {
        for sources in &sources {
            for notify in &notify {
                for alarm in [None, Some(Alarm::default())] {
                    for dead_letters in [false, true] {
                        all.push(Attached {
                            schedules: ["a", "b-c"][..schedules].iter().map(|name| schedule(name)).collect(),
                            events: sources
                                .iter()
                                .zip(["a", "b"])
                                .map(|(source, name)| event(name, source.clone()))
                                .collect(),
                            dead_letters,
                            notify: notify.clone(),
                            alarm,
                        });
                    }
                }
            }
        }
    }
    all
}

/// Every template there is, more or less: 864 of them.
#[test]
fn no_role_and_no_policy_breaks_a_rule() {
    let limits = [
        Roles::default(),
        Roles { path: Some("/ml/".into()), boundary: Some("arn:aws:iam::123456789012:policy/edge".into()) },
    ];
    for (known, limits) in [false, true].into_iter().zip(&limits) {
        for to in [vec![], vec!["ops@example.com".to_owned()]] {
            for added in [vec![], vec![by_hand()]] {
                let notifications = Notifications { to: to.clone(), ..Notifications::default() };
                let mut scene = Scene { limits: limits.clone(), notifications, added, ..Scene::new(known) };
                scene.environment.role_path.clone_from(&limits.path);
                for attached in attachments() {
                    let resources = scene.resources(&[("ant", &attached), ("Bee", Attached::NONE)]);
                    follows_the_rules(&resources, limits);
                }
            }
        }
    }
}

fn follows_the_rules(resources: &Value, limits: &Roles) {
    assert_eq!(rules::broken(&json!({"Resources": resources})), Vec::<String>::new());
    for (id, resource) in resources.as_object().unwrap() {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap() {
            "AWS::IAM::Role" => {
                assert_eq!(properties.get("Path").and_then(Value::as_str), limits.path.as_deref());
                let boundary = properties.get("PermissionsBoundary").and_then(Value::as_str);
                assert_eq!(boundary, limits.boundary.as_deref());
                let trusted = &properties["AssumeRolePolicyDocument"]["Statement"][0];
                assert!(trusted["Condition"]["StringEquals"].get("aws:SourceAccount").is_some(), "{id}");
                if id.starts_with("roleby") {
                    let statement = &properties["Policies"][0]["PolicyDocument"]["Statement"][0];
                    assert_eq!(statement["Action"], "sagemaker:StartPipelineExecution");
                    assert!(!statement["Resource"].to_string().contains('*'));
                }
            }
            "AWS::SNS::Topic" | "AWS::SQS::Queue" => assert!(properties.get("KmsMasterKeyId").is_some()),
            "AWS::SNS::TopicPolicy" | "AWS::SQS::QueuePolicy" => {
                let statements = properties["PolicyDocument"]["Statement"].as_array().unwrap();
                assert_eq!(statements[0]["Condition"]["Bool"]["aws:SecureTransport"], "false");
                for allowed in &statements[1..] {
                    assert!(allowed["Principal"].get("Service").is_some());
                    assert!(allowed.get("Condition").is_some(), "{id}");
                }
            }
            _ => {}
        }
    }
    assert!(!resources.to_string().contains("Fn::ImportValue"));
}

#[test]
fn nothing_attached_adds_nothing() {
    let scene = Scene::new(true);
    let resources = scene.resources(&[("ant", Attached::NONE)]);
    assert_eq!(resources.as_object().unwrap().keys().collect::<Vec<_>>(), ["Ant", "roleAnt"]);
    assert_eq!(resources["roleAnt"]["Metadata"]["Pipewright"], json!({"Steps": {}}));
}

#[test]
fn one_role_serves_all_schedules_and_ids_do_not_depend_on_the_order() {
    let scene = Scene::new(true);
    let with = |names: &[&str]| {
        let schedules = names.iter().map(|name| schedule(name)).collect();
        scene.resources(&[("ant", &Attached { schedules, ..Attached::default() })])
    };
    let two = with(&["a", "b-c"]);
    assert_eq!(two, with(&["b-c", "a"]));
    assert_eq!(two["scheduleaAnt"], with(&["a"])["scheduleaAnt"]);
    let roles = two.as_object().unwrap().keys().filter(|id| id.starts_with("roleby")).count();
    assert_eq!(roles, 1);
    assert_eq!(two["scheduleaAnt"]["DependsOn"], json!(["Ant"]));
}

#[test]
fn many_pipelines_share_several_rules_and_one_topic() {
    let notifications = Notifications { to: vec!["a@b".into()], ..Notifications::default() };
    let scene = Scene { notifications, ..Scene::new(true) };
    let names: Vec<String> = (0..60).map(|i| format!("pipeline-a{i:02}")).collect();
    let pipelines: Vec<(&str, &Attached)> = names.iter().map(|n| (n.as_str(), Attached::NONE)).collect();
    let resources = scene.resources(&pipelines);
    let of = |kind: &str| -> Vec<Value> {
        resources.as_object().unwrap().values().filter(|r| r["Type"] == kind).cloned().collect()
    };
    assert_eq!(of("AWS::SNS::Topic").len(), 1);
    let rules = of("AWS::Events::Rule");
    let mut arns = 0;
    for rule in &rules {
        let pattern = &rule["Properties"]["EventPattern"];
        assert!(pattern.to_string().len() <= 2048);
        arns += pattern["detail"]["pipelineArn"].as_array().unwrap().len();
    }
    assert!(rules.len() > 1);
    assert_eq!(arns, 60);
}

#[test]
fn groups_stay_when_the_stack_goes() {
    let groups = BTreeSet::from(["Abalone".to_owned(), "abalone".to_owned()]);
    let scene = Scene { groups, ..Scene::new(true) };
    let resources = scene.resources(&[("abalone", Attached::NONE)]);
    let group = &resources["groupAbalone"];
    assert_eq!(group["DeletionPolicy"], "Retain");
    assert_eq!(group["Properties"], json!({"ModelPackageGroupName": "abalone"}));
    assert_eq!(resources.as_object().unwrap().len(), 4);
}

#[test]
fn what_is_allowed_by_hand_is_marked() {
    let scene = Scene { added: vec![by_hand()], ..Scene::new(true) };
    let resources = scene.resources(&[("ant", Attached::NONE)]);
    let role = &resources["roleAnt"];
    let reason = &role["Metadata"]["Pipewright"]["ByHand"]["ByHand1"];
    assert_eq!(*reason, json!("the features are there"));
    let statement = &role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0];
    assert_eq!(
        statement["Resource"],
        json!([{"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/t"}])
    );
}
