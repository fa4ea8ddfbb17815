//! The rules about `default`.

use std::cmp::Ordering;

use syn::{Expr, Ident};

use super::constraints::Subject;
use super::named;
use crate::constant::{Constant, Number, constant};
use crate::errors::Errors;
use crate::kind::Kind;
use crate::model::{Assertion, Bound, Constraints, Default, Length, Question};
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
    let Setting { key, value, .. } = setting;
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
            if let Some(named) = named(&expr, subject.kind, errors) {
                let fits = has_bounds(constraints).then(|| Assertion {
                    span: expr.span(),
                    question: Question::DefaultFits,
                    ty: None,
                    message: format!("the default of `{}` breaks the field's own limits", subject.ident),
                });
                assertions.extend(fits);
                return named.map(Default::Named);
            }
            let constant = constant(&expr, errors)?;
            literal(constant, &expr, subject, constraints, assertions, errors)
        }
    }
}

/// Reads the examples of a field.
pub(super) fn examples(setting: Setting, subject: Subject<'_>, errors: &mut Errors) -> Vec<Constant> {
    let Some((_, expr)) = super::value(setting, "[…]", errors) else {
        return Vec::new();
    };
    let Expr::Array(array) = ungroup(&expr) else {
        errors.at(&expr, "`examples` takes a list: `examples = [1, 2]`");
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in &array.elems {
        let Some(example) = constant(item, errors) else { continue };
        match subject.kind.accepts(&example) {
            Ok(()) => out.push(example),
            Err(message) => errors.at(item, message),
        }
    }
    out
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
        Kind::List("an array", _) => {
            errors.at(key, "an array is never empty: write the default, a list in brackets");
            return None;
        }
        Kind::List(..) | Kind::Map(..) => {
            if let Some(min) = constraints.min_length.as_ref().and_then(crate::model::Length::count) {
                errors.at(key, format!("the default is empty, and `min_length` is {min}"));
            }
        }
        Kind::Other(_) => {
            let message = format!("write the default of `{}`: `default = …`", subject.ident);
            assertions.push(Assertion {
                span: key.span(),
                question: Question::TakesEmpty,
                ty: None,
                message,
            });
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
        assertions.push(Assertion { span: expr.span(), question, ty: None, message });
    }
    let named = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.number().is_none());
    if matches!(constant, Constant::Number(_)) && bounds(constraints).into_iter().any(named) {
        let message = format!("the default `{constant}` breaks the field's own limits");
        let question = Question::DefaultFits;
        assertions.push(Assertion { span: expr.span(), question, ty: None, message });
    }
    let broken = broken(&constant, constraints);
    if !broken.is_empty() {
        errors.at(expr, format!("the default `{constant}` breaks the field's own {}", broken.join(" and ")));
        return None;
    }
    Some(Default::Constant(constant))
}

fn bounds(constraints: &Constraints) -> [&Option<Bound>; 5] {
    let Constraints { ge, gt, le, lt, multiple_of, .. } = constraints;
    [ge, gt, le, lt, multiple_of]
}

fn has_bounds(constraints: &Constraints) -> bool {
    bounds(constraints).into_iter().any(Option::is_some) || !constraints.choices.is_empty()
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
            ("ge", &constraints.ge, [Greater, Equal]),
            ("gt", &constraints.gt, [Greater, Greater]),
            ("le", &constraints.le, [Less, Equal]),
            ("lt", &constraints.lt, [Less, Less]),
        ];
        for (key, bound, allowed) in bounds {
            if let Some(bound) = bound.as_ref().and_then(Bound::number)
                && !number.compare(bound).is_some_and(|ordering| allowed.contains(&ordering))
            {
                broken.push(format!("`{key} = {bound}`"));
            }
        }
        if let Some(step) = constraints.multiple_of.as_ref().and_then(Bound::number)
            && !is_multiple(*number, step)
        {
            broken.push(format!("`multiple_of = {step}`"));
        }
    }
    let lengths =
        [("min_length", &constraints.min_length, Less), ("max_length", &constraints.max_length, Greater)];
    for (key, bound, wrong) in lengths {
        if let (Some(length), Some(bound)) = (length, bound.as_ref().and_then(Length::count))
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
