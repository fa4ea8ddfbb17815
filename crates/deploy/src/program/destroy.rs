//! `destroy`.

use std::process::ExitCode;
use std::sync::Arc;

use pipewright_cli::DestroyArgs;
use pipewright_deploy::Session;
use pipewright_deploy::destroy::{Ended, Options, Report, Typed, destroy};
use pipewright_deploy::error::Result;
use pipewright_deploy::interrupt::Interrupts;
use pipewright_deploy::show::console::Console;
use pipewright_deploy::show::diagnose::{diagnose, diagnose_json};
use pipewright_deploy::show::text::harmless;
use pipewright_terminal::canvas::{ink, size};
use serde_json::{Value, json};

use super::deploy::asker;
use super::pace::pace;
use super::{Of, print};

pub(super) async fn run(args: &Of<DestroyArgs>) -> Result<ExitCode> {
    let own = &args.own;
    let assembly = args.open()?;
    let session = Session::open(&own.target, &assembly.marker().target).await?;
    let console = Console::stderr(own.progress);
    let options = Options {
        stacks: own.stacks.clone(),
        role_arn: own.role_arn.clone(),
        pace: pace()?,
        interrupts: Interrupts::listen(pipewright_cli::Interrupt::Detach, asker(&console))?,
        ..Options::default()
    };
    let confirm = Arc::new(Typed { yes: own.yes, console: console.clone() });
    let report = destroy(&session, &assembly, &options, &console, confirm).await;
    console.finish();
    Ok(finish(&report?, own.json))
}

/// Says what became of each stack; the cause of a failure last.
fn finish(report: &Report, as_json: bool) -> ExitCode {
    if as_json {
        let failures: Vec<Value> = report
            .failures
            .iter()
            .map(|(stack, error)| {
                let mut said = diagnose_json(error);
                said["stack"] = json!(stack);
                said
            })
            .collect();
        print::data(&json!({ "stacks": report.stacks, "failures": failures }));
    }
    for stack in &report.stacks {
        let became = match stack.result {
            Ended::Destroyed => "is gone",
            Ended::Absent => "was not there",
            Ended::Failed => "is still there",
            Ended::Skipped => "was left alone",
        };
        print::say(&format!("{} {became}", harmless(&stack.name)));
        for stays in &stack.stays {
            print::say(&format!("  {}", harmless(stays)));
        }
    }
    for (_, error) in &report.failures {
        print::say(&diagnose(error, size().0, ink()));
    }
    if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
