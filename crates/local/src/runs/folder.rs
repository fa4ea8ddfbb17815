//! [`RunFolder`]: what is kept of one run, read.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Error, Journal, Origin};

/// How often a lock is asked for that somebody may hold just to look at it.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The folder of a run. May be read while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    pub(super) id: String,
    pub(super) path: PathBuf,
}

/// What has become of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A process is running it.
    Running,
    /// Its process ended before it did: `resume` goes on.
    Interrupted,
    /// It ended with this status: `Succeeded`, `Failed`, `Stopped`.
    Ended(String),
}

impl State {
    /// The word for it: a status of SageMaker's, or `Interrupted`, which SageMaker knows not.
    pub fn word(&self) -> &str {
        match self {
            Self::Running => "Executing",
            Self::Interrupted => "Interrupted",
            Self::Ended(status) => status,
        }
    }
}

impl RunFolder {
    pub(super) fn new(id: String, path: PathBuf) -> Self {
        Self { id, path }
    }

    /// The run's id: the definition's `Execution.PipelineExecutionId`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it was started with.
    ///
    /// # Errors
    /// Where the file is missing or damaged.
    pub fn origin(&self) -> Result<Origin, Error> {
        self.read("run.json")
    }

    /// The text of the definition.
    ///
    /// # Errors
    /// Where the file is missing or no text.
    pub fn definition(&self) -> Result<String, Error> {
        let path = self.path.join("definition.json");
        fs::read_to_string(&path).map_err(Error::io("read", &path))
    }

    /// What happened.
    ///
    /// # Errors
    /// Where the file can't be read or is damaged elsewhere than at its end.
    pub fn journal(&self) -> Result<Journal, Error> {
        Journal::read(&self.path.join("events.jsonl"))
    }

    /// `DescribePipelineExecution`, as last written: while it runs and after an interruption `Executing`.
    ///
    /// # Errors
    /// Where the file is missing or damaged.
    pub fn execution(&self) -> Result<Value, Error> {
        self.read("execution.json")
    }

    /// `ListPipelineExecutionSteps`, as last written.
    ///
    /// # Errors
    /// Where the file is missing or damaged.
    pub fn steps(&self) -> Result<Value, Error> {
        self.read("steps.json")
    }

    /// What has become of it, by its lock and its record.
    pub fn state(&self) -> State {
        // The lock first: a run that ends now has its status written before it gives the lock up.
        if self.is_locked() {
            return State::Running;
        }
        let status = self.execution().ok();
        match status.as_ref().and_then(|record| record.get("PipelineExecutionStatus")?.as_str()) {
            None | Some("Executing" | "Stopping") => State::Interrupted,
            Some(status) => State::Ended(status.to_owned()),
        }
    }

    /// Whether a process is running it.
    pub fn is_locked(&self) -> bool {
        let Ok(file) = File::open(self.path.join("lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Takes the lock, for as long as the file is open.
    pub(super) fn lock(&self) -> Result<File, Error> {
        let path = self.path.join("lock");
        let options = File::options().create(true).truncate(false).write(true).open(&path);
        let file = options.map_err(Error::io("write", &path))?;
        for _ in 0..ATTEMPTS {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                // A file system without locks: two at once are the user's to keep apart.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(file);
                }
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
            }
        }
        Err(Error::Running(self.id.clone()))
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        let path = self.path.join(name);
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        serde_json::from_slice(&bytes).map_err(|error| Error::Damaged { path, message: error.to_string() })
    }
}
