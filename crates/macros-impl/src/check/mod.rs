//! Raw model to model: every rule about what may be written.
//!
//! The rules that need one setting stand beside its reading; those that need several are one small
//! function each. All report and go on; the model is handed out only when nobody reported.

mod constraints;
mod default;
mod field;
mod names;
mod parameter;
mod rules;
mod variants;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Path, parse_quote};

use crate::Derive;
use crate::constant::{Constant, constant};
use crate::errors::Errors;
use crate::keys::{Attribute, Taker};
use crate::kind::Kind;
use crate::model::{Body, Model, Named, NamedType, Pipeline, Tagging};
use crate::syntax::{self, Attributes, Container, Setting, Settings, VariantFields, ungroup};
use names::Case;

/// Where the output finds the names it uses; known even when the rest is wrong.
pub(crate) struct Roots {
    pub(crate) private: Path,
    pub(crate) config: Path,
}

/// Checks the item under the derive. The second result is there when no mistake was reported.
pub(crate) fn container(raw: Container, derive: Derive, errors: &mut Errors) -> (Roots, Option<Model>) {
    let Container { ident, generics, attributes, body } = raw;
    let mut roots = Roots {
        private: parse_quote!(::pipewright::__private),
        config: parse_quote!(::pipewright::__private::config),
    };
    if !generics.params.is_empty() {
        errors.at(&generics, "a configuration has no generic parameters: name the types in its fields");
    }
    let Attributes { docs, config, parameter, pipeline } = attributes;
    let mut schema_extra = None;
    misplaced(&parameter, "`#[parameter(…)]` belongs on a field of type `Parameter<…>`", errors);
    let body = match derive {
        Derive::Pipeline => {
            let instead = "on the struct with `#[derive(Pipeline)]` write `#[pipeline(…)]`";
            misplaced(&config, instead, errors);
            let taker = Taker::new(pipeline, Attribute::Pipeline, errors);
            self::pipeline(body, &ident, &docs, taker, &mut roots, errors)
        }
        Derive::Config => {
            let instead = "`#[pipeline(…)]` belongs on the struct with `#[derive(Pipeline)]`";
            misplaced(&pipeline, instead, errors);
            let mut taker = Taker::new(config, Attribute::Config, errors);
            if let Some(path) = crate_path(&mut taker, errors) {
                roots.config = path;
            }
            schema_extra = taker.take("schema_extra").and_then(|setting| rules::function(setting, errors));
            config_body(body, &ident, taker, errors)
        }
    };
    let model = body.filter(|_| errors.is_empty()).map(|body| Model {
        ident,
        description: docs,
        config: roots.config.clone(),
        schema_extra,
        body,
    });
    (roots, model)
}

