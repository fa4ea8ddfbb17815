//! A synthesised pipeline: its definition, and its graph to assert on.

use std::collections::BTreeSet;

use pipewright_model::protocol::{Diagnostic, ParameterAnswer, PipelineAnswer, StepAnswer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::problems::Problems;
use super::scenario::Scenario;
use super::step::{Step, raw};
use super::synth::Synth;
use super::{names, snapshot};

/// A pipeline that was synthesised.
#[derive(Clone, Debug)]
pub struct Synthesis {
    /// The definition.
    pub definition: Value,
    /// What is known of the pipeline beside its definition, which has been taken out of it.
    pub answer: PipelineAnswer<Box<RawValue>>,
    /// What deserves a look without being wrong.
    pub warnings: Vec<Diagnostic>,
    synth: Synth,
}

impl Synthesis {
    pub(super) fn new(
        definition: Value,
        answer: PipelineAnswer<Box<RawValue>>,
        warnings: Vec<Diagnostic>,
        synth: &Synth,
    ) -> Self {
        Self { definition, answer, warnings, synth: synth.clone() }
    }

    /// The same pipeline in this account and region, unless it knows its own.
    pub(super) fn located(&self, account: &str, region: &str) -> Result<Self, Problems> {
        let mut synth = self.synth.clone();
        let environment = &mut synth.request.environment;
        if environment.account.is_some() && environment.region.is_some() {
            return Ok(self.clone());
        }
        environment.account.get_or_insert_with(|| account.to_owned());
        environment.region.get_or_insert_with(|| region.to_owned());
        synth.synth()
    }

    /// Account and region, where they are known.
    pub(super) fn place(&self) -> (Option<&str>, Option<&str>) {
        let environment = &self.synth.request.environment;
        (environment.account.as_deref(), environment.region.as_deref())
    }

    /// A run of the pipeline without jobs: see [`Scenario`].
    pub fn run(&self) -> Scenario {
        Scenario::new(self.clone())
    }

    /// The names of all steps, each before those of its branches.
    pub fn steps(&self) -> Vec<&str> {
        self.answer.steps.iter().map(|step| step.name.as_str()).collect()
    }

    /// The step of this name, wherever it stands.
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn step(&self, name: &str) -> Step<'_> {
        let answer = self.known(name);
        let Some(value) = raw(&self.definition, name) else {
            panic!("the definition has no step {name:?}");
        };
        Step { answer, value }
    }

    /// Whether `step` begins after `other` has ended because one of its own values says so, or its
    /// [`depends_on`](crate::StepSettings::depends_on).
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn has_edge(&self, other: &str, step: &str) -> bool {
        self.known(other);
        self.known(step).depends_on.iter().any(|name| name == other)
    }

    /// Whether `step` never begins before `other` has ended: over any number of steps between them, and because of the
    /// condition that `step` is in a branch of.
    ///
    /// # Panics
    /// Where there is no such step.
    #[track_caller]
    pub fn needs(&self, step: &str, other: &str) -> bool {
        self.known(other);
        let mut seen = BTreeSet::new();
        let mut next = vec![self.known(step)];
        while let Some(step) = next.pop() {
            for before in step.depends_on.iter().chain(&step.parent) {
                if before == other {
                    return true;
                }
                if seen.insert(before) {
                    next.extend(self.answer.steps.iter().find(|step| step.name == *before));
                }
            }
        }
        false
    }

    /// The run-time parameter of this name, as the definition spells it: `MseThreshold`.
    ///
    /// # Panics
    /// Where there is no such parameter.
    #[track_caller]
    pub fn parameter(&self, name: &str) -> &ParameterAnswer {
        let parameters = &self.answer.parameters;
        let Some(found) = parameters.iter().find(|parameter| parameter.name == name) else {
            let known = parameters.iter().map(|parameter| parameter.name.as_str());
            panic!("the pipeline has no parameter {name:?}: {}", names::help(name, known));
        };
        found
    }

    /// The value of the configuration at this path, such as `booster.rounds`, whatever it came from.
    ///
    /// # Panics
    /// Where there is no such value.
    #[track_caller]
    pub fn config(&self, path: &str) -> &Value {
        let config = &self.answer.config;
        let Some(found) = config.iter().find(|value| value.path == path) else {
            let known = config.iter().map(|value| value.path.as_str());
            panic!("the configuration has no value {path:?}: {}", names::help(path, known));
        };
        &found.value
    }

    /// Compares the definition with the file `tests/snapshots/NAME.json` of the crate.
    ///
    /// Keys of code have six dots for the hash of its content: a changed script changes no snapshot. With
    /// `UPDATE_GOLDENS=1` in the environment the file is written instead; commit it, and read what changes in it as you
    /// would read a change of the pipeline.
    ///
    /// # Panics
    /// With every difference, its place and both values; and where there is no such file, with how to make it.
    #[track_caller]
    pub fn assert_snapshot(&self, name: &str) {
        let hashes: Vec<&str> = self.answer.assets.iter().map(|asset| &*asset.sha256).collect();
        if let Err(why) = snapshot::compare(&self.definition, &hashes, self.synth.folder.as_deref(), name) {
            panic!("{why}");
        }
    }

    #[track_caller]
    fn known(&self, name: &str) -> &StepAnswer {
        let Some(found) = self.answer.steps.iter().find(|step| step.name == name) else {
            panic!("{} has no step {name:?}: {}", self.answer.name, names::help(name, self.steps()));
        };
        found
    }
}
