//! A pipeline with what the settings say of it: as its stack takes it, and as the assembly records it.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_assembly as assembly;
use pipewright_model::deploy::Substitution;
use pipewright_model::{Permission, Problem};
use pipewright_stacks::{PipelineInput, RoleInput, StoredDefinition, model_package_groups};

use super::{permissions, stack_name};
use crate::answers::Found;
use crate::settings::{PipelineSettings, Settings};

/// A pipeline, with all that its stack is made of.
pub(super) struct Prepared<'p> {
    pub(super) found: &'p Found<'p>,
    pub(super) settings: PipelineSettings,
    pub(super) definition: String,
    tags: BTreeMap<String, String>,
    /// What its graph needs.
    allowed: Vec<Permission>,
}

impl<'p> Prepared<'p> {
    pub(super) fn of(settings: &Settings, found: &'p Found<'p>) -> Self {
        let Found { answer, .. } = found;
        let of = settings.pipeline(&answer.name);
        Self {
            found,
            definition: answer.definition.as_ref().map(ToString::to_string).unwrap_or_default(),
            tags: merged(&merged(&settings.tags, &answer.tags), &of.tags),
            allowed: permissions(settings, answer),
            settings: of,
        }
    }

    fn display_name(&self) -> Option<&str> {
        self.settings.display_name.as_deref().or(self.found.answer.display_name.as_deref())
    }

    fn parallelism(&self) -> Option<u32> {
        self.settings.parallelism.or(self.found.answer.parallelism)
    }

    /// Permissions by hand have no role to go to where one is given for all.
    pub(super) fn without_role(&self, settings: &Settings) -> Option<Problem> {
        let name = &self.found.answer.name;
        (settings.environment.role_arn.is_some() && !self.settings.added.is_empty()).then(|| {
            let message = format!(
                "role_arn gives pipeline {name:?} its role, which is not made here and can't be allowed more"
            );
            Problem::error("permissions/added", format!("pipelines.{name}.permissions"), message)
                .help("allow it where that role is made, or leave out role_arn")
        })
    }

    /// The model package groups that are to be there for it and that nobody else makes.
    pub(super) fn groups(&self) -> (BTreeSet<String>, Vec<Problem>) {
        let answer = &self.found.answer;
        let Some(definition) = answer.definition.as_ref().filter(|_| self.settings.makes_groups) else {
            return (BTreeSet::new(), Vec::new());
        };
        let (mut groups, warnings) = model_package_groups(&answer.name, definition);
        groups.retain(|group| !self.settings.external_groups.contains(group));
        (groups, warnings)
    }

    pub(super) fn input<'i>(&'i self, settings: &'i Settings) -> PipelineInput<'i> {
        let answer = &self.found.answer;
        PipelineInput {
            name: &answer.name,
            display_name: self.display_name(),
            description: &answer.description,
            role_arn: &answer.role_arn,
            // Where one role is given for all, there is none to make.
            role: settings.environment.role_arn.is_none().then_some(RoleInput {
                permissions: &self.allowed,
                added: &self.settings.added,
                limits: &settings.infrastructure.roles,
            }),
            definition: &self.definition,
            portable: answer.portable,
            substitutions: &answer.substitutions,
            parallelism: self.parallelism(),
            tags: &self.tags,
            parameters: &answer.parameters,
            attached: &self.settings.attached,
        }
    }
}

impl Prepared<'_> {
    /// What the assembly says of it.
    pub(super) fn written<'s>(
        &self,
        settings: &Settings,
        mut stored: impl Iterator<Item = &'s StoredDefinition>,
    ) -> assembly::Pipeline {
        let answer = &self.found.answer;
        let body = match stored.find(|stored| stored.pipeline == answer.name) {
            Some(stored) => assembly::BodyRecord::S3 { key: stored.key.clone() },
            None => assembly::BodyRecord::Inline,
        };
        let record = assembly::PipelineRecord {
            name: answer.name.clone(),
            stack: stack_name(settings, &self.settings),
            display_name: self.display_name().map(str::to_owned),
            description: answer.description.clone(),
            role_arn: answer.role_arn.clone(),
            parallelism: self.parallelism(),
            tags: self.tags.clone(),
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
            permissions: self
                .allowed
                .iter()
                .map(|allowed| permission(allowed.clone(), false))
                .chain(self.settings.added.iter().map(|added| permission(added.permission.clone(), true)))
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

fn permission(permission: Permission, by_hand: bool) -> assembly::PermissionRecord {
    let Permission { sid, actions, resources, conditions, steps } = permission;
    assembly::PermissionRecord { sid, actions, resources, conditions, steps, by_hand }
}

fn substitution(substitution: &Substitution) -> assembly::SubstitutionRecord {
    match substitution.clone() {
        Substitution::Mapping { map } => assembly::SubstitutionRecord::Mapping { map },
        Substitution::Ssm { parameter } => assembly::SubstitutionRecord::Ssm { parameter },
    }
}
