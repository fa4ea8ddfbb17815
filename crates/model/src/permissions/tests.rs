use std::fmt::Write as _;

use super::*;
use crate::{
    CodeAsset, Deploy, Expr, Object, Parameter, ParameterDecl, ParameterKind, Raw, execution, join, node,
};

fn environment(known: bool) -> Environment {
    Environment {
        prefix: "p".into(),
        account: known.then(|| "123456789012".to_owned()),
        region: known.then(|| "eu-west-1".to_owned()),
        ..Environment::default()
    }
}

/// The statements as lines: name, actions, resources, conditions, steps.
fn shown(graph: &Graph, known: bool) -> String {
    let mut text = String::new();
    for permission in permissions("example", graph, &environment(known)) {
        let Permission { sid, actions, resources, conditions, steps } = permission;
        writeln!(text, "{sid} {actions:?} for {steps:?}").unwrap();
        for resource in resources {
            writeln!(text, "  {resource}").unwrap();
        }
        for (operator, keys) in conditions {
            for (key, values) in keys {
                writeln!(text, "  where {operator} {key} {values:?}").unwrap();
            }
        }
    }
    text
}

fn one(step: Raw) -> Graph {
    let mut graph = Graph::new();
    graph.no_experiment();
    graph.add("Step", step);
    graph
}

/// The resources of a statement.
#[track_caller]
fn check(step: Raw, sid: &str, expected: &[&str]) {
    let found = permissions("example", &one(step), &environment(true));
    let resources = found.into_iter().find(|permission| permission.sid == sid).map(|p| p.resources);
    assert_eq!(resources.unwrap_or_default(), expected, "{sid}");
}

fn processing(arguments: crate::Node) -> Raw {
    Raw::new("Processing").arguments(arguments)
}

#[test]
fn a_job_needs_itself_its_logs_and_its_role() {
    let arguments = node!({ "RoleArn": (Expr::<String>::from(Deploy::RoleArn)) });
    let mut graph = one(processing(arguments.clone()));
    graph.add("Other", processing(arguments));
    assert_eq!(
        shown(&graph, false),
        r#"Logs ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"] for ["Other", "Step"]
  arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/sagemaker/ProcessingJobs
  arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/sagemaker/ProcessingJobs:*
Metrics ["cloudwatch:PutMetricData"] for ["Other", "Step"]
  *
  where StringEquals cloudwatch:namespace ["/aws/sagemaker/ProcessingJobs"]
PassRole ["iam:PassRole"] for ["Other", "Step"]
  arn:${AWS::Partition}:iam::${AWS::AccountId}:role/p-example
  where StringEquals iam:PassedToService ["sagemaker.amazonaws.com"]
ProcessingJobs ["sagemaker:AddTags", "sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob", "sagemaker:StopProcessingJob"] for ["Other", "Step"]
  arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:processing-job/pipelines-*
"#
    );
}

#[test]
fn places_are_read_or_written_as_they_are_used() {
    let data = || Expr::<String>::from(Deploy::DataBucket);
    let input = Parameter::<String>::declare(ParameterDecl {
        default: Some("s3://elsewhere/in/".to_owned().into()),
        ..ParameterDecl::new("Input", ParameterKind::String)
    });
    let open = Parameter::<String>::declare(ParameterDecl::new("Open", ParameterKind::String));
    let step = || {
        processing(node!({
            "AppSpecification": {
                "ContainerArguments": ["--in", (join!("s3://", data(), "/free/x.csv")), "--to=s3://other/y, z"]
            },
            "ProcessingInputs": [
                { "S3Input": { "S3Uri": (&input) } },
                { "S3Input": { "S3Uri": (&open) } },
                { "S3Input": { "S3Uri": "s3://elsewhere/one" } }
            ],
            "ProcessingOutputConfig": { "Outputs": [
                { "S3Output": { "S3Uri":
                    (join!("s3://", data(), "/", execution::pipeline_name(), "/", execution::pipeline_execution_id())) } },
                { "S3Output": { "S3Uri": (join!("s3://", Expr::<String>::from(Deploy::SourceBucket), "/code/other/x")) } }
            ] }
        }))
    };
    let free = [
        "arn:aws:s3:::p-data-123456789012-eu-west-1/free/x.csv",
        "arn:aws:s3:::p-data-123456789012-eu-west-1/free/x.csv/*",
    ];
    let written = "arn:aws:s3:::p-data-123456789012-eu-west-1/example/*";
    check(step(), "WriteData", &[written, free[0], free[1]]);
    check(
        step(),
        "ReadData",
        &[
            "arn:aws:s3:::elsewhere/in/*",
            "arn:aws:s3:::elsewhere/one",
            "arn:aws:s3:::elsewhere/one/*",
            "arn:aws:s3:::other/y",
            "arn:aws:s3:::other/y/*",
            written,
            free[0],
            free[1],
            "arn:aws:s3:::p-sources-123456789012-eu-west-1/code/other/x",
            "arn:aws:s3:::p-sources-123456789012-eu-west-1/code/other/x/*",
        ],
    );
    check(step(), "ListBucket1", &["arn:aws:s3:::elsewhere"]);
}

