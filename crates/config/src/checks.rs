//! What the derive macro lets the compiler decide about a type that it only knows by name.

use crate::schema::Shape;

/// Whether `ge`, `gt`, `le`, `lt` and `multiple_of` mean something.
pub const fn takes_bounds(shape: Shape) -> bool {
    matches!(shape, Shape::Integer { .. } | Shape::Float | Shape::Any)
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
