//! The rules about fields of type `Parameter<T>`.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::constraints::{self, OfParameter, Subject};
use super::{default, names, text, value};
use crate::constant::{Constant, constant};
use crate::errors::Errors;
use crate::keys::Taker;
use crate::kind::Kind;
use crate::model::{Constraints, Default, Length, Parameter, ParameterKind};

/// `EnumValues` of a parameter in a definition.
const MAX_CHOICES: usize = 16;
/// `String1024`, a parameter's value in SageMaker's API, in characters.
const MAX_VALUE: usize = 1024;

pub(super) struct Checked {
    pub(super) parameter: Parameter,
    pub(super) default: Option<Default>,
    pub(super) constraints: Constraints,
}

/// Checks a parameter; the second result is where its name comes from.
pub(super) fn parameter(
    ident: &Ident,
    ty: &Type,
    inner: Option<&Type>,
    mut taker: Taker,
    errors: &mut Errors,
) -> Option<(Checked, Span)> {
    let kind = match inner {
        None => {
            errors.at(ty, "say what the parameter holds: `Parameter<String>`, `Parameter<i64>`, `Parameter<f64>` or `Parameter<bool>`");
            None
        }
        Some(inner) => self::kind(inner, errors),
    };
    let name = names::parameter(taker.take("name"), ident, errors);
    let unused = taker.take("unused").and_then(|setting| reason(setting, errors));
    let Some(kind) = kind else {
        // Without the type the other settings can't be judged.
        return None;
    };
    let held = match kind {
        ParameterKind::String => Kind::Text("String"),
        ParameterKind::Integer => Kind::Integer { name: "i64", min: i64::MIN.into(), max: i64::MAX.into() },
        ParameterKind::Float => Kind::Float("f64"),
        ParameterKind::Boolean => Kind::Boolean,
    };
    let subject = Subject { ident, kind: &held, ty, element: false };
    let constraints = if kind == ParameterKind::String {
        string_constraints(&mut taker, subject, errors)
    } else {
        strings_only(&mut taker, kind, errors);
        Constraints::default()
    };
    let default = taker.take("default").and_then(|setting| {
        let (_, expr) = value(setting, &example(kind), errors)?;
        let constant = constant(&expr, errors)?;
        too_long(&constant, expr.span(), errors);
        default::literal(constant, &expr, subject, &constraints, &mut Vec::new(), errors)
    });
    let (name, at) = name?;
    Some((Checked { parameter: Parameter { kind, name, unused }, default, constraints }, at))
}

fn kind(inner: &Type, errors: &mut Errors) -> Option<ParameterKind> {
    let instead = match Kind::of(inner) {
        Kind::Text("String") => return Some(ParameterKind::String),
        Kind::Integer { name: "i64", .. } => return Some(ParameterKind::Integer),
        Kind::Float("f64") => return Some(ParameterKind::Float),
        Kind::Boolean => return Some(ParameterKind::Boolean),
        Kind::Integer { .. } => "SageMaker's integers have 64 bits: write `Parameter<i64>`",
        Kind::Float(_) => "SageMaker's floats have 64 bits: write `Parameter<f64>`",
        Kind::Text(_) | Kind::Refused(_) => "a text parameter is a `Parameter<String>`",
        Kind::Optional(_) => "a parameter always has a value: leave out the `Option`",
        _ => "a parameter holds a `String`, `i64`, `f64` or `bool`, written as one of these",
    };
    errors.at(inner, instead);
    None
}

fn example(kind: ParameterKind) -> String {
    let example = match kind {
        ParameterKind::String => "\"ml.m5.large\"",
        ParameterKind::Integer => "3",
        ParameterKind::Float => "0.5",
        ParameterKind::Boolean => "true",
    };
    example.to_owned()
}

fn string_constraints(taker: &mut Taker, subject: Subject<'_>, errors: &mut Errors) -> Constraints {
    let OfParameter { constraints, max_length, choices } = constraints::of_parameter(taker, subject, errors);
    let lengths = [&constraints.min_length, &constraints.max_length];
    if let (true, Some(at)) =
        (lengths.into_iter().flatten().any(|length| length.count().is_none()), max_length)
    {
        errors.span(at, "the limits of a parameter are written as numbers");
    }
    if let (Some(max), Some(at)) = (constraints.max_length.as_ref().and_then(Length::count), max_length)
        && max > MAX_VALUE
    {
        errors.span(at, format!("a parameter's value has at most {MAX_VALUE} characters anyway"));
    }
    if let Some(at) = choices.get(MAX_CHOICES) {
        let message =
            format!("a parameter takes at most {MAX_CHOICES} choices, and there are {}", choices.len());
        errors.span(*at, message);
    }
    for (choice, at) in constraints.choices.iter().zip(choices) {
        too_long(choice, at, errors);
    }
    constraints
}

/// Only texts have choices and lengths in a definition.
fn strings_only(taker: &mut Taker, kind: ParameterKind, errors: &mut Errors) {
    let held = match kind {
        ParameterKind::String => "String",
        ParameterKind::Integer => "i64",
        ParameterKind::Float => "f64",
        ParameterKind::Boolean => "bool",
    };
    for key in ["choices", "min_length", "max_length"] {
        if let Some(setting) = taker.take(key) {
            errors.at(
                &setting.key,
                format!("`{key}` is for a `Parameter<String>`, and this one holds an `{held}`"),
            );
        }
    }
}

fn too_long(constant: &Constant, at: Span, errors: &mut Errors) {
    if let Constant::Text(text) = constant {
        let length = text.chars().count();
        if length > MAX_VALUE {
            errors.span(
                at,
                format!("a parameter's value has at most {MAX_VALUE} characters, and this has {length}"),
            );
        }
    }
}

fn reason(setting: crate::syntax::Setting, errors: &mut Errors) -> Option<String> {
    let (reason, span) = text(setting, "why nothing refers to it", errors)?;
    if reason.trim().is_empty() {
        errors.span(span, "say why nothing refers to the parameter");
        return None;
    }
    Some(reason)
}
