//! What `pipewright.json` and the files under `pipelines/` hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of everything in an assembly that is not CDK's. A reader refuses another one.
pub const FORMAT: u32 = 1;

/// `pipewright.json`: says that a folder is an assembly, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// [`FORMAT`].
    pub format: u32,
    /// Where the stacks go.
    pub target: Target,
    /// Whether pipelines of the workspace were left out: deployed as it is, the stack would lose them.
    pub partial: bool,
    /// Names of the stacks, each after those it depends on.
    pub stacks: Vec<String>,
    /// Names of the pipelines, sorted.
    pub pipelines: Vec<String>,
}

/// The environment that an assembly was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name in `pipewright.toml`.
    pub environment: String,
    /// What the names of all resources begin with.
    pub prefix: String,
    /// The account, where the environment names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region, where the environment names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The bucket for code. `${AWS::AccountId}` and `${AWS::Region}` stand for what is not known.
    pub source_bucket: String,
    /// The bucket for results, in the same way.
    pub data_bucket: String,
}

/// `pipelines/PIPELINE.json`: what can be known of a pipeline without reading its definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PipelineRecord {
    /// The name.
    pub name: String,
    /// The stack that holds it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// The name that Studio shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The role it runs under; with placeholders where account or partition are not known.
    pub role_arn: String,
    /// How many steps may run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// Its tags, those of the environment among them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Where its stack has the definition.
    pub body: BodyRecord,
    /// Whether the definition holds placeholders, `${NAME}`, that CloudFormation fills in.
    pub portable: bool,
    /// What the placeholders stand for that CloudFormation does not know by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub substitutions: BTreeMap<String, SubstitutionRecord>,
    /// The run-time parameters, in the author's order.
    pub parameters: Vec<ParameterRecord>,
    /// The steps, those of branches after the step that has them.
    pub steps: Vec<StepRecord>,
    /// What its role is allowed, sorted; empty where the role is not made for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionRecord>,
    /// What is uploaded for it, sorted.
    pub assets: Vec<AssetRecord>,
    /// Every configuration value with where it came from.
    pub config: Vec<ConfigRecord>,
}

/// Where a stack has a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyRecord {
    /// In the template.
    #[default]
    Inline,
    /// In S3, under this key of the source bucket.
    S3 {
        /// The key.
        key: String,
    },
}

/// What a placeholder of a definition stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubstitutionRecord {
    /// A value that depends on the region.
    Mapping {
        /// Region to value.
        map: BTreeMap<String, String>,
    },
    /// An SSM parameter.
    Ssm {
        /// Its name.
        parameter: String,
    },
}

/// A statement of the role's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionRecord {
    /// Its name in the policy.
    pub sid: String,
    /// The actions.
    pub actions: Vec<String>,
    /// ARNs, or `*`; may hold placeholders.
    pub resources: Vec<String>,
    /// Operator, key and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The steps that need it; empty where it is the pipeline as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// Whether it was added by hand and does not follow from the graph.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_hand: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A run-time parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRecord {
    /// The name.
    pub name: String,
    /// `String`, `Integer`, `Float` or `Boolean`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value when none is given; absent where one must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The values to choose from; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// A step and the edges that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The name.
    pub name: String,
    /// The kind, such as `Processing`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The Condition step around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The steps that end before it begins, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// A file that is uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRecord {
    /// Its name in S3.
    pub name: String,
    /// What it was made of.
    pub kind: AssetKind,
    /// Where its content comes from, relative to the pipeline's crate; absent for a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// SHA-256 of the content, lower-case hex; of a folder: of its listing.
    pub sha256: String,
    /// The key it has in the source bucket.
    pub key: String,
    /// The file in the assembly: `assets/SHA256/NAME`.
    pub path: String,
    /// The file's size in bytes.
    pub size: u64,
    /// SHA-256 of the file's bytes. The same as `sha256` unless it is a packed folder.
    pub file_sha256: String,
}

/// What an uploaded file was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A file, as it is.
    File,
    /// A folder, packed.
    Folder,
    /// A text that synth made.
    Text,
}

/// A configuration value with where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigRecord {
    /// The key, dots between names.
    pub path: String,
    /// The value.
    pub value: Value,
    /// Where it came from, in words.
    pub origin: String,
}
