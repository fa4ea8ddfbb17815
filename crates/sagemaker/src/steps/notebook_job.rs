//! Notebook jobs: a notebook that runs from top to bottom in a training job.

#![expect(clippy::needless_pass_by_value, reason = "a script is built for the step that runs it")]

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{
    CodeAsset, Deploy, Expr, FromPath, Node, Object, Path, Retryable, Script, Step, StepNode, Text,
    execution, join,
};

use super::{add_tag, pipeline_role, results, set_entry, settings};
use crate::enums::{TrainingInputMode, TrainingInstanceType};
use crate::properties::DescribeTrainingJobResponse;
use crate::requests::{CreateTrainingJobRequest, RetryStrategy, VpcConfig};
use crate::{Channel, tables};

/// What the image starts, and the channel that it looks for the notebook in.
const SCHEDULER: &str = "amazon_sagemaker_scheduler";
const CHANNEL: &str = "sagemaker_headless_execution_pipelinestep";

/// The instance, its storage in GB, the longest time in seconds and the retries unless said otherwise, as in the SageMaker Python
/// SDK.
const INSTANCE_TYPE: TrainingInstanceType = TrainingInstanceType::ML_M5_LARGE;
const VOLUME_GB: i64 = 30;
const MAX_RUNTIME_SECONDS: i64 = 172_800;
const RETRIES: i64 = 1;

/// Runs a notebook of the pipeline's `code/` as a [notebook job], what the SageMaker Python SDK's `NotebookJobStep` does.
///
/// Image and kernel are those that the notebook was written with: one of [SageMaker's distribution], or one of one's own. The
/// notebook with its results goes to `s3://DATA/PIPELINE/EXECUTION/STEP`, unless [`output_root`](Self::output_root) says otherwise.
///
/// ```
/// # use pipewright_model::{CodeAsset, Expr, Script};
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{image, NotebookJob};
/// # struct Report;
/// # impl Script for Report {
/// #     fn asset(&self) -> CodeAsset { CodeAsset::text("report.ipynb", "{}") }
/// #     fn entry(&self) -> &str { "report.ipynb" }
/// #     fn arguments(&self) -> Vec<Expr<String>> { Vec::new() }
/// # }
/// let mut p = Graph::new();
/// let image = image::ecr("notebooks:1.0");
/// let report = p.add("Report", NotebookJob::new(image, Report, "python3").parameter("month", "2026-01"));
/// let results = report.output_prefix();
/// ```
///
/// [notebook job]: https://docs.aws.amazon.com/sagemaker/latest/dg/create-notebook-auto-run-sdk.html
/// [SageMaker's distribution]: https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-images.html
#[derive(Clone, Debug)]
pub struct NotebookJob {
    request: CreateTrainingJobRequest,
    /// The notebook's file name, and the job's name if it was given.
    notebook: String,
    job_name: Option<String>,
    root: Option<Expr<String>>,
    files: Vec<CodeAsset>,
    environment: Object,
    common: Common,
}

impl NotebookJob {
    /// Runs a notebook with an image and one of the image's kernels, such as `python3`.
    pub fn new(
        image: impl Into<Expr<String>>,
        notebook: impl Script,
        kernel: impl Into<Expr<String>>,
    ) -> Self {
        let mut request = Object::new();
        request.set("RoleArn", pipeline_role());
        request.object_mut("StoppingCondition").set("MaxRuntimeInSeconds", MAX_RUNTIME_SECONDS);
        let algorithm = request.object_mut("AlgorithmSpecification");
        algorithm.set("TrainingImage", image.into());
        algorithm.set("TrainingInputMode", Expr::from(TrainingInputMode::FILE));
        algorithm.set("ContainerEntrypoint", vec![Node::text(SCHEDULER)]);
        let resources = request.object_mut("ResourceConfig");
        resources.set("VolumeSizeInGB", VOLUME_GB);
        resources.set("InstanceCount", 1);
        resources.set("InstanceType", Expr::from(INSTANCE_TYPE));
        let notebook_name = notebook.entry().to_owned();
        let mut environment = Object::new();
        environment.set("AWS_DEFAULT_REGION", join!(Deploy::Region));
        environment.set("SM_JOB_DEF_VERSION", "1.0");
        environment.set("SM_ENV_NAME", "sagemaker-default-env");
        environment.set("SM_SKIP_EFS_SIMULATION", "true");
        environment.set("SM_EXECUTION_INPUT_PATH", format!("/opt/ml/input/data/{CHANNEL}"));
        environment.set("SM_KERNEL_NAME", kernel.into());
        environment.set("SM_INPUT_NOTEBOOK_NAME", notebook_name.clone());
        Self {
            request: CreateTrainingJobRequest(request)
                .retry_strategy(RetryStrategy::new(RETRIES))
                .enable_inter_container_traffic_encryption(true),
            notebook: notebook_name,
            job_name: None,
            root: None,
            files: vec![notebook.asset()],
            environment,
            common: Common::default(),
        }
    }

