//! Definitions that version 2.257.7 of the SageMaker Python SDK emitted, each run with scripted results until every step of it was
//! reached in one of its runs: both branches of a condition, what comes after a Callback, what a Fail step says.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipewright_interpreter::scripted::{Ran, Script, Scripted, run_scripted};
use pipewright_interpreter::{Definition, Failure, Start, What};
use serde_json::{Value, json};

/// A run and how it is to end.
struct Scene {
    parameters: Value,
    scripted: Scripted,
    expected: Result<(), &'static str>,
}

/// Nothing is said: the run succeeds.
fn plain() -> Scene {
    Scene { parameters: json!({}), scripted: Scripted::new(), expected: Ok(()) }
}

impl Scene {
    fn parameters(self, parameters: Value) -> Self {
        Self { parameters, ..self }
    }

    fn on(self, step: &str, script: Script) -> Self {
        Self { scripted: self.scripted.on(step, script), ..self }
    }

    /// It ends with this reason.
    fn fails(self, reason: &'static str) -> Self {
        Self { expected: Err(reason), ..self }
    }
}

/// The runs of each definition.
fn scenes(name: &str) -> Vec<Scene> {
    let mse = |mse: f64| {
        plain().on(
            "AbaloneEval",
            Script::new().writes("evaluation.json", json!({"regression_metrics": {"mse": {"value": mse}}})),
        )
    };
    let report = |v: i64| {
        let document = json!({"m": {"v": [v], "x": 0.25}});
        plain().on("P", Script::new().writes("r.json", document))
    };
    match name {
        "abalone" => vec![
            mse(6.0),
            mse(6.5).fails("Execution failed due to MSE > 6.0"),
            mse(4.0).parameters(json!({"MseThreshold": 3.5})).fails("Execution failed due to MSE > 3.5"),
        ],
        "callback_lambda_fail" => vec![
            plain()
                .on("CB", Script::new().returns("s", "a"))
                .on("LA", Script::new().returns("s", "why"))
                .fails("bad: why: pipeline"),
        ],
        "conditions_all" => vec![
            report(2).fails(""),
            report(3).fails("no"),
            report(2).parameters(json!({"S": "b"})).fails("no"),
            report(2).parameters(json!({"B": false})).fails("no"),
        ],
        // It reads a variable that it does not set itself.
        "exec_vars_join_props" => {
            vec![plain().on("A", Script::new().properties(json!({"Environment": {"K": "v"}})))]
        }
        "parameters_all" => vec![plain().parameters(json!({"S": "s", "I": 1, "F": 0.5, "B": true}))],
        "retry_depends_parallel" => vec![
            plain(),
            plain().on("A", Script::new().fails_times(4, service_fault())),
            plain()
                .on("A", Script::new().fails("exit 1"))
                .fails("Step failure: One or multiple steps failed."),
        ],
        _ => vec![plain()],
    }
}

fn service_fault() -> Failure {
    Failure { exception: Some("Step.SERVICE_FAULT".to_owned()), ..Failure::new("the service is not there") }
}

fn definitions() -> BTreeMap<String, String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter_map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().strip_suffix(".json")?.to_owned();
        // What stands beside a definition in the request that creates the pipeline.
        (!name.ends_with(".request")).then(|| (name, std::fs::read_to_string(&path).unwrap()))
    });
    files.collect()
}

fn run(definition: &Arc<Definition>, scene: &Scene) -> Ran {
    let parameters = scene.parameters.as_object().unwrap().clone().into_iter().collect();
    let start = Start { parameters, use_cache: true, ..Start::default() };
    run_scripted(definition, start, &scene.scripted).unwrap_or_else(|problems| panic!("{problems}"))
}

fn began(ran: &Ran) -> BTreeSet<&str> {
    let names = ran.events().iter().filter_map(|event| match &event.what {
        What::StepBegan { step, .. } => Some(step.as_str()),
        _ => None,
    });
    names.collect()
}

#[test]
fn every_step_of_every_definition_is_reached() {
    let definitions = definitions();
    assert!(definitions.len() >= 26, "there are {}", definitions.len());
    let mut kinds = BTreeSet::new();
    for (name, text) in &definitions {
        let definition =
            Arc::new(Definition::parse(text).unwrap_or_else(|problems| panic!("{name}: {problems}")));
        let mut reached: BTreeSet<String> = BTreeSet::new();
        for scene in scenes(name) {
            let ran = run(&definition, &scene);
            match scene.expected {
                Ok(()) => assert_eq!(ran.status().name(), "Succeeded", "{name}: {}", ran.steps_record()),
                Err(reason) => {
                    assert_eq!(ran.status().name(), "Failed", "{name}");
                    assert_eq!(ran.reason().unwrap_or_default(), reason, "{name}");
                }
            }
            reached.extend(began(&ran).into_iter().map(str::to_owned));
        }
        let all: BTreeSet<String> = definition.steps.iter().map(|step| step.name.clone()).collect();
        assert!(!all.is_empty(), "{name}");
        assert_eq!(reached, all, "{name}");
        kinds.extend(definition.steps.iter().map(|step| step.kind.clone()));
    }
    // Every type of step that the SDK knows, so far as a definition of it is there.
    let expected = "AutoML Callback ClarifyCheck Condition EMR Endpoint EndpointConfig Fail InferenceComponent Lambda Lineage Model Processing \
                    QualityCheck RegisterModel Training Transform Tuning";
    assert_eq!(kinds.into_iter().collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn retries_are_counted_by_policy() {
    let text = &definitions()["retry_depends_parallel"];
    let definition = Arc::new(Definition::parse(text).unwrap());
    for (times, attempts, status) in
        [(0, 1, "Succeeded"), (4, 5, "Succeeded"), (5, 6, "Succeeded"), (6, 6, "Failed")]
    {
        let ran = run(&definition, &plain().on("A", Script::new().fails_times(times, service_fault())));
        let began = ran.jobs().iter().filter(|job| job.step == "A").count();
        assert_eq!((began, ran.status().name()), (attempts, status), "{times} failures");
    }
}
