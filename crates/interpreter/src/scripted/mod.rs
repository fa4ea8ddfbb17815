//! Runs a definition with results that a script says: no processes, no threads, no time. For tests of pipelines.
//!
//! A step without a script succeeds, with properties that its job could have had. The same script gives the same run, event by event.
//!
//! ```
//! use std::sync::Arc;
//!
//! use pipewright_interpreter::scripted::{Script, Scripted, run_scripted};
//! use pipewright_interpreter::{Definition, Start, Status};
//!
//! let definition = Arc::new(Definition::parse(r#"{
//!     "Version": "2020-12-01",
//!     "Steps": [{"Name": "Ask", "Type": "Lambda", "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:ask",
//!                "OutputParameters": [{"OutputName": "answer", "OutputType": "Integer"}], "Arguments": {}}]
//! }"#)?);
//! let scripted = Scripted::new().on("Ask", Script::new().returns("answer", 42));
//! let ran = run_scripted(&definition, Start::default(), &scripted)?;
//! assert_eq!(ran.status(), Status::Succeeded);
//! assert_eq!(ran.properties("Ask").unwrap()["OutputParameters"]["answer"], 42);
//! # Ok::<(), pipewright_interpreter::Problems>(())
//! ```

mod plausible;
mod run;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

pub use run::{Ran, run_scripted, run_scripted_with};

use crate::{Control, Failure, Files, Job, Outcome, Runner, S3Uri, Success};

/// What happens when a step runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    failures: Vec<(u32, Failure)>,
    stops: bool,
    writes: Vec<(String, Vec<u8>)>,
    returns: Map<String, Value>,
    properties: Value,
}

impl Script {
    /// The step succeeds.
    pub fn new() -> Self {
        Self::default()
    }

    /// The step writes this document: to the property file of this name or path, or to a path below its only output, or to
    /// `OUTPUT/PATH`.
    pub fn writes(mut self, file: impl Into<String>, document: impl Into<Value>) -> Self {
        self.writes.push((file.into(), document.into().to_string().into_bytes()));
        self
    }

    /// The step writes these bytes, as [`Script::writes`].
    pub fn writes_bytes(mut self, file: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.writes.push((file.into(), content.into()));
        self
    }

    /// A Lambda or Callback step returns this output parameter.
    pub fn returns(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.returns.insert(name.into(), value.into());
        self
    }

    /// These members of the step's properties, instead of those that it would have had.
    pub fn properties(mut self, properties: impl Into<Value>) -> Self {
        self.properties = properties.into();
        self
    }

    /// Every attempt fails for this reason.
    pub fn fails(self, reason: impl Into<String>) -> Self {
        self.fails_times(u32::MAX, Failure::new(reason))
    }

    /// The first `times` attempts that are not used up by earlier calls of this fail so; the one after them does what else the script says.
    pub fn fails_times(mut self, times: u32, failure: Failure) -> Self {
        self.failures.push((times, failure));
        self
    }

    /// Somebody stops the step's job.
    pub fn stops(mut self) -> Self {
        self.stops = true;
        self
    }

    fn failure(&self, attempt: u32) -> Option<&Failure> {
        let mut before = 0_u32;
        for (times, failure) in &self.failures {
            before = before.saturating_add(*times);
            if attempt < before {
                return Some(failure);
            }
        }
        None
    }
}

/// Results by step, and the objects that are in S3. It is a [`Runner`] and its [`Files`].
#[derive(Debug, Default)]
pub struct Scripted {
    scripts: BTreeMap<String, Script>,
    given: HashMap<S3Uri, Vec<u8>>,
    written: Mutex<HashMap<S3Uri, Vec<u8>>>,
}

impl Scripted {
    /// All steps succeed.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this step does. In a loop, `BODY` is the step in every iteration and `LOOP[INDEX].BODY` the one of a single one.
    pub fn on(mut self, step: impl Into<String>, script: Script) -> Self {
        self.scripts.insert(step.into(), script);
        self
    }

    /// An object that is in S3 from the beginning. What is no `s3://BUCKET/KEY` is nowhere.
    pub fn object(mut self, uri: &str, content: impl Into<Vec<u8>>) -> Self {
        if let Some(uri) = S3Uri::parse(uri) {
            self.given.insert(uri, content.into());
        }
        self
    }

