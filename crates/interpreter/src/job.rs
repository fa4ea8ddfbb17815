//! What a step asks of its runner, and what the runner answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::S3Uri;

/// What an execution is started with: SageMaker's `StartPipelineExecution`, and who it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The pipeline's name.
    pub pipeline: String,
    /// What the definition's `Execution.PipelineExecutionId` is: twelve characters `a-z0-9` in SageMaker.
    pub execution_id: String,
    /// The account that ARNs name, twelve digits.
    pub account: String,
    /// The region that ARNs name.
    pub region: String,
    /// Values of run-time parameters, by name; the others have their defaults. A text such as `3` is taken for an Integer.
    pub parameters: BTreeMap<String, Value>,
    /// How many steps may run at once: `MaxParallelExecutionSteps`. `None`: as many as are ready.
    pub parallelism: Option<u32>,
    /// Selective execution: run these steps alone, 1 to 50 of them, and take what they read of others from `source`. Empty: run all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selected: Vec<String>,
    /// Run this step and what comes after it, and take all others from `source`, as far as they succeeded there. Not together
    /// with `selected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The `execution_id` of the earlier run that results are taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Why steps do not take results from the cache, although they say so: `false` is `--no-cache`.
    pub use_cache: bool,
}

/// One step, ready to run: every expression in it has become a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The step's name in the definition; in a `ForEach`, `LOOP[INDEX].BODY`.
    pub step: String,
    /// The step's `Type`, such as `Training`.
    pub kind: String,
    /// A name for the job, as SageMaker makes them: `pipelines-EXECUTION-STEP-SUFFIX`, at most 63 characters `[A-Za-z0-9-]`
    /// (32 for tuning jobs). The same at every run of the same attempt.
    pub name: String,
    /// The ARN of the job that goes with the name, such as `arn:aws:sagemaker:REGION:ACCOUNT:processing-job/NAME`.
    pub arn: String,
    /// The step's `Arguments`.
    pub arguments: Value,
    /// The step's other members, evaluated: `FunctionArn`, `OutputParameters`, `PropertyFiles`, `CheckType`, …
    pub members: Map<String, Value>,
    /// 0 at first, counted up by retries.
    pub attempt: u32,
    /// What it belongs to.
    pub start: Arc<Start>,
    /// When it began.
    pub began: Timestamp,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It did its work.
    Succeeded(Success),
    /// It did not.
    Failed(Failure),
    /// It was told to stop and did.
    Stopped,
}

/// What a step leaves for those after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Success {
    /// What `Steps.NAME.…` reads: the shape of the job's `Describe…` response (for Lambda and Callback `OutputParameters` as
    /// an object from name to value). Members that the request has and this lacks are taken from the arguments.
    pub properties: Value,
    /// The step's own entry in `Metadata` of `ListPipelineExecutionSteps`, such as `{"ProcessingJob": {"Arn": …}}`. `None`: what
    /// follows from the step's type and the job's ARN.
    pub metadata: Option<Value>,
}

/// Why a step failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// The reason, as `FailureReason` shows it: at most 1,024 characters are kept.
    pub reason: String,
    /// The exception that retry policies ask for, such as `SageMaker.CAPACITY_ERROR` or `Step.SERVICE_FAULT`.
    pub exception: Option<String>,
    /// What there is of properties.
    pub properties: Value,
}

impl Failure {
    /// A failure for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }
}

/// Does the work of steps. Called from several threads at once, one for each step that runs.
pub trait Runner: Sync {
    /// Runs the step and returns when it has ended. Returns [`Outcome::Stopped`] soon after `control` says stop.
    fn run(&self, job: &Job, control: &Control<'_>) -> Outcome;
}

/// What a running step and its execution have to tell each other.
pub struct Control<'c> {
    stop: &'c Stop,
    line: &'c (dyn Fn(&str) + Sync),
}

impl<'c> Control<'c> {
    /// A control that obeys `stop` and hands each line of the step's log to `line`.
    pub fn new(stop: &'c Stop, line: &'c (dyn Fn(&str) + Sync)) -> Self {
        Self { stop, line }
    }

    /// What says that everything is to stop.
    pub fn stop(&self) -> &Stop {
        self.stop
    }

    /// Tells one line of the step's log to those who watch.
    pub fn line(&self, text: &str) {
        (self.line)(text);
    }
}

impl std::fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("stop", &self.stop).finish_non_exhaustive()
    }
}

/// A wish to stop, shared by all who should hear of it.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    state: Arc<(std::sync::Mutex<bool>, std::sync::Condvar)>,
}

impl Stop {
    /// Asks all to stop.
    pub fn ask(&self) {
        let (asked, changed) = &*self.state;
        *asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        *self.state.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits until it is asked for, at most this long; says whether it was.
    pub fn wait(&self, at_most: Duration) -> bool {
        let (asked, changed) = &*self.state;
        let guard = asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let waited = changed.wait_timeout_while(guard, at_most, |asked| !*asked);
        *waited.unwrap_or_else(std::sync::PoisonError::into_inner).0
    }
}

/// Reads objects of S3, for `JsonGet`.
pub trait Files: Sync {
    /// The object's content.
    ///
    /// # Errors
    /// Why it can't be read: not there, too large (4 MB are plenty), no such bucket.
    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String>;
}

/// What time it is, and how to let it pass.
pub trait Clock: Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Lets this much time pass, or less where `stop` is asked for.
    fn pause(&self, time: Duration, stop: &Stop);
}
