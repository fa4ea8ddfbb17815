//! Values that a start gives to a pipeline's parameters, held against what the pipeline declares.

use std::collections::BTreeMap;

use pipewright_model::Problem;
use pipewright_model::protocol::ParameterAnswer;
use serde_json::Value as Json;

use crate::pipelines::PipelineInput;

/// How many parameters a start may give.
const COUNT_LIMIT: usize = 200;

/// The longest value, in characters.
const VALUE_LIMIT: usize = 1024;

/// The value as it is handed over: always text.
pub(super) fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is wrong with the values below `path`. Those of an event may be paths into it.
pub(super) fn problems(
    input: &PipelineInput<'_>,
    path: &str,
    given: &BTreeMap<String, Json>,
    is_event: bool,
    problems: &mut Vec<Problem>,
) {
    let pipeline = input.name;
    if given.len() > COUNT_LIMIT {
        problems.push(
            Problem::error("starts/parameter", format!("{path}.parameters"), "too many parameters are given")
                .value(given.len().to_string())
                .limit(format!("{COUNT_LIMIT} parameters")),
        );
    }
    for (name, value) in given {
        let path = format!("{path}.parameters.{name}");
        let Some(declared) = input.parameters.iter().find(|declared| declared.name == *name) else {
            let message = format!("pipeline {pipeline:?} has no parameter {name:?}");
            problems
                .push(Problem::error("starts/parameter", path, message).help(help(name, input.parameters)));
            continue;
        };
        if is_event && value.as_str().is_some_and(|text| text.starts_with('$')) {
            continue;
        }
        if let Some(limit) = limit(declared, value) {
            let message = format!("parameter {name:?} of pipeline {pipeline:?} can't be {value}");
            problems.push(
                Problem::error("starts/parameter", path, message).value(value.to_string()).limit(limit),
            );
        }
    }
    for declared in input.parameters {
        if declared.default.is_none() && !given.contains_key(&declared.name) {
            let message = format!(
                "parameter {:?} of pipeline {pipeline:?} has no default and is not given",
                declared.name
            );
            problems.push(
                Problem::error("starts/parameter", format!("{path}.parameters"), message)
                    .help(format!("add parameters.{} = …, or give it a default", declared.name)),
            );
        }
    }
}

/// What the parameter takes, where the value is nothing of it.
fn limit(declared: &ParameterAnswer, value: &Json) -> Option<String> {
    let fits = match (declared.kind.as_str(), value) {
        ("Integer", Json::Number(number)) => number.is_i64(),
        ("Float", Json::Number(_)) | ("Boolean", Json::Bool(_)) => true,
        ("Integer" | "Float" | "Boolean", _) => false,
        (_, value) => value.is_string(),
    };
    if !fits {
        return Some(
            match declared.kind.as_str() {
                "Integer" => "an integer",
                "Float" => "a number",
                "Boolean" => "true or false",
                _ => "text",
            }
            .to_owned(),
        );
    }
    let text = text(value);
    if !declared.choices.is_empty() && !declared.choices.contains(&text) {
        return Some(format!("one of {}", declared.choices.join(", ")));
    }
    (text.is_empty() || text.chars().count() > VALUE_LIMIT).then(|| format!("1 to {VALUE_LIMIT} characters"))
}

fn help(name: &str, declared: &[ParameterAnswer]) -> String {
    let close = |known: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
    let similar = declared
        .iter()
        .map(|parameter| (close(&parameter.name), parameter.name.as_str()))
        .filter(|(distance, known)| *distance <= (known.len().max(name.len()) / 3).max(1))
        .min();
    let all: Vec<&str> = declared.iter().map(|parameter| parameter.name.as_str()).collect();
    match similar {
        Some((_, similar)) => format!("did you mean {similar:?}? there are: {}", all.join(", ")),
        None if all.is_empty() => "it has no parameters".to_owned(),
        None => format!("there are: {}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(kind: &str, choices: &[&str], value: &Json, expected: Option<&str>) {
        let declared = ParameterAnswer {
            name: "P".into(),
            kind: kind.into(),
            default: None,
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
            description: String::new(),
        };
        assert_eq!(limit(&declared, value).as_deref(), expected);
    }

    #[test]
    fn a_value_is_what_its_parameter_takes() {
        check("String", &[], &json!("a"), None);
        check("String", &[], &json!(1), Some("text"));
        check("String", &[], &json!(""), Some("1 to 1024 characters"));
        check("String", &["a", "b"], &json!("b"), None);
        check("String", &["a", "b"], &json!("c"), Some("one of a, b"));
        check("Integer", &[], &json!(-3), None);
        check("Integer", &[], &json!(3.5), Some("an integer"));
        check("Integer", &[], &json!("3"), Some("an integer"));
        check("Float", &[], &json!(3), None);
        check("Float", &[], &json!(3.5), None);
        check("Float", &[], &json!(true), Some("a number"));
        check("Boolean", &[], &json!(true), None);
        check("Boolean", &[], &json!("true"), Some("true or false"));
        check("String", &[], &json!("x".repeat(1025)), Some("1 to 1024 characters"));
    }

    #[test]
    fn values_are_handed_over_as_text() {
        for (value, expected) in
            [(json!("a"), "a"), (json!(3), "3"), (json!(0.5), "0.5"), (json!(true), "true")]
        {
            assert_eq!(text(&value), expected);
        }
    }
}
