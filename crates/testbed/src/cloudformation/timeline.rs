//! What an operation does and when: steps in the order of dependencies, each due at a time after its start.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::changes::Change;
use super::state::{Undo, Version};
use super::template::Template;

/// Something that happens at a time.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Milliseconds since the operation began.
    pub(super) due: u64,
    pub(super) effect: Effect,
}

/// What happens.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    Stack {
        status: &'static str,
        reason: Option<String>,
    },
    CreateStart(String),
    CreateInitiated(String),
    CreateDone(String),
    UpdateStart {
        id: String,
        replace: bool,
    },
    UpdateDone {
        id: String,
        replace: bool,
    },
    DeleteStart(String),
    DeleteDone(String),
    DeleteSkipped(String),
    /// The old thing behind a replaced resource goes; `done` at the end.
    Cleanup {
        id: String,
        kind: String,
        physical: String,
        done: bool,
    },
    Deny {
        id: String,
        reason: String,
    },
    RevertStart(String),
    RevertDone(String),
    /// The stack takes on what it was asked for.
    Commit,
    /// The stack is again what it was.
    Restore,
}

fn step(due: u64, effect: Effect) -> Step {
    Step { due, effect }
}

/// Gives each of the ids a start, after all that it needs; in the order of dependencies.
fn schedule(ids: &[String], needs: impl Fn(&str) -> BTreeSet<String>, each: u64) -> Vec<(String, u64)> {
    let mut starts: BTreeMap<String, u64> = BTreeMap::new();
    let mut order = Vec::new();
    let mut left: Vec<String> = ids.to_vec();
    while !left.is_empty() {
        let ready: Vec<_> = left
            .iter()
            .filter(|id| needs(id).iter().all(|need| *need == **id || !left.contains(need)))
            .cloned()
            .collect();
        // A cycle ends here instead of going on forever: whatever is left starts at once.
        let ready = if ready.is_empty() { left.clone() } else { ready };
        for id in &ready {
            let start = needs(id).iter().filter_map(|need| starts.get(need)).map(|start| start + each).max();
            starts.insert(id.clone(), start.unwrap_or(0));
            order.push((id.clone(), start.unwrap_or(0)));
        }
        left.retain(|id| !ready.contains(id));
    }
    order
}

/// The same from the other end: what others need goes last.
fn schedule_deletes(template: &Template, ids: &[String], each: u64) -> Vec<(String, u64)> {
    let needed_by = |id: &str| -> BTreeSet<String> {
        ids.iter().filter(|other| template.needs(other).contains(id)).cloned().collect()
    };
    schedule(ids, needed_by, each)
}

fn finish(mut steps: Vec<Step>, end: u64, last: impl IntoIterator<Item = Effect>) -> VecDeque<Step> {
    steps.sort_by_key(|step| step.due);
    steps.extend(last.into_iter().map(|effect| step(end, effect)));
    steps.into()
}

fn end(steps: &[Step]) -> u64 {
    steps.iter().map(|step| step.due).max().unwrap_or(0)
}

/// A new stack.
pub(super) fn create(target: &Version, ids: &[String], each: u64) -> VecDeque<Step> {
    let started = Effect::Stack { status: "CREATE_IN_PROGRESS", reason: Some("User Initiated".to_owned()) };
    let mut steps = vec![step(0, started)];
    for (id, start) in schedule(ids, |id| target.template.needs(id), each) {
        steps.push(step(start, Effect::CreateStart(id.clone())));
        steps.push(step(start + each / 2, Effect::CreateInitiated(id.clone())));
        steps.push(step(start + each, Effect::CreateDone(id)));
    }
    let end = end(&steps);
    finish(steps, end, [Effect::Commit, Effect::Stack { status: "CREATE_COMPLETE", reason: None }])
}

