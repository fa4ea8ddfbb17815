//! Templates as synth writes them, with changes that people make.

use pipewright_diff::{Difference, Lookups, Style, compare, render};
use serde_json::{Value, json};

fn template(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn pipelines() -> Value {
    template(include_str!("fixtures/pipelines.json"))
}

fn infrastructure() -> Value {
    template(include_str!("fixtures/infrastructure.json"))
}

fn difference(old: Option<&Value>, new: Option<&Value>) -> Difference {
    compare(old, new, &Lookups::default())
}

#[test]
fn nothing_changed() {
    for template in [pipelines(), infrastructure()] {
        assert!(difference(Some(&template), Some(&template)).is_empty());
    }
}

#[test]
fn a_new_stack() {
    insta::assert_snapshot!(render(&difference(None, Some(&pipelines())), Style::default()));
    insta::assert_snapshot!(render(&difference(None, Some(&infrastructure())), Style::default()));
}

#[test]
fn a_stack_that_goes() {
    insta::assert_snapshot!(render(&difference(Some(&infrastructure()), None), Style::default()));
}

#[test]
fn a_pipeline_that_changed() {
    let old = pipelines();
    let mut new = old.clone();
    let body = &mut new["Resources"]["Abalone"]["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]
        ["Fn::Sub"][0];
    let text = body.as_str().unwrap();
    let code = "002e0ec260df68cca1cc8baab221b476f258222bc169ee94b022476e60922c6b";
    assert!(text.contains(code) && text.contains("\"num_round\":\"50\""));
    let text = text
        .replace(code, &"0".repeat(64))
        .replace("\"num_round\":\"50\"", "\"num_round\":\"60\",\"alpha\":\"1\"")
        .replace("\"DefaultValue\":6.0", "\"DefaultValue\":5.0")
        .replace(
            "{\"Name\":\"AbaloneTransform\",\"Type\":\"Transform\"",
            "{\"Name\":\"Transform\",\"Type\":\"Transform\"",
        );
    *body = json!(text);
    let statements =
        &mut new["Resources"]["roleAbalone"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    let statements = statements.as_array_mut().unwrap();
    let read = statements.iter_mut().find(|statement| statement["Sid"] == "ReadData").unwrap();
    read["Action"] = json!(["s3:GetObject", "s3:GetObjectVersion"]);
    statements.retain(|statement| statement["Sid"] != "Experiments");
    statements.reverse();
    let found = difference(Some(&old), Some(&new));
    insta::assert_snapshot!(render(&found, Style::default()));
    insta::assert_json_snapshot!(found.to_json());
}

#[test]
fn an_infrastructure_that_changed() {
    let old = infrastructure();
    let mut new = old.clone();
    let resources = &mut new["Resources"];
    resources["Vpc"]["Properties"]["CidrBlock"] = json!("10.9.0.0/16");
    resources["Domain"]["Properties"]["AppNetworkAccessType"] = json!("PublicInternetOnly");
    resources["DataBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"] = json!([]);
    resources["SecurityGroup"]["Properties"]["SecurityGroupIngress"] =
        json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}]);
    resources["UserRole"]["Properties"]["ManagedPolicyArns"] =
        json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
    resources["Key"]["Properties"]["KeyPolicy"]["Statement"][0]["Principal"] = json!("*");
    resources.as_object_mut().unwrap().shift_remove("LogBucket");
    resources.as_object_mut().unwrap().shift_remove("FlowLogGroup");
    let found = difference(Some(&old), Some(&new));
    insta::assert_snapshot!(render(&found, Style { color: false, width: 80 }));
    insta::assert_snapshot!(render(&found, Style { color: true, width: 120 }));
}
