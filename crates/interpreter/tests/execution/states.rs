//! What runs when, how steps end, and what becomes of the execution.

use pipewright_interpreter::scripted::{Ran, Script, Scripted};
use pipewright_interpreter::{Failure, Status};
use serde_json::{Value, json};

use crate::{order, run, step};

fn condition(name: &str, needs: &[&str], holds: bool, yes: Value, no: Value) -> Value {
    json!({
        "Name": name,
        "Type": "Condition",
        "DependsOn": needs,
        "Arguments": {
            "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": if holds { 1 } else { 2 }}],
            "IfSteps": yes,
            "ElseSteps": no
        }
    })
}

fn on(name: &str, trigger: &str, of: &str) -> Value {
    let mut step = step(name, &[]);
    step["DependsOn"] = json!([{"Step": of, "Trigger": trigger}]);
    step
}

/// `A=Succeeded B=Failed`, for the steps that began, in the order of the definition.
fn statuses(ran: &Ran) -> String {
    let names = ran.execution().definition().steps.iter().map(|step| step.name.as_str());
    let known = names.filter_map(|name| Some(format!("{name}={}", ran.step_status(name)?)));
    known.collect::<Vec<_>>().join(" ")
}

#[test]
fn steps_wait_for_what_they_need() {
    let check = |steps: Value, expected: &str| {
        let ran = run(steps, &Scripted::new());
        assert_eq!(order(&ran), expected);
        assert_eq!(ran.status(), Status::Succeeded);
    };
    check(json!([]), "");
    check(json!([step("A", &[]), step("B", &[]), step("C", &[])]), "A B C");
    check(json!([step("A", &["B"]), step("B", &["C"]), step("C", &[])]), "C B A");
    check(json!([step("D", &["B", "C"]), step("B", &["A"]), step("C", &["A"]), step("A", &[])]), "A B C D");
    let mut reads = step("A", &[]);
    reads["Arguments"] = json!({"x": {"Get": "Steps.B.OutputParameters['y']"}});
    let mut writes = step("B", &[]);
    writes["OutputParameters"] = json!([{"OutputName": "y", "OutputType": "Integer"}]);
    check(json!([reads, writes]), "B A");
}

#[test]
fn branches() {
    let check = |steps: Value, expected: &str, status: Status| {
        let ran = run(steps, &Scripted::new());
        assert_eq!(statuses(&ran), expected);
        assert_eq!(ran.status(), status);
    };
    let two =
        |holds| json!([condition("C", &[], holds, json!([step("Yes", &[])]), json!([step("No", &[])]))]);
    check(two(true), "C=Succeeded Yes=Succeeded", Status::Succeeded);
    check(two(false), "C=Succeeded No=Succeeded", Status::Succeeded);
    // A step after one that is not reached is not reached either.
    let after = |holds| {
        let steps = condition("C", &[], holds, json!([step("Yes", &[])]), json!([]));
        json!([steps, step("After", &["Yes"]), step("Last", &["After"]), step("Other", &["C"])])
    };
    check(
        after(true),
        "C=Succeeded Yes=Succeeded After=Succeeded Last=Succeeded Other=Succeeded",
        Status::Succeeded,
    );
    check(after(false), "C=Succeeded Other=Succeeded", Status::Succeeded);
    let nested = |outer, inner| {
        let inner = condition("Inner", &["A"], inner, json!([step("Yes", &[])]), json!([step("No", &[])]));
        json!([condition("Outer", &[], outer, json!([step("A", &[]), inner]), json!([]))])
    };
    check(nested(false, true), "Outer=Succeeded", Status::Succeeded);
    check(nested(true, true), "Outer=Succeeded A=Succeeded Inner=Succeeded Yes=Succeeded", Status::Succeeded);
    check(nested(true, false), "Outer=Succeeded A=Succeeded Inner=Succeeded No=Succeeded", Status::Succeeded);
}

