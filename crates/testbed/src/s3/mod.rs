//! An S3 server in this process: the protocol by `s3s`, the semantics here, so that what deploys rely on
//! is really held: SHA-256 checksums, `If-None-Match: *` decided once for each key, multipart uploads with
//! their parts, tags, expected bucket owner. Bodies live in files and stream; nothing holds one whole.
//!
//! It never keeps versions, applies lifecycle rules or evaluates policies.

mod content;
mod multipart;
mod service;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};

use crate::background::{AnyBody, Background, Broken, answer};
use store::Store;
pub use store::{Request as LoggedRequest, Upload};

/// An access key that the server knows; its secret is [`SECRET_KEY`].
pub const ACCESS_KEY: &str = "AKIATESTBED000000001";
/// The secret that belongs to [`ACCESS_KEY`].
pub const SECRET_KEY: &str = "testbed-secret";

/// What a server starts with.
#[derive(Debug, Default)]
pub struct Builder {
    folder: Option<PathBuf>,
    owner: Option<String>,
    keys: Vec<(String, String)>,
    buckets: BTreeSet<String>,
    taken: BTreeSet<String>,
}

impl Builder {
    /// Keeps bodies in a folder of the caller's instead of a temporary one.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The account that owns the buckets, twelve digits. A request whose `x-amz-expected-bucket-owner`
    /// names another is answered 403 `AccessDenied`. Without this, the account is 111122223333.
    pub fn owner(mut self, account: impl Into<String>) -> Self {
        self.owner = Some(account.into());
        self
    }

    /// One more access key and its secret; `test`/`test` and [`ACCESS_KEY`] are known always.
    pub fn key(mut self, access: impl Into<String>, secret: impl Into<String>) -> Self {
        self.keys.push((access.into(), secret.into()));
        self
    }

    /// A bucket that exists from the start.
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.buckets.insert(name.into());
        self
    }

    /// A bucket name that belongs to somebody else: every request for it is 403 `AccessDenied`, and
    /// creating it is 409 `BucketAlreadyExists`.
    pub fn taken(mut self, name: impl Into<String>) -> Self {
        self.taken.insert(name.into());
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    /// When no folder or no port can be had.
    pub fn start(self) -> Server {
        let temporary = self.folder.is_none().then(|| tempfile::tempdir().expect("a temporary folder"));
        let folder = self.folder.unwrap_or_else(|| temporary.as_ref().unwrap().path().to_owned());
        let store = Store::new(folder, self.taken);
        for bucket in self.buckets {
            store.create_bucket(&bucket).expect("a bucket is named once");
        }
        let mut keys: BTreeMap<String, String> = self.keys.into_iter().collect();
        keys.entry(ACCESS_KEY.to_owned()).or_insert_with(|| SECRET_KEY.to_owned());
        keys.entry("test".to_owned()).or_insert_with(|| "test".to_owned());
        let mut builder = S3ServiceBuilder::new(service::Service::new(Arc::clone(&store)));
        builder.set_auth(Keys(keys));
        builder.set_access(Everybody);
        let owner = self.owner.unwrap_or_else(|| "111122223333".to_owned());
        let front = Arc::new(Front { service: builder.build(), store: Arc::clone(&store), owner });
        let background = Background::start("testbed-s3", move |request| Arc::clone(&front).answer(request));
        Server { background, store, _temporary: temporary }
    }
}

/// A running S3 server; dropping it ends it, and removes its temporary folder.
#[derive(Debug)]
pub struct Server {
    background: Background,
    store: Arc<Store>,
    _temporary: Option<tempfile::TempDir>,
}

impl Server {
    /// A server with the given buckets and defaults for the rest.
    pub fn start<const N: usize>(buckets: [&str; N]) -> Self {
        buckets.into_iter().fold(Self::builder(), Builder::bucket).start()
    }

    /// What to start with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`; requests are path-style.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.background.address())
    }

    /// Creates a bucket; does nothing when it is there.
    pub fn create_bucket(&self, name: &str) {
        drop(self.store.create_bucket(name));
    }

    /// Puts an object as another actor would, past protocol and log.
    ///
    /// # Panics
    /// When the bucket doesn't exist.
    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        self.store.put_directly(bucket, key, bytes);
    }

    /// Removes an object as another actor would; says whether it was there.
    pub fn remove(&self, bucket: &str, key: &str) -> bool {
        self.store.remove(bucket, key).unwrap_or(false)
    }

    /// Every object of a bucket with its bytes, by key; empty when the bucket doesn't exist.
    pub fn objects(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        self.store.objects(bucket)
    }

    /// The keys of a bucket's objects and their sizes in bytes.
    pub fn sizes(&self, bucket: &str) -> BTreeMap<String, u64> {
        self.store.sizes(bucket)
    }

    /// An object's tags; `None` when it doesn't exist.
    pub fn tags(&self, bucket: &str, key: &str) -> Option<BTreeMap<String, String>> {
        self.store.object(bucket, key).ok().map(|object| object.tags)
    }

    /// Sets when an object was last written, in seconds before now.
    pub fn age(&self, bucket: &str, key: &str, seconds: u64) {
        self.store.age(bucket, key, seconds);
    }

    /// Multipart uploads that were neither completed nor aborted.
    pub fn uploads(&self) -> Vec<Upload> {
        self.store.open_uploads()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.store.log).clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        lock(&self.store.log).clear();
    }

    /// How many requests came in, of which operation, for example `PutObject`.
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.store.log).iter().filter(|one| one.operation == operation).count()
    }
}

