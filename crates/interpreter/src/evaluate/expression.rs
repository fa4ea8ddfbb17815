//! What an expression says, before anybody asks for its value.

use serde_json::{Map, Value};

use super::path::shown;
use crate::problem::{shortened, similar};

/// An object that stands for a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expression<'e> {
    /// `{"Get": "…"}`.
    Get(&'e str),
    /// `{"Std:Join": {"On": "…", "Values": […]}}`.
    Join { on: &'e str, values: &'e [Value] },
    /// `{"Std:JsonGet": {…, "Path": "…"}}`.
    JsonGet { document: Document<'e>, path: &'e str },
}

/// Where a `JsonGet` reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Document<'e> {
    /// A property file: `Steps.NAME.PropertyFiles.FILE`.
    PropertyFile { step: &'e str, name: &'e str },
    /// An object of S3: an expression of its URI.
    S3Uri(&'e Value),
}

/// Why an object that looks like an expression is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Where in the object, such as `Std:Join.On`.
    pub(crate) place: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<&'static str>,
}

/// What a `Get` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'e> {
    /// `Parameters.NAME`.
    Parameter(&'e str),
    /// `Execution.VARIABLE`.
    Execution(&'e str),
    /// `PipelineExperimentConfig.MEMBER`.
    Experiment(&'e str),
    /// `Steps.NAME.PATH`.
    Property { step: &'e str, path: &'e str },
    /// `ForEach.CurrentItem`, and a path into it.
    Item { path: &'e str },
    /// `IterationOutput.BODY.PATH`, in a loop's selector; once spelt `ChildOutput`.
    Iteration { step: &'e str, path: &'e str },
}

/// The variables of an execution.
pub(crate) const EXECUTION_VARIABLES: [&str; 8] = [
    "StartDateTime",
    "CurrentDateTime",
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
];

const GET: &str = "Get";
const JOIN: &str = "Std:Join";
const JSON_GET: &str = "Std:JsonGet";
const ROOTS: [&str; 6] =
    ["Parameters", "Execution", "Steps", "PipelineExperimentConfig", "ForEach", "IterationOutput"];

/// The expression that an object is; `None` where it is a plain object.
pub(crate) fn expression(members: &Map<String, Value>) -> Option<Result<Expression<'_>, Malformed>> {
    let (name, value) = members.iter().next()?;
    if members.len() == 1 {
        match name.as_str() {
            GET => Some(text(value, GET).map(Expression::Get)),
            JOIN => Some(join(value)),
            JSON_GET => Some(json_get(value)),
            other => other.starts_with("Std:").then(|| Err(unknown_function(other))),
        }
    } else {
        let function = members.keys().find(|name| name.starts_with("Std:"))?;
        Some(Err(Malformed {
            place: "",
            message: format!("{:?} stands beside other members", shortened(function)),
            help: Some("an expression is an object of one member"),
        }))
    }
}

/// What a `Get` names.
pub(crate) fn reference(text: &str) -> Result<Reference<'_>, String> {
    let (root, rest) = text.split_once('.').unwrap_or((text, ""));
    let needs =
        |what: &str| format!("{:?} names no {what}: write {root}.{}", shortened(text), what.to_uppercase());
    match root {
        "Parameters" if rest.is_empty() => Err(needs("parameter")),
        "Parameters" => Ok(Reference::Parameter(rest)),
        "Execution" if rest.is_empty() => Err(needs("variable")),
        "Execution" => Ok(Reference::Execution(rest)),
        "PipelineExperimentConfig" if rest.is_empty() => Err(needs("member")),
        "PipelineExperimentConfig" => Ok(Reference::Experiment(rest)),
        "Steps" => step_and_path(text, rest).map(|(step, path)| Reference::Property { step, path }),
        "IterationOutput" | "ChildOutput" => {
            step_and_path(text, rest).map(|(step, path)| Reference::Iteration { step, path })
        }
        "ForEach" => match rest.strip_prefix("CurrentItem") {
            Some(path) if path.is_empty() || path.starts_with('[') => Ok(Reference::Item { path }),
            Some(path) if path.starts_with('.') => Ok(Reference::Item { path: &path[1..] }),
            _ => Err(format!("{:?} is not known: a loop's body has ForEach.CurrentItem", shortened(text))),
        },
        other => {
            let meant = similar(other, ROOTS).filter(|_| other.len() <= 256);
            let remedy = meant.map_or_else(
                || format!("it begins with one of {}", ROOTS.join(", ")),
                |meant| format!("did you mean {meant:?}?"),
            );
            Err(format!(
                "{:?} begins with {:?}, which is not known; {remedy}",
                shortened(text),
                shortened(other)
            ))
        }
    }
}

/// `NAME.PATH` or `NAME[…]…`.
fn step_and_path<'e>(whole: &str, text: &'e str) -> Result<(&'e str, &'e str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (step, path) = text.split_at(end);
    let path = path.strip_prefix('.').unwrap_or(path);
    if step.is_empty() {
        return Err(format!("{:?} names no step", shortened(whole)));
    }
    if path.is_empty() {
        return Err(format!("{:?} names no property of the step", shortened(whole)));
    }
    Ok((step, path))
}

