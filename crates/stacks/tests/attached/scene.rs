//! One stack of pipelines with what stands around them.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::protocol::ParameterAnswer;
use pipewright_model::{Environment, Permission, Problem};
use pipewright_stacks::{
    Added, Attached, Event, EventSource, Notifications, PipelineInput, PipelinesStack, RoleInput, Roles,
    Schedule, StackInput, pipelines_stack,
};
use serde_json::{Value, json};

pub(crate) const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:ops";

pub(crate) fn environment(known: bool) -> Environment {
    Environment {
        name: "test".into(),
        prefix: "p".into(),
        account: known.then(|| "123456789012".to_owned()),
        region: known.then(|| "eu-west-1".to_owned()),
        ..Environment::default()
    }
}

pub(crate) fn schedule(name: &str) -> Schedule {
    Schedule {
        name: name.into(),
        expression: "rate(1 day)".into(),
        timezone: None,
        enabled: true,
        start: None,
        end: None,
        flexible_window_minutes: None,
        parameters: BTreeMap::new(),
    }
}

pub(crate) fn event(name: &str, source: EventSource) -> Event {
    Event { name: name.into(), source, enabled: true, parameters: BTreeMap::new() }
}

pub(crate) fn data() -> EventSource {
    EventSource::Object { bucket: None, prefix: Some("in/".into()), suffix: Some(".csv".into()) }
}

pub(crate) fn parameters() -> Vec<ParameterAnswer> {
    let parameter = |name: &str, kind: &str, default: Option<Value>, choices: &[&str]| ParameterAnswer {
        name: name.into(),
        kind: kind.into(),
        default,
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        description: String::new(),
    };
    vec![
        parameter("Input", "String", None, &[]),
        parameter("Mode", "String", Some(json!("full")), &["full", "small"]),
        parameter("Rounds", "Integer", Some(json!(3)), &[]),
    ]
}

pub(crate) fn by_hand() -> Added {
    Added {
        permission: Permission {
            sid: "ByHand1".into(),
            actions: vec!["dynamodb:GetItem".into()],
            resources: vec!["arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/t".into()],
            ..Permission::default()
        },
        reason: Some("the features are there".into()),
    }
}

/// What a test says of the one stack it makes.
pub(crate) struct Scene {
    pub(crate) environment: Environment,
    pub(crate) limits: Roles,
    pub(crate) notifications: Notifications,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) parameters: Vec<ParameterAnswer>,
    pub(crate) added: Vec<Added>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Scene {
    pub(crate) fn new(known: bool) -> Self {
        Self {
            environment: environment(known),
            limits: Roles::default(),
            notifications: Notifications::default(),
            groups: BTreeSet::new(),
            parameters: Vec::new(),
            added: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    pub(crate) fn stack(&self, pipelines: &[(&str, &Attached)]) -> Result<PipelinesStack, Vec<Problem>> {
        let pipelines: Vec<PipelineInput<'_>> = pipelines
            .iter()
            .map(|(name, attached)| PipelineInput {
                name,
                display_name: None,
                description: "",
                role_arn: "arn:aws:iam::123456789012:role/x",
                role: Some(RoleInput { permissions: &[], added: &self.added, limits: &self.limits }),
                definition: "{}",
                portable: false,
                substitutions: const { &BTreeMap::new() },
                parallelism: None,
                tags: &self.tags,
                parameters: &self.parameters,
                attached,
            })
            .collect();
        let input = StackInput {
            name: "p-pipelines",
            pipelines: &pipelines,
            groups: &self.groups,
            notifications: &self.notifications,
            limits: &self.limits,
            tags: &self.tags,
        };
        pipelines_stack(&self.environment, &input)
    }

    #[track_caller]
    pub(crate) fn resources(&self, pipelines: &[(&str, &Attached)]) -> Value {
        let stack = self.stack(pipelines).unwrap();
        assert_eq!(stack.warnings, []);
        serde_json::from_str::<Value>(&stack.text).unwrap()["Resources"].take()
    }

    /// The mistakes in what is attached to pipeline `ant`.
    #[track_caller]
    pub(crate) fn wrong(&self, attached: &Attached, expected: &[(&str, &str)]) {
        let found = self.stack(&[("ant", attached)]).err().unwrap_or_default();
        let found: Vec<(&str, String)> = found.iter().map(|p| (p.path.as_str(), p.to_string())).collect();
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for ((path, text), (expected_path, expected)) in found.iter().zip(expected) {
            assert_eq!(path, expected_path);
            assert!(text.contains(expected), "{text}");
        }
    }
}
