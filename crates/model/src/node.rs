//! The tree a definition is made of: JSON, with expressions in place of what is known later.

use std::borrow::Cow;

use crate::expr::Expression;

/// A piece of a pipeline definition: plain JSON, or an [`Expression`] that SageMaker or
/// CloudFormation evaluates later.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// JSON `null`.
    Null,
    /// A boolean literal.
    Bool(bool),
    /// An integer literal.
    Int(i64),
    /// A floating-point literal; must be finite, which is checked with the rest of the graph.
    Float(f64),
    /// A string literal.
    Str(Cow<'static, str>),
    /// A string whose author vouches for it: not held against patterns and known values.
    Vouched(Cow<'static, str>),
    /// A list.
    List(Vec<Node>),
    /// An object with its keys in a fixed order.
    Object(Object),
    /// Something that is evaluated later.
    Expr(Expression),
    /// A literal that was recognised as wrong where it was written, kept so that the graph's check
    /// can report it at its place.
    Invalid(Box<Invalid>),
}

/// A literal that cannot stand where it was put, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// What was written.
    pub value: String,
    /// What is allowed there.
    pub limit: String,
    /// What to write instead, where there is a good guess.
    pub help: Option<String>,
}

/// An ordered JSON object.
///
/// Setting a key again replaces its value in place: the last call of a chain wins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(Cow<'static, str>, Node)>);

impl Object {
    /// An empty object.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets `key`, replacing an earlier value.
    pub fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Node>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some(slot) => slot.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The object under `key`, created where absent (and in place of anything that is no object).
    pub fn object_mut(&mut self, key: &'static str) -> &mut Object {
        let slot = self.slot(key);
        if !matches!(slot, Node::Object(_)) {
            *slot = Node::Object(Object::new());
        }
        match slot {
            Node::Object(object) => object,
            _ => unreachable!("just made an object"),
        }
    }

    /// Appends to the list under `key`, created where absent (and in place of anything else).
    pub fn push(&mut self, key: &'static str, value: impl Into<Node>) {
        let slot = self.slot(key);
        match slot {
            Node::List(list) => list.push(value.into()),
            _ => *slot = Node::List(vec![value.into()]),
        }
    }

    fn slot(&mut self, key: &'static str) -> &mut Node {
        let index = self.0.iter().position(|(k, _)| k == key).unwrap_or_else(|| {
            self.0.push((Cow::Borrowed(key), Node::Null));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Node)> {
        self.0.iter().map(|(k, v)| (k.as_ref(), v))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorts the members by `rank`; those of equal rank keep their order.
    pub fn sort_by_rank(&mut self, rank: impl Fn(&str) -> usize) {
        self.0.sort_by_key(|(k, _)| rank(k));
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.0.iter_mut().map(|(k, v)| (&**k, v))
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<Node>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Self {
        let mut object = Self::new();
        for (key, value) in iter {
            object.set(key, value);
        }
        object
    }
}

impl Node {
    /// A string literal from text known when the program was compiled.
    pub const fn text(text: &'static str) -> Self {
        Self::Str(Cow::Borrowed(text))
    }

    /// The literal string, where this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(s) | Self::Vouched(s) => Some(s),
            _ => None,
        }
    }

    /// The object, where this is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(o) => Some(o),
            _ => None,
        }
    }

    /// The list, where this is one.
    pub fn as_list(&self) -> Option<&[Node]> {
        match self {
            Self::List(l) => Some(l),
            _ => None,
        }
    }

    /// The node at a path of object keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.as_object()?.get(key))
    }

    /// The tree as the text of a JSON file, where every part of it is a literal: keys are sorted.
    ///
    /// # Errors
    /// The place of a part that is known only later, or that is no JSON: keys and indices, dots between them.
    pub fn json(&self) -> Result<String, String> {
        Ok(self.value(&mut Vec::new())?.to_string())
    }

    fn value(&self, place: &mut Vec<String>) -> Result<serde_json::Value, String> {
        use serde_json::{Map, Number, Value};
        let mut inside = |key: String, node: &Self| {
            place.push(key);
            let value = node.value(place)?;
            place.pop();
            Ok::<_, String>(value)
        };
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::from(*value),
            Self::Float(value) => {
                Number::from_f64(*value).map(Value::Number).ok_or_else(|| place.join("."))?
            }
            Self::Str(text) | Self::Vouched(text) => Value::from(&**text),
            Self::List(list) => {
                let items = list.iter().enumerate().map(|(index, node)| inside(index.to_string(), node));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Object(object) => {
                // Sorted here: whether the map does it is a matter of how its crate is built.
                let mut members: Vec<_> = object.iter().collect();
                members.sort_unstable_by_key(|(key, _)| *key);
                let members = members
                    .into_iter()
                    .map(|(key, node)| Ok((key.to_owned(), inside(key.to_owned(), node)?)));
                Value::Object(members.collect::<Result<Map<_, _>, String>>()?)
            }
            Self::Expr(_) | Self::Invalid(_) => return Err(place.join(".")),
        })
    }

    /// Calls `visit` on every expression in this tree, those inside of expressions included.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        match self {
            Self::List(list) => list.iter().for_each(|n| n.expressions(visit)),
            Self::Object(object) => object.iter().for_each(|(_, n)| n.expressions(visit)),
            Self::Expr(expression) => expression.walk(visit),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Str(_)
            | Self::Vouched(_)
            | Self::Invalid(_) => {}
        }
    }
}

impl From<Object> for Node {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<Vec<Node>> for Node {
    fn from(list: Vec<Node>) -> Self {
        Self::List(list)
    }
}

impl From<&'static str> for Node {
    fn from(text: &'static str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Str(Cow::Owned(text))
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Node {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Node {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Node {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<T: crate::ParameterType> From<&crate::Parameter<T>> for Node {
    fn from(parameter: &crate::Parameter<T>) -> Self {
        parameter.node()
    }
}

impl From<Expression> for Node {
    fn from(expression: Expression) -> Self {
        Self::Expr(expression)
    }
}

/// Free JSON, as [`crate::Raw`] takes it. `{"Get": "…"}` is understood as a reference, so that it
/// is checked like one that was made by a handle.
impl From<serde_json::Value> for Node {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(b),
            Value::Number(n) => {
                n.as_i64().map_or_else(|| Self::Float(n.as_f64().unwrap_or(f64::NAN)), Self::Int)
            }
            Value::String(s) => Self::Str(Cow::Owned(s)),
            Value::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Value::Object(map) => {
                if let (1, Some(Value::String(get))) = (map.len(), map.get("Get")) {
                    return Self::Expr(Expression::from_get(get));
                }
                Self::Object(map.into_iter().map(|(k, v)| (k, Self::from(v))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution;

    #[test]
    fn literals_are_json() {
        let check = |node: Node, expected: Result<&str, &str>| {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(node.json(), expected, "{node:?}");
        };
        let late = || Node::from(execution::pipeline_name());
        check(Node::Null, Ok("null"));
        check(crate::node!({ "b": [1, 0.5, true], "a": "x\"y" }), Ok(r#"{"a":"x\"y","b":[1,0.5,true]}"#));
        check(late(), Err(""));
        check(Node::from(f64::INFINITY), Err(""));
        check(crate::node!({ "a": [1, { "b": (late()) }] }), Err("a.1.b"));
    }
}
