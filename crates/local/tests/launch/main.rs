//! Starts real processes, plain and in sandboxes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may fail where it stands"
)]

mod ends;
mod inside;
mod logs;
mod orphans;
mod packages;
mod scene;
