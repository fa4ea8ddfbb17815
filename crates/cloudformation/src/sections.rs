//! What stands in a template beside its resources: [`Parameter`], [`Mapping`], [`Output`].

use std::marker::PhantomData;

use serde_json::{Map as Object, Value as Node, json};

use crate::condition::ConditionRef;
use crate::value::{List, Value};

/// A parameter of a template.
///
/// Not to be confused with a pipeline's own parameters: these are given when a stack is created or updated.
#[derive(Clone, Debug)]
pub struct Parameter<T> {
    node: Object<String, Node>,
    of: PhantomData<fn() -> T>,
}

impl Parameter<String> {
    /// Text.
    pub fn string() -> Self {
        Self::of_type("String")
    }

    /// The name of a parameter of Systems Manager; the reference gives what is stored there.
    pub fn ssm() -> Self {
        Self::of_type("AWS::SSM::Parameter::Value<String>")
    }

    /// Has to match this regular expression, as a whole.
    pub fn allowed_pattern(self, pattern: &str) -> Self {
        self.with("AllowedPattern", pattern.into())
    }

    /// Has at least this many characters.
    pub fn min_length(self, length: u32) -> Self {
        self.with("MinLength", length.into())
    }

    /// Has at most this many characters.
    pub fn max_length(self, length: u32) -> Self {
        self.with("MaxLength", length.into())
    }
}

impl Parameter<i64> {
    /// A number.
    pub fn number() -> Self {
        Self::of_type("Number")
    }

    /// Is at least this.
    pub fn min_value(self, value: i64) -> Self {
        self.with("MinValue", value.into())
    }

    /// Is at most this.
    pub fn max_value(self, value: i64) -> Self {
        self.with("MaxValue", value.into())
    }
}

impl Parameter<List<String>> {
    /// Texts with commas between them.
    pub fn list() -> Self {
        Self::of_type("CommaDelimitedList")
    }
}

impl<T> Parameter<T> {
    fn of_type(name: &str) -> Self {
        let node = Object::from_iter([("Type".to_owned(), Node::from(name))]);
        Self { node, of: PhantomData }
    }

    fn with(mut self, key: &str, value: Node) -> Self {
        self.node.insert(key.to_owned(), value);
        self
    }

    /// The value when none is given.
    pub fn default(self, value: impl Into<Node>) -> Self {
        self.with("Default", value.into())
    }

    /// What it is for, up to 4,000 characters.
    pub fn description(self, text: &str) -> Self {
        self.with("Description", text.into())
    }

    /// The only values it may have.
    pub fn allowed_values<V: Into<Node>>(self, values: impl IntoIterator<Item = V>) -> Self {
        let values: Node = values.into_iter().map(Into::into).collect();
        self.with("AllowedValues", values)
    }

    /// Never shows the value. It is no protection against one who may read the resources that it goes to.
    pub fn no_echo(self) -> Self {
        self.with("NoEcho", true.into())
    }

    pub(crate) fn into_node(mut self) -> Node {
        self.node.sort_keys();
        Node::Object(self.node)
    }
}

/// A mapping that [`Template::mapping`](crate::Template::mapping) declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    name: String,
}

impl Mapping {
    pub(crate) fn named(name: String) -> Self {
        Self { name }
    }

    /// `Fn::FindInMap`: the entry under two keys.
    pub fn find(&self, first: impl Into<Value<String>>, second: impl Into<Value<String>>) -> Value<String> {
        crate::intrinsic::find_in_map(&self.name, first, second)
    }
}

impl AsRef<str> for Mapping {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

/// An output of a template.
#[derive(Clone, Debug)]
pub struct Output {
    node: Object<String, Node>,
}

impl Output {
    /// An output with this value.
    pub fn new<T>(value: Value<T>) -> Self {
        Self { node: Object::from_iter([("Value".to_owned(), value.into_node())]) }
    }

    /// What it is, up to 1,024 bytes.
    pub fn description(mut self, text: &str) -> Self {
        self.node.insert("Description".into(), text.into());
        self
    }

    /// Exports it under a name, for `Fn::ImportValue` of other stacks, which then lock this one.
    pub fn export(mut self, name: impl Into<Value<String>>) -> Self {
        self.node.insert("Export".into(), json!({ "Name": name.into() }));
        self
    }

    /// Is there only where the condition holds.
    pub fn condition(mut self, condition: &ConditionRef) -> Self {
        self.node.insert("Condition".into(), condition.as_ref().into());
        self
    }
    pub(crate) fn into_node(self) -> Node {
        Node::Object(self.node)
    }
}
