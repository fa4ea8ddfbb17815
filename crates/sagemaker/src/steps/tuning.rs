//! Tuning steps.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{
    Cacheable, Expr, FromPath, Node, Object, Path, Retryable, Step, StepNode, Text, join,
};

use super::training::{Parts, set_output_path};
use super::tuning_definition::{Objective, TuningDefinition, instance_configs};
use super::tuning_range::{self, TuningRange};
use super::{Instances, Training, add_tag, settings};
use crate::enums::{AutotuneMode, HyperParameterTuningJobStrategyType, HyperParameterTuningJobWarmStartType};
use crate::properties::{
    DescribeHyperParameterTuningJobResponse, ListTrainingJobsForHyperParameterTuningJobResponse,
};
use crate::requests::{
    Autotune, BestObjectiveNotImproving, ConvergenceDetected, CreateHyperParameterTuningJobRequest,
    HyperParameterTuningInstanceConfig, HyperParameterTuningJobWarmStartConfig, HyperbandStrategyConfig,
    ParentHyperParameterTuningJob,
};
use crate::tables;

/// How many training jobs a tuning step's properties tell of.
const SUMMARIES: usize = 50;

/// Looks for good hyperparameters by training many times ([Tuning step], [`CreateHyperParameterTuningJob`]).
///
/// What is trained is a [`Training`] step that is not added itself. Its hyperparameters stay as they are where they have no
/// range. It says how many jobs there may be, or for how long, unless the strategy is `Grid`.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, Channel, Container, Model, Objective, Training, Tuning, TuningRange};
/// let training = Training::new(image::xgboost("1.7-1"))
///     .instances(1, "ml.m5.xlarge")
///     .output_path("s3://bucket/models")
///     .hyperparameter("num_round", 50)
///     .channel("train", Channel::csv("s3://bucket/train"));
/// let mut p = Graph::new();
/// let tune = p.add("Tune", Tuning::new(training, Objective::minimize("validation:rmse"))
///     .range("eta", TuningRange::continuous(0.01, 0.3).scaling("Logarithmic"))
///     .range("max_depth", TuningRange::integer(2, 10))
///     .max_jobs(20)
///     .max_parallel_jobs(4));
/// let best = tune.top_model(0, "s3://bucket/models");
/// p.add("CreateModel", Model::new(Container::new(image::xgboost("1.7-1")).model_data(best)));
/// ```
///
/// In a run on this machine the training jobs run one after the other: `Grid` tries everything, every other strategy searches by
/// chance, the same each time.
///
/// [Tuning step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-tuning
/// [`CreateHyperParameterTuningJob`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
#[derive(Clone, Debug)]
pub struct Tuning<D = One> {
    request: CreateHyperParameterTuningJobRequest,
    /// Whether hyperparameters are JSON.
    json: bool,
    common: Common,
    state: PhantomData<D>,
}

/// A tuning job of one training.
#[derive(Clone, Copy, Debug)]
pub struct One;

/// A tuning job of several trainings.
#[derive(Clone, Copy, Debug)]
pub struct Several;

impl Tuning {
    /// Tunes one training. Settings of the training as a step, such as its cache, become this step's.
    pub fn new(training: Training<Instances>, objective: Objective) -> Self {
        let Parts { request, common, json } = training.into_parts();
        let mut step = Self::empty(common, json);
        let config = step.config();
        config.set("HyperParameterTuningJobObjective", objective.into_request());
        config.set("ParameterRanges", tuning_range::none());
        step.request.0.set("TrainingJobDefinition", super::tuning_definition::definition(&request));
        step
    }

    /// Runs the training jobs on whichever of these instances there are, the first of them first, instead of the training's own:
    /// up to 6 kinds.
    pub fn instance_configs(
        mut self,
        configs: impl IntoIterator<Item = HyperParameterTuningInstanceConfig>,
    ) -> Self {
        instance_configs(self.request.0.object_mut("TrainingJobDefinition"), configs);
        self
    }

    /// Tunes a hyperparameter: up to 30.
    pub fn range(mut self, name: impl Into<Cow<'static, str>>, range: TuningRange) -> Self {
        let json = self.json;
        range.add_to(self.config().object_mut("ParameterRanges"), name.into(), json);
        self
    }
}

impl Tuning<Several> {
    /// Tunes several trainings side by side, each with its own objective and ranges: up to 10. Of their settings as steps,
    /// code and dependencies count.
    pub fn several(definitions: impl IntoIterator<Item = TuningDefinition>) -> Self {
        let mut step = Self::empty(Common::default(), false);
        step.request.0.set("TrainingJobDefinitions", Node::List(Vec::new()));
        for definition in definitions {
            let (request, common) = definition.into_request();
            step.request.0.push("TrainingJobDefinitions", request);
            step.common.assets.extend(common.assets);
            for wait in common.depends_on {
                if !step.common.depends_on.contains(&wait) {
                    step.common.depends_on.push(wait);
                }
            }
        }
        step
    }
}

