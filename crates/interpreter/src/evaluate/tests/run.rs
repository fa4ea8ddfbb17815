//! What the expressions of the tests are evaluated in.

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::{Value, json};

use crate::S3Uri;
use crate::definition::PropertyFile;
use crate::evaluate::Scope;

/// A run in which `Prepare` and `Train-1` have ended.
pub(super) struct Run {
    parameters: HashMap<&'static str, Value>,
    pub(super) properties: HashMap<&'static str, Value>,
    arguments: HashMap<&'static str, Value>,
    files: HashMap<&'static str, &'static str>,
    item: Option<Value>,
    report: PropertyFile,
    pub(super) reads: Cell<usize>,
}

impl Scope for Run {
    fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.get(name)
    }

    fn execution(&self, variable: &str) -> Option<Value> {
        match variable {
            "PipelineName" => Some(json!("abalone")),
            "PipelineExecutionId" => Some(json!("abcdefghijkl")),
            "StartDateTime" => Some(json!("2024-05-06T07:08:09.123Z")),
            _ => None,
        }
    }

    fn experiment(&self, member: &str) -> Option<Value> {
        (member == "ExperimentName").then(|| json!("abalone"))
    }

    fn properties(&self, step: &str) -> Option<&Value> {
        self.properties.get(step)
    }

    fn arguments(&self, step: &str) -> Option<&Value> {
        self.arguments.get(step)
    }

    fn property_file(&self, step: &str, name: &str) -> Option<&PropertyFile> {
        (step == "Prepare" && name == "Report").then_some(&self.report)
    }

    fn item(&self) -> Option<&Value> {
        self.item.as_ref()
    }

    fn read(&self, object: &S3Uri) -> Result<Vec<u8>, String> {
        self.reads.set(self.reads.get() + 1);
        let content = self.files.get(object.to_string().as_str());
        content.map(|text| text.as_bytes().to_vec()).ok_or_else(|| "there is no such object".to_owned())
    }
}

pub(super) fn run() -> Run {
    Run {
        parameters: [
            ("S", json!("text")),
            ("I", json!(5)),
            ("F", json!(1.0)),
            ("Small", json!(1e-7)),
            ("B", json!(true)),
            ("List", json!("[\"a\", {\"b\": 1}]")),
        ]
        .into(),
        properties: [
            (
                "Train-1",
                json!({
                    "TrainingJobName": "job",
                    "ModelArtifacts": {"S3ModelArtifacts": "s3://data/model.tar.gz"},
                    "FinalMetricDataList": [
                        {"MetricName": "val:acc", "Value": 0.9},
                        {"MetricName": "it's", "Value": 0.1},
                    ],
                    "TrainingJobSummaries": [{"TrainingJobName": "one"}, {"TrainingJobName": "two"}],
                    "ProductionVariants": [
                        {"ModelName": "m", "VariantName": "v"}, {"ModelName": "v", "VariantName": "w"},
                    ],
                    "Tags": [{"Key": "team", "Value": "blue"}],
                    "OutputParameters": {"n": 3, "a.b": "dotted"},
                    "Document": "{\"a\": {\"b\": [10, 20]}}",
                    "Nothing": null,
                }),
            ),
            ("Prepare", json!({"ProcessingJobStatus": "Completed"})),
        ]
        .into(),
        arguments: [(
            "Prepare",
            json!({
                "AppSpecification": {"ImageUri": "image", "ContainerEntrypoint": ["python3", "a.py"]},
                "Environment": {"K": "V"},
                "ProcessingOutputConfig": {"Outputs": [
                    {"OutputName": "train", "S3Output": {"S3Uri": "s3://data/train"}},
                    {"OutputName": "evaluation", "S3Output": {"S3Uri": "s3://data/evaluation/"}},
                ]},
            }),
        )]
        .into(),
        files: [
            (
                "s3://data/evaluation/report.json",
                r#"{"metrics": {"mse": {"value": 6.25}, "list": [1, [2, 3]], "a.b": {"c d": "x"}, "bad": "NaN"}}"#,
            ),
            ("s3://data/nan.json", r#"{"mse": NaN}"#),
            ("s3://data/empty.json", ""),
            ("s3://data/bom.json", "\u{feff}[7]"),
        ]
        .into(),
        item: Some(json!("{\"name\": \"x\", \"deep\": {\"list\": [1, 2]}}")),
        report: PropertyFile {
            name: "Report".to_owned(),
            output: "evaluation".to_owned(),
            path: "./report.json".to_owned(),
        },
        reads: Cell::new(0),
    }
}
