//! Answers become an assembly: stacks around the definitions, and everything that is written.

use std::collections::BTreeMap;

use pipewright_assembly as assembly;
use pipewright_model::code::{AssetSource, CodeAsset};
use pipewright_model::deploy::{Deploy, Environment, Substitution};
use pipewright_model::protocol::PipelineAnswer;
use pipewright_stacks::{PipelineInput, PipelinesStack, StoredDefinition, bucket_name, pipelines_stack};

use crate::answers::Found;
use crate::report::Report;
use crate::settings::Settings;

/// What is to be written, and the size in bytes of each definition as it is deployed.
pub(crate) struct Composed {
    pub(crate) contents: assembly::Contents,
    pub(crate) sizes: Vec<usize>,
}

/// Puts together the assembly of these pipelines, every one of which has a definition.
///
/// Warnings go to `reports`.
///
/// # Errors
/// Everything that is wrong with the stack.
pub(crate) fn compose(
    settings: &Settings,
    pipelines: &[Found<'_>],
    partial: bool,
    reports: &mut Vec<Report>,
) -> Result<Composed, Vec<Report>> {
    let Settings { environment, tags } = settings;
    let definitions: Vec<String> = pipelines
        .iter()
        .map(|found| found.answer.definition.as_ref().map(ToString::to_string).unwrap_or_default())
        .collect();
    let tags: Vec<BTreeMap<String, String>> =
        pipelines.iter().map(|found| merged(tags, &found.answer.tags)).collect();
    let inputs: Vec<PipelineInput<'_>> = pipelines
        .iter()
        .zip(&definitions)
        .zip(&tags)
        .map(|((found, definition), tags)| input(&found.answer, definition, tags))
        .collect();
    let stack = match pipelines_stack(environment, &inputs) {
        Ok(stack) => stack,
        Err(problems) => {
            return Err(problems.into_iter().map(|problem| Report::new(problem.into())).collect());
        }
    };
    reports.extend(stack.warnings.iter().map(|problem| Report::new(problem.clone().into())));

    let written =
        pipelines.iter().zip(tags).map(|(found, tags)| pipeline(&found.answer, tags, &stack.stored));
    let contents = assembly::Contents {
        target: target(environment),
        partial,
        pipelines: written.collect(),
        stacks: vec![assembly_stack(settings, &stack, pipelines)],
    };
    Ok(Composed { contents, sizes: definitions.iter().map(String::len).collect() })
}

/// The tags of the workspace, over which those of the pipeline win.
fn merged(
    workspace: &BTreeMap<String, String>,
    pipeline: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut tags = workspace.clone();
    tags.extend(pipeline.clone());
    tags
}

fn input<'p>(
    answer: &'p PipelineAnswer,
    definition: &'p str,
    tags: &'p BTreeMap<String, String>,
) -> PipelineInput<'p> {
    PipelineInput {
        name: &answer.name,
        display_name: answer.display_name.as_deref(),
        description: &answer.description,
        role_arn: &answer.role_arn,
        definition,
        portable: answer.portable,
        substitutions: &answer.substitutions,
        parallelism: answer.parallelism,
        tags,
    }
}

fn target(environment: &Environment) -> assembly::Target {
    assembly::Target {
        environment: environment.name.clone(),
        prefix: environment.prefix.clone(),
        account: environment.account.clone(),
        region: environment.region.clone(),
        source_bucket: bucket_name(environment, &Deploy::SourceBucket),
        data_bucket: bucket_name(environment, &Deploy::DataBucket),
    }
}

fn assembly_stack(settings: &Settings, stack: &PipelinesStack, pipelines: &[Found<'_>]) -> assembly::Stack {
    let environment = &settings.environment;
    let bucket = bucket_name(environment, &Deploy::SourceBucket);
    let mut assets = Vec::new();
    for Found { member, answer } in pipelines {
        for CodeAsset { name, sha256, source } in &answer.assets {
            let root = member.folder.clone();
            assets.push(assembly::Asset {
                pipeline: Some(answer.name.clone()),
                name: name.to_string(),
                sha256: sha256.to_string(),
                source: match source {
                    AssetSource::File { path } => assembly::Source::File { root, path: path.to_string() },
                    AssetSource::Folder { path } => assembly::Source::Folder { root, path: path.to_string() },
                    AssetSource::Text { text } => assembly::Source::Text(text.to_string()),
                },
                bucket: bucket.clone(),
                key: format!("code/{}/{sha256}/{name}", answer.name),
                region: environment.region.clone(),
            });
        }
    }
    for StoredDefinition { pipeline, sha256, key, text } in &stack.stored {
        assets.push(assembly::Asset {
            pipeline: Some(pipeline.clone()),
            name: format!("{pipeline}.json"),
            sha256: sha256.clone(),
            source: assembly::Source::Text(text.clone()),
            bucket: bucket.clone(),
            key: key.clone(),
            region: environment.region.clone(),
        });
    }
    assembly::Stack {
        name: stack.name.clone(),
        template: stack.template.text(),
        tags: settings.tags.clone(),
        depends_on: Vec::new(),
        assets,
    }
}

fn pipeline(
    answer: &PipelineAnswer,
    tags: BTreeMap<String, String>,
    stored: &[StoredDefinition],
) -> assembly::Pipeline {
    let body = match stored.iter().find(|stored| stored.pipeline == answer.name) {
        Some(stored) => assembly::BodyRecord::S3 { key: stored.key.clone() },
        None => assembly::BodyRecord::Inline,
    };
    let record = assembly::PipelineRecord {
        name: answer.name.clone(),
        display_name: answer.display_name.clone(),
        description: answer.description.clone(),
        role_arn: answer.role_arn.clone(),
        parallelism: answer.parallelism,
        tags,
        body,
        portable: answer.portable,
        substitutions: answer
            .substitutions
            .iter()
            .map(|(name, value)| (name.clone(), substitution(value)))
            .collect(),
        parameters: answer
            .parameters
            .iter()
            .cloned()
            .map(|parameter| assembly::ParameterRecord {
                name: parameter.name,
                kind: parameter.kind,
                default: parameter.default,
                choices: parameter.choices,
                description: parameter.description,
            })
            .collect(),
        steps: answer
            .steps
            .iter()
            .cloned()
            .map(|step| assembly::StepRecord {
                name: step.name,
                kind: step.kind,
                parent: step.parent,
                depends_on: step.depends_on,
            })
            .collect(),
        assets: Vec::new(),
        config: answer
            .config
            .iter()
            .cloned()
            .map(|value| assembly::ConfigRecord {
                path: value.path,
                value: value.value,
                origin: value.origin,
            })
            .collect(),
    };
    assembly::Pipeline { record, definition: answer.definition.clone().unwrap_or_default() }
}

fn substitution(substitution: &Substitution) -> assembly::SubstitutionRecord {
    match substitution.clone() {
        Substitution::Mapping { map } => assembly::SubstitutionRecord::Mapping { map },
        Substitution::Ssm { parameter } => assembly::SubstitutionRecord::Ssm { parameter },
    }
}
