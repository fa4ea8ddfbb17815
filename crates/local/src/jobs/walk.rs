//! What a process left in a folder. Links are never followed on the way.

use std::fs;
use std::path::{Path, PathBuf};

use super::Trouble;

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Relative to the folder, `/` between names.
    pub(super) path: String,
    /// Where it is.
    pub(super) full: PathBuf,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
    Link,
    /// A socket, pipe or device.
    Other,
}

/// Everything below a folder, sorted by path; nothing where the folder is not there.
///
/// # Errors
/// Where a folder can't be read, or a name is not UTF-8.
pub(super) fn entries(folder: &Path) -> Result<Vec<Entry>, Trouble> {
    let mut found = Vec::new();
    if fs::symlink_metadata(folder).is_ok_and(|folder| folder.is_dir()) {
        let mut left = vec![(String::new(), folder.to_owned())];
        while let Some((path, full)) = left.pop() {
            for entry in read(&path, &full)? {
                if entry.kind == Kind::Folder {
                    left.push((entry.path.clone(), entry.full.clone()));
                }
                found.push(entry);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn read(path: &str, full: &Path) -> Result<Vec<Entry>, Trouble> {
    let trouble = |error| Trouble::io("reading", full, &error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(full).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let full = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(Trouble::Failed(format!("{}: the name is not UTF-8; rename it", full.display())));
        };
        let kind = entry.file_type().map_err(|error| Trouble::io("reading", &full, &error))?;
        let kind = match () {
            () if kind.is_dir() => Kind::Folder,
            () if kind.is_file() => Kind::File,
            () if kind.is_symlink() => Kind::Link,
            () => Kind::Other,
        };
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        entries.push(Entry { path, full, kind });
    }
    Ok(entries)
}
