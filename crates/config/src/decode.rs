//! [`Decode`]: how a type is read from the tree, and the types of the language that can be.

use std::path::PathBuf;
use std::str::FromStr;

use serde_json::Value as Json;

use crate::constraint::{Constraints, Measure, Pattern};
use crate::context::Context;
use crate::plain::Plain;
use crate::schema::Describe;
use crate::tree::{Node, Origin, Value};

/// A type that can be read from a configuration.
///
/// `#[derive(Config)]` implements it for structs and enums. A type of your own implements it by hand, on
/// top of a type that has it; [`Describe`] says the same to a schema:
///
/// ```
/// use pipewright_config::{Context, Decode, Describe, Node, Schema, Schemas, Shape};
///
/// /// A port that an ordinary user may open.
/// struct Port(u16);
///
/// impl Decode for Port {
///     fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
///         let port = u16::decode(node, cx)?;
///         if port < 1024 {
///             return cx.invalid(node, "be at least 1024", "at least 1024", None);
///         }
///         Some(Self(port))
///     }
/// }
///
/// impl Describe for Port {
///     const SHAPE: Shape = Shape::Integer { min: 1024, max: 65535 };
///     fn describe(schemas: &mut Schemas) -> Schema {
///         let mut schema = u16::describe(schemas);
///         schema["minimum"] = 1024.into();
///         schema
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a configuration",
    label = "not a configuration type",
    note = "numbers, `bool`, `String`, `PathBuf`, `Option<T>`, lists, sets, maps, tuples and this crate's types can",
    note = "for a struct or enum of your own, write `#[derive(Config)]` on it"
)]
pub trait Decode: Describe + Sized {
    /// Reads a value.
    ///
    /// Every problem goes to `cx`; where there was one the result is `None`, and the other way round.
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self>;

    /// Reads a value that has to keep limits as well.
    ///
    /// Types that hold others hand the limits on `items`, `keys` and `values` down to these.
    fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
        let value = Self::decode(node, cx)?;
        limits.check(value.measure(), node, cx).then_some(value)
    }

    /// Reads a value from a table's key; the result is not listed among the resolved values.
    fn decode_key(key: &str, at: Origin, cx: &mut Context<'_>) -> Option<Self> {
        let node = Node { value: Value::Text(key.into()), origin: at };
        cx.without_leaves(|cx| Self::decode(&node, cx))
    }

    /// The value as it is written, so that it reads back the same; `None` for what is absent.
    ///
    /// Without an implementation, writing a configuration that holds the type is an error.
    fn encode(&self) -> Option<Plain> {
        Some(Plain::Unwritable(std::any::type_name::<Self>()))
    }

    /// The value when the key is absent; `None` makes the key required.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether what is written for the type is shown nowhere.
    fn is_secret() -> bool {
        false
    }

    /// What the constraints on a field can see of the value.
    fn measure(&self) -> Measure<'_> {
        Measure::Opaque
    }
}

