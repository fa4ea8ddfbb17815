//! The pipelines stack.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_cloudformation::intrinsic::{sub, sub_with};
use pipewright_cloudformation::sagemaker::{self, pipeline};
use pipewright_cloudformation::{BODY_LIMIT, S3_LIMIT, Tag, Template, Value};
use pipewright_model::deploy::{Deploy, Resolved, Substitution};
use pipewright_model::protocol::ParameterAnswer;
use pipewright_model::{Environment, Problem, Severity};
use sha2::{Digest as _, Sha256};

use crate::attached::{Attached, Notifications};
use crate::groups;
use crate::infrastructure::Roles;
use crate::logical_id::logical_id;
use crate::notifications;
use crate::placement::{Candidate, place};
use crate::problem;
use crate::role::{self, RoleInput};
use crate::starts;
use crate::substitutions::{ACCOUNT, used, variables};
use crate::text::{compact, fitting};

/// The greatest length of a definition, in characters.
///
/// [Quotas of SageMaker Pipelines](https://docs.aws.amazon.com/general/latest/gr/sagemaker.html)
pub const DEFINITION_LIMIT: usize = 1_048_576;

/// A pipeline as it goes into the stack.
#[derive(Clone, Copy, Debug)]
pub struct PipelineInput<'p> {
    /// Its name.
    pub name: &'p str,
    /// The name that Studio shows.
    pub display_name: Option<&'p str>,
    /// What it is for; may be empty.
    pub description: &'p str,
    /// The role it runs under; may hold placeholders of CloudFormation's own.
    pub role_arn: &'p str,
    /// The role itself, where the stack makes it.
    pub role: Option<RoleInput<'p>>,
    /// The definition, compact.
    pub definition: &'p str,
    /// Whether the definition is written for `Fn::Sub`: `${NAME}` stands for a value and `${!` for `${`.
    pub portable: bool,
    /// What the placeholders stand for that CloudFormation does not know by itself.
    pub substitutions: &'p BTreeMap<String, Substitution>,
    /// How many steps may run at once.
    pub parallelism: Option<u32>,
    /// Tags of the pipeline and of all that is made for it.
    pub tags: &'p BTreeMap<String, String>,
    /// Its run-time parameters.
    pub parameters: &'p [ParameterAnswer],
    /// What starts it, and who hears of its end.
    pub attached: &'p Attached,
}

/// A stack of pipelines before it is one.
#[derive(Clone, Copy, Debug)]
pub struct StackInput<'s> {
    /// Its name, such as `PREFIX-pipelines`.
    pub name: &'s str,
    /// The pipelines, in any order.
    pub pipelines: &'s [PipelineInput<'s>],
    /// The model package groups that it makes.
    pub groups: &'s BTreeSet<String>,
    /// Who hears of pipelines that say nothing else, and of what.
    pub notifications: &'s Notifications,
    /// Path and permissions boundary of the roles that start pipelines.
    pub limits: &'s Roles,
    /// Tags of what belongs to no single pipeline.
    pub tags: &'s BTreeMap<String, String>,
}

/// The stack of pipelines.
#[derive(Clone, Debug)]
pub struct PipelinesStack {
    /// Its name.
    pub name: String,
    /// The template.
    pub template: Template,
    /// Its text: without white space where only so it fits into a request.
    pub text: String,
    /// The definitions that are not in the template, to be put into the source bucket before it is deployed; sorted by
    /// pipeline.
    pub stored: Vec<StoredDefinition>,
    /// What deserves a look without being wrong.
    pub warnings: Vec<Problem>,
}

/// A definition that goes to S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDefinition {
    /// The pipeline's name.
    pub pipeline: String,
    /// SHA-256 of the text, lower-case hex.
    pub sha256: String,
    /// The key in the source bucket: `definitions/PIPELINE/SHA256.json`.
    pub key: String,
    /// The definition, compact.
    pub text: String,
}

