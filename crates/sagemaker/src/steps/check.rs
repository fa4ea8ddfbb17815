//! What quality and bias checks have in common: the processing job that they run, the flags that say what is done with a
//! baseline, and what they give back.

use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{Expr, Node, Object, Path, StepNode};

use super::output::Output;
use super::{Input, pipeline_role};
use crate::enums::{ProcessingInstanceType, ProcessingS3UploadMode};
use crate::requests::CreateProcessingJobRequest;
use crate::tables;

/// Where the containers of both kinds write to.
pub(super) const OUTPUT: &str = "/opt/ml/processing/output";

/// GB of storage for each instance unless said otherwise, as in the SageMaker Python SDK.
const VOLUME_GB: i64 = 30;

/// The job of a check, and the members beside its request.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) request: CreateProcessingJobRequest,
    pub(super) members: Object,
    pub(super) output: Option<Expr<String>>,
    pub(super) common: Common,
}

impl Job {
    pub(super) fn new(check_type: &'static str, image: impl Into<Expr<String>>) -> Self {
        let mut request = Object::new();
        request.set("RoleArn", pipeline_role());
        request.object_mut("AppSpecification").set("ImageUri", image.into());
        let mut members = Object::new();
        members.set("CheckType", check_type);
        members.set("SkipCheck", false);
        members.set("FailOnViolation", true);
        members.set("RegisterNewBaseline", false);
        let request = CreateProcessingJobRequest(request);
        Self { request, members, output: None, common: Common::default() }
    }

    pub(super) fn cluster(&mut self) -> &mut Object {
        self.request.0.object_mut("ProcessingResources").object_mut("ClusterConfig")
    }

    pub(super) fn instances(&mut self, count: Expr<i64>, instance_type: Expr<ProcessingInstanceType>) {
        let cluster = self.cluster();
        cluster.set("InstanceCount", count);
        cluster.set("InstanceType", instance_type);
        if cluster.get("VolumeSizeInGB").is_none() {
            cluster.set("VolumeSizeInGB", VOLUME_GB);
        }
    }

    /// Adds an input, and the asset that it brings.
    pub(super) fn input(&mut self, name: &str, input: Input) {
        self.common.assets.extend(input.asset.clone());
        self.request.0.push("ProcessingInputs", input.name(name).into_request(0));
    }

    pub(super) fn into_step(
        mut self,
        name: Arc<str>,
        kind: &'static str,
        output: &'static str,
        upload_mode: ProcessingS3UploadMode,
    ) -> StepNode {
        let mut result = Output::new(output.into(), OUTPUT.into(), self.output);
        result.upload_mode = upload_mode.into();
        let outputs: Vec<Node> = vec![result.into_request(&name).into()];
        self.request.0.object_mut("ProcessingOutputConfig").set("Outputs", outputs);
        let shape = Some(&tables::CREATE_PROCESSING_JOB_REQUEST);
        let mut step = StepNode::new(name, kind, shape, self.request.0, self.common);
        step.members = self.members;
        step
    }
}

/// A property of a check, such as `CalculatedBaseline` and `Constraints`.
pub(super) fn baseline(path: &Path, member: &'static str) -> Expr<String> {
    pipewright_model::FromPath::from_path(path.member(member))
}

