//! [`Value`]: a literal, or something CloudFormation works out.

use std::fmt;
use std::marker::PhantomData;

use serde::{Serialize, Serializer};
use serde_json::Value as Node;

/// A literal of type `T`, or an intrinsic that gives one.
///
/// Literals convert into it, and nothing converts out of it: what CloudFormation works out later can't be
/// compared or cut by accident. `T` is `String`, `i64`, `f64`, `bool`, an enumeration, a property type, a
/// [`List`] or [`Map`] of these, [`Json`], or what a reference stands for (`VpcId`, `RoleArn`; see
/// [`kinds`](crate::kinds)).
///
/// Text converts into every kind of reference, a reference converts into text, and one kind never into another:
///
/// ```
/// use pipewright_cloudformation::{Value, kinds::{SubnetId, VpcId}};
/// let vpc: Value<VpcId> = "vpc-0123".into();
/// let text: Value<String> = vpc.into();
/// ```
///
/// ```compile_fail
/// use pipewright_cloudformation::{Value, kinds::{SubnetId, VpcId}};
/// let vpc: Value<VpcId> = "vpc-0123".into();
/// let subnet: Value<SubnetId> = vpc.into();
/// ```
///
/// It serialises to the JSON of a template, so it can stand inside `json!`.
pub struct Value<T> {
    node: Node,
    of: PhantomData<fn() -> T>,
}

/// A list of `T`, as a type of [`Value`]. Arrays, vectors and iterators of `Into<Value<T>>` convert into it.
#[derive(Debug)]
pub enum List<T> {
    #[doc(hidden)]
    Never(PhantomData<fn() -> T>, std::convert::Infallible),
}

/// A map from text to `T`, as a type of [`Value`]. Arrays, vectors and iterators of pairs convert into it.
#[derive(Debug)]
pub enum Map<T> {
    #[doc(hidden)]
    Never(PhantomData<fn() -> T>, std::convert::Infallible),
}

/// Free-form JSON, as a type of [`Value`]: policy documents, event patterns. `json!` makes it; intrinsics may
/// stand anywhere inside.
#[derive(Debug)]
pub enum Json {}

/// What a reference stands for: implemented by the markers in [`kinds`](crate::kinds).
pub trait Reference {}

impl<T> Value<T> {
    /// A value that is this JSON, with nothing checked here; [`Template::check`](crate::Template::check) still
    /// looks at it.
    pub fn raw(node: Node) -> Self {
        Self { node, of: PhantomData }
    }

    /// The same value under another type, for what the types can't know, for example a parameter that holds one of an
    /// enumeration's values.
    pub fn cast<U>(self) -> Value<U> {
        Value::raw(self.node)
    }

    /// Its JSON.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Its JSON.
    pub fn into_node(self) -> Node {
        self.node
    }

    /// The text, when it is a literal.
    pub fn as_str(&self) -> Option<&str> {
        self.node.as_str()
    }
}

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        Self::raw(self.node.clone())
    }
}

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.node)
    }
}

impl<T> PartialEq for Value<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node.serialize(serializer)
    }
}
