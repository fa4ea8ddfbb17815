//! [`Expr<T>`]: a literal, or something that is known later.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::deploy::Deploy;
use crate::node::{Invalid, Node};
use crate::parameter::{Parameter, ParameterDecl, ParameterKind, ParameterType};

/// A value of type `T` in a pipeline definition: a literal, or an expression that SageMaker
/// evaluates when the pipeline runs or CloudFormation when it is deployed.
///
/// Everything converts *into* it (builders take `impl Into<Expr<T>>`), nothing converts out: what
/// is unknown until run time can't be formatted, compared or sliced by accident. Where text is
/// wanted, [`join!`](crate::join) builds the expression; to compare at run time, see
/// [`Comparable`](crate::Comparable).
///
/// ```
/// use pipewright_model::{Expr, Deploy, join};
/// let count: Expr<i64> = 2.into();
/// let bucket: Expr<String> = Deploy::DataBucket.into();
/// let uri: Expr<String> = join!("s3://", bucket, "/input");
/// ```
pub struct Expr<T> {
    node: Node,
    // `fn() -> T`: an expression is Send and Sync whatever `T` is, and owns none.
    kind: PhantomData<fn() -> T>,
}

impl<T> Expr<T> {
    /// An expression from a piece of definition that is known to evaluate to a `T`.
    ///
    /// For generated code and for [`Raw`](crate::Raw); nothing checks the claim.
    pub const fn from_node(node: Node) -> Self {
        Self { node, kind: PhantomData }
    }

    /// The piece of definition this is.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Takes the piece of definition out.
    pub fn into_node(self) -> Node {
        self.node
    }
}

impl Expr<String> {
    /// Text that its author vouches for: held to its length, not to a pattern or known values.
    ///
    /// For what SageMaker takes although its own model says otherwise.
    pub fn vouched(text: impl Into<Cow<'static, str>>) -> Self {
        Self::from_node(Node::Vouched(text.into()))
    }

    /// A literal that was recognised as wrong where it was written; the graph's check reports it at
    /// its place, with what is allowed and what to do.
    pub fn invalid(value: impl Into<String>, limit: impl Into<String>, help: impl Into<String>) -> Self {
        Self::from_node(Node::Invalid(Box::new(Invalid {
            value: value.into(),
            limit: limit.into(),
            help: Some(help.into()),
        })))
    }
}

impl<T> Clone for Expr<T> {
    fn clone(&self) -> Self {
        Self::from_node(self.node.clone())
    }
}

impl<T> fmt::Debug for Expr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<T> From<Expr<T>> for Node {
    fn from(expr: Expr<T>) -> Self {
        expr.node
    }
}

/// What can be a literal in a definition: `String`, `i64`, `f64`, `bool`, and every [`EnumValue`].
pub trait Scalar {
    /// Whether the value is a string on the wire.
    const IS_TEXT: bool;
}

impl Scalar for String {
    const IS_TEXT: bool = true;
}
impl Scalar for i64 {
    const IS_TEXT: bool = false;
}
impl Scalar for f64 {
    const IS_TEXT: bool = false;
}
impl Scalar for bool {
    const IS_TEXT: bool = false;
}
impl<E: EnumValue> Scalar for E {
    const IS_TEXT: bool = true;
}

/// A string with known values: a SageMaker enum, or the `choices` of a script's argument.
///
/// A literal `&str` is accepted wherever such a value is, and held against [`EnumValue::VALUES`]
/// when the graph is checked.
pub trait EnumValue {
    /// The API's name of the enum.
    const NAME: &'static str;
    /// The known values, as they stand on the wire.
    const VALUES: &'static [&'static str];
    /// Whether there may be newer values, made with `other(…)`.
    const OPEN: bool = false;
    /// The value on the wire.
    fn wire(&self) -> Cow<'static, str>;
}

/// Stands in a builder's type for a required value that was not given yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Missing;

