//! [`write()`]: contents become a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipewright_archive::hash_file;
use serde::Serialize;

use crate::asset::{Bytes, Ready, Verified, create_parent, kind, verify};
use crate::compare::is_same;
use crate::contents::{Asset, Contents, Source};
use crate::error::Error;
use crate::manifest;
use crate::name;
use crate::place::Place;
use crate::read::{Assembly, MARKER};
use crate::record::{AssetRecord, FORMAT, Marker};

/// What a [`write()`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Where the assembly is, every link on the way resolved.
    pub path: PathBuf,
    /// Whether it was written; `false` where it was there already, byte for byte.
    pub changed: bool,
}

/// A file of the assembly.
pub(crate) enum File {
    Bytes(Vec<u8>),
    Asset(Ready),
}

/// Makes `out` the assembly of these contents.
///
/// `out` may be absent, an empty folder, or an earlier assembly, which is replaced as a whole.
///
/// # Errors
/// When a name can't be a file's, code is not what its hash says, leads out of its crate or can't be read; when `out` is
/// something else or is being written by another program; and when the file system refuses. In all of these cases an
/// earlier assembly is left as it was.
pub fn write(out: &Path, contents: &Contents) -> Result<Outcome, Error> {
    name::check(contents)?;
    let verified = verify(contents)?;
    let place = Place::prepare(out)?;
    let path = place.out().to_owned();
    // One that can't be read is replaced all the same.
    let old = if place.is_occupied() { Assembly::open(&path).ok() } else { None };
    let files = files(contents, &verified, old.as_ref(), place.new_folder())?;
    let changed = !(place.is_occupied() && is_same(&path, &files));
    if changed {
        write_all(place.new_folder(), &files)?;
        place.commit()?;
    }
    Ok(Outcome { path, changed })
}

/// Everything that the assembly consists of, by path.
fn files(
    contents: &Contents,
    verified: &BTreeMap<&str, Verified<'_>>,
    old: Option<&Assembly>,
    new: &Path,
) -> Result<BTreeMap<String, File>, Error> {
    let mut ready = BTreeMap::new();
    for (sha256, asset) in verified {
        ready.insert(*sha256, asset.ready(old, new)?);
    }
    let mut files = BTreeMap::new();
    let mut add = |path: String, bytes| files.insert(path, File::Bytes(bytes));
    add(MARKER.to_owned(), json(MARKER, &marker(contents))?);
    let manifest = manifest::manifest(&contents.target, &contents.stacks);
    add("manifest.json".to_owned(), json("manifest.json", &manifest)?);
    for stack in &contents.stacks {
        add(manifest::template_file(&stack.name), stack.template.clone().into_bytes());
        let path = manifest::assets_file(&stack.name);
        let file_of = |asset: &Asset| ready.get(asset.sha256.as_str()).map(|r| r.path.clone());
        let bytes = json(&path, &manifest::assets(&stack.assets, file_of))?;
        add(path, bytes);
    }
    for pipeline in &contents.pipelines {
        let name = &pipeline.record.name;
        let path = format!("definitions/{name}.json");
        let bytes = json(&path, &pipeline.definition)?;
        add(path, bytes);
        let mut record = pipeline.record.clone();
        record.assets = asset_records(name, contents, &ready);
        let path = format!("pipelines/{name}.json");
        let bytes = json(&path, &record)?;
        add(path, bytes);
    }
    files.extend(ready.into_values().map(|ready| (ready.path.clone(), File::Asset(ready))));
    Ok(files)
}

fn marker(contents: &Contents) -> Marker {
    let mut pipelines: Vec<_> = contents.pipelines.iter().map(|p| p.record.name.clone()).collect();
    pipelines.sort();
    Marker {
        format: FORMAT,
        target: contents.target.clone(),
        partial: contents.partial,
        stacks: contents.stacks.iter().map(|stack| stack.name.clone()).collect(),
        pipelines,
    }
}

fn asset_records(pipeline: &str, contents: &Contents, ready: &BTreeMap<&str, Ready>) -> Vec<AssetRecord> {
    let assets = contents.stacks.iter().flat_map(|stack| &stack.assets);
    let mut records: Vec<_> = assets
        .filter(|asset| asset.pipeline.as_deref() == Some(pipeline))
        .filter_map(|asset| Some((asset, ready.get(asset.sha256.as_str())?)))
        .map(|(asset, ready)| AssetRecord {
            name: asset.name.clone(),
            kind: kind(asset),
            source: match &asset.source {
                Source::File { path, .. } | Source::Folder { path, .. } | Source::Archive { path, .. } => {
                    Some(path.clone())
                }
                Source::Text(_) => None,
            },
            sha256: asset.sha256.clone(),
            key: asset.key.clone(),
            path: ready.path.clone(),
            size: ready.size,
            file_sha256: ready.file_sha256.clone(),
        })
        .collect();
    records.sort_by(|a, b| a.key.cmp(&b.key));
    records.dedup_by(|a, b| a.key == b.key);
    records
}

fn json(path: &str, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let failed = |error: serde_json::Error| Error::Content { path: path.into(), message: error.to_string() };
    let mut bytes = serde_json::to_vec_pretty(value).map_err(failed)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn write_all(folder: &Path, files: &BTreeMap<String, File>) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    for (path, file) in files {
        let path = folder.join(path);
        create_parent(&path)?;
        let failed = |error| Error::io("write", &path)(error);
        match file {
            File::Bytes(bytes) => fs::write(&path, bytes).map_err(failed)?,
            File::Asset(Ready { bytes: Bytes::Text(text), .. }) => fs::write(&path, text).map_err(failed)?,
            File::Asset(Ready { bytes: Bytes::There, .. }) => {}
            File::Asset(Ready { bytes: Bytes::File(from), file_sha256, .. }) => {
                fs::copy(from, &path).map_err(failed)?;
                // The copy is what counts: the file may have changed after it was first read.
                if hash_file(&path)? != *file_sha256 {
                    return Err(Error::Changed(from.clone()));
                }
            }
        }
    }
    // After all are written: the first of these has most of the waiting.
    for path in files.keys() {
        let path = folder.join(path);
        let synced = fs::File::open(&path).and_then(|file| file.sync_all());
        synced.map_err(Error::io("write", &path))?;
    }
    Ok(())
}
