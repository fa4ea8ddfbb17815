//! Processing steps.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{
    Cacheable, CodeAsset, Expr, FromPath, Missing, Node, Object, Path, PropertyFile, Retryable, Script, Step,
    StepNode, Text,
};

use super::output::Output;
use super::run::Run;
use super::{Input, Instances, Spark, add_tag, pipeline_role, set_entry, settings};
use crate::enums::{ProcessingInstanceType, ProcessingS3UploadMode};
use crate::properties::DescribeProcessingJobResponse;
use crate::requests::{CreateProcessingJobRequest, NetworkConfig, ProcessingFeatureStoreOutput};
use crate::tables;

/// GB of storage for each instance unless said otherwise, as in the SageMaker Python SDK.
const VOLUME_GB: i64 = 30;

/// Runs a processing job ([Processing step], [`CreateProcessingJob`]).
///
/// It needs an image and instances; without either it is no step and does not compile.
///
/// ```
/// use pipewright_model::{Graph, StepSettings};
/// use pipewright_sagemaker::{image, Processing};
/// let mut p = Graph::new();
/// let clean = p.add("Clean", Processing::container()
///     .image(image::uri("123456789012.dkr.ecr.eu-west-1.amazonaws.com/clean:1.0"))
///     .instances(1, "ml.m5.large")
///     .entrypoint(["/bin/clean"])
///     .argument("--fast")
///     .output("clean", "/opt/ml/processing/clean")
///     .description("Drops what can't be used."));
/// let uri = clean.output("clean");
/// ```
///
/// [Processing step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-processing
/// [`CreateProcessingJob`]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
#[derive(Clone, Debug)]
pub struct Processing<I = Missing, C = Missing> {
    request: CreateProcessingJobRequest,
    run: Run,
    arguments: Vec<Node>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
    common: Common,
    state: PhantomData<(I, C)>,
}

impl Processing {
    fn new(run: Run, arguments: Vec<Expr<String>>, asset: Option<CodeAsset>) -> Self {
        let common = Common { assets: asset.into_iter().collect(), ..Common::default() };
        let mut request = Object::new();
        request.set("RoleArn", pipeline_role());
        Self {
            request: CreateProcessingJobRequest(request),
            run,
            arguments: arguments.into_iter().map(Node::from).collect(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            common,
            state: PhantomData,
        }
    }

    /// Runs a script of the pipeline's `code/`, with `python3` unless [`command`](Self::command)
    /// says otherwise.
    ///
    /// A script in a source folder brings the whole folder along, as the SDK's
    /// `FrameworkProcessor` does: it is unpacked, its `requirements.txt` installed, and the script
    /// run inside of it.
    #[expect(clippy::needless_pass_by_value, reason = "a script is built for the step that runs it")]
    pub fn script(script: impl Script) -> Self {
        let asset = script.asset();
        Self::new(Run::script(&script, &asset), script.arguments(), Some(asset))
    }

    /// Runs a script that is in S3 already; `file` is its name, the last part of the URI.
    pub fn script_at(uri: impl Into<Expr<String>>, file: impl Into<Expr<String>>) -> Self {
        Self::new(Run::file(uri.into(), file.into()), Vec::new(), None)
    }

    /// Submits a program to Spark, in [`image::spark`](crate::image::spark): see [`Spark`].
    pub fn spark(mut program: Spark) -> Self {
        let arguments = std::mem::take(&mut program.arguments);
        let mut step = Self::new(Run::Spark { program: Box::new(program), command: None }, arguments, None);
        // The SageMaker Python SDK writes it even where it is empty.
        step.request.0.object_mut("Environment");
        step
    }

    /// Runs the image's own entry point, or the one that [`entrypoint`](Self::entrypoint) gives.
    pub fn container() -> Self {
        Self::new(Run::Container(Vec::new()), Vec::new(), None)
    }
}

impl<C> Processing<Missing, C> {
    /// The image to run. See [`image`](crate::image) for those that AWS publishes.
    pub fn image(mut self, image: impl Into<Expr<String>>) -> Processing<Expr<String>, C> {
        self.request.0.object_mut("AppSpecification").set("ImageUri", image.into());
        self.advance()
    }
}

impl<I> Processing<I, Missing> {
    /// How many instances of what type: 1 to 100, such as `ml.m5.large`.
    pub fn instances(
        mut self,
        count: impl Into<Expr<i64>>,
        instance_type: impl Into<Expr<ProcessingInstanceType>>,
    ) -> Processing<I, Instances> {
        let cluster = self.cluster();
        cluster.set("InstanceCount", count.into());
        cluster.set("InstanceType", instance_type.into());
        if cluster.get("VolumeSizeInGB").is_none() {
            cluster.set("VolumeSizeInGB", VOLUME_GB);
        }
        self.advance()
    }
}

impl<I, C> Processing<I, C> {
    fn advance<J, D>(self) -> Processing<J, D> {
        let Self { request, run, arguments, inputs, outputs, common, state: _ } = self;
        Processing { request, run, arguments, inputs, outputs, common, state: PhantomData }
    }

