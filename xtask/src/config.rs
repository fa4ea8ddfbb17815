//! `config`: the values of a pipeline's configuration, and where each came from.

use std::process::ExitCode;

use anyhow::Result;
use pipewright_model::protocol::{ConfigValue, Operation, SetValue};
use serde_json::{Value, json};

use crate::asked::ask;
use crate::list::columns;
use crate::report::{self, Report, Texts};
use crate::synth::{Asking, set_value};
use crate::workspace::Workspace;

/// How many characters of a value are shown; `--json` has all of them.
const SHOWN: usize = 60;

/// Prints the values of a pipeline's configuration, each with where it came from.
///
/// Values that are secret are shown as six asterisks.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pipeline.
    #[arg(value_name = "PIPELINE")]
    pipeline: String,

    #[command(flatten)]
    asking: Asking,

    /// Sets a value of a pipeline's configuration, above all files. May be given several times.
    #[arg(long, value_name = "PIPELINE.KEY=VALUE", value_parser = set_value)]
    set: Vec<SetValue>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let names = [args.pipeline.clone()];
    let mut asked = match ask(&workspace, &args.asking, Operation::Synth, &names, &args.set)? {
        Ok(asked) => asked,
        Err((reports, texts)) => return finish(args, None, &reports, &texts),
    };
    let values = asked.selection.pipelines.pop().map(|found| found.answer.config);
    let values = values.filter(|_| !asked.is_wrong());
    finish(args, values.as_deref(), &asked.selection.reports, &asked.selection.texts)
}

fn finish(
    args: &Args,
    values: Option<&[ConfigValue]>,
    reports: &[Report],
    texts: &Texts,
) -> Result<ExitCode> {
    if args.json {
        report::data(&json!({
            "pipeline": args.pipeline,
            "values": values,
            "diagnostics": report::to_json(reports, texts),
        }))?;
    } else {
        report::print(reports, texts);
        if let Some(values) = values {
            report::line(&table(values))?;
        }
    }
    Ok(if values.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(values: &[ConfigValue]) -> String {
    let head = ["KEY", "VALUE", "FROM"].map(str::to_owned);
    let rows = values.iter().map(|value| [value.path.clone(), shown(&value.value), value.origin.clone()]);
    columns(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

/// A value on one line; `-` for one that is absent.
fn shown(value: &Value) -> String {
    if value.is_null() {
        return "-".to_owned();
    }
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_stands_beside_its_source() {
        let value = |path: &str, value: Value, origin: &str| ConfigValue {
            path: path.to_owned(),
            value,
            origin: origin.to_owned(),
        };
        let values = [
            value("rounds", json!(100), "default"),
            value("greeting", json!("x".repeat(100)), "pipelines/a/config.toml:3:1"),
            value("bucket", json!(null), "default"),
        ];
        let expected = format!(
            "KEY       VALUE{}  FROM\nrounds    100{}  default\ngreeting  \"{}…  pipelines/a/config.toml:3:1\nbucket    -{}  default",
            " ".repeat(56),
            " ".repeat(58),
            "x".repeat(59),
            " ".repeat(60),
        );
        assert_eq!(table(&values), expected);
    }
}
