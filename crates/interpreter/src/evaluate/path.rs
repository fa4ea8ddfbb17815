//! Paths into JSON: `ModelArtifacts.S3ModelArtifacts`, `Outputs['train'].S3Output.S3Uri`,
//! `TrainingJobSummaries[0]`.
//!
//! Property paths and the `Path` of a `JsonGet` are one language; the second may begin with `$`. A list takes
//! an index, or a key where its items have names. A text that holds JSON is gone into.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::problem::{shortened, similar};

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment<'p> {
    /// `.Name`, or the first name.
    Member(&'p str),
    /// `[0]`; below zero from the end.
    Index(i64),
    /// `['name']`.
    Key(&'p str),
}

/// The segments of a path; ends after the first mistake.
#[derive(Clone, Debug)]
pub(crate) struct Segments<'p> {
    rest: &'p str,
    first: bool,
}

/// The segments of a property path.
pub(crate) const fn segments(path: &str) -> Segments<'_> {
    Segments { rest: path, first: true }
}

/// The segments of a `JsonGet`'s `Path`.
pub(crate) fn json_segments(path: &str) -> Segments<'_> {
    match path.strip_prefix('$') {
        Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => Segments { rest, first: false },
        _ => segments(path),
    }
}

impl<'p> Segments<'p> {
    /// What has not been read yet.
    pub(crate) const fn rest(&self) -> &'p str {
        self.rest
    }

    fn bracket(&mut self, inner: &'p str) -> Result<Segment<'p>, String> {
        for quote in ['\'', '"'] {
            if let Some(quoted) = inner.strip_prefix(quote) {
                let (key, rest) = quoted
                    .split_once(if quote == '\'' { "']" } else { "\"]" })
                    .ok_or_else(|| format!("the key {} has no end", shortened(inner)))?;
                self.rest = rest;
                return Ok(Segment::Key(key));
            }
        }
        let (index, rest) =
            inner.split_once(']').ok_or_else(|| format!("the bracket [{} has no end", shortened(inner)))?;
        self.rest = rest;
        index.parse().map(Segment::Index).map_err(|_| {
            format!("[{}] is neither an index such as [0] nor a key such as ['name']", shortened(index))
        })
    }

    fn segment(&mut self) -> Result<Segment<'p>, String> {
        let first = std::mem::replace(&mut self.first, false);
        if let Some(inner) = self.rest.strip_prefix('[') {
            return self.bracket(inner);
        }
        let name = match self.rest.strip_prefix('.') {
            Some(name) if !first => name,
            Some(_) => return Err("it begins with a dot".to_owned()),
            None if first => self.rest,
            None => {
                return Err(format!(
                    "after a bracket comes a dot or a bracket, not {}",
                    shortened(self.rest)
                ));
            }
        };
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        self.rest = rest;
        match name {
            "" => Err("a name in it is empty".to_owned()),
            "*" => Err("it has a wildcard: it leads to one value".to_owned()),
            name => Ok(Segment::Member(name)),
        }
    }
}

impl<'p> Iterator for Segments<'p> {
    type Item = Result<Segment<'p>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let segment = self.segment();
        if segment.is_err() {
            self.rest = "";
        }
        Some(segment)
    }
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// How many segments were gone.
    pub(crate) depth: usize,
    /// Why it goes no further.
    pub(crate) reason: String,
}

/// The value that a path leads to.
pub(crate) fn follow<'v>(value: &'v Value, path: Segments<'_>) -> Result<Cow<'v, Value>, Lost> {
    follow_from(value, path, 0)
}

fn follow_from<'v>(
    mut value: &'v Value,
    mut path: Segments<'_>,
    gone: usize,
) -> Result<Cow<'v, Value>, Lost> {
    let mut depth = gone;
    loop {
        if let Value::String(text) = value
            && !path.rest().is_empty()
        {
            // Each round goes at least one segment further: what is read here is no text.
            let Some(inner) = document(text) else {
                let reason = format!("{} is a text and has no members", shown(value));
                return Err(Lost { depth, reason });
            };
            return follow_from(&inner, path, depth).map(|found| Cow::Owned(found.into_owned()));
        }
        let Some(segment) = path.next() else {
            return Ok(Cow::Borrowed(value));
        };
        value = segment
            .and_then(|segment| member(value, segment).map_err(|reason| reason.to_string()))
            .map_err(|reason| Lost { depth, reason })?;
        depth += 1;
    }
}

