//! The program behind `cargo xtask run`, `runs`, `logs`, `resume`, `rerun` and `registry`.
//!
//! Data goes to standard output, everything else to standard error. Exit status: 0 done, 1 the pipeline or its run is at fault,
//! 2 wrong usage.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use pipewright_cli::{LogsArgs, RegistryArgs, RerunArgs, ResumeArgs, RunArgs, RunsArgs};
use pipewright_local::{commands, launch};

/// Runs pipelines on this machine.
#[derive(Debug, Parser)]
#[command(name = "pipewright-local")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(With<Run>),
    Resume(With<ResumeArgs>),
    Rerun(With<RerunArgs>),
    Runs(With<RunsArgs>),
    Logs(With<LogsArgs>),
    Registry(With<RegistryArgs>),
}

// A description here would stand in the help instead of the command's own.
#[derive(Debug, Args)]
struct With<A: Args> {
    /// The folder of everything local.
    #[arg(long, value_name = "DIR", default_value = "target/local")]
    root: PathBuf,

    /// The program that runs containers: pipewright-container.
    #[arg(long, value_name = "FILE")]
    engine: Option<PathBuf>,

    #[command(flatten)]
    own: A,
}

// The same.
#[derive(Debug, Args)]
struct Run {
    /// The assembly that has the pipeline.
    #[arg(long, value_name = "DIR", required_unless_present = "definition")]
    assembly: Option<PathBuf>,

    #[command(flatten)]
    own: RunArgs,
}

fn main() -> ExitCode {
    // Before anything else: it watches over one process and must stay small.
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == launch::supervise::VERB) {
        return launch::supervise::main();
    }
    let done = match Cli::parse().command {
        Command::Run(With { root, engine, own }) => {
            commands::run(&commands::Here { root, engine }, own.assembly.as_deref(), &own.own)
        }
        Command::Resume(With { root, engine, own }) => {
            commands::resume(&commands::Here { root, engine }, &own)
        }
        Command::Rerun(With { root, engine, own }) => commands::rerun(&commands::Here { root, engine }, &own),
        Command::Runs(With { root, own, .. }) => commands::runs(&root, &own),
        Command::Logs(With { root, own, .. }) => commands::logs(&root, &own),
        Command::Registry(With { root, own, .. }) => commands::registry(&root, &own),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
