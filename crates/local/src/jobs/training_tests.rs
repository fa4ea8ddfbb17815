use std::fs;
use std::time::Duration;

use super::*;
use crate::jobs::fake::{Fake, failed, json as json_file, log, succeeded, tree, write};
use crate::jobs::{pack, shapes, unpack};

const OBJECTS: [(&str, &str); 3] =
    [("s3://b/train/a.csv", "1"), ("s3://b/train/x/b.csv", "2"), ("s3://b/validation.csv", "3")];

/// A request with an entry point of its own.
fn arguments() -> Value {
    json!({
        "AlgorithmSpecification": {
            "TrainingImage": "1.dkr.ecr.eu-west-1.amazonaws.com/mine:1", "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/t.py"], "ContainerArguments": ["--fast"],
            "MetricDefinitions": [{ "Name": "rmse", "Regex": "rmse=(.*)" }, { "Name": "odd", "Regex": "(?=a)" }],
        },
        "HyperParameters": { "epochs": "3", "name": "\"x\"" },
        "InputDataConfig": [
            {
                "ChannelName": "train", "ContentType": "text/csv",
                "DataSource": { "S3DataSource": {
                    "S3DataType": "S3Prefix", "S3Uri": "s3://b/train", "S3DataDistributionType": "FullyReplicated",
                } },
            },
            {
                "ChannelName": "validation", "InputMode": "FastFile",
                "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://b/validation.csv" } },
            },
        ],
        "OutputDataConfig": { "S3OutputPath": "s3://b/models/" },
        "ResourceConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30 },
        "RoleArn": "arn:aws:iam::000000000000:role/local-role",
        "StoppingCondition": { "MaxRuntimeInSeconds": 3600 },
        "Tags": [{ "Key": "a", "Value": "b" }],
    })
}

/// A request with a script.
fn script_arguments(program: &str) -> Value {
    let mut arguments = arguments();
    let algorithm = arguments["AlgorithmSpecification"].as_object_mut().unwrap();
    algorithm.remove("ContainerEntrypoint");
    algorithm.remove("ContainerArguments");
    let hyper = &mut arguments["HyperParameters"];
    hyper["sagemaker_program"] = json!(format!("{program:?}"));
    hyper["sagemaker_submit_directory"] = json!("\"s3://b/code/sourcedir.tar.gz\"");
    hyper["sagemaker_region"] = json!("\"eu-west-1\"");
    arguments
}

/// Puts sources where [`script_arguments`] has them.
fn with_sources(fake: Fake, files: &[&str]) -> Fake {
    let folder = fake.folder.path().join("sources");
    for file in files {
        write(folder.join(file), "x");
    }
    let archive = fake.folder.path().join("sourcedir.tar.gz");
    fake.control(|control| pack::tar_gz(&folder, &archive, control)).unwrap();
    fake.store.set("s3://b/code/sourcedir.tar.gz", &fs::read(archive).unwrap());
    fake
}

