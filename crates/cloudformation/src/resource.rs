//! What all resources have in common, and the handle that a template gives for one.

use std::marker::PhantomData;

use serde_json::{Map as Object, Value as Node, json};

use crate::condition::ConditionRef;
use crate::value::{Json, Value};

/// Properties under their names; what every generated type wraps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Properties(Object<String, Node>);

impl Properties {
    pub(crate) fn set<T>(mut self, name: &str, value: Value<T>) -> Self {
        self.0.insert(name.to_owned(), value.into_node());
        self
    }

    /// The object, its names in order: the same whatever order the setters were called in.
    pub(crate) fn into_node(mut self) -> Node {
        self.0.sort_keys();
        Node::Object(self.0)
    }
}

/// A resource before it has a logical id: its properties, and the attributes that any resource may have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    properties: Properties,
    condition: Option<String>,
    depends_on: Vec<String>,
    deletion_policy: Option<DeletionPolicy>,
    update_replace_policy: Option<DeletionPolicy>,
    metadata: Object<String, Node>,
}

impl Body {
    pub(crate) fn set<T>(mut self, name: &str, value: Value<T>) -> Self {
        self.properties = self.properties.set(name, value);
        self
    }

    pub(crate) fn depends_on(&self) -> &[String] {
        &self.depends_on
    }

    /// The JSON under the logical id.
    pub(crate) fn to_node(&self, type_name: &str) -> Node {
        let mut out = Object::new();
        out.insert("Type".into(), type_name.into());
        if let Some(condition) = &self.condition {
            out.insert("Condition".into(), condition.as_str().into());
        }
        if !self.depends_on.is_empty() {
            let mut names = self.depends_on.clone();
            names.sort();
            names.dedup();
            out.insert("DependsOn".into(), json!(names));
        }
        if let Some(policy) = self.deletion_policy {
            out.insert("DeletionPolicy".into(), policy.name().into());
        }
        if let Some(policy) = self.update_replace_policy {
            out.insert("UpdateReplacePolicy".into(), policy.name().into());
        }
        if !self.metadata.is_empty() {
            let mut metadata = self.metadata.clone();
            metadata.sort_keys();
            out.insert("Metadata".into(), Node::Object(metadata));
        }
        let properties = self.properties.clone().into_node();
        if properties.as_object().is_some_and(|properties| !properties.is_empty()) {
            out.insert("Properties".into(), properties);
        }
        Node::Object(out)
    }
}

/// What becomes of the real thing when its resource leaves the stack, or is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// It is deleted. CloudFormation's default for nearly all types.
    Delete,
    /// It stays, and nobody manages it any more.
    Retain,
    /// It stays, unless it was made in the very operation that fails.
    RetainExceptOnCreate,
    /// A snapshot is taken and the rest deleted; only for types that have snapshots.
    Snapshot,
}

impl DeletionPolicy {
    fn name(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
            Self::Retain => "Retain",
            Self::RetainExceptOnCreate => "RetainExceptOnCreate",
            Self::Snapshot => "Snapshot",
        }
    }
}

/// A resource type: what may be [added](crate::Template::add) to a template.
///
/// Implemented by the generated types and by [`Untyped`]; the methods set the attributes that resources of any
/// type may have.
pub trait Resource: Sized {
    /// What `Ref` gives for such a resource.
    type Ref;

    /// The type's name: `AWS::S3::Bucket`.
    fn type_name(&self) -> &str;

    #[doc(hidden)]
    fn body(&mut self) -> &mut Body;

    #[doc(hidden)]
    fn into_body(self) -> Body;

    /// Makes CloudFormation wait for another resource. Needed only where no property refers to it.
    fn depends_on(mut self, other: impl AsRef<str>) -> Self {
        self.body().depends_on.push(other.as_ref().to_owned());
        self
    }

    /// Creates the resource only where the condition holds.
    fn condition(mut self, condition: &ConditionRef) -> Self {
        self.body().condition = Some(condition.as_ref().to_owned());
        self
    }

