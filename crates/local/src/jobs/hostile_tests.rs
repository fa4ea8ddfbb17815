//! Requests and archives that nobody in their right mind would write.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use pipewright_interpreter::Outcome;
use proptest::prelude::*;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::fake::{Fake, tree, write};
use super::{processing, training, unpack};
use crate::launch::{Exit, Kind};

/// Names and targets, of parts that mean something to a file system.
fn path() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "c", "..", ".", "", "outside"]);
    (any::<bool>(), prop::collection::vec(part, 1..5)).prop_map(|(absolute, parts)| {
        let path = parts.join("/");
        if absolute && parts.len() > 3 { format!("/{path}") } else { path }
    })
}

fn archive(entries: &[(u8, String, String)]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (kind, name, target) in entries {
        let kind = [EntryType::Regular, EntryType::Directory, EntryType::Symlink, EntryType::Link]
            [usize::from(*kind)];
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        let content: &[u8] = if kind == EntryType::Regular { b"new" } else { b"" };
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Unpacks, and looks whether anything outside changed, or can be reached from inside.
fn nothing_leaves(plain: &[u8]) {
    let fake = Fake::idle();
    let root = fake.folder.path();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(plain).unwrap();
    write(root.join("a.tar.gz"), gzip.finish().unwrap());
    write(root.join("outside"), "keep");
    let into = root.join("x/y/into");
    let unpacked = fake.control(|control| unpack::tar_gz(&root.join("a.tar.gz"), &into, control));
    assert_eq!(fs::read_to_string(root.join("outside")).unwrap(), "keep");
    for (folder, entries) in [("", 3), ("x", 1), ("x/y", 1)] {
        assert_eq!(fs::read_dir(root.join(folder)).unwrap().count(), entries, "nothing new in {folder}/");
    }
    if unpacked.is_ok() {
        let inside = into.canonicalize().unwrap();
        for entry in super::walk::entries(&into).unwrap() {
            assert!(entry.full.canonicalize().unwrap().starts_with(&inside), "{}", entry.path);
        }
    }
}

/// A request that is fine, of every part that is read.
fn request(kind: &str) -> Value {
    let s3 = json!({ "S3DataType": "S3Prefix", "S3Uri": "s3://b/in/", "LocalPath": "/opt/ml/processing/in" });
    match kind {
        "Processing" => json!({
            "AppSpecification": { "ImageUri": "i", "ContainerEntrypoint": ["e"], "ContainerArguments": ["a"] },
            "Environment": { "A": "b" },
            "ProcessingInputs": [{ "InputName": "n", "S3Input": s3 }],
            "ProcessingOutputConfig": { "Outputs": [{ "OutputName": "o", "S3Output": {
                "S3Uri": "s3://b/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob",
            } }] },
            "ProcessingResources": { "ClusterConfig": { "InstanceCount": 1, "InstanceType": "t" } },
            "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
        }),
        _ => json!({
            "AlgorithmSpecification": {
                "TrainingImage": "i", "TrainingInputMode": "File", "ContainerEntrypoint": ["e"], "ContainerArguments": ["a"],
                "MetricDefinitions": [{ "Name": "m", "Regex": "m=(.*)" }],
            },
            "HyperParameters": { "a": "1" },
            "InputDataConfig": [{ "ChannelName": "c", "DataSource": { "S3DataSource": s3 } }],
            "OutputDataConfig": { "S3OutputPath": "s3://b/out", "CompressionType": "GZIP" },
            "CheckpointConfig": { "S3Uri": "s3://b/c", "LocalPath": "/opt/ml/checkpoints" },
            "ResourceConfig": { "InstanceCount": 1, "InstanceType": "t" },
            "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
        }),
    }
}

/// The paths of every value in a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in members {
        pointers(value, &format!("{at}/{name}"), found);
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        path().prop_map(|path| Value::from(format!("/opt/ml/{path}"))),
        path().prop_map(|path| Value::from(format!("s3://{path}"))),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[{ "S3Uri": 3 }]])),
        Just(json!("x".repeat(100_000))),
        Just(json!("\u{0}")),
        Just(json!("S3Prefix")),
    ]
}

fn config() -> ProptestConfig {
    let cases = if std::env::var_os("PIPEWRIGHT_LONG").is_some() { 3000 } else { 64 };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_archive_writes_outside(entries in prop::collection::vec((0..4_u8, path(), path()), 1..8)) {
        nothing_leaves(&archive(&entries));
    }

    #[test]
    fn no_broken_archive_does_either(
        entries in prop::collection::vec((0..4_u8, path(), path()), 1..4),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut plain = archive(&entries);
        for (at, byte) in changes {
            let at = at.index(plain.len());
            plain[at] = byte;
        }
        nothing_leaves(&plain);
    }

    #[test]
    fn no_request_leaves_the_step(
        training_job in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value()), 1..3),
    ) {
        let kind = if training_job { "Training" } else { "Processing" };
        let mut arguments = request(kind);
        for (at, value) in changes {
            let mut found = Vec::new();
            pointers(&arguments, "", &mut found);
            let pointer = &found[at.index(found.len())];
            *arguments.pointer_mut(pointer).unwrap() = value;
        }
        let fake = Fake::new(Kind::Bubblewrap, |_, ml| {
            write(ml.join("model/m"), "m");
            Exit::Code(0)
        })
        .with(&[("s3://b/in/a", "1")]);
        let run = if training_job { training::run } else { processing::run };
        let ended = fake.run(run, kind, arguments);
        prop_assert!(!matches!(ended, Outcome::Stopped));
        // Whatever it did, it did below its step.
        for (path, _) in tree(fake.folder.path()) {
            prop_assert!(path.starts_with("runs/r/steps/Step/0/") || path.starts_with("programs/"), "{path}");
        }
    }
}
