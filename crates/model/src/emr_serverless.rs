//! Steps that run on Amazon EMR Serverless.

use std::borrow::Cow;
use std::sync::Arc;

use crate::expr::Expr;
use crate::node::{Node, Object};
use crate::property::{FromPath, Path};
use crate::shape::{Kind, Member, Range, Rule, Shape};
use crate::step::{Cacheable, Common, Retryable, Step, StepNode, StepSettings};
use crate::text::Text;

/// Runs a job on EMR Serverless: in an application that is there, or in one that is made for it ([`StartJobRun`]).
///
/// ```
/// use pipewright_model::{EmrServerless, Graph, node};
/// let role = "arn:aws:iam::123456789012:role/emr-job";
/// let driver = node!({ "sparkSubmit": { "entryPoint": "s3://bucket/job.py" } });
/// let mut p = Graph::new();
/// let job = p.add("Job", EmrServerless::on_application("00f1r4x2example", role, driver).timeout_minutes(60));
/// let id = job.job_run_id();
/// ```
///
/// The pipeline's role is allowed to start jobs and to pass the job's role. On this machine a stand-in takes its place:
/// `[steps.NAME]` or `[types.EMRServerless]` in `local/run.toml`.
///
/// [`StartJobRun`]: https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html
#[derive(Clone, Debug)]
pub struct EmrServerless {
    arguments: Object,
    common: Common,
}

impl EmrServerless {
    /// In the application of this id, under a role of the job's own. The driver is a [`JobDriver`]: `sparkSubmit` or `hive`.
    ///
    /// [`JobDriver`]: https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_JobDriver.html
    pub fn on_application(
        id: impl Into<Expr<String>>,
        role: impl Into<Expr<String>>,
        driver: impl Into<Node>,
    ) -> Self {
        let id = id.into();
        let mut step = Self::with(role.into(), driver.into());
        step.job("applicationId", id.clone());
        step.arguments.set("ApplicationId", id);
        step
    }

    /// In an application of its own: what [`CreateApplication`] takes, such as `type` and `releaseLabel`.
    ///
    /// [`CreateApplication`]: https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_CreateApplication.html
    pub fn new_application(
        application: impl Into<Node>,
        role: impl Into<Expr<String>>,
        driver: impl Into<Node>,
    ) -> Self {
        let mut step = Self::with(role.into(), driver.into());
        step.arguments.set("ApplicationConfig", application);
        step
    }

    fn with(role: Expr<String>, driver: Node) -> Self {
        let mut step = Self { arguments: Object::new(), common: Common::default() };
        step.arguments.set("ExecutionRoleArn", role.clone());
        step.job("executionRoleArn", role);
        step.job("jobDriver", driver);
        step
    }

    fn job(&mut self, member: &'static str, value: impl Into<Node>) {
        self.arguments.object_mut("JobConfig").set(member, value);
    }

    /// Settings that differ from the application's: a [`ConfigurationOverrides`], such as where logs go.
    ///
    /// [`ConfigurationOverrides`]: https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_ConfigurationOverrides.html
    pub fn configuration_overrides(mut self, overrides: impl Into<Node>) -> Self {
        self.job("configurationOverrides", overrides);
        self
    }

    /// The longest time that the job may take, in minutes; 720 unless said, 0 for no limit.
    pub fn timeout_minutes(mut self, minutes: impl Into<Expr<i64>>) -> Self {
        self.job("executionTimeoutMinutes", minutes.into());
        self
    }

    /// What the job is called: up to 256 characters.
    pub fn job_name(mut self, name: impl Into<Expr<String>>) -> Self {
        self.job("name", name.into());
        self
    }

    /// Tags the job.
    pub fn tag(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        let tags = self.arguments.object_mut("JobConfig").object_mut("tags");
        tags.set(key, value.into().into_expr());
        self
    }
}

impl StepSettings for EmrServerless {
    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }
}

impl Cacheable for EmrServerless {}
impl Retryable for EmrServerless {}

impl Step for EmrServerless {
    type Properties = EmrServerlessProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        StepNode::new(name, "EMRServerless", Some(&STEP), self.arguments, self.common)
    }
}

/// What a job on EMR Serverless says of itself: [`GetJobRun`].
///
/// [`GetJobRun`]: https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_GetJobRun.html
#[derive(Clone, Debug)]
pub struct EmrServerlessProperties {
    path: Path,
}

impl FromPath for EmrServerlessProperties {
    fn from_path(path: Path) -> Self {
        Self { path: path.member("jobRun") }
    }
}

impl EmrServerlessProperties {
    /// The id of the application.
    pub fn application_id(&self) -> Expr<String> {
        Expr::from_path(self.path.member("applicationId"))
    }

    /// The id of the job.
    pub fn job_run_id(&self) -> Expr<String> {
        Expr::from_path(self.path.member("jobRunId"))
    }

    /// How the job ended.
    pub fn state(&self) -> Expr<String> {
        Expr::from_path(self.path.member("state"))
    }
}

const fn text(name: &'static str, most: i64) -> Shape {
    let length = Range::new(Some(1), Some(most));
    Shape { name, kind: Kind::String { length, pattern: None, values: &[] } }
}

static APPLICATION_ID: Shape = text("ApplicationId", 64);
static ROLE: Shape = text("IAMRoleArn", 2048);
static NAME: Shape = text("String256", 256);
static TAG_KEY: Shape = text("TagKey", 128);
static TAG_VALUE: Shape = Shape {
    name: "TagValue",
    kind: Kind::String { length: Range::new(Some(0), Some(256)), pattern: None, values: &[] },
};
static TAGS: Shape = Shape {
    name: "TagMap",
    kind: Kind::Map { key: &TAG_KEY, value: &TAG_VALUE, size: Range::new(Some(0), Some(200)) },
};
static MINUTES: Shape = Shape { name: "Duration", kind: Kind::Integer(Range::new(Some(0), Some(1_000_000))) };
static APPLICATION: Shape = Shape { name: "ApplicationConfig", kind: Kind::Any };
static DRIVER: Shape = Shape { name: "JobDriver", kind: Kind::Any };
static OVERRIDES: Shape = Shape { name: "ConfigurationOverrides", kind: Kind::Any };
static JOB: Shape = Shape {
    name: "JobConfig",
    kind: Kind::Structure {
        members: &[
            Member { name: "applicationId", required: false, shape: &APPLICATION_ID },
            Member { name: "executionRoleArn", required: true, shape: &ROLE },
            Member { name: "jobDriver", required: true, shape: &DRIVER },
            Member { name: "configurationOverrides", required: false, shape: &OVERRIDES },
            Member { name: "executionTimeoutMinutes", required: false, shape: &MINUTES },
            Member { name: "name", required: false, shape: &NAME },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
        rules: &[],
    },
};
static STEP: Shape = Shape {
    name: "EMRServerlessStep",
    kind: Kind::Structure {
        members: &[
            Member { name: "ExecutionRoleArn", required: true, shape: &ROLE },
            Member { name: "ApplicationId", required: false, shape: &APPLICATION_ID },
            Member { name: "ApplicationConfig", required: false, shape: &APPLICATION },
            Member { name: "JobConfig", required: true, shape: &JOB },
        ],
        rules: &[Rule::ExactlyOne(&["ApplicationId", "ApplicationConfig"])],
    },
};
