//! Who hears of executions: a topic with its key and its readers, rules that send to it, and alarms.

use pipewright_cloudformation::cloudwatch::{
    Alarm as AlarmResource,
    alarm::{ComparisonOperator, Dimension, Statistic, TreatMissingData},
};
use pipewright_cloudformation::events::{
    Rule,
    rule::{InputTransformer, Target},
};
use pipewright_cloudformation::{Handle, Tag, Template, Value, sns};
use pipewright_model::{Environment, Problem};
use serde_json::json;

use crate::attached::{Notify, Outcome};
use crate::infrastructure::policy;
use crate::key::{self, SENDERS};
use crate::logical_id::{hash, logical_id};
use crate::pipelines::{PipelineInput, StackInput};
use crate::starts::pipeline_arns;

/// The most targets that a rule has.
const TARGETS: usize = 5;

/// How many characters of ARNs one rule is given. A pattern may have 2,048, and placeholders may be shorter than what they
/// stand for.
const PATTERN_ROOM: usize = 1_500;

/// Adds topics, rules and alarms.
pub(crate) fn add(template: &mut Template, environment: &Environment, stack: &StackInput<'_>) {
    let adder = Adder { environment, stack };
    let is_shared = |input: &&PipelineInput<'_>| input.attached.notify == Notify::Shared;
    let shared: Vec<&PipelineInput<'_>> = stack.pipelines.iter().filter(is_shared).collect();
    let to = if shared.is_empty() { &[] } else { stack.notifications.to.as_slice() };
    let topics = adder.audience(template, "", to);
    if !topics.is_empty() {
        for (index, part) in parts(environment, &shared).into_iter().enumerate() {
            template.add(format!("notifyrule{}", index + 1), adder.rule(&part, &topics));
        }
    }
    for input in stack.pipelines {
        let own = match &input.attached.notify {
            Notify::Shared => None,
            Notify::Own(to) => {
                let id = logical_id(input.name);
                let topics = adder.audience(template, &id, to);
                if !topics.is_empty() {
                    template.add(format!("notify{id}"), adder.rule(&[input], &topics));
                }
                Some(topics)
            }
        };
        adder.alarm(template, input, own.as_ref().unwrap_or(&topics));
    }
}

/// What is wrong with recipients and alarms.
pub(crate) fn problems(environment: &Environment, stack: &StackInput<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let region = environment.region.as_deref();
    recipients(region, "notifications.to", &stack.notifications.to, &mut problems);
    for input in stack.pipelines {
        if let Notify::Own(to) = &input.attached.notify {
            recipients(region, &format!("pipelines.{}.notify", input.name), to, &mut problems);
        }
        if let Some(alarm) = input.attached.alarm {
            let path = format!("pipelines.{}.alarm", input.name);
            if !(1..=1440).contains(&alarm.period_minutes) {
                problems.push(
                    Problem::error(
                        "alarm/period",
                        format!("{path}.period_minutes"),
                        "CloudWatch does not count so long",
                    )
                    .value(alarm.period_minutes.to_string())
                    .limit("1 to 1440 minutes"),
                );
            }
            if alarm.threshold == 0 {
                problems.push(
                    Problem::error(
                        "alarm/threshold",
                        format!("{path}.threshold"),
                        "the alarm would never end",
                    )
                    .value("0")
                    .limit("at least 1 failure"),
                );
            }
        }
    }
    problems
}

fn recipients(region: Option<&str>, path: &str, to: &[String], problems: &mut Vec<Problem>) {
    for (index, recipient) in to.iter().enumerate() {
        if !is_mail(recipient) && !is_topic(recipient) {
            let message = format!("{recipient:?} is neither a mail address nor the ARN of an SNS topic");
            problems.push(
                Problem::error("notify/recipient", format!("{path}[{index}]"), message).value(recipient),
            );
        }
    }
    for (index, topic) in to.iter().enumerate().filter(|(_, to)| is_topic(to)) {
        let there = topic.split(':').nth(3);
        if region.is_some() && there != region {
            let message = format!("topic {topic:?} is in another region than what sends to it");
            problems.push(
                Problem::error("notify/recipient", format!("{path}[{index}]"), message)
                    .value(topic)
                    .limit(format!("a topic in {}", region.unwrap_or_default())),
            );
        }
    }
    let topics = to.iter().filter(|to| is_topic(to)).count() + usize::from(to.iter().any(|to| is_mail(to)));
    if topics > TARGETS {
        problems.push(
            Problem::error("notify/recipient", path, "there are too many topics for one rule")
                .value(format!("{topics} topics"))
                .limit(format!("{TARGETS}; all mail addresses together count as one"))
                .help("subscribe some of them to one of the others"),
        );
    }
}

fn is_mail(text: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    text.len() <= 256
        && text
            .split_once('@')
            .is_some_and(|(name, host)| is_plain(name) && is_plain(host) && !host.contains('@'))
}

fn is_topic(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else { return false };
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "sns"
        && !region.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The pipelines in groups whose ARNs fit into one pattern.
fn parts<'p>(
    environment: &Environment,
    pipelines: &[&'p PipelineInput<'p>],
) -> Vec<Vec<&'p PipelineInput<'p>>> {
    let mut parts: Vec<Vec<&PipelineInput<'_>>> = Vec::new();
    let mut room = 0;
    for input in pipelines {
        let size = json!(pipeline_arns(environment, input.name)).to_string().len();
        match parts.last_mut() {
            Some(part) if size <= room => {
                part.push(input);
                room -= size;
            }
            _ => {
                parts.push(vec![input]);
                room = PATTERN_ROOM.saturating_sub(size);
            }
        }
    }
    parts
}

