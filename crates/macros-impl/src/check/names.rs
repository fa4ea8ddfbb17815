//! Names that leave the program: of pipelines, parameters, keys and variants.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToShoutyKebabCase as _, ToShoutySnakeCase as _,
    ToSnakeCase as _, ToUpperCamelCase as _,
};
use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::{Expr, Ident};

use super::text;
use crate::errors::Errors;
use crate::keys::Taker;
use crate::syntax::{Setting, ungroup};

/// The API takes 256 characters in its model and refuses more than 82 when a pipeline is created.
const MAX_PIPELINE_NAME: usize = 82;
/// `PipelineDisplayName` in SageMaker's API.
const MAX_DISPLAY_NAME: usize = 256;
/// `PipelineDescription` in SageMaker's API.
pub(super) const MAX_PIPELINE_DESCRIPTION: usize = 3072;
/// `PipelineParameterName` in SageMaker's API.
const MAX_PARAMETER_NAME: usize = 256;

/// The pipeline's name: as set, or the struct's in kebab case without a `Pipeline` at its end.
pub(super) fn pipeline(setting: Option<Setting>, ident: &Ident, errors: &mut Errors) -> Option<String> {
    let Some(setting) = setting else {
        let own = ident.unraw().to_string();
        let stem = own.strip_suffix("Pipeline").filter(|stem| !stem.is_empty()).unwrap_or(&own);
        let name = stem.to_kebab_case();
        if pipeline_name_fault(&name, MAX_PIPELINE_NAME).is_none() {
            return Some(name);
        }
        let instead = "write one, `#[pipeline(name = \"my-pipeline\")]`, of";
        errors.at(ident, format!("this gives no pipeline name: {instead} {PIPELINE_NAME}"));
        return None;
    };
    let (name, span) = text(setting, "my-pipeline", errors)?;
    match pipeline_name_fault(&name, MAX_PIPELINE_NAME) {
        None => Some(name),
        Some(fault) => {
            errors.span(span, format!("this is no pipeline name: {fault}"));
            None
        }
    }
}

const PIPELINE_NAME: &str = "ASCII letters, digits and hyphens, a letter or digit first and last";

/// What is wrong with the name of a pipeline: `[a-zA-Z0-9](-*[a-zA-Z0-9])*`.
fn pipeline_name_fault(name: &str, max: usize) -> Option<String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() {
        Some("it is empty".to_owned())
    } else if name.chars().count() > max {
        Some(format!("it has {} characters, and at most {max} are allowed", name.chars().count()))
    } else if let Some(wrong) = name.chars().find(|c| !inner(*c)) {
        Some(format!("{wrong:?} is not allowed; write {PIPELINE_NAME}"))
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("a hyphen can't be its first or last character".to_owned())
    } else {
        None
    }
}

/// The pipeline's name for people.
pub(super) fn display(setting: Option<Setting>, errors: &mut Errors) -> Option<String> {
    let (name, span) = text(setting?, "My-pipeline", errors)?;
    // SageMaker takes no spaces here either.
    if let Some(fault) = pipeline_name_fault(&name, MAX_DISPLAY_NAME) {
        errors.span(span, format!("this is no display name: {fault}"));
    }
    Some(name)
}

/// Holds a doc comment against the limit of what it becomes.
pub(super) fn description(docs: &str, max: usize, ident: &Ident, errors: &mut Errors) {
    let length = docs.chars().count();
    if length > max {
        errors.at(
            ident,
            format!(
                "its doc comment becomes a description of {length} characters, and at most {max} are allowed"
            ),
        );
    }
}

/// A parameter's name: as set, or the field's in upper camel case.
pub(super) fn parameter(
    setting: Option<Setting>,
    field: &Ident,
    errors: &mut Errors,
) -> Option<(String, Span)> {
    let own = field.unraw().to_string().to_upper_camel_case();
    let Some(setting) = setting else {
        if own.is_empty() || !own.chars().all(is_parameter_char) {
            errors
                .at(field, "this gives no parameter name: write one, `#[parameter(name = \"MyParameter\")]`");
            return None;
        }
        return Some((own, field.span()));
    };
    let (name, span) = text(setting, &own, errors)?;
    let length = name.chars().count();
    let fault = if name.is_empty() {
        "it is empty".to_owned()
    } else if length > MAX_PARAMETER_NAME {
        format!("it has {length} characters, and at most {MAX_PARAMETER_NAME} are allowed")
    } else if let Some(wrong) = name.chars().find(|c| !is_parameter_char(*c)) {
        format!("{wrong:?} is not allowed; write ASCII letters, digits, hyphens and underscores")
    } else {
        return Some((name, span));
    };
    errors.span(span, format!("this is no name for a parameter: {fault}"));
    None
}

fn is_parameter_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// The keys or names that `rename` and `alias` give instead of a field's or variant's own, each with its place.
pub(super) fn keys(taker: &mut Taker, own: (String, Span), errors: &mut Errors) -> Vec<(String, Span)> {
    let mut keys: Vec<(String, Span)> = Vec::new();
    if let Some(setting) = taker.take("rename") {
        keys.extend(text(setting, "other_name", errors));
    }
    if let Some(Setting { key, value, .. }) = taker.take("alias") {
        match value.as_ref().map(ungroup) {
            Some(Expr::Array(array)) => {
                if array.elems.is_empty() {
                    errors.at(array, "write at least one alias");
                }
                for item in &array.elems {
                    let setting = Setting { key: key.clone(), value: Some(item.clone()), inner: None };
                    keys.extend(text(setting, "other_name", errors));
                }
            }
            _ => keys.extend(text(Setting { key, value, inner: None }, "other_name", errors)),
        }
    }
    keys.retain(|(key, span)| {
        if key.is_empty() {
            errors.span(*span, "an alias can't be empty");
        }
        !key.is_empty()
    });
    if keys.is_empty() { vec![own] } else { keys }
}

/// How `rename_all` turns the names of the program into those of the configuration.
#[derive(Clone, Copy)]
pub(super) struct Case(fn(&str) -> String);

/// Renames.
type Rename = fn(&str) -> String;

/// What `rename_all` takes.
const CASES: [(&str, Rename); 8] = [
    ("snake_case", |name| name.to_snake_case()),
    ("kebab-case", |name| name.to_kebab_case()),
    ("camelCase", |name| name.to_lower_camel_case()),
    ("PascalCase", |name| name.to_upper_camel_case()),
    ("SCREAMING_SNAKE_CASE", |name| name.to_shouty_snake_case()),
    ("SCREAMING-KEBAB-CASE", |name| name.to_shouty_kebab_case()),
    ("lowercase", |name| name.to_lowercase()),
    ("UPPERCASE", |name| name.to_uppercase()),
];

impl Case {
    pub(super) fn apply(self, name: &str) -> String {
        (self.0)(name)
    }

    /// The case that a `rename_all` names.
    pub(super) fn of(setting: Option<Setting>, errors: &mut Errors) -> Option<Self> {
        let (wanted, span) = text(setting?, "kebab-case", errors)?;
        let found = CASES.iter().find(|(name, _)| *name == wanted);
        if found.is_none() {
            let known: Vec<String> = CASES.iter().map(|(name, _)| format!("{name:?}")).collect();
            errors.span(span, format!("{wanted:?} is no case: write one of {}", known.join(", ")));
        }
        found.map(|(_, case)| Self(*case))
    }
}
