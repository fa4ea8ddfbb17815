//! The state of an execution: what has ended, what runs, what may begin.
//!
//! [`Execution`] decides and does nothing else: it starts no process, reads no clock, waits for nobody. [`Execution::next`] says what is to
//! begin now, [`Execution::ended`] takes in how it ended, and every decision is an [`Event`]. Events are all that changes the state, so that
//! an execution that was interrupted is there again when its events are applied to a new one.
//!
//! # What SageMaker does, and what is done here
//!
//! - A step begins when all that it reads or depends on succeeded and its branch was taken. A `DependsOn` with a trigger waits for a step
//!   that failed, was stopped, or ended however.
//! - A step that fails lets nothing new begin; what runs goes on to its end, and the execution is `Failed`. A step that somebody waits
//!   for with the trigger `Failed` or `Any` lets the others go on, and the execution is `CompletedWithFailures`.
//! - A `Fail` step stops what runs, and its message is the execution's reason.
//! - A step that will never begin has no status, as in SageMaker.

mod apply;
mod cache;
mod earlier;
mod graph;
mod loops;
mod name;
mod next;
mod node;
mod result;
mod retry;
mod select;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use cache::cache_key;
use earlier::Taken;
pub use earlier::{Earlier, Hit, Nothing};
pub use select::steps_from;

pub(crate) use name::{execution_arn, pipeline_arn};
pub(crate) use node::{End, Node, State};

use crate::{Definition, Event, Files, Job, Problems, S3Uri, Start, What};
use graph::Shape;
use node::NodeId;

/// How an execution stands: `PipelineExecutionStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Steps run or will.
    Executing,
    /// Nothing new begins, and what runs was told to stop.
    Stopping,
    /// It was stopped.
    Stopped,
    /// A step failed.
    Failed,
    /// Everything that was to run succeeded.
    Succeeded,
    /// A step failed, and other steps waited for just that.
    CompletedWithFailures,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Executing,
        Self::Stopping,
        Self::Stopped,
        Self::Failed,
        Self::Succeeded,
        Self::CompletedWithFailures,
    ];

    /// SageMaker's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Executing => "Executing",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Failed => "Failed",
            Self::Succeeded => "Succeeded",
            Self::CompletedWithFailures => "CompletedWithFailures",
        }
    }

    /// The status of SageMaker's word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether nothing will happen any more.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Executing | Self::Stopping)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What is to be done now.
#[derive(Clone, Debug)]
pub enum Action {
    /// Run this step, and tell [`Execution::ended`] how it ended.
    Start(Arc<Job>),
}

/// What an execution looks at while it decides.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// What conditions and arguments read.
    pub files: &'s dyn Files,
    /// What the cache has.
    pub earlier: &'s dyn Earlier,
}

/// An execution of a pipeline. See the [module](self), and [`drive`](crate::drive()) for what runs one with threads.
///
/// ```
/// use std::sync::Arc;
///
/// use jiff::Timestamp;
/// use pipewright_interpreter::execution::{Action, Nothing, Surroundings};
/// use pipewright_interpreter::scripted::Scripted;
/// use pipewright_interpreter::{Definition, Execution, Outcome, Start, Status, Success};
///
/// let definition = Definition::parse(r#"{"Version": "2020-12-01", "Steps": [
///     {"Name": "Train", "Type": "Training", "Arguments": {}},
///     {"Name": "Model", "Type": "Model", "Arguments": {}, "DependsOn": ["Train"]}
/// ]}"#)?;
/// let now = Timestamp::UNIX_EPOCH;
/// let mut execution = Execution::new(Arc::new(definition), Start::default(), &Nothing, now)?;
/// let files = Scripted::new();
/// let around = Surroundings { files: &files, earlier: &Nothing };
/// let mut order = Vec::new();
/// while !execution.status().is_over() {
///     for Action::Start(job) in execution.next(now, around) {
///         order.push(job.step.clone());
///         execution.ended(&job.step, Outcome::Succeeded(Success::default()), now);
///     }
/// }
/// assert_eq!(order, ["Train", "Model"]);
/// assert_eq!(execution.status(), Status::Succeeded);
/// # Ok::<(), pipewright_interpreter::Problems>(())
/// ```
#[derive(Clone, Debug)]
pub struct Execution {
    definition: Arc<Definition>,
    start: Arc<Start>,
    shape: Shape,
    parameters: BTreeMap<String, Value>,
    experiment: Map<String, Value>,
    mlflow: Map<String, Value>,
    nodes: Vec<Node>,
    names: HashMap<String, NodeId>,
    /// What may begin. What is done here comes first: it waits for no other's end.
    ready: BTreeSet<(bool, NodeId)>,
    retrying: BTreeSet<(Timestamp, NodeId)>,
    /// Loops whose iterations are over and which have not ended themselves.
    over: BTreeSet<NodeId>,
    /// The jobs that run, and how many: a job that ran before an interruption is not here.
    jobs: HashMap<NodeId, Arc<Job>>,
    running: usize,
    at_once: usize,
    status: Status,
    reason: Option<String>,
    began: Option<Timestamp>,
    modified: Timestamp,
    trouble: Trouble,
    stopping: bool,
    events: Vec<Event>,
}