/// A lock that a panicking test doesn't poison for the others.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What every request passes before it reaches `s3s`.
struct Front {
    service: S3Service,
    store: Arc<Store>,
    owner: String,
}

impl Front {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<hyper::Response<AnyBody>, Broken> {
        let operation = operation(&request);
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        lock(&self.store.log).push(LoggedRequest {
            operation: operation.clone(),
            method: request.method().to_string(),
            path,
            at: std::time::SystemTime::now(),
        });
        let bucket = request.uri().path().trim_start_matches('/').split('/').next().unwrap_or_default();
        let expected = request.headers().get("x-amz-expected-bucket-owner");
        if expected.is_some_and(|account| account.as_bytes() != self.owner.as_bytes()) {
            return Ok(refused(403, "AccessDenied", "Access Denied"));
        }
        if self.store.taken.contains(bucket) {
            return Ok(if operation == "CreateBucket" {
                let text = "The requested bucket name is not available. The bucket namespace is shared by \
                            all users of the system. Please select a different name and try again.";
                refused(409, "BucketAlreadyExists", text)
            } else {
                refused(403, "AccessDenied", "Access Denied")
            });
        }
        let answer = self.service.call(request.map(s3s::Body::from)).await?;
        Ok(answer.map(|body| body.map_err(Broken::from).boxed_unsync()))
    }
}

fn refused(status: u16, code: &str, message: &str) -> hyper::Response<AnyBody> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>TESTBED</RequestId></Error>"
    );
    answer(status, "application/xml", body)
}

/// The S3 operation that a request asks for, by its method, path and query.
pub(crate) fn operation<B>(request: &Request<B>) -> String {
    let path = request.uri().path().trim_start_matches('/');
    let object = path.split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let query = request.uri().query().unwrap_or_default();
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let name = match (request.method().as_str(), object) {
        ("PUT", true) if has("uploadId") => "UploadPart",
        ("PUT", true) if has("tagging") => "PutObjectTagging",
        ("PUT", true) if request.headers().contains_key("x-amz-copy-source") => "CopyObject",
        ("PUT", true) => "PutObject",
        ("POST", true) if has("uploads") => "CreateMultipartUpload",
        ("POST", true) if has("uploadId") => "CompleteMultipartUpload",
        ("DELETE", true) if has("uploadId") => "AbortMultipartUpload",
        ("DELETE", true) if has("tagging") => "DeleteObjectTagging",
        ("DELETE", true) => "DeleteObject",
        ("GET", true) if has("uploadId") => "ListParts",
        ("GET", true) if has("tagging") => "GetObjectTagging",
        ("GET", true) => "GetObject",
        ("HEAD", true) => "HeadObject",
        ("PUT", false) if query.is_empty() || has("x-id") => "CreateBucket",
        ("HEAD", false) => "HeadBucket",
        ("POST", false) if has("delete") => "DeleteObjects",
        ("GET", false) if has("uploads") => "ListMultipartUploads",
        ("GET", false) if has("list-type") => "ListObjectsV2",
        ("GET", false) if has("location") => "GetBucketLocation",
        ("GET", false) if has("versioning") => "GetBucketVersioning",
        ("GET", false) if path.is_empty() => "ListBuckets",
        ("DELETE", false) => "DeleteBucket",
        (method, _) => return format!("{method} {query}"),
    };
    name.to_owned()
}

struct Keys(BTreeMap<String, String>);

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let secret = self.0.get(access_key).ok_or_else(|| s3_error!(InvalidAccessKeyId))?;
        Ok(SecretKey::from(secret.as_str()))
    }
}

/// Unsigned requests are fine too: other fakes fetch templates with them.
struct Everybody;

#[async_trait::async_trait]
impl S3Access for Everybody {
    async fn check(&self, _: &mut S3AccessContext<'_>) -> S3Result<()> {
        Ok(())
    }
}
