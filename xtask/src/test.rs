//! `test`: everything that must pass before a change is taken.

mod fuzz;
pub(crate) mod tools;

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::report::say;
use crate::workspace::{Workspace, cargo};

use self::tools::{Tools, quiet};

/// Asks for the tests that take long, too.
const LONG: &str = "PIPEWRIGHT_LONG";

/// Runs all checks and tests, after installing what they need below target/.
///
/// A stage that fails does not keep the later ones from running; the end names those that failed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run the tests that take long, too.
    #[arg(long)]
    long: bool,
}

/// What the stages share.
struct Scene {
    root: PathBuf,
    target: PathBuf,
    tools: Tools,
    long: bool,
}

type Stage = (&'static str, fn(&Scene) -> Result<()>);

const STAGES: [Stage; 10] = [
    ("python packages", |scene| scene.tools.install_python()),
    ("checkov", |scene| scene.tools.install_checkov()),
    ("cdk", |scene| scene.tools.install_cdk()),
    ("packages of abalone", |scene| scene.tools.install_abalone()),
    ("format", |scene| succeed(scene, &["fmt", "--all", "--check"])),
    ("clippy", |scene| {
        succeed(scene, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
    }),
    ("documentation", documentation),
    ("tests", tests),
    ("examples in the documentation", |scene| count(scene, &["test", "--workspace", "--doc"])),
    ("fuzzing", fuzzing),
];

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let tools = Tools::new(&workspace.root, &workspace.target);
    let scene = Scene { root: workspace.root, target: workspace.target, tools, long: args.long };
    let mut failed = Vec::new();
    for (name, stage) in STAGES {
        say(&format!("==> {name}"));
        if let Err(error) = stage(&scene) {
            say(&format!("{name}: {error:#}"));
            failed.push(name);
        }
    }
    if failed.is_empty() {
        say(&format!("==> all {} stages passed", STAGES.len()));
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("==> failed: {}", failed.join(", ")));
    Ok(ExitCode::FAILURE)
}

fn fuzzing(scene: &Scene) -> Result<()> {
    if scene.long {
        return fuzz::run(&scene.root, &scene.target);
    }
    say("left out: with --long it runs for a minute each");
    Ok(())
}

fn documentation(scene: &Scene) -> Result<()> {
    let mut command = prepared(scene, &["doc", "--workspace", "--no-deps"]);
    // What is set already stays: it may be how cargo finds something.
    let flags = env::var("RUSTDOCFLAGS").unwrap_or_default();
    command.env("RUSTDOCFLAGS", format!("{flags} --deny warnings").trim_start());
    status(&mut command)
}

/// With nextest where it is installed: it fails by itself when nothing ran.
fn tests(scene: &Scene) -> Result<()> {
    if quiet(cargo().args(["nextest", "--version"])).is_ok() {
        succeed(scene, &["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests", "fail"])
    } else {
        count(scene, &["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
    }
}

fn prepared(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.current_dir(&scene.root).args(arguments);
    scene.tools.tell(&mut command);
    if scene.long {
        command.env(LONG, "1");
    }
    command
}

fn succeed(scene: &Scene, arguments: &[&str]) -> Result<()> {
    status(&mut prepared(scene, arguments))
}

fn status(command: &mut Command) -> Result<()> {
    let status = command.status().context("can't start cargo")?;
    ensure!(status.success(), "ended with {status}");
    Ok(())
}

/// Runs `cargo test`, which is content when there was nothing to run, and counts.
fn count(scene: &Scene, arguments: &[&str]) -> Result<()> {
    let mut child = prepared(scene, arguments).stdout(Stdio::piped()).spawn().context("can't start cargo")?;
    let mut passed = 0;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.context("can't read what cargo says")?;
            passed += passed_in(&line);
            writeln!(std::io::stdout(), "{line}")?;
        }
    }
    let status = child.wait().context("can't wait for cargo")?;
    ensure!(status.success(), "ended with {status}");
    ensure!(passed > 0, "nothing ran");
    Ok(())
}

/// `test result: ok. 12 passed; 0 failed; …`
fn passed_in(line: &str) -> usize {
    let counts = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
    counts
        .and_then(|(_, counts)| counts.split_once(" passed"))
        .and_then(|(count, _)| count.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_is_counted() {
        assert_eq!(passed_in("test result: ok. 12 passed; 0 failed; 1 ignored"), 12);
        assert_eq!(passed_in("test result: FAILED. 3 passed; 1 failed"), 3);
        assert_eq!(passed_in("test result: ok. 0 passed; 0 failed"), 0);
        for other in ["", "test result", "test result: ok", "running 12 passed", "test x ... ok"] {
            assert_eq!(passed_in(other), 0);
        }
    }
}
