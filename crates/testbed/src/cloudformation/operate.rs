//! Starting operations: the conditions that CloudFormation holds requests to, then the steps.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use super::changes::{About, Change, Side, compare};
use super::query::{Params, Refused};
use super::state::{Kind, Operation, Stack, Undo, Version, World};
use super::template::Template;
use super::timeline::{self, Effect};

/// What CloudFormation says when nothing would change.
pub(super) const NOTHING: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

impl World {
    pub(super) fn new_stack(&mut self, name: &str, status: &str) -> usize {
        let id = self.stack_id(name);
        self.stacks.push(Stack {
            id,
            name: name.to_owned(),
            status: status.to_owned(),
            reason: None,
            now: Version::empty(),
            events: Vec::new(),
            created: Timestamp::now(),
            updated: None,
            deleted: None,
            change_set: None,
            protected: false,
            policy: None,
            role: None,
            capabilities: Vec::new(),
            notifications: Vec::new(),
            disable_rollback: false,
            operation: None,
            stuck: None,
            tokens: std::collections::BTreeSet::new(),
            stale: None,
        });
        self.stacks.len() - 1
    }

    /// The version that a request asks for: its template, or the one before, with parameters and tags.
    pub(super) fn wanted(
        params: &Params,
        fetched: Option<String>,
        before: Option<&Version>,
    ) -> Result<Version, Refused> {
        let body = match (fetched, params.get("TemplateBody"), before) {
            (Some(body), _, _) => body,
            (None, Some(body), _) => body.to_owned(),
            (None, None, Some(before)) if params.is("UsePreviousTemplate") => before.template.body.clone(),
            _ => {
                let text = "Either Template URL or Template Body must be specified.";
                return Err(Refused::validation(text));
            }
        };
        let template = Template::read(&body)?;
        let given: BTreeMap<_, _> = params
            .structures("Parameters")
            .into_iter()
            .map(|one| {
                let value = one.get("ParameterValue").filter(|_| !one.is("UsePreviousValue"));
                (one.get("ParameterKey").unwrap_or_default().to_owned(), value.map(str::to_owned))
            })
            .collect();
        let nothing = BTreeMap::new();
        let parameters = template.parameters(&given, before.map_or(&nothing, |before| &before.parameters))?;
        let named = params.structures("Tags");
        let tags = match before {
            // A request without tags leaves them as they are.
            Some(before) if named.is_empty() => before.tags.clone(),
            _ => named
                .iter()
                .filter_map(|tag| Some((tag.get("Key")?.to_owned(), tag.get("Value")?.to_owned())))
                .collect(),
        };
        if let Some(needed) = template.capability() {
            let given = params.list("Capabilities");
            let enough = given.iter().any(|one| one == needed || one == "CAPABILITY_NAMED_IAM");
            if !enough {
                let text = format!("Requires capabilities : [{needed}]");
                return Err(Refused::new(400, "InsufficientCapabilitiesException", text));
            }
        }
        Ok(Version { template, parameters, tags, outputs: Vec::new(), resources: BTreeMap::new() })
    }

