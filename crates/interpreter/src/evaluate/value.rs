//! Values: their text, and how much room they take.

use std::borrow::Cow;

use serde_json::Value;

/// A scalar as a Join writes it: `5`, `1.0`, `true`. `None` for null, lists and objects.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(_) | Value::Bool(_) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// How many characters a value has, roughly; of a list or an object itself.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 1,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => 1,
    }
}

/// Why a value doesn't fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    Deep,
    Large,
}

/// What room is left after a value; gives up early where it nests too deep or is too large.
pub(super) fn fits(value: &Value, depth: usize, room: usize) -> Result<usize, Misfit> {
    let below = depth.checked_sub(1).ok_or(Misfit::Deep)?;
    let mut room = room.checked_sub(size(value)).ok_or(Misfit::Large)?;
    match value {
        Value::Array(items) => {
            for item in items {
                room = fits(item, below, room)?;
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                room = fits(member, below, room.checked_sub(name.len()).ok_or(Misfit::Large)?)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(room)
}
