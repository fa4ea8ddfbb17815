//! A role of its own for each pipeline, with what its graph needs, and what was added by hand.

mod divide;

use std::collections::BTreeMap;

use pipewright_cloudformation::intrinsic::{sub, sub_with};
use pipewright_cloudformation::{Resource as _, Tag, Template, Value, iam};
use pipewright_model::permissions::Conditions;
use pipewright_model::{Deploy, Environment, Permission, Problem};
use serde_json::{Map, Value as Json, json};

use self::divide::Divided;
use crate::added::{self, Added};
use crate::infrastructure::{Roles, policy, trust, with_limits};
use crate::logical_id::logical_id;
use crate::pipelines::PipelineInput;
use crate::substitutions::variables;

/// The most characters that a role's name may have.
const NAME_LIMIT: usize = 64;

/// The key under which a role's metadata name the steps that need each statement.
const METADATA: &str = "Pipewright";

/// What a pipeline's own role is made of.
#[derive(Clone, Copy, Debug)]
pub struct RoleInput<'r> {
    /// What its graph needs.
    pub permissions: &'r [Permission],
    /// What it is allowed beside that, by hand.
    pub added: &'r [Added],
    /// Path and permissions boundary.
    pub limits: &'r Roles,
}

impl RoleInput<'_> {
    /// All that it is allowed.
    fn all(&self) -> Vec<Permission> {
        let added = self.added.iter().map(|added| added.permission.clone());
        self.permissions.iter().cloned().chain(added).collect()
    }

    /// For those who read the template: the steps that need each statement, and the statements that nobody's graph needs.
    fn metadata(&self, divided: &Divided) -> Json {
        let mut metadata = json!({ "Steps": steps(divided) });
        if !self.added.is_empty() {
            let reasons: BTreeMap<&str, &str> = self
                .added
                .iter()
                .map(|added| (added.permission.sid.as_str(), added.reason.as_deref().unwrap_or_default()))
                .collect();
            metadata["ByHand"] = json!(reasons);
        }
        metadata
    }
}

/// Adds the role, `role` and the pipeline's logical id, and gives the ids of all that the pipeline has to wait for. No
/// pipeline has such an id: theirs begin in upper case.
///
/// What does not fit into the role itself goes into policies beside it, `policy`, a number, and the pipeline's logical id.
pub(crate) fn add(
    template: &mut Template,
    environment: &Environment,
    input: &PipelineInput<'_>,
    role: RoleInput<'_>,
) -> Vec<String> {
    let divided = divide::divide(&role.all());
    let statements = |permissions: &[Permission]| {
        policy(&permissions.iter().map(|p| statement(p, input)).collect::<Vec<_>>())
    };
    let account = environment.text(&Deploy::Account, input.name);
    let mut resource = iam::Role::new(trust("sagemaker.amazonaws.com", &account))
        .role_name(environment.role_name(input.name))
        .description(format!("Runs pipeline {} and its jobs", input.name))
        .metadata(METADATA, role.metadata(&divided));
    if let Divided::Inside(permissions) = &divided
        && !permissions.is_empty()
    {
        resource = resource.policies([iam::role::Policy::new(statements(permissions), "graph")]);
    }
    if !input.tags.is_empty() {
        let tags: Vec<Tag> = input.tags.iter().map(|(k, v)| Tag::new(k.as_str(), v.as_str())).collect();
        resource = resource.tags(tags);
    }
    let pipeline = logical_id(input.name);
    let id = format!("role{pipeline}");
    let handle = template.add(&*id, with_limits(resource, role.limits));
    let mut ids = vec![id];
    if let Divided::Beside(documents) = &divided {
        for (index, permissions) in documents.iter().enumerate() {
            let beside = format!("policy{}{pipeline}", index + 1);
            let mut resource = iam::ManagedPolicy::new(statements(permissions)).roles([handle.reference()]);
            if let Some(path) = &role.limits.path {
                resource = resource.path(path.as_str());
            }
            template.add(&*beside, resource);
            ids.push(beside);
        }
    }
    ids
}

fn steps(divided: &Divided) -> BTreeMap<&str, &[String]> {
    divided.statements().map(|p| (p.sid.as_str(), p.steps.as_slice())).collect()
}

fn statement(permission: &Permission, input: &PipelineInput<'_>) -> Json {
    let Permission { sid, actions, resources, conditions, .. } = permission;
    let resources: Vec<Value<String>> = resources.iter().map(|text| filled_in(text, input)).collect();
    let mut statement = json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources});
    if !conditions.is_empty() {
        statement["Condition"] = condition(conditions, input);
    }
    statement
}

fn condition(conditions: &Conditions, input: &PipelineInput<'_>) -> Json {
    let operators = conditions.iter().map(|(operator, keys)| {
        let keys: Map<String, Json> = keys
            .iter()
            .map(|(key, values)| {
                let values: Vec<Value<String>> = values.iter().map(|text| filled_in(text, input)).collect();
                (key.clone(), json!(values))
            })
            .collect();
        (operator.clone(), Json::Object(keys))
    });
    Json::Object(operators.collect())
}

fn filled_in(text: &str, input: &PipelineInput<'_>) -> Value<String> {
    if text.contains("${") { sub_with(text, variables(text, input.substitutions)) } else { sub(text) }
}

/// What IAM would refuse.
pub(crate) fn problems(environment: &Environment, input: &PipelineInput<'_>) -> Vec<Problem> {
    let Some(role) = input.role else { return Vec::new() };
    let mut problems = added::problems(input.name, role.permissions, role.added);
    let name = environment.role_name(input.name);
    if name.chars().count() > NAME_LIMIT {
        let message = format!("the role of pipeline {:?} would have too long a name", input.name);
        problems.push(
            Problem::error("role/name", input.name, message)
                .value(name)
                .limit(format!("{NAME_LIMIT} characters"))
                .help("give the pipeline or the prefix a shorter name, or the environment a role_arn"),
        );
    }
    if let Some((value, limit)) = divide::divide(&role.all()).too_large() {
        let message = format!("the role of pipeline {:?} would be allowed too much for IAM", input.name);
        problems.push(Problem::error("role/size", input.name, message).value(value).limit(limit).help(
            "keep what it reads and writes below fewer prefixes, split it, or give the environment a role_arn",
        ));
    }
    problems
}
