//! The graph of a pipeline: steps in the order in which they were added, and the pipeline's own
//! settings.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::execution;
use crate::expr::{Expr, Expression};
use crate::handle::Handle;
use crate::node::Node;
use crate::step::{Step, StepNode};

/// Steps in the order in which they were added: those of a pipeline, or of one branch.
#[derive(Clone, Debug, Default)]
pub struct StepList {
    steps: Vec<StepNode>,
}

impl StepList {
    /// Adds a step and gives its handle, by which later steps refer to it.
    ///
    /// The name has up to 64 letters, digits, `-` and `_`, and is unique in the pipeline, branches
    /// included. Mistakes are collected and reported together when the graph is checked.
    pub fn add<S: Step>(&mut self, name: impl Into<Arc<str>>, step: S) -> Handle<S::Properties> {
        let name = name.into();
        self.steps.push(step.into_step(Arc::clone(&name)));
        Handle::new(name)
    }

    /// The steps.
    pub fn steps(&self) -> &[StepNode] {
        &self.steps
    }

    pub(crate) fn into_steps(self) -> Vec<StepNode> {
        self.steps
    }
}

/// A pipeline's steps and settings.
///
/// ```
/// use pipewright_model::{Fail, Graph};
/// let mut p = Graph::new();
/// p.parallelism(4);
/// let first = p.add("Always", Fail::new("nothing to do yet"));
/// assert_eq!(first.name(), "Always");
/// ```
#[derive(Clone, Debug)]
pub struct Graph {
    steps: StepList,
    pub(crate) experiment: Option<(Node, Node)>,
    pub(crate) settings: Settings,
}

/// Settings of a pipeline that stand beside its definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How many steps may run at once (`ParallelismConfiguration.MaxParallelExecutionSteps`).
    pub parallelism: Option<u32>,
    /// Tags of the pipeline.
    pub tags: BTreeMap<String, String>,
}

impl Default for Graph {
    fn default() -> Self {
        Self::new()
    }
}

impl Graph {
    /// An empty graph. Executions are recorded as trials of an experiment with the pipeline's name.
    pub fn new() -> Self {
        let experiment =
            (execution::pipeline_name().into_node(), execution::pipeline_execution_id().into_node());
        Self { steps: StepList::default(), experiment: Some(experiment), settings: Settings::default() }
    }

    /// How many steps may run at once: at least 1.
    pub fn parallelism(&mut self, steps: u32) -> &mut Self {
        self.settings.parallelism = Some(steps);
        self
    }

    /// Tags the pipeline.
    pub fn tag(&mut self, key: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.settings.tags.insert(key.into(), value.into());
        self
    }

    /// The experiment and trial that executions are recorded in (`PipelineExperimentConfig`).
    pub fn experiment(&mut self, name: impl Into<Expr<String>>, trial: impl Into<Expr<String>>) -> &mut Self {
        self.experiment = Some((name.into().into_node(), trial.into().into_node()));
        self
    }

    /// Records executions in no experiment.
    pub fn no_experiment(&mut self) -> &mut Self {
        self.experiment = None;
        self
    }

    /// The settings beside the definition.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Calls `visit` on every step, those of branches after the step that has them, with the name
    /// of the Condition step around it.
    pub fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a StepNode, Option<&'a str>)) {
        walk(self.steps.steps(), None, visit);
    }

    /// Calls `visit` with every step and each step that it refers to or waits for; one pair may
    /// come more than once.
    pub fn references<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a str)) {
        self.visit(&mut |step, _| {
            for wait in &step.common.depends_on {
                visit(&step.name, &wait.step);
            }
        });
        self.expressions(&mut |step, expression| {
            if let (Some(step), Some(target)) = (step, expression.step()) {
                visit(step, target);
            }
        });
    }

    /// Every expression in the graph, with the step it is in.
    pub(crate) fn expressions<'a>(&'a self, visit: &mut dyn FnMut(Option<&'a str>, &'a Expression)) {
        self.experiment_expressions(&mut |expression| visit(None, expression));
        self.visit(&mut |step, _| step.expressions(&mut |expression| visit(Some(&step.name), expression)));
    }

    /// Every expression in the experiment settings.
    pub(crate) fn experiment_expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        for node in self.experiment.iter().flat_map(|(name, trial)| [name, trial]) {
            node.expressions(visit);
        }
    }
}

fn walk<'a>(
    steps: &'a [StepNode],
    parent: Option<&'a str>,
    visit: &mut dyn FnMut(&'a StepNode, Option<&'a str>),
) {
    for step in steps {
        visit(step, parent);
        if let Some(branches) = &step.branches {
            walk(&branches.if_steps, Some(&step.name), visit);
            walk(&branches.else_steps, Some(&step.name), visit);
        }
    }
}

impl Deref for Graph {
    type Target = StepList;

    fn deref(&self) -> &StepList {
        &self.steps
    }
}

impl DerefMut for Graph {
    fn deref_mut(&mut self) -> &mut StepList {
        &mut self.steps
    }
}
