//! The commands: arguments in, the library's functions called, what they return printed.

mod deploy;
mod destroy;
mod diff;
mod doctor;
mod find_vpc;
mod pace;
mod plan;
mod print;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use pipewright_assembly::Assembly;
use pipewright_cli as cli;
use pipewright_deploy::error::{Error, Kind, Result};

/// Deploys an assembly that `cargo xtask synth` wrote.
///
/// Exit status: 0 done, 1 the deployment is at fault, 2 wrong usage, 3 `diff --exit-code` found differences.
#[derive(Debug, Parser)]
#[command(name = "pipewright-deploy", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Deploy(Of<cli::DeployArgs>),
    Plan(Of<cli::PlanArgs>),
    Diff(Of<cli::DiffArgs>),
    Destroy(Of<cli::DestroyArgs>),
    Doctor(Of<cli::DoctorArgs>),
    /// Looks up a VPC and prints what was found as JSON.
    #[command(name = "lookup", hide = true)]
    FindVpc(cli::FindVpcArgs),
}

/// A command on an assembly.
#[derive(Debug, Args)]
struct Of<A: Args> {
    /// The assembly: the folder that synth wrote.
    #[arg(long, value_name = "DIR")]
    assembly: PathBuf,

    #[command(flatten)]
    own: A,
}

impl<A: Args> Of<A> {
    fn open(&self) -> Result<Assembly> {
        Assembly::open(&self.assembly).map_err(|error| Error::new(Kind::Assembly, error.to_string()))
    }
}

/// Runs a command; the exit status says what came of it.
pub(crate) async fn run(cli: Cli) -> ExitCode {
    let (json, done) = match cli.command {
        Command::Deploy(args) => (args.own.json, deploy::run(&args).await),
        Command::Plan(args) => (args.own.json, plan::run(&args).await),
        Command::Diff(args) => (args.own.json, diff::run(&args).await),
        Command::Destroy(args) => (args.own.json, destroy::run(&args).await),
        Command::Doctor(args) => (args.own.json, doctor::run(&args).await),
        Command::FindVpc(args) => (true, find_vpc::run(&args).await),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            print::failure(&error, json);
            match error.kind {
                Kind::Usage => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
