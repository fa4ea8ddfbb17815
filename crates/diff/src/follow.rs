//! A resource that is replaced gets another id. What refers to it from a create-only property is replaced as well.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value};

use crate::change::{Note, PropertyChange, ResourceChange, Sign};
use crate::data::fate;
use crate::intrinsic::function;
use crate::policy::holdings::{properties, type_of};
use crate::template::Lookups;
use crate::update::Update;

/// What is nested deeper is not searched.
const DEPTH: usize = 128;

/// A reference from a property.
struct Reference<'a> {
    from: &'a str,
    path: String,
    /// Whether it asks for the id or ARN, and not for an attribute that may stay the same.
    id: bool,
}

/// Adds what follows from the replacements among the changes.
pub(crate) fn replacements(
    changes: &mut Vec<ResourceChange>,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    lookups: &Lookups<'_>,
) {
    let replaced =
        |change: &ResourceChange| change.sign == Sign::Changed && change.replacement == Update::Replacement;
    let mut queue: VecDeque<String> =
        changes.iter().filter(|change| replaced(change)).map(|change| change.logical_id.clone()).collect();
    if queue.is_empty() {
        return;
    }
    let mut references: HashMap<String, Vec<Reference<'_>>> = HashMap::new();
    for (id, resource) in new.iter().filter(|(id, _)| old.contains_key(*id)) {
        for (name, value) in properties(resource) {
            collect(id, &mut vec![name.clone()], value, &mut references);
        }
    }
    let mut positions: HashMap<String, usize> =
        changes.iter().enumerate().map(|(position, change)| (change.logical_id.clone(), position)).collect();
    while let Some(id) = queue.pop_front() {
        for reference in references.get(&id).into_iter().flatten().filter(|reference| reference.from != id) {
            let resource = &new[reference.from];
            let marked = (lookups.update)(type_of(resource), &reference.path);
            let update = if reference.id { marked } else { marked.min(Update::Conditional) };
            if update == Update::Never {
                continue;
            }
            let position = *positions.entry(reference.from.to_owned()).or_insert_with(|| {
                changes.push(unchanged(reference.from, resource));
                changes.len() - 1
            });
            let change = &mut changes[position];
            let value =
                properties(resource).get(reference.path.split('.').next().unwrap_or_default()).cloned();
            let note = Note::Follows { logical_id: id.clone() };
            if change.properties.iter().all(|property| property.path != reference.path) {
                let mut property = PropertyChange::new(&reference.path, value.clone(), value).noted(note);
                property.update = update;
                change.properties.push(property);
            }
            if update > change.replacement {
                change.replacement = update;
                change.data = fate(change.sign, old.get(reference.from), Some(resource), update);
                if update == Update::Replacement {
                    queue.push_back(reference.from.to_owned());
                }
            }
        }
    }
    changes.sort_by(|a, b| a.logical_id.cmp(&b.logical_id));
}

fn unchanged(id: &str, resource: &Value) -> ResourceChange {
    ResourceChange {
        logical_id: id.to_owned(),
        resource_type: type_of(resource).to_owned(),
        old_type: None,
        sign: Sign::Changed,
        renamed: None,
        replacement: Update::Never,
        data: None,
        properties: Vec::new(),
        attributes: Vec::new(),
        permissions: Vec::new(),
        definition: None,
    }
}

fn collect<'a>(
    from: &'a str,
    path: &mut Vec<String>,
    value: &Value,
    out: &mut HashMap<String, Vec<Reference<'a>>>,
) {
    if path.len() > DEPTH {
        return;
    }
    let mut add = |target: &str, id: bool| {
        out.entry(target.to_owned()).or_default().push(Reference { from, path: path.join("."), id });
    };
    let mut inner = Vec::new();
    match function(value) {
        Some(("Ref", Value::String(target))) => add(target, true),
        Some(("Fn::GetAtt", Value::Array(parts))) => {
            if let [Value::String(target), attribute] = parts.as_slice() {
                add(target, attribute.as_str().is_some_and(is_identity));
            }
        }
        Some(("Fn::GetAtt" | "Fn::Sub", Value::String(text))) => {
            // Fn::GetAtt may be written `Name.Attribute`, without braces.
            let whole = text.split_once('.').filter(|_| !text.contains("${"));
            if let Some((target, attribute)) = whole.filter(|_| value.get("Fn::GetAtt").is_some()) {
                add(target, is_identity(attribute));
            }
            targets(text).for_each(|(target, id)| add(target, id));
        }
        // The arguments of a function stand where the function does.
        Some((_, argument)) => {
            for value in argument.as_array().map_or(std::slice::from_ref(argument), Vec::as_slice) {
                match value {
                    Value::String(text) => targets(text).for_each(|(target, id)| add(target, id)),
                    Value::Object(variables) if function(value).is_none() => inner.extend(variables.values()),
                    other => inner.push(other),
                }
            }
        }
        None => match value {
            Value::Array(items) => inner.extend(items),
            Value::Object(fields) => {
                for (name, value) in fields {
                    path.push(name.clone());
                    collect(from, path, value, out);
                    path.pop();
                }
            }
            _ => {}
        },
    }
    for value in inner {
        collect(from, path, value, out);
    }
}

/// The logical ids in the text of `Fn::Sub`, each with whether it stands for an id.
fn targets(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names
        .map(|name| name.split_once('.').map_or((name, true), |(id, attribute)| (id, is_identity(attribute))))
}

/// Whether an attribute is another one for each resource.
fn is_identity(attribute: &str) -> bool {
    attribute.ends_with("Id") || attribute.ends_with("Arn")
}
