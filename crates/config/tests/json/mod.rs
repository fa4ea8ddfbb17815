//! JSON as TOML, for tests whose cases are JSON.

use serde_json::Value as Json;

/// A JSON object as TOML: JSON's texts and numbers are TOML's.
pub(crate) fn toml(value: &Json) -> String {
    let Json::Object(entries) = value else { return String::new() };
    let lines =
        entries.iter().map(|(key, value)| format!("{} = {}", Json::from(key.as_str()), inline(value)));
    lines.collect::<Vec<_>>().join("\n")
}

fn inline(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let entry =
                |(key, value): (&String, &Json)| format!("{} = {}", Json::from(key.as_str()), inline(value));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
