//! `schema`: what a pipeline's configuration may hold.

use std::process::ExitCode;

use anyhow::Result;
use pipewright_model::protocol::Operation;

use crate::answers::{Programs, Question};
use crate::report::{self, Report, Texts};
use crate::settings;
use crate::synth::Asking;
use crate::workspace::Workspace;

/// Prints the JSON Schema (2020-12) of a pipeline's configuration.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pipeline.
    #[arg(value_name = "PIPELINE")]
    pipeline: String,

    #[command(flatten)]
    asking: Asking,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut texts = Texts::new();
    let settings = match settings::read(&workspace.root, args.asking.env.as_deref(), &mut texts) {
        Ok(settings) => settings,
        Err(reports) => {
            report::print(&reports, &texts);
            return Ok(ExitCode::FAILURE);
        }
    };
    let question =
        Question { operation: Operation::Schema, settings: &settings, set: &[], time: args.asking.time() };
    let names = [args.pipeline.clone()];
    let mut selection = Programs::build(&workspace)?.ask(&question).select(&names, &[]);
    let schema = selection.pipelines.pop().and_then(|found| found.answer.schema);
    if schema.is_none() && !selection.reports.iter().any(Report::is_error) {
        let message = format!("pipeline {:?} came back without a schema", args.pipeline);
        selection.reports.push(Report::error("program/output", message));
    }
    report::print(&selection.reports, &selection.texts);
    match schema {
        Some(schema) if !selection.reports.iter().any(Report::is_error) => {
            report::data(&schema)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(ExitCode::FAILURE),
    }
}
