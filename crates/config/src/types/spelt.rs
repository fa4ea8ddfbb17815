//! What types with a spelling of their own have in common.

use std::fmt;

/// Why a text is not a value of a type; its `Display` says what the type's values look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misspelt(pub(crate) &'static str);

impl fmt::Display for Misspelt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Misspelt {}

/// A type that keeps a text which matches a pattern. The schema states the same pattern.
macro_rules! spelt {
    ($(#[$meta:meta])* $name:ident, $expected:literal, $example:literal, $pattern:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::types::Misspelt;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                static PATTERN: $crate::constraint::Pattern = $crate::constraint::Pattern::new($pattern);
                if PATTERN.is_match(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::types::Misspelt(concat!("write it as in ", $example)))
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl $crate::decode::Decode for $name {
            fn decode(
                node: &$crate::tree::Node<'_>,
                cx: &mut $crate::context::Context<'_>,
            ) -> Option<Self> {
                $crate::decode::parse(node, cx, $expected)
            }

            fn measure(&self) -> $crate::constraint::Measure<'_> {
                $crate::constraint::Measure::Text(&self.0)
            }

            fn encode(&self) -> Option<$crate::plain::Plain> {
                Some($crate::plain::Plain::Text(self.0.clone()))
            }
        }

        impl $crate::schema::Describe for $name {
            const SHAPE: $crate::schema::Shape = $crate::schema::Shape::Text;

            fn describe(_: &mut $crate::schema::Schemas) -> $crate::schema::Schema {
                serde_json::json!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

pub(super) use spelt;
