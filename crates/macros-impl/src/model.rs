//! What is emitted, when nothing was wrong: a model in which a mistake can't be written.

#![allow(clippy::large_enum_variant, reason = "a model lives as long as one derive")]

use proc_macro2::Span;
use syn::{Expr, Ident, Path, Type};

use crate::constant::{Constant, Number};

/// The item under the derive.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) description: String,
    /// Where the output finds the configuration library.
    pub(crate) config: Path,
    /// A function that says more of the type in its schema.
    pub(crate) schema_extra: Option<Expr>,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// `#[derive(Config)]` on a struct.
    Struct(Vec<Field>, Vec<Rule>),
    /// `#[derive(Config)]` on an enum whose variants hold nothing.
    Enum(Vec<Name>),
    /// `#[derive(Config)]` on an enum whose variants hold something.
    Variants(Tagging, Vec<Variant>, Vec<Rule>),
    /// `#[config(from_str)]`: a type with a spelling of its own; what it is in words, and a pattern of its texts.
    FromStr(String, Option<String>),
    /// `#[config(transparent)]`: what its only field is.
    Transparent(Box<Field>, Vec<Rule>),
    /// `#[derive(Pipeline)]`.
    Pipeline(Pipeline),
}

pub(crate) struct Pipeline {
    /// Where the output finds the facade's private names.
    pub(crate) private: Path,
    pub(crate) name: String,
    pub(crate) display_name: Option<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) rules: Vec<Rule>,
}

/// A rule about a whole value, or about some of its fields.
pub(crate) struct Rule {
    pub(crate) path: Expr,
    /// The indices of the fields; empty for the whole.
    pub(crate) fields: Vec<usize>,
}

/// How a value says which variant it is.
#[derive(Clone)]
pub(crate) enum Tagging {
    External,
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    Untagged,
}

pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) key: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) title: Option<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) examples: Vec<Constant>,
    pub(crate) description: String,
    pub(crate) rules: FieldRules,
    pub(crate) flatten: bool,
    pub(crate) default: Option<Default>,
    pub(crate) constraints: Constraints,
    pub(crate) role: Role,
}

/// The functions that a field names.
#[derive(Default)]
pub(crate) struct FieldRules {
    pub(crate) default_with: Option<Expr>,
    pub(crate) before: Option<Expr>,
    pub(crate) after: Option<Expr>,
    pub(crate) validate: Vec<Expr>,
    pub(crate) schema_extra: Option<Expr>,
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
    /// A constant of the program, and how its value becomes a literal.
    Named(Named),
    /// A bare `default`: an empty list, or a table that leaves everything to its own defaults.
    Empty,
}

/// An expression that the compiler evaluates, of a type that its place knows.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) expr: Expr,
    pub(crate) ty: NamedType,
}

#[derive(Clone)]
pub(crate) enum NamedType {
    /// An integer of this name.
    Integer(&'static str),
    /// A float of this name.
    Float(&'static str),
    Text,
    Boolean,
}

/// A bound on a number.
#[derive(Clone)]
pub(crate) enum Bound {
    Number(Number),
    /// `1h30m` or `50 GiB`: what it says follows from the type.
    Text(String, Option<Type>),
    Named(Named),
}

impl Bound {
    pub(crate) fn number(&self) -> Option<Number> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// A bound on a length.
#[derive(Clone)]
pub(crate) enum Length {
    Count(usize),
    Named(Expr),
}

impl Length {
    pub(crate) fn count(&self) -> Option<usize> {
        if let Self::Count(count) = self { Some(*count) } else { None }
    }
}

#[derive(Default)]
pub(crate) struct Constraints {
    pub(crate) ge: Option<Bound>,
    pub(crate) gt: Option<Bound>,
    pub(crate) le: Option<Bound>,
    pub(crate) lt: Option<Bound>,
    pub(crate) multiple_of: Option<Bound>,
    pub(crate) min_length: Option<Length>,
    pub(crate) max_length: Option<Length>,
    pub(crate) pattern: Option<String>,
    /// Texts and numbers only.
    pub(crate) choices: Vec<Constant>,
    pub(crate) unique_items: bool,
    pub(crate) items: Option<Box<Constraints>>,
    pub(crate) keys: Option<Box<Constraints>>,
    pub(crate) values: Option<Box<Constraints>>,
}

/// Something about a type that the macro only knows by name, for the compiler to decide.
pub(crate) struct Assertion {
    pub(crate) span: Span,
    pub(crate) question: Question,
    /// The type in question, where it is not the field's but that of its elements.
    pub(crate) ty: Option<Type>,
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
    /// Whether a text says a bound on the type.
    TakesAmount(String),
    TakesItems,
    /// Whether some value keeps the field's bounds, which name constants.
    HasAValue,
    /// Whether the field's default keeps its bounds, where one of them names a constant.
    DefaultFits,
}

/// A variant that holds nothing.
pub(crate) struct Name {
    pub(crate) ident: Ident,
    pub(crate) names: Vec<String>,
    pub(crate) description: String,
}

/// A variant of an enum some of which hold something.
pub(crate) struct Variant {
    pub(crate) name: Name,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Unit,
    Fields(Vec<Field>),
    /// One value; `flat` where the tag stands among its own keys.
    Value {
        field: Box<Field>,
        flat: bool,
    },
    Tuple {
        field: Box<Field>,
        length: usize,
    },
}
