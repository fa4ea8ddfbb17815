//! `manifest.json` and `*.assets.json`: the part of an assembly that is a CDK cloud assembly.
//!
//! Only what the `cdk` CLI needs is written: no bootstrap stack, no roles to assume. Both files mirror
//! [cloud-assembly-schema](https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contents::{Asset, Stack};
use crate::record::Target;

/// The version of the schema. CDK compares the major number: a CLI reads what is not newer than itself.
const VERSION: &str = "36.0.0";

/// `manifest.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: String,
    pub(crate) artifacts: BTreeMap<String, Artifact>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "properties")]
enum Kind {
    #[serde(rename = "aws:cloudformation:stack", rename_all = "camelCase")]
    Stack {
        template_file: String,
        stack_name: String,
        termination_protection: bool,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        tags: BTreeMap<String, String>,
        validate_on_synth: bool,
    },
    #[serde(rename = "cdk:asset-manifest")]
    Assets { file: String },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Artifact {
    #[serde(flatten)]
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dependencies: Vec<String>,
}

impl Artifact {
    /// Template file and tags, if this is a stack.
    pub(crate) fn stack(&self) -> Option<(&str, &BTreeMap<String, String>)> {
        match &self.kind {
            Kind::Stack { template_file, tags, .. } => Some((template_file, tags)),
            Kind::Assets { .. } => None,
        }
    }
}

pub(crate) fn template_file(stack: &str) -> String {
    format!("{stack}.template.json")
}

pub(crate) fn assets_file(stack: &str) -> String {
    format!("{stack}.assets.json")
}

fn assets_artifact(stack: &str) -> String {
    format!("{stack}.assets")
}

pub(crate) fn manifest(target: &Target, stacks: &[Stack]) -> Manifest {
    let account = target.account.as_deref().unwrap_or("unknown-account");
    let region = target.region.as_deref().unwrap_or("unknown-region");
    let mut artifacts = BTreeMap::new();
    for stack in stacks {
        let name = &stack.name;
        // Without this dependency nothing would be published.
        let mut dependencies = vec![assets_artifact(name)];
        dependencies.extend(stack.depends_on.iter().cloned());
        let of_stack = Artifact {
            kind: Kind::Stack {
                template_file: template_file(name),
                stack_name: name.clone(),
                termination_protection: false,
                tags: stack.tags.clone(),
                validate_on_synth: false,
            },
            environment: Some(format!("aws://{account}/{region}")),
            display_name: Some(name.clone()),
            dependencies,
        };
        let of_assets = Artifact {
            kind: Kind::Assets { file: assets_file(name) },
            environment: None,
            display_name: None,
            // The bucket may come from a stack, so the files wait for what their stack waits for.
            dependencies: stack.depends_on.clone(),
        };
        artifacts.insert(name.clone(), of_stack);
        artifacts.insert(assets_artifact(name), of_assets);
    }
    Manifest { version: VERSION.to_owned(), artifacts }
}

/// `*.assets.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AssetManifest {
    version: String,
    pub(crate) files: BTreeMap<String, FileAsset>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileAsset {
    display_name: String,
    pub(crate) source: FileSource,
    pub(crate) destinations: BTreeMap<String, Destination>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FileSource {
    pub(crate) path: String,
    packaging: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Destination {
    pub(crate) bucket_name: String,
    pub(crate) object_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
}

/// The files of a stack: one entry for each content, with a destination for each key that it gets.
pub(crate) fn assets(assets: &[Asset], path: impl Fn(&Asset) -> Option<String>) -> AssetManifest {
    let mut files: BTreeMap<String, FileAsset> = BTreeMap::new();
    for asset in assets {
        let Some(path) = path(asset) else { continue };
        let file = files.entry(asset.sha256.clone()).or_insert_with(|| FileAsset {
            display_name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
            source: FileSource { path, packaging: "file".to_owned() },
            destinations: BTreeMap::new(),
        });
        let mut id = format!("{}/{}", asset.pipeline.as_deref().unwrap_or("stack"), asset.name);
        // A file alone and among others of a folder: one name, two keys.
        if file.destinations.get(&id).is_some_and(|taken| taken.object_key != asset.key) {
            id.clone_from(&asset.key);
        }
        file.destinations.insert(
            id,
            Destination {
                bucket_name: asset.bucket.clone(),
                object_key: asset.key.clone(),
                region: asset.region.clone(),
            },
        );
    }
    AssetManifest { version: VERSION.to_owned(), files }
}
