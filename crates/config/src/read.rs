//! Texts to trees, with every syntax error of TOML and the first of JSON and YAML, within fixed limits.
//!
//! Nothing here knows what a configuration should contain.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::json::{self, Wrong};
use crate::problem::{Problem, code};
use crate::quick;
use crate::repair;
use crate::report::Reports;
use crate::source::{Format, MAX_SOURCE_BYTES};
use crate::tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value};
use crate::yaml;

/// Makes an origin of a range of bytes; a source and an override do it differently.
pub(crate) type Locate<'l> = &'l dyn Fn(Range<usize>) -> Origin;

/// Reads one source. What the text's errors leave of it is returned too, so that its other problems show.
pub(crate) fn source<'s>(index: usize, reports: &mut Reports<'s>) -> Table<'s> {
    let inputs = reports.inputs();
    let text = inputs.sources[index].text.as_str();
    let locate = |span: Range<usize>| Origin::File {
        source: narrow(index),
        start: narrow(span.start),
        end: narrow(span.end),
    };
    if text.len() > MAX_SOURCE_BYTES {
        reports.push_lost(locate(0..0), too_large(text.len(), "split the file"));
        return Table::default();
    }
    match inputs.sources[index].format {
        Format::Toml => match quick::document(text, narrow(index)) {
            Some(table) => table,
            None => thoroughly(index, reports),
        },
        Format::Json => top(json::read(text, 0, &locate), &locate, reports),
        Format::Yaml => top(yaml::read(text, &locate), &locate, reports),
    }
}

/// The table that a file is, or what is wrong with it.
fn top<'s>(
    read: Result<Option<Node<'s>>, Wrong>,
    locate: Locate<'_>,
    reports: &mut Reports<'s>,
) -> Table<'s> {
    match read {
        Ok(None) => Table::default(),
        Ok(Some(Node { value: Value::Table(table), .. })) => table,
        Ok(Some(node)) => {
            let message = format!("the file must hold a table, not {}", node.describe());
            reports.push_lost(node.origin, Problem::error(code::SYNTAX, message));
            Table::default()
        }
        Err(wrong) => {
            let problem = if wrong.deep { too_deep() } else { Problem::error(code::SYNTAX, wrong.message) };
            reports.push_lost(locate(wrong.at), problem);
            Table::default()
        }
    }
}

/// Reads one source of a fair size by means of the `toml` crate.
pub(crate) fn thoroughly<'s>(index: usize, reports: &mut Reports<'s>) -> Table<'s> {
    let inputs = reports.inputs();
    let text = inputs.sources[index].text.as_str();
    let locate = |span: Range<usize>| Origin::File {
        source: narrow(index),
        start: narrow(span.start),
        end: narrow(span.end),
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    let broken = report_syntax(&errors, &locate, reports);
    let root = if broken.is_empty() {
        root
    } else {
        // The parser leaves out what follows some errors, so what is sound is read again without them.
        DeTable::parse_recoverable(inputs.keep_repaired(index, repair::repair(text, broken))).0
    };
    table(root.into_inner(), 1, &locate, reports)
}

/// Reports what is not well-formed and returns where.
fn report_syntax(
    errors: &[toml::de::Error],
    locate: Locate<'_>,
    reports: &mut Reports<'_>,
) -> BTreeSet<usize> {
    let mut said = BTreeSet::new();
    let mut deep = false;
    for error in errors {
        let origin = locate(error.span().unwrap_or(0..0));
        if is_recursion(error.message()) {
            if !deep {
                reports.push_lost(origin, too_deep());
            }
            deep = true;
        } else if error.message() == repair::DUPLICATE {
            reports.push_broken(origin, Problem::error(code::SYNTAX, repair::DUPLICATE));
        } else if !deep && said.insert((origin, error.message())) {
            // The parser can trip twice over one thing; after too deep a value it trips over the debris.
            reports.push_lost(origin, Problem::error(code::SYNTAX, syntax_message(error.message())));
        }
    }
    repair::places(errors)
}

