//! [`Plain`]: a value without its place, as it is handed to rules and written to a file.
//!
//! Nothing here knows what a configuration should contain, and nothing is written anywhere but into text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::decode::Decode;
use crate::tree::{Entry, Node, Origin, Table, Value, write_display, write_key, write_text};

/// A value as a file can spell it, without its place.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Plain {
    /// Text.
    Text(String),
    /// A whole number of up to 127 bits.
    Integer(i128),
    /// A number with a fraction or exponent.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time or both, in RFC 3339's spelling.
    Datetime(String),
    /// A list.
    List(Vec<Plain>),
    /// A table, in the order in which it is written.
    Table(Vec<(String, Plain)>),
    /// What a type that does not say how it is written leaves; the name is that of the type.
    Unwritable(&'static str),
}

/// Why a value can't be written: one of its types reads itself by hand and does not implement
/// [`Decode::encode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// The key path of the value.
    pub path: String,
    /// The name of its type.
    pub type_name: &'static str,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, type_name } = self;
        write!(f, "`{path}` can't be written: `{type_name}` does not implement `Decode::encode`")
    }
}

impl std::error::Error for Unwritable {}

/// Writes a configuration as TOML that reads back as the same value. Absent options are left out, secrets are
/// written as `"******"`.
///
/// ```
/// use pipewright_config::{Source, load, to_toml};
///
/// #[derive(pipewright_macros::Config)]
/// #[config(crate = "pipewright_config")]
/// struct Server {
///     host: String,
///     port: u16,
///     log: Option<String>,
/// }
///
/// let server = Server { host: "localhost".to_owned(), port: 80, log: None };
/// assert_eq!(to_toml(&server)?, "host = \"localhost\"\nport = 80\n");
/// # Ok::<(), pipewright_config::Unwritable>(())
/// ```
///
/// # Errors
/// When a type within does not say how it is written.
pub fn to_toml<T: Decode>(value: &T) -> Result<String, Unwritable> {
    let plain = value.encode().unwrap_or_else(|| Plain::Table(Vec::new()));
    plain.writable(&mut String::new())?;
    let mut out = String::new();
    match &plain {
        Plain::Table(entries) => plain_table(entries, &mut String::new(), &mut out),
        other => other.write(&mut out),
    }
    Ok(out)
}

impl Plain {
    /// The value of a node; the places are lost.
    pub fn of(node: &Node<'_>) -> Self {
        match &node.value {
            Value::Text(text) => Self::Text(text.as_ref().to_owned()),
            Value::Integer(n) => Self::Integer(*n),
            Value::Float(n) => Self::Float(*n),
            Value::Boolean(b) => Self::Boolean(*b),
            Value::Datetime(text) => Self::Datetime(text.as_ref().to_owned()),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Table(table) => Self::Table(
                table.iter().map(|(key, entry)| (key.to_owned(), Self::of(&entry.node))).collect(),
            ),
            #[expect(unreachable_patterns, reason = "the tree may learn more kinds of values")]
            _ => Self::Unwritable("null"),
        }
    }

