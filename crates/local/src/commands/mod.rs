//! The commands: each reads its arguments, does its work, says what came of it.
//!
//! Data goes to standard output, everything else to standard error.

mod go;
mod hands;
mod logs;
mod look;
mod registry;
mod seeds;
mod source;
mod start;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

pub use look::{logs, runs};
pub use registry::registry;
pub use start::{rerun, resume, run};

/// Where a command works.
#[derive(Clone, Debug)]
pub struct Here {
    /// The folder of everything local: `target/local`.
    pub root: PathBuf,
    /// The program that runs containers.
    pub engine: Option<PathBuf>,
}

/// Prints data. A reader that has gone away (`| head`) wants no more of it, which is no failure.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("can't write to standard output"),
    }
}

/// Prints JSON, as people read it.
fn print_json(value: &serde_json::Value) -> Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}
