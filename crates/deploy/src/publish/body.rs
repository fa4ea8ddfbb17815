//! What is sent: bytes in small pieces, so that a connection that stands still is told from one that is slow.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The size of a piece.
const PIECE: usize = 256 * 1024;

/// When something last moved.
#[derive(Clone, Debug)]
pub(super) struct Pulse(Arc<AtomicU64>);

impl Pulse {
    pub(super) fn new() -> Self {
        let pulse = Self(Arc::default());
        pulse.beat();
        pulse
    }

    pub(super) fn beat(&self) {
        self.0.store(milliseconds(), Ordering::Relaxed);
    }

    /// How long nothing has moved.
    pub(super) fn still(&self) -> Duration {
        Duration::from_millis(milliseconds().saturating_sub(self.0.load(Ordering::Relaxed)))
    }
}

/// Since the first call.
fn milliseconds() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGAN.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A request's body out of bytes, which are not copied.
pub(super) fn stream(bytes: Bytes, pulse: Pulse) -> ByteStream {
    ByteStream::from_body_1_x(Pieces { bytes, pulse })
}

/// The same for content that comes from elsewhere and has this length.
pub(super) fn watched(content: ByteStream, length: u64, pulse: Pulse) -> ByteStream {
    ByteStream::from_body_1_x(Watched { content, length, pulse })
}

struct Watched {
    content: ByteStream,
    length: u64,
    pulse: Pulse,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = aws_sdk_s3::primitives::ByteStreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.pulse.beat();
        let next = Pin::new(&mut self.content).poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            self.length = self.length.saturating_sub(bytes.len() as u64);
        }
        next.map(|next| next.map(|next| next.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

struct Pieces {
    bytes: Bytes,
    pulse: Pulse,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.pulse.beat();
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.bytes.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_bytes_come_in_order() {
        let text: Vec<u8> = (0..PIECE * 2 + 3).map(|index| u8::try_from(index % 251).unwrap_or(0)).collect();
        let pulse = Pulse::new();
        let sent = stream(Bytes::from(text.clone()), pulse.clone())
            .collect()
            .await
            .map(aws_smithy_types::byte_stream::AggregatedBytes::to_vec);
        assert!(sent.is_ok_and(|sent| sent == text));
        assert!(pulse.still() < Duration::from_secs(5));
    }
}