    /// The steps that have scripts.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &str> {
        self.scripts.keys().map(String::as_str)
    }

    fn written(&self) -> MutexGuard<'_, HashMap<S3Uri, Vec<u8>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what an earlier run wrote.
    pub(crate) fn forget(&self) {
        self.written().clear();
    }

    /// How a job ends.
    pub(crate) fn outcome(&self, job: &Job) -> Outcome {
        let body = job.step.rsplit_once("].").map_or(job.step.as_str(), |(_, body)| body);
        let script = self.scripts.get(&job.step).or_else(|| self.scripts.get(body));
        let Some(script) = script else {
            let properties = plausible::properties(job);
            return Outcome::Succeeded(Success { properties, metadata: None });
        };
        if let Some(failure) = script.failure(job.attempt) {
            return Outcome::Failed(failure.clone());
        }
        if script.stops {
            return Outcome::Stopped;
        }
        let mut properties = plausible::properties(job);
        overlay(&mut properties, &script.properties);
        for (file, content) in &script.writes {
            match place(job, file) {
                Ok(object) => {
                    self.written().insert(object, content.clone());
                }
                Err(reason) => return Outcome::Failed(Failure::new(reason)),
            }
        }
        if !script.returns.is_empty() {
            overlay(&mut properties, &serde_json::json!({"OutputParameters": script.returns}));
        }
        Outcome::Succeeded(Success { properties, metadata: None })
    }
}

impl Runner for Scripted {
    fn run(&self, job: &Job, _: &Control<'_>) -> Outcome {
        self.outcome(job)
    }
}

impl Files for Scripted {
    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String> {
        let written = self.written().get(object).cloned();
        written.or_else(|| self.given.get(object).cloned()).ok_or_else(|| "no script writes it".to_owned())
    }
}

/// Replaces what is in `more`, at any depth of objects.
fn overlay(value: &mut Value, more: &Value) {
    match (value, more) {
        (_, Value::Null) => {}
        (Value::Object(value), Value::Object(more)) => {
            for (key, more) in more {
                overlay(value.entry(key.clone()).or_insert(Value::Null), more);
            }
        }
        (value, more) => *value = more.clone(),
    }
}

/// Where a file of a step's outputs is in S3.
fn place(job: &Job, file: &str) -> Result<S3Uri, String> {
    let text = |value: &Value, member: &str| {
        value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let outputs = list(job.arguments.pointer("/ProcessingOutputConfig/Outputs"));
    let files = list(job.members.get("PropertyFiles"));
    let (output, path) = files
        .iter()
        .find(|entry| text(entry, "PropertyFileName") == file || text(entry, "FilePath") == file)
        .map(|entry| (text(entry, "OutputName"), text(entry, "FilePath")))
        .or_else(|| {
            let named = file.split_once('/').filter(|(name, _)| outputs.iter().any(|one| text(one, "OutputName") == *name));
            named.map(|(name, path)| (name.to_owned(), path.to_owned()))
        })
        .or_else(|| match outputs.as_slice() {
            [only] => Some((text(only, "OutputName"), file.to_owned())),
            _ => None,
        })
        .ok_or_else(|| {
            let names: Vec<String> = outputs.iter().map(|one| text(one, "OutputName")).collect();
            format!(
                "the script writes {file:?}, which is no property file of the step and in none of its outputs {names:?}; \
                 write it to \"OUTPUT/{file}\""
            )
        })?;
    let uri = outputs.iter().find(|one| text(one, "OutputName") == output);
    let uri = uri.and_then(|one| one.pointer("/S3Output/S3Uri")).and_then(Value::as_str).unwrap_or_default();
    let mut object = S3Uri::parse(uri)
        .ok_or_else(|| format!("output {output:?} is at {uri:?}, which is no s3://BUCKET/KEY"))?;
    if !object.key.is_empty() && !object.key.ends_with('/') {
        object.key.push('/');
    }
    object.key.push_str(path.strip_prefix("./").unwrap_or(&path));
    Ok(object)
}
