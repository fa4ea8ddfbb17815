//! SageMaker Pipelines, typed in Rust and deployed with CloudFormation.
//!
//! A pipeline is a config struct and the steps made of it:
//!
//! ```
//! use pipewright::prelude::*;
//!
//! /// Trains a model of house prices.
//! #[derive(Pipeline)]
//! #[pipeline(name = "house-prices")]
//! struct HousePrices {
//!     /// The S3 prefix of the training data.
//!     #[config(pattern = "^s3://")]
//!     data: String,
//!
//!     /// Boosting rounds.
//!     #[config(ge = 1, le = 1000, default = 100)]
//!     rounds: u32,
//!
//!     /// Instance type of the training job.
//!     #[parameter(default = "ml.m5.xlarge")]
//!     instance_type: Parameter<String>,
//! }
//!
//! impl Steps for HousePrices {
//!     fn steps(&self, p: &mut Graph) -> Result<()> {
//!         let train = p.add("Train", Training::new(image::xgboost("1.7-1"))
//!             .instances(1, &self.instance_type)
//!             .hyperparameter("num_round", self.rounds)
//!             .channel("train", Channel::csv(&self.data)));
//!         p.add("CreateModel", Model::new(
//!             Container::new(image::xgboost("1.7-1")).model_data(train.model())));
//!         Ok(())
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! Fields are deploy-time values, read from `config.toml` and checked with Pydantic's words;
//! `Parameter<T>` fields are the pipeline's run-time parameters. `cargo xtask synth` writes the
//! definition and the CloudFormation template.
//!
//! # Where to look
//!
//! | for | see |
//! | --- | --- |
//! | attributes of the struct and its fields | [`#[derive(Pipeline)]`](macro@Pipeline), [`#[derive(Config)]`](macro@Config) |
//! | adding steps, settings of the pipeline | [`Graph`] |
//! | steps that run jobs | [`Processing`], [`Training`], [`Transform`], [`Model`], [`RegisterModel`] |
//! | Spark programs, notebooks, rules that watch a training | [`Spark`], [`NotebookJob`], [`DebugRule`], [`ProfilerRule`] |
//! | steps that look for a good model | [`Tuning`], [`AutoML`] |
//! | steps that hold data and models against a baseline | [`QualityCheck`], [`ClarifyCheck`] |
//! | steps that run on EMR | [`Emr`], [`EmrServerless`] |
//! | steps that put models behind endpoints | [`EndpointConfig`], [`Endpoint`], [`InferenceComponent`] |
//! | steps that call a function or a queue | [`Lambda`], [`Callback`] |
//! | steps that write down lineage | [`Lineage`] |
//! | other steps | [`ConditionStep`], [`Fail`], [`Raw`] |
//! | what every step has | [`StepSettings`], [`Cacheable`], [`Retryable`] |
//! | conditions | [`Comparable`], [`Ordered`], [`Condition`] |
//! | values that are known later | [`Expr`], [`Parameter`], [`execution`], [`Deploy`], [`join!`], [`Handle::json_get`], [`json_get_s3`] |
//! | scripts and their arguments | [`code!`], [`Script`] |
//! | images | [`image`] |
//! | requests member by member | [`requests`], [`enums`] |
//! | tests | [`testing`] |

pub mod pipeline;
pub mod program;
mod synth;
pub mod testing;

pub use pipeline::{Pipeline, Steps};
pub use pipewright_config as config;
pub use pipewright_macros::{Config, Pipeline};
pub use pipewright_model::text::join_with;
pub use pipewright_model::{
    AssetSource, Cache, Cacheable, Callback, CodeAsset, Comparable, Condition, ConditionStep, Deploy, Emr,
    EmrCluster, EmrServerless, EnumValue, Environment, Expr, Fail, Graph, HadoopJarStep, Handle,
    JobException, Lambda, Node, Object, Ordered, Parameter, PropertyFile, Raw, Retry, Retryable, Script,
    Step, StepException, StepList, StepRef, StepSettings, Text, Trigger, execution, join, json_get_s3, node,
};
pub use pipewright_sagemaker::{
    AutoML, Channel, ClarifyBias, ClarifyCheck, ClarifyData, ClarifyModel, ClarifyShap, Container,
    DatasetFormat, DebugRule, Distribution, Endpoint, EndpointConfig, Image, InferenceComponent, Input,
    Lineage, LineageEntity, Model, ModelMetric, NotebookJob, Objective, Processing, ProfilerRule,
    QualityCheck, RegisterModel, Spark, SparkConfiguration, Training, Transform, Tuning, TuningDefinition,
    TuningRange, enums, image, properties, requests,
};

/// The error of [`Steps::steps`]: any error at all.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of [`Steps::steps`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that a pipeline's source commonly names.
pub mod prelude {
    pub use crate::{
        AutoML, Cache, Cacheable, Callback, Channel, ClarifyBias, ClarifyCheck, ClarifyData, ClarifyModel,
        ClarifyShap, Comparable, Condition, ConditionStep, Config, Container, DatasetFormat, DebugRule,
        Deploy, Distribution, Emr, EmrCluster, EmrServerless, Endpoint, EndpointConfig, Expr, Fail, Graph,
        HadoopJarStep, Handle, InferenceComponent, Input, JobException, Lambda, Lineage, LineageEntity,
        Model, ModelMetric, NotebookJob, Objective, Ordered, Parameter, Pipeline, Processing, ProfilerRule,
        PropertyFile, QualityCheck, Raw, RegisterModel, Result, Retry, Retryable, Script, Spark,
        SparkConfiguration, StepException, StepList, StepSettings, Steps, Text, Training, Transform, Trigger,
        Tuning, TuningDefinition, TuningRange, execution, image, join, join_with, json_get_s3, node,
        requests,
    };
}

/// The `main` function of a pipeline's crate: `pipewright::main!(MyPipeline);`, or with several
/// pipelines `pipewright::main!(First, Second);`.
///
/// It also writes `pipelines()`, by which files in the crate's `tests/` find the pipelines: see [`testing`].
#[macro_export]
macro_rules! main {
    ($($pipeline:ty),+ $(,)?) => {
        #[allow(dead_code, reason = "a test has another one")]
        fn main() -> ::std::process::ExitCode {
            $crate::program::main(&[$($crate::program::Entry::of::<$pipeline>()),+])
        }

        #[allow(dead_code, reason = "tests alone ask for it")]
        pub(crate) fn pipelines() -> $crate::testing::Pipelines {
            $crate::testing::Pipelines::new(
                ::std::env!("CARGO_MANIFEST_DIR"),
                ::std::env!("CARGO_PKG_NAME"),
                const { &[$($crate::program::Entry::of::<$pipeline>()),+] },
            )
        }
    };
}

/// The module `code`: one type for every script and source folder in the crate's `code/`.
///
/// `build.rs` has to call `build_support::pipeline()`. A script's type has a method for each
/// argument that its `argparse` declares; see [`Script`].
#[macro_export]
macro_rules! code {
    () => {
        #[allow(dead_code, reason = "not every script is used by every pipeline")]
        pub(crate) mod code {
            include!(concat!(env!("OUT_DIR"), "/code.rs"));
        }
    };
}

/// For generated code alone.
#[doc(hidden)]
pub mod __private {
    pub use crate::Pipeline;
    pub use pipewright_config as config;
    pub use pipewright_model::node::Invalid;
    pub use pipewright_model::{
        AssetSource, CodeAsset, EnumValue, Expr, Literal, Missing, Node, Parameter, ParameterDecl,
        ParameterKind, Script, Text,
    };
}
