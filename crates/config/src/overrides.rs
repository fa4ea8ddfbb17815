//! Overrides to tree: the key path of each, and the table in which its value stands.

use std::ops::Range;

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, code};
use crate::read;
use crate::report::Reports;
use crate::tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value, quote};
use crate::variable;

/// The parts of a key path, and where each stands in the override's key.
pub(crate) type KeyPath = Vec<(String, Range<usize>)>;

/// The table that an override stands for, to be laid over what is below it.
///
/// `schema` gives the configuration's JSON Schema, which is asked for the keys that variables mean.
pub(crate) fn table<'s>(
    index: usize,
    schema: &dyn Fn() -> Json,
    reports: &mut Reports<'s>,
) -> Option<Table<'s>> {
    let given = &reports.inputs().overrides[index];
    let key = given.key.as_str();
    let at = |range: Range<usize>| Origin::OverrideKey {
        index: read::narrow(index),
        start: read::narrow(range.start),
        end: read::narrow(range.end),
    };
    let whole = at(0..key.len());
    // Counted first, since the parser has a limit of its own and would not say which.
    let parts = if given.variable.is_some() { key.split("__").count() } else { key.split('.').count() };
    if parts > MAX_DEPTH {
        let mut problem = Problem::error(
            code::SIZE,
            format!("this key has {parts} parts, more than the {MAX_DEPTH} that are read"),
        );
        problem.limit = Some(format!("{MAX_DEPTH} parts"));
        reports.push_lost(whole, problem);
        return None;
    }
    let (path, help) = match given.variable {
        None => (key_path(key), "write it as in TOML: training.epochs, or tags.\"cost centre\""),
        Some(_) => (
            variable::path(key, schema),
            "put two underscores between the parts of the path, and none at its ends",
        ),
    };
    let Some(path) = path else {
        let mut problem = Problem::error(code::OVERRIDE, format!("{} is not a key path", quote(key)));
        problem.value = Some(quote(key));
        problem.limit = Some("a key path".to_owned());
        problem.help = Some(help.to_owned());
        reports.push_lost(whole, problem);
        return None;
    };
    let mut node = read::override_value(index, path.len(), reports)?;
    let mut path = path.into_iter().rev().peekable();
    loop {
        let (key, range) = path.next()?;
        let origin = node.origin;
        let table = Table::of(key.into(), Entry { key: at(range), node });
        if path.peek().is_none() {
            return Some(table);
        }
        node = Node { value: Value::Table(table), origin };
    }
}

/// The parts of a key path as TOML spells them; `None` if it does not parse as one.
pub(crate) fn key_path(key: &str) -> Option<KeyPath> {
    // TOML's own parser reads the key, in front of a value whose place shows that the key ended there.
    if key.contains(['\n', '\r']) {
        return None;
    }
    let line = format!("{key} = 0");
    let mut table = DeTable::parse(&line).ok()?.into_inner();
    let mut path = Vec::new();
    loop {
        let mut entries = std::mem::take(&mut table).into_iter();
        let (Some((key, value)), None) = (entries.next(), entries.next()) else {
            return None;
        };
        let range = key.span();
        path.push((key.into_inner().into_owned(), range));
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(inner) if span.end != line.len() => table = inner,
            DeValue::Integer(_) if span.start == line.len() - 1 => return Some(path),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, expected: Option<&[&str]>) {
        let path: Option<Vec<String>> =
            key_path(key).map(|path| path.into_iter().map(|(part, _)| part).collect());
        let expected = expected.map(|e| e.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(path, expected, "{key}");
    }

    #[test]
    fn key_paths_are_spelt_as_in_toml() {
        check("a", Some(&["a"]));
        check("a.b-c.d_1", Some(&["a", "b-c", "d_1"]));
        check("a . b", Some(&["a", "b"]));
        check(r#"tags."cost centre""#, Some(&["tags", "cost centre"]));
        check("tags.'a.b'", Some(&["tags", "a.b"]));
        check("1.2", Some(&["1", "2"]));
        for bad in [
            "", ".", "a.", ".a", "a..b", "a b", "a = 1", "a#b", "[a]", "[a]\nb", "a = 1 #", "a = {b", "é",
            "a\nb",
        ] {
            check(bad, None);
        }
    }
}
