//! `Option`, `Box`, `Rc` and `Arc`: what they hold decides everything.

use std::rc::Rc;
use std::sync::Arc;

use crate::constraint::{Constraints, Measure};
use crate::context::Context;
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Origin};

impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        T::decode(node, cx).map(Some)
    }

    fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
        T::decode_within(node, cx, limits).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn measure(&self) -> Measure<'_> {
        self.as_ref().map_or(Measure::Opaque, T::measure)
    }

    fn encode(&self) -> Option<Plain> {
        self.as_ref().and_then(T::encode)
    }

    fn is_secret() -> bool {
        T::is_secret()
    }
}

impl<T: Describe> Describe for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = true;

    fn describe(schemas: &mut Schemas) -> Schema {
        T::describe(schemas)
    }
}

macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        impl<T: Decode> Decode for $pointer<T> {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                T::decode(node, cx).map(Self::new)
            }

            fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
                T::decode_within(node, cx, limits).map(Self::new)
            }

            fn decode_key(key: &str, at: Origin, cx: &mut Context<'_>) -> Option<Self> {
                T::decode_key(key, at, cx).map(Self::new)
            }

            fn absent() -> Option<Self> {
                T::absent().map(Self::new)
            }

            fn measure(&self) -> Measure<'_> {
                T::measure(self)
            }

            fn encode(&self) -> Option<Plain> {
                T::encode(self)
            }

            fn is_secret() -> bool {
                T::is_secret()
            }
        }

        impl<T: Describe> Describe for $pointer<T> {
            const SHAPE: Shape = T::SHAPE;
            const OPTIONAL: bool = T::OPTIONAL;

            fn describe(schemas: &mut Schemas) -> Schema {
                T::describe(schemas)
            }

            fn describe_key(schemas: &mut Schemas) -> Schema {
                T::describe_key(schemas)
            }
        }
    )*};
}

pointers!(Box Rc Arc);
