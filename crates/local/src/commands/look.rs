//! `runs` and `logs`: what there is of earlier runs.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use pipewright_cli::{LogsArgs, RunsArgs};
use pipewright_interpreter::S3Uri;
use pipewright_terminal::text::{columns, excerpt, harmless};
use serde_json::json;

use super::go::{nearby, say_summary, with_steps};
use super::{logs as kept, print, print_json};
use crate::runs::{Listed, Runs, State};
use crate::store::Store as _;
use crate::store::folder::Folder;

/// `runs`: lists all, shows one, or removes old ones.
///
/// # Errors
/// Where a run can't be found, read or removed.
pub fn runs(root: &Path, args: &RunsArgs) -> Result<ExitCode> {
    let runs = Runs::new(root);
    if let Some(keep) = args.keep {
        let removed = runs.prune(keep)?;
        if args.json {
            print_json(&json!({"removed": removed}))?;
        } else {
            removed.iter().try_for_each(|id| print(&format!("{id} is removed")))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(which) = &args.run {
        let run = runs.find(which)?;
        if args.json {
            print_json(&with_steps(run.execution()?, run.steps()?))?;
            return Ok(ExitCode::SUCCESS);
        }
        let origin = run.origin()?;
        let journal = run.journal()?;
        let folder = Folder::new(std::path::absolute(root)?.join("s3"))?;
        let address = |uri: &S3Uri| match &origin.s3 {
            Some(_) => uri.to_string(),
            None => nearby(&folder.address(uri)),
        };
        print(&format!("{}, {}", harmless(&origin.definition), harmless(&origin.runner)))?;
        say_summary(&run, &origin.start.pipeline, &journal.events, &address)?;
        return Ok(ExitCode::SUCCESS);
    }
    let listing = runs.list()?;
    for (id, error) in &listing.damaged {
        anstream::eprintln!("warning: run {id} can't be read: {error}");
    }
    if args.json {
        print_json(&serde_json::to_value(&listing.runs)?)?;
    } else if listing.runs.is_empty() {
        anstream::eprintln!("there are no runs yet: cargo xtask run PIPELINE");
    } else {
        print(&table(&listing.runs).join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn table(runs: &[Listed]) -> Vec<String> {
    let rows: Vec<[String; 6]> =
        std::iter::once(["RUN", "PIPELINE", "STATUS", "BEGAN", "STEPS", ""].map(str::to_owned))
            .chain(runs.iter().map(|run| {
                let steps = format!("{} of {}", run.steps_succeeded, run.steps_total);
                let began =
                    run.started.as_deref().and_then(|time| time.get(..19)).unwrap_or("-").replace('T', " ");
                let reason = run.reason.as_deref().map(excerpt).unwrap_or_default();
                [harmless(&run.id), harmless(&run.pipeline), harmless(&run.status), began, steps, reason]
            }))
            .collect();
    columns(&rows)
}

/// `logs`: prints what steps wrote, attempt by attempt.
///
/// # Errors
/// Where there is no such run or step, or a log can't be read.
pub fn logs(root: &Path, args: &LogsArgs) -> Result<ExitCode> {
    let run = Runs::new(root).find(&args.run)?;
    let logs = kept::all(run.path(), &run.journal()?.events);
    let wanted: Vec<_> =
        logs.iter().filter(|log| args.step.as_ref().is_none_or(|step| *step == log.step)).collect();
    if let (Some(step), true) = (&args.step, wanted.is_empty()) {
        let mut names: Vec<&str> = logs.iter().map(|log| log.step.as_str()).collect();
        names.dedup();
        bail!("run {} has no log of a step {step:?}; there are logs of: {}", run.id(), names.join(", "));
    }
    let several = wanted.len() > 1;
    for log in wanted {
        if several {
            let again =
                if log.attempt > 0 { format!(", attempt {}", log.attempt + 1) } else { String::new() };
            print(&format!("==> {}{again}", harmless(&log.step)))?;
        }
        let text = fs::read(&log.path)?;
        let text = String::from_utf8_lossy(&text);
        // Line by line: what a script wrote for its own terminal is not for this one to obey.
        for line in text.lines() {
            print(&harmless_line(line))?;
        }
    }
    if run.state() == State::Running {
        anstream::eprintln!("the run goes on");
    }
    Ok(ExitCode::SUCCESS)
}

/// A line of a log, whole, with its tabs.
fn harmless_line(line: &str) -> String {
    line.split('\t').map(harmless).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_listed_in_columns() {
        let run = |id: &str, pipeline: &str, reason: Option<&str>| Listed {
            id: id.into(),
            pipeline: pipeline.into(),
            status: "Failed".into(),
            started: Some("2026-01-02T03:04:05.678Z".into()),
            ended: None,
            steps_succeeded: 2,
            steps_begun: 3,
            steps_total: 8,
            reason: reason.map(str::to_owned),
        };
        assert_eq!(
            table(&[run("b1", "abalone", Some("no\u{1b}room")), run("a", "x", None)]),
            [
                "RUN  PIPELINE  STATUS  BEGAN                STEPS",
                "b1   abalone   Failed  2026-01-02 03:04:05  2 of 8  no\\u{1b}room",
                "a    x         Failed  2026-01-02 03:04:05  2 of 8",
            ]
        );
    }

    #[test]
    fn logs_keep_their_tabs_and_nothing_that_a_terminal_obeys() {
        assert_eq!(harmless_line("a\tb\u{1b}[2J"), "a\tb\\u{1b}[2J");
    }
}
