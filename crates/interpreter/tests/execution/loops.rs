//! `ForEach` steps.

use pipewright_interpreter::Status;
use pipewright_interpreter::scripted::{Script, Scripted};
use serde_json::{Value, json};

use crate::shapes::misfits;
use crate::{order, run, step};

fn each(items: Value, more: Value, body: Value) -> Value {
    let mut arguments = json!({"IterableItems": items, "MaxConcurrency": 50, "ForEachBody": body});
    for (name, value) in more.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    json!({"Name": "Loop", "Type": "ForEach", "Arguments": arguments})
}

/// A step that returns a score.
fn scored(name: &str, needs: &[&str]) -> Value {
    let mut scored = step(name, needs);
    scored["OutputParameters"] = json!([{"OutputName": "score", "OutputType": "Float"}]);
    scored["Arguments"] = json!({"item": {"Get": "ForEach.CurrentItem"}});
    scored
}

#[test]
fn a_body_runs_for_each_item() {
    let mut second = step("Second", &[]);
    second["Arguments"] = json!({"first": {"Get": "Steps.First.OutputParameters['score']"}});
    let body = json!([scored("First", &[]), second]);
    let mut after = step("After", &[]);
    after["Arguments"] = json!({"status": {"Get": "Steps.Loop.Status"}, "first": {"Get": "Steps.Loop.IterationOutputs[1].First.OutputParameters['score']"}});
    let scripted = Scripted::new()
        .on("First", Script::new().returns("score", 0.25))
        .on("Loop[1].First", Script::new().returns("score", 0.75));
    let ran = run(json!([each(json!(["a", "b"]), json!({}), body), after]), &scripted);
    assert_eq!(ran.status(), Status::Succeeded, "{:?}", ran.step_reason("Loop"));
    assert_eq!(order(&ran), "Loop[0].First Loop[1].First Loop[0].Second Loop[1].Second After");
    assert_eq!(ran.job("Loop[1].First").unwrap().arguments, json!({"item": "b"}));
    assert_eq!(ran.job("Loop[0].Second").unwrap().arguments, json!({"first": 0.25}));
    assert_eq!(ran.job("Loop[1].Second").unwrap().arguments, json!({"first": 0.75}));
    assert_eq!(ran.job("After").unwrap().arguments, json!({"status": "Succeeded", "first": 0.75}));
    let record = ran.steps_record();
    assert_eq!(misfits("ListPipelineExecutionStepsResponse", &record), Vec::<String>::new());
    let steps = record["PipelineExecutionSteps"].as_array().unwrap();
    let find = |name: &str| {
        steps.iter().find(|step| step["StepName"] == name).unwrap_or_else(|| panic!("{steps:#?}"))
    };
    assert_eq!(
        find("Loop")["Metadata"]["ForEach"],
        json!({"Status": "Succeeded", "InputItemCount": 2, "TotalStepCount": 4, "SucceededStepCount": 4, "FailedStepCount": 0, "StoppedStepCount": 0})
    );
    assert_eq!(
        find("First-1")["IterationContext"],
        json!({"ParentStepName": "Loop", "Index": 1, "Item": "b"})
    );
}

#[test]
fn so_many_at_once() {
    let check = |more: Value, expected: &str| {
        let body = json!([step("A", &[]), step("B", &["A"])]);
        let ran = run(json!([each(json!([1, 2, 3]), more, body)]), &Scripted::new());
        assert_eq!(order(&ran).replace("Loop", ""), expected);
    };
    check(json!({"MaxConcurrency": 1}), "[0].A [0].B [1].A [1].B [2].A [2].B");
    check(json!({"MaxConcurrency": 2}), "[0].A [1].A [0].B [1].B [2].A [2].B");
    check(json!({}), "[0].A [1].A [2].A [0].B [1].B [2].B");
}