/// Reads an override's value: TOML where it parses as a single value, a JSON object or list where it parses as
/// that, text otherwise.
///
/// `depth` is how deep the override's key reaches.
pub(crate) fn override_value<'s>(index: usize, depth: usize, reports: &mut Reports<'s>) -> Option<Node<'s>> {
    let text = reports.inputs().overrides[index].value.as_str();
    let at = |start: usize, end: usize| Origin::Override {
        index: narrow(index),
        start: narrow(start),
        end: narrow(end),
    };
    if text.len() > MAX_SOURCE_BYTES {
        reports.push_lost(at(0, 0), too_large(text.len(), "give a shorter value"));
        return None;
    }
    let trimmed = text.trim();
    let offset = text.len() - text.trim_start().len();
    let locate = |span: Range<usize>| at(span.start + offset, span.end + offset);
    match DeValue::parse(trimmed) {
        Ok(parsed) if number(parsed.get_ref()).is_none_or(|number| number.is_ok()) => {
            node(parsed, depth, &locate, reports)
        }
        _ => {
            let text_node = Node { value: Value::Text(text.into()), origin: at(0, text.len()) };
            // What is complex may be spelt as JSON, which is how other programs write it into variables.
            if !trimmed.starts_with(['{', '[']) {
                return Some(text_node);
            }
            match json::read(trimmed, depth, &locate) {
                Ok(Some(node)) => Some(node),
                Err(wrong) if wrong.deep => {
                    reports.push_lost(locate(wrong.at), too_deep());
                    None
                }
                _ => Some(text_node),
            }
        }
    }
}

fn table<'s>(from: DeTable<'s>, depth: usize, locate: Locate<'_>, reports: &mut Reports<'_>) -> Table<'s> {
    let entries = from.into_iter().filter_map(|(key, value)| {
        let origin = locate(key.span());
        let node = node(value, depth, locate, reports)?;
        Some((key.into_inner(), Entry { key: origin, node }))
    });
    Table::new(entries.collect())
}

/// The node of a value whose key stands `depth` levels deep.
fn node<'s>(
    from: Spanned<DeValue<'s>>,
    depth: usize,
    locate: Locate<'_>,
    reports: &mut Reports<'_>,
) -> Option<Node<'s>> {
    let origin = locate(from.span());
    let from = from.into_inner();
    if depth >= MAX_DEPTH && (from.is_array() || from.is_table()) {
        reports.push_lost(origin, too_deep());
        return None;
    }
    let value = match from {
        DeValue::String(text) => Value::Text(text),
        DeValue::Boolean(b) => Value::Boolean(b),
        DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string().into()),
        DeValue::Integer(_) | DeValue::Float(_) => match number(&from)? {
            Ok(number) => number,
            Err(problem) => {
                reports.push_lost(origin, problem);
                return None;
            }
        },
        DeValue::Array(items) => {
            let items = items.into_iter();
            Value::List(items.filter_map(|item| node(item, depth + 1, locate, reports)).collect())
        }
        DeValue::Table(entries) => Value::Table(table(entries, depth + 1, locate, reports)),
    };
    Some(Node { value, origin })
}

/// The number that a value is, if it is one; a problem where the lexer lets pass what means nothing, or
/// nothing representable.
pub(crate) fn number(from: &DeValue<'_>) -> Option<Result<Value<'static>, Problem>> {
    match from {
        DeValue::Integer(n) => Some(match i128::from_str_radix(n.as_str(), n.radix()) {
            Ok(parsed) => Ok(Value::Integer(parsed)),
            Err(_) => Err(unreadable("integer", n.to_string(), "at most 127 bits".to_owned())),
        }),
        DeValue::Float(n) => Some(match n.as_str().parse::<f64>() {
            // `inf` and `nan` are spelt with an n; anything else infinite was too large.
            Ok(parsed) if parsed.is_finite() || n.as_str().contains('n') => Ok(Value::Float(parsed)),
            _ => Err(unreadable("float", n.to_string(), format!("at most {:e}", f64::MAX))),
        }),
        _ => None,
    }
}

fn unreadable(kind: &str, number: String, limit: String) -> Problem {
    let mut problem = Problem::error(code::SYNTAX, format!("`{number}` is not a readable {kind}"));
    problem.limit = Some(limit);
    problem.value = Some(number);
    problem
}

fn too_large(length: usize, help: &str) -> Problem {
    let message = format!("{length} bytes are more than the {MAX_SOURCE_BYTES} that are read");
    let mut problem = Problem::error(code::SIZE, message);
    problem.value = Some(format!("{length} bytes"));
    problem.limit = Some(format!("{MAX_SOURCE_BYTES} bytes"));
    problem.help = Some(help.to_owned());
    problem
}

fn too_deep() -> Problem {
    let message = format!("this value is nested more than {MAX_DEPTH} levels deep");
    let mut problem = Problem::error(code::SIZE, message);
    problem.limit = Some(format!("{MAX_DEPTH} levels"));
    problem.help = Some("nest fewer tables and lists".to_owned());
    problem
}

/// Whether the parser gave up because of its own limit, which is above ours.
fn is_recursion(message: &str) -> bool {
    message.contains("recurs")
}

fn syntax_message(message: &str) -> String {
    message.strip_suffix(", expected nothing").unwrap_or(message).to_owned()
}

/// A length or index that the limit on a source's size keeps within 32 bits.
pub(crate) fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
