//! Brings objects of S3 into a folder, as SageMaker does for `S3Prefix` and `ManifestFile`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipewright_interpreter::{Control, S3Uri};
use serde_json::Value;

use super::{Trouble, go_on};
use crate::site::Site;
use crate::store::Object;

/// What the name of a file on its way ends with.
const PART: &str = ".pipewright-part";
/// The largest manifest, in bytes.
const LARGEST_MANIFEST: u64 = 64 << 20;

/// An object that was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its key.
    pub key: String,
    /// Its file, relative to the folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Brings every object whose key begins with `place.key` into the folder `into`, which is made if need be.
///
/// A prefix is no folder: `s3://b/abalone` brings `abalone.csv` as well as `abalone/1.csv`. A file's path is its key without the
/// prefix where the prefix is a folder of it (`abalone/1.csv` becomes `1.csv`), and otherwise what follows the last `/` of the
/// prefix (`abalone.csv` stays `abalone.csv`, whether the prefix is `abalone` or the whole key). Keys that end with `/` stand
/// for folders in S3's console and are passed over.
///
/// # Errors
/// Where no key begins so, one has no path in a folder (`..`, `//`), two want the same path, or one can't be read or written.
pub fn prefix(
    site: &Site,
    control: &Control<'_>,
    place: &S3Uri,
    into: &Path,
) -> Result<Vec<Fetched>, Trouble> {
    let wanted = plan(place, &site.store.list(place)?).map_err(Trouble::Failed)?;
    if wanted.is_empty() {
        return Err(Trouble::Failed(format!(
            "no object's key begins with {place}; the place is {}",
            site.store.address(place)
        )));
    }
    bring(site, control, wanted.iter().map(|w| (&place.bucket, w)), into)?;
    Ok(wanted)
}

/// As [`prefix`], but nothing is brought where there is nothing.
///
/// # Errors
/// As [`prefix`].
pub fn prefix_if_any(
    site: &Site,
    control: &Control<'_>,
    place: &S3Uri,
    into: &Path,
) -> Result<Vec<Fetched>, Trouble> {
    let wanted = plan(place, &site.store.list(place)?).map_err(Trouble::Failed)?;
    bring(site, control, wanted.iter().map(|w| (&place.bucket, w)), into)?;
    Ok(wanted)
}

/// Brings the objects that a manifest names: a list that begins with `{"prefix": "s3://…"}` and goes on with what follows it in
/// each key, which is the file's path too.
///
/// # Errors
/// Where the manifest can't be read, is something else, or as for [`prefix`].
pub fn manifest(
    site: &Site,
    control: &Control<'_>,
    place: &S3Uri,
    into: &Path,
) -> Result<Vec<Fetched>, Trouble> {
    make(into)?;
    let file = aside(&into.join("manifest"));
    object(site, control, place, &file)?;
    let length = fs::metadata(&file).map_err(|e| Trouble::io("reading", &file, &e))?.len();
    if length > LARGEST_MANIFEST {
        return Err(Trouble::Failed(format!(
            "{place}: {length} bytes; a manifest has at most {LARGEST_MANIFEST}"
        )));
    }
    let text = fs::read_to_string(&file).map_err(|e| Trouble::io("reading", &file, &e));
    fs::remove_file(&file).map_err(|e| Trouble::io("removing", &file, &e))?;
    let wanted = named(&text?).map_err(|problem| Trouble::Failed(format!("{place}: {problem}")))?;
    bring(site, control, wanted.iter().map(|(bucket, w)| (bucket, w)), into)?;
    Ok(wanted.into_iter().map(|(_, wanted)| wanted).collect())
}

/// Brings one object to the file `to`, whole or not at all. Folders above it are made.
///
/// # Errors
/// Where it can't be read or written.
pub fn object(site: &Site, control: &Control<'_>, object: &S3Uri, to: &Path) -> Result<(), Trouble> {
    go_on(control)?;
    if let Some(folder) = to.parent() {
        make(folder)?;
    }
    let part = aside(to);
    let fetched = site.store.fetch(object, &part).map_err(Trouble::from);
    let moved = fetched.and_then(|()| fs::rename(&part, to).map_err(|e| Trouble::io("writing", to, &e)));
    if moved.is_err() {
        // It may not have come to be at all.
        let _ = fs::remove_file(&part);
    }
    moved
}

