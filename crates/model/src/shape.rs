//! What a request may look like: SageMaker's shapes as data.
//!
//! The tables themselves are generated in `pipewright-sagemaker`; [`crate::check`] walks a step's
//! arguments along them.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A shape of SageMaker's API.
#[derive(Debug)]
pub struct Shape {
    /// The API's name: `ProcessingS3Input`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of shape.
#[derive(Debug)]
pub enum Kind {
    /// An object with known members.
    Structure {
        /// The members, in the API's order.
        members: &'static [Member],
        /// Rules over several members.
        rules: &'static [Rule],
    },
    /// A list.
    List {
        /// The shape of each item.
        item: &'static Shape,
        /// The fewest and most items.
        size: Range,
    },
    /// An object with free keys.
    Map {
        /// The shape of each key.
        key: &'static Shape,
        /// The shape of each value.
        value: &'static Shape,
        /// The fewest and most entries.
        size: Range,
    },
    /// Text.
    String {
        /// The fewest and most characters.
        length: Range,
        /// What the whole text matches.
        pattern: Option<&'static Pattern>,
        /// The known values; empty where any text is allowed.
        values: &'static [&'static str],
    },
    /// An integer.
    Integer(Range),
    /// A floating-point number.
    Float(Range),
    /// A boolean.
    Boolean,
    /// A time: ISO 8601 text, or seconds since 1970.
    Timestamp,
    /// Anything.
    Any,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The name on the wire.
    pub name: &'static str,
    /// Whether a pipeline must give it.
    pub required: bool,
    /// Its shape.
    pub shape: &'static Shape,
}

/// A rule over several members of one structure, from the written overlay.
#[derive(Debug)]
pub enum Rule {
    /// Exactly one of these is given.
    ExactlyOne(&'static [&'static str]),
    /// At most one of these is given.
    AtMostOne(&'static [&'static str]),
}

/// Bounds, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least, if bounded.
    pub min: Option<i64>,
    /// The most, if bounded.
    pub max: Option<i64>,
}

impl Range {
    /// No bound.
    pub const ANY: Self = Self { min: None, max: None };

    /// From `min` to `max`.
    pub const fn new(min: Option<i64>, max: Option<i64>) -> Self {
        Self { min, max }
    }

    /// Whether `value` is in bounds.
    pub fn contains(self, value: i64) -> bool {
        self.min.is_none_or(|min| min <= value) && self.max.is_none_or(|max| value <= max)
    }

    /// The bounds in words: `1 to 10 items`.
    pub fn words(self, unit: &str) -> String {
        let space = if unit.is_empty() { "" } else { " " };
        match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => format!("exactly {max}{space}{unit}"),
            (Some(0) | None, Some(max)) => format!("at most {max}{space}{unit}"),
            (Some(min), Some(max)) => format!("{min} to {max}{space}{unit}"),
            (Some(min), None) => format!("at least {min}{space}{unit}"),
            (None, None) => format!("any number of {unit}"),
        }
    }
}

/// A regular expression that is compiled on first use.
#[derive(Debug)]
pub struct Pattern {
    /// As the API's model has it (unanchored there, but meant for the whole text).
    pub source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern `source`.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// Whether the whole text matches. `None` where the pattern can't be compiled, which the tests
    /// of the generated tables rule out.
    pub fn matches(&self, text: &str) -> Option<bool> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.source)).ok());
        compiled.as_ref().map(|regex| regex.is_match(text))
    }
}

impl Shape {
    /// The place of a member in the API's order; unknown members come last.
    pub fn rank(&self, member: &str) -> usize {
        match &self.kind {
            Kind::Structure { members, .. } => {
                members.iter().position(|m| m.name == member).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// The shape of a member.
    pub fn member(&self, name: &str) -> Option<&'static Shape> {
        match &self.kind {
            Kind::Structure { members, .. } => members.iter().find(|m| m.name == name).map(|m| m.shape),
            _ => None,
        }
    }
}