    /// What lies between two versions.
    pub(super) fn changes(&self, before: &Version, after: &Version, name: &str, id: &str) -> Vec<Change> {
        let side = |version| -> Side<'_> {
            let version: &Version = version;
            Side { template: &version.template, parameters: &version.parameters, tags: &version.tags }
        };
        let about = About {
            physical: &before.physical(),
            exports: &self.exports(),
            region: &self.region,
            account: &self.account,
            stack_name: name,
            stack_id: id,
            create_only: &self.script.create_only,
        };
        compare(&side(before), &side(after), &about)
    }

    /// Whether two versions differ in anything but resources' properties.
    pub(super) fn differs(&self, before: &Version, after: &Version, name: &str, id: &str) -> bool {
        let outputs = |version: &Version| {
            let physical = Version { resources: before.resources.clone(), ..version.clone() };
            self.outputs(&physical, id, name)
        };
        before.tags != after.tags
            || before.template.root.get("Outputs") != after.template.root.get("Outputs")
            || outputs(before) != outputs(after)
    }

    fn operation(
        &mut self,
        position: usize,
        kind: Kind,
        target: Version,
        token: Option<String>,
    ) -> Operation {
        let id = self.uuid();
        let before = self.stacks[position].now.clone();
        Operation {
            kind,
            id,
            token,
            steps: std::collections::VecDeque::new(),
            began: Instant::now(),
            polled: 0,
            undo: Undo { before, touched: Vec::new(), created: Vec::new() },
            target,
            on_failure: "ROLLBACK".to_owned(),
            change_set: None,
        }
    }

    /// Starts creating or updating a stack.
    pub(super) fn run(
        &mut self,
        position: usize,
        target: Version,
        token: Option<String>,
        on_failure: &str,
        change_set: Option<String>,
    ) {
        let creating = self.stacks[position].status == "REVIEW_IN_PROGRESS";
        let kind = if creating { Kind::Create } else { Kind::Update };
        let (name, id) = (self.stacks[position].name.clone(), self.stacks[position].id.clone());
        let before = self.stacks[position].now.clone();
        let changes = self.changes(&before, &target, &name, &id);
        let mut operation = self.operation(position, kind, target, token);
        on_failure.clone_into(&mut operation.on_failure);
        operation.change_set = change_set;
        let each = self.pace.resource;
        if creating {
            let ids: Vec<_> = changes.iter().map(|change| change.id.clone()).collect();
            operation.steps = timeline::create(&operation.target, &ids, each);
        } else {
            let denied = denied(self.stacks[position].policy.as_deref(), &changes);
            operation.steps = timeline::update(&before, &operation.target, &changes, &denied, each);
            if let Some(reason) = self.export_in_use(&before, &operation.target, &name, &id) {
                operation.kind = Kind::RollbackUpdate;
                let started = operation.steps.pop_front();
                operation.steps = timeline::revert(&operation.undo, &[], Some(reason), 0, each);
                if let Some(started) = started {
                    operation.steps.push_front(started);
                }
            }
        }
        let stack = &mut self.stacks[position];
        stack.stuck = None;
        stack.operation = Some(operation);
        // The first steps happen at once: a description after the answer shows the operation.
        self.advance();
    }

    fn export_in_use(&self, before: &Version, target: &Version, name: &str, id: &str) -> Option<String> {
        let after = Version { resources: before.resources.clone(), ..target.clone() };
        let after = self.outputs(&after, id, name);
        before.outputs.iter().find_map(|output| {
            let export = output.export.as_ref()?;
            if after.iter().any(|one| one.export.as_ref() == Some(export) && one.value == output.value) {
                return None;
            }
            let users = self.importers(export, name);
            let missing = !after.iter().any(|one| one.export.as_ref() == Some(export));
            let what = if missing { "deleted" } else { "updated" };
            (!users.is_empty()).then(|| {
                format!("Export {export} cannot be {what} as it is in use by {}", users.join(" and "))
            })
        })
    }

    /// Starts deleting a stack.
    pub(super) fn delete(&mut self, position: usize, retained: &[String], token: Option<String>) {
        let target = self.stacks[position].now.clone();
        let mut operation = self.operation(position, Kind::Delete, target.clone(), token);
        let ids: Vec<_> = target
            .resources
            .values()
            .filter(|one| one.status != "DELETE_COMPLETE" && one.status != "DELETE_SKIPPED")
            .map(|one| one.logical_id.clone())
            .filter(|id| !retained.contains(id))
            .collect();
        let reason = Some("User Initiated".to_owned());
        let first = Effect::Stack { status: "DELETE_IN_PROGRESS", reason };
        operation.steps =
            timeline::delete(&target.template, &ids, first, "DELETE_COMPLETE", 0, self.pace.resource);
        self.stacks[position].operation = Some(operation);
        self.advance();
    }

    /// Starts going back: after a failed rollback, or after a failure that wasn't rolled back.
    pub(super) fn roll_back(&mut self, position: usize, skip: &[String], token: Option<String>) {
        let stack = &self.stacks[position];
        let each = self.pace.resource;
        let now = stack.now.clone();
        if stack.status == "CREATE_FAILED" || stack.status == "ROLLBACK_FAILED" {
            let mut operation = self.operation(position, Kind::RollbackCreate, now.clone(), token);
            let ids: Vec<_> = now.resources.keys().cloned().collect();
            let reason = Some("User Initiated".to_owned());
            let first = Effect::Stack { status: "ROLLBACK_IN_PROGRESS", reason };
            operation.steps = timeline::delete(&now.template, &ids, first, "ROLLBACK_COMPLETE", 0, each);
            self.stacks[position].operation = Some(operation);
        } else {
            let undo = stack.stuck.clone().unwrap_or_else(|| Undo {
                before: now.clone(),
                touched: Vec::new(),
                created: Vec::new(),
            });
            let mut operation = self.operation(position, Kind::RollbackUpdate, now, token);
            operation.undo = undo;
            let reason = Some("User Initiated".to_owned());
            operation.steps = timeline::revert(&operation.undo, skip, reason, 0, each);
            self.stacks[position].operation = Some(operation);
        }
        self.advance();
    }
}

/// The resources that a stack policy protects from these changes, with CloudFormation's reason.
fn denied(policy: Option<&str>, changes: &[Change]) -> BTreeMap<String, String> {
    let Some(policy) = policy.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return BTreeMap::new();
    };
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let mut denied = BTreeMap::new();
    for change in changes.iter().filter(|change| change.action != "Add") {
        let action = match (change.action, change.replacement) {
            ("Remove", _) => "Update:Delete",
            (_, Some("True")) => "Update:Replace",
            _ => "Update:Modify",
        };
        let resource = format!("LogicalResourceId/{}", change.id);
        let fits = |statement: &Value| {
            let actions = texts(&statement["Action"]);
            let acts = actions.iter().any(|one| one == action || one == "Update:*" || one == "*");
            acts && texts(&statement["Resource"]).iter().any(|one| *one == resource || one == "*")
        };
        let matching: Vec<_> = statements.iter().enumerate().filter(|(_, one)| fits(one)).collect();
        let denying = matching.iter().find(|(_, one)| one["Effect"] == "Deny");
        let allowed = matching.iter().any(|(_, one)| one["Effect"] == "Allow");
        if let Some((number, _)) = denying {
            let text = format!(
                "Action denied by stack policy: Statement [#{}] does not allow [{action}] for resource \
                 [{resource}]",
                number + 1
            );
            denied.insert(change.id.clone(), text);
        } else if !allowed {
            let text = format!("Action not allowed by stack policy: [{action}] for resource [{resource}]");
            denied.insert(change.id.clone(), text);
        }
    }
    denied
}
