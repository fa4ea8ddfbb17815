//! What differs between two CloudFormation templates, definitions of pipelines or policies.
//!
//! [`compare`] takes two templates as values and says what differs, by logical id: definitions step by step, policies
//! by permission, everything else by path. What CloudFormation, SageMaker and IAM don't distinguish is not a difference:
//! the order of tags, of statements and of the texts in a policy; a text where a list of one could stand. [`broadening`]
//! says what is allowed that was not allowed before. [`render`] writes a [`Difference`] for people,
//! [`Difference::to_json`] for programs.
//!
//! Values come in, values go out: nothing here reads a file or talks to a service. Whatever a template holds,
//! nothing here panics; what can't be understood is compared as it stands. What looks like a secret is masked before it
//! gets into a [`Difference`].
//!
//! ```
//! use pipewright_diff::{Lookups, Style, Update, compare, render};
//! use serde_json::json;
//!
//! let deployed = json!({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "a"}}}});
//! let wanted = json!({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}}}});
//! let difference = compare(Some(&deployed), Some(&wanted), &Lookups::default());
//! assert_eq!(difference.resources[0].replacement, Update::Replacement);
//! assert!(render(&difference, Style::default()).contains(r#"BucketName: "a" → "b""#));
//! assert!(difference.broadening.is_empty());
//! ```

mod broadening;
mod change;
mod code;
mod data;
mod definition;
mod follow;
mod intrinsic;
mod network;
mod path;
mod policy;
mod render;
mod resource;
mod secret;
mod sections;
mod template;
mod update;
mod values;

pub use broadening::{Broadening, BroadeningKind, broadening};
pub use change::{
    Difference, Effect, Note, PermissionChange, PolicyKind, PropertyChange, ResourceChange, Sign, StackChange,
};
pub use data::{Data, holds_data};
pub use definition::{DefinitionChange, Reordered, StepChange, compare_definitions};
pub use render::{Style, render};
pub use template::{Lookups, compare};
pub use update::{Update, create_only};
