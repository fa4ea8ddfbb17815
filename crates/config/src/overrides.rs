//! Overrides to tree: the key path of each, and the table in which its value stands.

use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, code};
use crate::read;
use crate::report::Reports;
use crate::tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value, quote};

/// The table that an override stands for, to be laid over what is below it.
pub(crate) fn table<'s>(index: usize, reports: &mut Reports<'s>) -> Option<Table<'s>> {
    let key = reports.inputs().overrides[index].key.as_str();
    let at = Origin::Override { index: u32::try_from(index).unwrap_or(u32::MAX), start: 0, end: 0 };
    // Counted first, since the parser has a limit of its own and would not say which.
    let parts = key.split('.').count();
    if parts > MAX_DEPTH {
        let mut problem = Problem::error(
            code::SIZE,
            format!("this key has {parts} parts, more than the {MAX_DEPTH} that are read"),
        );
        problem.limit = Some(format!("{MAX_DEPTH} parts"));
        reports.push_lost(at, problem);
        return None;
    }
    let Some(path) = key_path(key) else {
        let mut problem = Problem::error(code::OVERRIDE, format!("{} is not a key path", quote(key)));
        problem.value = Some(quote(key));
        problem.limit = Some("a key path".to_owned());
        problem.help = Some("write it as in TOML: training.epochs, or tags.\"cost centre\"".to_owned());
        reports.push_lost(at, problem);
        return None;
    };
    let mut node = read::override_value(index, path.len(), reports)?;
    let mut path = path.into_iter().rev().peekable();
    loop {
        let key = path.next()?;
        let origin = node.origin;
        let mut table = Table::default();
        table.entries.insert(key.into(), Entry { key: origin, node });
        if path.peek().is_none() {
            return Some(table);
        }
        node = Node { value: Value::Table(table), origin };
    }
}

/// The parts of a key path as TOML spells them; `None` if it does not parse as one.
pub(crate) fn key_path(key: &str) -> Option<Vec<String>> {
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
        path.push(key.into_inner().into_owned());
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
        let path = key_path(key);
        assert_eq!(
            path.as_deref(),
            expected.map(|e| e.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).as_deref(),
            "{key}"
        );
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
