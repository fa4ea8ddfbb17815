//! Stacks that are there from the start, in any state.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::state::{Resource, Undo, Version, World};
use super::template::{Scope, Template, physical_id};

/// A stack as a test finds it.
#[derive(Debug, Clone)]
pub struct Preset {
    name: String,
    status: String,
    reason: Option<String>,
    template: String,
    parameters: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    protected: bool,
    policy: Option<String>,
    failed: Vec<(String, String)>,
    role: Option<String>,
}

impl Preset {
    /// A stack in `CREATE_COMPLETE` with one topic.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            status: "CREATE_COMPLETE".to_owned(),
            reason: None,
            template: r#"{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}"#.to_owned(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            protected: false,
            policy: None,
            failed: Vec::new(),
            role: None,
        }
    }

    /// Its status. `REVIEW_IN_PROGRESS` has no resources; those of `ROLLBACK_COMPLETE` are deleted; one
    /// `…_IN_PROGRESS` stays so until [`super::Fake::settle`].
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }

    /// Why it is in that state.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Its template, JSON.
    pub fn template(mut self, body: impl Into<String>) -> Self {
        self.template = body.into();
        self
    }

    /// A parameter's value.
    pub fn parameter(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(key.into(), value.into());
        self
    }

    /// A tag.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// With termination protection.
    pub fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    /// With a stack policy, JSON.
    pub fn policy(mut self, body: impl Into<String>) -> Self {
        self.policy = Some(body.into());
        self
    }

    /// With a service role.
    pub fn role(mut self, arn: impl Into<String>) -> Self {
        self.role = Some(arn.into());
        self
    }

    /// A resource that failed before: its events say so, and in `UPDATE_ROLLBACK_FAILED` it is what the
    /// rollback waits for.
    pub fn failed(mut self, id: impl Into<String>, reason: impl Into<String>) -> Self {
        self.failed.push((id.into(), reason.into()));
        self
    }

    pub(super) fn put(self, world: &mut World) {
        let template = Template::read(&self.template).expect("the template of a preset stack is valid");
        let given = self.parameters.into_iter().map(|(key, value)| (key, Some(value))).collect();
        let parameters = template
            .parameters(&given, &BTreeMap::new())
            .expect("the parameters of a preset stack are valid");
        let position = world.new_stack(&self.name, "CREATE_IN_PROGRESS");
        let id = world.stacks[position].id.clone();
        let mut version = Version {
            template,
            parameters,
            tags: self.tags,
            outputs: Vec::new(),
            resources: BTreeMap::new(),
        };
        let gone = ["ROLLBACK_COMPLETE", "DELETE_COMPLETE"].contains(&self.status.as_str());
        let review = self.status == "REVIEW_IN_PROGRESS";
        for logical in if review { Vec::new() } else { version.template.ids() } {
            let number = world.number();
            let kind = version.template.kind(&logical);
            let exports = world.exports();
            let physical = version.physical();
            let scope = Scope {
                template: &version.template,
                parameters: &version.parameters,
                physical: &physical,
                exports: &exports,
                region: &world.region,
                account: &world.account,
                stack_name: &self.name,
                stack_id: &id,
            };
            let declared =
                version.template.resource(&logical).map_or(Value::Null, |one| one["Properties"].clone());
            let properties = scope.evaluate(&declared);
            let one = Resource {
                logical_id: logical.clone(),
                physical_id: physical_id(&kind, &properties, &self.name, &logical, number),
                resource_type: kind,
                status: "CREATE_COMPLETE".to_owned(),
                reason: None,
                at: Timestamp::now(),
                properties,
            };
            version.resources.insert(logical, one);
        }
        version.outputs = if gone || review { Vec::new() } else { world.outputs(&version, &id, &self.name) };
        let stack = &mut world.stacks[position];
        let ids: Vec<_> = version.resources.keys().cloned().collect();
        if review {
            version = Version::empty();
        }
        stack.now = version;
        (stack.protected, stack.policy, stack.role) = (self.protected, self.policy, self.role);
        if !review {
            stack.turn("CREATE_IN_PROGRESS", Some("User Initiated".to_owned()));
        }
        let creating = !self.status.contains("UPDATE");
        for logical in ids {
            let failure =
                self.failed.iter().find(|(failed, _)| *failed == logical).map(|(_, why)| why.clone());
            let status = match (&failure, creating) {
                (None, _) => "CREATE_COMPLETE",
                (Some(_), true) => "CREATE_FAILED",
                (Some(_), false) => "UPDATE_FAILED",
            };
            stack.resource(&logical, status, failure);
        }
        if gone {
            let ids: Vec<_> = stack.now.resources.keys().cloned().collect();
            for logical in ids {
                stack.resource(&logical, "DELETE_COMPLETE", None);
            }
        }
        let touched: Vec<_> = self.failed.iter().map(|(id, _)| id.clone()).collect();
        if ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"].contains(&self.status.as_str()) {
            let before = stack.now.clone();
            stack.stuck = Some(Undo { before, touched, created: Vec::new() });
        }
        stack.turn(&self.status, self.reason);
    }
}
