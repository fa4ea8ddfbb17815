//! Steps: what every kind has in common, and the kinds that need no SageMaker shape.

use std::borrow::Cow;
use std::sync::Arc;

use crate::code::CodeAsset;
use crate::condition::Condition;
use crate::dependency::{Dependency, Trigger};
use crate::expr::Expression;
use crate::graph::StepList;
use crate::handle::{PropertyFile, StepRef};
use crate::node::{Node, Object};
use crate::policy::{Cache, Retry};
use crate::property::FromPath;
use crate::shape::{Kind, Shape};
use crate::text::Text;

/// A kind of step that can be added to a graph.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be added to a graph yet",
    label = "not a complete step",
    note = "a job needs its image and its instances first: `.image(…)`, `.instances(…)`"
)]
pub trait Step {
    /// What a handle of it leads to: the shape of the job's description.
    type Properties: FromPath;

    /// The step under a name.
    fn into_step(self, name: Arc<str>) -> StepNode;
}

/// A step in a graph, ready to be checked and written.
#[derive(Clone, Debug)]
pub struct StepNode {
    /// The name, unique in the pipeline.
    pub name: Arc<str>,
    /// SageMaker's name of the kind: `Processing`.
    pub kind: Cow<'static, str>,
    /// The request, or whatever else the kind takes.
    pub arguments: Object,
    /// The shape of the arguments; `None` where they are free.
    pub shape: Option<&'static Shape>,
    /// What every kind has in common.
    pub common: Common,
    /// Members beside the common ones, for kinds that have them.
    pub members: Object,
    /// The steps of a Condition step's branches.
    pub branches: Option<Branches>,
}

/// The two branches of a Condition step.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    /// The steps where the conditions hold.
    pub if_steps: Vec<StepNode>,
    /// The steps where they don't.
    pub else_steps: Vec<StepNode>,
}

impl StepNode {
    /// A step without branches. Its arguments are put into the order of their shape.
    pub fn new(
        name: Arc<str>,
        kind: &'static str,
        shape: Option<&'static Shape>,
        mut arguments: Object,
        common: Common,
    ) -> Self {
        if let Some(shape) = shape {
            order(&mut arguments, shape);
        }
        Self {
            name,
            kind: Cow::Borrowed(kind),
            arguments,
            shape,
            common,
            members: Object::new(),
            branches: None,
        }
    }

    /// Every expression in the step, not those in its branches.
    pub(crate) fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        for object in [&self.arguments, &self.members] {
            object.iter().for_each(|(_, node)| node.expressions(visit));
        }
    }
}

/// Puts members of an object into the order of its shape, all the way down.
fn order(object: &mut Object, shape: &'static Shape) {
    object.sort_by_rank(|name| shape.rank(name));
    for (name, value) in object.values_mut() {
        if let Some(shape) = shape.member(name) {
            order_node(value, shape);
        }
    }
}

fn order_node(node: &mut Node, shape: &'static Shape) {
    match (node, &shape.kind) {
        (Node::Object(object), Kind::Structure { .. }) => order(object, shape),
        (Node::Object(object), Kind::Map { value, .. }) => {
            object.values_mut().for_each(|(_, node)| order_node(node, value));
        }
        (Node::List(list), Kind::List { item, .. }) => {
            for node in list {
                order_node(node, item);
            }
        }
        _ => {}
    }
}

/// What every kind of step has in common.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// The name that Studio shows.
    pub display_name: Option<String>,
    /// What the step is for.
    pub description: Option<String>,
    /// Steps that end before this one begins, beside those whose results it uses.
    pub depends_on: Vec<Dependency>,
    /// Step caching.
    pub cache: Option<Cache>,
    /// Retry policies, in order.
    pub retry: Vec<Retry>,
    /// JSON files among a processing job's outputs.
    pub property_files: Vec<PropertyFile>,
    /// Code to upload.
    pub assets: Vec<CodeAsset>,
}

/// Settings of every kind of step.
pub trait StepSettings: Sized {
    /// Where the settings are kept.
    #[doc(hidden)]
    fn common_mut(&mut self) -> &mut Common;

    /// Begins only after `step` has succeeded, even where it uses none of its results.
    fn depends_on(self, step: &impl StepRef) -> Self {
        self.depends_on_end_of(step, Trigger::Completed)
    }

