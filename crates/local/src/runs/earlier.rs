//! Results of earlier runs: for the step cache, for `--only` and for runs from a step on.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use pipewright_interpreter::{Earlier, Hit, S3Uri, What};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{RunFolder, Runs, id};
use crate::aside;
use crate::escape::path_of_name;
use crate::store::Store;

/// Members of a job's description whose places in S3 the job reads. What is behind any other it may have written.
const READ: [&str; 10] = [
    "AlgorithmSpecification",
    "AppSpecification",
    "Containers",
    "Environment",
    "HyperParameters",
    "InputDataConfig",
    "PrimaryContainer",
    "ProcessingInputs",
    "TrainingJobDefinition",
    "TransformInput",
];

/// The most steps of places to look at in one description.
const DEEPEST: usize = 64;

/// What earlier runs left, as the interpreter asks for it.
///
/// The cache is an index, `target/local/cache/KEY.json`, that the runs write: a result stays in it when its run's folder is removed.
/// A result whose outputs are gone from the store is none, so that an emptied folder does not break a run; SageMaker does not look.
pub struct Results {
    runs: Runs,
    store: Arc<dyn Store>,
    /// Steps that succeeded, of runs that were asked for; they are read once.
    read: Mutex<BTreeMap<String, Arc<BTreeMap<String, Hit>>>>,
}

/// A file of the index.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    pipeline: String,
    run: String,
    ended: Timestamp,
    /// The places that the step wrote to and that were not empty when it ended.
    outputs: Vec<String>,
    properties: Value,
    metadata: Value,
}

impl std::fmt::Debug for Results {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Results").field("runs", &self.runs).finish_non_exhaustive()
    }
}

impl Results {
    /// The results of these runs, whose outputs are in this store.
    pub fn new(runs: Runs, store: Arc<dyn Store>) -> Self {
        Self { runs, store, read: Mutex::default() }
    }

    /// Keeps a step's result for later runs of the pipeline.
    pub(super) fn remember(&self, pipeline: &str, key: &str, ended: Timestamp, hit: Hit) -> io::Result<()> {
        let mut outputs = Vec::new();
        written(&hit.properties, DEEPEST, &mut outputs);
        outputs.sort_unstable();
        outputs.dedup();
        outputs.retain(|place| self.is_there(place));
        let Hit { run, properties, metadata } = hit;
        let entry = Entry { pipeline: pipeline.to_owned(), run, ended, outputs, properties, metadata };
        aside::replace_json(&self.place(key), &entry)
    }

    /// Where the index has a key.
    fn place(&self, key: &str) -> PathBuf {
        self.runs.root.join("cache").join(path_of_name(&format!("{key}.json")))
    }

    /// Whether an object is there, or below there.
    fn is_there(&self, place: &str) -> bool {
        let Some(place) = S3Uri::parse(place) else { return false };
        let below = format!("{}/", place.key.trim_end_matches('/'));
        let is_it = |key: &str| place.key.is_empty() || key == place.key || key.starts_with(&below);
        self.store.list(&place).is_ok_and(|objects| objects.iter().any(|object| is_it(&object.key)))
    }

    fn folder(&self, run: &str) -> Option<RunFolder> {
        id::is(run).then(|| RunFolder::new(run.to_owned(), self.runs.folder().join(run)))
    }

    /// The steps of a run that succeeded.
    fn succeeded(&self, run: &str) -> Option<Arc<BTreeMap<String, Hit>>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hits) = read.get(run) {
            return Some(Arc::clone(hits));
        }
        let mut hits = BTreeMap::new();
        for event in self.folder(run)?.journal().ok()?.events {
            match event.what {
                What::StepSucceeded { step, properties, metadata, taken_from } => {
                    let run = taken_from.unwrap_or_else(|| run.to_owned());
                    hits.insert(step, Hit { run, properties, metadata });
                }
                // It ran again, in a run that was resumed.
                What::StepBegan { step, .. } => {
                    hits.remove(&step);
                }
                _ => {}
            }
        }
        let hits = Arc::new(hits);
        read.insert(run.to_owned(), Arc::clone(&hits));
        Some(hits)
    }
}

impl Earlier for Results {
    fn cached(&self, pipeline: &str, key: &str, not_older_than: Timestamp) -> Option<Hit> {
        // What can't be read is no result: the step runs, and writes it anew.
        let entry: Entry = serde_json::from_slice(&fs::read(self.place(key)).ok()?).ok()?;
        let fits = entry.pipeline == pipeline
            && entry.ended >= not_older_than
            && entry.outputs.iter().all(|place| self.is_there(place));
        fits.then_some(Hit { run: entry.run, properties: entry.properties, metadata: entry.metadata })
    }

    fn of_run(&self, run: &str, step: &str) -> Option<Hit> {
        self.succeeded(run)?.get(step).cloned()
    }

    fn has_run(&self, pipeline: &str, run: &str) -> bool {
        let origin = self.folder(run).and_then(|folder| folder.origin().ok());
        origin.is_some_and(|origin| origin.start.pipeline == pipeline)
    }
}

/// Adds the places in S3 that a job may have written to.
fn written(properties: &Value, depth: usize, places: &mut Vec<String>) {
    match properties {
        _ if depth == 0 => {}
        Value::String(text) if S3Uri::parse(text).is_some() => places.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| written(value, depth - 1, places)),
        Value::Object(members) => {
            for (name, value) in members {
                if !READ.contains(&name.as_str()) {
                    written(value, depth - 1, places);
                }
            }
        }
        _ => {}
    }
}
