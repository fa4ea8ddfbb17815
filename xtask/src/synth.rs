//! `synth`: pipelines become an assembly.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use pipewright_assembly as assembly;
use pipewright_model::protocol::{Operation, SetValue};
use serde_json::{Value, json};

use crate::answers::{Found, Programs, Question};
use crate::compose::compose;
use crate::lints;
use crate::report::{self, Report, Texts};
use crate::settings;
use crate::workspace::Workspace;

/// Synthesises pipelines: writes definitions, the CloudFormation template and the code to upload.
///
/// Works offline and without credentials; the same inputs give the same bytes. When anything is wrong,
/// nothing is written and an earlier assembly stays as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pipelines to synthesise; all when none is named.
    #[arg(value_name = "PIPELINE")]
    pipelines: Vec<String>,

    #[command(flatten)]
    asking: Asking,

    /// Where to write the assembly [default: target/assembly/ENV].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Sets a value of a pipeline's configuration, above all files. May be given several times.
    #[arg(long, value_name = "PIPELINE.KEY=VALUE", value_parser = set_value)]
    set: Vec<SetValue>,

    /// Print what was done, or what is wrong, as JSON.
    #[arg(long)]
    json: bool,
}

/// What every command takes that asks pipeline programs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Asking {
    /// The environment of pipewright.toml [default: what the file says, or dev].
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,

    /// A `.env` file: environment variables, below those that are set.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<String>,

    /// How long a pipeline program may take to answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) timeout: u32,
}

