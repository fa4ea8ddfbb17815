//! [`Flatten`]: a value whose keys stand among those of the table around it.

use crate::context::Context;
use crate::decode::Decode;
use crate::tree::{Node, Value};

/// The keys that the fields of a table have.
#[derive(Debug, Default)]
pub struct Known {
    keys: Vec<&'static str>,
    open: bool,
}

impl Known {
    /// Adds keys.
    pub fn add(&mut self, keys: impl IntoIterator<Item = &'static str>) {
        self.keys.extend(keys);
    }

    /// Says that every other key is taken as well.
    pub fn open(&mut self) {
        self.open = true;
    }

    /// Whether a field has this key.
    pub fn has(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }

    /// Reports every key of a table that no field has.
    pub fn finish(&self, node: &Node<'_>, cx: &mut Context<'_>) {
        let Value::Table(table) = &node.value else { return };
        if self.open {
            return;
        }
        for (key, entry) in table.iter().filter(|(key, _)| !self.has(key)) {
            cx.unknown(key, entry.key, &self.keys);
        }
    }
}

/// A type that `#[config(flatten)]` can stand on: a struct with `#[derive(Config)]`, or a map, which takes every
/// key that no other field has.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be flattened",
    label = "not a table whose keys are known",
    note = "structs with `#[derive(Config)]`, maps and `Option`s of these can"
)]
pub trait Flatten: Decode {
    /// Says which keys the type takes.
    fn keys(known: &mut Known);

    /// Reads the type from a table that has other keys as well, all of them `known`.
    fn decode_flat(node: &Node<'_>, cx: &mut Context<'_>, known: &Known) -> Option<Self>;
}

/// `None` when the table has none of the type's keys.
impl<T: Flatten> Flatten for Option<T> {
    fn keys(known: &mut Known) {
        T::keys(known);
    }

    fn decode_flat(node: &Node<'_>, cx: &mut Context<'_>, known: &Known) -> Option<Self> {
        let mut own = Known::default();
        T::keys(&mut own);
        let Value::Table(table) = &node.value else {
            return None;
        };
        if table.iter().any(|(key, _)| own.has(key) || (own.open && !known.has(key))) {
            T::decode_flat(node, cx, known).map(Some)
        } else {
            Some(None)
        }
    }
}

impl<T: Flatten> Flatten for Box<T> {
    fn keys(known: &mut Known) {
        T::keys(known);
    }

    fn decode_flat(node: &Node<'_>, cx: &mut Context<'_>, known: &Known) -> Option<Self> {
        T::decode_flat(node, cx, known).map(Self::new)
    }
}
