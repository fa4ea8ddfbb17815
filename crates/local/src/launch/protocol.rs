//! What this program and the one that looks after a step's process say to each other, over a socket that is the other's
//! standard input.
//!
//! First the order of what to start, as JSON on one line, and the bytes that its process is to read. Then [`END`] and [`KILL`], a
//! line each, as long as it runs. The answer is one [`Report`] on a line. The end of the socket means: everything that was
//! started is to be gone. `pipewright-container` speaks the same, with an order of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Asks the step's process to end: SIGTERM.
pub(super) const END: &str = "end\n";

/// Ends all processes of the step: SIGKILL.
pub(super) const KILL: &str = "kill\n";

/// The variable that all processes of a task have, so that they are found wherever they went.
pub(super) const MARK: &str = "PIPEWRIGHT_TASK";

/// What is to be started.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Order {
    /// The program: a path, or a name that is looked for in `PATH`.
    pub(super) program: String,
    /// Its arguments.
    pub(super) arguments: Vec<String>,
    /// Its whole environment.
    pub(super) environment: BTreeMap<String, String>,
    /// Its working directory.
    pub(super) directory: PathBuf,
    /// The file that gets its standard output, if not the log.
    pub(super) output: Option<PathBuf>,
    /// How many bytes follow this line: its standard input.
    pub(super) input: usize,
    /// How many processes stand between the program and the step's own process, as bubblewrap's do. They are not asked to end,
    /// as they would take the step's process with them.
    pub(super) wrappers: u32,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Report {
    /// With this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// By the system, because memory ran out.
    OutOfMemory,
    /// It could not be started, for this reason.
    Failed(String),
}
