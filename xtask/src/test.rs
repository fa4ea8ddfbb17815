//! `test`: everything that must pass before a change is taken.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::report::say;
use crate::workspace::{Workspace, cargo};

/// Tells tests where python is that has the packages of `xtask/python/requirements.txt`.
const PYTHON: &str = "PIPEWRIGHT_PYTHON";

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
    python: PathBuf,
    long: bool,
}

type Stage = (&'static str, fn(&Scene) -> Result<()>);

const STAGES: [Stage; 6] = [
    ("python packages", python),
    ("format", |scene| succeed(scene, &["fmt", "--all", "--check"])),
    ("clippy", |scene| {
        succeed(scene, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
    }),
    ("documentation", documentation),
    ("tests", tests),
    ("examples in the documentation", |scene| count(scene, &["test", "--workspace", "--doc"])),
];

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let python = workspace.target.join("python");
    let scene = Scene { root: workspace.root, python, long: args.long };
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

/// A virtual environment with the pinned packages, made anew when the pins change.
fn python(scene: &Scene) -> Result<()> {
    let pins = scene.root.join("xtask/python/requirements.txt");
    let wanted = fs::read_to_string(&pins).with_context(|| format!("can't read {}", pins.display()))?;
    // Written last: a copy of the pins that an environment was made from says that it is complete.
    let made_from = scene.python.join("requirements.txt");
    if fs::read_to_string(&made_from).is_ok_and(|made_from| made_from == wanted)
        && quiet(Command::new(interpreter(&scene.python)).arg("--version")).is_ok()
    {
        return Ok(());
    }
    if scene.python.exists() {
        fs::remove_dir_all(&scene.python)
            .with_context(|| format!("can't remove {}", scene.python.display()))?;
    }
    quiet(Command::new("python3").args(["-m", "venv"]).arg(&scene.python))
        .context("python3 with venv is needed")?;
    let mut pip = Command::new(interpreter(&scene.python));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&pins);
    quiet(&mut pip)?;
    fs::write(&made_from, wanted).with_context(|| format!("can't write {}", made_from.display()))
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
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
    command.current_dir(&scene.root).args(arguments).env(PYTHON, interpreter(&scene.python));
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

/// Runs a command of which nobody wants to see anything, unless it fails.
fn quiet(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("can't start {}", command.get_program().to_string_lossy()))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{command:?} ended with {}\n{}", output.status, String::from_utf8_lossy(&said).trim());
    }
    Ok(())
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
