//! What is in the store before a run's first step: the pipeline's own data, its code, what programs make up.
//!
//! Only what changed is copied. Where the store keeps files, contents are compared, so that a step that wrote over its own input
//! does not spoil the next run; for an endpoint a stamp below `target/local/seeded` says what was put there last.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use pipewright_assembly::{Assembly, PipelineRecord};
use pipewright_interpreter::S3Uri;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::folder::failed;
use super::{Error, Object, Store};
use crate::aside::{Aside, replace_json, sweep};

/// The most folders below each other that data may have. S3's keys end before that.
const DEEPEST: usize = 512;

/// What was copied into the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// How many objects were copied.
    pub copied: usize,
    /// How many were there already.
    pub unchanged: usize,
}

impl Seeded {
    fn add(&mut self, is_copied: bool) {
        if is_copied {
            self.copied += 1;
        } else {
            self.unchanged += 1;
        }
    }
}

/// Copies `DATA/BUCKET/KEY…` into the store; `data` is `local/data` of a pipeline's crate, `root` is `target/local`. Where there is no
/// such folder there is nothing to copy. Objects that are in the store alone stay.
///
/// Hidden files (`.gitignore`) are no data, nor is a file beside the buckets' folders, such as a README.
///
/// # Errors
/// Where something there is neither a file nor a folder, a name is no bucket's or no UTF-8, or can't be read or put. All that is wrong
/// with names is told at once, before anything is copied.
pub fn data_folder(store: &dyn Store, root: &Path, data: &Path) -> Result<Seeded, Error> {
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    for (bucket, path) in children(data)? {
        let Some(bucket) = bucket else {
            wrong.push(format!("{}: the name is no UTF-8", path.display()));
            continue;
        };
        let kind = fs::symlink_metadata(&path).map_err(|error| failed("read", &path, &error))?.file_type();
        if kind.is_dir() {
            walk(&path, &S3Uri { bucket, key: String::new() }, 0, &mut files, &mut wrong)?;
        } else if !kind.is_file() {
            wrong.push(format!("{}: only files and folders become objects", path.display()));
        }
    }
    for (object, path) in &files {
        if let Err(error) = super::place::check_object(object) {
            wrong.push(format!("{}: {error}", path.display()));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Other(wrong.join("\n")));
    }
    let mut seeded = Seeded::default();
    for (object, path) in files {
        seeded.add(put_changed(store, root, &path, &object)?);
    }
    Ok(seeded)
}

/// What is in a folder, sorted, but for what is hidden. A name that is no UTF-8 is `None`.
fn children(folder: &Path) -> Result<Vec<(Option<String>, PathBuf)>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed("read", folder, &error))?,
    };
    let mut children = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed("read", folder, &error))?;
        let name = entry.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            children.push((name.into_string().ok(), entry.path()));
        }
    }
    children.sort_unstable();
    Ok(children)
}

fn walk(
    folder: &Path,
    place: &S3Uri,
    depth: usize,
    files: &mut Vec<(S3Uri, PathBuf)>,
    wrong: &mut Vec<String>,
) -> Result<(), Error> {
    if depth == DEEPEST {
        wrong.push(format!("{}: more than {DEEPEST} folders below each other", folder.display()));
        return Ok(());
    }
    for (name, path) in children(folder)? {
        let Some(name) = name else {
            wrong.push(format!("{}: the name is no UTF-8", path.display()));
            continue;
        };
        let key = if place.key.is_empty() { name } else { format!("{}/{name}", place.key) };
        let object = S3Uri { bucket: place.bucket.clone(), key };
        let kind = fs::symlink_metadata(&path).map_err(|error| failed("read", &path, &error))?.file_type();
        if kind.is_dir() {
            walk(&path, &object, depth + 1, files, wrong)?;
        } else if kind.is_file() {
            files.push((object, path));
        } else {
            wrong.push(format!(
                "{}: only files and folders become objects, no links are followed",
                path.display()
            ));
        }
    }
    Ok(())
}

/// Puts the code of a pipeline where its definition says it is: each asset under its key of the source bucket. A key
/// follows from the content: what is there is not put again.
///
/// # Errors
/// Where the bucket's name is none, a file of the assembly is missing or changed, or one can't be put.
pub fn assets(
    store: &dyn Store,
    assembly: &Assembly,
    pipeline: &PipelineRecord,
    bucket: &str,
) -> Result<Seeded, Error> {
    let mut seeded = Seeded::default();
    for asset in &pipeline.assets {
        let object = S3Uri { bucket: bucket.to_owned(), key: asset.key.clone() };
        super::place::check_object(&object)?;
        let there = find(store, &object)?;
        let is_new = there.is_none_or(|there| there.size != asset.size);
        if is_new {
            let path = assembly.asset(asset).map_err(|error| Error::Other(error.to_string()))?;
            store.put(&path, &object)?;
        }
        seeded.add(is_new);
    }
    Ok(seeded)
}

