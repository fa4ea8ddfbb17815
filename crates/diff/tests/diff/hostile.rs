//! Whatever comes in: no panic, nothing lost, and an end in sight.

use std::time::{Duration, Instant};

use pipewright_diff::{Lookups, Style, broadening, compare, compare_definitions, render};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names that mean something somewhere, among others that don't.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "Type",
            "Properties",
            "Ref",
            "Fn::Sub",
            "Fn::If",
            "Fn::GetAtt",
            "Fn::Join",
            "Statement",
            "Effect",
            "Action",
            "Resource",
            "Principal",
            "Condition",
            "NotAction",
            "Policies",
            "PolicyName",
            "PolicyDocument",
            "Tags",
            "Key",
            "Value",
            "Name",
            "Steps",
            "Arguments",
            "IfSteps",
            "PipelineDefinition",
            "PipelineDefinitionBody",
            "Roles",
            "ManagedPolicyArns",
            "SecurityGroupIngress",
            "SecurityGroupEgress",
            "CidrIp",
            "Metadata",
            "DependsOn",
        ])
        .prop_map(str::to_owned),
        "[a-c.\\[${]{0,3}",
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "AWS::IAM::Role",
            "AWS::IAM::Policy",
            "AWS::S3::Bucket",
            "AWS::S3::BucketPolicy",
            "AWS::SageMaker::Pipeline",
            "AWS::EC2::SecurityGroup",
            "AWS::EC2::SecurityGroupIngress",
            "AWS::Lambda::Permission",
            "Allow",
            "Deny",
            "*",
            "s3:*",
            "${A}",
            "${!A}",
            "${A.",
            "{\"Steps\":[{\"Name\":\"a\"}]}",
            "{\"Statement\":[]}",
            "A",
            "10.0.0.0/8",
            "1.2.3.4/33",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A template whose resources have types.
fn templates() -> impl Strategy<Value = Value> {
    let resource = (texts(), values(), values()).prop_map(
        |(kind, properties, other)| json!({"Type": kind, "Properties": properties, "Metadata": other}),
    );
    let resources = prop::collection::vec(("[A-C]", prop_oneof![4 => resource, 1 => values()]), 0..4);
    (resources, values()).prop_map(|(resources, other)| {
        json!({"Resources": resources.into_iter().collect::<Map<String, Value>>(), "Outputs": other})
    })
}

/// The leaf that this number picks, to be written over.
fn leaf(value: &mut Value, mut pick: usize) -> &mut Value {
    let inside = match &*value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if inside == 0 {
        return value;
    }
    let position = pick % inside;
    pick /= inside;
    match value {
        Value::Array(items) => leaf(&mut items[position], pick),
        Value::Object(fields) => leaf(fields.values_mut().nth(position).unwrap(), pick),
        other => other,
    }
}

