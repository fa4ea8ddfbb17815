//! What expressions can ask for, and what is said where there is no answer.

use serde_json::Value;

use super::expression::Malformed;
use crate::S3Uri;
use crate::definition::PropertyFile;

/// What expressions can ask for while a step is evaluated.
pub trait Scope {
    /// The value of a run-time parameter.
    fn parameter(&self, name: &str) -> Option<&Value>;

    /// An execution variable, such as `PipelineExecutionId`. Times are text such as
    /// `2024-05-06T07:08:09.123Z`. `None`: not known here, as `TrainingJobName` outside of a training step.
    fn execution(&self, variable: &str) -> Option<Value>;

    /// A member of `PipelineExperimentConfig`, evaluated.
    fn experiment(&self, member: &str) -> Option<Value>;

    /// The properties of a step that has ended, by name; in a loop's body, of this iteration's. `None`: it
    /// has not run.
    fn properties(&self, step: &str) -> Option<&Value>;

    /// The evaluated arguments of a step that ran or runs: what properties lack is looked for here.
    fn arguments(&self, step: &str) -> Option<&Value>;

    /// The property file that a step declares under a name.
    fn property_file(&self, step: &str, name: &str) -> Option<&PropertyFile>;

    /// `ForEach.CurrentItem`: the item of the iteration. `None`: not in a loop.
    fn item(&self) -> Option<&Value>;

    /// Reads an object of S3.
    ///
    /// # Errors
    /// Why it can't be read.
    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String>;
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct EvaluationError {
    /// Where it stands in what was evaluated, such as `ContainerArguments[1]`. Empty: at the top.
    pub path: String,
    /// What is wrong, with the values that are at odds.
    pub message: String,
}

impl EvaluationError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    /// The same error in something that stands at `place` of a larger whole.
    pub fn within(mut self, place: &str) -> Self {
        self.path = match self.path.as_str() {
            "" => place.to_owned(),
            path if path.starts_with('[') => format!("{place}{path}"),
            path => format!("{place}.{path}"),
        };
        self
    }

    pub(crate) fn in_item(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }

    pub(crate) fn in_member(self, name: &str) -> Self {
        self.within(&crate::problem::shortened(name))
    }
}

impl From<Malformed> for EvaluationError {
    fn from(malformed: Malformed) -> Self {
        let help = malformed.help.map_or_else(String::new, |help| format!("; {help}"));
        Self { path: malformed.place.to_owned(), message: format!("{}{help}", malformed.message) }
    }
}
