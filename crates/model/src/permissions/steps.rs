//! What each kind of step takes, and the walk through its arguments.

use std::collections::BTreeSet;

use super::Collector;
use super::known::{Known, readings};
use super::places::Access;
use crate::code::AssetSource;
use crate::expr::{Document, Expression};
use crate::node::{Node, Object};
use crate::step::StepNode;

/// A kind of step that makes something of SageMaker's.
struct Kind {
    names: &'static [&'static str],
    sid: &'static str,
    actions: &'static [&'static str],
    resource: &'static str,
    /// The member that would name it, where its author wants another name than `pipelines-…`.
    name: &'static str,
    /// The part of its log group's name after `/aws/sagemaker/`, and of the name of its metrics.
    logs: Option<&'static str>,
}

const KINDS: [Kind; 10] = [
    Kind {
        names: &["Processing", "AutoML", "ClarifyCheck", "QualityCheck"],
        sid: "ProcessingJobs",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateProcessingJob",
            "sagemaker:DescribeProcessingJob",
            "sagemaker:StopProcessingJob",
        ],
        resource: "processing-job",
        name: "ProcessingJobName",
        logs: Some("ProcessingJobs"),
    },
    Kind {
        names: &["Training", "AutoML", "Tuning"],
        sid: "TrainingJobs",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
            "sagemaker:StopTrainingJob",
        ],
        resource: "training-job",
        name: "TrainingJobName",
        logs: Some("TrainingJobs"),
    },
    Kind {
        names: &["Tuning"],
        sid: "TuningJobs",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateHyperParameterTuningJob",
            "sagemaker:DescribeHyperParameterTuningJob",
            "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
            "sagemaker:StopHyperParameterTuningJob",
        ],
        resource: "hyper-parameter-tuning-job",
        name: "HyperParameterTuningJobName",
        logs: None,
    },
    Kind {
        names: &["AutoML"],
        sid: "AutoMLJobs",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateAutoMLJob",
            "sagemaker:DescribeAutoMLJob",
            "sagemaker:ListCandidatesForAutoMLJob",
            "sagemaker:StopAutoMLJob",
        ],
        resource: "automl-job",
        name: "AutoMLJobName",
        logs: None,
    },
    Kind {
        names: &["Transform", "AutoML"],
        sid: "TransformJobs",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateTransformJob",
            "sagemaker:DescribeTransformJob",
            "sagemaker:StopTransformJob",
        ],
        resource: "transform-job",
        name: "TransformJobName",
        logs: Some("TransformJobs"),
    },
    Kind {
        names: &["Model", "AutoML"],
        sid: "Models",
        actions: &["sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DescribeModel"],
        resource: "model",
        name: "ModelName",
        logs: None,
    },
    Kind {
        names: &["EndpointConfig"],
        sid: "EndpointConfigs",
        actions: &["sagemaker:AddTags", "sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig"],
        resource: "endpoint-config",
        name: "EndpointConfigName",
        logs: None,
    },
    Kind {
        names: &["Endpoint"],
        sid: "EndpointConfigs",
        actions: &[
            "sagemaker:CreateEndpoint",
            "sagemaker:DescribeEndpointConfig",
            "sagemaker:UpdateEndpoint",
        ],
        resource: "endpoint-config",
        name: "EndpointConfigName",
        logs: None,
    },
    Kind {
        names: &["Endpoint", "InferenceComponent"],
        sid: "Endpoints",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateEndpoint",
            "sagemaker:DescribeEndpoint",
            "sagemaker:UpdateEndpoint",
        ],
        resource: "endpoint",
        name: "EndpointName",
        logs: None,
    },
    Kind {
        names: &["InferenceComponent"],
        sid: "InferenceComponents",
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateInferenceComponent",
            "sagemaker:DescribeInferenceComponent",
            "sagemaker:UpdateInferenceComponent",
            "sagemaker:UpdateInferenceComponentRuntimeConfig",
        ],
        resource: "inference-component",
        name: "InferenceComponentName",
        logs: None,
    },
];

/// What names a job that makes jobs of its own, whose names begin with its.
const MAKERS: [&str; 2] = ["AutoMLJobName", "HyperParameterTuningJobName"];

/// Kinds that need nothing, what their arguments name, or what is written out below.
const OTHERS: [&str; 8] =
    ["Callback", "Condition", "EMR", "EMRServerless", "Fail", "Lambda", "Lineage", "RegisterModel"];

