//! `lookup`: what `cargo xtask lookup` asks.

use std::process::ExitCode;

use pipewright_cli::FindVpcArgs;
use pipewright_deploy::error::Result;
use pipewright_deploy::lookup;

use super::print;

pub(super) async fn run(args: &FindVpcArgs) -> Result<ExitCode> {
    print::line(&lookup::answer(args).await?);
    Ok(ExitCode::SUCCESS)
}
