//! A start by an event.

use pipewright_cloudformation::events::rule::{
    DeadLetterConfig, SageMakerPipelineParameter, SageMakerPipelineParameters, State, Target,
};
use pipewright_cloudformation::intrinsic::sub;
use pipewright_cloudformation::{Handle, Resource as _, Value, events, iam, sqs};
use pipewright_model::{Deploy, Environment, Problem};
use serde_json::{Value as Json, json};

use super::{Start, arguments};
use crate::attached::{Event, EventSource};
use crate::logical_id::logical_id;
use crate::pipelines::{PipelineInput, bucket_name};

/// The longest pattern of a rule, in characters.
const PATTERN_LIMIT: usize = 2048;

pub(super) fn resource(
    start: &Start<'_>,
    event: &Event,
    role: &Handle<iam::Role>,
    queue: Option<&Handle<sqs::Queue>>,
) -> events::Rule {
    let mut target = Target::new(sub(start.arn()), "pipeline").role_arn(role.arn());
    if !event.parameters.is_empty() {
        let parameters = event
            .parameters
            .iter()
            .map(|(name, value)| SageMakerPipelineParameter::new(name.as_str(), arguments::text(value)));
        target = target.sage_maker_pipeline_parameters(
            SageMakerPipelineParameters::new().pipeline_parameter_list(parameters.collect::<Vec<_>>()),
        );
    }
    if let Some(queue) = queue {
        target = target.dead_letter_config(DeadLetterConfig::new().arn(queue.arn()));
    }
    let state = if event.enabled { State::ENABLED } else { State::DISABLED };
    let resource = events::Rule::new()
        .description(format!("Starts pipeline {}: {}", start.input.name, event.name))
        .event_pattern(pattern(start.environment, &event.source))
        .state(state)
        .targets([target])
        .depends_on(logical_id(start.input.name));
    if start.input.tags.is_empty() { resource } else { resource.tags(start.tags()) }
}

/// The event pattern: for an object, what `EventBridge` gets from S3.
fn pattern(environment: &Environment, source: &EventSource) -> Json {
    let (bucket, prefix, suffix) = match source {
        EventSource::Pattern(pattern) => return pattern.clone(),
        EventSource::Object { bucket, prefix, suffix } => (bucket, prefix, suffix),
    };
    let bucket: Value<String> = match bucket {
        Some(name) => name.as_str().into(),
        None => sub(bucket_name(environment, &Deploy::DataBucket)),
    };
    let mut detail = json!({"bucket": {"name": [bucket]}});
    let key = match (prefix, suffix) {
        (None, None) => None,
        (Some(prefix), None) => Some(json!({"prefix": prefix})),
        (None, Some(suffix)) => Some(json!({"suffix": suffix})),
        // Two matchers in a list are alternatives; a wildcard demands both.
        (Some(prefix), Some(suffix)) => {
            Some(json!({"wildcard": format!("{}*{}", literal(prefix), literal(suffix))}))
        }
    };
    if let Some(key) = key {
        detail["object"] = json!({"key": [key]});
    }
    json!({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})
}

/// The text as it stands in a wildcard that matches just it.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*")
}

pub(super) fn problems(
    environment: &Environment,
    input: &PipelineInput<'_>,
    path: &str,
    event: &Event,
    problems: &mut Vec<Problem>,
) {
    match &event.source {
        EventSource::Pattern(pattern) => {
            if let Some(why) = wrong(pattern, true) {
                let message = format!("EventBridge takes no such pattern: {why}");
                problems.push(
                    Problem::error("starts/pattern", format!("{path}.pattern"), message)
                        .limit("source = [\"aws.s3\"]: lists of values or matchers, in tables"),
                );
            }
        }
        EventSource::Object { prefix, suffix, .. } => {
            for (key, text) in [("prefix", prefix), ("suffix", suffix)] {
                if text.as_deref() == Some("") {
                    let message = format!("an empty {key} is that of every key");
                    problems.push(
                        Problem::error("starts/pattern", format!("{path}.{key}"), message)
                            .help("leave it out"),
                    );
                }
            }
        }
    }
    let length = pattern(environment, &event.source).to_string().chars().count();
    if length > PATTERN_LIMIT {
        problems.push(
            Problem::error("starts/pattern", path, "what it waits for is too long for EventBridge")
                .value(format!("{length} characters"))
                .limit(format!("{PATTERN_LIMIT} characters")),
        );
    }
    arguments::problems(input, path, &event.parameters, true, problems);
}

/// Why this is no event pattern.
fn wrong(pattern: &Json, is_top: bool) -> Option<String> {
    match pattern {
        Json::Object(fields) if fields.is_empty() => Some("an empty table matches nothing".to_owned()),
        Json::Object(fields) => fields.iter().find_map(|(key, value)| match value {
            // Alternatives of whole patterns.
            Json::Array(items) if key == "$or" => items.iter().find_map(|item| wrong(item, false)),
            value => wrong(value, false).map(|why| if is_top { format!("{key}: {why}") } else { why }),
        }),
        Json::Array(items) if items.is_empty() => Some("an empty list matches nothing".to_owned()),
        Json::Array(_) if !is_top => None,
        other => Some(format!("{other} must be in a list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &Json, expected: Option<&str>) {
        assert_eq!(wrong(pattern, true).as_deref(), expected);
    }

    #[test]
    fn patterns_are_lists_in_tables() {
        check(&json!({"source": ["aws.s3"], "detail": {"a": [{"prefix": "x"}]}}), None);
        check(&json!({"$or": [{"a": ["b"]}, {"c": [1]}]}), None);
        check(&json!({}), Some("an empty table matches nothing"));
        check(&json!({"source": "aws.s3"}), Some("source: \"aws.s3\" must be in a list"));
        check(&json!({"detail": {"a": 1}}), Some("detail: 1 must be in a list"));
        check(&json!({"detail": {"a": []}}), Some("detail: an empty list matches nothing"));
        check(&json!({"$or": [{"a": "b"}]}), Some("\"b\" must be in a list"));
        check(&json!(["a"]), Some("[\"a\"] must be in a list"));
    }

    #[test]
    fn prefix_and_suffix_hold_together() {
        let object = |prefix: Option<&str>, suffix: Option<&str>| EventSource::Object {
            bucket: Some("b".into()),
            prefix: prefix.map(str::to_owned),
            suffix: suffix.map(str::to_owned),
        };
        for (prefix, suffix, expected) in [
            (None, None, json!(null)),
            (Some("in/"), None, json!([{"prefix": "in/"}])),
            (None, Some(".csv"), json!([{"suffix": ".csv"}])),
            (Some("in/*"), Some(".csv"), json!([{"wildcard": "in/\\**.csv"}])),
        ] {
            let pattern = pattern(&Environment::default(), &object(prefix, suffix));
            assert_eq!(pattern["detail"]["object"]["key"], expected);
            assert_eq!(pattern["detail"]["bucket"], json!({"name": ["b"]}));
        }
        let data = EventSource::Object { bucket: None, prefix: None, suffix: None };
        let environment = Environment { prefix: "p".into(), ..Environment::default() };
        assert_eq!(
            pattern(&environment, &data)["detail"]["bucket"]["name"],
            json!([{"Fn::Sub": "p-data-${AWS::AccountId}-${AWS::Region}"}])
        );
    }
}
