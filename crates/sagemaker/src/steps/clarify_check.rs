//! `ClarifyCheck` steps.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{
    Cacheable, CodeAsset, Expr, FromPath, Missing, Node, Object, Path, Step, StepNode, StepSettings, Text,
};

use super::check::{Job, baseline, check};
use super::clarify_config::{ClarifyBias, ClarifyData, ClarifyModel, ClarifyShap};
use super::{Input, Instances, add_tag, set_entry};
use crate::enums::{ProcessingInstanceType, ProcessingS3UploadMode};
use crate::image;
use crate::requests::{CreateProcessingJobRequest, NetworkConfig};

/// Where the container looks for its analysis configuration.
const CONFIG: &str = "/opt/ml/processing/input/config";

/// Measures bias in data or in a model's predictions, or explains the predictions, and holds that against a baseline
/// ([ClarifyCheck step]).
///
/// The baseline is the one supplied, or that of the latest approved model package of a group; the first time there is none,
/// and [`skip_check`](Self::skip_check) goes with [`register_new_baseline`](Self::register_new_baseline). What is measured stands in
/// `analysis_config.json`, which is uploaded with the pipeline's code. The results go to
/// `s3://DATA/PIPELINE/EXECUTION/STEP/output/analysis_result` unless [`output_to`](Self::output_to) says otherwise.
///
/// ```
/// use pipewright_model::{Graph, node};
/// use pipewright_sagemaker::{ClarifyBias, ClarifyCheck, ClarifyData, ClarifyModel, ClarifyShap};
/// let data = || ClarifyData::csv("s3://bucket/train.csv").label("price").headers(["price", "area", "age"]);
/// let bias = || ClarifyBias::new([100_000], "age").values([40]);
/// let model = || ClarifyModel::new("prices", 1, "ml.m5.large").accept_type("text/csv");
/// let mut p = Graph::new();
/// p.add("DataBias", ClarifyCheck::data_bias(data(), bias())
///     .methods(["CI", "DPL"])
///     .instances(1, "ml.c5.xlarge")
///     .model_package_group("prices"));
/// p.add("ModelBias", ClarifyCheck::model_bias(data(), bias(), model())
///     .instances(1, "ml.c5.xlarge")
///     .skip_check(true)
///     .register_new_baseline(true));
/// let explained = p.add("Explain", ClarifyCheck::explainability(data(), model(),
///         ClarifyShap::new().baseline(node!([[50, 30]])).num_samples(100))
///     .instances(1, "ml.c5.xlarge")
///     .supplied_baseline_constraints("s3://bucket/constraints.json"));
/// let constraints = explained.calculated_baseline_constraints();
/// ```
///
/// On this machine a stand-in takes its place: `[steps.NAME]` or `[types.ClarifyCheck]` in `local/run.toml`.
///
/// [ClarifyCheck step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-clarify-check
#[derive(Clone, Debug)]
pub struct ClarifyCheck<K = Bias, C = Missing> {
    job: Job,
    data: Input,
    config: Object,
    /// Which of `methods` the metrics are chosen in.
    method: &'static str,
    state: PhantomData<(K, C)>,
}

/// A check of bias.
#[derive(Clone, Copy, Debug)]
pub struct Bias;

/// A check of what predictions depend on.
#[derive(Clone, Copy, Debug)]
pub struct Explainability;

impl ClarifyCheck {
    /// Measures bias in data, before a model is trained by it.
    pub fn data_bias(data: ClarifyData, bias: ClarifyBias) -> Self {
        let mut step = Self::new("DATA_BIAS", "pre_training_bias", data);
        bias.add_to(&mut step.config);
        step.methods_as("all".into())
    }

    /// Measures bias in a model's predictions for data.
    pub fn model_bias(data: ClarifyData, bias: ClarifyBias, model: ClarifyModel) -> Self {
        let mut step = Self::new("MODEL_BIAS", "post_training_bias", data);
        bias.add_to(&mut step.config);
        step.model(model).methods_as("all".into())
    }
}

impl ClarifyCheck<Explainability> {
    /// Explains a model's predictions for data.
    pub fn explainability(data: ClarifyData, model: ClarifyModel, shap: ClarifyShap) -> Self {
        let mut step = Self::new("MODEL_EXPLAINABILITY", "shap", data).model(model);
        step.config.object_mut("methods").set(step.method, shap.config);
        step
    }
}

