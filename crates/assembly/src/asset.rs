//! The files under `assets/`: found, checked against the hash that is promised for them, copied and packed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use pipewright_archive::{FolderListing, hash_alone, hash_file, hash_folder, pack};
use sha2::{Digest as _, Sha256};

use crate::contents::{Asset, Contents, Source};
use crate::error::Error;
use crate::name::is_relative_path;
use crate::read::Assembly;
use crate::record::AssetKind;

/// An asset whose content was seen to be what was promised.
#[derive(Debug)]
pub(crate) struct Verified<'c> {
    pub(crate) asset: &'c Asset,
    content: Content<'c>,
}

#[derive(Debug)]
enum Content<'c> {
    File(PathBuf),
    Folder(PathBuf, FolderListing),
    Text(&'c str),
}

/// An asset's file as it will be in the assembly.
#[derive(Debug)]
pub(crate) struct Ready {
    /// `assets/SHA256/NAME`.
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) file_sha256: String,
    pub(crate) bytes: Bytes,
}

/// Where the bytes of a [`Ready`] file are.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// In a file, which is copied.
    File(PathBuf),
    Text(String),
    /// At their place in the new folder already.
    There,
}

/// Checks the content of all assets; those with the same hash share one file and are checked once.
pub(crate) fn verify(contents: &Contents) -> Result<BTreeMap<&str, Verified<'_>>, Error> {
    let mut first: BTreeMap<&str, &Asset> = BTreeMap::new();
    for asset in contents.stacks.iter().flat_map(|stack| &stack.assets) {
        let known = first.entry(&asset.sha256).or_insert(asset);
        // Whatever the order of the assets, the file has the same name.
        if asset.name < known.name {
            *known = asset;
        }
    }
    let mut verified = BTreeMap::new();
    let mut found = Vec::new();
    for (sha256, asset) in first {
        match verify_one(asset) {
            Ok(content) => {
                verified.insert(sha256, Verified { asset, content });
            }
            Err(error) => found.push(error),
        }
    }
    Error::from_found(found)?;
    Ok(verified)
}

fn verify_one(asset: &Asset) -> Result<Content<'_>, Error> {
    let (content, sha256) = match &asset.source {
        Source::File { root, path } => {
            let path = inside(root, path)?;
            let sha256 = hash_file(&path)?;
            (Content::File(path), sha256)
        }
        Source::Folder { root, path } => {
            let path = inside(root, path)?;
            let listing = hash_folder(&path)?;
            let sha256 = listing.sha256.clone();
            (Content::Folder(path, listing), sha256)
        }
        Source::Archive { root, path } => {
            let path = inside(root, path)?;
            let listing = hash_alone(&path)?;
            let sha256 = listing.sha256.clone();
            (Content::Folder(path.parent().unwrap_or(root).to_owned(), listing), sha256)
        }
        Source::Text(text) => (Content::Text(text), hash_text(text)),
    };
    if sha256 == asset.sha256 {
        Ok(content)
    } else {
        Err(Error::Changed(match content {
            Content::File(path) | Content::Folder(path, _) => path,
            Content::Text(_) => PathBuf::from(&asset.name),
        }))
    }
}

/// The path below `root`, which no `..` and no link may leave.
fn inside(root: &Path, path: &str) -> Result<PathBuf, Error> {
    let joined = root.join(path);
    let outside = || Error::Outside { path: joined.clone(), root: root.to_owned() };
    if !is_relative_path(path) {
        return Err(outside());
    }
    let real_root = fs::canonicalize(root).map_err(Error::io("read", root))?;
    let real = fs::canonicalize(&joined).map_err(Error::io("read", &joined))?;
    if real.starts_with(&real_root) { Ok(joined) } else { Err(outside()) }
}

/// Lower-case hex of the SHA-256 of a text.
pub(crate) fn hash_text(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String can't fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

impl Verified<'_> {
    /// The file that goes into the assembly. A folder is packed into `new`, unless the old assembly has it.
    pub(crate) fn ready(&self, old: Option<&Assembly>, new: &Path) -> Result<Ready, Error> {
        let Asset { name, sha256, .. } = self.asset;
        let path = format!("assets/{sha256}/{name}");
        match &self.content {
            Content::File(file) => {
                let size = fs::metadata(file).map_err(Error::io("read", file))?.len();
                let bytes = Bytes::File(file.clone());
                Ok(Ready { path, size, file_sha256: sha256.clone(), bytes })
            }
            Content::Text(text) => {
                let bytes = Bytes::Text((*text).to_owned());
                Ok(Ready { path, size: text.len() as u64, file_sha256: sha256.clone(), bytes })
            }
            Content::Folder(folder, listing) => {
                if let Some(ready) = old.and_then(|old| packed_before(old, sha256, &path)) {
                    return Ok(ready);
                }
                let file = new.join(&path);
                pack_into(&file, folder, listing)?;
                let size = fs::metadata(&file).map_err(Error::io("read", &file))?.len();
                Ok(Ready { path, size, file_sha256: hash_file(&file)?, bytes: Bytes::There })
            }
        }
    }
}

pub(crate) fn kind(asset: &Asset) -> AssetKind {
    match asset.source {
        Source::File { .. } => AssetKind::File,
        Source::Folder { .. } | Source::Archive { .. } => AssetKind::Folder,
        Source::Text(_) => AssetKind::Text,
    }
}

/// The archive of a folder of this hash in the old assembly, if it is still what it was. Packing is what costs.
fn packed_before(old: &Assembly, sha256: &str, path: &str) -> Option<Ready> {
    let record = old
        .pipelines()
        .iter()
        .flat_map(|pipeline| &pipeline.assets)
        .find(|asset| asset.sha256 == sha256 && asset.path == path && asset.kind == AssetKind::Folder)?;
    let file = old.root().join(path);
    let unchanged = hash_file(&file).is_ok_and(|found| found == record.file_sha256);
    unchanged.then(|| Ready {
        path: path.to_owned(),
        size: record.size,
        file_sha256: record.file_sha256.clone(),
        bytes: Bytes::File(file),
    })
}

fn pack_into(file: &Path, folder: &Path, listing: &FolderListing) -> Result<(), Error> {
    create_parent(file)?;
    let mut writer = BufWriter::new(File::create(file).map_err(Error::io("write", file))?);
    match pack(folder, listing, &mut writer) {
        Ok(()) => writer.flush().map_err(Error::io("write", file)),
        // The archive does not know what it is written to.
        Err(pipewright_archive::Error::Write(error)) => Err(Error::io("write", file)(error)),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn create_parent(file: &Path) -> Result<(), Error> {
    match file.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(Error::io("create", parent)),
        None => Ok(()),
    }
}
