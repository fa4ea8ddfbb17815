//! Transform steps.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{Cacheable, Expr, Missing, Object, Retryable, Step, StepNode, Text, join};

use super::{Instances, add_tag, results, set_entry, settings};
use crate::enums::{
    AssemblyType, BatchStrategy, CompressionType, JoinSource, S3DataType, SplitType, TransformInstanceType,
};
use crate::properties::DescribeTransformJobResponse;
use crate::requests::{
    BatchDataCaptureConfig, CreateTransformJobRequest, TransformDataSource, TransformInput,
    TransformS3DataSource,
};
use crate::tables;

/// Runs a batch transform job ([Transform step], [`CreateTransformJob`]).
///
/// It needs instances; without them it is no step and does not compile. The results go to
/// `s3://DATA/PIPELINE/EXECUTION/STEP/output` unless [`output_path`](Self::output_path) says
/// otherwise.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::Transform;
/// let mut p = Graph::new();
/// let scored = p.add("Score", Transform::new("prices-model", "s3://bucket/batch")
///     .instances(1, "ml.m5.large")
///     .content_type("text/csv")
///     .split_type("Line"));
/// let uri = scored.transform_output().s3_output_path();
/// ```
///
/// [Transform step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-transform
/// [`CreateTransformJob`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
#[derive(Clone, Debug)]
pub struct Transform<C = Missing> {
    request: CreateTransformJobRequest,
    common: Common,
    state: PhantomData<C>,
}

impl Transform {
    /// Applies a model, by name, to everything under an S3 prefix.
    pub fn new(model_name: impl Into<Expr<String>>, data: impl Into<Expr<String>>) -> Self {
        let source = TransformDataSource::new(TransformS3DataSource::new(S3DataType::S3_PREFIX, data));
        let mut request = Object::new();
        request.set("ModelName", model_name.into());
        request.set("TransformInput", TransformInput::new(source));
        Self { request: CreateTransformJobRequest(request), common: Common::default(), state: PhantomData }
    }
}

impl Transform<Missing> {
    /// How many instances of what type: 1 to 100, such as `ml.m5.large`.
    pub fn instances(
        mut self,
        count: impl Into<Expr<i64>>,
        instance_type: impl Into<Expr<TransformInstanceType>>,
    ) -> Transform<Instances> {
        let resources = self.request.0.object_mut("TransformResources");
        resources.set("InstanceCount", count.into());
        resources.set("InstanceType", instance_type.into());
        let Self { request, common, state: _ } = self;
        Transform { request, common, state: PhantomData }
    }
}

impl<C> Transform<C> {
    fn input(&mut self) -> &mut Object {
        self.request.0.object_mut("TransformInput")
    }

    fn output(&mut self) -> &mut Object {
        self.request.0.object_mut("TransformOutput")
    }

    fn processing(&mut self) -> &mut Object {
        self.request.0.object_mut("DataProcessing")
    }

    /// Whether the data is a prefix (`S3Prefix`) or a list of objects (`ManifestFile`).
    pub fn data_type(mut self, value: impl Into<Expr<S3DataType>>) -> Self {
        self.input().object_mut("DataSource").object_mut("S3DataSource").set("S3DataType", value.into());
        self
    }

    /// The MIME type of the data.
    pub fn content_type(mut self, value: impl Into<Expr<String>>) -> Self {
        self.input().set("ContentType", value.into());
        self
    }

    /// How the data is compressed: `None` or `Gzip`.
    pub fn compression(mut self, value: impl Into<Expr<CompressionType>>) -> Self {
        self.input().set("CompressionType", value.into());
        self
    }

    /// How objects are split into records: `None`, `Line`, `RecordIO`, `TFRecord`.
    pub fn split_type(mut self, value: impl Into<Expr<SplitType>>) -> Self {
        self.input().set("SplitType", value.into());
        self
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

    /// How results are put together: `None` or `Line`.
    pub fn assemble_with(mut self, value: impl Into<Expr<AssemblyType>>) -> Self {
        self.output().set("AssembleWith", value.into());
        self
    }

    /// The MIME type of the results.
    pub fn accept(mut self, value: impl Into<Expr<String>>) -> Self {
        self.output().set("Accept", value.into());
        self
    }

    /// The key that encrypts the instances' storage.
    pub fn volume_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.request.0.object_mut("TransformResources").set("VolumeKmsKeyId", key.into());
        self
    }

    /// How many records a request holds: `MultiRecord` or `SingleRecord`.
    pub fn batch_strategy(mut self, value: impl Into<Expr<BatchStrategy>>) -> Self {
        self.request = self.request.batch_strategy(value);
        self
    }

    /// How many requests each instance handles at once.
    pub fn max_concurrent_transforms(mut self, count: impl Into<Expr<i64>>) -> Self {
        self.request = self.request.max_concurrent_transforms(count);
        self
    }

    /// The largest request, in MB.
    pub fn max_payload_mb(mut self, size: impl Into<Expr<i64>>) -> Self {
        self.request = self.request.max_payload_in_mb(size);
        self
    }

    /// Sets an environment variable: up to 16.
    pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.request.0, "Environment", key, value);
        self
    }

    /// Which part of each record goes to the model: a `JSONPath` such as `$[1:]`.
    pub fn input_filter(mut self, path: impl Into<Expr<String>>) -> Self {
        self.processing().set("InputFilter", path.into());
        self
    }

    /// Which part of each joined record is kept: a `JSONPath` such as `$[0,-1]`.
    pub fn output_filter(mut self, path: impl Into<Expr<String>>) -> Self {
        self.processing().set("OutputFilter", path.into());
        self
    }

    /// Whether results are joined with their records: `Input` or `None`.
    pub fn join_source(mut self, source: impl Into<Expr<JoinSource>>) -> Self {
        self.processing().set("JoinSource", source.into());
        self
    }

    /// How long a request may take, in seconds, and how often it is tried again.
    pub fn model_client(
        mut self,
        timeout_seconds: impl Into<Expr<i64>>,
        max_retries: impl Into<Expr<i64>>,
    ) -> Self {
        let config = self.request.0.object_mut("ModelClientConfig");
        config.set("InvocationsTimeoutInSeconds", timeout_seconds.into());
        config.set("InvocationsMaxRetries", max_retries.into());
        self
    }

    /// Keeps requests and results for monitoring.
    pub fn data_capture(mut self, config: BatchDataCaptureConfig) -> Self {
        self.request = self.request.data_capture_config(config);
        self
    }

    /// Tags the job.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// What the job's name begins with, instead of a name that SageMaker makes of pipeline and step.
    pub fn job_name_prefix(mut self, prefix: impl Into<Expr<String>>) -> Self {
        self.request = self.request.transform_job_name(prefix);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(
        mut self,
        set: impl FnOnce(CreateTransformJobRequest) -> CreateTransformJobRequest,
    ) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(Transform<C>);
impl<C> Cacheable for Transform<C> {}
impl<C> Retryable for Transform<C> {}

impl Step for Transform<Instances> {
    type Properties = DescribeTransformJobResponse;

    fn into_step(mut self, name: Arc<str>) -> StepNode {
        if self.output().get("S3OutputPath").is_none() {
            let uri = join!(results(&name), "/output");
            self.output().set("S3OutputPath", uri);
        }
        StepNode::new(
            name,
            "Transform",
            Some(&tables::CREATE_TRANSFORM_JOB_REQUEST),
            self.request.0,
            self.common,
        )
    }
}
