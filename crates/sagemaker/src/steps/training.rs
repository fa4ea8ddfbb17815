//! Training steps.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{
    Cacheable, Expr, FromPath, Missing, Node, Object, Path, Retryable, Script, Step, StepNode, Text, join,
};

use super::{
    Channel, DebugRule, Distribution, Instances, ProfilerRule, add_tag, pipeline_role, results, script_mode,
    set_entry, settings,
};
use crate::enums::{TrainingInputMode, TrainingInstanceType};
use crate::properties::DescribeTrainingJobResponse;
use crate::requests::{
    CheckpointConfig, CreateTrainingJobRequest, DebugHookConfig, InstanceGroup, MetricDefinition,
    ProfilerConfig, RetryStrategy, TensorBoardOutputConfig, TrainingImageConfig, VpcConfig,
};
use crate::tables;

/// GB of storage for each instance unless said otherwise, as in the SageMaker Python SDK.
const VOLUME_GB: i64 = 30;
/// The longest time a job may take unless said otherwise, as in the SageMaker Python SDK: a day.
const MAX_RUNTIME_SECONDS: i64 = 86_400;

/// Runs a training job ([Training step], [`CreateTrainingJob`]).
///
/// It needs an image and instances; without the latter it is no step and does not compile. The
/// model goes to `s3://DATA/PIPELINE/EXECUTION/STEP/model` unless [`output_path`](Self::output_path)
/// says otherwise.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, Channel, Training};
/// let mut p = Graph::new();
/// let train = p.add("Train", Training::new(image::xgboost("1.7-1"))
///     .instances(1, "ml.m5.xlarge")
///     .hyperparameter("eta", 0.2)
///     .hyperparameter("num_round", 50)
///     .channel("train", Channel::csv("s3://bucket/train")));
/// let model = train.model_artifacts().s3_model_artifacts();
/// ```
///
/// [Training step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-training
/// [`CreateTrainingJob`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
#[derive(Clone, Debug)]
pub struct Training<C = Missing> {
    request: CreateTrainingJobRequest,
    /// Whether hyperparameters are JSON.
    json: bool,
    distribution: Option<Distribution>,
    /// Tensors that Debugger's rules need.
    rule_collections: Vec<Node>,
    common: Common,
    state: PhantomData<C>,
}

impl Training {
    /// Trains with an image, such as one of SageMaker's [built-in algorithms](crate::image).
    pub fn new(image: impl Into<Expr<String>>) -> Self {
        Self::with("TrainingImage", image.into())
    }

    /// Trains with an algorithm of this account or the Marketplace, by name or ARN.
    pub fn algorithm(name: impl Into<Expr<String>>) -> Self {
        Self::with("AlgorithmName", name.into())
    }

    /// Trains with a script of the pipeline's `code/`, in a framework's image ("script mode").
    ///
    /// The script's arguments become hyperparameters, which the image hands to the script as
    /// arguments again: each option needs a value (`store_true` and positionals can't be passed on
    /// this way).
    ///
    /// Hyperparameters are written as JSON, as the image wants them: text in quotes, numbers bare.
    /// A single file is uploaded as a `sourcedir.tar.gz` of its own, a source folder as a whole.
    #[expect(clippy::needless_pass_by_value, reason = "a script is built for the step that runs it")]
    pub fn script(image: impl Into<Expr<String>>, script: impl Script) -> Self {
        let (hyperparameters, asset) = script_mode::start(&script);
        let mut step = Self::new(image);
        for (name, value) in hyperparameters {
            step = step.hyperparameter(name, value);
        }
        step.common.assets.push(asset);
        step.json = true;
        step
    }

