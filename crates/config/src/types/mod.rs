//! The types that a configuration can hold beyond the language's scalars.
//!
//! Each reads itself, writes itself and describes itself, so that what one accepts the other states.

mod arn;
mod aws;
mod bytes;
mod collections;
mod duration;
mod maps;
mod numbers;
mod secret;
mod spelt;
mod time;
mod tuples;
mod wrappers;

pub use arn::{Arn, ArnKind, ArnOf, kinds};
pub use aws::{InstanceType, Region, S3Uri, Url};
pub use bytes::ByteSize;
pub(crate) use bytes::{PATTERN as BYTE_SIZE_PATTERN, byte_size_literal};
pub(crate) use duration::{PATTERN as DURATION_PATTERN, duration_literal, duration_text};
pub use secret::{Secret, SecretRef};
pub use spelt::Misspelt;
pub use time::{Date, DateTime, Time};
