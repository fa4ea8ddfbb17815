//! One resource before and after.

use serde_json::{Map, Value};

use crate::change::{PropertyChange, ResourceChange, Sign};
use crate::data::fate;
use crate::definition::of_pipeline;
use crate::path::Path;
use crate::policy::changes::{permissions, wording};
use crate::policy::documents::policy_properties;
use crate::policy::holdings::{properties, type_of};
use crate::template::Lookups;
use crate::update::Update;
use crate::values;

/// The type whose definition is compared step by step, and the property that has it.
const PIPELINE: (&str, &str) = ("AWS::SageMaker::Pipeline", "PipelineDefinition");

/// What differs in a resource; `None` when nothing that means anything.
pub(crate) fn compare(
    id: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    lookups: &Lookups<'_>,
) -> Option<ResourceChange> {
    let (sign, resource) = match (old, new) {
        (Some(old), Some(new)) if old == new => return None,
        (Some(_), Some(new)) => (Sign::Changed, new),
        (Some(old), None) => (Sign::Removed, old),
        (None, new) => (Sign::Added, new?),
    };
    let mut change = ResourceChange {
        logical_id: id.to_owned(),
        resource_type: type_of(resource).to_owned(),
        old_type: None,
        sign,
        renamed: None,
        replacement: Update::Never,
        data: None,
        properties: Vec::new(),
        attributes: Vec::new(),
        permissions: permissions(old, new),
        definition: None,
    };
    if let (Some(old), Some(new)) = (old, new) {
        compare_changed(&mut change, old, new, lookups);
        let nothing = change.old_type.is_none()
            && change.properties.is_empty()
            && change.attributes.is_empty()
            && change.permissions.is_empty()
            && change.definition.is_none();
        if nothing {
            return None;
        }
    }
    change.data = fate(sign, old, new, change.replacement);
    Some(change)
}

fn compare_changed(change: &mut ResourceChange, old: &Value, new: &Value, lookups: &Lookups<'_>) {
    let (Value::Object(old_fields), Value::Object(new_fields)) = (old, new) else {
        change.attributes = values::compare(Path::default(), Some(old), Some(new));
        return;
    };
    let resource_type = type_of(new);
    let mut but = vec!["Properties"];
    if let (Some(Value::String(before)), Some(Value::String(after))) = (old.get("Type"), new.get("Type")) {
        but.push("Type");
        if before != after {
            change.old_type = Some(before.clone());
            change.replacement = Update::Replacement;
        }
    }
    change.attributes = values::compare_but(&Path::default(), Some(old_fields), Some(new_fields), &but);

    let shapeless =
        |fields: &Map<String, Value>| fields.get("Properties").is_some_and(|value| !value.is_object());
    if shapeless(old_fields) || shapeless(new_fields) {
        let changes = values::compare(Path::of("Properties"), old.get("Properties"), new.get("Properties"));
        change.attributes.extend(changes);
        return;
    }
    let (before, after) = (properties(old), properties(new));
    let same_type = change.old_type.is_none();
    let mut apart = if same_type { policy_properties(resource_type) } else { Vec::new() };
    if same_type && resource_type == PIPELINE.0 {
        apart.push(PIPELINE.1);
        let (definition, changes) =
            of_pipeline(before.get(PIPELINE.1), after.get(PIPELINE.1), lookups.stored);
        change.definition = definition;
        change.properties = changes;
    }
    change.properties.extend(values::compare_but(&Path::default(), Some(before), Some(after), &apart));
    if same_type {
        change.properties.extend(wording(old, new, !change.permissions.is_empty()));
        for property in &mut change.properties {
            property.update = update(resource_type, property, lookups);
            change.replacement = change.replacement.max(property.update);
        }
    }
}

/// What a change of a property does. A comparison that goes by an object as a whole may hold one that matters inside.
fn update(resource_type: &str, change: &PropertyChange, lookups: &Lookups<'_>) -> Update {
    let path = without_items(&change.path);
    let at = (lookups.update)(resource_type, &path);
    if at != Update::Conditional {
        return at;
    }
    // The create-only property that lies inside came or went with the whole.
    let inside = [&change.old, &change.new].into_iter().flatten().filter_map(Value::as_object);
    let keys =
        inside.flat_map(|fields| fields.keys()).filter(|key| !key.starts_with("Fn::") && *key != "Ref");
    keys.map(|key| (lookups.update)(resource_type, &format!("{path}.{key}")))
        .max()
        .map_or(at, |found| found.max(at))
}

/// A path as schemas write it: without elements of lists.
pub(crate) fn without_items(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}
