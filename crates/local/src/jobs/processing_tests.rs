use std::fs;

use super::*;
use crate::jobs::fake::{Fake, failed, json as json_file, log, succeeded, write};
use crate::jobs::shapes;
use crate::launch::Exit;

/// A request with one input and one output.
fn arguments() -> Value {
    json!({
        "AppSpecification": {
            "ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/sklearn:1",
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/p.py"],
            "ContainerArguments": ["--rows", "3"],
        },
        "Environment": { "MODE": "fast" },
        "ProcessingInputs": [
            {
                "InputName": "data",
                "AppManaged": false,
                "S3Input": {
                    "S3Uri": "s3://b/in", "LocalPath": "/opt/ml/processing/input", "S3DataType": "S3Prefix",
                    "S3InputMode": "File", "S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None",
                },
            },
            {
                "InputName": "code",
                "S3Input": {
                    "S3Uri": "s3://b/code/p.py", "LocalPath": "/opt/ml/processing/input/code", "S3DataType": "S3Prefix",
                },
            },
        ],
        "ProcessingOutputConfig": { "Outputs": [{
            "OutputName": "train",
            "S3Output": { "S3Uri": "s3://b/out/", "LocalPath": "/opt/ml/processing/train", "S3UploadMode": "EndOfJob" },
        }] },
        "ProcessingResources": {
            "ClusterConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30 },
        },
        "RoleArn": "arn:aws:iam::000000000000:role/local-role",
        "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
        "Tags": [{ "Key": "a", "Value": "b" }],
    })
}

/// [`arguments`] with one value set, by its JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut arguments = arguments();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = arguments.pointer_mut(parent).unwrap();
    if let Some(element) = parent.as_array_mut() {
        element[name.parse::<usize>().unwrap()] = value;
    } else {
        parent[name] = value;
    }
    arguments
}

const OBJECTS: [(&str, &str); 2] = [("s3://b/in/a.csv", "1,2"), ("s3://b/code/p.py", "print()")];

