//! The place of an assembly: who may write there, and how the new one takes it over.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::lock::Lock;
use crate::read::MARKER;

/// A place that is ours to write, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    out: PathBuf,
    /// Where the new assembly is made ready. In the same folder, so that renaming it is one step.
    new: PathBuf,
    /// Where the old one goes for the moment between two renamings.
    old: PathBuf,
    occupied: bool,
    _lock: Lock,
}

impl Place {
    /// Sees to it that `out` may become an assembly, locks it, and clears up after a writer that was killed.
    pub(crate) fn prepare(out: &Path) -> Result<Self, Error> {
        let out = locate(out)?;
        let lock = Lock::take(beside(&out, "lock"), &out)?;
        let (new, old) = (beside(&out, "new"), beside(&out, "old"));
        if old.exists() && !out.exists() {
            // Killed between the two renamings: the old assembly is the one that is whole.
            fs::rename(&old, &out).map_err(Error::io("restore", &out))?;
        }
        for leftover in [&new, &old] {
            remove(leftover)?;
        }
        let occupied = match fs::read_dir(&out) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Error::NotAFolder(out));
            }
            Err(error) => return Err(Error::io("read", &out)(error)),
        };
        if occupied && !out.join(MARKER).is_file() {
            return Err(Error::Occupied(out));
        }
        Ok(Self { out, new, old, occupied, _lock: lock })
    }

    /// The place itself.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    /// Where to make the new assembly ready; nothing is there yet.
    pub(crate) fn new_folder(&self) -> &Path {
        &self.new
    }

    /// Whether there is an assembly now.
    pub(crate) fn is_occupied(&self) -> bool {
        self.occupied
    }

    /// Puts the new assembly into the place of the old one.
    pub(crate) fn commit(self) -> Result<(), Error> {
        let failed = Error::io("replace", &self.out);
        if self.occupied {
            if let Err(error) = fs::rename(&self.out, &self.old) {
                return Err(failed(error));
            }
        } else {
            // An empty folder may be in the way; where it can't be removed, the renaming says why.
            let _ = fs::remove_dir(&self.out);
        }
        if let Err(error) = fs::rename(&self.new, &self.out) {
            if self.occupied {
                // If this fails too, the next writer does it.
                let _ = fs::rename(&self.old, &self.out);
            }
            return Err(failed(error));
        }
        if let Some(parent) = self.out.parent() {
            sync_folder(parent);
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Best effort, for success and failure alike: the next writer removes what is left. The old assembly goes only
        // when the new one is in its place.
        let _ = remove(&self.new);
        if self.out.exists() {
            let _ = remove(&self.old);
        }
    }
}

/// The place with every link on the way to it resolved, its parent folder made if it is not there.
fn locate(out: &Path) -> Result<PathBuf, Error> {
    match fs::canonicalize(out) {
        Ok(out) if out.file_name().is_some() => Ok(out),
        Ok(out) => Err(Error::NoParent(out)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !out.is_symlink() => {
            let absolute = std::path::absolute(out).map_err(Error::io("find", out))?;
            let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
                return Err(Error::NoParent(absolute));
            };
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
            let parent = fs::canonicalize(parent).map_err(Error::io("find", parent))?;
            Ok(parent.join(name))
        }
        Err(error) => Err(Error::io("find", out)(error)),
    }
}

fn beside(out: &Path, role: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(out.file_name().unwrap_or_default());
    name.push(".pipewright-");
    name.push(role);
    out.with_file_name(name)
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// Makes a renaming last, where the system can; elsewhere the two names are both whole anyway.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