macro_rules! integers {
    ($($int:ty)*) => {$(
        impl Decode for $int {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                let whole = integer(node, cx, <$int>::MIN.try_into().ok(), <$int>::MAX.try_into().ok())?;
                let value = Self::try_from(whole).ok()?;
                // JSON's numbers end at 64 bits; beyond, the digits are kept as text.
                let json = serde_json::Number::from_i128(whole).map_or_else(|| Json::from(whole.to_string()), Json::Number);
                cx.leaf(node, json);
                Some(value)
            }

            fn measure(&self) -> Measure<'_> {
                Measure::Integer(i128::try_from(*self).unwrap_or(i128::MAX))
            }

            fn encode(&self) -> Option<Plain> {
                Some(Plain::Integer(i128::try_from(*self).unwrap_or(i128::MAX)))
            }

            fn decode_key(key: &str, at: Origin, cx: &mut Context<'_>) -> Option<Self> {
                cx.without_leaves(|cx| Self::decode(&integer_key(key, at), cx))
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

/// A key as the number that it spells, without signs, zeros or spaces that a number would not be written with.
fn integer_key(key: &str, at: Origin) -> Node<'_> {
    let value = match key.parse::<i128>() {
        Ok(n) if n.to_string() == key => Value::Integer(n),
        _ => Value::Text(key.into()),
    };
    Node { value, origin: at }
}

/// A whole number within a range; a float without a fraction counts as one, as it does in JSON Schema.
fn integer(node: &Node<'_>, cx: &mut Context<'_>, min: Option<i128>, max: Option<i128>) -> Option<i128> {
    let (min, max) = (min.unwrap_or(i128::MIN), max.unwrap_or(i128::MAX));
    if let Value::Integer(whole) = node.value
        && (min..=max).contains(&whole)
    {
        return Some(whole);
    }
    let expected = if (min, max) == (i64::MIN.into(), i64::MAX.into()) {
        "an integer".to_owned()
    } else {
        format!("an integer from {min} to {max}")
    };
    match &node.value {
        Value::Integer(_) => cx.invalid(node, &format!("be {expected}"), &expected, None),
        Value::Float(float) => match whole(*float).filter(|whole| (min..=max).contains(whole)) {
            Some(whole) => Some(whole),
            None => cx.mismatch(node, &expected),
        },
        Value::Text(text) => {
            let number = text.trim().parse::<i128>().is_ok();
            let help = number.then(|| format!("leave out the quotes: {}", text.trim()));
            cx.mismatch_with_help(node, &expected, help)
        }
        _ => cx.mismatch(node, &expected),
    }
}

/// The integer that a float is, below 2⁵³, where each float is the integer its author wrote.
fn whole(float: f64) -> Option<i128> {
    let exact = float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and far below the limits of i128")]
    exact.then_some(float as i128)
}

/// A finite number; an integer counts as one.
fn float(node: &Node<'_>, cx: &mut Context<'_>) -> Option<f64> {
    match &node.value {
        #[expect(clippy::cast_precision_loss, reason = "the nearest float is what a float field asks for")]
        Value::Integer(n) => Some(*n as f64),
        Value::Float(n) if n.is_finite() => Some(*n),
        Value::Float(_) => cx.invalid(node, "be a finite number", "a finite number", None),
        Value::Text(text) => {
            let number = text.trim().parse::<f64>().is_ok_and(f64::is_finite);
            let help = number.then(|| format!("leave out the quotes: {}", text.trim()));
            cx.mismatch_with_help(node, "a number", help)
        }
        _ => cx.mismatch(node, "a number"),
    }
}

impl Decode for f64 {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let value = float(node, cx)?;
        cx.leaf(node, value.into());
        Some(value)
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Float(*self)
    }

    fn encode(&self) -> Option<Plain> {
        Some(Plain::Float(*self))
    }
}

impl Decode for f32 {
    /// The value is rounded to the nearest `f32`; one beyond its range is a problem.
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let value = float(node, cx)?;
        if value.abs() > f64::from(f32::MAX) {
            let limit = format!("from {:e} to {:e}", f32::MIN, f32::MAX);
            return cx.invalid(node, &format!("be {limit}"), &limit, None);
        }
        cx.leaf(node, value.into());
        #[expect(clippy::cast_possible_truncation, reason = "rounding is what an f32 field asks for")]
        Some(value as f32)
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Float((*self).into())
    }

    fn encode(&self) -> Option<Plain> {
        Some(Plain::Float((*self).into()))
    }
}

