//! What is right, and yet not as careful as it could be: rules that no checker of templates knows, because they are about
//! what stands in a pipeline's definition.
//!
//! Findings are decided from values alone. `[lints]` in `pipewright.toml` says what becomes of each.

mod jobs;
mod wiring;

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::{Problem, Severity};
use pipewright_stacks::InfrastructureSettings;
use serde_json::Value;

use crate::answers::Found;
use crate::report::Report;
use crate::settings::Settings;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lint {
    DomainNotVpcOnly,
    JobWithoutNetwork,
    UnencryptedOutput,
    UnencryptedVolume,
    UnencryptedTraffic,
    UnreadOutput,
    CacheNeverHits,
    SpotWithoutCheckpoints,
}

impl Lint {
    /// What it is called in reports.
    const fn code(self) -> &'static str {
        match self {
            Self::DomainNotVpcOnly => "lint/domain-not-vpc-only",
            Self::JobWithoutNetwork => "lint/job-without-network",
            Self::UnencryptedOutput => "lint/unencrypted-output",
            Self::UnencryptedVolume => "lint/unencrypted-volume",
            Self::UnencryptedTraffic => "lint/unencrypted-traffic",
            Self::UnreadOutput => "lint/unread-output",
            Self::CacheNeverHits => "lint/cache-never-hits",
            Self::SpotWithoutCheckpoints => "lint/spot-without-checkpoints",
        }
    }

    /// Its key in `[lints]`.
    fn key(self) -> String {
        self.code().trim_start_matches("lint/").replace('-', "_")
    }
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Level {
    /// Nothing.
    #[default]
    Allow,
    /// It is shown.
    Warn,
    /// It is an error.
    Deny,
}

/// What is meant to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) lint: Lint,
    pub(crate) pipeline: String,
    /// `None` for every step.
    pub(crate) step: Option<String>,
    /// Why; for those who read the file.
    pub(crate) reason: String,
}

/// What `[lints]` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lints {
    pub(crate) levels: BTreeMap<Lint, Level>,
    pub(crate) exceptions: Vec<Exception>,
}

impl Lints {
    /// Shows what is allowed, too.
    pub(crate) fn warn_of_all(&mut self) {
        self.levels
            .values_mut()
            .filter(|level| **level == Level::Allow)
            .for_each(|level| *level = Level::Warn);
    }

    /// The problem as it is to be shown, where it is to be shown.
    fn judge(&self, lint: Lint, problem: Problem) -> Option<Problem> {
        let severity = match self.levels.get(&lint).copied().unwrap_or_default() {
            Level::Allow => return None,
            Level::Warn => Severity::Warning,
            Level::Deny => Severity::Error,
        };
        let key = lint.key();
        let help = problem.help.as_ref().map_or_else(String::new, |help| format!("{help}; or "));
        let help = format!("{help}say lints.{key} = \"allow\" in pipewright.toml");
        Some(Problem { severity, ..problem.help(help) })
    }

    /// The exception that a finding falls under.
    fn exception(&self, lint: Lint, pipeline: &str, step: &str) -> Option<usize> {
        self.exceptions.iter().position(|exception| {
            exception.lint == lint
                && exception.pipeline == pipeline
                && exception.step.as_deref().is_none_or(|name| name == step)
        })
    }
}

