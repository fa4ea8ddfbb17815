//! What expressions come to.
//!
//! The definition's expressions are objects of one member: `{"Get": "Steps.Train.TrainingJobName"}`,
//! `{"Std:Join": …}`, `{"Std:JsonGet": …}`. They stand anywhere in arguments. What they stand for a [`Scope`]
//! knows; nothing here waits, or reads but through it.
//!
//! What comes out is bounded, however a definition multiplies its values: [`MOST_CHARACTERS`],
//! [`MOST_DEPTH`].

mod condition;
pub(crate) mod expression;
mod json_get;
mod parameters;
pub(crate) mod path;
mod scope;
mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

pub use condition::conditions;
pub(crate) use condition::{COMPARISONS, CONDITION_TYPES};
pub(crate) use parameters::read;
pub use parameters::{MOST_PARAMETER_CHARACTERS, MOST_PARAMETERS, parameters};
pub use scope::{EvaluationError, Scope};

use expression::{Expression, Reference, expression, reference};
use path::{Lost, Segments, follow, segments, shown};

use crate::S3Uri;

/// The most characters that a step's evaluated arguments have, roughly: 16 MiB.
pub const MOST_CHARACTERS: usize = 16 << 20;

/// How deep lists and objects nest at most, in a definition and in what its expressions come to.
pub const MOST_DEPTH: usize = 120;

/// The value with all of its expressions evaluated.
///
/// # Errors
/// The first expression that has no value, with its place.
///
/// # Examples
/// ```
/// use pipewright_interpreter::definition::PropertyFile;
/// use pipewright_interpreter::evaluate::{Scope, evaluate};
/// use pipewright_interpreter::S3Uri;
/// use serde_json::{Value, json};
///
/// /// Knows the properties of `Train`, and nothing else.
/// struct Trained(Value);
///
/// impl Scope for Trained {
///     fn properties(&self, step: &str) -> Option<&Value> {
///         (step == "Train").then_some(&self.0)
///     }
///     // …
/// #   fn parameter(&self, _: &str) -> Option<&Value> { None }
/// #   fn execution(&self, _: &str) -> Option<Value> { None }
/// #   fn experiment(&self, _: &str) -> Option<Value> { None }
/// #   fn arguments(&self, _: &str) -> Option<&Value> { None }
/// #   fn property_file(&self, _: &str, _: &str) -> Option<&PropertyFile> { None }
/// #   fn item(&self) -> Option<&Value> { None }
/// #   fn read(&self, _: &S3Uri) -> Result<Vec<u8>, String> { Err("there are no files".into()) }
/// }
///
/// let scope = Trained(json!({"FinalMetricDataList": [{"MetricName": "rmse", "Value": 2.0}]}));
/// let arguments = json!({
///     "Message": {"Std:Join": {"On": " = ", "Values": [
///         "rmse", {"Get": "Steps.Train.FinalMetricDataList['rmse'].Value"},
///     ]}},
/// });
/// assert_eq!(evaluate(&arguments, &scope)?, json!({"Message": "rmse = 2.0"}));
///
/// let error = evaluate(&json!({"Role": {"Get": "Steps.Train.RoleArn"}}), &scope).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"Role: Steps.Train.RoleArn: step "Train": there is no "RoleArn" among FinalMetricDataList"#
/// );
/// # Ok::<(), pipewright_interpreter::EvaluationError>(())
/// ```
pub fn evaluate(expression: &Value, scope: &dyn Scope) -> Result<Value, EvaluationError> {
    Evaluator::new(scope).value(expression, MOST_DEPTH)
}

/// The items of a `ForEach` step, from its `IterableItems`: a list, or a text that holds one as JSON.
///
/// # Errors
/// Where it is neither, or has no value.
pub fn items(iterable: &Value, scope: &dyn Scope) -> Result<Vec<Value>, EvaluationError> {
    let value = evaluate(iterable, scope)?;
    let refused = |what: String| {
        EvaluationError::new(format!(
            "a loop goes over a list, or a text that holds a JSON list, not over {what}"
        ))
    };
    match value {
        Value::Array(items) => Ok(items),
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Array(items)) => Ok(items),
            _ => Err(refused(shown(&Value::String(text)))),
        },
        other => Err(refused(shown(&other))),
    }
}

/// Evaluates one whole, within the bounds of what may come out.
struct Evaluator<'s> {
    scope: &'s dyn Scope,
    room: usize,
    /// The document that was read last: conditions ask one report for several values.
    document: Option<(S3Uri, Value)>,
}

impl<'s> Evaluator<'s> {
    fn new(scope: &'s dyn Scope) -> Self {
        Self { scope, room: MOST_CHARACTERS, document: None }
    }

