//! Which files belong to a folder of code.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::Error;

/// Excludes files from a folder of code, in the language of `.gitignore`, and has the last word.
const IGNORE_FILE: &str = ".pipewrightignore";

/// A file or folder directly below another folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ChildKind,
}

/// What a [`Child`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildKind {
    /// A regular file, or a link to one.
    File,
    /// A folder.
    Folder,
}

/// The files and folders directly in `root`, sorted by name, by the rules of this crate.
///
/// # Errors
///
/// When `root` is not a folder or can't be read, or one of its files is refused (a symbolic link that leaves it, a name
/// that is not UTF-8).
pub fn children(root: &Path) -> Result<Vec<Child>, Error> {
    let mut children = Vec::new();
    walk(root, Some(1), |name, kind| children.push(Child { name, kind }))?;
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(children)
}

/// The paths of all files below `root`, relative to it, `/` between names, sorted.
pub(crate) fn files(root: &Path) -> Result<Vec<String>, Error> {
    let mut files = Vec::new();
    walk(root, None, |path, kind| {
        if kind == ChildKind::File {
            files.push(path);
        }
    })?;
    files.sort();
    Ok(files)
}

fn walk(root: &Path, depth: Option<usize>, mut found: impl FnMut(String, ChildKind)) -> Result<(), Error> {
    let folder = canonical_folder(root)?;
    let mut problems = Vec::new();
    let walk = WalkBuilder::new(&folder)
        // Nothing outside of the folder has a say: the same folder is the same everywhere.
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .ignore(false)
        .require_git(false)
        .git_ignore(true)
        .add_custom_ignore_filename(IGNORE_FILE)
        .hidden(true)
        .follow_links(false)
        .max_depth(depth)
        .filter_entry(|entry| entry.depth() == 0 || !left_by_python(entry.file_name()))
        // Only to report problems in a fixed order.
        .sort_by_file_name(OsStr::cmp)
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(Error::IgnoreRule(error.to_string()));
                continue;
            }
        };
        if let Some(error) = entry.error() {
            problems.push(Error::IgnoreRule(error.to_string()));
        }
        if entry.depth() == 0 {
            continue;
        }
        match kind(&folder, root, &entry).and_then(|kind| Ok((relative(&folder, root, entry.path())?, kind)))
        {
            Ok((path, kind)) => found(path, kind),
            Err(error) => problems.push(error),
        }
    }
    Error::from_found(problems)
}

/// What Python leaves beside the sources it ran.
fn left_by_python(name: &OsStr) -> bool {
    name == "__pycache__" || Path::new(name).extension().is_some_and(|e| e == "pyc")
}

fn kind(folder: &Path, root: &Path, entry: &DirEntry) -> Result<ChildKind, Error> {
    let Some(kind) = entry.file_type() else {
        return Err(Error::NotAFile(entry.path().to_owned()));
    };
    if kind.is_dir() {
        return Ok(ChildKind::Folder);
    }
    let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    resolve(folder, root, inside).map(|_| ChildKind::File)
}

/// The regular file that `path`, relative to the canonical `folder`, stands for. `root` is the folder as the caller wrote
/// it, for messages.
pub(crate) fn resolve(folder: &Path, root: &Path, path: &Path) -> Result<PathBuf, Error> {
    let shown = root.join(path);
    let full = folder.join(path);
    let target = match full.canonicalize() {
        Ok(target) => target,
        Err(error) if full.is_symlink() && leads_nowhere(&error) => {
            return Err(Error::LinkBroken(shown));
        }
        Err(error) => {
            return Err(Error::Io { path: shown, source: error });
        }
    };
    if !target.starts_with(folder) {
        return Err(Error::LinkLeaves { link: shown, target });
    }
    let kind = fs::metadata(&target).map_err(Error::io(&shown))?.file_type();
    if kind.is_dir() {
        return Err(Error::LinkToFolder { link: shown, target });
    }
    if !kind.is_file() {
        return Err(Error::NotAFile(shown));
    }
    Ok(target)
}

fn leads_nowhere(error: &io::Error) -> bool {
    // A link to itself has no stable kind of its own: anything but a refusal counts.
    error.kind() != io::ErrorKind::PermissionDenied
}

pub(crate) fn canonical_folder(root: &Path) -> Result<PathBuf, Error> {
    let folder = root.canonicalize().map_err(Error::io(root))?;
    if folder.is_dir() { Ok(folder) } else { Err(Error::NotAFolder(root.to_owned())) }
}

fn relative(folder: &Path, root: &Path, path: &Path) -> Result<String, Error> {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let names: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    names.map(|names| names.join("/")).ok_or_else(|| Error::NotUtf8(root.join(inside)))
}