/// What ends of steps mean for the execution.
#[derive(Clone, Debug, Default)]
struct Trouble {
    /// A step failed, and nobody waits for that.
    failing: bool,
    /// A step was stopped, and nobody waits for that.
    halted: bool,
    /// A step failed or was stopped, and another waited for just that.
    expected: bool,
    /// The `Fail` step that was reached.
    failed_by: Option<NodeId>,
}

impl Execution {
    /// A new execution. Nothing has begun yet but the execution itself; what it takes from an earlier run it has by now.
    ///
    /// # Errors
    /// Every parameter and every selected step that is wrong, and every result that the earlier run lacks.
    pub fn new(
        definition: Arc<Definition>,
        start: Start,
        earlier: &dyn Earlier,
        now: Timestamp,
    ) -> Result<Self, Problems> {
        let (mut execution, taken) = Self::prepare(definition, start, earlier, now)?;
        execution.begin(now, false);
        execution.take(taken, now);
        Ok(execution)
    }

    /// An execution that goes on after these events. Ended steps keep their results; steps that ran when the events break off begin again
    /// with the next attempt. With `retry`, steps that failed or were stopped run again, too, as by `RetryPipelineExecution`; without
    /// it, an execution that ended stays as it is.
    ///
    /// # Errors
    /// As [`Execution::new`].
    pub fn replay(
        definition: Arc<Definition>,
        start: Start,
        events: &[Event],
        earlier: &dyn Earlier,
        retry: bool,
        now: Timestamp,
    ) -> Result<Self, Problems> {
        let (mut execution, taken) = Self::prepare(definition, start, &Taken::new(events, earlier), now)?;
        for event in events {
            execution.apply(event);
        }
        let goes_on = !execution.status.is_over() || (retry && execution.status != Status::Succeeded);
        if goes_on {
            execution.begin(now, retry && execution.began.is_some());
            execution.take(taken, now);
        }
        Ok(execution)
    }

    /// The execution that these events tell of, to be looked at: nothing goes on.
    ///
    /// # Errors
    /// Where the start's parameters do not fit the definition.
    pub fn look_at(definition: Arc<Definition>, start: Start, events: &[Event]) -> Result<Self, Problems> {
        // What is selected or taken is in the events.
        let now = events.first().map_or(Timestamp::UNIX_EPOCH, |event| event.time);
        let narrow = Start { selected: Vec::new(), from: None, ..start.clone() };
        let (mut execution, _) = Self::prepare(definition, narrow, &Nothing, now)?;
        execution.start = Arc::new(start);
        for event in events {
            execution.apply(event);
        }
        Ok(execution)
    }

    fn prepare(
        definition: Arc<Definition>,
        start: Start,
        earlier: &dyn Earlier,
        now: Timestamp,
    ) -> Result<(Self, Vec<(NodeId, Hit)>), Problems> {
        let parameters = crate::evaluate::parameters(&definition.parameters, &start.parameters)?;
        let shape = Shape::new(&definition);
        let mut nodes = shape.nodes(&definition);
        let taken = select::select(&definition, &shape, &start, earlier, &mut nodes)?;
        let names = nodes.iter().enumerate().map(|(id, node)| (node.name.clone(), id)).collect();
        let waits = |node: &Node| node.state == State::Waiting && node.pending == 0;
        let ready = nodes.iter().enumerate().filter(|(_, node)| waits(node));
        let ready = ready.map(|(id, node)| (node.is_job, id)).collect();
        let at_once =
            start.parallelism.map_or(usize::MAX, |most| usize::try_from(most.max(1)).unwrap_or(usize::MAX));
        let mut execution = Self {
            definition,
            start: Arc::new(start),
            shape,
            parameters,
            experiment: Map::new(),
            mlflow: Map::new(),
            nodes,
            names,
            ready,
            retrying: BTreeSet::new(),
            over: BTreeSet::new(),
            jobs: HashMap::new(),
            running: 0,
            at_once,
            status: Status::Executing,
            reason: None,
            began: None,
            modified: now,
            trouble: Trouble::default(),
            stopping: false,
            events: Vec::new(),
        };
        let (experiment, mlflow) = execution.settings(now);
        (execution.experiment, execution.mlflow) = (experiment, mlflow);
        Ok((execution, taken))
    }