    fn with(key: &'static str, value: Expr<String>) -> Self {
        let mut request = Object::new();
        let algorithm = request.object_mut("AlgorithmSpecification");
        algorithm.set(key, value);
        algorithm.set("TrainingInputMode", Expr::from(TrainingInputMode::FILE));
        request.set("RoleArn", pipeline_role());
        request.object_mut("StoppingCondition").set("MaxRuntimeInSeconds", MAX_RUNTIME_SECONDS);
        request.object_mut("ResourceConfig").set("VolumeSizeInGB", VOLUME_GB);
        Self {
            request: CreateTrainingJobRequest(request),
            json: false,
            distribution: None,
            rule_collections: Vec::new(),
            common: Common::default(),
            state: PhantomData,
        }
    }
}

impl Training<Missing> {
    /// How many instances of what type, such as `ml.m5.xlarge`.
    pub fn instances(
        mut self,
        count: impl Into<Expr<i64>>,
        instance_type: impl Into<Expr<TrainingInstanceType>>,
    ) -> Training<Instances> {
        let resources = self.resources();
        resources.set("InstanceCount", count.into());
        resources.set("InstanceType", instance_type.into());
        self.advance()
    }

    /// Groups of instances of different types: up to 5.
    pub fn instance_groups(mut self, groups: impl IntoIterator<Item = InstanceGroup>) -> Training<Instances> {
        let groups: Vec<Node> = groups.into_iter().map(Node::from).collect();
        self.resources().set("InstanceGroups", groups);
        self.advance()
    }

    fn advance(self) -> Training<Instances> {
        let Self { request, json, distribution, rule_collections, common, state: _ } = self;
        Training { request, json, distribution, rule_collections, common, state: PhantomData }
    }
}

impl<C> Training<C> {
    fn resources(&mut self) -> &mut Object {
        self.request.0.object_mut("ResourceConfig")
    }

    fn algorithm_specification(&mut self) -> &mut Object {
        self.request.0.object_mut("AlgorithmSpecification")
    }

    /// Adds a channel: a [`Channel`], or just the S3 prefix of one. Up to 20.
    pub fn channel(mut self, name: impl Into<Expr<String>>, channel: impl Into<Channel>) -> Self {
        self.request.0.push("InputDataConfig", channel.into().into_request(name));
        self
    }

    /// Sets a hyperparameter: up to 100 of up to 2,500 characters. Anything becomes text; with a
    /// [`script`](Training::script) JSON, so that text stays text there.
    pub fn hyperparameter(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        let value = value.into();
        let value = if self.json { value.into_json() } else { value.into_expr() };
        set_entry(&mut self.request.0, "HyperParameters", name, value);
        self
    }

    /// Sets several hyperparameters.
    pub fn hyperparameters<K, V>(self, entries: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'static, str>>,
        V: Into<Text>,
    {
        entries.into_iter().fold(self, |step, (name, value)| step.hyperparameter(name, value))
    }

    /// Spreads a [`script`](Training::script)'s training over processes and instances.
    pub const fn distribution(mut self, distribution: Distribution) -> Self {
        self.distribution = Some(distribution);
        self
    }

    /// The S3 prefix that the model goes to.
    pub fn output_path(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.request.0.object_mut("OutputDataConfig").set("S3OutputPath", uri.into());
        self
    }

    /// The key that encrypts the model.
    pub fn output_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.request.0.object_mut("OutputDataConfig").set("KmsKeyId", key.into());
        self
    }

    /// How data comes to channels that don't say: `File` (unless said), `Pipe` or `FastFile`.
    pub fn input_mode(mut self, mode: impl Into<Expr<TrainingInputMode>>) -> Self {
        self.algorithm_specification().set("TrainingInputMode", mode.into());
        self
    }

    /// Reads a metric from the log with a regular expression: up to 40.
    pub fn metric(mut self, name: impl Into<Expr<String>>, regex: impl Into<Expr<String>>) -> Self {
        self.algorithm_specification().push("MetricDefinitions", MetricDefinition::new(name, regex));
        self
    }

    /// Whether metrics are kept as time series that Studio shows.
    pub fn metrics_time_series(mut self, enabled: impl Into<Expr<bool>>) -> Self {
        self.algorithm_specification().set("EnableSageMakerMetricsTimeSeries", enabled.into());
        self
    }

