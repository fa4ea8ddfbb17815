//! Constraints on a field's value, with Pydantic's words, and how they are checked.

use std::fmt;
use std::sync::OnceLock;

use regex_lite::Regex;

mod constant;
pub(crate) mod unique;

use crate::context::Context;
use crate::suggest;
use crate::tree::{Node, quote};
use crate::types::{ByteSize, duration_text};

/// A number that a constraint or default names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Integer(i128),
    /// A number with a fraction or exponent.
    Float(f64),
    /// A duration; a bare number beside it counts seconds.
    Nanoseconds(i128),
    /// A number of bytes.
    Bytes(u64),
}

impl Number {
    /// Compares exactly between integers and as floats otherwise; `None` beside NaN.
    fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Nanoseconds(a), Self::Nanoseconds(b)) => Some(a.cmp(&b)),
            (a, b) => match (a.whole(), b.whole()) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => a.float().partial_cmp(&b.float()),
            },
        }
    }

    /// The number as a whole one, where it is of that kind.
    const fn whole(self) -> Option<i128> {
        match self {
            Self::Integer(n) => Some(n),
            Self::Bytes(n) => Some(n as i128),
            Self::Float(_) | Self::Nanoseconds(_) => None,
        }
    }

    const fn float(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "compared with a float, it is one")]
            Self::Integer(n) => n as f64,
            Self::Float(n) => n,
            #[expect(clippy::cast_precision_loss, reason = "compared with a float, it is one")]
            Self::Nanoseconds(n) => n as f64 / 1e9,
            #[expect(clippy::cast_precision_loss, reason = "compared with a float, it is one")]
            Self::Bytes(n) => n as f64,
        }
    }

    /// Whether this is a multiple of a positive step; floats get the slack that decimal fractions need.
    fn is_multiple_of(self, step: Self) -> bool {
        match (self, step) {
            (Self::Nanoseconds(n), Self::Nanoseconds(step)) => n.checked_rem(step) == Some(0),
            (n, step) if n.whole().is_some() && step.whole().is_some() => {
                n.whole().zip(step.whole()).and_then(|(n, step)| n.checked_rem(step)) == Some(0)
            }
            (n, step) => {
                let quotient = n.float() / step.float();
                let slack = 1e-9 * quotient.abs().max(1.0);
                quotient.is_finite() && (quotient - quotient.round()).abs() <= slack.min(0.01)
            }
        }
    }

    pub(crate) fn json(self) -> serde_json::Value {
        match self {
            Self::Integer(n) => serde_json::Number::from_i128(n)
                .map_or_else(|| self.float().into(), serde_json::Value::Number),
            Self::Float(n) => n.into(),
            Self::Bytes(n) => n.into(),
            Self::Nanoseconds(n) if n % 1_000_000_000 == 0 => Self::Integer(n / 1_000_000_000).json(),
            Self::Nanoseconds(_) => self.float().into(),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(n) => n.fmt(f),
            Self::Bytes(n) => ByteSize(*n).fmt(f),
            Self::Nanoseconds(n) => {
                let nanos = u64::try_from(*n).unwrap_or(u64::MAX);
                let duration = std::time::Duration::from_nanos(nanos);
                f.write_str(&duration_text(duration).unwrap_or_else(|| format!("{n}ns")))
            }
        }
    }
}

/// A regular expression, compiled when it is first needed.
///
/// The syntax is that of the `regex-lite` crate: no lookaround and no backreferences, and character
/// classes such as `\d` and `\w` mean ASCII's.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern; the derive macro has seen to it that it compiles.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether the pattern matches anywhere in the text: a match need not cover it, so anchor with `^` and
    /// `$` what must. A pattern that does not compile matches nothing.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.text).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// What a field demands of its value beyond the type. All default to nothing.
