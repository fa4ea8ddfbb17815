//! Whether two definitions mean the same.
//!
//! Deliberately different, and so made alike on both sides: null members and an empty `Metadata`,
//! `AppManaged: false` (the service's default), the way a join is nested, the keys of code in the
//! source bucket (ours go by content, some of the SDK's by time), the default destination of a
//! processing output, roles (ours are one for each pipeline), and the order of lists whose members
//! have names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const SOURCES: &str = "dsm-sm-sources";
const DATA: &str = "dsm-sm-data";
const NAMES: [&str; 8] = [
    "Name",
    "InputName",
    "OutputName",
    "ChannelName",
    "PropertyFileName",
    "ParameterName",
    "Key",
    "ActionName",
];

/// The differences, one line each: path, expected, actual. `pipeline` is the name in both.
pub(crate) fn differences(pipeline: &str, expected: &Value, actual: &Value) -> Vec<String> {
    let canon = Canon { pipeline };
    let mut rows = Vec::new();
    compare(&canon.value(expected, ""), &canon.value(actual, ""), "", &mut rows);
    rows
}

fn compare(expected: &Value, actual: &Value, path: &str, rows: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = format!("{path}/{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => compare(a, b, &path, rows),
                    (a, b) => rows.push(format!("{path}: expected {}, actual {}", shown(a), shown(b))),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, &format!("{path}/{index}"), rows);
            }
        }
        (a, b) if a != b => rows.push(format!("{path}: expected {a}, actual {b}")),
        _ => {}
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "(absent)".to_owned(), ToString::to_string)
}

struct Canon<'a> {
    pipeline: &'a str,
}

impl Canon<'_> {
    fn value(&self, value: &Value, key: &str) -> Value {
        match value {
            Value::Object(map) if map.len() == 1 && map.contains_key("Std:Join") => self.join(value),
            Value::Object(map) => Value::Object(self.object(map)),
            Value::Array(list) => self.list(list, key),
            Value::String(text) => Value::String(string(text)),
            Value::Number(number) => whole(number.as_f64()).unwrap_or_else(|| value.clone()),
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn object(&self, map: &Map<String, Value>) -> Map<String, Value> {
        let kept = map.iter().filter(|(key, value)| {
            !(value.is_null()
                || (*key == "AppManaged" && **value == Value::Bool(false))
                || (*key == "Metadata" && **value == json!({})))
        });
        kept.map(|(key, value)| (key.clone(), self.value(value, key))).collect()
    }

    fn list(&self, list: &[Value], key: &str) -> Value {
        let mut items: Vec<Value> = list.iter().map(|item| self.value(item, "")).collect();
        if key == "DependsOn" {
            items.sort_by_key(ToString::to_string);
            return Value::Array(items);
        }
        for name in NAMES {
            let named: Option<BTreeMap<String, Value>> = items
                .iter()
                .map(|item| Some((format!("[{}]", item.get(name)?.as_str()?), item.clone())))
                .collect();
            if let Some(named) = named.filter(|named| !named.is_empty() && named.len() == items.len()) {
                return Value::Object(named.into_iter().collect());
            }
        }
        Value::Array(items)
    }

    fn join(&self, value: &Value) -> Value {
        let mut parts = Vec::new();
        flatten(value, &mut parts);
        let text: String =
            parts.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
        for bucket in [SOURCES, DATA] {
            let run =
                format!(r#"s3://{bucket}/{}/{{"Get":"Execution.PipelineExecutionId"}}/"#, self.pipeline);
            if let Some([step, "output", name]) =
                text.strip_prefix(&run).map(|rest| rest.split('/').collect::<Vec<_>>()).as_deref()
            {
                return Value::String(format!("<output>/{step}/{name}"));
            }
        }
        match parts.as_slice() {
            [one] => self.value(one, ""),
            parts => {
                let parts = parts.iter().map(|p| if p.is_string() { p.clone() } else { self.value(p, "") });
                json!({ "Join": parts.collect::<Vec<_>>() })
            }
        }
    }
}

fn flatten(value: &Value, parts: &mut Vec<Value>) {
    if let Some(join) = value.get("Std:Join") {
        let on = join["On"].as_str().unwrap_or_default();
        for (index, item) in join["Values"].as_array().into_iter().flatten().enumerate() {
            if index > 0 {
                push(parts, on);
            }
            flatten(item, parts);
        }
    } else if value.is_object() {
        parts.push(value.clone());
    } else {
        push(parts, value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str());
    }
}

fn push(parts: &mut Vec<Value>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Value::String(last)) => last.push_str(text),
        _ => parts.push(Value::String(text.to_owned())),
    }
}

fn string(text: &str) -> String {
    // A hyperparameter of script mode: JSON.
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return format!("\"{}\"", string(inner));
    }
    if text.starts_with("arn:") && text.contains(":role/") {
        return "<role>".to_owned();
    }
    match text.strip_prefix("s3://").and_then(|rest| rest.strip_prefix(SOURCES)) {
        Some(key) if key.starts_with('/') => {
            let file = key.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            format!("<code>/{}", without_time(file))
        }
        _ => text.to_owned(),
    }
}

/// A name without the time at its end, `-2026-11-22-17-58-13-712`, that the SDK gives to some folders.
fn without_time(name: &str) -> &str {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    if name[bare.len()..].bytes().filter(|byte| *byte == b'-').count() == 7 { bare } else { name }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn whole(number: Option<f64>) -> Option<Value> {
    number.filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| json!(n as i64))
}
