//! A large object, sent in parts: what an earlier run sent is not sent again.
//!
//! Nobody sees the object before it is completed, and it is completed only when the file was read to its end and is what
//! the assembly says. Uploads that are never completed are cleared away by the bucket's lifecycle rule.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::{ByteStream, DateTime, Length};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{TryStreamExt as _, stream};

use super::body;
use super::explain::Failure;
use super::judge;
use super::layout::{Layout, PART};
use super::media::content_type;
use super::memory;
use super::object::{Condition, Outcome, ROUNDS, look};
use super::read::{Part, Reader};
use super::store::{Ask, Store};
use super::wanted::Wanted;
use crate::error::{Error, Kind, Result};

/// Parts that are read, hashed or sent at once; memory has a limit of its own.
const AT_ONCE: usize = 16;

/// Earlier uploads of one object that are looked at.
const CANDIDATES: usize = 4;

/// An upload that was begun.
struct Upload {
    id: String,
    /// The parts that are there, by number.
    there: BTreeMap<u64, Stored>,
}

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    size: u64,
    etag: String,
    /// Its SHA-256, base64.
    checksum: String,
}

/// Why an upload did not come to its end.
enum Stop {
    /// It is no longer there: completed or aborted by somebody else.
    Gone,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Sends a file in parts.
pub(super) async fn send(store: &Store<'_>, wanted: &Wanted, mut condition: Condition) -> Result<Outcome> {
    let layout = Layout::of(wanted.size);
    for round in 0..ROUNDS {
        let upload = match resumable(store, wanted, layout).await? {
            Some(upload) => upload,
            None => Upload { id: create(store, wanted).await?, there: BTreeMap::new() },
        };
        match send_and_complete(store, wanted, layout, &upload, &condition).await {
            Ok(()) => return Ok(Outcome::Sent),
            Err(Stop::Gone) => match look(store, wanted).await? {
                None => return Ok(Outcome::Present),
                Some(now) => condition = now,
            },
            Err(Stop::Failed(error)) => {
                // What was sent of another file is of no use to anybody; anything else is, to the next run.
                if error.kind == Kind::Assembly {
                    abort(store, wanted, &upload.id).await;
                }
                return Err(error);
            }
        }
        tokio::time::sleep(store.pace.wait(round, 1.0)).await;
    }
    Err(store.mistake(&wanted.key, "somebody else aborts its uploads all the time"))
}

/// The upload of an earlier run with the most parts that may be right.
async fn resumable(store: &Store<'_>, wanted: &Wanted, layout: Layout) -> Result<Option<Upload>> {
    let ask = Ask::new("look for uploads of", "s3:ListBucketMultipartUploads", &wanted.key);
    let listed = store
        .try_ask(&ask, |_| {
            store
                .client
                .list_multipart_uploads()
                .bucket(&store.bucket)
                .prefix(&wanted.key)
                .expected_bucket_owner(&store.owner)
                .send()
        })
        .await;
    let listed = match listed {
        Ok(listed) => listed,
        // To send all of it takes less permission than to go on.
        Err(failure) if matches!(failure.error.kind, Kind::Denied { .. }) => return Ok(None),
        Err(failure) => return Err(failure.error),
    };
    let mut uploads: Vec<(Option<&DateTime>, &str)> = listed
        .uploads()
        .iter()
        .filter(|upload| upload.key() == Some(&wanted.key))
        .filter(|upload| {
            upload.checksum_algorithm().is_none_or(|algorithm| *algorithm == ChecksumAlgorithm::Sha256)
        })
        .filter_map(|upload| Some((upload.initiated(), upload.upload_id()?)))
        .collect();
    // The newest first.
    uploads.sort_by(|a, b| b.cmp(a));
    let mut best: Option<Upload> = None;
    for (_, id) in uploads.into_iter().take(CANDIDATES) {
        let Some(there) = parts(store, wanted, layout, id).await? else { continue };
        if best.as_ref().is_none_or(|best| best.there.len() < there.len()) {
            best = Some(Upload { id: id.to_owned(), there });
        }
    }
    Ok(best)
}

/// The parts that an upload has; `None` when it is gone, or was cut in another way.
async fn parts(
    store: &Store<'_>,
    wanted: &Wanted,
    layout: Layout,
    id: &str,
) -> Result<Option<BTreeMap<u64, Stored>>> {
    let ask = Ask::new("look at an upload of", "s3:ListMultipartUploadParts", &wanted.key);
    let mut there = BTreeMap::new();
    let mut marker: Option<String> = None;
    loop {
        let page = store
            .try_ask(&ask, |_| {
                store
                    .client
                    .list_parts()
                    .bucket(&store.bucket)
                    .key(&wanted.key)
                    .upload_id(id)
                    .set_part_number_marker(marker.clone())
                    .expected_bucket_owner(&store.owner)
                    .send()
            })
            .await;
        let page = match page {
            Ok(page) => page,
            Err(failure) if is_gone(&failure) || matches!(failure.error.kind, Kind::Denied { .. }) => {
                return Ok(None);
            }
            Err(failure) => return Err(failure.error),
        };
        // Made by a program that sends other checksums, which these parts could not be mixed with.
        if page.checksum_algorithm().is_some_and(|algorithm| *algorithm != ChecksumAlgorithm::Sha256) {
            return Ok(None);
        }
        for part in page.parts() {
            let number = part.part_number().and_then(|number| u64::try_from(number).ok()).unwrap_or_default();
            let size = part.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
            if number == 0 || number > layout.count() {
                return Ok(None);
            }
            if let (Some(etag), Some(checksum)) = (part.e_tag(), part.checksum_sha256()) {
                there.insert(number, Stored { size, etag: etag.to_owned(), checksum: checksum.to_owned() });
            }
        }
        let next = page.next_part_number_marker().map(str::to_owned);
        if !page.is_truncated().unwrap_or_default() || next.is_none() || next == marker {
            return Ok(Some(there));
        }
        marker = next;
    }
}

async fn create(store: &Store<'_>, wanted: &Wanted) -> Result<String> {
    let ask = Ask::new("send", "s3:PutObject", &wanted.key);
    for _ in 0..ROUNDS {
        let created = store
            .ask(&ask, || {
                store
                    .client
                    .create_multipart_upload()
                    .bucket(&store.bucket)
                    .key(&wanted.key)
                    .expected_bucket_owner(&store.owner)
                    .checksum_algorithm(ChecksumAlgorithm::Sha256)
                    .content_type(content_type(&wanted.key))
                    .metadata(judge::SHA256, &wanted.sha256)
                    .metadata(judge::CONTENT, &wanted.content)
                    .send()
            })
            .await?;
        if let Some(id) = created.upload_id() {
            return Ok(id.to_owned());
        }
    }
    Err(store.mistake(&wanted.key, "the server begins uploads and gives them no id"))
}

/// Reads the file from front to end, sends what is missing and completes the upload.
async fn send_and_complete(
    store: &Store<'_>,
    wanted: &Wanted,
    layout: Layout,
    upload: &Upload,
    condition: &Condition,
) -> std::result::Result<(), Stop> {
    let reader = Reader::open(wanted).await?;
    let read = stream::try_unfold((1, reader.clone()), |(number, reader)| async move {
        if number > layout.count() {
            return Ok(None);
        }
        let length = layout.length(number);
        let room = memory::reserve(length.min(PART)).await;
        let part = reader.next(length, room).await?;
        Ok::<_, Stop>(Some(((number, part), (number + 1, reader))))
    });
    let sent = read.map_ok(|(number, part)| send_part(store, wanted, layout, upload, number, part));
    let mut completed: Vec<CompletedPart> = sent.try_buffer_unordered(AT_ONCE).try_collect().await?;
    reader.finish().await?;
    completed.sort_by_key(CompletedPart::part_number);
    complete(store, wanted, upload, condition, completed).await
}

async fn send_part(
    store: &Store<'_>,
    wanted: &Wanted,
    layout: Layout,
    upload: &Upload,
    number: u64,
    part: Part,
) -> std::result::Result<CompletedPart, Stop> {
    let length = layout.length(number);
    let part = part.hashed().await?;
    let checksum = STANDARD.encode(part.digest);
    let wire_number = i32::try_from(number).unwrap_or(i32::MAX);
    let completed = CompletedPart::builder().part_number(wire_number).checksum_sha256(&checksum);
    if let Some(there) = upload.there.get(&number)
        && there.size == length
        && there.checksum == checksum
    {
        store.progress.add(|transfer| transfer.bytes_done += length);
        return Ok(completed.e_tag(&there.etag).build());
    }
    let ask = Ask::new("send a part of", "s3:PutObject", &wanted.key);
    let answer = match &part.bytes {
        Some(bytes) => {
            store
                .try_ask(&ask, |pulse| {
                    let request = upload_part(store, wanted, upload, wire_number, length, &checksum);
                    request.body(body::stream(bytes.clone(), pulse)).send()
                })
                .await
        }
        None => {
            store
                .try_ask(&ask, |pulse| {
                    let request = upload_part(store, wanted, upload, wire_number, length, &checksum);
                    let file = wanted.file.clone();
                    let offset = layout.offset(number);
                    async move {
                        let content = ByteStream::read_from()
                            .path(file)
                            .offset(offset)
                            .length(Length::Exact(length))
                            .build()
                            .await
                            .map_err(aws_sdk_s3::error::SdkError::construction_failure)?;
                        request.body(body::watched(content, length, pulse)).send().await
                    }
                })
                .await
        }
    };
    match answer {
        Ok(answer) => {
            store.progress.add(|transfer| transfer.bytes_done += length);
            Ok(completed.set_e_tag(answer.e_tag().map(str::to_owned)).build())
        }
        Err(failure) if is_gone(&failure) => Err(Stop::Gone),
        Err(failure) => Err(Stop::Failed(failure.error)),
    }
}

fn upload_part(
    store: &Store<'_>,
    wanted: &Wanted,
    upload: &Upload,
    number: i32,
    length: u64,
    checksum: &str,
) -> aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder {
    store
        .client
        .upload_part()
        .bucket(&store.bucket)
        .key(&wanted.key)
        .upload_id(&upload.id)
        .part_number(number)
        .expected_bucket_owner(&store.owner)
        .content_length(i64::try_from(length).unwrap_or(i64::MAX))
        .checksum_sha256(checksum)
}

async fn complete(
    store: &Store<'_>,
    wanted: &Wanted,
    upload: &Upload,
    condition: &Condition,
    parts: Vec<CompletedPart>,
) -> std::result::Result<(), Stop> {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let ask = Ask::new("complete", "s3:PutObject", &wanted.key);
    let answer = store
        .try_ask(&ask, |_| {
            store
                .client
                .complete_multipart_upload()
                .bucket(&store.bucket)
                .key(&wanted.key)
                .upload_id(&upload.id)
                .expected_bucket_owner(&store.owner)
                .set_if_none_match(condition.if_none_match())
                .set_if_match(condition.if_match())
                .multipart_upload(parts.clone())
                .send()
        })
        .await;
    match answer {
        Ok(done) if done.e_tag().is_some() => Ok(()),
        // An answer that says nothing, or half of what it should: what counts is what is there.
        Ok(_) => match look(store, wanted).await? {
            None => Ok(()),
            Some(_) => Err(Stop::Gone),
        },
        // Completed before, by an attempt whose answer was lost, or by somebody else.
        Err(failure) if is_gone(&failure) && failure.failures > 0 && look(store, wanted).await?.is_none() => {
            Ok(())
        }
        Err(failure) if is_gone(&failure) => Err(Stop::Gone),
        Err(failure) if failure.is_condition() => {
            // Somebody else was first: what this upload holds is there twice.
            abort(store, wanted, &upload.id).await;
            Err(Stop::Gone)
        }
        // A part was replaced or lost since it was listed: the next round sends what is missing.
        Err(failure) if failure.has_code("InvalidPart") || failure.has_code("InvalidPartOrder") => {
            abort(store, wanted, &upload.id).await;
            Err(Stop::Gone)
        }
        Err(failure) => Err(Stop::Failed(failure.error)),
    }
}

/// Whatever comes of it: the bucket's lifecycle rule clears away what this does not.
async fn abort(store: &Store<'_>, wanted: &Wanted, id: &str) {
    let aborted = store
        .client
        .abort_multipart_upload()
        .bucket(&store.bucket)
        .key(&wanted.key)
        .upload_id(id)
        .expected_bucket_owner(&store.owner)
        .send();
    let _ = tokio::time::timeout(store.pace.stall, aborted).await;
}

fn is_gone(failure: &Failure) -> bool {
    failure.has_code("NoSuchUpload") || failure.status == Some(404) && !failure.has_code("NoSuchBucket")
}
