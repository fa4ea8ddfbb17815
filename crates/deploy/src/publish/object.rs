//! One object: looked at, and sent as a whole.

use aws_sdk_s3::types::ChecksumMode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::body;
use super::judge::{self, Found, Verdict};
use super::media::content_type;
use super::memory;
use super::read;
use super::store::{Ask, Store};
use super::wanted::Wanted;
use crate::error::{Error, Kind, Result};

/// How often it is tried anew when somebody else writes the same object.
pub(super) const ROUNDS: u32 = 5;

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was sent.
    Sent,
    /// Somebody else had sent it.
    Present,
}

/// When an object may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// While there is none.
    Absent,
    /// While there is this version of it, which is damaged.
    Replaces(String),
}

impl Condition {
    pub(super) fn if_none_match(&self) -> Option<String> {
        (*self == Self::Absent).then(|| "*".to_owned())
    }

    pub(super) fn if_match(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Replaces(etag) => Some(etag.clone()),
        }
    }
}

/// Looks at an object that has our key. `None` when it is what is wanted, and otherwise when it may be written.
///
/// # Errors
/// When it is somebody else's.
pub(super) async fn look(store: &Store<'_>, wanted: &Wanted) -> Result<Option<Condition>> {
    let Some(found) = head(store, &wanted.key).await? else { return Ok(Some(Condition::Absent)) };
    match judge::judge(wanted, &found) {
        Verdict::Same => Ok(None),
        Verdict::Damaged { etag } => {
            let text =
                format!("{} is damaged ({} bytes): it is replaced", store.uri(&wanted.key), found.size);
            store.progress.note(&text);
            Ok(Some(Condition::Replaces(etag)))
        }
        Verdict::Foreign(why) => {
            let why = format!(
                "somebody else stored something there: {why}, and ours has {} bytes with SHA-256 {}",
                wanted.size, wanted.sha256
            );
            Err(store.mistake(&wanted.key, why).hint(
                "an object under this key is never overwritten: find out who wrote it, delete it, and repeat the command",
            ))
        }
    }
}

async fn head(store: &Store<'_>, key: &str) -> Result<Option<Found>> {
    let ask = Ask::new("look at", "s3:GetObject", key);
    let answer = store
        .try_ask(&ask, |_| {
            store
                .client
                .head_object()
                .bucket(&store.bucket)
                .key(key)
                .expected_bucket_owner(&store.owner)
                .checksum_mode(ChecksumMode::Enabled)
                .send()
        })
        .await;
    match answer {
        Ok(object) => {
            let metadata = |name: &str| object.metadata().and_then(|all| all.get(name)).cloned();
            Ok(Some(Found {
                size: object.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                // Of an object in parts it is the checksum of checksums, `…-12`: no base64 of 32 bytes.
                checksum: object.checksum_sha256().and_then(from_base64),
                sha256: metadata(judge::SHA256),
                content: metadata(judge::CONTENT),
                etag: object.e_tag().map(str::to_owned),
            }))
        }
        Err(failure) if failure.status == Some(404) && !failure.has_code("NoSuchBucket") => Ok(None),
        Err(failure) => Err(failure.error),
    }
}

/// Sends a file with one request.
pub(super) async fn send(store: &Store<'_>, wanted: &Wanted, condition: Condition) -> Result<Outcome> {
    let _room = memory::reserve(wanted.size).await;
    let bytes = read::whole(wanted).await?;
    send_bytes(store, wanted, &bytes, condition).await
}

/// The same for what is in memory, and is known to be what `wanted` says.
pub(super) async fn send_bytes(
    store: &Store<'_>,
    wanted: &Wanted,
    bytes: &bytes::Bytes,
    mut condition: Condition,
) -> Result<Outcome> {
    let checksum = checksum(wanted)?;
    let ask = Ask::new("send", "s3:PutObject", &wanted.key);
    for round in 0..ROUNDS {
        let answer = store
            .try_ask(&ask, |pulse| {
                store
                    .client
                    .put_object()
                    .bucket(&store.bucket)
                    .key(&wanted.key)
                    .expected_bucket_owner(&store.owner)
                    .set_if_none_match(condition.if_none_match())
                    .set_if_match(condition.if_match())
                    .content_type(content_type(&wanted.key))
                    .content_length(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
                    .checksum_sha256(&checksum)
                    .metadata(judge::SHA256, &wanted.sha256)
                    .metadata(judge::CONTENT, &wanted.content)
                    .body(body::stream(bytes.clone(), pulse))
                    .send()
            })
            .await;
        let Err(failure) = answer else { return Ok(Outcome::Sent) };
        let vanished = failure.status == Some(404) && failure.has_code("NoSuchKey");
        if !failure.is_condition() && !vanished {
            return Err(failure.error);
        }
        match look(store, wanted).await? {
            // An answer that was lost on the way: it was this program that sent it.
            None if failure.failures > 0 => return Ok(Outcome::Sent),
            None => return Ok(Outcome::Present),
            Some(now) => condition = now,
        }
        tokio::time::sleep(store.pace.wait(round, 1.0)).await;
    }
    Err(store.mistake(&wanted.key, "somebody else writes and deletes it all the time"))
}

/// The SHA-256 of the file as S3 takes it.
fn checksum(wanted: &Wanted) -> Result<String> {
    let digits = wanted.sha256.as_bytes();
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect();
    match bytes {
        Some(bytes) if bytes.len() == 32 => Ok(STANDARD.encode(bytes)),
        _ => Err(Error::new(Kind::Assembly, format!("{:?} is no SHA-256", wanted.sha256))),
    }
}

fn from_base64(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text).ok()?;
    Some(read::hex(&bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_go_there_and_back() {
        let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let wanted = Wanted { sha256: sha256.to_owned(), ..Wanted::default() };
        let text = checksum(&wanted).unwrap_or_default();
        assert_eq!(text, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
        assert_eq!(from_base64(&text).as_deref(), Some(sha256));
        assert_eq!(from_base64("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=-3"), None);
        for bad in ["", "0", "zz", "aé"] {
            assert!(checksum(&Wanted { sha256: bad.to_owned(), ..Wanted::default() }).is_err(), "{bad}");
        }
    }
}