impl Asking {
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

/// Splits `PIPELINE.KEY=VALUE`. Names of pipelines have no dots; a key may hold `=` in quotes.
pub(crate) fn set_value(text: &str) -> Result<SetValue, String> {
    let mut quote = None;
    let equals = text.char_indices().find(|(_, c)| {
        match (quote, c) {
            (None, '=') => return true,
            (None, '"' | '\'') => quote = Some(*c),
            (Some(open), c) if open == *c => quote = None,
            _ => {}
        }
        false
    });
    let Some((equals, _)) = equals else {
        return Err("there is no `=`: write PIPELINE.KEY=VALUE".to_owned());
    };
    match text[..equals].split_once('.') {
        Some((pipeline, key)) if !pipeline.is_empty() && !key.is_empty() => Ok(SetValue {
            pipeline: pipeline.to_owned(),
            key: key.to_owned(),
            value: text[equals + 1..].to_owned(),
        }),
        _ => Err("there is no key: write PIPELINE.KEY=VALUE".to_owned()),
    }
}

/// Writes the assembly of all pipelines to its usual place, with a word on standard error only about what is wrong.
///
/// `None` when something is: it was said.
pub(crate) fn quietly(workspace: &Workspace, asking: &Asking, set: &[SetValue]) -> Result<Option<PathBuf>> {
    let args =
        Args { pipelines: Vec::new(), asking: asking.clone(), out: None, set: set.to_vec(), json: false };
    let mut synthesis = Synthesis::default();
    synthesise(workspace, &args, &mut synthesis)?;
    report::print(&synthesis.reports, &synthesis.texts);
    if synthesis.written.is_none() {
        let errors = synthesis.reports.iter().filter(|report| report.is_error()).count();
        report::say(&format!("{}; nothing is done", counted(errors, "error")));
    }
    Ok(synthesis.written.map(|written| written.path))
}

/// One pipeline's assembly for a run on this machine.
pub(crate) struct Local {
    /// Where it is.
    pub(crate) assembly: PathBuf,
    /// The folder of the pipeline's crate.
    pub(crate) folder: PathBuf,
}

/// Account and region of runs on this machine, where the environment names none.
const NOBODY: (&str, &str) = ("000000000000", "us-east-1");

/// Writes the assembly of this pipeline alone, with an account and a region, so that every reference in it has a value.
///
/// `None` when something is wrong: it was said. Warnings are not: nothing is deployed.
pub(crate) fn for_this_machine(
    workspace: &Workspace,
    asking: &Asking,
    set: &[SetValue],
    pipeline: &str,
) -> Result<Option<Local>> {
    let out = workspace.target.join("local/assembly").join(pipeline);
    let args = Args {
        pipelines: vec![pipeline.to_owned()],
        asking: asking.clone(),
        out: Some(out),
        set: set.to_vec(),
        json: false,
    };
    let mut synthesis = Synthesis { is_local: true, ..Synthesis::default() };
    synthesise(workspace, &args, &mut synthesis)?;
    synthesis.reports.retain(Report::is_error);
    report::print(&synthesis.reports, &synthesis.texts);
    let (Some(written), Some(folder)) = (synthesis.written, synthesis.folders.pop()) else {
        report::say(&format!("{}; nothing is run", counted(synthesis.reports.len(), "error")));
        return Ok(None);
    };
    Ok(Some(Local { assembly: written.path, folder }))
}

/// What a synth came to.
#[derive(Default)]
struct Synthesis {
    /// Whether it is for a run on this machine.
    is_local: bool,
    environment: Option<String>,
    written: Option<assembly::Outcome>,
    partial: bool,
    pipelines: Vec<Value>,
    /// The folders of the pipelines' crates.
    folders: Vec<PathBuf>,
    lines: Vec<String>,
    reports: Vec<Report>,
    texts: Texts,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut synthesis = Synthesis::default();
    let done = Workspace::find().and_then(|workspace| synthesise(&workspace, args, &mut synthesis));
    if let Err(error) = done {
        synthesis.reports.push(Report::error("failed", format!("{error:#}")));
    }
    let Synthesis { environment, written, partial, pipelines, lines, reports, texts, .. } = synthesis;
    if args.json {
        report::data(&json!({
            "environment": environment,
            "assembly": written.as_ref().map(|written| written.path.to_string_lossy()),
            "changed": written.as_ref().map(|written| written.changed),
            "partial": partial,
            "pipelines": pipelines,
            "diagnostics": report::to_json(&reports, &texts),
        }))?;
    } else {
        report::print(&reports, &texts);
        for line in lines {
            report::line(&line)?;
        }
        if let Some(written) = &written {
            report::line(&format!(
                "{} is {}",
                shown(&written.path),
                if written.changed { "written" } else { "unchanged" }
            ))?;
        } else {
            let errors = reports.iter().filter(|report| report.is_error()).count();
            report::say(&format!("{}; nothing is written", counted(errors, "error")));
        }
        if partial && written.is_some() {
            report::say("it holds some of the pipelines only: deploying it would delete the others");
        }
    }
    Ok(if written.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn synthesise(workspace: &Workspace, args: &Args, synthesis: &mut Synthesis) -> Result<()> {
    let settings = match settings::read(&workspace.root, args.asking.env.as_deref(), &mut synthesis.texts) {
        Ok(settings) => settings.with_env_files(&args.asking.env_file),
        Err(reports) => {
            synthesis.reports = reports;
            return Ok(());
        }
    };
    let settings = if synthesis.is_local { settings.with_target(NOBODY) } else { settings };
    synthesis.environment = Some(settings.environment.name.clone());
    let programs = Programs::build(workspace)?;
    let question = Question {
        operation: Operation::Synth,
        settings: &settings,
        set: &args.set,
        time: args.asking.time(),
    };
    let selection = programs.ask(&question).select(&args.pipelines, &args.set);
    let strays = selection.strays(&settings);
    synthesis.reports = selection.reports;
    synthesis.reports.extend(strays);
    synthesis.texts.extend(selection.texts);
    synthesis.partial = selection.partial;
    let pipelines = selection.pipelines;
    synthesis.reports.extend(lints::find(&settings, &pipelines, selection.partial));
    for found in &pipelines {
        if found.answer.definition.is_none()
            && !synthesis.reports.iter().any(|report| report.is_error_of(&found.answer.name))
        {
            let message =
                format!("pipeline {:?} came back with neither definition nor error", found.answer.name);
            synthesis.reports.push(Report::error("program/output", message).of_crate(&found.member.name));
        }
    }
    if synthesis.reports.iter().any(Report::is_error) {
        return Ok(());
    }
    let composed = match compose(&settings, &pipelines, selection.partial, &mut synthesis.reports) {
        Ok(composed) => composed,
        Err(reports) => {
            synthesis.reports.extend(reports);
            return Ok(());
        }
    };
    let out = match &args.out {
        Some(out) => out.clone(),
        None => workspace.target.join("assembly").join(&settings.environment.name),
    };
    match assembly::write(&out, &composed.contents) {
        Ok(outcome) => synthesis.written = Some(outcome),
        Err(error) => {
            synthesis.reports.extend(error.each().iter().map(|e| Report::error("assembly", e.to_string())));
            return Ok(());
        }
    }
    synthesis.folders = pipelines.iter().map(|found| found.member.folder.clone()).collect();
    (synthesis.lines, synthesis.pipelines) = summary(&pipelines, &composed.sizes);
    Ok(())
}

/// What was synthesised, for people and as JSON.
fn summary(pipelines: &[Found<'_>], sizes: &[usize]) -> (Vec<String>, Vec<Value>) {
    let width = pipelines.iter().map(|found| found.answer.name.len()).max().unwrap_or_default();
    pipelines
        .iter()
        .zip(sizes)
        .map(|(Found { member, answer }, bytes)| {
            let (steps, parameters) = (answer.steps.len(), answer.parameters.len());
            let line = format!(
                "{:width$}  {}, {}, {}",
                answer.name,
                counted(steps, "step"),
                counted(parameters, "parameter"),
                counted(*bytes, "byte")
            );
            let json = json!({
                "name": answer.name, "crate": member.name, "steps": steps, "parameters": parameters, "bytes": bytes,
            });
            (line, json)
        })
        .unzip()
}

/// `1 step`, `1,234 bytes`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {what}{}", if count == 1 { "" } else { "s" })
}

/// The path from the working directory, where it is below.
fn shown(path: &Path) -> String {
    let below = std::env::current_dir().ok().and_then(|here| {
        let here = std::fs::canonicalize(here).ok()?;
        path.strip_prefix(here).ok().map(Path::to_owned)
    });
    below.unwrap_or_else(|| path.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str, &str)>) {
        let found = set_value(text).ok();
        let found = found.as_ref().map(|set| (set.pipeline.as_str(), set.key.as_str(), set.value.as_str()));
        assert_eq!(found, expected);
    }

    #[test]
    fn values_of_the_command_line() {
        check("a.b=c", Some(("a", "b", "c")));
        check("a.b.c=", Some(("a", "b.c", "")));
        check("a.b=c=d.e", Some(("a", "b", "c=d.e")));
        check("a.tags.\"x=y\"=z", Some(("a", "tags.\"x=y\"", "z")));
        check("a.tags.'x=y'='z'", Some(("a", "tags.'x=y'", "'z'")));
        for wrong in ["", "a", "a.b", "a=b", "=", ".b=c", "a.=c", "a.'b=c"] {
            check(wrong, None);
        }
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(counted(0, "step"), "0 steps");
        assert_eq!(counted(1, "step"), "1 step");
        assert_eq!(counted(999, "byte"), "999 bytes");
        assert_eq!(counted(1_234_567, "byte"), "1,234,567 bytes");
    }
}
