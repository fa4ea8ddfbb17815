//! What the step cache knows a step's result by, as the page "Default cache key attributes by pipeline step type" of SageMaker's
//! guide has it.
//!
//! Outputs, instances, roles, limits and tags are no part of it. Neither is content: a changed object behind an unchanged URI is
//! not seen, in SageMaker as here.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::name::Hash;
use crate::definition::Cache;

/// Members of the arguments that count, by the step's type; a pair for those of which only some members count. `None`: all do.
fn fields(kind: &str) -> Option<&'static [(&'static str, &'static [&'static str])]> {
    Some(match kind {
        "Processing" | "ClarifyCheck" | "QualityCheck" => {
            &[("AppSpecification", &[]), ("Environment", &[]), ("ProcessingInputs", &[])]
        }
        "Training" => &[
            ("AlgorithmSpecification", &[]),
            ("CheckpointConfig", &[]),
            ("DebugHookConfig", &[]),
            ("DebugRuleConfigurations", &[]),
            ("Environment", &[]),
            ("HyperParameters", &[]),
            ("InputDataConfig", &[]),
        ],
        "Tuning" => &[
            ("HyperParameterTuningJobConfig", &[]),
            (
                "TrainingJobDefinition",
                &[
                    "AlgorithmSpecification",
                    "HyperParameterRanges",
                    "InputDataConfig",
                    "StaticHyperParameters",
                    "TuningObjective",
                ],
            ),
            ("TrainingJobDefinitions", &[]),
        ],
        "AutoML" => &[
            (
                "AutoMLJobConfig",
                &["CompletionCriteria", "CandidateGenerationConfig", "DataSplitConfig", "Mode"],
            ),
            ("AutoMLJobObjective", &[]),
            ("InputDataConfig", &[]),
            ("ProblemType", &[]),
        ],
        "Transform" => {
            &[("DataProcessing", &[]), ("Environment", &[]), ("ModelName", &[]), ("TransformInput", &[])]
        }
        "EMR" => &[("ClusterId", &[]), ("StepConfig", &[])],
        _ => return None,
    })
}

/// Members of the step beside its arguments that count.
fn beside(kind: &str) -> &'static [&'static str] {
    match kind {
        "ClarifyCheck" => &[
            "CheckType",
            "ModelPackageGroupName",
            "RegisterNewBaseline",
            "SkipCheck",
            "SuppliedBaselineConstraints",
        ],
        "QualityCheck" => &[
            "CheckType",
            "ModelPackageGroupName",
            "RegisterNewBaseline",
            "SkipCheck",
            "SuppliedBaselineConstraints",
            "SuppliedBaselineStatistics",
        ],
        "Lambda" => &["FunctionArn", "OutputParameters"],
        "Callback" => &["SqsQueueUrl", "OutputParameters"],
        _ => &[],
    }
}

/// The key of a step's result: 32 hexadecimal digits, equal where everything that counts is.
pub fn cache_key(
    pipeline: &str,
    step: &str,
    kind: &str,
    arguments: &Value,
    members: &Map<String, Value>,
) -> String {
    let mut hash = Hash::new();
    hash.text("1").text(pipeline).text(step).text(kind);
    match fields(kind) {
        None => canonical(&mut hash, arguments),
        Some(fields) => {
            for (field, parts) in fields {
                let Some(value) = arguments.get(*field).filter(|value| !value.is_null()) else { continue };
                hash.text(field);
                if parts.is_empty() {
                    canonical(&mut hash, value);
                }
                for part in *parts {
                    if let Some(value) = value.get(*part).filter(|value| !value.is_null()) {
                        hash.text(part);
                        canonical(&mut hash, value);
                    }
                }
            }
        }
    }
    for member in beside(kind) {
        if let Some(value) = members.get(*member).filter(|value| !value.is_null()) {
            hash.text(member);
            canonical(&mut hash, value);
        }
    }
    format!("{:032x}", hash.finish())
}

/// The value, whatever the order of its keys.
fn canonical(hash: &mut Hash, value: &Value) {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            hash.bytes(b"{");
            for (key, value) in entries {
                hash.text(key);
                canonical(hash, value);
            }
            hash.bytes(b"}");
        }
        Value::Array(values) => {
            hash.bytes(b"[");
            for value in values {
                canonical(hash, value);
            }
            hash.bytes(b"]");
        }
        Value::String(text) => {
            hash.bytes(b"\"").text(text);
        }
        // Writing into a hash does not fail.
        scalar => {
            let _ = write!(hash, "{scalar}");
            hash.bytes(b",");
        }
    }
}

