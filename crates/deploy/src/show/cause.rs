//! [`root_cause`]: of all events of an operation, the failures that began it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::error::{Error, Kind};
use crate::show::advice::advice;
use crate::show::text::{excerpt, harmless};
use crate::stack::Event;

/// The type of a stack.
const STACK: &str = "AWS::CloudFormation::Stack";

/// How many failures a message names.
const MOST: usize = 20;

/// Why an operation failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What failed of itself, oldest first; never empty.
    pub failures: Vec<Failure>,
    /// What failed while it was taken back, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rollback: Vec<Failure>,
}

/// A resource that failed of itself, and not because another one did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The stack it is in, a nested one perhaps.
    pub stack: String,
    /// The logical ids that lead from the outermost stack to that one; empty where it is that one itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// The resource, or the stack's name.
    pub logical_id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its status: `CREATE_FAILED`.
    pub status: String,
    /// What was said, as it was said; may be empty, and hold anything.
    pub reason: String,
    /// What to do, where the reason is a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// What failed first in the newest operation among these events, which may be in any order and of nested stacks too; `None`
/// when nothing failed.
///
/// Left out are resources that were only stopped because another one failed, nested stacks whose own events say more, and what
/// a stack says of itself as long as one of its resources says something.
pub fn root_cause(events: &[Event]) -> Option<Cause> {
    let mut events: Vec<&Event> = events.iter().collect();
    // CloudFormation's times have milliseconds, and what comes at the same time comes in the order given.
    events.sort_by_key(|event| event.at);
    let tree = Tree::of(&events);
    let begin = events.iter().rposition(|event| tree.begins(event)).unwrap_or(0);
    let events = &events[begin..];

    let mut taken_back: BTreeSet<&str> = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let (mut first, mut later): (Vec<&Event>, Vec<&Event>) = (Vec::new(), Vec::new());
    for event in events {
        if is_own(event) && event.status.contains("ROLLBACK_IN_PROGRESS") {
            taken_back.insert(&event.stack);
        }
        if !event.status.ends_with("FAILED") {
            continue;
        }
        let rollback = tree.and_above(&event.stack).iter().any(|stack| taken_back.contains(stack));
        if seen.insert((event.stack.as_str(), event.logical_id.as_str(), rollback)) {
            if rollback { later.push(event) } else { first.push(event) }
        }
    }
    let (mut failures, mut rollback) = (tree.real(&first), tree.real(&later));
    if failures.is_empty() {
        failures = std::mem::take(&mut rollback);
    }
    if failures.is_empty() {
        // No event failed; a stack that was rolled back may still say why.
        let own = events.iter().find(|event| {
            is_own(event)
                && event.status.contains("ROLLBACK")
                && event.reason.as_ref().is_some_and(|r| !r.is_empty())
        })?;
        failures.push(tree.failure(own));
    }
    Some(Cause { failures, rollback })
}

/// Which stack is nested in which.
struct Tree<'e> {
    /// By the name of the inner stack: the outer one, and what it calls the inner one.
    parents: BTreeMap<&'e str, (&'e str, &'e str)>,
}

