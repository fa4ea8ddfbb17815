//! How the commands about single pipelines begin: read the settings, build the programs, ask them, keep what was asked for.

use anyhow::Result;
use pipewright_model::protocol::{Operation, SetValue};

use crate::answers::{Programs, Question, Selection};
use crate::report::{Report, Texts};
use crate::settings::{self, Settings};
use crate::synth::Asking;
use crate::workspace::Workspace;

/// What was read and answered.
pub(crate) struct Asked<'w> {
    pub(crate) settings: Settings,
    /// Its texts are those of the settings, too.
    pub(crate) selection: Selection<'w>,
}

impl Asked<'_> {
    /// Whether something speaks against going on.
    pub(crate) fn is_wrong(&self) -> bool {
        self.selection.reports.iter().any(Report::is_error)
    }
}

/// What is wrong with the settings, so that nobody was asked.
pub(crate) type Unasked = (Vec<Report>, Texts);

/// Asks about these pipelines, or about all of them when none is named.
///
/// # Errors
/// When cargo can't be run. What is wrong with the workspace is not an error: it comes back to be reported.
pub(crate) fn ask<'w>(
    workspace: &'w Workspace,
    asking: &Asking,
    operation: Operation,
    pipelines: &[String],
    set: &[SetValue],
) -> Result<Result<Asked<'w>, Unasked>> {
    let mut texts = Texts::new();
    let settings = match settings::read(&workspace.root, asking.env.as_deref(), &mut texts) {
        Ok(settings) => settings.with_env_files(&asking.env_file),
        Err(reports) => return Ok(Err((reports, texts))),
    };
    let question = Question { operation, settings: &settings, set, time: asking.time() };
    let mut selection = Programs::build(workspace)?.ask(&question).select(pipelines, set);
    selection.texts.extend(texts);
    Ok(Ok(Asked { settings, selection }))
}
