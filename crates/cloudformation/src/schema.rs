//! What CloudFormation allows in the properties of a resource, as static data.
//!
//! The generated tables follow the schemas in `models/cloudformation.json`. They hold no logic:
//! [`Template::check`](crate::Template::check) walks them.

use crate::generated::tables::RESOURCES;

/// What is known of a resource type.
#[derive(Debug)]
pub struct ResourceSchema {
    /// The type's name: `AWS::S3::Bucket`.
    pub name: &'static str,
    /// Its properties.
    pub root: &'static Object,
    /// Names that `Fn::GetAtt` takes, sorted.
    pub attributes: &'static [&'static str],
    /// Properties that can't change without a replacement: paths with `.`, and `*` for the items of a list; sorted.
    pub create_only: &'static [&'static str],
    /// Properties whose change replaces the resource in some cases; AWS's page of the type says when. Sorted.
    pub conditional_create_only: &'static [&'static str],
}

/// An object with named properties.
#[derive(Debug)]
pub struct Object {
    /// The properties, sorted by name.
    pub properties: &'static [Property],
    /// What holds between them.
    pub rules: &'static [Rule],
}

/// A property.
#[derive(Debug)]
pub struct Property {
    /// Its name in the template.
    pub name: &'static str,
    /// Whether it can be left out.
    pub presence: Presence,
    /// What it may hold.
    pub shape: Shape,
}

/// Whether a property can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It may be set.
    Optional,
    /// It has to be set.
    Required,
    /// The service sets it; in a template it is an error.
    ReadOnly,
}

/// What a value may be.
#[derive(Debug)]
pub enum Shape {
    /// Text.
    Text(&'static Text),
    /// A whole number.
    Integer(&'static Integer),
    /// A number.
    Number(&'static Number),
    /// True or false.
    Boolean,
    /// A list.
    List(&'static Items),
    /// A map from any text.
    Map(&'static Entries),
    /// An object with named properties.
    Object(&'static Object),
    /// Free-form JSON.
    Json,
}

/// Text, and its limits.
#[derive(Debug)]
pub struct Text {
    /// The least number of characters.
    pub min: Option<u32>,
    /// The greatest number of characters.
    pub max: Option<u32>,
    /// A regular expression that has to match somewhere.
    pub pattern: Option<&'static str>,
    /// The values allowed; empty when any is.
    pub values: &'static [&'static str],
    /// Whether case matters in `values`.
    pub ignore_case: bool,
    /// How the text is written.
    pub format: Format,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Any way.
    Any,
    /// A block of IPv4 addresses: `10.0.0.0/16`.
    Ipv4Network,
    /// A block of IPv6 addresses: `2001:db8::/32`.
    Ipv6Network,
}

/// A whole number, and its limits.
#[derive(Debug)]
pub struct Integer {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
    /// The values allowed; empty when any is.
    pub values: &'static [i64],
}

/// A number, and its limits.
#[derive(Debug)]
pub struct Number {
    /// The least value.
    pub min: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
}

/// A list, and its limits.
#[derive(Debug)]
pub struct Items {
    /// The least number of items.
    pub min: Option<u32>,
    /// The greatest number of items.
    pub max: Option<u32>,
    /// Whether no item may come twice.
    pub unique: bool,
    /// What each item may be.
    pub item: Shape,
}

/// A map, and its limits.
#[derive(Debug)]
pub struct Entries {
    /// The least number of entries.
    pub min: Option<u32>,
    /// The greatest number of entries.
    pub max: Option<u32>,
    /// A regular expression that has to match somewhere in each key.
    pub key: Option<&'static str>,
    /// What each value may be.
    pub value: Shape,
}

/// What holds between the properties of one object.
#[derive(Debug)]
pub enum Rule {
    /// One or more of these are set.
    AtLeastOne(&'static [&'static str]),
    /// One of these is set, and no other.
    ExactlyOne(&'static [&'static str]),
    /// When the first is set, so are the others.
    Requires(&'static str, &'static [&'static str]),
    /// When the first is set, none of the others is.
    Excludes(&'static str, &'static [&'static str]),
}

/// The schema of a type, when it is one of those in `models/cloudformation.json`.
///
/// ```
/// let pipeline = pipewright_cloudformation::schema::resource("AWS::SageMaker::Pipeline").unwrap();
/// assert_eq!(pipeline.create_only, ["PipelineName"]);
/// ```
pub fn resource(name: &str) -> Option<&'static ResourceSchema> {
    let at = RESOURCES.binary_search_by(|schema| schema.name.cmp(name)).ok()?;
    Some(RESOURCES[at])
}

/// All schemas, sorted by name.
pub fn resources() -> &'static [&'static ResourceSchema] {
    RESOURCES
}

impl Object {
    /// The property of this name.
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        let at = self.properties.binary_search_by(|property| property.name.cmp(name)).ok()?;
        Some(&self.properties[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_so_that_they_can_be_searched() {
        assert!(RESOURCES.is_sorted_by_key(|schema| schema.name));
        for schema in resources() {
            assert!(schema.root.properties.is_sorted_by_key(|property| property.name), "{}", schema.name);
            assert!(schema.attributes.is_sorted(), "{}", schema.name);
            assert!(resource(schema.name).is_some());
        }
        assert!(resource("AWS::S3::Buckets").is_none());
    }

    #[test]
    fn limits_and_marks_come_from_the_models() {
        let bucket = resource("AWS::S3::Bucket").unwrap();
        assert!(bucket.create_only.contains(&"BucketName"));
        assert!(bucket.attributes.contains(&"Arn"));
        let alias = resource("AWS::KMS::Alias").unwrap();
        let target = alias.root.property("TargetKeyId").unwrap();
        assert_eq!(target.presence, Presence::Required);
        let Shape::Text(text) = &target.shape else { panic!("{target:?}") };
        assert_eq!((text.min, text.max), (Some(1), Some(256)));
    }
}
