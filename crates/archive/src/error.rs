//! What can be wrong with a file or folder of code.

use std::io;
use std::path::PathBuf;

/// Why a file or folder can't be hashed or packed.
///
/// A folder's problems are found all at once: see [`Error::each`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The archive can't be written.
    #[error("writing the archive: {0}")]
    Write(#[source] io::Error),
    /// Not a regular file (a folder, socket, pipe or device).
    #[error("{path} is not a regular file", path = .0.display())]
    NotAFile(PathBuf),
    /// Not a folder.
    #[error("{path} is not a folder", path = .0.display())]
    NotAFolder(PathBuf),
    /// A path that has no text form, and so no name in an archive.
    #[error("{path} is not UTF-8; rename it", path = .0.display())]
    NotUtf8(PathBuf),
    /// A symbolic link to a place outside of the folder.
    #[error(
        "{link} is a symbolic link that leaves its folder (to {target}); copy the file instead",
        link = link.display(),
        target = target.display()
    )]
    LinkLeaves {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link to a folder.
    #[error(
        "{link} is a symbolic link to a folder ({target}); link to its files or copy it instead",
        link = link.display(),
        target = target.display()
    )]
    LinkToFolder {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link to nothing, or to itself.
    #[error("{path} is a symbolic link that leads nowhere", path = .0.display())]
    LinkBroken(PathBuf),
    /// A line of a `.gitignore` or `.pipewrightignore` that can't be understood.
    #[error("{0}")]
    IgnoreRule(String),
    /// A file is not what it was when the folder was listed.
    #[error("{path} changed after its folder was listed; start again", path = .0.display())]
    Changed(PathBuf),
    /// More than one of the above.
    #[error("{}", join(.0))]
    Several(Vec<Error>),
}

impl Error {
    /// The problems, one by one, in the order of their paths.
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

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

fn join(errors: &[Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
