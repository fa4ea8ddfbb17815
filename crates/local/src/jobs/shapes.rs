//! Holds a job's properties against the shape of its description in `models/sagemaker.json`.

use serde_json::{Map, Value};

/// All problems of a value that should have the shape.
pub(crate) fn problems(shape: &str, value: &Value) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/sagemaker.json");
    let models: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut problems = Vec::new();
    check(models["shapes"].as_object().unwrap(), shape, value, shape, &mut problems);
    problems
}

fn check(shapes: &Map<String, Value>, name: &str, value: &Value, path: &str, problems: &mut Vec<String>) {
    let Some(shape) = shapes.get(name) else {
        // Shapes that nothing else refers to are not in the file.
        return;
    };
    let right = match shape["type"].as_str().unwrap() {
        "structure" => {
            for required in shape["required"].as_array().into_iter().flatten() {
                if value.get(required.as_str().unwrap()).is_none() {
                    problems.push(format!("{path}: {required} is missing"));
                }
            }
            for (member, value) in value.as_object().into_iter().flatten() {
                match shape["members"].get(member) {
                    Some(of) => {
                        check(shapes, of.as_str().unwrap(), value, &format!("{path}.{member}"), problems);
                    }
                    None => problems.push(format!("{path}: {member} is no member")),
                }
            }
            value.is_object()
        }
        "list" => {
            for element in value.as_array().into_iter().flatten() {
                check(
                    shapes,
                    shape["member"].as_str().unwrap_or_default(),
                    element,
                    &format!("{path}[]"),
                    problems,
                );
            }
            value.is_array()
        }
        "map" => value.is_object(),
        "string" => {
            let known = shape["enum"].as_array();
            value.is_string() && known.is_none_or(|known| known.contains(value))
        }
        "timestamp" => value.as_str().is_some_and(|time| time.parse::<jiff::Timestamp>().is_ok()),
        "integer" | "long" => value.is_i64() || value.is_u64(),
        "float" | "double" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("{name}: {other}"),
    };
    if !right {
        problems.push(format!("{path}: {value} is no {name}"));
    }
}
