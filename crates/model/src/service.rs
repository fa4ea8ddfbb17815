//! Steps that hand over to a function or a queue and get values back: Lambda and Callback.

use std::borrow::Cow;
use std::sync::Arc;

use crate::expr::{Expr, Expression};
use crate::node::{Node, Object};
use crate::parameter::{ParameterKind, ParameterType};
use crate::property::{FromPath, Path};
use crate::step::{Cacheable, Common, Step, StepNode, StepSettings};

/// What a Lambda or a Callback step gave back.
#[derive(Clone, Debug)]
pub struct OutputParameters {
    path: Path,
}

impl FromPath for OutputParameters {
    fn from_path(path: Path) -> Self {
        Self { path }
    }
}

impl OutputParameters {
    /// An output by its name, of the type that the step declares it with. A name that it does not declare, and one that it declares with
    /// another type, is an error of the graph.
    pub fn output<T: ParameterType>(&self, name: impl Into<Cow<'static, str>>) -> Expr<T> {
        let step = Arc::clone(self.path.step());
        Expr::from_node(Expression::Output { step, name: name.into(), kind: T::KIND }.into())
    }
}

/// What both kinds have: something to send, and outputs that come back.
#[derive(Clone, Debug, Default)]
struct Exchange {
    arguments: Object,
    outputs: Vec<(Cow<'static, str>, ParameterKind)>,
    common: Common,
}

impl Exchange {
    fn into_step(self, name: Arc<str>, kind: &'static str, target: (&'static str, Node)) -> StepNode {
        let outputs: Vec<Node> = self
            .outputs
            .into_iter()
            .map(|(name, kind)| {
                let kind = format!("{kind:?}");
                Object::from_iter([("OutputName", Node::Str(name)), ("OutputType", Node::from(kind))]).into()
            })
            .collect();
        let mut step = StepNode::new(name, kind, None, self.arguments, self.common);
        step.members.set(target.0, target.1);
        step.members.set("OutputParameters", Node::List(outputs));
        step
    }
}

macro_rules! exchange {
    ($type:ident, $input:literal) => {
        impl $type {
            #[doc = $input]
            pub fn input(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
                self.exchange.arguments.set(name, value);
                self
            }

            /// Declares an output of this type: up to 50, text of up to 1,024 characters. Read it with `handle.output::<T>(name)`.
            pub fn returns<T: ParameterType>(mut self, name: impl Into<Cow<'static, str>>) -> Self {
                self.exchange.outputs.push((name.into(), T::KIND));
                self
            }
        }

        impl StepSettings for $type {
            fn common_mut(&mut self) -> &mut Common {
                &mut self.exchange.common
            }
        }

        impl Cacheable for $type {}
    };
}

/// Calls a Lambda function and waits for its answer, ten minutes at most ([Lambda step]).
///
/// ```
/// use pipewright_model::{execution, Fail, Graph, Lambda, Ordered, ConditionStep};
/// let mut p = Graph::new();
/// let check = p.add("Check", Lambda::new("arn:aws:lambda:eu-west-1:123456789012:function:check")
///     .input("run", execution::pipeline_execution_id())
///     .returns::<f64>("rmse"));
/// p.add("GoodEnough", ConditionStep::when(check.output::<f64>("rmse").less_than(0.5))
///     .otherwise(|p| { p.add("Stop", Fail::new("not good enough")); }));
/// ```
///
/// The pipeline's role is allowed to invoke this function. On this machine a stand-in takes its place: `[steps.NAME]` or
/// `[types.Lambda]` in `local/run.toml`, with `lambda = "FILE.py:handler"`.
///
/// [Lambda step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-lambda
#[derive(Clone, Debug)]
pub struct Lambda {
    function: Node,
    exchange: Exchange,
}

impl Lambda {
    /// Calls the function with this ARN.
    pub fn new(function_arn: impl Into<Expr<String>>) -> Self {
        Self { function: function_arn.into().into_node(), exchange: Exchange::default() }
    }
}

exchange!(
    Lambda,
    "Adds a member to the event that the function is given: a value, a list, an object, or an expression."
);

impl Step for Lambda {
    type Properties = OutputParameters;

    fn into_step(self, name: Arc<str>) -> StepNode {
        self.exchange.into_step(name, "Lambda", ("FunctionArn", self.function))
    }
}

/// Sends a message to an SQS queue and waits until somebody answers it with the message's token: `SendPipelineExecutionStepSuccess` or
/// `SendPipelineExecutionStepFailure` ([Callback step]).
///
/// ```
/// use pipewright_model::{Callback, Graph};
/// let mut p = Graph::new();
/// let review = p.add("Review", Callback::new("https://sqs.eu-west-1.amazonaws.com/123456789012/reviews")
///     .input("question", "good enough?")
///     .returns::<bool>("approved"));
/// let approved = review.output::<bool>("approved");
/// ```
///
/// The pipeline's role is allowed to send to this queue. On this machine a stand-in takes its place: `[steps.NAME]` or
/// `[types.Callback]` in `local/run.toml`.
///
/// [Callback step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-callback
#[derive(Clone, Debug)]
pub struct Callback {
    queue: Node,
    exchange: Exchange,
}

impl Callback {
    /// Sends to the queue with this URL.
    pub fn new(sqs_queue_url: impl Into<Expr<String>>) -> Self {
        Self { queue: sqs_queue_url.into().into_node(), exchange: Exchange::default() }
    }
}

exchange!(
    Callback,
    "Adds a member to the message's `arguments`: a value, a list, an object, or an expression."
);

impl Step for Callback {
    type Properties = OutputParameters;

    fn into_step(self, name: Arc<str>) -> StepNode {
        self.exchange.into_step(name, "Callback", ("SqsQueueUrl", self.queue))
    }
}
