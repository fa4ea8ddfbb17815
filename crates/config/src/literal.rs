//! [`Literal`]: a default as it stands in the program's text, kept as data.

use serde_json::Value as Json;

use crate::constraint::Number;
use crate::schema::Shape;
use crate::tree::{Node, Origin, Table, Value};

/// A default value that a field declares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// Text.
    Text(&'static str),
    /// A number.
    Number(Number),
    /// `true` or `false`.
    Boolean(bool),
    /// A list.
    List(&'static [Literal]),
    /// An empty list, or a table that leaves everything to its own defaults; the field's type says which.
    Empty,
}

impl Literal {
    /// The literal as a value to decode, the way a source's value would be.
    pub(crate) fn node(self, shape: Shape) -> Node<'static> {
        let value = match self {
            Self::Text(text) => Value::Text(text.into()),
            Self::Number(Number::Integer(n)) => Value::Integer(n),
            Self::Number(Number::Float(n)) => Value::Float(n),
            Self::Number(Number::Bytes(n)) => Value::Integer(n.into()),
            #[expect(clippy::cast_precision_loss, reason = "a default is written in whole units")]
            Self::Number(Number::Nanoseconds(n)) => Value::Float(n as f64 / 1e9),
            Self::Boolean(b) => Value::Boolean(b),
            // The elements are scalars: a list of lists has no literal default.
            Self::List(items) => Value::List(items.iter().map(|item| item.node(Shape::Any)).collect()),
            Self::Empty if matches!(shape, Shape::List) => Value::List(Vec::new()),
            Self::Empty => Value::Table(Table::default()),
        };
        Node { value, origin: Origin::Default }
    }

    pub(crate) fn json(self, shape: Shape) -> Json {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.json(),
            Self::Boolean(b) => b.into(),
            Self::List(items) => items.iter().map(|item| item.json(Shape::Any)).collect(),
            Self::Empty if matches!(shape, Shape::List) => Json::Array(Vec::new()),
            Self::Empty => Json::Object(serde_json::Map::new()),
        }
    }
}
