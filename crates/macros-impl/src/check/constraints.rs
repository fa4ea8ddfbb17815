//! The rules about `ge gt le lt multiple_of min_length max_length pattern choices`.

use std::cmp::Ordering;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Type};

use super::{named, text, value};
use crate::constant::{Constant, Number, constant};
use crate::errors::Errors;
use crate::keys::{Attribute, Taker};
use crate::kind::{Kind, held_types};
use crate::model::{self, Assertion, Constraints, Question};
use crate::syntax::{self, Setting, ungroup};

/// The field that constraints speak of.
#[derive(Clone, Copy)]
pub(super) struct Subject<'f> {
    pub(super) ident: &'f Ident,
    pub(super) kind: &'f Kind,
    /// The type, and whether it is that of elements and not the field's own.
    pub(super) ty: &'f Type,
    pub(super) element: bool,
}

impl Subject<'_> {
    /// The type for an assertion about elements.
    fn asked(self) -> Option<Type> {
        self.element.then(|| self.ty.clone())
    }

    fn is(self) -> String {
        if self.element {
            return format!("what `{}` holds is {}", self.ident, self.kind.name());
        }
        format!("`{}` is {}", self.ident, self.kind.name())
    }
}

/// A number that was set, and where.
struct Bound {
    key: Ident,
    at: Span,
    value: model::Bound,
}

/// A length that was set, and where.
struct Length {
    key: Ident,
    at: Span,
    value: model::Length,
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
    let unknown = |bound: &&Bound| bound.value.number().is_none();
    if let Some(bound) = [&ge, &gt, &le, &lt].into_iter().flatten().find(unknown)
        && range.lower.is_some()
        && range.upper.is_some()
    {
        assert_some_value(bound.at, subject, assertions);
    }
    let lengths = [&min_length, &max_length];
    if let Some(length) = lengths.into_iter().flatten().find(|length| length.value.count().is_none())
        && lengths.iter().all(|length| length.is_some())
    {
        assert_some_value(length.at, subject, assertions);
    }
    let unique_items =
        taker.take("unique_items").is_some_and(|setting| unique(&setting, subject, assertions, errors));
    let mut elements =
        |key: &str| taker.take(key).and_then(|s| self::elements(s, subject, assertions, errors));
    let (items, keys, values) = (elements("items"), elements("keys"), elements("values"));
    Constraints {
        ge: ge.map(|bound| bound.value),
        gt: gt.map(|bound| bound.value),
        le: le.map(|bound| bound.value),
        lt: lt.map(|bound| bound.value),
        multiple_of: multiple_of.map(|bound| bound.value),
        min_length: min_length.map(|length| length.value),
        max_length: max_length.map(|length| length.value),
        pattern: pattern.map(|(_, pattern)| pattern),
        choices,
        unique_items,
        items: items.map(Box::new),
        keys: keys.map(Box::new),
        values: values.map(Box::new),
    }
}

/// Constants are compared by the compiler.
fn assert_some_value(at: Span, subject: Subject<'_>, assertions: &mut Vec<Assertion>) {
    if !subject.element {
        let message = format!("no value keeps all limits of `{}`", subject.ident);
        assertions.push(Assertion { span: at, question: Question::HasAValue, ty: None, message });
    }
}

