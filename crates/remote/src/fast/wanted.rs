//! [`Wanted`]: the definitions that an assembly has for a stack, ready for SageMaker.

use std::fs;

use pipewright_assembly::{Assembly, StackAsset, StackRecord};
use pipewright_deploy::error::{Error, Kind, Result};
use serde_json::Value;

use super::differences::PIPELINE;
use super::render::{Renderer, Unknown};

/// The greatest length of a definition, in characters.
///
/// [UpdatePipeline](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdatePipeline.html)
const LIMIT: usize = 1_048_576;

/// A definition as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The pipeline.
    pub(super) name: String,
    /// The stack that has it.
    pub(super) stack: String,
    /// The definition.
    pub(super) text: String,
    /// Bucket and key, where the stack has it in S3.
    pub(super) location: Option<(String, String)>,
}

/// The definitions of a stack, in the template's order; or everything that can't be known without CloudFormation, in words.
pub(super) fn of(
    assembly: &Assembly,
    stack: &StackRecord,
    template: &Value,
    renderer: &Renderer<'_>,
) -> Result<(Vec<Wanted>, Vec<String>)> {
    let (mut wanted, mut problems) = (Vec::new(), Vec::new());
    let mut assets: Option<Vec<StackAsset>> = None;
    let resources = template.get("Resources").and_then(Value::as_object);
    for (id, resource) in resources.into_iter().flatten() {
        if resource.get("Type").and_then(Value::as_str) != Some(PIPELINE) {
            continue;
        }
        let found = read(resource, renderer).map(|(name, place)| match place {
            Place::Body(text) => (name, text, None),
            Place::Location(bucket, key) => (name, String::new(), Some((bucket, key))),
        });
        let (name, mut text, location) = match found {
            Ok(found) => found,
            Err(unknown) => {
                problems.push(format!("the definition of {id} can't be sent: {unknown}"));
                continue;
            }
        };
        if let Some((_, key)) = &location {
            if assets.is_none() {
                assets = Some(assembly.stack_assets(stack).map_err(damaged)?);
            }
            let asset = assets.iter().flatten().find(|asset| asset.key == *key);
            let Some(asset) = asset else {
                let message = format!("the assembly lacks {key}, the definition of {id}");
                return Err(Error::new(Kind::Assembly, message).hint("run `cargo xtask synth` again"));
            };
            text = fs::read_to_string(&asset.file).map_err(|error| {
                Error::new(Kind::Assembly, format!("can't read {}: {error}", asset.file.display()))
            })?;
        }
        let length = text.chars().count();
        if length > LIMIT {
            problems
                .push(format!("the definition of {name} has {length} characters, SageMaker takes {LIMIT}"));
            continue;
        }
        wanted.push(Wanted { name, stack: stack.name.clone(), text, location });
    }
    Ok((wanted, problems))
}

enum Place {
    Body(String),
    Location(String, String),
}

fn read(resource: &Value, renderer: &Renderer<'_>) -> std::result::Result<(String, Place), Unknown> {
    let at = |path: &str| resource.pointer(path);
    let missing = |what: &str| Unknown::Function(format!("something other than {what}"));
    let name = at("/Properties/PipelineName").ok_or_else(|| missing("a name"))?;
    let name = renderer.text(name)?;
    if let Some(body) = at("/Properties/PipelineDefinition/PipelineDefinitionBody") {
        return Ok((name, Place::Body(renderer.text(body)?)));
    }
    let location = "/Properties/PipelineDefinition/PipelineDefinitionS3Location";
    match (at(&format!("{location}/Bucket")), at(&format!("{location}/Key"))) {
        (Some(bucket), Some(key)) => Ok((name, Place::Location(renderer.text(bucket)?, renderer.text(key)?))),
        _ => Err(missing("a definition or its place in S3")),
    }
}

/// What the assembly is at fault for.
pub(super) fn damaged(error: pipewright_assembly::Error) -> Error {
    Error::new(Kind::Assembly, error.to_string()).hint("run `cargo xtask synth` again").caused_by(error)
}
