//! Conditions of a template.

use serde_json::{Value as Node, json};

use crate::value::Value;

/// What decides a condition: comparisons, and what is made of them.
///
/// Mirrors `Fn::Equals`, `Fn::Not`, `Fn::And` and `Fn::Or`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Node);

impl Condition {
    /// Whether two values are the same text.
    pub fn equals(left: impl Into<Value<String>>, right: impl Into<Value<String>>) -> Self {
        Self(json!({ "Fn::Equals": [left.into(), right.into()] }))
    }

    /// The opposite.
    pub fn negate(condition: impl Into<Self>) -> Self {
        Self(json!({ "Fn::Not": [condition.into().0] }))
    }

    /// Whether all of 2 to 10 conditions hold.
    pub fn all<C: Into<Self>>(conditions: impl IntoIterator<Item = C>) -> Self {
        Self(json!({ "Fn::And": nodes(conditions) }))
    }

    /// Whether any of 2 to 10 conditions holds.
    pub fn any<C: Into<Self>>(conditions: impl IntoIterator<Item = C>) -> Self {
        Self(json!({ "Fn::Or": nodes(conditions) }))
    }

    pub(crate) fn node(&self) -> &Node {
        &self.0
    }
}

fn nodes<C: Into<Condition>>(conditions: impl IntoIterator<Item = C>) -> Vec<Node> {
    conditions.into_iter().map(|condition| condition.into().0).collect()
}

/// A condition that [`Template::condition`](crate::Template::condition) declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionRef {
    name: String,
}

impl ConditionRef {
    /// The condition of this name, which somebody has to declare.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl AsRef<str> for ConditionRef {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

impl From<&ConditionRef> for Condition {
    fn from(condition: &ConditionRef) -> Self {
        Self(json!({ "Condition": condition.name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudo;

    #[test]
    fn conditions_nest() {
        let china = ConditionRef::named("China");
        let both = Condition::all([
            Condition::from(&china),
            Condition::negate(Condition::any([
                Condition::equals(pseudo::region(), "a"),
                Condition::from(&china),
            ])),
        ]);
        assert_eq!(
            both.node(),
            &json!({"Fn::And": [
                {"Condition": "China"},
                {"Fn::Not": [{"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "a"]}, {"Condition": "China"}]}]}
            ]})
        );
    }
}
