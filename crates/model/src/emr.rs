//! Steps that run on Amazon EMR.

use std::borrow::Cow;
use std::sync::Arc;

use crate::expr::Expr;
use crate::node::{Node, Object};
use crate::property::{FromPath, Path};
use crate::shape::{Kind, Member, Range, Rule, Shape};
use crate::step::{Cacheable, Common, Retryable, Step, StepNode, StepSettings};
use crate::text::Text;

/// Runs a step on an EMR cluster: one that is there, or one that is made for it and ends with it ([EMR step]).
///
/// ```
/// use pipewright_model::{Emr, EmrCluster, Graph, HadoopJarStep, node};
/// let submit = || HadoopJarStep::new("command-runner.jar").arguments(["spark-submit", "s3://bucket/job.py"]);
/// let mut p = Graph::new();
/// let there = p.add("There", Emr::on_cluster("j-3H6EATEXAMPLE", submit()));
/// let groups = [node!({ "InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.xlarge" })];
/// let cluster = EmrCluster::instance_groups("emr-7.0.0", groups)
///     .set("Applications", node!([{ "Name": "Spark" }]))
///     .set("ServiceRole", "EMR_DefaultRole")
///     .set("JobFlowRole", "EMR_EC2_DefaultRole");
/// let made = p.add("Made", Emr::new_cluster(cluster, submit()));
/// let id = made.cluster_id();
/// ```
///
/// The pipeline's role is allowed to run steps on this cluster, or to make clusters. On this machine a stand-in takes its place:
/// `[steps.NAME]` or `[types.EMR]` in `local/run.toml`.
///
/// [EMR step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-emr
#[derive(Clone, Debug)]
pub struct Emr {
    arguments: Object,
    common: Common,
}

impl Emr {
    /// On the cluster of this id: one that is starting, running or waiting.
    pub fn on_cluster(cluster_id: impl Into<Expr<String>>, step: HadoopJarStep) -> Self {
        Self::with(step, ("ClusterId", cluster_id.into().into_node()))
    }

    /// On a cluster of its own.
    pub fn new_cluster(cluster: EmrCluster, step: HadoopJarStep) -> Self {
        Self::with(step, ("ClusterConfig", cluster.0.into()))
    }

    fn with(step: HadoopJarStep, place: (&'static str, Node)) -> Self {
        let mut arguments = Object::new();
        arguments.object_mut("StepConfig").set("HadoopJarStep", step.0);
        arguments.set(place.0, place.1);
        Self { arguments, common: Common::default() }
    }

    /// The role that the step runs under, where the cluster that is there knows runtime roles.
    pub fn execution_role(mut self, arn: impl Into<Expr<String>>) -> Self {
        self.arguments.set("ExecutionRoleArn", arn.into());
        self
    }
}

impl StepSettings for Emr {
    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }
}

impl Cacheable for Emr {}
impl Retryable for Emr {}

impl Step for Emr {
    type Properties = EmrProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        StepNode::new(name, "EMR", Some(&STEP), self.arguments, self.common)
    }
}

/// What a step on EMR runs ([`HadoopJarStepConfig`]).
///
/// [`HadoopJarStepConfig`]: https://docs.aws.amazon.com/emr/latest/APIReference/API_HadoopJarStepConfig.html
#[derive(Clone, Debug)]
pub struct HadoopJarStep(Object);

impl HadoopJarStep {
    /// A JAR: one in S3, or `command-runner.jar`, which runs its arguments as a command.
    pub fn new(jar: impl Into<Expr<String>>) -> Self {
        Self(Object::from_iter([("Jar", jar.into())]))
    }

    /// Adds arguments.
    pub fn arguments<W: Into<Text>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        for word in words {
            self.0.push("Args", word.into().into_expr());
        }
        self
    }

    /// The class whose `main` is called, where the JAR's manifest does not say.
    pub fn main_class(mut self, name: impl Into<Expr<String>>) -> Self {
        self.0.set("MainClass", name.into());
        self
    }

    /// Sets a Java property.
    pub fn property(mut self, key: impl Into<Expr<String>>, value: impl Into<Text>) -> Self {
        let members = [("Key", key.into()), ("Value", value.into().into_expr())];
        self.0.push("Properties", Object::from_iter(members));
        self
    }
}

/// A cluster that is made for a step: what [`RunJobFlow`] takes, without what a pipeline decides itself.
///
/// [`RunJobFlow`]: https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html
#[derive(Clone, Debug)]
pub struct EmrCluster(Object);

impl EmrCluster {
    /// A cluster of groups of equal instances, each an [`InstanceGroupConfig`], with an EMR release such as `emr-7.0.0`.
    ///
    /// [`InstanceGroupConfig`]: https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceGroupConfig.html
    pub fn instance_groups(
        release: impl Into<Expr<String>>,
        groups: impl IntoIterator<Item = impl Into<Node>>,
    ) -> Self {
        Self::with(release.into(), "InstanceGroups", groups.into_iter().map(Into::into).collect())
    }

    /// A cluster of fleets of mixed instances, each an [`InstanceFleetConfig`], with an EMR release such as `emr-7.0.0`.
    ///
    /// [`InstanceFleetConfig`]: https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetConfig.html
    pub fn instance_fleets(
        release: impl Into<Expr<String>>,
        fleets: impl IntoIterator<Item = impl Into<Node>>,
    ) -> Self {
        Self::with(release.into(), "InstanceFleets", fleets.into_iter().map(Into::into).collect())
    }

