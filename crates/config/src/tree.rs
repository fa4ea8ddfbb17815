//! The tree that sources are read into: every value with the place it came from.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write as _;

/// How deep tables and lists may nest, counted from the top of the file.
pub const MAX_DEPTH: usize = 64;

/// Where a value came from: an index into the inputs of the reading, cheap enough for every node.
///
/// The [`Context`](crate::Context) turns it into a [`Place`](crate::Place).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// Bytes of a source.
    File {
        /// Index of the source.
        source: u32,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// Bytes of an override's value.
    Override {
        /// Index of the override.
        index: u32,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// Bytes of an override's key.
    OverrideKey {
        /// Index of the override.
        index: u32,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// A default that the program declares.
    Default,
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'s> {
    /// The value.
    pub value: Value<'s>,
    /// Where it came from.
    pub origin: Origin,
}

/// A value as the sources can spell it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value<'s> {
    /// Text.
    Text(Cow<'s, str>),
    /// A whole number of up to 127 bits.
    Integer(i128),
    /// A number with a fraction or exponent, or `inf` or `nan`.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time or both, in RFC 3339's spelling.
    Datetime(Cow<'s, str>),
    /// `[ … ]`.
    List(Vec<Node<'s>>),
    /// `{ … }` or `[header]`.
    Table(Table<'s>),
}

/// A table's entries, each key once.
///
/// A few entries stand as they were written and are found by looking at each; more are sorted by key.
#[derive(Debug, Clone, Default)]
pub struct Table<'s> {
    entries: Vec<(Cow<'s, str>, Entry<'s>)>,
}

/// Up to how many entries a look at each is quicker than a search.
pub(crate) const FEW: usize = 16;

/// One entry of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'s> {
    /// Where the key stands.
    pub key: Origin,
    /// The value.
    pub node: Node<'s>,
}

impl<'s> Table<'s> {
    /// The table of these entries, whose keys must differ.
    pub(crate) fn new(mut entries: Vec<(Cow<'s, str>, Entry<'s>)>) -> Self {
        if entries.len() > FEW {
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        Self { entries }
    }

    /// The table with one entry.
    pub(crate) fn of(key: Cow<'s, str>, entry: Entry<'s>) -> Self {
        Self { entries: vec![(key, entry)] }
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() > FEW {
            self.entries.binary_search_by(|(known, _)| known.as_ref().cmp(key)).ok()
        } else {
            self.entries.iter().position(|(known, _)| known == key)
        }
    }

    /// The entry with this key.
    pub fn get(&self, key: &str) -> Option<&Entry<'s>> {
        self.position(key).map(|index| &self.entries[index].1)
    }

    /// The entry with this key, which probably has this place; notes the place after it.
    pub(crate) fn get_near(&self, key: &str, place: &Cell<usize>) -> Option<&Entry<'s>> {
        let index = match self.entries.get(place.get()) {
            Some((known, _)) if known == key => place.get(),
            _ => self.position(key)?,
        };
        place.set(index + 1);
        Some(&self.entries[index].1)
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry<'s>)> {
        let mut entries: Vec<_> = self.unordered().collect();
        if !entries.is_sorted_by_key(|(key, _)| *key) {
            entries.sort_by_key(|(key, _)| *key);
        }
        entries.into_iter()
    }

    /// All entries, in no order to rely on.
    pub(crate) fn unordered(&self) -> impl Iterator<Item = (&str, &Entry<'s>)> {
        self.entries.iter().map(|(key, entry)| (key.as_ref(), entry))
    }

    /// The keys with their values, in no order to rely on, to be changed.
    pub(crate) fn nodes_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node<'s>)> {
        self.entries.iter_mut().map(|(key, entry)| (&**key, &mut entry.node))
    }

    /// All entries by value, by key.
    pub(crate) fn into_entries(mut self) -> impl Iterator<Item = (Cow<'s, str>, Entry<'s>)> {
        self.entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.entries.into_iter()
    }

    /// Takes the entry with this key out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Entry<'s>> {
        self.position(key).map(|index| self.entries.remove(index).1)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Lays another table over this one: tables are merged key by key, anything else is replaced whole.
    pub(crate) fn overlay(&mut self, over: Self) {
        if self.is_empty() {
            *self = over;
            return;
        }
        let mut new = Vec::new();
        for (key, entry) in over.entries {
            match self.position(&key) {
                Some(index) => self.entries[index].1.overlay(entry),
                None => new.push((key, entry)),
            }
        }
        if !new.is_empty() {
            let mut entries = std::mem::take(&mut self.entries);
            entries.append(&mut new);
            *self = Self::new(entries);
        }
    }
}

/// The order of the entries does not count.
impl PartialEq for Table<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.unordered().all(|(key, entry)| other.get(key) == Some(entry))
    }
}