    /// Begins only after `step` has failed: the execution goes on, and ends as `CompletedWithFailures`. Where `step` succeeds,
    /// this one does not run.
    ///
    /// ```
    /// use pipewright_model::{Callback, Fail, Graph, Lambda, StepSettings};
    /// let mut p = Graph::new();
    /// let check = p.add("Check", Lambda::new("arn:aws:lambda:eu-west-1:123456789012:function:check"));
    /// let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/alarms";
    /// p.add("Tell", Callback::new(queue).input("step", check.name().to_owned()).depends_on_failure_of(&check));
    /// ```
    fn depends_on_failure_of(self, step: &impl StepRef) -> Self {
        self.depends_on_end_of(step, Trigger::Failed)
    }

    /// Begins only after `step` was stopped.
    fn depends_on_stop_of(self, step: &impl StepRef) -> Self {
        self.depends_on_end_of(step, Trigger::Stopped)
    }

    /// Begins only after `step` has ended as the trigger says: [`Trigger::Any`] is for whatever has to be done in any case. What is
    /// said last of a step counts.
    fn depends_on_end_of(mut self, step: &impl StepRef, trigger: Trigger) -> Self {
        let name = step.step_name();
        let depends_on = &mut self.common_mut().depends_on;
        match depends_on.iter_mut().find(|known| known.step == *name) {
            Some(known) => known.trigger = trigger,
            None => depends_on.push(Dependency { step: Arc::clone(name), trigger }),
        }
        self
    }

    /// The name that Studio shows instead of the step's own: up to 256 characters.
    fn display_name(mut self, name: impl Into<String>) -> Self {
        self.common_mut().display_name = Some(name.into());
        self
    }

    /// What the step is for: up to 3,072 characters.
    fn description(mut self, text: impl Into<String>) -> Self {
        self.common_mut().description = Some(text.into());
        self
    }
}

/// Kinds of step whose results SageMaker can take from an earlier execution.
pub trait Cacheable: StepSettings {
    /// Sets step caching.
    fn cache(mut self, cache: Cache) -> Self {
        self.common_mut().cache = Some(cache);
        self
    }
}

/// Kinds of step that can be tried again.
pub trait Retryable: StepSettings {
    /// Adds a retry policy; the first that fits a failure decides.
    fn retry(mut self, retry: Retry) -> Self {
        self.common_mut().retry.push(retry);
        self
    }
}

macro_rules! common {
    ($type:ty) => {
        impl StepSettings for $type {
            fn common_mut(&mut self) -> &mut Common {
                &mut self.common
            }
        }
    };
}

/// Ends the execution as failed, with a message ([Fail step]).
///
/// ```
/// use pipewright_model::{execution, join, Fail, Graph};
/// let mut p = Graph::new();
/// p.add("TooInaccurate", Fail::new(join!("no good model in ", execution::pipeline_name())));
/// ```
///
/// [Fail step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-fail
#[derive(Clone, Debug)]
pub struct Fail {
    message: Node,
    common: Common,
}

impl Fail {
    /// Fails with this message: up to 3,072 characters.
    pub fn new(message: impl Into<Text>) -> Self {
        Self { message: message.into().into_expr().into_node(), common: Common::default() }
    }
}

common!(Fail);

impl Step for Fail {
    type Properties = ();

    fn into_step(self, name: Arc<str>) -> StepNode {
        let mut arguments = Object::new();
        arguments.set("ErrorMessage", self.message);
        StepNode::new(name, "Fail", Some(&FAIL), arguments, self.common)
    }
}

static FAIL: Shape = Shape {
    name: "FailStep",
    kind: crate::shape::Kind::Structure {
        members: &[crate::shape::Member { name: "ErrorMessage", required: true, shape: &ERROR_MESSAGE }],
        rules: &[],
    },
};

static ERROR_MESSAGE: Shape = Shape {
    name: "ErrorMessage",
    kind: crate::shape::Kind::String {
        length: crate::shape::Range::new(None, Some(3072)),
        pattern: None,
        values: &[],
    },
};

/// Takes one of two branches ([Condition step]).
///
/// ```
/// use pipewright_model::{Fail, Graph, Ordered, Parameter, ParameterDecl, ParameterKind};
/// use pipewright_model::step::ConditionStep;
/// let threshold = Parameter::<f64>::declare(ParameterDecl::new("Threshold", ParameterKind::Float));
/// let mut p = Graph::new();
/// p.add("Check", ConditionStep::when(threshold.less_than(0.1))
///     .then(|p| { p.add("TooStrict", Fail::new("the threshold is below the noise")); })
///     .otherwise(|p| { /* … */ }));
/// ```
///
/// [Condition step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
#[derive(Clone, Debug)]
pub struct ConditionStep {
    condition: Condition,
    branches: Branches,
    common: Common,
}

