//! Jobs on this machine: the process of a step over an `/opt/ml` laid out as SageMaker lays it out.
//!
//! A job is done in five moves, each its own module: the request is read ([`request`]), what it needs is brought into the step's
//! [`folder`] ([`fetch`], [`unpack`]), the process runs (by [`crate::launch`]), its end becomes a reason ([`ending`]), and what
//! it made goes to S3 ([`pack`], [`upload`]). [`processing`] and [`training`] put them together.
//!
//! Nothing is uploaded before the process has ended well, and every object appears whole. A job never writes outside of its
//! step's folder, whatever keys, archives and scripts say, and never follows a link out of it.

pub mod ending;
pub mod environment;
pub mod fetch;
pub mod folder;
mod host;
pub mod pack;
pub mod processing;
pub mod properties;
pub mod request;
pub mod training;
pub mod transform;
pub mod tuning;
pub mod unpack;
pub mod upload;
mod walk;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
pub(crate) mod shapes;

use std::io;
use std::path::Path;

use pipewright_interpreter::{Control, Failure, Outcome};
use serde_json::Value;

use crate::store;

/// Why a job did not come to its end.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It failed; the reason as `FailureReason` shows it.
    #[error("{0}")]
    Failed(String),
    /// It was told to stop.
    #[error("it was told to stop")]
    Stopped,
}

impl Trouble {
    /// The outcome of a step that met this.
    pub fn outcome(self, properties: Value) -> Outcome {
        match self {
            Self::Failed(reason) => Outcome::Failed(Failure { reason, exception: None, properties }),
            Self::Stopped => Outcome::Stopped,
        }
    }

    /// A file or folder of this machine could not be used: `doing` it, such as `writing`.
    pub fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "; the disk is full: free some space and resume the run"
            }
            io::ErrorKind::PermissionDenied => {
                "; if a container left it behind as another user, remove it as that user"
            }
            _ => "",
        };
        Self::Failed(format!("{doing} {}: {error}{remedy}", path.display()))
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Whether to go on: asked between any two things that take time.
pub(crate) fn go_on(control: &Control<'_>) -> Result<(), Trouble> {
    if control.stop().is_asked() { Err(Trouble::Stopped) } else { Ok(()) }
}
