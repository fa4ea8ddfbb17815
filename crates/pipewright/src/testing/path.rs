//! Places in JSON, spelt as SageMaker spells property paths: `Outputs['train'].S3Output.S3Uri`.

use serde_json::Value;

use super::names;

/// The members by which an element of a list is known.
const NAMES: [&str; 9] = [
    "Name",
    "InputName",
    "OutputName",
    "ChannelName",
    "PropertyFileName",
    "ParameterName",
    "MetricName",
    "Key",
    "ContainerHostname",
];

/// The value at a path; an empty path is the value itself. `place` is what messages call the value.
///
/// # Errors
/// How far the path leads, and what there is instead.
pub(super) fn find<'v>(value: &'v Value, path: &str, place: &str) -> Result<&'v Value, String> {
    let mut here = value;
    let mut rest = path;
    loop {
        let passed = path.len() - rest.len();
        let Some((part, after)) = part(rest, passed == 0).ok_or_else(|| {
            format!("{path:?} is no path: write Member.Member, Member[0] or Member['name']")
        })?
        else {
            return Ok(here);
        };
        here = member(here, &part).ok_or_else(|| {
            let place = join(place, &path[..passed]);
            missing(here, &part, &place)
        })?;
        rest = after;
    }
}

enum Part<'p> {
    Member(&'p str),
    Index(usize),
    Key(&'p str),
}

/// The first part of a path and the rest of it. The outer `None`: it is no path; the inner one: it is at its end.
#[expect(clippy::option_option, reason = "the outer one is a mistake, the inner one the end")]
fn part(path: &str, is_first: bool) -> Option<Option<(Part<'_>, &str)>> {
    if path.is_empty() {
        return Some(None);
    }
    if let Some(inner) = path.strip_prefix('[') {
        for quote in ['\'', '"'] {
            if let Some(inner) = inner.strip_prefix(quote) {
                let (key, rest) = inner.split_once(&format!("{quote}]")[..])?;
                return Some(Some((Part::Key(key), rest)));
            }
        }
        let (index, rest) = inner.split_once(']')?;
        return Some(Some((Part::Index(index.parse().ok()?), rest)));
    }
    let path = if is_first { path } else { path.strip_prefix('.')? };
    let end = path.find(['.', '[']).unwrap_or(path.len());
    (end > 0).then(|| Some((Part::Member(&path[..end]), &path[end..])))
}

fn member<'v>(value: &'v Value, part: &Part<'_>) -> Option<&'v Value> {
    match (value, part) {
        (Value::Object(members), Part::Member(name) | Part::Key(name)) => members.get(*name),
        (Value::Array(items), Part::Index(index)) => items.get(*index),
        (Value::Array(items), Part::Key(key)) => items.iter().find(|item| name(item) == Some(key)),
        _ => None,
    }
}

/// The name by which an element of a list is known.
pub(super) fn name(item: &Value) -> Option<&str> {
    NAMES.iter().find_map(|name| item.get(name)).and_then(Value::as_str)
}

/// A place and what is below it.
pub(super) fn join(place: &str, below: &str) -> String {
    match below {
        "" => place.to_owned(),
        below if below.starts_with('[') || place.is_empty() => format!("{place}{below}"),
        below => format!("{place}.{below}"),
    }
}

fn missing(value: &Value, part: &Part<'_>, place: &str) -> String {
    match (value, part) {
        (Value::Object(members), Part::Member(name) | Part::Key(name)) => {
            format!("{place} has no {name:?}: {}", names::help(name, members.keys().map(String::as_str)))
        }
        (Value::Array(items), Part::Index(index)) => {
            format!("{place} has no element {index}: it has {}", items.len())
        }
        (Value::Array(items), Part::Key(key)) => {
            format!("{place} has no element {key:?}: {}", names::help(key, items.iter().filter_map(name)))
        }
        (value, Part::Member(part) | Part::Key(part)) => format!("{place} has no {part:?}: it is {value}"),
        (value, Part::Index(index)) => format!("{place} has no element {index}: it is {value}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Result<Value, &str>) {
        let value = json!({
            "A": {"b": 1, "c.d": 2},
            "List": [{"InputName": "code", "Uri": "s3://x"}, {"InputName": "data"}, 7],
        });
        let found = find(&value, path, "Arguments");
        assert_eq!(found.cloned(), expected.map_err(str::to_owned), "{path}");
    }

    #[test]
    fn paths() {
        check("A.b", Ok(json!(1)));
        check("A['c.d']", Ok(json!(2)));
        check("List[2]", Ok(json!(7)));
        check("List['code'].Uri", Ok(json!("s3://x")));
        check("List[\"code\"].Uri", Ok(json!("s3://x")));
        check("B", Err("Arguments has no \"B\": did you mean \"A\"? there are: A, List"));
        check("A.B", Err("Arguments.A has no \"B\": did you mean \"b\"? there are: b, c.d"));
        check("A.b.c", Err("Arguments.A.b has no \"c\": it is 1"));
        check("A[0]", Err("Arguments.A has no element 0: it is {\"b\":1,\"c.d\":2}"));
        check("List[3]", Err("Arguments.List has no element 3: it has 3"));
        check(
            "List['cod']",
            Err("Arguments.List has no element \"cod\": did you mean \"code\"? there are: code, data"),
        );
        for wrong in ["A..b", ".A", "A.", "List[", "List[x]", "List['code]", "A]b["] {
            assert!(find(&json!({"A": {"b": 1}, "List": []}), wrong, "Arguments").is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_empty_path_is_the_value() {
        assert_eq!(find(&json!(3), "", "x"), Ok(&json!(3)));
    }
}
