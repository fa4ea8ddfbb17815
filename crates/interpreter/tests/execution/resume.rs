//! Executions that were interrupted and go on.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use pipewright_interpreter::execution::{Action, Nothing, Surroundings};
use pipewright_interpreter::scripted::{Script, Scripted, run_scripted};
use pipewright_interpreter::{Definition, Event, Execution, Failure, Outcome, Status, What, record};
use serde_json::{Value, json};

use crate::shapes::misfits;
use crate::{definition, start, step};

/// Runs an execution to its end; returns all events, and the steps that were started.
pub(crate) fn finish(
    execution: &mut Execution,
    scripted: &Scripted,
    mut now: Timestamp,
) -> (Vec<Event>, Vec<String>) {
    let around = Surroundings { files: scripted, earlier: &Nothing };
    let (mut events, mut started, mut running) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        for Action::Start(job) in execution.next(now, around) {
            started.push(format!("{}#{}", job.step, job.attempt));
            running.push(job);
        }
        events.extend(execution.take_events());
        if execution.status().is_over() {
            return (events, started);
        }
        now += SignedDuration::from_secs(1);
        if running.is_empty() {
            now = now.max(execution.wake_at().expect("something is to happen"));
        } else {
            let job = running.remove(0);
            let stop = pipewright_interpreter::Stop::default();
            let control = pipewright_interpreter::Control::new(&stop, &|_| ());
            let outcome = if execution.wants_stop() {
                Outcome::Stopped
            } else {
                pipewright_interpreter::Runner::run(scripted, &job, &control)
            };
            execution.ended(&job.step, outcome, now);
        }
    }
}

fn replay(definition: &Arc<Definition>, events: &[Event], retry: bool) -> Execution {
    let now = events.last().map_or(Timestamp::UNIX_EPOCH, |event| event.time) + SignedDuration::from_hours(1);
    Execution::replay(Arc::clone(definition), start(), events, &Nothing, retry, now).unwrap()
}

/// Every step that ended, with how, and its properties but for the names of jobs, which differ by attempt.
pub(crate) fn results(execution: &Execution) -> Vec<String> {
    let steps = record::steps(execution);
    let mut results: Vec<String> = steps["PipelineExecutionSteps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            format!("{} {} {}", step["StepName"], step["IterationContext"]["Index"], step["StepStatus"])
        })
        .collect();
    results.sort();
    results.push(execution.status().to_string());
    results
}

fn pipeline() -> Value {
    let mut flaky = step("Flaky", &["A"]);
    flaky["Type"] = "Training".into();
    flaky["RetryPolicies"] = json!([{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 9}]);
    json!([
        step("A", &[]),
        flaky,
        {"Name": "Cond", "Type": "Condition", "DependsOn": ["A"], "Arguments": {
            "Conditions": [], "IfSteps": [step("Yes", &[])], "ElseSteps": [step("No", &[])]}},
        {"Name": "Loop", "Type": "ForEach", "DependsOn": ["Yes"], "Arguments": {
            "IterableItems": ["a", "b", "c"], "MaxConcurrency": 2, "ForEachBody": [step("X", &[]), step("Y", &["X"])]}},
        step("Last", &["Loop", "Flaky"])
    ])
}

fn scripted() -> Scripted {
    let failure = Failure { exception: Some("Step.THROTTLING".into()), ..Failure::new("slow down") };
    Scripted::new().on("Flaky", Script::new().fails_times(2, failure))
}

#[test]
fn any_beginning_of_the_events_goes_on_to_the_same_end() {
    let definition = definition(pipeline());
    let whole = run_scripted(&definition, start(), &scripted()).unwrap();
    assert_eq!(whole.status(), Status::Succeeded);
    let expected = results(whole.execution());
    for count in 0..=whole.events().len() {
        let events = &whole.events()[..count];
        let mut execution = replay(&definition, events, false);
        let over = execution.status().is_over();
        assert_eq!(over, count == whole.events().len());
        let now = Timestamp::from_second(2_000_000_000).unwrap();
        let (more, started) = finish(&mut execution, &scripted(), now);
        assert_eq!(results(&execution), expected, "after {count} events");
        assert_eq!(more.is_empty(), over);
        // What had ended is not done again.
        for event in events {
            if let What::StepSucceeded { step, .. } = &event.what {
                assert!(
                    !started.iter().any(|one| one.split('#').next() == Some(step)),
                    "{step} again: {started:?}"
                );
            }
        }
        // All events together tell the same story.
        let all: Vec<Event> = events.iter().cloned().chain(more).collect();
        let again = Execution::look_at(Arc::clone(&definition), start(), &all).unwrap();
        assert_eq!(record::steps(&again), record::steps(&execution));
        assert_eq!(record::execution(&again), record::execution(&execution));
        assert_eq!(
            misfits("ListPipelineExecutionStepsResponse", &record::steps(&again)),
            Vec::<String>::new()
        );
        // And as lines of a journal.
        let lines: Vec<String> = all.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let read: Vec<Event> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, all);
    }
}

