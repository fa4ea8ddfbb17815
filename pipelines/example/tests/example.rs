//! The pipeline, tested on this machine alone: no account, no network, no process.

#[path = "../src/main.rs"]
mod program;

use pipewright::testing::{Synth, json};

/// The pipeline with its own `config.toml`.
fn example() -> Synth {
    program::pipelines().get("example-pipeline")
}

#[test]
fn the_greeting_reaches_the_script() {
    let synthesis = example().set("pipeline_config_parameter", "Good morning").synthesis();
    let step = synthesis.step("processing-example");
    assert_eq!(step.kind(), "Processing");
    assert_eq!(step.parameters(), ["InstanceType"]);
    let arguments = step.argument("AppSpecification.ContainerArguments");
    assert_eq!(arguments, &json!(["--config_parameter", "Good morning"]));
}

#[test]
fn the_instance_type_is_chosen_at_each_start() {
    let run = example().synthesis().run().parameter("InstanceType", "ml.c5.xlarge").start();
    run.assert_succeeded();
    let step = run.job("processing-example");
    assert_eq!(step.argument("ProcessingResources.ClusterConfig.InstanceType"), "ml.c5.xlarge");
}

#[test]
fn a_greeting_is_never_empty() {
    let problems = example().config("pipeline_config_parameter = ''").problems();
    assert_eq!(
        problems.messages(),
        ["`pipeline_config_parameter` must have at least 1 character, but is \"\""]
    );
}
