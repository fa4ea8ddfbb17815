//! Maps: tables whose keys the author chooses.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde_json::{Value as Json, json};

use crate::constraint::{Constraints, Measure};
use crate::context::Context;
use crate::decode::Decode;
use crate::flatten::{Flatten, Known};
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Table, Value};

/// The entries of a table whose keys are not `known`, each read before the first failure counts.
fn entries<K: Decode, V: Decode>(
    table: &Table<'_>,
    cx: &mut Context<'_>,
    limits: &Constraints,
    known: Option<&Known>,
) -> Option<Vec<(K, V)>> {
    let keys = limits.keys.unwrap_or(&Constraints::NONE);
    let values = limits.values.unwrap_or(&Constraints::NONE);
    let mut whole = true;
    let mut decoded = Vec::with_capacity(table.len());
    for (key, entry) in table.iter().filter(|(key, _)| known.is_none_or(|known| !known.has(key))) {
        let pair = cx.at_key(key, |cx| {
            let key = K::decode_key(key, entry.key, cx).filter(|value| {
                let node = Node { value: Value::Text(key.into()), origin: entry.key };
                // A key is a text, whatever it stands for.
                let measure = match value.measure() {
                    Measure::Opaque => Measure::Text(key),
                    measure => measure,
                };
                keys.check(measure, &node, cx)
            });
            let value = V::decode_within(&entry.node, cx, values);
            key.zip(value)
        });
        match pair {
            Some(pair) => decoded.push(pair),
            None => whole = false,
        }
    }
    whole.then_some(decoded)
}

fn table<'n>(node: &'n Node<'n>, cx: &mut Context<'_>) -> Option<&'n Table<'n>> {
    let Value::Table(table) = &node.value else {
        return cx.mismatch(node, "a table");
    };
    if table.is_empty() {
        cx.leaf(node, Json::Object(serde_json::Map::new()));
    }
    cx.enter(node);
    Some(table)
}

fn written<'v, K: Decode + 'v, V: Decode + 'v>(entries: impl Iterator<Item = (&'v K, &'v V)>) -> Plain {
    let one = |(key, value): (&K, &V)| {
        let key = match key.encode()? {
            Plain::Unwritable(name) => return Some((String::new(), Plain::Unwritable(name))),
            key => key.key()?,
        };
        Some((key, value.encode()?))
    };
    Plain::Table(entries.filter_map(one).collect())
}

macro_rules! maps {
    ($($map:ty, [$($generics:tt)*], $sorted:expr;)*) => {$(
        impl<$($generics)*> Decode for $map {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                entries(table(node, cx)?, cx, &Constraints::NONE, None).map(Self::from_iter)
            }

            fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
                let table = table(node, cx)?;
                let decoded = entries(table, cx, limits, None);
                let kept = limits.check(Measure::Length(table.len()), node, cx);
                decoded.filter(|_| kept).map(Self::from_iter)
            }

            fn measure(&self) -> Measure<'_> {
                Measure::Length(self.len())
            }

            fn encode(&self) -> Option<Plain> {
                Some(written(($sorted)(self)))
            }
        }

        /// Takes every key that no other field has.
        impl<$($generics)*> Flatten for $map {
            fn keys(known: &mut Known) {
                known.open();
            }

            fn decode_flat(node: &Node<'_>, cx: &mut Context<'_>, known: &Known) -> Option<Self> {
                let Value::Table(table) = &node.value else {
                    return None;
                };
                entries(table, cx, &Constraints::NONE, Some(known)).map(Self::from_iter)
            }
        }
    )*};
}

maps! {
    BTreeMap<K, V>, [K: Decode + Ord, V: Decode], <BTreeMap<K, V>>::iter;
    HashMap<K, V, S>, [K: Decode + Eq + Hash + Ord, V: Decode, S: BuildHasher + Default], sorted;
}

/// The entries by key, so that the same map is always written the same.
fn sorted<K: Ord, V, S>(map: &HashMap<K, V, S>) -> std::vec::IntoIter<(&K, &V)> {
    let mut entries: Vec<(&K, &V)> = map.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries.into_iter()
}

impl<K: Describe, V: Describe> Describe for BTreeMap<K, V> {
    const SHAPE: Shape = Shape::Table;

    fn describe(schemas: &mut Schemas) -> Schema {
        let mut schema = json!({ "type": "object", "additionalProperties": V::describe(schemas) });
        let keys = K::describe_key(schemas);
        if keys != json!({ "type": "string" }) {
            schema["propertyNames"] = keys;
        }
        schema
    }
}

impl<K: Describe, V: Describe, S> Describe for HashMap<K, V, S> {
    const SHAPE: Shape = Shape::Table;

    fn describe(schemas: &mut Schemas) -> Schema {
        <BTreeMap<K, V>>::describe(schemas)
    }
}
