//! Checks of quality and bias: what they write beside the conventions, and what they refuse.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use pipewright::prelude::*;
use pipewright::testing::{Value, json};
use pipewright::{AssetSource, CodeAsset, Environment, Node, Step};
use pipewright_model::Definition;
use pipewright_model::check::check;

fn environment() -> Environment {
    Environment {
        prefix: "p".into(),
        account: Some("123456789012".into()),
        region: Some("eu-west-1".into()),
        ..Environment::default()
    }
}

fn one(step: impl Step) -> Graph {
    let mut graph = Graph::new();
    graph.add("S", step);
    graph
}

/// The mistakes in a step: place, and what stands there.
fn mistakes(step: impl Step) -> Vec<String> {
    let problems = check("example", &[], &one(step), &environment());
    let shown = |value: Option<String>| value.unwrap_or_default().replace('"', "");
    problems.into_iter().map(|problem| format!("{} {}", problem.full_path(), shown(problem.value))).collect()
}

/// The step, as the definition has it.
#[track_caller]
fn written(step: impl Step) -> Value {
    let (graph, environment) = (one(step), environment());
    assert_eq!(check("example", &[], &graph, &environment), []);
    let definition = serde_json::to_value(Definition::new("example", &[], &graph, &environment)).unwrap();
    definition["Steps"][0].clone()
}

/// A script of the pipeline's `code/`.
struct Hook {
    source: AssetSource,
    arguments: usize,
}

impl Script for Hook {
    fn asset(&self) -> CodeAsset {
        CodeAsset { source: self.source.clone(), ..CodeAsset::text("hook.py", "") }
    }

    fn entry(&self) -> &'static str {
        "hook.py"
    }

    fn arguments(&self) -> Vec<Expr<String>> {
        vec!["x".into(); self.arguments]
    }
}

fn quality() -> QualityCheck<pipewright_sagemaker::steps::DataQuality, pipewright_sagemaker::steps::Instances>
{
    QualityCheck::data("s3://b/d.csv", DatasetFormat::csv()).instances(1, "ml.m5.xlarge")
}

#[test]
fn formats_of_datasets() {
    for (format, expected) in [
        (DatasetFormat::csv(), json!({"csv": {"header": true, "output_columns_position": "START"}})),
        (
            DatasetFormat::csv_with(false, true),
            json!({"csv": {"header": false, "output_columns_position": "END"}}),
        ),
        (DatasetFormat::json_lines(), json!({"json": {"lines": true}})),
        (DatasetFormat::json(), json!({"json": {"lines": false}})),
        (DatasetFormat::sagemaker_capture_json(), json!({"sagemakerCaptureJson": {}})),
    ] {
        let step = written(QualityCheck::data("s3://b/d", format).instances(1, "ml.m5.xlarge"));
        let text = step["Arguments"]["Environment"]["dataset_format"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), expected);
    }
}

#[test]
fn unless_something_is_said() {
    let step = written(quality());
    let flags = ["SkipCheck", "FailOnViolation", "RegisterNewBaseline"].map(|flag| step[flag].clone());
    assert_eq!(flags, [json!(false), json!(true), json!(false)]);
    assert_eq!(step["ModelPackageGroupName"], Value::Null);
    let output = &step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"];
    let parts = output["Std:Join"]["Values"].as_array().unwrap();
    assert_eq!(parts.last(), Some(&json!("/S/output/quality_check_output")));
}

#[test]
fn scripts_of_a_monitor() {
    let file = || AssetSource::File { path: "code/hook.py".into() };
    let hook = || Hook { source: file(), arguments: 0 };
    let step = written(quality().post_analytics(hook()).record_preprocessor_at("s3://b/pre/", "pre.py"));
    let inputs = step["Arguments"]["ProcessingInputs"].as_array().unwrap();
    let names: Vec<&str> = inputs.iter().filter_map(|input| input["InputName"].as_str()).collect();
    assert_eq!(
        names,
        [
            "baseline_dataset_input",
            "post_analytics_processor_script_input",
            "record_preprocessor_script_input"
        ]
    );
    let variables = &step["Arguments"]["Environment"];
    let local = "/opt/ml/processing/input";
    assert_eq!(
        variables["post_analytics_processor_script"],
        format!("{local}/post_analytics_processor_script_input/hook.py")
    );
    assert_eq!(
        variables["record_preprocessor_script"],
        format!("{local}/record_preprocessor_script_input/pre.py")
    );
    // What is uploaded lies in the folder that the job is given.
    let graph = one(quality().post_analytics(hook()));
    let mut keys = Vec::new();
    graph.visit(&mut |step, _| keys.extend(step.common.assets.iter().map(|asset| asset.key("example"))));
    assert_eq!(keys.len(), 1);
    assert!(keys[0].ends_with("/post_analytics_processor_script_input/hook.py"), "{}", keys[0]);

    let uri = "steps.S.Arguments.ProcessingInputs[1].S3Input.S3Uri hook.py";
    let folder = AssetSource::Folder { path: "code/pkg".into() };
    assert_eq!(mistakes(quality().post_analytics(Hook { source: folder, arguments: 0 })), [uri]);
    assert_eq!(mistakes(quality().record_preprocessor(Hook { source: file(), arguments: 1 })), [uri]);
}