/// The stack that holds these pipelines, in the order of their names.
///
/// A definition stands in the template, while that keeps within what a request may hold (51,200 bytes). Where it does
/// not, the largest definitions become files in the source bucket; those with placeholders can't, and the template
/// then goes through S3 and may have 1,000,000 bytes. A template that goes through S3 anyway keeps all that it can.
///
/// # Errors
/// Everything that is wrong: a definition that is too long, a template that is too large, one placeholder that stands for
/// two things, and what [`Template::check`] finds.
pub fn pipelines_stack(
    environment: &Environment,
    stack: &StackInput<'_>,
) -> Result<PipelinesStack, Vec<Problem>> {
    let mut pipelines = stack.pipelines.to_vec();
    pipelines.sort_by(|a, b| a.name.cmp(b.name));
    let mut problems: Vec<Problem> = pipelines.iter().filter_map(too_long).collect();
    problems.extend(pipelines.iter().flat_map(|input| role::problems(environment, input)));
    let mut wrong: Vec<Problem> =
        pipelines.iter().flat_map(|input| starts::problems(environment, input)).collect();
    wrong.extend(notifications::problems(environment, &StackInput { pipelines: &pipelines, ..*stack }));
    let nobody = Notifications::default();
    let mut notifications = stack.notifications;
    if !wrong.is_empty() {
        // Told once: the template's own check would find some of it again.
        for input in &mut pipelines {
            input.attached = Attached::NONE;
        }
        notifications = &nobody;
    }
    problems.extend(wrong);
    let stack = StackInput { pipelines: &pipelines, notifications, ..*stack };
    let (mappings, conflicts) = mappings(&pipelines);
    problems.extend(conflicts);
    let stored: Vec<StoredDefinition> = pipelines.iter().map(store).collect();

    let candidates: Vec<Candidate<'_>> = pipelines
        .iter()
        .map(|p| Candidate { name: p.name, size: p.definition.len(), movable: !p.portable })
        .collect();
    let builder = Builder { environment, stack: &stack, stored: &stored, mappings: &mappings };
    let size = |moved: &[bool]| builder.template(moved).size();
    let compact = |moved: &[bool]| compact(&builder.template(moved).text()).len();
    let placed = place(&candidates, BODY_LIMIT, size)
        .or_else(|| place(&candidates, BODY_LIMIT, compact))
        .or_else(|| place(&candidates, S3_LIMIT, size));
    let Some(moved) = placed else {
        problems.push(too_large(&builder, &candidates));
        return Err(problems);
    };
    let template = builder.template(&moved);
    problems.extend(template.check().iter().map(|problem| found_in_template(problem, &pipelines)));
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    let stored =
        stored.into_iter().zip(moved).filter(|(_, moved)| *moved).map(|(stored, _)| stored).collect();
    let name = stack.name.to_owned();
    Ok(PipelinesStack { name, text: fitting(&template), template, stored, warnings: problems })
}

/// The name of a bucket of the environment, [`Deploy::SourceBucket`] or [`Deploy::DataBucket`]. What is not known of it
/// stands there as `${AWS::AccountId}` and `${AWS::Region}`.
pub fn bucket_name(environment: &Environment, bucket: &Deploy) -> String {
    // A bucket's name depends on no region's tables: there is nothing that could be missing.
    let parts = environment.resolve(bucket, "").unwrap_or_default();
    parts
        .iter()
        .map(|part| match part {
            Resolved::Literal(text) => text.clone(),
            Resolved::Placeholder(name) => format!("${{{name}}}"),
        })
        .collect()
}

struct Builder<'b> {
    environment: &'b Environment,
    stack: &'b StackInput<'b>,
    stored: &'b [StoredDefinition],
    mappings: &'b BTreeMap<&'b str, &'b BTreeMap<String, String>>,
}

impl Builder<'_> {
    /// The template with some of the definitions in S3.
    fn template(&self, moved: &[bool]) -> Template {
        let mut template = Template::new(format!("SageMaker pipelines ({})", self.environment.prefix));
        for (name, map) in self.mappings {
            template.mapping(
                *name,
                map.iter().map(|(region, account)| (region.as_str(), [(ACCOUNT, account.as_str())])),
            );
        }
        let bucket = bucket_name(self.environment, &Deploy::SourceBucket);
        for ((input, stored), moved) in self.stack.pipelines.iter().zip(self.stored).zip(moved) {
            let definition = if *moved {
                let location = pipeline::S3Location::new(sub(&*bucket), stored.key.as_str());
                pipeline::PipelineDefinition::pipeline_definition_s3_location(location)
            } else {
                pipeline::PipelineDefinition::pipeline_definition_body(body(input))
            };
            let mut pipeline = resource(input, definition);
            if let Some(role) = input.role {
                let ids = role::add(&mut template, self.environment, input, role);
                pipeline = ids.into_iter().fold(pipeline, pipewright_cloudformation::Resource::depends_on);
            }
            template.add(logical_id(input.name), pipeline);
            starts::add(&mut template, self.environment, self.stack, input);
        }
        groups::add(&mut template, self.stack.groups, self.stack.tags);
        notifications::add(&mut template, self.environment, self.stack);
        template
    }
}