impl Decode for bool {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        match &node.value {
            Value::Boolean(value) => {
                cx.leaf(node, (*value).into());
                Some(*value)
            }
            Value::Text(text) => {
                let known =
                    ["true", "false"].into_iter().find(|known| text.trim().eq_ignore_ascii_case(known));
                cx.mismatch_with_help(
                    node,
                    BOOLEAN,
                    known.map(|known| format!("leave out the quotes: {known}")),
                )
            }
            _ => cx.mismatch(node, BOOLEAN),
        }
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Boolean(*self)
    }

    fn encode(&self) -> Option<Plain> {
        Some(Plain::Boolean(*self))
    }

    fn decode_key(key: &str, at: Origin, cx: &mut Context<'_>) -> Option<Self> {
        let value = key.parse().map_or_else(|_| Value::Text(key.into()), Value::Boolean);
        cx.without_leaves(|cx| Self::decode(&Node { value, origin: at }, cx))
    }
}

const BOOLEAN: &str = "`true` or `false`";

impl Decode for String {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let value = text(node, cx, "a string")?;
        cx.leaf_text(node, &value);
        Some(value)
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Text(self)
    }

    fn encode(&self) -> Option<Plain> {
        Some(Plain::Text(self.clone()))
    }
}

/// Text; what was typed as an override is text without quotes around it too.
pub(crate) fn text(node: &Node<'_>, cx: &mut Context<'_>, expected: &str) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.as_ref().to_owned()),
        Value::List(_) | Value::Table(_) => cx.mismatch(node, expected),
        _ => match cx.typed_text(node) {
            Some(text) => Some(text.to_owned()),
            None => {
                cx.mismatch_with_help(node, expected, Some(format!("put it in quotes: \"{}\"", node.show())))
            }
        },
    }
}

impl Decode for PathBuf {
    /// The path as it is written: nothing is looked up and nothing is resolved.
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let value = text(node, cx, "a path (a string)")?;
        if value.contains('\0') {
            return cx.invalid(node, "not contain a NUL character", "no NUL character", None);
        }
        cx.leaf_text(node, &value);
        Some(Self::from(value))
    }

    fn measure(&self) -> Measure<'_> {
        self.to_str().map_or(Measure::Opaque, Measure::Text)
    }

    /// Characters that no Unicode text can hold are written as U+FFFD.
    fn encode(&self) -> Option<Plain> {
        Some(Plain::Text(self.to_string_lossy().into_owned()))
    }
}

/// Reads one of a fixed set of names and says which; what the derive on an enum calls.
#[doc(hidden)]
pub fn choice(node: &Node<'_>, cx: &mut Context<'_>, names: &[&str]) -> Option<usize> {
    let expected = crate::constraint::one_of_text(names);
    let value = text(node, cx, &expected)?;
    let Some(index) = names.iter().position(|name| *name == value) else {
        let help = crate::suggest::closest(&value, names).map(|name| format!("did you mean \"{name}\"?"));
        return cx.invalid(node, &format!("be {expected}"), &expected, help);
    };
    cx.leaf_text(node, &value);
    Some(index)
}

/// Reads a text that has to keep limits; what the derive on a `from_str` type calls.
#[doc(hidden)]
pub fn spelt<T>(
    node: &Node<'_>,
    cx: &mut Context<'_>,
    expected: &str,
    pattern: Option<&'static Pattern>,
    limits: &Constraints,
) -> Option<T>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let spelt = text(node, cx, expected)?;
    let own = Constraints { pattern, ..Constraints::NONE };
    let measure = Measure::Text(&spelt);
    if !(own.check(measure, node, cx) && limits.check(measure, node, cx)) {
        return None;
    }
    parse(node, cx, expected)
}

/// Reads a value from its spelling, for a type that is [`FromStr`].
///
/// `expected` says in a few words what such a text is, as `a colour`. What the type's own error says becomes
/// the help.
pub fn parse<T>(node: &Node<'_>, cx: &mut Context<'_>, expected: &str) -> Option<T>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let spelt = text(node, cx, expected)?;
    match spelt.parse() {
        Ok(value) => {
            cx.leaf(node, spelt.into());
            Some(value)
        }
        Err(error) => {
            let help = (!cx.is_secret()).then(|| error.to_string());
            cx.invalid(node, &format!("be {expected}"), expected, help)
        }
    }
}
