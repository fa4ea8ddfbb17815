//! The result of a stand-in, judged: output parameters of the right names and types, or properties.

use pipewright_interpreter::{Job, Success};
use serde_json::{Map, Value, json};

use super::{plain, short};

/// The most characters of an output parameter's value.
const LONGEST: usize = 1024;

/// The step's result, of what its stand-in said.
///
/// # Errors
/// Output parameters that are missing or of another type, all of them.
pub(super) fn success(job: &Job, result: Map<String, Value>) -> Result<Success, String> {
    if !matches!(job.kind.as_str(), "Lambda" | "Callback") {
        return Ok(plain(result));
    }
    let declared = job.members.get("OutputParameters").and_then(Value::as_array);
    let mut parameters = Map::new();
    let mut problems = Vec::new();
    for parameter in declared.into_iter().flatten() {
        let member = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, kind) = (member("OutputName"), member("OutputType"));
        match result.get(name) {
            None | Some(Value::Null) => {
                problems.push(format!("output parameter `{name}` ({kind}) is missing"));
            }
            Some(value) => match fitting(value, kind) {
                Ok(value) => drop(parameters.insert(name.to_owned(), value)),
                Err(problem) => problems.push(format!("output parameter `{name}`: {problem}")),
            },
        }
    }
    if !problems.is_empty() {
        let there = result.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(format!(
            "{}; the result has {}",
            problems.join("; "),
            if there.is_empty() { "nothing" } else { &there }
        ));
    }
    let texts: Vec<_> =
        parameters.iter().map(|(name, value)| json!({"Name": name, "Value": text(value)})).collect();
    let metadata = (job.kind == "Callback").then(|| {
        let queue = job.members.get("SqsQueueUrl").cloned().unwrap_or_default();
        json!({"Callback": {"CallbackToken": token(job), "SqsQueueUrl": queue, "OutputParameters": texts}})
    });
    Ok(Success { properties: json!({"OutputParameters": parameters}), metadata })
}

/// The value, if it is of the declared type. A number or a boolean may come as its text, as everything does in an API's answer.
fn fitting(value: &Value, kind: &str) -> Result<Value, String> {
    let given = text(value);
    let read = || serde_json::from_str::<Value>(given.trim()).ok();
    let found = match kind {
        "Integer" => read().filter(|value| value.is_i64() || value.is_u64()),
        "Float" => read().filter(Value::is_number),
        "Boolean" => {
            read().or_else(|| serde_json::from_str(&given.to_lowercase()).ok()).filter(Value::is_boolean)
        }
        // A text, whatever it was.
        _ => Some(Value::String(given.clone())),
    };
    let found = found.ok_or_else(|| format!("{} is no {kind}", short(value)))?;
    let length = given.chars().count();
    if length > LONGEST {
        return Err(format!("{length} characters; the limit is {LONGEST}"));
    }
    Ok(found)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The token of a callback step: ten letters and digits that follow from the job.
pub(super) fn token(job: &Job) -> String {
    job.name.chars().rev().filter(char::is_ascii_alphanumeric).take(10).collect()
}