#[test]
fn a_step_that_ran_begins_again_with_the_next_attempt() {
    let definition = definition(json!([step("A", &[]), step("B", &["A"])]));
    let whole = run_scripted(&definition, start(), &Scripted::new()).unwrap();
    let began = |step: &str| {
        let find = |event: &Event| matches!(&event.what, What::StepBegan { step: one, .. } if one == step);
        whole.events().iter().position(find).unwrap()
    };
    let check = |count: usize, expected: &[&str]| {
        let mut execution = replay(&definition, &whole.events()[..count], false);
        let (_, started) =
            finish(&mut execution, &Scripted::new(), Timestamp::from_second(2_000_000_000).unwrap());
        assert_eq!(started, expected);
    };
    check(0, &["A#0", "B#0"]);
    check(began("A") + 1, &["A#1", "B#0"]);
    check(began("B"), &["B#0"]);
    check(began("B") + 1, &["B#1"]);
    check(whole.events().len() - 1, &[]);
}

#[test]
fn what_failed_runs_again_where_that_is_asked_for() {
    let mut after_failure = step("OnFailure", &[]);
    after_failure["DependsOn"] = json!([{"Step": "B", "Trigger": "Failed"}]);
    let check = |steps: Value, failing: &str, first: Status, again: &[&str], last: Status| {
        let definition = definition(steps);
        let script = || Script::new().fails_times(1, Failure::new("once"));
        let ran = run_scripted(&definition, start(), &Scripted::new().on(failing, script())).unwrap();
        assert_eq!(ran.status(), first);
        // Not asked for, nothing happens.
        let mut same = replay(&definition, ran.events(), false);
        assert_eq!(same.status(), first);
        assert!(same.take_events().is_empty());
        let mut execution = replay(&definition, ran.events(), true);
        let scripted = Scripted::new().on(failing, script());
        let (events, started) =
            finish(&mut execution, &scripted, Timestamp::from_second(2_000_000_000).unwrap());
        assert_eq!(started, again);
        assert_eq!(execution.status(), last, "{:?}", execution.reason());
        let all: Vec<Event> = ran.events().iter().cloned().chain(events).collect();
        let told = Execution::look_at(Arc::clone(&definition), start(), &all).unwrap();
        assert_eq!(record::steps(&told), record::steps(&execution));
        assert_eq!(
            misfits("ListPipelineExecutionStepsResponse", &record::steps(&told)),
            Vec::<String>::new()
        );
    };
    let row = || json!([step("A", &[]), step("B", &["A"]), step("C", &["B"])]);
    check(row(), "B", Status::Failed, &["B#1", "C#0"], Status::Succeeded);
    check(row(), "A", Status::Failed, &["A#1", "B#0", "C#0"], Status::Succeeded);
    // What ran because it failed is taken back.
    check(
        json!([step("A", &[]), step("B", &["A"]), step("C", &["B"]), after_failure]),
        "B",
        Status::CompletedWithFailures,
        &["B#1", "C#0"],
        Status::Succeeded,
    );
    // A loop keeps the iterations that succeeded.
    let body = json!([step("X", &[]), step("Y", &["X"])]);
    let each = json!({"Name": "Loop", "Type": "ForEach", "Arguments": {
        "IterableItems": ["a", "b", "c"], "MaxConcurrency": 2, "ForEachBody": body}});
    check(
        json!([each, step("After", &["Loop"])]),
        "Loop[1].X",
        Status::Failed,
        &["Loop[1].X#1", "Loop[2].X#0", "Loop[1].Y#0", "Loop[2].Y#0", "After#0"],
        Status::Succeeded,
    );
    // Items may be others once what they come from is.
    let mut items = step("Items", &[]);
    items["OutputParameters"] = json!([{"OutputName": "list", "OutputType": "String"}]);
    let each = json!({"Name": "Loop", "Type": "ForEach", "DependsOn": [{"Step": "Items", "Trigger": "Any"}], "Arguments": {
        "IterableItems": [1, 2], "MaxConcurrency": 2, "ForEachBody": [step("X", &[])]}});
    check(
        json!([items, each]),
        "Items",
        Status::CompletedWithFailures,
        &["Items#1", "Loop[0].X#0", "Loop[1].X#0"],
        Status::Succeeded,
    );
}

#[test]
fn a_stopped_execution_goes_on() {
    let definition = definition(pipeline());
    let now = Timestamp::UNIX_EPOCH;
    let mut execution = Execution::new(Arc::clone(&definition), start(), &Nothing, now).unwrap();
    let scripted = scripted();
    let around = Surroundings { files: &scripted, earlier: &Nothing };
    assert_eq!(execution.next(now, around).len(), 1);
    execution.stop();
    execution.ended("A", Outcome::Stopped, now);
    assert!(execution.next(now, around).is_empty());
    assert_eq!(execution.status(), Status::Stopped);
    let events = execution.take_events();
    let mut execution = replay(&definition, &events, true);
    let (_, started) = finish(&mut execution, &scripted, Timestamp::from_second(2_000_000_000).unwrap());
    assert_eq!(started[0], "A#1");
    assert_eq!(execution.status(), Status::Succeeded);
}
