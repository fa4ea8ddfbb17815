//! What starts a pipeline: schedules and event rules, the roles they do it with, and the queue of failed starts.

mod arguments;
mod event;
mod expression;
mod schedule;

use pipewright_cloudformation::intrinsic::sub;
use pipewright_cloudformation::{Handle, Tag, Template, Untyped, Value, iam, sqs};
use pipewright_model::{Deploy, Environment, Problem};
use serde_json::{Value as Json, json};

use crate::infrastructure::{Roles, policy, trust, with_limits};
use crate::key;
use crate::logical_id::{logical_id, lower_id};
use crate::pipelines::{PipelineInput, StackInput};

/// How long a failed start is kept, in seconds: fourteen days, the longest there is.
const KEPT_SECONDS: i64 = 1_209_600;

/// The longest name of a schedule or an event.
const NAME_LIMIT: usize = 32;

/// Adds all that starts the pipeline.
///
/// Ids begin with a word in lower case and end with the pipeline's: `schedulenightlyAbalone`.
pub(crate) fn add(
    template: &mut Template,
    environment: &Environment,
    stack: &StackInput<'_>,
    input: &PipelineInput<'_>,
) {
    let attached = input.attached;
    if attached.schedules.is_empty() && attached.events.is_empty() {
        return;
    }
    let start = Start { environment, input, limits: stack.limits };
    let queue = attached.dead_letters.then(|| {
        let key = key::of_stack(template, environment, stack);
        let queue = template.add(start.id("deadletters"), start.queue(&key));
        (queue, key)
    });
    if !attached.schedules.is_empty() {
        let role = start.role("scheduler.amazonaws.com", "on schedule", queue.as_ref());
        let role = template.add(start.id("rolebyschedule"), role);
        for item in &attached.schedules {
            let resource = schedule::resource(&start, item, &role, queue.as_ref().map(|(queue, _)| queue));
            template.add(start.named_id("schedule", &item.name), resource);
        }
    }
    let mut rules = Vec::new();
    if !attached.events.is_empty() {
        // EventBridge sends to the queue by the queue's own policy.
        let role = start.role("events.amazonaws.com", "on events", None);
        let role = template.add(start.id("rolebyevent"), role);
        for item in &attached.events {
            let resource = event::resource(&start, item, &role, queue.as_ref().map(|(queue, _)| queue));
            rules.push(template.add(start.named_id("event", &item.name), resource).arn().cast());
        }
    }
    if let Some((queue, _)) = &queue {
        template.add(start.id("deadletterspolicy"), Start::queue_policy(queue, &rules));
    }
}

/// What is wrong with what starts the pipeline.
pub(crate) fn problems(environment: &Environment, input: &PipelineInput<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let schedules = input.attached.schedules.iter().map(|schedule| schedule.name.as_str());
    let events = input.attached.events.iter().map(|event| event.name.as_str());
    names(input.name, "schedules", schedules, &mut problems);
    names(input.name, "events", events, &mut problems);
    for (index, item) in input.attached.schedules.iter().enumerate() {
        let path = format!("pipelines.{}.schedules[{index}]", input.name);
        schedule::problems(input, &path, item, &mut problems);
    }
    for (index, item) in input.attached.events.iter().enumerate() {
        let path = format!("pipelines.{}.events[{index}]", input.name);
        event::problems(environment, input, &path, item, &mut problems);
    }
    problems
}

