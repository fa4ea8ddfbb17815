//! [`Field`]: what a struct says about one of its fields, and [`Fields`], by which a table is read into it.
//!
//! `#[derive(Config)]` writes both; a type that reads a table by hand can too.

use crate::constraint::Constraints;
use crate::constraint::Measure;
use crate::context::Context;
use crate::decode::Decode;
use crate::literal::Literal;
use crate::schema::{Schema, Schemas, Shape};
use crate::tree::{Node, Origin, Table, Value};

/// One field of a struct, as data.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key in the table.
    pub key: &'static str,
    /// What the field is for, in prose; may be empty.
    pub description: &'static str,
    /// The value when the key is absent.
    pub default: Option<Literal>,
    /// What the value must satisfy.
    pub constraints: Constraints,
}

impl Field {
    /// A required field without constraints.
    pub const fn new(key: &'static str) -> Self {
        Self { key, description: "", default: None, constraints: Constraints::NONE }
    }
}

/// A table while it is read, field by field.
#[must_use = "unknown keys are reported by `finish`"]
pub struct Fields<'n> {
    table: &'n Table<'n>,
    fields: &'static [Field],
}

impl<'n> Fields<'n> {
    /// Begins to read a table; reports a value that is none.
    pub fn of(node: &'n Node<'n>, fields: &'static [Field], cx: &mut Context<'_>) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            return cx.mismatch(node, "a table");
        };
        cx.enter(node);
        Some(Self { table, fields })
    }

    /// Reads the field with this index: its value if it is there, its default otherwise.
    ///
    /// `None` when there is no such field or it could not be read; what was wrong was reported.
    pub fn read<T>(&self, index: usize, ty: &FieldType<T>, cx: &mut Context<'_>) -> Option<T> {
        let field = self.fields.get(index)?;
        cx.at_key(field.key, |cx| match (self.table.get(field.key), field.default) {
            (Some(entry), _) => checked(&entry.node, field, ty, cx),
            (None, Some(default)) => checked(&default.node(ty.schema.shape), field, ty, cx),
            (None, None) => {
                let value = (ty.absent)();
                match value {
                    Some(_) => cx.leaf_at(Origin::Default, serde_json::Value::Null),
                    None => cx.missing(field.description),
                }
                value
            }
        })
    }

    /// Ends the reading: reports every key that is none of the fields'.
    pub fn finish(self, cx: &mut Context<'_>) {
        let unknown = |key: &str| !self.fields.iter().any(|field| field.key == key);
        let mut known: Vec<&str> = Vec::new();
        for (key, entry) in self.table.iter().filter(|(key, _)| unknown(key)) {
            if known.is_empty() {
                known = self.fields.iter().map(|field| field.key).collect();
            }
            cx.unknown(key, entry.key, &known);
        }
    }
}

fn checked<T>(node: &Node<'_>, field: &Field, ty: &FieldType<T>, cx: &mut Context<'_>) -> Option<T> {
    let value = (ty.decode)(node, cx)?;
    field.constraints.check((ty.measure)(&value), node, cx).then_some(value)
}

/// What is needed to read a field of a type and to describe it.
///
/// The derive macro makes one in a constant of its own for each field, so that a type that is not [`Decode`]
/// is one compiler error, at the field's type.
pub struct FieldType<T> {
    decode: fn(&Node<'_>, &mut Context<'_>) -> Option<T>,
    absent: fn() -> Option<T>,
    measure: fn(&T) -> Measure<'_>,
    schema: FieldSchema,
}

impl<T> FieldType<T> {
    /// That of a type that can be decoded.
    pub const fn of() -> Self
    where
        T: Decode,
    {
        let schema = FieldSchema { shape: T::SHAPE, optional: T::OPTIONAL, describe: T::describe };
        Self { decode: T::decode, absent: T::absent, measure: T::measure, schema }
    }

    /// What kind of value the type is read from.
    pub const fn shape(&self) -> Shape {
        self.schema.shape
    }

    /// What a schema needs to know of the type.
    pub const fn schema(&self) -> FieldSchema {
        self.schema
    }
}

/// What a struct's schema needs to know of a field's type.
#[derive(Clone, Copy)]
pub struct FieldSchema {
    pub(crate) shape: Shape,
    pub(crate) optional: bool,
    pub(crate) describe: fn(&mut Schemas) -> Schema,
}
