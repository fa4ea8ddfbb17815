//! YAML text to tree: one document with plain keys, its plain scalars read by YAML 1.2's core schema.
//!
//! What an alias stands for is copied, up to a limit, so that a small text can't become a huge tree.
//! Nothing knows of merge keys (`<<`) or tags of one's own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use crate::entries::Entries;
use crate::json::{self, Wrong};
use crate::read::Locate;
use crate::tree::{Entry, MAX_DEPTH, Node, Table, Value};

/// How many values aliases may add to a text's own.
const MAX_COPIES: usize = 10_000;

/// The value that a text is; `None` where that is null, as it is for a text without any.
pub(crate) fn read<'s>(text: &'s str, locate: Locate<'_>) -> Result<Option<Node<'s>>, Wrong> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        text,
        bytes: Bytes::of(text),
        locate,
        anchors: BTreeMap::new(),
        copies: 0,
    };
    let mut found = None;
    let mut documents = 0;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(reader.wrong("a second document: only one is read", span));
                }
                let Some((event, span)) = reader.next()? else { break };
                found = reader.value(event, span, 0)?;
            }
            Event::StreamEnd => break,
            _ => {}
        }
    }
    Ok(found)
}

/// Turns the parser's places, which count characters, into bytes.
enum Bytes {
    /// All characters are one byte long.
    Same,
    /// Where each character begins, and the end.
    At(Vec<usize>),
}

impl Bytes {
    fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Same;
        }
        Self::At(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn get(&self, character: usize, length: usize) -> usize {
        match self {
            Self::Same => character.min(length),
            Self::At(starts) => starts.get(character).copied().unwrap_or(length),
        }
    }
}

