//! Text, joins, and how they stand in a definition.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use pipewright_model::{
    Definition, Deploy, Environment, Expr, Fail, Graph, Parameter, ParameterDecl, ParameterKind, Text,
    execution, join,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What an expression is in the definition, in an environment with account and region.
fn rendered(expr: Expr<String>) -> Value {
    let mut graph = Graph::new();
    graph.add("F", Fail::new(expr));
    let environment = Environment {
        account: Some("123456789012".into()),
        region: Some("eu-west-1".into()),
        prefix: "p".into(),
        ..Environment::default()
    };
    let definition = serde_json::to_value(Definition::new("pipe", &[], &graph, &environment)).unwrap();
    definition["Steps"][0]["Arguments"]["ErrorMessage"].clone()
}

#[track_caller]
fn check(expr: Expr<String>, expected: &Value) {
    assert_eq!(&rendered(expr), expected);
}

fn number() -> Parameter<i64> {
    Parameter::declare(ParameterDecl::new("N", ParameterKind::Integer))
}

#[test]
fn anything_becomes_text() {
    check(Text::from(true).into_expr(), &json!("true"));
    check(Text::from(3).into_expr(), &json!("3"));
    check(Text::from(0.5).into_expr(), &json!("0.5"));
    check(Text::from(4.0).into_expr(), &json!("4.0"));
    check(Text::from("x").into_expr(), &json!("x"));
    check(
        Text::from(&number()).into_expr(),
        &json!({"Std:Join": {"On": "", "Values": [{"Get": "Parameters.N"}]}}),
    );
    check(Text::from(execution::pipeline_name()).into_expr(), &json!({"Get": "Execution.PipelineName"}));
}

#[test]
fn joins_are_flat_and_literals_merged() {
    check(join!(), &json!(""));
    check(join!("a"), &json!("a"));
    check(join!("a", 1, "/", true), &json!("a1/true"));
    check(join!("", execution::pipeline_name(), ""), &json!({"Get": "Execution.PipelineName"}));
    check(
        join!("a", join!("b", execution::pipeline_name()), "c", "d"),
        &json!({"Std:Join": {"On": "", "Values": ["ab", {"Get": "Execution.PipelineName"}, "cd"]}}),
    );
    // A lone number has to stay in a join: that is what makes it a string.
    check(join!(&number()), &json!({"Std:Join": {"On": "", "Values": [{"Get": "Parameters.N"}]}}));
}

#[test]
fn deploy_time_references_are_literals_where_account_and_region_are_known() {
    check(join!("s3://", Deploy::DataBucket, "/x"), &json!("s3://p-data-123456789012-eu-west-1/x"));
    check(Deploy::RoleArn.into(), &json!("arn:aws:iam::123456789012:role/p-pipe"));
    check(Deploy::UrlSuffix.into(), &json!("amazonaws.com"));
}

#[test]
fn deploy_time_references_stay_placeholders_elsewhere() {
    let mut graph = Graph::new();
    graph.add("F", Fail::new(join!(Deploy::DataBucket, " ${mine} ", Deploy::SsmParameter("/a/b".into()))));
    let environment = Environment { prefix: "p".into(), ..Environment::default() };
    let definition = Definition::new("pipe", &[], &graph, &environment);
    assert!(definition.is_portable());
    assert_eq!(definition.substitutions().keys().collect::<Vec<_>>(), ["Ssm0A1B1"]);
    let value = serde_json::to_value(&definition).unwrap();
    assert_eq!(
        value["Steps"][0]["Arguments"]["ErrorMessage"],
        "p-data-${AWS::AccountId}-${AWS::Region} ${!mine} ${Ssm0A1B1}"
    );
}

/// A tree of joins, and the parts it stands for in order.
#[derive(Clone, Debug)]
enum Tree {
    Literal(String),
    Variable,
    Join(Vec<Tree>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof!["[a-c$ {}]{0,3}".prop_map(Tree::Literal), Just(Tree::Variable)];
    leaf.prop_recursive(4, 32, 5, |inner| prop::collection::vec(inner, 0..5).prop_map(Tree::Join))
}

fn build(tree: &Tree) -> Expr<String> {
    match tree {
        Tree::Literal(text) => text.into(),
        Tree::Variable => execution::pipeline_name(),
        Tree::Join(trees) => pipewright_model::text::concat(trees.iter().map(|t| Text::from(build(t)))),
    }
}

/// What the tree evaluates to where the pipeline is called `<>`.
fn meaning(tree: &Tree) -> String {
    match tree {
        Tree::Literal(text) => text.clone(),
        Tree::Variable => "<>".to_owned(),
        Tree::Join(trees) => trees.iter().map(meaning).collect(),
    }
}

fn evaluated(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if map.contains_key("Get") => "<>".to_owned(),
        value => value["Std:Join"]["Values"].as_array().unwrap().iter().map(evaluated).collect(),
    }
}

proptest! {
    #[test]
    fn flattening_keeps_the_meaning(tree in trees()) {
        let value = rendered(build(&tree));
        prop_assert_eq!(evaluated(&value), meaning(&tree));
        if let Some(values) = value["Std:Join"]["Values"].as_array() {
            prop_assert!(values.len() > 1, "a join of one: {}", value);
            prop_assert!(values.iter().all(|v| v["Std:Join"].is_null() && v != ""), "not flat: {}", value);
            let neighbours = values.windows(2).any(|w| w[0].is_string() && w[1].is_string());
            prop_assert!(!neighbours, "literals side by side: {}", value);
        }
    }

    #[test]
    fn free_json_comes_out_as_it_went_in(value in json_values()) {
        let mut graph = Graph::new();
        graph.add("R", pipewright_model::Raw::new("New").argument("Value", value.clone()));
        let environment = Environment::default();
        let definition = Definition::new("pipe", &[], &graph, &environment);
        let text = serde_json::to_string(&definition).unwrap();
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read["Steps"][0]["Arguments"]["Value"], &value);
    }
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(json!({"Get": "Steps.A.B['c']"})),
        Just(json!({"Get": "Parameters.X"})),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z$]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
