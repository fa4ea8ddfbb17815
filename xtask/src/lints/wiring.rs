//! What steps do for each other, and what comes to nothing.

use std::collections::BTreeSet;

use pipewright_model::Problem;
use serde_json::Value;

use super::Lint;
use super::jobs::Finding;

/// How deep branches and values are followed; a definition can't nest deeper than this and be read at all.
const DEPTH: usize = 128;

/// A step, wherever it is nested.
struct Step<'d> {
    name: &'d str,
    kind: &'d str,
    value: &'d Value,
}

/// Everything of the kind, in the order of the steps.
pub(super) fn findings(definition: &Value) -> Vec<Finding> {
    let mut steps = Vec::new();
    collect(&definition["Steps"], DEPTH, &mut steps);
    let mut read = BTreeSet::new();
    for step in &steps {
        references(step.value, DEPTH, &mut read);
    }
    let mut findings = Vec::new();
    for step in &steps {
        let arguments = &step.value["Arguments"];
        let mut find = |lint: Lint, path: String, message: String, help: &str| {
            let problem = Problem::error(lint.code(), path, message).help(help);
            findings.push(Finding { lint, step: step.name.to_owned(), problem });
        };
        if step.kind == "Processing" {
            for output in unread(step, &read) {
                find(
                    Lint::UnreadOutput,
                    format!("Arguments.ProcessingOutputConfig.Outputs['{output}']"),
                    format!("no step reads the output {output:?}"),
                    "leave it out, unless it is what the pipeline is for",
                );
            }
        }
        if step.kind == "Transform" && is_cached(step.value) && is_made_here(arguments, &steps) {
            find(
                Lint::CacheNeverHits,
                "CacheConfig".to_owned(),
                "the model that this step asks has a new name in every execution, and the name is part of the cache's key".to_owned(),
                "leave the cache out",
            );
        }
        let is_spot = arguments["EnableManagedSpotTraining"] == Value::Bool(true);
        if step.kind == "Training" && is_spot && !arguments["CheckpointConfig"].is_object() {
            find(
                Lint::SpotWithoutCheckpoints,
                "Arguments.CheckpointConfig".to_owned(),
                "a spot instance that is taken away takes with it all that was learnt".to_owned(),
                "set CheckpointConfig, and have the script go on from its checkpoints",
            );
        }
    }
    findings
}

fn collect<'d>(steps: &'d Value, depth: usize, found: &mut Vec<Step<'d>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for value in steps.as_array().into_iter().flatten() {
        let (Some(name), Some(kind)) = (value["Name"].as_str(), value["Type"].as_str()) else { continue };
        found.push(Step { name, kind, value });
        for branch in ["IfSteps", "ElseSteps", "ForEachBody"] {
            collect(&value["Arguments"][branch], depth, found);
        }
    }
}

/// What every `Get` in a value reads.
fn references<'d>(value: &'d Value, depth: usize, read: &mut BTreeSet<&'d str>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Object(object) => {
            if let (Some(Value::String(path)), 1) = (object.get("Get"), object.len()) {
                read.insert(path);
            }
            object.values().for_each(|value| references(value, depth, read));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, depth, read)),
        _ => {}
    }
}

/// The outputs that nothing reads: neither by name, nor by number, nor as a property file that somebody reads.
fn unread<'d>(step: &Step<'d>, read: &BTreeSet<&str>) -> Vec<&'d str> {
    let outputs = step.value["Arguments"]["ProcessingOutputConfig"]["Outputs"].as_array();
    let begins = |prefix: &str| read.range(prefix..).next().is_some_and(|path| path.starts_with(prefix));
    let name = step.name;
    // Who reads the whole list may read any of them.
    let whole = ["", ".Outputs"].map(|rest| format!("Steps.{name}.ProcessingOutputConfig{rest}"));
    if whole.iter().any(|path| read.contains(path.as_str())) {
        return Vec::new();
    }
    let files = step.value["PropertyFiles"].as_array();
    let in_file = |output: &str| {
        files.into_iter().flatten().any(|file| {
            let named = file["PropertyFileName"].as_str().unwrap_or_default();
            file["OutputName"] == output
                && read.contains(format!("Steps.{name}.PropertyFiles.{named}").as_str())
        })
    };
    let outputs = outputs.into_iter().flatten().enumerate();
    outputs
        .filter_map(|(index, output)| Some((index, output["OutputName"].as_str()?)))
        .filter(|(index, output)| {
            let list = format!("Steps.{name}.ProcessingOutputConfig.Outputs");
            !begins(&format!("{list}['{output}']"))
                && !begins(&format!("{list}[{index}]"))
                && !in_file(output)
        })
        .map(|(_, output)| output)
        .collect()
}

