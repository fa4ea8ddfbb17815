//! [`Store`]: the source bucket. Every request says whose bucket it must be.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::types::{BucketVersioningStatus, Tag, Tagging};
use jiff::Timestamp;
use pipewright_deploy::error::{Error, Kind, Result};

use super::key::{OwnKey, PREFIXES};
use super::reach::{MARK, Object, TAG};

/// Texts larger than this are no definitions and no templates, in bytes.
const TEXT_LIMIT: u64 = 16 << 20;

/// A bucket that must belong to an account.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) client: Client,
    pub(crate) bucket: String,
    pub(crate) owner: String,
}

impl Store {
    /// The objects under keys that a deploy writes, sorted by key; tags and metadata are not read yet.
    pub(crate) async fn list(&self) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        for prefix in PREFIXES {
            let mut pages = self
                .client
                .list_objects_v2()
                .bucket(&self.bucket)
                .expected_bucket_owner(&self.owner)
                .prefix(prefix)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| {
                    Error::from_sdk(&format!("list bucket {} (s3:ListBucket)", self.bucket), error)
                })?;
                for object in page.contents() {
                    let Some(key) = object.key().filter(|key| OwnKey::parse(key).is_some()) else { continue };
                    let modified = object.last_modified().and_then(|time| timestamp(*time));
                    let modified = modified.ok_or_else(|| self.silent("list", key, "the date"))?;
                    let bytes = u64::try_from(object.size().unwrap_or_default()).unwrap_or_default();
                    let key = key.to_owned();
                    objects.push(Object { key, bytes, modified, marked: false, tag: None });
                }
            }
        }
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        objects.dedup_by(|a, b| a.key == b.key);
        Ok(objects)
    }

    /// Whether the bucket keeps what is deleted; `None` when it does not say.
    pub(crate) async fn is_versioned(&self) -> Option<bool> {
        let answer = self
            .client
            .get_bucket_versioning()
            .bucket(&self.bucket)
            .expected_bucket_owner(&self.owner)
            .send()
            .await
            .ok()?;
        Some(answer.status() == Some(&BucketVersioningStatus::Enabled))
    }

    /// All tags of an object.
    pub(crate) async fn tags(&self, key: &str) -> Result<BTreeMap<String, String>> {
        let answer = self
            .client
            .get_object_tagging()
            .bucket(&self.bucket)
            .expected_bucket_owner(&self.owner)
            .key(key)
            .send()
            .await
            .map_err(|error| {
                Error::from_sdk(&format!("read the tags of {key} (s3:GetObjectTagging)"), error)
            })?;
        Ok(answer.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
    }

    /// Gives an object the tag with this value, or takes it away; its other tags stay.
    ///
    /// S3 knows only "these are all its tags": somebody who changes others in the same moment loses.
    pub(crate) async fn set_tag(&self, key: &str, value: Option<&str>) -> Result<()> {
        let mut tags = self.tags(key).await?;
        match value {
            Some(value) => tags.insert(TAG.to_owned(), value.to_owned()),
            None => tags.remove(TAG),
        };
        if tags.is_empty() {
            let request = self.client.delete_object_tagging().bucket(&self.bucket).key(key);
            let answer = request.expected_bucket_owner(&self.owner).send().await;
            return answer.map(drop).map_err(|error| {
                Error::from_sdk(&format!("remove the tag of {key} (s3:DeleteObjectTagging)"), error)
            });
        }
        let what = || format!("tag {key} (s3:PutObjectTagging)");
        let tags = tags
            .into_iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect::<std::result::Result<Vec<_>, _>>()
            .and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build())
            .map_err(|error| Error::new(Kind::Usage, format!("can't {}: {error}", what())))?;
        let request = self.client.put_object_tagging().bucket(&self.bucket).key(key).tagging(tags);
        let answer = request.expected_bucket_owner(&self.owner).send().await;
        answer.map(drop).map_err(|error| Error::from_sdk(&what(), error))
    }

    /// The object as it is now with metadata and tag; `None` when it is gone.
    pub(crate) async fn look(&self, key: &str) -> Result<Option<Object>> {
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        let head = match request.expected_bucket_owner(&self.owner).send().await {
            Ok(head) => head,
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                return Ok(None);
            }
            Err(error) => {
                return Err(Error::from_sdk(&format!("look at {key} (s3:GetObject)"), error));
            }
        };
        let modified = head.last_modified().and_then(|time| timestamp(*time));
        let modified = modified.ok_or_else(|| self.silent("look at", key, "the date"))?;
        let marked = head.metadata().is_some_and(|metadata| metadata.contains_key(MARK));
        let bytes = u64::try_from(head.content_length().unwrap_or_default()).unwrap_or_default();
        let tag = self.tags(key).await?.remove(TAG);
        Ok(Some(Object { key: key.to_owned(), bytes, modified, marked, tag }))
    }

    /// The text under a key.
    pub(crate) async fn text(&self, key: &str, bytes: u64) -> Result<String> {
        if bytes > TEXT_LIMIT {
            let message =
                format!("{key} has {bytes} bytes, and is no text to look into ({TEXT_LIMIT} at most)");
            return Err(Error::new(Kind::Service { code: None }, message));
        }
        let what = || format!("read {key} (s3:GetObject)");
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let answer = request.expected_bucket_owner(&self.owner).send().await;
        let body = answer.map_err(|error| Error::from_sdk(&what(), error))?.body;
        let bytes = body.collect().await.map_err(|error| {
            Error::new(Kind::Network, format!("can't {}: {error}", what())).caused_by(error)
        })?;
        Ok(String::from_utf8_lossy(&bytes.into_bytes()).into_owned())
    }

    /// Deletes an object; the version of the delete marker, where the bucket keeps what was there.
    pub(crate) async fn delete(&self, key: &str) -> Result<Option<String>> {
        let request = self.client.delete_object().bucket(&self.bucket).key(key);
        let answer = request
            .expected_bucket_owner(&self.owner)
            .send()
            .await
            .map_err(|error| Error::from_sdk(&format!("delete {key} (s3:DeleteObject)"), error))?;
        Ok(answer.version_id.filter(|_| answer.delete_marker == Some(true)))
    }

    /// Takes a deletion back, by removing its delete marker.
    pub(crate) async fn undelete(&self, key: &str, marker: &str) -> Result<()> {
        let request = self.client.delete_object().bucket(&self.bucket).key(key).version_id(marker);
        let answer = request.expected_bucket_owner(&self.owner).send().await;
        answer.map(drop).map_err(|error| {
            Error::from_sdk(&format!("take back the deletion of {key} (s3:DeleteObjectVersion)"), error)
        })
    }

    fn silent(&self, action: &str, key: &str, what: &str) -> Error {
        let message = format!("can't {action} {key} of bucket {}: the answer lacks {what}", self.bucket);
        Error::new(Kind::Service { code: None }, message)
    }
}

fn timestamp(time: aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}
