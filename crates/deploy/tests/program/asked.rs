//! What is asked for: an assembly on disk, and what it means in the cloud.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_assembly::{Asset, Contents, Pipeline, PipelineRecord, Source, Stack, Target, write};
use pipewright_testbed::random::Random;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";
/// The stack that makes the bucket and the role.
pub(crate) const BELOW: &str = "dev-a-infrastructure";
/// The stack with pipelines.
pub(crate) const ABOVE: &str = "dev-a-pipelines";
pub(crate) const ENVIRONMENT: &str = "dev";

/// Which assembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Which code, and so which definition.
    pub(crate) code: u32,
    /// Which permissions of the role; a higher number allows more.
    pub(crate) role: u32,
    /// Whether a file that goes in parts is among the code.
    pub(crate) large: bool,
    /// Whether the domain, the schedule and the alarm of a full stack are replaced by what every emulator knows.
    pub(crate) plain: bool,
}

impl Content {
    /// Small code, of this number.
    pub(crate) fn code(code: u32) -> Self {
        Self { code, role: 1, large: false, plain: false }
    }

    /// With a file of more than 16 MiB.
    pub(crate) fn large(self) -> Self {
        Self { large: true, ..self }
    }

    /// With other permissions.
    pub(crate) fn role(self, role: u32) -> Self {
        Self { role, ..self }
    }

    /// Without resources that only AWS knows.
    pub(crate) fn plain(self) -> Self {
        Self { plain: true, ..self }
    }
}

/// An assembly in a folder of its own.
pub(crate) struct Asked {
    folder: tempfile::TempDir,
    /// The templates, by stack.
    pub(crate) templates: BTreeMap<String, String>,
    /// The objects, by key.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// The bucket for code.
    pub(crate) bucket: String,
}

impl Asked {
    pub(crate) fn of(content: Content) -> Self {
        Self::in_account(content, ACCOUNT, |_, _| {})
    }

    /// In another account, with templates that are changed before they are written.
    pub(crate) fn in_account(content: Content, account: &str, change: impl Fn(&str, &mut Value)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bucket = format!("dev-a-sources-{account}-{REGION}");
        let files = files(content);
        let mut assets = Vec::new();
        let mut objects = BTreeMap::new();
        for (name, bytes) in files {
            let sha256 = hex(&bytes);
            let key = format!("code/train/{sha256}/{name}");
            std::fs::write(folder.path().join(&name), &bytes).unwrap();
            assets.push(Asset {
                pipeline: Some("train".into()),
                name: name.clone(),
                sha256,
                source: Source::File { root: folder.path().to_owned(), path: name },
                bucket: "dev-a-sources-${AWS::AccountId}-${AWS::Region}".into(),
                key: key.clone(),
                region: None,
            });
            objects.insert(key, bytes);
        }
        let definition = definition(&bucket, objects.keys());
        let mut below = infrastructure(content, &bucket);
        let mut above = pipelines(content, account, &definition);
        change(BELOW, &mut below);
        change(ABOVE, &mut above);
        let templates: BTreeMap<String, String> = [(BELOW, below), (ABOVE, above)]
            .map(|(name, template)| (name.to_owned(), serde_json::to_string_pretty(&template).unwrap()))
            .into();
        let stack = |name: &str, assets: Vec<Asset>, depends_on: Vec<String>| Stack {
            name: name.to_owned(),
            template: templates[name].clone(),
            tags: BTreeMap::from([("team".to_owned(), "a".to_owned())]),
            depends_on,
            assets,
        };
        let contents = Contents {
            target: Target {
                environment: ENVIRONMENT.into(),
                prefix: "dev-a".into(),
                account: Some(account.to_owned()),
                region: Some(REGION.into()),
                source_bucket: "dev-a-sources-${AWS::AccountId}-${AWS::Region}".into(),
                data_bucket: "dev-a-data-${AWS::AccountId}-${AWS::Region}".into(),
            },
            partial: false,
            stacks: vec![stack(BELOW, Vec::new(), Vec::new()), stack(ABOVE, assets, vec![BELOW.to_owned()])],
            pipelines: vec![Pipeline {
                record: PipelineRecord { name: "train".into(), ..PipelineRecord::default() },
                definition,
            }],
        };
        write(&folder.path().join("assembly"), &contents).unwrap();
        Self { folder, templates, objects, bucket }
    }

    /// The folder that `--assembly` names.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("assembly")
    }

    /// A file beside the assembly.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn files(content: Content) -> Vec<(String, Vec<u8>)> {
    let code = content.code;
    let mut files = vec![
        ("train.py".to_owned(), format!("print('train {code}')\n").into_bytes()),
        ("evaluate.py".to_owned(), b"print('evaluate')\n".to_vec()),
        ("empty.py".to_owned(), Vec::new()),
        ("data.bin".to_owned(), random(u64::from(code), 300_000)),
    ];
    if content.large {
        // Two parts, the second of which is short.
        files.push(("model.bin".to_owned(), random(u64::from(code) + 1_000, (16 << 20) + 1)));
    }
    files
}

fn definition<'k>(bucket: &str, keys: impl Iterator<Item = &'k String>) -> Value {
    let steps: Vec<Value> = keys
        .enumerate()
        .map(|(at, key)| {
            let input = json!({"S3Input": {"S3Uri": format!("s3://{bucket}/{key}")}});
            json!({"Name": format!("Step{at}"), "Type": "Processing", "Arguments": {"ProcessingInputs": [input]}})
        })
        .collect();
    json!({"Version": "2020-12-01", "Steps": steps})
}

fn infrastructure(content: Content, bucket: &str) -> Value {
    let actions = ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"];
    let actions = &actions[..(content.role as usize).min(actions.len())];
    let statement = json!({
        "Effect": "Allow",
        "Action": actions,
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
    });
    json!({
        "Resources": {
            "Sources": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {"BucketName": bucket},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": "dev-a-train",
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Effect": "Allow",
                            "Principal": {"Service": "sagemaker.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }],
                    },
                    "Policies": [{
                        "PolicyName": "steps",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
                    }],
                },
            },
            "Name": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Name": "/dev-a/sources", "Type": "String", "Value": {"Ref": "Sources"}},
            },
        },
        "Outputs": {
            "SourceBucket": {"Value": {"Ref": "Sources"}},
            "RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
    })
}

fn pipelines(content: Content, account: &str, definition: &Value) -> Value {
    let role = format!("arn:aws:iam::{account}:role/dev-a-train");
    let mut resources = json!({
        "Note": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/dev-a/definition", "Type": "String", "Value": hex(definition.to_string().as_bytes())},
        },
    });
    if !content.plain {
        resources["Train"] = json!({
            "Type": "AWS::SageMaker::Pipeline",
            "Properties": {
                "PipelineName": "dev-a-train",
                "RoleArn": role,
                "PipelineDefinition": {"PipelineDefinitionBody": definition.to_string()},
            },
        });
        resources["Group"] = json!({
            "Type": "AWS::SageMaker::ModelPackageGroup",
            "Properties": {"ModelPackageGroupName": "dev-a-models"},
        });
    }
    json!({"Resources": resources, "Outputs": {"Definition": {"Value": {"Ref": "Note"}}}})
}

fn random(seed: u64, size: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&random.bits().to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
