//! Which scripts and source folders a folder of code holds, with their hashes. The only part that reads files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use pipewright_archive::{ChildKind, FolderListing, children, hash_folder};

/// A folder of code.
#[derive(Debug, Default)]
pub struct Scan {
    /// The files directly in it, by name.
    pub files: Vec<File>,
    /// The folders directly in it that hold a file, by name.
    pub folders: Vec<Folder>,
    /// Everything that the result depends on.
    pub watched: Vec<PathBuf>,
}

/// A file that a step can run or read.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Relative to the crate, `/` between names.
    pub path: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// The content of a Python script; `None` for other files.
    pub script: Option<Vec<u8>>,
}

/// A source folder.
#[derive(Debug)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// Relative to the crate, `/` between names.
    pub path: String,
    /// SHA-256 of its listing.
    pub sha256: String,
    /// The Python scripts directly in it.
    pub scripts: Vec<File>,
}

/// Scans `dir`, which is relative to `root`, a crate's folder.
///
/// # Errors
///
/// What the author must put right, all of it.
pub fn scan(root: &Path, dir: &str) -> Result<Scan, Vec<String>> {
    let full = root.join(dir);
    let mut scan = Scan { watched: vec![full.clone()], ..Scan::default() };
    let mut problems = Vec::new();
    let found = children(&full).map_err(|error| messages(root, &error))?;
    for child in found {
        let path = format!("{dir}/{}", child.name);
        match child.kind {
            ChildKind::File => match file(root, child.name, path) {
                Ok(file) => {
                    scan.watched.push(root.join(&file.path));
                    scan.files.push(file);
                }
                Err(error) => problems.push(format!("{error:#}")),
            },
            ChildKind::Folder => match hash_folder(&full.join(&child.name)) {
                Ok(listing) => {
                    scan.watched
                        .extend(listing.entries.iter().map(|entry| root.join(&path).join(&entry.path)));
                    match folder(root, child.name, path, listing) {
                        Ok(folder) => scan.folders.extend(folder),
                        Err(error) => problems.push(format!("{error:#}")),
                    }
                }
                Err(error) => problems.extend(messages(root, &error)),
            },
        }
    }
    if problems.is_empty() { Ok(scan) } else { Err(problems) }
}

fn file(root: &Path, name: String, path: String) -> anyhow::Result<File> {
    let full = root.join(&path);
    let script = if is_python(&name) {
        Some(fs::read(&full).with_context(|| format!("reading {path}"))?)
    } else {
        None
    };
    let sha256 = pipewright_archive::hash_file(&full)?;
    Ok(File { name, path, sha256, script })
}

/// `None` for a folder without files.
fn folder(root: &Path, name: String, path: String, listing: FolderListing) -> anyhow::Result<Option<Folder>> {
    let mut scripts = Vec::new();
    for entry in &listing.entries {
        // A package's `__init__.py` is imported, not run.
        if !entry.path.contains('/') && is_python(&entry.path) && entry.path != "__init__.py" {
            let path = format!("{path}/{}", entry.path);
            let script = fs::read(root.join(&path)).with_context(|| format!("reading {path}"))?;
            scripts.push(File {
                name: entry.path.clone(),
                path,
                sha256: entry.sha256.clone(),
                script: Some(script),
            });
        }
    }
    Ok((!listing.entries.is_empty()).then_some(Folder { name, path, sha256: listing.sha256, scripts }))
}

fn is_python(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "py")
}

/// The archive's messages, with paths as the author knows them.
fn messages(root: &Path, error: &pipewright_archive::Error) -> Vec<String> {
    let root = format!("{}/", root.display());
    error.each().iter().map(|error| error.to_string().replace(&root, "")).collect()
}