/// Members below which a URI is written to.
const OUTPUTS: [&str; 8] = [
    "CheckpointConfig",
    "DataCaptureConfig",
    "DebugHookConfig",
    "OutputDataConfig",
    "ProcessingOutputConfig",
    "ProfilerConfig",
    "TensorBoardOutputConfig",
    "TransformOutput",
];

/// Members whose text only a container understands.
const FREE: [&str; 5] =
    ["ContainerArguments", "ContainerEntrypoint", "Environment", "HyperParameters", "StaticHyperParameters"];

pub(super) fn is_known(kind: &str) -> bool {
    OTHERS.contains(&kind) || KINDS.iter().any(|known| known.names.contains(&kind))
}

impl Collector<'_> {
    pub(super) fn readings(&self, node: &Node) -> Vec<Known> {
        readings(node, self.pipeline, self.environment)
    }

    pub(super) fn of_step(&mut self, step: &StepNode) {
        for kind in KINDS.iter().filter(|kind| kind.names.contains(&&*step.kind)) {
            self.job(kind, &step.arguments);
        }
        match &*step.kind {
            "RegisterModel" => self.model_package(&step.arguments),
            "ClarifyCheck" | "QualityCheck" => self.check(step),
            "EMR" => self.emr(&step.arguments),
            "EMRServerless" => self.emr_serverless(&step.arguments),
            // It names places without reading them.
            "Lineage" => return self.lineage(&step.arguments),
            _ => {}
        }
        if !step.common.assets.is_empty() {
            self.code();
        }
        self.on_emr = matches!(&*step.kind, "EMR" | "EMRServerless");
        self.object(&step.arguments, Access::Read);
        self.object(&step.members, Access::Read);
    }

    fn job(&mut self, kind: &Kind, arguments: &Object) {
        // SageMaker calls what a pipeline makes pipelines-EXECUTION-STEP-RANDOM and shortens the step's name as it
        // sees fit, so that nothing after the beginning can be relied on.
        let mut names = vec![Known { text: "pipelines-".to_owned(), complete: false }];
        for member in [kind.name].iter().chain(&MAKERS) {
            let given = arguments.get(member).map(|name| self.readings(name)).unwrap_or_default();
            names.extend(given.into_iter().filter(|name| !name.text.is_empty()));
        }
        for name in names {
            let begins = Known { complete: false, ..name };
            let resources = self.named_arns(kind.resource, &begins, "");
            self.allow(kind.sid, kind.actions, resources);
        }
        let Some(logs) = kind.logs else { return };
        let group = format!("log-group:/aws/sagemaker/{logs}");
        let groups = [self.arn("logs", &group), self.arn("logs", &format!("{group}:*"))];
        let actions =
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
        self.allow("Logs", &actions, groups);
        self.allow("Metrics", &["cloudwatch:PutMetricData"], ["*"]).only_where(
            "StringEquals",
            "cloudwatch:namespace",
            format!("/aws/sagemaker/{logs}"),
        );
    }

    fn model_package(&mut self, arguments: &Object) {
        let actions = [
            "sagemaker:AddTags",
            "sagemaker:CreateModelPackage",
            "sagemaker:CreateModelPackageGroup",
            "sagemaker:DescribeModelPackage",
            "sagemaker:DescribeModelPackageGroup",
        ];
        let named = |member: &str| arguments.get(member).map(|node| self.readings(node)).unwrap_or_default();
        let (groups, packages) = (named("ModelPackageGroupName"), named("ModelPackageName"));
        for group in groups {
            let resources = self.group_arns(&group);
            self.allow("ModelPackages", &actions, resources);
        }
        for package in packages {
            let resources = self.named_arns("model-package", &package, "");
            self.allow("ModelPackages", &actions, resources);
        }
    }

    /// A group of model packages, by name or ARN, and its packages.
    fn group_arns(&self, group: &Known) -> BTreeSet<String> {
        let name = group.text.rsplit(":model-package-group/").next().unwrap_or_default().to_owned();
        let group = Known { text: name, complete: group.complete };
        let mut resources = self.named_arns("model-package-group", &group, "");
        resources.extend(self.named_arns("model-package", &group, "/*"));
        resources
    }

    /// A check looks for its baseline in a group's latest approved package. What asks a model makes an endpoint for that, and
    /// deletes it again.
    fn check(&mut self, step: &StepNode) {
        let named =
            |member: &str| step.members.get(member).map(|node| self.readings(node)).unwrap_or_default();
        let (groups, models) = (named("ModelPackageGroupName"), named("ModelName"));
        // The analysis configuration may name more data.
        for asset in &step.common.assets {
            if let AssetSource::Text { text } = &asset.source {
                self.uris(&Known { text: text.to_string(), complete: true }, Access::Read);
            }
        }
        for group in groups {
            let actions = [
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
            ];
            let resources = self.group_arns(&group);
            self.allow("Baselines", &actions, resources);
        }
        for model in models {
            let resources = self.named_arns("model", &model, "");
            self.allow("ClarifyModels", &["sagemaker:DescribeModel"], resources);
            let actions = [
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:InvokeEndpoint",
            ];
            let resources = ["endpoint", "endpoint-config"]
                .map(|kind| self.arn("sagemaker", &format!("{kind}/sm-clarify*")));
            self.allow("ClarifyEndpoints", &actions, resources);
        }
    }

    /// Artifacts go by a number that SageMaker makes of their source.
    fn lineage(&mut self, arguments: &Object) {
        let mut resources = BTreeSet::new();
        for (list, member, resource) in
            [("Actions", "ActionName", "action"), ("Contexts", "ContextName", "context")]
        {
            for entry in arguments.get(list).and_then(Node::as_list).unwrap_or_default() {
                let names = entry.at(&[member]).map(|name| self.readings(name)).unwrap_or_default();
                resources.extend(names.iter().flat_map(|name| self.named_arns(resource, name, "")));
            }
        }
        resources.insert(self.arn("sagemaker", "artifact/*"));
        for association in arguments.get("Associations").and_then(Node::as_list).unwrap_or_default() {
            for end in ["Source", "Destination"] {
                let arns = association.at(&[end, "Arn"]).map(|arn| self.readings(arn)).unwrap_or_default();
                resources.extend(arns.into_iter().filter(|arn| arn.complete).map(|arn| arn.text));
            }
        }
        let actions = [
            "sagemaker:AddAssociation",
            "sagemaker:AddTags",
            "sagemaker:CreateAction",
            "sagemaker:CreateArtifact",
            "sagemaker:CreateContext",
            "sagemaker:DescribeAction",
            "sagemaker:DescribeArtifact",
            "sagemaker:DescribeContext",
        ];
        self.allow("Lineage", &actions, resources);
    }

    pub(super) fn experiment(&mut self, name: &Node) {
        let actions = [
            "sagemaker:AddTags",
            "sagemaker:AssociateTrialComponent",
            "sagemaker:CreateExperiment",
            "sagemaker:CreateTrial",
            "sagemaker:CreateTrialComponent",
            "sagemaker:DescribeExperiment",
            "sagemaker:DescribeTrial",
            "sagemaker:DescribeTrialComponent",
            "sagemaker:UpdateTrialComponent",
        ];
        for name in self.readings(name) {
            let mut resources = self.named_arns("experiment", &name, "");
            // A trial is called after the execution, or as its author says.
            resources.insert(self.arn("sagemaker", "experiment-trial/*"));
            resources.insert(self.arn("sagemaker", "experiment-trial-component/*"));
            self.allow("Experiments", &actions, resources);
        }
    }

    fn object(&mut self, object: &Object, access: Access) {
        for (key, node) in object.iter() {
            let access = if OUTPUTS.contains(&key) {
                Access::Write
            } else if FREE.contains(&key) {
                Access::Free
            } else {
                access
            };
            if key == "VpcConfig" && node.as_object().is_some() {
                self.network(node);
            }
            self.node(key, node, access);
        }
    }

    fn node(&mut self, key: &str, node: &Node, access: Access) {
        match node {
            Node::Object(object) => self.object(object, access),
            Node::List(items) => items.iter().for_each(|item| self.node(key, item, access)),
            Node::Expr(Expression::JsonGet(get)) => {
                if let Document::S3Uri(uri) = &get.document {
                    self.node(key, uri, Access::Read);
                }
            }
            Node::Str(_) | Node::Vouched(_) | Node::Expr(_) => {
                for known in self.readings(node) {
                    self.text(key, &known, access);
                }
            }
            Node::Null | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Invalid(_) => {}
        }
    }

    fn text(&mut self, key: &str, known: &Known, access: Access) {
        self.uris(known, access);
        self.image(known);
        self.function(known);
        match key {
            // One of a step on EMR is passed to EMR.
            "ExecutionRoleArn" if self.on_emr => {}
            "RoleArn" | "ExecutionRoleArn" => self.role(known),
            "SqsQueueUrl" => self.queue(known),
            _ if key.ends_with("KmsKeyId") || key == "KmsKey" => self.key(known),
            _ => {}
        }
    }
}
