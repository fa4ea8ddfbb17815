//! The commands of a workspace of pipelines: parse arguments, build and run pipeline programs, compose, report.
//!
//! Each command is a file of its own; the rest is what they share. This program never talks to AWS and links
//! nothing that could: what does is a program of its own, which this one starts.

mod answers;
mod bench;
mod build;
mod compose;
mod iam;
mod list;
mod models;
mod process;
mod program;
mod report;
mod schema;
mod settings;
mod sources;
mod synth;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// SageMaker pipelines, from Rust to CloudFormation.
///
/// Data goes to standard output, everything else to standard error. Exit status: 0 done, 1 the input is at
/// fault, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Synth(synth::Args),
    Schema(schema::Args),
    Iam(iam::Args),
    /// The data under models/, from which code is generated.
    #[command(subcommand)]
    Models(ModelsCommand),
    Test(test::Args),
    Bench(bench::Args),
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// Extracts models/ again from the packages that models/pins.toml names. Needs the network, python3 and pip.
    Refresh {
        /// Write nothing; fail if a file differs from what the packages hold.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            report::failure(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Synth(args) => synth::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Iam(args) => iam::run(&args),
        Command::Models(ModelsCommand::Refresh { check }) => {
            let root = workspace::Workspace::find()?.root;
            let refreshed = models::refresh(&root, check)?;
            report::line(&refreshed.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Test(args) => test::run(&args),
        Command::Bench(args) => bench::run(&args),
    }
}
