//! [`Tag`]: the pair that most resources take.

use serde_json::json;

use crate::value::Value;

/// A key and a value on a resource. The limits (mostly 1 to 128 and 0 to 256 characters) are those of the resource
/// that it is put on.
///
/// Mirrors `AWS::…::… Tag`, which is the same in every service.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    key: Value<String>,
    value: Value<String>,
}

impl Tag {
    /// The tag `key` = `value`.
    pub fn new(key: impl Into<Value<String>>, value: impl Into<Value<String>>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

impl From<Tag> for Value<Tag> {
    fn from(tag: Tag) -> Self {
        Self::raw(json!({"Key": tag.key, "Value": tag.value}))
    }
}
