//! Run-time parameters of a pipeline.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;

use crate::expr::{Expression, Scalar};
use crate::node::Node;

/// A [pipeline parameter]: a value that is chosen when an execution starts.
///
/// A field of this type in a `#[derive(Pipeline)]` struct declares one. `T` is `String`, `i64`,
/// `f64` or `bool`, SageMaker's four parameter types.
///
/// [pipeline parameter]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-parameters.html
pub struct Parameter<T> {
    decl: Arc<ParameterDecl>,
    kind: PhantomData<fn() -> T>,
}

/// The declaration of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDecl {
    /// The name, unique in the pipeline; up to 256 letters, digits, `-` and `_`.
    pub name: String,
    /// The type.
    pub kind: ParameterKind,
    /// The value of an execution that gives none. Without it every start must give one.
    pub default: Option<Literal>,
    /// The values an execution may choose from (`EnumValues`; strings only, at most 16). Empty: any.
    pub choices: Vec<String>,
    /// What the parameter is for. Kept beside the definition, where SageMaker has no place for it.
    pub description: String,
    /// The fewest characters a value may have. SageMaker does not enforce it at start.
    pub min_length: Option<usize>,
    /// The most characters a value may have. SageMaker does not enforce it at start; it bounds
    /// every argument that the parameter flows into.
    pub max_length: Option<usize>,
    /// Why it is right that no step uses this parameter; without it that is an error.
    pub unused_reason: Option<String>,
}

impl ParameterDecl {
    /// A parameter without default, choices or description.
    pub fn new(name: impl Into<String>, kind: ParameterKind) -> Self {
        Self {
            name: name.into(),
            kind,
            default: None,
            choices: Vec::new(),
            description: String::new(),
            min_length: None,
            max_length: None,
            unused_reason: None,
        }
    }
}

/// SageMaker's four types of parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ParameterKind {
    /// Text.
    String,
    /// A 64-bit integer.
    Integer,
    /// A double.
    Float,
    /// `true` or `false`.
    Boolean,
}

/// A literal value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Literal {
    /// Text.
    String(String),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A boolean.
    Boolean(bool),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(v) => write!(f, "{v:?}"),
            Self::Integer(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Boolean(v) => write!(f, "{v}"),
        }
    }
}

macro_rules! literal_from {
    ($($from:ty => $variant:ident),*) => {$(
        impl From<$from> for Literal {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}
literal_from!(String => String, &str => String, i64 => Integer, f64 => Float, bool => Boolean);

/// The Rust types that can be the type of a [`Parameter`].
#[diagnostic::on_unimplemented(
    message = "a pipeline parameter can't be of type `{Self}`",
    note = "SageMaker knows four: `Parameter<String>`, `Parameter<i64>`, `Parameter<f64>` and `Parameter<bool>`"
)]
pub trait ParameterType: Scalar + Into<Literal> {
    /// SageMaker's name of the type.
    const KIND: ParameterKind;
}

impl ParameterType for String {
    const KIND: ParameterKind = ParameterKind::String;
}
impl ParameterType for i64 {
    const KIND: ParameterKind = ParameterKind::Integer;
}
impl ParameterType for f64 {
    const KIND: ParameterKind = ParameterKind::Float;
}
impl ParameterType for bool {
    const KIND: ParameterKind = ParameterKind::Boolean;
}

impl<T: ParameterType> Parameter<T> {
    /// Makes the parameter of a declaration; its kind is `T`'s, whatever the declaration says.
    pub fn declare(decl: ParameterDecl) -> Self {
        Self { decl: Arc::new(ParameterDecl { kind: T::KIND, ..decl }), kind: PhantomData }
    }

    /// The declaration.
    pub fn decl(&self) -> &ParameterDecl {
        &self.decl
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.decl.name
    }

    pub(crate) fn node(&self) -> Node {
        Expression::Parameter(Arc::clone(&self.decl)).into()
    }
}

impl<T> Clone for Parameter<T> {
    fn clone(&self) -> Self {
        Self { decl: Arc::clone(&self.decl), kind: PhantomData }
    }
}

impl<T> fmt::Debug for Parameter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decl.fmt(f)
    }
}
