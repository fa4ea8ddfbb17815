//! `AutoML` steps.

use std::ops::Deref;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{Cacheable, Expr, FromPath, Node, Object, Path, Retryable, Step, StepNode, join};

use super::{Container, add_tag, pipeline_role, results, settings};
use crate::enums::{
    AutoMLAlgorithm, AutoMLChannelType, AutoMLMetricEnum, AutoMLMode, AutoMLS3DataType, CompressionType,
    ProblemType,
};
use crate::properties::DescribeAutoMLJobResponse;
use crate::requests::{
    AutoMLAlgorithmConfig, AutoMLChannel, AutoMLDataSource, AutoMLJobObjective, AutoMLS3DataSource,
    CreateAutoMLJobRequest, VpcConfig,
};
use crate::tables;

/// What the containers of a candidate of an ensemble are told, as the SageMaker Python SDK has it.
const ENVIRONMENT: [&str; 6] = [
    "MODEL_NAME",
    "SAGEMAKER_PROGRAM",
    "SAGEMAKER_SUBMIT_DIRECTORY",
    "SAGEMAKER_INFERENCE_SUPPORTED",
    "SAGEMAKER_INFERENCE_OUTPUT",
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",
];

/// Lets SageMaker look for the best model of a table ([AutoML step], [`CreateAutoMLJob`]).
///
/// A pipeline knows the mode `ENSEMBLING` alone. The results go to `s3://DATA/PIPELINE/EXECUTION/STEP/output` unless
/// [`output_path`](Self::output_path) says otherwise.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{AutoML, Model};
/// let mut p = Graph::new();
/// let search = p.add("Search", AutoML::new("price", "s3://bucket/train")
///     .validation("s3://bucket/validation")
///     .problem("Regression", "MSE")
///     .max_candidates(10));
/// p.add("CreateModel", Model::new(search.best_container()));
/// ```
///
/// On this machine a stand-in takes its place: `[steps.NAME]` or `[types.AutoML]` in `local/run.toml`.
///
/// [AutoML step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-automl
/// [`CreateAutoMLJob`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJob.html
#[derive(Clone, Debug)]
pub struct AutoML {
    request: CreateAutoMLJobRequest,
    target: Expr<String>,
    channels: Vec<AutoMLChannel>,
    common: Common,
}

impl AutoML {
    /// Predicts the column `target` of the CSV or Parquet files below an S3 prefix.
    pub fn new(target: impl Into<Expr<String>>, data: impl Into<Expr<String>>) -> Self {
        let target = target.into();
        let mut request = Object::new();
        request.set("RoleArn", pipeline_role());
        let config = request.object_mut("AutoMLJobConfig");
        config.set("Mode", Expr::from(AutoMLMode::ENSEMBLING));
        // The SageMaker Python SDK writes both even where nothing is asked for.
        config.object_mut("CompletionCriteria");
        config.object_mut("SecurityConfig").set("EnableInterContainerTrafficEncryption", false);
        let channels = vec![channel(&target, data.into())];
        Self { request: CreateAutoMLJobRequest(request), target, channels, common: Common::default() }
    }

    /// Judges by the files below another prefix, instead of a part of the data.
    pub fn validation(mut self, data: impl Into<Expr<String>>) -> Self {
        let validation = channel(&self.target, data.into()).channel_type(AutoMLChannelType::VALIDATION);
        // One of each.
        self.channels.truncate(1);
        self.each(|channel| channel.channel_type(AutoMLChannelType::TRAINING)).channel(validation)
    }

    fn channel(mut self, channel: AutoMLChannel) -> Self {
        self.channels.push(channel);
        self
    }

    fn each(mut self, set: impl FnMut(AutoMLChannel) -> AutoMLChannel) -> Self {
        self.channels = self.channels.into_iter().map(set).collect();
        self
    }

    fn config(&mut self) -> &mut Object {
        self.request.0.object_mut("AutoMLJobConfig")
    }

    fn completion(&mut self) -> &mut Object {
        self.config().object_mut("CompletionCriteria")
    }

