//! Answers become an assembly: stacks around the definitions, and everything that is written.

mod prepared;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipewright_assembly as assembly;
use pipewright_model::code::AssetSource;
use pipewright_model::deploy::{Deploy, Environment};
use pipewright_model::protocol::PipelineAnswer;
use pipewright_model::{Permission, Problem};
use pipewright_stacks::{
    InfrastructureStack, PipelineInput, PipelinesStack, StackInput, StoredDefinition, bucket_name,
    divided_groups, infrastructure_stack, pipelines_stack, use_of_key,
};

use self::prepared::Prepared;
use crate::answers::Found;
use crate::report::Report;
use crate::settings::{PipelineSettings, Settings};

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
    let prepared: Vec<Prepared<'_>> = pipelines.iter().map(|found| Prepared::of(settings, found)).collect();
    let mut problems: Vec<Problem> =
        prepared.iter().filter_map(|pipeline| pipeline.without_role(settings)).collect();
    let below = foundation(settings).unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    let mut warnings: Vec<Problem> = below.iter().flat_map(|stack| stack.warnings.clone()).collect();
    let mut made = Vec::new();
    for (name, members, groups) in assigned(settings, &prepared, &mut warnings) {
        let inputs: Vec<PipelineInput<'_>> =
            members.iter().map(|pipeline| pipeline.input(settings)).collect();
        let input = StackInput {
            name: &name,
            pipelines: &inputs,
            groups: &groups,
            notifications: &settings.notifications,
            limits: &settings.infrastructure.roles,
            tags: &settings.tags,
        };
        match pipelines_stack(&settings.environment, &input) {
            Ok(stack) => {
                warnings.extend(stack.warnings.clone());
                made.push((stack, members));
            }
            Err(found) => problems.extend(found),
        }
    }
    // What is wrong with notifications is wrong in each stack.
    let mut errors: Vec<Report> = Vec::new();
    for report in problems.into_iter().map(|problem| settings.report(problem)) {
        if !errors.contains(&report) {
            errors.push(report);
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    reports.extend(warnings.into_iter().map(|problem| settings.report(problem)));

    let written = prepared.iter().map(|pipeline| {
        let stored = made.iter().flat_map(|(stack, _)| &stack.stored);
        pipeline.written(settings, stored)
    });
    let contents = assembly::Contents {
        target: target(&settings.environment),
        partial,
        pipelines: written.collect(),
        stacks: stacks(settings, below.as_ref(), &made),
    };
    Ok(Composed { contents, sizes: prepared.iter().map(|pipeline| pipeline.definition.len()).collect() })
}

/// The name of the stack that a pipeline is in.
fn stack_name(settings: &Settings, of: &PipelineSettings) -> String {
    format!("{}-{}", settings.environment.prefix, of.stack)
}

/// The stacks by name, each with its pipelines and the model package groups that it makes. There is one even without any
/// pipeline.
fn assigned<'p>(
    settings: &Settings,
    pipelines: &'p [Prepared<'p>],
    warnings: &mut Vec<Problem>,
) -> Vec<(String, Vec<&'p Prepared<'p>>, BTreeSet<String>)> {
    let mut stacks: BTreeMap<String, Vec<&Prepared<'_>>> = BTreeMap::new();
    for pipeline in pipelines {
        stacks.entry(stack_name(settings, &pipeline.settings)).or_default().push(pipeline);
    }
    if stacks.is_empty() {
        stacks.insert(stack_name(settings, &PipelineSettings::default()), Vec::new());
    }
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (stack, members) in &stacks {
        for pipeline in members {
            let (groups, found) = pipeline.groups();
            warnings.extend(found);
            used.entry(stack).or_default().extend(groups);
        }
    }
    let (mut made, found) = divided_groups(&used);
    warnings.extend(found);
    let groups: Vec<BTreeSet<String>> =
        stacks.keys().map(|name| made.remove(name.as_str()).unwrap_or_default()).collect();
    stacks.into_iter().zip(groups).map(|((name, members), groups)| (name, members, groups)).collect()
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

/// All stacks. Those of pipelines depend on the infrastructure alone, so they can be deployed at once.
fn stacks(
    settings: &Settings,
    below: Option<&InfrastructureStack>,
    made: &[(PipelinesStack, Vec<&Prepared<'_>>)],
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
    let depends_on: Vec<String> = stacks.iter().map(|stack| stack.name.clone()).collect();
    stacks.extend(made.iter().map(|(stack, members)| assembly::Stack {
        depends_on: depends_on.clone(),
        ..assembly_stack(settings, stack, members)
    }));
    stacks
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

/// Where an asset's content is; `root` is the folder of the pipeline's crate.
fn content(source: &AssetSource, root: &Path) -> assembly::Source {
    match source {
        AssetSource::File { path } => {
            assembly::Source::File { root: root.to_owned(), path: path.to_string() }
        }
        AssetSource::Folder { path } => {
            assembly::Source::Folder { root: root.to_owned(), path: path.to_string() }
        }
        AssetSource::Archive { path } => {
            assembly::Source::Archive { root: root.to_owned(), path: path.to_string() }
        }
        AssetSource::Text { text } => assembly::Source::Text(text.to_string()),
        AssetSource::Member { source, .. } => content(source, root),
    }
}

fn assembly_stack(settings: &Settings, stack: &PipelinesStack, members: &[&Prepared<'_>]) -> assembly::Stack {
    let environment = &settings.environment;
    let bucket = bucket_name(environment, &Deploy::SourceBucket);
    let mut assets = Vec::new();
    for Found { member, answer } in members.iter().map(|pipeline| pipeline.found) {
        for asset in &answer.assets {
            assets.push(assembly::Asset {
                pipeline: Some(answer.name.clone()),
                name: asset.name.to_string(),
                sha256: asset.sha256.to_string(),
                source: content(&asset.source, &member.folder),
                bucket: bucket.clone(),
                key: asset.key(&answer.name),
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