fn bring<'w>(
    site: &Site,
    control: &Control<'_>,
    wanted: impl Iterator<Item = (&'w String, &'w Fetched)>,
    into: &Path,
) -> Result<(), Trouble> {
    make(into)?;
    for (bucket, wanted) in wanted {
        let place = S3Uri { bucket: bucket.clone(), key: wanted.key.clone() };
        object(site, control, &place, &into.join(&wanted.path))?;
    }
    Ok(())
}

fn make(folder: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(folder).map_err(|e| Trouble::io("making", folder, &e))
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PART);
    name.into()
}

/// The path that an object has in the folder of what was asked for by `prefix`.
pub(crate) fn relative<'k>(prefix: &str, key: &'k str) -> &'k str {
    let rest = key.strip_prefix(prefix).unwrap_or(key);
    if prefix.is_empty() || prefix.ends_with('/') {
        return rest;
    }
    rest.strip_prefix('/').unwrap_or_else(|| {
        let folder = prefix.rfind('/').map_or(0, |slash| slash + 1);
        key.get(folder..).unwrap_or(key)
    })
}

/// Which objects of the list to bring, and where to. All problems at once.
fn plan(place: &S3Uri, objects: &[Object]) -> Result<Vec<Fetched>, String> {
    let wanted = objects
        .iter()
        .filter(|object| !object.key.ends_with('/'))
        .map(|object| Fetched {
            key: object.key.clone(),
            path: relative(&place.key, &object.key).to_owned(),
            size: object.size,
        })
        .collect::<Vec<_>>();
    judge(wanted.iter().map(|wanted| (&place.bucket, wanted)))?;
    Ok(wanted)
}

/// What a manifest names: bucket and object.
fn named(text: &str) -> Result<Vec<(String, Fetched)>, String> {
    let entries: Vec<Value> =
        serde_json::from_str(text).map_err(|error| format!("a manifest is a JSON list: {error}"))?;
    let mut entries = entries.iter();
    let prefix = entries
        .next()
        .and_then(|first| first.get("prefix")?.as_str())
        .ok_or("a manifest begins with {\"prefix\": \"s3://…\"}")?;
    let mut wanted = Vec::new();
    for (i, entry) in entries.enumerate() {
        let path =
            entry.as_str().ok_or_else(|| format!("entry {}: expected a text, found {entry}", i + 1))?;
        let place = S3Uri::parse(&format!("{prefix}{path}"))
            .ok_or_else(|| format!("`{prefix}` is no place in S3; give s3://BUCKET/PREFIX"))?;
        wanted.push((place.bucket, Fetched { key: place.key, path: path.to_owned(), size: 0 }));
    }
    judge(wanted.iter().map(|(bucket, wanted)| (bucket, wanted)))?;
    Ok(wanted)
}

/// Whether all of them have a path of their own inside of a folder.
fn judge<'w>(wanted: impl Iterator<Item = (&'w String, &'w Fetched)>) -> Result<(), String> {
    let mut problems = Vec::new();
    let mut files = BTreeMap::new();
    for (bucket, Fetched { key, path, .. }) in wanted {
        let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains('\0');
        if path.split('/').any(bad) {
            problems.push(format!("s3://{bucket}/{key}: `{path}` is no path in a folder"));
        } else if let Some(other) = files.insert(path.as_str(), key) {
            problems.push(format!("s3://{bucket}/{key}: `{path}` is the file of `{other}` already"));
        }
    }
    for (path, key) in &files {
        let folders = path.match_indices('/').filter_map(|(slash, _)| path.get(..slash));
        for file in folders.filter(|folder| files.contains_key(folder)) {
            problems.push(format!(
                "`{key}`: `{file}` is an object and a folder at once; no file system has both"
            ));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(listed(&problems)) }
}

/// The first few of many problems.
fn listed(problems: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = problems.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    match problems.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
