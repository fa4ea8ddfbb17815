//! `plan`.

use std::process::ExitCode;
use std::sync::Arc;

use pipewright_cli::{Approval, PlanArgs};
use pipewright_deploy::Session;
use pipewright_deploy::approve::Ask;
use pipewright_deploy::deploy::{Options, deploy};
use pipewright_deploy::error::Result;
use pipewright_deploy::interrupt::Interrupts;
use pipewright_deploy::plan::Plan;
use pipewright_deploy::show::console::Console;
use pipewright_deploy::show::diagnose::diagnose;
use pipewright_deploy::show::outputs;
use pipewright_terminal::canvas::{ink, size};
use serde_json::json;

use super::deploy::asker;
use super::pace::pace;
use super::{Of, print};

pub(super) async fn run(args: &Of<PlanArgs>) -> Result<ExitCode> {
    let own = &args.own;
    let assembly = args.open()?;
    let session = Session::open(&own.target, &assembly.marker().target).await?;
    let console = Console::stderr(own.progress);
    let options = Options {
        stacks: own.stacks.clone(),
        execute: false,
        import_existing: own.import_existing_resources,
        role_arn: own.role_arn.clone(),
        pace: pace()?,
        interrupts: Interrupts::listen(pipewright_cli::Interrupt::Detach, asker(&console))?,
        ..Options::default()
    };
    // Nothing is executed, so nobody is asked: every change is shown.
    let ask = Arc::new(Ask::new(Approval::Any, false, console.clone()));
    let report = deploy(&session, &assembly, &options, &console, ask.clone()).await;
    console.finish();
    let report = report?;
    if !report.is_good() {
        print::say(&outputs::summary(&report, ink()));
        for (_, error) in &report.failures {
            print::say(&diagnose(error, size().0, ink()));
        }
        return Ok(ExitCode::FAILURE);
    }
    let prepared = report.prepared().cloned().collect();
    let plan = Plan::new(&session, &assembly, prepared)?;
    plan.write(&own.out)?;
    if own.json {
        print::data(&json!(plan));
    }
    print::say(&outputs::summary(&report, ink()));
    print::say(&format!(
        "the plan is in {}; `cargo xtask deploy --plan {}` executes it, and nothing else",
        own.out.display(),
        own.out.display()
    ));
    Ok(ExitCode::SUCCESS)
}