macro_rules! check {
    ($type:ident <$($state:ident),*>) => {
        impl<$($state),*> $type<$($state),*> {
            /// The S3 prefix that the results go to, instead of `s3://DATA/PIPELINE/EXECUTION/STEP/output/NAME`.
            pub fn output_to(mut self, uri: impl Into<Expr<String>>) -> Self {
                self.job.output = Some(uri.into());
                self
            }

            /// Whether the results are held against the baseline at all; they are unless said. A value, or a parameter of the pipeline.
            pub fn skip_check(mut self, skip: impl Into<Expr<bool>>) -> Self {
                self.job.members.set("SkipCheck", skip.into());
                self
            }

            /// Whether the step fails where the results violate the baseline; it does unless said.
            pub fn fail_on_violation(mut self, fail: impl Into<Expr<bool>>) -> Self {
                self.job.members.set("FailOnViolation", fail.into());
                self
            }

            /// Whether the results are the baseline that later steps find as the one used for drift checks; they are not unless said.
            pub fn register_new_baseline(mut self, register: impl Into<Expr<bool>>) -> Self {
                self.job.members.set("RegisterNewBaseline", register.into());
                self
            }

            /// The group of model packages whose latest approved one brings the baseline, where none is supplied.
            pub fn model_package_group(mut self, name: impl Into<Expr<String>>) -> Self {
                self.job.members.set("ModelPackageGroupName", name.into());
                self
            }

            /// The S3 URI of the constraints to hold the results against: a JSON file.
            pub fn supplied_baseline_constraints(mut self, uri: impl Into<Expr<String>>) -> Self {
                self.job.members.set("SuppliedBaselineConstraints", uri.into());
                self
            }

            /// Another image than the one that SageMaker publishes for this.
            pub fn image(mut self, image: impl Into<Expr<String>>) -> Self {
                self.job.request.0.object_mut("AppSpecification").set("ImageUri", image.into());
                self
            }

            /// Sets an environment variable: up to 100 of up to 256 characters, those that the step itself sets included.
            pub fn environment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
                set_entry(&mut self.job.request.0, "Environment", key, value);
                self
            }

            /// Storage of each instance in GB: 1 to 16,384; 30 unless said.
            pub fn volume_gb(mut self, size: impl Into<Expr<i64>>) -> Self {
                self.job.cluster().set("VolumeSizeInGB", size.into());
                self
            }

            /// The key that encrypts the instances' storage.
            pub fn volume_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
                self.job.cluster().set("VolumeKmsKeyId", key.into());
                self
            }

            /// The key that encrypts the results.
            pub fn output_kms_key(mut self, key: impl Into<Expr<String>>) -> Self {
                self.job.request.0.object_mut("ProcessingOutputConfig").set("KmsKeyId", key.into());
                self
            }

            /// The longest time the job may take, in seconds: 1 to 777,600; one day unless said.
            pub fn max_runtime_seconds(mut self, seconds: impl Into<Expr<i64>>) -> Self {
                self.job.request.0.object_mut("StoppingCondition").set("MaxRuntimeInSeconds", seconds.into());
                self
            }

            /// Isolation, encryption between instances, subnets and security groups.
            pub fn network(mut self, network: NetworkConfig) -> Self {
                self.job.request = self.job.request.network_config(network);
                self
            }

            /// The role that the job runs under instead of the pipeline's own.
            pub fn role(mut self, arn: impl Into<Expr<String>>) -> Self {
                self.job.request = self.job.request.role_arn(arn);
                self
            }

            /// Tags the job.
            pub fn tag(mut self, key: impl Into<Expr<String>>, value: impl Into<Expr<String>>) -> Self {
                add_tag(&mut self.job.request.0, key, value);
                self
            }

            /// What the job's name begins with, instead of a name that SageMaker makes of pipeline and step.
            pub fn job_name_prefix(mut self, prefix: impl Into<Expr<String>>) -> Self {
                self.job.request = self.job.request.processing_job_name(prefix);
                self
            }

            /// Sets anything else on the request itself; what the step's own conventions say wins.
            pub fn request(
                mut self,
                set: impl FnOnce(CreateProcessingJobRequest) -> CreateProcessingJobRequest,
            ) -> Self {
                self.job.request = set(self.job.request);
                self
            }
        }

        impl<$($state),*> StepSettings for $type<$($state),*> {
            fn common_mut(&mut self) -> &mut Common {
                &mut self.job.common
            }
        }

        impl<$($state),*> Cacheable for $type<$($state),*> {}
    };
}
pub(super) use check;
