//! Which logs a run has: one for each attempt of each step that wrote anything.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use pipewright_interpreter::{Event, What};

use crate::runs::step_folder;

/// How much of a log's end is read for its last lines, in bytes.
const END: u64 = 64 << 10;

/// A log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) step: String,
    pub(super) attempt: u32,
    pub(super) path: PathBuf,
}

/// The logs of a run's steps, in the order in which they began.
pub(super) fn all(run: &Path, events: &[Event]) -> Vec<Log> {
    let began = events.iter().filter_map(|event| match &event.what {
        What::StepBegan { step, attempt, .. } => Some((step, *attempt)),
        _ => None,
    });
    began
        .map(|(step, attempt)| {
            let path = step_folder(run, step, attempt).join("log.txt");
            Log { step: step.clone(), attempt, path }
        })
        .filter(|log| log.path.is_file())
        .collect()
}

/// The last lines of the last attempt's log, at most `lines`, and where all of it is.
pub(super) fn tail(run: &Path, events: &[Event], step: &str, lines: usize) -> (Vec<String>, String) {
    let Some(log) = all(run, events).into_iter().rfind(|log| log.step == step) else {
        return (Vec::new(), String::new());
    };
    // A log that can't be read is named all the same.
    let text = end(&log.path).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    let shown = all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect();
    (shown, log.path.display().to_string())
}

fn end(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;

    #[test]
    fn logs_are_found_by_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path();
        let began = |step: &str, attempt| Event {
            time: jiff::Timestamp::UNIX_EPOCH,
            what: What::StepBegan {
                step: step.to_owned(),
                attempt,
                job: String::new(),
                arguments: Value::Null,
                cache: None,
            },
        };
        let events = [began("A", 0), began("../B", 0), began("A", 1), began("C", 0)];
        for (step, attempt, text) in [("A", 0, "one\n"), ("../B", 0, "two"), ("A", 1, "three\nfour\nfive\n")]
        {
            let place = step_folder(run, step, attempt);
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join("log.txt"), text).unwrap();
        }
        let found: Vec<(String, u32)> =
            all(run, &events).into_iter().map(|log| (log.step, log.attempt)).collect();
        assert_eq!(found, [("A".to_owned(), 0), ("../B".to_owned(), 0), ("A".to_owned(), 1)]);
        let (lines, place) = tail(run, &events, "A", 2);
        assert_eq!(lines, ["four", "five"]);
        assert!(place.ends_with("steps/A/1/log.txt"), "{place}");
        assert_eq!(tail(run, &events, "C", 2), (Vec::new(), String::new()));
    }
}
