//! `RegisterModel` steps.

use std::borrow::Cow;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{Expr, Node, Object, Retryable, Step, StepNode, Text};

use super::container::with_code;
use super::{WithCode, add_tag, set_entry, settings};
use crate::enums::{
    ModelApprovalStatus, ProductionVariantInstanceType, SkipModelValidation, TransformInstanceType,
};
use crate::properties::DescribeModelPackageOutput;
use crate::requests::{
    CreateModelPackageInput, FileSource, MetricsSource, ModelLifeCycle, ModelPackageContainerDefinition,
};
use crate::tables;

/// Registers a version of a model in a group ([RegisterModel step], [`CreateModelPackage`]).
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, Container, ModelMetric, RegisterModel};
/// let mut p = Graph::new();
/// let container = Container::new(image::xgboost("1.7-1")).model_data("s3://bucket/model.tar.gz");
/// p.add("Register", RegisterModel::new("prices", container)
///     .content_types(["text/csv"])
///     .response_types(["text/csv"])
///     .inference_instances(["ml.m5.large"])
///     .metric(ModelMetric::ModelStatistics, "s3://bucket/evaluation.json"));
/// ```
///
/// [RegisterModel step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-register-model
/// [`CreateModelPackage`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
#[derive(Clone, Debug)]
pub struct RegisterModel {
    request: CreateModelPackageInput,
    common: Common,
}

/// A report on a model, kept with its version: `ModelMetrics`, or as a baseline for drift checks
/// `DriftCheckBaselines`. The names are the SageMaker Python SDK's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelMetric {
    /// `ModelQuality.Statistics`.
    ModelStatistics,
    /// `ModelQuality.Constraints`.
    ModelConstraints,
    /// `ModelDataQuality.Statistics`.
    ModelDataStatistics,
    /// `ModelDataQuality.Constraints`.
    ModelDataConstraints,
    /// `Bias.Report`; not a baseline.
    Bias,
    /// `Bias.PreTrainingReport`; as a baseline `Bias.PreTrainingConstraints`.
    BiasPreTraining,
    /// `Bias.PostTrainingReport`; as a baseline `Bias.PostTrainingConstraints`.
    BiasPostTraining,
    /// `Explainability.Report`; as a baseline `Explainability.Constraints`.
    Explainability,
}

impl ModelMetric {
    const fn metric(self) -> (&'static str, &'static str) {
        match self {
            Self::ModelStatistics => ("ModelQuality", "Statistics"),
            Self::ModelConstraints => ("ModelQuality", "Constraints"),
            Self::ModelDataStatistics => ("ModelDataQuality", "Statistics"),
            Self::ModelDataConstraints => ("ModelDataQuality", "Constraints"),
            Self::Bias => ("Bias", "Report"),
            Self::BiasPreTraining => ("Bias", "PreTrainingReport"),
            Self::BiasPostTraining => ("Bias", "PostTrainingReport"),
            Self::Explainability => ("Explainability", "Report"),
        }
    }

    const fn baseline(self) -> (&'static str, &'static str) {
        match self {
            Self::BiasPreTraining => ("Bias", "PreTrainingConstraints"),
            Self::BiasPostTraining => ("Bias", "PostTrainingConstraints"),
            Self::Explainability => ("Explainability", "Constraints"),
            other => other.metric(),
        }
    }
}

impl RegisterModel {
    /// A version of one container in a model package group, pending approval.
    pub fn new(
        group: impl Into<Expr<String>>,
        container: impl Into<WithCode<ModelPackageContainerDefinition>>,
    ) -> Self {
        Self::pipeline(group, [container])
    }

    /// A version of several containers, one after the other: up to 15.
    pub fn pipeline<C>(group: impl Into<Expr<String>>, containers: impl IntoIterator<Item = C>) -> Self
    where
        C: Into<WithCode<ModelPackageContainerDefinition>>,
    {
        let mut request = Object::new();
        request.set("ModelPackageGroupName", group.into());
        request.set("ModelApprovalStatus", Expr::from(ModelApprovalStatus::PENDING_MANUAL_APPROVAL));
        request.set("SkipModelValidation", Expr::from(SkipModelValidation::NONE));
        let (containers, assets) = with_code(containers);
        request.object_mut("InferenceSpecification").set("Containers", containers);
        Self { request: CreateModelPackageInput(request), common: Common { assets, ..Common::default() } }
    }

    fn list<T>(mut self, key: &'static str, values: impl IntoIterator<Item = impl Into<Expr<T>>>) -> Self {
        let values: Vec<Node> = values.into_iter().map(|v| v.into().into_node()).collect();
        self.request.0.object_mut("InferenceSpecification").set(key, values);
        self
    }

    /// The MIME types that the model takes.
    pub fn content_types(self, types: impl IntoIterator<Item = impl Into<Expr<String>>>) -> Self {
        self.list("SupportedContentTypes", types)
    }

