//! An assembly with assets, and a session with a server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use pipewright_assembly::{
    Assembly, Asset, Contents, Pipeline, PipelineRecord, Source, Stack, Target, write,
};
use pipewright_deploy::publish::{Pace, Published, publish_at};
use pipewright_deploy::watch::{Stage, Transfer, Watch};
use pipewright_deploy::{Error, Session};
use pipewright_testbed::random::Random;
use sha2::{Digest as _, Sha256};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const BUCKET: &str = "p-sources-111122223333-eu-west-1";
const STACK: &str = "p-pipelines";

/// An assembly on disk and what it wants in the bucket.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
    assets: Vec<Asset>,
    pub(crate) wanted: BTreeMap<String, Vec<u8>>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), assets: Vec::new(), wanted: BTreeMap::new() }
    }

    /// One with files of these sizes and random content.
    pub(crate) fn with(seed: u64, sizes: &[usize]) -> Self {
        let mut random = Random::new(seed);
        let mut scene = Self::new();
        for (index, size) in sizes.iter().enumerate() {
            scene.add("example", &format!("file-{index:05}.py"), &bytes(&mut random, *size));
        }
        scene
    }

    /// Adds a file of a pipeline; returns its key.
    pub(crate) fn add(&mut self, pipeline: &str, name: &str, content: &[u8]) -> String {
        let sha256 = hex(&Sha256::digest(content));
        let root = self.folder.path().join("code");
        let path = format!("{sha256}-{name}");
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join(&path), content).unwrap();
        let key = format!("code/{pipeline}/{sha256}/{name}");
        self.assets.push(Asset {
            pipeline: Some(pipeline.to_owned()),
            name: name.to_owned(),
            sha256,
            source: Source::File { root, path },
            bucket: "p-sources-${AWS::AccountId}-${AWS::Region}".to_owned(),
            key: key.clone(),
            region: None,
        });
        self.wanted.insert(key.clone(), content.to_vec());
        key
    }

    pub(crate) fn assembly(&self) -> Assembly {
        let names: std::collections::BTreeSet<_> =
            self.assets.iter().filter_map(|asset| asset.pipeline.clone()).collect();
        let pipelines = names.into_iter().map(|name| Pipeline {
            record: PipelineRecord { name, ..PipelineRecord::default() },
            definition: serde_json::json!({"Version": "2020-12-01", "Steps": []}),
        });
        let contents = Contents {
            target: Target {
                environment: "test".into(),
                prefix: "p".into(),
                source_bucket: BUCKET.into(),
                data_bucket: "p-data".into(),
                ..Target::default()
            },
            partial: false,
            stacks: vec![
                Stack { name: "p-infrastructure".into(), template: "{}".into(), ..Stack::default() },
                Stack {
                    name: STACK.into(),
                    template: "{}".into(),
                    assets: self.assets.clone(),
                    ..Stack::default()
                },
            ],
            pipelines: pipelines.collect(),
        };
        write(&self.out(), &contents).unwrap();
        Assembly::open(&self.out()).unwrap()
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// The file of the assembly that a key is made of.
    pub(crate) fn file(assembly: &Assembly, key: &str) -> PathBuf {
        let stack = &assembly.stacks()[1];
        let asset = assembly.stack_assets(stack).unwrap().into_iter().find(|asset| asset.key == key);
        asset.unwrap().file
    }
}

/// Publishes the pipelines stack of an assembly.
pub(crate) async fn publish(session: &Session, assembly: &Assembly) -> Result<Published, Error> {
    publish_watched(session, assembly, &Seen::default()).await
}

pub(crate) async fn publish_watched(
    session: &Session,
    assembly: &Assembly,
    watch: &dyn Watch,
) -> Result<Published, Error> {
    publish_at(session, assembly, &assembly.stacks()[1], watch, pace()).await
}

/// The default, for those who can't wait.
pub(crate) fn pace() -> Pace {
    Pace {
        patience: Duration::from_secs(20),
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(100),
        stall: Duration::from_secs(2),
        ..Pace::default()
    }
}

pub(crate) fn session(endpoint: &str) -> Session {
    session_of(ACCOUNT, endpoint)
}

pub(crate) fn session_of(account: &str, endpoint: &str) -> Session {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build();
    Session {
        region: "eu-west-1".into(),
        account: account.into(),
        partition: "aws".into(),
        caller_arn: format!("arn:aws:iam::{account}:user/ann"),
        config,
    }
}

/// Remembers what it was told.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) transfers: Mutex<Vec<Transfer>>,
    pub(crate) notes: Mutex<Vec<String>>,
}

impl Watch for Seen {
    fn stage(&self, _: &str, _: Stage) {}
    fn events(&self, _: &str, _: &[pipewright_deploy::stack::Event]) {}
    fn transfer(&self, stack: &str, transfer: Transfer) {
        assert_eq!(stack, STACK);
        self.transfers.lock().unwrap().push(transfer);
    }
    fn note(&self, _: &str, text: &str) {
        self.notes.lock().unwrap().push(text.to_owned());
    }
}

pub(crate) fn bytes(random: &mut Random, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&random.bits().to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

pub(crate) fn link(target: &Path, at: &Path) {
    std::os::unix::fs::symlink(target, at).unwrap();
}