fn pipeline(
    body: syntax::Body,
    ident: &Ident,
    docs: &str,
    mut taker: Taker,
    roots: &mut Roots,
    errors: &mut Errors,
) -> Option<Body> {
    if let Some(path) = crate_path(&mut taker, errors) {
        roots.config = parse_quote!(#path::__private::config);
        roots.private = parse_quote!(#path::__private);
    }
    let case = Case::of(taker.take("rename_all"), errors);
    let validate = taker.take_all("validate");
    let name = names::pipeline(taker.take("name"), ident, errors);
    let display_name = names::display(taker.take("display_name"), errors);
    names::description(docs, names::MAX_PIPELINE_DESCRIPTION, ident, errors);
    match body {
        syntax::Body::Struct(fields) => {
            let fields = field::fields(fields, Derive::Pipeline, case, errors);
            let rules = rules::of_struct(validate, &fields, errors);
            let private = roots.private.clone();
            Some(Body::Pipeline(Pipeline { private, name: name?, display_name, fields, rules }))
        }
        syntax::Body::Tuple(_, span) | syntax::Body::Union(span) => {
            errors.span(span, NAMED_FIELDS);
            None
        }
        syntax::Body::Enum(_) => {
            errors
                .at(ident, "a pipeline is a struct: each configuration value and each parameter is a field");
            None
        }
    }
}

const ONE_FIELD: &str = "write `#[config(transparent)]` for a type that is what its field is, or name the field, for a table with that key";

const NAMED_FIELDS: &str = "name the fields: each one's name is its key in the configuration";

fn config_body(body: syntax::Body, ident: &Ident, mut taker: Taker, errors: &mut Errors) -> Option<Body> {
    if let Some(setting) = taker.take("from_str") {
        let expected = match setting.value {
            None => Some((format!("a value of `{}`", ident.unraw()), ident.span())),
            Some(_) => text(setting, "a colour", errors),
        };
        let pattern = taker.take("pattern").and_then(|setting| text(setting, "^[a-z]+$", errors));
        let pattern = pattern.and_then(|pattern| constraints::regex(pattern, errors));
        for setting in taker.rest() {
            let message = format!("`{}` has no place beside `from_str`: the type reads itself", setting.key);
            errors.at(&setting.key, message);
        }
        return expected.map(|(expected, _)| Body::FromStr(expected, pattern));
    }
    if let Some(setting) = taker.take("pattern") {
        errors.at(
            &setting.key,
            "the pattern of a type stands beside its `from_str`; otherwise it belongs on a field",
        );
    }
    if taker.has("transparent") {
        return transparent(body, ident, taker, errors);
    }
    let case = Case::of(taker.take("rename_all"), errors);
    let validate = taker.take_all("validate");
    let tagging = variants::tagging(&mut taker, errors);
    match body {
        syntax::Body::Struct(fields) => {
            if let Some((_, span)) = tagging {
                errors.span(span, "only the variants of an enum are told apart: remove it");
            }
            let fields = field::fields(fields, Derive::Config, case, errors);
            let rules = rules::of_struct(validate, &fields, errors);
            Some(Body::Struct(fields, rules))
        }
        syntax::Body::Enum(raw) => {
            if raw.is_empty() {
                errors.at(ident, "an enum without variants has no value to choose");
            }
            let names = variants::Names::new(case);
            let units = raw.iter().all(|variant| matches!(variant.fields, VariantFields::Unit));
            let rules = rules::of_struct(validate, &[], errors);
            if units && tagging.is_none() && rules.is_empty() {
                return Some(Body::Enum(variants::units(raw, names, errors)));
            }
            let tagging = tagging.map_or(Tagging::External, |(tagging, _)| tagging);
            let variants = variants::all(raw, &tagging, names, errors);
            Some(Body::Variants(tagging, variants, rules))
        }
        syntax::Body::Tuple(fields, span) => {
            errors.span(span, if fields.len() == 1 { ONE_FIELD } else { NAMED_FIELDS });
            None
        }
        syntax::Body::Union(span) => {
            errors.span(span, NAMED_FIELDS);
            None
        }
    }
}

/// A type that is read, written and described as its only field.
fn transparent(body: syntax::Body, ident: &Ident, mut taker: Taker, errors: &mut Errors) -> Option<Body> {
    let setting = taker.take("transparent")?;
    let key = setting.key.clone();
    flag(Some(setting), errors);
    let rules = rules::of_struct(taker.take_all("validate"), &[], errors);
    for setting in taker.rest() {
        let message = format!("`{}` has no place beside `transparent`: there are no keys", setting.key);
        errors.at(&setting.key, message);
    }
    let mut fields = match body {
        syntax::Body::Tuple(fields, _) if fields.len() == 1 => fields,
        _ => {
            errors.at(
                &key,
                "only a struct of one field without a name is what the field is: `struct Name(u8);`",
            );
            return None;
        }
    };
    // What is wrong with the field is said of the type: it has no other name.
    for field in &mut fields {
        field.ident.clone_from(ident);
    }
    let field = field::fields(fields, Derive::Config, None, errors).pop()?;
    let keys_or_absence = [
        (field.flatten, "flatten"),
        (field.default.is_some(), "default"),
        (field.rules.default_with.is_some(), "default_with"),
        (!field.aliases.is_empty(), "alias"),
        (*ident.unraw().to_string() != field.key && !field.flatten, "rename"),
        (field.deprecated.is_some(), "deprecated"),
    ];
    for (_, name) in keys_or_absence.iter().filter(|(is_there, _)| *is_there) {
        errors.at(
            &field.ty,
            format!("`{name}` belongs on the fields of this type: here is no key that it is about"),
        );
    }
    Some(Body::Transparent(Box::new(field), rules))
}

/// Whether a setting that takes no value was written.
fn flag(setting: Option<Setting>, errors: &mut Errors) -> bool {
    let Some(Setting { key, value, .. }) = setting else {
        return false;
    };
    if let Some(value) = value {
        errors.at(value, format!("`{key}` takes no value: write it alone, or leave it out"));
    }
    true
}

/// Whether an expression names constants, for the compiler to evaluate: `MAX`, `limits::MAX`, `2 * MAX`.
fn is_named(expr: &Expr) -> bool {
    match ungroup(expr) {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
        }),
        Expr::Binary(binary) => {
            let literal = |expr: &Expr| matches!(ungroup(expr), Expr::Lit(_));
            [&binary.left, &binary.right].into_iter().all(|side| literal(side) || is_named(side))
        }
        _ => false,
    }
}

