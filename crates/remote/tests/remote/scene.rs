//! An assembly, a session, and what both are about.

use std::path::PathBuf;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use jiff::{SignedDuration, Timestamp};
use pipewright_assembly::{
    Assembly, Asset, Contents, Pipeline, PipelineRecord, Source, Stack, Target, write,
};
use pipewright_deploy::Session;
use serde_json::{Value, json};

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const STACK: &str = "p-pipelines";

pub(crate) fn bucket(account: &str) -> String {
    format!("p-sources-{account}-{REGION}")
}

/// A key of code.
pub(crate) fn code(digit: char) -> String {
    format!("code/abalone/{}/a.py", digit.to_string().repeat(64))
}

/// A definition that refers to these objects, written for `Fn::Sub`.
pub(crate) fn definition(keys: &[&str]) -> String {
    let steps: Vec<Value> = keys
        .iter()
        .map(|key| json!({"Code": format!("s3://p-sources-${{AWS::AccountId}}-${{AWS::Region}}/{key}")}))
        .collect();
    json!({"Version": "2020-12-01", "Steps": steps}).to_string()
}

/// The template of a stack with a pipeline of this definition.
pub(crate) fn template(definition: &str) -> String {
    json!({"Resources": {"Abalone": {
        "Type": "AWS::SageMaker::Pipeline",
        "Properties": {
            "PipelineName": "abalone",
            "RoleArn": "arn:aws:iam::111122223333:role/p-abalone",
            "PipelineDefinition": {"PipelineDefinitionBody": {"Fn::Sub": definition}},
        },
    }}})
    .to_string()
}

/// An assembly with one pipeline, of this template, with a definition stored in S3 where one is given.
pub(crate) struct Made {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) assembly: Assembly,
}

pub(crate) fn assembly(definition: &str, template: &str, assets: &[(&str, &str)]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let asset = |(key, text): &(&str, &str)| Asset {
        pipeline: Some("abalone".into()),
        name: key.rsplit('/').next().unwrap().to_owned(),
        sha256: sha256(text),
        source: Source::Text((*text).to_owned()),
        bucket: "p-sources-${AWS::AccountId}-${AWS::Region}".into(),
        key: (*key).to_owned(),
        region: None,
    };
    let contents = Contents {
        target: Target {
            environment: "test".into(),
            prefix: "p".into(),
            region: Some(REGION.into()),
            source_bucket: "p-sources-${AWS::AccountId}-${AWS::Region}".into(),
            data_bucket: "p-data-${AWS::AccountId}-${AWS::Region}".into(),
            ..Target::default()
        },
        partial: false,
        stacks: vec![Stack {
            name: STACK.into(),
            template: template.to_owned(),
            assets: assets.iter().map(asset).collect(),
            ..Stack::default()
        }],
        pipelines: vec![Pipeline {
            record: PipelineRecord { name: "abalone".into(), ..PipelineRecord::default() },
            definition: serde_json::from_str(definition).unwrap(),
        }],
    };
    let out: PathBuf = folder.path().join("out");
    write(&out, &contents).unwrap();
    let assembly = Assembly::open(&out).unwrap();
    Made { folder, assembly }
}

pub(crate) fn sha256(text: &str) -> String {
    pipewright_deploy::stack::sha256(text)
}

pub(crate) fn session(account: &str, endpoint: &str) -> Session {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build();
    Session {
        region: REGION.into(),
        account: account.into(),
        partition: "aws".into(),
        caller_arn: format!("arn:aws:iam::{account}:user/ann"),
        config,
    }
}

/// Puts an object as a deploy does.
pub(crate) async fn put(client: &Client, bucket: &str, key: &str, text: &str) {
    let request = client.put_object().bucket(bucket).key(key).metadata("pipewright-sha256", sha256(text));
    request.body(text.as_bytes().to_vec().into()).send().await.unwrap();
}

/// The time so many days from now.
pub(crate) fn days(count: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24 * count)
}