impl ConditionStep {
    /// Decides by a condition; several that all have to hold are put together with `&`.
    pub fn when(condition: Condition) -> Self {
        Self { condition, branches: Branches::default(), common: Common::default() }
    }
}

impl ConditionStep {
    /// Adds the steps that run where the condition holds.
    pub fn then(mut self, steps: impl FnOnce(&mut StepList)) -> Self {
        let mut list = StepList::default();
        steps(&mut list);
        self.branches.if_steps.extend(list.into_steps());
        self
    }

    /// Adds the steps that run where the condition does not hold.
    pub fn otherwise(mut self, steps: impl FnOnce(&mut StepList)) -> Self {
        let mut list = StepList::default();
        steps(&mut list);
        self.branches.else_steps.extend(list.into_steps());
        self
    }
}

common!(ConditionStep);

/// What can be read from a Condition step.
#[derive(Clone, Debug)]
pub struct ConditionProperties {
    path: crate::Path,
}

impl FromPath for ConditionProperties {
    fn from_path(path: crate::Path) -> Self {
        Self { path }
    }
}

impl ConditionProperties {
    /// Whether the conditions held.
    pub fn outcome(&self) -> crate::Expr<bool> {
        crate::Expr::from_path(self.path.member("Outcome"))
    }
}

impl Step for ConditionStep {
    type Properties = ConditionProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let mut arguments = Object::new();
        arguments.set("Conditions", self.condition.top_level());
        let mut step = StepNode::new(name, "Condition", None, arguments, self.common);
        step.branches = Some(self.branches);
        step
    }
}

/// A step of any kind, written as SageMaker reads it.
///
/// For what this library has no builder for yet. References out of it are typed by their author
/// with [`Handle::property`](crate::Handle::property); references into it are checked like all others.
///
/// ```
/// use pipewright_model::{execution, node, Expr, Graph, Raw};
/// let mut p = Graph::new();
/// let job = p.add("Export", Raw::new("EMRServerless")
///     .arguments(node!({
///         "ApplicationId": "00abc",
///         "ExecutionRoleArn": "arn:aws:iam::123456789012:role/emr",
///         "JobConfig": { "name": (execution::pipeline_execution_id()) },
///     })));
/// let id: Expr<String> = job.property("JobRunId");
/// ```
#[derive(Clone, Debug)]
pub struct Raw {
    kind: Cow<'static, str>,
    arguments: Object,
    members: Object,
    common: Common,
}

impl Raw {
    /// A step of a kind, without arguments.
    pub fn new(kind: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: kind.into(),
            arguments: Object::new(),
            members: Object::new(),
            common: Common::default(),
        }
    }

    /// Sets all arguments. Anything but an object leaves them empty.
    pub fn arguments(mut self, arguments: impl Into<Node>) -> Self {
        if let Node::Object(object) = arguments.into() {
            self.arguments = object;
        }
        self
    }

    /// Sets one argument.
    pub fn argument(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        self.arguments.set(name, value);
        self
    }

    /// Sets a member beside `Arguments`, such as `FunctionArn` of a Lambda step.
    pub fn member(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        self.members.set(name, value);
        self
    }

    /// Adds code that is to be uploaded.
    pub fn asset(mut self, asset: CodeAsset) -> Self {
        self.common.assets.push(asset);
        self
    }
}

common!(Raw);
impl Cacheable for Raw {}
impl Retryable for Raw {}

impl Step for Raw {
    type Properties = ();

    fn into_step(self, name: Arc<str>) -> StepNode {
        let Self { kind, arguments, members, common } = self;
        StepNode { name, kind, arguments, shape: None, common, members, branches: None }
    }
}

/// A [`Node`] in JSON's notation. A value is a literal, a list, an object, a variable, or any
/// expression in parentheses that converts into a node.
///
/// ```
/// use pipewright_model::{execution, node};
/// let input = node!({ "Run": (execution::pipeline_execution_id()), "Tags": ["a", "b"], "Depth": 3 });
/// ```
#[macro_export]
macro_rules! node {
    (null) => { $crate::Node::Null };
    ([ $($item:tt),* $(,)? ]) => { $crate::Node::List(vec![ $($crate::node!($item)),* ]) };
    ({}) => { $crate::Node::Object($crate::Object::new()) };
    ({ $($key:tt : $value:tt),* $(,)? }) => {
        $crate::Node::Object([ $(($key, $crate::node!($value))),* ].into_iter().collect::<$crate::Object>())
    };
    ($value:expr) => { $crate::Node::from($value) };
}