/// The constant that an expression names for a type; `None` when it is none, and `Some(None)` when the type
/// has none.
#[expect(clippy::option_option, reason = "no constant, and one that was reported")]
fn named(expr: &Expr, kind: &Kind, errors: &mut Errors) -> Option<Option<Named>> {
    if !is_named(expr) {
        return None;
    }
    let ty = match kind.inner() {
        Kind::Integer { name, .. } => NamedType::Integer(name),
        Kind::Float(name) => NamedType::Float(name),
        Kind::Text(_) => NamedType::Text,
        Kind::Boolean => NamedType::Boolean,
        Kind::Refused(_) => return Some(None),
        other => {
            let message = format!("a constant can't stand for {}: write a literal", other.name());
            errors.at(expr, message);
            return Some(None);
        }
    };
    Some(Some(Named { expr: expr.clone(), ty }))
}

/// Reports an attribute in a place where it means nothing.
fn misplaced(settings: &Settings, message: &str, errors: &mut Errors) {
    if let Some(span) = settings.attribute {
        errors.span(span, message);
    }
}

/// `crate = "path"`: where the output finds its names, when the crate goes by another name.
fn crate_path(taker: &mut Taker, errors: &mut Errors) -> Option<Path> {
    let setting = taker.take("crate")?;
    let (text, span) = text(setting, "::pipewright", errors)?;
    let path = syn::parse_str::<Path>(&text).ok();
    if path.is_none() {
        errors.span(span, format!("{text:?} is not a path: write it as in `use`"));
    }
    path
}

/// The value of a setting that needs one.
fn value(setting: Setting, example: &str, errors: &mut Errors) -> Option<(Ident, Expr)> {
    let Setting { key, value, .. } = setting;
    if value.is_none() {
        let name = key.unraw();
        errors.at(&key, format!("`{name}` needs a value: `{name} = {example}`"));
    }
    Some((key, value?))
}

/// The value of a setting that is a text.
fn text(setting: Setting, example: &str, errors: &mut Errors) -> Option<(String, Span)> {
    let (key, expr) = value(setting, &format!("{example:?}"), errors)?;
    match constant(&expr, errors)? {
        Constant::Text(text) => Some((text, expr.span())),
        other => {
            let name = key.unraw();
            errors.at(&expr, format!("`{name}` is a text, not `{other}`: `{name} = {example:?}`"));
            None
        }
    }
}
