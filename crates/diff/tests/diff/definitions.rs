//! Definitions, step by step.

use pipewright_diff::{DefinitionChange, Lookups, Style, compare, compare_definitions, render};
use serde_json::{Value, json};

fn template(body: &Value) -> Value {
    json!({"Resources": {"P": {"Type": "AWS::SageMaker::Pipeline", "Properties": {
        "PipelineName": "p", "PipelineDefinition": {"PipelineDefinitionBody": body}}}}})
}

/// Compares two definitions inside of templates; the lines below the resource.
fn check(old: Value, new: Value, expected: &[&str]) {
    let [a, b] = [&old, &new].map(|definition| template(&json!(definition.to_string())));
    check_templates(&a, &b, expected);
}

fn check_templates(old: &Value, new: &Value, expected: &[&str]) {
    let difference = compare(Some(old), Some(new), &Lookups::default());
    let text = render(&difference, Style { color: false, width: 200 });
    let lines: Vec<&str> =
        text.lines().skip(2).map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    assert_eq!(lines, expected, "{old}\n{new}");
}

fn step(name: &str, arguments: Value) -> Value {
    json!({"Name": name, "Type": "Training", "Arguments": arguments})
}

fn definition(steps: Value) -> Value {
    json!({"Version": "2020-12-01", "Parameters": [], "Steps": steps})
}

#[test]
fn steps_come_go_and_change() {
    let [a, b] = [1, 2].map(|count| step("A", json!({"ResourceConfig": {"InstanceCount": count}})));
    let other = step("B", json!({}));
    check(definition(json!([a])), definition(json!([a])), &[]);
    check(
        definition(json!([a])),
        definition(json!([b])),
        &["[~] step A (Training)", "    [~] Arguments.ResourceConfig.InstanceCount: 1 → 2"],
    );
    check(definition(json!([a])), definition(json!([a, other])), &["[+] step B (Training)"]);
    check(definition(json!([a, other])), definition(json!([other])), &["[-] step A (Training)"]);
    check(
        definition(json!([a, other])),
        definition(json!([other, a])),
        &["[~] steps: the order is B, A, was A, B"],
    );
    check(
        definition(json!([step("A", json!({}))])),
        definition(json!([step("C", json!({}))])),
        &["[-] step A (Training) (renamed to C)", "[+] step C (Training) (renamed from A)"],
    );
    let [c, d] =
        [["X", "Y"], ["Y", "X"]].map(|names| json!({"Name": "A", "Type": "Training", "DependsOn": names}));
    check(definition(json!([c])), definition(json!([d])), &[]);
    check(
        definition(json!([{"Name": "A", "Type": "Training"}])),
        definition(json!([{"Name": "A", "Type": "Processing"}])),
        &["[~] step A (Processing)", r#"    [~] Type: "Training" → "Processing""#],
    );
}

#[test]
fn branches_of_conditions() {
    let check_step = |yes: Value, no: Value| json!([{"Name": "Check", "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": yes, "ElseSteps": no}}]);
    let [a, b] = [1, 2].map(|value| step("A", json!({"X": value})));
    check(
        definition(check_step(json!([a]), json!([]))),
        definition(check_step(json!([b]), json!([]))),
        &["[~] step A (Training) in Check/IfSteps", "    [~] Arguments.X: 1 → 2"],
    );
    check(
        definition(check_step(json!([a]), json!([]))),
        definition(check_step(json!([]), json!([a]))),
        &["[~] step A (Training) in Check/ElseSteps, was in Check/IfSteps"],
    );
    let inner = |value: i32| check_step(json!([step("Deep", json!({"X": value}))]), json!([]))[0].clone();
    let outer = |value: i32| {
        let mut inner = inner(value);
        inner["Name"] = json!("Inner");
        definition(check_step(json!([inner]), json!([])))
    };
    check(outer(1), outer(2), &["[~] step Deep (Training) in Inner/IfSteps", "    [~] Arguments.X: 1 → 2"]);
}

#[test]
fn code_parameters_and_the_rest() {
    let code = |digit: &str, value: i32| {
        let uri = format!("s3://sources/code/p/{}/evaluate.py", digit.repeat(64));
        json!({"Parameters": [{"Name": "Count", "Type": "Integer", "DefaultValue": value}], "Steps": [
            step("A", json!({"ProcessingInputs": [{"InputName": "code", "S3Input": {"S3Uri": uri}}]}))]})
    };
    check(
        code("a", 1),
        code("b", 2),
        &[
            "[~] Parameters[Count].DefaultValue: 1 → 2",
            "[~] step A (Training)",
            "    [~] code of evaluate.py changed (Arguments.ProcessingInputs[code].S3Input.S3Uri)",
        ],
    );
    let change = compare_definitions(&code("a", 1).to_string(), &code("b", 1).to_string());
    assert_eq!(change.steps[0].code(), ["evaluate.py"]);
    check(
        json!({"Metadata": {"a": 1}, "Steps": []}),
        json!({"Metadata": {"a": 2}, "Steps": []}),
        &["[~] Metadata.a: 1 → 2"],
    );
}

#[test]
fn every_way_to_keep_a_definition() {
    let text =
        |count: i32| definition(json!([step("A", json!({"N": count, "R": "${AWS::Region}"}))])).to_string();
    let lines = ["[~] step A (Training)", "    [~] Arguments.N: 1 → 2"];
    let [a, b] = [1, 2].map(|count| template(&json!({"Fn::Sub": text(count)})));
    check_templates(&a, &b, &lines);
    let [a, b] =
        [1, 2].map(|count| template(&json!({"Fn::Sub": [text(count), {"Image": format!("i{count}")}]})));
    check_templates(&a, &b, &[r#"[~] Substitutions.Image: "i1" → "i2""#, lines[0], lines[1]]);
    let [a, b] = [json!(text(1)), json!({"Fn::Sub": text(2)})].map(|body| template(&body));
    check_templates(&a, &b, &[r#"[~] PipelineDefinition: "text" → "Fn::Sub""#, lines[0], lines[1]]);

    let stored = |key: &str| {
        let mut template = template(&json!(null));
        template["Resources"]["P"]["Properties"]["PipelineDefinition"] =
            json!({"PipelineDefinitionS3Location": {"Bucket": "b", "Key": key}});
        template
    };
    let location = [r#"[~] PipelineDefinition.PipelineDefinitionS3Location.Key: "1" → "2""#];
    check_templates(&stored("1"), &stored("2"), &location);
    let look = |location: &Value| location["Key"].as_str().and_then(|key| key.parse().ok()).map(text);
    let difference =
        compare(Some(&stored("1")), Some(&stored("2")), &Lookups { stored: &look, ..Lookups::default() });
    let change = difference.resources[0].definition.as_ref().unwrap();
    assert_eq!(change.steps[0].changes[0].path, "Arguments.N");
}

#[test]
fn what_is_no_definition_is_text() {
    let change = compare_definitions("{\n\"a\": 1\n", "{\n\"a\": 2\n");
    let text = change.text.unwrap();
    assert!(text.contains("-\"a\": 1\n+\"a\": 2\n"), "{text}");
    let hidden = compare_definitions(r#"{"Password": "a""#, r#"{"Password": "b""#).text.unwrap();
    assert_eq!(hidden, "only secrets differ");
    assert!(compare_definitions("{}", "{ }") == DefinitionChange::default());
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(compare_definitions(&nested, "{}").text.is_some());
    assert!(!compare_definitions(r#"{"Steps": 5}"#, r#"{"Steps": [1]}"#).is_empty());
}