struct Adder<'a> {
    environment: &'a Environment,
    stack: &'a StackInput<'a>,
}

impl Adder<'_> {
    fn tags(&self) -> Vec<Tag> {
        self.stack.tags.iter().map(|(k, v)| Tag::new(k.as_str(), v.as_str())).collect()
    }

    /// The ARNs of the topics that reach these recipients: one for all mail addresses, which is made here.
    fn audience(&self, template: &mut Template, id: &str, to: &[String]) -> Vec<Value<String>> {
        let mut topics = Vec::new();
        let mut addresses: Vec<&String> = to.iter().filter(|to| is_mail(to)).collect();
        addresses.sort();
        addresses.dedup();
        if !addresses.is_empty() {
            let key = key::of_stack(template, self.environment, self.stack);
            let mut topic = sns::Topic::new()
                .display_name(format!("{} pipelines", self.environment.prefix))
                .kms_master_key_id(key);
            if !self.stack.tags.is_empty() {
                topic = topic.tags(self.tags());
            }
            let topic = template.add(format!("topic{id}"), topic);
            template.add(format!("topicpolicy{id}"), self.topic_policy(&topic));
            for address in addresses {
                let subscription =
                    sns::Subscription::new("email", topic.topic_arn()).endpoint(address.as_str());
                template.add(format!("subscription{}{id}", hash(address)), subscription);
            }
            topics.push(topic.topic_arn().cast());
        }
        let mut others: Vec<&String> = to.iter().filter(|to| is_topic(to)).collect();
        others.sort();
        others.dedup();
        topics.extend(others.into_iter().map(|arn| Value::from(arn.as_str())));
        topics
    }

    /// TLS only; nobody publishes but the two services, for this account.
    fn topic_policy(&self, topic: &Handle<sns::Topic>) -> sns::TopicPolicy {
        let statements = [
            json!({
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": topic.topic_arn(),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }),
            json!({
                "Sid": "Senders",
                "Effect": "Allow",
                "Principal": {"Service": SENDERS},
                "Action": "sns:Publish",
                "Resource": topic.topic_arn(),
                "Condition": key::of_account(self.environment),
            }),
        ];
        let topics: [Value<String>; 1] = [topic.topic_arn().cast()];
        sns::TopicPolicy::new(policy(&statements), topics)
    }

    /// Sends what becomes of executions to the topics, in a sentence.
    fn rule(&self, pipelines: &[&PipelineInput<'_>], topics: &[Value<String>]) -> Rule {
        let arns: Vec<Value<String>> =
            pipelines.iter().flat_map(|input| pipeline_arns(self.environment, input.name)).collect();
        let mut on = self.stack.notifications.on.clone();
        on.sort_unstable();
        on.dedup();
        let on: Vec<&str> = on.into_iter().map(Outcome::as_str).collect();
        let targets = topics.iter().enumerate().map(|(index, topic)| {
            let said = InputTransformer::new("\"<status>: <execution>, <time>\"").input_paths_map([
                ("execution", "$.detail.pipelineExecutionArn"),
                ("status", "$.detail.currentPipelineExecutionStatus"),
                ("time", "$.time"),
            ]);
            Target::new(topic.clone(), format!("topic{}", index + 1)).input_transformer(said)
        });
        let rule = Rule::new()
            .description("Tells what became of executions")
            .event_pattern(json!({
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
                "detail": {"currentPipelineExecutionStatus": on, "pipelineArn": arns},
            }))
            .targets(targets.collect::<Vec<_>>());
        if self.stack.tags.is_empty() { rule } else { rule.tags(self.tags()) }
    }

    /// The alarm of a pipeline that asks for one.
    fn alarm(&self, template: &mut Template, input: &PipelineInput<'_>, topics: &[Value<String>]) {
        let Some(settings) = input.attached.alarm else { return };
        let mut alarm = AlarmResource::new()
            .alarm_name(format!("{}-{}-failed", self.environment.prefix, input.name))
            .alarm_description(format!("Executions of pipeline {} failed", input.name))
            // SageMaker's own spelling.
            .namespace("AWS/Sagemaker/ModelBuildingPipeline")
            .metric_name("ExecutionFailed")
            .dimensions([Dimension::new("PipelineName", input.name)])
            .statistic(Statistic::SUM)
            .period(i64::from(settings.period_minutes) * 60)
            .evaluation_periods(1)
            .threshold(f64::from(settings.threshold))
            .comparison_operator(ComparisonOperator::GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
            .treat_missing_data(TreatMissingData::NOT_BREACHING);
        if !topics.is_empty() {
            alarm = alarm.alarm_actions(topics.to_vec());
        }
        if !input.tags.is_empty() {
            let tags: Vec<Tag> = input.tags.iter().map(|(k, v)| Tag::new(k.as_str(), v.as_str())).collect();
            alarm = alarm.tags(tags);
        }
        template.add(format!("alarm{}", logical_id(input.name)), alarm);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_addresses_or_topics() {
        for mail in ["a@b", "ada.l+x@example.com"] {
            assert!(is_mail(mail) && !is_topic(mail), "{mail}");
        }
        let topic = "arn:aws:sns:eu-west-1:123456789012:ops";
        assert!(is_topic(topic) && !is_mail(topic));
        for wrong in
            ["", "@", "a@", "@b", "a b@c", "a@b@c", "arn:aws:sqs:eu-west-1:123456789012:q", "arn:aws:sns:x"]
        {
            assert!(!is_mail(wrong) && !is_topic(wrong), "{wrong}");
        }
    }
}
