//! A role for each pipeline, with what its graph needs.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use pipewright_cloudformation::BODY_LIMIT;
use pipewright_model::deploy::Substitution;
use pipewright_model::permissions::permissions;
use pipewright_model::{Deploy, Environment, Expr, Graph, Permission, Problem, Raw, join, node};
use pipewright_stacks::infrastructure::Buckets;
use pipewright_stacks::{
    Attached, InfrastructureSettings, Notifications, PipelineInput, PipelinesStack, RoleInput, Roles,
    StackInput, pipelines_stack, use_of_key,
};
use serde_json::{Value, json};

fn environment(known: bool) -> Environment {
    Environment {
        name: "test".into(),
        prefix: "p".into(),
        account: known.then(|| "123456789012".to_owned()),
        region: known.then(|| "eu-west-1".to_owned()),
        ..Environment::default()
    }
}

/// A graph with everything in it that leads to a statement.
fn graph() -> Graph {
    let role = || Expr::<String>::from(Deploy::RoleArn);
    let data = |key: &str| join!("s3://", Expr::<String>::from(Deploy::DataBucket), "/", key);
    let job = || {
        node!({
            "RoleArn": (role()),
            "ImageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/clean:1.0",
            "VpcConfig": { "Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"] },
            "InputUri": (join!("s3://", Expr::<String>::from(Deploy::SsmParameter("/in/bucket".into())), "/x")),
            "OutputDataConfig": {
                "S3OutputPath": (data("out")),
                "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1111",
                "VolumeKmsKeyId": "alias/mine"
            }
        })
    };
    let mut graph = Graph::new();
    for kind in ["Processing", "Training", "Tuning", "Transform", "Model", "QualityCheck"] {
        graph.add(kind, Raw::new(kind).arguments(job()));
    }
    graph.add("Register", Raw::new("RegisterModel").argument("ModelPackageGroupName", "Abalone"));
    graph.add(
        "Call",
        Raw::new("Lambda").member("FunctionArn", "arn:aws:lambda:eu-west-1:123456789012:function:f"),
    );
    graph.add(
        "Ask",
        Raw::new("Callback").member("SqsQueueUrl", "https://sqs.eu-west-1.amazonaws.com/123456789012/q"),
    );
    graph
}

