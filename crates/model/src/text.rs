//! [`Text`]: the explicit way from any value to a string, and [`join!`](crate::join).

use std::borrow::Cow;

use crate::deploy::Deploy;
use crate::expr::{EnumValue, Expr, Expression, Scalar};
use crate::node::Node;
use crate::parameter::{Parameter, ParameterType};

/// A value as text.
///
/// SageMaker wants strings in container arguments, hyperparameters and environment variables.
/// Builders that take `impl Into<Text>` accept anything and put it right on the wire: `true` is
/// `"true"`, `3` is `"3"`, a string parameter is a plain `Get`, and a number that is known at run
/// time becomes a [`Std:Join`] of one, which evaluates to a string.
///
/// ```
/// use pipewright_model::{Expr, Node, Text};
/// assert_eq!(Text::from(0.5).into_expr().node(), &Node::text("0.5"));
/// ```
///
/// [`Std:Join`]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-functions.html
#[derive(Clone, Debug)]
pub struct Text {
    node: Node,
    /// Whether the text was a number or a boolean.
    number: bool,
}

impl Text {
    /// The text as an expression.
    pub fn into_expr(self) -> Expr<String> {
        Expr::from_node(self.node)
    }

    /// The value as JSON: text in quotes, numbers and booleans as they are. What is known only at
    /// run time stays as it is.
    ///
    /// That is how script mode wants hyperparameters, and what the SageMaker Python SDK makes of
    /// them there: without quotes, the text `1.10` would reach the script as the number 1.1.
    ///
    /// ```
    /// use pipewright_model::{Node, Text};
    /// assert_eq!(Text::from("adam").into_json().node(), &Node::text("\"adam\""));
    /// assert_eq!(Text::from(0.5).into_json().node(), &Node::text("0.5"));
    /// ```
    pub fn into_json(self) -> Expr<String> {
        let mut pieces = Vec::new();
        if self.number || !quotable(&self.node, &mut pieces) {
            return self.into_expr();
        }
        pieces.insert(0, Self::literal("\""));
        pieces.push(Self::literal("\""));
        concat(pieces)
    }

    fn literal(text: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Node::Str(text.into()))
    }

    fn number(text: impl Into<Cow<'static, str>>) -> Self {
        Self { number: true, ..Self::literal(text) }
    }

    const fn of(node: Node) -> Self {
        Self { node, number: false }
    }

    fn scalar(node: Node, is_text: bool) -> Self {
        match node {
            Node::Bool(b) => Self::number(if b { "true" } else { "false" }),
            Node::Int(i) => Self::number(i.to_string()),
            // `{:?}` keeps the point of 4.0, as Python's `str` does.
            Node::Float(f) => Self::number(format!("{f:?}")),
            Node::Expr(_) if !is_text => Self::of(Expression::Join(vec![node]).into()),
            other => Self::of(other),
        }
    }
}

/// Collects the pieces of a text that is known before run time, escaped for JSON; `false` where it
/// is not.
fn quotable(node: &Node, pieces: &mut Vec<Text>) -> bool {
    match node {
        Node::Str(text) | Node::Vouched(text) => {
            pieces.push(Text::literal(escaped(text)));
            true
        }
        Node::Expr(Expression::Deploy(_)) => {
            pieces.push(Text::of(node.clone()));
            true
        }
        Node::Expr(Expression::Join(parts)) => parts.iter().all(|part| quotable(part, pieces)),
        _ => false,
    }
}

/// The inside of a JSON string, in ASCII as Python's `json.dumps` has it.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\x7f' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String can't fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

/// Puts pieces together into one text; what [`join!`](crate::join) calls.
///
/// The result is flat: a join inside of a join gives its pieces to the outer one, neighbouring
/// literals are merged, empty ones dropped; what is left alone is not wrapped.
pub fn concat(parts: impl IntoIterator<Item = Text>) -> Expr<String> {
    let mut pieces: Vec<Node> = Vec::new();
    // A lone piece is a string already, unless `Text` put it into a join to make it one.
    let mut wrapped = false;
    for Text { node, .. } in parts {
        match node {
            Node::Expr(Expression::Join(inner)) => {
                wrapped = true;
                for piece in inner {
                    push(&mut pieces, piece);
                }
            }
            other => push(&mut pieces, other),
        }
    }
    Expr::from_node(match pieces.len() {
        0 => Node::text(""),
        1 if !wrapped || matches!(pieces[0], Node::Str(_)) => pieces.remove(0),
        _ => Expression::Join(pieces).into(),
    })
}

