//! The end of a deployment: what changed, how long it took, and the outputs.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;

use crate::aside::{self, Readers};
use crate::deploy::{Ended, Report, StackReport};
use crate::error::{Error, Kind, Result};
use crate::show::text::{Ink, Role, count, cut, duration, excerpt, harmless, pad, width};

/// The widest that a column of names gets.
const WIDEST: usize = 60;

/// A line for each stack, and one for all of them. Ends with a line break.
pub fn summary(report: &Report, ink: Ink) -> String {
    let widest = report.stacks.iter().map(|stack| width(&harmless(&stack.name))).max().unwrap_or_default();
    let widest = widest.min(WIDEST);
    let mut lines: Vec<String> = report.stacks.iter().map(|stack| stack_line(stack, widest, ink)).collect();
    lines.push(total(report));
    lines.push(String::new());
    lines.join("\n")
}

fn stack_line(stack: &StackReport, widest: usize, ink: Ink) -> String {
    let (word, role) = match stack.result {
        Ended::Deployed => ("deployed", Role::Good),
        Ended::Unchanged => ("nothing to do", Role::Quiet),
        Ended::Prepared => ("change set made", Role::Good),
        Ended::Deferred => ("not prepared", Role::Care),
        Ended::Absent => ("there is no such stack", Role::Quiet),
        Ended::Failed => ("failed", Role::Bad),
        Ended::Skipped => ("not begun", Role::Care),
    };
    let name = pad(&cut(&harmless(&stack.name), widest), widest);
    let took = match stack.result {
        Ended::Skipped | Ended::Deferred => String::new(),
        _ => format!("  {}", seconds(stack.seconds)),
    };
    // The reason of a failure comes at the very end, at length.
    let reason = stack.reason.as_deref().filter(|_| stack.result != Ended::Failed);
    let reason = reason.map(|reason| format!("  ({})", excerpt(reason))).unwrap_or_default();
    format!("{name}  {}{took}{reason}", ink.paint(role, word))
}

/// `2 stacks deployed, 1 unchanged`.
fn total(report: &Report) -> String {
    let kinds = [
        (Ended::Deployed, "deployed"),
        (Ended::Prepared, "prepared"),
        (Ended::Unchanged, "unchanged"),
        (Ended::Absent, "not there"),
        (Ended::Deferred, "not prepared"),
        (Ended::Skipped, "not begun"),
        (Ended::Failed, "failed"),
    ];
    let mut parts = Vec::new();
    for (kind, word) in kinds {
        let of = report.stacks.iter().filter(|stack| stack.result == kind).count();
        if of > 0 {
            let of = if parts.is_empty() { count(of, "stack", "stacks") } else { of.to_string() };
            parts.push(format!("{of} {word}"));
        }
    }
    if parts.is_empty() { "no stack to deploy".to_owned() } else { parts.join(", ") }
}

/// Seconds as a float, whatever it holds, in words.
fn seconds(of: f64) -> String {
    duration(SignedDuration::try_from_secs_f64(of).unwrap_or_default())
}

/// The outputs of the stacks that have some, names and values aligned; empty when there are none. Ends with a line break.
pub fn outputs(report: &Report, ink: Ink) -> String {
    let mut lines = Vec::new();
    for stack in report.stacks.iter().filter(|stack| !stack.outputs.is_empty()) {
        lines.push(format!("{}:", ink.paint(Role::Strong, &harmless(&stack.name))));
        let names: Vec<String> = stack.outputs.keys().map(|name| cut(&harmless(name), WIDEST)).collect();
        let widest = names.iter().map(|name| width(name)).max().unwrap_or_default();
        for (name, value) in names.iter().zip(stack.outputs.values()) {
            let value = harmless(value.trim());
            lines.push(format!("  {}  {value}", pad(name, widest)));
        }
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.join("\n")
}

/// Writes the outputs as JSON, stack by stack, as `cdk deploy --outputs-file` does. In one step, and complete: an earlier file is
/// replaced.
///
/// # Errors
/// [`Kind::Usage`] when the file can't be written.
pub fn write_outputs(path: &Path, outputs: &BTreeMap<&str, &BTreeMap<String, String>>) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Usage, format!("can't write the outputs to {}: {error}", path.display()))
            .hint("what was deployed is deployed; repeat the command with another --outputs-file")
    };
    let mut text = serde_json::to_string_pretty(outputs).map_err(|error| failed(error.into()))?;
    text.push('\n');
    aside::write(path, text.as_bytes(), Readers::Default).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(name: &str, result: Ended, seconds: f64, outputs: &[(&str, &str)]) -> StackReport {
        StackReport {
            name: name.to_owned(),
            result,
            changed: result == Ended::Deployed,
            status: None,
            outputs: outputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            seconds,
            reason: matches!(result, Ended::Skipped | Ended::Failed).then(|| "stack b failed".to_owned()),
            prepared: None,
        }
    }

    fn report() -> Report {
        let outputs = [("DomainId", "d-1"), ("SourceBucketName", "dsm-sources\u{1b}[2J")];
        let stacks = vec![
            stack("dsm-infrastructure", Ended::Deployed, 192.4, &outputs),
            stack("b", Ended::Failed, f64::NAN, &[]),
            stack("c", Ended::Skipped, 0.0, &[]),
            stack("d", Ended::Unchanged, 0.3, &[("Name", "x")]),
        ];
        Report { stacks, failures: Vec::new() }
    }

    #[test]
    fn the_end_of_a_deployment() {
        insta::assert_snapshot!(summary(&report(), Ink::Plain), @r"
        dsm-infrastructure  deployed  3 min 12 s
        b                   failed  0 s
        c                   not begun  (stack b failed)
        d                   nothing to do  0 s
        1 stack deployed, 1 unchanged, 1 not begun, 1 failed
        ");
        insta::assert_snapshot!(outputs(&report(), Ink::Plain), @r"
        dsm-infrastructure:
          DomainId          d-1
          SourceBucketName  dsm-sources\u{1b}[2J
        d:
          Name  x
        ");
        assert_eq!(summary(&Report::default(), Ink::Plain), "no stack to deploy\n");
        assert_eq!(outputs(&Report::default(), Ink::Plain), "");
    }

    #[test]
    fn outputs_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outputs.json");
        let report = report();
        write_outputs(&path, &report.outputs()).unwrap();
        write_outputs(&path, &report.outputs()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["dsm-infrastructure"]["DomainId"], "d-1");
        assert!(text.ends_with("}\n"));
        let error = write_outputs(&folder.path().join("absent/o.json"), &report.outputs()).unwrap_err();
        assert!(error.hints[0].contains("what was deployed is deployed"));
    }
}