/// What SageMaker or CloudFormation evaluates later.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A run-time parameter of the pipeline.
    Parameter(Arc<ParameterDecl>),
    /// A fact about the execution, such as `Execution.PipelineExecutionId`.
    Execution(&'static str),
    /// A property of an earlier step: `Steps.NAME.PATH`.
    Property {
        /// The step's name.
        step: Arc<str>,
        /// The path below the step, such as `ModelArtifacts.S3ModelArtifacts`.
        path: Cow<'static, str>,
    },
    /// An output that a Lambda or a Callback step declares: `Steps.NAME.OutputParameters['OUTPUT']`.
    Output {
        /// The step.
        step: Arc<str>,
        /// The output.
        name: Cow<'static, str>,
        /// The type that it is read as.
        kind: ParameterKind,
    },
    /// Any other `Get`, as its author wrote it.
    Get(String),
    /// Pieces put together as text. Built by [`crate::text`], which keeps it flat.
    Join(Vec<Node>),
    /// A value out of a JSON document.
    JsonGet(Box<JsonGet>),
    /// Something known when the pipeline is deployed.
    Deploy(Deploy),
}

/// A value out of a JSON document that a step wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonGet {
    /// Where the document is.
    pub document: Document,
    /// The path in it, such as `metrics.mse.value` or `folds[0].auc`.
    pub path: Cow<'static, str>,
}

/// A JSON document that [`JsonGet`] reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// A property file that a step declares.
    PropertyFile {
        /// The step that writes the file.
        step: Arc<str>,
        /// The property file's name.
        name: Cow<'static, str>,
    },
    /// An object in S3.
    S3Uri(Node),
}

impl Expression {
    /// Reads what stands in `{"Get": …}`.
    pub(crate) fn from_get(get: &str) -> Self {
        if let Some((step, path)) = get.strip_prefix("Steps.").and_then(|rest| rest.split_once('.')) {
            return Self::Property { step: step.into(), path: Cow::Owned(path.to_owned()) };
        }
        Self::Get(get.to_owned())
    }

    /// The step that this expression refers to itself, not by one inside of it.
    pub(crate) fn step(&self) -> Option<&str> {
        match self {
            Self::Property { step, .. } | Self::Output { step, .. } => Some(step),
            Self::JsonGet(get) => match &get.document {
                Document::PropertyFile { step, .. } => Some(step),
                Document::S3Uri(_) => None,
            },
            _ => None,
        }
    }

    /// Calls `visit` on this expression and every one inside of it.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        visit(self);
        match self {
            Self::Join(pieces) => pieces.iter().for_each(|p| p.expressions(visit)),
            Self::JsonGet(get) => {
                if let Document::S3Uri(uri) = &get.document {
                    uri.expressions(visit);
                }
            }
            Self::Parameter(_)
            | Self::Execution(_)
            | Self::Property { .. }
            | Self::Output { .. }
            | Self::Get(_)
            | Self::Deploy(_) => {}
        }
    }
}

macro_rules! literals {
    ($($from:ty => $to:ty, |$value:ident| $node:expr;)*) => {$(
        impl From<$from> for Expr<$to> {
            fn from($value: $from) -> Self {
                Self::from_node($node)
            }
        }
    )*};
}

literals! {
    &str => String, |v| Node::Str(Cow::Owned(v.to_owned()));
    String => String, |v| Node::Str(Cow::Owned(v));
    &String => String, |v| Node::Str(Cow::Owned(v.clone()));
    Cow<'static, str> => String, |v| Node::Str(v);
    i64 => i64, |v| Node::Int(v);
    i32 => i64, |v| Node::Int(v.into());
    i16 => i64, |v| Node::Int(v.into());
    i8 => i64, |v| Node::Int(v.into());
    u32 => i64, |v| Node::Int(v.into());
    u16 => i64, |v| Node::Int(v.into());
    u8 => i64, |v| Node::Int(v.into());
    u64 => i64, |v| integer(v);
    usize => i64, |v| integer(v);
    f64 => f64, |v| Node::Float(v);
    f32 => f64, |v| Node::Float(v.into());
    i32 => f64, |v| Node::Int(v.into());
    u32 => f64, |v| Node::Int(v.into());
    bool => bool, |v| Node::Bool(v);
    &i64 => i64, |v| Node::Int(*v);
    &i32 => i64, |v| Node::Int((*v).into());
    &u32 => i64, |v| Node::Int((*v).into());
    &u16 => i64, |v| Node::Int((*v).into());
    &u8 => i64, |v| Node::Int((*v).into());
    &u64 => i64, |v| integer(*v);
    &usize => i64, |v| integer(*v);
    &f64 => f64, |v| Node::Float(*v);
    &f32 => f64, |v| Node::Float((*v).into());
    &bool => bool, |v| Node::Bool(*v);
}

