//! Multipart uploads: parts with their checksums, listed as S3 lists them, joined when completed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, ETagCondition, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput, MultipartUpload, Part, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3Error, S3Result, TrailingHeaders, s3_error};

use super::service::{size, tags_of_header};
use super::store::{Object, Open, Store, no_bucket};
use super::{content, lock};

/// The least size of every part but the last, in bytes.
const SMALLEST_PART: u64 = 5 * 1024 * 1024;
const MOST_PARTS: i32 = 10_000;

pub(super) fn no_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
         aborted or completed."
    )
}

fn sha256_algorithm(used: bool) -> Option<ChecksumAlgorithm> {
    used.then(|| ChecksumAlgorithm::from_static(ChecksumAlgorithm::SHA256))
}

pub(super) fn create(
    store: &Store,
    input: CreateMultipartUploadInput,
) -> S3Result<CreateMultipartUploadOutput> {
    let id = format!("upload-{:08}", store.number());
    let checksummed =
        input.checksum_algorithm.as_ref().is_some_and(|one| one.as_str() == ChecksumAlgorithm::SHA256);
    let mut index = lock(&store.index);
    index.buckets.get(&input.bucket).ok_or_else(no_bucket)?;
    index.uploads.insert(
        id.clone(),
        Open {
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            started: SystemTime::now(),
            content_type: input.content_type,
            metadata: input.metadata,
            tags: tags_of_header(input.tagging.as_deref()),
            checksummed,
            parts: BTreeMap::new(),
        },
    );
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: sha256_algorithm(checksummed),
        ..Default::default()
    })
}

/// The upload that a request names, if bucket and key are its own too.
fn open(store: &Store, id: &str, bucket: &str, key: &str) -> S3Result<Open> {
    let index = lock(&store.index);
    let found = index.uploads.get(id).filter(|open| open.bucket == bucket && open.key == key);
    found.cloned().ok_or_else(no_upload)
}

pub(super) async fn part(
    store: &Store,
    input: UploadPartInput,
    trailers: Option<TrailingHeaders>,
) -> S3Result<UploadPartOutput> {
    if !(1..=MOST_PARTS).contains(&input.part_number) {
        return Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        ));
    }
    let checksummed = open(store, &input.upload_id, &input.bucket, &input.key)?.checksummed;
    let announced = input.checksum_sha256.is_some() || trailers.is_some();
    if checksummed && !announced {
        let text =
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null";
        return Err(s3_error!(InvalidRequest, "{}", text));
    }
    let written =
        content::write(store.fresh(), input.body, input.content_length, input.checksum_sha256, trailers)
            .await?;
    let output = UploadPartOutput {
        e_tag: Some(ETag::Strong(written.etag())),
        checksum_sha256: checksummed.then(|| written.sha256()),
        ..Default::default()
    };
    let mut index = lock(&store.index);
    let upload = index.uploads.get_mut(&input.upload_id).ok_or_else(no_upload)?;
    upload.parts.insert(input.part_number, Arc::new(written));
    Ok(output)
}

pub(super) fn list_parts(store: &Store, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    let upload = open(store, &input.upload_id, &input.bucket, &input.key)?;
    let limit = usize::try_from(input.max_parts.unwrap_or(1000)).unwrap_or(0).min(1000);
    let after = input.part_number_marker.unwrap_or(0);
    let left: Vec<_> = upload.parts.iter().filter(|(number, _)| **number > after).collect();
    let truncated = left.len() > limit;
    let parts: Vec<_> = left
        .into_iter()
        .take(limit)
        .map(|(number, written)| Part {
            part_number: Some(*number),
            size: Some(size(written.body.size)),
            e_tag: Some(ETag::Strong(written.etag())),
            checksum_sha256: upload.checksummed.then(|| written.sha256()),
            ..Default::default()
        })
        .collect();
    Ok(ListPartsOutput {
        next_part_number_marker: parts.last().and_then(|part| part.part_number).filter(|_| truncated),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        is_truncated: Some(truncated),
        max_parts: i32::try_from(limit).ok(),
        part_number_marker: Some(after),
        checksum_algorithm: sha256_algorithm(upload.checksummed),
        parts: Some(parts),
        ..Default::default()
    })
}

