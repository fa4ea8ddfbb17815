//! `bench`: what the main job costs, measured from outside.

mod cpu;
mod hundred;
mod publish;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use pipewright_model::protocol::Operation;

use crate::answers::{Programs, Question};
use crate::list::columns;
use crate::report::{Report, Texts, line, print, say};
use crate::settings;
use crate::workspace::{Workspace, cargo};

/// Measures what synth costs, in CPU-seconds of all processes together, beside the budget and what the same
/// job costs with the SageMaker SDK in a CDK app.
///
/// Takes minutes: two of the cases build everything from nothing. Linux only.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to measure; everything when nothing is named.
    #[arg(value_name = "CASE")]
    cases: Vec<Case>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Case {
    /// Synth when nothing has changed.
    Unchanged,
    /// Synth after one pipeline was edited.
    Edited,
    /// Synth from a fresh clone, the packages downloaded before.
    Fresh,
    /// Synth of a workspace of 100 generated pipelines when nothing has changed.
    Hundred,
    /// One answer of a pipeline program, in seconds on the clock.
    Answer,
    /// The definition language, in process: `cargo bench` of crates/pipewright.
    Language,
    /// Configurations of 1 to 10 MB, in process: `cargo bench` of crates/config.
    Configuration,
    /// Executions of 1,000 and 10,000 steps with scripted results, in process: `cargo bench` of crates/interpreter.
    Executions,
    /// Files to a local S3 server, beside `aws s3 sync`. Needs python3, and 16 GB of disk below target/ for a while.
    Publish,
}

impl Case {
    /// Seconds.
    fn budget(self) -> f64 {
        match self {
            Self::Unchanged => 0.6,
            Self::Edited => 4.0,
            Self::Fresh => 120.0,
            Self::Hundred => 1.5,
            Self::Answer => 0.015,
            Self::Language | Self::Configuration | Self::Executions | Self::Publish => f64::INFINITY,
        }
    }

    /// CPU-seconds of `cdk synth` with the SageMaker SDK, measured once on the same kind of machine.
    fn of_cdk_app(self) -> Option<f64> {
        match self {
            Self::Unchanged => Some(12.4),
            Self::Hundred => Some(73.0),
            _ => None,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let cases = if args.cases.is_empty() { Case::value_variants() } else { &args.cases };
    let mut rows = vec![["CASE", "SECONDS", "BUDGET", "CDK APP", "RATIO"].map(str::to_owned)];
    let mut within = true;
    for case in cases {
        say(&format!("measuring: {}", describe(*case)));
        let seconds = match case {
            Case::Unchanged => unchanged(&workspace.root, None)?,
            Case::Edited => edited(&workspace)?,
            Case::Fresh => fresh(&workspace)?,
            Case::Hundred => {
                let root = hundred::generate(&workspace)?;
                unchanged(&root, Some(&root.join("target")))?
            }
            Case::Answer => answer(&workspace)?,
            Case::Language => {
                in_process(&workspace.root, "pipewright")?;
                continue;
            }
            Case::Configuration => {
                in_process(&workspace.root, "pipewright-config")?;
                continue;
            }
            Case::Executions => {
                in_process(&workspace.root, "pipewright-interpreter")?;
                continue;
            }
            Case::Publish => {
                within &= publish::measure(&workspace)?;
                continue;
            }
        };
        within &= seconds <= case.budget();
        rows.push(row(*case, seconds));
    }
    if rows.len() > 1 {
        line(&columns(&rows))?;
    }
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(case: Case) -> String {
    let value = case.to_possible_value();
    value
        .and_then(|value| Some(value.get_help()?.to_string()))
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}

fn row(case: Case, seconds: f64) -> [String; 5] {
    let digits = if seconds < 0.1 { 4 } else { 2 };
    let over = if seconds > case.budget() { " (over)" } else { "" };
    let cdk = case.of_cdk_app();
    [
        describe(case),
        format!("{seconds:.digits$}"),
        format!("{}{over}", case.budget()),
        cdk.map_or_else(|| "-".to_owned(), |cdk| cdk.to_string()),
        cdk.map_or_else(|| "-".to_owned(), |cdk| format!("{:.0} times less", cdk / seconds)),
    ]
}

/// `cargo xtask synth`, as a user types it.
fn synth(root: &Path, target: Option<&Path>) -> Result<()> {
    let mut command = cargo();
    command.current_dir(root).args(["xtask", "synth"]).stdout(Stdio::null());
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    succeed(&mut command)
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().context("can't start cargo")?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// The mean of several runs, after one that makes sure that there is nothing to do.
fn unchanged(root: &Path, target: Option<&Path>) -> Result<f64> {
    const RUNS: u32 = 5;
    synth(root, target)?;
    let total = cpu::of_children(|| (0..RUNS).try_for_each(|_| synth(root, target)))?;
    Ok(total / f64::from(RUNS))
}

/// Cargo goes by the time of a file's last change: to set it is to edit, as far as the cost is concerned.
fn edited(workspace: &Workspace) -> Result<f64> {
    const RUNS: u32 = 3;
    let member = workspace.members.first().context("there is no pipeline to edit")?;
    let source = member.folder.join("src/main.rs");
    synth(&workspace.root, None)?;
    let total = cpu::of_children(|| {
        (0..RUNS).try_for_each(|_| {
            let file = File::options().append(true).open(&source);
            file.and_then(|file| file.set_modified(SystemTime::now()))
                .with_context(|| format!("can't touch {}", source.display()))?;
            synth(&workspace.root, None)
        })
    })?;
    Ok(total / f64::from(RUNS))
}

fn fresh(workspace: &Workspace) -> Result<f64> {
    let target = workspace.target.join("bench/fresh");
    let clear = || match fs::remove_dir_all(&target) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", target.display()))
        }
        _ => Ok(()),
    };
    clear()?;
    let seconds = cpu::of_children(|| synth(&workspace.root, Some(&target)))?;
    clear()?;
    Ok(seconds)
}

/// The slowest program's median.
fn answer(workspace: &Workspace) -> Result<f64> {
    const RUNS: usize = 21;
    let mut texts = Texts::new();
    let settings =
        settings::read(&workspace.root, None, &mut texts).map_err(|reports| failed(&reports, &texts))?;
    let programs = Programs::build(workspace)?;
    let question =
        Question { operation: Operation::Synth, settings: &settings, set: &[], time: Duration::from_mins(1) };
    let mut slowest: f64 = 0.0;
    for one in programs.each() {
        let mut seconds = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            let began = Instant::now();
            let answers = one.ask(&question);
            seconds.push(began.elapsed().as_secs_f64());
            ensure!(answers.reports.is_empty(), failed(&answers.reports, &answers.texts));
        }
        seconds.sort_by(f64::total_cmp);
        slowest = slowest.max(seconds[RUNS / 2]);
    }
    Ok(slowest)
}

fn failed(reports: &[Report], texts: &Texts) -> anyhow::Error {
    print(reports, texts);
    anyhow::anyhow!("the pipelines can't be synthesised")
}

/// The benches of a package, which print their figures themselves.
fn in_process(root: &Path, package: &str) -> Result<()> {
    succeed(cargo().current_dir(root).args(["bench", "--quiet", "--package", package]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_was_measured_and_how_it_compares() {
        assert_eq!(
            row(Case::Unchanged, 0.124),
            ["Synth when nothing has changed", "0.12", "0.6", "12.4", "100 times less"].map(str::to_owned)
        );
        assert_eq!(row(Case::Answer, 0.02)[1..3], ["0.0200".to_owned(), "0.015 (over)".to_owned()]);
    }
}