/// The object or list that a text holds as JSON.
fn document(text: &str) -> Option<Value> {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn member<'v>(value: &'v Value, segment: Segment<'_>) -> Result<&'v Value, Nothing<'v>> {
    match (value, segment) {
        (Value::Object(members), Segment::Member(name) | Segment::Key(name)) => {
            members.get(name).ok_or_else(|| Nothing::Member(name.to_owned(), members))
        }
        (Value::Array(items), Segment::Index(index)) => {
            let position = if index < 0 {
                items.len().checked_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
            } else {
                usize::try_from(index).ok()
            };
            position.and_then(|position| items.get(position)).ok_or(Nothing::Index(index, items.len()))
        }
        (Value::Array(items), Segment::Key(key)) => {
            named(items, key).ok_or_else(|| Nothing::Named(key.to_owned(), items))
        }
        (Value::Object(members), Segment::Index(index)) => Err(Nothing::Numbered(index, members.len())),
        (Value::Array(items), Segment::Member(name)) => Err(Nothing::List(name.to_owned(), items.len())),
        (value, _) => Err(Nothing::Scalar(value)),
    }
}

/// Why a value has no such member. Holds what it was looked for in, so that the names are only gathered for a
/// message.
enum Nothing<'v> {
    Member(String, &'v serde_json::Map<String, Value>),
    Index(i64, usize),
    Numbered(i64, usize),
    Named(String, &'v [Value]),
    List(String, usize),
    Scalar(&'v Value),
}

impl fmt::Display for Nothing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name, members) => {
                write!(f, "there is no {:?}", shortened(name))?;
                among(f, name, &members.keys().map(String::as_str).collect::<Vec<_>>())
            }
            Self::Index(index, len) => write!(f, "there is no item [{index}] in a list of {len}"),
            Self::Numbered(index, len) => {
                write!(f, "an object of {len} members is no list: it has no item [{index}]")
            }
            Self::Named(key, items) => {
                write!(f, "no item of the list is named {:?}", shortened(key))?;
                among(f, key, &items.iter().filter_map(name_of).collect::<Vec<_>>())
            }
            Self::List(name, len) => {
                write!(
                    f,
                    "a list of {len} stands where {:?} is looked for: name an item by [0] or ['name']",
                    shortened(name)
                )
            }
            Self::Scalar(value) => write!(f, "{} has no members", shown(value)),
        }
    }
}

fn among(f: &mut fmt::Formatter<'_>, name: &str, known: &[&str]) -> fmt::Result {
    const MOST: usize = 12;
    if known.is_empty() {
        return f.write_str(": it is empty");
    }
    if name.len() <= 256
        && let Some(meant) = similar(name, known.iter().copied().take(1_000))
    {
        return write!(f, "; did you mean {:?}?", shortened(meant));
    }
    let told: Vec<String> = known.iter().take(MOST).map(|name| shortened(name)).collect();
    let more = known.len().saturating_sub(MOST);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    write!(f, " among {}{more}", told.join(", "))
}

/// The item of a list that a key names. The first member that is a name decides; where no item has that name,
/// any such member.
fn named<'v>(items: &'v [Value], key: &str) -> Option<&'v Value> {
    items
        .iter()
        .find(|item| name_of(item) == Some(key))
        .or_else(|| items.iter().find(|item| names_of(item).any(|name| name == key)))
}

fn name_of(item: &Value) -> Option<&str> {
    names_of(item).next()
}

fn names_of(item: &Value) -> impl Iterator<Item = &str> {
    item.as_object()
        .into_iter()
        .flatten()
        .filter(|(member, _)| is_name(member))
        .filter_map(|(_, value)| value.as_str())
}

/// `OutputName`, `ContainerHostname`, `Key`: what the items of AWS's lists are known by.
fn is_name(member: &str) -> bool {
    member.ends_with("Name") || member.ends_with("name") || member == "Key"
}

/// A value as a message shows it: what it is, and its text where it is short.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(members) => format!("an object of {} members", members.len()),
        Value::String(text) => format!("{:?}", shortened(text)),
        scalar => scalar.to_string(),
    }
}
