//! The step cache.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use pipewright_interpreter::execution::{Earlier, Hit};
use pipewright_interpreter::scripted::{Ran, Script, Scripted, run_scripted_with};
use pipewright_interpreter::{Start, Status, What};
use serde_json::{Value, json};

use crate::shapes::misfits;
use crate::{definition, order, step};

/// What earlier runs left, by key; and what was asked for.
#[derive(Default)]
struct Cache {
    results: HashMap<String, (Timestamp, Hit)>,
    asked: Mutex<Vec<(String, Timestamp)>>,
}

impl Cache {
    /// Everything that a run did by itself, as it can be found later.
    fn of(ran: &Ran) -> Self {
        let mut keys = HashMap::new();
        let mut cache = Self::default();
        for event in ran.events() {
            match &event.what {
                What::StepBegan { step, cache: Some(key), .. } => {
                    keys.insert(step.clone(), key.clone());
                }
                What::StepSucceeded { step, properties, metadata, taken_from: None } => {
                    if let Some(key) = keys.get(step) {
                        let (properties, metadata) = (properties.clone(), metadata.clone());
                        let hit = Hit { run: "earlier".into(), properties, metadata };
                        cache.results.insert(key.clone(), (event.time, hit));
                    }
                }
                _ => {}
            }
        }
        cache
    }
}

impl Earlier for Cache {
    fn cached(&self, _: &str, key: &str, not_older_than: Timestamp) -> Option<Hit> {
        self.asked.lock().unwrap().push((key.to_owned(), not_older_than));
        let (made, hit) = self.results.get(key)?;
        (*made >= not_older_than).then(|| hit.clone())
    }

    fn of_run(&self, _: &str, _: &str) -> Option<Hit> {
        None
    }

    fn has_run(&self, _: &str, _: &str) -> bool {
        false
    }
}

fn cached(name: &str, needs: &[&str], question: &Value, config: &Value) -> Value {
    let mut step = step(name, needs);
    step["Arguments"] = json!({"question": question});
    step["OutputParameters"] = json!([{"OutputName": "answer", "OutputType": "String"}]);
    step["CacheConfig"] = config.clone();
    step
}

fn run(steps: Value, cache: &Cache, use_cache: bool, answer: &str) -> Ran {
    let start = Start { use_cache, ..Start::default() };
    let scripted = Scripted::new().on("A", Script::new().returns("answer", answer));
    run_scripted_with(&definition(steps), start, &scripted, cache).unwrap()
}

#[test]
fn equal_work_is_not_done_again() {
    let steps = |question: &str| {
        let config = json!({"Enabled": true, "ExpireAfter": "P30D"});
        let read = json!({"Get": "Steps.A.OutputParameters['answer']"});
        json!([
            cached("A", &[], &question.into(), &config),
            cached("B", &[], &read, &config),
            step("C", &["A"])
        ])
    };
    let first = run(steps("?"), &Cache::default(), true, "first");
    assert_eq!(order(&first), "A B C");
    let cache = Cache::of(&first);
    assert_eq!(cache.results.len(), 2);

    let second = run(steps("?"), &cache, true, "second");
    assert_eq!(order(&second), "C");
    assert_eq!(second.status(), Status::Succeeded);
    assert_eq!(second.properties("A"), first.properties("A"));
    let record = second.steps_record();
    assert_eq!(misfits("ListPipelineExecutionStepsResponse", &record), Vec::<String>::new());
    let hits = record["PipelineExecutionSteps"].as_array().unwrap().iter().filter(|step| {
        let source = &step["CacheHitResult"]["SourcePipelineExecutionArn"];
        source.as_str().is_some_and(|arn| arn.ends_with(":pipeline/pipeline/execution/earlier"))
    });
    assert_eq!(hits.count(), 2);
    assert_eq!(order(&run(steps("?"), &cache, false, "first")), "A B C");
    // B asks for what A answers: where that is the same, B's result is.
    assert_eq!(order(&run(steps("!"), &cache, true, "first")), "A C");
    assert_eq!(order(&run(steps("!"), &cache, true, "other")), "A B C");
}

#[test]
fn what_is_asked_for() {
    let check = |config: &Value, expected: Option<Option<SignedDuration>>| {
        let cache = Cache::default();
        let ran = run(json!([cached("A", &[], &json!(1), config)]), &cache, true, "");
        let asked = cache.asked.lock().unwrap().first().cloned();
        let key = ran.events().iter().find_map(|event| match &event.what {
            What::StepBegan { cache, .. } => Some(cache.clone()),
            _ => None,
        });
        assert_eq!(key.flatten(), asked.as_ref().map(|(key, _)| key.clone()), "{config}");
        let began = ran.events()[0].time;
        let age = asked.map(|(_, time)| (time != Timestamp::MIN).then(|| began.duration_since(time)));
        assert_eq!(age, expected, "{config}");
    };
    check(&Value::Null, None);
    check(&json!({"Enabled": false}), None);
    check(&json!({"Enabled": false, "ExpireAfter": "P1D"}), None);
    check(&json!({"Enabled": true}), Some(None));
    check(&json!({"Enabled": true, "ExpireAfter": "PT1H"}), Some(Some(SignedDuration::from_hours(1))));
}

#[test]
fn what_failed_is_not_kept() {
    let steps = json!([cached("A", &[], &json!(1), &json!({"Enabled": true}))]);
    let scripted = Scripted::new().on("A", Script::new().fails("no"));
    let start = Start { use_cache: true, ..Start::default() };
    let ran = run_scripted_with(&definition(steps), start, &scripted, &Cache::default()).unwrap();
    assert_eq!(ran.status(), Status::Failed);
    assert!(Cache::of(&ran).results.is_empty());
}
