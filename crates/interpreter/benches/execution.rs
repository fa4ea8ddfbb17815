//! How much the interpreter itself costs: whole executions with scripted results, from a parsed definition to the last event.
//!
//! `cargo xtask bench` runs this. 1,000 steps may take 50 ms; 10,000 take ten times as long.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pipewright_interpreter::scripted::{Scripted, run_scripted};
use pipewright_interpreter::{Definition, Start};
use serde_json::{Value, json};

/// A processing step that reads what another wrote.
fn processing(name: &str, input: &Value) -> Value {
    json!({
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
            },
            "AppSpecification": {
                "ImageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-image:1.0",
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/preprocess.py"],
                "ContainerArguments": ["--run", {"Get": "Execution.PipelineExecutionId"}]
            },
            "RoleArn": "arn:aws:iam::123456789012:role/role",
            "Environment": {"INDEX": name},
            "ProcessingInputs": [{
                "InputName": "in",
                "AppManaged": false,
                "S3Input": {"S3Uri": input, "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}
            }],
            "ProcessingOutputConfig": {"Outputs": [{
                "OutputName": "out",
                "AppManaged": false,
                "S3Output": {
                    "S3Uri": {"Std:Join": {"On": "/", "Values": ["s3://bucket", {"Get": "Execution.PipelineExecutionId"}, name]}},
                    "LocalPath": "/opt/ml/processing/out",
                    "S3UploadMode": "EndOfJob"
                }
            }]}
        }
    })
}

fn output(step: &str) -> Value {
    json!({"Get": format!("Steps.{step}.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri")})
}

/// Steps in a row, or all after the first one.
fn definition(steps: usize, chain: bool) -> Arc<Definition> {
    let steps: Vec<Value> = (0..steps)
        .map(|index| {
            let input = match index {
                0 => json!("s3://bucket/input"),
                _ if chain => output(&format!("Step{}", index - 1)),
                _ => output("Step0"),
            };
            processing(&format!("Step{index}"), &input)
        })
        .collect();
    let definition = Definition::from_value(&json!({"Version": "2020-12-01", "Steps": steps}));
    Arc::new(definition.unwrap_or_else(|problems| panic!("{problems}")))
}

fn executions(criterion: &mut Criterion) {
    for (shape, chain) in [("in a row", true), ("side by side", false)] {
        let mut group = criterion.benchmark_group(format!("run steps {shape}"));
        for steps in [100, 1_000, 10_000] {
            let definition = definition(steps, chain);
            group.throughput(Throughput::Elements(steps as u64));
            group.sample_size(if steps > 1_000 { 10 } else { 50 });
            group.bench_with_input(BenchmarkId::from_parameter(steps), &definition, |bencher, definition| {
                let start = Start { parallelism: Some(16), ..Start::default() };
                bencher.iter(|| black_box(run_scripted(definition, start.clone(), &Scripted::new())));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, executions);
criterion_main!(benches);
