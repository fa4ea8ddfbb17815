//! What the generator knows of a resource type once its schema is read. Nothing here can be wrong any more:
//! writing it out does not fail for what it holds.

use super::kinds::Kind;

/// A resource type.
#[derive(Debug)]
pub(super) struct Resource {
    /// `AWS::S3::Bucket`.
    pub(super) type_name: String,
    /// `s3`: the module of its service.
    pub(super) service: String,
    /// `Bucket`.
    pub(super) name: String,
    /// `bucket`: the module of its property types.
    pub(super) module: String,
    pub(super) root: Object,
    /// Its property types, sorted by name.
    pub(super) objects: Vec<Object>,
    /// Its enumerations, sorted by name.
    pub(super) enums: Vec<Enum>,
    /// What `Ref` gives.
    pub(super) reference: Option<Kind>,
    /// What `Fn::GetAtt` takes, sorted by name.
    pub(super) attributes: Vec<Attribute>,
    /// Paths with `.` and `*`, sorted.
    pub(super) create_only: Vec<String>,
    pub(super) conditional_create_only: Vec<String>,
}

/// Something that `Fn::GetAtt` gives.
#[derive(Debug)]
pub(super) struct Attribute {
    /// `VpcEncryptionControl.State`.
    pub(super) name: String,
    /// `None` for what is not scalar and not a list of scalars: it has no method.
    pub(super) shape: Option<Shape>,
}

/// An object with named properties.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: String,
    /// Sorted by name.
    pub(super) properties: Vec<Property>,
    pub(super) rules: Vec<Rule>,
    /// Properties of which exactly one is given to a constructor of its own; empty for most.
    pub(super) alternatives: Vec<String>,
    /// Whether it is the pair of key and value that all services share.
    pub(super) is_tag: bool,
}

#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) presence: Presence,
    /// What a change does, for the documentation.
    pub(super) replaces: Replaces,
    pub(super) shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Optional,
    Required,
    ReadOnly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replaces {
    Never,
    Sometimes,
    Always,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Text(Text),
    Integer {
        min: Option<i64>,
        max: Option<i64>,
        values: Vec<i64>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    List {
        min: Option<u32>,
        max: Option<u32>,
        unique: bool,
        item: Box<Shape>,
    },
    Map {
        min: Option<u32>,
        max: Option<u32>,
        key: Option<String>,
        value: Box<Shape>,
    },
    /// One of the resource's objects, by name.
    Object {
        name: String,
        is_tag: bool,
    },
    Json,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) pattern: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) ignore_case: bool,
    pub(super) network: Option<Network>,
    /// What it refers to.
    pub(super) kind: Option<Kind>,
    /// One of the resource's enumerations, by name.
    pub(super) enumeration: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    V4,
    V6,
}

#[derive(Debug)]
pub(super) enum Rule {
    AtLeastOne(Vec<String>),
    ExactlyOne(Vec<String>),
    Requires(String, Vec<String>),
    Excludes(String, Vec<String>),
}

/// Text with known values.
#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: String,
    /// Constant and value, in the schema's order.
    pub(super) values: Vec<(String, String)>,
}