pub(super) fn list(store: &Store, input: ListMultipartUploadsInput) -> S3Result<ListMultipartUploadsOutput> {
    let index = lock(&store.index);
    index.buckets.get(&input.bucket).ok_or_else(no_bucket)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let limit = usize::try_from(input.max_uploads.unwrap_or(1000)).unwrap_or(0).min(1000);
    let mut left: Vec<_> = index
        .uploads
        .iter()
        .filter(|(_, open)| open.bucket == input.bucket && open.key.starts_with(&prefix))
        .map(|(id, open)| (open.key.clone(), id.clone(), open))
        .collect();
    left.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    let marker = input.key_marker.clone().map(|key| (key, input.upload_id_marker.clone()));
    if let Some((key, id)) = &marker {
        left.retain(|one| match id {
            Some(id) => (&one.0, &one.1) > (key, id),
            None => one.0 > *key,
        });
    }
    let truncated = left.len() > limit;
    left.truncate(limit);
    let last = left.last().filter(|_| truncated).map(|one| (one.0.clone(), one.1.clone()));
    let uploads = left.into_iter().map(|(key, id, open)| MultipartUpload {
        key: Some(key),
        upload_id: Some(id),
        initiated: Some(open.started.into()),
        checksum_algorithm: sha256_algorithm(open.checksummed),
        ..Default::default()
    });
    Ok(ListMultipartUploadsOutput {
        uploads: Some(uploads.collect()),
        bucket: Some(input.bucket),
        prefix: input.prefix,
        is_truncated: Some(truncated),
        max_uploads: i32::try_from(limit).ok(),
        next_key_marker: last.as_ref().map(|one| one.0.clone()),
        next_upload_id_marker: last.map(|one| one.1),
        ..Default::default()
    })
}

pub(super) async fn complete(
    store: &Store,
    input: CompleteMultipartUploadInput,
) -> S3Result<CompleteMultipartUploadOutput> {
    let upload = open(store, &input.upload_id, &input.bucket, &input.key)?;
    let named = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    if named.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    let mut parts = Vec::new();
    let mut before = 0;
    for one in &named {
        let number = one.part_number.unwrap_or(0);
        if number <= before {
            return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
        }
        before = number;
        let written = upload.parts.get(&number).filter(|written| {
            let etag = one.e_tag.as_ref().is_some_and(|etag| etag.value() == written.etag());
            let sum = one.checksum_sha256.as_ref().is_none_or(|sum| *sum == written.sha256());
            etag && sum && (!upload.checksummed || one.checksum_sha256.is_some())
        });
        let written = written.ok_or_else(|| {
            s3_error!(InvalidPart, "One or more of the specified parts could not be found. Part {}", number)
        })?;
        parts.push(Arc::clone(written));
    }
    if parts.iter().rev().skip(1).any(|part| part.body.size < SMALLEST_PART) {
        let text = "Your proposed upload is smaller than the minimum allowed size";
        return Err(s3_error!(EntityTooSmall, "{}", text));
    }
    let digests: Vec<u8> = parts.iter().flat_map(|part| part.digest).collect();
    let digest = content::sha256(&digests);
    let composite = format!("{}-{}", content::base64(&digest), parts.len());
    if input.checksum_sha256.is_some_and(|wanted| wanted.split('-').next() != composite.split('-').next()) {
        return Err(s3_error!(BadDigest, "The sha256 you specified did not match the calculated checksum."));
    }
    let etag = format!("{}-{}", content::hex(&digest[..16]), parts.len());
    let body = content::join(store.fresh(), parts).await?;
    if input.mpu_object_size.is_some_and(|wanted| u64::try_from(wanted) != Ok(body.size)) {
        return Err(s3_error!(InvalidRequest, "the object has another size than the request says"));
    }
    let object = Object {
        body: Arc::new(body),
        etag: etag.clone(),
        sha256: upload.checksummed.then(|| composite.clone()),
        modified: SystemTime::now(),
        content_type: upload.content_type,
        metadata: upload.metadata,
        tags: upload.tags,
    };
    let only_new = input.if_none_match.as_ref().is_some_and(ETagCondition::is_any);
    store.insert(&input.bucket, &input.key, object, only_new)?;
    lock(&store.index).uploads.remove(&input.upload_id);
    Ok(CompleteMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(ETag::Strong(etag)),
        checksum_sha256: upload.checksummed.then_some(composite),
        checksum_type: upload.checksummed.then(|| ChecksumType::from_static(ChecksumType::COMPOSITE)),
        ..Default::default()
    })
}
