//! Selective execution, and runs that begin at a step.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use pipewright_interpreter::execution::{Earlier, Hit, Nothing, steps_from};
use pipewright_interpreter::scripted::{Scripted, run_scripted_with};
use pipewright_interpreter::{Event, Execution, Start, Status, What, record};
use serde_json::{Value, json};

use crate::resume::finish;
use crate::shapes::misfits;
use crate::{definition, order, step};

/// One earlier run, in which these steps succeeded.
pub(crate) struct Before(pub(crate) BTreeMap<String, Value>);

impl Earlier for Before {
    fn cached(&self, _: &str, _: &str, _: Timestamp) -> Option<Hit> {
        None
    }

    fn of_run(&self, run: &str, step: &str) -> Option<Hit> {
        let properties = self.0.get(step).filter(|_| run == "before")?.clone();
        Some(Hit { run: "before".into(), properties, metadata: json!({"Lambda": {"Arn": "arn"}}) })
    }

    fn has_run(&self, _: &str, run: &str) -> bool {
        run == "before"
    }
}

fn before(steps: &[&str]) -> Before {
    let properties = |step: &&str| {
        let properties = json!({"OutputParameters": {"x": format!("{step} before")}, "Outcome": "True"});
        ((*step).to_owned(), properties)
    };
    Before(steps.iter().map(properties).collect())
}

fn reads(name: &str, read: &str) -> Value {
    let mut reads = step(name, &[]);
    reads["Arguments"] = json!({"x": {"Get": format!("Steps.{read}.OutputParameters['x']")}});
    reads["OutputParameters"] = json!([{"OutputName": "x", "OutputType": "String"}]);
    reads
}

fn writes(name: &str) -> Value {
    let mut writes = step(name, &[]);
    writes["OutputParameters"] = json!([{"OutputName": "x", "OutputType": "String"}]);
    writes
}

/// A → B → C → D, by what they read; E after A without reading it.
fn chain() -> Value {
    json!([writes("A"), reads("B", "A"), reads("C", "B"), reads("D", "C"), step("E", &["A"])])
}

fn start(selected: &[&str], source: Option<&str>) -> Start {
    Start {
        selected: selected.iter().map(|name| (*name).to_owned()).collect(),
        source: source.map(str::to_owned),
        ..Start::default()
    }
}

#[test]
fn selected_steps_run_alone() {
    let check = |selected: &[&str], expected: &str, taken: &[&str]| {
        let definition = definition(chain());
        let earlier = before(&["A", "B", "C", "D", "E"]);
        let ran = run_scripted_with(&definition, start(selected, Some("before")), &Scripted::new(), &earlier)
            .unwrap();
        assert_eq!(order(&ran), expected);
        assert_eq!(ran.status(), Status::Succeeded);
        let record = ran.steps_record();
        assert_eq!(misfits("ListPipelineExecutionStepsResponse", &record), Vec::<String>::new());
        assert_eq!(
            misfits("DescribePipelineExecutionResponse", &ran.execution_record()),
            Vec::<String>::new()
        );
        let steps = record["PipelineExecutionSteps"].as_array().unwrap();
        let results = steps.iter().filter(|step| step.get("SelectiveExecutionResult").is_some());
        let results: Vec<_> = results.map(|step| step["StepName"].as_str().unwrap()).collect();
        assert_eq!(results, taken);
        assert_eq!(steps.len(), taken.len() + ran.jobs().len());
    };
    check(&["B"], "B", &["A"]);
    check(&["C", "B"], "B C", &["A"]);
    check(&["D"], "D", &["C"]);
    check(&["A", "B", "C", "D", "E"], "A B E C D", &[]);
    // It depends on A and reads nothing of it.
    check(&["E"], "E", &[]);
    check(&["A", "E"], "A E", &[]);
}

#[test]
fn what_is_read_is_what_was() {
    let definition = definition(chain());
    let ran =
        run_scripted_with(&definition, start(&["B"], Some("before")), &Scripted::new(), &before(&["A"]))
            .unwrap();
    assert_eq!(ran.job("B").unwrap().arguments, json!({"x": "A before"}));
}

