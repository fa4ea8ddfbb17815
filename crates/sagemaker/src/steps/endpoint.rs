//! Steps that put models behind an endpoint: its configuration, the endpoint itself, and components on it.

use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{Cacheable, Expr, Retryable, Step, StepNode};

use super::{add_tag, settings};
use crate::properties::{
    DescribeEndpointConfigOutput, DescribeEndpointOutput, DescribeInferenceComponentOutput,
};
use crate::requests::{
    CreateEndpointConfigInput, CreateEndpointInput, CreateInferenceComponentInput, DataCaptureConfig,
    DeploymentConfig, InferenceComponentRuntimeConfig, InferenceComponentSpecification, ProductionVariant,
};
use crate::tables;

/// Writes down which models an endpoint has, on which instances ([`CreateEndpointConfig`]).
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, requests::ProductionVariant, Container, Endpoint, EndpointConfig, Model};
/// let mut p = Graph::new();
/// let container = Container::new(image::xgboost("1.7-1")).model_data("s3://bucket/model.tar.gz");
/// let model = p.add("CreateModel", Model::new(container));
/// let variant = ProductionVariant::new("AllTraffic")
///     .model_name(model.model_name())
///     .initial_instance_count(1)
///     .instance_type("ml.m5.large")
///     .initial_variant_weight(1);
/// let config = p.add("Config", EndpointConfig::new("prices-config", [variant]));
/// p.add("Endpoint", Endpoint::new("prices", config.endpoint_config_name()));
/// ```
///
/// A configuration can't be changed: give it a name that is new in each execution. In a run on this machine it is written down
/// below `target/local`.
///
/// [`CreateEndpointConfig`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    request: CreateEndpointConfigInput,
    common: Common,
}

impl EndpointConfig {
    /// A configuration with 1 to 10 variants, each a model and what it runs on.
    pub fn new(name: impl Into<Expr<String>>, variants: impl IntoIterator<Item = ProductionVariant>) -> Self {
        // The Python SDK writes an empty list: a definition stays the same when a pipeline moves.
        let request = CreateEndpointConfigInput::new(name, variants).tags([]);
        Self { request, common: Common::default() }
    }

    /// Keeps requests and answers in S3.
    pub fn data_capture(mut self, config: DataCaptureConfig) -> Self {
        self.request = self.request.data_capture_config(config);
        self
    }

    /// The key that the instances' volumes are encrypted with: its id, ARN or alias.
    pub fn kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.request = self.request.kms_key_id(key);
        self
    }

    /// Tags the configuration.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(
        mut self,
        set: impl FnOnce(CreateEndpointConfigInput) -> CreateEndpointConfigInput,
    ) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(EndpointConfig);
impl Retryable for EndpointConfig {}
impl Cacheable for EndpointConfig {}

impl Step for EndpointConfig {
    type Properties = DescribeEndpointConfigOutput;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let shape = &tables::CREATE_ENDPOINT_CONFIG_INPUT;
        StepNode::new(name, "EndpointConfig", Some(shape), self.request.0, self.common)
    }
}

/// Makes an endpoint of a configuration, or changes the one of this name to it ([`CreateEndpoint`], [`UpdateEndpoint`]); ends
/// when it is in service.
///
/// The example is at [`EndpointConfig`]. In a run on this machine it is written down below `target/local`: nothing answers there.
///
/// [`CreateEndpoint`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
/// [`UpdateEndpoint`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
#[derive(Clone, Debug)]
pub struct Endpoint {
    request: CreateEndpointInput,
    common: Common,
}

impl Endpoint {
    /// An endpoint of the configuration with this name.
    pub fn new(name: impl Into<Expr<String>>, config: impl Into<Expr<String>>) -> Self {
        // The same as with the configuration.
        let request = CreateEndpointInput::new(name, config).tags([]);
        Self { request, common: Common::default() }
    }

    /// How traffic moves from what was deployed before.
    pub fn deployment(mut self, config: DeploymentConfig) -> Self {
        self.request = self.request.deployment_config(config);
        self
    }

    /// Tags the endpoint.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(mut self, set: impl FnOnce(CreateEndpointInput) -> CreateEndpointInput) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(Endpoint);
impl Cacheable for Endpoint {}

impl Step for Endpoint {
    type Properties = DescribeEndpointOutput;

    fn into_step(self, name: Arc<str>) -> StepNode {
        StepNode::new(name, "Endpoint", Some(&tables::CREATE_ENDPOINT_INPUT), self.request.0, self.common)
    }
}

/// Puts a model on an endpoint beside others, with its own share of the instances, or changes the component of this name
/// ([`CreateInferenceComponent`]).
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::requests::{
///     InferenceComponentComputeResourceRequirements, InferenceComponentSpecification,
/// };
/// use pipewright_sagemaker::InferenceComponent;
/// let specification = InferenceComponentSpecification::new().model_name("prices").compute_resource_requirements(
///     InferenceComponentComputeResourceRequirements::new(128).number_of_cpu_cores_required(1),
/// );
/// let mut p = Graph::new();
/// p.add("Component", InferenceComponent::new("prices", "shared-endpoint", specification).variant("AllTraffic").copies(1));
/// ```
///
/// In a run on this machine it is written down below `target/local`.
///
/// [`CreateInferenceComponent`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceComponent.html
#[derive(Clone, Debug)]
pub struct InferenceComponent {
    request: CreateInferenceComponentInput,
    common: Common,
}

impl InferenceComponent {
    /// A component of this name on the endpoint.
    pub fn new(
        name: impl Into<Expr<String>>,
        endpoint: impl Into<Expr<String>>,
        specification: InferenceComponentSpecification,
    ) -> Self {
        let request = CreateInferenceComponentInput::new(name, endpoint).specification(specification);
        Self { request, common: Common::default() }
    }

    /// The endpoint's variant that it runs on.
    pub fn variant(mut self, name: impl Into<Expr<String>>) -> Self {
        self.request = self.request.variant_name(name);
        self
    }

    /// How many copies of it run.
    pub fn copies(mut self, count: impl Into<Expr<i64>>) -> Self {
        self.request = self.request.runtime_config(InferenceComponentRuntimeConfig::new(count));
        self
    }

    /// Tags the component.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(
        mut self,
        set: impl FnOnce(CreateInferenceComponentInput) -> CreateInferenceComponentInput,
    ) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(InferenceComponent);

impl Step for InferenceComponent {
    type Properties = DescribeInferenceComponentOutput;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let shape = &tables::CREATE_INFERENCE_COMPONENT_INPUT;
        StepNode::new(name, "InferenceComponent", Some(shape), self.request.0, self.common)
    }
}
