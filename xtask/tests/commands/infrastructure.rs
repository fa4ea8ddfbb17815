//! The infrastructure stack and the pipelines' roles, as the commands make and show them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::scene::{Scene, pipeline};

const SETTINGS: &str =
    "prefix = \"acme\"\n[env.dev]\n[env.test]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n";

/// A pipeline whose program says what its role must be allowed.
fn allowed(name: &str) -> Value {
    let mut pipeline = pipeline(name);
    pipeline["permissions"] = json!([
        {"sid": "ImageRegistries", "actions": ["ecr:GetAuthorizationToken"], "resources": ["*"], "steps": ["greet"]},
        {"sid": "ReadCode", "actions": ["s3:GetObject"], "steps": ["greet"],
         "resources": ["arn:aws:s3:::acme-sources-123456789012-eu-west-1/code/ant/*"]},
        {"sid": "Queues", "actions": ["sqs:SendMessage"],
         "resources": ["arn:aws:sqs:eu-west-1:123456789012:q"],
         "conditions": {"StringEquals": {"aws:PrincipalTag/a": ["b"]}}},
    ]);
    pipeline
}

/// Synthesises with these tables in `[env.test]`, and gives both templates.
fn synth(scene: &Scene, more: &str) -> (Value, Value) {
    scene.write("pipewright.toml", &format!("{SETTINGS}{more}"));
    scene.run(&["synth", "--env", "test"]).ends(0);
    let files = scene.files("target/assembly/test");
    lint(scene, files.keys().filter(|name| name.ends_with(".template.json")));
    let template = |name: &str| {
        files
            .get(&format!("acme-{name}.template.json"))
            .map_or(Value::Null, |bytes| serde_json::from_slice(bytes).unwrap())
    };
    (template("infrastructure"), template("pipelines"))
}

