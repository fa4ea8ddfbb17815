//! Where a template keeps the definition of a pipeline: in the text, in what `Fn::Sub` fills in, or in S3.

use serde_json::Value;

use crate::change::{Note, PropertyChange};
use crate::definition::{DefinitionChange, compare_definitions};
use crate::path::Path;
use crate::values;

const PROPERTY: &str = "PipelineDefinition";
const BODY: &str = "PipelineDefinitionBody";
const LOCATION: &str = "PipelineDefinitionS3Location";

/// A definition of a template.
struct Source<'a> {
    text: String,
    variables: Option<&'a Value>,
    form: &'static str,
}

/// What differs between the definitions of two states of a pipeline, and in how they are kept.
///
/// Where one of the texts isn't known, the property is compared like any other.
pub(crate) fn of_pipeline(
    old: Option<&Value>,
    new: Option<&Value>,
    stored: &dyn Fn(&Value) -> Option<String>,
) -> (Option<DefinitionChange>, Vec<PropertyChange>) {
    if old == new {
        return (None, Vec::new());
    }
    let source = |value: Option<_>| value.and_then(|value| source_of(value, stored));
    let (Some(before), Some(after)) = (source(old), source(new)) else {
        return (None, values::compare(Path::of(PROPERTY), old, new));
    };
    let mut definition = compare_definitions(&before.text, &after.text);
    let variables = values::compare(Path::of("Substitutions"), before.variables, after.variables);
    definition.properties.extend(variables);
    let mut changes = Vec::new();
    if before.form != after.form {
        let change = PropertyChange::new(PROPERTY, Some(before.form.into()), Some(after.form.into()));
        changes.push(change.noted(Note::Form));
    }
    let but: &[&str] = if before.form == after.form { &[BODY] } else { &[BODY, LOCATION] };
    changes.extend(values::compare_but(
        &Path::of(PROPERTY),
        old.and_then(Value::as_object),
        new.and_then(Value::as_object),
        but,
    ));
    ((!definition.is_empty()).then_some(definition), changes)
}

fn source_of<'a>(value: &'a Value, stored: &dyn Fn(&Value) -> Option<String>) -> Option<Source<'a>> {
    let Some(body) = value.get(BODY) else {
        let text = stored(value.get(LOCATION)?)?;
        return Some(Source { text, variables: None, form: "an object in S3" });
    };
    if let Value::String(text) = body {
        return Some(Source { text: text.clone(), variables: None, form: "text" });
    }
    match body.get("Fn::Sub")? {
        Value::String(text) => Some(Source { text: text.clone(), variables: None, form: "Fn::Sub" }),
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(text), variables] => {
                Some(Source { text: text.clone(), variables: Some(variables), form: "Fn::Sub" })
            }
            _ => None,
        },
        _ => None,
    }
}