#[test]
fn an_iteration_that_fails_lets_no_other_begin() {
    let body = json!([scored("A", &[]), step("B", &["A"])]);
    let steps =
        json!([each(json!([1, 2, 3, 4]), json!({"MaxConcurrency": 2}), body), step("After", &["Loop"])]);
    let ran = run(steps, &Scripted::new().on("Loop[1].A", Script::new().fails("no")));
    assert_eq!(ran.status(), Status::Failed);
    assert_eq!(order(&ran).replace("Loop", ""), "[0].A [1].A [0].B");
    assert_eq!(ran.step_reason("Loop"), Some("1 of 4 items failed: Loop[1].A: no"));
    let properties = ran.properties("Loop").unwrap();
    assert_eq!(properties["Status"], "Failed");
    assert_eq!((&properties["SucceededStepCount"], &properties["FailedStepCount"]), (&json!(2), &json!(1)));
    assert_eq!(misfits("ListPipelineExecutionStepsResponse", &ran.steps_record()), Vec::<String>::new());
}

#[test]
fn a_selector_picks_one() {
    let check = |selector: Value, expected: Result<usize, &str>| {
        let steps =
            json!([each(json!([10, 20, 30]), json!({"Selector": selector}), json!([scored("A", &[])]))]);
        let scripted = Scripted::new()
            .on("Loop[0].A", Script::new().returns("score", 2.5).returns("text", "no"))
            .on("Loop[1].A", Script::new().returns("score", "7"))
            .on("Loop[2].A", Script::new().returns("score", -1));
        let ran = run(steps, &scripted);
        match expected {
            Ok(index) => {
                assert_eq!(ran.status(), Status::Succeeded, "{:?}", ran.step_reason("Loop"));
                let steps = ran.steps_record();
                assert_eq!(
                    steps["PipelineExecutionSteps"][0]["Metadata"]["ForEach"]["Selector"],
                    json!({"StepName": "A", "Index": index})
                );
                let properties = ran.properties("Loop").unwrap();
                assert_eq!(properties["Selected"], properties["IterationOutputs"][index]["A"]);
            }
            Err(reason) => {
                assert_eq!(ran.status(), Status::Failed);
                assert!(
                    ran.step_reason("Loop").unwrap().starts_with(reason),
                    "{:?}",
                    ran.step_reason("Loop")
                );
            }
        }
        assert_eq!(misfits("ListPipelineExecutionStepsResponse", &ran.steps_record()), Vec::<String>::new());
    };
    let field = json!({"Get": "IterationOutput.A.OutputParameters['score']"});
    check(json!({"Pick": "MaxBy", "Field": field}), Ok(1));
    check(json!({"Pick": "MinBy", "Field": field}), Ok(2));
    let none = json!({"Get": "IterationOutput.A.OutputParameters['x']"});
    check(json!({"Pick": "MaxBy", "Field": none}), Err("Arguments.Selector.Field: "));
    let text = json!({"Get": "IterationOutput.A.OutputParameters['text']"});
    check(
        json!({"Pick": "MaxBy", "Field": text}),
        Err("Arguments.Selector.Field: of item 0 it is \"no\", which"),
    );
}

#[test]
fn items_and_their_number() {
    let check = |items: Value, more: Value, expected: Result<usize, &str>| {
        let mut writes = step("Items", &[]);
        writes["OutputParameters"] = json!([{"OutputName": "list", "OutputType": "String"}]);
        let body = json!([step("A", &[])]);
        let scripted = Scripted::new().on("Items", Script::new().returns("list", "[1, [2], {\"x\": 3}]"));
        let ran = run(json!([writes, each(items, more, body)]), &scripted);
        match expected {
            Ok(count) => {
                assert_eq!(ran.status(), Status::Succeeded, "{:?}", ran.step_reason("Loop"));
                assert_eq!(ran.jobs().len(), 1 + count);
            }
            Err(reason) => {
                assert!(
                    ran.step_reason("Loop").unwrap().starts_with(reason),
                    "{:?}",
                    ran.step_reason("Loop")
                );
            }
        }
    };
    let list = json!({"Get": "Steps.Items.OutputParameters['list']"});
    check(json!([1]), json!({}), Ok(1));
    check(list.clone(), json!({}), Ok(3));
    check(list, json!({"MaxConcurrency": 1}), Ok(3));
    check(json!({"Get": "Execution.PipelineName"}), json!({}), Err("Arguments.IterableItems"));
}
