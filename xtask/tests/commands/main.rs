//! The commands, run as programs on workspaces made for the purpose.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod bad_input;
mod help;
mod infrastructure;
mod list;
mod place;
mod scene;
mod synth;
