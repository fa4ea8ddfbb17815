use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::jobs::fake::{Fake, failed, log, succeeded, write};
use crate::launch::{Exit, Kind};

/// A site whose training jobs measure the square of `x - 3`.
fn site() -> Fake {
    Fake::new(Kind::Bubblewrap, |task, ml| {
        let told = std::fs::read_to_string(ml.join("input/config/hyperparameters.json")).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        let x: f64 = told["x"].as_str().unwrap().parse().unwrap();
        log(task, &format!("loss={}\n", (x - 3.0) * (x - 3.0)));
        write(ml.join("model/x"), x.to_string());
        if told["fixed"] == "fail" { Exit::Code(1) } else { Exit::Code(0) }
    })
    .with(&[("s3://b/data/1", "x")])
}

fn arguments(config: &Value) -> Value {
    let mut arguments = json!({
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 8, "MaxParallelTrainingJobs": 2},
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "10"}]},
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {"fixed": "1"},
            "AlgorithmSpecification": {
                "TrainingImage": "sagemaker-xgboost:1", "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
            },
            "RoleArn": "r",
            "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
            "HyperParameterTuningResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/data"}}}],
        },
    });
    for (name, value) in config.as_object().into_iter().flatten() {
        arguments["HyperParameterTuningJobConfig"][name] = value.clone();
    }
    arguments
}

#[test]
fn the_best_comes_first() {
    let fake = site();
    let described = succeeded(fake.run(run, "Tuning", arguments(&json!({}))));
    let summaries = described["TrainingJobSummaries"].as_array().unwrap();
    let losses: Vec<f64> = summaries
        .iter()
        .map(|summary| summary["FinalHyperParameterTuningJobObjectiveMetric"]["Value"].as_f64().unwrap())
        .collect();
    assert_eq!(losses.len(), 8);
    assert!(losses.is_sorted(), "{losses:?}");
    assert_eq!(described["BestTrainingJob"], summaries[0]);
    assert_eq!(described["TrainingJobStatusCounters"]["Completed"], 8);
    let best = described["BestTrainingJob"]["TrainingJobName"].as_str().unwrap();
    assert!(fake.store.get(&format!("s3://b/models/{best}/output/model.tar.gz")).is_some());
    // Another run of the same request tries the same.
    let again = succeeded(site().run(run, "Tuning", arguments(&json!({}))));
    assert_eq!(
        again["BestTrainingJob"]["TunedHyperParameters"],
        described["BestTrainingJob"]["TunedHyperParameters"]
    );

    let maximised = json!({"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "loss"}});
    let described = succeeded(site().run(run, "Tuning", arguments(&maximised)));
    let most = described["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"].as_f64();
    assert_eq!(most, losses.last().copied());
}

#[test]
fn when_it_is_enough() {
    #[track_caller]
    fn check(config: &Value, expected: usize) {
        let described = succeeded(site().run(run, "Tuning", arguments(config)));
        assert_eq!(described["TrainingJobSummaries"].as_array().unwrap().len(), expected);
    }
    check(&json!({"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 1000}}), 1);
    check(&json!({"ResourceLimits": {"MaxNumberOfTrainingJobs": 8, "MaxRuntimeInSeconds": 0}}), 1);
    let grid = json!({"CategoricalParameterRanges": [{"Name": "x", "Values": ["3", "4", "5", "6"]}]});
    check(&json!({"Strategy": "Grid", "ResourceLimits": {}, "ParameterRanges": grid}), 4);
    let stuck = json!({"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 2}});
    check(&json!({"Strategy": "Grid", "ParameterRanges": grid, "TuningJobCompletionCriteria": stuck}), 3);
}

#[test]
fn failures() {
    let mut failing = arguments(&json!({}));
    failing["TrainingJobDefinition"]["StaticHyperParameters"]["fixed"] = json!("fail");
    let (reason, described) = failed(site().run(run, "Tuning", failing));
    assert!(reason.starts_with("none of 5 training jobs succeeded; the first: AlgorithmError: "), "{reason}");
    assert_eq!(described["TrainingJobStatusCounters"]["NonRetryableError"], 5);

    let other = json!({"HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "error"}});
    let (reason, _) = failed(site().run(run, "Tuning", arguments(&other)));
    assert!(reason.starts_with("no training job measured error"), "{reason}");

    let (reason, _) =
        failed(site().run(run, "Tuning", arguments(&json!({"ResourceLimits": {}, "Strategy": "Chance"}))));
    for part in [
        "HyperParameterTuningJobConfig.Strategy: `Chance` is none of",
        "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs: is missing",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn a_stop_ends_it() {
    let count = AtomicUsize::new(0);
    let fake = Fake::new(Kind::Bubblewrap, move |_, _| {
        if count.fetch_add(1, Ordering::SeqCst) == 2 { Exit::Stopped } else { Exit::Code(0) }
    })
    .with(&[("s3://b/data/1", "x")]);
    assert_eq!(fake.run(run, "Tuning", arguments(&json!({}))), Outcome::Stopped);
}