/// All findings: those of the infrastructure, then those of the pipelines in their order.
pub(crate) fn find(settings: &Settings, pipelines: &[Found<'_>], partial: bool) -> Vec<Report> {
    let lints = &settings.lints;
    let mut reports: Vec<Report> = of_infrastructure(lints, &settings.infrastructure)
        .into_iter()
        .map(|problem| settings.report(problem))
        .collect();
    let mut used = BTreeSet::new();
    for Found { answer, .. } in pipelines {
        let Some(definition) = &answer.definition else { continue };
        let problems = of_pipeline(lints, &answer.name, definition, &mut used);
        reports.extend(problems.into_iter().map(|p| Report::new(p.into()).of_pipeline(&answer.name)));
    }
    // Where some pipelines are left out, so may be what an exception is for.
    if !partial && pipelines.iter().all(|found| found.answer.definition.is_some()) {
        reports.extend(unused(lints, &used).into_iter().map(|problem| settings.report(problem)));
    }
    reports
}

fn of_infrastructure(lints: &Lints, infrastructure: &InfrastructureSettings) -> Option<Problem> {
    infrastructure.domain.as_ref().filter(|domain| domain.public_internet)?;
    let lint = Lint::DomainNotVpcOnly;
    let message = "notebooks of the domain reach the internet past the VPC, where no rule of yours holds";
    lints.judge(
        lint,
        Problem::error(lint.code(), "domain.public_internet", message)
            .help("leave domain.public_internet out"),
    )
}

fn of_pipeline(
    lints: &Lints,
    pipeline: &str,
    definition: &Value,
    used: &mut BTreeSet<usize>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let findings = jobs::findings(definition).into_iter().chain(wiring::findings(definition));
    for jobs::Finding { lint, step, problem } in findings {
        if let Some(index) = lints.exception(lint, pipeline, &step) {
            used.insert(index);
        } else {
            problems.extend(lints.judge(lint, problem.in_step(step)));
        }
    }
    problems
}

/// Exceptions that nothing falls under: what they were for is mended, or misspelt.
fn unused(lints: &Lints, used: &BTreeSet<usize>) -> Vec<Problem> {
    let exceptions = lints.exceptions.iter().enumerate().filter(|(index, _)| !used.contains(index));
    exceptions
        .map(|(index, Exception { lint, pipeline, step, reason })| {
            let of = step.as_ref().map_or_else(String::new, |step| format!("step {step:?} of "));
            let message = format!("{of}pipeline {pipeline:?} has nothing that {} finds", lint.key());
            let problem = Problem::error("lint/unused-exception", format!("lints.except[{index}]"), message)
                .value(reason.as_str())
                .help("take the exception out, or mend its names");
            Problem { severity: Severity::Warning, ..problem }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pipewright_stacks::infrastructure::Domain;
    use serde_json::json;

    use super::*;

    fn lints(levels: &[(Lint, Level)], exceptions: &[(Lint, &str, Option<&str>)]) -> Lints {
        let exceptions = exceptions.iter().map(|(lint, pipeline, step)| Exception {
            lint: *lint,
            pipeline: (*pipeline).to_owned(),
            step: step.map(str::to_owned),
            reason: "because".to_owned(),
        });
        Lints { levels: levels.iter().copied().collect(), exceptions: exceptions.collect() }
    }

    #[test]
    fn a_level_says_what_becomes_of_a_finding() {
        let infrastructure = |public_internet| InfrastructureSettings {
            domain: Some(Domain { public_internet, ..Domain::default() }),
            ..InfrastructureSettings::default()
        };
        let check = |level, public, expected| {
            let lints = lints(&[(Lint::DomainNotVpcOnly, level)], &[]);
            let found = of_infrastructure(&lints, &infrastructure(public));
            assert_eq!(found.map(|problem| problem.severity), expected);
        };
        check(Level::Allow, true, None);
        check(Level::Warn, true, Some(Severity::Warning));
        check(Level::Deny, true, Some(Severity::Error));
        check(Level::Deny, false, None);
    }

    #[test]
    fn exceptions_hold_for_a_step_or_a_pipeline_and_say_when_they_are_for_nothing() {
        let definition = json!({"Steps": [
            {"Name": "a", "Type": "Training", "Arguments": {}}, {"Name": "b", "Type": "Training", "Arguments": {}},
        ]});
        let lint = Lint::JobWithoutNetwork;
        let check = |exceptions: &[(Lint, &str, Option<&str>)], expected: &[&str], left: usize| {
            let lints = lints(&[(lint, Level::Deny)], exceptions);
            let mut used = BTreeSet::new();
            let found = of_pipeline(&lints, "p", &definition, &mut used);
            let steps: Vec<_> = found.iter().filter_map(|problem| problem.step.as_deref()).collect();
            assert_eq!((steps.as_slice(), unused(&lints, &used).len()), (expected, left), "{exceptions:?}");
        };
        check(&[], &["a", "b"], 0);
        check(&[(lint, "p", None)], &[], 0);
        check(&[(lint, "p", Some("a"))], &["b"], 0);
        check(&[(lint, "q", None), (lint, "p", Some("c"))], &["a", "b"], 2);
        check(&[(Lint::UnencryptedOutput, "p", None)], &["a", "b"], 1);
    }
}
