//! Pipelines written here, compared with what the SageMaker Python SDK makes of the same job.
//!
//! Each module is one pipeline through the public API alone, and reads as an example of its part
//! of the language. `goldens/` holds the definitions that version 2.257.7 of the SDK emitted.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

#[path = "compare.rs"]
mod compare;

mod abalone;
mod automl;
mod blog_example;
mod callback_lambda_fail;
mod clarify_check;
mod conditions_all;
mod conditions_nested;
mod custom_job_prefixes;
mod emr;
mod endpoint_steps;
mod estimator_transformer;
mod exec_vars_join_props;
mod experiment_custom;
mod large;
mod lineage_step;
mod model_create;
mod model_repack;
mod model_step_register;
mod no_experiment;
mod notebook_job;
mod parameters_all;
mod processing_datasets;
mod processing_frameworks;
mod processing_plain_s3code;
mod processing_script_full;
mod processing_spark;
mod quality_check;
mod register_model_collection;
mod retry_depends_parallel;
mod runs;
mod training_debugger_profiler;
mod training_frameworks;
mod training_full;
mod transform_full;
mod tuning_bayesian;

use pipewright::prelude::*;
use pipewright::testing::{self, Synthesis};
use serde_json::Value;

pipewright::code!();

/// An image of one's own, as the goldens have it.
const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-image:1.0";
/// A key, as the goldens have it.
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

/// `s3://DATA/…`
fn data(key: &str) -> Expr<String> {
    join!("s3://", Deploy::DataBucket, "/", key)
}

/// A small processing step, as most goldens have one.
macro_rules! prep {
    () => {
        Processing::script($crate::code::Preprocess::new()).image($crate::IMAGE).instances(1, "ml.m5.large")
    };
}
use prep;

fn synth<P: Pipeline + Steps>() -> Synthesis {
    testing::pipeline::<P>()
        .account("123456789012", "eu-west-1")
        .buckets("dsm-sm-sources", "dsm-sm-data")
        .synth()
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[track_caller]
fn same(pipeline: &str, expected: &Value, actual: &Value) {
    let differences = compare::differences(pipeline, expected, actual);
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

macro_rules! conformance {
    ($($name:ident => $pipeline:ty;)*) => {$(
        #[test]
        fn $name() {
            let golden = golden(include_str!(concat!("goldens/", stringify!($name), ".json")));
            let synthesis = synth::<$pipeline>();
            same(<$pipeline as Pipeline>::NAME, &golden, &synthesis.definition);
            runs::reach_every_step(&synthesis);
        }
    )*};
}

conformance! {
    abalone => abalone::Abalone;
    automl => automl::Automl;
    callback_lambda_fail => callback_lambda_fail::CallbackLambdaFail;
    clarify_check => clarify_check::ClarifyChecks;
    conditions_all => conditions_all::ConditionsAll;
    conditions_nested => conditions_nested::ConditionsNested;
    custom_job_prefixes => custom_job_prefixes::CustomJobPrefixes;
    emr => emr::EmrSteps;
    endpoint_steps => endpoint_steps::EndpointSteps;
    estimator_transformer => estimator_transformer::EstimatorTransformer;
    exec_vars_join_props => exec_vars_join_props::ExecVarsJoinProps;
    experiment_custom => experiment_custom::ExperimentCustom;
    lineage_step => lineage_step::LineageStep;
    model_create => model_create::ModelCreate;
    model_repack => model_repack::ModelRepack;
    model_step_register => model_step_register::ModelStepRegister;
    no_experiment => no_experiment::NoExperiment;
    notebook_job => notebook_job::NotebookPipeline;
    parameters_all => parameters_all::ParametersAll;
    processing_datasets => processing_datasets::ProcessingDatasets;
    processing_frameworks => processing_frameworks::ProcessingFrameworks;
    processing_plain_s3code => processing_plain_s3code::ProcessingPlainS3code;
    processing_script_full => processing_script_full::ProcessingScriptFull;
    processing_spark => processing_spark::ProcessingSpark;
    quality_check => quality_check::QualityChecks;
    register_model_collection => register_model_collection::RegisterModelCollection;
    retry_depends_parallel => retry_depends_parallel::RetryDependsParallel;
    training_debugger_profiler => training_debugger_profiler::TrainingDebuggerProfiler;
    training_frameworks => training_frameworks::TrainingFrameworks;
    training_full => training_full::TrainingFull;
    transform_full => transform_full::TransformFull;
    tuning_bayesian => tuning_bayesian::TuningBayesian;
}

/// The Python passes its arguments in a place where the SDK drops them silently; here they arrive.
#[test]
fn blog_example() {
    let mut definition = synth::<blog_example::BlogExample>().definition;
    let app = &mut definition["Steps"][0]["Arguments"]["AppSpecification"];
    let arguments = app.as_object_mut().unwrap().remove("ContainerArguments");
    assert_eq!(arguments, Some(serde_json::json!(["--config-parameter", "Hello world!"])));
    same("blog-example", &golden(include_str!("goldens/blog_example.json")), &definition);
}

/// The golden holds the first of 110 steps that differ in their names alone.
#[test]
fn large() {
    let mut golden = golden(include_str!("goldens/large.json"));
    let step = golden["Steps"][0].clone();
    let named = |number: usize| {
        let mut step = step.clone();
        step["Name"] = format!("S{number:03}").into();
        step
    };
    golden["Steps"] = (0..110).map(named).collect();
    same("large", &golden, &synth::<large::Large>().definition);
}

/// `ParallelismConfiguration`, tags and description stand beside the definition, in the request.
#[test]
fn settings_beside_the_definition() {
    let answer = synth::<retry_depends_parallel::RetryDependsParallel>().answer;
    assert_eq!(answer.parallelism, Some(3));
    assert_eq!(answer.tags.get("team").map(String::as_str), Some("ds"));
}

/// The comparison itself: what is not deliberately different is told apart.
#[test]
fn a_difference_is_seen() {
    let golden = golden(include_str!("goldens/abalone.json"));
    for (path, value) in [
        ("/Steps/1/Arguments/HyperParameters/eta", serde_json::json!("0.3")),
        ("/Steps/0/Arguments/ProcessingResources/ClusterConfig/InstanceCount", serde_json::json!(1)),
        ("/Steps/3/Arguments/Conditions/0/Type", serde_json::json!("LessThan")),
        ("/Parameters/5/DefaultValue", serde_json::json!(6.5)),
    ] {
        let mut other = golden.clone();
        *other.pointer_mut(path).unwrap() = value;
        assert_eq!(compare::differences("abalone", &golden, &other).len(), 1, "{path}");
    }
}
