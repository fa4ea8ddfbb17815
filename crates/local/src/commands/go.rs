//! Runs an execution to its end: journal, records, screen, and what Ctrl-C does.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use pipewright_interpreter::{Definition, Event, Execution, Hands, S3Uri, Status, Stop, drive, record};
use pipewright_terminal::canvas;
use pipewright_terminal::text::Ink;
use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::hands::{StoredFiles, SystemClock};
use super::{logs, print};
use crate::launch::Launcher;
use crate::runs::{Results, Run, RunFolder};
use crate::show::board::Row;
use crate::show::screen::Screen;
use crate::show::summary::{Ended, TAIL, summary};
use crate::site::Site;
use crate::work::Worker;

/// How often the records of a run are written while it runs: a reader sees them this old at most, and a run of 10,000 steps does not
/// write its record 20,000 times.
const RECORDS: Duration = Duration::from_secs(1);

/// A run that is about to go.
pub(super) struct Going {
    pub(super) run: Run,
    pub(super) execution: Execution,
    /// What happened before.
    pub(super) events: Vec<Event>,
    pub(super) site: Site,
    /// What starts stand-ins.
    pub(super) host: Arc<dyn Launcher>,
    pub(super) earlier: Results,
    pub(super) stop: Stop,
    pub(super) screen: Screen,
    pub(super) json: bool,
}

/// Runs it to its end, and says how that was.
pub(super) fn go(going: Going) -> Result<ExitCode> {
    let Going { run, mut execution, mut events, site, host, earlier, stop, screen, json } = going;
    let definition = Arc::clone(execution.definition());
    let start = Arc::clone(execution.start());
    run.keep_results(Arc::clone(&site.store));
    screen.steps(rows(&definition));
    for event in &events {
        screen.event(event);
    }
    let files = StoredFiles::new(Arc::clone(&site.store), site.run.clone());
    let worker = Worker::new(site.clone(), host);
    let hands = Hands { runner: &worker, files: &files, earlier: &earlier, clock: &SystemClock, stop: &stop };
    let mut written: Option<Instant> = None;
    let mut tell = |event: &Event| -> Result<()> {
        run.append(event)?;
        screen.event(event);
        events.push(event.clone());
        if written.is_none_or(|at| at.elapsed() >= RECORDS) {
            let so_far = Execution::look_at(Arc::clone(&definition), (*start).clone(), &events);
            if let Ok(so_far) = so_far {
                run.write_records(&record::execution(&so_far), &record::steps(&so_far))?;
            }
            written = Some(Instant::now());
        }
        Ok(())
    };
    let line = |step: &str, text: &str| screen.line(step, text);
    let status = drive(&mut execution, hands, &mut tell, &line);
    screen.finish();
    let status = status.with_context(|| {
        format!(
            "run {} was ended: what happens can't be written down; `cargo xtask resume {0}` goes on with it",
            run.id()
        )
    })?;
    let (record, steps) = (record::execution(&execution), record::steps(&execution));
    run.write_records(&record, &steps)?;
    if json {
        super::print_json(&with_steps(record, steps))?;
    } else {
        let address = |uri: &S3Uri| nearby(&site.store.address(uri));
        say_summary(&run, &start.pipeline, &events, &address)?;
    }
    Ok(if status == Status::Succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `DescribePipelineExecution` with the steps of `ListPipelineExecutionSteps`.
pub(super) fn with_steps(mut record: Value, steps: Value) -> Value {
    if let (Value::Object(record), Value::Object(steps)) = (&mut record, steps) {
        record.extend(steps);
    }
    record
}

/// A path from the working directory, where it is below it; anything else as it is.
pub(super) fn nearby(address: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Some(Path::new(address).strip_prefix(here).ok()?.display().to_string()));
    below.unwrap_or_else(|| address.to_owned())
}

/// Prints the summary of a run that is over.
pub(super) fn say_summary(
    run: &RunFolder,
    pipeline: &str,
    events: &[Event],
    address: &dyn Fn(&S3Uri) -> String,
) -> Result<()> {
    let log = |step: &str| {
        let (lines, place) = logs::tail(run.path(), events, step, TAIL);
        (lines, nearby(&place))
    };
    let ended = Ended { pipeline, run: run.id(), events, address, log: &log };
    let lines = summary(&ended, ink());
    print(&lines.join("\n"))
}

/// Colours as standard error has them: standard output takes them away where it is no terminal.
fn ink() -> Ink {
    canvas::ink()
}

/// The steps as the screen shows them.
fn rows(definition: &Definition) -> Vec<Row> {
    let depth = |step: usize| {
        let parents = std::iter::successors(definition.steps.get(step), |step| {
            step.parent.and_then(|(parent, _)| definition.steps.get(parent))
        });
        parents.count() - 1
    };
    let row = |(id, step): (usize, &pipewright_interpreter::definition::Step)| Row {
        name: step.name.clone(),
        kind: step.kind.clone(),
        depth: depth(id),
    };
    definition.steps.iter().enumerate().map(row).collect()
}

/// Has Ctrl-C, and what else asks a process to end, stop the run: the first time in order, the second time at once.
pub(super) fn obey_signals(screen: &Screen) -> Result<Stop> {
    let stop = Stop::default();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("can't listen to signals")?;
    let asked = AtomicU32::new(0);
    let (asks, screen) = (stop.clone(), screen.clone());
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if asked.fetch_add(1, Ordering::Relaxed) > 0 {
                // Who supervises the steps' processes sees that we are gone, and ends them.
                std::process::exit(130);
            }
            screen.say("stopping: every process is asked to end (Ctrl-C again: they are ended at once)");
            asks.ask();
        }
    })?;
    Ok(stop)
}

/// The images that steps name, sorted.
pub(super) fn images(definition: &Definition) -> Vec<String> {
    fn collect(value: &Value, images: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    if let ("Image" | "ImageUri" | "TrainingImage", Value::String(image)) =
                        (key.as_str(), value)
                    {
                        images.insert(image.clone());
                    }
                    collect(value, images);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| collect(value, images)),
            _ => {}
        }
    }
    let mut images = BTreeSet::new();
    for step in &definition.steps {
        if matches!(step.kind.as_str(), "Processing" | "Training" | "Transform" | "Model") {
            collect(&step.arguments, &mut images);
        }
    }
    images.into_iter().collect()
}
