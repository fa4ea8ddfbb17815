//! What a schema says about several properties of one object.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use super::shape::{Property, Rule};

/// The rules of an object, apart from those of its `oneOf`.
pub(super) fn rules(
    schema: &Value,
    properties: &BTreeMap<String, Property>,
    place: &str,
) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    // Some schemas name properties of another object; such a rule can't be broken here.
    let known = |names: Vec<String>| -> Vec<String> {
        names.into_iter().filter(|name| properties.contains_key(name)).collect()
    };
    let mut any_of = Vec::new();
    for (index, one) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        any_of.push(only_required(one).with_context(|| format!("{place}/anyOf/{index}"))?);
    }
    for names in [any_of, strings(&schema["requiredOr"])].map(known) {
        if !names.is_empty() {
            rules.push(Rule::AtLeastOne(names));
        }
    }
    let names = known(strings(&schema["requiredXor"]));
    if !names.is_empty() {
        rules.push(Rule::ExactlyOne(names));
    }
    let pairs = |key: &str| schema[key].as_object().cloned().unwrap_or_else(Map::new);
    for (name, others) in pairs("dependentRequired") {
        rules.push(Rule::Requires(name, known(strings(&others))));
    }
    for (name, others) in pairs("dependentExcluded") {
        let others = known(strings(&others));
        if properties.contains_key(&name) && !others.is_empty() {
            rules.push(Rule::Excludes(name, others));
        }
    }
    Ok(rules)
}

/// The one property that an alternative requires.
pub(super) fn only_required(schema: &Value) -> Result<String> {
    let mut required = strings(&schema["required"]);
    ensure!(required.len() == 1, "an alternative requires {} properties: one is understood", required.len());
    Ok(required.remove(0))
}

/// The texts of a list; none for anything else.
pub(super) fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
