//! What a run was started with.

use std::path::PathBuf;

use pipewright_interpreter::Start;
use serde::{Deserialize, Serialize};

/// `run.json`: all that is needed to go on with a run or to run it again, but for credentials, which nothing here ever holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// What the execution was started with.
    pub start: Start,
    /// Where the definition came from: `pipeline NAME in environment ENV`, or a file.
    pub definition: String,
    /// The environment it was synthesised for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What ran the steps' processes: `container`, `bubblewrap` or `process`.
    pub runner: String,
    /// The endpoint of S3; `None` is the folder store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<String>,
    /// The pipeline crate's folder `local/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<PathBuf>,
    /// The run that steps were taken from (`rerun`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
