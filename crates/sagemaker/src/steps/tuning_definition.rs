//! What a tuning job trains, and by what it tells good from bad.

use std::borrow::Cow;

use pipewright_model::step::Common;
use pipewright_model::{Expr, Node, Object};

use super::training::Parts;
use super::tuning_range::{self, TuningRange};
use super::{Instances, Training};
use crate::enums::HyperParameterTuningJobObjectiveType;
use crate::requests::{HyperParameterTuningInstanceConfig, HyperParameterTuningJobObjective};

/// The metric that tells how good a training was. A built-in algorithm has its own; otherwise the training reads it from the log
/// with [`Training::metric`].
#[derive(Clone, Debug)]
pub struct Objective {
    metric: Expr<String>,
    kind: Expr<HyperParameterTuningJobObjectiveType>,
}

impl Objective {
    /// The smaller the better.
    pub fn minimize(metric: impl Into<Expr<String>>) -> Self {
        Self { metric: metric.into(), kind: HyperParameterTuningJobObjectiveType::MINIMIZE.into() }
    }

    /// The greater the better.
    pub fn maximize(metric: impl Into<Expr<String>>) -> Self {
        Self { metric: metric.into(), kind: HyperParameterTuningJobObjectiveType::MAXIMIZE.into() }
    }

    pub(super) fn into_request(self) -> HyperParameterTuningJobObjective {
        HyperParameterTuningJobObjective::new(self.kind, self.metric)
    }
}

/// One of several trainings that a tuning job tunes side by side.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, Objective, Training, Tuning, TuningDefinition, TuningRange};
/// let training = || Training::new(image::xgboost("1.7-1")).instances(1, "ml.m5.xlarge");
/// let objective = || Objective::minimize("validation:rmse");
/// let trees = TuningDefinition::new("trees", training().hyperparameter("booster", "gbtree"), objective())
///     .range("max_depth", TuningRange::integer(2, 10));
/// let linear = TuningDefinition::new("linear", training().hyperparameter("booster", "gblinear"), objective())
///     .range("alpha", TuningRange::continuous(0, 1));
/// let mut p = Graph::new();
/// p.add("Tune", Tuning::several([trees, linear]).strategy("Random").max_jobs(20));
/// ```
#[derive(Clone, Debug)]
pub struct TuningDefinition {
    request: Object,
    json: bool,
    common: Common,
}

impl TuningDefinition {
    /// A training under a name of 1 to 64 letters, digits and dashes.
    pub fn new(name: impl Into<Expr<String>>, training: Training<Instances>, objective: Objective) -> Self {
        let Parts { request, common, json } = training.into_parts();
        let mut request = definition(&request);
        request.set("DefinitionName", name.into());
        request.set("TuningObjective", objective.into_request());
        request.set("HyperParameterRanges", tuning_range::none());
        Self { request, json, common }
    }

    /// Tunes a hyperparameter of this training: up to 30.
    pub fn range(mut self, name: impl Into<Cow<'static, str>>, range: TuningRange) -> Self {
        range.add_to(self.request.object_mut("HyperParameterRanges"), name.into(), self.json);
        self
    }

    /// Runs the training jobs on whichever of these instances there are, the first of them first, instead of the training's own:
    /// up to 6 kinds.
    pub fn instance_configs(
        mut self,
        configs: impl IntoIterator<Item = HyperParameterTuningInstanceConfig>,
    ) -> Self {
        instance_configs(&mut self.request, configs);
        self
    }

    pub(super) fn into_request(self) -> (Object, Common) {
        (self.request, self.common)
    }
}

/// Puts several kinds of instance in place of one. Only the key that encrypts their volumes stays.
pub(super) fn instance_configs(
    definition: &mut Object,
    configs: impl IntoIterator<Item = HyperParameterTuningInstanceConfig>,
) {
    let configs: Vec<Node> = configs.into_iter().map(Node::from).collect();
    let resources = definition.object_mut("HyperParameterTuningResourceConfig");
    let key = resources.get("VolumeKmsKeyId").cloned();
    *resources = Object::from_iter([("InstanceConfigs", configs)]);
    if let Some(key) = key {
        resources.set("VolumeKmsKeyId", key);
    }
}

/// A training job's request as a definition. Members that tuning has not stay as they are, for the graph's check to tell.
pub(super) fn definition(request: &Object) -> Object {
    let renamed = request.iter().map(|(key, node)| {
        let key = match key {
            "HyperParameters" => "StaticHyperParameters",
            "ResourceConfig" => "HyperParameterTuningResourceConfig",
            key => key,
        };
        (key.to_owned(), node.clone())
    });
    let mut definition: Object = renamed.collect();
    // The SageMaker Python SDK writes it even where it is empty.
    definition.object_mut("StaticHyperParameters");
    definition
}
