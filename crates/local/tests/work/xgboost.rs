//! The built-in XGBoost, trained and served.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Value, json};

use crate::scene::{Scene, each, python, repository, transform};

const IMAGE: &str = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";

fn scenes(act: impl Fn(&mut Scene)) {
    match python("PIPEWRIGHT_LOCAL_PYTHON") {
        Some(python) => each(Some(&python), act),
        None => eprintln!("skipped: PIPEWRIGHT_LOCAL_PYTHON names no interpreter with XGBoost"),
    }
}

/// 200 lines of a sum and what it is the sum of.
fn data() -> String {
    (0..200).fold(String::new(), |mut text, number| {
        let (a, b) = (number % 10, number / 10);
        let _ = writeln!(text, "{},{a},{b}", a + b);
        text
    })
}

fn training(hyperparameters: Value, content_type: &str) -> Value {
    let channel = |name: &str| {
        json!({"ChannelName": name, "ContentType": content_type,
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train"}}})
    };
    json!({
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": hyperparameters,
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    })
}

fn model(scene: &Scene, trained: &Value) -> Value {
    let container = json!({"Image": IMAGE, "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"]});
    scene.succeeds("Model", json!({"PrimaryContainer": container}), json!({}))
}

#[test]
fn trained_and_served() {
    scenes(|scene| {
        scene.put("s3://bucket/train/data.csv", data());
        let told = json!({"num_round": "30", "objective": "reg:linear", "max_depth": "4", "eta": "0.3", "eval_metric": "rmse,mae"});
        let trained = scene.succeeds("Training", training(told, "text/csv"), json!({}));
        assert!(scene.said().contains("[29]#011train-rmse:"), "{}", scene.said());
        let metrics = trained["FinalMetricDataList"].as_array().unwrap();
        let rmse = metrics.iter().find(|metric| metric["MetricName"] == "validation:rmse").unwrap();
        assert!(rmse["Value"].as_f64().unwrap() < 1.0, "{metrics:?}");

        let model = model(scene, &trained);
        scene.put("s3://bucket/in/a.csv", "3,4\n9,9\n");
        scene.put("s3://bucket/in/none.csv", "");
        let request = json!({
            "TransformInput": {"ContentType": "text/csv", "SplitType": "Line"},
            "TransformOutput": {"Accept": "text/csv", "AssembleWith": "Line"},
            "DataProcessing": {"JoinSource": "Input"},
        });
        scene.succeeds("Transform", transform(&model, request), json!({}));
        let answers = scene.get("s3://bucket/out/a.csv.out");
        let last: Vec<f64> =
            answers.lines().map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
        assert!((last[0] - 7.0).abs() < 1.5 && (last[1] - 18.0).abs() < 1.5, "{answers}");
        assert_eq!(scene.get("s3://bucket/out/none.csv.out"), "");

        scene.put("s3://bucket/in/a.csv", "0:3 1:4\n");
        let libsvm = json!({"TransformInput": {"ContentType": "text/libsvm"}, "TransformOutput": {"Accept": "application/json"}});
        scene.succeeds("Transform", transform(&model, libsvm), json!({}));
        let answer: Value = serde_json::from_str(&scene.get("s3://bucket/out/a.csv.out")).unwrap();
        assert!((answer["predictions"][0]["score"].as_f64().unwrap() - 7.0).abs() < 1.5, "{answer}");

        for (content_type, content, expected) in [
            (
                "text/csv",
                "1,2,3\n",
                "answered 400: the model takes 2 features, and the request has 3 columns",
            ),
            ("text/csv", "a,b\n", "answered 400: request, line 1: could not convert string to float: 'a'"),
            ("image/png", "x", "answered 415: content type image/png is not text/csv or text/libsvm"),
        ] {
            scene.put("s3://bucket/in/a.csv", content);
            let request = json!({"TransformInput": {"ContentType": content_type}});
            let reason = scene.fails("Transform", transform(&model, request), json!({}));
            assert!(reason.contains(expected), "{reason}");
        }
    });
}

#[test]
fn other_data_and_early_stopping() {
    scenes(|scene| {
        let libsvm = data().lines().fold(String::new(), |mut text, line| {
            let parts: Vec<_> = line.split(',').collect();
            let _ = writeln!(text, "{} 0:{} 1:{}", parts[0], parts[1], parts[2]);
            text
        });
        scene.put("s3://bucket/train/data.libsvm", libsvm);
        let told = json!({"num_round": "500", "early_stopping_rounds": "3", "eta": "0.9"});
        let trained = scene.succeeds("Training", training(told, "text/libsvm"), json!({}));
        assert!(!scene.said().contains("[499]"), "it did not stop early");
        model(scene, &trained);
    });
}

#[test]
fn tuned() {
    scenes(|scene| {
        scene.put("s3://bucket/train/data.csv", data());
        let mut definition = training(json!({}), "text/csv");
        definition["HyperParameterTuningResourceConfig"] = definition["ResourceConfig"].take();
        definition["StaticHyperParameters"] = json!({"num_round": "10"});
        definition["HyperParameters"].take();
        let config = json!({
            "Strategy": "Random",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:mae"},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.01", "MaxValue": "0.9"}]},
        });
        let request = json!({"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": definition});
        let tuned = scene.succeeds("Tuning", request, json!({}));
        let value = |at: usize| {
            tuned["TrainingJobSummaries"][at]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
                .as_f64()
                .unwrap()
        };
        assert!(value(0) < value(1), "{tuned}");
    });
}

#[test]
fn what_can_not_be_trained() {
    scenes(|scene| {
        scene.put("s3://bucket/train/data.csv", "label,x\n1,2\n");
        for (told, content_type, expected) in [
            (json!({}), "text/csv", "hyperparameter num_round is missing"),
            (
                json!({"num_round": "x"}),
                "text/csv",
                "hyperparameter num_round must be a whole number, not 'x'",
            ),
            (json!({"num_round": "0"}), "text/csv", "hyperparameter num_round must be at least 1, not 0"),
            (
                json!({"num_round": "1"}),
                "text/csv",
                "data.csv, line 1: could not convert string to float: 'label'",
            ),
            (
                json!({"num_round": "1"}),
                "image/png",
                "channel train: ContentType 'image/png' is not text/csv",
            ),
        ] {
            let reason = scene.fails("Training", training(told, content_type), json!({}));
            assert!(reason.starts_with("AlgorithmError: ") && reason.contains(expected), "{reason}");
        }
        scene.put("s3://bucket/train/data.csv", "1,2\n");
        let reason = scene.fails(
            "Training",
            training(json!({"num_round": "1", "objective": "no:such"}), "text/csv"),
            json!({}),
        );
        assert!(reason.contains("no:such"), "{reason}");
    });
}

#[test]
fn scripts_of_abalone() {
    let Some(python) =
        python("PIPEWRIGHT_LOCAL_PYTHON").filter(|_| std::env::var_os("PIPEWRIGHT_LONG").is_some())
    else {
        eprintln!("skipped: PIPEWRIGHT_LONG and PIPEWRIGHT_LOCAL_PYTHON are not both set");
        return;
    };
    let script = repository().join("pipelines/abalone/local/test_scripts.py");
    let done = Command::new(python.python).arg("-B").arg(script).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
