//! The Cleanup step: deletes objects of S3 that earlier steps of the execution made.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};

use pipewright_interpreter::{Control, Event, Job, Outcome, S3Uri, Success, What};
use serde_json::{Value, json};

use super::failed;
use crate::site::Site;

/// Deletes what `Resources.S3` names: the places of `S3Uris`, or else all that the step wrote to. A place is an object, or a folder
/// with all below it; a whole bucket is refused.
pub fn cleanup(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let resources = job.arguments.pointer("/Resources/S3").and_then(Value::as_array);
    let mut problems = Vec::new();
    let mut wanted: Vec<(String, S3Uri)> = Vec::new();
    let mut skipped = BTreeSet::new();
    for (index, resource) in resources.into_iter().flatten().enumerate() {
        let step = resource.get("StepName").and_then(Value::as_str).unwrap_or_default().to_owned();
        let texts: Vec<String> = match resource.get("S3Uris").and_then(Value::as_array) {
            Some(uris) => uris.iter().map(|uri| uri.as_str().unwrap_or_default().to_owned()).collect(),
            None => match properties(site, &step) {
                Some(properties) => outputs(&properties),
                // It did not run: in SageMaker, too, that is no failure.
                None => Vec::new(),
            },
        };
        if texts.is_empty() {
            skipped.insert(step.clone());
        }
        for text in texts {
            match S3Uri::parse(&text).filter(|place| !place.key.trim_matches('/').is_empty()) {
                Some(place) => wanted.push((step.clone(), place)),
                None => problems.push(format!(
                    "Resources.S3[{index}]: `{text}` is no object or folder in S3; give s3://BUCKET/KEY"
                )),
            }
        }
    }
    if !problems.is_empty() {
        return failed(problems.join("; "));
    }
    let mut cleaned = BTreeSet::new();
    for (step, place) in wanted {
        if control.stop().is_asked() {
            return Outcome::Stopped;
        }
        match delete(site, &place) {
            Ok(count) => {
                control.line(&format!("{place}: {count} objects deleted"));
                cleaned.insert(step);
            }
            Err(error) => return failed(format!("{place}: {error}")),
        }
    }
    skipped.retain(|step| !cleaned.contains(step));
    let metadata = json!({"Cleanup": {"CleanedSteps": cleaned, "FailedSteps": [], "SkippedSteps": skipped}});
    Outcome::Succeeded(Success { properties: json!({}), metadata: Some(metadata) })
}

fn delete(site: &Site, place: &S3Uri) -> Result<usize, String> {
    let folder = format!("{}/", place.key.trim_end_matches('/'));
    let mut count = 0;
    // A prefix is no folder: `s3://b/data` has nothing to do with `s3://b/database`.
    for object in site.store.list(place).map_err(|error| error.to_string())? {
        if object.key == place.key || object.key.starts_with(&folder) {
            let object = S3Uri { bucket: place.bucket.clone(), key: object.key };
            site.store.delete(&object).map_err(|error| error.to_string())?;
            count += 1;
        }
    }
    Ok(count)
}

/// What a step of this run left, by the run's journal.
fn properties(site: &Site, step: &str) -> Option<Value> {
    let journal = BufReader::new(File::open(site.run.join("events.jsonl")).ok()?);
    let mut found = None;
    for line in journal.lines().map_while(Result::ok) {
        // Most lines are of other steps, and long.
        if !line.contains(step) {
            continue;
        }
        let event = serde_json::from_str::<Event>(&line).ok().map(|event| event.what);
        match event {
            Some(What::StepSucceeded { step: name, properties, .. }) if name == step => {
                found = Some(properties);
            }
            _ => {}
        }
    }
    found
}

/// Where a job wrote to, by its description.
fn outputs(properties: &Value) -> Vec<String> {
    let listed = properties.pointer("/ProcessingOutputConfig/Outputs");
    // As a list, or by name.
    let values: Vec<&Value> = match listed {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(named)) => named.values().collect(),
        _ => Vec::new(),
    };
    let processing = values.into_iter().filter_map(|output| output.pointer("/S3Output/S3Uri"));
    let single = ["/ModelArtifacts/S3ModelArtifacts", "/TransformOutput/S3OutputPath"];
    let single = single.into_iter().filter_map(|path| properties.pointer(path));
    processing.chain(single).filter_map(Value::as_str).map(str::to_owned).collect()
}
