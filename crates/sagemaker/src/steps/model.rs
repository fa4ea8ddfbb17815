//! Model steps.

use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{CodeAsset, Expr, Node, Object, Retryable, Step, StepNode};

use super::container::with_code;
use super::{WithCode, add_tag, pipeline_role, settings};
use crate::properties::DescribeModelOutput;
use crate::requests::{ContainerDefinition, CreateModelInput, VpcConfig};
use crate::tables;

/// Creates a model ([Model step], [`CreateModel`]).
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, Container, Model};
/// let mut p = Graph::new();
/// let container = Container::new(image::xgboost("1.7-1")).model_data("s3://bucket/model.tar.gz");
/// let model = p.add("CreateModel", Model::new(container));
/// let name = model.model_name();
/// ```
///
/// [Model step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-create-model
/// [`CreateModel`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
#[derive(Clone, Debug)]
pub struct Model {
    request: CreateModelInput,
    common: Common,
}

impl Model {
    /// A model of one container.
    pub fn new(container: impl Into<WithCode<ContainerDefinition>>) -> Self {
        let WithCode { definition, asset } = container.into();
        Self::with("PrimaryContainer", definition.into(), asset.into_iter().collect())
    }

    /// A model of several containers, one after the other: 2 to 15.
    pub fn pipeline<C>(containers: impl IntoIterator<Item = C>) -> Self
    where
        C: Into<WithCode<ContainerDefinition>>,
    {
        let (nodes, assets) = with_code(containers);
        Self::with("Containers", nodes.into(), assets)
    }

    fn with(key: &'static str, containers: Node, assets: Vec<CodeAsset>) -> Self {
        let mut request = Object::new();
        request.set("ExecutionRoleArn", pipeline_role());
        request.set(key, containers);
        Self { request: CreateModelInput(request), common: Common { assets, ..Common::default() } }
    }

    /// Subnets and security groups.
    pub fn vpc(mut self, vpc: VpcConfig) -> Self {
        self.request = self.request.vpc_config(vpc);
        self
    }

    /// Whether the containers are cut off from the network.
    pub fn network_isolation(mut self, enabled: impl Into<Expr<bool>>) -> Self {
        self.request = self.request.enable_network_isolation(enabled);
        self
    }

    /// The role that the model runs under instead of the pipeline's own.
    pub fn role(mut self, arn: impl Into<Expr<String>>) -> Self {
        self.request = self.request.execution_role_arn(arn);
        self
    }

    /// Tags the model.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(mut self, set: impl FnOnce(CreateModelInput) -> CreateModelInput) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(Model);
impl Retryable for Model {}

impl Step for Model {
    type Properties = DescribeModelOutput;

    fn into_step(self, name: Arc<str>) -> StepNode {
        StepNode::new(name, "Model", Some(&tables::CREATE_MODEL_INPUT), self.request.0, self.common)
    }
}
