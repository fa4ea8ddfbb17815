use pipewright::prelude::*;

fn main() {
    let mut p = Graph::new();
    p.add("Clean", Processing::container().instances(1, "ml.m5.large"));
}