/// `unique_items` on a list.
fn unique(
    setting: &Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> bool {
    let key = &setting.key;
    if let Some(value) = &setting.value {
        errors.at(value, "`unique_items` takes no value: write it alone, or leave it out");
        return false;
    }
    match subject.kind.inner() {
        Kind::List("a `BTreeSet`" | "a `HashSet`", _) => {
            errors.at(key, "the items of a set are unique anyway: remove it");
            return false;
        }
        Kind::List(..) | Kind::Refused(_) => {}
        Kind::Other(_) => {
            let message = format!("`unique_items` is about lists, and `{}` is none", subject.ident);
            let (span, question) = (key.span(), Question::TakesItems);
            assertions.push(Assertion { span, question, ty: subject.asked(), message });
        }
        _ => {
            errors.at(key, format!("`unique_items` is about lists, and {}", subject.is()));
            return false;
        }
    }
    true
}

/// `items(…)`, `keys(…)` or `values(…)`.
fn elements(
    setting: Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<Constraints> {
    let Setting { key, inner, .. } = setting;
    let Some(inner) = inner else {
        errors.at(&key, format!("write the limits in parentheses: `{key}(max_length = 10)`"));
        return None;
    };
    let held = match subject.kind.inner() {
        Kind::List(_, held) if key == "items" => held,
        Kind::Map(_, held, _) if key == "keys" => held,
        Kind::Map(_, _, held) if key == "values" => held,
        _ => {
            let about = if key == "items" { "lists and sets" } else { "maps" };
            errors.at(&key, format!("`{key}` is about {about}, and {}", subject.is()));
            return None;
        }
    };
    let types = held_types(subject.ty);
    let ty = *types.get(usize::from(key == "values"))?;
    let settings = syntax::inner_settings(inner, errors);
    if settings.list.is_empty() {
        errors
            .at(&key, format!("`{key}()` says nothing: remove it, or write a limit between the parentheses"));
    }
    let mut taker = Taker::new(settings, Attribute::Elements, errors);
    let subject = Subject { ident: subject.ident, kind: held, ty, element: true };
    Some(all(&mut taker, subject, assertions, errors))
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
        min_length: min_length.map(|length| length.value),
        max_length: max_length.as_ref().map(|length| length.value.clone()),
        choices,
        ..Constraints::default()
    };
    OfParameter { constraints, max_length: max_length.map(|length| length.at), choices: places }
}

fn bound(
    setting: Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Option<Bound> {
    let (key, expr) = value(setting, "1", errors)?;
    let instead = match subject.kind.inner() {
        Kind::Integer { .. } | Kind::Float(_) | Kind::Other(_) | Kind::Refused(_) => None,
        Kind::Text(_) | Kind::List(..) | Kind::Map(..) if key != "multiple_of" => {
            let length = if key == "ge" || key == "gt" { "min_length" } else { "max_length" };
            Some(format!("; for its length write `{length}`"))
        }
        _ => Some(String::new()),
    };
    if let Some(instead) = instead {
        errors.at(&key, format!("`{key}` is about numbers, and {}{instead}", subject.is()));
        return None;
    }
    if let Some(named) = named(&expr, subject.kind, errors) {
        return Some(Bound { at: expr.span(), key, value: model::Bound::Named(named?) });
    }
    let constant = constant(&expr, errors)?;
    if let (Kind::Other(_), Constant::Text(text)) = (subject.kind.inner(), &constant) {
        let question = Question::TakesAmount(text.clone());
        let message = format!("`{key} = {constant}` is no limit for {}", subject.kind.name());
        assertions.push(Assertion { span: expr.span(), question, ty: subject.asked(), message });
        let value = model::Bound::Text(text.clone(), subject.asked());
        return Some(Bound { at: expr.span(), key, value });
    }
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
            assertions.push(Assertion { span: at, question, ty: subject.asked(), message });
        }
        (kind, _) => {
            if let Err(message) = kind.accepts(&constant) {
                errors.at(&expr, message);
                return None;
            }
        }
    }
    Some(Bound { key, at, value: model::Bound::Number(number) })
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
        let (Some(low), Some(high)) = (lower.value.number(), upper.value.number()) else {
            return;
        };
        let empty = match low.compare(high) {
            Some(Ordering::Less) => false,
            Some(Ordering::Equal) => lower.key == "gt" || upper.key == "lt",
            _ => true,
        };
        let says = |bound: &Bound, number: Number| format!("`{} = {number}`", bound.key);
        if empty {
            errors
                .span(upper.at, format!("no value has both {} and {}", says(lower, low), says(upper, high)));
            return;
        }
        let (true, Number::Integer(first), Number::Integer(last)) = (whole, low, high) else {
            return;
        };
        let first = first.saturating_add((lower.key == "gt").into());
        let last = last.saturating_sub((upper.key == "lt").into());
        if first > last {
            errors.span(
                upper.at,
                format!("no whole number has both {} and {}", says(lower, low), says(upper, high)),
            );
        } else if let Some(step) = step
            && let Some(Number::Integer(n)) = step.value.number()
            && last.div_euclid(n).saturating_mul(n) < first
        {
            errors.span(
                step.at,
                format!("no multiple of {n} has both {} and {}", says(lower, low), says(upper, high)),
            );
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
                let (span, question) = (key.span(), Question::TakesLength);
                assertions.push(Assertion { span, question, ty: subject.asked(), message });
                None
            }
            _ => None,
        };
        if let Some(instead) = instead {
            errors.at(&key, format!("`{key}` counts characters or items, and {}{instead}", subject.is()));
            return None;
        }
        if super::is_named(&expr) {
            return Some(Length { key, at: expr.span(), value: model::Length::Named(expr) });
        }
        match constant(&expr, errors)? {
            Constant::Number(Number::Integer(0)) if key == "min_length" => {
                errors.at(&expr, "every length is at least 0: remove it");
                None
            }
            Constant::Number(Number::Integer(n)) if u32::try_from(n).is_ok() => {
                let value = model::Length::Count(usize::try_from(n).unwrap_or(usize::MAX));
                Some(Length { key, at: expr.span(), value })
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
        && let (Some(least), Some(most)) = (min.value.count(), max.value.count())
        && least > most
    {
        let message = format!("no value has both `min_length = {least}` and `max_length = {most}`");
        errors.span(max.at, message);
    }
    (min, max)
}

fn pattern(
    setting: Setting,
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
            let (span, question) = (key.span(), Question::TakesPattern);
            assertions.push(Assertion { span, question, ty: subject.asked(), message });
        }
        _ => {
            errors.at(&key, format!("`pattern` is about text, and {}", subject.is()));
            return None;
        }
    }
    regex((pattern, at), errors).map(|pattern| (key, pattern))
}

/// A pattern that can be one.
pub(super) fn regex((pattern, at): (String, Span), errors: &mut Errors) -> Option<String> {
    if pattern.is_empty() {
        errors.span(at, "an empty pattern matches every text: remove it");
        return None;
    }
    if let Err(error) = regex_lite::Regex::new(&pattern) {
        errors.span(at, format!("this pattern can't be compiled: {error}"));
        return None;
    }
    Some(pattern)
}

fn choices(
    setting: Setting,
    subject: Subject<'_>,
    assertions: &mut Vec<Assertion>,
    errors: &mut Errors,
) -> Vec<(Constant, Span)> {
    let Some((key, expr)) = value(setting, "[\"a\", \"b\"]", errors) else {
        return Vec::new();
    };
    match subject.kind.inner() {
        Kind::List(..) | Kind::Map(..) => {
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
                assertions.push(Assertion { span: item.span(), question, ty: subject.asked(), message });
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