impl<'e> Tree<'e> {
    fn of(events: &[&'e Event]) -> Self {
        let mut parents = BTreeMap::new();
        for event in events {
            if event.kind == STACK
                && !is_own(event)
                && let Some(name) = name_in(&event.physical_id)
                && name != event.stack
            {
                parents.entry(name).or_insert((event.stack.as_str(), event.logical_id.as_str()));
            }
        }
        Self { parents }
    }

    /// A stack and those around it, from the inside out. Ends, whatever the events say.
    fn and_above(&self, stack: &'e str) -> Vec<&'e str> {
        let mut found = vec![stack];
        let mut at = stack;
        while let Some((parent, _)) = self.parents.get(at)
            && !found.contains(parent)
        {
            found.push(parent);
            at = parent;
        }
        found
    }

    fn within(&self, stack: &'e str) -> Vec<String> {
        let path = self.and_above(stack);
        let names = path.iter().take(path.len() - 1).filter_map(|stack| self.parents.get(stack));
        let mut names: Vec<String> = names.map(|(_, logical_id)| (*logical_id).to_owned()).collect();
        names.reverse();
        names
    }

    /// Whether somebody asked for something with this event, of the outermost stack.
    fn begins(&self, event: &Event) -> bool {
        const BEGINNINGS: [&str; 4] =
            ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"];
        is_own(event)
            && !self.parents.contains_key(event.stack.as_str())
            && BEGINNINGS.contains(&event.status.as_str())
    }

    /// Those that failed of themselves.
    fn real(&self, events: &[&'e Event]) -> Vec<Failure> {
        let says = |event: &Event| event.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        let inner = |event: &Event| {
            let name = name_in(&event.physical_id);
            event.kind == STACK
                && !is_own(event)
                && events.iter().any(|other| Some(other.stack.as_str()) == name && !is_stopped(other))
        };
        let resources = |spoken: bool| -> Vec<Failure> {
            let real = events.iter().filter(|event| {
                !is_own(event) && !is_stopped(event) && !inner(event) && says(event) == spoken
            });
            real.map(|event| self.failure(event)).collect()
        };
        let mut found = resources(true);
        // What a stack says of itself is a summary, unless nothing else says anything.
        if found.is_empty() {
            let own = events.iter().filter(|event| is_own(event) && says(event) && !is_summary(event));
            found = own.map(|event| self.failure(event)).collect();
        }
        if found.is_empty() {
            found = resources(false);
        }
        // A summary, or nested stacks that point at each other: better than nothing.
        if found.is_empty() {
            let rest = events.iter().filter(|event| !is_stopped(event));
            found = rest.map(|event| self.failure(event)).collect();
        }
        found
    }

    fn failure(&self, event: &'e Event) -> Failure {
        let reason = event.reason.clone().unwrap_or_default();
        Failure {
            stack: event.stack.clone(),
            within: self.within(&event.stack),
            logical_id: event.logical_id.clone(),
            kind: event.kind.clone(),
            status: event.status.clone(),
            advice: advice(&event.kind, &event.status, &reason),
            reason,
        }
    }
}

/// The name in a stack's ARN, `arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID`.
fn name_in(arn: &str) -> Option<&str> {
    let (_, rest) = arn.split_once(":stack/")?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

/// Whether the event is of the stack itself.
fn is_own(event: &Event) -> bool {
    event.kind == STACK
        && event.logical_id == event.stack
        && name_in(&event.physical_id).is_none_or(|name| name == event.stack)
}

/// Whether the resource was only stopped because another one failed.
fn is_stopped(event: &Event) -> bool {
    let reason = event.reason.as_deref().unwrap_or_default().trim().to_lowercase();
    (reason.starts_with("resource ") || reason.starts_with("stack "))
        && (reason.ends_with("cancelled") || reason.ends_with("cancelled.") || reason.ends_with("canceled"))
}

/// Whether it only lists resources that speak for themselves.
fn is_summary(event: &Event) -> bool {
    let reason = event.reason.as_deref().unwrap_or_default();
    reason.contains("The following resource(s) failed to") || reason.contains("The following hook(s) failed")
}

impl Failure {
    /// The resource and where it is: `RoleAbalone (AWS::IAM::Role) in stack dsm-sm-pipelines`.
    pub fn place(&self) -> String {
        let (id, stack) = (harmless(&self.logical_id), harmless(&self.stack));
        if self.kind == STACK && self.logical_id == self.stack {
            return format!("stack {stack}");
        }
        let mut place = format!("{id} ({}) in stack {stack}", harmless(&self.kind));
        for name in &self.within {
            place.push_str(", nested as ");
            place.push_str(&harmless(name));
        }
        place
    }

    /// The reason, harmless and on one line.
    pub fn says(&self) -> String {
        let reason = excerpt(&self.reason);
        if reason.is_empty() { format!("{}, without a reason", harmless(&self.status)) } else { reason }
    }
}

impl Cause {
    /// The cause as an error; `what` was tried: `create stack dsm-sm-pipelines`.
    pub fn into_error(self, what: &str) -> Error {
        let mut lines = Vec::new();
        let mut hints: Vec<String> = Vec::new();
        for (failures, lead) in [(&self.failures, ""), (&self.rollback, "taking it back failed at ")] {
            for failure in failures {
                lines.push(format!("{lead}{}: {}", failure.place(), failure.says()));
                if let Some(advice) = &failure.advice
                    && !hints.contains(advice)
                {
                    hints.push(advice.clone());
                }
            }
        }
        if lines.len() > MOST {
            let more = lines.len() - MOST;
            lines.truncate(MOST);
            lines.push(format!("and {more} more"));
        }
        // The first one stands on the first line, which may be all that is shown.
        let message = format!("can't {what}: {}", lines.join("\n  "));
        let mut error = Error::new(Kind::Stack, message);
        error.hints = hints.iter().map(|hint| excerpt(hint)).collect();
        error
    }
}

#[cfg(test)]
#[path = "cause_tests.rs"]
mod tests;
