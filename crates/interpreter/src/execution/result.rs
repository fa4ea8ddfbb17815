//! What a step leaves behind: its properties as its `Describe…` response shows them, and its `Metadata`.

use serde_json::{Map, Value, json};

use super::name;
use crate::Job;

/// The longest `FailureReason` of a step, in characters.
const LONGEST_REASON: usize = 1024;

/// The reason, cut where it is too long.
pub(crate) fn reason(text: &str) -> String {
    cut(text, LONGEST_REASON)
}

/// At most so many characters of a text.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest.saturating_sub(1)) {
        Some((at, last)) if text.len() > at + last.len_utf8() => format!("{}…", &text[..at]),
        _ => text.to_owned(),
    }
}

/// What a job's own members are called, by its step's type: the member that its name has, with `Name`, `Arn` and `Status` after it,
/// and the status of one that succeeded.
fn described(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "Processing" => ("ProcessingJob", "Completed"),
        "Training" => ("TrainingJob", "Completed"),
        "Transform" => ("TransformJob", "Completed"),
        "Tuning" => ("HyperParameterTuningJob", "Completed"),
        "AutoML" => ("AutoMLJob", "Completed"),
        "Model" => ("Model", ""),
        "RegisterModel" => ("ModelPackage", "Completed"),
        "EndpointConfig" => ("EndpointConfig", ""),
        "Endpoint" => ("Endpoint", "InService"),
        "InferenceComponent" => ("InferenceComponent", "InService"),
        "Job" => ("Job", "Completed"),
        _ => return None,
    })
}

/// The properties of a step that succeeded: what its runner said, then what its job is called, then its arguments.
pub(crate) fn properties(job: &Job, said: Value) -> Value {
    completed(job, said, None)
}

/// The properties of a step that failed.
pub(crate) fn failed_properties(job: &Job, said: Value, reason: &str) -> Value {
    completed(job, said, Some(reason))
}

fn completed(job: &Job, said: Value, failure: Option<&str>) -> Value {
    let mut properties = if said.is_null() { json!({}) } else { said };
    let Some((member, status)) = described(&job.kind) else { return properties };
    let mut own = Map::new();
    own.insert(format!("{member}Arn"), job.arn.clone().into());
    if job.kind != "RegisterModel" && job.arguments.get(format!("{member}Name")).is_none() {
        own.insert(format!("{member}Name"), job.name.clone().into());
    }
    if !status.is_empty() {
        own.insert(format!("{member}Status"), if failure.is_some() { "Failed" } else { status }.into());
    }
    if let Some(reason) = failure {
        own.insert("FailureReason".to_owned(), reason.into());
    }
    fill(&mut properties, &Value::Object(own));
    fill(&mut properties, &job.arguments);
    properties
}

/// Adds what is in `more` and not in `value`, at any depth of objects.
fn fill(value: &mut Value, more: &Value) {
    match (value, more) {
        (Value::Object(value), Value::Object(more)) => {
            for (key, more) in more {
                match value.get_mut(key) {
                    Some(value) => fill(value, more),
                    None => {
                        value.insert(key.clone(), more.clone());
                    }
                }
            }
        }
        (value @ Value::Null, more) => *value = more.clone(),
        _ => {}
    }
}

