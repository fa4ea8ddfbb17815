//! The rules about `ge gt le lt multiple_of min_length max_length pattern choices`.

use std::cmp::Ordering;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident};

use super::{text, value};
use crate::constant::{Constant, Number, constant};
use crate::errors::Errors;
use crate::keys::Taker;
use crate::kind::Kind;
use crate::model::{Assertion, Constraints, Question};
use crate::syntax::ungroup;

/// The field that constraints speak of.
#[derive(Clone, Copy)]
pub(super) struct Subject<'f> {
    pub(super) ident: &'f Ident,
    pub(super) kind: &'f Kind,
}

impl Subject<'_> {
    fn is(self) -> String {
        format!("`{}` is {}", self.ident, self.kind.name())
    }
}

/// A number that was set, and where.
struct Bound {
    key: Ident,
    at: Span,
    number: Number,
}

/// A length that was set, and where.
struct Length {
    key: Ident,
    at: Span,
    count: usize,
}

/// Reads and checks all constraints on a field.
pub(super) fn all(
    taker: &mut Taker,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Constraints {
    let mut bound =
        |key: &str| taker.take(key).and_then(|setting| self::bound(setting, subject, assertions, errors));
    let (ge, gt, le, lt) = (bound("ge"), bound("gt"), bound("le"), bound("lt"));
    let multiple_of = bound("multiple_of");
    one_of_two(ge.as_ref(), gt.as_ref(), "below", errors);
    one_of_two(le.as_ref(), lt.as_ref(), "above", errors);
    let range = Range { lower: ge.as_ref().or(gt.as_ref()), upper: le.as_ref().or(lt.as_ref()) };
    range.check(matches!(subject.kind.inner(), Kind::Integer { .. }), multiple_of.as_ref(), errors);

    let (min_length, max_length) = lengths(taker, subject, assertions, errors);
    let pattern = taker.take("pattern").and_then(|setting| pattern(setting, subject, assertions, errors));
    let choices = taker.take("choices");
    if let Some(setting) = &choices {
        let bounds = [&ge, &gt, &le, &lt, &multiple_of].into_iter().flatten().map(|bound| &bound.key);
        let lengths = [&min_length, &max_length].into_iter().flatten().map(|length| &length.key);
        let others = bounds.chain(lengths).chain(pattern.as_ref().map(|(key, _)| key));
        others_beside_choices(others, &setting.key, errors);
    }
    let choices = choices.map(|setting| self::choices(setting, subject, assertions, errors));
    let choices = choices.unwrap_or_default().into_iter().map(|(choice, _)| choice).collect();
    Constraints {
        ge: ge.map(|bound| bound.number),
        gt: gt.map(|bound| bound.number),
        le: le.map(|bound| bound.number),
        lt: lt.map(|bound| bound.number),
        multiple_of: multiple_of.map(|bound| bound.number),
        min_length: min_length.map(|length| length.count),
        max_length: max_length.map(|length| length.count),
        pattern: pattern.map(|(_, pattern)| pattern),
        choices,
    }
}

/// What a parameter of text may have of these, and where.
pub(super) struct OfParameter {
    pub(super) constraints: Constraints,
    pub(super) max_length: Option<Span>,
    pub(super) choices: Vec<Span>,
}

/// Reads and checks `min_length`, `max_length` and `choices` of a parameter of text.
pub(super) fn of_parameter(taker: &mut Taker, subject: Subject<'_>, errors: &mut Errors) -> OfParameter {
    let mut assertions = Vec::new();
    let (min_length, max_length) = lengths(taker, subject, &mut assertions, errors);
    let choices = taker.take("choices");
    if let Some(setting) = &choices {
        let lengths = [&min_length, &max_length].into_iter().flatten().map(|length| &length.key);
        others_beside_choices(lengths, &setting.key, errors);
    }
    let choices = choices.map(|setting| self::choices(setting, subject, &mut assertions, errors));
    let (choices, places) = choices.unwrap_or_default().into_iter().unzip();
    let constraints = Constraints {
        min_length: min_length.map(|length| length.count),
        max_length: max_length.as_ref().map(|length| length.count),
        choices,
        ..Constraints::default()
    };
    OfParameter { constraints, max_length: max_length.map(|length| length.at), choices: places }
}

fn bound(
    setting: crate::syntax::Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<Bound> {
    let (key, expr) = value(setting, "1", errors)?;
    let instead = match subject.kind.inner() {
        Kind::Integer { .. } | Kind::Float(_) | Kind::Other(_) | Kind::Refused(_) => None,
        Kind::Text(_) | Kind::List(_) | Kind::Map if key != "multiple_of" => {
            let length = if key == "ge" || key == "gt" { "min_length" } else { "max_length" };
            Some(format!("; for its length write `{length}`"))
        }
        _ => Some(String::new()),
    };
    if let Some(instead) = instead {
        errors.at(&key, format!("`{key}` is about numbers, and {}{instead}", subject.is()));
        return None;
    }
    let constant = constant(&expr, errors)?;
    let Constant::Number(number) = constant else {
        errors.at(&expr, format!("`{key}` takes a number, not `{constant}`"));
        return None;
    };
    let at = expr.span();
    // A step need not be a value of the field, so its size says nothing; a bound that is none has no effect.
    let step = key == "multiple_of";
    if step && number.compare(Number::Integer(0)) != Some(Ordering::Greater) {
        errors.at(&expr, "`multiple_of` takes a number above 0");
        return None;
    }
    match (subject.kind.inner(), number) {
        (Kind::Integer { .. }, Number::Float(_)) => {
            errors.at(&expr, format!("{}: write a whole number", subject.is()));
            return None;
        }
        (Kind::Other(_), _) => {
            let question = if step { Question::TakesBounds } else { Question::Takes(constant) };
            let message = format!(
                "`{key} = {number}` does not fit {}, the type of `{}`",
                subject.kind.name(),
                subject.ident
            );
            assertions.push(Assertion { span: at, question, message });
        }
        (kind, _) => {
            if let Err(message) = kind.accepts(&constant) {
                errors.at(&expr, message);
                return None;
            }
        }
    }
    Some(Bound { key, at, number })
}

/// Two bounds on one side: the looser one has no effect.
fn one_of_two(or_equal: Option<&Bound>, strict: Option<&Bound>, side: &str, errors: &mut Errors) {
    if let (Some(or_equal), Some(strict)) = (or_equal, strict) {
        errors.at(
            &strict.key,
            format!("`{}` and `{}` both limit the value from {side}: keep one", or_equal.key, strict.key),
        );
    }
}

struct Range<'b> {
    lower: Option<&'b Bound>,
    upper: Option<&'b Bound>,
}

impl Range<'_> {
    /// A range must hold a value, and one of the multiples.
    fn check(&self, whole: bool, step: Option<&Bound>, errors: &mut Errors) {
        let (Some(lower), Some(upper)) = (self.lower, self.upper) else {
            return;
        };
        let empty = match lower.number.compare(upper.number) {
            Some(Ordering::Less) => false,
            Some(Ordering::Equal) => lower.key == "gt" || upper.key == "lt",
            _ => true,
        };
        let says = |bound: &Bound| format!("`{} = {}`", bound.key, bound.number);
        if empty {
            errors.span(upper.at, format!("no value has both {} and {}", says(lower), says(upper)));
            return;
        }
        let (true, Number::Integer(low), Number::Integer(high)) = (whole, lower.number, upper.number) else {
            return;
        };
        let low = low.saturating_add((lower.key == "gt").into());
        let high = high.saturating_sub((upper.key == "lt").into());
        if low > high {
            errors.span(upper.at, format!("no whole number has both {} and {}", says(lower), says(upper)));
        } else if let Some(step) = step
            && let Number::Integer(n) = step.number
            && high.div_euclid(n).saturating_mul(n) < low
        {
            errors.span(step.at, format!("no multiple of {n} has both {} and {}", says(lower), says(upper)));
        }
    }
}

