//! `pipewright-remote`: `gc` and `deploy --fast`. `cargo xtask` starts it; see `--help`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use pipewright_assembly::Assembly;
use pipewright_cli::{DeployArgs, GcArgs, Target};
use pipewright_deploy::Session;
use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::show::console::Console;
use pipewright_deploy::show::diagnose::{diagnose, diagnose_json};
use pipewright_deploy::stack::Event;
use pipewright_deploy::watch::{Stage, Transfer, Watch};
use pipewright_remote::{fast, gc};
use pipewright_terminal::canvas::{ink, size};
use serde::Serialize;
use serde_json::json;

/// Removes code that nothing refers to, and updates definitions without CloudFormation.
#[derive(Debug, Parser)]
#[command(name = "pipewright-remote", version)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Removes code objects that no deployed definition, no pipeline version and no young execution refers to.
    Gc(WithAssembly<GcArgs>),
    /// Updates the definitions of pipelines, where nothing else changed.
    Fast(WithAssembly<DeployArgs>),
}

#[derive(Debug, Args)]
struct WithAssembly<T: Args> {
    /// The folder that `cargo xtask synth` wrote.
    #[arg(long, value_name = "DIR")]
    assembly: PathBuf,

    #[command(flatten)]
    args: T,
}

fn main() -> ExitCode {
    let program = Program::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("error: can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (as_json, result) = match program.command {
        Command::Gc(args) => (args.args.json, runtime.block_on(run_gc(&args))),
        Command::Fast(args) => (args.args.json, runtime.block_on(run_fast(&args))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if as_json {
                print(&format!("{:#}\n", json!({ "error": diagnose_json(&error) })));
            }
            say(&diagnose(&error, size().0, ink()));
            ExitCode::from(if error.kind == Kind::Usage { 2 } else { 1 })
        }
    }
}

async fn run_gc(WithAssembly { assembly, args }: &WithAssembly<GcArgs>) -> Result<()> {
    let (assembly, session) = open(assembly, &args.target).await?;
    let report = gc::gc(&session, &assembly, args, Timestamp::now(), &Lines).await?;
    print(&if args.json { pretty(&report) } else { report.text() });
    Ok(())
}

async fn run_fast(WithAssembly { assembly, args }: &WithAssembly<DeployArgs>) -> Result<()> {
    let (assembly, session) = open(assembly, &args.target).await?;
    let console = Console::stderr(args.progress);
    let report = fast::fast(&session, &assembly, args, &console).await;
    console.finish();
    let report = report?;
    if args.json {
        print(&pretty(&report));
        say(&report.text());
    } else {
        print(&report.text());
    }
    Ok(())
}

async fn open(folder: &Path, target: &Target) -> Result<(Assembly, Session)> {
    let assembly = Assembly::open(folder).map_err(|error| Error::new(Kind::Assembly, error.to_string()))?;
    let session = Session::open(target, &assembly.marker().target).await?;
    Ok((assembly, session))
}

fn pretty(report: &impl Serialize) -> String {
    // Texts and numbers: there is nothing that can't be written.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}

/// Data goes to standard output; a closed pipe is no failure.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Everything else goes to standard error.
fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end());
}

/// Says in lines what is worth a line.
struct Lines;

impl Watch for Lines {
    fn stage(&self, _: &str, _: Stage) {}
    fn events(&self, _: &str, _: &[Event]) {}
    fn transfer(&self, _: &str, _: Transfer) {}
    fn note(&self, stack: &str, text: &str) {
        say(&format!("{stack}: {text}"));
    }
}