impl<'s> Entry<'s> {
    fn overlay(&mut self, over: Entry<'s>) {
        match (&mut self.node.value, over.node.value) {
            // A merged table keeps its first place: there its required keys would be written.
            (Value::Table(below), Value::Table(above)) => below.overlay(above),
            (_, value) => *self = Entry { key: over.key, node: Node { value, ..over.node } },
        }
    }
}

impl Node<'_> {
    /// What kind of value it is, for a message that must not show it.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Boolean(_) => "a boolean",
            Value::Datetime(_) => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The value in a few words for a message: `the string "ten"`, `a table`.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::List(_) | Value::Table(_) => self.kind().to_owned(),
            _ => {
                let kind = self.kind().split_once(' ').map_or("", |(_, kind)| kind);
                format!("the {kind} {}", self.show())
            }
        }
    }

    /// The value as TOML on one line, shortened to be shown in a message.
    pub(crate) fn show(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match &self.value {
            Value::Text(text) => write_quoted(text, SHOWN_CHARS, out),
            Value::Integer(n) => write_display(n, out),
            // Debug, because Display would write 1.0 as an integer.
            Value::Float(n) => write_display(&format_args!("{n:?}"), out),
            Value::Boolean(b) => write_display(b, out),
            Value::Datetime(text) => out.push_str(text),
            Value::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if !separate(i, out) {
                        break;
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Value::Table(table) => {
                out.push('{');
                for (i, (key, entry)) in table.iter().enumerate() {
                    if !separate(i, out) {
                        break;
                    }
                    write_key(key, out);
                    out.push_str(" = ");
                    entry.node.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// How long a shown value gets before the rest is left out.
const SHOWN_CHARS: usize = 60;

/// Writes what stands before a list's item; says no, and that there is more, when enough was written.
fn separate(index: usize, out: &mut String) -> bool {
    if index > 0 {
        out.push_str(", ");
    }
    let more = out.len() < SHOWN_CHARS;
    if !more {
        out.push('…');
    }
    more
}

fn write_quoted(text: &str, limit: usize, out: &mut String) {
    out.push('"');
    for (i, c) in text.chars().enumerate() {
        if i == limit {
            out.push('…');
            break;
        }
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => write_display(&format_args!("\\u{:04X}", c as u32), out),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Writes a whole text as TOML quotes it.
pub(crate) fn write_text(text: &str, out: &mut String) {
    write_quoted(text, usize::MAX, out);
}

/// Writes a key as TOML spells it: bare where that is possible.
pub(crate) fn write_key(key: &str, out: &mut String) {
    let bare = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        out.push_str(key);
    } else {
        write_quoted(key, usize::MAX, out);
    }
}

/// Writes an element's place in its list: `[2]`.
pub(crate) fn write_index(index: usize, out: &mut String) {
    fn digits(n: usize, out: &mut String) {
        if n >= 10 {
            digits(n / 10, out);
        }
        let digit = u32::try_from(n % 10).ok().and_then(|digit| char::from_digit(digit, 10));
        out.extend(digit);
    }
    out.push('[');
    digits(index, out);
    out.push(']');
}

pub(crate) fn write_display(value: &dyn std::fmt::Display, out: &mut String) {
    // Writing into a String does not fail.
    let _ = write!(out, "{value}");
}

/// Text as TOML would quote it, shortened to be shown in a message.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::new();
    write_quoted(text, SHOWN_CHARS, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(value: Value<'_>) -> Node<'_> {
        Node { value, origin: Origin::Default }
    }

    #[track_caller]
    fn check(value: Value<'_>, expected: &str) {
        assert_eq!(node(value).show(), expected);
    }

    #[test]
    fn values_are_shown_as_toml_and_cut() {
        check(Value::Text("a\"b\n\u{1}".into()), r#""a\"b\n\u0001""#);
        check(Value::Float(1.0), "1.0");
        check(Value::Float(0.1), "0.1");
        check(Value::List(vec![]), "[]");
        check(Value::List((0..3).map(|n| node(Value::Integer(n))).collect()), "[0, 1, 2]");
        check(Value::Text("x".repeat(1000).into()), &format!("\"{}…\"", "x".repeat(60)));
        let entry = || Entry { key: Origin::Default, node: node(Value::Boolean(true)) };
        let table = Table::new(vec![("c".into(), entry()), ("a b".into(), entry())]);
        check(Value::Table(table), r#"{"a b" = true, c = true}"#);
        let long = Value::List((0..1000).map(|n| node(Value::Integer(n))).collect());
        assert!(node(long).show().len() < 80);
    }
}
