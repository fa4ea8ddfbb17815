//! A step as the definition has it.

use std::fmt;

use serde_json::{Map, Value};

use super::policy::{Cache, RetryPolicy};

/// A step's index in [`Definition::steps`](super::Definition::steps).
pub type StepId = usize;

/// A step, unevaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, unlike that of every other step.
    pub name: String,
    /// Its `Type`, such as `Training`.
    pub kind: String,
    /// Its `Arguments`, without the steps in them (`IfSteps`, `ElseSteps`, `ForEachBody`). An empty object
    /// where it has none.
    pub arguments: Value,
    /// What else it has: `FunctionArn`, `OutputParameters`, `PropertyFiles`, `CheckType`, … Members that are
    /// null are left out, and those that the other fields of this hold, but `PropertyFiles`.
    pub members: Map<String, Value>,
    /// `DisplayName`.
    pub display_name: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `DependsOn`, each step once. For a loop: also what its body depends on outside of it.
    pub depends_on: Vec<Dependency>,
    /// The steps whose results its own expressions read, each once, in the order of the text. For a loop:
    /// also those that its body reads from outside of it. Of a step in a branch its condition doesn't wait.
    pub reads: Vec<StepId>,
    /// The step that it stands in, and where.
    pub parent: Option<(StepId, Branch)>,
    /// The steps that stand in it directly, in the order of the text: those of both branches, or of the body.
    pub children: Vec<StepId>,
    /// `RetryPolicies`, in their order.
    pub retry: Vec<RetryPolicy>,
    /// `CacheConfig`.
    pub cache: Option<Cache>,
    /// `PropertyFiles`.
    pub property_files: Vec<PropertyFile>,
    /// Its index in the list that it stands in, and the lists around: `Steps[3].Arguments.IfSteps[0]`.
    pub path: String,
}

/// Where a step stands within another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Branch {
    /// In `IfSteps` of a Condition step.
    If,
    /// In `ElseSteps` of a Condition step.
    Else,
    /// In `ForEachBody` of a `ForEach` step. SageMaker names what runs `NAME-INDEX`, with the body step's
    /// name.
    Body,
}

/// An entry of `DependsOn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The step that is waited for.
    pub step: StepId,
    /// How it has to end.
    pub trigger: Trigger,
}

/// How a step has to end for one that depends on it to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trigger {
    /// It succeeded: what a plain name says.
    #[default]
    Completed,
    /// It failed.
    Failed,
    /// It was stopped.
    Stopped,
    /// It ended, however.
    Any,
}

impl Trigger {
    pub(super) const ALL: [Self; 4] = [Self::Completed, Self::Failed, Self::Stopped, Self::Any];

    /// As a definition writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
            Self::Any => "Any",
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A file among a processing job's outputs that expressions read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyFile {
    /// `PropertyFileName`.
    pub name: String,
    /// `OutputName`: the output that it is in.
    pub output: String,
    /// `FilePath`: where in the output. Relative, and doesn't leave it.
    pub path: String,
}
