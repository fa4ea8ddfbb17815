//! Writing a file so that it is there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the system's defaults let.
    Default,
    /// Its owner alone, where the system knows such a thing.
    Owner,
}

/// Writes a file beside its place and renames it: whoever reads sees the old one or the new one. A link in that place is
/// replaced, and what it leads to is left alone.
///
/// # Errors
/// When the folder isn't there or can't be written, or the place is a folder.
pub fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut new_name = std::ffi::OsString::from(".");
    new_name.push(name);
    // Two that write at the same time have a file each, and the last one wins.
    new_name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(new_name);
    let written = fill(&new, bytes, readers).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // The first error is the one that is told.
        let _ = fs::remove_file(&new);
    }
    written
}

fn fill(new: &PathBuf, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = create(new, readers).or_else(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
        // Left behind by a process of the same number.
        fs::remove_file(new)?;
        create(new, readers)
    })?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn create(new: &Path, readers: Readers) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        write(&path, b"one", Readers::Default).unwrap();
        write(&path, b"two", Readers::Owner).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("absent/plan.json"), b"", Readers::Default).is_err());
        assert!(write(Path::new("/"), b"", Readers::Default).is_err());
        fs::create_dir(folder.path().join("folder")).unwrap();
        assert!(write(&folder.path().join("folder"), b"", Readers::Default).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "untouched").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, b"new", Readers::Owner).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"untouched");
        assert!(!link.is_symlink());
        assert_eq!(fs::metadata(&link).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