    /// The name of the job in Studio and of the notebook that it leaves: a letter, then letters, digits, hyphens and underscores. The
    /// notebook's own name unless said.
    pub fn job_name(mut self, name: impl Into<String>) -> Self {
        self.job_name = Some(name.into());
        self
    }

    /// Sets a variable of the notebook's cell with the tag `parameters`: up to 100 of up to 2,500 characters.
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.request.0, "HyperParameters", name, value);
        self
    }

    /// Sets an environment variable: up to 100 of up to 512 characters. Those of the job itself can't be set.
    pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        set_entry(&mut self.request.0, "Environment", key, value);
        self
    }

    /// Runs a shell script of the pipeline's `code/` in the notebook's shell before the notebook.
    pub fn initialization_script(mut self, script: impl Script) -> Self {
        self.environment.set("SM_INIT_SCRIPT", script.entry().to_owned());
        self.dependency(script)
    }

    /// Puts a file of the pipeline's `code/` beside the notebook.
    pub fn dependency(mut self, file: impl Script) -> Self {
        self.files.push(file.asset());
        self
    }

    /// The type of the one instance: `ml.m5.large` unless said.
    pub fn instance_type(mut self, instance_type: impl Into<Expr<TrainingInstanceType>>) -> Self {
        self.request.0.object_mut("ResourceConfig").set("InstanceType", instance_type.into());
        self
    }

    /// The instance's storage in GB; 30 unless said.
    pub fn volume_gb(mut self, size: impl Into<Expr<i64>>) -> Self {
        self.request.0.object_mut("ResourceConfig").set("VolumeSizeInGB", size.into());
        self
    }

    /// The key that encrypts the instance's storage.
    pub fn volume_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.request.0.object_mut("ResourceConfig").set("VolumeKmsKeyId", key.into());
        self
    }

    /// The S3 prefix that the notebook with its results goes below, as `ROOT/PIPELINE/EXECUTION/STEP`. It does not end in a slash.
    pub fn output_root(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.root = Some(uri.into());
        self
    }

    /// The key that encrypts what the job leaves in S3.
    pub fn output_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
        self.request.0.object_mut("OutputDataConfig").set("KmsKeyId", key.into());
        self
    }

    /// The longest time the job may take, in seconds; two days unless said. Each retry has as long.
    pub fn max_runtime_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
        self.request.0.object_mut("StoppingCondition").set("MaxRuntimeInSeconds", seconds.into());
        self
    }

    /// How often SageMaker starts the job again after a failure of its own: 1 to 30; once unless said.
    pub fn max_retry_attempts(mut self, attempts: impl Into<Expr<i64>>) -> Self {
        self.request = self.request.retry_strategy(RetryStrategy::new(attempts));
        self
    }

    /// Subnets and security groups.
    pub fn vpc(mut self, vpc: VpcConfig) -> Self {
        self.request = self.request.vpc_config(vpc);
        self
    }

    /// Whether traffic between the containers is encrypted: it is unless said.
    pub fn inter_container_encryption(mut self, enabled: impl Into<Expr<bool>>) -> Self {
        self.request = self.request.enable_inter_container_traffic_encryption(enabled);
        self
    }

    /// The role that the job runs under instead of the pipeline's own.
    pub fn role(mut self, arn: impl Into<Expr<String>>) -> Self {
        self.request = self.request.role_arn(arn);
        self
    }

    /// Tags the job. By the tags of domain and user profile or space Studio decides whom it shows the job to.
    pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
        add_tag(&mut self.request.0, key, value);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(mut self, set: impl FnOnce(CreateTrainingJobRequest) -> CreateTrainingJobRequest) -> Self {
        self.request = set(self.request);
        self
    }
}

