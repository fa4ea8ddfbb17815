//! What a step says besides its arguments: what it depends on, retries, the cache, property files.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::Span;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::steps::{Found, nested};
use super::{Cache, Dependency, PropertyFile, RetryLimit, RetryPolicy, Step, StepId, Trigger};
use crate::evaluate::path::shown;
use crate::problem::{Problems, shortened};

/// The most retries of a policy.
const MOST_ATTEMPTS: f64 = 20.0;

/// The most that an interval grows by.
const MOST_BACKOFF: f64 = 1_000.0;

/// The most minutes of a policy: ten days.
const MOST_MINUTES: f64 = 14_400.0;

/// The members that [`Step`] has fields for.
const OWN: [&str; 8] =
    ["Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description", "RetryPolicies", "CacheConfig"];

/// The place of an item of a list that a step has.
struct Item<'i>(&'i str, &'i str, usize);

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}[{}]", self.0, self.1, self.2)
    }
}

pub(super) fn step(found: &Found<'_>, names: &HashMap<String, StepId>, problems: &mut Problems) -> Step {
    let mut fields = Fields { members: found.members, place: &found.path, step: found.name, problems };
    let arguments = fields.object("Arguments");
    let display_name = fields.text("DisplayName").map(str::to_owned);
    let description = fields.text("Description").map(str::to_owned);
    let depends_on = depends_on(&mut fields, names);
    let retry = retry(&mut fields, &found.path);
    let cache = cache(&mut fields, &found.path);
    let property_files = property_files(&mut fields, &found.path);
    Step {
        name: found.name.unwrap_or_default().to_owned(),
        kind: found.kind.to_owned(),
        arguments: own_arguments(found.kind, arguments),
        members: own_members(found.members),
        display_name,
        description,
        depends_on,
        reads: Vec::new(),
        parent: found.parent,
        children: found.children.clone(),
        retry,
        cache,
        property_files,
        path: found.path.clone(),
    }
}

/// The arguments without the steps in them.
fn own_arguments(kind: &str, arguments: Option<&Map<String, Value>>) -> Value {
    let Some(arguments) = arguments else {
        return Value::Object(Map::new());
    };
    let nested = nested(kind);
    let own = arguments
        .iter()
        .filter(|(name, _)| nested.iter().all(|(member, _)| name != member))
        .map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(own.collect())
}

