use pipewright::prelude::*;

fn main() {
    let mut p = Graph::new();
    let train = p.add("Train", Training::new(image::xgboost("1.7-1")).instances(1, "ml.m5.large"));
    let _ = train.model_artefacts();
}