fn integer<N: TryInto<i64> + Copy + fmt::Display>(value: N) -> Node {
    value.try_into().map_or_else(
        |_| {
            Node::Invalid(Box::new(Invalid {
                value: value.to_string(),
                limit: format!("at most {}", i64::MAX),
                help: None,
            }))
        },
        Node::Int,
    )
}

impl<T> From<&Expr<T>> for Expr<T> {
    fn from(expr: &Expr<T>) -> Self {
        expr.clone()
    }
}

impl<T: ParameterType> From<Parameter<T>> for Expr<T> {
    fn from(parameter: Parameter<T>) -> Self {
        Self::from(&parameter)
    }
}

impl<T: ParameterType> From<&Parameter<T>> for Expr<T> {
    fn from(parameter: &Parameter<T>) -> Self {
        Self::from_node(parameter.node())
    }
}

// An integer is a number too.
impl From<&Parameter<i64>> for Expr<f64> {
    fn from(parameter: &Parameter<i64>) -> Self {
        Self::from_node(parameter.node())
    }
}

impl From<Expr<i64>> for Expr<f64> {
    fn from(expr: Expr<i64>) -> Self {
        Self::from_node(expr.node)
    }
}

impl From<Deploy> for Expr<String> {
    fn from(deploy: Deploy) -> Self {
        Self::from_node(Expression::Deploy(deploy).into())
    }
}

impl<E: EnumValue> From<E> for Expr<E> {
    fn from(value: E) -> Self {
        let wire = value.wire();
        Self::from_node(if E::VALUES.contains(&wire.as_ref()) {
            Node::Str(wire)
        } else {
            Node::Vouched(wire)
        })
    }
}

impl<E: EnumValue> From<&str> for Expr<E> {
    fn from(value: &str) -> Self {
        Self::from_node(known_value::<E>(value))
    }
}

impl<E: EnumValue> From<&String> for Expr<E> {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl<E: EnumValue> From<String> for Expr<E> {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl<E: EnumValue> From<&Parameter<String>> for Expr<E> {
    fn from(parameter: &Parameter<String>) -> Self {
        Self::from_node(parameter.node())
    }
}

impl<E: EnumValue> From<Expr<String>> for Expr<E> {
    fn from(expr: Expr<String>) -> Self {
        Self::from_node(match expr.node {
            Node::Str(text) => known_value::<E>(&text),
            other => other,
        })
    }
}

impl<E: EnumValue> From<&Expr<String>> for Expr<E> {
    fn from(expr: &Expr<String>) -> Self {
        Self::from(expr.clone())
    }
}

impl<E: EnumValue> From<Expr<E>> for Expr<String> {
    fn from(expr: Expr<E>) -> Self {
        Self::from_node(expr.node)
    }
}

fn known_value<E: EnumValue>(value: &str) -> Node {
    match E::VALUES.iter().find(|known| **known == value) {
        Some(known) => Node::text(known),
        None => Node::Invalid(Box::new(Invalid {
            value: value.to_owned(),
            limit: format!("one of the {} values of {}", E::VALUES.len(), E::NAME),
            help: suggestion::<E>(value),
        })),
    }
}

/// Names the nearest known value, or all of them where they are few.
fn suggestion<E: EnumValue>(value: &str) -> Option<String> {
    let nearest = E::VALUES
        .iter()
        .map(|known| (strsim::jaro_winkler(known, value), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.8);
    let known = match nearest {
        Some((_, known)) => Some(format!("did you mean \"{known}\"?")),
        None if E::VALUES.len() <= 12 => Some(format!("known: {}", E::VALUES.join(", "))),
        None => None,
    };
    let newer = E::OPEN.then(|| format!("a newer value is written `{}::other(\"{value}\")`", E::NAME));
    match (known, newer) {
        (Some(known), Some(newer)) => Some(format!("{known} {newer}")),
        (known, newer) => known.or(newer),
    }
}
