//! Runs jobs over real processes: plain, and in a sandbox where bubblewrap is.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may fail where it stands"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use pipewright_interpreter::{Control, Job, Outcome, S3Uri, Start, Stop};
use pipewright_local::jobs::{pack, processing, training, unpack};
use pipewright_local::launch::{Bubblewrap, Kind, Launcher, Process, Supervisor};
use pipewright_local::settings::Settings;
use pipewright_local::site::Site;
use pipewright_local::store::Store as _;
use pipewright_local::store::folder::Folder;
use serde_json::{Value, json};

/// The launchers that this machine has.
fn launchers() -> Vec<Arc<dyn Launcher>> {
    let supervisor =
        || Supervisor::new(env!("CARGO_BIN_EXE_pipewright-local")).grace(Duration::from_millis(200));
    let mut launchers: Vec<Arc<dyn Launcher>> = vec![Arc::new(Process::new(supervisor(), None))];
    match Bubblewrap::find() {
        Ok(program) => launchers.push(Arc::new(Bubblewrap::new(supervisor(), program, None))),
        Err(error) => eprintln!("not in a sandbox: {error}"),
    }
    launchers
}

struct Scene {
    folder: tempfile::TempDir,
    site: Site,
    store: Folder,
    stop: Stop,
    said: Mutex<Vec<String>>,
}

impl Scene {
    fn new(launcher: Arc<dyn Launcher>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = || Folder::new(folder.path().join("s3")).unwrap();
        let site = Site {
            root: folder.path().to_owned(),
            run: folder.path().join("runs/r"),
            local: None,
            store: Arc::new(store()),
            launcher,
            settings: Arc::new(Settings::default()),
        };
        Self { store: store(), site, folder, stop: Stop::default(), said: Mutex::default() }
    }

    fn put(&self, place: &str, content: impl AsRef<[u8]>) {
        let file = self.folder.path().join("object");
        fs::write(&file, content).unwrap();
        self.store.put(&file, &S3Uri::parse(place).unwrap()).unwrap();
    }

    fn get(&self, place: &str) -> Option<PathBuf> {
        let file = self.folder.path().join("got");
        self.store.fetch(&S3Uri::parse(place).unwrap(), &file).ok().map(|()| file)
    }

    fn text(&self, place: &str) -> String {
        fs::read_to_string(self.get(place).unwrap_or_else(|| panic!("{place} is not there: {:?}", self.said)))
            .unwrap()
    }

