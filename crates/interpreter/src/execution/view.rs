//! What a step's expressions can ask for.

use jiff::Timestamp;
use serde_json::Value;

use super::node::{NodeId, State};
use super::{Execution, name};
use crate::definition::PropertyFile;
use crate::{Files, S3Uri, Scope};

/// The execution, seen from one of its steps.
pub(crate) struct View<'e> {
    pub(crate) execution: &'e Execution,
    /// The step; `None` for what belongs to the execution as a whole.
    pub(crate) node: Option<NodeId>,
    /// The name of the step's job.
    pub(crate) job: &'e str,
    pub(crate) now: Timestamp,
    pub(crate) files: &'e dyn Files,
}

impl View<'_> {
    /// The node of a step's name: of the same iteration, if it is of the same body.
    fn named(&self, step: &str) -> Option<NodeId> {
        let execution = self.execution;
        let id = execution.definition.step(step)?;
        let owner = execution.shape.within[id];
        let Some((parent, index)) = self.node.and_then(|node| execution.nodes[node].iteration) else {
            return Some(id);
        };
        if owner != Some(execution.nodes[parent].step) {
            return Some(id);
        }
        let iterations = execution.nodes[parent].iterations.as_deref()?;
        let size = execution.shape.bodies[execution.nodes[parent].step].len();
        Some(iterations.first + index * size + execution.shape.position[id])
    }
}

/// A time as SageMaker writes it in a definition's texts.
pub(crate) fn time(time: Timestamp) -> String {
    format!("{time:.3}")
}

impl Scope for View<'_> {
    fn parameter(&self, name: &str) -> Option<&Value> {
        self.execution.parameters.get(name)
    }

    fn execution(&self, variable: &str) -> Option<Value> {
        let start = &self.execution.start;
        Some(Value::String(match variable {
            "StartDateTime" => time(self.execution.began.unwrap_or(self.now)),
            "CurrentDateTime" => time(self.now),
            "PipelineName" => start.pipeline.clone(),
            "PipelineArn" => name::pipeline_arn(start),
            "PipelineExecutionId" => start.execution_id.clone(),
            "PipelineExecutionArn" => name::execution_arn(start, &start.execution_id),
            // The job of the step that asks, whatever its type.
            "TrainingJobName" | "ProcessingJobName" if !self.job.is_empty() => self.job.to_owned(),
            _ => return None,
        }))
    }

    fn experiment(&self, member: &str) -> Option<Value> {
        self.execution.experiment.get(member).cloned()
    }

    fn properties(&self, step: &str) -> Option<&Value> {
        let node = &self.execution.nodes[self.named(step)?];
        matches!(node.state, State::Ended(_)).then_some(&node.properties).filter(|value| !value.is_null())
    }

    /// A step's properties have its arguments where its type lets others read them.
    fn arguments(&self, _: &str) -> Option<&Value> {
        None
    }

    fn property_file(&self, step: &str, name: &str) -> Option<&PropertyFile> {
        let definition = &self.execution.definition;
        definition.steps[definition.step(step)?].property_files.iter().find(|file| file.name == name)
    }

    fn item(&self) -> Option<&Value> {
        let (parent, index) = self.execution.nodes[self.node?].iteration?;
        self.execution.nodes[parent].iterations.as_deref()?.items.get(index)
    }

    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String> {
        self.files.read(object)
    }
}
