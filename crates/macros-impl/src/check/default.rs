//! The rules about `default`.

use std::cmp::Ordering;

use syn::{Expr, Ident};

use super::constraints::Subject;
use crate::constant::{Constant, Number, constant};
use crate::errors::Errors;
use crate::kind::Kind;
use crate::model::{Assertion, Constraints, Default, Question};
use crate::syntax::{Setting, ungroup};
use syn::spanned::Spanned as _;

/// Reads a field's default and holds it against the field's type and constraints.
pub(super) fn value(
    setting: Setting,
    subject: Subject<'_>,
    constraints: &Constraints,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<Default> {
    let Setting { key, value } = setting;
    if let Kind::Optional(inner) = subject.kind {
        let none = value.as_ref().is_none_or(is_none);
        let message = if none {
            "an `Option` is `None` when its key is absent: remove `default`".to_owned()
        } else {
            format!(
                "with a default it is never `None`: make its type {} instead of an `Option`",
                inner.name()
            )
        };
        errors.at(&key, message);
        return None;
    }
    match value {
        None => empty(&key, subject, constraints, assertions, errors),
        Some(expr) => {
            let constant = constant(&expr, errors)?;
            literal(constant, &expr, subject, constraints, assertions, errors)
        }
    }
}

fn is_none(expr: &Expr) -> bool {
    matches!(ungroup(expr), Expr::Path(path) if path.path.is_ident("None"))
}

fn empty(
    key: &Ident,
    subject: Subject<'_>,
    constraints: &Constraints,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<Default> {
    match subject.kind {
        Kind::List(_) | Kind::Map => {
            if let Some(min) = constraints.min_length {
                errors.at(key, format!("the default is empty, and `min_length` is {min}"));
            }
        }
        Kind::Other(_) => {
            let message = format!("write the default of `{}`: `default = …`", subject.ident);
            assertions.push(Assertion { span: key.span(), question: Question::TakesEmpty, message });
        }
        kind => {
            errors.at(key, format!("write the default, {}", kind.example()));
            return None;
        }
    }
    Some(Default::Empty)
}

/// Holds a default against its field's type and constraints.
pub(super) fn literal(
    constant: Constant,
    expr: &Expr,
    subject: Subject<'_>,
    constraints: &Constraints,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<Default> {
    if let Err(message) = subject.kind.accepts(&constant) {
        errors.at(expr, message);
        return None;
    }
    if let Kind::Other(name) = subject.kind {
        let message = format!("`{constant}` is not a value of {name}");
        let question = Question::Takes(constant.clone());
        assertions.push(Assertion { span: expr.span(), question, message });
    }
    let broken = broken(&constant, constraints);
    if !broken.is_empty() {
        errors.at(expr, format!("the default `{constant}` breaks the field's own {}", broken.join(" and ")));
        return None;
    }
    Some(Default::Constant(constant))
}

/// The constraints that a value breaks, as they would be written.
fn broken(constant: &Constant, constraints: &Constraints) -> Vec<String> {
    use Ordering::{Equal, Greater, Less};
    let mut broken = Vec::new();
    let length = match constant {
        Constant::Text(text) => Some(text.chars().count()),
        Constant::List(items) => Some(items.len()),
        _ => None,
    };
    if let Constant::Number(number) = constant {
        let bounds = [
            ("ge", constraints.ge, [Greater, Equal]),
            ("gt", constraints.gt, [Greater, Greater]),
            ("le", constraints.le, [Less, Equal]),
            ("lt", constraints.lt, [Less, Less]),
        ];
        for (key, bound, allowed) in bounds {
            if let Some(bound) = bound
                && !number.compare(bound).is_some_and(|ordering| allowed.contains(&ordering))
            {
                broken.push(format!("`{key} = {bound}`"));
            }
        }
        if let Some(step) = constraints.multiple_of
            && !is_multiple(*number, step)
        {
            broken.push(format!("`multiple_of = {step}`"));
        }
    }
    let lengths =
        [("min_length", constraints.min_length, Less), ("max_length", constraints.max_length, Greater)];
    for (key, bound, wrong) in lengths {
        if let (Some(length), Some(bound)) = (length, bound)
            && length.cmp(&bound) == wrong
        {
            broken.push(format!("`{key} = {bound}`"));
        }
    }
    if let (Constant::Text(text), Some(pattern)) = (constant, &constraints.pattern)
        && !regex_lite::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
    {
        broken.push(format!("`pattern = {pattern:?}`"));
    }
    if !constraints.choices.is_empty() && !constraints.choices.iter().any(|choice| same(choice, constant)) {
        broken.push("`choices`".to_owned());
    }
    broken
}

fn same(a: &Constant, b: &Constant) -> bool {
    match (a, b) {
        (Constant::Number(a), Constant::Number(b)) => a.compare(*b) == Some(Ordering::Equal),
        (a, b) => a == b,
    }
}

/// The same rule as at run time: exact between integers, with the slack that decimal fractions need else.
fn is_multiple(number: Number, step: Number) -> bool {
    match (number, step) {
        (Number::Integer(n), Number::Integer(step)) => n.checked_rem(step) == Some(0),
        (n, step) => {
            let quotient = n.float() / step.float();
            let slack = (1e-9 * quotient.abs().max(1.0)).min(0.01);
            quotient.is_finite() && (quotient - quotient.round()).abs() <= slack
        }
    }
}
