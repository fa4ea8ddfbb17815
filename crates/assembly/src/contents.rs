//! What an assembly is made of, before it is on disk.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::record::{PipelineRecord, Target};

/// Everything that goes into an assembly.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Where the stacks go.
    pub target: Target,
    /// Whether pipelines of the workspace were left out.
    pub partial: bool,
    /// The stacks, each after those it depends on.
    pub stacks: Vec<Stack>,
    /// The pipelines, in any order.
    pub pipelines: Vec<Pipeline>,
}

/// A CloudFormation stack.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// The stack's name: 1 to 128 letters, digits and hyphens, a letter first.
    pub name: String,
    /// The template's text, as it is to be written.
    pub template: String,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// The stacks of this assembly that are deployed before it.
    pub depends_on: Vec<String>,
    /// The files it needs in S3.
    pub assets: Vec<Asset>,
}

/// A pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// What is written to `pipelines/NAME.json`; its `assets` are filled in by the writer.
    pub record: PipelineRecord,
    /// The definition, which is written pretty and otherwise as it is.
    pub definition: Value,
}

/// A file that a stack needs in S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The pipeline it is of; `None` where it is the stack's own.
    pub pipeline: Option<String>,
    /// The file's name: one name, without separators.
    pub name: String,
    /// SHA-256 of the content, lower-case hex; of a folder: of its listing.
    pub sha256: String,
    /// Where the content is.
    pub source: Source,
    /// The bucket; may hold `${AWS::AccountId}` and `${AWS::Region}` and no other placeholder.
    pub bucket: String,
    /// The key in the bucket.
    pub key: String,
    /// The bucket's region, where it is known.
    pub region: Option<String>,
}

/// Where the content of an [`Asset`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File {
        /// The folder that the path is relative to and must not leave.
        root: PathBuf,
        /// The path, `/` between names.
        path: String,
    },
    /// A folder, which is packed as `tar.gz`.
    Folder {
        /// The folder that the path is relative to and must not leave.
        root: PathBuf,
        /// The path, `/` between names.
        path: String,
    },
    /// A file, which is packed alone as `tar.gz`.
    Archive {
        /// The folder that the path is relative to and must not leave.
        root: PathBuf,
        /// The path, `/` between names.
        path: String,
    },
    /// The content itself.
    Text(String),
}
