//! A worker over real launchers, and a folder as S3.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use pipewright_interpreter::{Control, Job, Outcome, Runner, S3Uri, Start, Stop};
use pipewright_local::launch::{Bubblewrap, Launcher, Process, Supervisor};
use pipewright_local::python::Python;
use pipewright_local::settings::Settings;
use pipewright_local::site::Site;
use pipewright_local::store::Store;
use pipewright_local::store::folder::Folder;
use pipewright_local::work::Worker;
use serde_json::{Map, Value, json};

pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) stop: Stop,
    lines: Mutex<Vec<String>>,
    launcher: Arc<dyn Launcher>,
    settings: Settings,
}

/// The interpreter that a variable names.
pub(crate) fn python(variable: &str) -> Option<Python> {
    let python = PathBuf::from(std::env::var_os(variable)?);
    let bin = python.parent()?.to_owned();
    let folder = bin.parent()?.to_owned();
    Some(Python { python, bin, folder })
}

/// Runs it over every launcher that works here without containers.
pub(crate) fn each(python: Option<&Python>, act: impl Fn(&mut Scene)) {
    let supervisor =
        || Supervisor::new(env!("CARGO_BIN_EXE_pipewright-local")).grace(Duration::from_millis(500));
    act(&mut Scene::new(Arc::new(Process::new(supervisor(), python.cloned()))));
    match Bubblewrap::find() {
        Ok(program) => {
            act(&mut Scene::new(Arc::new(Bubblewrap::new(supervisor(), program, python.cloned()))));
        }
        Err(error) if std::env::var_os("PIPEWRIGHT_BUBBLEWRAP").is_some() => panic!("{error}"),
        Err(error) => eprintln!("not over bubblewrap: {error}"),
    }
}

impl Scene {
    fn new(launcher: Arc<dyn Launcher>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("local")).unwrap();
        let store = Arc::new(Folder::new(folder.path().join("s3")).unwrap());
        let (stop, lines, settings) = (Stop::default(), Mutex::default(), Settings::default());
        Self { folder, store, stop, lines, launcher, settings }
    }

    /// What `local/run.toml` says.
    pub(crate) fn settings(&mut self, text: &str) {
        self.settings = Settings::read(text, "run.toml").unwrap();
    }

    /// Writes a file of `local/`.
    pub(crate) fn local(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join("local").join(name), text).unwrap();
    }

    pub(crate) fn put(&self, place: &str, content: impl AsRef<[u8]>) {
        let file = self.folder.path().join("put");
        fs::write(&file, content).unwrap();
        self.store.put(&file, &S3Uri::parse(place).unwrap()).unwrap();
    }

    pub(crate) fn get(&self, place: &str) -> String {
        let file = self.folder.path().join("got");
        self.store.fetch(&S3Uri::parse(place).unwrap(), &file).unwrap_or_else(|error| panic!("{error}"));
        fs::read_to_string(file).unwrap()
    }

    pub(crate) fn run(&self, kind: &str, arguments: Value, members: Value) -> Outcome {
        let site = Site {
            root: self.folder.path().join("target"),
            run: self.folder.path().join("target/runs/r"),
            local: Some(self.folder.path().join("local")),
            store: Arc::clone(&self.store),
            launcher: Arc::clone(&self.launcher),
            settings: Arc::new(self.settings.clone()),
        };
        let line = |text: &str| self.lines.lock().unwrap().push(text.to_owned());
        let worker = Worker::new(site, Arc::clone(&self.launcher));
        worker.run(&job(kind, arguments, members), &Control::new(&self.stop, &line))
    }

    pub(crate) fn succeeds(&self, kind: &str, arguments: Value, members: Value) -> Value {
        match self.run(kind, arguments, members) {
            Outcome::Succeeded(success) => success.properties,
            other => panic!("{kind} over {:?}: {other:?}\n{}", self.launcher.kind(), self.said()),
        }
    }

    pub(crate) fn fails(&self, kind: &str, arguments: Value, members: Value) -> String {
        match self.run(kind, arguments, members) {
            Outcome::Failed(failure) => failure.reason,
            other => panic!("{kind} over {:?}: {other:?}", self.launcher.kind()),
        }
    }

    /// What the processes said.
    pub(crate) fn said(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

fn job(kind: &str, arguments: Value, members: Value) -> Job {
    let start = Start {
        pipeline: "p".to_owned(),
        execution_id: "abcdefabcdef".to_owned(),
        account: "000000000000".to_owned(),
        region: "eu-west-1".to_owned(),
        ..Start::default()
    };
    let members = members.as_object().cloned().unwrap_or_else(Map::new);
    Job {
        step: format!("My{kind}"),
        kind: kind.to_owned(),
        name: format!("pipelines-abcdefabcdef-My{kind}-1"),
        arn: format!("arn:aws:sagemaker:eu-west-1:000000000000:job/My{kind}"),
        arguments,
        members,
        attempt: 0,
        start: Arc::new(start),
        began: Timestamp::now(),
    }
}

/// A `tar.gz` of these files.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// The request of a transform job from `s3://bucket/in` to `s3://bucket/out`.
pub(crate) fn transform(model: &Value, mut more: Value) -> Value {
    let source = json!({"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}});
    if more.get("TransformInput").is_none() {
        more["TransformInput"] = json!({});
    }
    if more.get("TransformOutput").is_none() {
        more["TransformOutput"] = json!({});
    }
    more["TransformInput"]["DataSource"] = source;
    more["TransformOutput"]["S3OutputPath"] = json!("s3://bucket/out");
    more["TransformResources"] = json!({"InstanceCount": 1, "InstanceType": "ml.m5.large"});
    more["ModelName"] = model["ModelName"].clone();
    more
}

/// The repository's folder.
pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