#[test]
fn code_is_never_written() {
    let out = |uri: &'static str| node!({ "OutputDataConfig": { "S3OutputPath": (uri) } });
    let same = Environment {
        source_bucket: Some("both".into()),
        data_bucket: Some("both".into()),
        ..environment(true)
    };
    for (uri, written) in [
        ("s3://both/code/example/x", false),
        ("s3://both/code/other", false),
        ("s3://both/definitions/x", false),
        ("s3://both/code", false),
        ("s3://both/co", true),
        ("s3://both/c*", false),
        ("s3://both", false),
        ("s3://both/", false),
        ("s3://both/results", true),
    ] {
        let graph = one(Raw::new("Training").arguments(out(uri)));
        let found = permissions("example", &graph, &same);
        assert_eq!(found.iter().any(|p| p.sid == "WriteData"), written, "{uri}");
    }
}

#[test]
fn what_text_names() {
    let with = |member: &'static str, text: &'static str| {
        processing([(member, crate::Node::text(text))].into_iter().collect::<Object>().into())
    };
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/clean:1.0";
    check(with("ImageUri", image), "Images", &["arn:aws:ecr:eu-west-1:123456789012:repository/team/clean"]);
    check(with("ImageUri", image), "ImageRegistries", &["*"]);
    check(with("ImageUri", "docker.io/x"), "Images", &[]);
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1111-2222";
    check(with("KmsKeyId", key), "Keys", &[key]);
    check(with("VolumeKmsKeyId", "1111-2222"), "KeyGrants", &[key]);
    check(with("VolumeKmsKeyId", "alias/x"), "KeysByAlias", &["arn:aws:kms:eu-west-1:123456789012:key/*"]);
    check(with("KmsKeyId", ""), "Keys", &[]);
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    check(Raw::new("Lambda").member("FunctionArn", function), "Functions", &[function]);
    let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
    check(
        Raw::new("Callback").member("SqsQueueUrl", queue),
        "Queues",
        &["arn:aws:sqs:eu-west-1:123456789012:q"],
    );
    let network =
        || processing(node!({ "VpcConfig": { "Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"] } }));
    check(
        network(),
        "NetworkInterfaces",
        &[
            "arn:aws:ec2:eu-west-1:123456789012:network-interface/*",
            "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
            "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1",
        ],
    );
    check(network(), "Networks", &["*"]);
    check(with("ProcessingInputs", ""), "Networks", &[]);
    let group = Raw::new("RegisterModel").argument("ModelPackageGroupName", "Abalone");
    check(
        group,
        "ModelPackages",
        &[
            "arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/Abalone",
            "arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/abalone",
            "arn:aws:sagemaker:eu-west-1:123456789012:model-package/Abalone/*",
            "arn:aws:sagemaker:eu-west-1:123456789012:model-package/abalone/*",
        ],
    );
}

#[test]
fn kinds_that_are_not_known_are_told() {
    let problems = unknown(&one(Raw::new("Athena")));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].step.as_deref(), Some("Step"));
    assert!(unknown(&one(Raw::new("Lambda"))).is_empty());
}

#[test]
fn placeholders_keep_their_case() {
    assert_eq!(lower_case("Ab-${AWS::Region}-C"), "ab-${AWS::Region}-c");
    assert_eq!(lower_case("A${"), "a${}");
}

#[test]
fn a_tuning_job_makes_training_jobs_of_its_name() {
    let tuning = || Raw::new("Tuning").argument("HyperParameterTuningJobName", "search");
    let base = "arn:aws:sagemaker:eu-west-1:123456789012";
    for (sid, resource) in [("TrainingJobs", "training-job"), ("TuningJobs", "hyper-parameter-tuning-job")] {
        check(
            tuning(),
            sid,
            &[&format!("{base}:{resource}/pipelines-*"), &format!("{base}:{resource}/search*")],
        );
    }
    let fixed = node!({ "StaticHyperParameters": { "data": "s3://elsewhere/x/" } });
    let free = Raw::new("Tuning").argument("TrainingJobDefinition", fixed);
    check(free, "ReadData", &["arn:aws:s3:::elsewhere/x/*"]);
}

