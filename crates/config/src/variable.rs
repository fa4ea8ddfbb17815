//! Which key an environment variable means.
//!
//! Names of variables know no case and no hyphens, so the configuration's schema is asked for its keys.

use std::ops::Range;

use serde_json::Value as Json;

use crate::overrides::KeyPath;

/// Between the parts of a path.
const SEPARATOR: &str = "__";

/// The path that a variable's name stands for, without its prefix; `None` where a part is empty.
///
/// A part that no key is like stands for itself in lower case.
pub(crate) fn path(name: &str, schema: &dyn Fn() -> Json) -> Option<KeyPath> {
    let root = schema();
    let mut here = vec![&root];
    let mut path = Vec::new();
    for (part, range) in parts(name) {
        if part.is_empty() {
            return None;
        }
        let tables = tables(&root, &here);
        let keys = || tables.iter().filter_map(|table| table.get("properties")?.as_object()).flatten();
        let lower = part.to_lowercase();
        let key = keys()
            .find(|(key, _)| **key == lower)
            .or_else(|| keys().find(|(key, _)| folded(key) == folded(part)))
            .map_or(lower, |(key, _)| key.clone());
        here = tables
            .iter()
            .filter_map(|table| {
                let property = table.get("properties").and_then(|properties| properties.get(&key));
                property.or_else(|| table.get("additionalProperties"))
            })
            .collect();
        path.push((key, range));
    }
    Some(path)
}

fn parts(name: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut start = 0;
    name.split(SEPARATOR).map(move |part| {
        let range = start..start + part.len();
        start = range.end + SEPARATOR.len();
        (part, range)
    })
}

/// A key as a variable can spell it.
fn folded(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The schemas that these are made of: what they refer to, and their alternatives.
fn tables<'j>(root: &'j Json, from: &[&'j Json]) -> Vec<&'j Json> {
    /// More than any type of a configuration has alternatives.
    const MOST: usize = 1000;
    let mut found: Vec<&Json> = from.to_vec();
    let mut next = 0;
    while next < found.len() && found.len() < MOST {
        let schema = found[next];
        next += 1;
        let target = schema.get("$ref").and_then(Json::as_str);
        let target = target.and_then(|target| root.pointer(target.strip_prefix('#')?));
        let alternatives =
            ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|word| schema.get(word)?.as_array());
        for schema in target.into_iter().chain(alternatives.flatten()) {
            if !found.iter().any(|known| std::ptr::eq(*known, schema)) {
                found.push(schema);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&[&str]>) {
        let schema = || {
            json!({
                "properties": {
                    "owner": {},
                    "maxRuntime": {},
                    "training": { "anyOf": [{ "$ref": "#/$defs/Training" }, { "type": "null" }] },
                    "map": { "additionalProperties": { "$ref": "#/$defs/Training" } },
                },
                "$defs": { "Training": { "properties": { "max-epochs": {}, "lr": {}, "again": { "$ref": "#/$defs/Training" } } } },
            })
        };
        let path = path(name, &schema).map(|path| {
            path.into_iter()
                .map(|(key, range)| {
                    assert_eq!(folded(&name[range]), folded(&key));
                    key
                })
                .collect::<Vec<_>>()
        });
        assert_eq!(path, expected.map(|e| e.iter().map(|s| (*s).to_owned()).collect()), "{name}");
    }

    #[test]
    fn variables_mean_keys_whatever_their_case() {
        check("OWNER", Some(&["owner"]));
        check("owner", Some(&["owner"]));
        check("MAX_RUNTIME", Some(&["maxRuntime"]));
        check("TRAINING__MAX_EPOCHS", Some(&["training", "max-epochs"]));
        check("TRAINING__AGAIN__AGAIN__LR", Some(&["training", "again", "again", "lr"]));
        check("MAP__ANY_KEY__LR", Some(&["map", "any_key", "lr"]));
        check("OWNR__X", Some(&["ownr", "x"]));
        check("", None);
        check("OWNER__", None);
        check("__OWNER", None);
        check("A____B", None);
    }
}
