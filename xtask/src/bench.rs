//! `bench`.
use anyhow::Result;
use std::process::ExitCode;

/// Measures.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
