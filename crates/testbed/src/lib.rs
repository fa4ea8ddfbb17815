//! Servers and proxies that tests deploy against; nothing but tests links it.
//!
//! - [`cloudformation::Fake`]: CloudFormation and STS with a real state machine and scripted faults
//! - [`s3::Server`]: S3 over files, strict about checksums and conditions
//! - [`sagemaker::Fake`]: the part of SageMaker's API that deploying touches
//! - [`proxy::Fault`]: stands before any of them and drops, delays, truncates, refuses and repeats
//! - [`servers`]: moto and ministack as child processes
//!
//! Every server listens on loopback at a port the system picks, runs in a thread of its own and ends when
//! it is dropped, so a test without a runtime can use it too. None of them talks to anything but loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails, and says where")]
#![allow(clippy::missing_panics_doc, reason = "everything here panics when the test can't go on")]

mod background;
pub mod cloudformation;
mod form;
pub mod proxy;
pub mod random;
pub mod s3;
pub mod sagemaker;
pub mod servers;
