//! Models that an inference script serves.

use serde_json::{Value, json};

use crate::scene::{Scene, archive, each, python, transform};

/// Needs no packages: each line is multiplied by the weight.
const INFERENCE: &str = "
import json, os
from beside import FORMAT

def model_fn(model_dir):
    with open(os.path.join(model_dir, 'weight')) as file:
        return float(file.read())

def input_fn(body, content_type):
    assert content_type == 'text/csv', content_type
    return [float(line) for line in body.splitlines()]

def predict_fn(data, model):
    return [value * model for value in data]

def output_fn(prediction, accept):
    return ''.join(FORMAT.format(value) for value in prediction), accept
";

fn model(scene: &Scene, files: &[(&str, &str)], environment: Value) -> Value {
    scene.put("s3://bucket/model.tar.gz", archive(files));
    let container = json!({"Image": "1.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        "ModelDataUrl": "s3://bucket/model.tar.gz", "Environment": environment});
    scene.succeeds("Model", json!({"PrimaryContainer": container}), json!({}))
}

fn csv(more: Value) -> Value {
    let mut request = json!({
        "TransformInput": {"ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"Accept": "text/csv", "AssembleWith": "Line"},
    });
    for (name, value) in more.as_object().cloned().unwrap_or_default() {
        request[name] = value;
    }
    request
}

#[test]
fn a_script_in_the_model() {
    each(python("PIPEWRIGHT_PYTHON").as_ref(), |scene| {
        let files =
            [("weight", "3"), ("code/inference.py", INFERENCE), ("code/beside.py", "FORMAT = '{}\\n'\n")];
        let model = model(scene, &files, json!({"SAGEMAKER_PROGRAM": "inference.py"}));
        scene.put("s3://bucket/in/a.csv", "1\n2\n");
        scene.put("s3://bucket/in/b.csv", "5");
        let joins = json!({"DataProcessing": {"JoinSource": "Input"}, "BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 4});
        scene.succeeds("Transform", transform(&model, csv(joins)), json!({}));
        assert_eq!(scene.get("s3://bucket/out/a.csv.out"), "1,3.0\n2,6.0\n");
        assert_eq!(scene.get("s3://bucket/out/b.csv.out"), "5,15.0\n");

        scene.put("s3://bucket/in/c.csv", "x");
        let request = csv(json!({"ModelClientConfig": {"InvocationsMaxRetries": 0}}));
        let reason = scene.fails("Transform", transform(&model, request), json!({}));
        let expected = "AlgorithmError: c.csv, record 1: /invocations answered 500: ValueError: could not convert string to float: 'x'";
        assert_eq!(reason, expected);
    });
}

#[test]
fn a_script_beside_the_model() {
    each(python("PIPEWRIGHT_PYTHON").as_ref(), |scene| {
        let whole = "
def model_fn(model_dir):
    return model_dir
def transform_fn(model, body, content_type, accept):
    return f'{model} {body}', 'text/plain'
";
        scene.put("s3://bucket/sources.tar.gz", archive(&[("serve_it.py", whole)]));
        let environment = json!({"SAGEMAKER_PROGRAM": "serve_it.py", "SAGEMAKER_SUBMIT_DIRECTORY": "s3://bucket/sources.tar.gz"});
        let model = model(scene, &[("weight", "1")], environment);
        scene.put("s3://bucket/in", "hello");
        scene.succeeds(
            "Transform",
            transform(&model, json!({"TransformInput": {"ContentType": "text/plain"}})),
            json!({}),
        );
        let answer = scene.get("s3://bucket/out/in.out");
        assert!(answer.ends_with("/model hello"), "{answer}");
    });
}

#[test]
fn scripts_that_do_not_serve() {
    each(python("PIPEWRIGHT_PYTHON").as_ref(), |scene| {
        scene.put("s3://bucket/in", "hello");
        let environment = || json!({"SAGEMAKER_PROGRAM": "inference.py"});
        for (files, expected) in [
            (&[("weight", "1")][..], "the inference script inference.py is not in "),
            (&[("code/inference.py", "x = 1\n")], "the inference script has no model_fn(model_dir)"),
            (&[("code/inference.py", "raise ValueError('no, no')\n")], "ValueError: no, no"),
        ] {
            let model = model(scene, files, environment());
            let reason = scene.fails("Transform", transform(&model, json!({})), json!({}));
            assert!(
                reason.starts_with(
                    "AlgorithmError: the model's server ended with status 1 before it answered /ping"
                ),
                "{reason}"
            );
            assert!(reason.contains(expected), "{reason}");
        }
    });
}
