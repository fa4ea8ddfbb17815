//! [`ResolvedValues`]: every value of a configuration and where it came from, kept small until somebody asks.

use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

use crate::context::MASK;
use crate::problem::Place;
use crate::source::Inputs;
use crate::tree::Origin;

/// One value of a configuration and where it came from; empty lists and tables count as values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resolved {
    /// The key path.
    pub path: String,
    /// The value; null for an optional one that is absent.
    pub value: Json,
    /// Where it came from; `None` (null in JSON) for a default.
    pub origin: Option<Place>,
}

/// Every value of a configuration and where it came from, in the order of the type's fields.
///
/// Paths, values and places are made when they are asked for: of most configurations nobody asks.
#[derive(Clone)]
pub struct ResolvedValues<'s> {
    inputs: Inputs<'s>,
    leaves: Leaves,
}

impl<'s> ResolvedValues<'s> {
    pub(crate) fn new(inputs: Inputs<'s>, leaves: Leaves) -> Self {
        Self { inputs, leaves }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.leaves.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.leaves.list.is_empty()
    }

    /// The values in order.
    pub fn iter(&self) -> Iter<'_> {
        let Leaves { paths, texts, list, others, .. } = &self.leaves;
        Iter { inputs: &self.inputs, paths, texts, list: list.iter(), others, path: String::new() }
    }

    /// The values in order, all made at once.
    pub fn to_vec(&self) -> Vec<Resolved> {
        self.iter().collect()
    }
}

impl<'a> IntoIterator for &'a ResolvedValues<'_> {
    type Item = Resolved;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for ResolvedValues<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// The values of [`ResolvedValues`], one after the other.
pub struct Iter<'a> {
    inputs: &'a Inputs<'a>,
    paths: &'a str,
    texts: &'a str,
    list: std::slice::Iter<'a, Leaf>,
    others: &'a [Json],
    path: String,
}

impl Iterator for Iter<'_> {
    type Item = Resolved;

    fn next(&mut self) -> Option<Resolved> {
        let leaf = self.list.next()?;
        let (added, paths) = self.paths.split_at_checked(leaf.added as usize)?;
        self.paths = paths;
        self.path.truncate(leaf.kept as usize);
        self.path.push_str(added);
        let value = match leaf.value {
            LeafValue::Null => Json::Null,
            LeafValue::Boolean(b) => b.into(),
            LeafValue::Integer(n) => n.into(),
            LeafValue::Float(n) => n.into(),
            LeafValue::Text(length) => {
                let (text, texts) = self.texts.split_at_checked(length as usize)?;
                self.texts = texts;
                text.into()
            }
            LeafValue::Other(index) => self.others.get(index as usize)?.clone(),
            LeafValue::Secret => MASK.into(),
        };
        let mut origin = self.inputs.place(leaf.origin);
        if matches!(leaf.value, LeafValue::Secret) {
            origin = origin.map(Place::without_value);
        }
        Some(Resolved { path: self.path.clone(), value, origin })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.list.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The values as they are noted: one row each, their texts and what is new in their paths one after the other.
#[derive(Clone, Default)]
pub(crate) struct Leaves {
    paths: String,
    texts: String,
    list: Vec<Leaf>,
    others: Vec<Json>,
    /// How much of the path of the last value is still that of the next.
    shared: usize,
}

#[derive(Clone, Copy)]
struct Leaf {
    /// How many bytes of the path before are also this one's.
    kept: u32,
    /// How many bytes come after them.
    added: u32,
    origin: Origin,
    value: LeafValue,
}

#[derive(Clone, Copy)]
enum LeafValue {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// As many bytes of the texts.
    Text(u32),
    /// This one of the others.
    Other(u32),
    /// Something that is not kept.
    Secret,
}

/// A value to be noted.
pub(crate) enum Noted<'v> {
    Text(&'v str),
    Json(Json),
    Secret,
}

impl Leaves {
    /// Notes that the path was cut to this length.
    pub(crate) fn cut(&mut self, length: usize) {
        self.shared = self.shared.min(length);
    }

    /// Notes a value at the end of a path. What is too long to be counted in 32 bits is left out.
    pub(crate) fn add(&mut self, path: &str, origin: Origin, value: Noted<'_>) {
        let kept = self.shared.min(path.len());
        let added = path.get(kept..).unwrap_or_default();
        let count = |n: usize| u32::try_from(n).ok();
        let (Some(kept), Some(length)) = (count(kept), count(added.len())) else { return };
        let value = match value {
            Noted::Text(text) => {
                let Some(length) = count(text.len()) else { return };
                self.texts.push_str(text);
                LeafValue::Text(length)
            }
            Noted::Json(json) => self.value(json),
            Noted::Secret => LeafValue::Secret,
        };
        self.paths.push_str(added);
        self.shared = path.len();
        self.list.push(Leaf { kept, added: length, origin, value });
    }

    /// Where the noting stands, to go back to.
    pub(crate) fn mark(&self) -> [usize; 5] {
        [self.paths.len(), self.texts.len(), self.list.len(), self.others.len(), self.shared]
    }

    /// Forgets what was noted since.
    pub(crate) fn back(&mut self, [paths, texts, list, others, shared]: [usize; 5]) {
        self.paths.truncate(paths);
        self.texts.truncate(texts);
        self.list.truncate(list);
        self.others.truncate(others);
        self.shared = shared;
    }

    fn value(&mut self, json: Json) -> LeafValue {
        match &json {
            Json::Null => return LeafValue::Null,
            Json::Bool(b) => return LeafValue::Boolean(*b),
            Json::Number(number) => {
                if let Some(n) = number.as_i64() {
                    return LeafValue::Integer(n);
                }
                if let Some(n) = number.as_f64().filter(|_| number.is_f64()) {
                    return LeafValue::Float(n);
                }
            }
            Json::String(text) => {
                if let Ok(length) = u32::try_from(text.len()) {
                    self.texts.push_str(text);
                    return LeafValue::Text(length);
                }
            }
            Json::Array(_) | Json::Object(_) => {}
        }
        self.others.push(json);
        LeafValue::Other(u32::try_from(self.others.len() - 1).unwrap_or(u32::MAX))
    }
}
