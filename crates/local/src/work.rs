//! Does a step by its type.

use std::path::Path;
use std::sync::Arc;

use pipewright_interpreter::{Control, Definition, Failure, Job, Outcome, Runner, Start};

use crate::jobs::{processing, training, transform, tuning};
use crate::launch::{Kind, Launcher};
use crate::settings::Settings;
use crate::site::Site;
use crate::{records, stand_in};

/// Runs the steps of a pipeline on this machine.
///
/// What `local/run.toml` has a stand-in for is done by that. Processing, training, transform and tuning jobs are processes over
/// `/opt/ml`; models, endpoints, lineage and the registry are records below `target/local`; a Cleanup step deletes objects. Everything
/// else calls another service, and fails where nothing stands in for it.
#[derive(Clone)]
pub struct Worker {
    site: Site,
    host: Arc<dyn Launcher>,
}

impl Worker {
    /// `host` starts stand-ins: plain processes or bubblewrap over `local/requirements.txt`, whatever `site.launcher` is.
    pub fn new(site: Site, host: Arc<dyn Launcher>) -> Self {
        Self { site, host }
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("site", &self.site).finish_non_exhaustive()
    }
}

/// Whether steps of this type need no stand-in.
pub fn is_done_here(kind: &str) -> bool {
    const DONE: [&str; 14] = [
        "Cleanup",
        "Condition",
        "Endpoint",
        "EndpointConfig",
        "Fail",
        "ForEach",
        "InferenceComponent",
        "Lineage",
        "Model",
        "Processing",
        "RegisterModel",
        "Training",
        "Transform",
        "Tuning",
    ];
    DONE.contains(&kind)
}

/// What a run will lack, told before it begins: one sentence for each step of `definition` that may run and has neither a stand-in
/// nor a program, in the order of the steps. Also stand-ins for steps that there aren't, and functions whose files aren't there.
///
/// A branch that the parameters of `start` decide against is left out, and so are steps beside `start.selected`. `kind` is how jobs
/// will run, where that is known: only without containers do images need programs of this machine.
pub fn missing(
    definition: &Definition,
    settings: &Settings,
    start: &Start,
    local: Option<&Path>,
    kind: Option<Kind>,
) -> Vec<String> {
    stand_in::missing(definition, settings, start, local, kind)
}

impl Runner for Worker {
    fn run(&self, job: &Job, control: &Control<'_>) -> Outcome {
        if control.stop().is_asked() {
            return Outcome::Stopped;
        }
        let site = &self.site;
        if let Some(stand_in) = stand_in::find(&site.settings, &job.step, &job.kind) {
            return stand_in::run(site, self.host.as_ref(), stand_in, job, control);
        }
        match job.kind.as_str() {
            "Processing" => processing::run(site, job, control),
            "Training" => training::run(site, job, control),
            "Transform" => transform::run(site, job, control),
            "Tuning" => tuning::run(site, job, control),
            "RegisterModel" => records::register(site, job, control),
            "Model" => records::create_model(site, job, control),
            "EndpointConfig" => records::create_endpoint_config(site, job, control),
            "Endpoint" => records::create_endpoint(site, job, control),
            "InferenceComponent" => records::create_inference_component(site, job, control),
            "Lineage" => records::lineage(site, job),
            "Cleanup" => records::cleanup(site, job, control),
            kind => Outcome::Failed(Failure::new(stand_in::lack(&job.step, kind))),
        }
    }
}
