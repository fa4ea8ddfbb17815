//! The written overlay: where the model is wrong for pipelines.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::schema::{Model, Shape};

/// What people know and the model does not say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The requests that steps are made of.
    pub requests: Vec<String>,
    /// The responses that properties mirror.
    pub properties: Vec<String>,
    /// Corrections by shape.
    #[serde(default)]
    pub(super) shapes: BTreeMap<String, Correction>,
}

/// A correction of one shape.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    /// Why the model is not right here. For the reader.
    #[serde(rename = "why")]
    _why: String,
    /// Members that the API requires and a pipeline leaves out.
    #[serde(default)]
    pub(super) optional: Vec<String>,
    /// Members that a pipeline needs and the API does not require.
    #[serde(default)]
    pub(super) required: Vec<String>,
    /// Exactly one of each group is given.
    #[serde(default)]
    pub(super) exactly_one: Vec<Vec<String>>,
    /// At most one of each group is given.
    #[serde(default)]
    pub(super) at_most_one: Vec<Vec<String>>,
    /// A list whose items property paths address by this member: `Outputs['train']`.
    #[serde(default)]
    pub(super) keyed_by: Option<String>,
    /// Holds the shape to its length alone: the pattern refuses what the service takes.
    #[serde(default)]
    pub(super) no_pattern: bool,
}

impl Overlay {
    /// Reads the overlay.
    ///
    /// # Errors
    /// A text that is no overlay.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("the overlay")
    }

    pub(super) fn of(&self, shape: &str) -> Option<&Correction> {
        self.shapes.get(shape)
    }

    /// Whether a pipeline has to give a member.
    pub(super) fn requires(&self, shape: &str, required: &[String], member: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|m| m == member);
        match self.of(shape) {
            Some(correction) if named(&correction.optional) => false,
            Some(correction) if named(&correction.required) => true,
            _ => named(required),
        }
    }

    /// Everything that the overlay names exists: otherwise a newer model has made it wrong.
    pub(super) fn check(&self, model: &Model) -> Result<()> {
        for (name, correction) in &self.shapes {
            let shape = model.shape(name).with_context(|| format!("the overlay corrects {name}"))?;
            let groups = correction.exactly_one.iter().chain(&correction.at_most_one).flatten();
            for member in correction.optional.iter().chain(&correction.required).chain(groups) {
                ensure!(
                    shape.members().any(|(m, _)| m == member),
                    "the overlay names {name}.{member}, which the model does not have"
                );
            }
            if let Some(key) = &correction.keyed_by {
                let Shape::List { member, .. } = shape else { anyhow::bail!("{name} is keyed and no list") };
                ensure!(
                    model.shape(member)?.members().any(|(m, _)| m == key),
                    "the overlay keys {name} by {member}.{key}, which the model does not have"
                );
            }
        }
        Ok(())
    }
}