    fn security(&mut self) -> &mut Object {
        self.config().object_mut("SecurityConfig")
    }

    fn output(&mut self) -> &mut Object {
        self.request.0.object_mut("OutputDataConfig")
    }

    /// How the data given so far is compressed: `None` or `Gzip`.
    pub fn compression(self, kind: impl Into<Expr<CompressionType>>) -> Self {
        let kind = kind.into();
        self.each(|channel| channel.compression_type(kind.clone()))
    }

    /// The MIME type of the data given so far: `text/csv;header=present` (the default) or `x-application/vnd.amazon+parquet`.
    pub fn content_type(self, kind: impl Into<Expr<String>>) -> Self {
        let kind = kind.into();
        self.each(|channel| channel.content_type(kind.clone()))
    }

    /// The kind of problem, `Regression`, `BinaryClassification` or `MulticlassClassification`, and the metric that tells which
    /// candidate is best. SageMaker finds out both unless they are said.
    pub fn problem(
        mut self,
        kind: impl Into<Expr<ProblemType>>,
        metric: impl Into<Expr<AutoMLMetricEnum>>,
    ) -> Self {
        self.request = self.request.problem_type(kind).auto_ml_job_objective(AutoMLJobObjective::new(metric));
        self
    }

    /// How many candidates there are at most: 1 to 750.
    pub fn max_candidates(mut self, count: impl Into<Expr<i64>>) -> Self {
        self.completion().set("MaxCandidates", count.into());
        self
    }

    /// The longest time of one training job, in seconds.
    pub fn max_runtime_per_training_job_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.completion().set("MaxRuntimePerTrainingJobInSeconds", seconds.into());
        self
    }

    /// The longest time of the whole job, in seconds.
    pub fn max_runtime_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.completion().set("MaxAutoMLJobRuntimeInSeconds", seconds.into());
        self
    }

    /// The algorithms of which the ensembles are made, such as `xgboost`; all unless said.
    pub fn algorithms<A: Into<Expr<AutoMLAlgorithm>>>(
        mut self,
        algorithms: impl IntoIterator<Item = A>,
    ) -> Self {
        let generation = self.config().object_mut("CandidateGenerationConfig");
        generation.set("AlgorithmsConfig", vec![Node::from(AutoMLAlgorithmConfig::new(algorithms))]);
        self
    }

    /// The S3 URI of a JSON file that says which columns are used, and as what.
    pub fn feature_specification(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.config().object_mut("CandidateGenerationConfig").set("FeatureSpecificationS3Uri", uri.into());
        self
    }

    /// The part of the data that judges, from 0 to 1; 0.2 unless said. For data without a [`validation`](Self::validation) set.
    pub fn validation_fraction(mut self, fraction: impl Into<Expr<f64>>) -> Self {
        self.config().object_mut("DataSplitConfig").set("ValidationFraction", fraction.into());
        self
    }

    /// The column that says how much a row of the data given so far weighs.
    pub fn sample_weights(self, column: impl Into<Expr<String>>) -> Self {
        let column = column.into();
        self.each(|channel| channel.sample_weight_attribute_name(column.clone()))
    }

    /// The S3 prefix that the results go to.
    pub fn output_path(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.output().set("S3OutputPath", uri.into());
        self
    }

    /// The key that encrypts the results.
    pub fn output_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.output().set("KmsKeyId", key.into());
        self
    }

    /// The key that encrypts the instances' storage.
    pub fn volume_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.security().set("VolumeKmsKeyId", key.into());
        self
    }

    /// Whether traffic between the instances is encrypted.
    pub fn inter_container_encryption(mut self, enabled: impl Into<Expr<bool>>) -> Self {
        self.security().set("EnableInterContainerTrafficEncryption", enabled.into());
        self
    }

    /// Subnets and security groups.
    pub fn vpc(mut self, vpc: VpcConfig) -> Self {
        self.security().set("VpcConfig", vpc);
        self
    }

    /// The role that the job runs under instead of the pipeline's own.
    pub fn role(mut self, arn: impl Into<Expr<String>>) -> Self {
        self.request = self.request.role_arn(arn);
        self
    }

    /// Tags the job.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// What the job's name begins with, instead of a name that SageMaker makes of pipeline and step.
    pub fn job_name_prefix(mut self, prefix: impl Into<Expr<String>>) -> Self {
        self.request = self.request.auto_ml_job_name(prefix);
        self
    }

    /// Sets anything else on the request itself; channels given there take the place of the others.
    pub fn request(mut self, set: impl FnOnce(CreateAutoMLJobRequest) -> CreateAutoMLJobRequest) -> Self {
        self.request = set(self.request);
        self
    }

    /// What the API takes and a pipeline does not.
    fn refuse(&mut self) {
        let help = "leave it out: a later step can make an endpoint of the best candidate";
        for member in ["GenerateCandidateDefinitionsOnly", "ModelDeployConfig"] {
            if self.request.0.get(member).is_some() {
                let refused = Expr::invalid(member, "an AutoML step does not have it", help);
                self.request.0.set(member, refused);
            }
        }
        let config = self.config();
        if let Some(mode) = config.get("Mode").and_then(Node::as_str).filter(|mode| *mode != "ENSEMBLING") {
            let refused = Expr::invalid(mode, "ENSEMBLING", "an AutoML step knows no other mode");
            config.set("Mode", refused);
        }
    }
}