/// The files of an archive in S3.
fn unpacked(fake: &Fake, place: &str) -> Vec<(String, String)> {
    let archive = fake.folder.path().join("got.tar.gz");
    let into = fake.folder.path().join("got");
    let _ = fs::remove_dir_all(&into);
    write(&archive, fake.store.get(place).unwrap_or_else(|| panic!("{place}: {:?}", fake.store.places())));
    fake.control(|control| unpack::tar_gz(&archive, &into, control)).unwrap();
    tree(&into)
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

const OUTPUT: &str = "s3://b/models/pipelines-abc-Step-1/output";

#[test]
fn channels_come_and_a_model_goes() {
    let fake = Fake::new(Kind::Bubblewrap, |task, ml| {
        let data = tree(&ml.join("input/data"));
        assert_eq!(
            data,
            pairs(&[("train/a.csv", "1"), ("train/x/b.csv", "2"), ("validation/validation.csv", "3")])
        );
        let config = |name: &str| json_file(ml.join("input/config").join(name));
        assert_eq!(config("hyperparameters.json"), json!({ "epochs": "3", "name": "\"x\"" }));
        let channel = json!({
            "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None",
        });
        let mut train = channel.clone();
        train["ContentType"] = json!("text/csv");
        assert_eq!(config("inputdataconfig.json"), json!({ "train": train, "validation": channel }));
        assert_eq!(config("resourceconfig.json")["current_instance_type"], "ml.m5.large");
        log(task, "rmse=2.5\nrmse=1.25\n");
        write(ml.join("model/weights"), "w");
        write(ml.join("output/data/plot.svg"), "p");
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let properties = succeeded(fake.run(run, "Training", arguments()));

    assert_eq!(unpacked(&fake, &format!("{OUTPUT}/model.tar.gz")), pairs(&[("weights", "w")]));
    assert_eq!(unpacked(&fake, &format!("{OUTPUT}/output.tar.gz")), pairs(&[("plot.svg", "p")]));
    let task = fake.task();
    assert_eq!(task.entrypoint, ["python3", "/opt/ml/input/data/code/t.py"]);
    assert_eq!(task.arguments, ["--fast"]);
    assert_eq!(task.limit, Some(Duration::from_hours(1)));
    assert_eq!(task.environment["TRAINING_JOB_NAME"], "pipelines-abc-Step-1");
    assert_eq!(properties["ModelArtifacts"]["S3ModelArtifacts"], format!("{OUTPUT}/model.tar.gz"));
    assert_eq!(properties["TrainingJobStatus"], "Completed");
    assert_eq!(properties["FinalMetricDataList"][0]["MetricName"], "rmse");
    assert_eq!(properties["FinalMetricDataList"][0]["Value"], 1.25);
    assert_eq!(shapes::problems("DescribeTrainingJobResponse", &properties), [""; 0]);
    let statuses: Vec<_> = properties["SecondaryStatusTransitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["Status"].clone())
        .collect();
    assert_eq!(statuses, ["Starting", "Downloading", "Training", "Uploading", "Completed"]);
    assert!(fake.said().contains("metric `odd` is not measured"), "{}", fake.said());
    assert!(!fake.step().join("opt").exists());
    assert_eq!(json_file(fake.step().join("arguments.json")), arguments());
    assert_eq!(json_file(fake.step().join("properties.json")), properties);
}

#[test]
fn the_same_model_is_the_same_archive() {
    let archive = || {
        let fake = Fake::new(Kind::Process, |_, ml| {
            write(ml.join("model/weights"), "w");
            Exit::Code(0)
        })
        .with(&OBJECTS);
        succeeded(fake.run(run, "Training", arguments()));
        fake.store.get(&format!("{OUTPUT}/model.tar.gz")).unwrap()
    };
    assert_eq!(archive(), archive());
}

#[test]
fn a_script_starts_as_the_toolkit_starts_it() {
    let check = |program: &str, entrypoint: &[&str]| {
        let fake = Fake::new(Kind::Process, |_, ml| {
            assert!(ml.join("code/lib/help.py").is_file());
            Exit::Code(0)
        })
        .with(&OBJECTS);
        let fake = with_sources(fake, &[program, "lib/help.py", "requirements.txt"]);
        let mut arguments = script_arguments(program);
        arguments["Environment"] = json!({ "PYTHONPATH": "/opt/ml/more" });
        succeeded(fake.run(run, "Training", arguments));
        let task = fake.task();
        assert_eq!(task.entrypoint, entrypoint);
        assert_eq!(task.arguments, ["--epochs", "3", "--name", "x"]);
        assert_eq!(task.working_directory, "/opt/ml/code");
        assert_eq!(task.scripts, [fake.step().join("opt/ml/code")]);
        assert_eq!(task.environment["SM_CHANNEL_TRAIN"], "/opt/ml/input/data/train");
        assert_eq!(task.environment["SM_USER_ENTRY_POINT"], program);
        assert_eq!(task.environment["PYTHONPATH"], "/opt/ml/code:/opt/ml/more");
        assert!(fake.said().contains("requirements.txt of the sources is not installed"), "{}", fake.said());
    };
    check("train.py", &["python3", "/opt/ml/code/train.py"]);
    check("src/run.sh", &["/bin/sh", "/opt/ml/code/src/run.sh"]);
}

#[test]
fn in_a_container_the_image_starts_the_script() {
    let fake = Fake::new(Kind::Container, |_, ml| {
        assert!(ml.join("code/train.py").is_file());
        let texts = json_file(ml.join("input/config/hyperparameters.json"));
        assert_eq!(texts["sagemaker_submit_directory"], "\"/opt/ml/code\"");
        assert_eq!(texts["sagemaker_program"], "\"train.py\"");
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let fake = with_sources(fake, &["train.py"]);
    succeeded(fake.run(run, "Training", script_arguments("train.py")));
    let task = fake.task();
    assert_eq!(task.entrypoint, [""; 0]);
    assert_eq!(task.arguments, ["train"]);
    assert!(!task.environment.contains_key("SM_MODEL_DIR"), "the toolkit in the image sets it");
}

fn check_refused(arguments: Value, expected: &str) {
    let fake = with_sources(Fake::idle().with(&OBJECTS), &["train.py"]);
    fake.store.set("s3://b/bad.tar.gz", b"no archive");
    let (reason, properties) = failed(fake.run(run, "Training", arguments));
    assert!(reason.contains(expected), "{reason}");
    assert!(fake.launcher.tasks.lock().unwrap().is_empty(), "nothing was started");
    assert_eq!(properties["TrainingJobStatus"], "Failed");
    assert_eq!(shapes::problems("DescribeTrainingJobResponse", &properties), [""; 0]);
}

#[test]
fn sources_that_are_not_there_are_told() {
    check_refused(
        script_arguments("other.py"),
        "sagemaker_program: `other.py` is not in s3://b/code/sourcedir.tar.gz",
    );
    let mut arguments = script_arguments("train.py");
    arguments["HyperParameters"]["sagemaker_submit_directory"] = json!("\"s3://b/none.tar.gz\"");
    check_refused(
        arguments.clone(),
        "ClientError: Data download failed: HyperParameters.sagemaker_submit_directory: s3://b/none.tar.gz does not exist",
    );
    arguments["HyperParameters"]["sagemaker_submit_directory"] = json!("\"s3://b/bad.tar.gz\"");
    check_refused(arguments.clone(), "no whole tar.gz");
    arguments["HyperParameters"].as_object_mut().unwrap().remove("sagemaker_submit_directory");
    check_refused(arguments, "train.py is in the image");
}

#[test]
fn what_the_program_says_of_its_failure_is_the_reason() {
    let check = |arguments: Value, said: Option<&'static str>, expected: &str| {
        let fake = Fake::new(Kind::Process, move |_, ml| {
            if let Some(said) = said {
                write(ml.join("output/failure"), said);
            }
            write(ml.join("model/half"), "x");
            Exit::Code(2)
        })
        .with(&OBJECTS);
        let fake = with_sources(fake, &["train.py"]);
        let before = fake.store.places();
        let (reason, properties) = failed(fake.run(run, "Training", arguments));
        assert_eq!(reason, expected);
        assert_eq!(properties["FailureReason"], reason);
        assert_eq!(properties["SecondaryStatus"], "Failed");
        assert_eq!(shapes::problems("DescribeTrainingJobResponse", &properties), [""; 0]);
        assert_eq!(fake.store.places(), before, "nothing is sent");
    };
    check(arguments(), Some("no rows\n"), "AlgorithmError: no rows, exit code: 2");
    check(arguments(), None, "AlgorithmError: , exit code: 2");
    check(
        script_arguments("train.py"),
        None,
        "AlgorithmError: ExecuteUserScriptError: ExitCode 2, Command \"python3 /opt/ml/code/train.py --epochs 3 --name x\", \
         exit code: 2",
    );
    check(script_arguments("train.py"), Some("no rows"), "AlgorithmError: no rows, exit code: 2");
}

#[test]
fn outputs_can_stay_files() {
    let fake = Fake::new(Kind::Process, |_, ml| {
        write(ml.join("model/a/weights"), "w");
        write(ml.join("output/data/plot.svg"), "p");
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let mut arguments = arguments();
    arguments["OutputDataConfig"]["CompressionType"] = json!("NONE");
    let properties = succeeded(fake.run(run, "Training", arguments));
    assert_eq!(properties["ModelArtifacts"]["S3ModelArtifacts"], format!("{OUTPUT}/model/"));
    assert_eq!(fake.store.text(&format!("{OUTPUT}/model/a/weights")), "w");
    assert_eq!(fake.store.text(&format!("{OUTPUT}/data/plot.svg")), "p");
}

#[test]
fn no_model_is_no_archive() {
    let fake = Fake::idle().with(&OBJECTS);
    succeeded(fake.run(run, "Training", arguments()));
    assert_eq!(fake.store.places().len(), OBJECTS.len());
    assert!(fake.said().contains("nothing is in /opt/ml/model"), "{}", fake.said());
}

#[test]
fn checkpoints_survive_a_failure() {
    let check = |exit: Exit, sent: bool| {
        let fake = Fake::new(Kind::Process, move |_, ml| {
            assert_eq!(tree(&ml.join("checkpoints")), pairs(&[("1", "old")]));
            write(ml.join("checkpoints/2"), "new");
            exit
        })
        .with(&OBJECTS)
        .with(&[("s3://b/checkpoints/1", "old"), ("s3://b/checkpoints-of-others/1", "no")]);
        let mut arguments = arguments();
        arguments["CheckpointConfig"] = json!({ "S3Uri": "s3://b/checkpoints" });
        let outcome = fake.run(run, "Training", arguments);
        assert_eq!(matches!(outcome, Outcome::Succeeded(_)), exit == Exit::Code(0));
        assert_eq!(fake.store.get("s3://b/checkpoints/2").is_some(), sent, "{exit:?}");
    };
    check(Exit::Code(0), true);
    check(Exit::Code(1), true);
    check(Exit::TimedOut, true);
    check(Exit::Stopped, false);
}

#[test]
fn both_archives_are_packed_before_either_is_sent() {
    let fake = Fake::new(Kind::Process, |_, ml| {
        write(ml.join("model/weights"), "w");
        fs::remove_dir(ml.join("output/data")).unwrap();
        std::os::unix::fs::symlink("/etc", ml.join("output/data")).unwrap();
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let (reason, _) = failed(fake.run(run, "Training", arguments()));
    assert_eq!(reason, "/opt/ml/output/data has become a link, or is gone");
    assert_eq!(fake.store.places().len(), OBJECTS.len());
}

#[test]
fn the_built_in_algorithm_is_measured_by_itself() {
    let fake = Fake::new(Kind::Container, |task, ml| {
        log(task, "[0]\ttrain-rmse:3.5\tvalidation-rmse:4.5\n[1]\ttrain-rmse:3.0\tvalidation-rmse:4e-1\n");
        write(ml.join("model/xgboost-model"), "x");
        Exit::Code(0)
    })
    .with(&OBJECTS);
    let mut arguments = arguments();
    let algorithm = arguments["AlgorithmSpecification"].as_object_mut().unwrap();
    algorithm.retain(|name, _| name.starts_with("Training"));
    algorithm["TrainingImage"] = json!("1.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1");
    let properties = succeeded(fake.run(run, "Training", arguments));
    assert_eq!(fake.task().arguments, ["train"]);
    let found: Vec<_> = properties["FinalMetricDataList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["MetricName"].as_str().unwrap().to_owned(), m["Value"].as_f64().unwrap()))
        .collect();
    assert_eq!(found, [("train:rmse".to_owned(), 3.0), ("validation:rmse".to_owned(), 0.4)]);
}