fn resource(
    input: &PipelineInput<'_>,
    definition: impl Into<Value<pipeline::PipelineDefinition>>,
) -> sagemaker::Pipeline {
    let PipelineInput { name, display_name, description, role_arn, parallelism, tags, .. } = *input;
    // Nothing in an ARN could be taken for a placeholder that is none.
    let mut resource = sagemaker::Pipeline::new(definition, name, sub(role_arn));
    if let Some(display_name) = display_name {
        resource = resource.pipeline_display_name(display_name);
    }
    if !description.is_empty() {
        resource = resource.pipeline_description(description);
    }
    if let Some(parallelism) = parallelism {
        let configuration = pipeline::ParallelismConfiguration::new(i64::from(parallelism));
        resource = resource.parallelism_configuration(configuration);
    }
    if !tags.is_empty() {
        let tags: Vec<Tag> = tags.iter().map(|(key, value)| Tag::new(key.as_str(), value.as_str())).collect();
        resource = resource.tags(tags);
    }
    resource
}

fn body(input: &PipelineInput<'_>) -> Value<String> {
    if !input.portable {
        return input.definition.into();
    }
    sub_with(input.definition, variables(input.definition, input.substitutions))
}

/// The mappings of all pipelines, and a problem for each name under which two of them know different tables.
fn mappings<'p>(
    pipelines: &[PipelineInput<'p>],
) -> (BTreeMap<&'p str, &'p BTreeMap<String, String>>, Vec<Problem>) {
    let mut mappings: BTreeMap<&str, (&str, &BTreeMap<String, String>)> = BTreeMap::new();
    let mut problems = Vec::new();
    for input in pipelines.iter().filter(|input| input.portable) {
        for (name, substitution) in used(input.definition, input.substitutions) {
            let Substitution::Mapping { map } = substitution else { continue };
            let (first, known) = mappings.entry(name).or_insert((input.name, map));
            if *known != map {
                let message = format!(
                    "pipelines {first:?} and {:?} have different accounts under the name {name:?}",
                    input.name
                );
                problems.push(
                    Problem::error("stack/mapping", name.as_str(), message)
                        .help("build both with one version of pipewright"),
                );
            }
        }
    }
    (mappings.into_iter().map(|(name, (_, map))| (name, map)).collect(), problems)
}

fn store(input: &PipelineInput<'_>) -> StoredDefinition {
    use std::fmt::Write as _;
    let mut sha256 = String::with_capacity(64);
    for byte in Sha256::digest(input.definition.as_bytes()) {
        // Writing to a String can't fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    StoredDefinition {
        pipeline: input.name.to_owned(),
        key: format!("definitions/{}/{sha256}.json", input.name),
        sha256,
        text: input.definition.to_owned(),
    }
}

fn too_long(input: &PipelineInput<'_>) -> Option<Problem> {
    let length = input.definition.chars().count();
    (length > DEFINITION_LIMIT).then(|| {
        let message = format!("the definition of pipeline {:?} is too long for SageMaker", input.name);
        Problem::error("stack/definition-size", input.name, message)
            .value(format!("{length} characters"))
            .limit(format!("{DEFINITION_LIMIT} characters"))
            .help("split it into several pipelines")
    })
}

fn too_large(builder: &Builder<'_>, candidates: &[Candidate<'_>]) -> Problem {
    let moved: Vec<bool> = candidates.iter().map(|candidate| candidate.movable).collect();
    let template = builder.template(&moved);
    let portable =
        candidates.iter().filter(|candidate| !candidate.movable).max_by_key(|candidate| candidate.size);
    let problem = Problem::error(
        "stack/template-size",
        "",
        format!("the template of stack {} is too large for CloudFormation", builder.stack.name),
    )
    .value(format!("{} bytes", template.size()))
    .limit(format!("{S3_LIMIT} bytes"));
    match portable {
        // With both known nothing is left to fill in, and definitions may become files.
        Some(largest) => problem.help(format!(
            "give the environment {:?} account and region in pipewright.toml: its definitions can then be stored in S3 (the largest is {:?} with {} bytes)",
            builder.environment.name, largest.name, largest.size
        )),
        None => problem.help("put some of its pipelines into another stack: [pipelines.NAME] stack = \"…\" in pipewright.toml"),
    }
}

fn found_in_template(
    problem: &pipewright_cloudformation::Problem,
    pipelines: &[PipelineInput<'_>],
) -> Problem {
    // Roles and their policies have the pipeline's id after a word in lower case.
    let id = problem.logical_id.trim_start_matches(|c: char| !c.is_ascii_uppercase());
    let pipeline = pipelines.iter().find(|input| logical_id(input.name) == id);
    let path = pipeline.map_or(problem.logical_id.as_str(), |input| input.name);
    problem::at(path, problem)
}
