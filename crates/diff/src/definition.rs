//! Definitions of pipelines, step by step: [`source`] finds their texts in a template, [`steps`] compares steps.

mod source;
mod steps;
mod text;

use serde::Serialize;
use serde_json::Value;

use crate::change::{Note, PropertyChange, Sign};
use crate::path::Path;
use crate::values;

pub(crate) use source::of_pipeline;

/// What differs between two definitions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DefinitionChange {
    /// What differs beside steps and parameters, by path; variables of `Fn::Sub` below `Substitutions`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyChange>,
    /// The parameters that differ, as `Parameters[Name].DefaultValue`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<PropertyChange>,
    /// The steps that differ, those inside of others included: in the order of the new definition, removed ones first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepChange>,
    /// Lists of steps that stand in another order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reordered: Vec<Reordered>,
    /// The difference as text, line by line, where one of the definitions isn't the JSON of a definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A step that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepChange {
    /// Its name.
    pub name: String,
    /// Its `Type`; the new one where it changed.
    pub kind: String,
    /// Whether it came, went or changed.
    pub sign: Sign,
    /// The list it stands in, as `Check/IfSteps`; empty for the pipeline's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// The list it stood in, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// The name that a step with just this content has on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed: Option<String>,
    /// What differs, by path from the step. Empty for what was added or removed as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PropertyChange>,
}

impl StepChange {
    /// The files of which the content changed, and nothing else, sorted.
    pub fn code(&self) -> Vec<&str> {
        let files = self.changes.iter().filter_map(|change| match &change.note {
            Some(Note::Code { file }) => Some(file.as_str()),
            _ => None,
        });
        let mut files: Vec<&str> = files.collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

/// A list of steps in another order. The order says nothing about when steps run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reordered {
    /// The list, as `Check/IfSteps`; empty for the pipeline's own.
    pub branch: String,
    /// The names of the steps that are on both sides, as they stood.
    pub old: Vec<String>,
    /// The same as they stand.
    pub new: Vec<String>,
}

impl DefinitionChange {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What differs between two definitions, given as text. Neither the order of keys nor space is a difference.
///
/// Where one of them isn't the JSON of a definition, they are compared line by line.
pub fn compare_definitions(old: &str, new: &str) -> DefinitionChange {
    let parsed = |text: &str| match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    };
    if old == new {
        return DefinitionChange::default();
    }
    let (Some(before), Some(after)) = (parsed(old), parsed(new)) else {
        return DefinitionChange { text: Some(text::difference(old, new)), ..DefinitionChange::default() };
    };
    let properties =
        values::compare_but(&Path::default(), Some(&before), Some(&after), &["Parameters", "Steps"]);
    let parameters =
        values::compare(Path::of("Parameters"), before.get("Parameters"), after.get("Parameters"));
    let (steps, reordered) = steps::compare(before.get("Steps"), after.get("Steps"));
    DefinitionChange { properties, parameters, steps, reordered, text: None }
}
