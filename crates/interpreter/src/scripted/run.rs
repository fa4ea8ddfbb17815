//! A scripted run, from its start to what it left.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Scripted;
use crate::execution::{Action, End, Nothing, State, Surroundings};
use crate::problem::similar;
use crate::{Definition, Earlier, Event, Execution, Job, Outcome, Problem, Problems, Start, Status, record};

/// When scripted runs begin: 2024-01-01T00:00:00Z.
const BEGIN: i64 = 1_704_067_200;

/// How long a scripted step takes.
const STEP: SignedDuration = SignedDuration::from_secs(1);

/// A run that ended.
#[derive(Clone, Debug)]
pub struct Ran {
    execution: Execution,
    events: Vec<Event>,
    jobs: Vec<Arc<Job>>,
}

impl Ran {
    /// How it ended.
    pub fn status(&self) -> Status {
        self.execution.status()
    }

    /// Why it failed, as `DescribePipelineExecution` says it.
    pub fn reason(&self) -> Option<&str> {
        self.execution.reason()
    }

    /// Everything that happened.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every attempt of every step that a runner does, in the order in which they began, with evaluated arguments.
    pub fn jobs(&self) -> &[Arc<Job>] {
        &self.jobs
    }

    /// The last attempt of a step; in a loop `LOOP[INDEX].BODY`.
    pub fn job(&self, step: &str) -> Option<&Job> {
        self.jobs.iter().rev().find(|job| job.step == step).map(Arc::as_ref)
    }

    /// How a step ended; `None` where it has not begun.
    pub fn step_status(&self, step: &str) -> Option<&'static str> {
        let node = self.execution.nodes().iter().find(|node| node.name == step)?;
        match node.state {
            State::Ended(End::Succeeded) => Some("Succeeded"),
            State::Ended(End::Failed) => Some("Failed"),
            State::Ended(End::Stopped) => Some("Stopped"),
            _ => None,
        }
    }

    /// Why a step failed.
    pub fn step_reason(&self, step: &str) -> Option<&str> {
        self.execution.nodes().iter().find(|node| node.name == step)?.reason.as_deref()
    }

    /// The properties of a step that ended.
    pub fn properties(&self, step: &str) -> Option<&Value> {
        let node = self.execution.nodes().iter().find(|node| node.name == step)?;
        matches!(node.state, State::Ended(_)).then_some(&node.properties)
    }

    /// Which branch a Condition step took: `true` is `IfSteps`. `None` where it was not decided.
    pub fn outcome(&self, condition: &str) -> Option<bool> {
        Some(self.properties(condition)?.get("Outcome")?.as_str()? == "True")
    }

    /// The names of the steps that succeeded, in the order of the definition; those of loops' iterations after them.
    pub fn succeeded(&self) -> Vec<&str> {
        let nodes = self.execution.nodes().iter();
        nodes
            .filter(|node| node.state == State::Ended(End::Succeeded))
            .map(|node| node.name.as_str())
            .collect()
    }

    /// What `DescribePipelineExecution` would answer.
    pub fn execution_record(&self) -> Value {
        record::execution(&self.execution)
    }

    /// What `ListPipelineExecutionSteps` would answer.
    pub fn steps_record(&self) -> Value {
        record::steps(&self.execution)
    }

    /// The execution itself.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }
}

/// Runs a definition with scripted results, without an earlier run. What the start does not say of names is filled in: the pipeline
/// `pipeline`, the execution `000000000000`, the account `000000000000`, the region `us-east-1`.
///
/// # Errors
/// Parameters and selected steps that are wrong, and scripts for steps that there are none of.
pub fn run_scripted(
    definition: &Arc<Definition>,
    start: Start,
    scripted: &Scripted,
) -> Result<Ran, Problems> {
    run_scripted_with(definition, start, scripted, &Nothing)
}

/// As [`run_scripted`], with results of earlier runs.
///
/// # Errors
/// As [`run_scripted`].
pub fn run_scripted_with(
    definition: &Arc<Definition>,
    start: Start,
    scripted: &Scripted,
    earlier: &dyn Earlier,
) -> Result<Ran, Problems> {
    known(definition, scripted)?;
    scripted.forget();
    let mut now = Timestamp::from_second(BEGIN).unwrap_or_default();
    let mut execution = Execution::new(Arc::clone(definition), named(start), earlier, now)?;
    let around = Surroundings { files: scripted, earlier };
    let (mut events, mut jobs, mut running) = (Vec::new(), Vec::new(), VecDeque::new());
    loop {
        for Action::Start(job) in execution.next(now, around) {
            jobs.push(Arc::clone(&job));
            running.push_back(job);
        }
        events.append(&mut execution.take_events());
        if let Some(job) = running.pop_front() {
            let outcome = if execution.wants_stop() { Outcome::Stopped } else { scripted.outcome(&job) };
            now += STEP;
            execution.ended(&job.step, outcome, now);
        } else if let Some(at) = execution.wake_at() {
            now = now.max(at);
        } else {
            break;
        }
    }
    Ok(Ran { execution, events, jobs })
}

/// Names for what a test does not name.
fn named(mut start: Start) -> Start {
    let defaults = [
        (&mut start.pipeline, "pipeline"),
        (&mut start.execution_id, "000000000000"),
        (&mut start.account, "000000000000"),
        (&mut start.region, "us-east-1"),
    ];
    for (value, default) in defaults {
        if value.is_empty() {
            default.clone_into(value);
        }
    }
    start
}

/// A script for a step that there is none of is a slip of the test's.
fn known(definition: &Definition, scripted: &Scripted) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for name in scripted.steps() {
        let body = name.rsplit_once("].").map_or(name, |(_, body)| body);
        if definition.step(body).is_none() {
            let problem =
                Problem::new("", format!("a script is for step {name:?}, which the pipeline does not have"));
            let known = similar(body, definition.steps.iter().map(|step| step.name.as_str()));
            problems.push(match known {
                Some(known) => problem.help(format!("did you mean {known:?}?")),
                None => problem,
            });
        }
    }
    problems.or(())
}
