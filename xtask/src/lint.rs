//! `lint`: what is right, and yet not as careful as it could be.

use std::process::ExitCode;

use anyhow::Result;
use pipewright_model::protocol::{Operation, SetValue};
use serde_json::json;

use crate::asked::{Asked, ask};
use crate::lints;
use crate::report::{self, Report, Texts};
use crate::synth::{self, Asking, counted};
use crate::workspace::Workspace;

/// Shows what the rules of `[lints]` find in pipelines, and every mistake; writes nothing.
///
/// Synth looks for the same. A rule that pipewright.toml allows is asked with --all.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pipelines to look at; all when none is named.
    #[arg(value_name = "PIPELINE")]
    pipelines: Vec<String>,

    #[command(flatten)]
    asking: Asking,

    /// Sets a value of a pipeline's configuration, above all files. May be given several times.
    #[arg(long, value_name = "PIPELINE.KEY=VALUE", value_parser = synth::set_value)]
    set: Vec<SetValue>,

    /// Show what allowed rules find, too; exceptions stay exceptions.
    #[arg(long)]
    all: bool,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let asked = match ask(&workspace, &args.asking, Operation::Synth, &args.pipelines, &args.set)? {
        Ok(asked) => asked,
        Err((reports, texts)) => return finish(args, &reports, &texts),
    };
    let Asked { mut settings, mut selection } = asked;
    if args.all {
        settings.lints.warn_of_all();
    }
    let strays = selection.strays(&settings);
    selection.reports.extend(strays);
    selection.reports.extend(lints::find(&settings, &selection.pipelines, selection.partial));
    finish(args, &selection.reports, &selection.texts)
}

fn finish(args: &Args, reports: &[Report], texts: &Texts) -> Result<ExitCode> {
    let errors = reports.iter().filter(|report| report.is_error()).count();
    if args.json {
        report::data(&json!({ "diagnostics": report::to_json(reports, texts) }))?;
    } else {
        report::print(reports, texts);
        let warnings = counted(reports.len() - errors, "warning");
        report::line(&format!("{}, {warnings}", counted(errors, "error")))?;
    }
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