#[test]
fn auto_ml_makes_jobs_of_every_kind() {
    for (sid, resource) in [
        ("AutoMLJobs", "automl-job"),
        ("Models", "model"),
        ("ProcessingJobs", "processing-job"),
        ("TrainingJobs", "training-job"),
        ("TransformJobs", "transform-job"),
    ] {
        let arn = format!("arn:aws:sagemaker:eu-west-1:123456789012:{resource}/pipelines-*");
        check(Raw::new("AutoML"), sid, &[&arn]);
    }
}

#[test]
fn emr() {
    let role = "arn:aws:iam::123456789012:role/runtime";
    let there = || Raw::new("EMR").argument("ClusterId", "j-1").argument("ExecutionRoleArn", role);
    check(there(), "EmrClusters", &["arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/j-1"]);
    check(there(), "PassRoleToEmr", &[role]);
    check(there(), "PassRole", &[]);
    check(
        there(),
        "EmrStatusRules",
        &["arn:aws:events:eu-west-1:123456789012:rule/SageMakerPipelineExecutionEMR*"],
    );
    let unknown = execution::pipeline_execution_id();
    check(
        Raw::new("EMR").argument("ClusterId", unknown),
        "EmrClusters",
        &["arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/*"],
    );
    let made = || {
        Raw::new("EMR").argument("ClusterConfig", node!({ "ServiceRole": "EMR", "JobFlowRole": "EMR_EC2" }))
    };
    check(made(), "NewEmrClusters", &["arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/*"]);
    check(
        made(),
        "PassRoleToEmr",
        &["arn:aws:iam::123456789012:role/EMR", "arn:aws:iam::123456789012:role/EMR_EC2"],
    );
}

#[test]
fn emr_serverless() {
    let role = "arn:aws:iam::123456789012:role/job";
    let there =
        || Raw::new("EMRServerless").argument("ApplicationId", "00a").argument("ExecutionRoleArn", role);
    let base = "arn:aws:emr-serverless:eu-west-1:123456789012:/";
    check(
        there(),
        "EmrApplications",
        &[&format!("{base}applications/00a"), &format!("{base}applications/00a/jobruns/*")],
    );
    check(there(), "PassRoleToEmr", &[role]);
    let made = Raw::new("EMRServerless").argument("ApplicationConfig", node!({ "type": "SPARK" }));
    check(made, "NewEmrApplications", &[&format!("{base}*")]);
}

#[test]
fn lineage_is_written_and_its_places_are_not_read() {
    let step = || {
        Raw::new("Lineage").arguments(node!({
            "Actions": [{ "ActionName": "act", "Source": { "SourceUri": "s3://b/r" } }],
            "Contexts": [{ "ContextName": "ctx" }],
            "Associations": [{
                "Source": { "Arn": "arn:aws:sagemaker:eu-west-1:123456789012:artifact/1" },
                "Destination": { "Name": "act", "Type": "Action" }
            }]
        }))
    };
    let base = "arn:aws:sagemaker:eu-west-1:123456789012";
    check(
        step(),
        "Lineage",
        &[
            &format!("{base}:action/act"),
            &format!("{base}:artifact/*"),
            &format!("{base}:artifact/1"),
            &format!("{base}:context/ctx"),
        ],
    );
    check(step(), "ReadData", &[]);
}

#[test]
fn a_check_finds_its_baseline_and_asks_its_model() {
    let step = || {
        Raw::new("ClarifyCheck")
            .member("ModelPackageGroupName", "Prices")
            .member("ModelName", "m")
            .member("SuppliedBaselineConstraints", "s3://b/constraints.json")
            .asset(CodeAsset::text("analysis_config.json", r#"{"baseline":"s3://b/rows.csv","n":1}"#))
    };
    let base = "arn:aws:sagemaker:eu-west-1:123456789012";
    let groups = [
        "model-package-group/Prices",
        "model-package-group/prices",
        "model-package/Prices/*",
        "model-package/prices/*",
    ]
    .map(|resource| format!("{base}:{resource}"));
    check(step(), "Baselines", &groups.each_ref().map(String::as_str));
    check(step(), "ClarifyModels", &[&format!("{base}:model/m")]);
    check(
        step(),
        "ClarifyEndpoints",
        &[&format!("{base}:endpoint-config/sm-clarify*"), &format!("{base}:endpoint/sm-clarify*")],
    );
    let read = ["arn:aws:s3:::b/constraints.json", "arn:aws:s3:::b/rows.csv"];
    let all: Vec<String> = read.iter().flat_map(|arn| [(*arn).to_owned(), format!("{arn}/*")]).collect();
    check(step(), "ReadData", &all.iter().map(String::as_str).collect::<Vec<_>>());
    check(Raw::new("QualityCheck"), "ClarifyEndpoints", &[]);
    check(Raw::new("QualityCheck"), "Baselines", &[]);
}
