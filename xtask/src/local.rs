//! The commands that run pipelines on this machine: synthesise, then start the program that does it.
//!
//! It is a package of its own, so that synth does not compile it; and what talks to a container engine is another one, built
//! where there is an engine to talk to.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;
use pipewright_cli::{RunArgs, RunnerKind, Running};
use pipewright_model::protocol::SetValue;

use crate::cloud::{become_it, passed_on, program, program_with};
use crate::synth::{self, Asking};
use crate::workspace::Workspace;
use crate::{CONTAINER, LOCAL};

// A description here would stand in the help instead of the command's own, which is that of the last struct.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    asking: Asking,

    /// Sets a value of the pipeline's configuration, above all files. May be given several times.
    #[arg(long, value_name = "PIPELINE.KEY=VALUE", value_parser = synth::set_value)]
    set: Vec<SetValue>,

    #[command(flatten)]
    own: RunArgs,
}

/// Synthesises the pipeline, unless a definition is named, and becomes the program that runs it.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut command = command(&workspace, "run", Some(&args.own.running))?;
    if let Some(pipeline) = &args.own.pipeline {
        let Some(made) = synth::for_this_machine(&workspace, &args.asking, &args.set, pipeline)? else {
            return Ok(ExitCode::FAILURE);
        };
        command.arg("--assembly").arg(made.assembly);
        if args.own.local.is_none() {
            command.arg("--local").arg(made.folder.join("local"));
        }
    }
    command.args(passed_on(env::args_os().skip(2)));
    become_it(command)
}

/// Becomes the program, with this command's arguments.
pub(crate) fn pass_on(verb: &str, running: Option<&Running>) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut command = command(&workspace, verb, running)?;
    command.args(env::args_os().skip(2));
    become_it(command)
}

/// The program, built, with what every command of it is told.
fn command(workspace: &Workspace, verb: &str, running: Option<&Running>) -> Result<Command> {
    let is_https =
        running.and_then(|running| running.s3.as_ref()).is_some_and(|url| url.starts_with("https://"));
    // TLS is a third of what there is to compile.
    let features: &[&str] = if is_https { &["https"] } else { &[] };
    let mut command = Command::new(program_with(&workspace.root, LOCAL, features)?);
    command.arg(verb).arg("--root").arg(workspace.target.join("local"));
    let wants_engine = match running.map(|running| running.runner) {
        Some(RunnerKind::Container) => true,
        Some(RunnerKind::Auto) => is_engine_there(),
        _ => false,
    };
    if wants_engine {
        command.arg("--engine").arg(program(&workspace.root, CONTAINER)?);
    }
    Ok(command)
}

/// Whether something looks like a container engine. Whether it answers, its program finds out.
fn is_engine_there() -> bool {
    let podman = env::var_os("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("podman/podman.sock"));
    let sockets = [Path::new("/var/run/docker.sock"), Path::new("/run/podman/podman.sock")];
    env::var_os("DOCKER_HOST").is_some()
        || sockets.iter().any(|socket| socket.exists())
        || podman.is_some_and(|socket| socket.exists())
}