fn own_members(members: &Map<String, Value>) -> Map<String, Value> {
    members
        .iter()
        .filter(|(name, value)| !value.is_null() && !OWN.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn depends_on(fields: &mut Fields<'_, '_>, names: &HashMap<String, StepId>) -> Vec<Dependency> {
    let mut dependencies: Vec<Dependency> = Vec::new();
    let mut positions: HashMap<StepId, usize> = HashMap::new();
    for (index, entry) in fields.list("DependsOn").iter().enumerate() {
        let (name, trigger) = match entry {
            Value::String(name) => (name.as_str(), Trigger::default()),
            Value::Object(members) => {
                let Some(name) = members.get("Step").and_then(Value::as_str) else {
                    fields.note(format_args!("DependsOn[{index}].Step"), "it names no step".to_owned(), None);
                    continue;
                };
                (name, trigger(members, index, fields))
            }
            other => {
                let message = format!("a step's name is expected, not {}", shown(other));
                fields.note(format_args!("DependsOn[{index}]"), message, None);
                continue;
            }
        };
        let Some(&step) = names.get(name) else {
            let help = fields.problems.suggest(name, names.keys().map(String::as_str));
            let message = format!("the pipeline has no step {:?}", shortened(name));
            fields.note(format_args!("DependsOn[{index}]"), message, help);
            continue;
        };
        match positions.get(&step).and_then(|position| dependencies.get(*position)) {
            None => {
                positions.insert(step, dependencies.len());
                dependencies.push(Dependency { step, trigger });
            }
            Some(first) if first.trigger == trigger => {}
            Some(first) => {
                let message = format!("it depends on {name:?} by {trigger} and by {}", first.trigger);
                let help = "keep one: Any is for every end".to_owned();
                fields.note(format_args!("DependsOn[{index}]"), message, Some(help));
            }
        }
    }
    dependencies
}

fn trigger(members: &Map<String, Value>, index: usize, fields: &mut Fields<'_, '_>) -> Trigger {
    match members.get("Trigger") {
        None | Some(Value::Null) => Trigger::default(),
        Some(value) => {
            let known = Trigger::ALL.into_iter().find(|known| value.as_str() == Some(known.name()));
            known.unwrap_or_else(|| {
                let help = format!("it is one of {}", Trigger::ALL.map(Trigger::name).join(", "));
                let message = format!("{} is no trigger", shown(value));
                fields.note(format_args!("DependsOn[{index}].Trigger"), message, Some(help));
                Trigger::default()
            })
        }
    }
}

fn retry(fields: &mut Fields<'_, '_>, path: &str) -> Vec<RetryPolicy> {
    let mut policies = Vec::new();
    for (index, policy) in fields.list("RetryPolicies").iter().enumerate() {
        let Value::Object(members) = policy else {
            let message = format!("a retry policy is an object, not {}", shown(policy));
            fields.note(format_args!("RetryPolicies[{index}]"), message, None);
            continue;
        };
        let place = Item(path, "RetryPolicies", index);
        let mut fields = Fields { members, place: &place, step: fields.step, problems: fields.problems };
        let mut exceptions = Vec::new();
        for (index, exception) in fields.list("ExceptionType").iter().enumerate() {
            if let Some(exception) = exception.as_str() {
                exceptions.push(exception.to_owned());
            } else {
                let message = format!("an exception's name is expected, not {}", shown(exception));
                fields.note(format_args!("ExceptionType[{index}]"), message, None);
            }
        }
        if exceptions.is_empty() {
            let help = "write \"ExceptionType\": [\"Step.SERVICE_FAULT\"]".to_owned();
            fields.note_at_whole("the policy is for no exception".to_owned(), Some(help));
        }
        let interval = fields.number("IntervalSeconds", 0.0, MOST_MINUTES * 60.0).unwrap_or(1.0);
        let backoff_rate = fields.number("BackoffRate", 0.0, MOST_BACKOFF).unwrap_or(2.0);
        let attempts = fields.get("MaxAttempts").is_some();
        let minutes = fields.get("ExpireAfterMin").is_some();
        if attempts == minutes {
            let message = "a policy has either MaxAttempts or ExpireAfterMin".to_owned();
            let help = format!("it has {}", if attempts { "both" } else { "neither" });
            fields.note_at_whole(message, Some(help));
        }
        let limit = if minutes {
            fields.number("ExpireAfterMin", 0.0, MOST_MINUTES).map(RetryLimit::ExpireAfter)
        } else {
            whole(&mut fields, "MaxAttempts", MOST_ATTEMPTS).map(RetryLimit::MaxAttempts)
        };
        let limit = limit.unwrap_or(RetryLimit::MaxAttempts(0));
        policies.push(RetryPolicy { exceptions, interval, backoff_rate, limit });
    }
    policies
}

fn whole(fields: &mut Fields<'_, '_>, name: &str, most: f64) -> Option<u32> {
    fields.number(name, 1.0, most)?;
    let whole = fields.get(name).and_then(Value::as_u64).and_then(|whole| u32::try_from(whole).ok());
    if whole.is_none() {
        fields.note(name, "a whole number is expected".to_owned(), None);
    }
    whole
}

fn cache(fields: &mut Fields<'_, '_>, path: &str) -> Option<Cache> {
    let members = fields.object("CacheConfig")?;
    let place = format!("{path}.CacheConfig");
    let mut fields = Fields { members, place: &place, step: fields.step, problems: fields.problems };
    let enabled = fields.boolean("Enabled").unwrap_or(false);
    let expire_after = fields.text("ExpireAfter").and_then(|text| {
        let span = text.parse::<Span>().ok().filter(|span| !span.is_negative() && !span.is_zero());
        if span.is_none() {
            let message = format!("{:?} is no duration", shortened(text));
            let help = "write an ISO 8601 duration such as P30D or PT12H, or a short one such as 30d";
            fields.note("ExpireAfter", message, Some(help.to_owned()));
        }
        span
    });
    Some(Cache { enabled, expire_after })
}

fn property_files(fields: &mut Fields<'_, '_>, path: &str) -> Vec<PropertyFile> {
    let mut files = Vec::new();
    let mut names = HashSet::new();
    for (index, file) in fields.list("PropertyFiles").iter().enumerate() {
        let Value::Object(members) = file else {
            let message = format!("a property file is an object, not {}", shown(file));
            fields.note(format_args!("PropertyFiles[{index}]"), message, None);
            continue;
        };
        let place = Item(path, "PropertyFiles", index);
        let mut fields = Fields { members, place: &place, step: fields.step, problems: fields.problems };
        let name = fields.required("PropertyFileName");
        let output = fields.required("OutputName");
        let path = fields.required("FilePath");
        if let Some(path) = path
            && let Some(reason) = leaves(path)
        {
            let help = "write a path below the output, such as evaluation.json".to_owned();
            fields.note("FilePath", format!("{:?} {reason}", shortened(path)), Some(help));
        }
        if let Some(name) = name.filter(|name| !names.insert(*name)) {
            let message = format!("two property files are named {:?}", shortened(name));
            fields.note("PropertyFileName", message, None);
        }
        if let (Some(name), Some(output), Some(path)) = (name, output, path) {
            files.push(PropertyFile {
                name: name.to_owned(),
                output: output.to_owned(),
                path: path.to_owned(),
            });
        }
    }
    files
}

/// Why a path is not one below its folder.
fn leaves(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        Some("is empty")
    } else if path.starts_with('/') {
        Some("is absolute")
    } else if path.contains(['\\', '\0']) {
        Some("has a character that a path can't have")
    } else if path.split('/').any(|part| part == "..") {
        Some("leaves the output")
    } else if path.ends_with('/') || path.split('/').all(|part| matches!(part, "" | ".")) {
        Some("names no file")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, expected) in [
            ("evaluation.json", None),
            ("./a/b..c/d.json", None),
            ("..a", None),
            ("", Some("is empty")),
            ("/etc/passwd", Some("is absolute")),
            ("a/../../b", Some("leaves the output")),
            ("..", Some("leaves the output")),
            ("a\\b", Some("has a character that a path can't have")),
            (".", Some("names no file")),
            ("a/", Some("names no file")),
        ] {
            assert_eq!(leaves(path), expected, "{path}");
        }
    }
}
