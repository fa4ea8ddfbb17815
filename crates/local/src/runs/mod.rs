//! What is kept of runs: a folder each, below `target/local/runs`.
//!
//! ```text
//! runs/ID/run.json         what it was started with: Origin
//! runs/ID/definition.json  the definition
//! runs/ID/events.jsonl     what happened, an Event a line: all else follows from these
//! runs/ID/execution.json   DescribePipelineExecution
//! runs/ID/steps.json       ListPipelineExecutionSteps
//! runs/ID/steps/STEP/N/    what an attempt of a step leaves: step_folder()
//! runs/ID/lock             held by the process that runs it
//! cache/KEY.json           results of steps, by their cache keys: Results
//! ```
//!
//! [`Run`] writes one and holds its lock; [`RunFolder`] reads one, also while it runs. The journal is the truth: it is only ever
//! added to, a line at once, and a last line that was cut off by a kill or a full disk never counted. All other files are written
//! aside and renamed.

mod earlier;
mod folder;
mod id;
mod journal;
mod list;
mod origin;
mod write;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use earlier::Results;
pub use folder::{RunFolder, State};
pub use journal::Journal;
pub use list::{Listed, Listing};
pub use origin::Origin;
pub use write::Run;

use crate::escape::path_of_name;

/// Why a run can't be made, found, read or written; a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such run.
    #[error("{0}")]
    Missing(String),
    /// A process is running it.
    #[error("run {0} is still running: wait for its end, or end it with Ctrl-C where it was started")]
    Running(String),
    /// A file of it is not what was written.
    #[error("{path} is damaged: {message}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        message: String,
    },
    /// A file or folder can't be read or written.
    #[error("can't {what} {path}: {error}", path = path.display())]
    Io {
        /// What was to be done with it.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
}

impl Error {
    fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { what, path, error }
    }
}

/// All runs of this machine.
#[derive(Clone, Debug)]
pub struct Runs {
    root: PathBuf,
}

impl Runs {
    /// The runs below `root`, which is `target/local`. Nothing is read or made.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn folder(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// Makes the folder of a new run, which no other has, and takes its lock.
    ///
    /// # Errors
    /// Where it can't be made.
    pub fn create(&self) -> Result<Run, Error> {
        let runs = self.folder();
        fs::create_dir_all(&runs).map_err(Error::io("make", &runs))?;
        loop {
            let id = id::new();
            let path = runs.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => match Run::take(self, RunFolder::new(id, path)) {
                    // Before it was locked somebody took it for an old one and removed it.
                    Err(Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => {}
                    run => return run,
                },
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("make", &path)(error)),
            }
        }
    }

    /// Takes the lock of an earlier run, to go on with it.
    ///
    /// # Errors
    /// As for [`Self::find`], and where it is running.
    pub fn resume(&self, which: &str) -> Result<Run, Error> {
        Run::take(self, self.find(which)?)
    }

    /// The run of this id, or whose id alone begins with this, or, by `last`, the newest.
    ///
    /// # Errors
    /// Where there is no such run, or there are several.
    pub fn find(&self, which: &str) -> Result<RunFolder, Error> {
        let ids = self.ids()?;
        let found: Vec<&String> = match which {
            "last" => ids.first().into_iter().collect(),
            _ if ids.iter().any(|id| id == which) => ids.iter().filter(|id| *id == which).collect(),
            "" => Vec::new(),
            _ => ids.iter().filter(|id| id.starts_with(which)).collect(),
        };
        match found[..] {
            [id] => Ok(RunFolder::new(id.clone(), self.folder().join(id))),
            [] if ids.is_empty() => {
                Err(Error::Missing("there are no runs yet: `cargo xtask run PIPELINE` makes one".to_owned()))
            }
            [] => Err(Error::Missing(format!("there is no run {which:?}: `cargo xtask runs` lists them"))),
            ref several => Err(Error::Missing(format!(
                "the ids of {count} runs begin with {which:?}, such as {} and {}: give more of one",
                several[0],
                several[1],
                count = several.len()
            ))),
        }
    }

    /// The ids of all runs, the newest first.
    fn ids(&self) -> Result<Vec<String>, Error> {
        let runs = self.folder();
        let entries = match fs::read_dir(&runs) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("read", &runs))?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &runs))?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            ids.extend(
                entry.file_name().to_str().filter(|name| is_folder && id::is(name)).map(str::to_owned),
            );
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids)
    }

    /// Removes a run's folder with all that is in it. Objects in S3, the registry and cached results stay.
    ///
    /// # Errors
    /// Where there is no such run, it is running, or it can't be removed.
    pub fn remove(&self, which: &str) -> Result<(), Error> {
        let folder = self.find(which)?;
        // Renamed first: half a run must not be taken for a run.
        let doomed = self.folder().join(format!(".removed-{}", folder.id));
        let lock = folder.lock()?;
        let path = folder.path().to_owned();
        fs::rename(&path, &doomed).map_err(Error::io("remove", &path))?;
        drop(lock);
        fs::remove_dir_all(&doomed).map_err(Error::io("remove", &doomed))
    }

    /// Removes all runs but the newest `keep`; those that are running stay and are not counted. Returns the ids of those removed.
    ///
    /// # Errors
    /// Where one can't be removed.
    pub fn prune(&self, keep: usize) -> Result<Vec<String>, Error> {
        self.sweep();
        let mut removed = Vec::new();
        let mut kept = 0;
        for id in self.ids()? {
            let folder = RunFolder::new(id.clone(), self.folder().join(&id));
            if folder.is_locked() {
                continue;
            }
            if kept < keep {
                kept += 1;
                continue;
            }
            match self.remove(&id) {
                Ok(()) => removed.push(id),
                // Begun or removed by another process since.
                Err(Error::Running(_) | Error::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    /// Goes on with removals that were interrupted.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.folder()) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(".removed-")) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// The folder of a step's attempt, in a run's folder. Not made here. A name that is no usual one is written as [`crate::escape`]
/// says, so that it leads nowhere else and no two steps share a folder.
///
/// ```
/// use std::path::Path;
/// use pipewright_local::runs::step_folder;
///
/// assert_eq!(step_folder(Path::new("run"), "Train", 0), Path::new("run/steps/Train/0"));
/// assert_eq!(step_folder(Path::new("run"), "../x", 1), Path::new("run/steps/..%2Fx/1"));
/// ```
pub fn step_folder(run: &Path, step: &str, attempt: u32) -> PathBuf {
    run.join("steps").join(path_of_name(step)).join(attempt.to_string())
}

#[cfg(test)]
mod tests;