/// Puts what `produce` writes to the file that it is given; not again while `inputs` is the same and the object is there. Says whether
/// it was produced.
///
/// `inputs` tells all that the content follows from; see [`inputs_of`].
///
/// # Errors
/// What `produce` says, or where the object can't be put. Nothing of it is in the store then.
pub fn put_generated(
    store: &dyn Store,
    root: &Path,
    object: &S3Uri,
    inputs: &str,
    produce: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<bool, Error> {
    super::place::check_object(object)?;
    let stamp = Stamp::place(store, root, object);
    let last = Stamp::read(&stamp).filter(|last| last.inputs.as_deref() == Some(inputs));
    if let (Some(last), Some(there)) = (last, find(store, object)?) {
        // Where the store keeps files, a step that wrote over the object is seen.
        let is_same = there.size == last.size
            && store.file(object).is_none_or(|file| digest(&file).is_ok_and(|found| found.0 == last.sha256));
        if is_same {
            return Ok(false);
        }
    }
    let folder = root.join("seeded");
    fs::create_dir_all(&folder).map_err(|error| failed("make the folder", &folder, &error))?;
    sweep(&folder);
    // Never placed: it is removed when it was put.
    let file = Aside::in_folder(&folder).map_err(|error| failed("write", &folder, &error))?;
    produce(file.path()).map_err(Error::Other)?;
    let (sha256, size) = digest(file.path())?;
    store.put(file.path(), object)?;
    Stamp { uri: object.to_string(), sha256, size, inputs: Some(inputs.to_owned()) }.write(&stamp)?;
    Ok(true)
}

/// What the output of a program in a pipeline's folder `local/` follows from: its arguments, and all files of the folder but those
/// below `data/` and hidden ones.
///
/// # Errors
/// Where one can't be read.
pub fn inputs_of(program: &[String], folder: &Path) -> Result<String, Error> {
    let mut hash = Sha256::new();
    let mut add = |text: &[u8]| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for argument in program {
        add(argument.as_bytes());
    }
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((at, depth)) = folders.pop() {
        for (name, path) in children(&at)? {
            let kind =
                fs::symlink_metadata(&path).map_err(|error| failed("read", &path, &error))?.file_type();
            let name = name.unwrap_or_default();
            if kind.is_dir() && depth < DEEPEST && name != "__pycache__" && (depth > 0 || name != "data") {
                folders.push((path, depth + 1));
            } else if kind.is_file() {
                let below = path.strip_prefix(folder).unwrap_or(&path);
                add(below.as_os_str().as_encoded_bytes());
                add(digest(&path)?.0.as_bytes());
            }
        }
    }
    Ok(hex(&hash.finalize()))
}

/// Puts a file where the object isn't the same; says whether it did.
fn put_changed(store: &dyn Store, root: &Path, path: &Path, object: &S3Uri) -> Result<bool, Error> {
    // Without following a link, here as there.
    super::folder::open_file(path)?;
    if let Some(there) = store.file(object) {
        if is_same(path, &there).map_err(|error| failed("compare with the object", path, &error))? {
            return Ok(false);
        }
        store.put(path, object)?;
        return Ok(true);
    }
    let stamp = Stamp::place(store, root, object);
    let (sha256, size) = digest(path)?;
    if let (Some(last), Some(there)) = (Stamp::read(&stamp), find(store, object)?)
        && last.sha256 == sha256
        && there.size == size
    {
        return Ok(false);
    }
    store.put(path, object)?;
    if store.file(object).is_none() {
        Stamp { uri: object.to_string(), sha256, size, inputs: None }.write(&stamp)?;
    }
    Ok(true)
}

fn find(store: &dyn Store, object: &S3Uri) -> Result<Option<Object>, Error> {
    Ok(store.list(object)?.into_iter().find(|found| found.key == object.key))
}

/// What was put in an object's place last.
#[derive(Debug, Serialize, Deserialize)]
struct Stamp {
    uri: String,
    sha256: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inputs: Option<String>,
}

impl Stamp {
    /// A file for each object of each store.
    fn place(store: &dyn Store, root: &Path, object: &S3Uri) -> PathBuf {
        let of_bucket = store.address(&S3Uri { key: String::new(), ..object.clone() });
        let name = hex(&Sha256::digest(format!("{of_bucket}\n{object}")));
        root.join("seeded").join(format!("{name}.json"))
    }

    /// `None` where there is none: what can't be read is put again.
    fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    fn write(&self, path: &Path) -> Result<(), Error> {
        replace_json(path, self).map_err(|error| failed("write", path, &error))
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// SHA-256 and size of a file.
fn digest(path: &Path) -> Result<(String, u64), Error> {
    let reading = |error: io::Error| failed("read", path, &error);
    let mut file = File::open(path).map_err(reading)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hex(&hash.finalize()), size)),
            Ok(count) => {
                hash.update(&buffer[..count]);
                size += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(reading(error)),
        }
    }
}

/// Whether two files hold the same.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        (&mut one).take(1 << 16).read_to_end(&mut left)?;
        (&mut other).take(1 << 16).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests;