fn join(value: &Value) -> Result<Expression<'_>, Malformed> {
    let members = object(value, JOIN, &["On", "Values"])?;
    let on = members.get("On").map_or(Ok(""), |on| text(on, "Std:Join.On"))?;
    match members.get("Values") {
        Some(Value::Array(values)) => Ok(Expression::Join { on, values }),
        other => Err(Malformed {
            place: "Std:Join.Values",
            message: format!("a list is expected, not {}", other.map_or_else(|| "nothing".to_owned(), shown)),
            help: None,
        }),
    }
}

fn json_get(value: &Value) -> Result<Expression<'_>, Malformed> {
    let members = object(value, JSON_GET, &["PropertyFile", "S3Uri", "Path"])?;
    let path = members.get("Path").ok_or_else(|| Malformed {
        place: JSON_GET,
        message: "it has no Path".to_owned(),
        help: Some("name a place in the document, such as metrics.mse.value"),
    })?;
    let path = text(path, "Std:JsonGet.Path")?;
    let document = match (members.get("PropertyFile"), members.get("S3Uri")) {
        (Some(file), None) => property_file(file)?,
        (None, Some(uri)) => Document::S3Uri(uri),
        _ => {
            return Err(Malformed {
                place: JSON_GET,
                message: "it reads either a PropertyFile or an S3Uri".to_owned(),
                help: None,
            });
        }
    };
    Ok(Expression::JsonGet { document, path })
}

fn property_file(file: &Value) -> Result<Document<'_>, Malformed> {
    let named = file
        .as_object()
        .filter(|members| members.len() == 1)
        .and_then(|members| members.get(GET))
        .and_then(Value::as_str)
        .and_then(|text| text.strip_prefix("Steps."))
        .and_then(|rest| rest.split_once(".PropertyFiles."))
        .filter(|(step, name)| !step.is_empty() && !step.contains(['.', '[']) && !name.is_empty());
    named.map(|(step, name)| Document::PropertyFile { step, name }).ok_or_else(|| Malformed {
        place: "Std:JsonGet.PropertyFile",
        message: format!("{} names no property file", shown(file)),
        help: Some("write {\"Get\": \"Steps.STEP.PropertyFiles.FILE\"}"),
    })
}

fn object<'e>(
    value: &'e Value,
    place: &'static str,
    known: &[&str],
) -> Result<&'e Map<String, Value>, Malformed> {
    let members = value.as_object().ok_or_else(|| Malformed {
        place,
        message: format!("an object is expected, not {}", shown(value)),
        help: None,
    })?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(members),
        Some(other) => Err(Malformed {
            place,
            message: format!("{:?} is not known here: {} are", shortened(other), known.join(", ")),
            help: None,
        }),
    }
}

fn text<'e>(value: &'e Value, place: &'static str) -> Result<&'e str, Malformed> {
    value.as_str().ok_or_else(|| Malformed {
        place,
        message: format!("a text is expected, not {}", shown(value)),
        help: value.is_object().then_some("SageMaker evaluates no expression here"),
    })
}

fn unknown_function(name: &str) -> Malformed {
    Malformed {
        place: "",
        message: format!("the function {:?} is not known", shortened(name)),
        help: Some("there are Std:Join and Std:JsonGet"),
    }
}
