//! Unpacks a `tar.gz` that somebody else made: a model, or sources of a script.
//!
//! Nothing is written outside of the folder, and no link that leads out of it stays. An archive that unpacks to far more than
//! it holds is refused before the disk is full.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use pipewright_interpreter::Control;
use tar::{Archive, EntryType};

use super::{Trouble, go_on};

/// How much an archive may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files, folders and links.
    pub entries: u64,
    /// Bytes in all files together.
    pub bytes: u64,
    /// Bytes that any archive may hold, however small it is: beyond them [`Limits::ratio`] counts.
    pub free_bytes: u64,
    /// How many times its own size an archive may hold. Text shrinks to a tenth, gzip's best is a thousandth.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 200_000, bytes: 64 << 30, free_bytes: 1 << 30, ratio: 200 }
    }
}

/// Unpacks `archive` into the folder `into`, which is made if need be.
///
/// # Errors
/// Where it is no `tar.gz`, holds what has no place in the folder (absolute paths, `..`, links that lead out or nowhere,
/// devices), or more than [`Limits`] allow. What was written until then is left for the caller to remove.
pub fn tar_gz(archive: &Path, into: &Path, control: &Control<'_>) -> Result<(), Trouble> {
    within(archive, into, Limits::default(), control)
}

/// As [`tar_gz`], with other limits.
///
/// # Errors
/// As [`tar_gz`].
pub fn within(archive: &Path, into: &Path, limits: Limits, control: &Control<'_>) -> Result<(), Trouble> {
    let unreadable = |e: io::Error| {
        too_much(&e).unwrap_or_else(|| {
            Trouble::Failed(format!(
                "{}: no whole tar.gz: {e}",
                archive.file_name().unwrap_or_default().display()
            ))
        })
    };
    let file = File::open(archive).map_err(|e| Trouble::io("reading", archive, &e))?;
    let size = file.metadata().map_err(|e| Trouble::io("reading", archive, &e))?.len();
    let most = limits.bytes.min(limits.free_bytes.max(size.saturating_mul(limits.ratio)));
    fs::create_dir_all(into).map_err(|e| Trouble::io("making", into, &e))?;

    // Headers and padding count as well: a bomb may have no files at all.
    let mut content = Archive::new(Limited { inner: MultiGzDecoder::new(file), left: most, most });
    let mut links = Vec::new();
    let (mut count, mut bytes) = (0, 0_u64);
    for entry in content.entries().map_err(unreadable)? {
        go_on(control)?;
        let mut entry = entry.map_err(unreadable)?;
        count += 1;
        // A sparse file is larger than what was read of it.
        bytes = bytes.saturating_add(entry.size());
        if bytes > most {
            return Err(Trouble::Failed(TooMuch(most).to_string()));
        }
        if count > limits.entries {
            return Err(Trouble::Failed(format!(
                "an archive may hold {} entries; this one has more",
                limits.entries
            )));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = place(into, &name)?;
        let kind = entry.header().entry_type();
        if path == into && !kind.is_dir() {
            return Err(Trouble::Failed(format!("`{name}` is no path in a folder")));
        }
        match kind {
            EntryType::Directory => make(&path)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                make(path.parent().unwrap_or(into))?;
                let mode = entry.header().mode().unwrap_or(0o644);
                write(&mut entry, &path, mode).map_err(|e| unpacking(&path, &e))?;
            }
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default();
                links.push((path, name, String::from_utf8_lossy(&target).into_owned(), kind));
            }
            EntryType::XGlobalHeader => {}
            _ => {
                let kind = kind.as_byte().escape_ascii();
                return Err(Trouble::Failed(format!(
                    "`{name}`: neither file, folder nor link, but type `{kind}`"
                )));
            }
        }
    }
    for (path, name, target, kind) in &links {
        link(into, path, name, target, *kind)?;
    }
    // Only now: a link may lead through another one.
    for (path, name, target, _) in &links {
        stays(into, path)
            .map_err(|why| Trouble::Failed(format!("`{name}` is a link to `{target}`, which {why}")))?;
    }
    Ok(())
}

/// Where an entry goes.
fn place(into: &Path, name: &str) -> Result<PathBuf, Trouble> {
    let mut path = into.to_owned();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(Trouble::Failed(format!("`{name}` would be unpacked outside of its folder")));
            }
        }
    }
    Ok(path)
}

/// Makes a folder. No link can be on the way: links come last.
fn make(folder: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(folder).map_err(|e| Trouble::io("unpacking", folder, &e))
}

fn write(content: &mut impl Read, path: &Path, mode: u32) -> io::Result<()> {
    // A file may come twice; the last one counts.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(path)?;
    io::copy(content, &mut file)?;
    set_mode(&file, mode)
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if mode & 0o100 == 0 { 0o644 } else { 0o755 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

fn link(into: &Path, path: &Path, name: &str, target: &str, kind: EntryType) -> Result<(), Trouble> {
    let refused = |why: String| Trouble::Failed(format!("`{name}` is a link to `{target}`, which {why}"));
    // Another link may stand where a folder should be: what is written through it would be elsewhere.
    let parent = path.parent().unwrap_or(into);
    fs::create_dir_all(parent).map_err(|e| Trouble::io("unpacking", parent, &e))?;
    stays(into, parent).map_err(|why| refused(format!("is in a folder that {why}")))?;
    if kind == EntryType::Link {
        let from = place(into, target)?;
        stays(into, &from).map_err(|why| refused(why.to_owned()))?;
        if !from.is_file() {
            return Err(refused("is no file of the archive".to_owned()));
        }
        return fs::copy(&from, path).map(drop).map_err(|e| Trouble::io("unpacking", path, &e));
    }
    if Path::new(target).is_absolute() {
        return Err(refused("leads out of its folder".to_owned()));
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Trouble::io("unpacking", path, &error));
        }
        _ => {}
    }
    symbolic(target, path).map_err(|e| Trouble::io("unpacking", path, &e))
}

#[cfg(unix)]
fn symbolic(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn symbolic(_: &str, _: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "there are no symbolic links here"))
}

/// Whether a path is, links followed, inside of the folder.
fn stays(into: &Path, path: &Path) -> Result<(), &'static str> {
    let Ok(target) = path.canonicalize() else { return Err("leads nowhere") };
    let inside = into.canonicalize().is_ok_and(|into| target.starts_with(into));
    if inside { Ok(()) } else { Err("leads out of its folder") }
}

fn unpacking(path: &Path, error: &io::Error) -> Trouble {
    too_much(error).unwrap_or_else(|| Trouble::io("unpacking", path, error))
}

/// Whether an error is our own, beneath what others put around it.
fn too_much(error: &io::Error) -> Option<Trouble> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<TooMuch>() {
            return Some(Trouble::Failed(found.to_string()));
        }
        next = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static)),
            None => error.source(),
        };
    }
    None
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the archive unpacks to more than {0} bytes, the most for one of its size; was it made to fill the disk?"
)]
struct TooMuch(u64);

/// Gives up beyond so many bytes.
struct Limited<R> {
    inner: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(TooMuch(self.most)))?;
        Ok(read)
    }
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