    /// The value as a node, all of it from one place.
    pub(crate) fn node(&self, origin: Origin) -> Node<'_> {
        let value = match self {
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Integer(n) => Value::Integer(*n),
            Self::Float(n) => Value::Float(*n),
            Self::Boolean(b) => Value::Boolean(*b),
            Self::Datetime(text) => Value::Datetime(Cow::Borrowed(text)),
            Self::List(items) => Value::List(items.iter().map(|item| item.node(origin)).collect()),
            Self::Table(entries) => {
                // The last of several equal keys counts.
                let unique: BTreeMap<&str, &Self> =
                    entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
                let entries = unique.into_iter().map(|(key, value)| {
                    (Cow::Borrowed(key), Entry { key: origin, node: value.node(origin) })
                });
                Value::Table(Table::new(entries.collect()))
            }
            Self::Unwritable(name) => Value::Text(Cow::Borrowed(name)),
        };
        Node { value, origin }
    }

    /// The value as JSON; whole numbers beyond 64 bits become their digits as text.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) | Self::Datetime(text) => text.as_str().into(),
            Self::Integer(n) => {
                serde_json::Number::from_i128(*n).map_or_else(|| n.to_string().into(), Json::Number)
            }
            Self::Float(n) => (*n).into(),
            Self::Boolean(b) => (*b).into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Table(entries) => {
                Json::Object(entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect())
            }
            Self::Unwritable(_) => Json::Null,
        }
    }

    /// The value as the key of a table, if it can be one.
    pub(crate) fn key(self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Datetime(text) => Some(text),
            Self::Integer(n) => Some(n.to_string()),
            Self::Boolean(b) => Some(b.to_string()),
            _ => None,
        }
    }

    fn writable(&self, path: &mut String) -> Result<(), Unwritable> {
        let length = path.len();
        match self {
            Self::Unwritable(type_name) => return Err(Unwritable { path: path.clone(), type_name }),
            Self::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    let _ = write!(path, "[{i}]");
                    item.writable(path)?;
                    path.truncate(length);
                }
            }
            Self::Table(entries) => {
                for (key, value) in entries {
                    if length > 0 {
                        path.push('.');
                    }
                    write_key(key, path);
                    value.writable(path)?;
                    path.truncate(length);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes the value as TOML on one line.
    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_text(text, out),
            Self::Integer(n) => write_display(n, out),
            // Debug, because Display would write 1.0 as an integer.
            Self::Float(n) => write_display(&format_args!("{n:?}"), out),
            Self::Boolean(b) => write_display(b, out),
            Self::Datetime(text) => out.push_str(text),
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Table(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if i > 0 { ", " } else { " " });
                    write_key(key, out);
                    out.push_str(" = ");
                    value.write(out);
                }
                out.push_str(if entries.is_empty() { "}" } else { " }" });
            }
            Self::Unwritable(_) => {}
        }
    }
}

/// Values first, then a header for each table.
fn plain_table(entries: &[(String, Plain)], path: &mut String, out: &mut String) {
    let is_table = |value: &Plain| matches!(value, Plain::Table(inner) if !inner.is_empty());
    for (key, value) in entries.iter().filter(|(_, value)| !is_table(value)) {
        write_key(key, out);
        out.push_str(" = ");
        value.write(out);
        out.push('\n');
    }
    for (key, value) in entries {
        let Plain::Table(inner) = value else { continue };
        if inner.is_empty() {
            continue;
        }
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        write_key(key, path);
        out.push_str(if out.is_empty() { "" } else { "\n" });
        let _ = writeln!(out, "[{path}]");
        plain_table(inner, path, out);
        path.truncate(length);
    }
}

/// Adds what is written for a field to the entries of its table.
pub fn entry(entries: &mut Vec<(String, Plain)>, key: &str, value: Option<Plain>) {
    if let Some(value) = value {
        entries.push((key.to_owned(), value));
    }
}

/// The entries of a table with its tag before them.
pub fn tagged(tag: &str, name: &str, content: Option<Plain>) -> Plain {
    let mut entries = vec![(tag.to_owned(), Plain::Text(name.to_owned()))];
    match content {
        Some(Plain::Table(own)) => entries.extend(own),
        Some(Plain::Unwritable(name)) => return Plain::Unwritable(name),
        _ => {}
    }
    Plain::Table(entries)
}

macro_rules! from {
    ($($from:ty => $value:ident $to:expr;)*) => {$(
        impl From<$from> for Plain {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

from! {
    String => value Self::Text(value);
    &str => value Self::Text(value.to_owned());
    i64 => value Self::Integer(value.into());
    i128 => value Self::Integer(value);
    f64 => value Self::Float(value);
    bool => value Self::Boolean(value);
    Vec<Plain> => value Self::List(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_written_after_values_and_once_per_key() {
        let inner = Plain::Table(vec![("a b".to_owned(), 1_i64.into())]);
        let table = vec![("t".to_owned(), inner), ("x".to_owned(), "é\n\u{1}".into())];
        let mut out = String::new();
        plain_table(&table, &mut String::new(), &mut out);
        assert_eq!(out, "x = \"é\\n\\u0001\"\n\n[t]\n\"a b\" = 1\n");
        let twice = Plain::Table(vec![("k".to_owned(), 1_i64.into()), ("k".to_owned(), 2_i64.into())]);
        let node = twice.node(Origin::Default);
        assert_eq!(node.show(), "{k = 2}");
    }

    #[test]
    fn what_cannot_be_written_says_where() {
        let value = Plain::Table(vec![("a".to_owned(), Plain::List(vec![Plain::Unwritable("T")]))]);
        assert_eq!(
            value.writable(&mut String::new()).unwrap_err().to_string(),
            "`a[0]` can't be written: `T` does not implement `Decode::encode`"
        );
    }
}