fn is_cached(step: &Value) -> bool {
    step["CacheConfig"]["Enabled"] == Value::Bool(true)
}

/// Whether the transform's model is one that a step of the pipeline creates.
fn is_made_here(arguments: &Value, steps: &[Step<'_>]) -> bool {
    let maker = arguments["ModelName"]["Get"].as_str().and_then(|path| path.strip_prefix("Steps."));
    let maker = maker.and_then(|path| path.split('.').next());
    maker.is_some_and(|maker| steps.iter().any(|step| step.name == maker && step.kind == "Model"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(steps: &Value, expected: &[(&str, &str)]) {
        let definition = json!({ "Steps": steps });
        let found = findings(&definition);
        let found: Vec<(&str, &str)> =
            found.iter().map(|finding| (finding.step.as_str(), finding.lint.code())).collect();
        assert_eq!(found, expected);
    }

    fn processing(name: &str, outputs: &[&str], input: &Value) -> Value {
        let outputs: Vec<Value> = outputs.iter().map(|output| json!({"OutputName": output})).collect();
        json!({
            "Name": name, "Type": "Processing",
            "Arguments": {"ProcessingOutputConfig": {"Outputs": outputs}, "Input": input},
        })
    }

    #[test]
    fn outputs_that_nobody_reads() {
        let lint = "lint/unread-output";
        let read = |path: &str| json!({"Std:Join": {"On": "", "Values": [{"Get": path}]}});
        let outputs = "Steps.a.ProcessingOutputConfig.Outputs";
        let a = || processing("a", &["x", "y"], &json!(null));
        check(&json!([a()]), &[("a", lint), ("a", lint)]);
        check(
            &json!([a(), processing("b", &[], &read(&format!("{outputs}['y'].S3Output.S3Uri")))]),
            &[("a", lint)],
        );
        check(
            &json!([a(), processing("b", &[], &read(&format!("{outputs}[0].S3Output.S3Uri")))]),
            &[("a", lint)],
        );
        check(&json!([a(), processing("b", &[], &read(outputs))]), &[]);
        // `xy` is another one.
        check(
            &json!([
                processing("a", &["x"], &json!(null)),
                processing("b", &[], &read(&format!("{outputs}['xy']")))
            ]),
            &[("a", lint)],
        );
        let mut with_file = processing("a", &["x"], &json!(null));
        with_file["PropertyFiles"] =
            json!([{"PropertyFileName": "f", "OutputName": "x", "FilePath": "f.json"}]);
        let condition = json!({"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": [], "Conditions": [
            {"LeftValue": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.a.PropertyFiles.f"}, "Path": "v"}}},
        ]}});
        check(&json!([with_file, condition]), &[]);
        check(&json!([with_file]), &[("a", lint)]);
    }

    #[test]
    fn caches_that_never_hit() {
        let transform = |model: Value| json!({"Name": "t", "Type": "Transform", "Arguments": {"ModelName": model}, "CacheConfig": {"Enabled": true}});
        let model = json!({"Name": "m", "Type": "Model", "Arguments": {}});
        let condition =
            |steps: Value| json!({"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": steps}});
        let name = json!({"Get": "Steps.m.ModelName"});
        check(&json!([model, transform(name.clone())]), &[("t", "lint/cache-never-hits")]);
        check(&json!([model, condition(json!([transform(name)]))]), &[("t", "lint/cache-never-hits")]);
        check(&json!([model, transform(json!("there-already"))]), &[]);
    }

    #[test]
    fn spot_instances_without_checkpoints() {
        let training = |spot: Value, more: Value| json!({"Name": "t", "Type": "Training", "Arguments": {"EnableManagedSpotTraining": spot, "CheckpointConfig": more}});
        check(&json!([training(json!(true), json!(null))]), &[("t", "lint/spot-without-checkpoints")]);
        check(&json!([training(json!(true), json!({"S3Uri": "s3://b/c"}))]), &[]);
        check(&json!([training(json!(false), json!(null))]), &[]);
    }

    #[test]
    fn what_is_no_definition_is_no_matter() {
        check(&json!("x"), &[]);
        check(&json!([1, {"Name": 1}, {"Name": "a", "Type": "Processing", "Arguments": []}]), &[]);
        let mut deep = json!([]);
        for _ in 0..200 {
            deep = json!([{"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": deep}}]);
        }
        check(&deep, &[]);
    }
}
