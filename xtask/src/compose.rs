//! Answers become an assembly: stacks around the definitions, and everything that is written.

use std::collections::BTreeMap;

use pipewright_assembly as assembly;
use pipewright_model::code::{AssetSource, CodeAsset};
use pipewright_model::deploy::{Deploy, Environment, Substitution};
use pipewright_model::protocol::PipelineAnswer;
use pipewright_model::{Permission, Problem};
use pipewright_stacks::{
    InfrastructureStack, PipelineInput, PipelinesStack, RoleInput, StoredDefinition, bucket_name,
    infrastructure_stack, pipelines_stack, use_of_key,
};

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
    let Settings { environment, tags, infrastructure } = settings;
    let definitions: Vec<String> = pipelines
        .iter()
        .map(|found| found.answer.definition.as_ref().map(ToString::to_string).unwrap_or_default())
        .collect();
    let tags: Vec<BTreeMap<String, String>> =
        pipelines.iter().map(|found| merged(tags, &found.answer.tags)).collect();
    let allowed: Vec<Vec<Permission>> =
        pipelines.iter().map(|found| permissions(settings, &found.answer)).collect();
    let inputs: Vec<PipelineInput<'_>> = pipelines
        .iter()
        .zip(&definitions)
        .zip(&tags)
        .zip(&allowed)
        .map(|(((found, definition), tags), allowed)| {
            // Where one role is given for all, there is none to make.
            let role = environment
                .role_arn
                .is_none()
                .then_some(RoleInput { permissions: allowed, limits: &infrastructure.roles });
            input(&found.answer, definition, tags, role)
        })
        .collect();
    let below = match foundation(settings) {
        Ok(below) => below,
        Err(problems) => {
            return Err(problems.into_iter().map(|problem| Report::new(problem.into())).collect());
        }
    };
    reports.extend(below.iter().flat_map(|stack| &stack.warnings).map(|p| Report::new(p.clone().into())));
    let stack = match pipelines_stack(environment, &inputs) {
        Ok(stack) => stack,
        Err(problems) => {
            return Err(problems.into_iter().map(|problem| Report::new(problem.into())).collect());
        }
    };
    reports.extend(stack.warnings.iter().map(|problem| Report::new(problem.clone().into())));

    let written = pipelines
        .iter()
        .zip(tags)
        .zip(allowed)
        .map(|((found, tags), allowed)| pipeline(&found.answer, tags, allowed, &stack.stored));
    let contents = assembly::Contents {
        target: target(environment),
        partial,
        pipelines: written.collect(),
        stacks: stacks(settings, below.as_ref(), &stack, pipelines),
    };
    Ok(Composed { contents, sizes: definitions.iter().map(String::len).collect() })
}

/// The stack that the pipelines stand on; `None` where nothing is to be made.
fn foundation(settings: &Settings) -> Result<Option<InfrastructureStack>, Vec<Problem>> {
    let Settings { environment, infrastructure, .. } = settings;
    if infrastructure.is_empty() {
        return Ok(None);
    }
    infrastructure_stack(environment, infrastructure).map(Some)
}

/// What a pipeline's role is allowed: what its graph needs, and what the infrastructure adds to that.
pub(crate) fn permissions(settings: &Settings, answer: &PipelineAnswer) -> Vec<Permission> {
    let mut permissions = answer.permissions.clone();
    permissions.extend(use_of_key(&settings.environment, &settings.infrastructure, &permissions));
    permissions.sort_by(|a, b| a.sid.cmp(&b.sid));
    permissions
}

fn stacks(
    settings: &Settings,
    below: Option<&InfrastructureStack>,
    stack: &PipelinesStack,
    pipelines: &[Found<'_>],
) -> Vec<assembly::Stack> {
    let mut stacks: Vec<assembly::Stack> = below
        .map(|below| assembly::Stack {
            name: below.name.clone(),
            template: below.text.clone(),
            tags: settings.tags.clone(),
            ..assembly::Stack::default()
        })
        .into_iter()
        .collect();
    let depends_on = stacks.iter().map(|stack| stack.name.clone()).collect();
    stacks.push(assembly::Stack { depends_on, ..assembly_stack(settings, stack, pipelines) });
    stacks
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
    role: Option<RoleInput<'p>>,
) -> PipelineInput<'p> {
    PipelineInput {
        name: &answer.name,
        display_name: answer.display_name.as_deref(),
        description: &answer.description,
        role_arn: &answer.role_arn,
        role,
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
                    AssetSource::Archive { path } => {
                        assembly::Source::Archive { root, path: path.to_string() }
                    }
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
        template: stack.text.clone(),
        tags: settings.tags.clone(),
        depends_on: Vec::new(),
        assets,
    }
}

fn pipeline(
    answer: &PipelineAnswer,
    tags: BTreeMap<String, String>,
    allowed: Vec<Permission>,
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
        permissions: allowed.into_iter().map(permission).collect(),
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

fn permission(permission: Permission) -> assembly::PermissionRecord {
    let Permission { sid, actions, resources, conditions, steps } = permission;
    assembly::PermissionRecord { sid, actions, resources, conditions, steps }
}

fn substitution(substitution: &Substitution) -> assembly::SubstitutionRecord {
    match substitution.clone() {
        Substitution::Mapping { map } => assembly::SubstitutionRecord::Mapping { map },
        Substitution::Ssm { parameter } => assembly::SubstitutionRecord::Ssm { parameter },
    }
}