    fn run(&self, run: fn(&Site, &Job, &Control<'_>) -> Outcome, arguments: Value) -> Outcome {
        let line = |text: &str| {
            self.said.lock().unwrap().push(text.to_owned());
            if text == "ready to be stopped" {
                self.stop.ask();
            }
        };
        run(&self.site, &job(arguments), &Control::new(&self.stop, &line))
    }
}

fn job(arguments: Value) -> Job {
    Job {
        step: "Step".to_owned(),
        kind: String::new(),
        name: "pipelines-abc-Step-1".to_owned(),
        arn: "arn:aws:sagemaker:eu-west-1:000000000000:job/pipelines-abc-Step-1".to_owned(),
        arguments,
        members: serde_json::Map::new(),
        attempt: 0,
        start: Arc::new(Start { region: "eu-west-1".to_owned(), ..Start::default() }),
        began: Timestamp::now(),
    }
}

fn processing_arguments() -> Value {
    json!({
        "AppSpecification": {
            "ImageUri": "image",
            "ContainerEntrypoint": ["/bin/sh", "/opt/ml/processing/input/code/p.sh"],
            "ContainerArguments": ["--out", "/opt/ml/processing/out"],
        },
        "ProcessingInputs": [
            { "InputName": "code", "S3Input": {
                "S3Uri": "s3://bucket/code/p.sh", "LocalPath": "/opt/ml/processing/input/code", "S3DataType": "S3Prefix",
            } },
            { "InputName": "data", "S3Input": {
                "S3Uri": "s3://bucket/in/", "LocalPath": "/opt/ml/processing/data", "S3DataType": "S3Prefix",
            } },
        ],
        "ProcessingOutputConfig": { "Outputs": [{ "OutputName": "out", "S3Output": {
            "S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob",
        } }] },
        "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
    })
}

#[test]
fn a_script_processes_data() {
    for launcher in launchers() {
        let scene = Scene::new(launcher);
        scene.put("s3://bucket/in/a b.csv", "1\n2\n");
        scene.put(
            "s3://bucket/code/p.sh",
            "set -e\ncat '/opt/ml/processing/data/a b.csv' > \"$2/all.csv\"\n\
             printf '%s' \"$AWS_REGION\" > \"$2/region\"\ncp /opt/ml/config/processingjobconfig.json \"$2\"\necho done\n",
        );
        let outcome = scene.run(processing::run, processing_arguments());
        assert!(matches!(outcome, Outcome::Succeeded(_)), "{outcome:?} {:?}", scene.said);
        assert_eq!(scene.text("s3://bucket/out/all.csv"), "1\n2\n");
        assert_eq!(scene.text("s3://bucket/out/region"), "eu-west-1");
        let config: Value =
            serde_json::from_str(&scene.text("s3://bucket/out/processingjobconfig.json")).unwrap();
        assert_eq!(config["ProcessingJobName"], "pipelines-abc-Step-1");
        assert!(scene.said.lock().unwrap().contains(&"done".to_owned()));
    }
}

#[test]
fn a_script_that_fails_sends_nothing() {
    let check = |script: &str, limit: u64, expected: &str| {
        for launcher in launchers() {
            let scene = Scene::new(launcher);
            scene.put("s3://bucket/in/a.csv", "1");
            scene.put("s3://bucket/code/p.sh", script);
            let mut arguments = processing_arguments();
            arguments["StoppingCondition"]["MaxRuntimeInSeconds"] = json!(limit);
            let Outcome::Failed(failure) = scene.run(processing::run, arguments) else { panic!("{script}") };
            assert!(failure.reason.ends_with(expected), "{}", failure.reason);
            assert!(scene.get("s3://bucket/out/half.csv").is_none());
        }
    };
    check("echo x > $2/half.csv; exit 7\n", 60, "exit code: 7");
    check("echo x > $2/half.csv; kill -9 $$\n", 60, "exit code: 137");
    check("echo x > $2/half.csv; sleep 600\n", 1, "MaxRuntimeInSeconds (1) and was ended");
}

#[test]
fn who_stops_sends_nothing() {
    for launcher in launchers() {
        let scene = Scene::new(launcher);
        scene.put("s3://bucket/in/a.csv", "1");
        scene.put(
            "s3://bucket/code/p.sh",
            "trap '' TERM\necho x > $2/half.csv\necho ready to be stopped\nsleep 600\nsleep 600\n",
        );
        assert_eq!(scene.run(processing::run, processing_arguments()), Outcome::Stopped);
        assert!(scene.get("s3://bucket/out/half.csv").is_none());
    }
}

/// Python that this machine has, for the toolkit's `python3`.
fn has_python() -> bool {
    std::process::Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success())
}

#[test]
fn a_script_trains_as_under_the_toolkit() {
    if !has_python() {
        eprintln!("skipped: there is no python3");
        return;
    }
    let train = r#"
import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.add_argument("--name")
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
arguments = parser.parse_args()
import helper
rows = open(os.path.join(arguments.train, "a.csv")).read().split()
model = {"epochs": arguments.epochs, "name": arguments.name, "rows": helper.count(rows),
         "hps": json.loads(os.environ["SM_HPS"]), "cwd": os.path.basename(os.getcwd())}
with open(os.path.join(arguments.model_dir, "model.json"), "w") as out:
    json.dump(model, out)
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "log.txt"), "w") as out:
    out.write("x")
