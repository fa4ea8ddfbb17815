//! The pipeline, tested on this machine alone: no account, no network, no process.

#[path = "../src/main.rs"]
mod program;

use pipewright::testing::{Run, Synth, Value, json};

/// The pipeline with its own `config.toml`, where account and region are known.
fn abalone() -> Synth {
    program::pipelines().get("abalone").env("test")
}

#[test]
fn the_steps_are_wired() {
    let abalone = abalone().synthesis();
    assert_eq!(abalone.step("AbaloneTrain").kind(), "Training");
    assert_eq!(abalone.step("AbaloneEval").depends_on(), ["AbaloneProcess", "AbaloneTrain"]);
    assert_eq!(abalone.step("AbaloneMSEFail").parent(), Some("AbaloneMSECond"));
    assert!(abalone.needs("AbaloneTransform", "AbaloneProcess"));
    assert!(!abalone.needs("AbaloneMSEFail", "AbaloneTransform"));
}

#[test]
fn configuration_reaches_the_steps() {
    let train = abalone().set("booster.max_depth", 7).synthesis();
    let train = train.step("AbaloneTrain");
    assert_eq!(train.argument("HyperParameters.max_depth"), "7");
    assert_eq!(
        train.argument("ResourceConfig.InstanceType"),
        &json!({"Get": "Parameters.TrainingInstanceType"})
    );
    assert_eq!(train.argument("InputDataConfig['train'].ContentType"), "text/csv");
}

#[test]
fn bad_configuration_is_told_at_once() {
    let problems = abalone().config("[booster]\nrounds = 0\neta = 1.5\n").problems();
    assert_eq!(
        problems.messages(),
        [
            "`model_package_group` is missing",
            "`booster.rounds` must be at least 1, but is 0",
            "`booster.eta` must be at most 1, but is 1.5",
        ]
    );
}

/// What `cargo xtask synth --env test` writes. After a change that is meant: `UPDATE_GOLDENS=1 cargo test -p abalone`.
#[test]
fn the_definition_is_as_it_was() {
    abalone().synthesis().assert_snapshot("abalone");
}

/// What `evaluate.py` writes.
fn report(mse: f64) -> Value {
    json!({"regression_metrics": {"mse": {"value": mse, "standard_deviation": 1.5}}})
}

/// A run whose model has this error.
fn run_with_error(mse: f64) -> Run {
    abalone().synthesis().run().on("AbaloneEval").writes("evaluation.json", report(mse)).start()
}

#[test]
fn a_good_model_is_registered_and_scores_the_batch() {
    let run = run_with_error(4.2);
    run.assert_succeeded();
    assert!(run.took("AbaloneMSECond", true));
    assert!(run.skipped("AbaloneMSEFail"));
    let scored = run.job("AbaloneTransform");
    assert_eq!(
        scored.argument("TransformInput.DataSource.S3DataSource.S3Uri"),
        "s3://dsm-sm-data/abalone-batch"
    );
    // The model that is scored with is the one that was registered.
    let trained = run.property("AbaloneTrain", "ModelArtifacts.S3ModelArtifacts");
    let registered = run.job("AbaloneRegisterModel-RegisterModel");
    assert_eq!(registered.argument("InferenceSpecification.Containers[0].ModelDataUrl"), trained);
}

#[test]
fn a_bad_model_ends_the_run() {
    let run = run_with_error(6.1);
    assert_eq!(run.failure_reason(), "Execution failed due to MSE > 6.0");
    assert_eq!(
        run.path(),
        ["AbaloneProcess", "AbaloneTrain", "AbaloneEval", "AbaloneMSECond", "AbaloneMSEFail"]
    );
}

#[test]
fn the_threshold_is_a_parameter() {
    let scenario = abalone().synthesis().run().on("AbaloneEval").writes("evaluation.json", report(4.2));
    let run = scenario.parameter("MseThreshold", 3.0).start();
    assert!(run.took("AbaloneMSECond", false));
    assert_eq!(run.failure_reason(), "Execution failed due to MSE > 3.0");
}

#[test]
fn nothing_is_evaluated_when_training_fails() {
    let run = abalone().synthesis().run().on("AbaloneTrain").fails("no such objective").start();
    assert!(run.skipped("AbaloneEval"));
    assert_eq!(run.step_failure("AbaloneTrain"), "no such objective");
}
