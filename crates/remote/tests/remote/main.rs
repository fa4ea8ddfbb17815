//! `gc` and `fast` against servers of their own: S3 over files, CloudFormation and SageMaker in memory, and moto.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on fails, and says where"
)]

mod fast;
mod front;
mod gc;
mod moto;
mod scene;
