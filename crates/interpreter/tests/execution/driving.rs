//! Executions driven by threads.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use pipewright_interpreter::drive::MOST_AT_ONCE;
use pipewright_interpreter::execution::Nothing;
use pipewright_interpreter::scripted::Scripted;
use pipewright_interpreter::{
    Clock, Control, Event, Execution, Failure, Hands, Job, Outcome, Runner, Start, Status, Stop, Success,
    What, drive,
};
use serde_json::{Value, json};

use crate::{definition, step};

/// Time passes only where somebody waits for it.
struct Patient(Mutex<Timestamp>);

impl Clock for Patient {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn pause(&self, time: Duration, _: &Stop) {
        *self.0.lock().unwrap() += time;
    }
}

/// A runner that is a function.
struct Does<F>(F);

impl<F: Fn(&Job, &Control<'_>) -> Outcome + Sync> Runner for Does<F> {
    fn run(&self, job: &Job, control: &Control<'_>) -> Outcome {
        (self.0)(job, control)
    }
}

fn well() -> Outcome {
    Outcome::Succeeded(Success::default())
}

fn drives(
    steps: Value,
    runner: &dyn Runner,
    stop: &Stop,
    tell: &mut dyn FnMut(&Event) -> Result<(), String>,
) -> (Result<Status, String>, Execution) {
    let clock = Patient(Mutex::new(Timestamp::UNIX_EPOCH));
    let mut execution =
        Execution::new(definition(steps), Start::default(), &Nothing, Timestamp::UNIX_EPOCH).unwrap();
    let files = Scripted::new();
    let hands = Hands { runner, files: &files, earlier: &Nothing, clock: &clock, stop };
    let status = drive(&mut execution, hands, tell, &|_, _| ());
    (status, execution)
}

#[test]
fn steps_that_do_not_need_each_other_run_at_once() {
    // Each waits for the other two.
    let barrier = Barrier::new(3);
    let runner = Does(|_: &Job, _: &Control<'_>| {
        barrier.wait();
        well()
    });
    let steps = json!([step("A", &[]), step("B", &[]), step("C", &[])]);
    let (status, _) = drives(steps, &runner, &Stop::default(), &mut |_| Ok(()));
    assert_eq!(status, Ok(Status::Succeeded));
}

#[test]
fn there_are_never_too_many_threads() {
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let runner = Does(|_: &Job, _: &Control<'_>| {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(1));
        running.fetch_sub(1, Ordering::SeqCst);
        well()
    });
    let steps: Vec<Value> = (0..400).map(|index| step(&format!("S{index}"), &[])).collect();
    let mut told = 0;
    let (status, _) = drives(steps.into(), &runner, &Stop::default(), &mut |_| {
        told += 1;
        Ok(())
    });
    assert_eq!(status, Ok(Status::Succeeded));
    assert_eq!(told, 1 + 400 + 400 + 1);
    assert!(most.into_inner() <= MOST_AT_ONCE);
}

#[test]
fn a_panic_is_a_failure() {
    let runner = Does(|job: &Job, _: &Control<'_>| {
        assert_ne!(job.step, "B", "not this one");
        well()
    });
    let (status, execution) =
        drives(json!([step("A", &[]), step("B", &[])]), &runner, &Stop::default(), &mut |_| Ok(()));
    assert_eq!(status, Ok(Status::Failed));
    let steps = pipewright_interpreter::record::steps(&execution);
    let reasons: Vec<&str> = steps["PipelineExecutionSteps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["FailureReason"].as_str())
        .collect();
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].contains("panicked") && reasons[0].contains("not this one"), "{reasons:?}");
}

#[test]
fn asked_to_stop_it_tells_the_steps() {
    let stop = Stop::default();
    let began = Barrier::new(2);
    let runner = Does(|job: &Job, control: &Control<'_>| {
        assert_eq!(job.step, "A");
        began.wait();
        if control.stop().wait(Duration::from_mins(1)) { Outcome::Stopped } else { well() }
    });
    std::thread::scope(|scope| {
        scope.spawn(|| {
            began.wait();
            stop.ask();
        });
        let (status, _) = drives(json!([step("A", &[]), step("B", &["A"])]), &runner, &stop, &mut |_| Ok(()));
        assert_eq!(status, Ok(Status::Stopped));
    });
}

