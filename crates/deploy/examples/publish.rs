//! Publishing, to be measured: `publish make FILES BYTES FOLDER` makes an assembly, and `publish run ENDPOINT FOLDER` publishes
//! it and prints seconds on the clock, seconds of processor time and the most memory that was taken, in bytes, as JSON.
//!
//! `cargo xtask bench publish` runs it beside `aws s3 sync`, built as the program that deploys is.
#![allow(clippy::print_stdout, reason = "figures are what it is asked for")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use pipewright_assembly::{
    Assembly, Asset, Contents, Pipeline, PipelineRecord, Source, Stack, Target, write,
};
use pipewright_deploy::publish::publish;
use pipewright_deploy::watch::Silent;
use pipewright_deploy::{Kind, Session};
use pipewright_testbed::random::Random;
use sha2::{Digest as _, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the server of the measurement calls its bucket, and its owner.
const BUCKET: &str = "bench";
const ACCOUNT: &str = "111122223333";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", files, bytes, folder] => make(files.parse()?, bytes.parse()?, Path::new(folder)),
        ["run", endpoint, folder] => run(endpoint, Path::new(folder)).await,
        _ => Err("usage: publish make FILES BYTES FOLDER | publish run ENDPOINT FOLDER".into()),
    }
}

/// An assembly with so many files of random content, each of up to so many bytes; a single one has exactly so many.
fn make(files: u64, bytes: u64, folder: &Path) -> Result<()> {
    let root = folder.join("files");
    fs::create_dir_all(&root)?;
    let mut random = Random::new(1);
    let mut assets = Vec::new();
    for index in 0..files {
        let path = format!("{index:05}.py");
        let size = if files == 1 { bytes } else { bytes / 4 + random.below(bytes * 3 / 4) };
        let sha256 = fill(&root.join(&path), size, &mut random)?;
        assets.push(Asset {
            pipeline: Some("bench".to_owned()),
            name: path.clone(),
            key: format!("code/bench/{sha256}/{path}"),
            sha256,
            source: Source::File { root: root.clone(), path },
            bucket: BUCKET.to_owned(),
            region: None,
        });
    }
    let contents = Contents {
        target: Target {
            environment: "bench".to_owned(),
            prefix: "bench".to_owned(),
            source_bucket: BUCKET.to_owned(),
            data_bucket: BUCKET.to_owned(),
            ..Target::default()
        },
        partial: false,
        stacks: vec![Stack {
            name: "bench".to_owned(),
            template: "{}".to_owned(),
            assets,
            ..Stack::default()
        }],
        pipelines: vec![Pipeline {
            record: PipelineRecord { name: "bench".to_owned(), ..PipelineRecord::default() },
            definition: serde_json::Value::Null,
        }],
    };
    write(&folder.join("assembly"), &contents)?;
    fs::remove_dir_all(&root)?;
    Ok(())
}

/// Writes a file and returns the SHA-256 of it in hex.
fn fill(path: &Path, size: u64, random: &mut Random) -> Result<String> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1024 * 1024];
    let mut left = size;
    while left > 0 {
        let now = usize::try_from(left)?.min(piece.len());
        // One random number in 64 bytes is enough to make every piece another one.
        for chunk in piece[..now].chunks_mut(64) {
            let number = random.bits().to_le_bytes();
            let length = chunk.len().min(number.len());
            chunk[..length].copy_from_slice(&number[..length]);
        }
        hasher.update(&piece[..now]);
        file.write_all(&piece[..now])?;
        left -= now as u64;
    }
    file.flush()?;
    Ok(hex(&hasher.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

async fn run(endpoint: &str, folder: &Path) -> Result<()> {
    let credentials = Credentials::new("test", "test", None, None, "bench");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build();
    let session = Session {
        region: "eu-west-1".to_owned(),
        account: ACCOUNT.to_owned(),
        partition: "aws".to_owned(),
        caller_arn: String::new(),
        config,
    };
    let began = Instant::now();
    let assembly = Assembly::open(&folder.join("assembly"))?;
    let stack = assembly.stacks().first().ok_or("the assembly has no stack")?;
    let published = publish(&session, &assembly, stack, &Silent).await;
    let published = published.map_err(|error| match error.kind {
        Kind::Assembly => format!("{error}; make it again"),
        _ => error.to_string(),
    })?;
    let wall = began.elapsed().as_secs_f64();
    let figures = serde_json::json!({
        "seconds": wall,
        "cpu_seconds": cpu_seconds().ok_or("can't read /proc/self/stat")?,
        "peak_bytes": peak_bytes().ok_or("can't read /proc/self/status")?,
        "sent": published.sent,
        "present": published.present,
        "bytes": published.bytes,
    });
    println!("{figures}");
    Ok(())
}

/// User and system time of this process, which Linux counts in hundredths.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = text.rsplit_once(')')?;
    let mut times = after_name.split_ascii_whitespace().skip(11);
    let user: f64 = times.next()?.parse().ok()?;
    let system: f64 = times.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

fn peak_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
