//! Lists and sets.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use serde_json::{Value as Json, json};

use crate::constraint::{Constraints, Measure, unique};
use crate::context::Context;
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Value};

/// The elements of a list, each read before the first failure counts.
fn elements<T: Decode>(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Vec<T>> {
    let items = list(node, cx)?;
    if items.is_empty() {
        cx.leaf(node, Json::Array(Vec::new()));
    }
    cx.enter(node);
    let element = limits.items.unwrap_or(&Constraints::NONE);
    let mut whole = true;
    let mut decoded = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        match cx.at_index(i, |cx| T::decode_within(item, cx, element)) {
            Some(value) => decoded.push(value),
            None => whole = false,
        }
    }
    whole.then_some(decoded)
}

/// The nodes of a list.
pub(super) fn list<'n>(node: &'n Node<'n>, cx: &mut Context<'_>) -> Option<&'n [Node<'n>]> {
    let Value::List(items) = &node.value else {
        let scalar = !matches!(node.value, Value::Table(_));
        let help = scalar.then(|| format!("put it in brackets: [{}]", cx.shown(node)));
        return cx.mismatch_with_help(node, "a list", help);
    };
    Some(items)
}

/// Reads a list and holds its length, as it is written, and its elements against the limits.
fn within<T: Decode>(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Vec<T>> {
    let decoded = elements(node, cx, limits);
    let Value::List(items) = &node.value else {
        return None;
    };
    let kept = limits.check(Measure::Length(items.len()), node, cx);
    decoded.filter(|_| kept)
}

/// The list of what is written for each element.
fn list_of<'v, T: Decode + 'v>(values: impl Iterator<Item = &'v T>) -> Plain {
    Plain::List(values.filter_map(T::encode).collect())
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        elements(node, cx, &Constraints::NONE)
    }

    fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
        within(node, cx, limits)
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Length(self.len())
    }

    fn encode(&self) -> Option<Plain> {
        Some(list_of(self.iter()))
    }
}

impl<T: Describe> Describe for Vec<T> {
    const SHAPE: Shape = Shape::List;

    fn describe(schemas: &mut Schemas) -> Schema {
        json!({ "type": "array", "items": T::describe(schemas) })
    }
}

macro_rules! sets {
    ($($set:ty, [$($generics:tt)*], $sorted:expr;)*) => {$(
        /// An element that is written twice is a mistake.
        impl<$($generics)*> Decode for $set {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                Self::decode_within(node, cx, &Constraints::NONE)
            }

            fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
                let decoded = within::<T>(node, cx, limits);
                let unique = limits.unique_items || unique::check(node, cx);
                decoded.filter(|_| unique).map(|items| items.into_iter().collect())
            }

            fn measure(&self) -> Measure<'_> {
                Measure::Length(self.len())
            }

            fn encode(&self) -> Option<Plain> {
                Some(list_of(($sorted)(self)))
            }
        }
    )*};
}

sets! {
    BTreeSet<T>, [T: Decode + Ord], <BTreeSet<T>>::iter;
    HashSet<T, S>, [T: Decode + Eq + Hash + Ord, S: BuildHasher + Default], sorted;
}

/// The elements in order, so that the same set is always written the same.
fn sorted<T: Ord, S>(set: &HashSet<T, S>) -> std::vec::IntoIter<&T> {
    let mut items: Vec<&T> = set.iter().collect();
    items.sort();
    items.into_iter()
}

impl<T: Describe> Describe for BTreeSet<T> {
    const SHAPE: Shape = Shape::List;

    fn describe(schemas: &mut Schemas) -> Schema {
        json!({ "type": "array", "items": T::describe(schemas), "uniqueItems": true })
    }
}

impl<T: Describe, S> Describe for HashSet<T, S> {
    const SHAPE: Shape = Shape::List;

    fn describe(schemas: &mut Schemas) -> Schema {
        <BTreeSet<T>>::describe(schemas)
    }
}
