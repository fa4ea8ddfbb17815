//! A run that ended, to assert on.

use std::fmt;

use pipewright_interpreter::scripted::Ran;
use pipewright_interpreter::{Job, Status, What};
use serde_json::Value;

use super::path;
use super::synthesis::Synthesis;

/// A run that ended: which steps ran with what, which branch was taken, how it ended.
#[derive(Clone, Debug)]
pub struct Run {
    ran: Ran,
    synthesis: Synthesis,
}

impl Run {
    pub(super) fn new(ran: Ran, synthesis: Synthesis) -> Self {
        Self { ran, synthesis }
    }

    /// How it ended, in SageMaker's word: `Succeeded`, `Failed`, `Stopped` or `CompletedWithFailures`.
    pub fn status(&self) -> &'static str {
        self.ran.status().name()
    }

    /// Asserts that it succeeded.
    ///
    /// # Panics
    /// Where it did not: with the reason, and how each step ended.
    #[track_caller]
    pub fn assert_succeeded(&self) -> &Self {
        assert!(self.ran.status() == Status::Succeeded, "the run was expected to succeed:\n{self}");
        self
    }

    /// Why it failed: the message of a Fail step, or SageMaker's sentence that steps failed; which and why says
    /// [`step_failure`](Self::step_failure).
    ///
    /// # Panics
    /// Where it did not fail, or for no reason.
    #[track_caller]
    pub fn failure_reason(&self) -> &str {
        match self.ran.reason() {
            Some(reason) if self.ran.status() == Status::Failed => reason,
            _ => panic!("the run was expected to fail:\n{self}"),
        }
    }

    /// The steps that ran, each once, in the order in which they began.
    pub fn path(&self) -> Vec<&str> {
        let began = self.ran.events().iter().filter_map(|event| match &event.what {
            What::StepBegan { step, .. } => Some(step.as_str()),
            _ => None,
        });
        let mut path = Vec::new();
        for step in began {
            if !path.contains(&step) {
                path.push(step);
            }
        }
        path
    }

    /// Whether a Condition step took this branch: `true` is that of `then`, `false` that of `otherwise`.
    ///
    /// # Panics
    /// Where there is no such step, or it was not reached.
    #[track_caller]
    pub fn took(&self, condition: &str, branch: bool) -> bool {
        self.known(condition);
        match self.ran.outcome(condition) {
            Some(outcome) => outcome == branch,
            None => panic!("condition {condition:?} was not decided:\n{self}"),
        }
    }

    /// Whether the step began.
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn ran(&self, step: &str) -> bool {
        self.known(step);
        self.path().contains(&step)
    }

    /// Whether the step never began: it is in the other branch, or an earlier one failed.
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn skipped(&self, step: &str) -> bool {
        !self.ran(step)
    }

    /// How often the step's job was started: 0 where it never was, more than 1 after retries.
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn attempts(&self, step: &str) -> usize {
        self.known(step);
        self.ran.jobs().iter().filter(|job| job.step == step).count()
    }

    /// What the step's job was started with at its last attempt.
    ///
    /// # Panics
    /// Where there is no such step, or it started no job.
    #[track_caller]
    pub fn job(&self, step: &str) -> StartedJob<'_> {
        self.known(step);
        match self.ran.job(step) {
            Some(job) => StartedJob { job },
            None => panic!("step {step:?} started no job:\n{self}"),
        }
    }

    /// What others read of the step, at a path such as `ModelArtifacts.S3ModelArtifacts`; at an empty path all of it.
    ///
    /// # Panics
    /// Where there is no such step, it did not end, or has no such property.
    #[track_caller]
    pub fn property(&self, step: &str, path: &str) -> &Value {
        self.known(step);
        let Some(properties) = self.ran.properties(step) else {
            panic!("step {step:?} did not end:\n{self}");
        };
        match path::find(properties, path, "") {
            Ok(value) => value,
            Err(why) => panic!("the properties of step {step}: {why}"),
        }
    }

    /// How the step ended, `Succeeded`, `Failed` or `Stopped`; `None` where it never began.
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn step_status(&self, step: &str) -> Option<&'static str> {
        self.known(step);
        self.ran.step_status(step)
    }

    /// Why the step failed.
    ///
    /// # Panics
    /// Where there is no such step, or it did not fail.
    #[track_caller]
    pub fn step_failure(&self, step: &str) -> &str {
        self.known(step);
        match self.ran.step_reason(step) {
            Some(reason) if self.ran.step_status(step) == Some("Failed") => reason,
            _ => panic!("step {step:?} was expected to fail:\n{self}"),
        }
    }

    /// What `aws sagemaker describe-pipeline-execution` would answer.
    pub fn describe(&self) -> Value {
        self.ran.execution_record()
    }

    /// What `aws sagemaker list-pipeline-execution-steps` would answer, in the order in which the steps began.
    pub fn list_steps(&self) -> Value {
        self.ran.steps_record()
    }

    #[track_caller]
    fn known(&self, step: &str) {
        self.synthesis.step(step.rsplit_once("].").map_or(step, |(_, body)| body));
    }
}

/// How the run and each of its steps ended, a line each.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.synthesis.answer.name, self.status())?;
        if let Some(reason) = self.ran.reason() {
            write!(f, ": {reason}")?;
        }
        for step in self.path() {
            write!(f, "\n  {step} {}", self.ran.step_status(step).unwrap_or("did not end"))?;
            if let Some(outcome) = self.ran.outcome(step) {
                write!(f, ": {outcome}")?;
            }
            if let Some(reason) = self.ran.step_reason(step) {
                write!(f, ": {reason}")?;
            }
        }
        Ok(())
    }
}

/// The request of a job, every expression in it evaluated.
#[derive(Clone, Copy, Debug)]
pub struct StartedJob<'r> {
    job: &'r Job,
}

impl<'r> StartedJob<'r> {
    /// The job's name, as SageMaker makes it.
    pub fn name(&self) -> &'r str {
        &self.job.name
    }

    /// The whole request.
    pub fn arguments(&self) -> &'r Value {
        &self.job.arguments
    }

    /// One argument, by its path: `TransformInput.DataSource.S3DataSource.S3Uri`, `InputDataConfig['train']`.
    ///
    /// # Panics
    /// Where there is nothing at that path, with how far it leads and what there is.
    #[track_caller]
    pub fn argument(&self, path: &str) -> &'r Value {
        match path::find(&self.job.arguments, path, "Arguments") {
            Ok(value) => value,
            Err(why) => panic!("the job of step {}: {why}", self.job.step),
        }
    }
}