impl<D> Tuning<D> {
    fn empty(common: Common, json: bool) -> Self {
        let mut request = Object::new();
        let config = request.object_mut("HyperParameterTuningJobConfig");
        // As with the SageMaker Python SDK.
        config.set("Strategy", Expr::from(HyperParameterTuningJobStrategyType::BAYESIAN));
        config.set("TrainingJobEarlyStoppingType", "Off");
        config.object_mut("ResourceLimits").set("MaxParallelTrainingJobs", 1);
        Self { request: CreateHyperParameterTuningJobRequest(request), json, common, state: PhantomData }
    }

    fn config(&mut self) -> &mut Object {
        self.request.0.object_mut("HyperParameterTuningJobConfig")
    }

    fn limits(&mut self) -> &mut Object {
        self.config().object_mut("ResourceLimits")
    }

    fn completion(&mut self) -> &mut Object {
        self.config().object_mut("TuningJobCompletionCriteria")
    }

    /// How values are chosen: `Bayesian` (unless said), `Random`, `Hyperband` or `Grid`.
    pub fn strategy(mut self, strategy: impl Into<Expr<HyperParameterTuningJobStrategyType>>) -> Self {
        self.config().set("Strategy", strategy.into());
        self
    }

    /// Chooses values by Hyperband, which ends bad jobs early: the fewest and the most epochs of a job.
    pub fn hyperband(self, min_resource: impl Into<Expr<i64>>, max_resource: impl Into<Expr<i64>>) -> Self {
        let config = HyperbandStrategyConfig::new().min_resource(min_resource).max_resource(max_resource);
        let mut step = self.strategy(HyperParameterTuningJobStrategyType::HYPERBAND);
        step.config().object_mut("StrategyConfig").set("HyperbandStrategyConfig", config);
        step
    }

    /// How many training jobs there are at most.
    pub fn max_jobs(mut self, jobs: impl Into<Expr<i64>>) -> Self {
        self.limits().set("MaxNumberOfTrainingJobs", jobs.into());
        self
    }

    /// How many training jobs run at once; 1 unless said.
    pub fn max_parallel_jobs(mut self, jobs: impl Into<Expr<i64>>) -> Self {
        self.limits().set("MaxParallelTrainingJobs", jobs.into());
        self
    }

    /// The longest time that all jobs together may take, in seconds: 120 to 15,768,000.
    pub fn max_runtime_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.limits().set("MaxRuntimeInSeconds", seconds.into());
        self
    }

    /// Ends training jobs that are not going to be better than those before them.
    pub fn early_stopping(mut self) -> Self {
        self.config().set("TrainingJobEarlyStoppingType", "Auto");
        self
    }

    /// Chooses the same values each time: a seed from 0.
    pub fn random_seed(mut self, seed: impl Into<Expr<i64>>) -> Self {
        self.config().set("RandomSeed", seed.into());
        self
    }

    /// Ends once the objective is this good.
    pub fn stop_at(mut self, target: impl Into<Expr<f64>>) -> Self {
        self.completion().set("TargetObjectiveMetricValue", target.into());
        self
    }

    /// Ends after so many training jobs without a better one: at least 3.
    pub fn stop_after_no_improvement(mut self, jobs: impl Into<Expr<i64>>) -> Self {
        let criteria = BestObjectiveNotImproving::new().max_number_of_training_jobs_not_improving(jobs);
        self.completion().set("BestObjectiveNotImproving", criteria);
        self
    }

    /// Ends once a better result is not to be expected.
    pub fn stop_on_convergence(mut self) -> Self {
        let criteria = ConvergenceDetected::new().complete_on_convergence("Enabled");
        self.completion().set("ConvergenceDetected", criteria);
        self
    }

    /// Lets the service choose what is not said: ranges, strategy, early stopping and how many jobs there are.
    pub fn autotune(mut self) -> Self {
        self.request = self.request.autotune(Autotune::new(AutotuneMode::ENABLED));
        self
    }

    /// Goes on from earlier tuning jobs, by name, up to 5: `IdenticalDataAndAlgorithm` or `TransferLearning`.
    pub fn warm_start<N: Into<Expr<String>>>(
        mut self,
        kind: impl Into<Expr<HyperParameterTuningJobWarmStartType>>,
        parents: impl IntoIterator<Item = N>,
    ) -> Self {
        let parents = parents
            .into_iter()
            .map(|name| ParentHyperParameterTuningJob::new().hyper_parameter_tuning_job_name(name));
        let config = HyperParameterTuningJobWarmStartConfig::new(parents, kind);
        self.request = self.request.warm_start_config(config);
        self
    }

    /// Tags the tuning job and its training jobs.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// What the job's name begins with, instead of a name that SageMaker makes of pipeline and step.
    pub fn job_name_prefix(mut self, prefix: impl Into<Expr<String>>) -> Self {
        self.request = self.request.hyper_parameter_tuning_job_name(prefix);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(
        mut self,
        set: impl FnOnce(CreateHyperParameterTuningJobRequest) -> CreateHyperParameterTuningJobRequest,
    ) -> Self {
        self.request = set(self.request);
        self
    }

    /// Without any bound it could train for ever; a grid has an end of its own, and the service may be asked to choose.
    fn bound(&mut self) {
        if self.request.0.get("Autotune").is_some() {
            return;
        }
        let config = self.config();
        let grid = config.get("Strategy").and_then(Node::as_str) == Some("Grid");
        if grid || config.get("TuningJobCompletionCriteria").is_some() {
            return;
        }
        let limits = self.limits();
        if ["MaxNumberOfTrainingJobs", "MaxRuntimeInSeconds"].iter().all(|limit| limits.get(limit).is_none())
        {
            let help = "say how many jobs there may be: `.max_jobs(20)`";
            limits.set("MaxNumberOfTrainingJobs", Expr::invalid("(missing)", "a bound of the tuning", help));
        }
    }
}

