//! CloudFormation templates, typed: resource types, intrinsics, [`Template`], and a check of it all.
//!
//! The resource types are generated from the schemas in `models/cloudformation.json`. Required properties are
//! demanded by `new`, in alphabetical order; each other one has a setter. Every value is a [`Value`]: a literal
//! or an intrinsic, and references are typed, so a subnet's id does not fit where a VPC's is wanted.
//!
//! ```
//! use pipewright_cloudformation::{Output, Resource as _, Tag, Template, iam, s3};
//! use serde_json::json;
//!
//! let mut template = Template::new("A bucket, and who may read it");
//! let bucket = template.add(
//!     "Bucket",
//!     s3::Bucket::new()
//!         .bucket_name("example-sources")
//!         .versioning_configuration(s3::bucket::VersioningConfiguration::new(
//!             s3::bucket::VersioningConfigurationStatus::ENABLED,
//!         ))
//!         .tags([Tag::new("team", "forecasting")])
//!         .retain(),
//! );
//! let statement = json!({"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": bucket.arn()});
//! template.add(
//!     "Readers",
//!     iam::ManagedPolicy::new(json!({"Version": "2012-10-17", "Statement": [statement]})),
//! );
//! template.output("BucketName", Output::new(bucket.reference()));
//!
//! assert!(template.check().is_empty());
//! assert!(template.fits_body());
//! ```
//!
//! The crate writes text and finds faults in it. It never talks to AWS and never reads a file, and it knows
//! nothing of pipelines: `stacks` says what goes into a template.

mod check;
mod condition;
mod convert;
#[allow(clippy::pedantic, reason = "generated")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/resources.rs"));
}
pub mod intrinsic;
mod problem;
pub mod pseudo;
mod resource;
pub mod schema;
mod sections;
mod tag;
mod template;
mod value;

pub use self::condition::{Condition, ConditionRef};
pub use self::generated::*;
pub use self::problem::{Bounds, Fault, Known, Problem, Severity};
pub use self::resource::{Body, DeletionPolicy, Handle, Resource, Untyped};
pub use self::sections::{Mapping, Output, Parameter};
pub use self::tag::Tag;
pub use self::template::{BODY_LIMIT, RESOURCE_LIMIT, S3_LIMIT, Template};
pub use self::value::{Json, List, Map, Reference, Value};
