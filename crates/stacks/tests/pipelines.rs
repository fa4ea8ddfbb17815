//! The pipelines stack: what its template holds, and where definitions go.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use pipewright_cloudformation::{BODY_LIMIT, S3_LIMIT};
use pipewright_model::deploy::{Deploy, Substitution};
use pipewright_model::{Environment, Problem};
use pipewright_stacks::{
    Attached, DEFINITION_LIMIT, Notifications, PipelineInput, PipelinesStack, Roles, StackInput, bucket_name,
    pipelines_stack,
};
use serde_json::{Value, json};

static NONE: BTreeMap<String, Substitution> = BTreeMap::new();
static NO_TAGS: BTreeMap<String, String> = BTreeMap::new();
const ROLE: &str = "arn:aws:iam::123456789012:role/dsm-sm-example";

fn environment(known: bool) -> Environment {
    Environment {
        name: "test".into(),
        prefix: "dsm-sm".into(),
        account: known.then(|| "123456789012".to_owned()),
        region: known.then(|| "eu-west-1".to_owned()),
        ..Environment::default()
    }
}

fn input<'p>(name: &'p str, definition: &'p str) -> PipelineInput<'p> {
    PipelineInput {
        name,
        display_name: None,
        description: "",
        role_arn: ROLE,
        role: None,
        definition,
        portable: false,
        substitutions: &NONE,
        parallelism: None,
        tags: &NO_TAGS,
        parameters: &[],
        attached: Attached::NONE,
    }
}

