//! [`differences`]: what differs between two templates beside the definitions of pipelines.

use std::collections::BTreeSet;

use pipewright_diff::{Lookups, Sign, compare};
use serde_json::Value;

/// The type of a pipeline in a template.
pub(super) const PIPELINE: &str = "AWS::SageMaker::Pipeline";

/// What differs beside definitions, in words, sorted: empty when nothing else does.
///
/// A mapping counts only where something other than a definition uses it, and metadata of resources does not count: neither
/// makes a difference to what is deployed.
pub fn differences(deployed: &Value, wanted: &Value) -> Vec<String> {
    let difference = compare(
        Some(&without_definitions(deployed)),
        Some(&without_definitions(wanted)),
        &Lookups::default(),
    );
    let mut found: Vec<String> = difference.sections.iter().map(|change| change.path.clone()).collect();
    for change in &difference.resources {
        let what = format!("{} ({})", change.logical_id, change.resource_type);
        match change.sign {
            Sign::Added => found.push(format!("{what} is not deployed yet")),
            Sign::Removed => found.push(format!("{what} is deployed, and no longer wanted")),
            Sign::Changed => {
                let paths: BTreeSet<&str> = change
                    .properties
                    .iter()
                    .chain(&change.attributes)
                    .map(|change| change.path.as_str())
                    .collect();
                let paths: Vec<&str> = paths.into_iter().collect();
                found.push(format!("{what}: {}", paths.join(", ")));
            }
        }
    }
    found
}

/// A template without what `--fast` may change.
fn without_definitions(template: &Value) -> Value {
    let mut template = template.clone();
    let resources = template.get_mut("Resources").and_then(Value::as_object_mut);
    for resource in
        resources.into_iter().flat_map(serde_json::Map::values_mut).filter_map(Value::as_object_mut)
    {
        if resource.get("Type").and_then(Value::as_str) == Some(PIPELINE)
            && let Some(properties) = resource.get_mut("Properties").and_then(Value::as_object_mut)
        {
            properties.shift_remove("PipelineDefinition");
        }
        resource.shift_remove("Metadata");
    }
    if let Some(template) = template.as_object_mut()
        && let Some(mut mappings) = template.shift_remove("Mappings")
    {
        let mut used = BTreeSet::new();
        let all = template.values().all(|value| mappings_used(value, &mut used));
        if let Some(mappings) = mappings.as_object_mut() {
            mappings.retain(|name, _| !all || used.contains(name));
        }
        template.insert("Mappings".to_owned(), mappings);
        if template.get("Mappings").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            template.shift_remove("Mappings");
        }
    }
    template
}

/// Collects the names of the mappings that are looked into; `false` when one is named by something that is no text.
fn mappings_used(value: &Value, used: &mut BTreeSet<String>) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| mappings_used(item, used)),
        Value::Object(map) => map.iter().all(|(key, item)| {
            if key == "Fn::FindInMap" {
                match item.get(0) {
                    Some(Value::String(name)) => {
                        used.insert(name.clone());
                    }
                    _ => return false,
                }
            }
            mappings_used(item, used)
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template(definition: &str, parallelism: u32, image: &str) -> Value {
        json!({
            "Mappings": {"Image": {"eu-west-1": {"Account": image}}},
            "Resources": {
                "Abalone": {
                    "Type": PIPELINE,
                    "Properties": {
                        "PipelineName": "abalone",
                        "PipelineDefinition": {"PipelineDefinitionBody": definition},
                        "ParallelismConfiguration": {"MaxParallelExecutionSteps": parallelism},
                    },
                },
                "roleAbalone": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "abalone"}},
            },
        })
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Value), expected: &[&str]) {
        let deployed = template("{}", 1, "1");
        let mut wanted = deployed.clone();
        change(&mut wanted);
        assert_eq!(differences(&deployed, &wanted), expected);
    }

    #[test]
    fn definitions_make_no_difference() {
        check(|_| {}, &[]);
        check(|wanted| *wanted = template("{\"Steps\":[]}", 1, "2"), &[]);
        check(
            |wanted| {
                let body = json!({"PipelineDefinitionS3Location": {"Bucket": "b", "Key": "k"}});
                wanted["Resources"]["Abalone"]["Properties"]["PipelineDefinition"] = body;
                wanted.as_object_mut().unwrap().shift_remove("Mappings");
                wanted["Resources"]["roleAbalone"]["Metadata"] = json!({"Steps": ["a"]});
            },
            &[],
        );
    }

    #[test]
    fn everything_else_does() {
        check(
            |wanted| *wanted = template("{}", 2, "1"),
            &["Abalone (AWS::SageMaker::Pipeline): ParallelismConfiguration.MaxParallelExecutionSteps"],
        );
        check(
            |wanted| wanted["Resources"]["New"] = json!({"Type": PIPELINE, "Properties": {}}),
            &["New (AWS::SageMaker::Pipeline) is not deployed yet"],
        );
        check(
            |wanted| {
                wanted["Resources"].as_object_mut().unwrap().shift_remove("roleAbalone");
            },
            &["roleAbalone (AWS::IAM::Role) is deployed, and no longer wanted"],
        );
        check(|wanted| wanted["Description"] = json!("other"), &["Description"]);
        // A mapping that the role uses.
        let with_use = |image: &str| {
            let mut template = template("{}", 1, image);
            let value = json!({"Fn::FindInMap": ["Image", {"Ref": "AWS::Region"}, "Account"]});
            template["Resources"]["roleAbalone"]["Properties"]["RoleName"] = value;
            template
        };
        assert!(!differences(&with_use("1"), &with_use("2")).is_empty());
        assert!(differences(&with_use("1"), &with_use("1")).is_empty());
    }
}
