//! What an execution is run with on this machine: its clock, and the files that conditions read.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use pipewright_interpreter::{Clock, Files, S3Uri, Stop};

use crate::store::Store;

/// The largest file that a condition may read, in bytes.
const LARGEST: u64 = 4 << 20;

/// This machine's clock.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn pause(&self, time: Duration, stop: &Stop) {
        stop.wait(time);
    }
}

/// Objects of the store.
pub(super) struct StoredFiles {
    store: Arc<dyn Store>,
    /// A folder for copies.
    scratch: PathBuf,
    copies: AtomicU64,
}

impl StoredFiles {
    pub(super) fn new(store: Arc<dyn Store>, scratch: PathBuf) -> Self {
        Self { store, scratch, copies: AtomicU64::new(0) }
    }
}

impl Files for StoredFiles {
    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String> {
        let listed = self.store.list(object).map_err(|error| error.to_string())?;
        match listed.iter().find(|listed| listed.key == object.key) {
            None => return Err(format!("{object} does not exist")),
            Some(found) if found.size > LARGEST => {
                return Err(format!(
                    "{object} has {} bytes, and a condition reads {LARGEST} at most",
                    found.size
                ));
            }
            Some(_) => {}
        }
        let number = self.copies.fetch_add(1, Ordering::Relaxed);
        let copy = self.scratch.join(format!(".read-{number}"));
        let content = self.store.fetch(object, &copy).map_err(|error| error.to_string()).and_then(|()| {
            fs::read(&copy).map_err(|error| format!("can't read {}: {error}", copy.display()))
        });
        // A copy that stays does no harm.
        let _ = fs::remove_file(&copy);
        content
    }
}