    fn with(release: Expr<String>, key: &'static str, instances: Vec<Node>) -> Self {
        let mut cluster = Object::from_iter([("ReleaseLabel", release)]);
        cluster.object_mut("Instances").set(key, instances);
        Self(cluster)
    }

    /// Sets anything else by the name that `RunJobFlow` has for it. `Name`, `Steps` and `AutoTerminationPolicy` are the pipeline's.
    pub fn set(mut self, member: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        let member = member.into();
        let value = if CLUSTER_REFUSED.contains(&&*member) { refused(&member) } else { value.into() };
        self.0.set(member, value);
        self
    }

    /// Sets anything else of `Instances`, such as `Ec2SubnetId`. `KeepJobFlowAliveWhenNoSteps` and `TerminationProtected` are the
    /// pipeline's.
    pub fn instances(mut self, member: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        let member = member.into();
        let value = if INSTANCES_REFUSED.contains(&&*member) { refused(&member) } else { value.into() };
        self.0.object_mut("Instances").set(member, value);
        self
    }
}

const CLUSTER_REFUSED: [&str; 4] = ["AutoTerminationPolicy", "Instances", "Name", "Steps"];
const INSTANCES_REFUSED: [&str; 4] =
    ["InstanceFleets", "InstanceGroups", "KeepJobFlowAliveWhenNoSteps", "TerminationProtected"];

/// A member that is not the author's to set.
fn refused(member: &str) -> Node {
    let (limit, help) = match member {
        "Instances" => ("nothing here", "set one of its members: `.instances(name, value)`"),
        "InstanceFleets" | "InstanceGroups" => {
            ("nothing here", "say them at once: `EmrCluster::instance_groups(…)` or `…::instance_fleets(…)`")
        }
        _ => ("what the pipeline decides", "leave it out"),
    };
    Expr::invalid(member, limit, help).into_node()
}

/// What an EMR step says of itself: the cluster, and EMR's own description of the [step].
///
/// [step]: https://docs.aws.amazon.com/emr/latest/APIReference/API_Step.html
#[derive(Clone, Debug)]
pub struct EmrProperties {
    path: Path,
}

impl FromPath for EmrProperties {
    fn from_path(path: Path) -> Self {
        Self { path }
    }
}

impl EmrProperties {
    /// The id of the cluster.
    pub fn cluster_id(&self) -> Expr<String> {
        Expr::from_path(self.path.member("ClusterId"))
    }

    /// The id of the step on the cluster.
    pub fn id(&self) -> Expr<String> {
        Expr::from_path(self.path.member("Id"))
    }

    /// How the step ended: `Status.State`.
    pub fn state(&self) -> Expr<String> {
        Expr::from_path(self.path.member("Status").member("State"))
    }
}

static TEXT: Shape = Shape {
    name: "XmlString",
    kind: Kind::String { length: Range::new(Some(0), Some(10_280)), pattern: None, values: &[] },
};
static ID: Shape = Shape {
    name: "ClusterId",
    kind: Kind::String { length: Range::new(Some(1), Some(256)), pattern: None, values: &[] },
};
static ARN: Shape = Shape {
    name: "ArnType",
    kind: Kind::String { length: Range::new(Some(20), Some(2048)), pattern: None, values: &[] },
};
static ANY: Shape = Shape { name: "ClusterConfig", kind: Kind::Any };
static WORDS: Shape = Shape { name: "XmlStringList", kind: Kind::List { item: &TEXT, size: Range::ANY } };
static KEY_VALUE: Shape = Shape {
    name: "KeyValue",
    kind: Kind::Structure {
        members: &[
            Member { name: "Key", required: true, shape: &TEXT },
            Member { name: "Value", required: true, shape: &TEXT },
        ],
        rules: &[],
    },
};
static KEY_VALUES: Shape =
    Shape { name: "KeyValueList", kind: Kind::List { item: &KEY_VALUE, size: Range::ANY } };
static JAR: Shape = Shape {
    name: "HadoopJarStepConfig",
    kind: Kind::Structure {
        members: &[
            Member { name: "Jar", required: true, shape: &TEXT },
            Member { name: "Args", required: false, shape: &WORDS },
            Member { name: "MainClass", required: false, shape: &TEXT },
            Member { name: "Properties", required: false, shape: &KEY_VALUES },
        ],
        rules: &[],
    },
};
static CONFIG: Shape = Shape {
    name: "StepConfig",
    kind: Kind::Structure {
        members: &[Member { name: "HadoopJarStep", required: true, shape: &JAR }],
        rules: &[],
    },
};
static STEP: Shape = Shape {
    name: "EMRStep",
    kind: Kind::Structure {
        members: &[
            Member { name: "StepConfig", required: true, shape: &CONFIG },
            Member { name: "ClusterId", required: false, shape: &ID },
            Member { name: "ExecutionRoleArn", required: false, shape: &ARN },
            Member { name: "ClusterConfig", required: false, shape: &ANY },
        ],
        rules: &[
            Rule::ExactlyOne(&["ClusterId", "ClusterConfig"]),
            Rule::AtMostOne(&["ClusterConfig", "ExecutionRoleArn"]),
        ],
    },
};