/// Where `cargo xtask test` has installed cfn-lint, it finds nothing in these templates.
pub(crate) fn lint<'n>(scene: &Scene, templates: impl Iterator<Item = &'n String>) {
    let Some(python) = std::env::var_os("PIPEWRIGHT_PYTHON") else { return };
    let output = Command::new(Path::new(&python).with_file_name("cfn-lint"))
        .args(["--regions", "eu-west-1", "--template"])
        .args(templates.map(|name| scene.path("target/assembly/test").join(name)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.krate("one", &[allowed("ant")]);
    scene
}

#[test]
fn a_role_is_what_the_program_says() {
    let scene = scene();
    let (_, pipelines) = synth(
        &scene,
        "[env.test.roles]\npath = \"/ml/\"\npermissions_boundary = \"arn:aws:iam::123456789012:policy/edge\"\n",
    );
    let role = &pipelines["Resources"]["roleAnt"];
    assert_eq!(pipelines["Resources"]["Ant"]["DependsOn"], json!(["roleAnt"]));
    assert_eq!(role["Properties"]["RoleName"], "acme-ant");
    assert_eq!(role["Properties"]["Path"], "/ml/");
    assert_eq!(role["Properties"]["PermissionsBoundary"], "arn:aws:iam::123456789012:policy/edge");
    assert_eq!(role["Metadata"]["Pipewright"]["Steps"]["ReadCode"], json!(["greet"]));
    let statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let sids: Vec<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
    assert_eq!(sids, ["ImageRegistries", "Queues", "ReadCode"]);
    let record: Value =
        serde_json::from_slice(&scene.files("target/assembly/test")["pipelines/ant.json"]).unwrap();
    assert_eq!(record["permissions"][1]["conditions"]["StringEquals"]["aws:PrincipalTag/a"], json!(["b"]));

    let arn = "role_arn = \"arn:aws:iam::123456789012:role/one-for-all\"\n";
    let (_, pipelines) = synth(&scene, arn);
    assert_eq!(pipelines["Resources"].as_object().unwrap().len(), 1);
}

#[test]
fn each_table_has_its_effect() {
    let scene = scene();
    let (below, _) = synth(&scene, "");
    let count = |template: &Value, kind: &str| {
        let resources = template["Resources"].as_object().unwrap().values();
        resources.filter(|resource| resource["Type"] == kind).count()
    };
    assert_eq!(count(&below, "AWS::EC2::Subnet"), 9);
    assert_eq!(count(&below, "AWS::EC2::NatGateway"), 1);
    assert_eq!(count(&below, "AWS::S3::Bucket"), 3);
    assert_eq!(count(&below, "AWS::SageMaker::Domain"), 1);
    let (below, pipelines) = synth(
        &scene,
        "tags = { team = \"x\" }\n\
         [env.test.network]\nnat_gateways = 3\nendpoints = [\"sts\", \"logs\"]\nflow_log_days = 0\n\
         [env.test.buckets]\nkms = true\naccess_log_days = 0\ndata_days = 30\nretain = false\n\
         [env.test.domain]\nauth = \"sso\"\nusers = [\"ada@example.com\", \"grace\"]\n",
    );
    assert_eq!(count(&below, "AWS::EC2::NatGateway"), 3);
    assert_eq!(count(&below, "AWS::EC2::VPCEndpoint"), 3);
    assert_eq!(count(&below, "AWS::EC2::FlowLog"), 0);
    assert_eq!(count(&below, "AWS::S3::Bucket"), 2);
    assert_eq!(count(&below, "AWS::SageMaker::UserProfile"), 2);
    assert_eq!(below["Resources"]["DataBucket"]["DeletionPolicy"], "Delete");
    assert_eq!(below["Resources"]["Vpc"]["Properties"]["Tags"][1], json!({"Key": "team", "Value": "x"}));
    let policy = pipelines["Resources"]["roleAnt"]["Properties"]["Policies"][0].to_string();
    assert!(policy.contains("\"kms:ResourceAliases\":[\"alias/acme\"]"), "{policy}");
    let (below, _) = synth(
        &scene,
        "[env.test.network]\nvpc = \"vpc-0123456789abcdef0\"\nsubnet_ids = [\"subnet-0123456789abcdef0\"]\n",
    );
    assert_eq!(count(&below, "AWS::EC2::VPC"), 0);
    assert_eq!(count(&below, "AWS::EC2::SecurityGroup"), 1);
}

#[test]
fn the_pipelines_wait_for_it_where_there_is_one() {
    let scene = scene();
    synth(&scene, "");
    let manifest = |scene: &Scene| -> Value {
        serde_json::from_slice(&scene.files("target/assembly/test")["manifest.json"]).unwrap()
    };
    let dependencies = &manifest(&scene)["artifacts"]["acme-pipelines"]["dependencies"];
    assert_eq!(*dependencies, json!(["acme-pipelines.assets", "acme-infrastructure"]));
    let (below, _) =
        synth(&scene, "[env.test.network]\nvpc = \"none\"\n[env.test.buckets]\ncreate = false\n");
    assert_eq!(below, Value::Null);
    assert_eq!(
        manifest(&scene)["artifacts"]["acme-pipelines"]["dependencies"],
        json!(["acme-pipelines.assets"])
    );
}

#[test]
fn settings_that_do_not_go_together() {
    let scene = scene();
    for (more, says) in [
        ("[env.test.network]\nvpc = \"vpc-0123456789abcdef0\"\n", "network.subnet_ids"),
        ("[env.test.network]\nsubnet_ids = [\"subnet-1\"]\n", "belongs to a VPC that is given by its id"),
        ("[env.test.network]\nvpc = \"some\"\n", "`network.vpc` must match the pattern"),
        ("[env.test.network]\nnat_gateways = 4\n", "nat_gateways"),
        ("[env.test.network]\nflow_log_days = 2\n", "CloudWatch does not know that many days"),
        ("[env.test.network]\ncidr = \"10.0.0.0/8\"\n", "these are no addresses for a VPC"),
        ("[env.test.domain]\nauth = \"saml\"\n", "auth"),
    ] {
        scene.write("pipewright.toml", &format!("{SETTINGS}{more}"));
        scene.run(&["synth", "--env", "test"]).ends(1).says(&[says, "nothing is written"]);
    }
}

#[test]
fn iam_shows_statements_with_the_steps_that_need_them() {
    let scene = scene();
    let outcome = scene.run(&["iam", "ant", "--env", "test"]).ends(0);
    insta::assert_snapshot!(outcome.stdout);
    let answer = scene.run(&["iam", "ant", "--env", "test", "--json"]).ends(0).json();
    assert_eq!(answer["role_arn"], "arn:aws:iam::123456789012:role/acme-ant");
    assert_eq!(answer["statements"][2]["steps"], json!(["greet"]));
    scene.run(&["iam", "bee"]).ends(1).says(&["there is no pipeline \"bee\""]);
    scene.write(
        "pipewright.toml",
        &format!("{SETTINGS}role_arn = \"arn:aws:iam::123456789012:role/acme-ant\"\n"),
    );
    scene.run(&["iam", "ant", "--env", "test"]).ends(0).says(&["gives this role by role_arn"]);
}