#[test]
fn what_becomes_of_an_execution_whose_step_does_not_succeed() {
    let check = |steps: Value, script: Script, expected: &str, status: Status| {
        let ran = run(steps, &Scripted::new().on("A", script));
        assert_eq!(statuses(&ran), expected);
        assert_eq!(ran.status(), status);
    };
    let fails = || Script::new().fails("no");
    let stops = || Script::new().stops();
    // What runs goes on, and nothing new begins.
    let row = || json!([step("A", &[]), step("B", &[]), step("AfterA", &["A"]), step("AfterB", &["B"])]);
    check(row(), fails(), "A=Failed B=Succeeded", Status::Failed);
    check(row(), stops(), "A=Stopped B=Succeeded", Status::Stopped);
    let waits = |trigger| json!([step("A", &[]), on("B", trigger, "A"), step("C", &["B"])]);
    check(waits("Failed"), fails(), "A=Failed B=Succeeded C=Succeeded", Status::CompletedWithFailures);
    check(waits("Failed"), stops(), "A=Stopped", Status::Stopped);
    check(waits("Failed"), Script::new(), "A=Succeeded", Status::Succeeded);
    check(waits("Stopped"), stops(), "A=Stopped B=Succeeded C=Succeeded", Status::CompletedWithFailures);
    check(waits("Stopped"), fails(), "A=Failed", Status::Failed);
    check(waits("Any"), fails(), "A=Failed B=Succeeded C=Succeeded", Status::CompletedWithFailures);
    check(waits("Any"), stops(), "A=Stopped B=Succeeded C=Succeeded", Status::CompletedWithFailures);
    check(waits("Any"), Script::new(), "A=Succeeded B=Succeeded C=Succeeded", Status::Succeeded);
    // One that waits for the failure, and one that waits for the success.
    let both = json!([step("A", &[]), on("B", "Failed", "A"), step("C", &["A"]), step("D", &["C"])]);
    check(both, fails(), "A=Failed B=Succeeded", Status::CompletedWithFailures);
}

