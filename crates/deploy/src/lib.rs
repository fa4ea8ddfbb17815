//! Deploys an assembly: assets to S3, stacks to CloudFormation.
//!
//! It reads what synth wrote (`pipewright-assembly`) and talks to AWS; it never links a pipeline, so that one job can
//! synthesise and another, with credentials and without the sources, can deploy. What is decided is decided by functions of
//! values (`stack::decide`, `changes`, `show::cause`); what asks AWS stands around them.

pub mod approve;
pub mod aside;
pub mod changes;
pub mod deploy;
pub mod destroy;
pub mod diff;
pub mod doctor;
pub mod error;
pub mod interrupt;
pub mod lookup;
pub mod order;
pub mod plan;
pub mod publish;
pub mod session;
pub mod show;
pub mod stack;
pub mod watch;
mod whole;

pub use error::{Error, Kind};
pub use session::Session;