#[test]
fn selections_that_are_refused() {
    let check = |selected: &[&str], source: Option<&str>, there: &[&str], expected: &[&str]| {
        let definition = definition(chain());
        let result =
            run_scripted_with(&definition, start(selected, source), &Scripted::new(), &before(there));
        let problems = result.err().unwrap_or_else(|| panic!("{selected:?}"));
        let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(messages.len(), expected.len(), "{messages:#?}");
        for (message, part) in messages.iter().zip(expected) {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    };
    let before = Some("before");
    check(&["Nope", "X"], before, &["A"], &["no step \"Nope\"", "no step \"X\""]);
    check(&["B", "D"], before, &["A", "C"], &["step \"C\" lies between"]);
    check(&["B"], None, &["A"], &["step \"B\" reads \"A\", which is not selected; select"]);
    check(&["B"], before, &[], &["did not succeed in run \"before\""]);
    check(&["B"], Some("other"), &["A"], &["no earlier run \"other\""]);
    check(&["B", "D"], None, &[], &["lies between", "\"B\" reads \"A\"", "\"D\" reads \"C\""]);

    let steps: Vec<Value> = (0..51).map(|index| step(&format!("S{index}"), &[])).collect();
    let names: Vec<String> = (0..51).map(|index| format!("S{index}")).collect();
    let run = |count: usize| {
        let start = Start { selected: names[..count].to_vec(), ..Start::default() };
        run_scripted_with(&definition(steps.clone().into()), start, &Scripted::new(), &Nothing)
    };
    assert!(run(50).is_ok());
    assert!(run(51).unwrap_err().to_string().contains("51 steps are selected; at most 50"));
}

#[test]
fn a_run_begins_at_a_step() {
    let branch = json!({
        "Name": "Cond", "Type": "Condition", "DependsOn": ["A"],
        "Arguments": {"Conditions": [], "IfSteps": [reads("Yes", "A")], "ElseSteps": [step("No", &[])]}
    });
    let steps = json!([writes("A"), reads("B", "A"), branch, reads("C", "B"), step("Last", &["Yes", "C"])]);
    let check = |from: &str, there: &[&str], expected: &str| {
        let definition = definition(steps.clone());
        let start = Start { from: Some(from.into()), source: Some("before".into()), ..Start::default() };
        let ran = run_scripted_with(&definition, start, &Scripted::new(), &before(there)).unwrap();
        assert_eq!(order(&ran), expected, "{from}");
        assert_eq!(ran.status(), Status::Succeeded);
        assert_eq!(misfits("ListPipelineExecutionStepsResponse", &ran.steps_record()), Vec::<String>::new());
    };
    let all = ["A", "B", "Cond", "Yes", "C", "Last"];
    check("C", &all, "C Last");
    check("A", &all, "A B Yes C Last");
    check("Cond", &all, "Yes Last");
    check("Yes", &all, "Yes Last");
    // What did not succeed runs, wherever it is.
    check("C", &["A", "Cond"], "B Yes C Last");
    check("Last", &[], "A B Yes C Last");

    let definition = definition(steps.clone());
    assert_eq!(steps_from(&definition, "Cond").unwrap(), ["Cond", "Yes", "No", "Last"]);
    assert_eq!(steps_from(&definition, "X"), None);
    let refused = |from: &str, selected: &[&str], source: Option<&str>| {
        let start = Start { from: Some(from.into()), ..start(selected, source) };
        run_scripted_with(&definition, start, &Scripted::new(), &before(&all)).unwrap_err().to_string()
    };
    assert!(refused("Conf", &[], Some("before")).contains("did you mean \"Cond\"?"));
    assert!(refused("C", &[], None).contains("needs an earlier run"));
    assert!(refused("C", &["C"], Some("before")).contains("one of both"));
}

#[test]
fn what_was_taken_is_there_though_its_run_is_gone() {
    let definition = definition(chain());
    for start in [
        start(&["B", "C"], Some("before")),
        Start { from: Some("B".into()), source: Some("before".into()), ..Start::default() },
    ] {
        let earlier = before(&["A", "B", "C", "D", "E"]);
        let whole = run_scripted_with(&definition, start.clone(), &Scripted::new(), &earlier).unwrap();
        // The execution began, and A was taken.
        let cut =
            whole.events().iter().position(|event| matches!(event.what, What::StepBegan { .. })).unwrap();
        let (definition, events) = (Arc::clone(&definition), &whole.events()[..cut]);
        let now = events[0].time;
        let mut execution = Execution::replay(definition, start, events, &Nothing, true, now).unwrap();
        let (more, started) = finish(&mut execution, &Scripted::new(), now);
        assert_eq!(started[0], "B#0");
        assert_eq!(execution.status(), Status::Succeeded);
        let taken = |event: &&Event| matches!(event.what, What::StepSucceeded { taken_from: Some(_), .. });
        assert_eq!(more.iter().filter(taken).count(), 0);
        assert_eq!(
            record::steps(&execution)["PipelineExecutionSteps"].as_array().unwrap().len(),
            started.len() + cut - 1
        );
    }
}