#[test]
fn reasons() {
    let ran = run(json!([step("A", &[])]), &Scripted::new().on("A", Script::new().fails("x".repeat(2_000))));
    assert_eq!(ran.reason(), Some("Step failure: One or multiple steps failed."));
    assert_eq!(ran.step_reason("A").unwrap().chars().count(), 1_024);

    let mut fail = json!({"Name": "Fail", "Type": "Fail", "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["too", "bad"]}}}});
    fail["DependsOn"] = json!(["A"]);
    let ran = run(json!([step("A", &[]), step("B", &[]), fail, step("C", &["B"])]), &Scripted::new());
    // It is reached before B ends, which is told to stop.
    assert_eq!((ran.status(), ran.reason()), (Status::Failed, Some("too bad")));
    assert_eq!(statuses(&ran), "A=Succeeded B=Stopped Fail=Failed");
    let steps = ran.steps_record();
    assert_eq!(steps["PipelineExecutionSteps"][2]["Metadata"], json!({"Fail": {"ErrorMessage": "too bad"}}));

    // What can't be evaluated fails the step, and says where.
    let mut reads = step("B", &["A"]);
    reads["Arguments"] = json!({"list": ["x", {"Get": "Steps.A.ModelArtifacts.Nothing"}]});
    let mut trains = step("A", &[]);
    trains["Type"] = "Training".into();
    let ran = run(json!([trains, reads]), &Scripted::new());
    assert_eq!(ran.status(), Status::Failed);
    assert!(ran.step_reason("B").unwrap().starts_with("Arguments.list[1]: "), "{:?}", ran.step_reason("B"));
}

#[test]
fn retries() {
    let mut retried = step("A", &[]);
    retried["Type"] = "Training".into();
    retried["RetryPolicies"] = json!([
        {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 60, "BackoffRate": 2.0, "MaxAttempts": 3}
    ]);
    let steps = || json!([retried, step("B", &["A"])]);
    let check = |times: u32, exception: Option<&str>, attempts: usize, status: Status, seconds: i64| {
        let failure = Failure { exception: exception.map(str::to_owned), ..Failure::new("full") };
        let ran = run(steps(), &Scripted::new().on("A", Script::new().fails_times(times, failure)));
        assert_eq!(ran.jobs().iter().filter(|job| job.step == "A").count(), attempts);
        assert_eq!(ran.status(), status);
        let record = &ran.steps_record()["PipelineExecutionSteps"][0];
        assert_eq!(record["AttemptCount"], attempts);
        let time =
            |name: &str| record[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        assert_eq!(time("EndTime") - time("StartTime"), seconds);
    };
    let exception = Some("SageMaker.CAPACITY_ERROR");
    check(0, exception, 1, Status::Succeeded, 1);
    check(1, exception, 2, Status::Succeeded, 62);
    check(3, exception, 4, Status::Succeeded, 60 + 120 + 240 + 4);
    check(4, exception, 4, Status::Failed, 60 + 120 + 240 + 4);
    check(1, Some("SageMaker.JOB_INTERNAL_ERROR"), 1, Status::Failed, 1);
    check(1, None, 1, Status::Failed, 1);
}

#[test]
fn each_attempt_has_a_job_of_its_own() {
    let mut retried = step("A", &[]);
    retried["Type"] = "Training".into();
    retried["RetryPolicies"] = json!([{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 3}]);
    let failure = Failure { exception: Some("Step.THROTTLING".into()), ..Failure::new("slow down") };
    let ran = run(json!([retried]), &Scripted::new().on("A", Script::new().fails_times(2, failure)));
    let names: Vec<&str> = ran.jobs().iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names.len(), 3);
    assert!(
        names.iter().all(|name| name.starts_with("pipelines-0123456789ab-A-") && name.len() <= 63),
        "{names:?}"
    );
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
    assert_eq!(ran.properties("A").unwrap()["TrainingJobName"], names[2]);
}

#[test]
fn no_more_jobs_at_once_than_said() {
    use std::sync::Arc;

    use jiff::Timestamp;
    use pipewright_interpreter::execution::{Action, Nothing, Surroundings};
    use pipewright_interpreter::{Execution, Outcome, Start, Success};

    let mut steps: Vec<Value> = (0..7).map(|index| step(&format!("S{index}"), &[])).collect();
    steps.push(condition("C", &[], true, json!([]), json!([])));
    let definition = crate::definition(steps.into());
    let start = Start { parallelism: Some(3), ..Start::default() };
    let now = Timestamp::UNIX_EPOCH;
    let mut execution = Execution::new(Arc::clone(&definition), start, &Nothing, now).unwrap();
    let scripted = Scripted::new();
    let around = Surroundings { files: &scripted, earlier: &Nothing };
    let started = |execution: &mut Execution| -> Vec<String> {
        execution.next(now, around).into_iter().map(|Action::Start(job)| job.step.clone()).collect()
    };
    assert_eq!(started(&mut execution), ["S0", "S1", "S2"]);
    // A condition is no job and waits for none.
    assert!(execution.take_events().iter().any(|event| format!("{event:?}").contains("Outcome")));
    assert!(started(&mut execution).is_empty());
    execution.ended("S1", Outcome::Succeeded(Success::default()), now);
    execution.ended("S1", Outcome::Succeeded(Success::default()), now);
    execution.ended("S6", Outcome::Succeeded(Success::default()), now);
    assert_eq!(started(&mut execution), ["S3"]);
    execution.stop();
    assert_eq!(execution.status(), Status::Stopping);
    assert!(started(&mut execution).is_empty());
    for step in ["S0", "S2", "S3"] {
        execution.ended(step, Outcome::Stopped, now);
    }
    assert!(started(&mut execution).is_empty());
    assert_eq!(execution.status(), Status::Stopped);
}
