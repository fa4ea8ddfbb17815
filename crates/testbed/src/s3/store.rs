//! What the server holds: an index of buckets and objects in memory, bodies in numbered files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use s3s::{S3Result, s3_error};

use super::content::Written;
use super::lock;

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The operation's name as the API reference spells it, or method and query when it has none here.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// When it came.
    pub at: SystemTime,
}

/// A multipart upload that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The bucket.
    pub bucket: String,
    /// The key that it will have.
    pub key: String,
    /// The part numbers that have arrived.
    pub parts: Vec<i32>,
}

/// A stored object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) body: Arc<Body>,
    pub(super) etag: String,
    /// Base64, with `-N` behind it when the object was uploaded in N parts.
    pub(super) sha256: Option<String>,
    pub(super) modified: SystemTime,
    pub(super) content_type: Option<String>,
    pub(super) metadata: Option<s3s::dto::Metadata>,
    pub(super) tags: BTreeMap<String, String>,
}

/// A file with a body. It goes away with the last one who reads it.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) path: PathBuf,
    pub(super) size: u64,
}

impl Drop for Body {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

/// An upload in progress.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) started: SystemTime,
    pub(super) content_type: Option<String>,
    pub(super) metadata: Option<s3s::dto::Metadata>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) checksummed: bool,
    pub(super) parts: BTreeMap<i32, Arc<Written>>,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) buckets: BTreeMap<String, BTreeMap<String, Object>>,
    pub(super) uploads: BTreeMap<String, Open>,
}

#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    next: AtomicU64,
    pub(super) taken: BTreeSet<String>,
    pub(super) index: Mutex<Index>,
    pub(super) log: Mutex<Vec<Request>>,
}

impl Store {
    pub(super) fn new(folder: PathBuf, taken: BTreeSet<String>) -> Arc<Self> {
        Arc::new(Self {
            folder,
            next: AtomicU64::new(1),
            taken,
            index: Mutex::default(),
            log: Mutex::default(),
        })
    }

    /// A number that nobody has had.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A path for a body that is about to be written.
    pub(super) fn fresh(&self) -> PathBuf {
        self.folder.join(format!("body-{:08}", self.number()))
    }

    pub(super) fn create_bucket(&self, name: &str) -> S3Result<()> {
        let mut index = lock(&self.index);
        if index.buckets.contains_key(name) {
            return Err(s3_error!(BucketAlreadyOwnedByYou));
        }
        index.buckets.insert(name.to_owned(), BTreeMap::new());
        Ok(())
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> S3Result<Object> {
        let index = lock(&self.index);
        let objects = index.buckets.get(bucket).ok_or_else(no_bucket)?;
        objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    /// Takes in an object, if the conditions of the request hold at this very moment.
    pub(super) fn insert(&self, bucket: &str, key: &str, object: Object, only_new: bool) -> S3Result<()> {
        let mut index = lock(&self.index);
        let objects = index.buckets.get_mut(bucket).ok_or_else(no_bucket)?;
        if only_new && objects.contains_key(key) {
            let text = "At least one of the pre-conditions you specified did not hold";
            return Err(s3_error!(PreconditionFailed, "{}", text));
        }
        objects.insert(key.to_owned(), object);
        Ok(())
    }

    pub(super) fn remove(&self, bucket: &str, key: &str) -> S3Result<bool> {
        let mut index = lock(&self.index);
        Ok(index.buckets.get_mut(bucket).ok_or_else(no_bucket)?.remove(key).is_some())
    }

    pub(super) fn put_directly(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let path = self.fresh();
        std::fs::write(&path, bytes).expect("the folder of the server can be written");
        let digest = super::content::sha256(bytes);
        let object = Object {
            body: Arc::new(Body { path, size: bytes.len() as u64 }),
            etag: super::content::hex(&digest[..16]),
            sha256: Some(super::content::base64(&digest)),
            modified: SystemTime::now(),
            content_type: None,
            metadata: None,
            tags: BTreeMap::new(),
        };
        self.insert(bucket, key, object, false).expect("the bucket exists");
    }

    pub(super) fn objects(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let index = lock(&self.index);
        let objects = index.buckets.get(bucket).into_iter().flatten();
        objects
            .map(|(key, object)| (key.clone(), std::fs::read(&object.body.path).expect("a stored body")))
            .collect()
    }

    pub(super) fn sizes(&self, bucket: &str) -> BTreeMap<String, u64> {
        let index = lock(&self.index);
        let objects = index.buckets.get(bucket).into_iter().flatten();
        objects.map(|(key, object)| (key.clone(), object.body.size)).collect()
    }

    pub(super) fn age(&self, bucket: &str, key: &str, seconds: u64) {
        let mut index = lock(&self.index);
        if let Some(object) = index.buckets.get_mut(bucket).and_then(|objects| objects.get_mut(key)) {
            object.modified = SystemTime::now() - Duration::from_secs(seconds);
        }
    }

    pub(super) fn open_uploads(&self) -> Vec<Upload> {
        let index = lock(&self.index);
        let uploads = index.uploads.iter();
        uploads
            .map(|(id, open)| Upload {
                id: id.clone(),
                bucket: open.bucket.clone(),
                key: open.key.clone(),
                parts: open.parts.keys().copied().collect(),
            })
            .collect()
    }
}

pub(super) fn no_bucket() -> s3s::S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}
