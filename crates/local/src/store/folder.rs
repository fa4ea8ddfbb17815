//! S3 as a folder: `ROOT/BUCKET/KEY`.
//!
//! Usual keys are plain paths, so that people and programs find their files; all others are written as [`crate::escape`] says.
//! A key that is an object and also the beginning of others (`a` and `a/b`) lies beside the folder, as `a%.`; all else follows
//! from the key alone.
//!
//! Objects are written to `ROOT/.aside` and renamed. No symbolic link below the root is followed, neither one that leads out
//! nor any other: links are no objects. Files that no key would have, such as names that are not UTF-8, are none either.
//! A folder goes with its last object, as S3 knows no folders.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use pipewright_interpreter::S3Uri;

use super::place::{check_bucket, check_object};
use super::{Error, Object, Store};
use crate::aside::{Aside, sweep};
use crate::escape::{BESIDE_FOLDER, key_of_path, path_of_key};

/// Where objects are while they are written. No bucket's name begins with a dot.
const ASIDE: &str = ".aside";
/// Held while files get or lose their places.
const LOCK: &str = "lock";

/// A folder that is S3. See the [module](self).
///
/// ```
/// use pipewright_interpreter::S3Uri;
/// use pipewright_local::store::{Store as _, folder::Folder};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let root = temporary.path().join("s3");
/// # let file = temporary.path().join("file");
/// # std::fs::write(&file, "1,2,3")?;
/// let store = Folder::new(root.clone())?;
/// let object = S3Uri { bucket: "my-bucket".to_owned(), key: "data/part-0.csv".to_owned() };
/// store.put(&file, &object)?;
/// assert_eq!(store.list(&S3Uri { key: "da".to_owned(), ..object })?.len(), 1);
/// assert!(root.join("my-bucket/data/part-0.csv").is_file());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The store in this folder, which is made where there is none.
    ///
    /// # Errors
    /// Where it can't be made.
    pub fn new(root: PathBuf) -> Result<Self, Error> {
        let aside = root.join(ASIDE);
        fs::create_dir_all(&aside).map_err(|error| failed("make the folder", &aside, &error))?;
        sweep(&aside);
        Ok(Self { root })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the object is when no other key continues it.
    fn plain(&self, object: &S3Uri) -> PathBuf {
        self.root.join(&object.bucket).join(path_of_key(&object.key))
    }

    /// Where the object is, if it is there.
    fn find(&self, object: &S3Uri) -> Result<Option<PathBuf>, Error> {
        check_object(object)?;
        let plain = self.plain(object);
        if !self.is_without_links(&plain)? {
            return Ok(None);
        }
        for path in [plain.clone(), beside(&plain)] {
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_file() => return Ok(Some(path)),
                Ok(_) => {}
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(failed("read", &path, &error)),
            }
        }
        Ok(None)
    }

    /// Opens the object, if it is there. Once open it may go or move.
    fn open(&self, object: &S3Uri) -> Result<Option<(PathBuf, File)>, Error> {
        let _look = self.look();
        let Some(path) = self.find(object)? else { return Ok(None) };
        match File::open(&path) {
            Ok(file) => Ok(Some((path, file))),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(failed("read", &path, &error)),
        }
    }

    /// Whether the folders above a file are there, and are folders.
    fn is_without_links(&self, path: &Path) -> Result<bool, Error> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let mut folder = self.root.clone();
        for name in below.parent().unwrap_or(Path::new("")) {
            folder.push(name);
            match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => {}
                Ok(found) if found.is_symlink() => return Err(link(&folder)),
                Ok(_) => return Ok(false),
                Err(error) if is_absent(&error) => return Ok(false),
                Err(error) => return Err(failed("read", &folder, &error)),
            }
        }
        Ok(true)
    }

    fn missing(&self, object: &S3Uri) -> Error {
        let S3Uri { bucket, key } = object;
        let below = self.list(&S3Uri { key: format!("{}/", key.trim_end_matches('/')), ..object.clone() });
        let hint = match below.map_or(0, |objects| objects.len()) {
            0 => format!(
                ": to have it there before a run, put a file at local/data/{bucket}/{key} of the pipeline"
            ),
            1 => ": the key is no object, but 1 object is below it".to_owned(),
            more => format!(": the key is no object, but {more} objects are below it"),
        };
        Error::Missing { bucket: bucket.clone(), key: key.clone(), hint }
    }

    /// Keeps others from moving files until the value is dropped, so that an object that is there is found. Where that can't be, such
    /// as in a folder that is not to be written to, nobody moves anything.
    fn look(&self) -> Option<File> {
        let path = self.root.join(ASIDE).join(LOCK);
        let file = File::options().create(true).truncate(false).write(true).open(path).ok()?;
        file.lock_shared().is_ok().then_some(file)
    }

    /// Keeps all others from moving and from looking for files until the value is dropped; the system ends that when the process
    /// ends.
    fn lock(&self) -> Result<Option<File>, Error> {
        let path = self.root.join(ASIDE).join(LOCK);
        let options = File::options().create(true).truncate(false).write(true).open(&path);
        let file = options.map_err(|error| failed("write", &path, &error))?;
        match file.lock() {
            Ok(()) => Ok(Some(file)),
            // A file system without locks: runs that write there at once are the user's to keep apart.
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(failed("lock", &path, &error)),
        }
    }

    /// Makes the folders above `path`; objects that are in the way move beside them.
    fn make_way(&self, path: &Path) -> Result<(), Error> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let mut folder = self.root.clone();
        for name in below.parent().unwrap_or(Path::new("")) {
            folder.push(name);
            match fs::create_dir(&folder) {
                Ok(()) => continue,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("make the folder", &folder, &error)),
            }
            let found = fs::symlink_metadata(&folder).map_err(|error| failed("read", &folder, &error))?;
            if found.is_symlink() {
                return Err(link(&folder));
            }
            if !found.is_dir() {
                let moved = fs::rename(&folder, beside(&folder)).and_then(|()| fs::create_dir(&folder));
                moved.map_err(|error| failed("make the folder", &folder, &error))?;
            }
        }
        Ok(())
    }

    /// Removes the folders above `path` that are empty now, up to and with the bucket's.
    fn prune(&self, path: &Path) {
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.root) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

