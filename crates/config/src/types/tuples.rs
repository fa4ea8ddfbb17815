//! Tuples and arrays: lists of a fixed length.

use serde_json::json;

use super::collections::list;
use crate::constraint::{Constraints, Measure};
use crate::context::Context;
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::Node;

/// The nodes of a list of just this length.
fn exactly<'n>(node: &'n Node<'n>, cx: &mut Context<'_>, length: usize) -> Option<&'n [Node<'n>]> {
    let items = list(node, cx)?;
    if items.len() != length {
        let items_word = if length == 1 { "item" } else { "items" };
        let limit = format!("exactly {length} {items_word}");
        return cx.invalid(node, &format!("have {limit}"), &limit, Some(format!("it has {}", items.len())));
    }
    cx.enter(node);
    Some(items)
}

impl<T: Decode, const N: usize> Decode for [T; N] {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        Self::decode_within(node, cx, &Constraints::NONE)
    }

    fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
        let items = exactly(node, cx, N)?;
        let element = limits.items.unwrap_or(&Constraints::NONE);
        // Every element is decoded before the first failure counts.
        let decoded: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(i, item)| cx.at_index(i, |cx| T::decode_within(item, cx, element)))
            .collect();
        let kept = limits.check(Measure::Length(N), node, cx);
        let decoded: Vec<T> = decoded.into_iter().collect::<Option<_>>()?;
        decoded.try_into().ok().filter(|_| kept)
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Length(N)
    }

    fn encode(&self) -> Option<Plain> {
        Some(Plain::List(self.iter().filter_map(T::encode).collect()))
    }
}

impl<T: Describe, const N: usize> Describe for [T; N] {
    const SHAPE: Shape = Shape::List;

    fn describe(schemas: &mut Schemas) -> Schema {
        json!({ "type": "array", "items": T::describe(schemas), "minItems": N, "maxItems": N })
    }
}

macro_rules! tuples {
    ($($length:literal: $($ty:ident $index:tt)*;)*) => {$(
        impl<$($ty: Decode),*> Decode for ($($ty,)*) {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                let items = exactly(node, cx, $length)?;
                let decoded = ($(cx.at_index($index, |cx| $ty::decode(&items[$index], cx)),)*);
                Some(($(decoded.$index?,)*))
            }

            fn measure(&self) -> Measure<'_> {
                Measure::Length($length)
            }

            fn encode(&self) -> Option<Plain> {
                Some(Plain::List([$(self.$index.encode()),*].into_iter().flatten().collect()))
            }
        }

        impl<$($ty: Describe),*> Describe for ($($ty,)*) {
            const SHAPE: Shape = Shape::List;

            fn describe(schemas: &mut Schemas) -> Schema {
                json!({
                    "type": "array",
                    "prefixItems": [$($ty::describe(schemas)),*],
                    "items": false,
                    "minItems": $length,
                })
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 F 5;
    7: A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}
