//! A site for tests: S3 in memory, and a launcher whose processes are closures over the folders that they would see.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use pipewright_interpreter::{Control, Job, Outcome, S3Uri, Start, Stop};
use serde_json::Value;

use crate::launch::{self, Exit, Kind, Launcher, Task};
use crate::settings::Settings;
use crate::site::Site;
use crate::store::{Error, Object, Store};

type Act = dyn Fn(&Task, &Path) -> Exit + Send + Sync;

pub(crate) struct Fake {
    pub(crate) store: Arc<Memory>,
    pub(crate) launcher: Arc<Script>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) stop: Stop,
    pub(crate) lines: Mutex<Vec<String>>,
}

impl Fake {
    /// A site whose processes do `act`: it gets the task and the folder that is `/opt/ml`.
    pub(crate) fn new(kind: Kind, act: impl Fn(&Task, &Path) -> Exit + Send + Sync + 'static) -> Self {
        Self {
            store: Arc::default(),
            launcher: Arc::new(Script { kind, act: Box::new(act), tasks: Mutex::default() }),
            folder: tempfile::tempdir().unwrap(),
            stop: Stop::default(),
            lines: Mutex::default(),
        }
    }

    /// A site whose process succeeds at once.
    pub(crate) fn idle() -> Self {
        Self::new(Kind::Bubblewrap, |_, _| Exit::Code(0))
    }

    pub(crate) fn with(self, objects: &[(&str, &str)]) -> Self {
        for (place, content) in objects {
            self.store.set(place, content.as_bytes());
        }
        self
    }

    pub(crate) fn site(&self) -> Site {
        Site {
            root: self.folder.path().to_owned(),
            run: self.folder.path().join("runs/r"),
            local: None,
            store: self.store.clone(),
            launcher: self.launcher.clone(),
            settings: Arc::new(Settings::default()),
        }
    }

    pub(crate) fn run(
        &self,
        run: impl Fn(&Site, &Job, &Control<'_>) -> Outcome,
        kind: &str,
        arguments: Value,
    ) -> Outcome {
        let line = |text: &str| self.lines.lock().unwrap().push(text.to_owned());
        let control = Control::new(&self.stop, &line);
        run(&self.site(), &job(kind, arguments), &control)
    }

    /// Calls something that wants a control.
    pub(crate) fn control<T>(&self, act: impl FnOnce(&Control<'_>) -> T) -> T {
        act(&Control::new(&self.stop, &|_: &str| {}))
    }

    /// The one task that was started.
    pub(crate) fn task(&self) -> Task {
        let tasks = self.launcher.tasks.lock().unwrap();
        assert_eq!(tasks.len(), 1, "one process was started");
        tasks[0].clone()
    }

    /// The step's folder.
    pub(crate) fn step(&self) -> PathBuf {
        self.folder.path().join("runs/r/steps/Step/0")
    }

    pub(crate) fn said(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

pub(crate) fn job(kind: &str, arguments: Value) -> Job {
    let start = Start {
        pipeline: "p".to_owned(),
        execution_id: "abcdefabcdef".to_owned(),
        account: "000000000000".to_owned(),
        region: "eu-west-1".to_owned(),
        ..Start::default()
    };
    Job {
        step: "Step".to_owned(),
        kind: kind.to_owned(),
        name: "pipelines-abc-Step-1".to_owned(),
        arn: "arn:aws:sagemaker:eu-west-1:000000000000:job/pipelines-abc-Step-1".to_owned(),
        arguments,
        members: serde_json::Map::new(),
        attempt: 0,
        start: Arc::new(start),
        began: Timestamp::now(),
    }
}

pub(crate) fn succeeded(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Succeeded(success) => success.properties,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn failed(outcome: Outcome) -> (String, Value) {
    match outcome {
        Outcome::Failed(failure) => (failure.reason, failure.properties),
        other => panic!("{other:?}"),
    }
}

/// A launcher that starts nothing.
pub(crate) struct Script {
    kind: Kind,
    act: Box<Act>,
    pub(crate) tasks: Mutex<Vec<Task>>,
}

impl Launcher for Script {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn run(&self, task: &Task, control: &Control<'_>) -> Result<Exit, launch::Error> {
        self.tasks.lock().unwrap().push(task.clone());
        let ml = task.mounts.iter().find(|mount| mount.inside == "/opt/ml").unwrap();
        if control.stop().is_asked() {
            return Ok(Exit::Stopped);
        }
        Ok((self.act)(task, &ml.host))
    }
}

/// Appends to a task's log.
pub(crate) fn log(task: &Task, text: &str) {
    let mut log = fs::OpenOptions::new().create(true).append(true).open(&task.log).unwrap();
    log.write_all(text.as_bytes()).unwrap();
}

pub(crate) fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

pub(crate) fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every file below a folder and its content, sorted.
pub(crate) fn tree(folder: &Path) -> Vec<(String, String)> {
    super::walk::entries(folder)
        .unwrap()
        .into_iter()
        .filter(|entry| entry.kind == super::walk::Kind::File)
        .map(|entry| (entry.path, String::from_utf8_lossy(&fs::read(entry.full).unwrap()).into_owned()))
        .collect()
}

/// S3 in memory.
#[derive(Default)]
pub(crate) struct Memory {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Puts of keys with this ending fail.
    pub(crate) refuse: Mutex<Option<String>>,
}

impl Memory {
    pub(crate) fn set(&self, place: &str, content: &[u8]) {
        self.objects.lock().unwrap().insert(place.to_owned(), content.to_owned());
    }

    pub(crate) fn get(&self, place: &str) -> Option<Vec<u8>> {
        self.objects.lock().unwrap().get(place).cloned()
    }

    pub(crate) fn text(&self, place: &str) -> String {
        String::from_utf8(self.get(place).unwrap_or_else(|| panic!("{place} is not there"))).unwrap()
    }

    pub(crate) fn places(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }
}

impl Store for Memory {
    fn list(&self, place: &S3Uri) -> Result<Vec<Object>, Error> {
        let bucket = format!("s3://{}/", place.bucket);
        let objects = self.objects.lock().unwrap();
        let found = objects.iter().filter_map(|(found, content)| {
            let key = found.strip_prefix(&bucket)?;
            key.starts_with(&place.key).then(|| Object { key: key.to_owned(), size: content.len() as u64 })
        });
        Ok(found.collect())
    }

    fn fetch(&self, object: &S3Uri, to: &Path) -> Result<(), Error> {
        let content = self.get(&object.to_string()).ok_or_else(|| Error::Missing {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            hint: String::new(),
        })?;
        fs::write(to, content).map_err(|e| Error::Other(e.to_string()))
    }

    fn put(&self, from: &Path, object: &S3Uri) -> Result<(), Error> {
        if self.refuse.lock().unwrap().as_ref().is_some_and(|ending| object.key.ends_with(ending.as_str())) {
            return Err(Error::Other(format!("{object}: no space left on device")));
        }
        self.set(&object.to_string(), &fs::read(from).map_err(|e| Error::Other(e.to_string()))?);
        Ok(())
    }

    fn delete(&self, object: &S3Uri) -> Result<(), Error> {
        self.objects.lock().unwrap().remove(&object.to_string());
        Ok(())
    }

    fn address(&self, place: &S3Uri) -> String {
        format!("memory of {place}")
    }
}
