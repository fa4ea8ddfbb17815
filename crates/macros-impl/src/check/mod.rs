//! Raw model to model: every rule about what may be written.
//!
//! The rules that need one setting stand beside its reading; those that need several are one small
//! function each. All report and go on; the model is handed out only when nobody reported.

mod constraints;
mod default;
mod field;
mod names;
mod parameter;

use heck::ToSnakeCase as _;
use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Path, parse_quote};

use crate::Derive;
use crate::constant::{Constant, constant};
use crate::errors::Errors;
use crate::keys::{Attribute, Taker};
use crate::model::{Body, Model, Pipeline, Variant};
use crate::syntax::{self, Attributes, Container, Setting, Settings};

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
            config_body(body, &ident, errors)
        }
    };
    let model = body.filter(|_| errors.is_empty()).map(|body| Model {
        ident,
        description: docs,
        config: roots.config.clone(),
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
    let name = names::pipeline(taker.take("name"), ident, errors);
    let display_name = names::display(taker.take("display_name"), errors);
    names::description(docs, names::MAX_PIPELINE_DESCRIPTION, ident, errors);
    match body {
        syntax::Body::Struct(fields) => {
            let fields = field::fields(fields, Derive::Pipeline, errors);
            Some(Body::Pipeline(Pipeline {
                private: roots.private.clone(),
                name: name?,
                display_name,
                fields,
            }))
        }
        syntax::Body::Tuple(span) | syntax::Body::Union(span) => {
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

const NAMED_FIELDS: &str = "name the fields: each one's name is its key in the configuration";

fn config_body(body: syntax::Body, ident: &Ident, errors: &mut Errors) -> Option<Body> {
    match body {
        syntax::Body::Struct(fields) => Some(Body::Struct(field::fields(fields, Derive::Config, errors))),
        syntax::Body::Enum(raw) => {
            if raw.is_empty() {
                errors.at(ident, "an enum without variants has no value to choose");
            }
            Some(Body::Enum(variants(raw, errors)))
        }
        syntax::Body::Tuple(span) | syntax::Body::Union(span) => {
            errors.span(span, NAMED_FIELDS);
            None
        }
    }
}

fn variants(raw: Vec<syntax::Variant>, errors: &mut Errors) -> Vec<Variant> {
    let mut out: Vec<Variant> = Vec::new();
    for syntax::Variant { ident, attributes, fields } in raw {
        if let Some(span) = fields {
            let message = "a variant is just a name in the configuration: leave out its fields, or make the type a struct";
            errors.span(span, message);
        }
        let Attributes { docs, config, parameter, pipeline } = attributes;
        misplaced(&parameter, "`#[parameter(…)]` belongs on a field of type `Parameter<…>`", errors);
        misplaced(&pipeline, "`#[pipeline(…)]` belongs on the struct with `#[derive(Pipeline)]`", errors);
        let mut taker = Taker::new(config, Attribute::Variant, errors);
        let own = ident.unraw().to_string().to_snake_case();
        let (name, span) = names::alias(taker.take("alias"), errors).unwrap_or((own, ident.span()));
        if let Some(earlier) = out.iter().find(|earlier| earlier.name == name) {
            let message =
                format!("`{}` is called \"{name}\" too: give one of them an `alias`", earlier.ident);
            errors.span(span, message);
        }
        out.push(Variant { ident, name, description: docs });
    }
    out
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
    let Setting { key, value } = setting;
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
