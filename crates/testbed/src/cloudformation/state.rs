//! What the fake holds: stacks, their resources and events, change sets, and the script of a test.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use super::changes::Change;
use super::query::Refused;
use super::template::{Scope, Template};
use super::timeline::Step;

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The id in the template.
    pub logical_id: String,
    /// The id of the thing itself; empty before it exists.
    pub physical_id: String,
    /// For example `AWS::S3::Bucket`.
    pub resource_type: String,
    /// For example `CREATE_COMPLETE`.
    pub status: String,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// When it got there.
    pub at: Timestamp,
    /// Its properties with intrinsics resolved.
    pub properties: Value,
}

/// One event of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// The resource, or the stack's own name.
    pub logical_id: String,
    /// The id of the thing; the stack's ARN for the stack's own events.
    pub physical_id: String,
    /// `AWS::CloudFormation::Stack` for the stack's own events.
    pub resource_type: String,
    /// The status reached.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The client's token for the operation.
    pub token: Option<String>,
    /// The operation that it belongs to.
    pub operation: String,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its key in the template.
    pub key: String,
    /// The resolved value.
    pub value: String,
    /// Its description.
    pub description: Option<String>,
    /// The name under which it is exported.
    pub export: Option<String>,
}

/// Everything of a stack that an update replaces and a rollback brings back.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) template: Template,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) outputs: Vec<Output>,
    pub(super) resources: BTreeMap<String, Resource>,
}

impl Version {
    pub(super) fn empty() -> Self {
        Self {
            template: Template::empty(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            outputs: Vec::new(),
            resources: BTreeMap::new(),
        }
    }

    pub(super) fn physical(&self) -> BTreeMap<String, String> {
        self.resources.iter().map(|(id, one)| (id.clone(), one.physical_id.clone())).collect()
    }
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Update,
    Delete,
    RollbackCreate,
    RollbackUpdate,
}

/// A running operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) token: Option<String>,
    pub(super) steps: VecDeque<Step>,
    pub(super) began: Instant,
    /// Virtual milliseconds that polls have added.
    pub(super) polled: u64,
    pub(super) undo: Undo,
    pub(super) target: Version,
    /// `ROLLBACK`, `DELETE` or `DO_NOTHING`.
    pub(super) on_failure: String,
    pub(super) change_set: Option<String>,
}

/// What a rollback of an update needs to know.
#[derive(Debug, Clone)]
pub(super) struct Undo {
    pub(super) before: Version,
    /// Resources changed by the operation, in order.
    pub(super) touched: Vec<String>,
    /// Resources that the operation created, in order.
    pub(super) created: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Stack {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) now: Version,
    pub(super) events: Vec<Event>,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) deleted: Option<Timestamp>,
    pub(super) change_set: Option<String>,
    pub(super) protected: bool,
    pub(super) policy: Option<String>,
    pub(super) role: Option<String>,
    pub(super) capabilities: Vec<String>,
    pub(super) notifications: Vec<String>,
    pub(super) disable_rollback: bool,
    pub(super) operation: Option<Operation>,
    /// What a failed rollback, or a failed update without one, has left to undo.
    pub(super) stuck: Option<Undo>,
    /// Tokens of requests that were accepted: action and token.
    pub(super) tokens: BTreeSet<(String, String)>,
    /// How many descriptions still show the state before, and that state.
    pub(super) stale: Option<(u32, String, Option<String>)>,
}

impl Stack {
    pub(super) fn lives(&self) -> bool {
        self.status != "DELETE_COMPLETE"
    }

    pub(super) fn busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }
}

#[derive(Debug, Clone)]
pub(super) struct ChangeSet {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stack_id: String,
    pub(super) stack_name: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) execution: String,
    pub(super) description: Option<String>,
    pub(super) target: Version,
    pub(super) changes: Vec<Change>,
    pub(super) created: Timestamp,
    pub(super) began: Instant,
    pub(super) polls: u64,
    /// What it becomes when it is computed: status, reason, execution status.
    pub(super) becomes: Option<(String, Option<String>, String)>,
    pub(super) token: Option<String>,
    pub(super) capabilities: Vec<String>,
    pub(super) notifications: Vec<String>,
    pub(super) role: Option<String>,
    pub(super) on_failure: Option<String>,
    pub(super) validations: Vec<Validation>,
}

