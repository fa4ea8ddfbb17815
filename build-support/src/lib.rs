//! What pipeline crates and generated rooms call from their build scripts: reads `models/`, scans `code/`, emits Rust.
//!
//! A build script is one line, for example the `build.rs` of a pipeline:
//!
//! ```no_run
//! build_support::pipeline();
//! ```
//!
//! Everything here is deterministic (the same inputs give the same bytes) and offline. Nothing here is linked into a
//! program that runs: the code this crate writes names the run-time crates by path, and knows them only so.

pub mod cloudformation;
pub mod code;
pub mod emit;
pub mod images;
pub mod sagemaker;

pub use code::{code_in, pipeline};