print("rmse=0.5")
"#;
    for launcher in launchers() {
        let kind = launcher.kind();
        let scene = Scene::new(launcher);
        let sources = scene.folder.path().join("sources");
        fs::create_dir_all(&sources).unwrap();
        fs::write(sources.join("train.py"), train).unwrap();
        fs::write(sources.join("helper.py"), "def count(rows):\n    return len(rows)\n").unwrap();
        let archive = scene.folder.path().join("sourcedir.tar.gz");
        let control = Control::new(&scene.stop, &|_: &str| {});
        pack::tar_gz(&sources, &archive, &control).unwrap();
        scene.put("s3://bucket/code/sourcedir.tar.gz", fs::read(archive).unwrap());
        scene.put("s3://bucket/train/a.csv", "1\n2\n3\n");

        let outcome = scene.run(
            training::run,
            json!({
                "AlgorithmSpecification": {
                    "TrainingImage": "image", "TrainingInputMode": "File",
                    "MetricDefinitions": [{ "Name": "rmse", "Regex": "rmse=([0-9.]+)" }],
                },
                "HyperParameters": {
                    "epochs": "3", "name": "\"a b\"", "sagemaker_program": "\"train.py\"",
                    "sagemaker_submit_directory": "\"s3://bucket/code/sourcedir.tar.gz\"",
                },
                "InputDataConfig": [{ "ChannelName": "train", "DataSource": { "S3DataSource": {
                    "S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train",
                } } }],
                "OutputDataConfig": { "S3OutputPath": "s3://bucket/models" },
            }),
        );
        let Outcome::Succeeded(success) = outcome else { panic!("{kind:?}: {outcome:?} {:?}", scene.said) };
        assert_eq!(success.properties["FinalMetricDataList"][0]["Value"], 0.5);
        let place = success.properties["ModelArtifacts"]["S3ModelArtifacts"].as_str().unwrap().to_owned();
        let model = unpacked(&scene, &place);
        let model: Value = serde_json::from_str(&model["model.json"]).unwrap();
        assert_eq!(
            model,
            json!({
                "epochs": 3, "name": "a b", "rows": 3, "hps": { "epochs": 3, "name": "a b" }, "cwd": "code",
            })
        );
        let output = unpacked(&scene, "s3://bucket/models/pipelines-abc-Step-1/output/output.tar.gz");
        assert_eq!(output["log.txt"], "x");
    }
}

/// The files of an archive in S3.
fn unpacked(scene: &Scene, place: &str) -> BTreeMap<String, String> {
    let archive = scene.get(place).unwrap_or_else(|| panic!("{place} is not there"));
    let into = scene.folder.path().join("unpacked");
    let _ = fs::remove_dir_all(&into);
    unpack::tar_gz(&archive, &into, &Control::new(&scene.stop, &|_: &str| {})).unwrap();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let files = fs::read_dir(into).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn what_a_script_made_unreadable_is_told() {
    let scene = Scene::new(launchers().remove(0));
    assert_eq!(scene.site.launcher.kind(), Kind::Process);
    scene.put("s3://bucket/in/a.csv", "1");
    scene.put("s3://bucket/code/p.sh", "printf x > \"$(printf '%s/\\377' \"$2\")\"\n");
    let Outcome::Failed(failure) = scene.run(processing::run, processing_arguments()) else {
        panic!("it failed")
    };
    assert!(failure.reason.contains("the name is not UTF-8; rename it"), "{}", failure.reason);

    // A folder that its owner may not enter goes, too, before the next attempt.
    let locked = scene.site.run.join("steps/Step/0/opt/ml/processing/locked");
    fs::create_dir_all(&locked).unwrap();
    fs::write(locked.join("x"), "x").unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    scene.put("s3://bucket/code/p.sh", "true\n");
    let outcome = scene.run(processing::run, processing_arguments());
    assert!(matches!(outcome, Outcome::Succeeded(_)), "{outcome:?}");
}
