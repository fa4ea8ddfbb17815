//! What the derive macro lets the compiler decide about a type that it only knows by name.

use crate::constraint::Number;
use crate::schema::Shape;
use crate::types::{byte_size_literal, duration_literal};

/// Whether `ge`, `gt`, `le`, `lt` and `multiple_of` mean something.
pub const fn takes_bounds(shape: Shape) -> bool {
    matches!(shape, Shape::Integer { .. } | Shape::Float | Shape::Duration | Shape::Bytes | Shape::Any)
}

/// Whether `min_length` and `max_length` mean something.
pub const fn takes_length(shape: Shape) -> bool {
    matches!(shape, Shape::Text | Shape::List | Shape::Table | Shape::Any)
}

/// Whether `pattern` and text `choices` mean something.
pub const fn takes_pattern(shape: Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Any)
}

/// Whether a text is a value of the type.
pub const fn takes_text(shape: Shape, text: &str) -> bool {
    match shape {
        Shape::Text | Shape::Any => true,
        Shape::Character => is_one_character(text.as_bytes()),
        Shape::Duration => duration_literal(text).is_some(),
        Shape::Bytes => byte_size_literal(text).is_some(),
        Shape::Choice(names) => {
            let mut i = 0;
            while i < names.len() {
                if same(names[i].as_bytes(), text.as_bytes()) {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

const fn is_one_character(bytes: &[u8]) -> bool {
    let (mut i, mut characters) = (0, 0);
    while i < bytes.len() {
        // Every byte but those that continue a character begins one.
        if bytes[i] & 0xC0 != 0x80 {
            characters += 1;
        }
        i += 1;
    }
    characters == 1
}

/// The number that a text says as a bound on the type, `1h30m` or `50 GiB`; whether it is one
/// [`takes_text`] decides.
pub const fn amount(shape: Shape, text: &str) -> Number {
    if let (Shape::Bytes, Some(bytes)) = (shape, byte_size_literal(text)) {
        return Number::Bytes(bytes);
    }
    match duration_literal(text) {
        Some(nanos) => Number::Nanoseconds(nanos.cast_signed()),
        None => Number::Integer(0),
    }
}

/// Whether a text says a bound on the type.
pub const fn takes_amount(shape: Shape, text: &str) -> bool {
    matches!(shape, Shape::Duration | Shape::Bytes) && takes_text(shape, text)
}

/// Whether `items` and `unique_items` mean something.
pub const fn takes_items(shape: Shape) -> bool {
    matches!(shape, Shape::List | Shape::Any)
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether a whole number is a value of the type.
pub const fn takes_integer(shape: Shape, n: i128) -> bool {
    match shape {
        Shape::Integer { min, max } => min <= n && n <= max,
        Shape::Float | Shape::Any => true,
        Shape::Duration | Shape::Bytes => n >= 0,
        _ => false,
    }
}

/// Whether a number with a fraction is a value of the type.
pub const fn takes_float(shape: Shape) -> bool {
    matches!(shape, Shape::Float | Shape::Any)
}

/// Whether `true` and `false` are values of the type.
pub const fn takes_boolean(shape: Shape) -> bool {
    matches!(shape, Shape::Boolean | Shape::Any)
}

/// Whether a list is a value of the type.
pub const fn takes_list(shape: Shape) -> bool {
    matches!(shape, Shape::List | Shape::Any)
}

/// Whether the type has an empty value that a bare `default` stands for.
pub const fn takes_empty(shape: Shape) -> bool {
    matches!(shape, Shape::List | Shape::Table | Shape::Struct | Shape::Any)
}
