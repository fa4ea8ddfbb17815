//! Every pipeline runs with scripted results, until each of its steps was reached in one of its runs.

use std::collections::BTreeSet;

use pipewright::testing::{Run, Synthesis, json};

/// The runs of a pipeline: one where nothing is said, for those that decide nothing.
fn runs(synthesis: &Synthesis) -> Vec<Run> {
    let run = || synthesis.run();
    match synthesis.answer.name.as_str() {
        "abalone" => [5.0, 7.0]
            .map(|mse| json!({"regression_metrics": {"mse": {"value": mse}}}))
            .map(|report| run().on("AbaloneEval").writes("evaluation.json", report).start())
            .into(),
        "conditions-all" => [2, 3]
            .map(|value| json!({"m": {"v": [value], "x": 0.25}}))
            .map(|report| run().on("P").writes("r.json", report).start())
            .into(),
        "conditions-nested" => (0..=2).map(|x| run().parameter("X", x).start()).collect(),
        "exec-vars-join-props" => vec![run().on("A").has(json!({"Environment": {"K": "v"}})).start()],
        "parameters-all" => {
            let given = [("S", json!("s")), ("I", json!(1)), ("F", json!(0.5)), ("B", json!(true))];
            vec![given.into_iter().fold(run(), |run, (name, value)| run.parameter(name, value)).start()]
        }
        _ => vec![run().start()],
    }
}

#[track_caller]
pub(crate) fn reach_every_step(synthesis: &Synthesis) {
    let runs = runs(synthesis);
    let reached: BTreeSet<&str> = runs.iter().flat_map(Run::path).collect();
    let mut all: BTreeSet<&str> = synthesis.steps().into_iter().collect();
    if synthesis.answer.name == "conditions-nested" {
        // Where X is 2 it is not 3.
        assert!(all.remove("P3"));
    }
    assert_eq!(reached, all, "{}", runs.iter().map(Run::to_string).collect::<Vec<_>>().join("\n"));
}