/// A failure that CloudFormation finds before a change set can be executed (`DescribeEvents` shows it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// The resource.
    pub logical_id: String,
    /// For example `AWS::EarlyValidation::PropertyValidation`.
    pub name: String,
    /// What is wrong.
    pub reason: String,
    /// Where, for example `/Resources/Bucket/Properties/BucketName`.
    pub path: String,
}

/// What a test wants to go wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    pub(super) fail: BTreeMap<String, String>,
    pub(super) fail_rollback: BTreeMap<String, String>,
    pub(super) fail_delete: BTreeMap<String, String>,
    pub(super) hang: BTreeSet<String>,
    pub(super) early: Vec<Validation>,
    pub(super) change_set_failure: Option<String>,
    pub(super) stale_reads: u32,
    pub(super) create_only: BTreeSet<(String, String)>,
}

/// How time passes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Milliseconds that a resource takes.
    pub(super) resource: u64,
    /// Milliseconds that computing a change set takes.
    pub(super) change_set: u64,
    /// Time passes only when somebody asks: each question adds the time of a resource.
    pub(super) by_poll: bool,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) region: String,
    pub(super) account: String,
    pub(super) caller: String,
    pub(super) pace: Pace,
    pub(super) page: usize,
    pub(super) stacks: Vec<Stack>,
    pub(super) change_sets: Vec<ChangeSet>,
    pub(super) script: Script,
    pub(super) counter: u64,
}

impl World {
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// An id in the shape of a UUID.
    pub(super) fn uuid(&mut self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.number())
    }

    pub(super) fn stack_id(&mut self, name: &str) -> String {
        let id = self.uuid();
        format!("arn:aws:cloudformation:{}:{}:stack/{name}/{id}", self.region, self.account)
    }

    /// The living stack of that name, or any stack by ARN.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.stacks.iter().position(|stack| (stack.name == name && stack.lives()) || stack.id == name)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Stack> {
        self.position(name).map(|position| &self.stacks[position])
    }

    /// The stack, or CloudFormation's words that there is none.
    pub(super) fn existing(&self, name: &str) -> Result<usize, Refused> {
        self.position(name).ok_or_else(|| Refused::validation(format!("Stack with id {name} does not exist")))
    }

    /// Every export of living stacks.
    pub(super) fn exports(&self) -> BTreeMap<String, String> {
        let outputs = self.stacks.iter().filter(|stack| stack.lives()).flat_map(|stack| &stack.now.outputs);
        outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone()))).collect()
    }

    /// The living stacks, other than the named one, that import an export.
    pub(super) fn importers(&self, export: &str, but: &str) -> Vec<String> {
        let stacks = self.stacks.iter().filter(|stack| stack.lives() && stack.name != but);
        let uses = |stack: &&Stack| imports(&stack.now.template.root, export);
        stacks.filter(uses).map(|stack| stack.name.clone()).collect()
    }

    /// The outputs of a version, resolved.
    pub(super) fn outputs(&self, version: &Version, stack_id: &str, stack_name: &str) -> Vec<Output> {
        let exports = self.exports();
        let physical = version.physical();
        let scope = Scope {
            template: &version.template,
            parameters: &version.parameters,
            physical: &physical,
            exports: &exports,
            region: &self.region,
            account: &self.account,
            stack_name,
            stack_id,
        };
        outputs(version, &scope)
    }
}

pub(super) fn outputs(version: &Version, scope: &Scope<'_>) -> Vec<Output> {
    let declared = version.template.root["Outputs"].as_object().into_iter().flatten();
    let wanted = declared.filter(|(_, output)| {
        let condition = output.get("Condition");
        condition.is_none_or(|name| scope.holds(&serde_json::json!({ "Condition": name })).unwrap_or(true))
    });
    wanted
        .map(|(key, output)| Output {
            key: key.clone(),
            value: super::template::plain(&scope.evaluate(&output["Value"])),
            description: output["Description"].as_str().map(str::to_owned),
            export: output["Export"].get("Name").map(|name| super::template::plain(&scope.evaluate(name))),
        })
        .collect()
}

fn imports(value: &Value, export: &str) -> bool {
    match value {
        Value::Object(map) => {
            map.get("Fn::ImportValue").is_some_and(|name| name == export)
                || map.values().any(|value| imports(value, export))
        }
        Value::Array(list) => list.iter().any(|value| imports(value, export)),
        _ => false,
    }
}
