//! Everything of a template beside its resources.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::change::{Note, PropertyChange};
use crate::path::Path;
use crate::values;

/// What differs beside the resources.
pub(crate) fn compare(old: Option<&Value>, new: Option<&Value>) -> Vec<PropertyChange> {
    let well_formed = |template: Option<&Value>| template.is_none_or(Value::is_object);
    if !well_formed(old) || !well_formed(new) {
        return values::compare(Path::default(), old, new);
    }
    let [before, after] = [old, new].map(|template| template.and_then(Value::as_object));
    let mut out = Vec::new();
    let names: HashSet<&str> =
        [before, after].into_iter().flatten().flat_map(Map::keys).map(String::as_str).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    for name in names {
        let [a, b] = [before, after].map(|template| template.and_then(|template| template.get(name)));
        // Resources are compared one by one, unless they are none.
        if name == "Resources" && [a, b].iter().flatten().all(|value| value.is_object()) {
            continue;
        }
        let [sections_a, sections_b] = [a, b].map(|value| value.and_then(Value::as_object));
        if (a.is_none() || sections_a.is_some()) && (b.is_none() || sections_b.is_some()) {
            // What came or went as a whole is shown entry by entry.
            out.extend(values::compare_but(&Path::of(name), sections_a, sections_b, &[]));
        } else {
            out.extend(values::compare(Path::of(name), a, b));
        }
    }
    let hidden = silent_parameters(old).chain(silent_parameters(new)).collect::<HashSet<_>>();
    for change in &mut out {
        let parameter =
            change.path.strip_prefix("Parameters.").map(|rest| rest.split('.').next().unwrap_or(rest));
        if parameter.is_some_and(|name| hidden.contains(name)) {
            hide(change);
        }
    }
    out
}

/// The parameters that nothing may show.
fn silent_parameters(template: Option<&Value>) -> impl Iterator<Item = &str> {
    let parameters = template.and_then(|template| template.get("Parameters")).and_then(Value::as_object);
    parameters.into_iter().flatten().filter_map(|(name, parameter)| {
        let silent = parameter.get("NoEcho").is_some_and(|silent| *silent == true || *silent == "true");
        silent.then_some(name.as_str())
    })
}

fn hide(change: &mut PropertyChange) {
    let masked = |value: &mut Value| match value {
        Value::Object(fields) => {
            if let Some(default) = fields.get_mut("Default") {
                *default = "****".into();
            }
        }
        other => *other = "****".into(),
    };
    if change.path.ends_with(".NoEcho") {
        return;
    }
    change.old.iter_mut().chain(&mut change.new).for_each(masked);
    if change.old == change.new {
        change.note = Some(Note::Secret);
    }
}
