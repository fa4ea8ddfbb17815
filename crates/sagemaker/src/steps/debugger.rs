//! Debugger and Profiler: rules that watch a training job while it runs.

use std::borrow::Cow;

use pipewright_model::{Expr, Text};

use crate::enums::ProcessingInstanceType;
use crate::image;
use crate::requests::{CollectionConfiguration, DebugRuleConfiguration, ProfilerRuleConfiguration};

/// A Debugger rule: a processing job beside the training that looks at the saved tensors and ends the evaluation where something is
/// wrong with them ([built-in rules]).
///
/// ```
/// use pipewright_sagemaker::{image, DebugRule, Training};
/// let training = Training::new(image::xgboost("1.7-1"))
///     .instances(1, "ml.m5.xlarge")
///     .debug_rule(DebugRule::built_in("LossNotDecreasing")
///         .parameter("tensor_regex", ".*")
///         .collection("losses", [("save_interval", 500)]));
/// ```
///
/// [built-in rules]: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-built-in-rules.html
#[derive(Clone, Debug)]
pub struct DebugRule {
    pub(super) request: DebugRuleConfiguration,
    pub(super) collections: Vec<CollectionConfiguration>,
}

impl DebugRule {
    /// One of SageMaker's own rules, such as `LossNotDecreasing` or `Overfit`.
    pub fn built_in(rule: impl Into<Expr<String>>) -> Self {
        let rule = rule.into();
        Self::custom(rule.clone(), evaluator()).parameter("rule_to_invoke", rule)
    }

    /// A rule of one's own: its name, 1 to 256 characters, and the image that evaluates it. What it needs to run is said with
    /// [`parameter`](Self::parameter) and [`request`](Self::request).
    pub fn custom(name: impl Into<Expr<String>>, image: impl Into<Expr<String>>) -> Self {
        Self { request: DebugRuleConfiguration::new(name, image), collections: Vec::new() }
    }

    /// A name other than the rule's own: 1 to 256 characters. Each rule of a job needs another.
    pub fn name(mut self, name: impl Into<Expr<String>>) -> Self {
        self.request = self.request.rule_configuration_name(name);
        self
    }

    /// A parameter of the rule: up to 100 of them.
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        super::set_entry(&mut self.request.0, "RuleParameters", name, value);
        self
    }

    /// Has the training save a collection of tensors that the rule needs: its name, such as `losses`, and how it is saved, such as
    /// `("save_interval", 500)`.
    pub fn collection<K: Into<Cow<'static, str>>, V: Into<Text>>(
        mut self,
        name: impl Into<Expr<String>>,
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let collection = CollectionConfiguration::new().collection_name(name);
        self.collections.push(collection.collection_parameters(parameters));
        self
    }

    /// The instances and their storage in GB that a [`custom`](Self::custom) rule is evaluated on. SageMaker's own rules need none.
    pub fn instances(
        mut self,
        instance_type: impl Into<Expr<ProcessingInstanceType>>,
        volume_gb: impl Into<Expr<i64>>,
    ) -> Self {
        self.request = self.request.instance_type(instance_type).volume_size_in_gb(volume_gb);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(mut self, set: impl FnOnce(DebugRuleConfiguration) -> DebugRuleConfiguration) -> Self {
        self.request = set(self.request);
        self
    }
}

/// A Profiler rule: a processing job beside the training that looks at how it uses its instances.
///
/// ```
/// use pipewright_sagemaker::{image, ProfilerRule, Training};
/// let training = Training::new(image::xgboost("1.7-1"))
///     .instances(1, "ml.m5.xlarge")
///     .profiler_rule(ProfilerRule::built_in("ProfilerReport"));
/// ```
#[derive(Clone, Debug)]
pub struct ProfilerRule {
    pub(super) request: ProfilerRuleConfiguration,
}

impl ProfilerRule {
    /// One of SageMaker's own rules, such as `ProfilerReport` or `LowGPUUtilization`.
    pub fn built_in(rule: impl Into<Expr<String>>) -> Self {
        let rule = rule.into();
        Self::custom(rule.clone(), evaluator()).parameter("rule_to_invoke", rule)
    }

    /// A rule of one's own: its name, 1 to 256 characters, and the image that evaluates it.
    pub fn custom(name: impl Into<Expr<String>>, image: impl Into<Expr<String>>) -> Self {
        Self { request: ProfilerRuleConfiguration::new(name, image) }
    }

    /// A name other than the rule's own: 1 to 256 characters. Each rule of a job needs another.
    pub fn name(mut self, name: impl Into<Expr<String>>) -> Self {
        self.request = self.request.rule_configuration_name(name);
        self
    }

    /// A parameter of the rule: up to 100 of them.
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        super::set_entry(&mut self.request.0, "RuleParameters", name, value);
        self
    }

    /// The instances and their storage in GB that a [`custom`](Self::custom) rule is evaluated on. SageMaker's own rules need none.
    pub fn instances(
        mut self,
        instance_type: impl Into<Expr<ProcessingInstanceType>>,
        volume_gb: impl Into<Expr<i64>>,
    ) -> Self {
        self.request = self.request.instance_type(instance_type).volume_size_in_gb(volume_gb);
        self
    }

    /// Sets anything else on the request itself.
    pub fn request(
        mut self,
        set: impl FnOnce(ProfilerRuleConfiguration) -> ProfilerRuleConfiguration,
    ) -> Self {
        self.request = set(self.request);
        self
    }
}

/// The image that evaluates SageMaker's own rules.
fn evaluator() -> Expr<String> {
    image::retrieve("debugger", "latest").into()
}
