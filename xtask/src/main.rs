//! The commands of a workspace of pipelines: parse arguments, build and run pipeline programs, compose, report.
//!
//! Each command is a file of its own; the rest is what they share. This program never talks to AWS and links
//! nothing that could: what does is a program of its own, which this one starts.

mod answers;
mod asked;
mod bench;
mod build;
mod cloud;
mod compose;
mod config;
mod context;
mod diff;
mod docs;
mod iam;
mod lint;
mod lints;
mod list;
mod local;
mod lookup;
mod models;
mod new;
mod process;
mod program;
mod report;
mod schema;
mod settings;
mod sources;
mod synth;
mod test;
mod variables;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The package whose program deploys.
const DEPLOY: &str = "pipewright-deploy";

/// The package whose program runs pipelines on this machine.
const LOCAL: &str = "pipewright-local";

/// The package whose program runs containers.
const CONTAINER: &str = "pipewright-container";

/// The package whose program needs SageMaker's own API.
const REMOTE: &str = "pipewright-remote";

/// SageMaker pipelines, from Rust to CloudFormation.
///
/// Data goes to standard output, everything else to standard error. Exit status: 0 done, 1 the input or the deployment is
/// at fault, 2 wrong usage, 3 `diff --exit-code` found differences.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    List(list::Args),
    Synth(synth::Args),
    Schema(schema::Args),
    Config(config::Args),
    Docs(docs::Args),
    Iam(iam::Args),
    Lint(lint::Args),
    Run(local::Args),
    Runs(pipewright_cli::RunsArgs),
    Logs(pipewright_cli::LogsArgs),
    Resume(pipewright_cli::ResumeArgs),
    Rerun(pipewright_cli::RerunArgs),
    Registry(pipewright_cli::RegistryArgs),
    Deploy(cloud::Args<pipewright_cli::DeployArgs>),
    Plan(cloud::Args<pipewright_cli::PlanArgs>),
    Diff(cloud::Args<pipewright_cli::DiffArgs>),
    Destroy(cloud::Args<pipewright_cli::DestroyArgs>),
    Gc(cloud::Args<pipewright_cli::GcArgs>),
    Doctor(cloud::Args<pipewright_cli::DoctorArgs>),
    Lookup(lookup::Args),
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
        Command::New(args) => new::run(&args),
        Command::List(args) => list::run(&args),
        Command::Synth(args) => synth::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Docs(args) => docs::run(&args),
        Command::Iam(args) => iam::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Run(args) => local::run(&args),
        Command::Runs(_) => local::pass_on("runs", None),
        Command::Logs(_) => local::pass_on("logs", None),
        Command::Resume(args) => local::pass_on("resume", Some(&args.running)),
        Command::Rerun(args) => local::pass_on("rerun", Some(&args.running)),
        Command::Registry(_) => local::pass_on("registry", None),
        Command::Deploy(args) if args.own.fast => cloud::run(REMOTE, "fast", &args),
        Command::Deploy(args) => cloud::run(DEPLOY, "deploy", &args),
        Command::Plan(args) => cloud::run(DEPLOY, "plan", &args),
        Command::Diff(args) if args.own.against.is_some() => {
            let workspace = workspace::Workspace::find()?;
            match (cloud::assembly(&workspace, &args)?, &args.own.against) {
                (Some(new), Some(old)) => diff::offline(old, &new, &args.own),
                _ => Ok(ExitCode::FAILURE),
            }
        }
        Command::Diff(args) => cloud::run(DEPLOY, "diff", &args),
        Command::Destroy(args) => cloud::run(DEPLOY, "destroy", &args),
        Command::Gc(args) => cloud::run(REMOTE, "gc", &args),
        Command::Doctor(args) => cloud::run(DEPLOY, "doctor", &args),
        Command::Lookup(args) => lookup::run(&args),
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
