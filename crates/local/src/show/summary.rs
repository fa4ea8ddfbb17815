//! What is said when a run has ended: how, why, and where its results are.

use jiff::Timestamp;
use pipewright_interpreter::{Event, S3Uri, What};
use pipewright_terminal::text::{Ink, Role, duration, excerpt, harmless, pad, width};
use serde_json::Value;

/// How many lines of a failed step's log are shown: the last.
pub const TAIL: usize = 20;

/// A run that has ended, as far as the summary needs it.
pub struct Ended<'e> {
    /// The pipeline's name.
    pub pipeline: &'e str,
    /// The run's id.
    pub run: &'e str,
    /// What happened.
    pub events: &'e [Event],
    /// Where a person finds an object of S3.
    pub address: &'e dyn Fn(&S3Uri) -> String,
    /// The last lines of a step's log, at most [`TAIL`], and where all of it is.
    pub log: &'e dyn Fn(&str) -> (Vec<String>, String),
}

/// The lines of the summary.
pub fn summary(ended: &Ended<'_>, ink: Ink) -> Vec<String> {
    let mut lines = Vec::new();
    for event in ended.events {
        if let What::StepFailed { step, reason, .. } = &event.what {
            lines.push(format!("{} {}: {}", ink.paint(Role::Bad, "✗"), harmless(step), excerpt(reason)));
            let (tail, place) = (ended.log)(step);
            if !tail.is_empty() {
                lines.extend(
                    tail.iter().map(|line| format!("  {} {}", ink.paint(Role::Quiet, "│"), excerpt(line))),
                );
                lines.push(format!("  {} {}", ink.paint(Role::Quiet, "└"), harmless(&place)));
            }
        }
    }
    let outputs = outputs(ended);
    let widest =
        |column: fn(&Output) -> &str| outputs.iter().map(|o| width(column(o))).max().unwrap_or_default();
    let (steps, names) = (widest(|o| &o.step), widest(|o| &o.name));
    for Output { step, name, place } in &outputs {
        lines.push(format!("  {}  {}  {place}", pad(step, steps), pad(name, names)));
    }
    let (status, reason) = ended.events.iter().rev().find_map(status).unwrap_or(("Interrupted", None));
    let began = ended.events.iter().rev().find(|event| matches!(event.what, What::Began { .. }));
    let last = ended.events.last().map(|event| event.time);
    let took = began.zip(last).map(|(began, last): (&Event, Timestamp)| last.duration_since(began.time));
    let role = if status == "Succeeded" { Role::Good } else { Role::Bad };
    let took = took.map(|took| format!(" in {}", precise(took))).unwrap_or_default();
    let reason = reason.map(|reason| format!(": {}", excerpt(reason))).unwrap_or_default();
    let (pipeline, run) = (harmless(ended.pipeline), harmless(ended.run));
    lines.push(format!("{pipeline}: {}{took}, run {run}{reason}", ink.paint(role, status)));
    if status != "Succeeded" {
        let run = harmless(ended.run);
        lines.push(format!("see it: cargo xtask logs {run} [STEP]; go on with it: cargo xtask resume {run}"));
    }
    lines
}

fn status(event: &Event) -> Option<(&str, Option<&str>)> {
    match &event.what {
        What::Ended { status, reason } => Some((status, reason.as_deref())),
        // It went on after that.
        What::Began { .. } => Some(("Interrupted", None)),
        _ => None,
    }
}

/// Tenths of a second where they matter.
fn precise(time: jiff::SignedDuration) -> String {
    let millis = time.as_millis().max(0);
    if millis < 10_000 { format!("{}.{} s", millis / 1000, millis / 100 % 10) } else { duration(time) }
}

/// Something that a step left, made harmless.
struct Output {
    step: String,
    name: String,
    place: String,
}

