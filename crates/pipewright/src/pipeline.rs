//! What a pipeline is: a config struct, and the steps made of it.

use pipewright_config::{Decode, Describe};
use pipewright_model::{Graph, ParameterDecl};

use crate::Result;

/// A pipeline's config struct. Derived, with [`#[derive(Pipeline)]`](macro@crate::Pipeline).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pipeline",
    note = "write `#[derive(Pipeline)]` above the struct"
)]
pub trait Pipeline: Decode + Describe {
    /// The pipeline's name: up to 82 letters, digits and dashes, with no dash first or last.
    const NAME: &'static str;
    /// The name that Studio shows.
    const DISPLAY_NAME: Option<&'static str>;
    /// What the pipeline is for: the struct's documentation.
    const DESCRIPTION: &'static str;

    /// The run-time parameters, in the order of the fields.
    fn parameters(&self) -> Vec<ParameterDecl>;
}

/// The steps of a pipeline.
#[diagnostic::on_unimplemented(
    message = "the pipeline `{Self}` has no steps",
    note = "write `impl Steps for {Self} {{ fn steps(&self, p: &mut Graph) -> Result<()> {{ … }} }}`"
)]
pub trait Steps {
    /// Adds the pipeline's steps and settings to `p`.
    ///
    /// # Errors
    /// Whatever the author wants to fail for. Mistakes in the graph itself are no errors of this
    /// function: they are collected and reported together.
    fn steps(&self, p: &mut Graph) -> Result<()>;
}
