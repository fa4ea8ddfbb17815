//! What is wrong with a graph.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The definition is not written.
    Error,
    /// The definition is written all the same.
    Warning,
}

/// Something wrong in a graph, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable name of the kind of problem: `graph/duplicate-step`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The step it is in.
    pub step: Option<String>,
    /// The field: below the step (`Arguments.RoleArn`), or of the pipeline (`Parameters.Mode`).
    pub path: String,
    /// What stands there.
    pub value: Option<String>,
    /// What is allowed there.
    pub limit: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// An error of the pipeline as a whole.
    pub fn error(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            step: None,
            path: path.into(),
            value: None,
            limit: None,
            message: message.into(),
            help: None,
        }
    }

    /// The same, in a step.
    #[must_use]
    pub fn in_step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// The same, with what stands there.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// The same, with what is allowed there.
    #[must_use]
    pub fn limit(mut self, limit: impl Into<String>) -> Self {
        self.limit = Some(limit.into());
        self
    }

    /// The same, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Step and field in one: `steps.AbaloneTrain.Arguments.RoleArn`.
    pub fn full_path(&self) -> String {
        match &self.step {
            Some(step) if self.path.is_empty() => format!("steps.{step}"),
            Some(step) => format!("steps.{step}.{}", self.path),
            None => self.path.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.full_path(), self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
