//! What can go wrong with an assembly.

use std::io;
use std::path::{Path, PathBuf};

/// Why an assembly can't be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system refused.
    #[error("can't {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried: `write`, `read`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The place is taken by something else.
    #[error(
        "{path} is not empty and is no assembly, so nothing is written there; remove it or name another folder",
        path = .0.display()
    )]
    Occupied(PathBuf),
    /// The place is taken by a file.
    #[error("{path} is not a folder; remove it or name another one", path = .0.display())]
    NotAFolder(PathBuf),
    /// The place has no parent folder in which an assembly could be made ready.
    #[error("{path} can't be replaced as a whole; name a folder below it", path = .0.display())]
    NoParent(PathBuf),
    /// Somebody else is writing.
    #[error("another program is writing {path}; run again when it is done", path = .0.display())]
    Locked(PathBuf),
    /// Nothing that could be read as an assembly.
    #[error("{path} holds no assembly; run `cargo xtask synth` first", path = .0.display())]
    Absent(PathBuf),
    /// An assembly of another version.
    #[error(
        "{path} is an assembly of format {found}, and this program reads format {supported}; run `cargo xtask synth` again",
        path = path.display()
    )]
    Format {
        /// The assembly.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The one that is understood: [`FORMAT`](crate::FORMAT).
        supported: u32,
    },
    /// A file of an assembly that does not hold what it should.
    #[error("{path}: {message}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A name that can't be a file's name, or means more than one thing.
    #[error("{what} {name:?} {why}")]
    Name {
        /// What the name is of: `pipeline`, `stack`, `asset`.
        what: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Code that is not what the program was built with.
    #[error("{path} changed since its pipeline was built; run again", path = .0.display())]
    Changed(PathBuf),
    /// Code that lies outside of its crate.
    #[error("{path} leads out of {root}; move or copy it there", path = path.display(), root = root.display())]
    Outside {
        /// The file or folder.
        path: PathBuf,
        /// What it must not leave.
        root: PathBuf,
    },
    /// Code that can't be hashed or packed.
    #[error(transparent)]
    Archive(#[from] pipewright_archive::Error),
    /// More than one of the above.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Error>),
}

impl Error {
    /// The problems, one by one.
    pub fn each(&self) -> &[Error] {
        match self {
            Self::Several(errors) => errors,
            one => std::slice::from_ref(one),
        }
    }

    /// One error out of what was found.
    pub(crate) fn from_found(mut found: Vec<Error>) -> Result<(), Self> {
        match found.len() {
            0 => Ok(()),
            1 => Err(found.remove(0)),
            _ => Err(Self::Several(found)),
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