#[test]
fn a_fail_step_stops_the_others() {
    let runner = Does(|job: &Job, control: &Control<'_>| match job.step.as_str() {
        "Slow" if control.stop().wait(Duration::from_mins(1)) => Outcome::Stopped,
        _ => well(),
    });
    let fail = json!({"Name": "Fail", "Type": "Fail", "DependsOn": ["Quick"], "Arguments": {"ErrorMessage": "enough"}});
    let steps = json!([step("Slow", &[]), step("Quick", &[]), fail]);
    let stop = Stop::default();
    let (status, execution) = drives(steps, &runner, &stop, &mut |_| Ok(()));
    assert_eq!((status, execution.reason()), (Ok(Status::Failed), Some("enough")));
    // That is the run's own affair: nobody asked for it.
    assert!(!stop.is_asked());
}

#[test]
fn what_cant_be_told_ends_the_run() {
    let told = Mutex::new(BTreeSet::new());
    let ran = AtomicUsize::new(0);
    let runner = Does(|job: &Job, control: &Control<'_>| {
        ran.fetch_add(1, Ordering::SeqCst);
        // What is told of a step was told before the step does anything.
        assert!(told.lock().unwrap().contains(&job.step));
        if job.step == "Waits" {
            control.stop().wait(Duration::from_mins(1));
        }
        well()
    });
    let steps = json!([step("Waits", &[]), step("A", &[]), step("B", &["A"])]);
    let (status, execution) = drives(steps, &runner, &Stop::default(), &mut |event| match &event.what {
        What::StepBegan { step, .. } if step == "B" => Err("the disk is full".to_owned()),
        What::StepBegan { step, .. } => {
            told.lock().unwrap().insert(step.clone());
            Ok(())
        }
        _ => Ok(()),
    });
    assert_eq!(status, Err("the disk is full".to_owned()));
    assert_eq!(ran.into_inner(), 2);
    assert!(!execution.status().is_over());
}

#[test]
fn retries_wait_by_the_clock() {
    let mut flaky = step("A", &[]);
    flaky["Type"] = "Training".into();
    flaky["RetryPolicies"] = json!([{"ExceptionType": ["Step.THROTTLING"], "IntervalSeconds": 3600, "BackoffRate": 1.0, "MaxAttempts": 20}]);
    let runner = Does(|job: &Job, _: &Control<'_>| {
        if job.attempt == 20 {
            return well();
        }
        Outcome::Failed(Failure { exception: Some("Step.THROTTLING".into()), ..Failure::new("slow down") })
    });
    let mut times = Vec::new();
    let (status, _) = drives(json!([flaky]), &runner, &Stop::default(), &mut |event| {
        times.push(event.time);
        Ok(())
    });
    assert_eq!(status, Ok(Status::Succeeded));
    assert_eq!(times.last().unwrap().as_second(), 20 * 3600);
}

#[test]
fn lines_say_which_step() {
    let lines = Mutex::new(Vec::new());
    let runner = Does(|job: &Job, control: &Control<'_>| {
        control.line(&format!("hello from {}", job.step));
        well()
    });
    let clock = Patient(Mutex::new(Timestamp::UNIX_EPOCH));
    let mut execution = Execution::new(
        definition(json!([step("A", &[])])),
        Start::default(),
        &Nothing,
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
    let (files, stop) = (Scripted::new(), Stop::default());
    let hands = Hands { runner: &runner, files: &files, earlier: &Nothing, clock: &clock, stop: &stop };
    let status = drive(&mut execution, hands, &mut |_| Ok::<(), ()>(()), &|step, line| {
        lines.lock().unwrap().push(format!("{step}: {line}"));
    });
    assert_eq!(status, Ok(Status::Succeeded));
    assert_eq!(lines.into_inner().unwrap(), ["A: hello from A"]);
}

#[test]
fn a_hundred_runs_at_once() {
    let definition = definition(json!([step("A", &[]), step("B", &["A"]), step("C", &["A"])]));
    std::thread::scope(|scope| {
        for index in 0..100 {
            let definition = Arc::clone(&definition);
            scope.spawn(move || {
                let start = Start { execution_id: format!("run{index:09}"), ..Start::default() };
                let mut execution =
                    Execution::new(definition, start, &Nothing, Timestamp::UNIX_EPOCH).unwrap();
                let (runner, stop) = (Scripted::new(), Stop::default());
                let clock = Patient(Mutex::new(Timestamp::UNIX_EPOCH));
                let hands =
                    Hands { runner: &runner, files: &runner, earlier: &Nothing, clock: &clock, stop: &stop };
                let status = drive(&mut execution, hands, &mut |_| Ok::<(), ()>(()), &|_, _| ());
                assert_eq!(status, Ok(Status::Succeeded));
            });
        }
    });
}