fn stack_of(
    environment: &Environment,
    pipelines: &[PipelineInput<'_>],
) -> Result<PipelinesStack, Vec<Problem>> {
    let input = StackInput {
        name: "p-pipelines",
        pipelines,
        groups: &BTreeSet::new(),
        notifications: &Notifications::default(),
        limits: &Roles::default(),
        tags: &BTreeMap::new(),
    };
    pipelines_stack(environment, &input)
}

fn template(environment: &Environment, allowed: &[Permission], limits: &Roles) -> Value {
    let substitutions =
        BTreeMap::from([Substitution::of(&Deploy::SsmParameter("/in/bucket".into())).unwrap()]);
    let input = PipelineInput {
        name: "example",
        display_name: None,
        description: "",
        role_arn: &environment.text(&Deploy::RoleArn, "example"),
        role: Some(RoleInput { permissions: allowed, added: &[], limits }),
        definition: "{}",
        portable: true,
        substitutions: &substitutions,
        parallelism: None,
        tags: &BTreeMap::from([("team".to_owned(), "x".to_owned())]),
        parameters: &[],
        attached: Attached::NONE,
    };
    let stack = stack_of(environment, &[input]).unwrap();
    assert_eq!(stack.warnings, []);
    serde_json::from_str(&stack.template.text()).unwrap()
}

#[test]
fn no_role_breaks_a_rule() {
    let limits = [
        Roles::default(),
        Roles { path: Some("/ml/".into()), boundary: Some("arn:aws:iam::123456789012:policy/edge".into()) },
    ];
    for known in [false, true] {
        for limits in &limits {
            for kms in [false, true] {
                let environment = Environment { role_path: limits.path.clone(), ..environment(known) };
                let settings = InfrastructureSettings {
                    buckets: Buckets { kms, ..Buckets::default() },
                    ..InfrastructureSettings::default()
                };
                let mut allowed = permissions("example", &graph(), &environment);
                allowed.extend(use_of_key(&environment, &settings, &allowed));
                assert_eq!(allowed.iter().any(|p| p.sid == "BucketKey"), kms);
                let template = template(&environment, &allowed, limits);
                assert_eq!(rules::broken(&template), Vec::<String>::new());
                let role = &template["Resources"]["roleExample"];
                let principal = &role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
                assert_eq!(principal["Principal"], json!({"Service": "sagemaker.amazonaws.com"}));
                assert!(principal["Condition"]["StringEquals"].get("aws:SourceAccount").is_some());
                // All that is allowed is said of some step, or of the pipeline itself.
                let steps = &role["Metadata"]["Pipewright"]["Steps"];
                let statements = &role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
                for statement in statements.as_array().unwrap() {
                    let sid = statement["Sid"].as_str().unwrap();
                    let is_of_pipeline = sid == "Experiments";
                    assert_eq!(steps[sid].as_array().unwrap().is_empty(), is_of_pipeline, "{sid}");
                }
            }
        }
    }
}

#[test]
fn it_is_the_role_that_the_definition_names() {
    for (path, arn) in [
        (None, "arn:aws:iam::123456789012:role/p-example"),
        (Some("/ml/x/"), "arn:aws:iam::123456789012:role/ml/x/p-example"),
    ] {
        let environment = Environment { role_path: path.map(str::to_owned), ..environment(true) };
        let limits = Roles { path: path.map(str::to_owned), boundary: None };
        let template = template(&environment, &[], &limits);
        let resources = &template["Resources"];
        assert_eq!(resources["Example"]["Properties"]["RoleArn"], arn);
        assert_eq!(resources["Example"]["DependsOn"], json!(["roleExample"]));
        assert_eq!(resources["roleExample"]["Properties"]["RoleName"], "p-example");
        assert_eq!(resources["roleExample"]["Properties"].get("Path"), path.map(|path| json!(path)).as_ref());
    }
}

#[test]
fn a_place_in_a_parameter_is_filled_in() {
    let environment = environment(true);
    let template = template(&environment, &permissions("example", &graph(), &environment), &Roles::default());
    let text = template["Resources"]["roleExample"].to_string();
    assert!(text.contains("{{resolve:ssm:/in/bucket}}"), "{text}");
}

#[test]
fn what_iam_would_refuse_is_told() {
    let limits = Roles::default();
    let allowed = [Permission {
        sid: "ReadData".into(),
        actions: vec!["s3:GetObject".into()],
        resources: vec![format!("arn:aws:s3:::data/{}", "x".repeat(10_000))],
        ..Permission::default()
    }];
    let name = "n".repeat(70);
    let input = PipelineInput {
        name: &name,
        display_name: None,
        description: "",
        role_arn: "arn:aws:iam::123456789012:role/x",
        role: Some(RoleInput { permissions: &allowed, added: &[], limits: &limits }),
        definition: "{}",
        portable: false,
        substitutions: &BTreeMap::new(),
        parallelism: None,
        tags: &BTreeMap::new(),
        parameters: &[],
        attached: Attached::NONE,
    };
    let problems = stack_of(&environment(true), &[input]).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(&codes[..2], ["role/name", "role/size"]);
}

#[test]
fn what_does_not_fit_into_a_role_stands_beside_it() {
    let limits = Roles { path: Some("/ml/".into()), boundary: None };
    let allowed = [Permission {
        sid: "ReadData".into(),
        actions: vec!["s3:GetObject".into()],
        resources: (0..120).map(|i| format!("arn:aws:s3:::data/{i:04}/{}", "x".repeat(80))).collect(),
        steps: vec!["step".into()],
        ..Permission::default()
    }];
    let environment = Environment { role_path: limits.path.clone(), ..environment(true) };
    let template = template(&environment, &allowed, &limits);
    let resources = &template["Resources"];
    assert_eq!(rules::broken(&template), Vec::<String>::new());
    let ids = ["policy1Example", "policy2Example", "policy3Example", "policy4Example", "roleExample"];
    assert_eq!(resources["Example"]["DependsOn"], json!(ids));
    assert_eq!(resources["policy2Example"]["Properties"]["Roles"], json!([{"Ref": "roleExample"}]));
    assert!(resources["roleExample"]["Properties"].get("Policies").is_none());
    assert_eq!(resources["roleExample"]["Metadata"]["Pipewright"]["Steps"]["ReadDataPart1"], json!(["step"]));
}

#[test]
fn roles_that_fit_into_a_request_only_without_white_space_are_written_so() {
    let environment = environment(false);
    let allowed = permissions("example", &graph(), &environment);
    let limits = Roles::default();
    let with = |count: usize, definition: &str| {
        let names: Vec<String> = (0..count).map(|i| format!("pipeline{i}")).collect();
        let (none, no_tags) = (
            BTreeMap::from([Substitution::of(&Deploy::SsmParameter("/in/bucket".into())).unwrap()]),
            BTreeMap::new(),
        );
        let inputs: Vec<PipelineInput<'_>> = names
            .iter()
            .map(|name| PipelineInput {
                name,
                display_name: None,
                description: "",
                role_arn: "arn:aws:iam::123456789012:role/x",
                role: Some(RoleInput { permissions: &allowed, added: &[], limits: &limits }),
                definition,
                portable: true,
                substitutions: &none,
                parallelism: None,
                tags: &no_tags,
                parameters: &[],
                attached: Attached::NONE,
            })
            .collect();
        stack_of(&environment, &inputs).unwrap()
    };
    let pretty = with(1, "{}");
    assert_eq!(pretty.text, pretty.template.text());
    let one_too_many = "x".repeat(BODY_LIMIT - pretty.template.size());
    let compact = with(1, &format!("\"{one_too_many}\""));
    assert_eq!(compact.text.lines().count(), 1);
    assert!(compact.text.len() <= BODY_LIMIT && !compact.template.fits_body());
    let large = with(20, "{}");
    assert_eq!(large.text, large.template.text());
}
