//! What a run will lack, told before it begins.

use std::collections::BTreeMap;
use std::path::Path;

use pipewright_interpreter::definition::{Branch, PropertyFile, Step, StepId};
use pipewright_interpreter::evaluate::{conditions, evaluate, parameters};
use pipewright_interpreter::{Definition, S3Uri, Scope, Start};
use serde_json::Value;

use super::{find, lack};
use crate::builtin::{self, Purpose};
use crate::launch::Kind;
use crate::settings::{Settings, StandIn};
use crate::work;

/// See [`work::missing`].
pub(crate) fn missing(
    definition: &Definition,
    settings: &Settings,
    start: &Start,
    local: Option<&Path>,
    kind: Option<Kind>,
) -> Vec<String> {
    // Wrong ones are told by who starts the execution.
    let parameters = parameters(&definition.parameters, &start.parameters).unwrap_or_default();
    let known = Known { start, parameters };
    let looking = Looking { definition, settings, local, kind, known: &known };
    let mut problems = Vec::new();
    for (id, step) in definition.steps.iter().enumerate() {
        let is_selected = start.selected.is_empty() || start.selected.contains(&step.name);
        if is_selected && may_run(definition, id, &known) {
            problems.extend(looking.at(step));
        }
    }
    for name in settings.steps.keys().filter(|name| definition.step(name).is_none()) {
        problems.push(format!("[steps.{name}] in local/run.toml: the pipeline has no step {name:?}"));
    }
    problems
}

struct Looking<'l> {
    definition: &'l Definition,
    settings: &'l Settings,
    local: Option<&'l Path>,
    kind: Option<Kind>,
    known: &'l Known<'l>,
}

impl Looking<'_> {
    fn at(&self, step: &Step) -> Option<String> {
        let of_step = |problem: String| format!("step {:?} ({}): {problem}", step.name, step.kind);
        if let Some(stand_in) = find(self.settings, &step.name, &step.kind) {
            let StandIn::Lambda { file, .. } = stand_in else { return None };
            let is_there = self.local.is_some_and(|local| local.join(file).is_file());
            return (!is_there).then(|| of_step(format!("its stand-in local/{file} does not exist")));
        }
        if !work::is_done_here(&step.kind) {
            return Some(lack(&step.name, &step.kind));
        }
        if self.kind.is_none_or(|kind| kind == Kind::Container) {
            return None;
        }
        let (image, purpose) = self.image(step)?;
        builtin::find(&self.settings.images, image.as_str()?, purpose).err().map(of_step)
    }

    /// The image whose own program the step starts, where that is known.
    fn image(&self, step: &Step) -> Option<(Value, Purpose)> {
        let value = |step: &Step, path: &str| {
            let value = step.arguments.pointer(path).filter(|value| !value.is_null())?;
            evaluate(value, self.known).ok()
        };
        let has = |path: &str| step.arguments.pointer(path).is_some_and(|value| !value.is_null());
        match step.kind.as_str() {
            "Processing" if !has("/AppSpecification/ContainerEntrypoint") => {
                Some((value(step, "/AppSpecification/ImageUri")?, Purpose::Entrypoint))
            }
            "Training"
                if !has("/AlgorithmSpecification/ContainerEntrypoint")
                    && !has("/HyperParameters/sagemaker_program") =>
            {
                Some((value(step, "/AlgorithmSpecification/TrainingImage")?, Purpose::Train))
            }
            "Tuning" if !has("/TrainingJobDefinition/StaticHyperParameters/sagemaker_program") => Some((
                value(step, "/TrainingJobDefinition/AlgorithmSpecification/TrainingImage")?,
                Purpose::Train,
            )),
            "Transform" => {
                let model = made_by(self.definition, step.arguments.get("ModelName")?)?;
                let has_script =
                    model.arguments.pointer("/PrimaryContainer/Environment/SAGEMAKER_PROGRAM").is_some();
                let image = value(model, "/PrimaryContainer/Image").filter(|_| !has_script)?;
                Some((image, Purpose::Serve))
            }
            _ => None,
        }
    }
}

/// The step that makes what is read by `{"Get": "Steps.NAME.ModelName"}`.
fn made_by<'d>(definition: &'d Definition, model: &Value) -> Option<&'d Step> {
    let name = model.get("Get")?.as_str()?.strip_prefix("Steps.")?.strip_suffix(".ModelName")?;
    definition.step(name).and_then(|id| definition.steps.get(id))
}

/// Whether no condition around the step is known to decide against it.
fn may_run(definition: &Definition, id: StepId, known: &Known<'_>) -> bool {
    let mut next = definition.steps.get(id).and_then(|step| step.parent);
    while let Some((parent, branch)) = next {
        let Some(parent) = definition.steps.get(parent) else { return true };
        let holds = || conditions(parent.arguments.get("Conditions")?, known).ok();
        let is_taken = match branch {
            Branch::If => holds() != Some(false),
            Branch::Else => holds() != Some(true),
            Branch::Body => true,
        };
        if !is_taken {
            return false;
        }
        next = parent.parent;
    }
    true
}

/// What is known before a run begins. Everything else has no value.
struct Known<'k> {
    start: &'k Start,
    parameters: BTreeMap<String, Value>,
}

impl Scope for Known<'_> {
    fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.get(name)
    }

    fn execution(&self, variable: &str) -> Option<Value> {
        (variable == "PipelineName").then(|| self.start.pipeline.clone().into())
    }

    fn experiment(&self, _: &str) -> Option<Value> {
        None
    }

    fn properties(&self, _: &str) -> Option<&Value> {
        None
    }

    fn arguments(&self, _: &str) -> Option<&Value> {
        None
    }

    fn property_file(&self, _: &str, _: &str) -> Option<&PropertyFile> {
        None
    }

    fn item(&self) -> Option<&Value> {
        None
    }

    fn read(&self, _: &S3Uri) -> Result<Vec<u8>, String> {
        Err("not before the run".to_owned())
    }
}
