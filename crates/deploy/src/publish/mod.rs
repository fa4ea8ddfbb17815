//! Assets and large templates, to S3.
//!
//! Keys are made from content, so that what is there is never sent again, and nothing is ever overwritten that another run
//! refers to: every write is conditional on there being no object of that key. What the assembly promises is checked before
//! an object can be seen: its SHA-256 goes with it, and S3 refuses anything else. An object that is there with other content is
//! an error, unless it is provably ours and damaged (see `judge`).
//!
//! Never done here: deleting, listing for any other purpose, and requests to a bucket without saying whose it must be.

mod body;
mod explain;
mod judge;
mod layout;
mod listing;
mod media;
mod memory;
mod object;
mod pace;
mod parts;
mod progress;
mod read;
mod store;
mod template;
mod wanted;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use pipewright_assembly::{Assembly, StackRecord};

use self::object::{Condition, Outcome};
use self::pace::Gate;
use self::progress::Progress;
use self::store::{Ask, Store};
use self::wanted::Wanted;
use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::watch::{Transfer, Watch};

pub use layout::PART;
pub use pace::Pace;
pub use template::put_template;

/// Files that are in parts, at once. The parts of one are enough for any line; two bridge the ends.
const LARGE_AT_ONCE: usize = 2;

/// What [`publish`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that were sent.
    pub sent: u64,
    /// Files that were there.
    pub present: u64,
    /// Bytes of the files that were sent; those of parts that an earlier run had sent are among them.
    pub bytes: u64,
}

/// Sees to it that everything is in S3 that a stack needs there.
///
/// One request where nothing is to be sent and the bucket holds no more than 1,000 objects between the first and the last key;
/// none where the stack needs nothing. Less than 100 MB of content is in memory, however large files are. It may be ended at any
/// moment, and goes on from there when it is called again.
///
/// # Errors
/// - [`Kind::Assembly`] when a file is not what the assembly says; nothing of it can be seen in the bucket.
/// - [`Kind::Publish`] when the bucket does not exist, is another account's or in another region, and when something else is
///   stored under a key.
/// - [`Kind::Denied`], [`Kind::Expired`], [`Kind::Throttled`] and [`Kind::Network`] as the service has it, the last two after the
///   patience of [`Pace`].
///
/// What concerns single files is said of all of them.
pub async fn publish(
    session: &Session,
    assembly: &Assembly,
    stack: &StackRecord,
    watch: &dyn Watch,
) -> Result<Published> {
    publish_at(session, assembly, stack, watch, Pace::default()).await
}

/// [`publish`] at another pace.
///
/// # Errors
/// As there.
pub async fn publish_at(
    session: &Session,
    assembly: &Assembly,
    stack: &StackRecord,
    watch: &dyn Watch,
    pace: Pace,
) -> Result<Published> {
    let assets = assembly.stack_assets(stack).map_err(|error| {
        Error::new(Kind::Assembly, format!("can't read what stack {} needs in S3: {error}", stack.name))
    })?;
    let buckets = wanted::by_bucket(assets, &session.region, |text| session.fill(text));
    let gate = Gate::new(&pace);
    let progress = Progress::new(&stack.name, watch);
    let mut missing = Vec::new();
    for (at, wanted) in buckets {
        let store = Arc::new(Store::new(session, at, pace, maker(assembly, stack), &gate, &progress));
        let there = match listing::sizes(&store, &wanted).await {
            Err(error) if matches!(error.kind, Kind::Denied { .. }) => return Err(whose(&store, error).await),
            there => there?,
        };
        // Told once it is known of all of them: what is to be done does not grow while it is done.
        let mut found = Transfer::default();
        for wanted in wanted {
            match there.get(&wanted.key) {
                Some(size) if *size == wanted.size => found.present += 1,
                there => {
                    found.files += 1;
                    found.bytes += wanted.size;
                    missing.push(Task { store: Arc::clone(&store), wanted, is_there: there.is_some() });
                }
            }
        }
        progress.add(|transfer| {
            transfer.present += found.present;
            transfer.files += found.files;
            transfer.bytes += found.bytes;
        });
    }
    if missing.is_empty() {
        return Ok(summary(&progress, 0));
    }
    let (large, small): (Vec<_>, Vec<_>) = missing.into_iter().partition(|task| task.wanted.size >= PART);
    let (mut large, mut small) = (large.into_iter(), small.into_iter());
    let mut running = FuturesUnordered::new();
    // The first ones; each that ends makes room for the next of its kind.
    running.extend(large.by_ref().take(LARGE_AT_ONCE).map(Task::run));
    running.extend(small.by_ref().take(pace.most_requests.max(1)).map(Task::run));
    let mut bytes = 0;
    let mut failed = BTreeMap::new();
    while let Some((task, result)) = running.next().await {
        let next = if task.wanted.size >= PART { large.next() } else { small.next() };
        running.extend(next.map(Task::run));
        match result {
            Ok(outcome) => {
                let size = task.wanted.size;
                if outcome == Outcome::Sent {
                    bytes += size;
                }
                progress.add(|transfer| match outcome {
                    Outcome::Sent => {
                        transfer.files_done += 1;
                        if size < PART {
                            transfer.bytes_done += size;
                        }
                    }
                    Outcome::Present => {
                        transfer.files -= 1;
                        transfer.bytes -= size;
                        transfer.present += 1;
                    }
                });
            }
            // Of this file alone: what is wrong with the others is said too.
            Err(error) if matches!(error.kind, Kind::Publish | Kind::Assembly) => {
                failed.insert(task.wanted.key.clone(), error);
            }
            Err(error) => {
                progress.tell();
                return Err(error);
            }
        }
    }
    drop(running);
    memory::release();
    let published = summary(&progress, bytes);
    match together(failed) {
        Some(error) => Err(error),
        None => Ok(published),
    }
}

