//! One step of an execution, or one of its steps in one iteration of a loop, and how it stands.

use jiff::Timestamp;
use serde_json::Value;

use crate::definition::{StepId, Trigger};

/// An index of an execution's nodes. Those of steps outside of loops' bodies are their [`StepId`]s; those of iterations come after.
pub(crate) type NodeId = usize;

/// A step and how it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The step of the definition.
    pub(crate) step: StepId,
    /// Whether a runner does it; the others are done here.
    pub(crate) is_job: bool,
    /// What events call it: the step's name, or `LOOP[INDEX].BODY`.
    pub(crate) name: String,
    /// The loop that it belongs to, and which iteration.
    pub(crate) iteration: Option<(NodeId, usize)>,
    pub(crate) state: State,
    /// Whom it waits for. Not changed once the node is there.
    pub(crate) needs: Vec<(NodeId, Need)>,
    /// Who waits for it.
    pub(crate) dependents: Vec<(NodeId, Need)>,
    /// How many of `needs` are not met yet, and one more while its iteration is not open.
    pub(crate) pending: usize,
    /// The attempt that runs or ran last; with `State::Waiting` the one to come.
    pub(crate) attempt: u32,
    /// How often it was retried by its policies.
    pub(crate) retries: u32,
    /// When the first attempt began.
    pub(crate) began: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) properties: Value,
    pub(crate) metadata: Value,
    pub(crate) reason: Option<String>,
    pub(crate) taken_from: Option<String>,
    /// Whether an attempt began, ever: what is taken without one is outside of what was to run.
    pub(crate) attempted: bool,
    /// The iterations, where it is a loop that began.
    pub(crate) iterations: Option<Box<super::loops::Iterations>>,
}

impl Node {
    pub(crate) fn new(step: StepId, is_job: bool, name: String, iteration: Option<(NodeId, usize)>) -> Self {
        Self {
            step,
            is_job,
            name,
            iteration,
            state: State::Waiting,
            needs: Vec::new(),
            dependents: Vec::new(),
            pending: 0,
            attempt: 0,
            retries: 0,
            began: None,
            ended: None,
            properties: Value::Null,
            metadata: Value::Null,
            reason: None,
            taken_from: None,
            attempted: false,
            iterations: None,
        }
    }

    /// Whether somebody waits for just this: that it does not succeed.
    pub(crate) fn expected_to_end(&self, end: End) -> bool {
        self.dependents.iter().any(|(_, need)| match need {
            Need::Ends(Trigger::Any) => true,
            Need::Ends(Trigger::Failed) => end == End::Failed,
            Need::Ends(Trigger::Stopped) => end == End::Stopped,
            Need::Ends(Trigger::Completed) | Need::Outcome(_) => false,
        })
    }
}

/// How a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It takes no part: a body's step as such, or a step that is not selected.
    Outside,
    /// It waits for others, or for its turn.
    Waiting,
    /// It runs.
    Running,
    /// It failed and runs again at this time.
    Retrying(Timestamp),
    /// It ended.
    Ended(End),
}

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    Failed,
    Stopped,
    /// It will never run, as what it waits for did not come about.
    Skipped,
}

/// What a node needs of another to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// That it ends so.
    Ends(Trigger),
    /// That this condition takes this branch.
    Outcome(bool),
}

impl Need {
    /// Whether it is met by a node that ended.
    pub(crate) fn is_met(self, end: End, properties: &Value) -> bool {
        match self {
            Self::Ends(Trigger::Completed) => end == End::Succeeded,
            Self::Ends(Trigger::Failed) => end == End::Failed,
            Self::Ends(Trigger::Stopped) => end == End::Stopped,
            Self::Ends(Trigger::Any) => end != End::Skipped,
            Self::Outcome(branch) => {
                let outcome = properties.get("Outcome").and_then(Value::as_str);
                end == End::Succeeded && outcome == Some(if branch { "True" } else { "False" })
            }
        }
    }
}
