//! The on-disk contract between synth and deploy: reader and writer of an assembly.
//!
//! An assembly is a folder that holds everything a deployment needs, so that one job can synthesise and
//! another, with credentials and without the sources, can deploy:
//!
//! ```text
//! pipewright.json                   what this is, and for which environment
//! manifest.json                     the same as a CDK cloud assembly: an unmodified `cdk` CLI can ls, diff and deploy it
//! PREFIX-pipelines.template.json    a template for each stack
//! PREFIX-pipelines.assets.json      the files a stack needs in S3
//! assets/SHA256/NAME                those files
//! definitions/PIPELINE.json         the pipeline definition, pretty, keys in the program's order
//! pipelines/PIPELINE.json           parameters, steps with their edges, assets, configuration with provenance
//! ```
//!
//! [`write()`] makes one out of [`Contents`]; [`Assembly::open`] reads one. What is promised:
//!
//! - The same contents give the same bytes, wherever and whenever.
//! - A new assembly is written beside the old one and renamed into its place when it is complete. Whatever
//!   goes wrong, a full disk or a crash, the old one or the new one is there, whole.
//! - Nothing is written outside of the folder, but for three siblings while it is made
//!   (`.NAME.pipewright-new`, `-old` and `-lock`); a folder with anything else in it is left alone.
//! - Code is what the pipeline program said it is: a file that changed since the program was built is an error.
//!
//! This crate knows nothing of how a definition or a template comes about, talks to no service, and keeps
//! types of its own for what is on disk: the protocol of the programs may change without it.

mod asset;
mod compare;
mod contents;
mod error;
mod lock;
mod manifest;
mod name;
mod place;
mod read;
mod record;
mod stored;
mod write;

pub use contents::{Asset, Contents, Pipeline, Source, Stack};
pub use error::Error;
pub use read::{Assembly, StackRecord};
pub use record::{
    AssetKind, AssetRecord, BodyRecord, ConfigRecord, FORMAT, Marker, ParameterRecord, PermissionRecord,
    PipelineRecord, StepRecord, SubstitutionRecord, Target,
};
pub use stored::StackAsset;
pub use write::{Outcome, write};
