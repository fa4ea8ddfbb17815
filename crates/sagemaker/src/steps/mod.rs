//! The steps that run SageMaker jobs.
//!
//! Each is a builder over one generated request. What the request needs is demanded by the types:
//! a builder that lacks its image or its instances is no [`Step`](pipewright_model::Step). Members
//! without a method of their own are set with `.request(|request| …)`, which hands out the
//! generated builder.

mod auto_ml;
mod channel;
mod check;
mod clarify_check;
mod clarify_config;
mod container;
mod debugger;
mod endpoint;
mod input;
mod lineage;
mod model;
mod notebook_job;
mod output;
mod processing;
mod quality_check;
mod register_model;
mod run;
mod script_mode;
mod spark;
mod training;
mod transform;
mod tuning;
mod tuning_definition;
mod tuning_range;

pub use auto_ml::{AutoML, AutoMLProperties};
pub use channel::Channel;
pub use clarify_check::{Bias, ClarifyCheck, ClarifyCheckProperties, Explainability};
pub use clarify_config::{ClarifyBias, ClarifyData, ClarifyModel, ClarifyShap};
pub use container::{Container, WithCode};
pub use debugger::{DebugRule, ProfilerRule};
pub use endpoint::{Endpoint, EndpointConfig, InferenceComponent};
pub use input::Input;
pub use lineage::{Lineage, LineageEntity, LineageProperties};
pub use model::Model;
pub use notebook_job::{NotebookJob, NotebookJobProperties};
pub use processing::{Processing, ProcessingProperties};
pub use quality_check::{DataQuality, DatasetFormat, ModelQuality, QualityCheck, QualityCheckProperties};
pub use register_model::{ModelMetric, RegisterModel};
pub use script_mode::Distribution;
pub use spark::{Spark, SparkConfiguration};
pub use training::{Training, TrainingProperties};
pub use transform::Transform;
pub use tuning::{One, Several, Tuning, TuningProperties};
pub use tuning_definition::{Objective, TuningDefinition};
pub use tuning_range::TuningRange;

use pipewright_model::{Deploy, Expr, Object, Text, execution, join};

use crate::requests::Tag;

/// A cluster's instances, once they are known.
#[derive(Clone, Copy, Debug)]
pub struct Instances;

/// Where a step's results go unless it says otherwise: `s3://DATA/PIPELINE/EXECUTION/STEP`.
fn results(step: &str) -> Expr<String> {
    join!(
        "s3://",
        Deploy::DataBucket,
        "/",
        Deploy::PipelineName,
        "/",
        execution::pipeline_execution_id(),
        "/",
        step
    )
}

/// The pipeline's own role.
fn pipeline_role() -> Expr<String> {
    Deploy::RoleArn.into()
}

/// Adds a tag to a request.
fn add_tag(request: &mut Object, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) {
    request.push("Tags", Tag::new(key, value));
}

/// Sets an entry of a map of strings, such as `Environment`.
fn set_entry(
    request: &mut Object,
    map: &'static str,
    key: impl Into<std::borrow::Cow<'static, str>>,
    value: impl Into<Text>,
) {
    request.object_mut(map).set(key, value.into().into_expr());
}

macro_rules! settings {
    ($type:ident $(<$($state:ident),*>)?) => {
        impl $(<$($state),*>)? pipewright_model::StepSettings for $type $(<$($state),*>)? {
            fn common_mut(&mut self) -> &mut pipewright_model::step::Common {
                &mut self.common
            }
        }
    };
}
use settings;
