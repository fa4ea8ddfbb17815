//! The record of an execution as SageMaker's `DescribePipelineExecution` and `ListPipelineExecutionSteps` answer it, in the AWS CLI's
//! spelling: the API's member names, times as ISO 8601.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::execution::{End, Execution, Node, State, execution_arn, pipeline_arn};

/// The longest `Item` of an iteration.
const LONGEST_ITEM: usize = 12_800;
/// The longest name of a step.
const LONGEST_NAME: usize = 64;

/// What [DescribePipelineExecution] answers.
///
/// [DescribePipelineExecution]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineExecution.html
pub fn execution(execution: &Execution) -> Value {
    let start = execution.start();
    let (began, modified) = execution.times();
    let began = began.unwrap_or(modified);
    let mut record = Map::new();
    let mut set = |name: &str, value: Value| {
        record.insert(name.to_owned(), value);
    };
    set("PipelineArn", pipeline_arn(start).into());
    set("PipelineExecutionArn", execution_arn(start, &start.execution_id).into());
    set("PipelineExecutionDisplayName", format!("execution-{}", began.as_millisecond().max(0)).into());
    set("PipelineExecutionStatus", execution.status().name().into());
    let (experiment, mlflow) = execution.settings_of_experiment();
    if !experiment.is_empty() {
        set("PipelineExperimentConfig", experiment.clone().into());
    }
    if let Some(reason) = execution.reason() {
        set("FailureReason", reason.into());
    }
    set("CreationTime", time(began));
    set("LastModifiedTime", time(modified));
    if let Some(most) = start.parallelism {
        set("ParallelismConfiguration", json!({"MaxParallelExecutionSteps": most.max(1)}));
    }
    if !start.selected.is_empty() {
        let steps: Value = start.selected.iter().map(|name| json!({"StepName": name})).collect();
        let mut config = json!({"SelectedSteps": steps});
        if let Some(source) = &start.source {
            config["SourcePipelineExecutionArn"] = execution_arn(start, source).into();
        }
        set("SelectiveExecutionConfig", config);
    }
    if !mlflow.is_empty() {
        set("MLflowConfig", mlflow.clone().into());
    }
    Value::Object(record)
}

/// What [ListPipelineExecutionSteps] answers, in one page: every step that began or was taken from another run, in the order in which
/// they began.
///
/// [ListPipelineExecutionSteps]: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListPipelineExecutionSteps.html
pub fn steps(execution: &Execution) -> Value {
    let mut began: Vec<(Timestamp, usize, Value)> = Vec::new();
    for (index, node) in execution.nodes().iter().enumerate() {
        if let (Some(time), Some(record)) = (node.began, step(execution, node)) {
            began.push((time, index, record));
        }
    }
    began.sort_by_key(|(time, index, _)| (*time, *index));
    json!({"PipelineExecutionSteps": began.into_iter().map(|(_, _, record)| record).collect::<Vec<_>>()})
}

/// A step's entry; `None` where it has not begun.
fn step(execution: &Execution, node: &Node) -> Option<Value> {
    let definition = &execution.definition().steps[node.step];
    let status = match node.state {
        State::Outside | State::Ended(End::Skipped) => return None,
        // Between two attempts.
        State::Waiting if node.attempt == 0 => return None,
        State::Waiting | State::Retrying(_) => "Starting",
        State::Running if execution.wants_stop() => "Stopping",
        State::Running => "Executing",
        State::Ended(End::Succeeded) => "Succeeded",
        State::Ended(End::Failed) => "Failed",
        State::Ended(End::Stopped) => "Stopped",
    };
    let mut record = Map::new();
    let mut set = |name: &str, value: Value| {
        record.insert(name.to_owned(), value);
    };
    match node.iteration {
        // As SageMaker names what runs in a loop.
        Some((_, index)) => {
            let index = index.to_string();
            let name = &definition.name;
            set("StepName", format!("{}-{index}", first(name, LONGEST_NAME - 1 - index.len())).into());
        }
        None => set("StepName", node.name.clone().into()),
    }
    if let Some(name) = &definition.display_name {
        set("StepDisplayName", name.clone().into());
    }
    if let Some(text) = &definition.description {
        set("StepDescription", text.clone().into());
    }
    if let Some(began) = node.began {
        set("StartTime", time(began));
    }
    if let Some(ended) = node.ended {
        set("EndTime", time(ended));
    }
    set("StepStatus", status.into());
    if let Some(run) = &node.taken_from {
        let source = json!({"SourcePipelineExecutionArn": execution_arn(execution.start(), run)});
        set(if node.attempted { "CacheHitResult" } else { "SelectiveExecutionResult" }, source);
    }
    if let (Some(reason), State::Ended(End::Failed)) = (&node.reason, node.state) {
        set("FailureReason", reason.clone().into());
    }
    set("Metadata", if node.metadata.is_null() { json!({}) } else { node.metadata.clone() });
    set("AttemptCount", (node.attempt + u32::from(node.attempted)).into());
    if let (Some((owner, index)), Some(item)) = (node.iteration, execution.item_of(node)) {
        let item = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        let parent = &execution.nodes()[owner].name;
        set(
            "IterationContext",
            json!({"ParentStepName": parent, "Index": index, "Item": first(&item, LONGEST_ITEM)}),
        );
    }
    Some(Value::Object(record))
}

/// At most so many characters.
fn first(text: &str, longest: usize) -> &str {
    text.char_indices().nth(longest).map_or(text, |(end, _)| &text[..end])
}

/// A time as the AWS CLI shows it.
fn time(time: Timestamp) -> Value {
    format!("{time:.3}").into()
}
