//! A folder as a `tar.gz` whose bytes depend on names, contents and executable bits alone.
//!
//! Not `pipewright-archive`: that packs sources, without hidden files and what a `.gitignore` names. Here everything that a
//! script left counts. What caches compare stays equal where nothing changed: sorted, owner 0, time 0.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};
use pipewright_interpreter::Control;
use tar::{Builder, EntryType, Header};

use super::walk::{self, Entry, Kind};
use super::{Trouble, go_on};

/// gzip's code for a system that is not told.
const UNKNOWN_SYSTEM: u8 = 255;

/// Packs everything below `folder` into the file `to`, which appears when it is whole. Links to files inside of the folder are
/// packed as these files. Returns what was left out: other links, and what is neither file nor folder.
///
/// # Errors
/// Where something can't be read, or the archive not be written.
pub fn tar_gz(folder: &Path, to: &Path, control: &Control<'_>) -> Result<Vec<String>, Trouble> {
    let entries = walk::entries(folder)?;
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let packed = write(folder, &entries, part, control).and_then(|left_out| {
        fs::rename(part, to).map_err(|e| Trouble::io("writing", to, &e))?;
        Ok(left_out)
    });
    if packed.is_err() {
        // It may not have come to be at all.
        let _ = fs::remove_file(part);
    }
    packed
}

fn write(folder: &Path, entries: &[Entry], to: &Path, control: &Control<'_>) -> Result<Vec<String>, Trouble> {
    let failed = |e: io::Error| Trouble::io("writing", to, &e);
    let file = BufWriter::new(File::create(to).map_err(failed)?);
    let gzip = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM).write(file, Compression::default());
    let mut archive = Builder::new(gzip);
    let mut left_out = Vec::new();
    for entry in entries {
        go_on(control)?;
        let added = match entry.kind {
            Kind::Folder => add_folder(&mut archive, entry).map_err(failed)?,
            Kind::File => add_file(&mut archive, entry, &entry.full, to)?,
            Kind::Link => match leads_to(folder, &entry.full) {
                Some(file) => add_file(&mut archive, entry, &file, to)?,
                None => false,
            },
            Kind::Other => false,
        };
        if !added {
            left_out.push(entry.path.clone());
        }
    }
    let gzip = archive.into_inner().map_err(failed)?;
    gzip.finish().map_err(failed)?.flush().map_err(failed)?;
    Ok(left_out)
}

/// The file inside of the folder that a link stands for.
fn leads_to(folder: &Path, link: &Path) -> Option<std::path::PathBuf> {
    let target = link.canonicalize().ok()?;
    (target.starts_with(folder.canonicalize().ok()?) && target.is_file()).then_some(target)
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}

fn add_folder<W: Write>(archive: &mut Builder<W>, entry: &Entry) -> io::Result<bool> {
    let path = format!("{}/", entry.path);
    archive.append_data(&mut header(EntryType::Directory, 0o755, 0), path, io::empty())?;
    Ok(true)
}

fn add_file<W: Write>(
    archive: &mut Builder<W>,
    entry: &Entry,
    file: &Path,
    to: &Path,
) -> Result<bool, Trouble> {
    let content = File::open(file).map_err(|e| Trouble::io("reading", file, &e))?;
    let about = content.metadata().map_err(|e| Trouble::io("reading", file, &e))?;
    let mode = if is_executable(&about) { 0o755 } else { 0o644 };
    archive
        .append_data(&mut header(EntryType::Regular, mode, about.len()), &entry.path, content)
        .map_err(|e| Trouble::io("writing", to, &e))?;
    Ok(true)
}

#[cfg(unix)]
fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
