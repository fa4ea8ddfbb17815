//! Files that appear whole or not at all: written beside their place, then renamed.
//!
//! A process may be killed and a disk may be full at any moment; what is at a file's place is the old content or the new one.
//! Nothing is promised about a machine that loses power: a sync for each file would cost more than all the rest.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// What names of unfinished files begin with.
pub const PREFIX: &str = ".pipewright-";

/// What lies aside for so long was left by a process that is no more.
const ABANDONED: Duration = Duration::from_hours(48);

/// A file that is being written. Dropped before it was placed it is removed.
#[derive(Debug)]
pub struct Aside {
    path: PathBuf,
    file: File,
    is_placed: bool,
}

impl Aside {
    /// Begins a file in a folder that exists and is on the same file system as the place it will have.
    ///
    /// # Errors
    /// Where the file can't be made.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{PREFIX}{}-{count}", process::id()));
            match File::create_new(&path) {
                Ok(file) => return Ok(Self { path, file, is_placed: false }),
                // Left by a process that had this number before.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The file to write to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it at its place, over what was there.
    ///
    /// # Errors
    /// Where it can't be renamed, such as onto a folder. What was there is still there then.
    pub fn place(mut self, to: &Path) -> io::Result<()> {
        self.place_at(to)
    }

    /// As [`Self::place`]; after an error another place can be tried.
    ///
    /// # Errors
    /// As for [`Self::place`].
    pub fn place_at(&mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.is_placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes `bytes` the content of the file at `path`, whole or not at all. Makes the folders above it.
///
/// # Errors
/// Where a folder can't be made or the file not be written; the old content is still there then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut aside = match Aside::in_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            Aside::in_folder(folder)?
        }
        begun => begun?,
    };
    aside.file().write_all(bytes)?;
    aside.place(path)
}

/// Makes the value as JSON, with line breaks, the content of the file at `path`, whole or not at all.
///
/// # Errors
/// As for [`replace`], and where the value is nothing that JSON can say.
pub fn replace_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
    text.push(b'\n');
    replace(path, &text)
}

/// Removes from a folder what processes left there that were killed while they wrote: unfinished files of two days ago.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let age =
            entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
        if is_ours && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.json");
        replace_json(&path, &[1]).unwrap();
        replace_json(&path, &[1, 2]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "[\n  1,\n  2\n]\n");

        drop(Aside::in_folder(folder.path()).unwrap());
        replace(folder.path(), b"x").unwrap_err();
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["a"]);
    }

    #[test]
    fn what_was_abandoned_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join(format!("{PREFIX}1-0"));
        let file = File::create(&old).unwrap();
        file.set_modified(std::time::SystemTime::now() - 2 * ABANDONED).unwrap();
        let new = Aside::in_folder(folder.path()).unwrap();
        sweep(folder.path());
        assert!(!old.exists() && new.path().exists());
    }

    #[test]
    fn what_another_process_left_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        for count in 0..10_000 {
            fs::write(folder.path().join(format!("{PREFIX}{}-{count}", process::id())), "left").unwrap();
        }
        let aside = Aside::in_folder(folder.path()).unwrap();
        assert_eq!(fs::metadata(aside.path()).unwrap().len(), 0);
    }
}
