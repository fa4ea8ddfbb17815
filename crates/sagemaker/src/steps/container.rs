//! Containers of models and model packages.

use std::borrow::Cow;

use pipewright_model::{CodeAsset, Expr, Node, Object, Script, Text};

use super::{script_mode, set_entry};
use crate::requests::{ContainerDefinition, ModelPackageContainerDefinition};

/// A container of a model: an image, the model's archive, and environment variables.
///
/// Serves both [`Model`](crate::Model) and [`RegisterModel`](crate::RegisterModel).
///
/// ```
/// use pipewright_sagemaker::{image, Container};
/// let container = Container::new(image::xgboost("1.7-1")).model_data("s3://bucket/model.tar.gz").environment("LOG", 1);
/// ```
#[derive(Clone, Debug)]
pub struct Container {
    definition: Object,
    asset: Option<CodeAsset>,
}

/// A container's definition with the code that is uploaded for it. A [`Container`] becomes one, and
/// so does a definition alone.
#[derive(Clone, Debug)]
pub struct WithCode<D> {
    pub(super) definition: D,
    pub(super) asset: Option<CodeAsset>,
}

impl Container {
    /// A container of an image.
    pub fn new(image: impl Into<Expr<String>>) -> Self {
        let mut container = Object::new();
        container.set("Image", image.into());
        // The SageMaker Python SDK writes it even where it is empty.
        container.set("Environment", Object::new());
        Self { definition: container, asset: None }
    }

    /// The S3 URI of the model's archive, such as [`TrainingProperties::model`](super::TrainingProperties::model).
    pub fn model_data(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.definition.set("ModelDataUrl", uri.into());
        self
    }

    /// Sets an environment variable: up to 100 of up to 1,024 characters.
    pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.definition, "Environment", key, value);
        self
    }

    /// Serves with a script of the pipeline's `code/`, in a framework's image, which finds it by
    /// `SAGEMAKER_PROGRAM` and `SAGEMAKER_SUBMIT_DIRECTORY`.
    ///
    /// That is for images that fetch the code themselves, such as those of scikit-learn and
    /// `XGBoost`. Those of `PyTorch` and `MXNet` want it inside of the model's archive.
    #[expect(clippy::needless_pass_by_value, reason = "a script is built for the container that runs it")]
    pub fn script(mut self, script: impl Script) -> Self {
        self.asset = Some(script_mode::serve(&mut self.definition, &script));
        self
    }

    /// The framework of a model package's container, such as `XGBOOST`. No member of a
    /// [`Model`](crate::Model)'s.
    pub fn framework(self, name: impl Into<Expr<String>>) -> Self {
        self.set("Framework", name.into())
    }

    /// The version of the framework of a model package's container.
    pub fn framework_version(self, version: impl Into<Expr<String>>) -> Self {
        self.set("FrameworkVersion", version.into())
    }

    /// Sets anything else; the names are those of `ContainerDefinition` or
    /// `ModelPackageContainerDefinition`, whichever the step takes, and are checked with it.
    pub fn set(mut self, member: &'static str, value: impl Into<Node>) -> Self {
        self.definition.set(member, value);
        self
    }
}

impl From<Container> for WithCode<ContainerDefinition> {
    fn from(Container { definition, asset }: Container) -> Self {
        Self { definition: ContainerDefinition(definition), asset }
    }
}

impl From<Container> for WithCode<ModelPackageContainerDefinition> {
    fn from(Container { definition, asset }: Container) -> Self {
        Self { definition: ModelPackageContainerDefinition(definition), asset }
    }
}

impl From<ContainerDefinition> for WithCode<ContainerDefinition> {
    fn from(definition: ContainerDefinition) -> Self {
        Self { definition, asset: None }
    }
}

impl From<ModelPackageContainerDefinition> for WithCode<ModelPackageContainerDefinition> {
    fn from(definition: ModelPackageContainerDefinition) -> Self {
        Self { definition, asset: None }
    }
}

/// Definitions as nodes, and the code of them all.
pub(super) fn with_code<C, D>(containers: impl IntoIterator<Item = C>) -> (Vec<Node>, Vec<CodeAsset>)
where
    C: Into<WithCode<D>>,
    D: Into<Node>,
{
    let mut assets = Vec::new();
    let nodes = containers.into_iter().map(|container| {
        let WithCode { definition, asset } = container.into();
        assets.extend(asset);
        definition.into()
    });
    (nodes.collect(), assets)
}