    /// `depth`: how many levels more there may be.
    fn value(&mut self, value: &Value, depth: usize) -> Result<Value, EvaluationError> {
        let Some(below) = depth.checked_sub(1) else {
            return Err(EvaluationError::new(too_deep()));
        };
        match value {
            Value::Array(items) => {
                self.take(1)?;
                let mut evaluated = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    evaluated.push(self.value(item, below).map_err(|error| error.in_item(index))?);
                }
                Ok(Value::Array(evaluated))
            }
            Value::Object(members) => match expression(members) {
                None => {
                    self.take(1)?;
                    let mut evaluated = serde_json::Map::with_capacity(members.len());
                    for (name, member) in members {
                        self.take(name.len())?;
                        let member = self.value(member, below).map_err(|error| error.in_member(name))?;
                        evaluated.insert(name.clone(), member);
                    }
                    Ok(Value::Object(evaluated))
                }
                Some(Ok(expression)) => self.expression(&expression, depth),
                Some(Err(malformed)) => Err(malformed.into()),
            },
            scalar => {
                self.take(value::size(scalar))?;
                Ok(scalar.clone())
            }
        }
    }

    fn expression(&mut self, expression: &Expression<'_>, depth: usize) -> Result<Value, EvaluationError> {
        match expression {
            Expression::Get(text) => self.get(text, depth),
            Expression::Join { on, values } => self.join(on, values, depth),
            Expression::JsonGet { document, path } => self.json_get(document, path, depth),
        }
    }

    fn get(&mut self, text: &str, depth: usize) -> Result<Value, EvaluationError> {
        let found = lookup(text, self.scope).map_err(EvaluationError::new)?;
        self.room = value::fits(&found, depth, self.room).map_err(|reason| match reason {
            value::Misfit::Deep => EvaluationError::new(format!("{text}: {}", too_deep())),
            value::Misfit::Large => EvaluationError::new(format!("{text}: {}", too_large())),
        })?;
        Ok(found.into_owned())
    }

    /// The values' texts, one after the other.
    fn join(&mut self, on: &str, values: &[Value], depth: usize) -> Result<Value, EvaluationError> {
        let mut joined = String::new();
        for (index, value) in values.iter().enumerate() {
            let at = |error: EvaluationError| error.in_item(index).within("Std:Join.Values");
            let room = self.room;
            let value = self.value(value, depth.saturating_sub(1)).map_err(at)?;
            let text = value::text(&value).ok_or_else(|| {
                at(EvaluationError::new(format!(
                    "{} can't become text: a Join takes texts, numbers and booleans",
                    shown(&value)
                )))
            })?;
            // What the values took is given back: it is the text that stays.
            self.room = room;
            let on = if index == 0 { "" } else { on };
            self.take(on.len() + text.len()).map_err(at)?;
            joined.push_str(on);
            joined.push_str(&text);
        }
        Ok(Value::String(joined))
    }

    fn take(&mut self, characters: usize) -> Result<(), EvaluationError> {
        self.room = self.room.checked_sub(characters).ok_or_else(|| EvaluationError::new(too_large()))?;
        Ok(())
    }
}

fn too_deep() -> String {
    format!("lists and objects nest deeper than {MOST_DEPTH} levels")
}

fn too_large() -> String {
    format!("what it comes to has more than {MOST_CHARACTERS} characters")
}

/// The value that a `Get` names.
fn lookup<'s>(text: &str, scope: &'s dyn Scope) -> Result<Cow<'s, Value>, String> {
    let absent = |reason: &str| format!("{text}: {reason}");
    match reference(text)? {
        Reference::Parameter(name) => scope
            .parameter(name)
            .map(Cow::Borrowed)
            .ok_or_else(|| absent("the pipeline has no parameter of that name")),
        Reference::Execution(variable) => scope
            .execution(variable)
            .map(Cow::Owned)
            .ok_or_else(|| absent("the execution has no such variable here")),
        Reference::Experiment(member) => scope
            .experiment(member)
            .map(Cow::Owned)
            .ok_or_else(|| absent("the definition's PipelineExperimentConfig has no such member")),
        Reference::Property { step, path } | Reference::Iteration { step, path } => {
            property(step, path, scope).map_err(|reason| absent(&reason))
        }
        Reference::Item { path } => {
            let item = scope.item().ok_or_else(|| absent("this is no loop's body"))?;
            follow(item, segments(path)).map_err(|lost| absent(&led_astray(path, segments(path), &lost)))
        }
    }
}

/// What a step's job says of itself; what that lacks, its request has.
fn property<'s>(step: &str, path: &str, scope: &'s dyn Scope) -> Result<Cow<'s, Value>, String> {
    let sources = [scope.properties(step), scope.arguments(step)];
    let mut lost: Option<Lost> = None;
    for source in sources.into_iter().flatten() {
        match follow(source, segments(path)) {
            Ok(found) => return Ok(found),
            Err(here) if lost.as_ref().is_none_or(|lost| lost.depth < here.depth) => lost = Some(here),
            Err(_) => {}
        }
    }
    Err(lost.map_or_else(
        || format!("step {step:?} has no results: it did not run"),
        |lost| format!("step {step:?}: {}", led_astray(path, segments(path), &lost)),
    ))
}

/// Where on its way a path was lost, and why.
fn led_astray(path: &str, mut way: Segments<'_>, lost: &Lost) -> String {
    for _ in 0..lost.depth {
        way.next();
    }
    let gone = path.len().saturating_sub(way.rest().len());
    match path.get(..gone) {
        None | Some("") => lost.reason.clone(),
        Some(gone) => format!("in {gone}: {}", lost.reason),
    }
}
