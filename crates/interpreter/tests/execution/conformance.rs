//! Every definition that the SageMaker Python SDK wrote runs, and its record has SageMaker's shapes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use pipewright_interpreter::definition::ParameterType;
use pipewright_interpreter::scripted::{Ran, Script, Scripted, run_scripted};
use pipewright_interpreter::{Definition, Failure, Start, Status};
use serde_json::json;

use crate::shapes::misfits;

/// All definitions, by name.
fn definitions() -> Vec<(String, Arc<Definition>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions");
    let mut definitions: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter(|path| !path.to_string_lossy().ends_with(".request.json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            let definition = Definition::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems}"));
            (name, Arc::new(definition))
        })
        .collect();
    definitions.sort_by(|a, b| a.0.cmp(&b.0));
    definitions
}

fn start(name: &str, definition: &Definition) -> Start {
    let required = definition.parameters.iter().filter(|parameter| parameter.default.is_none());
    let parameters = required.map(|parameter| {
        let value = match parameter.kind {
            ParameterType::String => json!("text"),
            ParameterType::Integer => json!(1),
            ParameterType::Float => json!(0.5),
            ParameterType::Boolean => json!(true),
        };
        (parameter.name.clone(), parameter.choices.first().cloned().unwrap_or(value))
    });
    Start {
        parameters: parameters.collect(),
        pipeline: name.replace('_', "-"),
        execution_id: "0123456789ab".into(),
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        parallelism: Some(4),
        ..Start::default()
    }
}

/// What the conditions of the definitions read: small enough for their first branches, or too large.
fn scripted(name: &str, error: f64) -> Scripted {
    match name {
        "abalone" => {
            let report = json!({"regression_metrics": {"mse": {"value": error}}});
            Scripted::new().on("AbaloneEval", Script::new().writes("EvaluationReport", report))
        }
        "conditions_all" => {
            Scripted::new().on("P", Script::new().writes("R", json!({"m": {"v": [error], "x": error}})))
        }
        // It reads a variable that the step does not set.
        "exec_vars_join_props" => {
            Scripted::new().on("A", Script::new().properties(json!({"Environment": {"K": "value"}})))
        }
        _ => Scripted::new(),
    }
}

fn check_record(name: &str, ran: &Ran) {
    let (execution, steps) = (ran.execution_record(), ran.steps_record());
    let mut wrong = misfits("DescribePipelineExecutionResponse", &execution);
    wrong.extend(misfits("ListPipelineExecutionStepsResponse", &steps));
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
}

#[test]
fn every_definition_runs_and_every_type_of_step_is_reached() {
    let (mut types, mut reached) = (BTreeSet::new(), BTreeSet::new());
    for (name, definition) in definitions() {
        types.extend(definition.steps.iter().map(|step| step.kind.clone()));
        for error in [1.0, 1_000.0] {
            let ran = run_scripted(&definition, start(&name, &definition), &scripted(&name, error)).unwrap();
            check_record(&name, &ran);
            let failed = definition.steps.iter().filter(|step| ran.step_status(&step.name) == Some("Failed"));
            let failed: Vec<_> = failed.collect();
            for step in &failed {
                assert_eq!(step.kind, "Fail", "{name}: {}: {:?}", step.name, ran.step_reason(&step.name));
            }
            let expected = if failed.is_empty() { Status::Succeeded } else { Status::Failed };
            assert_eq!(ran.status(), expected, "{name}");
            let began = definition.steps.iter().filter(|step| ran.step_status(&step.name).is_some());
            reached.extend(began.map(|step| step.kind.clone()));
        }
    }
    assert_eq!(types, reached);
    assert!(types.len() >= 15, "{types:?}");
}

#[test]
fn records_of_runs_that_fail_or_are_stopped_have_the_shapes_too() {
    for (name, definition) in definitions() {
        for step in &definition.steps {
            for script in [
                Script::new().fails("because ".repeat(400)),
                Script::new().stops(),
                Script::new().fails_times(
                    1,
                    Failure {
                        exception: Some("SageMaker.JOB_INTERNAL_ERROR".into()),
                        ..Failure::new("again")
                    },
                ),
            ] {
                let scripted = scripted(&name, 1.0).on(&step.name, script);
                let ran = run_scripted(&definition, start(&name, &definition), &scripted).unwrap();
                check_record(&format!("{name}, {}", step.name), &ran);
            }
        }
    }
}

#[test]
fn each_run_is_like_the_other() {
    for (name, definition) in definitions() {
        let run = || {
            let ran = run_scripted(&definition, start(&name, &definition), &scripted(&name, 1.0)).unwrap();
            serde_json::to_string(ran.events()).unwrap()
        };
        assert_eq!(run(), run(), "{name}");
    }
}
