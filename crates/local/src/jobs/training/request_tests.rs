use serde_json::json;

use super::*;

fn arguments() -> Value {
    json!({
        "AlgorithmSpecification": { "TrainingImage": "image", "TrainingInputMode": "File" },
        "InputDataConfig": [{
            "ChannelName": "train",
            "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://b/train" } },
        }],
        "OutputDataConfig": { "S3OutputPath": "s3://b/models" },
        "ResourceConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1 },
    })
}

/// [`arguments`] with one member of the object at `pointer` set.
fn with(pointer: &str, name: &str, value: Value) -> Value {
    let mut arguments = arguments();
    arguments.pointer_mut(pointer).unwrap()[name] = value;
    arguments
}

fn check(arguments: &Value, expected: &str) {
    let problem = Request::read(arguments).unwrap_err().to_string();
    assert!(problem.contains(expected), "{problem}");
}

#[test]
fn what_can_not_be_done_is_told() {
    let channel = |name: &str, value: Value| with("/InputDataConfig/0", name, value);
    let source = |name: &str, value: Value| with("/InputDataConfig/0/DataSource/S3DataSource", name, value);
    check(
        &channel("ChannelName", json!("../up")),
        "InputDataConfig[0].ChannelName: `../up` is no name for a channel",
    );
    check(&channel("ChannelName", json!("..")), "is no name for a channel");
    check(&channel("ChannelName", json!("a/b")), "is no name for a channel");
    check(&channel("ChannelName", json!("a".repeat(65))), "is no name for a channel");
    check(&channel("ChannelName", Value::Null), "ChannelName: is missing");
    check(
        &channel("InputMode", json!("Pipe")),
        "InputDataConfig[0]: mode `Pipe` is not available here; use `File`",
    );
    check(&channel("CompressionType", json!("Gzip")), "`Gzip` goes with mode `Pipe` only");
    check(
        &channel("DataSource", json!({ "FileSystemDataSource": {} })),
        "FileSystemDataSource: is not available here",
    );
    check(&channel("DataSource", json!({ "DatasetSource": {} })), "DatasetSource: is not available here");
    check(&channel("DataSource", Value::Null), "DataSource.S3DataSource.S3Uri: is missing");
    check(
        &source("S3DataType", json!("AugmentedManifestFile")),
        "`AugmentedManifestFile` is not available here",
    );
    check(&source("S3DataType", json!("Folder")), "`Folder` is none of S3Prefix, ManifestFile");
    check(
        &with("/AlgorithmSpecification", "TrainingInputMode", json!("Pipe")),
        "InputDataConfig[0]: mode `Pipe`",
    );
    check(
        &with("/AlgorithmSpecification", "AlgorithmName", json!("x")),
        "AlgorithmName: algorithms of the Marketplace",
    );
    check(&with("/AlgorithmSpecification", "TrainingImage", Value::Null), "TrainingImage: is missing");
    check(
        &with("/OutputDataConfig", "S3OutputPath", json!("/tmp")),
        "S3OutputPath: `/tmp` is no place in S3",
    );
    check(&with("/OutputDataConfig", "CompressionType", json!("ZIP")), "`ZIP` is none of GZIP, NONE");
    let checkpoints =
        |path: &str| with("", "CheckpointConfig", json!({ "S3Uri": "s3://b/c", "LocalPath": path }));
    check(
        &checkpoints("/opt/ml/model/x"),
        "CheckpointConfig.LocalPath: `/opt/ml/model/x` is SageMaker's own",
    );
    check(&checkpoints("/root"), "CheckpointConfig.LocalPath: `/root` is not below /opt/ml");
    check(&with("", "CheckpointConfig", json!({})), "CheckpointConfig.S3Uri: is missing");
    check(
        &with("", "HyperParameters", json!({ "sagemaker_program": "../x.py" })),
        "HyperParameters.sagemaker_program: `../x.py` is no path in the sources",
    );
    check(
        &with(
            "",
            "HyperParameters",
            json!({ "sagemaker_program": "x.py", "sagemaker_submit_directory": "\"s3://\"" }),
        ),
        "sagemaker_submit_directory: `s3://` is no place in S3",
    );
    let mut twice = arguments();
    let channel = twice["InputDataConfig"][0].clone();
    twice["InputDataConfig"].as_array_mut().unwrap().push(channel);
    check(&twice, "InputDataConfig[1].ChannelName: `train` is the name of another channel already");
}

#[test]
fn what_is_done_otherwise_is_noted() {
    let check = |arguments: &Value, expected: &[&str]| {
        let request = Request::read(arguments).unwrap();
        assert_eq!(request.notes, expected);
    };
    check(&arguments(), &[]);
    check(
        &with("/ResourceConfig", "InstanceCount", json!(3)),
        &["3 instances: here it is one host, which gets all data"],
    );
    check(&with("", "VpcConfig", json!({ "Subnets": [] })), &["VpcConfig is not applied here"]);
    check(
        &with("/InputDataConfig/0", "ShuffleConfig", json!({ "Seed": 1 })),
        &["channel `train`: ShuffleConfig has no effect on files"],
    );
    check(
        &with("", "DebugRuleConfigurations", json!([{ "RuleConfigurationName": "r" }])),
        &["DebugRuleConfigurations are not evaluated here"],
    );
}

#[test]
fn groups_of_instances_are_one_host() {
    let groups = json!({ "InstanceGroups": [
        { "InstanceGroupName": "a", "InstanceType": "ml.c5.large", "InstanceCount": 1 },
        { "InstanceGroupName": "b", "InstanceType": "ml.m5.large", "InstanceCount": 2 },
    ] });
    let request = Request::read(&with("", "ResourceConfig", groups)).unwrap();
    assert_eq!(request.instance_type, "ml.c5.large");
    assert_eq!(request.notes, ["3 instances: here it is one host, which gets all data"]);
}
