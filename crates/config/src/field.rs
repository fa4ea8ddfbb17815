//! [`Field`]: what a struct says about one of its fields, and [`Fields`], by which a table is read into it.
//!
//! `#[derive(Config)]` writes both; a type that reads a table by hand can too.

use std::cell::Cell;

mod kind;

pub use kind::{FieldSchema, FieldType};

use crate::constraint::Constraints;
use crate::context::Context;
use crate::flatten::Known;
use crate::literal::Literal;
use crate::rule;
use crate::tree::{Entry, Node, Origin, Table, Value};

/// One field of a struct, as data.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key in the table.
    pub key: &'static str,
    /// Other keys that say the same; a table has at most one of all.
    pub aliases: &'static [&'static str],
    /// A name for people; may be empty.
    pub title: &'static str,
    /// What the field is for, in prose; may be empty.
    pub description: &'static str,
    /// Why the key goes out of use, or what to write instead; an empty text says neither.
    pub deprecated: Option<&'static str>,
    /// Values that show what to write.
    pub examples: &'static [Literal],
    /// The value when the key is absent.
    pub default: Option<Literal>,
    /// What the value must satisfy.
    pub constraints: Constraints,
}

impl Field {
    /// A required field without constraints.
    pub const fn new(key: &'static str) -> Self {
        Self {
            key,
            aliases: &[],
            title: "",
            description: "",
            deprecated: None,
            examples: &[],
            default: None,
            constraints: Constraints::NONE,
        }
    }

    /// All keys, the first of which is the one to write.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.key).chain(self.aliases.iter().copied())
    }

    /// What a table has for the field, under the key that it stands under; the rest is reported.
    fn find<'n>(
        &self,
        table: &'n Table<'n>,
        next: &Cell<usize>,
        cx: &mut Context<'_>,
    ) -> Option<(&'static str, &'n Entry<'n>)> {
        if self.aliases.is_empty() {
            return Some((self.key, table.get_near(self.key, next)?));
        }
        let mut found = self.keys().filter_map(|key| Some((key, table.get(key)?)));
        let first = found.next();
        for (key, entry) in found {
            cx.at_key(key, |cx| {
                let must = format!("not stand beside `{}`, which says the same", first.map_or("", |f| f.0));
                cx.invalid::<()>(&entry.node, &must, "one of the two", Some("remove one".to_owned()))
            });
        }
        first
    }
}

/// A table while it is read, field by field.
#[must_use = "unknown keys are reported by `finish`"]
pub struct Fields<'n> {
    table: &'n Table<'n>,
    #[expect(clippy::struct_field_names, reason = "a table's fields are the struct's")]
    fields: &'static [Field],
    /// Where the next field probably stands: most authors write the fields in their order.
    next: Cell<usize>,
}

impl<'n> Fields<'n> {
    /// Begins to read a table; reports a value that is none.
    pub fn of(node: &'n Node<'n>, fields: &'static [Field], cx: &mut Context<'_>) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            return cx.mismatch(node, "a table");
        };
        cx.enter(node);
        Some(Self { table, fields, next: Cell::new(0) })
    }

    /// Reads the field with this index: its value if it is there, its default otherwise.
    ///
    /// `None` when there is no such field or it could not be read; what was wrong was reported.
    pub fn read<T>(&self, index: usize, ty: &FieldType<T>, cx: &mut Context<'_>) -> Option<T> {
        let field = self.fields.get(index)?;
        if ty.is_secret() {
            cx.has_secret_key();
        }
        match (field.find(self.table, &self.next, cx), field.default) {
            (Some((key, entry)), _) => cx.at_key(key, |cx| {
                if let Some(instead) = field.deprecated {
                    rule::deprecated(instead, entry.key, cx);
                }
                ty.read(&entry.node, field, cx)
            }),
            (None, Some(default)) => cx.at_key(field.key, |cx| ty.read(&default.node(ty.shape()), field, cx)),
            (None, None) => cx.at_key(field.key, |cx| {
                let value = ty.missing();
                match &value {
                    Some(value) => ty.list(value, Origin::Default, cx),
                    None => cx.missing(field.description),
                }
                value
            }),
        }
    }

    /// Ends the reading: reports every key that is none of the fields'.
    pub fn finish(self, cx: &mut Context<'_>) {
        self.finish_beside(cx, &[]);
    }

    /// Ends the reading of a table that has these keys as well.
    pub fn finish_beside(self, cx: &mut Context<'_>, beside: &[&'static str]) {
        let mut next = 0;
        let mut unknown = |key: &str| {
            let (before, after) = self.fields.split_at(next);
            let own = |field: &Field| field.key == key || field.aliases.contains(&key);
            let found = after.iter().chain(before).position(own);
            next = found.map_or(next, |found| (next + found + 1) % self.fields.len());
            found.is_none() && !beside.contains(&key)
        };
        let mut known: Vec<&str> = Vec::new();
        for (key, entry) in self.table.unordered().filter(|(key, _)| unknown(key)) {
            if known.is_empty() {
                known = beside.iter().copied().chain(self.fields.iter().map(|field| field.key)).collect();
            }
            cx.unknown(key, entry.key, &known);
        }
    }
}

/// Adds the keys of a struct's own fields.
pub fn add_keys(fields: &'static [Field], known: &mut Known) {
    known.add(fields.iter().flat_map(Field::keys));
}