    /// The container's entry point, instead of its own.
    pub fn entrypoint<W: Into<Text>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        let words: Vec<Node> = words.into_iter().map(|w| w.into().into_expr().into_node()).collect();
        self.algorithm_specification().set("ContainerEntrypoint", words);
        self
    }

    /// The container's arguments.
    pub fn arguments<W: Into<Text>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        let words: Vec<Node> = words.into_iter().map(|w| w.into().into_expr().into_node()).collect();
        self.algorithm_specification().set("ContainerArguments", words);
        self
    }

    /// How the image is reached in a private registry.
    pub fn training_image(mut self, config: TrainingImageConfig) -> Self {
        self.algorithm_specification().set("TrainingImageConfig", config);
        self
    }

    /// Sets an environment variable: up to 100 of up to 512 characters.
    pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.request.0, "Environment", key, value);
        self
    }

    /// Storage of each instance in GB; 30 unless said.
    pub fn volume_gb(mut self, size: impl Into<Expr<i64>>) -> Self {
        self.resources().set("VolumeSizeInGB", size.into());
        self
    }

    /// The key that encrypts the instances' storage.
    pub fn volume_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.resources().set("VolumeKmsKeyId", key.into());
        self
    }

    /// Keeps the instances for the next job, in seconds: up to 3,600 (a warm pool).
    pub fn keep_alive_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.resources().set("KeepAlivePeriodInSeconds", seconds.into());
        self
    }

    /// The longest time the job may take, in seconds; one day unless said.
    pub fn max_runtime_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.request.0.object_mut("StoppingCondition").set("MaxRuntimeInSeconds", seconds.into());
        self
    }

    /// Trains on spot instances, waiting for them up to so many seconds, training included.
    pub fn spot(mut self, max_wait_seconds: impl Into<Expr<i64>>) -> Self {
        self.request.0.object_mut("StoppingCondition").set("MaxWaitTimeInSeconds", max_wait_seconds.into());
        self.request = self.request.enable_managed_spot_training(true);
        self
    }

    /// Where checkpoints go, so that an interrupted job goes on where it was.
    pub fn checkpoints(mut self, uri: impl Into<Expr<String>>, local_path: impl Into<Expr<String>>) -> Self {
        self.request = self.request.checkpoint_config(CheckpointConfig::new(uri).local_path(local_path));
        self
    }

    /// Subnets and security groups.
    pub fn vpc(mut self, vpc: VpcConfig) -> Self {
        self.request = self.request.vpc_config(vpc);
        self
    }

    /// Whether the container is cut off from the network.
    pub fn network_isolation(mut self, enabled: impl Into<Expr<bool>>) -> Self {
        self.request = self.request.enable_network_isolation(enabled);
        self
    }

    /// Whether traffic between the instances is encrypted.
    pub fn inter_container_encryption(mut self, enabled: impl Into<Expr<bool>>) -> Self {
        self.request = self.request.enable_inter_container_traffic_encryption(enabled);
        self
    }

    /// Tensors that Debugger saves. Off unless said; the SageMaker Python SDK adds one to every job.
    pub fn debug_hook(mut self, hook: DebugHookConfig) -> Self {
        self.request = self.request.debug_hook_config(hook);
        self
    }

    /// Has Debugger watch the saved tensors: up to 20 rules. What a rule needs is saved along with what
    /// [`debug_hook`](Self::debug_hook) says; without a hook, to where the model goes.
    pub fn debug_rule(mut self, rule: DebugRule) -> Self {
        self.request.0.push("DebugRuleConfigurations", rule.request);
        self.rule_collections.extend(rule.collections.into_iter().map(Node::from));
        self
    }

    /// Where logs for `TensorBoard` go, and the folder of the container that they are in.
    pub fn tensor_board(mut self, output: TensorBoardOutputConfig) -> Self {
        self.request = self.request.tensor_board_output_config(output);
        self
    }

    /// Has Profiler watch what the training does with its instances: up to 20 rules.
    pub fn profiler_rule(mut self, rule: ProfilerRule) -> Self {
        self.request.0.push("ProfilerRuleConfigurations", rule.request);
        self
    }

    /// System metrics that Profiler keeps. Off unless said; the SageMaker Python SDK adds it to
    /// every job.
    pub fn profiler(mut self, profiler: ProfilerConfig) -> Self {
        self.request = self.request.profiler_config(profiler);
        self
    }

    /// How often SageMaker starts the job again after a failure of its own: 1 to 30.
    pub fn max_retry_attempts(mut self, attempts: impl Into<Expr<i64>>) -> Self {
        self.request = self.request.retry_strategy(RetryStrategy::new(attempts));
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
        self.request = self.request.training_job_name(prefix);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(mut self, set: impl FnOnce(CreateTrainingJobRequest) -> CreateTrainingJobRequest) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(Training<C>);
impl<C> Cacheable for Training<C> {}
impl<C> Retryable for Training<C> {}

/// A training job's request that lacks only what the step's name decides.
pub(super) struct Parts {
    pub(super) request: Object,
    pub(super) common: Common,
    /// Whether hyperparameters are JSON.
    pub(super) json: bool,
}

impl Training<Instances> {
    pub(super) fn into_parts(mut self) -> Parts {
        if let Some(distribution) = self.distribution {
            let instance_type = self.resources().get("InstanceType").cloned();
            for (name, value) in distribution.hyperparameters() {
                set_entry(&mut self.request.0, "HyperParameters", name, value.into_json());
            }
            if let Some(node) = instance_type.filter(|_| distribution.needs_instance_type()) {
                let value = Text::from(Expr::<String>::from_node(node)).into_json();
                set_entry(&mut self.request.0, "HyperParameters", "sagemaker_instance_type", value);
            }
        }
        if !self.rule_collections.is_empty() {
            let hook = self.request.0.object_mut("DebugHookConfig");
            let own = hook.get("CollectionConfigurations").and_then(Node::as_list).unwrap_or_default();
            self.rule_collections.extend_from_slice(own);
            hook.set("CollectionConfigurations", self.rule_collections);
        }
        Parts { request: self.request.0, common: self.common, json: self.json }
    }
}

/// Where the model goes unless it was said.
pub(super) fn set_output_path(request: &mut Object, step: &str) {
    let output = request.object_mut("OutputDataConfig");
    if output.get("S3OutputPath").is_none() {
        output.set("S3OutputPath", join!(results(step), "/model"));
    }
}

impl Step for Training<Instances> {
    type Properties = TrainingProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let Parts { mut request, common, .. } = self.into_parts();
        set_output_path(&mut request, &name);
        let model = request.object_mut("OutputDataConfig").get("S3OutputPath").cloned();
        if let (true, Some(model)) = (request.get("DebugHookConfig").is_some(), model) {
            let hook = request.object_mut("DebugHookConfig");
            if hook.get("S3OutputPath").is_none() {
                hook.set("S3OutputPath", model);
            }
        }
        StepNode::new(name, "Training", Some(&tables::CREATE_TRAINING_JOB_REQUEST), request, common)
    }
}

/// What a training job says of itself.
#[derive(Clone, Debug)]
pub struct TrainingProperties(DescribeTrainingJobResponse);

impl FromPath for TrainingProperties {
    fn from_path(path: Path) -> Self {
        Self(FromPath::from_path(path))
    }
}

impl Deref for TrainingProperties {
    type Target = DescribeTrainingJobResponse;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl TrainingProperties {
    /// The S3 URI of the trained model's archive: `ModelArtifacts.S3ModelArtifacts`.
    pub fn model(&self) -> Expr<String> {
        self.model_artifacts().s3_model_artifacts()
    }

    /// The last value of a metric: `FinalMetricDataList['NAME'].Value`.
    pub fn final_metric(&self, name: &str) -> Expr<f64> {
        self.final_metric_data_list().key(name).value()
    }
}
