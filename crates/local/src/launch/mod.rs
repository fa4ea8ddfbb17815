//! Starts the processes of steps: in a container, in a sandbox that has a real `/opt/ml`, or as they are.
//!
//! A [`Task`] says what a step wants, with paths as they are inside. [`choose`](choose()) says which [`Launcher`] this machine
//! has. [`Container`] hands the task to the program `pipewright-container`, [`Bubblewrap`] and [`Process`] to
//! [`supervise`]: a process between this program and the step's, which ends everything below it when it is told to, when
//! the step's own process has ended, and when this program dies. The module `watch` is the side of this program: log, time limit, stop.
//!
//! Nothing here knows what a step is, or what lies in its folders.

mod bubblewrap;
mod choose;
mod container;
mod lines;
mod paths;
mod process;
mod protocol;
mod scripts;
mod start;
pub mod supervise;
mod sweep;
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use pipewright_interpreter::Control;

pub use bubblewrap::Bubblewrap;
pub use choose::{Chosen, Means, choose};
pub use container::Container;
pub use process::Process;
pub(crate) use start::run_command;
pub use watch::Supervisor;

/// A process that a step needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// A name for containers and messages: the job's name.
    pub name: String,
    /// The container image. Only a container engine looks at it.
    pub image: String,
    /// The program and its first arguments, as they are inside: what `ContainerEntrypoint` says. Empty: the image's own entry
    /// point, which only a container engine knows; the other launchers then refuse.
    pub entrypoint: Vec<String>,
    /// What follows the entry point: `ContainerArguments`, or `train` and `serve` for images that know what to do.
    pub arguments: Vec<String>,
    /// Environment variables; nothing else of this program's environment is handed on but what a process can't do without.
    pub environment: BTreeMap<String, String>,
    /// Folders of this machine and where they are inside; the longest `inside` that fits a path decides.
    pub mounts: Vec<Mount>,
    /// Folders of this machine with scripts that belong to this task alone: copies, never what somebody wrote. Plain processes
    /// have no `/opt/ml`, so paths that stand in `*.py`, `*.sh` and `*.json` files there are replaced. Other launchers leave
    /// them as they are.
    pub scripts: Vec<PathBuf>,
    /// The working directory, inside.
    pub working_directory: String,
    /// What is written to standard input; nothing follows.
    pub input: Vec<u8>,
    /// Where standard output goes, if not to the log with standard error.
    pub output: Option<PathBuf>,
    /// The file that gets every line of the log. Appended to.
    pub log: PathBuf,
    /// How long it may run before it is ended.
    pub limit: Option<Duration>,
    /// A TCP port that it listens on, which must be reachable at 127.0.0.1 under the same number.
    pub port: Option<u16>,
}

/// A folder and where it is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The folder on this machine: an absolute path.
    pub host: PathBuf,
    /// Its path inside, absolute: `/opt/ml`.
    pub inside: String,
    /// Whether the process may write there.
    pub writable: bool,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this status.
    Code(i32),
    /// By this signal, which nobody here sent.
    Signal(i32),
    /// The system ended it because memory ran out.
    OutOfMemory,
    /// It took longer than its limit and was ended.
    TimedOut,
    /// It was ended because `control` said stop.
    Stopped,
}

impl Exit {
    /// Where a signal is told as 128 and its number, as shells, engines and bubblewrap do: one by which a faulty process ends.
    fn told_as_status(self) -> Self {
        const FATAL: [i32; 8] = [4, 5, 6, 7, 8, 9, 11, 15];
        match self {
            Self::Code(code) if FATAL.contains(&(code - 128)) => Self::Signal(code - 128),
            other => other,
        }
    }
}

/// Why a process can't be run; a sentence for the user.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

/// Runs processes. Whatever it starts is gone, with all its descendants, when `run` returns, and when this program dies.
pub trait Launcher: Send + Sync {
    /// `container`, `bubblewrap` or `process`.
    fn kind(&self) -> Kind;

    /// Runs the task to its end. Lines of its log go to the task's file, and to `control`.
    ///
    /// # Errors
    /// Where it can't be started or waited for.
    fn run(&self, task: &Task, control: &Control<'_>) -> Result<Exit, Error>;
}

impl Error {
    /// An error that says this.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// How processes are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In a container of the step's image.
    Container,
    /// By bubblewrap, over this machine's files.
    Bubblewrap,
    /// As plain processes; paths are mapped.
    Process,
}

impl Kind {
    /// The name, as `--runner` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Bubblewrap => "bubblewrap",
            Self::Process => "process",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