fn outputs(ended: &Ended<'_>) -> Vec<Output> {
    let mut outputs = Vec::new();
    for event in ended.events {
        let What::StepSucceeded { step, properties, .. } = &event.what else { continue };
        let mut add = |name: &str, place: String| {
            outputs.push(Output { step: harmless(step), name: harmless(name), place: harmless(&place) });
        };
        let address = |uri: &Value| {
            let text = uri.as_str()?;
            Some(S3Uri::parse(text).map_or_else(|| text.to_owned(), |uri| (ended.address)(&uri)))
        };
        let list = properties.pointer("/ProcessingOutputConfig/Outputs").and_then(Value::as_array);
        for output in list.into_iter().flatten() {
            let name = output["OutputName"].as_str().unwrap_or("output");
            if let Some(place) = output.pointer("/S3Output/S3Uri").and_then(address) {
                add(name, place);
            }
        }
        if let Some(place) = properties.pointer("/ModelArtifacts/S3ModelArtifacts").and_then(address) {
            add("model", place);
        }
        if let Some(place) = properties.pointer("/TransformOutput/S3OutputPath").and_then(address) {
            add("predictions", place);
        }
        if let (Some(group), Some(version)) =
            (properties["ModelPackageGroupName"].as_str(), properties["ModelPackageVersion"].as_u64())
        {
            let status = properties["ModelApprovalStatus"].as_str().unwrap_or("PendingManualApproval");
            add("registered", format!("{group}/{version}, {status}"));
        }
    }
    outputs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn check(events: Vec<(i64, What)>, expected: &[&str]) {
        let events: Vec<Event> = events
            .into_iter()
            .map(|(millis, what)| Event { time: Timestamp::from_millisecond(millis).unwrap(), what })
            .collect();
        let address = |uri: &S3Uri| format!("s3/{}/{}", uri.bucket, uri.key);
        let log = |step: &str| {
            (vec!["Traceback".to_owned(), "\u{1b}boom".to_owned()], format!("steps/{step}/0/log.txt"))
        };
        let ended = Ended { pipeline: "abalone", run: "r1", events: &events, address: &address, log: &log };
        assert_eq!(summary(&ended, Ink::Plain), expected);
    }

    fn succeeded(step: &str, properties: Value) -> What {
        What::StepSucceeded { step: step.into(), properties, metadata: json!({}), taken_from: None }
    }

    #[test]
    fn results_are_named() {
        let outputs = json!([{"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train"}}]);
        let package = json!({"ModelPackageGroupName": "G", "ModelPackageVersion": 3, "ModelApprovalStatus": "Approved"});
        check(
            vec![
                (0, What::Began { parameters: BTreeMap::new(), retry: false }),
                (1, succeeded("Prepare", json!({"ProcessingOutputConfig": {"Outputs": outputs}}))),
                (
                    2,
                    succeeded(
                        "Train",
                        json!({"ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"}}),
                    ),
                ),
                (3, succeeded("Register", package)),
                (4, succeeded("Score", json!({"TransformOutput": {"S3OutputPath": "s3://b/out"}}))),
                (4_321, What::Ended { status: "Succeeded".into(), reason: None }),
            ],
            &[
                "  Prepare   train        s3/b/train",
                "  Train     model        s3/b/model.tar.gz",
                "  Register  registered   G/3, Approved",
                "  Score     predictions  s3/b/out",
                "abalone: Succeeded in 4.3 s, run r1",
            ],
        );
    }

    #[test]
    fn a_failure_is_shown_with_its_log() {
        let failed = What::StepFailed {
            step: "Train".into(),
            reason: "exit code: 1".into(),
            properties: Value::Null,
            metadata: Value::Null,
        };
        check(
            vec![
                (0, What::Began { parameters: BTreeMap::new(), retry: false }),
                (70_000, failed),
                (70_000, What::Ended { status: "Failed".into(), reason: Some("step Train failed".into()) }),
            ],
            &[
                "✗ Train: exit code: 1",
                "  │ Traceback",
                "  │ \\u{1b}boom",
                "  └ steps/Train/0/log.txt",
                "abalone: Failed in 1 min 10 s, run r1: step Train failed",
                "see it: cargo xtask logs r1 [STEP]; go on with it: cargo xtask resume r1",
            ],
        );
    }

    #[test]
    fn a_run_without_an_end_was_interrupted() {
        check(
            vec![(0, What::Began { parameters: BTreeMap::new(), retry: false })],
            &[
                "abalone: Interrupted in 0.0 s, run r1",
                "see it: cargo xtask logs r1 [STEP]; go on with it: cargo xtask resume r1",
            ],
        );
    }
}
