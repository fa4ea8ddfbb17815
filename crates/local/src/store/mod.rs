//! S3, as far as steps need it: a folder, or an endpoint that speaks its protocol.

pub mod endpoint;
pub mod folder;
mod place;
pub mod seed;

use std::path::{Path, PathBuf};

use pipewright_interpreter::S3Uri;

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Why the store can't do what it was asked for; a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object.
    #[error("s3://{bucket}/{key} does not exist{hint}")]
    Missing {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// What to do about it, beginning with `: `; may be empty.
        hint: String,
    },
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// A place that holds buckets of objects. Objects appear whole or not at all.
pub trait Store: Send + Sync {
    /// The objects of `place.bucket` whose keys begin with `place.key`, sorted by key.
    ///
    /// # Errors
    /// Where the bucket can't be read. A bucket that does not exist is empty.
    fn list(&self, place: &S3Uri) -> Result<Vec<Object>, Error>;

    /// Writes the object's content to the file `to`, whose folder exists.
    ///
    /// # Errors
    /// Where there is no such object, or one of both can't be read or written.
    fn fetch(&self, object: &S3Uri, to: &Path) -> Result<(), Error>;

    /// Makes the content of the file `from` the object; replaces what was there.
    ///
    /// # Errors
    /// Where the file can't be read or the object not be written.
    fn put(&self, from: &Path, object: &S3Uri) -> Result<(), Error>;

    /// Removes an object; done where it is not there.
    ///
    /// # Errors
    /// Where it can't be removed.
    fn delete(&self, object: &S3Uri) -> Result<(), Error>;

    /// Where a person finds `place`: a path or an address.
    fn address(&self, place: &S3Uri) -> String;

    /// The file that holds the object, where a file does and it is there. To be read only.
    fn file(&self, object: &S3Uri) -> Option<PathBuf> {
        let _ = object;
        None
    }
}
