//! All runs, each in a line.

use serde::Serialize;
use serde_json::Value;

use super::{Error, RunFolder, Runs, State};

/// A run in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// `Executing`, `Succeeded`, `Failed`, `Stopped`, or `Interrupted` where its process ended before it did.
    pub status: String,
    /// When it began, as its record says it: ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// When its record changed last; for one that has ended, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// How many steps succeeded.
    pub steps_succeeded: usize,
    /// How many steps began.
    pub steps_begun: usize,
    /// How many steps the definition has, those of branches and loops counted once; 0 where it can't be read.
    pub steps_total: usize,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// All runs, as far as they can be read.
#[derive(Debug, Default)]
pub struct Listing {
    /// The runs, the newest first.
    pub runs: Vec<Listed>,
    /// Runs whose folders are damaged: id, and what is wrong.
    pub damaged: Vec<(String, Error)>,
}

impl Runs {
    /// Lists all runs, the newest first. Those that can't be read are told apart, and keep nothing else from being listed.
    ///
    /// # Errors
    /// Where the folder of the runs can't be read.
    pub fn list(&self) -> Result<Listing, Error> {
        let mut listing = Listing::default();
        for id in self.ids()? {
            let folder = RunFolder::new(id.clone(), self.folder().join(&id));
            match folder.listed() {
                Ok(listed) => listing.runs.push(listed),
                // Removed since.
                Err(_) if !folder.path().exists() => {}
                Err(error) => listing.damaged.push((id, error)),
            }
        }
        Ok(listing)
    }
}

impl RunFolder {
    /// The run in a line.
    ///
    /// # Errors
    /// Where a file of it is missing or damaged. The records may be missing: it has hardly begun then.
    pub fn listed(&self) -> Result<Listed, Error> {
        let state = self.state();
        let origin = self.origin()?;
        let execution = absent_as_null(self.execution())?;
        let steps = absent_as_null(self.steps())?;
        let text = |member: &str| execution.get(member).and_then(Value::as_str).map(str::to_owned);
        let steps =
            steps.get("PipelineExecutionSteps").unwrap_or(&steps).as_array().map_or(&[][..], Vec::as_slice);
        let succeeded = steps.iter().filter(|step| step["StepStatus"] == "Succeeded").count();
        Ok(Listed {
            id: self.id.clone(),
            pipeline: origin.start.pipeline,
            status: state.word().to_owned(),
            started: text("CreationTime"),
            ended: text("LastModifiedTime").filter(|_| state != State::Running),
            steps_succeeded: succeeded,
            steps_begun: steps.len(),
            steps_total: self.definition().map_or(0, |text| count(&text)),
            reason: text("FailureReason"),
        })
    }
}

fn absent_as_null(record: Result<Value, Error>) -> Result<Value, Error> {
    match record {
        Err(Error::Io { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Null),
        record => record,
    }
}

/// How many steps a definition has. `serde_json` reads no text that is nested too deeply to walk.
fn count(definition: &str) -> usize {
    fn steps(list: Option<&Value>) -> usize {
        let inside = |step: &Value| {
            let arguments = &step["Arguments"];
            let lists = ["IfSteps", "ElseSteps", "ForEachBody"].map(|member| arguments.get(member));
            1 + lists.into_iter().map(steps).sum::<usize>()
        };
        list.and_then(Value::as_array).map_or(0, |list| list.iter().map(inside).sum())
    }
    serde_json::from_str(definition).map_or(0, |value: Value| steps(value.get("Steps")))
}