impl Store for Folder {
    fn list(&self, place: &S3Uri) -> Result<Vec<Object>, Error> {
        check_bucket(place)?;
        let bucket = self.root.join(&place.bucket);
        // Parts before the last slash are whole: all keys that begin with them are in one folder.
        let whole = place.key.rfind('/').map_or(PathBuf::new(), |end| path_of_key(&place.key[..end]));
        let start = bucket.join(whole);
        let _look = self.look();
        if !self.is_without_links(&start.join("_"))? {
            return Ok(Vec::new());
        }
        let mut objects = Vec::new();
        let mut folders = vec![start];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(failed("read", &folder, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| failed("read", &folder, &error))?;
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind) => objects.extend(listed(&bucket, &path, kind, &place.key)?),
                    Err(error) if is_absent(&error) => {}
                    Err(error) => return Err(failed("read", &path, &error)),
                }
            }
        }
        objects.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        // At both places is what was put just when its process was killed.
        objects.dedup_by(|one, other| one.key == other.key);
        Ok(objects)
    }

    fn fetch(&self, object: &S3Uri, to: &Path) -> Result<(), Error> {
        let Some((path, from)) = self.open(object)? else { return Err(self.missing(object)) };
        copy(from, &path, to)
    }

    fn put(&self, from: &Path, object: &S3Uri) -> Result<(), Error> {
        check_object(object)?;
        let path = self.plain(object);
        let (mut source, _) = open_file(from)?;
        let aside = self.root.join(ASIDE);
        let writing = |error: &io::Error| failed(&format!("write {object}:"), &path, error);
        let mut aside = Aside::in_folder(&aside).map_err(|error| writing(&error))?;
        io::copy(&mut source, aside.file()).map_err(|error| writing(&error))?;

        let _lock = self.lock()?;
        self.make_way(&path)?;
        let beside = beside(&path);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => aside.place_at(&beside).map_err(|error| writing(&error)),
            Ok(found) if found.is_symlink() => Err(link(&path)),
            _ => {
                aside.place_at(&path).map_err(|error| writing(&error))?;
                match fs::remove_file(&beside) {
                    Err(error) if !is_absent(&error) => Err(failed("remove", &beside, &error)),
                    _ => Ok(()),
                }
            }
        }
    }

    fn delete(&self, object: &S3Uri) -> Result<(), Error> {
        check_object(object)?;
        let path = self.plain(object);
        let _lock = self.lock()?;
        if !self.is_without_links(&path)? {
            return Ok(());
        }
        for path in [beside(&path), path.clone()] {
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            if !found.is_file() {
                continue;
            }
            match fs::remove_file(&path) {
                Err(error) if !is_absent(&error) => return Err(failed("remove", &path, &error)),
                _ => {}
            }
        }
        self.prune(&path);
        Ok(())
    }

    fn address(&self, place: &S3Uri) -> String {
        let path = match self.find(place) {
            Ok(Some(path)) => path,
            _ if place.key.is_empty() => self.root.join(&place.bucket),
            _ => self.plain(&S3Uri { key: place.key.trim_end_matches('/').to_owned(), ..place.clone() }),
        };
        path.display().to_string()
    }

    fn file(&self, object: &S3Uri) -> Option<PathBuf> {
        let _look = self.look();
        self.find(object).ok().flatten()
    }
}

