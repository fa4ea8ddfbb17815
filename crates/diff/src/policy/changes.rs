//! What the policies of one resource grant that they didn't, and the reverse, in as few lines as say it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::change::{Note, PermissionChange, PropertyChange, Sign};
use crate::path::Path;
use crate::policy::documents::policy_properties;
use crate::policy::grant::Term;
use crate::policy::holdings::{Held, held, properties, type_of};
use crate::values;

/// What differs in what two states of a resource grant.
pub(crate) fn permissions(old: Option<&Value>, new: Option<&Value>) -> Vec<PermissionChange> {
    // Which steps need a grant is no part of it.
    let grants = |resource: Option<&Value>| -> BTreeMap<_, Held> {
        let held = resource.map(held).unwrap_or_default().into_iter();
        held.map(|held| ((held.kind, held.grant.clone()), held)).collect()
    };
    let (old, new) = (grants(old), grants(new));
    let mut out = Vec::new();
    for (sign, these, those) in [(Sign::Removed, &old, &new), (Sign::Added, &new, &old)] {
        let only = these.iter().filter(|(key, _)| !those.contains_key(*key)).map(|(_, held)| held);
        out.extend(grouped(sign, only));
    }
    out.sort_by(|a, b| (a.policy, &a.resources, a.sign, a).cmp(&(b.policy, &b.resources, b.sign, b)));
    out
}

/// Grants that differ in nothing but the action, then in nothing but the resource, then in nothing but the principal, become one.
pub(crate) fn grouped<'a>(sign: Sign, grants: impl Iterator<Item = &'a Held>) -> Vec<PermissionChange> {
    let shown = |term: &Term| -> Vec<String> { term.shown().into_iter().collect() };
    let single = grants.map(|held| PermissionChange {
        sign,
        policy: held.kind,
        effect: held.grant.effect,
        actions: shown(&held.grant.action),
        resources: shown(&held.grant.resource),
        principals: shown(&held.grant.principal),
        conditions: held.grant.conditions_shown(),
        steps: held.steps.clone(),
    });
    let by_action = merged(single, |change| &mut change.actions);
    let by_resource = merged(by_action.into_iter(), |change| &mut change.resources);
    merged(by_resource.into_iter(), |change| &mut change.principals)
}

/// Merges what differs in one field only.
fn merged(
    changes: impl Iterator<Item = PermissionChange>,
    field: fn(&mut PermissionChange) -> &mut Vec<String>,
) -> Vec<PermissionChange> {
    let mut groups: BTreeMap<PermissionChange, BTreeSet<String>> = BTreeMap::new();
    for mut change in changes {
        let values = std::mem::take(field(&mut change));
        groups.entry(change).or_default().extend(values);
    }
    groups
        .into_iter()
        .map(|(mut change, values)| {
            *field(&mut change) = values.into_iter().collect();
            change
        })
        .collect()
}

/// What differs in policies beside what they grant: names, versions, statements that say the same in other words.
pub(crate) fn wording(old: &Value, new: &Value, grants_differ: bool) -> Vec<PropertyChange> {
    let mut out = Vec::new();
    for property in policy_properties(type_of(new)) {
        let [old, new] = [old, new].map(|resource| {
            properties(resource)
                .get(property)
                .map(|value| canonical(value, grants_differ, property == "Policies"))
        });
        let changes = values::compare(Path::of(property), old.as_ref(), new.as_ref());
        out.extend(changes.into_iter().map(|change| match (grants_differ, change.sign()) {
            (false, Sign::Changed) if change.note.is_none() => change.noted(Note::Rewritten),
            _ => change,
        }));
    }
    out
}

/// A policy in the one order there is; without its statements, where what they grant is compared already.
fn canonical(value: &Value, without_statements: bool, list: bool) -> Value {
    match value {
        // Inline policies go by their names, in any order.
        Value::Array(policies) if list => {
            let each = policies.iter().map(|policy| {
                let Value::Object(fields) = policy else { return policy.clone() };
                let fields = fields.iter().map(|(key, value)| match key.as_str() {
                    "PolicyDocument" => (key.clone(), canonical(value, without_statements, false)),
                    _ => (key.clone(), value.clone()),
                });
                Value::Object(fields.collect())
            });
            sorted(each.collect())
        }
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(parsed @ Value::Object(_)) => canonical(&parsed, without_statements, list),
            _ => value.clone(),
        },
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| !(without_statements && *key == "Statement"));
            Value::Object(kept.map(|(key, value)| (key.clone(), ordered(value))).collect())
        }
        _ if without_statements => Value::Null,
        other => ordered(other),
    }
}

/// Every list sorted, a list of one as its element, texts for numbers and truth values.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [single] => ordered(single),
            items => sorted(items.iter().map(ordered).collect()),
        },
        Value::Object(_) if crate::intrinsic::is_intrinsic(value) => value.clone(),
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            let fields = fields.into_iter().map(|(key, value)| (key.clone(), ordered(value)));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other.clone(),
    }
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_cached_key(Value::to_string);
    Value::Array(items)
}
