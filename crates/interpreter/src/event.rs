//! What happens in an execution, one line of its journal each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that happened. As JSON it is one line of a run's journal; an execution can be rebuilt from its definition, its
/// [`Start`](crate::Start) and its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// The execution began, or went on after an interruption.
    Began {
        /// Every parameter's value.
        parameters: BTreeMap<String, Value>,
        /// Whether steps that failed or were stopped run again from here on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        retry: bool,
    },
    /// A step began; its arguments are known now.
    StepBegan {
        /// The step's name.
        step: String,
        /// Which attempt: 0 at first.
        attempt: u32,
        /// The job's name and ARN where the step is a job.
        job: String,
        /// The evaluated arguments.
        arguments: Value,
        /// What the step cache knows this result by, where the step has a cache: equal for equal work of the same pipeline.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache: Option<String>,
    },
    /// An attempt failed, and a policy says to try again.
    StepRetries {
        /// The step's name.
        step: String,
        /// Why the attempt failed.
        reason: String,
        /// The next attempt.
        attempt: u32,
        /// When it begins.
        at: Timestamp,
    },
    /// A step succeeded.
    StepSucceeded {
        /// The step's name.
        step: String,
        /// What others read of it.
        properties: Value,
        /// Its `Metadata`.
        metadata: Value,
        /// The `execution_id` of the run that it was taken from. With a [`What::StepBegan`] before it the cache had it, without one
        /// it is outside of what was to run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taken_from: Option<String>,
    },
    /// A step failed.
    StepFailed {
        /// The step's name.
        step: String,
        /// Why.
        reason: String,
        /// What there is of properties.
        properties: Value,
        /// Its `Metadata`.
        metadata: Value,
    },
    /// A step was told to stop.
    StepStopped {
        /// The step's name.
        step: String,
    },
    /// The execution ended.
    Ended {
        /// `Succeeded`, `Failed`, `Stopped` or `CompletedWithFailures`.
        status: String,
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}
