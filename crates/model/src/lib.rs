//! The definition language of SageMaker pipelines: expressions, parameters, steps, conditions,
//! and the graph that becomes a [pipeline definition].
//!
//! Values go in, values come out: this crate reads no file, no environment variable and no clock,
//! and it knows nothing of CloudFormation or of how a definition is deployed. What SageMaker's
//! request shapes look like is data it is handed ([`shape`]); the shapes themselves are generated
//! in `pipewright-sagemaker`.
//!
//! [pipeline definition]: https://docs.aws.amazon.com/sagemaker/latest/dg/define-pipeline.html

pub mod check;
pub mod code;
pub mod condition;
pub mod definition;
pub mod dependency;
pub mod deploy;
pub mod emr;
pub mod emr_serverless;
pub mod execution;
pub mod expr;
pub mod graph;
pub mod handle;
pub mod node;
pub mod parameter;
pub mod permissions;
pub mod policy;
pub mod problem;
pub mod property;
pub mod protocol;
mod resolver;
pub mod service;
pub mod shape;
pub mod step;
pub mod text;

pub use code::{AssetSource, CodeAsset, Script};
pub use condition::{Comparable, Condition, Ordered, json_get_s3};
pub use definition::Definition;
pub use dependency::{Dependency, Trigger};
pub use deploy::{Deploy, Environment, Registry};
pub use emr::{Emr, EmrCluster, EmrProperties, HadoopJarStep};
pub use emr_serverless::{EmrServerless, EmrServerlessProperties};
pub use expr::{EnumValue, Expr, Missing, Scalar};
pub use graph::{Graph, StepList};
pub use handle::{Handle, PropertyFile, StepRef};
pub use node::{Node, Object};
pub use parameter::{Literal, Parameter, ParameterDecl, ParameterKind, ParameterType};
pub use permissions::Permission;
pub use policy::{Cache, JobException, Retry, StepException};
pub use problem::{Problem, Severity};
pub use property::{FromPath, KeyedList, List, Map, Path};
pub use service::{Callback, Lambda, OutputParameters};
pub use step::{Cacheable, ConditionStep, Fail, Raw, Retryable, Step, StepNode, StepSettings};
pub use text::Text;
