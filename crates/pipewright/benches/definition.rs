//! How long it takes to build, check and serialise a definition, and to answer a whole request.
//!
//! `cargo xtask bench` runs this; the SageMaker Python SDK needs 720 ms for the 1,000 steps.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pipewright::prelude::*;
use pipewright_model::check::check;
use pipewright_model::{Definition, Environment};

pipewright::code!();

/// Processing steps in a row, each reading what the one before it wrote.
fn chain(steps: usize) -> Graph {
    let mut p = Graph::new();
    let mut before: Expr<String> = join!("s3://", Deploy::DataBucket, "/input");
    for index in 0..steps {
        let step = Processing::script(code::Preprocess::new())
            .image(image::sklearn("1.2-1"))
            .instances(1, "ml.m5.large")
            .argument("--run")
            .argument(execution::pipeline_execution_id())
            .environment("INDEX", index)
            .input("in", before, "/opt/ml/processing/in")
            .output("out", "/opt/ml/processing/out");
        before = p.add(format!("Step{index}"), step).output("out");
    }
    p
}

fn environment() -> Environment {
    Environment {
        name: "test".into(),
        account: Some("123456789012".into()),
        region: Some("eu-west-1".into()),
        prefix: "bench".into(),
        ..Environment::default()
    }
}

fn definition(steps: usize, environment: &Environment) -> String {
    let graph = chain(steps);
    let problems = check("bench", &[], &graph, environment);
    assert!(problems.is_empty(), "{problems:?}");
    serde_json::to_string(&Definition::new("bench", &[], &graph, environment)).unwrap_or_default()
}

fn definitions(criterion: &mut Criterion) {
    let environment = environment();
    let mut group = criterion.benchmark_group("build, check and serialise");
    for steps in [100, 1_000, 10_000] {
        group.throughput(Throughput::Elements(steps as u64));
        group.sample_size(if steps > 1_000 { 10 } else { 50 });
        group.bench_with_input(BenchmarkId::from_parameter(steps), &steps, |bencher, &steps| {
            bencher.iter(|| black_box(definition(steps, &environment)));
        });
    }
    group.finish();
}

criterion_group!(benches, definitions);
criterion_main!(benches);
