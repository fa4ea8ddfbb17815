//! What of `CreateTrainingJob` matters here, and what of it can't be done.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipewright_interpreter::S3Uri;
use serde_json::Value;

use super::hyperparameters::{Hyperparameters, Script};
use crate::jobs::Trouble;
use crate::jobs::folder::below_ml;
use crate::jobs::request::{Problems, Read};

/// Where checkpoints are, unless the request says so.
const CHECKPOINTS: &str = "/opt/ml/checkpoints";

/// A channel of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) place: S3Uri,
    /// Whether `place` is a manifest, and not a prefix.
    pub(crate) manifest: bool,
    pub(crate) content_type: Option<String>,
    pub(crate) distribution: &'static str,
    pub(crate) wrapper: &'static str,
}

/// What of the arguments matters here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Request {
    pub(crate) image: String,
    pub(crate) entrypoint: Vec<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) channels: Vec<Channel>,
    /// The hyperparameters as they are in the request.
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) hyperparameters: Hyperparameters,
    pub(crate) script: Option<Script>,
    pub(crate) output: Option<S3Uri>,
    /// Whether outputs are packed.
    pub(crate) packed: bool,
    /// Where checkpoints are kept, and where they are inside.
    pub(crate) checkpoints: Option<(S3Uri, String)>,
    /// Name and regular expression.
    pub(crate) metrics: Vec<(String, String)>,
    pub(crate) instance_type: String,
    pub(crate) limit: Option<Duration>,
    /// What is done otherwise than asked for.
    pub(crate) notes: Vec<String>,
}

impl Request {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Everything that is wrong with them, or can't be done on one machine.
    pub(crate) fn read(arguments: &Value) -> Result<Self, Trouble> {
        let problems = Problems::default();
        let root = Read::new(arguments, &problems);
        let algorithm = root.get("AlgorithmSpecification");
        let resources = root.get("ResourceConfig");
        let texts = root.get("HyperParameters").entries();
        let mut request = Self {
            image: image(&algorithm),
            entrypoint: algorithm.get("ContainerEntrypoint").texts(),
            arguments: algorithm.get("ContainerArguments").texts(),
            environment: root.get("Environment").entries(),
            hyperparameters: Hyperparameters::read(&texts),
            texts,
            packed: root.get("OutputDataConfig").get("CompressionType").one_of(&["GZIP", "NONE"]) == "GZIP",
            instance_type: resources.get("InstanceType").text().unwrap_or_default(),
            limit: root.get("StoppingCondition").get("MaxRuntimeInSeconds").seconds(),
            ..Self::default()
        };
        request.output = Some(root.get("OutputDataConfig").get("S3OutputPath").place());
        match Script::of(&request.hyperparameters, &request.environment) {
            Ok(script) => request.script = script,
            Err(problem) => problems.add(problem),
        }
        for metric in algorithm.get("MetricDefinitions").list() {
            request.metrics.push((metric.get("Name").required(), metric.get("Regex").required()));
        }
        let mode = algorithm.get("TrainingInputMode").one_of(&["File", "FastFile", "Pipe"]);
        let mut names = BTreeSet::new();
        for channel in root.get("InputDataConfig").list() {
            request.channel(&channel, mode, &mut names);
        }
        request.checkpoints = checkpoints(&root.get("CheckpointConfig"));
        request.note(&root);
        problems.or(request)
    }

