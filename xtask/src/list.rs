//! `list`: which pipelines there are.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use pipewright_model::protocol::Operation;
use serde_json::json;

use crate::answers::{Answers, Found, Programs, Question};
use crate::report::{self, Report, Texts};
use crate::settings;
use crate::synth::Asking;
use crate::workspace::Workspace;

/// Lists the pipelines with their crates, parameters and steps.
///
/// A pipeline whose configuration is wrong is listed all the same; only its steps are not known then.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    asking: Asking,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A pipeline in the list.
struct Row {
    name: String,
    krate: String,
    parameters: Vec<String>,
    /// `None` where they are not known.
    steps: Option<Vec<String>>,
    description: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut texts = Texts::new();
    let settings = match settings::read(&workspace.root, args.asking.env.as_deref(), &mut texts) {
        Ok(settings) => settings,
        Err(reports) => return finish(args, &[], &reports, &texts),
    };
    let programs = Programs::build(&workspace)?;
    let mut question =
        Question { operation: Operation::List, settings: &settings, set: &[], time: args.asking.time() };
    let Answers { pipelines, reports, texts } = programs.ask(&question);
    // Steps may depend on the configuration, which this operation does not read.
    let mut steps = BTreeMap::new();
    if pipelines.iter().any(|found| found.answer.steps.is_empty()) {
        question.operation = Operation::Synth;
        for Found { member, answer } in programs.ask(&question).pipelines {
            steps.insert((member.name.clone(), answer.name), answer.steps);
        }
    }
    let rows: Vec<Row> = pipelines
        .into_iter()
        .map(|Found { member, answer }| {
            let from_synth = steps.remove(&(member.name.clone(), answer.name.clone()));
            let steps = if answer.steps.is_empty() { from_synth.unwrap_or_default() } else { answer.steps };
            Row {
                name: answer.name,
                krate: member.name.clone(),
                parameters: answer.parameters.into_iter().map(|parameter| parameter.name).collect(),
                steps: (!steps.is_empty()).then(|| steps.into_iter().map(|step| step.name).collect()),
                description: answer.description,
            }
        })
        .collect();
    finish(args, &rows, &reports, &texts)
}

fn finish(args: &Args, rows: &[Row], reports: &[Report], texts: &Texts) -> Result<ExitCode> {
    if args.json {
        let pipelines: Vec<_> = rows
            .iter()
            .map(|row| {
                let Row { name, krate, parameters, steps, description } = row;
                json!({"name": name, "crate": krate, "description": description, "parameters": parameters, "steps": steps})
            })
            .collect();
        report::data(&json!({"pipelines": pipelines, "diagnostics": report::to_json(reports, texts)}))?;
    } else {
        report::print(reports, texts);
        if !rows.is_empty() {
            report::line(&table(rows))?;
        }
    }
    Ok(if reports.iter().any(Report::is_error) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One line for each parameter or step of a pipeline: a list of them would not fit beside another.
fn table(rows: &[Row]) -> String {
    let mut lines = vec![["PIPELINE", "CRATE", "PARAMETERS", "STEPS"].map(str::to_owned)];
    let unknown = ["?".to_owned()];
    let cell = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
    for Row { name, krate, parameters, steps, .. } in rows {
        let steps = steps.as_deref().unwrap_or(&unknown);
        for index in 0..parameters.len().max(steps.len()) {
            let first = |text: &String| if index == 0 { text.clone() } else { String::new() };
            lines.push([first(name), first(krate), cell(parameters, index), cell(steps, index)]);
        }
    }
    columns(&lines)
}

/// Lines whose cells stand below each other, without blanks at the ends.
pub(crate) fn columns<const N: usize>(lines: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let padded = lines.iter().map(|line| {
        let cells: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    });
    padded.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_stands_below_itself() {
        let row = |name: &str, parameters: &[&str], steps: Option<&[&str]>| Row {
            name: name.into(),
            krate: "example".into(),
            parameters: parameters.iter().map(|p| (*p).to_owned()).collect(),
            steps: steps.map(|steps| steps.iter().map(|s| (*s).to_owned()).collect()),
            description: String::new(),
        };
        let rows = [
            row("example-pipeline", &["InstanceType", "Mode"], Some(&["process", "train"])),
            row("ü", &[], None),
        ];
        assert_eq!(
            table(&rows),
            "PIPELINE          CRATE    PARAMETERS    STEPS\n\
             example-pipeline  example  InstanceType  process\n\
             \x20                          Mode          train\n\
             ü                 example                ?"
        );
    }
}
