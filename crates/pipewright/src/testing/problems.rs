//! What is wrong with a pipeline that does not synthesise.

use std::fmt;

use pipewright_model::Severity;
use pipewright_model::protocol::Diagnostic;

/// Everything that is wrong with a pipeline.
#[derive(Clone)]
pub struct Problems(pub(super) Vec<Diagnostic>);

impl Problems {
    /// The problems, in the order of the configuration or of the steps.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// What is wrong, a sentence each, in the same order.
    pub fn messages(&self) -> Vec<&str> {
        self.0.iter().map(|problem| problem.message.as_str()).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            write!(f, "{severity}[{}]: ", problem.code)?;
            if !problem.path.is_empty() {
                write!(f, "{}: ", problem.path)?;
            }
            writeln!(f, "{}", problem.message)?;
            if let Some(help) = &problem.help {
                writeln!(f, "  help: {help}")?;
            }
        }
        Ok(())
    }
}

/// As [`Display`](fmt::Display): so `unwrap()` in a test says what is wrong.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Problems {}
