//! Bytes on their way in and out: written to a file and checked while they stream, read by range.

use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt, stream};
use hyper::body::Bytes;
use s3s::dto::StreamingBlob;
use s3s::{S3Result, TrailingHeaders, s3_error};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::store::Body;

/// How much is gathered before it goes to the file, and read at once: 1 MiB.
const BLOCK: usize = 1 << 20;

/// A body that arrived whole and matched its checksum.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) body: Arc<Body>,
    pub(super) digest: [u8; 32],
}

impl Written {
    pub(super) fn etag(&self) -> String {
        hex(&self.digest[..16])
    }

    pub(super) fn sha256(&self) -> String {
        base64(&self.digest)
    }
}

/// Writes a body to a new file. Nothing is left of one that breaks off or doesn't match.
///
/// `expected` is the checksum from the header; one in the trailers counts as well.
pub(super) async fn write(
    path: PathBuf,
    body: Option<StreamingBlob>,
    length: Option<i64>,
    expected: Option<String>,
    trailers: Option<TrailingHeaders>,
) -> S3Result<Written> {
    let mut body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
    let mut file = tokio::fs::File::create(&path).await.map_err(|error| s3_error!(error, InternalError))?;
    // From here on the file goes away by itself unless it is returned.
    let mut written = Body { path, size: 0 };
    let mut hasher = Sha256::new();
    let mut block = Vec::new();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| s3_error!(IncompleteBody, "the body ended before its length"))?;
        hasher.update(&bytes);
        written.size += bytes.len() as u64;
        block.extend_from_slice(&bytes);
        if block.len() >= BLOCK {
            file.write_all(&block).await.map_err(|error| s3_error!(error, InternalError))?;
            block.clear();
        }
    }
    file.write_all(&block).await.map_err(|error| s3_error!(error, InternalError))?;
    file.flush().await.map_err(|error| s3_error!(error, InternalError))?;
    if length.is_some_and(|length| u64::try_from(length) != Ok(written.size)) {
        return Err(s3_error!(IncompleteBody, "the body has another length than its header says"));
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let trailer = trailers.and_then(|trailers| {
        trailers.read(|headers| {
            headers.get("x-amz-checksum-sha256").and_then(|value| value.to_str().ok()).map(str::to_owned)
        })
    });
    for wanted in [expected, trailer.flatten()].into_iter().flatten() {
        if wanted != base64(&digest) {
            let text = "The SHA256 you specified did not match the calculated checksum.";
            return Err(s3_error!(BadDigest, "{}", text));
        }
    }
    Ok(Written { body: Arc::new(written), digest })
}

/// Reads a part of a body, block by block.
pub(super) async fn read(body: Arc<Body>, start: u64, length: u64) -> S3Result<StreamingBlob> {
    let mut file =
        tokio::fs::File::open(&body.path).await.map_err(|error| s3_error!(error, InternalError))?;
    file.seek(SeekFrom::Start(start)).await.map_err(|error| s3_error!(error, InternalError))?;
    let blocks = stream::unfold((file, length, body), |(mut file, left, body)| async move {
        if left == 0 {
            return None;
        }
        let size = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        let mut block = vec![0; size];
        match file.read_exact(&mut block).await {
            Ok(_) => Some((Ok(Bytes::from(block)), (file, left - size as u64, body))),
            Err(error) => Some((Err(error), (file, 0, body))),
        }
    });
    Ok(StreamingBlob::wrap(blocks))
}

/// Puts the bodies of parts behind each other into one file.
pub(super) async fn join(path: PathBuf, parts: Vec<Arc<Written>>) -> S3Result<Body> {
    let joined = tokio::task::spawn_blocking(move || -> std::io::Result<Body> {
        let mut body = Body { path, size: 0 };
        let mut file = std::fs::File::create(&body.path)?;
        for part in parts {
            let mut source = std::fs::File::open(&part.body.path)?;
            body.size += std::io::copy(&mut source, &mut file)?;
        }
        Ok(body)
    });
    let joined = joined.await.map_err(|error| s3_error!(error, InternalError))?;
    joined.map_err(|error| s3_error!(error, InternalError))
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
