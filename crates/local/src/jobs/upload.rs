//! Sends what a process made to S3.

use std::path::Path;

use pipewright_interpreter::S3Uri;

use super::Trouble;
use super::walk::{self, Kind};
use crate::site::Site;

/// What became of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// How many files became objects.
    pub files: usize,
    /// What was left out, relative to the folder: links, which SageMaker does not follow either, and what is no file.
    pub left_out: Vec<String>,
}

/// Makes every regular file below `from` an object below `to`. Each object appears whole; all files are looked at before the
/// first is sent. A folder that is not there is empty.
///
/// # Errors
/// Where a file can't be read, or an object not be written.
pub fn folder(site: &Site, from: &Path, to: &S3Uri) -> Result<Uploaded, Trouble> {
    let mut uploaded = Uploaded::default();
    let mut files = Vec::new();
    for entry in walk::entries(from)? {
        match entry.kind {
            Kind::File => files.push(entry),
            Kind::Folder => {}
            Kind::Link | Kind::Other => uploaded.left_out.push(entry.path),
        }
    }
    for file in files {
        site.store.put(&file.full, &below(to, &file.path))?;
        uploaded.files += 1;
    }
    Ok(uploaded)
}

/// The object of this path below a prefix.
pub fn below(prefix: &S3Uri, path: &str) -> S3Uri {
    let folder = prefix.key.trim_end_matches('/');
    let key = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    S3Uri { bucket: prefix.bucket.clone(), key }
}
