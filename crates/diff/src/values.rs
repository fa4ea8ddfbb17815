//! Two values, compared leaf by leaf.

use std::collections::HashMap;
use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::change::{Note, PropertyChange};
use crate::code::changed_file;
use crate::intrinsic::is_intrinsic;
use crate::path::Path;
use crate::secret::{is_secret_name, masked, masked_text};

/// What is nested deeper is compared as one value.
const DEPTH: usize = 128;

/// What elements of a list are called by, the most telling first.
const NAMES: &[&str] = &[
    "Key",
    "Name",
    "ParameterName",
    "PolicyName",
    "InputName",
    "OutputName",
    "ChannelName",
    "PropertyFileName",
    "MetricName",
    "Sid",
    "Id",
];

/// Lists whose order says nothing. Tags are named, and may come in any order too.
const SETS: &[&str] = &[
    "DependsOn",
    "Groups",
    "ManagedPolicyArns",
    "Roles",
    "RouteTableIds",
    "SecurityGroupEgress",
    "SecurityGroupIds",
    "SecurityGroupIngress",
    "SecurityGroups",
    "SubnetIds",
    "Users",
];

/// What differs between two values.
pub(crate) fn compare(mut path: Path, old: Option<&Value>, new: Option<&Value>) -> Vec<PropertyChange> {
    let mut out = Vec::new();
    walk(&mut path, old, new, &mut out);
    out
}

/// The same for the fields of two objects, but those of these names.
pub(crate) fn compare_but(
    path: &Path,
    old: Option<&Map<String, Value>>,
    new: Option<&Map<String, Value>>,
    but: &[&str],
) -> Vec<PropertyChange> {
    let mut out = Vec::new();
    let empty = Map::new();
    fields(&mut path.clone(), old.unwrap_or(&empty), new.unwrap_or(&empty), but, &mut out);
    out
}

fn walk(path: &mut Path, old: Option<&Value>, new: Option<&Value>, out: &mut Vec<PropertyChange>) {
    match (old, new) {
        (None, None) => {}
        (Some(old), Some(new)) if old == new => {}
        (Some(Value::Object(a)), Some(Value::Object(b)))
            if path.depth() < DEPTH
                && !a.is_empty()
                && !b.is_empty()
                && !old.is_some_and(is_intrinsic)
                && !new.is_some_and(is_intrinsic) =>
        {
            fields(path, a, b, &[], out);
        }
        // DependsOn is a text or a list.
        (Some(Value::Array(a)), Some(Value::Array(b))) if path.depth() < DEPTH => list(path, a, b, out),
        (Some(Value::String(a)), Some(Value::Array(b))) if is_set(path) => {
            list(path, &[a.as_str().into()], b, out);
        }
        (Some(Value::Array(a)), Some(Value::String(b))) if is_set(path) => {
            list(path, a, &[b.as_str().into()], out);
        }
        _ => leaf(path, old, new, out),
    }
}

fn fields(
    path: &mut Path,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    but: &[&str],
    out: &mut Vec<PropertyChange>,
) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    let mut keys: Vec<&String> = old.keys().chain(added).filter(|key| !but.contains(&key.as_str())).collect();
    keys.sort();
    for key in keys {
        path.within(key, |path| walk(path, old.get(key), new.get(key), out));
    }
}

fn is_set(path: &Path) -> bool {
    path.ends_in_name() && SETS.contains(&path.name())
}

fn list(path: &mut Path, old: &[Value], new: &[Value], out: &mut Vec<PropertyChange>) {
    if is_set(path) {
        set(path, old, new, out);
    } else if let Some((old, new)) = names(old, new) {
        named(path, &old, &new, out);
    } else {
        // What both begin and end with is the same; what is between is compared in its order.
        let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let (a, b) = (&old[start..], &new[start..]);
        let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
        let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
        for position in 0..a.len().max(b.len()) {
            path.at(start + position, |path| walk(path, a.get(position), b.get(position), out));
        }
    }
}