proptest! {
    #[test]
    fn nothing_panics(old in values(), new in values()) {
        let lookups = Lookups { stored: &|value| Some(value.to_string()), ..Lookups::default() };
        let found = compare(Some(&old), Some(&new), &lookups);
        let text = render(&found, Style { color: false, width: 0 });
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }

    #[test]
    fn templates_against_themselves_and_others(old in templates(), new in templates()) {
        let lookups = Lookups::default();
        prop_assert!(compare(Some(&old), Some(&old), &lookups).is_empty());
        prop_assert!(broadening(Some(&old), Some(&old)).is_empty());
        let found = compare(Some(&old), Some(&new), &lookups);
        prop_assert_eq!(&found, &compare(Some(&old), Some(&new), &lookups));
        prop_assert_eq!(found.to_json()["empty"].as_bool(), Some(found.is_empty()));
        render(&found, Style { color: true, width: 60 });
        render(&compare(None, Some(&new), &lookups), Style::default());
        render(&compare(Some(&old), None, &lookups), Style::default());
    }

    #[test]
    fn every_changed_leaf_is_told(properties in values(), pick in any::<usize>()) {
        let template = |properties: &Value| json!({"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"P": properties}}}});
        let mut changed = properties.clone();
        *leaf(&mut changed, pick) = json!("changed leaf");
        prop_assume!(changed != properties);
        let (old, new) = (template(&properties), template(&changed));
        for (old, new) in [(&old, &new), (&new, &old)] {
            let found = compare(Some(old), Some(new), &Lookups::default());
            prop_assert!(found.to_json().to_string().contains("changed leaf"), "{}", found.to_json());
            let text = render(&found, Style { color: false, width: 10_000 });
            prop_assert!(text.contains("changed leaf"), "{}", text);
        }
    }

    #[test]
    fn every_changed_action_is_told(actions in prop::collection::btree_set("[a-z]{3}:[A-Z][a-z]{3}", 1..6), pick in any::<usize>()) {
        let actions: Vec<String> = actions.into_iter().collect();
        let role = |actions: &[String]| json!({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [
            {"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "x"}]}}]}}}});
        let mut changed = actions.clone();
        changed[pick % actions.len()] = "new:Action".to_owned();
        let found = compare(Some(&role(&actions)), Some(&role(&changed)), &Lookups::default());
        prop_assert!(render(&found, Style::default()).contains("[+] Allow new:Action on x"));
        prop_assert_eq!(found.broadening.len(), 1);
        prop_assert!(broadening(Some(&role(&changed)), Some(&role(&changed[..1]))).is_empty());
    }

    #[test]
    fn texts_for_definitions(old in "\\PC{0,40}", new in "\\PC{0,40}") {
        prop_assert!(compare_definitions(&old, &old).is_empty());
        let json = serde_json::from_str::<Value>(&old).is_ok() && serde_json::from_str::<Value>(&new).is_ok();
        prop_assert!(json || old == new || !compare_definitions(&old, &new).is_empty());
    }
}

/// Runs within a time that leaves room for a slow machine, and none for a square of the input.
fn soon(what: &str, run: impl FnOnce()) {
    let start = Instant::now();
    run();
    assert!(start.elapsed() < Duration::from_secs(20), "{what} took {:?}", start.elapsed());
}

#[test]
fn large_inputs_end_soon() {
    let lookups = Lookups::default();
    let list = |from: usize| -> Value { (from..from + 20_000).map(Value::from).collect() };
    let named = |from: usize| -> Value {
        (from..from + 10_000).map(|n| json!({"Name": format!("n{n}"), "V": 1})).collect()
    };
    let statements = |from: usize| -> Value {
        let each = (from..from + 1_000)
            .map(|n| json!({"Effect": "Allow", "Action": format!("a:{n}*"), "Resource": "x"}));
        json!([{"PolicyName": "p", "PolicyDocument": {"Statement": each.collect::<Value>()}}])
    };
    let wide = |text: &str| {
        let many: Value = (0..2_000).map(|n| json!(format!("{text}{n}"))).collect();
        json!([{"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": many, "Resource": many}}}])
    };
    for (what, old, new) in [
        ("lists", list(0), list(1)),
        ("named", named(0), named(10)),
        ("statements", statements(0), statements(500)),
        ("wide", wide("a"), wide("b")),
        ("text", json!("x".repeat(2_000_000)), json!(format!("{}y", "x".repeat(1_999_999)))),
        ("references", json!({"Fn::Sub": "${".repeat(500_000)}), json!({"Fn::Sub": "${a}".repeat(500_000)})),
    ] {
        let [old, new] = [old, new].map(|value| {
            json!({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": value, "Other": value}}}})
        });
        soon(what, || {
            let found = compare(Some(&old), Some(&new), &lookups);
            assert!(!found.is_empty());
            render(&found, Style::default());
        });
    }
    let lines = |word: &str| (0..50_000).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join("\n");
    soon("lines", || assert!(compare_definitions(&lines("a"), &lines("b")).text.is_some()));
}

#[test]
fn deep_values_are_compared_as_one() {
    let deep = |leaf: &str| (0..400).fold(json!(leaf), |inner, _| json!({"a": [inner]}));
    let [old, new] = ["x", "y"].map(|leaf| json!({"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"Policies": deep(leaf), "P": deep(leaf)}}}}));
    let found = compare(Some(&old), Some(&new), &Lookups::default());
    assert!(!found.is_empty());
    render(&found, Style::default());
}