/// What follows for `Metadata` from a step's type, its job and its properties.
pub(crate) fn metadata(job: &Job, properties: &Value) -> Value {
    let arn =
        |property: &str| properties.get(property).and_then(Value::as_str).unwrap_or(&job.arn).to_owned();
    let entry = match job.kind.as_str() {
        "Processing" => ("ProcessingJob", json!({"Arn": job.arn})),
        "Training" => ("TrainingJob", json!({"Arn": job.arn})),
        "Transform" => ("TransformJob", json!({"Arn": job.arn})),
        "Tuning" => ("TuningJob", json!({"Arn": job.arn})),
        "AutoML" => ("AutoMLJob", json!({"Arn": job.arn})),
        "Model" => ("Model", json!({"Arn": arn("ModelArn")})),
        "RegisterModel" => ("RegisterModel", json!({"Arn": arn("ModelPackageArn")})),
        "EndpointConfig" => ("EndpointConfig", json!({"Arn": arn("EndpointConfigArn")})),
        "Endpoint" => ("Endpoint", json!({"Arn": arn("EndpointArn")})),
        "InferenceComponent" => ("InferenceComponent", json!({"Arn": arn("InferenceComponentArn")})),
        "Job" => ("Job", json!({"Arn": job.arn})),
        "Lambda" => ("Lambda", json!({"Arn": job.arn, "OutputParameters": output_parameters(properties)})),
        "Callback" => ("Callback", callback(job, properties)),
        "EMR" => ("EMR", emr(job, properties)),
        "EMRServerless" => (
            "EMRServerless",
            some(&[
                (
                    "ApplicationId",
                    properties.pointer("/jobRun/applicationId").or(job.arguments.get("ApplicationId")),
                ),
                ("JobRunId", properties.pointer("/jobRun/jobRunId")),
                ("JobRunName", properties.pointer("/jobRun/name")),
            ]),
        ),
        "QualityCheck" | "ClarifyCheck" => (job.kind.as_str(), check(job, properties)),
        "Lineage" => (
            "Lineage",
            some(&[
                ("ActionArns", properties.get("ActionArns")),
                ("ArtifactArns", properties.get("ArtifactArns")),
                ("ContextArns", properties.get("ContextArns")),
            ]),
        ),
        "Cleanup" => ("Cleanup", json!({"CleanedSteps": [], "FailedSteps": [], "SkippedSteps": []})),
        _ => return json!({}),
    };
    json!({ entry.0: entry.1 })
}

/// An object of the members that are there.
fn some(members: &[(&str, Option<&Value>)]) -> Value {
    let there = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.clone())));
    Value::Object(there.filter(|(_, value)| !value.is_null()).collect())
}

/// `OutputParameters` as a list of names and texts.
fn output_parameters(properties: &Value) -> Value {
    let parameters = properties.get("OutputParameters").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let list = parameters.into_iter().flatten();
    list.map(|(name, value)| json!({"Name": cut(name, 256), "Value": cut(&text(value), 1024)})).collect()
}

fn callback(job: &Job, properties: &Value) -> Value {
    let mut entry = some(&[("SqsQueueUrl", job.members.get("SqsQueueUrl"))]);
    entry["CallbackToken"] = callback_token(job).into();
    entry["OutputParameters"] = output_parameters(properties);
    entry
}

/// The token of a callback step: ten letters and digits.
fn callback_token(job: &Job) -> String {
    job.name.chars().rev().filter(char::is_ascii_alphanumeric).take(10).collect()
}

fn emr(job: &Job, properties: &Value) -> Value {
    some(&[
        ("ClusterId", properties.get("ClusterId").or(job.arguments.get("ClusterId"))),
        ("StepId", properties.get("Id")),
        ("StepName", properties.get("Name")),
    ])
}

fn check(job: &Job, properties: &Value) -> Value {
    let mut members = vec![
        ("CheckType", job.members.get("CheckType")),
        ("BaselineUsedForDriftCheckConstraints", properties.get("BaselineUsedForDriftCheckConstraints")),
        ("CalculatedBaselineConstraints", properties.get("CalculatedBaselineConstraints")),
        ("ModelPackageGroupName", job.members.get("ModelPackageGroupName")),
        ("SkipCheck", job.members.get("SkipCheck")),
        ("RegisterNewBaseline", job.members.get("RegisterNewBaseline")),
    ];
    if job.kind == "QualityCheck" {
        members.push((
            "BaselineUsedForDriftCheckStatistics",
            properties.get("BaselineUsedForDriftCheckStatistics"),
        ));
        members.push(("CalculatedBaselineStatistics", properties.get("CalculatedBaselineStatistics")));
    }
    let mut entry = some(&members);
    entry["CheckJobArn"] = job.arn.clone().into();
    entry
}

/// The ARN of a job goes into the metadata of a step that failed, too, where the step is one.
pub(crate) fn failed_metadata(job: &Job, properties: &Value) -> Value {
    if name::resource(&job.kind).is_some() || matches!(job.kind.as_str(), "Lambda" | "Callback") {
        metadata(job, properties)
    } else {
        json!({})
    }
}