fn names<'n>(pipeline: &str, key: &str, names: impl Iterator<Item = &'n str>, problems: &mut Vec<Problem>) {
    let mut seen = std::collections::BTreeSet::new();
    for (index, name) in names.enumerate() {
        let path = format!("pipelines.{pipeline}.{key}[{index}].name");
        if !is_name(name) {
            problems.push(
                Problem::error(
                    "starts/name",
                    path,
                    format!("{name:?} can't be the name of one of the {key}"),
                )
                .value(name)
                .limit(format!(
                    "up to {NAME_LIMIT} lower-case letters, digits and single hyphens, a letter first"
                )),
            );
        } else if !seen.insert(name) {
            let message = format!("two of the {key} of pipeline {pipeline:?} have the name {name:?}");
            problems.push(Problem::error("starts/name", path, message).help("give each a name of its own"));
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_LIMIT
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// What all that starts one pipeline has in common.
struct Start<'s> {
    environment: &'s Environment,
    input: &'s PipelineInput<'s>,
    limits: &'s Roles,
}

impl Start<'_> {
    fn id(&self, word: &str) -> String {
        format!("{word}{}", logical_id(self.input.name))
    }

    fn named_id(&self, word: &str, name: &str) -> String {
        format!("{word}{}{}", lower_id(name), logical_id(self.input.name))
    }

    /// The pipeline's ARN, for `Fn::Sub`.
    fn arn(&self) -> String {
        pipeline_arn(self.environment, self.input.name)
    }

    fn tags(&self) -> Vec<Tag> {
        self.input.tags.iter().map(|(k, v)| Tag::new(k.as_str(), v.as_str())).collect()
    }

    /// A role that starts this pipeline and does nothing else.
    fn role(
        &self,
        service: &str,
        when: &str,
        queue: Option<&(Handle<sqs::Queue>, Value<String>)>,
    ) -> iam::Role {
        let mut statements = vec![json!({
            "Sid": "StartPipeline",
            "Effect": "Allow",
            "Action": "sagemaker:StartPipelineExecution",
            "Resource": pipeline_arns(self.environment, self.input.name),
        })];
        if let Some((queue, key)) = queue {
            statements.push(json!({
                "Sid": "EncryptFailedStarts",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": key,
            }));
            statements.push(json!({
                "Sid": "KeepFailedStarts",
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Resource": queue.arn(),
            }));
        }
        let account = self.environment.text(&Deploy::Account, self.input.name);
        let mut role = iam::Role::new(trust(service, &account))
            .description(format!("Starts pipeline {} {when}", self.input.name))
            .policies([iam::role::Policy::new(policy(&statements), "start")]);
        if !self.input.tags.is_empty() {
            role = role.tags(self.tags());
        }
        with_limits(role, self.limits)
    }

    fn queue(&self, key: &Value<String>) -> sqs::Queue {
        let queue = sqs::Queue::new().kms_master_key_id(key.clone()).message_retention_period(KEPT_SECONDS);
        if self.input.tags.is_empty() { queue } else { queue.tags(self.tags()) }
    }

    /// TLS only, and `EventBridge` may send on behalf of the pipeline's rules.
    fn queue_policy(queue: &Handle<sqs::Queue>, rules: &[Value<String>]) -> Untyped {
        let mut statements = vec![json!({
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue.arn(),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        })];
        if !rules.is_empty() {
            statements.push(json!({
                "Sid": "KeepFailedStarts",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue.arn(),
                "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
            }));
        }
        let queues: Json = json!([queue.reference()]);
        Untyped::new("AWS::SQS::QueuePolicy")
            .property("Queues", queues)
            .property("PolicyDocument", policy(&statements))
    }
}

/// A pipeline's ARN, for `Fn::Sub`.
pub(crate) fn pipeline_arn(environment: &Environment, name: &str) -> String {
    let text = |deploy| environment.text(&deploy, name);
    let (partition, region) = (text(Deploy::Partition), text(Deploy::Region));
    format!("arn:{partition}:sagemaker:{region}:{}:pipeline/{name}", text(Deploy::Account))
}

/// The ARNs under which a pipeline may turn up: SageMaker writes names in lower case in some.
pub(crate) fn pipeline_arns(environment: &Environment, name: &str) -> Vec<Value<String>> {
    let mut names = vec![name.to_owned()];
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        names.push(name.to_ascii_lowercase());
    }
    names.iter().map(|name| sub(pipeline_arn(environment, name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_make_ids() {
        for name in ["a", "nightly", "every-2h", "a1-b2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "A", "1a", "-a", "a-", "a--b", "a_b", "ä", &"a".repeat(33)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
