//! The CloudFormation stacks that pipelines need.
//!
//! [`infrastructure_stack`] is the stack that they stand on: network, buckets, domain. [`pipelines_stack`] is the stack that
//! holds the pipelines themselves, one `AWS::SageMaker::Pipeline` each, with a role of its own derived from its graph.
//!
//! Values go in, values come out: this crate reads no file and talks to no service. It does not know how a
//! definition comes about, and takes it as text.

pub mod infrastructure;
mod logical_id;
mod pipelines;
mod placement;
mod problem;
mod role;
mod substitutions;
mod text;

pub use infrastructure::{
    InfrastructureSettings, InfrastructureStack, Roles, infrastructure_stack, use_of_key,
};
pub use logical_id::logical_id;
pub use pipelines::{
    DEFINITION_LIMIT, PipelineInput, PipelinesStack, StoredDefinition, bucket_name, pipelines_stack,
};
pub use role::RoleInput;
