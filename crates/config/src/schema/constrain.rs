//! What constraints add to a schema.

use serde_json::{Value as Json, json};

use super::{Schema, byte_size, digits, duration};
use crate::constraint::{Choice, Constraints, Number};

/// Whether what constraints mean depends on the kind of schema, so that a reference to one has to be followed.
pub(super) fn needs_structure(constraints: &Constraints) -> bool {
    let Constraints { min_length, max_length, items, keys, values, .. } = constraints;
    let bounds = [constraints.ge, constraints.gt, constraints.le, constraints.lt];
    min_length.is_some()
        || max_length.is_some()
        || items.is_some()
        || keys.is_some()
        || values.is_some()
        || bounds.iter().any(Option::is_some)
}

/// Adds constraints.
pub(super) fn constrain(schema: &mut Schema, constraints: &Constraints) {
    let numbers = [
        ("minimum", constraints.ge),
        ("exclusiveMinimum", constraints.gt),
        ("maximum", constraints.le),
        ("exclusiveMaximum", constraints.lt),
        ("multipleOf", constraints.multiple_of),
    ];
    for (key, number) in numbers {
        if let Some(number) = number {
            also(schema, key, number.json());
        }
    }
    let (min, max) = match schema["type"].as_str() {
        Some("array") => ("minItems", "maxItems"),
        Some("object") => ("minProperties", "maxProperties"),
        _ => ("minLength", "maxLength"),
    };
    for (key, length) in [(min, constraints.min_length), (max, constraints.max_length)] {
        if let Some(length) = length {
            also(schema, key, length.into());
        }
    }
    if let Some(pattern) = constraints.pattern {
        also(schema, "pattern", pattern.as_str().into());
    }
    if !constraints.choices.is_empty() {
        let choice = |choice: &Choice| match choice {
            Choice::Text(text) => Json::from(*text),
            Choice::Number(number) => number.json(),
        };
        also(schema, "enum", constraints.choices.iter().map(choice).collect());
    }
    if constraints.unique_items {
        schema["uniqueItems"] = true.into();
    }
    for (key, inner) in [("items", constraints.items), ("additionalProperties", constraints.values)] {
        if let (Some(inner), Some(schema)) = (inner, schema.get_mut(key)) {
            constrain(schema, inner);
        }
    }
    if let Some(keys) = constraints.keys {
        let mut names = schema.get("propertyNames").cloned().unwrap_or_else(|| json!({ "type": "string" }));
        constrain_key(&mut names, keys);
        schema["propertyNames"] = names;
    }
    if let Some(pattern) = duration::pattern(constraints)
        && let Some(text) = duration::text_branch(schema)
    {
        also(text, "pattern", pattern.into());
    }
    let (least, most) = whole_bounds(constraints);
    if (least.is_some() || most.is_some())
        && let Some(text) = byte_size::text_branch(schema)
    {
        let bound = |bound: i128| u64::try_from(bound.max(0)).unwrap_or(u64::MAX);
        let pattern = match most {
            // Nothing is less than no bytes.
            Some(most) if most < 0 => byte_size::pattern_between(1, 0),
            most => byte_size::pattern_between(least.map_or(0, bound), most.map_or(u64::MAX, bound)),
        };
        also(text, "pattern", pattern.into());
    }
}

/// Adds constraints to a key, which is a text also where it stands for a number.
pub(super) fn constrain_key(schema: &mut Schema, constraints: &Constraints) {
    // What stands for a number has a pattern of its own.
    let is_number = schema["type"] == "string";
    let (least, most) = whole_bounds(constraints);
    if is_number && (least.is_some() || most.is_some()) {
        let pattern = digits::pattern(least.unwrap_or(i128::MIN), most.unwrap_or(i128::MAX));
        also(schema, "pattern", pattern.into());
    }
    let spelt = |choice: &Choice| match choice {
        Choice::Text(text) => (*text).to_owned(),
        Choice::Number(number) => number.to_string(),
    };
    if !constraints.choices.is_empty() {
        also(schema, "enum", constraints.choices.iter().map(spelt).collect());
    }
    let rest = Constraints { choices: &[], ..*constraints };
    let without_bounds = Constraints { ge: None, gt: None, le: None, lt: None, multiple_of: None, ..rest };
    constrain(schema, if is_number { &without_bounds } else { &rest });
}

/// The least and the greatest whole number within the bounds.
fn whole_bounds(constraints: &Constraints) -> (Option<i128>, Option<i128>) {
    #[expect(clippy::cast_possible_truncation, reason = "beyond the limits of i128 the nearest is meant")]
    let (up, down) = (|n: f64| n.ceil() as i128, |n: f64| n.floor() as i128);
    let least = |bound: Option<Number>, strict: bool| match bound? {
        Number::Integer(n) | Number::Nanoseconds(n) => Some(n.saturating_add(strict.into())),
        Number::Bytes(n) => Some(i128::from(n) + i128::from(strict)),
        Number::Float(n) => Some(if strict { down(n).saturating_add(1) } else { up(n) }),
    };
    let most = |bound: Option<Number>, strict: bool| match bound? {
        Number::Integer(n) | Number::Nanoseconds(n) => Some(n.saturating_sub(strict.into())),
        Number::Bytes(n) => Some(i128::from(n) - i128::from(strict)),
        Number::Float(n) => Some(if strict { up(n).saturating_sub(1) } else { down(n) }),
    };
    let Constraints { ge, gt, le, lt, .. } = *constraints;
    (least(ge, false).max(least(gt, true)), most(le, false).into_iter().chain(most(lt, true)).min())
}

/// Adds a keyword; beside one that is there already, both have to hold.
fn also(schema: &mut Schema, key: &str, value: Json) {
    let there = match schema.get(key) {
        None => {
            schema[key] = value;
            return;
        }
        Some(there) if *there == value => return,
        Some(there) => there,
    };
    let is_tighter = match key {
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            order(&value, there) == std::cmp::Ordering::Greater
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            order(&value, there) == std::cmp::Ordering::Less
        }
        _ => {
            let rule = json!({ key: value });
            match schema.get_mut("allOf").and_then(Json::as_array_mut) {
                Some(rules) => rules.push(rule),
                None => schema["allOf"] = json!([rule]),
            }
            return;
        }
    };
    if is_tighter {
        schema[key] = value;
    }
}

/// Compares two numbers, exactly where both are whole.
fn order(a: &Json, b: &Json) -> std::cmp::Ordering {
    let whole = |n: &Json| n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
    }
}
