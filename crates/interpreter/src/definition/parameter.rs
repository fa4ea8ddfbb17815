//! The run-time parameters that a definition declares.

use std::fmt;

use serde_json::Value;

/// A declared run-time parameter ([pipeline parameters]).
///
/// [pipeline parameters]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-parameters.html
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// What its value is.
    pub kind: ParameterType,
    /// The value where none is given, already of the right type. `None`: one has to be given.
    pub default: Option<Value>,
    /// `EnumValues`: what a value may be. Empty: anything.
    pub choices: Vec<Value>,
}

/// The type of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// A text.
    String,
    /// A whole number of 64 bits.
    Integer,
    /// A number.
    Float,
    /// `true` or `false`.
    Boolean,
}

impl ParameterType {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::String, Self::Integer, Self::Float, Self::Boolean];

    /// As a definition writes it, such as `Integer`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Integer => "Integer",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
        }
    }
}

impl fmt::Display for ParameterType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
