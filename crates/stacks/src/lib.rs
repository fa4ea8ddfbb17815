//! The CloudFormation stacks that pipelines need.
//!
//! [`infrastructure_stack`] is the stack that they stand on: network, buckets, domain. [`pipelines_stack`] is the stack that
//! holds the pipelines themselves, one `AWS::SageMaker::Pipeline` each, with a role of its own derived from its graph, what
//! starts it ([`Attached`]), and who hears of its failures. There may be several of the second kind.
//!
//! Values go in, values come out: this crate reads no file and talks to no service. It does not know how a
//! definition comes about, and takes it as text.

mod added;
mod attached;
mod groups;
pub mod infrastructure;
mod key;
mod logical_id;
mod notifications;
mod pipelines;
mod placement;
mod problem;
mod role;
mod starts;
mod substitutions;
mod text;

pub use added::{Added, problems as added_problems};
pub use attached::{Alarm, Attached, Event, EventSource, Notifications, Notify, Outcome, Schedule};
pub use groups::{divided as divided_groups, model_package_groups};
pub use infrastructure::{
    InfrastructureSettings, InfrastructureStack, Roles, infrastructure_stack, use_of_key,
};
pub use logical_id::logical_id;
pub use pipelines::{
    DEFINITION_LIMIT, PipelineInput, PipelinesStack, StackInput, StoredDefinition, bucket_name,
    pipelines_stack,
};
pub use role::RoleInput;
