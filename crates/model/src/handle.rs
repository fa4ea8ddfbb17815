//! Handles: what adding a step gives back, and the only way to refer to it.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use crate::expr::{Document, Expr, Expression, JsonGet};
use crate::property::{FromPath, Path};

/// A step that was added to a graph.
///
/// It dereferences to the step's properties: `train.model_artifacts().s3_model_artifacts()`.
/// Since a step can only refer to handles, and a handle exists only once its step was added, a
/// graph has no cycles.
#[derive(Clone, Debug)]
pub struct Handle<P> {
    name: Arc<str>,
    properties: P,
}

impl<P: FromPath> Handle<P> {
    pub(crate) fn new(name: Arc<str>) -> Self {
        let properties = P::from_path(Path::of_step(Arc::clone(&name)));
        Self { name, properties }
    }
}

impl<P> Handle<P> {
    /// The step's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A value of type `T` from a property file that this step declares, at a path such as
    /// `metrics.mse.value` or `folds[0].auc` ([`JsonGet`]).
    ///
    /// A property file that the step does not declare is an error of the graph.
    ///
    /// [`JsonGet`]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-propertyfile.html
    pub fn json_get<T>(&self, property_file: impl AsRef<str>, path: impl Into<Cow<'static, str>>) -> Expr<T> {
        let document = Document::PropertyFile {
            step: Arc::clone(&self.name),
            name: Cow::Owned(property_file.as_ref().to_owned()),
        };
        Expr::from_node(Expression::JsonGet(Box::new(JsonGet { document, path: path.into() })).into())
    }

    /// A property by its path as SageMaker writes it, such as `ModelArtifacts.S3ModelArtifacts`.
    ///
    /// For [`Raw`](crate::Raw) steps; other handles have a method for every property, which can't
    /// be misspelt.
    pub fn property<T>(&self, path: impl Into<Cow<'static, str>>) -> Expr<T> {
        Expr::from_node(Expression::Property { step: Arc::clone(&self.name), path: path.into() }.into())
    }
}

impl<P> Deref for Handle<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.properties
    }
}

/// Anything that names a step that was added: what [`depends_on`] takes.
///
/// [`depends_on`]: crate::StepSettings::depends_on
pub trait StepRef {
    /// The step's name.
    fn step_name(&self) -> &Arc<str>;
}

impl<P> StepRef for Handle<P> {
    fn step_name(&self) -> &Arc<str> {
        &self.name
    }
}

/// A JSON file that a step writes into one of its outputs, so that later steps can read values
/// from it with [`Handle::json_get`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyFile {
    /// The property file's name, unique in its step.
    pub name: Cow<'static, str>,
    /// The processing output that it is written into.
    pub output: Cow<'static, str>,
    /// Its path inside of that output, such as `evaluation.json`.
    pub path: Cow<'static, str>,
}

impl PropertyFile {
    /// The file `path` in the output `output`, known as `name`.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        output: impl Into<Cow<'static, str>>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { name: name.into(), output: output.into(), path: path.into() }
    }
}

impl AsRef<str> for PropertyFile {
    fn as_ref(&self) -> &str {
        &self.name
    }
}
