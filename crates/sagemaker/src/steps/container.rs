//! Containers of models and model packages.

use std::borrow::Cow;

use pipewright_model::{Expr, Node, Object, Text};

use super::set_entry;
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
pub struct Container(Object);

impl Container {
    /// A container of an image.
    pub fn new(image: impl Into<Expr<String>>) -> Self {
        let mut container = Object::new();
        container.set("Image", image.into());
        // The SageMaker Python SDK writes it even where it is empty.
        container.set("Environment", Object::new());
        Self(container)
    }

    /// The S3 URI of the model's archive, such as [`TrainingProperties::model`](super::TrainingProperties::model).
    pub fn model_data(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.0.set("ModelDataUrl", uri.into());
        self
    }

    /// Sets an environment variable: up to 100 of up to 1,024 characters.
    pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.0, "Environment", key, value);
        self
    }

    /// Sets anything else; the names are those of `ContainerDefinition` or
    /// `ModelPackageContainerDefinition`, whichever the step takes, and are checked with it.
    pub fn set(mut self, member: &'static str, value: impl Into<Node>) -> Self {
        self.0.set(member, value);
        self
    }
}

impl From<Container> for ContainerDefinition {
    fn from(container: Container) -> Self {
        Self(container.0)
    }
}

impl From<Container> for ModelPackageContainerDefinition {
    fn from(container: Container) -> Self {
        Self(container.0)
    }
}
