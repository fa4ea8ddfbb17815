//! A pipeline run on this machine by the command that users type, in this workspace: Python packages, processes, files and all.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Says that bubblewrap must work.
const BUBBLEWRAP: &str = "PIPEWRIGHT_BUBBLEWRAP";

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).current_dir(ROOT).stdin(Stdio::null());
    command
}

/// Runs a command to its end; standard output is JSON.
#[track_caller]
fn json(arguments: &[&str], code: i32) -> Value {
    let output = xtask(arguments).arg("--json").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

/// Name and status of each step, and whether it was a hit.
fn steps(record: &Value) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut steps: Vec<_> = record["PipelineExecutionSteps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (text(&step["StepName"]), text(&step["StepStatus"]), !step["CacheHitResult"].is_null()))
        .collect();
    steps.sort();
    steps
}

fn status(record: &Value) -> &str {
    record["PipelineExecutionStatus"].as_str().unwrap()
}

fn run_id(record: &Value) -> String {
    record["PipelineExecutionArn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// The folder of a run, by what the program says of one of its logs.
fn runs_folder() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    Path::new(metadata["target_directory"].as_str().unwrap()).join("local/runs")
}

fn has_bubblewrap() -> bool {
    let works = Command::new("bwrap")
        .args(["--ro-bind", "/", "/", "--unshare-pid", "--die-with-parent", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(works || std::env::var_os(BUBBLEWRAP).is_none(), "{BUBBLEWRAP} is set, and bwrap does not work");
    works
}

/// The steps of abalone where the model is good enough, as they are sorted.
const GOOD: [&str; 7] = [
    "AbaloneCreateModel-CreateModel",
    "AbaloneEval",
    "AbaloneMSECond",
    "AbaloneProcess",
    "AbaloneRegisterModel-RegisterModel",
    "AbaloneTrain",
    "AbaloneTransform",
];

#[track_caller]
fn good(record: &Value, hits: &[&str]) {
    let expected: Vec<_> =
        GOOD.iter().map(|name| ((*name).to_owned(), "Succeeded".to_owned(), hits.contains(name))).collect();
    assert_eq!((status(record), steps(record)), ("Succeeded", expected));
}

/// One test: each part needs what the one before it left.
#[test]
fn abalone_runs_on_this_machine() {
    let run = |more: &[&str], code| json(&[&["run", "abalone", "--progress", "none"], more].concat(), code);

    // As plain processes, with nothing from the cache.
    let processes = run(&["--runner", "process", "--no-cache"], 0);
    good(&processes, &[]);
    let registry = json(&["registry", "AbaloneModelPackageGroupName"], 0);
    let registered = registry.as_array().unwrap().last().unwrap();
    let model = registered["InferenceSpecification"]["Containers"][0]["ModelDataUrl"].as_str().unwrap();
    assert!(model.ends_with("/output/model.tar.gz"), "{model}");

    // What the cache keys of two steps name has not changed since.
    let again = run(&["--runner", "process"], 0);
    good(&again, &["AbaloneProcess", "AbaloneTrain"]);

    // The measured error decides: the same model is not good enough for another threshold.
    let strict = run(&["--runner", "process", "-p", "MseThreshold=0.5"], 1);
    assert_eq!(status(&strict), "Failed");
    assert_eq!(strict["FailureReason"], "Execution failed due to MSE > 0.5");
    assert!(steps(&strict).contains(&("AbaloneMSEFail".to_owned(), "Failed".to_owned(), false)));

    // From a step on, with what was before it.
    let id = run_id(&again);
    let rerun =
        json(&["rerun", &id, "--from", "AbaloneEval", "--runner", "process", "--progress", "none"], 0);
    assert_eq!(status(&rerun), "Succeeded");
    assert_ne!(run_id(&rerun), id);

    // A real /opt/ml.
    if has_bubblewrap() {
        good(&run(&["--runner", "bubblewrap", "--no-cache"], 0), &[]);
    } else {
        eprintln!("skipped in part: bubblewrap does not work here");
    }

    let logs = xtask(&["logs", &id, "AbaloneEval"]).output().unwrap();
    assert!(String::from_utf8_lossy(&logs.stdout).contains("regression_metrics"), "{logs:?}");
    let listed = json(&["runs"], 0);
    assert!(listed.as_array().unwrap().iter().any(|run| run["Id"] == id.as_str()), "{listed}");

    interrupted_and_resumed();
}

/// Killed while a step runs: its processes are gone, and `resume` ends what was begun.
fn interrupted_and_resumed() {
    let before = newest();
    let arguments =
        ["run", "abalone", "--runner", "process", "--no-cache", "--progress", "none", "-p", "MseThreshold=5"];
    let mut child = xtask(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let id = loop {
        assert!(began.elapsed() < Duration::from_mins(2), "no step of a new run began");
        let id = newest().filter(|id| Some(id) != before.as_ref());
        let journal = id.as_ref().map(|id| fs::read_to_string(runs_folder().join(id).join("events.jsonl")));
        if let (Some(id), Some(Ok(journal))) = (id, journal)
            && journal.contains("step_began")
        {
            break id;
        }
        thread::sleep(Duration::from_millis(10));
    };
    // xtask has become the program that runs the steps.
    child.kill().unwrap();
    child.wait().unwrap();
    let began = Instant::now();
    while !processes_of(&id).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(30), "left behind: {:?}", processes_of(&id));
        thread::sleep(Duration::from_millis(20));
    }
    let listed = json(&["runs"], 0);
    let listed = listed.as_array().unwrap().iter().find(|run| run["Id"] == id.as_str()).unwrap().clone();
    assert_eq!(listed["Status"], "Interrupted", "{listed}");

    let resumed = json(&["resume", &id, "--runner", "process", "--progress", "none"], 0);
    good(&resumed, &[]);
    assert_eq!(run_id(&resumed), id);
}

/// The newest run.
fn newest() -> Option<String> {
    let names =
        fs::read_dir(runs_folder()).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.')).max()
}

/// Processes whose command line or environment names the run.
fn processes_of(run: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let own = std::process::id().to_string();
    processes
        .filter(|entry| entry.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
        .filter(|entry| entry.file_name().to_string_lossy() != own)
        .filter_map(|entry| {
            let text = |file: &str| fs::read(entry.path().join(file)).ok();
            let line = String::from_utf8_lossy(&text("cmdline")?).replace('\0', " ");
            let environment = String::from_utf8_lossy(&text("environ").unwrap_or_default()).into_owned();
            (line.contains(run) || environment.contains(run)).then_some(line)
        })
        .collect()
}
