//! [`Timeline`]: what became of each resource, made of events.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::stack::Event;

/// How far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is worked on.
    Running,
    /// It is as it was asked for.
    Done,
    /// It failed.
    Failed,
}

impl Phase {
    /// By a status of CloudFormation: `CREATE_IN_PROGRESS`.
    pub fn of(status: &str) -> Self {
        if status.ends_with("_FAILED") || status == "FAILED" {
            Self::Failed
        } else if status.ends_with("_IN_PROGRESS") {
            Self::Running
        } else {
            Self::Done
        }
    }
}

/// The last that is known of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its type.
    pub kind: String,
    /// Its status.
    pub status: String,
    /// How far it is.
    pub phase: Phase,
    /// Why, where it failed.
    pub reason: Option<String>,
    /// When CloudFormation began with it.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When this status was first heard of, by this machine's clock.
    pub heard: Timestamp,
}

impl Step {
    /// How long it took, by CloudFormation's clock alone; `None` while it is worked on, or where its beginning is not known.
    pub fn took(&self) -> Option<SignedDuration> {
        let took = self.ended?.duration_since(self.began);
        (took > SignedDuration::ZERO).then_some(took)
    }
}

/// What became of each resource.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// By stack, as the events name it, and logical id.
    steps: BTreeMap<(String, String), Step>,
    /// In the order in which they were first heard of.
    order: Vec<(String, String)>,
    seen: BTreeSet<String>,
}

impl Timeline {
    /// Takes in an event that was heard of at `now`; says what is known after it, or `None` if it says nothing new: the same
    /// event again, or the same status again.
    pub fn apply(&mut self, event: &Event, now: Timestamp) -> Option<&Step> {
        if !event.id.is_empty() && !self.seen.insert(event.id.clone()) {
            return None;
        }
        let key = (event.stack.clone(), event.logical_id.clone());
        let phase = Phase::of(&event.status);
        let earlier = self.steps.get(&key);
        if earlier.is_some_and(|step| step.status == event.status) {
            return None;
        }
        let goes_on = earlier
            .filter(|step| step.phase == Phase::Running && doing(&step.status) == doing(&event.status))
            .map(|step| step.began);
        let step = Step {
            kind: event.kind.clone(),
            status: event.status.clone(),
            phase,
            reason: event.reason.clone().filter(|_| phase == Phase::Failed),
            began: goes_on.unwrap_or(event.at),
            ended: (phase != Phase::Running).then_some(event.at),
            heard: now,
        };
        if earlier.is_none() {
            self.order.push(key.clone());
        }
        self.steps.insert(key.clone(), step);
        self.steps.get(&key)
    }

    /// Everything, in the order in which it was first heard of: stack, logical id, and what is known.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &str, &Step)> {
        self.order.iter().filter_map(|key| Some((key.0.as_str(), key.1.as_str(), self.steps.get(key)?)))
    }
}

/// What is done in a status: `UPDATE_ROLLBACK` in `UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS`.
fn doing(status: &str) -> &str {
    let mut doing = status;
    for end in ["_IN_PROGRESS", "_COMPLETE", "_FAILED", "_SKIPPED", "_COMPLETE_CLEANUP"] {
        doing = doing.strip_suffix(end).unwrap_or(doing);
    }
    doing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, second: i64, status: &str) -> Event {
        Event {
            id: id.to_owned(),
            at: Timestamp::from_second(second).unwrap(),
            stack: "dsm".to_owned(),
            logical_id: "Role".to_owned(),
            physical_id: String::new(),
            kind: "AWS::IAM::Role".to_owned(),
            status: status.to_owned(),
            reason: None,
            token: None,
        }
    }

    /// `STATUS SECONDS` for each event that says something new.
    #[track_caller]
    fn check(events: &[(&str, i64, &str)], expected: &[&str]) {
        let mut timeline = Timeline::default();
        let found: Vec<String> = events
            .iter()
            .filter_map(|(id, second, status)| {
                let step = timeline.apply(&event(id, *second, status), Timestamp::UNIX_EPOCH)?;
                let took = step.took().map(|took| format!(" {}", took.as_secs())).unwrap_or_default();
                Some(format!("{}{took}", step.status))
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn durations_come_from_the_events() {
        check(
            // The second one says "Resource creation Initiated".
            &[("a", 1, "CREATE_IN_PROGRESS"), ("b", 3, "CREATE_IN_PROGRESS"), ("c", 9, "CREATE_COMPLETE")],
            &["CREATE_IN_PROGRESS", "CREATE_COMPLETE 8"],
        );
        check(
            &[
                ("a", 1, "CREATE_IN_PROGRESS"),
                ("c", 9, "CREATE_FAILED"),
                ("d", 10, "DELETE_IN_PROGRESS"),
                ("e", 13, "DELETE_COMPLETE"),
            ],
            &["CREATE_IN_PROGRESS", "CREATE_FAILED 8", "DELETE_IN_PROGRESS", "DELETE_COMPLETE 3"],
        );
        check(
            &[
                ("a", 1, "UPDATE_IN_PROGRESS"),
                ("b", 5, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
                ("c", 9, "UPDATE_COMPLETE"),
            ],
            &["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE 8"],
        );
        check(
            &[
                ("a", 1, "UPDATE_IN_PROGRESS"),
                ("b", 5, "UPDATE_ROLLBACK_IN_PROGRESS"),
                ("c", 9, "UPDATE_ROLLBACK_COMPLETE"),
            ],
            &["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE 4"],
        );
    }

    #[test]
    fn nothing_is_said_twice() {
        check(
            &[
                ("a", 1, "CREATE_IN_PROGRESS"),
                ("c", 9, "CREATE_COMPLETE"),
                ("a", 1, "CREATE_IN_PROGRESS"),
                ("c", 9, "CREATE_COMPLETE"),
            ],
            &["CREATE_IN_PROGRESS", "CREATE_COMPLETE 8"],
        );
        // Its beginning was missed.
        check(&[("c", 9, "CREATE_COMPLETE")], &["CREATE_COMPLETE"]);
        // A clock that goes backwards.
        check(
            &[("a", 9, "CREATE_IN_PROGRESS"), ("c", 1, "CREATE_COMPLETE")],
            &["CREATE_IN_PROGRESS", "CREATE_COMPLETE"],
        );
    }
}
