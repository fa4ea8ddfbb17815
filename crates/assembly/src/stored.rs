//! [`StackAsset`]: what a stack needs in S3, with the file that holds it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipewright_archive::hash_file;

use crate::error::Error;
use crate::manifest::{AssetManifest, assets_file};
use crate::name::{is_relative_path, is_sha256};
use crate::read::{Assembly, StackRecord, damaged, read};

/// The most bytes that the name of an object may have in S3.
const KEY_LIMIT: usize = 1024;

/// A file that a stack needs in S3, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackAsset {
    /// The bucket; may hold `${AWS::AccountId}` and `${AWS::Region}`.
    pub bucket: String,
    /// The key in the bucket.
    pub key: String,
    /// The bucket's region, where it is known.
    pub region: Option<String>,
    /// The file, below the assembly's folder and not led out of it by a link.
    pub file: PathBuf,
    /// The file's size in bytes.
    pub size: u64,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub file_sha256: String,
    /// SHA-256 of the content, which is another one where the file is a packed folder.
    pub sha256: String,
}

impl Assembly {
    /// What a stack needs in S3, sorted by bucket and key; the files are not read.
    ///
    /// # Errors
    /// When the list is missing or damaged, a file is missing or leads out of the assembly, or two files want the same key.
    /// All of them are named.
    pub fn stack_assets(&self, stack: &StackRecord) -> Result<Vec<StackAsset>, Error> {
        let list = assets_file(&stack.name);
        let manifest: AssetManifest = read(self.root(), &list)?;
        let wrong = |message: String| damaged(self.root(), &list, message);
        let records: BTreeMap<&str, _> = self
            .pipelines()
            .iter()
            .flat_map(|pipeline| &pipeline.assets)
            .map(|asset| (asset.path.as_str(), asset))
            .collect();
        let root = fs::canonicalize(self.root()).map_err(Error::io("read", self.root()))?;
        let mut assets: BTreeMap<(String, String), StackAsset> = BTreeMap::new();
        let mut found = Vec::new();
        for (sha256, file) in &manifest.files {
            let path = &file.source.path;
            if !is_sha256(sha256) {
                found.push(wrong(format!("{sha256:?} is no SHA-256 in lower-case hex")));
                continue;
            }
            let place = match inside(self.root(), &root, path) {
                Ok(place) => place,
                Err(error) => {
                    found.push(error);
                    continue;
                }
            };
            let measured = match records.get(path.as_str()) {
                Some(record) if is_sha256(&record.file_sha256) => {
                    Ok((record.size, record.file_sha256.clone()))
                }
                // No pipeline's: what the file is now is all that is known of it.
                _ => measure(&place),
            };
            let (size, file_sha256) = match measured {
                Ok(measured) => measured,
                Err(error) => {
                    found.push(error);
                    continue;
                }
            };
            for to in file.destinations.values() {
                if to.object_key.is_empty() || to.object_key.len() > KEY_LIMIT {
                    let message = format!(
                        "key {:?} has {} bytes, and S3 takes 1 to {KEY_LIMIT}",
                        to.object_key,
                        to.object_key.len()
                    );
                    found.push(wrong(message));
                    continue;
                }
                let asset = StackAsset {
                    bucket: to.bucket_name.clone(),
                    key: to.object_key.clone(),
                    region: to.region.clone(),
                    file: place.clone(),
                    size,
                    file_sha256: file_sha256.clone(),
                    sha256: sha256.clone(),
                };
                let other = assets.insert((asset.bucket.clone(), asset.key.clone()), asset);
                if other.is_some_and(|other| other.file_sha256 != file_sha256) {
                    let message = format!("two files want the key {:?} of one bucket", to.object_key);
                    found.push(wrong(message));
                }
            }
        }
        Error::from_found(found)?;
        Ok(assets.into_values().collect())
    }
}

/// The file at a path of the assembly, which neither `..` nor a link may lead out.
fn inside(root: &Path, real_root: &Path, path: &str) -> Result<PathBuf, Error> {
    let joined = root.join(path);
    if !is_relative_path(path) {
        return Err(Error::Outside { path: joined, root: root.to_owned() });
    }
    let real = fs::canonicalize(&joined).map_err(Error::io("read", &joined))?;
    if !real.starts_with(real_root) {
        return Err(Error::Outside { path: joined, root: root.to_owned() });
    }
    Ok(real)
}

fn measure(file: &Path) -> Result<(u64, String), Error> {
    let size = fs::metadata(file).map_err(Error::io("read", file))?.len();
    Ok((size, hash_file(file)?))
}