fn channel(target: &Expr<String>, data: Expr<String>) -> AutoMLChannel {
    let source = AutoMLDataSource::new(AutoMLS3DataSource::new(AutoMLS3DataType::S3_PREFIX, data));
    AutoMLChannel::new(target).data_source(source)
}

settings!(AutoML);
impl Cacheable for AutoML {}
impl Retryable for AutoML {}

impl Step for AutoML {
    type Properties = AutoMLProperties;

    fn into_step(mut self, name: Arc<str>) -> StepNode {
        self.refuse();
        if self.output().get("S3OutputPath").is_none() {
            self.output().set("S3OutputPath", join!(results(&name), "/output"));
        }
        let mut request = self.request.0;
        if request.get("InputDataConfig").is_none() {
            let channels: Vec<Node> = self.channels.into_iter().map(Node::from).collect();
            request.set("InputDataConfig", channels);
        }
        StepNode::new(name, "AutoML", Some(&tables::CREATE_AUTO_ML_JOB_REQUEST), request, self.common)
    }
}

/// What an `AutoML` job says of itself.
#[derive(Clone, Debug)]
pub struct AutoMLProperties {
    job: DescribeAutoMLJobResponse,
    path: Path,
}

impl FromPath for AutoMLProperties {
    fn from_path(path: Path) -> Self {
        Self { job: FromPath::from_path(path.clone()), path }
    }
}

impl Deref for AutoMLProperties {
    type Target = DescribeAutoMLJobResponse;

    fn deref(&self) -> &Self::Target {
        &self.job
    }
}

impl AutoMLProperties {
    /// The container of the best candidate, as a model takes it: image, archive and environment.
    pub fn best_container(&self) -> Container {
        let best = self.best_candidate().inference_containers().at(0);
        let container = Container::new(best.image()).model_data(best.model_data_url());
        ENVIRONMENT
            .iter()
            .fold(container, |container, name| container.environment(*name, best.environment().key(name)))
    }

    /// The S3 URI of the best candidate's metrics, a JSON file: `BestCandidateProperties.ModelInsightsJsonReportPath`.
    pub fn model_insights_report(&self) -> Expr<String> {
        self.report("ModelInsightsJsonReportPath")
    }

    /// The S3 URI of what explains the best candidate, a JSON file: `BestCandidateProperties.ExplainabilityJsonReportPath`.
    pub fn explainability_report(&self) -> Expr<String> {
        self.report("ExplainabilityJsonReportPath")
    }

    fn report(&self, member: &'static str) -> Expr<String> {
        Expr::from_path(self.path.member("BestCandidateProperties").member(member))
    }
}