#[derive(Debug, Clone, Copy)]
pub struct Constraints {
    /// At least.
    pub ge: Option<Number>,
    /// Greater than.
    pub gt: Option<Number>,
    /// At most.
    pub le: Option<Number>,
    /// Less than.
    pub lt: Option<Number>,
    /// A multiple of this positive number.
    pub multiple_of: Option<Number>,
    /// At least as many characters (Unicode scalar values), elements or entries.
    pub min_length: Option<usize>,
    /// At most as many characters (Unicode scalar values), elements or entries.
    pub max_length: Option<usize>,
    /// Matches somewhere in the text, as Python's `re.search` does and Pydantic's `pattern` with it.
    pub pattern: Option<&'static Pattern>,
    /// One of these; empty for anything.
    pub choices: &'static [Choice],
    /// No element stands twice in a list. What is written is compared, as JSON Schema compares it.
    pub unique_items: bool,
    /// What each element of a list or set has to keep.
    pub items: Option<&'static Constraints>,
    /// What each key of a map has to keep.
    pub keys: Option<&'static Constraints>,
    /// What each value of a map has to keep.
    pub values: Option<&'static Constraints>,
}

/// One of the values that `choices` allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(Number),
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quote(text)),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// What constraints can see of a decoded value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure<'v> {
    /// A whole number, for bounds, multiples and choices.
    Integer(i128),
    /// Any number, for the same.
    Float(f64),
    /// A duration, for bounds and multiples.
    Nanoseconds(i128),
    /// A number of bytes, for bounds and multiples.
    Bytes(u64),
    /// Text, for lengths in characters, patterns and choices.
    Text(&'v str),
    /// The length of a list or table.
    Length(usize),
    /// `true` or `false`: nothing constrains it.
    Boolean(bool),
    /// Nothing that a constraint could look at.
    Opaque,
}

impl Measure<'_> {
    fn number(self) -> Option<Number> {
        match self {
            Self::Integer(n) => Some(Number::Integer(n)),
            Self::Float(n) => Some(Number::Float(n)),
            Self::Nanoseconds(n) => Some(Number::Nanoseconds(n)),
            Self::Bytes(n) => Some(Number::Bytes(n)),
            _ => None,
        }
    }

    fn is_choice(self, choice: Choice) -> bool {
        match (self, choice) {
            (Self::Text(text), Choice::Text(choice)) => text == choice,
            (measure, Choice::Number(choice)) => {
                measure.number().is_some_and(|n| n.compare(choice) == Some(std::cmp::Ordering::Equal))
            }
            _ => false,
        }
    }
}

impl Constraints {
    /// No constraints.
    pub const NONE: Self = Self {
        ge: None,
        gt: None,
        le: None,
        lt: None,
        multiple_of: None,
        min_length: None,
        max_length: None,
        pattern: None,
        choices: &[],
        unique_items: false,
        items: None,
        keys: None,
        values: None,
    };

    /// Reports each constraint that the value breaks; says whether there was none.
    pub(crate) fn check(&self, measure: Measure<'_>, node: &Node<'_>, cx: &mut Context<'_>) -> bool {
        let before = cx.problems();
        if let Some(number) = measure.number() {
            self.check_number(number, node, cx);
        }
        match measure {
            Measure::Text(text) => {
                self.check_length(text.chars().count(), "character", node, cx);
                if let Some(pattern) = self.pattern.filter(|pattern| !pattern.is_match(text)) {
                    let limit = format!("match the pattern `{}`", pattern.as_str());
                    cx.invalid::<()>(node, &limit, &limit, None);
                }
            }
            Measure::Length(length) => self.check_length(length, "item", node, cx),
            _ => {}
        }
        if !self.choices.is_empty() && measure != Measure::Opaque {
            self.check_choices(measure, node, cx);
        }
        if self.unique_items {
            unique::check(node, cx);
        }
        cx.problems() == before
    }

