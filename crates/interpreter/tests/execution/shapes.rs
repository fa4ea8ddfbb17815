//! Holds a JSON value against a shape of SageMaker's API.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

fn model() -> &'static Value {
    static MODEL: OnceLock<Value> = OnceLock::new();
    MODEL.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/sagemaker.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    })
}

/// Everything about the value that the shape does not allow.
pub(crate) fn misfits(shape: &str, value: &Value) -> Vec<String> {
    let mut misfits = Vec::new();
    walk(shape, value, shape, &mut misfits);
    misfits
}

fn walk(name: &str, value: &Value, path: &str, misfits: &mut Vec<String>) {
    let shape = &model()["shapes"][name];
    let mut wrong = |what: String| misfits.push(format!("{path}: {what}: {value}"));
    let within = |count: usize| {
        let limit = |name: &str| shape[name].as_u64().map(|limit| usize::try_from(limit).unwrap());
        limit("min").is_none_or(|min| count >= min) && limit("max").is_none_or(|max| count <= max)
    };
    match (shape["type"].as_str().unwrap_or_else(|| panic!("no shape {name}")), value) {
        ("structure", Value::Object(members)) => {
            for required in shape["required"].as_array().into_iter().flatten() {
                if members.get(required.as_str().unwrap()).is_none() {
                    wrong(format!("lacks {required}"));
                }
            }
            for (member, value) in members {
                match shape["members"][member].as_str() {
                    Some(shape) => walk(shape, value, &format!("{path}.{member}"), misfits),
                    None => misfits.push(format!("{path}: {member} is no member of {name}")),
                }
            }
        }
        ("list", Value::Array(items)) => {
            // A file holds all pages of a list.
            if !within(items.len()) && name != "PipelineExecutionStepList" {
                wrong(format!("{} items", items.len()));
            }
            for (index, item) in items.iter().enumerate() {
                walk(shape["member"].as_str().unwrap(), item, &format!("{path}[{index}]"), misfits);
            }
        }
        ("map", Value::Object(entries)) => {
            if !within(entries.len()) {
                wrong(format!("{} entries", entries.len()));
            }
            for (key, value) in entries {
                walk(shape["value"].as_str().unwrap(), value, &format!("{path}.{key}"), misfits);
            }
        }
        ("string", Value::String(text)) => {
            if !within(text.chars().count()) {
                wrong(format!("{} characters", text.chars().count()));
            }
            if let Some(known) = shape["enum"].as_array()
                && !known.contains(value)
            {
                wrong(format!("is none of {known:?}"));
            }
            if text.is_empty() && shape["min"].as_u64().unwrap_or(0) > 0 {
                wrong("is empty".to_owned());
            }
            if let Some(pattern) = shape["pattern"].as_str()
                && !matches(pattern, text)
            {
                wrong(format!("does not match {pattern}"));
            }
        }
        ("timestamp", Value::String(text)) => {
            if text.parse::<jiff::Timestamp>().is_err() {
                wrong("is no time".to_owned());
            }
        }
        ("integer" | "long", Value::Number(number)) if number.is_i64() => {
            if shape["min"].as_i64().is_some_and(|min| number.as_i64().unwrap() < min) {
                wrong("is too small".to_owned());
            }
        }
        ("boolean", Value::Bool(_)) => {}
        (kind, _) => wrong(format!("is no {kind}")),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    // The engine knows no escaped slash; all else is the same.
    regex_lite::Regex::new(&format!("^(?s:{})$", pattern.replace("\\/", "/")))
        .unwrap_or_else(|error| panic!("{pattern}: {error}"))
        .is_match(text)
}

#[test]
fn it_finds_what_does_not_fit() {
    let check = |shape: &str, value: Value, expected: usize| {
        let misfits = misfits(shape, &value);
        assert_eq!(misfits.len(), expected, "{value}: {misfits:?}");
    };
    check("PipelineExecutionStep", serde_json::json!({"StepName": "a", "StepStatus": "Succeeded"}), 0);
    check("PipelineExecutionStep", serde_json::json!({"Name": "a", "StepStatus": "Done"}), 2);
    check(
        "PipelineExecutionStep",
        serde_json::json!({"StepName": "a b", "StartTime": "now", "AttemptCount": "1"}),
        3,
    );
    check("SelectiveExecutionConfig", serde_json::json!({"SourcePipelineExecutionArn": "arn"}), 2);
    check(
        "PipelineExecutionStepMetadata",
        serde_json::json!({"Fail": {"ErrorMessage": "x".repeat(3073)}}),
        1,
    );
}
