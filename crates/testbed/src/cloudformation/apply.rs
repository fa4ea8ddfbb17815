//! Time passing: the steps that are due happen, resources change state, events appear, failures turn an
//! operation round.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::state::{Event, Kind, Operation, Resource, Script, Stack, Version, World, outputs};
use super::template::{Scope, physical_id};
use super::timeline::{self, Effect, Step};

/// What a step needs of the world around its stack.
struct Around<'a> {
    script: &'a Script,
    exports: &'a BTreeMap<String, String>,
    region: &'a str,
    account: &'a str,
    each: u64,
    counter: &'a mut u64,
}

impl World {
    /// Lets everything happen that is due by now.
    pub(super) fn advance(&mut self) {
        for set in &mut self.change_sets {
            let late = u64::try_from(set.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let passed = if self.pace.by_poll { set.polls * self.pace.resource.max(1) } else { late };
            if passed >= self.pace.change_set
                && let Some((status, reason, execution)) = set.becomes.take()
            {
                (set.status, set.reason, set.execution) = (status, reason, execution);
            }
        }
        for position in 0..self.stacks.len() {
            let exports = self.exports();
            let pace = self.pace;
            let mut around = Around {
                script: &self.script,
                exports: &exports,
                region: &self.region,
                account: &self.account,
                each: pace.resource,
                counter: &mut self.counter,
            };
            let stack = &mut self.stacks[position];
            while let Some(step) = next(stack, around.script, pace.by_poll) {
                apply(stack, step, &mut around);
            }
            if stack.operation.as_ref().is_some_and(|operation| operation.steps.is_empty()) {
                let operation = stack.operation.take().expect("just looked at");
                let done = stack.status.ends_with("_COMPLETE") && !stack.status.contains("ROLLBACK");
                for set in
                    self.change_sets.iter_mut().filter(|set| Some(&set.id) == operation.change_set.as_ref())
                {
                    let execution = if done { "EXECUTE_COMPLETE" } else { "EXECUTE_FAILED" };
                    execution.clone_into(&mut set.execution);
                }
            }
        }
    }

    /// Somebody asked for a stack; with time by poll, that is what moves it.
    pub(super) fn polled(&mut self, position: usize) {
        let each = self.pace.resource.max(1);
        if let Some(operation) = &mut self.stacks[position].operation {
            operation.polled += each;
        }
    }
}

/// The next step that is due and not held back by a resource that hangs.
fn next(stack: &mut Stack, script: &Script, by_poll: bool) -> Option<Step> {
    let operation = stack.operation.as_mut()?;
    let late = u64::try_from(operation.began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let passed = if by_poll { operation.polled } else { late };
    let step = operation.steps.front()?;
    let held = match &step.effect {
        Effect::CreateDone(id)
        | Effect::UpdateDone { id, .. }
        | Effect::DeleteDone(id)
        | Effect::RevertDone(id) => script.hang.contains(id),
        _ => false,
    };
    if held || step.due > passed { None } else { operation.steps.pop_front() }
}

impl Stack {
    fn event(&mut self, about: &Resource) {
        let (token, operation) = match &self.operation {
            Some(operation) => (operation.token.clone(), operation.id.clone()),
            None => (None, String::new()),
        };
        // No two events of a stack have the same time, so that their order is plain to see.
        let last = self.events.last().map_or(Timestamp::UNIX_EPOCH, |event| event.at);
        let at = about.at.max(last + jiff::SignedDuration::from_millis(1));
        self.events.push(Event {
            id: format!("{}-{}-{:05}", about.logical_id, about.status, self.events.len()),
            logical_id: about.logical_id.clone(),
            physical_id: about.physical_id.clone(),
            resource_type: about.resource_type.clone(),
            status: about.status.clone(),
            reason: about.reason.clone(),
            at,
            token,
            operation,
        });
    }

    /// Moves the stack itself to a status, with its event.
    pub(super) fn turn(&mut self, status: &str, reason: Option<String>) {
        status.clone_into(&mut self.status);
        self.reason.clone_from(&reason);
        let about = Resource {
            logical_id: self.name.clone(),
            physical_id: self.id.clone(),
            resource_type: "AWS::CloudFormation::Stack".to_owned(),
            status: status.to_owned(),
            reason,
            at: Timestamp::now(),
            properties: Value::Null,
        };
        self.event(&about);
        if status == "DELETE_COMPLETE" {
            self.deleted = Some(Timestamp::now());
        } else if status.starts_with("UPDATE") && status.ends_with("_IN_PROGRESS") {
            self.updated = Some(Timestamp::now());
        }
    }

    /// Moves a resource to a status, with its event.
    pub(super) fn resource(&mut self, id: &str, status: &str, reason: Option<String>) {
        let Some(one) = self.now.resources.get_mut(id) else { return };
        status.clone_into(&mut one.status);
        one.reason = reason;
        one.at = Timestamp::now();
        let about = one.clone();
        self.event(&about);
    }

    fn in_state(&self, status: &str) -> Vec<String> {
        let resources = self.now.resources.values();
        resources.filter(|one| one.status == status).map(|one| one.logical_id.clone()).collect()
    }
}

/// Properties as they are now that the resources before this one exist.
fn properties(stack: &Stack, target: &Version, id: &str, around: &Around<'_>) -> Value {
    let physical = stack.now.physical();
    let scope = Scope {
        template: &target.template,
        parameters: &target.parameters,
        physical: &physical,
        exports: around.exports,
        region: around.region,
        account: around.account,
        stack_name: &stack.name,
        stack_id: &stack.id,
    };
    let declared = target.template.resource(id).map_or(Value::Null, |one| one["Properties"].clone());
    scope.evaluate(&declared)
}

#[allow(clippy::too_many_lines, reason = "one arm for each thing that can happen")]
fn apply(stack: &mut Stack, step: Step, around: &mut Around<'_>) {
    let Some(target) = stack.operation.as_ref().map(|operation| operation.target.clone()) else { return };
    match step.effect {
        Effect::Stack { status, reason } => stack.turn(status, reason),
        Effect::CreateStart(id) => {
            let kind = target.template.kind(&id);
            let one = Resource {
                logical_id: id.clone(),
                physical_id: String::new(),
                resource_type: kind,
                status: String::new(),
                reason: None,
                at: Timestamp::now(),
                properties: Value::Null,
            };
            stack.now.resources.insert(id.clone(), one);
            remember(stack, |undo| undo.created.push(id.clone()));
            stack.resource(&id, "CREATE_IN_PROGRESS", None);
        }
        Effect::CreateInitiated(id) => {
            if let Some(reason) = around.script.fail.get(&id).cloned() {
                fail(stack, &id, "CREATE_FAILED", reason, step.due, around);
                return;
            }
            let properties = properties(stack, &target, &id, around);
            let name = stack.name.clone();
            *around.counter += 1;
            let physical = physical_id(&target.template.kind(&id), &properties, &name, &id, *around.counter);
            if let Some(one) = stack.now.resources.get_mut(&id) {
                one.physical_id = physical;
                one.properties = properties;
            }
            stack.resource(&id, "CREATE_IN_PROGRESS", Some("Resource creation Initiated".to_owned()));
        }
        Effect::CreateDone(id) => stack.resource(&id, "CREATE_COMPLETE", None),
        Effect::UpdateStart { id, replace } => {
            let text =
                "Requested update requires the creation of a new physical resource; hence creating one.";
            remember(stack, |undo| undo.touched.push(id.clone()));
            stack.resource(&id, "UPDATE_IN_PROGRESS", replace.then(|| text.to_owned()));
        }
        Effect::UpdateDone { id, replace } => {
            if let Some(reason) = around.script.fail.get(&id).cloned() {
                fail(stack, &id, "UPDATE_FAILED", reason, step.due, around);
                return;
            }
            let properties = properties(stack, &target, &id, around);
            let kind = target.template.kind(&id);
            *around.counter += 1;
            let physical =
                replace.then(|| physical_id(&kind, &properties, &stack.name, &id, *around.counter));
            if let Some(one) = stack.now.resources.get_mut(&id) {
                one.properties = properties;
                one.resource_type = kind;
                one.physical_id = physical.unwrap_or_else(|| one.physical_id.clone());
            }
            stack.resource(&id, "UPDATE_COMPLETE", None);
        }
        Effect::Deny { id, reason } => fail(stack, &id, "UPDATE_FAILED", reason, step.due, around),
        Effect::DeleteStart(id) => stack.resource(&id, "DELETE_IN_PROGRESS", None),
        Effect::DeleteDone(id) => {
            if let Some(reason) = around.script.fail_delete.get(&id).cloned() {
                stack.resource(&id, "DELETE_FAILED", Some(reason));
                delete_failed(stack, &id);
                return;
            }
            stack.resource(&id, "DELETE_COMPLETE", None);
            forget(stack, &id);
        }
        Effect::DeleteSkipped(id) => {
            stack.resource(&id, "DELETE_SKIPPED", None);
            forget(stack, &id);
        }
        Effect::Cleanup { id, kind, physical, done } => {
            let status = if done { "DELETE_COMPLETE" } else { "DELETE_IN_PROGRESS" };
            let about = Resource {
                logical_id: id,
                physical_id: physical,
                resource_type: kind,
                status: status.to_owned(),
                reason: None,
                at: Timestamp::now(),
                properties: Value::Null,
            };
            stack.event(&about);
        }
        Effect::RevertStart(id) => stack.resource(&id, "UPDATE_IN_PROGRESS", None),
        Effect::RevertDone(id) => {
            if let Some(reason) = around.script.fail_rollback.get(&id).cloned() {
                stack.resource(&id, "UPDATE_FAILED", Some(reason));
                stack.stuck = stack.operation.as_mut().map(|operation| {
                    operation.steps.clear();
                    operation.undo.clone()
                });
                let text = format!("The following resource(s) failed to update: [{id}]. ");
                stack.turn("UPDATE_ROLLBACK_FAILED", Some(text));
                return;
            }
            let before = stack.operation.as_ref().map(|operation| operation.undo.before.clone());
            if let Some(old) = before.and_then(|before| before.resources.get(&id).cloned()) {
                stack.now.resources.insert(id.clone(), old);
            }
            remember(stack, |undo| undo.touched.retain(|one| *one != id));
            stack.resource(&id, "UPDATE_COMPLETE", None);
        }
        Effect::Commit => commit(stack, target, around),
        Effect::Restore => {
            if let Some(operation) = &stack.operation {
                let resources = std::mem::take(&mut stack.now.resources);
                let before = operation.undo.before.clone();
                stack.now = Version { resources, ..before };
            }
            stack.stuck = None;
        }
    }
}

fn remember(stack: &mut Stack, with: impl FnOnce(&mut super::state::Undo)) {
    if let Some(operation) = &mut stack.operation {
        with(&mut operation.undo);
    }
}

/// The resource is gone; `DELETE_COMPLETE` stays visible only when the whole stack goes.
fn forget(stack: &mut Stack, id: &str) {
    remember(stack, |undo| undo.created.retain(|one| one != id));
    let whole = stack
        .operation
        .as_ref()
        .is_some_and(|operation| matches!(operation.kind, Kind::Delete | Kind::RollbackCreate));
    if !whole {
        stack.now.resources.remove(id);
    }
}

fn commit(stack: &mut Stack, target: Version, around: &Around<'_>) {
    let resources = std::mem::take(&mut stack.now.resources);
    stack.now = Version { resources, ..target };
    let physical = stack.now.physical();
    let scope = Scope {
        template: &stack.now.template,
        parameters: &stack.now.parameters,
        physical: &physical,
        exports: around.exports,
        region: around.region,
        account: around.account,
        stack_name: &stack.name,
        stack_id: &stack.id,
    };
    let outputs = outputs(&stack.now, &scope);
    stack.now.outputs = outputs;
}

fn delete_failed(stack: &mut Stack, id: &str) {
    let kind = stack.operation.as_mut().map(|operation| {
        operation.steps.clear();
        operation.kind
    });
    let text = Some(format!("The following resource(s) failed to delete: [{id}]. "));
    match kind {
        Some(Kind::RollbackCreate) => stack.turn("ROLLBACK_FAILED", text),
        Some(Kind::Update) => stack.turn("UPDATE_COMPLETE", None),
        Some(Kind::RollbackUpdate) => stack.turn("UPDATE_ROLLBACK_COMPLETE", None),
        _ => stack.turn("DELETE_FAILED", text),
    }
}

/// A resource failed: what is still running is cancelled, and the operation turns round.
fn fail(stack: &mut Stack, id: &str, status: &str, reason: String, due: u64, around: &Around<'_>) {
    stack.resource(id, status, Some(reason));
    turn_round(stack, due, around.each, None);
}

/// Cancels what is running and rolls back; `reason` replaces the list of what failed.
pub(super) fn turn_round(stack: &mut Stack, due: u64, each: u64, reason: Option<String>) {
    for id in stack.in_state("CREATE_IN_PROGRESS") {
        stack.resource(&id, "CREATE_FAILED", Some("Resource creation cancelled".to_owned()));
    }
    for id in stack.in_state("UPDATE_IN_PROGRESS") {
        stack.resource(&id, "UPDATE_FAILED", Some("Resource update cancelled".to_owned()));
    }
    let mut failed = Vec::new();
    for (verb, status) in [("create", "CREATE_FAILED"), ("update", "UPDATE_FAILED")] {
        let ids = stack.in_state(status);
        if !ids.is_empty() {
            failed.push(format!("The following resource(s) failed to {verb}: [{}]. ", ids.join(", ")));
        }
    }
    let why = reason.unwrap_or_else(|| failed.concat());
    let Some(mut operation) = stack.operation.take() else { return };
    operation.steps.clear();
    match (operation.kind, operation.on_failure.as_str()) {
        (Kind::Create, "DO_NOTHING") => {
            stack.operation = Some(operation);
            stack.turn("CREATE_FAILED", Some(why));
            return;
        }
        (Kind::Create, policy) => {
            let (first, last) = match policy {
                "DELETE" => ("DELETE_IN_PROGRESS", "DELETE_COMPLETE"),
                _ => ("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"),
            };
            let reason = Some(format!("{why}Rollback requested by user."));
            let first = Effect::Stack { status: first, reason };
            let ids: Vec<_> = stack.now.resources.keys().cloned().collect();
            operation.kind = Kind::RollbackCreate;
            operation.steps = timeline::delete(&operation.target.template, &ids, first, last, due, each);
            // A stack that failed to be created shows its template all the same.
            let resources = std::mem::take(&mut stack.now.resources);
            stack.now = Version { resources, outputs: Vec::new(), ..operation.target.clone() };
        }
        (_, "DO_NOTHING") => {
            stack.stuck = Some(operation.undo.clone());
            stack.operation = Some(operation);
            stack.turn("UPDATE_FAILED", Some(why));
            return;
        }
        _ => {
            operation.kind = Kind::RollbackUpdate;
            operation.steps = timeline::revert(&operation.undo, &[], Some(why), due, each);
        }
    }
    stack.operation = Some(operation);
}

/// Milliseconds since an operation began, as its steps count them.
pub(super) fn elapsed(operation: &Operation, by_poll: bool) -> u64 {
    if by_poll {
        operation.polled
    } else {
        u64::try_from(operation.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
