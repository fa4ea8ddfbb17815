//! SHA-256 of a file, and of a folder as the list of its files.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Error, walk};

/// Stands first in what is hashed of a folder: another way to count would be another number here.
const FORMAT: &[u8] = b"pipewright folder 1\n";

/// The same for a file that is packed alone. `CodeAsset::archived` of the model counts the same way.
const ALONE: &str = "pipewright file 1\n";

/// Bytes read at a time.
pub(crate) const CHUNK: usize = 64 * 1024;

/// The files of a folder and the hash of them all, as [`hash_folder`] found them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderListing {
    /// SHA-256 over every file's path, executable bit, size and content, in lower-case hex.
    pub sha256: String,
    /// The files, sorted by path.
    pub entries: Vec<Entry>,
}

/// One file of a [`FolderListing`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Relative to the folder, `/` between names.
    pub path: String,
    /// Whether its owner may execute it. Always `false` on systems that don't have this.
    pub executable: bool,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the content, in lower-case hex.
    pub sha256: String,
}

/// SHA-256 of a file's content, in lower-case hex.
///
/// # Errors
///
/// When `path` is not a regular file or can't be read.
pub fn hash_file(path: &Path) -> Result<String, Error> {
    Ok(measure(path, path)?.sha256)
}

/// Lists a folder and hashes what it contains. The crate's page says what belongs to a folder.
///
/// # Errors
///
/// When `root` is not a folder or can't be read, or files in it are refused: then all of them are named.
pub fn hash_folder(root: &Path) -> Result<FolderListing, Error> {
    let folder = walk::canonical_folder(root)?;
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for path in walk::files(root)? {
        match entry(&folder, root, path) {
            Ok(entry) => entries.push(entry),
            Err(error) => problems.push(error),
        }
    }
    Error::from_found(problems)?;
    Ok(FolderListing { sha256: hash_entries(&entries), entries })
}

/// Lists a file as if it stood alone in its folder, to be packed from there (the listing's root is the folder).
///
/// The hash is over the name and the content: whether the file may be executed does not count.
///
/// # Errors
///
/// When `file` is not a regular file, has no name in UTF-8, leaves its folder as a link or can't be read.
pub fn hash_alone(file: &Path) -> Result<FolderListing, Error> {
    let name =
        file.file_name().and_then(|name| name.to_str()).ok_or_else(|| Error::NotUtf8(file.to_owned()))?;
    let root = file.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entry = entry(&walk::canonical_folder(root)?, root, name.to_owned())?;
    let mut hasher = Sha256::new();
    hasher.update(format!("{ALONE}{name}\n{}", entry.sha256));
    Ok(FolderListing { sha256: hex(hasher), entries: vec![entry] })
}

fn entry(folder: &Path, root: &Path, path: String) -> Result<Entry, Error> {
    let file = walk::resolve(folder, root, Path::new(&path))?;
    let Measured { size, sha256, executable } = measure(&file, &root.join(&path))?;
    Ok(Entry { path, executable, size, sha256 })
}

/// Every part has a length of its own, so that no two folders read the same.
fn hash_entries(entries: &[Entry]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(FORMAT);
    for Entry { path, executable, size, sha256 } in entries {
        hasher.update((path.len() as u64).to_le_bytes());
        hasher.update(path.as_bytes());
        hasher.update([u8::from(*executable)]);
        hasher.update(size.to_le_bytes());
        hasher.update(sha256.as_bytes());
    }
    hex(hasher)
}

struct Measured {
    size: u64,
    sha256: String,
    executable: bool,
}

/// Reads `path` through; messages name `shown`.
fn measure(path: &Path, shown: &Path) -> Result<Measured, Error> {
    // Before opening: to open a pipe would wait for its other end.
    if !fs::metadata(path).map_err(Error::io(shown))?.is_file() {
        return Err(Error::NotAFile(shown.to_owned()));
    }
    let mut file = File::open(path).map_err(Error::io(shown))?;
    let executable = is_executable(&file.metadata().map_err(Error::io(shown))?);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(Error::io(shown))?;
        if read == 0 {
            return Ok(Measured { size, sha256: hex(hasher), executable });
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

#[cfg(unix)]
pub(crate) fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_executable(_: &fs::Metadata) -> bool {
    false
}

pub(crate) fn hex(hasher: Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = hasher.finalize();
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}
