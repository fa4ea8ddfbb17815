//! What reading costs: dense configurations of 1 to 10 MB are read, checked and resolved.

#![allow(missing_docs, reason = "criterion's macro makes a function without any")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pipewright_config::{Source, load};
use pipewright_macros::Config;

/// A workspace of jobs.
#[derive(Config)]
#[config(crate = "pipewright_config")]
#[allow(dead_code, reason = "it exists to be read")]
struct Workspace {
    #[config(min_length = 1, max_length = 64)]
    owner: String,
    #[config(default)]
    jobs: Vec<Job>,
}

#[derive(Config)]
#[config(crate = "pipewright_config")]
#[allow(dead_code, reason = "it exists to be read")]
struct Job {
    #[config(min_length = 1, max_length = 63)]
    name: String,
    #[config(ge = 1, le = 1000)]
    epochs: u32,
    #[config(gt = 0, lt = 1)]
    learning_rate: f64,
    enabled: bool,
    #[config(choices = ["train", "test", "score"])]
    kind: String,
    instance: Instance,
    #[config(default, max_length = 10)]
    tags: Vec<String>,
    #[config(default)]
    labels: BTreeMap<String, String>,
    #[config(default = 3, le = 10)]
    retries: u8,
}

#[derive(Config)]
#[config(crate = "pipewright_config")]
#[allow(dead_code, reason = "it exists to be read")]
struct Instance {
    #[config(pattern = "^ml\\.")]
    r#type: String,
    #[config(ge = 1)]
    count: u32,
    volume: Option<u64>,
}

/// About as many bytes of configuration: 23 bytes a value.
fn text(bytes: usize) -> String {
    let mut text = "# Who answers for the jobs.\nowner = \"platform\"\n".to_owned();
    let mut job = 0;
    while text.len() < bytes {
        let _ = write!(
            text,
            r#"
[[jobs]]
name = "job-{job:06}"
epochs = {}
learning_rate = 0.{:03}
enabled = {}
kind = "train" # or "test"
tags = ["nightly", "team-{}", "gpu"]

[jobs.instance]
type = "ml.m5.xlarge"
count = {}
volume = {}

[jobs.labels]
team = "forecasting"
stage = "prod"
"#,
            job % 1000 + 1,
            job % 999 + 1,
            job % 2 == 0,
            job % 17,
            job % 8 + 1,
            job % 500 + 30,
        );
        job += 1;
    }
    text
}

fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("config/read");
    group.sample_size(20);
    for tenths in [10, 25, 50, 100] {
        let text = text(tenths * 100_000);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let sources = [Source::new("config.toml", text)];
        let size = format!("{}.{} MB", tenths / 10, tenths % 10);
        group.bench_with_input(BenchmarkId::from_parameter(size), &sources, |b, sources| {
            // What was read is dropped within the time.
            b.iter(|| black_box(load::<Workspace>(sources, Some("prod"), &[])).is_ok());
        });
    }
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
