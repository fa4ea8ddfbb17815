use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use jiff::Timestamp;
use pipewright_interpreter::{Earlier as _, Event, Start, What};
use serde_json::{Value, json};

use super::*;
use crate::store::Store;
use crate::store::folder::Folder;

struct Scene {
    temporary: tempfile::TempDir,
    runs: Runs,
}

impl Scene {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let runs = Runs::new(temporary.path().join("target"));
        Self { temporary, runs }
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(Folder::new(self.temporary.path().join("s3")).unwrap())
    }

    fn put(&self, object: &str) {
        let file = self.temporary.path().join("put");
        fs::write(&file, "x").unwrap();
        self.store().put(&file, &pipewright_interpreter::S3Uri::parse(object).unwrap()).unwrap();
    }

    /// A run of the pipeline that ended so.
    fn run(&self, pipeline: &str, status: &str) -> Run {
        let run = self.runs.create().unwrap();
        let start =
            Start { pipeline: pipeline.to_owned(), execution_id: run.id().to_owned(), ..Start::default() };
        run.write_origin(&Origin { start, runner: "process".to_owned(), ..Origin::default() }).unwrap();
        run.write_definition(
            r#"{"Steps": [{"Name": "A"}, {"Name": "If", "Arguments": {"IfSteps": [{"Name": "B"}], "ElseSteps": []}}]}"#,
        )
        .unwrap();
        let execution = json!({"PipelineExecutionStatus": status, "CreationTime": "2026-01-01T00:00:00Z"});
        let steps = json!({"PipelineExecutionSteps": [
            {"StepName": "A", "StepStatus": "Succeeded"},
            {"StepName": "B", "StepStatus": status},
        ]});
        run.write_records(&execution, &steps).unwrap();
        run
    }

    fn statuses(&self) -> Vec<String> {
        let runs = self.runs.list().unwrap().runs;
        runs.iter()
            .map(|run| {
                format!(
                    "{} {} {}/{}/{}",
                    run.pipeline, run.status, run.steps_succeeded, run.steps_begun, run.steps_total
                )
            })
            .collect()
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn began(step: &str, cache: Option<&str>) -> Event {
    let what = What::StepBegan {
        step: step.to_owned(),
        attempt: 0,
        job: String::new(),
        arguments: Value::Null,
        cache: cache.map(str::to_owned),
    };
    Event { time: time("2026-01-02T00:00:00Z"), what }
}

fn succeeded(step: &str, properties: Value, taken_from: Option<&str>) -> Event {
    let what = What::StepSucceeded {
        step: step.to_owned(),
        properties,
        metadata: json!({"of": step}),
        taken_from: taken_from.map(str::to_owned),
    };
    Event { time: time("2026-01-02T00:00:10Z"), what }
}

#[test]
fn a_hundred_at_once_do_not_collide() {
    let scene = Scene::new();
    let runs = thread::scope(|scope| {
        let threads: Vec<_> = (0..100).map(|_| scope.spawn(|| scene.runs.create().unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let ids: BTreeSet<&str> = runs.iter().map(|run| run.id()).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| id.len() == 12));
    assert!(runs.iter().all(|run| run.state() == State::Running));
}

#[test]
fn what_was_written_is_read() {
    let scene = Scene::new();
    let run = scene.run("p", "Executing");
    assert_eq!(run.origin().unwrap().start.pipeline, "p");
    assert_eq!(run.execution().unwrap()["PipelineExecutionStatus"], "Executing");
    run.append(&began("A", None)).unwrap();
    run.append(&succeeded("A", json!({"x": 1.0}), None)).unwrap();
    let read = scene.runs.find(run.id()).unwrap();
    let events = vec![began("A", None), succeeded("A", json!({"x": 1.0}), None)];
    assert_eq!(read.journal().unwrap(), Journal { events, is_torn: false });
}

#[test]
fn a_lock_tells_running_from_interrupted() {
    let scene = Scene::new();
    let run = scene.run("p", "Executing");
    let id = run.id().to_owned();
    assert_eq!(scene.statuses(), ["p Executing 1/2/3"]);
    assert!(matches!(scene.runs.resume(&id), Err(Error::Running(_))));
    assert!(matches!(scene.runs.remove(&id), Err(Error::Running(_))));
    assert_eq!(scene.runs.prune(0).unwrap(), [""; 0]);
    drop(run);
    assert_eq!(scene.statuses(), ["p Interrupted 1/2/3"]);
    let run = scene.runs.resume("last").unwrap();
    assert_eq!(run.state(), State::Running);
    run.write_records(&json!({"PipelineExecutionStatus": "Succeeded"}), &json!({})).unwrap();
    drop(run);
    assert_eq!(scene.statuses(), ["p Succeeded 0/0/3"]);
}

#[test]
fn damaged_folders_are_told_and_keep_nothing_from_being_listed() {
    let scene = Scene::new();
    assert!(scene.runs.list().unwrap().runs.is_empty());
    drop(scene.run("fine", "Succeeded"));
    let damage = |name: &str, content: Option<&str>| {
        let run = scene.run("damaged", "Failed");
        let path = run.path().join(name);
        fs::remove_file(&path).unwrap();
        if let Some(content) = content {
            fs::write(path, content).unwrap();
        }
        run.id().to_owned()
    };
    let mut expected = vec![
        damage("run.json", None),
        damage("run.json", Some("{}")),
        damage("run.json", Some("{\"start\":")),
        damage("execution.json", Some("")),
        damage("steps.json", Some("\u{0}")),
    ];
    // Such are not damaged: it had hardly begun, or the definition is none.
    damage("execution.json", None);
    damage("definition.json", Some("[[["));
    fs::create_dir(scene.runs.folder().join("no-run-at-all")).unwrap();
    fs::write(scene.runs.folder().join("filefilefile"), "").unwrap();
    let listing = scene.runs.list().unwrap();
    assert_eq!(listing.runs.len(), 3);
    let mut damaged: Vec<_> = listing.damaged.iter().map(|(id, _)| id.clone()).collect();
    damaged.sort();
    expected.sort();
    assert_eq!(damaged, expected);
    for (_, error) in &listing.damaged {
        let told = error.to_string();
        assert!(told.contains("is damaged: ") || told.starts_with("can't read "), "{told}");
    }
}

#[test]
fn runs_are_found_by_what_is_unique() {
    let scene = Scene::new();
    let told = |which: &str| scene.runs.find(which).unwrap_err().to_string();
    assert!(told("last").starts_with("there are no runs yet"));
    for id in ["aaaaaaaaaaaa", "aaaaaaaaaaab", "bbbbbbbbbbbb"] {
        fs::create_dir_all(scene.runs.folder().join(id)).unwrap();
    }
    let found = |which: &str| scene.runs.find(which).unwrap().id().to_owned();
    assert_eq!(found("last"), "bbbbbbbbbbbb");
    assert_eq!(found("b"), "bbbbbbbbbbbb");
    assert_eq!(found("aaaaaaaaaaaa"), "aaaaaaaaaaaa");
    assert!(told("aa").starts_with("the ids of 2 runs begin with \"aa\""));
    for which in ["", "..", "/", "c", "../runs/bbbbbbbbbbbb", "BBBB"] {
        assert!(told(which).starts_with("there is no run "), "{which}");
    }
}

#[test]
fn old_ones_are_removed() {
    let scene = Scene::new();
    let mut ids: Vec<String> = (0..4).map(|_| scene.run("p", "Succeeded").id().to_owned()).collect();
    ids.sort();
    let running = scene.runs.resume(&ids[0]).unwrap();
    fs::create_dir_all(scene.runs.folder().join(".removed-x/steps")).unwrap();
    assert_eq!(scene.runs.prune(2).unwrap(), [ids[1].clone()]);
    assert_eq!(scene.runs.ids().unwrap(), [ids[3].as_str(), &ids[2], &ids[0]]);
    drop(running);
    scene.runs.remove(&ids[0]).unwrap();
    assert_eq!(scene.runs.prune(2).unwrap(), [""; 0]);
    assert_eq!(fs::read_dir(scene.runs.folder()).unwrap().count(), 2);
}

#[test]
fn step_folders_stay_in_the_run() {
    let run = Path::new("/run");
    let check = |step: &str| {
        let folder = step_folder(run, step, 3);
        assert!(folder.starts_with("/run/steps") && folder.ends_with("3"), "{folder:?}");
        assert!(folder.components().all(|part| part != std::path::Component::ParentDir), "{folder:?}");
    };
    for step in ["", "..", "../..", "/etc", "a\0b", "a\\b", &"x".repeat(2000)] {
        check(step);
    }
}

#[test]
fn results_are_cached_while_their_outputs_are_there() {
    let scene = Scene::new();
    scene.put("s3://bucket/in/data.csv");
    scene.put("s3://bucket/out/model.tar.gz");
    let properties = json!({
        "ProcessingInputs": [{"S3Input": {"S3Uri": "s3://bucket/in"}}],
        "ProcessingOutputConfig": {"Outputs": [
            {"S3Output": {"S3Uri": "s3://bucket/out"}},
            {"S3Output": {"S3Uri": "s3://bucket/nothing-was-written"}},
            {"S3Output": {"S3Uri": "s3://NO BUCKET/x"}},
        ]},
    });
    let run = scene.run("p", "Executing");
    run.keep_results(scene.store());
    for (step, key) in [("A", Some("key-a")), ("B", None), ("C", Some("../../key"))] {
        run.append(&began(step, key)).unwrap();
    }
    run.append(&succeeded("A", properties.clone(), None)).unwrap();
    run.append(&succeeded("B", json!({}), None)).unwrap();
    // Taken from a cache itself: the older result is the one that counts.
    run.append(&succeeded("C", json!({}), Some("another"))).unwrap();

    let results = || Results::new(scene.runs.clone(), scene.store());
    let cached = |pipeline: &str, key: &str, after: &str| results().cached(pipeline, key, time(after));
    let hit = cached("p", "key-a", "2026-01-02T00:00:10Z").unwrap();
    assert_eq!(
        (hit.run.as_str(), &hit.properties, &hit.metadata),
        (run.id(), &properties, &json!({"of": "A"}))
    );
    assert_eq!(cached("p", "key-a", "2026-01-02T00:00:11Z"), None);
    assert_eq!(cached("q", "key-a", "2026-01-02T00:00:10Z"), None);
    assert_eq!(cached("p", "key-b", "2026-01-02T00:00:10Z"), None);
    assert_eq!(cached("p", "../../key", "2026-01-02T00:00:10Z"), None);

    // Inputs are no concern of the cache, and a result outlives its run.
    let id = run.id().to_owned();
    drop(run);
    scene.runs.remove(&id).unwrap();
    fs::remove_dir_all(scene.temporary.path().join("s3/bucket/in")).unwrap();
    assert!(cached("p", "key-a", "2026-01-02T00:00:10Z").is_some());
    // What begins with the same letters is another place.
    fs::remove_dir_all(scene.temporary.path().join("s3/bucket/out")).unwrap();
    scene.put("s3://bucket/output/x");
    assert_eq!(cached("p", "key-a", "2026-01-02T00:00:10Z"), None);
    // Damaged: no result.
    scene.put("s3://bucket/out/x");
    assert!(cached("p", "key-a", "2026-01-02T00:00:10Z").is_some());
    fs::write(scene.temporary.path().join("target/cache/key-a.json"), "{\"pipe").unwrap();
    assert_eq!(cached("p", "key-a", "2026-01-02T00:00:10Z"), None);
}

#[test]
fn results_of_a_run() {
    let scene = Scene::new();
    let run = scene.run("p", "Failed");
    for event in [
        began("A", None),
        succeeded("A", json!({"number": 1}), None),
        succeeded("B", json!({}), Some("earlier")),
        began("C", None),
        succeeded("C", json!({}), None),
        began("C", None),
    ] {
        run.append(&event).unwrap();
    }
    let results = Results::new(scene.runs.clone(), scene.store());
    let of_run = |step: &str| results.of_run(run.id(), step).map(|hit| hit.run);
    let found: BTreeMap<_, _> = ["A", "B", "C", "D"].map(|step| (step, of_run(step))).into_iter().collect();
    assert_eq!(found["A"].as_deref(), Some(run.id()));
    assert_eq!(found["B"].as_deref(), Some("earlier"));
    assert_eq!((&found["C"], &found["D"]), (&None, &None));
    assert!(results.has_run("p", run.id()));
    assert!(!results.has_run("q", run.id()));
    for id in ["../../..", "", "last", "000000000000"] {
        assert!(!results.has_run("p", id));
        assert_eq!(results.of_run(id, "A"), None);
    }
}
