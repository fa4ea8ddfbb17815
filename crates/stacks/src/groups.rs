//! The model package groups that pipelines register versions in.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_cloudformation::{Resource as _, Tag, Template, sagemaker};
use pipewright_model::{Problem, Severity};
use serde_json::Value as Json;

use crate::logical_id::logical_id;

/// What the definition of pipeline `name` says of model package groups: those that its steps of kind `RegisterModel` name, and
/// a warning for each step whose group is known only when it runs.
pub fn model_package_groups(name: &str, definition: &Json) -> (BTreeSet<String>, Vec<Problem>) {
    let mut found = Found { pipeline: name, groups: BTreeSet::new(), warnings: Vec::new() };
    found.walk(definition);
    (found.groups, found.warnings)
}

struct Found<'f> {
    pipeline: &'f str,
    groups: BTreeSet<String>,
    warnings: Vec<Problem>,
}

impl Found<'_> {
    fn walk(&mut self, value: &Json) {
        match value {
            Json::Object(fields) => {
                if fields.get("Type").and_then(Json::as_str) == Some("RegisterModel") {
                    self.step(value);
                }
                fields.values().for_each(|value| self.walk(value));
            }
            Json::Array(items) => items.iter().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn step(&mut self, step: &Json) {
        match &step["Arguments"]["ModelPackageGroupName"] {
            // An ARN is that of a group which is there already, perhaps in another account.
            Json::String(group) if group.starts_with("arn:") => {}
            Json::String(group) if !group.contains("${") => {
                self.groups.insert(group.clone());
            }
            Json::Null => {}
            _ => {
                let step = step["Name"].as_str().unwrap_or_default();
                let message = format!(
                    "the model package group of step {step:?} of pipeline {:?} is known only when it runs: none is made",
                    self.pipeline
                );
                let help = "name it in the code or configuration, or set model_package_groups = false";
                self.warnings.push(warning("groups/unknown", self.pipeline, message).help(help));
            }
        }
    }
}

/// Which stack makes which group: the first by name of those whose pipelines use it. `used` has the groups of each stack.
///
/// A group of several stacks comes with a warning that says where it is made.
pub fn divided<'s>(
    used: &BTreeMap<&'s str, BTreeSet<String>>,
) -> (BTreeMap<&'s str, BTreeSet<String>>, Vec<Problem>) {
    let mut owners: BTreeMap<&str, &'s str> = BTreeMap::new();
    let mut made: BTreeMap<&'s str, BTreeSet<String>> = BTreeMap::new();
    let mut warnings = Vec::new();
    for (stack, groups) in used {
        for group in groups {
            let owner = *owners.entry(group).or_insert(stack);
            if owner == *stack {
                made.entry(stack).or_default().insert(group.clone());
            } else {
                let message = format!(
                    "pipelines of stack {stack} register in model package group {group:?}, which stack {owner} makes"
                );
                let help = format!("deploy {owner} too, or put these pipelines into one stack");
                warnings.push(warning("groups/shared", stack, message).help(help));
            }
        }
    }
    (made, warnings)
}

/// Adds the groups. They stay when the stack goes: models that are in use are in them.
pub(crate) fn add(template: &mut Template, groups: &BTreeSet<String>, tags: &BTreeMap<String, String>) {
    for name in groups {
        let mut group = sagemaker::ModelPackageGroup::new(name.as_str());
        if !tags.is_empty() {
            group =
                group.tags(tags.iter().map(|(k, v)| Tag::new(k.as_str(), v.as_str())).collect::<Vec<_>>());
        }
        template.add(format!("group{}", logical_id(name)), group.retain());
    }
}

fn warning(code: &'static str, path: &str, message: String) -> Problem {
    Problem { severity: Severity::Warning, ..Problem::error(code, path, message) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn step(group: &Json) -> Json {
        json!({"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": group}})
    }

    #[track_caller]
    fn check(steps: &Json, expected: &[&str], warnings: usize) {
        let (groups, found) = model_package_groups("p", &json!({"Steps": steps}));
        assert_eq!(groups.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        assert_eq!(found.len(), warnings, "{found:?}");
    }

    #[test]
    fn groups_are_those_that_are_named() {
        check(&json!([step(&json!("a")), step(&json!("b")), step(&json!("a"))]), &["a", "b"], 0);
        let branch = json!({"Name": "If", "Type": "Condition", "Arguments": {"IfSteps": [step(&json!("a"))], "ElseSteps": []}});
        check(&json!([branch]), &["a"], 0);
        check(&json!([step(&json!({"Get": "Parameters.Group"}))]), &[], 1);
        check(&json!([step(&json!("x-${AWS::Region}"))]), &[], 1);
        check(
            &json!([step(&json!("arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/a"))]),
            &[],
            0,
        );
        check(
            &json!([{"Name": "Other", "Type": "Training", "Arguments": {"ModelPackageGroupName": "a"}}]),
            &[],
            0,
        );
        check(&json!([{"Type": "RegisterModel"}, {"Type": 1}, null, 3]), &[], 0);
    }

    #[test]
    fn the_first_stack_makes_a_shared_group() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let used = BTreeMap::from([("p-b", set(&["x", "y"])), ("p-a", set(&["x"])), ("p-c", set(&[]))]);
        let (made, warnings) = divided(&used);
        assert_eq!(made, BTreeMap::from([("p-a", set(&["x"])), ("p-b", set(&["y"]))]));
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].message.contains("stack p-b")
                && warnings[0].message.contains("which stack p-a makes")
        );
    }
}