#[test]
fn inputs_come_and_outputs_go() {
    let fake = Fake::new(Kind::Bubblewrap, |task, ml| {
        assert_eq!(fs::read_to_string(ml.join("processing/input/a.csv")).unwrap(), "1,2");
        assert!(ml.join("processing/input/code/p.py").is_file());
        assert!(ml.join("processing/train").is_dir(), "folders of outputs are there");
        let config = json_file(ml.join("config/processingjobconfig.json"));
        assert_eq!(config["ProcessingJobName"], "pipelines-abc-Step-1");
        assert_eq!(config["ProcessingInputs"][1]["S3Input"]["S3InputMode"], "File");
        assert_eq!(config["ProcessingOutputConfig"]["KmsKeyId"], Value::Null);
        assert_eq!(config["Environment"], json!({ "MODE": "fast" }));
        let host = json_file(ml.join("config/resourceconfig.json"));
        assert_eq!(host["hosts"], json!(["algo-1"]));
        assert_eq!(host["current_host"], "algo-1");
        write(ml.join("processing/train/train.csv"), "x");
        write(ml.join("processing/train/deep/er.csv"), "y");
        write(ml.join("output/message"), "done");
        log(task, "line\n");
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let properties = succeeded(fake.run(run, "Processing", arguments()));

    assert_eq!(fake.store.text("s3://b/out/train.csv"), "x");
    assert_eq!(fake.store.text("s3://b/out/deep/er.csv"), "y");
    let task = fake.task();
    assert_eq!(task.entrypoint, ["python3", "/opt/ml/processing/input/code/p.py"]);
    assert_eq!(task.arguments, ["--rows", "3"]);
    assert_eq!(task.environment["MODE"], "fast");
    assert_eq!(task.environment["AWS_REGION"], "eu-west-1");
    assert_eq!(task.limit, Some(Duration::from_mins(1)));
    assert_eq!(task.scripts, [fake.step().join("opt/ml/processing/input/code")]);

    assert_eq!(properties["ProcessingJobStatus"], "Completed");
    assert_eq!(properties["ExitMessage"], "done");
    assert_eq!(properties["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"], "s3://b/out/");
    assert_eq!(shapes::problems("DescribeProcessingJobResponse", &properties), [""; 0]);
    // The log stays, what the process saw does not.
    assert_eq!(fs::read_to_string(fake.step().join("log.txt")).unwrap(), "line\n");
    assert!(!fake.step().join("opt").exists());
    assert_eq!(json_file(fake.step().join("arguments.json")), arguments());
    assert_eq!(json_file(fake.step().join("properties.json")), properties);
}

fn check_refused(arguments: Value, expected: &str) {
    let fake = Fake::idle().with(&OBJECTS);
    let (reason, properties) = failed(fake.run(run, "Processing", arguments));
    assert!(reason.contains(expected), "{reason}");
    assert!(fake.launcher.tasks.lock().unwrap().is_empty(), "nothing was started");
    assert_eq!(properties["ProcessingJobStatus"], "Failed");
    assert_eq!(properties["FailureReason"], reason);
}

#[test]
fn what_can_not_be_done_is_told_before_anything_starts() {
    let input = "/ProcessingInputs/0/S3Input";
    let at = |name: &str| format!("{input}/{name}");
    check_refused(
        with(&at("LocalPath"), json!("/etc")),
        "ProcessingInputs[0].S3Input.LocalPath: `/etc` is not below /opt/ml",
    );
    check_refused(with(&at("LocalPath"), json!("/opt/ml/processing/../../x")), "goes through `..`");
    check_refused(with(&at("LocalPath"), json!("/opt/ml/config")), "is SageMaker's own");
    check_refused(with(&at("LocalPath"), json!("/opt/ml")), "is SageMaker's own");
    check_refused(with(&at("LocalPath"), Value::Null), "LocalPath: is missing");
    check_refused(with(&at("S3Uri"), json!("b/in")), "S3Uri: `b/in` is no place in S3");
    check_refused(with(&at("S3DataType"), json!("Folder")), "`Folder` is none of S3Prefix, ManifestFile");
    check_refused(with(&at("S3InputMode"), json!("Pipe")), "`Pipe` is not available here");
    check_refused(with(&at("S3CompressionType"), json!("Gzip")), "`Gzip` goes with S3InputMode `Pipe` only");
    check_refused(
        with("/ProcessingInputs/0/DatasetDefinition", json!({ "AthenaDatasetDefinition": {} })),
        "ProcessingInputs[0].DatasetDefinition: Athena and Redshift can't be asked here",
    );
    check_refused(
        with("/ProcessingOutputConfig/Outputs/0/S3Output/LocalPath", json!("/tmp")),
        "ProcessingOutputConfig.Outputs[0].S3Output.LocalPath: `/tmp`",
    );
    check_refused(
        with("/ProcessingOutputConfig/Outputs/0", json!({ "OutputName": "f", "FeatureStoreOutput": {} })),
        "there is no Feature Store here",
    );
    check_refused(with("/AppSpecification/ImageUri", Value::Null), "AppSpecification.ImageUri: is missing");
    check_refused(
        with("/StoppingCondition/MaxRuntimeInSeconds", json!(-1)),
        "StoppingCondition.MaxRuntimeInSeconds: `-1` is no whole number",
    );
    check_refused(
        with("/StoppingCondition/MaxRuntimeInSeconds", json!("soon")),
        "MaxRuntimeInSeconds: `soon` is no whole number",
    );
    check_refused(with("/ProcessingInputs", json!("x")), "ProcessingInputs: expected a list");
    check_refused(json!([]), "AppSpecification.ImageUri: is missing");
    // All at once.
    let mut two = with(&at("LocalPath"), json!("/etc"));
    two["ProcessingInputs"][1]["S3Input"]["S3Uri"] = json!("nowhere");
    check_refused(two.clone(), "ProcessingInputs[0].S3Input.LocalPath");
    check_refused(two, "; ProcessingInputs[1].S3Input.S3Uri");
}

#[test]
fn what_can_not_be_brought_is_told() {
    check_refused(
        with("/ProcessingInputs/0/S3Input/S3Uri", json!("s3://b/none")),
        "ClientError: Data download failed: ProcessingInputs `data`: no object's key begins with s3://b/none",
    );
    check_refused(
        with("/AppSpecification/ContainerEntrypoint", Value::Null),
        "without a container engine nobody knows what image",
    );
}

#[test]
fn a_failure_sends_nothing() {
    let check = |exit: Exit, expected: &str| {
        let fake = Fake::new(Kind::Process, move |_, ml| {
            write(ml.join("processing/train/half.csv"), "x");
            write(ml.join("output/message"), "the sea is empty");
            exit
        })
        .with(&OBJECTS);
        let (reason, properties) = failed(fake.run(run, "Processing", arguments()));
        assert_eq!(reason, expected);
        assert_eq!(properties["ExitMessage"], "the sea is empty");
        assert_eq!(shapes::problems("DescribeProcessingJobResponse", &properties), [""; 0]);
        assert_eq!(fake.store.places().len(), OBJECTS.len());
    };
    check(Exit::Code(3), "AlgorithmError: See job logs for more information, exit code: 3");
    check(Exit::Signal(9), "AlgorithmError: See job logs for more information, exit code: 137");
    check(
        Exit::TimedOut,
        "ClientError: it ran longer than StoppingCondition.MaxRuntimeInSeconds (60) and was ended",
    );
}

#[test]
fn who_stops_sends_nothing() {
    let fake = Fake::new(Kind::Process, |_, ml| {
        write(ml.join("processing/train/half.csv"), "x");
        Exit::Stopped
    })
    .with(&OBJECTS);
    assert_eq!(fake.run(run, "Processing", arguments()), Outcome::Stopped);
    assert_eq!(fake.store.places().len(), OBJECTS.len());

    // Asked for just as the process ended well.
    let stop = pipewright_interpreter::Stop::default();
    let asked = stop.clone();
    let mut fake = Fake::new(Kind::Process, move |_, ml| {
        write(ml.join("processing/train/whole.csv"), "x");
        asked.ask();
        Exit::Code(0)
    })
    .with(&OBJECTS);
    fake.stop = stop;
    assert_eq!(fake.run(run, "Processing", arguments()), Outcome::Stopped);
    assert_eq!(fake.store.places().len(), OBJECTS.len());
}

#[test]
fn no_link_leads_out_of_the_folder() {
    let fake = Fake::new(Kind::Process, |_, ml| {
        write(ml.join("processing/train/a.csv"), "x");
        std::os::unix::fs::symlink("/etc/passwd", ml.join("processing/train/secret")).unwrap();
        std::os::unix::fs::symlink("/etc", ml.join("processing/train/folder")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", ml.join("output/message")).unwrap();
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let properties = succeeded(fake.run(run, "Processing", arguments()));
    assert_eq!(properties.get("ExitMessage"), None);
    assert_eq!(fake.store.places().len(), OBJECTS.len() + 1);
    assert!(fake.said().contains("/opt/ml/processing/train/secret is not sent"), "{}", fake.said());

    let fake = Fake::new(Kind::Process, |_, ml| {
        fs::remove_dir(ml.join("processing/train")).unwrap();
        std::os::unix::fs::symlink("/etc", ml.join("processing/train")).unwrap();
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let (reason, _) = failed(fake.run(run, "Processing", arguments()));
    assert!(reason.contains("/opt/ml/processing/train has become a link"), "{reason}");
    assert_eq!(fake.store.places().len(), OBJECTS.len());
}

#[test]
fn a_full_store_fails_the_job() {
    let fake = Fake::new(Kind::Process, |_, ml| {
        write(ml.join("processing/train/a.csv"), "x");
        Exit::Code(0)
    })
    .with(&OBJECTS);
    *fake.store.refuse.lock().unwrap() = Some("a.csv".to_owned());
    let (reason, _) = failed(fake.run(run, "Processing", arguments()));
    assert_eq!(
        reason,
        "ClientError: Data upload failed: ProcessingOutputConfig `train`: s3://b/out/a.csv: no space left on device"
    );
}

#[test]
fn what_is_done_otherwise_is_said() {
    let mut arguments = with("/ProcessingResources/ClusterConfig/InstanceCount", json!("2"));
    arguments["NetworkConfig"] = json!({ "EnableNetworkIsolation": true });
    let outputs = arguments["ProcessingOutputConfig"]["Outputs"].as_array_mut().unwrap();
    outputs.push(outputs[0].clone());
    outputs[0]["AppManaged"] = json!(true);
    outputs[1]["S3Output"]["S3UploadMode"] = json!("Continuous");
    let fake = Fake::idle().with(&OBJECTS);
    succeeded(fake.run(run, "Processing", arguments));
    let said = fake.said();
    for part in [
        "InstanceCount is 2: here it is one host",
        "NetworkConfig is not applied",
        "output `train` is AppManaged",
        "is sent at the end",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(fs::read_to_string(fake.step().join("log.txt")).unwrap().contains("InstanceCount is 2"));
}

#[test]
fn an_interrupted_attempt_leaves_nothing_to_the_next() {
    let fake = Fake::new(Kind::Process, |_, ml| {
        assert!(!ml.join("processing/train/old.csv").exists());
        Exit::Code(0)
    })
    .with(&OBJECTS);
    write(fake.step().join("opt/ml/processing/train/old.csv"), "half");
    succeeded(fake.run(run, "Processing", arguments()));
    assert_eq!(fake.store.places().len(), OBJECTS.len());
}

#[test]
fn a_message_is_a_kilobyte_of_text() {
    let check = |content: Vec<u8>, expected: Result<usize, &str>| {
        let fake = Fake::new(Kind::Process, move |_, ml| {
            write(ml.join("output/message"), &content);
            Exit::Code(0)
        })
        .with(&OBJECTS);
        match (fake.run(run, "Processing", arguments()), expected) {
            (Outcome::Succeeded(success), Ok(length)) => {
                assert_eq!(success.properties["ExitMessage"].as_str().unwrap().len(), length);
            }
            (Outcome::Failed(failure), Err(part)) => {
                assert!(failure.reason.contains(part), "{}", failure.reason);
            }
            (found, _) => panic!("{found:?}"),
        }
    };
    check("é".repeat(2000).into_bytes(), Ok(1024));
    check(format!("a{}", "é".repeat(2000)).into_bytes(), Ok(1023));
    check(vec![0xff, 0xfe], Err("ClientError: /opt/ml/output/message is not UTF-8"));
}

#[test]
fn an_image_starts_itself_in_a_container() {
    let fake = Fake::new(Kind::Container, |_, _| Exit::Code(0)).with(&OBJECTS);
    succeeded(fake.run(run, "Processing", with("/AppSpecification/ContainerEntrypoint", Value::Null)));
    let task = fake.task();
    assert_eq!(task.entrypoint, [""; 0]);
    assert_eq!(task.arguments, ["--rows", "3"]);
    assert_eq!(task.working_directory, "");
}