fn lengths(
    taker: &mut Taker,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> (Option<Length>, Option<Length>) {
    let mut length = |key: &str| {
        let (key, expr) = value(taker.take(key)?, "1", errors)?;
        let instead = match subject.kind.inner() {
            Kind::Integer { .. } | Kind::Float(_) if key == "min_length" => Some("; write `ge`"),
            Kind::Integer { .. } | Kind::Float(_) => Some("; write `le`"),
            Kind::Boolean => Some(""),
            Kind::Other(_) => {
                let message =
                    format!("`{key}` counts characters or items, and `{}` has neither", subject.ident);
                assertions.push(Assertion { span: key.span(), question: Question::TakesLength, message });
                None
            }
            _ => None,
        };
        if let Some(instead) = instead {
            errors.at(&key, format!("`{key}` counts characters or items, and {}{instead}", subject.is()));
            return None;
        }
        match constant(&expr, errors)? {
            Constant::Number(Number::Integer(0)) if key == "min_length" => {
                errors.at(&expr, "every length is at least 0: remove it");
                None
            }
            Constant::Number(Number::Integer(n)) if u32::try_from(n).is_ok() => {
                Some(Length { key, at: expr.span(), count: usize::try_from(n).unwrap_or(usize::MAX) })
            }
            other => {
                errors
                    .at(&expr, format!("`{key}` takes a whole number from 0 to {}, not `{other}`", u32::MAX));
                None
            }
        }
    };
    let (min, max) = (length("min_length"), length("max_length"));
    if let (Some(min), Some(max)) = (&min, &max)
        && min.count > max.count
    {
        errors.span(
            max.at,
            format!("no value has both `min_length = {}` and `max_length = {}`", min.count, max.count),
        );
    }
    (min, max)
}

fn pattern(
    setting: crate::syntax::Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<(Ident, String)> {
    let key = setting.key.clone();
    let (pattern, at) = text(setting, "^[a-z]+$", errors)?;
    match subject.kind.inner() {
        Kind::Text(_) | Kind::Refused(_) => {}
        Kind::Other(_) => {
            let message = format!("`pattern` is about text, and `{}` is none", subject.ident);
            assertions.push(Assertion { span: key.span(), question: Question::TakesPattern, message });
        }
        _ => {
            errors.at(&key, format!("`pattern` is about text, and {}", subject.is()));
            return None;
        }
    }
    if pattern.is_empty() {
        errors.span(at, "an empty pattern matches every text: remove it");
        return None;
    }
    if let Err(error) = regex_lite::Regex::new(&pattern) {
        errors.span(at, format!("this pattern can't be compiled: {error}"));
        return None;
    }
    Some((key, pattern))
}

fn choices(
    setting: crate::syntax::Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Vec<(Constant, Span)> {
    let Some((key, expr)) = value(setting, "[\"a\", \"b\"]", errors) else {
        return Vec::new();
    };
    match subject.kind.inner() {
        Kind::List(_) | Kind::Map => {
            errors.at(&key, format!("`choices` lists texts or numbers, and {}", subject.is()));
            return Vec::new();
        }
        Kind::Boolean => {
            errors.at(&key, format!("{}, so it has just two values", subject.is()));
            return Vec::new();
        }
        _ => {}
    }
    let Expr::Array(array) = ungroup(&expr) else {
        errors.at(&expr, "`choices` takes a list: `choices = [\"a\", \"b\"]`");
        return Vec::new();
    };
    if array.elems.is_empty() {
        errors.at(&expr, "`choices` is empty, so no value is allowed");
    }
    let mut out: Vec<(Constant, Span)> = Vec::new();
    for item in &array.elems {
        let Some(choice) = constant(item, errors) else {
            continue;
        };
        if matches!(choice, Constant::Boolean(_) | Constant::List(_)) {
            errors.at(item, "a choice is a text or a number");
        } else if let Err(message) = subject.kind.inner().accepts(&choice) {
            errors.at(item, message);
        } else if out.iter().any(|(earlier, _)| *earlier == choice) {
            errors.at(item, format!("`{choice}` is among the choices already"));
        } else {
            if matches!(subject.kind.inner(), Kind::Other(_)) {
                let message = format!("`{choice}` is not a value of {}", subject.kind.name());
                let question = Question::Takes(choice.clone());
                assertions.push(Assertion { span: item.span(), question, message });
            }
            out.push((choice, item.span()));
        }
    }
    out
}

/// `choices` names every value, so another constraint cuts some of them off or has no effect.
fn others_beside_choices<'k>(others: impl Iterator<Item = &'k Ident>, choices: &Ident, errors: &mut Errors) {
    for other in others {
        errors.at(
            other,
            format!("`{other}` has no place beside `{choices}`: list just the values that are allowed"),
        );
    }
}