fn stack_of(known: bool, inputs: &[PipelineInput<'_>]) -> Result<PipelinesStack, Vec<Problem>> {
    let input = StackInput {
        name: "dsm-sm-pipelines",
        pipelines: inputs,
        groups: &BTreeSet::new(),
        notifications: &Notifications::default(),
        limits: &Roles::default(),
        tags: &NO_TAGS,
    };
    pipelines_stack(&environment(known), &input)
}

fn stack(known: bool, inputs: &[PipelineInput<'_>]) -> (PipelinesStack, Value) {
    let stack = stack_of(known, inputs).unwrap();
    let template = serde_json::from_str(&stack.template.text()).unwrap();
    (stack, template)
}

/// Codes and messages of what is wrong.
fn problems(known: bool, inputs: &[PipelineInput<'_>]) -> Vec<String> {
    let problems = stack_of(known, inputs).unwrap_err();
    problems.iter().map(|p| format!("{}: {p}", p.code)).collect()
}

#[test]
fn everything_that_is_known_stands_in_the_resource() {
    let tags = BTreeMap::from([("team".to_owned(), "x".to_owned()), ("cost".to_owned(), "1".to_owned())]);
    let example = PipelineInput {
        display_name: Some("Example"),
        description: "Prints a greeting.",
        parallelism: Some(3),
        tags: &tags,
        ..input("example-pipeline", r#"{"A":"${not-a-placeholder}"}"#)
    };
    let (stack, template) = stack(true, &[example, input("abalone", "{}")]);
    assert_eq!(stack.name, "dsm-sm-pipelines");
    assert!(stack.stored.is_empty());
    assert_eq!(
        template["Resources"],
        json!({
            "Abalone": {"Type": "AWS::SageMaker::Pipeline", "Properties": {
                "PipelineName": "abalone", "RoleArn": ROLE, "PipelineDefinition": {"PipelineDefinitionBody": "{}"}}},
            "ExamplePipeline": {"Type": "AWS::SageMaker::Pipeline", "Properties": {
                "PipelineName": "example-pipeline", "PipelineDisplayName": "Example",
                "PipelineDescription": "Prints a greeting.", "RoleArn": ROLE,
                "ParallelismConfiguration": {"MaxParallelExecutionSteps": 3},
                "Tags": [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "x"}],
                "PipelineDefinition": {"PipelineDefinitionBody": "{\"A\":\"${not-a-placeholder}\"}"}}},
        })
    );
}

#[test]
fn a_portable_definition_is_filled_in_by_cloudformation() {
    let map = BTreeMap::from([("eu-west-1".to_owned(), "141502667606".to_owned())]);
    let substitutions = BTreeMap::from([
        ("SagemakerSklearn".to_owned(), Substitution::Mapping { map: map.clone() }),
        ("Unused".to_owned(), Substitution::Mapping { map }),
        ("SsmVpcId0".to_owned(), Substitution::Ssm { parameter: "/vpc/id".into() }),
    ]);
    let text = r#"{"I":"${SagemakerSklearn}.${AWS::Region}","V":"${SsmVpcId0}","E":"${!x}"}"#;
    let role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/dsm-sm-example";
    let example = PipelineInput {
        portable: true,
        substitutions: &substitutions,
        role_arn: role,
        ..input("example", text)
    };
    let (_, template) = stack(false, &[example]);
    let properties = &template["Resources"]["Example"]["Properties"];
    assert_eq!(properties["RoleArn"], json!({"Fn::Sub": role}));
    assert_eq!(
        properties["PipelineDefinition"]["PipelineDefinitionBody"],
        json!({"Fn::Sub": [text, {
            "SagemakerSklearn": {"Fn::FindInMap": ["SagemakerSklearn", {"Ref": "AWS::Region"}, "Account"]},
            "SsmVpcId0": "{{resolve:ssm:/vpc/id}}",
        }]})
    );
    assert_eq!(template["Mappings"], json!({"SagemakerSklearn": {"eu-west-1": {"Account": "141502667606"}}}));
    assert_eq!(
        bucket_name(&environment(false), &Deploy::SourceBucket),
        "dsm-sm-sources-${AWS::AccountId}-${AWS::Region}"
    );
    assert_eq!(bucket_name(&environment(true), &Deploy::DataBucket), "dsm-sm-data-123456789012-eu-west-1");
}

#[test]
fn one_placeholder_stands_for_one_thing() {
    let table = |account: &str| {
        let map = BTreeMap::from([("eu-west-1".to_owned(), account.to_owned())]);
        BTreeMap::from([("Images".to_owned(), Substitution::Mapping { map })])
    };
    let (one, two) = (table("1"), table("2"));
    let of = |name, substitutions| PipelineInput {
        portable: true,
        substitutions,
        ..input(name, r#"["${Images}"]"#)
    };
    stack(false, &[of("a", &one), of("b", &one)]);
    let found = problems(false, &[of("a", &one), of("b", &two)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("pipelines \"a\" and \"b\" have different accounts"), "{found:?}");
}

fn text(length: usize) -> String {
    format!("\"{}\"", "x".repeat(length - 2))
}

#[test]
fn the_largest_definitions_go_to_s3_and_no_more_than_must() {
    let texts = [("a", text(20_000)), ("b", text(30_000)), ("c", text(20_000))];
    let inputs: Vec<_> = texts.iter().map(|(name, text)| input(name, text)).collect();
    let (all, template) = stack(true, &inputs);
    assert_eq!(all.stored.len(), 1);
    let stored = &all.stored[0];
    assert_eq!((stored.pipeline.as_str(), &stored.text), ("b", &texts[1].1));
    assert_eq!(stored.key, format!("definitions/b/{}.json", stored.sha256));
    assert_eq!(
        template["Resources"]["B"]["Properties"]["PipelineDefinition"],
        json!({"PipelineDefinitionS3Location": {"Bucket": "dsm-sm-sources-123456789012-eu-west-1", "Key": stored.key}})
    );
    assert!(all.template.fits_body());

    // To the byte.
    let overhead = stack(true, &[input("a", &text(100))]).0.template.size() - 100;
    let (fits, over) = (text(BODY_LIMIT - overhead), text(BODY_LIMIT - overhead + 1));
    let (fits, _) = stack(true, &[input("a", &fits)]);
    assert_eq!((fits.template.size(), fits.stored.len()), (BODY_LIMIT, 0));
    assert_eq!(stack(true, &[input("a", &over)]).0.stored.len(), 1);
}

#[test]
fn what_can_be_no_file_stays_in_the_template() {
    let large = text(60_000);
    let portable = PipelineInput { portable: true, ..input("portable", &large) };
    // The template goes through S3 now, and there is room for the other one.
    let (stack, _) = stack(false, &[portable, input("plain", &large)]);
    assert!(stack.stored.is_empty());
    assert!(!stack.template.fits_body() && stack.template.fits_s3());

    let huge = text(S3_LIMIT);
    let found = problems(false, &[PipelineInput { portable: true, ..input("portable", &huge) }]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("give the environment \"test\" account and region"), "{found:?}");
}

#[test]
fn a_definition_has_its_own_limit_in_characters() {
    // Two bytes each: it is characters that count.
    let text = format!("\"{}\"", "é".repeat(DEFINITION_LIMIT - 2));
    assert_eq!(stack(true, &[input("a", &text)]).0.stored.len(), 1);
    let text = format!("\"{}\"", "é".repeat(DEFINITION_LIMIT - 1));
    let found = problems(true, &[input("a", &text), input("b", &text)]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_hundred_pipelines_and_the_order_does_not_matter() {
    let texts: Vec<_> = (0..100).map(|i| (format!("pipeline-a{i}"), text(1000 + i % 7))).collect();
    let mut inputs: Vec<_> = texts.iter().map(|(name, text)| input(name, text)).collect();
    let (one, _) = stack(true, &inputs);
    inputs.reverse();
    let (two, _) = stack(true, &inputs);
    assert_eq!(one.template.text(), two.template.text());
    assert_eq!(one.stored, two.stored);
    assert!(one.template.fits_body() && !one.stored.is_empty());
}

#[test]
fn what_cloudformation_would_refuse_is_told() {
    let found = problems(true, &[input("a_b", "{}"), PipelineInput { role_arn: "role", ..input("c", "{}") }]);
    assert_eq!(found.len(), 2, "{found:?}");
}
