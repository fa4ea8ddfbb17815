//! The values that a pipeline is started with.

use std::collections::BTreeMap;

use serde_json::Value;

use super::path::shown;
use super::value::text;
use crate::definition::{Declared, ParameterType};
use crate::problem::{Problem, Problems, shortened};

/// The most values that a start gives: `StartPipelineExecution` takes no more.
pub const MOST_PARAMETERS: usize = 200;

/// The most characters of a value: `StartPipelineExecution` takes no more.
pub const MOST_PARAMETER_CHARACTERS: usize = 1_024;

/// The values of all declared parameters: given ones, or defaults. A text is read where another type is
/// declared: `"3"` is an Integer.
///
/// # Errors
/// Everything that is wrong, at `Parameters.NAME`: a name that isn't declared, a value of the wrong type or
/// not among the choices, one that is missing or too long, too many.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use pipewright_interpreter::{Definition, evaluate::parameters};
/// use serde_json::json;
///
/// let definition = Definition::from_value(&json!({
///     "Parameters": [
///         {"Name": "Rounds", "Type": "Integer", "DefaultValue": 10},
///         {"Name": "Rate", "Type": "Float", "DefaultValue": 0.1},
///     ],
///     "Steps": [],
/// }))?;
/// let given = BTreeMap::from([("Rounds".to_owned(), json!("30"))]);
/// let values = parameters(&definition.parameters, &given)?;
/// assert_eq!(values["Rounds"], 30);
/// assert_eq!(values["Rate"], 0.1);
///
/// let problems = parameters(&definition.parameters, &[("Round".to_owned(), json!(3))].into()).unwrap_err();
/// assert_eq!(
///     problems.to_string(),
///     r#"Parameters.Round: the pipeline has no parameter "Round"; did you mean "Rounds"?"#
/// );
/// # Ok::<(), pipewright_interpreter::Problems>(())
/// ```
pub fn parameters(
    declared: &[Declared],
    given: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, Problems> {
    let mut problems = Problems::default();
    if given.len() > MOST_PARAMETERS {
        problems.push(Problem::new(
            "Parameters",
            format!("{} values are given, more than {MOST_PARAMETERS}", given.len()),
        ));
    }
    let mut values = BTreeMap::new();
    for parameter in declared {
        match (given.get(&parameter.name), &parameter.default) {
            (Some(value), _) => match checked(parameter, value) {
                Ok(value) => {
                    values.insert(parameter.name.clone(), value);
                }
                Err(problem) => problems.push(problem),
            },
            (None, Some(default)) => {
                values.insert(parameter.name.clone(), default.clone());
            }
            (None, None) => problems.push(
                Problem::new(place(&parameter.name), "it has no default, and no value is given")
                    .help(format!("give one of type {}", parameter.kind)),
            ),
        }
    }
    let known: std::collections::HashSet<&str> =
        declared.iter().map(|parameter| parameter.name.as_str()).collect();
    for name in given.keys().filter(|name| !known.contains(name.as_str())) {
        let mut problem =
            Problem::new(place(name), format!("the pipeline has no parameter {:?}", shortened(name)));
        problem.help = problems
            .suggest(name, known.iter().copied())
            .or_else(|| known.is_empty().then(|| "it has none".to_owned()));
        problems.push(problem);
    }
    problems.or(values)
}

fn place(name: &str) -> String {
    format!("Parameters.{}", shortened(name))
}

/// A given value as the declared type, where it is among the choices.
fn checked(parameter: &Declared, value: &Value) -> Result<Value, Problem> {
    let length = value.as_str().map_or(0, |text| text.chars().count());
    if length > MOST_PARAMETER_CHARACTERS {
        let message = format!("the value has {length} characters, more than {MOST_PARAMETER_CHARACTERS}");
        return Err(Problem::new(place(&parameter.name), message));
    }
    let value =
        read(parameter.kind, value).map_err(|message| Problem::new(place(&parameter.name), message))?;
    if !parameter.choices.is_empty() && !parameter.choices.contains(&value) {
        let choices: Vec<String> = parameter.choices.iter().take(20).map(shown).collect();
        let message = format!("{} is not among its values", shown(&value));
        let help = format!("give one of {}", choices.join(", "));
        return Err(Problem::new(place(&parameter.name), message).help(help));
    }
    Ok(value)
}

/// A value as one of a parameter's type. What a command line or a settings file can only write as a text, or
/// as a number, is read.
pub(crate) fn read(kind: ParameterType, value: &Value) -> Result<Value, String> {
    let read = match (kind, value) {
        (ParameterType::String, value) => text(value).map(|text| Value::from(text.into_owned())),
        (ParameterType::Integer, Value::Number(number)) => number.as_i64().map(Value::from),
        (ParameterType::Integer, Value::String(text)) => text.trim().parse::<i64>().ok().map(Value::from),
        (ParameterType::Float, Value::Number(number)) => number.as_f64().and_then(finite),
        (ParameterType::Float, Value::String(text)) => text.trim().parse().ok().and_then(finite),
        (ParameterType::Boolean, Value::Bool(boolean)) => Some(Value::from(*boolean)),
        (ParameterType::Boolean, Value::String(text)) => {
            text.trim().to_ascii_lowercase().parse::<bool>().ok().map(Value::from)
        }
        _ => None,
    };
    read.ok_or_else(|| {
        let limit = match kind {
            ParameterType::String => "a text",
            ParameterType::Integer => "a whole number of 64 bits, such as 3",
            ParameterType::Float => "a number, such as 0.5",
            ParameterType::Boolean => "true or false",
        };
        format!("{} is no {kind}: it takes {limit}", shown(value))
    })
}

fn finite(float: f64) -> Option<Value> {
    serde_json::Number::from_f64(float).map(Value::Number)
}
