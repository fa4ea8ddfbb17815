//! Files, read on threads that may wait for a disk, and checked against the hash they must have.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::layout::PART;
use super::memory::{Buffer, Room};
use super::wanted::Wanted;
use crate::error::{Error, Kind, Result};

/// A SHA-256.
pub(super) type Digest = [u8; 32];

/// The whole of a small file, which is what the assembly says of it.
pub(super) async fn whole(wanted: &Wanted) -> Result<Bytes> {
    let wanted = wanted.clone();
    blocking(move || {
        let file = open(&wanted)?;
        let mut bytes = Vec::with_capacity(usize::try_from(wanted.size).unwrap_or_default());
        // One byte more than it should have shows that it grew.
        file.take(wanted.size + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(&wanted.file, &error))?;
        let found: Digest = Sha256::digest(&bytes).into();
        if hex(&found) == wanted.sha256 { Ok(Bytes::from(bytes)) } else { Err(changed(&wanted)) }
    })
    .await
}

/// A large file, read once from front to end.
#[derive(Clone)]
pub(super) struct Reader(Arc<Mutex<State>>);

struct State {
    file: File,
    whole: Sha256,
    wanted: Wanted,
}

/// A part of a file.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its SHA-256.
    pub(super) digest: Digest,
    /// Its content; `None` where it is too long to keep.
    pub(super) bytes: Option<Bytes>,
}

impl Reader {
    pub(super) async fn open(wanted: &Wanted) -> Result<Self> {
        let wanted = wanted.clone();
        blocking(move || {
            let file = open(&wanted)?;
            Ok(Self(Arc::new(Mutex::new(State { file, whole: Sha256::new(), wanted }))))
        })
        .await
    }

    /// The next so many bytes; `room` is theirs. A part of [`PART`] bytes and less is kept, and gets its digest by [`Part::hashed`].
    pub(super) async fn next(&self, length: u64, room: Room) -> Result<Part> {
        let state = Arc::clone(&self.0);
        blocking(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let State { file, whole, wanted } = &mut *state;
            let ended = |error: io::Error| match error.kind() {
                io::ErrorKind::UnexpectedEof => changed(wanted),
                _ => unreadable(&wanted.file, &error),
            };
            if length <= PART {
                let mut buffer = Buffer::of(usize::try_from(length).unwrap_or_default(), room);
                file.read_exact(&mut buffer.content).map_err(ended)?;
                whole.update(&buffer.content);
                return Ok(Part { digest: [0; 32], bytes: Some(buffer.freeze()) });
            }
            let mut part = Sha256::new();
            let mut left = length;
            let mut piece = vec![0; 1024 * 1024];
            while left > 0 {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                file.read_exact(&mut piece[..now]).map_err(ended)?;
                whole.update(&piece[..now]);
                part.update(&piece[..now]);
                left -= now as u64;
            }
            Ok(Part { digest: part.finalize().into(), bytes: None })
        })
        .await
    }

    /// After all parts: whether the file is what the assembly says of it.
    pub(super) async fn finish(&self) -> Result<()> {
        let state = Arc::clone(&self.0);
        blocking(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let more = state.file.read(&mut [0]).map_err(|error| unreadable(&state.wanted.file, &error))?;
            let found: Digest = state.whole.clone().finalize().into();
            if more == 0 && hex(&found) == state.wanted.sha256 { Ok(()) } else { Err(changed(&state.wanted)) }
        })
        .await
    }
}

impl Part {
    /// The part with its digest, which is found here and not while reading: by several threads at once.
    pub(super) async fn hashed(self) -> Result<Self> {
        let Some(bytes) = self.bytes else { return Ok(self) };
        blocking(move || Ok(Self { digest: Sha256::digest(&bytes).into(), bytes: Some(bytes) })).await
    }
}

fn open(wanted: &Wanted) -> Result<File> {
    let failed = |error: io::Error| unreadable(&wanted.file, &error);
    // Before opening: to open a pipe would wait for its other end.
    let metadata = std::fs::symlink_metadata(&wanted.file).map_err(failed)?;
    if !metadata.is_file() || metadata.len() != wanted.size {
        return Err(changed(wanted));
    }
    File::open(&wanted.file).map_err(failed)
}

fn unreadable(file: &Path, error: &io::Error) -> Error {
    Error::new(Kind::Assembly, format!("can't read {}: {error}", file.display()))
}

fn changed(wanted: &Wanted) -> Error {
    let message = format!(
        "{} is not what synth wrote: {} bytes with SHA-256 {}",
        wanted.file.display(),
        wanted.size,
        wanted.sha256
    );
    Error::new(Kind::Assembly, message).hint("run `cargo xtask synth` again; nothing of this file was stored")
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::new(Kind::Fault, format!("can't read a file: {error}"))),
    }
}

/// Lower-case hex.
pub(super) fn hex(digest: &Digest) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}