/// A file that is not there, or is there with another size.
struct Task<'a> {
    store: Arc<Store<'a>>,
    wanted: Wanted,
    is_there: bool,
}

impl<'a> Task<'a> {
    /// Boxed, so that what publishes can be a task of its own.
    fn run(self) -> Pin<Box<dyn Future<Output = (Self, Result<Outcome>)> + Send + 'a>> {
        Box::pin(async move {
            let result = self.send().await;
            (self, result)
        })
    }

    async fn send(&self) -> Result<Outcome> {
        let condition = if self.is_there {
            match object::look(&self.store, &self.wanted).await? {
                Some(condition) => condition,
                None => return Ok(Outcome::Present),
            }
        } else {
            Condition::Absent
        };
        if self.wanted.size >= PART {
            parts::send(&self.store, &self.wanted, condition).await
        } else {
            object::send(&self.store, &self.wanted, condition).await
        }
    }
}

fn summary(progress: &Progress<'_>, bytes: u64) -> Published {
    let transfer = progress.tell();
    Published { sent: transfer.files_done, present: transfer.present, bytes }
}

/// One error out of those of several files, sorted by key.
fn together(mut failed: BTreeMap<String, Error>) -> Option<Error> {
    let (_, first) = failed.pop_first()?;
    if failed.is_empty() {
        return Some(first);
    }
    let mut message = format!("{} files can't be published:\n  {}", failed.len() + 1, first.message);
    let mut hints = first.hints;
    for error in failed.into_values() {
        message.push_str("\n  ");
        message.push_str(&error.message);
        hints.extend(error.hints);
    }
    let mut seen = std::collections::BTreeSet::new();
    hints.retain(|hint| seen.insert(hint.clone()));
    Some(hints.into_iter().fold(Error::new(first.kind, message), Error::hint))
}

/// The stack of the assembly that makes the bucket: one that this one comes after, or else the infrastructure's.
fn maker(assembly: &Assembly, stack: &StackRecord) -> Option<String> {
    let infrastructure = format!("{}-infrastructure", assembly.marker().target.prefix);
    let is_there = assembly.stacks().iter().any(|other| other.name == infrastructure);
    if is_there { Some(infrastructure) } else { stack.depends_on.first().cloned() }
}

/// S3 says no to whoever has no permission, and to whoever asks for a bucket of another account: which of the two it is.
async fn whose(store: &Store<'_>, error: Error) -> Error {
    let Store { bucket, owner, .. } = store;
    let ask = Ask::new("look at", "s3:ListBucket", "");
    // Without saying whose it is; nothing of ours goes with it.
    let anyone = store.try_ask(&ask, |_| store.client.head_bucket().bucket(bucket).send()).await;
    match anyone {
        Ok(_) => {
            let message =
                format!("bucket {bucket} belongs to another account than {owner}: nothing is sent there");
            Error::new(Kind::Publish, message)
                .hint("names of buckets are shared by all accounts: name one of your own in pipewright.toml")
        }
        Err(_) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_several_files_become_one() {
        let error = |text: &str| Error::new(Kind::Publish, text).hint("do something");
        assert!(together(BTreeMap::new()).is_none());
        let one = together(BTreeMap::from([("a".to_owned(), error("a is wrong"))]));
        assert_eq!(one.map(|error| error.message), Some("a is wrong".to_owned()));
        let two = BTreeMap::from([("b".to_owned(), error("b is")), ("a".to_owned(), error("a is"))]);
        let two = together(two).map(|error| (error.message, error.hints));
        let message = "2 files can't be published:\n  a is\n  b is".to_owned();
        assert_eq!(two, Some((message, vec!["do something".to_owned()])));
    }
}