/// Elements that are equal belong together, wherever they stand.
fn set(path: &mut Path, old: &[Value], new: &[Value], out: &mut Vec<PropertyChange>) {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for item in old {
        *counts.entry(item.to_string()).or_default() += 1;
    }
    for item in new {
        *counts.entry(item.to_string()).or_default() -= 1;
    }
    // Equal elements stand for each other, so the first ones are as good as any.
    let mut surplus = |items: &[Value], sign: i64| -> Vec<Value> {
        let mut rest = Vec::new();
        for item in items {
            if let Some(count) = counts.get_mut(&item.to_string())
                && *count * sign > 0
            {
                *count -= sign;
                rest.push(item.clone());
            }
        }
        rest.sort_by_cached_key(Value::to_string);
        rest
    };
    let gone = surplus(old, 1);
    let come = surplus(new, -1);
    for item in &gone {
        path.at("-", |path| leaf(path, Some(item), None, out));
    }
    for item in &come {
        path.at("+", |path| leaf(path, None, Some(item), out));
    }
}

type Named<'a> = Vec<(&'a str, &'a Value)>;

/// The elements of two lists with what they are called, where all are called something, and no two the same.
fn names<'a>(old: &'a [Value], new: &'a [Value]) -> Option<(Named<'a>, Named<'a>)> {
    let all = || old.iter().chain(new);
    all().next()?;
    let key = NAMES.iter().find(|key| all().all(|item| item.get(**key).is_some_and(Value::is_string)))?;
    let named = |items: &'a [Value]| -> Option<Named<'a>> {
        let mut seen = HashSet::new();
        items
            .iter()
            .map(|item| item.get(*key).and_then(Value::as_str).map(|name| (name, item)))
            .map(|pair| pair.filter(|(name, _)| seen.insert(*name)))
            .collect()
    };
    Some((named(old)?, named(new)?))
}

fn named(path: &mut Path, old: &Named<'_>, new: &Named<'_>, out: &mut Vec<PropertyChange>) {
    let before: HashMap<&str, &Value> = old.iter().copied().collect();
    let after: HashMap<&str, &Value> = new.iter().copied().collect();
    for (name, value) in old {
        path.at(name, |path| walk(path, Some(value), after.get(name).copied(), out));
    }
    for (name, value) in new.iter().filter(|(name, _)| !before.contains_key(name)) {
        path.at(name, |path| walk(path, None, Some(value), out));
    }
    if path.name() != "Tags"
        && let Some(change) = order(
            path,
            old.iter().map(|(name, _)| *name).filter(|name| after.contains_key(name)),
            new.iter().map(|(name, _)| *name).filter(|name| before.contains_key(name)),
        )
    {
        out.push(change);
    }
}

/// The change of order, if these are not the same names in the same order.
fn order<'a>(
    path: &Path,
    old: impl Iterator<Item = &'a str>,
    new: impl Iterator<Item = &'a str>,
) -> Option<PropertyChange> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.collect(), new.collect());
    (old != new)
        .then(|| PropertyChange::new(path.to_string(), Some(old.into()), Some(new.into())).noted(Note::Order))
}

fn leaf(path: &Path, old: Option<&Value>, new: Option<&Value>, out: &mut Vec<PropertyChange>) {
    let secret = path.segments().any(is_secret_name);
    let hidden = |value: Option<&Value>| value.map(|value| masked(value, secret));
    let mut change = PropertyChange::new(masked_text(&path.to_string()), hidden(old), hidden(new));
    if change.old.is_some() && change.old == change.new {
        change.note = Some(Note::Secret);
    } else if let (Some(old), Some(new)) = (old, new)
        && let Some(file) = code_change(old, new)
    {
        change.note = Some(Note::Code { file });
    }
    out.push(change);
}

