//! What earlier executions left: results for the step cache, for selections and for runs from a step on.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{Event, What};

/// A result of an earlier execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The `execution_id` of the run that the step really ran in.
    pub run: String,
    /// What others read of the step.
    pub properties: Value,
    /// Its `Metadata`.
    pub metadata: Value,
}

/// Knows the results of earlier executions of pipelines on this machine.
pub trait Earlier: Sync {
    /// The newest step of any earlier execution of `pipeline` that has this key ([`What::StepBegan`](crate::What::StepBegan) has
    /// it in `cache`), succeeded by itself, and ended at `not_older_than` or later.
    fn cached(&self, pipeline: &str, key: &str, not_older_than: Timestamp) -> Option<Hit>;

    /// The step as it succeeded in this very run, itself or taken from another; `None` where it did not succeed there.
    fn of_run(&self, run: &str, step: &str) -> Option<Hit>;

    /// Whether there is such a run of this pipeline.
    fn has_run(&self, pipeline: &str, run: &str) -> bool;
}

/// No earlier execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Earlier for Nothing {
    fn cached(&self, _: &str, _: &str, _: Timestamp) -> Option<Hit> {
        None
    }

    fn of_run(&self, _: &str, _: &str) -> Option<Hit> {
        None
    }

    fn has_run(&self, _: &str, _: &str) -> bool {
        false
    }
}

/// Earlier executions as one that goes on sees them: what it took before it was interrupted it has, whatever became of the run that it
/// was taken from.
pub(super) struct Taken<'e> {
    hits: HashMap<&'e str, Hit>,
    began: bool,
    earlier: &'e dyn Earlier,
}

impl<'e> Taken<'e> {
    pub(super) fn new(events: &'e [Event], earlier: &'e dyn Earlier) -> Self {
        let hits = events.iter().filter_map(|event| match &event.what {
            What::StepSucceeded { step, properties, metadata, taken_from: Some(run) } => {
                let hit =
                    Hit { run: run.clone(), properties: properties.clone(), metadata: metadata.clone() };
                Some((step.as_str(), hit))
            }
            _ => None,
        });
        Self { hits: hits.collect(), began: !events.is_empty(), earlier }
    }
}

impl Earlier for Taken<'_> {
    fn cached(&self, pipeline: &str, key: &str, not_older_than: Timestamp) -> Option<Hit> {
        self.earlier.cached(pipeline, key, not_older_than)
    }

    fn of_run(&self, run: &str, step: &str) -> Option<Hit> {
        self.hits.get(step).cloned().or_else(|| self.earlier.of_run(run, step))
    }

    fn has_run(&self, pipeline: &str, run: &str) -> bool {
        self.began || self.earlier.has_run(pipeline, run)
    }
}
