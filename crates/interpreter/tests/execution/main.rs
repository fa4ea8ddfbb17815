//! Executions from their start to their end: what runs when, what is left behind, and what the record of it looks like.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail where it stands")]
#![allow(clippy::needless_pass_by_value, reason = "tables of JSON read better without ampersands")]

mod cache;
mod conformance;
mod driving;
mod loops;
mod random;
mod resume;
mod selection;
mod shapes;
mod states;

use std::sync::Arc;

use pipewright_interpreter::scripted::{Ran, Scripted, run_scripted};
use pipewright_interpreter::{Definition, Start};
use serde_json::{Value, json};

/// A definition of these steps.
fn definition(steps: Value) -> Arc<Definition> {
    let definition = json!({"Version": "2020-12-01", "Parameters": [], "Steps": steps});
    Arc::new(Definition::from_value(&definition).unwrap_or_else(|problems| panic!("{problems}")))
}

/// A Lambda step: the shortest to write down that a runner does.
fn step(name: &str, needs: &[&str]) -> Value {
    json!({"Name": name, "Type": "Lambda", "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f", "Arguments": {}, "DependsOn": needs})
}

/// Who an execution is.
fn start() -> Start {
    Start {
        pipeline: "pipeline".into(),
        execution_id: "0123456789ab".into(),
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        ..Start::default()
    }
}

fn run(steps: Value, scripted: &Scripted) -> Ran {
    run_scripted(&definition(steps), start(), scripted).unwrap()
}

/// The steps in the order in which they began.
fn order(ran: &Ran) -> String {
    ran.jobs().iter().map(|job| job.step.as_str()).collect::<Vec<_>>().join(" ")
}