/// The file whose content changed, in a text or in what `Fn::Sub` fills in.
fn code_change(old: &Value, new: &Value) -> Option<String> {
    match (old, new) {
        (Value::String(old), Value::String(new)) => changed_file(old, new),
        (Value::Object(a), Value::Object(b)) if a.len() == 1 && b.len() == 1 => {
            code_change(a.get("Fn::Sub")?, b.get("Fn::Sub")?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Each change as `path: old → new`.
    #[expect(clippy::needless_pass_by_value, reason = "a table of cases reads better without references")]
    fn check(old: Value, new: Value, expected: &[&str]) {
        let show = |value: Option<&Value>| value.map_or_else(|| "∅".to_owned(), Value::to_string);
        let found: Vec<String> = compare(Path::of("P"), Some(&old), Some(&new))
            .iter()
            .map(|change| {
                format!("{}: {} → {}", change.path, show(change.old.as_ref()), show(change.new.as_ref()))
            })
            .collect();
        assert_eq!(found, expected, "{old} {new}");
        assert!(compare(Path::of("P"), Some(&old), Some(&old)).is_empty());
    }

    #[test]
    fn leaves_are_found() {
        check(
            json!({"a": 1, "b": {"c": 2}}),
            json!({"b": {"c": 3}, "d": 4}),
            &["P.a: 1 → ∅", "P.b.c: 2 → 3", "P.d: ∅ → 4"],
        );
        check(json!({"a": {}}), json!({"a": {"b": 1}}), &[r#"P.a: {} → {"b":1}"#]);
        check(json!({"a": null, "b": 1}), json!({"b": 1}), &["P.a: null → ∅"]);
        check(json!(1), json!("1"), &[r#"P: 1 → "1""#]);
        check(json!({"a": {"Ref": "A"}}), json!({"a": {"Ref": "B"}}), &[r#"P.a: {"Ref":"A"} → {"Ref":"B"}"#]);
    }

    #[test]
    fn lists_by_what_their_elements_are_called() {
        let tags = |pairs: &[(&str, &str)]| -> Value {
            pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
        };
        let [ab, ba] = [tags(&[("a", "1"), ("b", "2")]), tags(&[("b", "2"), ("a", "1")])];
        check(json!({"Tags": ab}), json!({"Tags": ba}), &[]);
        check(
            json!({"Tags": ab}),
            json!({"Tags": tags(&[("a", "1"), ("b", "3")])}),
            &[r#"P.Tags[b].Value: "2" → "3""#],
        );
        check(json!({"Rules": ab}), json!({"Rules": ba}), &[r#"P.Rules: ["a","b"] → ["b","a"]"#]);
        check(json!([1, 2, 3, 4]), json!([1, 3, 4]), &["P[1]: 2 → ∅"]);
        check(json!([1, 2]), json!([0, 1, 2]), &["P[0]: ∅ → 0"]);
        check(json!([{"Name": "a"}, {"Name": "a"}]), json!([{"Name": "a"}]), &[r#"P[1]: {"Name":"a"} → ∅"#]);
        check(json!({"SubnetIds": ["a", "b"]}), json!({"SubnetIds": ["b", "a"]}), &[]);
        check(
            json!({"SubnetIds": ["a", "a"]}),
            json!({"SubnetIds": ["a", "c"]}),
            &[r#"P.SubnetIds[-]: "a" → ∅"#, r#"P.SubnetIds[+]: ∅ → "c""#],
        );
        check(json!({"DependsOn": "a"}), json!({"DependsOn": ["a"]}), &[]);
        check(json!([]), json!([1]), &["P[0]: ∅ → 1"]);
    }

    #[test]
    fn secrets_differ_without_being_shown() {
        check(json!({"Password": "a"}), json!({"Password": "b"}), &[r#"P.Password: "****" → "****""#]);
        check(
            json!([{"Name": "TOKEN", "Value": "a"}]),
            json!([{"Name": "TOKEN", "Value": "b"}]),
            &[r#"P[TOKEN].Value: "****" → "****""#],
        );
    }
}
