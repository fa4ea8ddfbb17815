//! `NonZero` integers and `char`.

use std::num::NonZero;

use serde_json::json;

use crate::constraint::Measure;
use crate::context::Context;
use crate::decode::{Decode, text};
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Origin};

macro_rules! non_zero {
    ($($int:ty)*) => {$(
        impl Decode for NonZero<$int> {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                let (problems, value) = (cx.problems(), <$int>::decode(node, cx)?);
                match Self::new(value) {
                    Some(value) => Some(value),
                    None if cx.problems() > problems => None,
                    None => cx.invalid(node, "not be 0", "not 0", None),
                }
            }

            fn decode_key(key: &str, at: Origin, cx: &mut Context<'_>) -> Option<Self> {
                let value = <$int>::decode_key(key, at, cx)?;
                let node = Plain::Integer(0).node(at);
                Self::new(value).or_else(|| cx.invalid(&node, "not be 0", "not 0", None))
            }

            fn measure(&self) -> Measure<'_> {
                Measure::Integer(i128::try_from(self.get()).unwrap_or(i128::MAX))
            }

            fn encode(&self) -> Option<Plain> {
                self.get().encode()
            }
        }

        impl Describe for NonZero<$int> {
            const SHAPE: Shape = match <$int as Describe>::SHAPE {
                Shape::Integer { min: 0, max } => Shape::Integer { min: 1, max },
                shape => shape,
            };

            fn describe(schemas: &mut Schemas) -> Schema {
                let mut schema = <$int>::describe(schemas);
                if <$int>::MIN == 0 {
                    schema["minimum"] = 1.into();
                } else {
                    schema["not"] = json!({ "const": 0 });
                }
                schema
            }

            fn describe_key(schemas: &mut Schemas) -> Schema {
                let mut schema = <$int>::describe_key(schemas);
                schema["not"] = json!({ "const": "0" });
                schema
            }
        }
    )*};
}

non_zero!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Decode for char {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        const EXPECTED: &str = "a single character";
        let value = text(node, cx, EXPECTED)?;
        let mut chars = value.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => {
                cx.leaf(node, value.into());
                Some(only)
            }
            _ => cx.invalid(node, "be a single character", EXPECTED, None),
        }
    }

    fn encode(&self) -> Option<Plain> {
        Some(Plain::Text(self.to_string()))
    }
}

impl Describe for char {
    const SHAPE: Shape = Shape::Character;

    fn describe(_: &mut Schemas) -> Schema {
        json!({ "type": "string", "minLength": 1, "maxLength": 1 })
    }
}