settings!(Tuning<D>);
impl<D> Cacheable for Tuning<D> {}
impl<D> Retryable for Tuning<D> {}

impl<D> Step for Tuning<D> {
    type Properties = TuningProperties;

    fn into_step(mut self, name: Arc<str>) -> StepNode {
        self.bound();
        let mut request = Object::new();
        for (key, node) in self.request.0.iter() {
            let node = match (key, node.clone()) {
                ("TrainingJobDefinition", node) => finished(node, &self.config_ranges(), &name),
                ("TrainingJobDefinitions", Node::List(list)) => {
                    let none = Object::new();
                    list.into_iter().map(|node| finished(node, &none, &name)).collect::<Vec<_>>().into()
                }
                (_, node) => node,
            };
            request.set(key.to_owned(), node);
        }
        let shape = &tables::CREATE_HYPER_PARAMETER_TUNING_JOB_REQUEST;
        StepNode::new(name, "Tuning", Some(shape), request, self.common)
    }
}

impl<D> Tuning<D> {
    fn config_ranges(&self) -> Object {
        let config = self.request.0.get("HyperParameterTuningJobConfig");
        config
            .and_then(|config| config.at(&["ParameterRanges"]))
            .and_then(Node::as_object)
            .cloned()
            .unwrap_or_default()
    }
}

/// A definition with its output path, and without static values for what is tuned.
fn finished(definition: Node, ranges: &Object, step: &str) -> Node {
    let Node::Object(mut definition) = definition else { return definition };
    set_output_path(&mut definition, step);
    let own = definition.get("HyperParameterRanges").and_then(Node::as_object).unwrap_or(ranges);
    let tuned: Vec<&str> = own
        .iter()
        .filter_map(|(_, list)| list.as_list())
        .flatten()
        .filter_map(|range| range.at(&["Name"])?.as_str())
        .collect();
    let fixed = definition.get("StaticHyperParameters").and_then(Node::as_object).map(|fixed| {
        let kept = fixed.iter().filter(|(name, _)| !tuned.contains(name));
        kept.map(|(name, value)| (name.to_owned(), value.clone())).collect::<Object>()
    });
    if let Some(fixed) = fixed {
        definition.set("StaticHyperParameters", fixed);
    }
    definition.into()
}

/// What a tuning job says of itself and of its training jobs.
#[derive(Clone, Debug)]
pub struct TuningProperties {
    job: DescribeHyperParameterTuningJobResponse,
    training_jobs: ListTrainingJobsForHyperParameterTuningJobResponse,
}

impl FromPath for TuningProperties {
    fn from_path(path: Path) -> Self {
        Self { job: FromPath::from_path(path.clone()), training_jobs: FromPath::from_path(path) }
    }
}

impl Deref for TuningProperties {
    type Target = DescribeHyperParameterTuningJobResponse;

    fn deref(&self) -> &Self::Target {
        &self.job
    }
}

impl TuningProperties {
    /// The training jobs, the best first: `TrainingJobSummaries[k]`, with k up to 49.
    pub const fn training_jobs(&self) -> &ListTrainingJobsForHyperParameterTuningJobResponse {
        &self.training_jobs
    }

    /// The name of the training job with the best result but `k`, from 0 to 49.
    pub fn top_training_job(&self, k: usize) -> Expr<String> {
        if k < SUMMARIES {
            self.training_jobs.training_job_summaries().at(k).training_job_name()
        } else {
            let help = "count from 0, the best; a pipeline knows the first 50 training jobs alone";
            Expr::invalid(k.to_string(), format!("0 to {}", SUMMARIES - 1), help)
        }
    }

    /// The S3 URI of the model of the training job with the best result but `k`, from 0 to 49, below the output path of the
    /// training.
    pub fn top_model(&self, k: usize, output_path: impl Into<Text>) -> Expr<String> {
        let path = output_path.into().into_expr();
        // A slash at the end of a literal is not doubled.
        let path = match path.node().as_str().and_then(|text| text.strip_suffix('/')) {
            Some(text) => text.into(),
            None => path,
        };
        join!(path, "/", self.top_training_job(k), "/output/model.tar.gz")
    }
}