/// Puts `values` together with `separator` between them, as `Join(on=…, values=[…])` of the
/// SageMaker Python SDK does.
///
/// ```
/// use pipewright_model::{execution, text};
/// let run = text::join_with("-", [execution::pipeline_name(), execution::pipeline_execution_id()]);
/// ```
pub fn join_with<I>(separator: &str, values: I) -> Expr<String>
where
    I: IntoIterator,
    I::Item: Into<Text>,
{
    let mut parts = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            parts.push(Text::literal(separator.to_owned()));
        }
        parts.push(value.into());
    }
    concat(parts)
}

/// Adds a piece, merging neighbouring literals.
fn push(pieces: &mut Vec<Node>, piece: Node) {
    match (pieces.last_mut(), piece) {
        (_, Node::Str(text)) if text.is_empty() => {}
        (Some(Node::Str(last)), Node::Str(text)) => last.to_mut().push_str(&text),
        (_, Node::Vouched(text)) => push(pieces, Node::Str(text)),
        (_, piece) => pieces.push(piece),
    }
}

/// Puts text together from literals and expressions: `join!("s3://", bucket, "/", key)`.
///
/// The parts are anything that converts into [`Text`](crate::Text); the result is an
/// `Expr<String>`, a plain literal where every part is one.
///
/// ```
/// use pipewright_model::{execution, join, Deploy};
/// let uri = join!("s3://", Deploy::DataBucket, "/runs/", execution::pipeline_execution_id());
/// ```
#[macro_export]
macro_rules! join {
    ($($part:expr),* $(,)?) => {
        $crate::text::concat([$($crate::Text::from($part)),*])
    };
}

macro_rules! number_text {
    ($($type:ty),*) => {$(
        impl From<$type> for Text {
            fn from(value: $type) -> Self {
                Self::number(value.to_string())
            }
        }
        impl From<&$type> for Text {
            fn from(value: &$type) -> Self {
                Self::number(value.to_string())
            }
        }
    )*};
}
number_text!(bool, i8, i16, i32, i64, u8, u16, u32, u64, usize);

macro_rules! float_text {
    ($($type:ty),*) => {$(
        impl From<$type> for Text {
            fn from(value: $type) -> Self {
                Self::number(format!("{value:?}"))
            }
        }
        impl From<&$type> for Text {
            fn from(value: &$type) -> Self {
                Self::from(*value)
            }
        }
    )*};
}
float_text!(f32, f64);

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        Self::literal(value.to_owned())
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self::literal(value)
    }
}

impl From<&String> for Text {
    fn from(value: &String) -> Self {
        Self::literal(value.clone())
    }
}

impl<T: Scalar> From<Expr<T>> for Text {
    fn from(expr: Expr<T>) -> Self {
        Self::scalar(expr.into_node(), T::IS_TEXT)
    }
}

impl<T: Scalar> From<&Expr<T>> for Text {
    fn from(expr: &Expr<T>) -> Self {
        expr.clone().into()
    }
}

impl<T: ParameterType> From<Parameter<T>> for Text {
    fn from(parameter: Parameter<T>) -> Self {
        Self::from(&parameter)
    }
}

impl<T: ParameterType> From<&Parameter<T>> for Text {
    fn from(parameter: &Parameter<T>) -> Self {
        Self::scalar(parameter.node(), T::IS_TEXT)
    }
}

impl<E: EnumValue> From<E> for Text {
    fn from(value: E) -> Self {
        Self::literal(value.wire())
    }
}

impl From<Deploy> for Text {
    fn from(deploy: Deploy) -> Self {
        Expr::from(deploy).into()
    }
}