/// The object that a file is, where its key begins with `prefix`.
fn listed(bucket: &Path, path: &Path, kind: FileType, prefix: &str) -> Result<Option<Object>, Error> {
    let Some(key) = kind.is_file().then(|| key_of_file(bucket, path)).flatten() else { return Ok(None) };
    if !key.starts_with(prefix) {
        return Ok(None);
    }
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(Object { key, size: found.len() })),
        Ok(_) => Ok(None),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(failed("read", path, &error)),
    }
}

/// The key of a file below its bucket's folder; `None` where it is at no key's place.
fn key_of_file(bucket: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(bucket).ok()?;
    let plain = match below.to_str()?.strip_suffix(BESIDE_FOLDER) {
        Some(plain) => Path::new(plain),
        None => below,
    };
    let names = plain.components().map(|name| match name {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let names: Option<Vec<_>> = names.collect();
    let key = key_of_path(names?.into_iter())?;
    (path_of_key(&key) == plain).then_some(key)
}

/// The place of an object whose plain place is a folder.
fn beside(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(BESIDE_FOLDER);
    path.into()
}

/// Opens what is to become an object: a file, and nothing else. A pipe would never end, a link may lead anywhere.
pub(super) fn open_file(path: &Path) -> Result<(File, u64), Error> {
    let found = fs::symlink_metadata(path).map_err(|error| failed("read", path, &error))?;
    if !found.is_file() {
        let what = if found.is_symlink() { "a symbolic link" } else { "no file" };
        return Err(Error::Other(format!("{} is {what}: only files become objects", path.display())));
    }
    let file = File::open(path).map_err(|error| failed("read", path, &error))?;
    Ok((file, found.len()))
}

/// Writes what `from` holds to the file `to`, whole or not at all.
fn copy(mut from: File, path: &Path, to: &Path) -> Result<(), Error> {
    let writing = |error: io::Error| failed(&format!("copy {} to", path.display()), to, &error);
    let mut aside = Aside::in_folder(to.parent().unwrap_or(Path::new(""))).map_err(writing)?;
    io::copy(&mut from, aside.file()).map_err(writing)?;
    aside.place(to).map_err(writing)
}

/// Whether it says that nothing is there, or that what would have to be a folder is none.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn link(path: &Path) -> Error {
    let path = path.display();
    Error::Other(format!(
        "{path} is a symbolic link: the local store follows none; put the files themselves there"
    ))
}

pub(super) fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::Other(format!("can't {what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
