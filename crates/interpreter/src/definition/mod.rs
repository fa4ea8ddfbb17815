//! A pipeline definition, read and checked: its parameters, and its steps with all that they wait for.
//!
//! Any definition in SageMaker's language will do, whoever wrote it. Nothing is evaluated here, and what a
//! step's type asks of its arguments is left to those who run it.

mod details;
mod fields;
mod order;
mod parameter;
mod policy;
mod read;
mod references;
mod step;
mod steps;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value};

pub use parameter::{Declared, ParameterType};
pub use policy::{Cache, RetryLimit, RetryPolicy};
pub use step::{Branch, Dependency, PropertyFile, Step, StepId, Trigger};

use crate::problem::Problems;

/// The most characters of a definition's text: `CreatePipeline` refuses more.
pub const MOST_CHARACTERS: usize = 1_048_576;

/// A pipeline definition whose references all lead somewhere and whose steps form no cycle.
///
/// # Examples
/// ```
/// use pipewright_interpreter::Definition;
///
/// let definition = Definition::parse(
///     r#"{"Steps": [
///         {"Name": "Prepare", "Type": "Processing", "Arguments": {}},
///         {"Name": "Train", "Type": "Training", "Arguments": {
///             "RoleArn": {"Get": "Steps.Prepare.RoleArn"}
///         }}
///     ]}"#,
/// )?;
/// let train = definition.step("Train").expect("it is there");
/// assert_eq!(definition.steps[train].reads, [0]);
///
/// let problems = Definition::parse(
///     r#"{"Steps": [{"Name": "Train", "Type": "Training", "DependsOn": ["Train2"]}]}"#,
/// ).unwrap_err();
/// assert_eq!(
///     problems.to_string(),
///     r#"Steps[0].DependsOn[0] (step "Train"): the pipeline has no step "Train2"; did you mean "Train"?"#
/// );
/// # Ok::<(), pipewright_interpreter::Problems>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// The run-time parameters, in their order.
    pub parameters: Vec<Declared>,
    /// `PipelineExperimentConfig`, unevaluated: `ExperimentName` and `TrialName`. Empty where the definition
    /// has none.
    pub experiment: Map<String, Value>,
    /// `MlflowConfig`, unevaluated. Empty where the definition has none.
    pub mlflow: Map<String, Value>,
    /// All steps, those of branches and bodies too, in the order of the text. A [`StepId`] is an index of it.
    pub steps: Vec<Step>,
    names: HashMap<String, StepId>,
    declared: HashMap<String, usize>,
}

impl Definition {
    /// Reads a definition's text: the definition itself, or what `DescribePipeline` answers.
    ///
    /// # Errors
    /// Everything that is wrong with it. A text of more than [`MOST_CHARACTERS`] is not looked at, nor is one
    /// that nests deeper than
    /// [`MOST_DEPTH`](crate::evaluate::MOST_DEPTH).
    pub fn parse(text: &str) -> Result<Self, Problems> {
        read::parse(text)
    }

    /// Reads a definition of any size; else like [`parse`](Self::parse).
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_value(definition: &Value) -> Result<Self, Problems> {
        read::from_value(definition)
    }

    /// The step of a name, wherever it stands.
    pub fn step(&self, name: &str) -> Option<StepId> {
        self.names.get(name).copied()
    }

    /// The declared parameter of a name.
    pub fn parameter(&self, name: &str) -> Option<&Declared> {
        self.declared.get(name).and_then(|index| self.parameters.get(*index))
    }

    /// Whether a step stands in the body of a loop.
    pub(crate) fn in_body_of(&self, step: StepId, whole: StepId) -> bool {
        let mut parent = self.steps.get(step).and_then(|step| step.parent);
        while let Some((id, _)) = parent {
            if id == whole {
                return true;
            }
            parent = self.steps.get(id).and_then(|step| step.parent);
        }
        false
    }
}
