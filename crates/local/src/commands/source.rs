//! Where the definition of a run comes from: an assembly, a file, an earlier run.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use pipewright_assembly::{Assembly, PipelineRecord};
use pipewright_interpreter::Definition;

/// Account and region of a definition that says neither.
const NOBODY: (&str, &str) = ("000000000000", "us-east-1");

/// A definition, and what is known about it.
pub(super) struct Source {
    /// The pipeline's name.
    pub(super) pipeline: String,
    /// The definition as it was written.
    pub(super) text: String,
    pub(super) definition: Arc<Definition>,
    /// What a person is told about where it came from.
    pub(super) told: String,
    pub(super) environment: Option<String>,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) parallelism: Option<u32>,
    /// The assembly with its code.
    pub(super) assembly: Option<(Assembly, PipelineRecord)>,
}

/// Reads a definition; every mistake in it is told.
pub(super) fn parse(text: &str, told: &str) -> Result<Arc<Definition>> {
    match Definition::parse(text) {
        Ok(definition) => Ok(Arc::new(definition)),
        Err(problems) => bail!("{told} can't be run:\n{problems}"),
    }
}

/// The pipeline of an assembly.
pub(super) fn of_assembly(folder: &Path, pipeline: &str) -> Result<Source> {
    let assembly = Assembly::open(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let Some(record) = assembly.pipeline(pipeline).cloned() else {
        bail!("the assembly {} has no pipeline {pipeline:?}", folder.display());
    };
    let text = serde_json::to_string_pretty(&assembly.definition(&record)?)?;
    let target = &assembly.marker().target;
    let told = format!("pipeline {pipeline} in environment {}", target.environment);
    if record.portable {
        bail!("{told} has no account and region: a run needs both");
    }
    Ok(Source {
        pipeline: pipeline.to_owned(),
        definition: parse(&text, &told)?,
        text,
        told,
        environment: Some(target.environment.clone()),
        account: target.account.clone().unwrap_or_else(|| NOBODY.0.to_owned()),
        region: target.region.clone().unwrap_or_else(|| NOBODY.1.to_owned()),
        parallelism: record.parallelism,
        assembly: Some((assembly, record)),
    })
}

/// A definition in a file, whoever wrote it; the pipeline is called like the file.
pub(super) fn of_file(path: &Path) -> Result<Source> {
    let told = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("can't read {told}"))?;
    let name: String = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Source {
        pipeline: name,
        definition: parse(&text, &told)?,
        text,
        told,
        environment: None,
        account: NOBODY.0.to_owned(),
        region: NOBODY.1.to_owned(),
        parallelism: None,
        assembly: None,
    })
}