settings!(NotebookJob);
impl Retryable for NotebookJob {}

impl Step for NotebookJob {
    type Properties = NotebookJobProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let Self {
            request: CreateTrainingJobRequest(mut request), root, files, environment, mut common, ..
        } = self;
        let (job_name, given) = match self.job_name {
            Some(given) => (given.clone(), given),
            None => (plain(&self.notebook), self.notebook.clone()),
        };
        let prefix = plain(&job_name);
        request.set(
            "TrainingJobName",
            if is_job_name(&job_name) { prefix.clone().into() } else { refused(given) },
        );

        let (uri, files) = CodeAsset::together("input", files);
        common.assets.extend(files);
        request.push("InputDataConfig", Channel::s3(uri).into_request(CHANNEL));
        let output = request.object_mut("OutputDataConfig");
        if output.get("S3OutputPath").is_none() {
            let uri = root.map_or_else(
                || results(&name),
                |root| {
                    let execution = execution::pipeline_execution_id();
                    join!(root, "/", Deploy::PipelineName, "/", execution, "/", name.as_ref())
                },
            );
            output.set("S3OutputPath", uri);
        }
        for (key, value) in [
            ("sagemaker:name", job_name.as_str()),
            ("sagemaker:notebook-name", &self.notebook),
            ("sagemaker:notebook-job-origin", "PIPELINE_STEP"),
            ("sagemaker:is-studio-archived", "false"),
        ] {
            add_tag(&mut request, key, value.to_owned());
        }
        let all = request.object_mut("Environment");
        for (key, node) in environment.iter() {
            all.set(key.to_owned(), node.clone());
        }
        all.set("SM_OUTPUT_NOTEBOOK_NAME", format!("{prefix}.ipynb"));
        StepNode::new(name, "Training", Some(&tables::CREATE_TRAINING_JOB_REQUEST), request, common)
    }
}

/// A name with letters, digits and hyphens alone, a letter or digit first.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

fn is_job_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn refused(name: String) -> Expr<String> {
    let limit = "a letter, then letters, digits, hyphens and underscores";
    Expr::invalid(name, limit, "give the notebook job such a name with `.job_name(…)`")
}

/// What a notebook job says of itself: all that its training job does, and where the notebooks are.
#[derive(Clone, Debug)]
pub struct NotebookJobProperties(DescribeTrainingJobResponse);

impl FromPath for NotebookJobProperties {
    fn from_path(path: Path) -> Self {
        Self(FromPath::from_path(path))
    }
}

impl Deref for NotebookJobProperties {
    type Target = DescribeTrainingJobResponse;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl NotebookJobProperties {
    /// The S3 prefix that the job's folder is below: `PREFIX/JOB/output`.
    pub fn output_prefix(&self) -> Expr<String> {
        self.output_data_config().s3_output_path()
    }

    /// The file name of the notebook with its results.
    pub fn output_notebook(&self) -> Expr<String> {
        self.0.environment().key("SM_OUTPUT_NOTEBOOK_NAME")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected, is_name) in [
            ("nbjob", "nbjob", true),
            ("my_job-1", "my-job-1", true),
            ("_job", "job", false),
            ("nb.ipynb", "nb-ipynb", false),
            ("1st", "1st", false),
        ] {
            assert_eq!((plain(name).as_str(), is_job_name(name)), (expected, is_name), "{name}");
        }
    }
}
