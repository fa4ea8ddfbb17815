//! What `Describe…` says of a job.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// A request's members as a description has them: all but those that only the request has, and those that are `null`.
pub(crate) fn of_request(arguments: &Value, only_in_request: &[&str]) -> Map<String, Value> {
    let members = arguments.as_object().into_iter().flatten();
    members
        .filter(|(name, value)| !value.is_null() && !only_in_request.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A time as descriptions show it: to the millisecond.
pub(crate) fn time(time: Timestamp) -> Value {
    Value::from(format!("{time:.3}"))
}

/// Whole seconds between two times, at least one: nobody is billed for less.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(1)
}
