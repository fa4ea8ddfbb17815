//! Properties that a job of a type could have had. What follows from its name and its arguments is added elsewhere.

use serde_json::{Map, Value, json};

use crate::Job;

/// The most training jobs of a tuning job that its properties show.
const MOST_SUMMARIES: u64 = 50;

/// The properties.
pub(super) fn properties(job: &Job) -> Value {
    let arguments = &job.arguments;
    match job.kind.as_str() {
        "Training" => json!({
            "ModelArtifacts": {"S3ModelArtifacts": below(arguments, "/OutputDataConfig/S3OutputPath", job, "output/model.tar.gz")},
            "SecondaryStatus": "Completed",
            "CreationTime": time(job),
        }),
        "Tuning" => tuning(job),
        "AutoML" => auto_ml(job),
        "RegisterModel" => {
            json!({"ModelPackageArn": format!("{}/1", job.arn), "ModelPackageVersion": 1, "CreationTime": time(job)})
        }
        "Lambda" | "Callback" => output_parameters(job),
        "QualityCheck" | "ClarifyCheck" => check(job),
        "EMR" => json!({
            "ClusterId": arguments.get("ClusterId").cloned().unwrap_or_else(|| "j-0000000000000".into()),
            "Id": "s-0000000000000",
            "Name": job.step,
            "Status": {"State": "COMPLETED"},
        }),
        // The shape of GetJobRun's answer.
        "EMRServerless" => json!({"jobRun": {
            "applicationId": arguments.get("ApplicationId").cloned().unwrap_or_else(|| "0000000000000000".into()),
            "jobRunId": "0000000000000001",
            "name": job.name,
            "state": "SUCCESS",
        }}),
        "Lineage" => lineage(job),
        _ => json!({"CreationTime": time(job)}),
    }
}

fn time(job: &Job) -> Value {
    format!("{:.3}", job.began).into()
}

/// A place of the job's below one that the arguments name.
fn below(arguments: &Value, pointer: &str, job: &Job, path: &str) -> String {
    let base = arguments.pointer(pointer).and_then(Value::as_str).unwrap_or("s3://scripted");
    format!("{}/{}/{path}", base.trim_end_matches('/'), job.name)
}

fn tuning(job: &Job) -> Value {
    let limit =
        job.arguments.pointer("/HyperParameterTuningJobConfig/ResourceLimits/MaxNumberOfTrainingJobs");
    let jobs = limit.and_then(Value::as_u64).unwrap_or(1).clamp(1, MOST_SUMMARIES);
    let base = job.arn.replacen("hyper-parameter-tuning-job", "training-job", 1);
    let summary = |index: u64| {
        json!({
            "TrainingJobName": format!("{}-{index:03}", job.name),
            "TrainingJobArn": format!("{base}-{index:03}"),
            "TrainingJobStatus": "Completed",
        })
    };
    json!({
        "BestTrainingJob": summary(1),
        "OverallBestTrainingJob": summary(1),
        "TrainingJobSummaries": (1..=jobs).map(summary).collect::<Vec<_>>(),
        "CreationTime": time(job),
    })
}

fn auto_ml(job: &Job) -> Value {
    let place = |path: &str| below(&job.arguments, "/OutputDataConfig/S3OutputPath", job, path);
    let container = json!({
        "Image": "000000000000.dkr.ecr.us-east-1.amazonaws.com/autogluon-inference:1",
        "ModelDataUrl": place("model.tar.gz"),
        "Environment": {
            "MODEL_NAME": "model",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
            "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
            "SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label",
            "SAGEMAKER_PROGRAM": "tabular_serve.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        },
    });
    json!({
        "BestCandidate": {
            "CandidateName": format!("{}-best", job.name),
            "CandidateStatus": "Completed",
            "InferenceContainers": [container],
        },
        "BestCandidateProperties": {
            "ModelInsightsJsonReportPath": place("insights.json"),
            "ExplainabilityJsonReportPath": place("explainability.json"),
        },
        "CreationTime": time(job),
    })
}

/// An empty value of its type for each output parameter that the step declares.
fn output_parameters(job: &Job) -> Value {
    let declared = job.members.get("OutputParameters").and_then(Value::as_array);
    let values = declared.into_iter().flatten().filter_map(|parameter| {
        let name = parameter.get("OutputName")?.as_str()?.to_owned();
        let value = match parameter.get("OutputType").and_then(Value::as_str) {
            Some("Integer") => json!(0),
            Some("Float") => json!(0.0),
            Some("Boolean") => json!(false),
            _ => json!(""),
        };
        Some((name, value))
    });
    json!({"OutputParameters": values.collect::<Map<_, _>>()})
}

fn check(job: &Job) -> Value {
    let output =
        job.arguments.pointer("/ProcessingOutputConfig/Outputs/0/S3Output/S3Uri").and_then(Value::as_str);
    let output = output.unwrap_or("s3://scripted").trim_end_matches('/');
    let mut properties = Map::new();
    let kinds: &[&str] =
        if job.kind == "QualityCheck" { &["Constraints", "Statistics"] } else { &["Constraints"] };
    for kind in kinds {
        let file = if *kind == "Constraints" { "constraints.json" } else { "statistics.json" };
        let calculated = json!(format!("{output}/{file}"));
        let supplied = job.members.get(&format!("SuppliedBaseline{kind}")).filter(|value| !value.is_null());
        properties.insert(
            format!("BaselineUsedForDriftCheck{kind}"),
            supplied.cloned().unwrap_or_else(|| calculated.clone()),
        );
        properties.insert(format!("CalculatedBaseline{kind}"), calculated);
    }
    Value::Object(properties)
}

/// An ARN for everything that the step makes.
fn lineage(job: &Job) -> Value {
    let prefix = format!("arn:aws:sagemaker:{}:{}", job.start.region, job.start.account);
    let arns = |list: &str, name: &str, resource: &str| {
        let entries = job.arguments.get(list).and_then(Value::as_array).into_iter().flatten();
        let arns = entries.filter_map(|entry| {
            let name = entry.get(name)?.as_str()?;
            Some((name.to_owned(), Value::from(format!("{prefix}:{resource}/{name}"))))
        });
        Value::Object(arns.collect())
    };
    json!({
        "ActionArns": arns("Actions", "ActionName", "action"),
        "ArtifactArns": arns("Artifacts", "ArtifactName", "artifact"),
        "ContextArns": arns("Contexts", "ContextName", "context"),
    })
}