    /// The MIME types that the model answers with.
    pub fn response_types(self, types: impl IntoIterator<Item = impl Into<Expr<String>>>) -> Self {
        self.list("SupportedResponseMIMETypes", types)
    }

    /// The instance types of endpoints.
    pub fn inference_instances(
        self,
        types: impl IntoIterator<Item = impl Into<Expr<ProductionVariantInstanceType>>>,
    ) -> Self {
        self.list("SupportedRealtimeInferenceInstanceTypes", types)
    }

    /// The instance types of batch transform jobs.
    pub fn transform_instances(
        self,
        types: impl IntoIterator<Item = impl Into<Expr<TransformInstanceType>>>,
    ) -> Self {
        self.list("SupportedTransformInstanceTypes", types)
    }

    /// Whether the version may be deployed: `PendingManualApproval` unless said.
    pub fn approval_status(mut self, status: impl Into<Expr<ModelApprovalStatus>>) -> Self {
        self.request = self.request.model_approval_status(status);
        self
    }

    /// A JSON report (`application/json`) on the model.
    pub fn metric(self, metric: ModelMetric, uri: impl Into<Expr<String>>) -> Self {
        self.metric_source(metric, MetricsSource::new("application/json", uri))
    }

    /// A report on the model, of any type.
    pub fn metric_source(mut self, metric: ModelMetric, source: MetricsSource) -> Self {
        let metrics = self.request.0.object_mut("ModelMetrics");
        let (group, member) = metric.metric();
        metrics.object_mut(group).set(member, source);
        // The SageMaker Python SDK writes these two even where they are empty.
        metrics.object_mut("Bias");
        metrics.object_mut("Explainability");
        self
    }

    /// A JSON baseline (`application/json`) that drift is measured against.
    pub fn baseline(self, metric: ModelMetric, uri: impl Into<Expr<String>>) -> Self {
        self.baseline_source(metric, MetricsSource::new("application/json", uri))
    }

    /// A baseline that drift is measured against, of any type.
    pub fn baseline_source(mut self, metric: ModelMetric, source: MetricsSource) -> Self {
        let (group, member) = metric.baseline();
        self.request.0.object_mut("DriftCheckBaselines").object_mut(group).set(member, source);
        self
    }

    /// The configuration file of the bias baseline.
    pub fn bias_config_file(self, file: FileSource) -> Self {
        self.config_file("Bias", file)
    }

    /// The configuration file of the explainability baseline.
    pub fn explainability_config_file(self, file: FileSource) -> Self {
        self.config_file("Explainability", file)
    }

    fn config_file(mut self, group: &'static str, file: FileSource) -> Self {
        self.request.0.object_mut("DriftCheckBaselines").object_mut(group).set("ConfigFile", file);
        self
    }

    /// What the version is: up to 1,024 characters (`ModelPackageDescription`).
    pub fn model_package_description(mut self, text: impl Into<Expr<String>>) -> Self {
        self.request = self.request.model_package_description(text);
        self
    }

    /// Sets a property of one's own: up to 50.
    pub fn customer_metadata(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.request.0, "CustomerMetadataProperties", key, value);
        self
    }

    /// The model's domain: `COMPUTER_VISION`, `NATURAL_LANGUAGE_PROCESSING`, `MACHINE_LEARNING`.
    pub fn domain(mut self, domain: impl Into<Expr<String>>) -> Self {
        self.request = self.request.domain(domain);
        self
    }

    /// What the model does, such as `REGRESSION`.
    pub fn task(mut self, task: impl Into<Expr<String>>) -> Self {
        self.request = self.request.task(task);
        self
    }

    /// The S3 URI of a sample of what the model takes.
    pub fn sample_payload_url(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.request = self.request.sample_payload_url(uri);
        self
    }

    /// Where the model comes from.
    pub fn source_uri(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.request = self.request.source_uri(uri);
        self
    }

    /// Where the version stands: stage and status, such as `Development` and `In-Progress`.
    pub fn life_cycle(mut self, life_cycle: ModelLifeCycle) -> Self {
        self.request = self.request.model_life_cycle(life_cycle);
        self
    }

    /// Whether SageMaker skips its own validation: `None` (unless said) or `All`.
    pub fn skip_model_validation(mut self, value: impl Into<Expr<SkipModelValidation>>) -> Self {
        self.request = self.request.skip_model_validation(value);
        self
    }

    /// Tags the version.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(mut self, set: impl FnOnce(CreateModelPackageInput) -> CreateModelPackageInput) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(RegisterModel);
impl Retryable for RegisterModel {}

impl Step for RegisterModel {
    type Properties = DescribeModelPackageOutput;

    fn into_step(self, name: Arc<str>) -> StepNode {
        StepNode::new(
            name,
            "RegisterModel",
            Some(&tables::CREATE_MODEL_PACKAGE_INPUT),
            self.request.0,
            self.common,
        )
    }
}