/// The earliest time at which a result may have ended to be taken.
pub(crate) fn not_older_than(now: Timestamp, cache: &Cache) -> Timestamp {
    // Months are as long as the calendar says; what began before there was time is never too old.
    let earliest =
        |span| now.to_zoned(TimeZone::UTC).checked_sub(span).map_or(Timestamp::MIN, |time| time.timestamp());
    cache.expire_after.map_or(Timestamp::MIN, earliest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(kind: &str, arguments: &Value) -> String {
        cache_key("pipeline", "Step", kind, arguments, &Map::new())
    }

    #[test]
    fn what_counts() {
        let same =
            |kind: &str, one: Value, other: Value| assert_eq!(key(kind, &one), key(kind, &other), "{kind}");
        let differ =
            |kind: &str, one: Value, other: Value| assert_ne!(key(kind, &one), key(kind, &other), "{kind}");

        same(
            "Processing",
            json!({"RoleArn": "a"}),
            json!({"RoleArn": "b", "ProcessingOutputConfig": {"Outputs": []}}),
        );
        same(
            "Processing",
            json!({"Environment": {"A": "1", "B": "2"}}),
            json!({"Environment": {"B": "2", "A": "1"}}),
        );
        same("Processing", json!({"Environment": null}), json!({}));
        differ("Processing", json!({"Environment": {"A": "1"}}), json!({"Environment": {"A": "2"}}));
        differ("Processing", json!({"Environment": {"A": "1"}}), json!({"AppSpecification": {"A": "1"}}));
        same("Training", json!({"StoppingCondition": 1}), json!({"StoppingCondition": 2}));
        differ("Training", json!({"HyperParameters": {"e": "1"}}), json!({"HyperParameters": {"e": "2"}}));
        same(
            "Tuning",
            json!({"TrainingJobDefinition": {"RoleArn": "a"}}),
            json!({"TrainingJobDefinition": {"RoleArn": "b"}}),
        );
        differ(
            "Tuning",
            json!({"TrainingJobDefinition": {"StaticHyperParameters": {"a": "1"}}}),
            json!({"TrainingJobDefinition": {"StaticHyperParameters": {"a": "2"}}}),
        );
        same("EMR", json!({"ExecutionRoleArn": "a"}), json!({}));
        differ("Lambda", json!({"anything": 1}), json!({"anything": 2}));
        differ("Lambda", json!({"anything": 1}), json!({"anything": "1"}));
        differ("Lambda", json!({"a": ["b", "c"]}), json!({"a": ["bc"]}));
        differ("Lambda", json!({"a": {}, "b": 1}), json!({"a": {"b": 1}}));
    }

    #[test]
    fn it_belongs_to_a_step_of_a_pipeline() {
        let key = |pipeline: &str, step: &str, function: &str| {
            let members = json!({"FunctionArn": function, "DisplayName": "is no part of it"});
            cache_key(pipeline, step, "Lambda", &json!({}), members.as_object().unwrap())
        };
        assert_eq!(key("a", "b", "c"), key("a", "b", "c"));
        for other in [key("x", "b", "c"), key("a", "x", "c"), key("a", "b", "x")] {
            assert_ne!(key("a", "b", "c"), other);
        }
    }

    #[test]
    fn ages() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        let check = |text: &str, expected: &str| {
            let cache = Cache { enabled: true, expire_after: Some(text.parse().unwrap()) };
            assert_eq!(not_older_than(now, &cache), expected.parse().unwrap(), "{text}");
        };
        check("P30D", "2026-03-01T12:00:00Z");
        check("P1M", "2026-02-28T12:00:00Z");
        check("PT1H", "2026-03-31T11:00:00Z");
        check("P5Y", "2021-03-31T12:00:00Z");
        let cache = |expire_after| Cache { enabled: true, expire_after };
        assert_eq!(not_older_than(now, &cache(None)), Timestamp::MIN);
        assert_eq!(not_older_than(now, &cache("P19998Y".parse().ok())), Timestamp::MIN);
    }
}
