//! [`Assembly`]: what is on disk, read.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pipewright_archive::hash_file;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;
use crate::manifest::Manifest;
use crate::name::{is_file_name, is_pipeline_name, is_relative_path};
use crate::record::{AssetRecord, FORMAT, Marker, PipelineRecord};

/// The file that says that a folder is an assembly.
pub(crate) const MARKER: &str = "pipewright.json";

/// An assembly on disk.
#[derive(Clone, Debug)]
pub struct Assembly {
    root: PathBuf,
    marker: Marker,
    stacks: Vec<StackRecord>,
    pipelines: Vec<PipelineRecord>,
}

/// A stack of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackRecord {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The stacks that are deployed before it.
    pub depends_on: Vec<String>,
    template_file: String,
}

impl Assembly {
    /// Reads what the assembly in this folder consists of; definitions, templates and assets stay on disk.
    ///
    /// # Errors
    /// When there is none, it is of another format, or a file of it is missing or damaged.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let marker = marker(root)?;
        let manifest: Manifest = read(root, "manifest.json")?;
        let stacks = stacks(root, &marker, &manifest)?;
        let mut pipelines = Vec::with_capacity(marker.pipelines.len());
        for name in &marker.pipelines {
            if !is_pipeline_name(name) {
                return Err(damaged(root, MARKER, format!("{name:?} is no name of a pipeline")));
            }
            let path = format!("pipelines/{name}.json");
            let record: PipelineRecord = read(root, &path)?;
            let stray = record.assets.iter().find(|asset| !is_relative_path(&asset.path));
            if let Some(asset) = stray {
                return Err(damaged(root, &path, format!("asset path {:?} leads elsewhere", asset.path)));
            }
            pipelines.push(record);
        }
        Ok(Self { root: root.to_owned(), marker, stacks, pipelines })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What it says of itself: the environment, whether it is partial.
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// The stacks, each after those it depends on.
    pub fn stacks(&self) -> &[StackRecord] {
        &self.stacks
    }

    /// The pipelines, sorted by name.
    pub fn pipelines(&self) -> &[PipelineRecord] {
        &self.pipelines
    }

    /// The pipeline of this name.
    pub fn pipeline(&self, name: &str) -> Option<&PipelineRecord> {
        self.pipelines.iter().find(|pipeline| pipeline.name == name)
    }

    /// The definition of a pipeline.
    ///
    /// # Errors
    /// When its file is missing or damaged.
    pub fn definition(&self, pipeline: &PipelineRecord) -> Result<Value, Error> {
        read(&self.root, &format!("definitions/{}.json", pipeline.name))
    }

    /// The text of a stack's template.
    ///
    /// # Errors
    /// When its file is missing or no text.
    pub fn template(&self, stack: &StackRecord) -> Result<String, Error> {
        let path = self.root.join(&stack.template_file);
        fs::read_to_string(&path).map_err(Error::io("read", &path))
    }

    /// The file of an asset, after a look at whether it is still what was written.
    ///
    /// # Errors
    /// When it is missing or not the same.
    pub fn asset(&self, asset: &AssetRecord) -> Result<PathBuf, Error> {
        if !is_relative_path(&asset.path) {
            return Err(damaged(&self.root, &asset.path, "leads elsewhere".to_owned()));
        }
        let path = self.root.join(&asset.path);
        let found = hash_file(&path)?;
        if found == asset.file_sha256 {
            return Ok(path);
        }
        let message = format!("its SHA-256 is {found}, and not {}; synthesise again", asset.file_sha256);
        Err(Error::Content { path, message })
    }
}

fn marker(root: &Path) -> Result<Marker, Error> {
    let path = root.join(MARKER);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(Error::Absent(root.to_owned()));
        }
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    // First the format alone: the rest may be different in another one.
    let value: Value = parse(root, MARKER, &bytes)?;
    match value.get("format").and_then(Value::as_u64) {
        Some(found) if found != u64::from(FORMAT) => {
            Err(Error::Format { path: root.to_owned(), found, supported: FORMAT })
        }
        _ => serde_json::from_value(value).map_err(|error| damaged(root, MARKER, error.to_string())),
    }
}

fn stacks(root: &Path, marker: &Marker, manifest: &Manifest) -> Result<Vec<StackRecord>, Error> {
    let wrong = |message| damaged(root, "manifest.json", message);
    let mut stacks = Vec::with_capacity(marker.stacks.len());
    for name in &marker.stacks {
        let artifact = manifest.artifacts.get(name);
        let Some((artifact, (template_file, tags))) = artifact.and_then(|a| Some((a, a.stack()?))) else {
            return Err(wrong(format!("stack {name:?} is missing")));
        };
        if !is_file_name(template_file) {
            return Err(wrong(format!("template file {template_file:?} of stack {name:?} leads elsewhere")));
        }
        let is_stack = |other: &&String| marker.stacks.contains(other);
        stacks.push(StackRecord {
            name: name.clone(),
            tags: tags.clone(),
            depends_on: artifact.dependencies.iter().filter(is_stack).cloned().collect(),
            template_file: template_file.to_owned(),
        });
    }
    Ok(stacks)
}

pub(crate) fn read<T: DeserializeOwned>(root: &Path, path: &str) -> Result<T, Error> {
    let file = root.join(path);
    let bytes = fs::read(&file).map_err(Error::io("read", &file))?;
    parse(root, path, &bytes)
}

fn parse<T: DeserializeOwned>(root: &Path, path: &str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| damaged(root, path, error.to_string()))
}

pub(crate) fn damaged(root: &Path, path: &str, message: String) -> Error {
    Error::Content { path: root.join(path), message }
}
