//! Conditions: what a [`ConditionStep`](crate::step::ConditionStep) decides by.

use std::borrow::Cow;
use std::ops::{BitAnd, BitOr, Not};

use crate::expr::{Document, EnumValue, Expr, Expression, JsonGet, Scalar};
use crate::node::{Node, Object};
use crate::parameter::{Parameter, ParameterType};

/// A condition over values that are known at run time ([Condition step]).
///
/// Made by the methods of [`Comparable`] and [`Ordered`], put together with `&`, `|` and `!`.
/// SageMaker knows no "and" below the top; one that stands there is written as its equivalent
/// "not (not a or not b)".
///
/// [Condition step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// `left OPERATOR right`.
    Compare {
        /// SageMaker's name of the operator: `LessThanOrEqualTo`.
        operator: &'static str,
        /// The left side.
        left: Node,
        /// The right side.
        right: Node,
    },
    /// The value is one of several.
    In {
        /// The value.
        query: Node,
        /// What it may be.
        values: Vec<Node>,
    },
    /// The condition does not hold.
    Not(Box<Condition>),
    /// All hold.
    And(Vec<Condition>),
    /// At least one holds.
    Or(Vec<Condition>),
}

impl Condition {
    /// The conditions of a Condition step, which are all to hold.
    pub(crate) fn top_level(&self) -> Vec<Node> {
        match self {
            Self::And(all) => all.iter().flat_map(Self::top_level).collect(),
            other => vec![other.node()],
        }
    }

    fn node(&self) -> Node {
        let members: Vec<(&'static str, Node)> = match self {
            Self::Compare { operator, left, right } => {
                vec![
                    ("Type", Node::text(operator)),
                    ("LeftValue", left.clone()),
                    ("RightValue", right.clone()),
                ]
            }
            Self::In { query, values } => {
                vec![
                    ("Type", Node::text("In")),
                    ("QueryValue", query.clone()),
                    ("Values", values.clone().into()),
                ]
            }
            Self::Not(inner) => match inner.as_ref() {
                Self::Not(twice) => return twice.node(),
                inner => vec![("Type", Node::text("Not")), ("Condition", inner.node())],
            },
            Self::Or(any) => {
                let conditions: Vec<Node> = any.iter().map(Self::node).collect();
                vec![("Type", Node::text("Or")), ("Conditions", conditions.into())]
            }
            Self::And(all) => {
                let negated = all.iter().map(|c| !c.clone()).collect();
                return Self::Not(Box::new(Self::Or(negated))).node();
            }
        };
        members.into_iter().collect::<Object>().into()
    }

    /// Both hold; the same as `self & other`.
    pub fn and(self, other: Self) -> Self {
        self & other
    }

    /// At least one holds; the same as `self | other`.
    pub fn or(self, other: Self) -> Self {
        self | other
    }
}

impl Not for Condition {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl BitAnd for Condition {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        match (self, other) {
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(mut all), one) => {
                all.push(one);
                Self::And(all)
            }
            (one, other) => Self::And(vec![one, other]),
        }
    }
}

impl BitOr for Condition {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        match (self, other) {
            (Self::Or(mut any), Self::Or(more)) => {
                any.extend(more);
                Self::Or(any)
            }
            (Self::Or(mut any), one) => {
                any.push(one);
                Self::Or(any)
            }
            (one, other) => Self::Or(vec![one, other]),
        }
    }
}

/// Equality and membership, on [`Expr`] and [`Parameter`] of every type.
///
/// ```
/// use pipewright_model::{Comparable, Ordered, Parameter, ParameterDecl, ParameterKind};
/// let mode = Parameter::<String>::declare(ParameterDecl::new("Mode", ParameterKind::String));
/// let limit = Parameter::<f64>::declare(ParameterDecl::new("Limit", ParameterKind::Float));
/// let condition = mode.is_in(["full", "quick"]) & !limit.greater_than(0.5);
/// ```
pub trait Comparable {
    /// The type of value.
    type Value;

    /// The left side.
    #[doc(hidden)]
    fn operand(&self) -> Node;

    /// `Equals`.
    fn equals(&self, right: impl Into<Expr<Self::Value>>) -> Condition {
        Condition::Compare { operator: "Equals", left: self.operand(), right: right.into().into_node() }
    }

    /// `In`: equal to one of `values`.
    fn is_in<I>(&self, values: I) -> Condition
    where
        I: IntoIterator,
        I::Item: Into<Expr<Self::Value>>,
    {
        Condition::In {
            query: self.operand(),
            values: values.into_iter().map(|v| v.into().into_node()).collect(),
        }
    }
}

/// Order, on numbers and on text (SageMaker compares times, which are ISO 8601, this way).
pub trait Ordered: Comparable {
    /// `GreaterThan`.
    fn greater_than(&self, right: impl Into<Expr<Self::Value>>) -> Condition {
        Condition::Compare { operator: "GreaterThan", left: self.operand(), right: right.into().into_node() }
    }

    /// `GreaterThanOrEqualTo`.
    fn greater_than_or_equal_to(&self, right: impl Into<Expr<Self::Value>>) -> Condition {
        Condition::Compare {
            operator: "GreaterThanOrEqualTo",
            left: self.operand(),
            right: right.into().into_node(),
        }
    }

    /// `LessThan`.
    fn less_than(&self, right: impl Into<Expr<Self::Value>>) -> Condition {
        Condition::Compare { operator: "LessThan", left: self.operand(), right: right.into().into_node() }
    }

    /// `LessThanOrEqualTo`.
    fn less_than_or_equal_to(&self, right: impl Into<Expr<Self::Value>>) -> Condition {
        Condition::Compare {
            operator: "LessThanOrEqualTo",
            left: self.operand(),
            right: right.into().into_node(),
        }
    }
}

impl<T: Scalar> Comparable for Expr<T> {
    type Value = T;

    fn operand(&self) -> Node {
        self.node().clone()
    }
}

impl<T: ParameterType> Comparable for Parameter<T> {
    type Value = T;

    fn operand(&self) -> Node {
        self.node()
    }
}

/// Types that have an order: text and numbers, not booleans.
trait HasOrder {}
impl HasOrder for String {}
impl HasOrder for i64 {}
impl HasOrder for f64 {}
impl<E: EnumValue> HasOrder for E {}

impl<T: Scalar + HasOrder> Ordered for Expr<T> {}
impl<T: ParameterType + HasOrder> Ordered for Parameter<T> {}

/// A value of type `T` out of a JSON document in S3, at a path such as `metrics.mse.value`.
///
/// The URI may be put together from parameters, execution variables and properties of steps.
/// For a file that a step declares as a property file, see [`Handle::json_get`](crate::Handle::json_get).
pub fn json_get_s3<T>(uri: impl Into<Expr<String>>, path: impl Into<Cow<'static, str>>) -> Expr<T> {
    let document = Document::S3Uri(uri.into().into_node());
    Expr::from_node(Expression::JsonGet(Box::new(JsonGet { document, path: path.into() })).into())
}
