//! The commands that talk to AWS: synthesise, then start the program that does it.
//!
//! Those programs are packages of their own, built when they are first asked for: what they link takes minutes to
//! compile, and synth has no use for it. Their arguments are read here first, so that a typing error costs no build.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use pipewright_model::protocol::SetValue;

use crate::synth::{self, Asking};
use crate::workspace::{Workspace, cargo};

// A command that talks to AWS: what all of them take, and what it takes itself. A description here would stand in the help
// instead of the command's own, which is that of the last struct.
#[derive(Debug, clap::Args)]
pub(crate) struct Args<A: clap::Args> {
    #[command(flatten)]
    asking: Asking,

    /// Sets a value of a pipeline's configuration, above all files. May be given several times.
    #[arg(long, value_name = "PIPELINE.KEY=VALUE", value_parser = synth::set_value)]
    set: Vec<SetValue>,

    /// Take this assembly, which another job synthesised, instead of synthesising.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["env", "set", "timeout"])]
    assembly: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) own: A,
}

/// Options that are meant for this program alone; each takes a value.
const OWN_OPTIONS: [&str; 5] = ["--env", "--env-file", "--set", "--timeout", "--assembly"];

/// Synthesises, unless an assembly is named, and becomes `package`'s program, which is given the command's arguments.
pub(crate) fn run<A: clap::Args>(package: &str, verb: &str, args: &Args<A>) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let Some(assembly) = assembly(&workspace, args)? else {
        return Ok(ExitCode::FAILURE);
    };
    let program = program(&workspace.root, package)?;
    let mut command = Command::new(program);
    command.arg(verb).arg("--assembly").arg(assembly).args(passed_on(env::args_os().skip(2)));
    become_it(command)
}

/// The assembly that is meant; `None` when synthesising it failed, which was said.
pub(crate) fn assembly<A: clap::Args>(workspace: &Workspace, args: &Args<A>) -> Result<Option<PathBuf>> {
    match &args.assembly {
        Some(assembly) => Ok(Some(assembly.clone())),
        None => synth::quietly(workspace, &args.asking, &args.set),
    }
}

/// The arguments that are not for this program.
pub(crate) fn passed_on(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut passed = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            passed.push(argument);
            passed.extend(arguments);
            break;
        }
        let text = argument.to_string_lossy();
        if OWN_OPTIONS.contains(&&*text) {
            // Its value.
            arguments.next();
        } else if !OWN_OPTIONS
            .iter()
            .any(|own| text.strip_prefix(own).is_some_and(|rest| rest.starts_with('=')))
        {
            passed.push(argument);
        }
    }
    passed
}

/// Builds a package's program and says where it is.
pub(crate) fn program(root: &Path, package: &str) -> Result<PathBuf> {
    program_with(root, package, &[])
}

/// The same, with these features of the package.
pub(crate) fn program_with(root: &Path, package: &str, features: &[&str]) -> Result<PathBuf> {
    let mut command = cargo();
    command.current_dir(root).args([
        "build",
        "--package",
        package,
        "--message-format=json-render-diagnostics",
    ]);
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    // The bar shows how far a first build is; without a terminal, lines about each crate are of no use.
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("can't start cargo")?;
    let mut found = None;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.context("can't read what cargo build says")?;
            if !line.contains("\"executable\":\"") {
                continue;
            }
            let message: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            let executable = message["executable"].as_str().map(PathBuf::from);
            let is_wanted = |path: &PathBuf| path.file_stem() == Some(OsStr::new(package));
            found = executable.filter(is_wanted).or(found);
        }
    }
    let status = child.wait().context("can't wait for cargo")?;
    match found {
        Some(program) if status.success() => Ok(program),
        _ => bail!("{package} does not build: cargo ended with {status}"),
    }
}

/// Gives this process to the program: signals and the exit status are then its own.
#[cfg(unix)]
pub(crate) fn become_it(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(error).with_context(|| format!("can't start {}", command.get_program().display()))
}

#[cfg(not(unix))]
pub(crate) fn become_it(mut command: Command) -> Result<ExitCode> {
    let status = command.status().context("can't start the program")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &[&str], expected: &[&str]) {
        assert_eq!(passed_on(given.iter().map(OsString::from)), expected);
    }

    #[test]
    fn arguments_are_passed_on_but_for_our_own() {
        check(&[], &[]);
        check(&["a", "--yes", "--plan", "x"], &["a", "--yes", "--plan", "x"]);
        check(&["--env", "prod", "a", "--set=a.b=c", "--set", "a.b=--yes"], &["a"]);
        check(&["--assembly", "d", "--json", "--timeout=3", "--env-file", "f"], &["--json"]);
        check(&["--environment=x", "--", "--env", "a"], &["--environment=x", "--", "--env", "a"]);
    }
}
