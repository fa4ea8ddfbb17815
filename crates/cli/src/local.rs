//! The commands that run pipelines on this machine.
#![expect(
    clippy::doc_markdown,
    reason = "these texts are the help of a command line, which knows no Markdown"
)]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::Progress;

/// What runs the processes of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RunnerKind {
    /// A container engine where one answers and has the images, else bubblewrap, else plain processes.
    #[default]
    Auto,
    /// Docker or Podman, with the step's own image.
    Container,
    /// bubblewrap: a real /opt/ml over this machine's Python.
    Bubblewrap,
    /// Plain processes: paths below /opt/ml are mapped to the run's folder.
    Process,
}

/// What every command takes that runs steps.
#[derive(Clone, Debug, Default, Args)]
pub struct Running {
    /// What runs the steps' processes.
    #[arg(long, value_enum, value_name = "RUNNER", default_value_t)]
    pub runner: RunnerKind,

    /// An S3-compatible endpoint instead of the folder target/local/s3; credentials come from AWS_ACCESS_KEY_ID and
    /// AWS_SECRET_ACCESS_KEY.
    #[arg(long, value_name = "URL")]
    pub s3: Option<String>,

    /// How many steps may run at once [default: what the pipeline says, or as many as there are processors].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=200))]
    pub parallelism: Option<u32>,

    /// Run every step, even where an earlier run has its results.
    #[arg(long)]
    pub no_cache: bool,

    /// How progress is shown.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub progress: Progress,

    /// Print the record of the run as JSON: DescribePipelineExecution with the steps of ListPipelineExecutionSteps.
    #[arg(long)]
    pub json: bool,
}

/// Splits `NAME=VALUE`.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("there is no `=` after a name: write NAME=VALUE".to_owned()),
    }
}

/// Runs a pipeline on this machine: no account, no credentials.
///
/// Scripts run in containers, or over this machine's Python with the packages of the pipeline's local/requirements.txt. S3 is the
/// folder target/local/s3, filled from the pipeline's local/data. Ctrl-C ends every process; `resume` goes on from there.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    /// The pipeline.
    #[arg(value_name = "PIPELINE", required_unless_present = "definition")]
    pub pipeline: Option<String>,

    /// Run this pipeline definition instead, whoever wrote it.
    #[arg(long, value_name = "FILE", conflicts_with = "pipeline")]
    pub definition: Option<PathBuf>,

    /// The folder with `run.toml`, `requirements.txt` and `data/` for the run [default: local/ of the pipeline's crate].
    #[arg(long, value_name = "DIR")]
    pub local: Option<PathBuf>,

    /// A run-time parameter's value. May be given several times.
    #[arg(short, long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,

    /// Run this step alone, and those given likewise; what they read of others is taken from an earlier run.
    #[arg(long, value_name = "STEP")]
    pub only: Vec<String>,

    /// The earlier run that `--only` takes results from [default: the last that succeeded].
    #[arg(long, value_name = "RUN", requires = "only")]
    pub from: Option<String>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "it would stand in the help instead of the command's own text")]
    pub running: Running,
}

/// Goes on with a run that failed, was stopped or was interrupted.
///
/// Steps that succeeded keep their results, the others run again: RetryPipelineExecution for this machine.
#[derive(Clone, Debug, Default, Args)]
pub struct ResumeArgs {
    /// The run: its id, the beginning of it, or `last`.
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,

    #[command(flatten)]
    #[expect(missing_docs, reason = "it would stand in the help instead of the command's own text")]
    pub running: Running,
}

/// Runs an earlier run's definition again, from one step on.
///
/// What doesn't come after the step is taken from the earlier run. The code is that of the earlier run: after an edit, use
/// `cargo xtask run PIPELINE --only STEP`.
#[derive(Clone, Debug, Default, Args)]
pub struct RerunArgs {
    /// The run: its id, the beginning of it, or `last`.
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,

    /// The first step to run again [default: all of them].
    #[arg(long, value_name = "STEP")]
    pub from: Option<String>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "it would stand in the help instead of the command's own text")]
    pub running: Running,
}

/// Lists the runs on this machine, the newest first; or shows one of them.
#[derive(Clone, Debug, Default, Args)]
pub struct RunsArgs {
    /// A run to show: its id, the beginning of it, or `last`.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    /// Remove all runs that have ended but the newest COUNT. Objects in S3 and the registry stay.
    #[arg(long, value_name = "COUNT", conflicts_with = "run")]
    pub keep: Option<usize>,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Prints what a run's steps wrote.
#[derive(Clone, Debug, Default, Args)]
pub struct LogsArgs {
    /// The run: its id, the beginning of it, or `last`.
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,

    /// The step; all of them when none is named.
    #[arg(value_name = "STEP")]
    pub step: Option<String>,
}

/// Lists the models that runs have registered on this machine, or changes the approval of one.
#[derive(Clone, Debug, Default, Args)]
pub struct RegistryArgs {
    /// The model package group, or one version: GROUP/VERSION.
    #[arg(value_name = "GROUP")]
    pub group: Option<String>,

    /// Approve this version.
    #[arg(long, requires = "group", conflicts_with = "reject")]
    pub approve: bool,

    /// Reject this version.
    #[arg(long, requires = "group")]
    pub reject: bool,

    /// Print JSON: DescribeModelPackage of each.
    #[arg(long)]
    pub json: bool,
}
