//! The commands, run as programs on workspaces made for the purpose.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod bad_input;
mod cdk;
mod help;
mod infrastructure;
mod lints;
mod list;
mod lookup;
mod moto;
mod new;
mod pipelines;
mod place;
mod scene;
mod schema;
mod synth;
