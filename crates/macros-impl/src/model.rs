//! What is emitted, when nothing was wrong: a model in which a mistake can't be written.

use proc_macro2::Span;
use syn::{Ident, Path, Type};

use crate::constant::{Constant, Number};

/// The item under the derive.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) description: String,
    /// Where the output finds the configuration library.
    pub(crate) config: Path,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// `#[derive(Config)]` on a struct.
    Struct(Vec<Field>),
    /// `#[derive(Config)]` on an enum.
    Enum(Vec<Variant>),
    /// `#[derive(Pipeline)]`.
    Pipeline(Pipeline),
}

pub(crate) struct Pipeline {
    /// Where the output finds the facade's private names.
    pub(crate) private: Path,
    pub(crate) name: String,
    pub(crate) display_name: Option<String>,
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) key: String,
    pub(crate) description: String,
    pub(crate) default: Option<Default>,
    pub(crate) constraints: Constraints,
    pub(crate) role: Role,
}

pub(crate) enum Role {
    /// A value of the configuration. The assertions are what only the compiler can decide.
    Value(Vec<Assertion>),
    /// A parameter of the pipeline, whose default the configuration may override.
    Parameter(Parameter),
}

pub(crate) struct Parameter {
    pub(crate) kind: ParameterKind,
    pub(crate) name: String,
    pub(crate) unused: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ParameterKind {
    String,
    Integer,
    Float,
    Boolean,
}

/// What a field is when its key is absent.
pub(crate) enum Default {
    Constant(Constant),
    /// A bare `default`: an empty list, or a table that leaves everything to its own defaults.
    Empty,
}

#[derive(Default)]
pub(crate) struct Constraints {
    pub(crate) ge: Option<Number>,
    pub(crate) gt: Option<Number>,
    pub(crate) le: Option<Number>,
    pub(crate) lt: Option<Number>,
    pub(crate) multiple_of: Option<Number>,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
    pub(crate) pattern: Option<String>,
    /// Texts and numbers only.
    pub(crate) choices: Vec<Constant>,
}

/// Something about a type that the macro only knows by name, for the compiler to decide.
pub(crate) struct Assertion {
    pub(crate) span: Span,
    pub(crate) question: Question,
    /// What to say when the answer is no.
    pub(crate) message: String,
}

/// The questions that the configuration library can answer about a type.
pub(crate) enum Question {
    TakesBounds,
    TakesLength,
    TakesPattern,
    /// Whether a literal is a value of the type.
    Takes(Constant),
    TakesEmpty,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) description: String,
}
