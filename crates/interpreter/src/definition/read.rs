//! From JSON to a definition: parameters first, then all steps, then what each step says once all names are
//! known.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::fields::Fields;
use super::steps::{Found, Gather};
use super::{Declared, Definition, MOST_CHARACTERS, ParameterType, details, order, references};
use crate::evaluate::path::shown;
use crate::evaluate::{MOST_DEPTH, read};
use crate::problem::{Problem, Problems, shortened};

/// The version of the language.
const VERSION: &str = "2020-12-01";

/// The most characters of a parameter's name.
const MOST_PARAMETER_NAME: usize = 256;

pub(super) fn parse(text: &str) -> Result<Definition, Problems> {
    // Bytes are never fewer than characters.
    if text.len() > MOST_CHARACTERS && text.chars().count() > MOST_CHARACTERS {
        let message = format!(
            "the definition has {} characters, more than the {MOST_CHARACTERS} that SageMaker takes",
            text.chars().count()
        );
        return Err(Problem::new("", message)
            .help("split the pipeline, or move long texts into files")
            .into());
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Problem::new("", format!("the definition is no JSON: {error}")))?;
    from_value(&value)
}

pub(super) fn from_value(value: &Value) -> Result<Definition, Problems> {
    if let Some(path) = too_deep(value) {
        let message = format!("lists and objects nest deeper than {MOST_DEPTH} levels");
        return Err(Problem::new(path, message).into());
    }
    let Value::Object(members) = value else {
        return Err(Problem::new("", format!("a definition is an object, not {}", shown(value))).into());
    };
    match members.get("PipelineDefinition") {
        Some(Value::String(text)) if !members.contains_key("Steps") => parse(text),
        Some(inner @ Value::Object(_)) if !members.contains_key("Steps") => from_value(inner),
        _ => definition(members),
    }
}

/// Where a value nests deeper than anything may, found without recursion: what is given may be of any depth.
/// Of the place, what tells the step.
fn too_deep(value: &Value) -> Option<String> {
    let mut open = vec![(value, 1_usize, "", None)];
    while let Some((value, depth, member, item)) = open.pop() {
        if depth > MOST_DEPTH {
            let item = item.map_or_else(String::new, |item| format!("[{item}]"));
            return Some(format!("{}{item}", shortened(member)));
        }
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate().filter(|(_, item)| nests(item));
                open.extend(items.map(|(index, value)| (value, depth + 1, member, item.or(Some(index)))));
            }
            Value::Object(members) => {
                let members = members.iter().filter(|(_, member)| nests(member));
                open.extend(
                    members.map(|(name, value)| {
                        (value, depth + 1, if depth == 1 { name } else { member }, item)
                    }),
                );
            }
            _ => {}
        }
    }
    None
}