#[test]
fn what_can_not_stand_in_an_analysis_configuration() {
    let explain = |shap: ClarifyShap| {
        let data = ClarifyData::csv("s3://b/d.csv").label("y");
        let model = ClarifyModel::new(execution::pipeline_name(), 1, "ml.m5.large");
        mistakes(ClarifyCheck::explainability(data, model, shap).instances(1, "ml.c5.xlarge"))
    };
    let refused = |value: &str| vec![format!("steps.S.Arguments.ProcessingInputs[0].S3Input.S3Uri {value}")];
    let late = || Node::from(execution::pipeline_name());
    assert_eq!(explain(ClarifyShap::new()), [""; 0]);
    assert_eq!(explain(ClarifyShap::new().baseline(late())), refused("methods.shap.baseline"));
    let rows = Node::from(vec![Node::from(vec![Node::from(1), Node::from(f64::NAN)])]);
    assert_eq!(explain(ClarifyShap::new().baseline(rows)), refused("methods.shap.baseline.0.1"));
    assert_eq!(explain(ClarifyShap::new().agg_method("mean")), refused("mean"));
    for known in ["mean_abs", "median", "mean_sq"] {
        assert_eq!(explain(ClarifyShap::new().agg_method(known).num_clusters(2)), [""; 0]);
    }
    assert_eq!(explain(ClarifyShap::new().baseline("s3://b/rows.csv").num_clusters(2)), refused("both"));
}

#[test]
fn how_data_reaches_clarify() {
    let step = |data: ClarifyData, shap: ClarifyShap| {
        let model = ClarifyModel::new("m", 1, "ml.m5.large");
        written(ClarifyCheck::explainability(data, model, shap).instances(1, "ml.c5.xlarge"))["Arguments"]
            .clone()
    };
    let compression = |step: &Value| step["ProcessingInputs"][1]["S3Input"]["S3CompressionType"].clone();
    let mode =
        |step: &Value| step["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"].clone();
    let plain = step(ClarifyData::csv("s3://b/d"), ClarifyShap::new());
    assert_eq!((compression(&plain), mode(&plain)), (json!("None"), json!("EndOfJob")));
    let packed = step(ClarifyData::json_lines("s3://b/d").gzip(), ClarifyShap::new());
    assert_eq!(compression(&packed), "Gzip");
    let images = ClarifyShap::new().set("image_config", node!({ "model_type": "IMAGE_CLASSIFICATION" }));
    assert_eq!(mode(&step(ClarifyData::images("s3://b/d"), images)), "Continuous");
}

#[test]
fn what_a_check_gives_back() {
    let mut graph = Graph::new();
    let quality = graph.add("Q", quality());
    let data = ClarifyData::csv("s3://b/d.csv");
    let bias = ClarifyCheck::data_bias(data, ClarifyBias::new([1], 0)).instances(1, "ml.c5.xlarge");
    let bias = graph.add("B", bias);
    graph.add(
        "Fail",
        Fail::new(join!(
            quality.calculated_baseline_statistics(),
            quality.calculated_baseline_constraints(),
            quality.baseline_used_for_drift_check_statistics(),
            quality.baseline_used_for_drift_check_constraints(),
            bias.calculated_baseline_constraints(),
            bias.baseline_used_for_drift_check_constraints()
        )),
    );
    let environment = environment();
    assert_eq!(check("example", &[], &graph, &environment), []);
    let definition = serde_json::to_value(Definition::new("example", &[], &graph, &environment)).unwrap();
    let parts = &definition["Steps"][2]["Arguments"]["ErrorMessage"]["Std:Join"]["Values"];
    let expected = [
        "Q.CalculatedBaselineStatistics",
        "Q.CalculatedBaselineConstraints",
        "Q.BaselineUsedForDriftCheckStatistics",
        "Q.BaselineUsedForDriftCheckConstraints",
        "B.CalculatedBaselineConstraints",
        "B.BaselineUsedForDriftCheckConstraints",
    ]
    .map(|path| json!({"Get": format!("Steps.{path}")}));
    assert_eq!(parts, &json!(expected));
}