    fn cluster(&mut self) -> &mut Object {
        self.request.0.object_mut("ProcessingResources").object_mut("ClusterConfig")
    }

    /// What runs the script, such as `["python3", "-u"]` or `["bash"]`. For a source folder it is
    /// the interpreter's name alone; for [`Spark`], what submits the program.
    pub fn command<W: Into<Text>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|w| w.into().into_expr().into_node()).collect();
        self.run.set_command(words);
        self
    }

    /// The container's entry point, for a job without a script: up to 100 words.
    pub fn entrypoint<W: Into<Text>>(self, words: impl IntoIterator<Item = W>) -> Self {
        self.command(words)
    }

    /// Adds an argument, after those of the script's own type: up to 100 of up to 256 characters.
    pub fn argument(mut self, argument: impl Into<Text>) -> Self {
        self.arguments.push(argument.into().into_expr().into_node());
        self
    }

    /// Adds several arguments.
    pub fn arguments<A: Into<Text>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::argument)
    }

    /// Adds an input: what is under an S3 prefix, in a folder of the container. Up to 10, the code
    /// included.
    pub fn input(
        self,
        name: impl Into<String>,
        uri: impl Into<Expr<String>>,
        local_path: impl Into<Expr<String>>,
    ) -> Self {
        self.with_input(Input::s3(uri, local_path).name(name))
    }

    /// Adds an input with settings of its own.
    pub fn with_input(mut self, input: Input) -> Self {
        self.common.assets.extend(input.asset.clone());
        self.inputs.push(input);
        self
    }

    /// Adds an output: a folder of the container that goes to
    /// `s3://DATA/PIPELINE/EXECUTION/STEP/output/NAME` when the job ends. Up to 10.
    pub fn output(self, name: impl Into<Cow<'static, str>>, local_path: impl Into<Expr<String>>) -> Self {
        self.add_output(name.into(), local_path.into(), None)
    }

    /// Adds an output that goes to a place of its own.
    pub fn output_to(
        self,
        name: impl Into<Cow<'static, str>>,
        local_path: impl Into<Expr<String>>,
        uri: impl Into<Expr<String>>,
    ) -> Self {
        self.add_output(name.into(), local_path.into(), Some(uri.into()))
    }

    fn add_output(
        mut self,
        name: Cow<'static, str>,
        local_path: Expr<String>,
        uri: Option<Expr<String>>,
    ) -> Self {
        self.outputs.push(Output::new(name, local_path, uri));
        self
    }

    fn last_output(mut self, set: impl FnOnce(&mut Output)) -> Self {
        if let Some(output) = self.outputs.last_mut() {
            set(output);
        }
        self
    }

    /// Uploads the output added last while the job runs (`Continuous`) or at its end (`EndOfJob`).
    pub fn upload_mode(self, mode: impl Into<Expr<ProcessingS3UploadMode>>) -> Self {
        self.last_output(|output| output.upload_mode = mode.into())
    }

    /// Lets the processing application manage the output added last, as feature stores need.
    pub fn app_managed(self) -> Self {
        self.last_output(|output| output.set.set("AppManaged", true))
    }

    /// Ingests the output added last into a feature group.
    pub fn feature_group(self, name: impl Into<Expr<String>>) -> Self {
        self.last_output(|output| {
            output.set.set("FeatureStoreOutput", ProcessingFeatureStoreOutput::new(name));
        })
    }

    /// Declares a JSON file of one output, whose values later steps and conditions can read.
    pub fn property_file(mut self, file: impl Into<PropertyFile>) -> Self {
        self.common.property_files.push(file.into());
        self
    }

    /// Sets an environment variable: up to 100 of up to 256 characters.
    pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.request.0, "Environment", key, value);
        self
    }

    /// Storage of each instance in GB: 1 to 16,384; 30 unless said.
    pub fn volume_gb(mut self, size: impl Into<Expr<i64>>) -> Self {
        self.cluster().set("VolumeSizeInGB", size.into());
        self
    }

    /// The key that encrypts the instances' storage.
    pub fn volume_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.cluster().set("VolumeKmsKeyId", key.into());
        self
    }

    /// The key that encrypts the outputs.
    pub fn output_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.request.0.object_mut("ProcessingOutputConfig").set("KmsKeyId", key.into());
        self
    }

    /// The longest time the job may take, in seconds: 1 to 777,600; one day unless said.
    pub fn max_runtime_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.request.0.object_mut("StoppingCondition").set("MaxRuntimeInSeconds", seconds.into());
        self
    }

    /// Isolation, encryption between instances, subnets and security groups.
    pub fn network(mut self, network: NetworkConfig) -> Self {
        self.request = self.request.network_config(network);
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
        self.request = self.request.processing_job_name(prefix);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(
        mut self,
        set: impl FnOnce(CreateProcessingJobRequest) -> CreateProcessingJobRequest,
    ) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(Processing<I, C>);
impl<I, C> Cacheable for Processing<I, C> {}
impl<I, C> Retryable for Processing<I, C> {}

impl Step for Processing<Expr<String>, Instances> {
    type Properties = ProcessingProperties;

    fn into_step(mut self, name: Arc<str>) -> StepNode {
        let mut inputs: Vec<Node> = self
            .inputs
            .into_iter()
            .enumerate()
            .map(|(index, input)| input.into_request(index + 1).into())
            .collect();
        let app = self.request.0.object_mut("AppSpecification");
        let (code, assets) = self.run.into_request(app, &mut self.outputs);
        inputs.extend(code);
        self.common.assets.extend(assets);
        if !self.arguments.is_empty() {
            app.set("ContainerArguments", self.arguments);
        }
        if !inputs.is_empty() {
            self.request.0.set("ProcessingInputs", inputs);
        }
        if !self.outputs.is_empty() {
            let outputs: Vec<Node> = self.outputs.into_iter().map(|o| o.into_request(&name).into()).collect();
            self.request.0.object_mut("ProcessingOutputConfig").set("Outputs", outputs);
        }
        StepNode::new(
            name,
            "Processing",
            Some(&tables::CREATE_PROCESSING_JOB_REQUEST),
            self.request.0,
            self.common,
        )
    }
}

/// What a processing job says of itself.
#[derive(Clone, Debug)]
pub struct ProcessingProperties(DescribeProcessingJobResponse);

impl FromPath for ProcessingProperties {
    fn from_path(path: Path) -> Self {
        Self(FromPath::from_path(path))
    }
}

impl Deref for ProcessingProperties {
    type Target = DescribeProcessingJobResponse;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl ProcessingProperties {
    /// The S3 URI of an output. One that the step does not have is an error of the graph.
    pub fn output(&self, name: &str) -> Expr<String> {
        self.processing_output_config().outputs().key(name).s3_output().s3_uri()
    }
}
