//! `models/sagemaker.json` as data.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The shapes of SageMaker's API.
#[derive(Debug, Deserialize)]
pub struct Model {
    pub(super) shapes: BTreeMap<String, Shape>,
}

/// A shape.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Shape {
    Structure {
        #[serde(default)]
        required: Vec<String>,
        /// In the API's order.
        #[serde(default)]
        members: serde_json::Map<String, serde_json::Value>,
    },
    List {
        member: String,
        min: Option<i64>,
        max: Option<i64>,
    },
    Map {
        key: String,
        value: String,
        min: Option<i64>,
        max: Option<i64>,
    },
    String {
        min: Option<i64>,
        max: Option<i64>,
        pattern: Option<String>,
        #[serde(default, rename = "enum")]
        values: Vec<String>,
    },
    #[serde(alias = "long")]
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    #[serde(alias = "double")]
    Float {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    Timestamp,
}

impl Model {
    /// Reads the model.
    ///
    /// # Errors
    /// A text that is not of the format in `models/README.md`.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("models/sagemaker.json")
    }

    pub(super) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("the model has no shape {name:?}"))
    }

    /// Every shape that the roots lead to, the roots included.
    pub(super) fn reachable<'a>(&'a self, roots: &'a [String]) -> Result<BTreeSet<&'a str>> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = roots.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            match self.shape(name)? {
                Shape::Structure { members, .. } => open.extend(members.values().filter_map(|v| v.as_str())),
                Shape::List { member, .. } => open.push(member),
                Shape::Map { key, value, .. } => open.extend([key.as_str(), value]),
                _ => {}
            }
        }
        Ok(seen)
    }
}

impl Shape {
    /// Members with the names of their shapes.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        let members = match self {
            Self::Structure { members, .. } => Some(members),
            _ => None,
        };
        members.into_iter().flatten().filter_map(|(name, shape)| Some((name.as_str(), shape.as_str()?)))
    }

    /// The limits in words, for documentation.
    pub(super) fn limits(&self) -> Option<String> {
        let range = |min: Option<i64>, max: Option<i64>, unit: &str| match (min, max) {
            (None | Some(0), Some(max)) => Some(format!("at most {max}{unit}")),
            (Some(min), Some(max)) => Some(format!("{min} to {max}{unit}")),
            (Some(min), None) if min > 0 => Some(format!("at least {min}{unit}")),
            _ => None,
        };
        match self {
            Self::String { min, max, pattern, values } => {
                let mut words = Vec::new();
                if values.is_empty() {
                    words.extend(range(*min, *max, " characters"));
                }
                words.extend(pattern.as_ref().filter(|p| !matches_all(p)).map(|p| format!("pattern `{p}`")));
                (!words.is_empty()).then(|| words.join(", "))
            }
            Self::List { min, max, .. } => range(*min, *max, " items"),
            Self::Map { min, max, .. } => range(*min, *max, " entries"),
            Self::Integer { min, max } => range(*min, *max, ""),
            #[expect(clippy::cast_possible_truncation, reason = "the model's bounds are whole numbers")]
            Self::Float { min, max } => range(min.map(|m| m as i64), max.map(|m| m as i64), ""),
            _ => None,
        }
    }
}

/// Patterns that say nothing.
pub(super) fn matches_all(pattern: &str) -> bool {
    matches!(pattern, ".*" | ".+" | r"[\S\s]*" | r"[\s\S]*" | r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*" | "^.*$")
}
