//! How much content is in memory at once: of all stacks together.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::layout::PART;

/// 64 MiB, so that the whole program stays well below 200 MB.
const BLOCKS: usize = 1024;
const BLOCK: u64 = 64 * 1024;

static FREE: Semaphore = Semaphore::const_new(BLOCKS);

/// Buffers for parts, used again: blocks of this size that come and go leave holes that add up to twice as much.
static BUFFERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Room for so many bytes.
pub(super) type Room = Option<SemaphorePermit<'static>>;

/// Waits until so many bytes may be read. Those who ask first get it first, so that large ones get their turn.
pub(super) async fn reserve(bytes: u64) -> Room {
    let blocks = usize::try_from(bytes.div_ceil(BLOCK)).unwrap_or(BLOCKS).clamp(1, BLOCKS);
    // Nobody closes it.
    FREE.acquire_many(u32::try_from(blocks).unwrap_or(1)).await.ok()
}

/// A part's content. Room and buffer are free again when the last one has let go of it.
pub(super) struct Buffer {
    pub(super) content: Vec<u8>,
    _room: Room,
}

impl Buffer {
    /// One for up to [`PART`] bytes; its content is what was there before, or nothing.
    pub(super) fn of(length: usize, room: Room) -> Self {
        let used = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut content = used.unwrap_or_else(|| Vec::with_capacity(usize::try_from(PART).unwrap_or(length)));
        content.resize(length, 0);
        Self { content, _room: room }
    }

    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let content = std::mem::take(&mut self.content);
        BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).push(content);
    }
}

/// Gives back what is not in use.
pub(super) fn release() {
    BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn buffers_are_used_again_and_room_is_given_back() {
        let bytes = Buffer::of(5, reserve(PART).await).freeze();
        let before = FREE.available_permits();
        let copy = bytes.clone();
        drop(bytes);
        assert_eq!((copy.len(), FREE.available_permits()), (5, before));
        drop(copy);
        assert_eq!(FREE.available_permits(), before + 256);
        assert_eq!(Buffer::of(7, None).freeze().len(), 7);
        release();
    }
}
