use pipewright::prelude::*;

fn main() {
    let mut p = Graph::new();
    p.add("Train", Training::new(image::xgboost("1.7-1")).hyperparameter("eta", 0.2));
}