    /// What happens when the resource leaves the stack.
    fn deletion_policy(mut self, policy: DeletionPolicy) -> Self {
        self.body().deletion_policy = Some(policy);
        self
    }

    /// What happens to the old one when an update replaces the resource.
    fn update_replace_policy(mut self, policy: DeletionPolicy) -> Self {
        self.body().update_replace_policy = Some(policy);
        self
    }

    /// Keeps the real thing in both cases.
    fn retain(self) -> Self {
        self.deletion_policy(DeletionPolicy::Retain).update_replace_policy(DeletionPolicy::Retain)
    }

    /// Something for those who read the template; CloudFormation does not act on it.
    fn metadata(mut self, key: impl Into<String>, value: impl Into<Value<Json>>) -> Self {
        self.body().metadata.insert(key.into(), value.into().into_node());
        self
    }
}

/// A resource of a type that has no generated Rust type.
///
/// Its properties are checked when `models/cloudformation.json` knows the type, and otherwise only for references.
#[derive(Clone, Debug)]
pub struct Untyped {
    type_name: String,
    body: Body,
}

impl Untyped {
    /// A resource of this type without properties.
    pub fn new(type_name: impl Into<String>) -> Self {
        Self { type_name: type_name.into(), body: Body::default() }
    }

    /// Sets a property.
    pub fn property(mut self, name: &str, value: impl Into<Value<Json>>) -> Self {
        self.body = self.body.set(name, value.into());
        self
    }
}

impl Resource for Untyped {
    type Ref = String;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn body(&mut self) -> &mut Body {
        &mut self.body
    }

    fn into_body(self) -> Body {
        self.body
    }
}

/// A resource of a template: refers to it from elsewhere.
///
/// Generated types add a method for each attribute (`role.arn()`). A reference to a handle converts into what
/// `Ref` gives, so `.vpc_id(&vpc)` works.
#[derive(Debug)]
pub struct Handle<R> {
    logical_id: String,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::named(self.logical_id.clone())
    }
}

impl<R> AsRef<str> for Handle<R> {
    fn as_ref(&self) -> &str {
        &self.logical_id
    }
}

impl<R> Handle<R> {
    pub(crate) fn named(logical_id: String) -> Self {
        Self { logical_id, of: PhantomData }
    }

    /// The logical id.
    pub fn logical_id(&self) -> &str {
        &self.logical_id
    }

    /// `Fn::GetAtt` of an attribute; the generated methods know their names and types.
    pub fn attribute<T>(&self, name: &str) -> Value<T> {
        Value::raw(json!({ "Fn::GetAtt": [self.logical_id, name] }))
    }
}

impl<R: Resource> Handle<R> {
    /// `Ref`: mostly the resource's name or id; AWS's page of the type says which.
    pub fn reference(&self) -> Value<R::Ref> {
        Value::raw(json!({ "Ref": self.logical_id }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_come_in_a_fixed_order() {
        let resource = Untyped::new("X::Y::Z")
            .property("B", json!(1))
            .property("A", json!(2))
            .metadata("why", json!("test"))
            .retain()
            .depends_on("Two")
            .depends_on("One")
            .depends_on("Two")
            .condition(&ConditionRef::named("C"));
        let text = resource.body.to_node("X::Y::Z").to_string();
        assert_eq!(
            text,
            r#"{"Type":"X::Y::Z","Condition":"C","DependsOn":["One","Two"],"DeletionPolicy":"Retain","UpdateReplacePolicy":"Retain","Metadata":{"why":"test"},"Properties":{"A":2,"B":1}}"#
        );
        assert_eq!(Untyped::new("X").body.to_node("X"), json!({"Type": "X"}));
    }

    #[test]
    fn a_handle_refers() {
        let handle = Handle::<Untyped>::named("Thing".into());
        assert_eq!(handle.reference().node(), &json!({"Ref": "Thing"}));
        assert_eq!(handle.attribute::<String>("Arn").node(), &json!({"Fn::GetAtt": ["Thing", "Arn"]}));
        let value: Value<String> = (&handle).into();
        assert_eq!(value, handle.reference());
    }
}