    /// `PipelineExperimentConfig` and `MlflowConfig`, evaluated; members without a value are left out.
    fn settings(&self, now: Timestamp) -> (Map<String, Value>, Map<String, Value>) {
        let view = view::View { execution: self, node: None, job: "", now, files: &Nowhere };
        let evaluated = |members: &Map<String, Value>| {
            let values = members.iter().filter_map(|(name, value)| {
                let value = crate::evaluate::evaluate(value, &view).ok()?;
                (!value.is_null()).then(|| (name.clone(), value))
            });
            values.collect()
        };
        (evaluated(&self.definition.experiment), evaluated(&self.definition.mlflow))
    }

    fn begin(&mut self, now: Timestamp, retry: bool) {
        let parameters = self.parameters.clone();
        self.emit(now, What::Began { parameters, retry });
    }

    fn take(&mut self, taken: Vec<(NodeId, Hit)>, now: Timestamp) {
        for (id, Hit { run, properties, metadata }) in taken {
            let node = &self.nodes[id];
            if !matches!(node.state, State::Outside | State::Waiting) || node.attempted {
                continue;
            }
            let step = node.name.clone();
            self.emit(now, What::StepSucceeded { step, properties, metadata, taken_from: Some(run) });
        }
    }

    fn emit(&mut self, now: Timestamp, what: What) {
        let event = Event { time: now, what };
        self.apply(&event);
        self.events.push(event);
    }

    /// What happened since this was called last, in order. To be written down before the actions that came with it are done.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        match self.status {
            Status::Executing if self.wants_stop() => Status::Stopping,
            status => status,
        }
    }

    /// Why it failed.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether what runs should be told to stop: it was asked for, or a `Fail` step was reached.
    pub fn wants_stop(&self) -> bool {
        self.stopping || self.trouble.failed_by.is_some()
    }

    /// Asks for everything to stop: nothing new begins.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// Has no more jobs at once than this, whatever the start says.
    pub fn limit(&mut self, at_once: usize) {
        self.at_once = self.at_once.min(at_once.max(1));
    }

    /// When there is something to do though nothing ends: the next retry.
    pub fn wake_at(&self) -> Option<Timestamp> {
        if self.winds_up() {
            return None;
        }
        self.retrying.first().map(|(at, _)| *at)
    }

    /// The values of all parameters.
    pub fn parameters(&self) -> &BTreeMap<String, Value> {
        &self.parameters
    }

    /// What it was started with.
    pub fn start(&self) -> &Arc<Start> {
        &self.start
    }

    /// What is run.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn settings_of_experiment(&self) -> (&Map<String, Value>, &Map<String, Value>) {
        (&self.experiment, &self.mlflow)
    }

    pub(crate) fn times(&self) -> (Option<Timestamp>, Timestamp) {
        (self.began, self.modified)
    }

    /// The item of an iteration.
    pub(crate) fn item_of(&self, node: &Node) -> Option<&Value> {
        let (owner, index) = node.iteration?;
        self.nodes[owner].iterations.as_ref()?.items.get(index)
    }

    /// Whether nothing new begins.
    fn winds_up(&self) -> bool {
        self.stopping || self.trouble.failing || self.trouble.halted
    }

    fn is_ready(&mut self, id: NodeId) {
        self.ready.insert((self.nodes[id].is_job, id));
    }

    fn is_not_ready(&mut self, id: NodeId) {
        self.ready.remove(&(self.nodes[id].is_job, id));
    }

    fn node(&self, name: &str) -> Option<NodeId> {
        self.names.get(name).copied()
    }
}

/// No objects.
struct Nowhere;

impl Files for Nowhere {
    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String> {
        Err(format!("{object} is not read here"))
    }
}
