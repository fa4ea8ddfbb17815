//! Steps by name, those inside of others included.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::change::{PropertyChange, Sign};
use crate::definition::{Reordered, StepChange};
use crate::path::Path;
use crate::values;

/// The arguments of a condition that hold steps.
const BRANCHES: [&str; 2] = ["IfSteps", "ElseSteps"];

/// Steps nested deeper stay part of their step's arguments.
const DEPTH: usize = 64;

/// A step of a definition.
struct Step<'a> {
    name: String,
    branch: String,
    value: &'a Value,
    /// Whether the steps inside of it are steps of their own.
    open: bool,
}

/// What differs between two lists of steps.
pub(crate) fn compare(old: Option<&Value>, new: Option<&Value>) -> (Vec<StepChange>, Vec<Reordered>) {
    let (before, after) = (all(old), all(new));
    let old_by_name: HashMap<&str, &Step<'_>> =
        before.iter().map(|step| (step.name.as_str(), step)).collect();
    let new_by_name: HashMap<&str, &Step<'_>> = after.iter().map(|step| (step.name.as_str(), step)).collect();
    let mut changes = Vec::new();
    for step in before.iter().filter(|step| !new_by_name.contains_key(step.name.as_str())) {
        changes.push(change(step, Sign::Removed));
    }
    for step in &after {
        let Some(was) = old_by_name.get(step.name.as_str()) else {
            changes.push(change(step, Sign::Added));
            continue;
        };
        let mut change = change(step, Sign::Changed);
        change.moved_from = (was.branch != step.branch).then(|| was.branch.clone());
        change.changes = differences(was, step);
        if change.moved_from.is_some() || !change.changes.is_empty() {
            changes.push(change);
        }
    }
    hint_renames(&mut changes, &old_by_name, &new_by_name);
    let reordered = reordered(&before, &after, &old_by_name, &new_by_name);
    // Where there is no list of steps, what stands there is compared as it is.
    if [old, new].iter().flatten().any(|steps| !steps.is_array()) {
        changes.push(StepChange {
            name: "Steps".to_owned(),
            kind: String::new(),
            sign: Sign::Changed,
            branch: String::new(),
            moved_from: None,
            renamed: None,
            changes: values::compare(Path::of("Steps"), old, new),
        });
        changes.retain(|change| change.sign != Sign::Changed || !change.changes.is_empty());
    }
    (changes, reordered)
}

fn all(steps: Option<&Value>) -> Vec<Step<'_>> {
    let mut out = Vec::new();
    let mut seen = HashMap::new();
    if let Some(Value::Array(steps)) = steps {
        flatten(steps, "", 0, &mut seen, &mut out);
    }
    out
}

fn flatten<'a>(
    steps: &'a [Value],
    branch: &str,
    depth: usize,
    seen: &mut HashMap<String, usize>,
    out: &mut Vec<Step<'a>>,
) {
    for (position, value) in steps.iter().enumerate() {
        let mut name = match value.get("Name") {
            Some(Value::String(name)) => name.clone(),
            _ => format!("#{position}"),
        };
        // Names are unique in what SageMaker takes.
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name} ({count})");
        }
        let open = depth < DEPTH;
        out.push(Step { name: name.clone(), branch: branch.to_owned(), value, open });
        if open {
            for key in BRANCHES {
                if let Some(Value::Array(inner)) =
                    value.get("Arguments").and_then(|arguments| arguments.get(key))
                {
                    flatten(inner, &format!("{name}/{key}"), depth + 1, seen, out);
                }
            }
        }
    }
}

fn change(step: &Step<'_>, sign: Sign) -> StepChange {
    StepChange {
        name: step.name.clone(),
        kind: step.value.get("Type").and_then(Value::as_str).unwrap_or_default().to_owned(),
        sign,
        branch: step.branch.clone(),
        moved_from: None,
        renamed: None,
        changes: Vec::new(),
    }
}

fn differences(old: &Step<'_>, new: &Step<'_>) -> Vec<PropertyChange> {
    let [Value::Object(before), Value::Object(after)] = [old.value, new.value] else {
        return values::compare(Path::default(), Some(old.value), Some(new.value));
    };
    let mut changes = values::compare_but(&Path::default(), Some(before), Some(after), &["Arguments"]);
    let arguments = Path::of("Arguments");
    match [before, after].map(|step| step.get("Arguments")) {
        [Some(Value::Object(a)), Some(Value::Object(b))] => {
            let but: Vec<&str> =
                BRANCHES.into_iter().filter(|key| old.open && new.open && both_lists(a, b, key)).collect();
            changes.extend(values::compare_but(&arguments, Some(a), Some(b), &but));
        }
        [a, b] => changes.extend(values::compare(arguments, a, b)),
    }
    changes
}

/// Whether what stands there is compared step by step: lists, or a list with steps in it on one side and nothing on the other.
fn both_lists(old: &Map<String, Value>, new: &Map<String, Value>, key: &str) -> bool {
    match (old.get(key), new.get(key)) {
        (Some(Value::Array(_)), Some(Value::Array(_))) => true,
        (Some(Value::Array(steps)), None) | (None, Some(Value::Array(steps))) => !steps.is_empty(),
        _ => false,
    }
}

fn hint_renames(changes: &mut [StepChange], old: &HashMap<&str, &Step<'_>>, new: &HashMap<&str, &Step<'_>>) {
    let mut sides: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
    for (position, change) in changes.iter().enumerate() {
        let (side, steps) = match change.sign {
            Sign::Removed => (0, old),
            Sign::Added => (1, new),
            Sign::Changed => continue,
        };
        if let Some(Value::Object(fields)) = steps.get(change.name.as_str()).map(|step| step.value) {
            let mut content = fields.clone();
            content.remove("Name");
            let mut content = Value::Object(content);
            content.sort_all_objects();
            sides.entry(content.to_string()).or_default()[side].push(position);
        }
    }
    for sides in sides.values() {
        if let [[gone], [come]] = sides.each_ref().map(Vec::as_slice) {
            changes[*gone].renamed = Some(changes[*come].name.clone());
            changes[*come].renamed = Some(changes[*gone].name.clone());
        }
    }
}

/// By list, the steps that stayed in it, where they stand in another order.
fn reordered(
    before: &[Step<'_>],
    after: &[Step<'_>],
    old: &HashMap<&str, &Step<'_>>,
    new: &HashMap<&str, &Step<'_>>,
) -> Vec<Reordered> {
    let stayed = |step: &&Step<'_>| {
        let branch =
            |steps: &HashMap<&str, &Step<'_>>| steps.get(step.name.as_str()).map(|step| step.branch.clone());
        branch(old) == branch(new)
    };
    let mut lists: BTreeMap<&str, [Vec<String>; 2]> = BTreeMap::new();
    for (side, steps) in [before, after].into_iter().enumerate() {
        for step in steps.iter().filter(stayed) {
            lists.entry(&step.branch).or_default()[side].push(step.name.clone());
        }
    }
    lists
        .into_iter()
        .filter(|(_, [old, new])| old != new)
        .map(|(branch, [old, new])| Reordered { branch: branch.to_owned(), old, new })
        .collect()
}
