//! The S3 operations, each a few lines over the index. Multipart uploads are in their own module.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
#[allow(clippy::wildcard_imports, reason = "each operation needs four of its types")]
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::store::{Object as Stored, Store, no_bucket};
use super::{content, lock, multipart};
use crate::form;

pub(super) struct Service(pub(super) Arc<Store>);

impl Service {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self(store)
    }
}

#[allow(clippy::unnecessary_wraps, reason = "every operation ends with it")]
fn done<T>(output: T) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(output))
}

pub(super) fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).expect("a body below 8 EiB")
}

fn tag_set(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// What `x-amz-tagging` holds: pairs as in a query.
pub(super) fn tags_of_header(header: Option<&str>) -> BTreeMap<String, String> {
    header.map(|header| form::parse(header.as_bytes())).unwrap_or_default()
}

fn checksum_kind(object: &Stored) -> Option<ChecksumType> {
    let sha256 = object.sha256.as_ref()?;
    let kind = if sha256.contains('-') { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    Some(ChecksumType::from_static(kind))
}

#[async_trait::async_trait]
impl S3 for Service {
    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.0.create_bucket(&request.input.bucket)?;
        done(CreateBucketOutput { location: Some(format!("/{}", request.input.bucket)) })
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        let index = lock(&self.0.index);
        index.buckets.get(&request.input.bucket).ok_or_else(no_bucket)?;
        done(HeadBucketOutput::default())
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let index = lock(&self.0.index);
        let buckets = index.buckets.keys();
        let buckets = buckets.map(|name| Bucket { name: Some(name.clone()), ..Default::default() }).collect();
        done(ListBucketsOutput { buckets: Some(buckets), ..Default::default() })
    }

    async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        let mut index = lock(&self.0.index);
        let objects = index.buckets.get(&request.input.bucket).ok_or_else(no_bucket)?;
        if !objects.is_empty() {
            return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
        }
        index.buckets.remove(&request.input.bucket);
        done(DeleteBucketOutput::default())
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        let index = lock(&self.0.index);
        index.buckets.get(&request.input.bucket).ok_or_else(no_bucket)?;
        done(GetBucketLocationOutput::default())
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let only_new = input.if_none_match.as_ref().is_some_and(ETagCondition::is_any);
        {
            // Said before the body is read, as S3 does; decided again when the body is there.
            let index = lock(&self.0.index);
            let objects = index.buckets.get(&input.bucket).ok_or_else(no_bucket)?;
            if only_new && objects.contains_key(&input.key) {
                let text = "At least one of the pre-conditions you specified did not hold";
                return Err(s3_error!(PreconditionFailed, "{}", text));
            }
        }
        let written = content::write(
            self.0.fresh(),
            input.body,
            input.content_length,
            input.checksum_sha256,
            request.trailing_headers,
        )
        .await?;
        let object = Stored {
            body: Arc::clone(&written.body),
            etag: written.etag(),
            sha256: Some(written.sha256()),
            modified: SystemTime::now(),
            content_type: input.content_type,
            metadata: input.metadata,
            tags: tags_of_header(input.tagging.as_deref()),
        };
        self.0.insert(&input.bucket, &input.key, object, only_new)?;
        done(PutObjectOutput {
            e_tag: Some(ETag::Strong(written.etag())),
            checksum_sha256: Some(written.sha256()),
            ..Default::default()
        })
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let object = self.0.object(&request.input.bucket, &request.input.key)?;
        let whole = object.body.size;
        let range = match request.input.range {
            Some(range) => range.check(whole)?,
            None => 0..whole,
        };
        let part = request.input.range.is_some();
        let length = range.end - range.start;
        done(GetObjectOutput {
            body: Some(content::read(Arc::clone(&object.body), range.start, length).await?),
            content_length: Some(size(length)),
            content_range: part
                .then(|| format!("bytes {}-{}/{whole}", range.start, range.end.saturating_sub(1))),
            content_type: object.content_type.clone(),
            checksum_sha256: object.sha256.clone().filter(|_| !part),
            checksum_type: checksum_kind(&object).filter(|_| !part),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.modified.into()),
            metadata: object.metadata,
            ..Default::default()
        })
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.0.object(&request.input.bucket, &request.input.key)?;
        let checksums = request.input.checksum_mode.is_some();
        done(HeadObjectOutput {
            content_length: Some(size(object.body.size)),
            content_type: object.content_type.clone(),
            checksum_sha256: object.sha256.clone().filter(|_| checksums),
            checksum_type: checksum_kind(&object).filter(|_| checksums),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.modified.into()),
            metadata: object.metadata,
            ..Default::default()
        })
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let CopySource::Bucket { bucket, key, .. } = &request.input.copy_source else {
            return Err(s3_error!(NotImplemented));
        };
        let mut object = self.0.object(bucket, key)?;
        object.modified = SystemTime::now();
        let result = CopyObjectResult {
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(object.modified.into()),
            ..Default::default()
        };
        self.0.insert(&request.input.bucket, &request.input.key, object, false)?;
        done(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.0.remove(&request.input.bucket, &request.input.key)?;
        done(DeleteObjectOutput::default())
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let quiet = request.input.delete.quiet.unwrap_or(false);
        let mut deleted = Vec::new();
        for one in request.input.delete.objects {
            self.0.remove(&request.input.bucket, &one.key)?;
            if !quiet {
                deleted.push(DeletedObject { key: Some(one.key), ..Default::default() });
            }
        }
        done(DeleteObjectsOutput { deleted: Some(deleted), ..Default::default() })
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(0).min(1000);
        let after = match &input.continuation_token {
            Some(token) => {
                let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| s3_error!(InvalidArgument))?;
                String::from_utf8(bytes).map_err(|_| s3_error!(InvalidArgument))?
            }
            None => input.start_after.clone().unwrap_or_default(),
        };
        let index = lock(&self.0.index);
        let objects = index.buckets.get(&input.bucket).ok_or_else(no_bucket)?;
        let (mut contents, mut prefixes, mut last) = (Vec::new(), BTreeSet::new(), None);
        let mut truncated = false;
        for (key, object) in objects.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)) {
            let folded = input.delimiter.as_deref().filter(|text| !text.is_empty()).and_then(|delimiter| {
                let end = key[prefix.len()..].find(delimiter)? + prefix.len() + delimiter.len();
                Some(key[..end].to_owned())
            });
            // A folded prefix counts once, and a token that names it stands behind all of its keys.
            let position = folded.as_ref().unwrap_or(key);
            if (!after.is_empty() && *position <= after) || prefixes.contains(position) {
                continue;
            }
            if contents.len() + prefixes.len() == limit {
                truncated = true;
                break;
            }
            last = Some(position.clone());
            match folded {
                Some(folded) => drop(prefixes.insert(folded)),
                None => contents.push(Object {
                    key: Some(key.clone()),
                    size: Some(size(object.body.size)),
                    e_tag: Some(ETag::Strong(object.etag.clone())),
                    last_modified: Some(object.modified.into()),
                    ..Default::default()
                }),
            }
        }
        let prefixes: Vec<_> =
            prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(prefix) }).collect();
        done(ListObjectsV2Output {
            name: Some(input.bucket),
            key_count: i32::try_from(contents.len() + prefixes.len()).ok(),
            max_keys: i32::try_from(limit).ok(),
            is_truncated: Some(truncated),
            next_continuation_token: last.filter(|_| truncated).map(|key| URL_SAFE_NO_PAD.encode(key)),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            prefix: input.prefix,
            delimiter: input.delimiter,
            continuation_token: input.continuation_token,
            ..Default::default()
        })
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let object = self.0.object(&request.input.bucket, &request.input.key)?;
        done(GetObjectTaggingOutput { tag_set: tag_set(&object.tags), version_id: None })
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        let input = request.input;
        let mut object = self.0.object(&input.bucket, &input.key)?;
        let tags = input.tagging.tag_set.into_iter();
        object.tags = tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
        self.0.insert(&input.bucket, &input.key, object, false)?;
        done(PutObjectTaggingOutput::default())
    }

    async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
        let mut object = self.0.object(&request.input.bucket, &request.input.key)?;
        object.tags.clear();
        self.0.insert(&request.input.bucket, &request.input.key, object, false)?;
        done(DeleteObjectTaggingOutput::default())
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        done(multipart::create(&self.0, request.input)?)
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        done(multipart::part(&self.0, request.input, request.trailing_headers).await?)
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        done(multipart::list_parts(&self.0, request.input)?)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        done(multipart::list(&self.0, request.input)?)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        done(multipart::complete(&self.0, request.input).await?)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let mut index = lock(&self.0.index);
        index.uploads.remove(&request.input.upload_id).ok_or_else(multipart::no_upload)?;
        done(AbortMultipartUploadOutput::default())
    }
}
