//! Bias in data and predictions, and what predictions depend on, held against baselines.

use pipewright::AssetSource;
use pipewright::prelude::*;
use serde_json::{Map, Value, json};

use crate::{data, synth};

#[derive(Pipeline)]
#[pipeline(name = "clarify-check")]
pub(crate) struct ClarifyChecks {}

impl Steps for ClarifyChecks {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let dataset = || ClarifyData::csv(data("d.csv")).label("y").headers(["y", "a", "b"]);
        let bias = || ClarifyBias::new([1], "a").values([0.5]).group("b");
        let model = || ClarifyModel::new("m", 1, "ml.m5.large").accept_type("text/csv");
        p.add(
            "DB",
            ClarifyCheck::data_bias(dataset(), bias())
                .instances(1, "ml.c5.xlarge")
                .output_to(data("cl"))
                .model_package_group("g"),
        );
        p.add(
            "MB",
            ClarifyCheck::model_bias(dataset(), bias(), model().probability_threshold(0.5))
                .instances(1, "ml.c5.xlarge")
                .output_to(data("cl"))
                .model_package_group("g")
                .skip_check(true),
        );
        let shap = ClarifyShap::new().baseline(node!([[0, 0]])).num_samples(10).agg_method("mean_abs");
        p.add(
            "EX",
            ClarifyCheck::explainability(dataset(), model(), shap)
                .instances(1, "ml.c5.xlarge")
                .output_to(data("cl"))
                .model_package_group("g")
                .register_new_baseline(true)
                .supplied_baseline_constraints(data("c.json")),
        );
        Ok(())
    }
}

/// The files that the SDK uploads for the same checks.
#[test]
fn analysis_configurations() {
    let dataset = json!({"dataset_type": "text/csv", "headers": ["y", "a", "b"], "label": "y"});
    let bias = json!({
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "a", "value_or_threshold": [0.5]}],
        "group_variable": "b",
    });
    let predictor = json!({
        "predictor": {"instance_type": "ml.m5.large", "initial_instance_count": 1, "accept_type": "text/csv"},
    });
    let methods = |method: &str, chosen: Value| json!({"methods": {method: chosen, "report": {"name": "report", "title": "Analysis Report"}}});
    let threshold = json!({"probability_threshold": 0.5});
    let shap = json!({
        "use_logit": false,
        "save_local_shap_values": true,
        "baseline": [[0, 0]],
        "num_samples": 10,
        "agg_method": "mean_abs",
    });
    let all = json!({"methods": "all"});
    let mut expected = [
        merged(&[&dataset, &bias, &methods("pre_training_bias", all.clone())]),
        merged(&[&dataset, &bias, &methods("post_training_bias", all), &predictor, &threshold]),
        merged(&[&dataset, &methods("shap", shap), &predictor]),
    ];
    let answer = synth::<ClarifyChecks>().answer;
    let mut found: Vec<Value> = answer.assets.iter().map(|asset| text(&asset.source)).collect();
    found.sort_by_key(Value::to_string);
    expected.sort_by_key(Value::to_string);
    assert_eq!(found, expected);
}

fn text(source: &AssetSource) -> Value {
    let AssetSource::Text { text } = source else { panic!("no text") };
    serde_json::from_str(text).unwrap()
}

fn merged(objects: &[&Value]) -> Value {
    objects.iter().filter_map(|object| object.as_object().cloned()).flatten().collect::<Map<_, _>>().into()
}
