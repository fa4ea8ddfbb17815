//! The request of a transform job, read.

use std::collections::BTreeMap;
use std::time::Duration;

use pipewright_interpreter::S3Uri;
use serde_json::Value;

use super::filter::Filter;
use super::records::{Form, Plan};
use crate::jobs::Trouble;
use crate::jobs::request::{Problems, Read};

/// How objects become records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    None,
    Line,
}

/// How many records go into a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    MultiRecord,
    SingleRecord,
}

/// How answers become an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assemble {
    None,
    Line,
}

/// What the API allows at most, in MB, and what it takes by itself.
const PAYLOAD: (u64, u64) = (100, 6);

/// What a transform job is to do.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) model: String,
    pub(super) input: S3Uri,
    pub(super) is_manifest: bool,
    pub(super) is_gzip: bool,
    pub(super) output: S3Uri,
    pub(super) content_type: Option<String>,
    pub(super) accept: Option<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) concurrency: usize,
    pub(super) payload_mb: u64,
    /// How long one invocation may take.
    pub(super) timeout: Duration,
    pub(super) retries: u64,
    pub(super) plan: Plan,
}

impl Request {
    /// Reads the arguments.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(super) fn read(arguments: &Value) -> Result<Self, Trouble> {
        let problems = Problems::default();
        let request = Self::with(&Read::new(arguments, &problems));
        problems.or(request)
    }

    fn with(read: &Read<'_>) -> Self {
        let input = read.get("TransformInput");
        let output = read.get("TransformOutput");
        let source = input.get("DataSource").get("S3DataSource");
        let kind = source.get("S3DataType").one_of(&["S3Prefix", "ManifestFile", "AugmentedManifestFile"]);
        if kind == "AugmentedManifestFile" {
            source.get("S3DataType").problem("transform jobs take S3Prefix or ManifestFile");
        }
        let split = match input.get("SplitType").one_of(&["None", "Line", "RecordIO", "TFRecord"]) {
            "Line" => Split::Line,
            "None" => Split::None,
            other => {
                input
                    .get("SplitType")
                    .problem(format!("{other} is not there in runs on this machine: None and Line are"));
                Split::None
            }
        };
        let strategy = match read.get("BatchStrategy").one_of(&["MultiRecord", "SingleRecord"]) {
            "SingleRecord" => Strategy::SingleRecord,
            _ => Strategy::MultiRecord,
        };
        let assemble = match output.get("AssembleWith").one_of(&["None", "Line"]) {
            "Line" => Assemble::Line,
            _ => Assemble::None,
        };
        let number = |name: &str, range: std::ops::RangeInclusive<u64>, default: u64, read: &Read<'_>| {
            let read = read.get(name);
            let number = read.number().unwrap_or(default);
            if !range.contains(&number) {
                read.problem(format!("{number} is not within {} and {}", range.start(), range.end()));
            }
            number
        };
        // 0 is for streams of any size; here everything is in memory.
        let payload_mb = number("MaxPayloadInMB", 0..=PAYLOAD.0, PAYLOAD.1, read);
        let concurrency = number("MaxConcurrentTransforms", 0..=100, 1, read);
        if payload_mb.saturating_mul(concurrency) > PAYLOAD.0 {
            read.get("MaxConcurrentTransforms").problem(format!(
                "{concurrency} times MaxPayloadInMB {payload_mb} is more than {}",
                PAYLOAD.0
            ));
        }
        let client = read.get("ModelClientConfig");
        let processing = read.get("DataProcessing");
        let filter = |name: &str| {
            let read = processing.get(name);
            let text = read.text().unwrap_or_else(|| "$".to_owned());
            Filter::parse(&text).unwrap_or_else(|problem| {
                read.problem(problem);
                Filter::default()
            })
        };
        let content_type = input.get("ContentType").text();
        let accept = output.get("Accept").text();
        let form = |media_type: Option<&String>| Form::of(media_type.map_or("", String::as_str));
        let plan = Plan {
            split,
            strategy,
            assemble,
            payload: usize::try_from(payload_mb).ok().filter(|mb| *mb > 0).map(|mb| mb << 20),
            input: form(content_type.as_ref()),
            output: form(accept.as_ref().or(content_type.as_ref())),
            input_filter: filter("InputFilter"),
            output_filter: filter("OutputFilter"),
            joins: processing.get("JoinSource").one_of(&["None", "Input"]) == "Input",
        };
        if let Some(problem) = plan.problem() {
            processing.problem(problem);
        }
        Self {
            model: read.get("ModelName").required(),
            input: source.get("S3Uri").place(),
            is_manifest: kind == "ManifestFile",
            is_gzip: input.get("CompressionType").one_of(&["None", "Gzip"]) == "Gzip",
            output: output.get("S3OutputPath").place(),
            content_type,
            accept,
            environment: read.get("Environment").entries(),
            concurrency: usize::try_from(concurrency.max(1)).unwrap_or(1),
            payload_mb,
            timeout: Duration::from_secs(number("InvocationsTimeoutInSeconds", 1..=3600, 600, &client)),
            retries: number("InvocationsMaxRetries", 0..=3, 3, &client),
            plan,
        }
    }
}
