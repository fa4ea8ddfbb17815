//! [`compare`]: two templates, section by section and resource by resource.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::broadening::broadening;
use crate::change::{Difference, ResourceChange, Sign, StackChange};
use crate::update::{Update, create_only};
use crate::{follow, resource, sections};

/// What a comparison asks its caller.
#[derive(Clone, Copy)]
pub struct Lookups<'a> {
    /// Whether a change of a property replaces a resource, by type and path; [`create_only`] by default.
    pub update: &'a dyn Fn(&str, &str) -> Update,
    /// The text of a definition that a template keeps in S3, by its `PipelineDefinitionS3Location`; `None`, which is the default,
    /// when it isn't known: then the locations are compared.
    pub stored: &'a dyn Fn(&Value) -> Option<String>,
}

impl Default for Lookups<'_> {
    fn default() -> Self {
        Self { update: &create_only, stored: &|_| None }
    }
}

/// What differs between two templates. Without an old one the stack is new, without a new one it is to be deleted.
///
/// The result is the same for the same templates, and sorted. Time and memory grow with the size of the templates.
pub fn compare(old: Option<&Value>, new: Option<&Value>, lookups: &Lookups<'_>) -> Difference {
    let stack = match (old, new) {
        (None, Some(_)) => StackChange::Created,
        (Some(_), None) => StackChange::Deleted,
        (Some(_), Some(_)) => StackChange::Updated,
        (None, None) => StackChange::Absent,
    };
    if old == new {
        return Difference { stack, ..Difference::default() };
    }
    let empty = Map::new();
    let (before, after) = (resources(old).unwrap_or(&empty), resources(new).unwrap_or(&empty));
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes: Vec<ResourceChange> = ids
        .into_iter()
        .filter_map(|id| resource::compare(id, before.get(id), after.get(id), lookups))
        .collect();
    hint_renames(&mut changes, before, after);
    follow::replacements(&mut changes, before, after, lookups);
    Difference {
        stack,
        sections: sections::compare(old, new),
        resources: changes,
        broadening: broadening(old, new),
    }
}

/// The resources of a template.
pub(crate) fn resources(template: Option<&Value>) -> Option<&Map<String, Value>> {
    template?.get("Resources")?.as_object()
}

/// A resource that went and one that came with the same content, if there is just one of each, were renamed.
fn hint_renames(changes: &mut [ResourceChange], old: &Map<String, Value>, new: &Map<String, Value>) {
    let mut sides: HashMap<String, [Vec<usize>; 2]> = HashMap::new();
    for (position, change) in changes.iter().enumerate() {
        let (side, resource) = match change.sign {
            Sign::Removed => (0, old.get(&change.logical_id)),
            Sign::Added => (1, new.get(&change.logical_id)),
            Sign::Changed => continue,
        };
        if let Some(resource) = resource {
            sides.entry(canonical(resource)).or_default()[side].push(position);
        }
    }
    for sides in sides.values() {
        if let [[gone], [come]] = sides.each_ref().map(Vec::as_slice) {
            changes[*gone].renamed = Some(changes[*come].logical_id.clone());
            changes[*come].renamed = Some(changes[*gone].logical_id.clone());
        }
    }
}

/// A value as text, keys sorted.
fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}