    fn channel(&mut self, channel: &Read<'_>, mode: &'static str, names: &mut BTreeSet<String>) {
        let name = channel.get("ChannelName").required();
        if !name.is_empty() && !is_name(&name) {
            channel.get("ChannelName").problem(format!(
                "`{name}` is no name for a channel; give 1 to 64 of A-Z a-z 0-9 . - _ that are more than dots"
            ));
        }
        if !names.insert(name.clone()) {
            channel.get("ChannelName").problem(format!("`{name}` is the name of another channel already"));
        }
        let own = channel.get("InputMode");
        let mode = if own.is_some() { own.one_of(&["File", "FastFile", "Pipe"]) } else { mode };
        if mode == "Pipe" {
            channel.problem("mode `Pipe` is not available here; use `File` or `FastFile`");
        } else if channel.get("CompressionType").one_of(&["None", "Gzip"]) == "Gzip" {
            channel.get("CompressionType").problem("`Gzip` goes with mode `Pipe` only; use `None`");
        }
        let source = channel.get("DataSource");
        for elsewhere in ["FileSystemDataSource", "DatasetSource"] {
            if source.get(elsewhere).is_some() {
                source
                    .get(elsewhere)
                    .problem("is not available here; give S3DataSource with a copy of the data");
                return;
            }
        }
        let s3 = source.get("S3DataSource");
        let place = s3.get("S3Uri").place();
        let kind =
            s3.get("S3DataType").one_of(&["S3Prefix", "ManifestFile", "AugmentedManifestFile", "Converse"]);
        if matches!(kind, "AugmentedManifestFile" | "Converse") {
            s3.get("S3DataType")
                .problem(format!("`{kind}` is not available here; use S3Prefix or ManifestFile"));
        }
        if channel.get("ShuffleConfig").is_some() {
            self.notes.push(format!("channel `{name}`: ShuffleConfig has no effect on files"));
        }
        self.channels.push(Channel {
            name,
            place,
            manifest: kind == "ManifestFile",
            content_type: channel.get("ContentType").text(),
            distribution: s3.get("S3DataDistributionType").one_of(&["FullyReplicated", "ShardedByS3Key"]),
            wrapper: channel.get("RecordWrapperType").one_of(&["None", "RecordIO"]),
        });
    }

    fn note(&mut self, root: &Read<'_>) {
        let resources = root.get("ResourceConfig");
        let groups = resources.get("InstanceGroups").list();
        let instances = match groups.as_slice() {
            [] => resources.get("InstanceCount").number().unwrap_or(1),
            groups => groups.iter().filter_map(|group| group.get("InstanceCount").number()).sum(),
        };
        if self.instance_type.is_empty() {
            let first = groups.first().and_then(|group| group.get("InstanceType").text());
            self.instance_type = first.unwrap_or_default();
        }
        if instances > 1 {
            self.notes.push(format!("{instances} instances: here it is one host, which gets all data"));
        }
        if root.get("VpcConfig").is_some() {
            self.notes.push("VpcConfig is not applied here".to_owned());
        }
        let debugger = root.get("DebugRuleConfigurations").list();
        if !debugger.is_empty() {
            self.notes.push("DebugRuleConfigurations are not evaluated here".to_owned());
        }
        if root.get("ProfilerRuleConfigurations").is_some() {
            self.notes.push("ProfilerRuleConfigurations are not evaluated here".to_owned());
        }
    }
}

fn image(algorithm: &Read<'_>) -> String {
    if algorithm.get("AlgorithmName").is_some() {
        algorithm
            .get("AlgorithmName")
            .problem("algorithms of the Marketplace are not available here; give TrainingImage");
        return String::new();
    }
    algorithm.get("TrainingImage").required()
}

/// `CheckpointConfig`: a place in S3 and a folder that is nothing else.
fn checkpoints(config: &Read<'_>) -> Option<(S3Uri, String)> {
    if !config.is_some() {
        return None;
    }
    let place = config.get("S3Uri").place();
    let local = config.get("LocalPath");
    let path = local.text().unwrap_or_else(|| CHECKPOINTS.to_owned());
    match below_ml(&path) {
        Err(problem) => local.problem(problem),
        Ok(below) => {
            let first = below.split('/').next().unwrap_or_default();
            if matches!(first, "" | "input" | "output" | "model" | "code") {
                local.problem(format!("`{path}` is SageMaker's own; give a path such as {CHECKPOINTS}"));
            }
        }
    }
    Some((place, path))
}

/// `ChannelName`'s pattern, and it can be a folder.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.len() <= 64 && name.chars().all(plain) && name.chars().any(|c| c != '.')
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