/// An update; `denied` names resources that the stack policy protects, with the reason.
pub(super) fn update(
    before: &Version,
    target: &Version,
    changes: &[Change],
    denied: &BTreeMap<String, String>,
    each: u64,
) -> VecDeque<Step> {
    let started = Effect::Stack { status: "UPDATE_IN_PROGRESS", reason: Some("User Initiated".to_owned()) };
    let mut steps = vec![step(0, started)];
    let by_id: BTreeMap<_, _> = changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let ids: Vec<_> =
        changes.iter().filter(|change| change.action != "Remove").map(|change| change.id.clone()).collect();
    let mut replaced = Vec::new();
    for (id, start) in schedule(&ids, |id| target.template.needs(id), each) {
        let change = by_id[id.as_str()];
        let replace = change.replacement == Some("True");
        if change.action == "Add" {
            steps.push(step(start, Effect::CreateStart(id.clone())));
            steps.push(step(start + each / 2, Effect::CreateInitiated(id.clone())));
            steps.push(step(start + each, Effect::CreateDone(id)));
            continue;
        }
        steps.push(step(start, Effect::UpdateStart { id: id.clone(), replace }));
        if let Some(reason) = denied.get(&id) {
            steps.push(step(start, Effect::Deny { id, reason: reason.clone() }));
            continue;
        }
        steps.push(step(start + each, Effect::UpdateDone { id: id.clone(), replace }));
        if replace && let Some(old) = before.resources.get(&id) {
            replaced.push(old.clone());
        }
    }
    let cleanup = end(&steps);
    steps.push(step(cleanup, Effect::Commit));
    steps.push(step(cleanup, Effect::Stack { status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", reason: None }));
    for old in replaced {
        let (id, kind, physical) = (old.logical_id, old.resource_type, old.physical_id);
        let gone =
            |done| Effect::Cleanup { id: id.clone(), kind: kind.clone(), physical: physical.clone(), done };
        steps.push(step(cleanup, gone(false)));
        steps.push(step(cleanup + each, gone(true)));
    }
    let removed: Vec<_> =
        changes.iter().filter(|change| change.action == "Remove").map(|change| change.id.clone()).collect();
    steps.extend(deletes(&before.template, &removed, cleanup, each));
    let end = end(&steps);
    finish(steps, end, [Effect::Stack { status: "UPDATE_COMPLETE", reason: None }])
}

fn deletes(template: &Template, ids: &[String], from: u64, each: u64) -> Vec<Step> {
    let mut steps = Vec::new();
    for (id, start) in schedule_deletes(template, ids, each) {
        let start = from + start;
        if template.retains(&id) {
            steps.push(step(start, Effect::DeleteSkipped(id)));
        } else {
            steps.push(step(start, Effect::DeleteStart(id.clone())));
            steps.push(step(start + each, Effect::DeleteDone(id)));
        }
    }
    steps
}

/// The end of a stack, or of the resources that a failed creation left; `first` and `last` are the stack's
/// own states.
pub(super) fn delete(
    template: &Template,
    ids: &[String],
    first: Effect,
    last: &'static str,
    from: u64,
    each: u64,
) -> VecDeque<Step> {
    let mut steps = vec![step(from, first)];
    steps.extend(deletes(template, ids, from, each));
    let end = end(&steps);
    finish(steps, end, [Effect::Stack { status: last, reason: None }])
}

/// Back to what was before an update.
pub(super) fn revert(
    undo: &Undo,
    skip: &[String],
    reason: Option<String>,
    from: u64,
    each: u64,
) -> VecDeque<Step> {
    let first = Effect::Stack { status: "UPDATE_ROLLBACK_IN_PROGRESS", reason };
    let mut steps = vec![step(from, first)];
    let mut at = from;
    for id in undo.touched.iter().rev().filter(|id| !skip.contains(id)) {
        steps.push(step(at, Effect::RevertStart(id.clone())));
        at += each;
        steps.push(step(at, Effect::RevertDone(id.clone())));
    }
    let cleanup = Effect::Stack { status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", reason: None };
    steps.push(step(at, cleanup));
    for id in undo.created.iter().rev() {
        steps.push(step(at, Effect::DeleteStart(id.clone())));
        at += each;
        steps.push(step(at, Effect::DeleteDone(id.clone())));
    }
    let last = [Effect::Restore, Effect::Stack { status: "UPDATE_ROLLBACK_COMPLETE", reason: None }];
    finish(steps, at, last)
}
