//! What a pipeline program is asked on stdin and answers on stdout, as JSON.
//!
//! A program is a pure function from request to answer: whatever it needs to know is in the
//! request, its mistakes are in the answer, and it exits 0 whenever it could give one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::code::CodeAsset;
use crate::deploy::{Environment, Substitution};
use crate::permissions::Permission;
use crate::problem::{Problem, Severity};

/// The version of this protocol. A program refuses a request of another one.
pub const PROTOCOL: u32 = 1;

/// What a program is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// What the program is to do.
    pub operation: Operation,
    /// Where the pipelines go.
    pub environment: Environment,
    /// The configuration files of the program's crate.
    #[serde(default)]
    pub sources: Vec<ConfigSource>,
    /// The file whose table `shared` holds values for all pipelines: each takes the keys that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<ConfigSource>,
    /// Environment variables: those that begin with `PIPEWRIGHT_`, and those that the configuration names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Values given on the command line.
    #[serde(default)]
    pub set: Vec<SetValue>,
    /// The pipelines that are asked for; `None` means all.
    #[serde(default)]
    pub pipelines: Option<Vec<String>>,
}

/// What the names of the environment variables begin with that set values of a pipeline:
/// `PIPEWRIGHT_MY_PIPELINE__` for `my-pipeline`.
pub fn variable_prefix(pipeline: &str) -> String {
    let capital = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("PIPEWRIGHT_{}__", pipeline.chars().map(capital).collect::<String>())
}

/// What a program is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Name the pipelines, without reading their configuration.
    List,
    /// Synthesise the definitions.
    Synth,
    /// Give the JSON Schema of the configurations.
    Schema,
}

/// A configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigSource {
    /// Its path from the workspace's root, `/` between names.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A value given as `--set PIPELINE.KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetValue {
    /// The pipeline it is for.
    pub pipeline: String,
    /// The key, dots between names.
    pub key: String,
    /// The value as it was typed.
    pub value: String,
}

/// What a program answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
pub struct Answer<D = Value> {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// One answer for each pipeline that was asked for and that the program has.
    pub pipelines: Vec<PipelineAnswer<D>>,
}

/// What a program says of one pipeline. `D` is the definition: built on one side, read on the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
pub struct PipelineAnswer<D = Value> {
    /// The pipeline's name.
    pub name: String,
    /// The name that Studio shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the pipeline is for: the documentation of its struct.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The run-time parameters.
    #[serde(default)]
    pub parameters: Vec<ParameterAnswer>,
    /// The steps, those of branches after the step that has them.
    #[serde(default)]
    pub steps: Vec<StepAnswer>,
    /// The definition; absent where there are errors or none was asked for.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub definition: Option<D>,
    /// Whether the definition holds placeholders for `Fn::Sub`.
    #[serde(default)]
    pub portable: bool,
    /// What the placeholders stand for that are no pseudo parameters.
    #[serde(default)]
    pub substitutions: BTreeMap<String, Substitution>,
    /// The role the pipeline runs under, as it stands in the definition.
    #[serde(default)]
    pub role_arn: String,
    /// How many steps may run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// Tags of the pipeline.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What its role must be allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// Code to upload, each once, sorted.
    #[serde(default)]
    pub assets: Vec<CodeAsset>,
    /// Every configuration value with where it came from.
    #[serde(default)]
    pub config: Vec<ConfigValue>,
    /// The shared values that the configuration has no key for; absent where it has errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused: Option<Vec<UnusedValue>>,
    /// The JSON Schema of the configuration, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// What is wrong.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
}

fn none<D>() -> Option<D> {
    None
}

/// A run-time parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterAnswer {
    /// The name.
    pub name: String,
    /// `String`, `Integer`, `Float` or `Boolean`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The values to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAnswer {
    /// The name.
    pub name: String,
    /// The kind, such as `Processing`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The Condition step around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The steps that end before it begins, named by hand or by a reference, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// A configuration value with where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigValue {
    /// The key, dots between names.
    pub path: String,
    /// The value.
    pub value: Value,
    /// Where it came from, in words: `pipelines/example/config.toml:3`, `default`, `--set …`.
    pub origin: String,
}

/// A shared value that a pipeline has no key for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusedValue {
    /// The key, dots between names.
    pub path: String,
    /// Where the key stands.
    pub place: Place,
}

/// Something wrong, at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name of the kind of problem.
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The text it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The field: a configuration key, or a step and what is below it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is allowed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A span in a [`ConfigSource`], or in a value of the command line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The source's name.
    pub source: String,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl From<Problem> for Diagnostic {
    fn from(problem: Problem) -> Self {
        let path = problem.full_path();
        let Problem { code, severity, value, limit, message, help, .. } = problem;
        Self { severity, code: code.to_owned(), message, place: None, path, value, limit, help }
    }
}
