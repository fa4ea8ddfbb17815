//! `schema`: what a pipeline's configuration may hold, for people, programs and editors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use pipewright_model::protocol::Operation;
use serde_json::Value;

use crate::answers::Found;
use crate::asked::{Asked, ask};
use crate::report::{self, Report};
use crate::synth::Asking;
use crate::workspace::Workspace;

/// The folder of a pipeline crate that its schemas are written to. Beside the configuration they would be taken for one.
const FOLDER: &str = "schema";

/// Prints the JSON Schema (2020-12) of a pipeline's configuration, or writes it where editors find it.
///
/// A configuration that begins with the line `#:schema schema/PIPELINE.json` is then completed and checked while it is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pipeline; with --write and --check any number, and all when none is named.
    #[arg(value_name = "PIPELINE", required_unless_present_any = ["write", "check"])]
    pipelines: Vec<String>,

    /// Write each schema to schema/PIPELINE.json in the pipeline's crate.
    #[arg(long, conflicts_with = "check")]
    write: bool,

    /// Fail where the schema that was written is not the pipeline's any more.
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    asking: Asking,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let to_files = args.write || args.check;
    ensure!(
        to_files || args.pipelines.len() == 1,
        "one schema is printed at a time; --write takes several pipelines"
    );
    let workspace = Workspace::find()?;
    let mut asked = match ask(&workspace, &args.asking, Operation::Schema, &args.pipelines, &[])? {
        Ok(asked) => asked,
        Err((reports, texts)) => {
            report::print(&reports, &texts);
            return Ok(ExitCode::FAILURE);
        }
    };
    let schemas = schemas(&mut asked);
    let mut stale = Vec::new();
    if !asked.is_wrong() {
        for (found, schema) in &schemas {
            if to_files {
                stale.extend(keep(&workspace, found, schema, args.write)?);
            } else {
                report::data(schema)?;
            }
        }
    }
    asked.selection.reports.append(&mut stale);
    report::print(&asked.selection.reports, &asked.selection.texts);
    Ok(if asked.is_wrong() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Each pipeline with its schema; one that came back without is reported.
fn schemas<'w>(asked: &mut Asked<'w>) -> Vec<(Found<'w>, Value)> {
    let mut schemas = Vec::new();
    for mut found in std::mem::take(&mut asked.selection.pipelines) {
        if let Some(schema) = found.answer.schema.take() {
            schemas.push((found, schema));
        } else if !asked.selection.reports.iter().any(|report| report.is_error_of(&found.answer.name)) {
            let message = format!("pipeline {:?} came back without a schema", found.answer.name);
            asked.selection.reports.push(Report::error("program/output", message));
        }
    }
    schemas
}

/// Writes a schema to its place, or says that the one there is another.
fn keep(workspace: &Workspace, found: &Found<'_>, schema: &Value, write: bool) -> Result<Option<Report>> {
    let name = &found.answer.name;
    let file = place(&found.member.folder, name)?;
    let shown = workspace.relative(&file);
    let text = format!("{}\n", serde_json::to_string_pretty(schema)?);
    let is_current = fs::read_to_string(&file).is_ok_and(|there| there == text);
    if !write {
        return Ok((!is_current).then(|| {
            let message = format!("{shown} is not the schema of pipeline {name:?}");
            Report::error("schema/stale", message)
                .help(format!("write it anew: cargo xtask schema --write {name}"))
        }));
    }
    if !is_current {
        make_folder(&workspace.root, &found.member.folder.join(FOLDER))?;
        // Aside first, so that an editor never reads half of it.
        let aside = file.with_extension("json.pipewright-new");
        fs::write(&aside, text).with_context(|| format!("can't write {shown}"))?;
        fs::rename(&aside, &file).with_context(|| format!("can't write {shown}"))?;
    }
    report::line(&format!("{shown} is {}", if is_current { "unchanged" } else { "written" }))?;
    Ok(None)
}

/// Where a pipeline's schema is kept.
fn place(krate: &Path, name: &str) -> Result<PathBuf> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        bail!("{name:?} can't be the name of a file: names of pipelines have letters, digits and hyphens");
    }
    Ok(krate.join(FOLDER).join(format!("{name}.json")))
}

/// Makes a folder, unless it is a link that leads out of the workspace.
fn make_folder(root: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    let real = fs::canonicalize(folder).with_context(|| format!("can't find {}", folder.display()))?;
    let root = fs::canonicalize(root).with_context(|| format!("can't find {}", root.display()))?;
    ensure!(
        real.starts_with(&root),
        "{} leads out of the workspace, to {}",
        folder.display(),
        real.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_stays_in_its_crate() {
        assert_eq!(place(Path::new("/w/a"), "b-1").unwrap(), Path::new("/w/a/schema/b-1.json"));
        for wrong in ["", "..", "../b", "a/b", "b.json", "a b"] {
            assert!(place(Path::new("/w/a"), wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_out_of_the_workspace() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), root.path().join("schema")).unwrap();
        assert!(make_folder(root.path(), &root.path().join("schema")).is_err());
        make_folder(root.path(), &root.path().join("a/schema")).unwrap();
    }
}