const fn nests(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

fn definition(members: &Map<String, Value>) -> Result<Definition, Problems> {
    let mut problems = Problems::default();
    let mut fields = Fields { members, place: &"", step: None, problems: &mut problems };
    if let Some(version) = fields.text("Version").filter(|version| *version != VERSION) {
        let message = format!("the version {:?} of the language is not known", shortened(version));
        fields.note("Version", message, Some(format!("write {VERSION:?}")));
    }
    let declared = fields.list("Parameters");
    let experiment = fields.object("PipelineExperimentConfig").cloned().unwrap_or_default();
    let mlflow = fields.object("MlflowConfig").cloned().unwrap_or_default();
    if fields.get("Steps").is_none() {
        let help = "write \"Steps\": [ … ], a list of at least one step".to_owned();
        fields.note_at_whole("the definition has no Steps".to_owned(), Some(help));
    }
    let listed = fields.list("Steps");

    let parameters = parameters(declared, &mut problems);
    let found = Gather::new(&mut problems).steps(listed);
    let declared =
        parameters.iter().enumerate().map(|(index, parameter)| (parameter.name.clone(), index)).collect();
    let mut definition = Definition { parameters, experiment, mlflow, declared, ..Definition::default() };
    assemble(&mut definition, &found, &mut problems);
    problems.or(definition)
}

/// Fills in the steps: names are known now.
fn assemble(definition: &mut Definition, found: &[Found<'_>], problems: &mut Problems) {
    let mut names: HashMap<String, usize> = HashMap::with_capacity(found.len());
    for (id, step) in found.iter().enumerate() {
        let Some(name) = step.name else { continue };
        if let Some(first) = names.get(name) {
            let message = format!("two steps are named {:?}", shortened(name));
            let help =
                format!("the other is {}: a name is unique, branches and loops included", found[*first].path);
            problems.push(Problem::new(step.path.clone(), message).help(help).in_step(Some(name)));
        } else {
            names.insert(name.to_owned(), id);
        }
    }
    definition.steps = found.iter().map(|step| details::step(step, &names, problems)).collect();
    definition.names = names;
    references::check(definition, found, problems);
    order::check(definition, problems);
}

fn parameters(declared: &[Value], problems: &mut Problems) -> Vec<Declared> {
    let mut names = HashSet::new();
    let mut parameters = Vec::with_capacity(declared.len());
    for (index, value) in declared.iter().enumerate() {
        let place = format!("Parameters[{index}]");
        let Value::Object(members) = value else {
            problems.push(Problem::new(place, format!("a parameter is an object, not {}", shown(value))));
            continue;
        };
        let mut fields = Fields { members, place: &place, step: None, problems };
        let Some(parameter) = parameter(&mut fields) else { continue };
        if names.insert(parameter.name.clone()) {
            parameters.push(parameter);
        } else {
            let message = format!("two parameters are named {:?}", shortened(&parameter.name));
            fields.note("Name", message, Some("rename one".to_owned()));
        }
    }
    parameters
}

fn parameter(fields: &mut Fields<'_, '_>) -> Option<Declared> {
    let name = fields.required("Name");
    let kind = fields.required("Type").and_then(|kind| {
        let known = ParameterType::ALL.into_iter().find(|known| known.name() == kind);
        if known.is_none() {
            let names = ParameterType::ALL.map(ParameterType::name).join(", ");
            fields.note(
                "Type",
                format!("{:?} is no type", shortened(kind)),
                Some(format!("it is one of {names}")),
            );
        }
        known
    });
    let name = name?;
    if !is_name(name, MOST_PARAMETER_NAME) {
        let message = format!("{:?} is no parameter's name", shortened(name));
        let limit = format!("a name has 1 to {MOST_PARAMETER_NAME} letters, digits, - or _");
        fields.note("Name", message, Some(limit));
    }
    let kind = kind?;
    let mut default = None;
    if let Some(value) = fields.get("DefaultValue") {
        default = value_of(kind, value, "DefaultValue", fields);
    }
    let mut choices = Vec::new();
    for (index, choice) in fields.list("EnumValues").iter().enumerate() {
        choices.extend(value_of(kind, choice, &format!("EnumValues[{index}]"), fields));
    }
    if let Some(value) = &default
        && !choices.is_empty()
        && !choices.contains(value)
    {
        fields.note("DefaultValue", format!("{} is not among EnumValues", shown(value)), None);
    }
    Some(Declared { name: name.to_owned(), kind, default, choices })
}

/// A value that the definition has: a text is written as one.
fn value_of(kind: ParameterType, value: &Value, name: &str, fields: &mut Fields<'_, '_>) -> Option<Value> {
    let read = if kind == ParameterType::String && !value.is_string() {
        Err(format!("{} is no String", shown(value)))
    } else {
        read(kind, value)
    };
    read.map_err(|message| fields.note(name, message, None)).ok()
}

/// Whether a text is a name in SageMaker's sense.
pub(super) fn is_name(text: &str, most: usize) -> bool {
    !text.is_empty()
        && text.len() <= most
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
