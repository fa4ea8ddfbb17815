//! `deploy`.

use std::process::ExitCode;
use std::sync::Arc;

use pipewright_assembly::Assembly;
use pipewright_cli::DeployArgs;
use pipewright_deploy::Session;
use pipewright_deploy::approve::{Approved, Approver, Ask, is_interactive};
use pipewright_deploy::deploy::{Options, Report, attach, deploy};
use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::interrupt::{self, Interrupts};
use pipewright_deploy::plan::Plan;
use pipewright_deploy::show::console::Console;
use pipewright_deploy::show::diagnose::{diagnose, diagnose_json};
use pipewright_deploy::show::outputs;
use serde_json::{Value, json};

use super::pace::pace;
use super::{Of, print};

pub(super) async fn run(args: &Of<DeployArgs>) -> Result<ExitCode> {
    let own = &args.own;
    if own.fast {
        return Err(Error::new(Kind::Usage, "--fast needs SageMaker's own API")
            .hint("`cargo xtask deploy --fast` starts the program that has it: pipewright-remote fast"));
    }
    let assembly = args.open()?;
    let plan = own.plan.as_deref().map(Plan::read).transpose()?;
    let session = Session::open(&own.target, &assembly.marker().target).await?;
    if let Some(plan) = &plan {
        plan.check(&assembly, &session)?;
    }
    let console = Console::stderr(own.progress);
    let options = Options {
        stacks: own.stacks.clone(),
        execute: !own.no_execute,
        plan: plan.map(|plan| plan.stacks),
        no_rollback: own.no_rollback,
        import_existing: own.import_existing_resources,
        role_arn: own.role_arn.clone(),
        concurrency: own.concurrency.into(),
        pace: pace()?,
        interrupts: Interrupts::listen(own.on_interrupt, asker(&console))?,
        ..Options::default()
    };
    let ask = Ask::new(own.require_approval, own.yes, console.clone());
    let report = if own.attach {
        attach(&session, &assembly, &options, &console).await
    } else {
        let approver: Arc<dyn Approver> =
            if options.plan.is_some() { Arc::new(Approved) } else { Arc::new(ask.clone()) };
        deploy(&session, &assembly, &options, &console, approver).await
    };
    console.finish();
    let report = report?;
    let written = own.outputs_file.as_deref().map(|file| outputs::write_outputs(file, &report.outputs()));
    let unwritten = written.and_then(Result::err);
    Ok(finish(&report, unwritten.as_ref(), &ask, &assembly, own.json))
}

/// Says what was done, and that the outputs could not be written; the cause of a stack's failure last.
fn finish(
    report: &Report,
    unwritten: Option<&Error>,
    ask: &Ask,
    assembly: &Assembly,
    as_json: bool,
) -> ExitCode {
    let ink = pipewright_terminal::canvas::ink();
    if as_json {
        let mut data = json!({
            "environment": assembly.marker().target.environment,
            "stacks": report.stacks,
            "changes": ask.shown().values().collect::<Vec<_>>(),
            "failures": report.failures.iter().map(|(stack, error)| {
                let mut said = diagnose_json(error);
                said["stack"] = json!(stack);
                said
            }).collect::<Vec<Value>>(),
        });
        if let Some(error) = unwritten {
            data["error"] = diagnose_json(error);
        }
        print::data(&data);
    } else {
        print::say(&outputs::outputs(report, ink));
    }
    print::say(&outputs::summary(report, ink));
    for error in unwritten.into_iter().chain(report.failures.iter().map(|(_, error)| error)) {
        print::say(&diagnose(error, pipewright_terminal::canvas::size().0, ink));
    }
    if report.is_good() && unwritten.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Who is asked after Ctrl-C, where there is somebody.
pub(super) fn asker(console: &Console) -> Option<Arc<dyn interrupt::Ask>> {
    is_interactive().then(|| Arc::new(OnTerminal { console: console.clone() }) as Arc<dyn interrupt::Ask>)
}

struct OnTerminal {
    console: Console,
}

impl interrupt::Ask for OnTerminal {
    fn ask(&self) -> interrupt::Choice {
        let question = "\nCloudFormation is at work. [d]etach (it goes on without us), [c]ancel (have the update taken back), or go [o]n? [d] ";
        let answer = pipewright_deploy::approve::ask(&self.console, question);
        match answer.ok().flatten().as_deref().map(str::trim) {
            Some("c" | "cancel") => interrupt::Choice::Cancel,
            Some("o" | "on" | "go on") => interrupt::Choice::GoOn,
            _ => interrupt::Choice::Detach,
        }
    }
}