struct Reader<'s, 'l> {
    parser: Parser<'s, StrInput<'s>>,
    text: &'s str,
    bytes: Bytes,
    locate: Locate<'l>,
    /// What has a name, and how many values it is; `None` stands for null.
    anchors: BTreeMap<usize, (Option<Node<'s>>, usize)>,
    copies: usize,
}

impl<'s> Reader<'s, '_> {
    fn next(&mut self) -> Result<Option<(Event<'s>, Span)>, Wrong> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => Err(self.syntax(&error)),
        }
    }

    /// The event that must follow here.
    fn following(&mut self) -> Result<(Event<'s>, Span), Wrong> {
        let end = self.text.len();
        let ended = || Wrong { message: "the text ends too early".to_owned(), at: end..end, deep: false };
        self.next()?.ok_or_else(ended)
    }

    fn syntax(&self, error: &ScanError) -> Wrong {
        let at = self.bytes.get(error.marker().index(), self.text.len());
        // The parser has a limit of its own for brackets, which it may meet first.
        let deep = error.info().contains("recursion limit");
        Wrong { message: error.info().to_owned(), at: at..at, deep }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.bytes.get(span.start.index(), self.text.len());
        let end = self.bytes.get(span.end.index(), self.text.len());
        start..end.max(start)
    }

    fn wrong(&self, message: impl Into<String>, span: Span) -> Wrong {
        Wrong { message: message.into(), at: self.range(span), deep: false }
    }

    /// The value that begins with this event and whose key stands `depth` levels deep.
    fn value(&mut self, event: Event<'s>, span: Span, depth: usize) -> Result<Option<Node<'s>>, Wrong> {
        let start = self.range(span).start;
        let (value, anchor, end) = match event {
            Event::Alias(anchor) => return self.copy(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(text, style, tag.as_deref(), span)?, anchor, self.range(span).end)
            }
            Event::SequenceStart(anchor, tag) => {
                self.inside(tag.as_deref(), "seq", span, depth)?;
                let mut items = Vec::new();
                let end = loop {
                    let (event, span) = self.following()?;
                    if matches!(event, Event::SequenceEnd) {
                        break self.range(span).end;
                    }
                    let Some(item) = self.value(event, span, depth + 1)? else {
                        return Err(self.wrong("a list can't hold null", span));
                    };
                    items.push(item);
                };
                (Some(Value::List(items)), anchor, end)
            }
            Event::MappingStart(anchor, tag) => {
                self.inside(tag.as_deref(), "map", span, depth)?;
                let (table, end) = self.table(depth + 1)?;
                (Some(Value::Table(table)), anchor, end)
            }
            _ => return Err(self.wrong("expected a value", span)),
        };
        let end = start + self.text.get(start..end).unwrap_or_default().trim_end().len();
        let node = value.map(|value| Node { value, origin: (self.locate)(start..end) });
        if anchor > 0 {
            let size = node.as_ref().map_or(1, size);
            // A name in a copy of itself never gets here: the parser knows a name when its value has ended.
            self.anchors.insert(anchor, (node.clone(), size));
            self.count(size, span)?;
        }
        Ok(node)
    }

    /// Holds a list or table against the limit on depth, and its tag against the only one it may have.
    fn inside(&self, tag: Option<&Tag>, kind: &str, span: Span, depth: usize) -> Result<(), Wrong> {
        if depth >= MAX_DEPTH {
            return Err(Wrong { message: String::new(), at: self.range(span), deep: true });
        }
        match tag {
            Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == kind) => {
                Err(self.wrong(format!("the tag `{tag}` is not read"), span))
            }
            _ => Ok(()),
        }
    }

    fn table(&mut self, depth: usize) -> Result<(Table<'s>, usize), Wrong> {
        let mut entries = Entries::default();
        let mut nulls = std::collections::BTreeSet::new();
        loop {
            let (event, key_span) = self.following()?;
            let key = match event {
                Event::MappingEnd => return Ok((entries.finish(), self.range(key_span).end)),
                Event::Scalar(text, _, 0, None) => text,
                _ => return Err(self.wrong("expected a plain key", key_span)),
            };
            let (event, span) = self.following()?;
            let node = self.value(event, span, depth)?;
            let twice = entries.find(&key).is_some() || nulls.contains(&key);
            if twice {
                return Err(self.wrong("duplicate key", key_span));
            }
            match node {
                Some(node) => {
                    let entry = Entry { key: (self.locate)(self.range(key_span)), node };
                    entries.insert(key, entry);
                }
                None => {
                    nulls.insert(key);
                }
            }
        }
    }

    fn copy(&mut self, anchor: usize, span: Span) -> Result<Option<Node<'s>>, Wrong> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            return Err(self.wrong("this alias stands for nothing that ended before it", span));
        };
        self.count(size, span)?;
        Ok(node)
    }

    /// Counts values that stand more than once.
    fn count(&mut self, size: usize, span: Span) -> Result<(), Wrong> {
        self.copies += size;
        if self.copies > MAX_COPIES {
            return Err(self.wrong(format!("aliases stand for more than {MAX_COPIES} values"), span));
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<Option<Value<'s>>, Wrong> {
        let value = match tag {
            None if style != ScalarStyle::Plain => return Ok(Some(Value::Text(text))),
            None => return Ok(plain(&text).unwrap_or(Some(Value::Text(text)))),
            Some(tag) if !tag.is_yaml_core_schema() => None,
            Some(tag) if tag.suffix == "str" => return Ok(Some(Value::Text(text))),
            Some(tag) => plain(&text).filter(|value| {
                matches!(
                    (tag.suffix.as_str(), value),
                    ("null", None)
                        | ("bool", Some(Value::Boolean(_)))
                        | ("int", Some(Value::Integer(_)))
                        | ("float", Some(Value::Float(_) | Value::Integer(_)))
                )
            }),
        };
        value.ok_or_else(|| {
            let tag = tag.map(ToString::to_string).unwrap_or_default();
            self.wrong(format!("this value with the tag `{tag}` is not read"), span)
        })
    }
}

/// How many values a value is, itself included.
fn size(node: &Node<'_>) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Table(table) => table.unordered().map(|(_, entry)| size(&entry.node)).sum(),
        _ => 0,
    }
}

/// What a plain scalar is besides text, by the core schema; `Some(None)` is null.
#[expect(clippy::option_option, reason = "null is something else than text")]
fn plain(text: &str) -> Option<Option<Value<'static>>> {
    Some(Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(None),
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        _ => return number(text).map(Some),
    }))
}

fn number(text: &str) -> Option<Value<'static>> {
    let radix = |prefix, radix| {
        let digits = text.strip_prefix(prefix)?;
        // The parser of numbers would also take a sign.
        let number = i128::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with(['+', '-']));
        number.map(Value::Integer)
    };
    radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let negative = text.starts_with('-');
        if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        if unsigned.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok().map(Value::Integer);
        }
        // Unlike JSON, YAML takes `.5`, `5.` and `05.0`; put in its spelling, JSON's rules decide.
        let (mantissa, exponent) =
            unsigned.find(['e', 'E']).map_or((unsigned, ""), |at| unsigned.split_at(at));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        let sign = if negative { "-" } else { "" };
        json::number(&format!("{sign}{whole}.{fraction}{exponent}"))
    })
}
