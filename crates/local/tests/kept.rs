//! Full disks and kills in the middle of writing: what is there is whole.
//!
//! A limit on the size of files stands for both: a program that ignores its signal gets an error in the middle of a write, as
//! from a full disk; one that does not is killed there. The program is this test itself, started again.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pipewright_interpreter::{Event, S3Uri, What};
use pipewright_local::registry::{Registrar, Registry};
use pipewright_local::runs::{Runs, State};
use pipewright_local::store::Store as _;
use pipewright_local::store::folder::Folder;
use serde_json::json;

/// Names the folder that the program works in.
const FOLDER: &str = "PIPEWRIGHT_TEST_FOLDER";
/// More than the limit, which is 16 blocks of 512 or 1,024 bytes.
const LARGE: usize = 100_000;

fn object(key: &str) -> S3Uri {
    S3Uri { bucket: "bucket".to_owned(), key: key.to_owned() }
}

/// Runs one of the programs below under the limit; killed by it, or told of it.
fn limited(program: &str, folder: &Path, is_killed: bool) -> Output {
    let trap = if is_killed { "ulimit -c 0" } else { "trap '' XFSZ" };
    let script =
        format!("{trap}; ulimit -f 16; exec \"$0\" --exact {program} --ignored --nocapture --test-threads 1");
    let program = std::env::current_exe().unwrap();
    Command::new("sh").args(["-c", &script]).arg(program).env(FOLDER, folder).output().unwrap()
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Replaces a small object by a large one.
#[test]
#[ignore = "a program of the tests below"]
fn puts() {
    let Some(folder) = folder() else { return };
    let store = Folder::new(folder.join("s3")).unwrap();
    println!("{}", store.put(&folder.join("large"), &object("key")).unwrap_err());
    println!("{}", store.fetch(&object("large"), &folder.join("fetched")).unwrap_err());
}

#[test]
fn objects() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let store = Folder::new(folder.join("s3")).unwrap();
    fs::write(folder.join("small"), "small").unwrap();
    fs::write(folder.join("large"), "x".repeat(LARGE)).unwrap();
    store.put(&folder.join("small"), &object("key")).unwrap();
    store.put(&folder.join("large"), &object("large")).unwrap();

    let full = limited("puts", folder, false);
    let told = String::from_utf8_lossy(&full.stdout).into_owned();
    assert!(full.status.success(), "{full:?}");
    for part in ["can't write s3://bucket/key: ", "can't copy ", "File too large"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(fs::read_dir(folder.join("s3/.aside")).unwrap().count(), 1, "the lock alone");

    let killed = limited("puts", folder, true);
    assert_eq!(killed.status.code(), None, "{killed:?}");
    assert_eq!(fs::read_dir(folder.join("s3/.aside")).unwrap().count(), 2, "what it was writing");

    let keys: Vec<_> =
        store.list(&object("")).unwrap().into_iter().map(|object| (object.key, object.size)).collect();
    assert_eq!(keys, [("key".to_owned(), 5), ("large".to_owned(), LARGE as u64)]);
    store.fetch(&object("key"), &folder.join("fetched")).unwrap();
    assert_eq!(fs::read_to_string(folder.join("fetched")).unwrap(), "small");
    let names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

fn event(step: &str) -> Event {
    Event { time: "2026-01-02T03:04:05Z".parse().unwrap(), what: What::StepStopped { step: step.to_owned() } }
}

/// Writes a journal and records until they are too large.
#[test]
#[ignore = "a program of the tests below"]
fn journals() {
    let Some(folder) = folder() else { return };
    let run = Runs::new(&folder).resume("last").unwrap();
    run.write_records(
        &json!({"PipelineExecutionStatus": "Executing"}),
        &json!({"PipelineExecutionSteps": []}),
    )
    .unwrap();
    for _ in 0..3 {
        run.append(&event("small")).unwrap();
    }
    println!("{}", run.append(&event(&"x".repeat(LARGE))).unwrap_err());
    // There is room for this one.
    run.append(&event("after")).unwrap();
    println!("{}", run.write_records(&json!({}), &json!(["x".repeat(LARGE)])).unwrap_err());
}

#[test]
fn runs() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let runs = Runs::new(folder);
    drop(runs.create().unwrap());
    let steps = || {
        let journal = runs.find("last").unwrap().journal().unwrap();
        let names = journal.events.iter().map(|event| match &event.what {
            What::StepStopped { step } => step.clone(),
            other => panic!("{other:?}"),
        });
        (names.collect::<Vec<_>>(), journal.is_torn)
    };

    let full = limited("journals", folder, false);
    let told = String::from_utf8_lossy(&full.stdout).into_owned();
    assert!(full.status.success() && told.contains("events.jsonl: File too large"), "{full:?}");
    let whole = ["small", "small", "small", "after"].map(str::to_owned).to_vec();
    assert_eq!(steps(), (whole.clone(), false));

    let killed = limited("journals", folder, true);
    assert_eq!(killed.status.code(), None, "{killed:?}");
    // The line that it was writing is there in part, and does not count.
    let mut expected = whole;
    expected.extend(["small", "small", "small"].map(str::to_owned));
    assert_eq!(steps(), (expected.clone(), true));
    let run = runs.find("last").unwrap();
    assert_eq!(run.state(), State::Interrupted);
    assert_eq!(run.steps().unwrap(), json!({"PipelineExecutionSteps": []}));

    // Its lock went with it, and the next line begins a line.
    runs.resume("last").unwrap().append(&event("resumed")).unwrap();
    expected.push("resumed".to_owned());
    assert_eq!(steps(), (expected, false));
}

/// Registers a package that is too large.
#[test]
#[ignore = "a program of the tests below"]
fn registers() {
    let Some(folder) = folder() else { return };
    let request = json!({"ModelPackageGroupName": "group", "ModelPackageDescription": "x".repeat(LARGE)});
    println!("{}", Registry::new(&folder).register(&request, &Registrar::default()).unwrap_err());
}

#[test]
fn packages() {
    let temporary = tempfile::tempdir().unwrap();
    let registry = Registry::new(temporary.path());
    let full = limited("registers", temporary.path(), false);
    let told = String::from_utf8_lossy(&full.stdout).into_owned();
    assert!(full.status.success() && told.contains("1.json: File too large"), "{full:?}");
    let killed = limited("registers", temporary.path(), true);
    assert_eq!(killed.status.code(), None, "{killed:?}");
    assert!(registry.list("group").unwrap().is_empty());
    assert!(registry.groups().unwrap().is_empty());
    let package =
        registry.register(&json!({"ModelPackageGroupName": "group"}), &Registrar::default()).unwrap();
    assert_eq!(package.short_name(), "group/1");
}