impl<C> ClarifyCheck<Bias, C> {
    /// The metrics that are measured, such as `CI` and `DPL` in data and `DPPL` and `DI` in predictions; all unless said.
    pub fn methods<M: Into<String>>(self, metrics: impl IntoIterator<Item = M>) -> Self {
        let metrics = metrics.into_iter().map(|metric| Node::from(metric.into())).collect::<Vec<_>>();
        self.methods_as(metrics.into())
    }

    fn methods_as(mut self, metrics: Node) -> Self {
        let chosen = Object::from_iter([("methods", metrics)]);
        self.config.object_mut("methods").set(self.method, chosen);
        self
    }
}

impl<K> ClarifyCheck<K, Missing> {
    fn new(check_type: &'static str, method: &'static str, data: ClarifyData) -> Self {
        let (config, data) = data.into_parts();
        let job = Job::new(check_type, image::clarify());
        Self { job, data, config, method, state: PhantomData }
    }

    /// The model's name is no part of the file: the service puts it in.
    fn model(mut self, model: ClarifyModel) -> Self {
        let ClarifyModel { name, config, threshold } = model;
        self.job.members.set("ModelName", name);
        self.config.set("predictor", config);
        if let Some(threshold) = threshold {
            self.config.set("probability_threshold", threshold);
        }
        self
    }

    /// How many instances of what type: 1 to 100, such as `ml.c5.xlarge`.
    pub fn instances(
        mut self,
        count: impl Into<Expr<i64>>,
        instance_type: impl Into<Expr<ProcessingInstanceType>>,
    ) -> ClarifyCheck<K, Instances> {
        self.job.instances(count.into(), instance_type.into());
        let Self { job, data, config, method, state: _ } = self;
        ClarifyCheck { job, data, config, method, state: PhantomData }
    }
}

check!(ClarifyCheck<K, C>);

impl<K> Step for ClarifyCheck<K, Instances> {
    type Properties = ClarifyCheckProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let Self { mut job, data, mut config, .. } = self;
        let report = [("name", "report"), ("title", "Analysis Report")];
        config.object_mut("methods").set("report", Object::from_iter(report));
        job.input("analysis_config", analysis_config(&config));
        job.input("dataset", data);
        // The results of images come one by one.
        let images = Node::from(config).at(&["methods", "shap", "image_config"]).is_some();
        let mode =
            if images { ProcessingS3UploadMode::CONTINUOUS } else { ProcessingS3UploadMode::END_OF_JOB };
        job.into_step(name, "ClarifyCheck", "analysis_result", mode)
    }
}

/// The input that brings the file, or the reason why it can't be written.
fn analysis_config(config: &Object) -> Input {
    if let Some(wrong) = contradiction(config) {
        return Input::s3(wrong, CONFIG);
    }
    match Node::from(config.clone()).json() {
        Ok(text) => Input::asset(CodeAsset::text("analysis_config.json", text), CONFIG),
        Err(place) => {
            let help = "write the value out: the file is made with the pipeline, before any run";
            Input::s3(Expr::invalid(place, "values that are known before the pipeline runs", help), CONFIG)
        }
    }
}

/// What Clarify would refuse once the job runs.
fn contradiction(config: &Object) -> Option<Expr<String>> {
    let shap = config.get("methods")?.at(&["shap"])?.as_object()?;
    if shap.get("baseline").is_some() && shap.get("num_clusters").is_some() {
        let limit = "one of methods.shap.baseline and methods.shap.num_clusters";
        return Some(Expr::invalid(
            "both",
            limit,
            "leave one out: clusters are for a baseline that is not given",
        ));
    }
    let method = shap.get("agg_method")?.as_str()?;
    let known = ["mean_abs", "median", "mean_sq"];
    (!known.contains(&method)).then(|| {
        let limit = format!("methods.shap.agg_method: {}", known.join(", "));
        Expr::invalid(method, limit, "leave it out for mean_abs")
    })
}

/// What a [`ClarifyCheck`] gives back: S3 URIs of JSON files.
#[derive(Clone, Debug)]
pub struct ClarifyCheckProperties {
    path: Path,
}

impl FromPath for ClarifyCheckProperties {
    fn from_path(path: Path) -> Self {
        Self { path }
    }
}

impl ClarifyCheckProperties {
    /// The constraints that this step calculated.
    pub fn calculated_baseline_constraints(&self) -> Expr<String> {
        baseline(&self.path, "CalculatedBaselineConstraints")
    }

    /// The constraints that later checks are held against: the new ones, where they are registered.
    pub fn baseline_used_for_drift_check_constraints(&self) -> Expr<String> {
        baseline(&self.path, "BaselineUsedForDriftCheckConstraints")
    }
}
