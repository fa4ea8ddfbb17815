//! The CloudFormation stacks that pipelines need.
//!
//! [`pipelines_stack`] is the stack that holds the pipelines themselves, one `AWS::SageMaker::Pipeline` each.
//!
//! Values go in, values come out: this crate reads no file and talks to no service. It does not know how a
//! definition comes about, and takes it as text.

mod logical_id;
mod pipelines;
mod placement;

pub use logical_id::logical_id;
pub use pipelines::{
    DEFINITION_LIMIT, PipelineInput, PipelinesStack, StoredDefinition, bucket_name, pipelines_stack,
};
