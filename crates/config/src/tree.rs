//! The tree that sources are read into: every value with the place it came from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How deep tables and lists may nest, counted from the top of the file.
pub const MAX_DEPTH: usize = 64;

/// Where a value came from: an index into the inputs of the reading, cheap enough for every node.
///
/// The [`Context`](crate::Context) turns it into a [`Place`](crate::Place).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// A table's entries, sorted by key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table<'s> {
    pub(crate) entries: BTreeMap<Cow<'s, str>, Entry<'s>>,
}

/// One entry of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'s> {
    /// Where the key stands.
    pub key: Origin,
    /// The value.
    pub node: Node<'s>,
}

impl<'s> Table<'s> {
    /// The entry with this key.
    pub fn get(&self, key: &str) -> Option<&Entry<'s>> {
        self.entries.get(key)
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry<'s>)> {
        self.entries.iter().map(|(key, entry)| (key.as_ref(), entry))
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
    pub(crate) fn overlay(&mut self, over: Table<'s>) {
        for (key, entry) in over.entries {
            match self.entries.get_mut(&key) {
                Some(below) => below.overlay(entry),
                None => {
                    self.entries.insert(key, entry);
                }
            }
        }
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
    /// The value in a few words for a message: `the string "ten"`, `a table`.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Text(_) => format!("the string {}", self.show()),
            Value::Integer(_) => format!("the integer {}", self.show()),
            Value::Float(_) => format!("the float {}", self.show()),
            Value::Boolean(_) => format!("the boolean {}", self.show()),
            Value::Datetime(_) => format!("the date or time {}", self.show()),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
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

/// Writes a key as TOML spells it: bare where that is possible.
pub(crate) fn write_key(key: &str, out: &mut String) {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) {
        out.push_str(key);
    } else {
        write_quoted(key, usize::MAX, out);
    }
}

fn write_display(value: &dyn std::fmt::Display, out: &mut String) {
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
        let mut table = Table::default();
        for key in ["a b", "c"] {
            table
                .entries
                .insert(key.into(), Entry { key: Origin::Default, node: node(Value::Boolean(true)) });
        }
        check(Value::Table(table), r#"{"a b" = true, c = true}"#);
        let long = Value::List((0..1000).map(|n| node(Value::Integer(n))).collect());
        assert!(node(long).show().len() < 80);
    }
}