    fn check_number(&self, number: Number, node: &Node<'_>, cx: &mut Context<'_>) {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let bounds = [
            (self.ge, "at least", [Some(Greater), Some(Equal)]),
            (self.gt, "greater than", [Some(Greater), Some(Greater)]),
            (self.le, "at most", [Some(Less), Some(Equal)]),
            (self.lt, "less than", [Some(Less), Some(Less)]),
        ];
        for (bound, words, allowed) in bounds {
            let Some(bound) = bound else { continue };
            if !allowed.contains(&number.compare(bound)) {
                let limit = format!("{words} {bound}");
                cx.invalid::<()>(node, &format!("be {limit}"), &limit, None);
            }
        }
        if let Some(step) = self.multiple_of.filter(|step| !number.is_multiple_of(*step)) {
            let limit = format!("a multiple of {step}");
            cx.invalid::<()>(node, &format!("be {limit}"), &limit, None);
        }
    }

    fn check_length(&self, length: usize, unit: &str, node: &Node<'_>, cx: &mut Context<'_>) {
        let bounds = [
            (self.min_length, "at least", self.min_length.is_some_and(|min| length < min)),
            (self.max_length, "at most", self.max_length.is_some_and(|max| length > max)),
        ];
        for (bound, words, broken) in bounds {
            if let (Some(bound), true) = (bound, broken) {
                let limit = format!("{words} {}", count(bound, unit));
                cx.invalid::<()>(
                    node,
                    &format!("have {limit}"),
                    &limit,
                    Some(format!("it has {}", count(length, unit))),
                );
            }
        }
    }

    fn check_choices(&self, measure: Measure<'_>, node: &Node<'_>, cx: &mut Context<'_>) {
        if self.choices.iter().any(|choice| measure.is_choice(*choice)) {
            return;
        }
        let limit = one_of(self.choices.iter().map(ToString::to_string));
        let texts: Vec<&str> = self
            .choices
            .iter()
            .filter_map(|choice| if let Choice::Text(text) = choice { Some(*text) } else { None })
            .collect();
        let similar = if let Measure::Text(text) = measure { suggest::closest(text, &texts) } else { None };
        let help = similar.map(|text| format!("did you mean {}?", quote(text)));
        cx.invalid::<()>(node, &format!("be {limit}"), &limit, help);
    }
}

/// A number of things, in words.
fn count(n: usize, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

fn one_of(choices: impl Iterator<Item = String>) -> String {
    let choices: Vec<String> = choices.collect();
    match choices.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", choices.join(", ")),
    }
}

/// The names of an enum, in words.
pub(crate) fn one_of_text(names: &[&str]) -> String {
    one_of(names.iter().map(|name| quote(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn multiple(n: Number, step: Number, expected: bool) {
        assert_eq!(n.is_multiple_of(step), expected, "{n} of {step}");
    }

    #[test]
    fn multiples_of_decimal_fractions() {
        use Number::{Float, Integer};
        multiple(Integer(6), Integer(3), true);
        multiple(Integer(7), Integer(3), false);
        multiple(Integer(-6), Integer(3), true);
        multiple(Integer(0), Integer(3), true);
        multiple(Integer(3), Integer(0), false);
        multiple(Float(0.3), Float(0.1), true);
        multiple(Float(0.35), Float(0.1), false);
        multiple(Float(1.1), Float(0.01), true);
        multiple(Float(1e300), Float(1e-300), false);
        multiple(Integer(3), Float(1.5), true);
        multiple(Integer(4), Float(1.5), false);
        multiple(Float(f64::NAN), Float(1.0), false);
    }

    #[test]
    fn numbers_compare_exactly_between_integers() {
        use std::cmp::Ordering::{Equal, Greater};
        let large = Number::Integer(i128::from(u64::MAX));
        assert_eq!(large.compare(Number::Integer(i128::from(u64::MAX) - 1)), Some(Greater));
        assert_eq!(Number::Integer(1).compare(Number::Float(1.0)), Some(Equal));
        assert_eq!(Number::Float(f64::NAN).compare(Number::Integer(1)), None);
    }

    #[test]
    fn patterns_search() {
        assert!(Pattern::new("b").is_match("abc"));
        assert!(!Pattern::new("^b").is_match("abc"));
        assert!(!Pattern::new("(").is_match("("));
    }
}
