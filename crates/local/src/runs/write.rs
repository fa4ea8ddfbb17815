//! [`Run`]: a run that is going on.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use pipewright_interpreter::{Event, Hit, What};
use serde::Serialize;
use serde_json::Value;

use super::earlier::Results;
use super::journal::Appender;
use super::{Error, Origin, RunFolder, Runs};
use crate::aside;
use crate::store::Store;

/// A run that this process runs: holds its lock and writes its files. Reads as [`RunFolder`].
#[derive(Debug)]
pub struct Run {
    folder: RunFolder,
    runs: Runs,
    journal: Mutex<Writing>,
    /// Held open: closing it gives up the lock.
    _lock: File,
}

#[derive(Debug)]
struct Writing {
    appender: Appender,
    /// Cache keys of steps that run.
    keys: BTreeMap<String, String>,
    /// Where results are kept for later runs.
    results: Option<Results>,
    pipeline: String,
}

impl Run {
    pub(super) fn take(runs: &Runs, folder: RunFolder) -> Result<Self, Error> {
        let lock = folder.lock()?;
        let appender = Appender::open(folder.path.join("events.jsonl"))?;
        let pipeline = folder.origin().map(|origin| origin.start.pipeline).unwrap_or_default();
        let writing = Writing { appender, keys: BTreeMap::new(), results: None, pipeline };
        Ok(Self { folder, runs: runs.clone(), journal: Mutex::new(writing), _lock: lock })
    }

    /// From now on keeps results of steps that have a cache key, for [`Results`] of later runs; the store tells which of their
    /// outputs there are.
    pub fn keep_results(&self, store: Arc<dyn Store>) {
        let results = Results::new(self.runs.clone(), store);
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).results = Some(results);
    }

    /// Writes what the run is started with. The first thing to do with a new run.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write_origin(&self, origin: &Origin) -> Result<(), Error> {
        self.journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pipeline
            .clone_from(&origin.start.pipeline);
        self.write("run.json", origin)
    }

    /// Writes the text of the definition.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write_definition(&self, text: &str) -> Result<(), Error> {
        let path = self.path.join("definition.json");
        aside::replace(&path, text.as_bytes()).map_err(Error::io("write", &path))
    }

    /// Adds an event to the journal. Results with a cache key are kept, where [`Self::keep_results`] was called.
    ///
    /// # Errors
    /// Where it can't be written; nothing of it was then, and it must not be taken for having happened.
    pub fn append(&self, event: &Event) -> Result<(), Error> {
        let mut writing = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        writing.appender.append(event)?;
        match &event.what {
            What::StepBegan { step, cache: Some(key), .. } => {
                writing.keys.insert(step.clone(), key.clone());
            }
            What::StepSucceeded { step, properties, metadata, taken_from } => {
                let key = writing.keys.remove(step);
                if let (Some(key), None, Some(results)) = (key, taken_from, &writing.results) {
                    let hit = Hit {
                        run: self.id.clone(),
                        properties: properties.clone(),
                        metadata: metadata.clone(),
                    };
                    // Without it a later run does the work again, and that is all.
                    let _ = results.remember(&writing.pipeline, &key, event.time, hit);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes `DescribePipelineExecution` and `ListPipelineExecutionSteps` as they are now.
    ///
    /// # Errors
    /// Where they can't be written; the former ones are still there then.
    pub fn write_records(&self, execution: &Value, steps: &Value) -> Result<(), Error> {
        // The status last: who reads that a run has ended finds its steps ended.
        self.write("steps.json", steps)?;
        self.write("execution.json", execution)
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let path = self.path.join(name);
        aside::replace_json(&path, value).map_err(Error::io("write", &path))
    }
}

impl Deref for Run {
    type Target = RunFolder;

    fn deref(&self) -> &RunFolder {
        &self.folder
    }
}
