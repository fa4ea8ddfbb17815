//! A folder of code as a `tar.gz` that depends on the listing alone.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::hash::{hex, is_executable};
use crate::{Entry, Error, FolderListing, walk};

/// gzip's code for a system that is not told.
const UNKNOWN_SYSTEM: u8 = 255;

/// Writes the listed files of `root` to `writer` as a `tar.gz`.
///
/// The bytes depend on the listing alone: files in its order, owner 0, time 0, mode 644 or 755, no names of users, and a
/// gzip header without name and time. Files that came up after the listing are not packed.
///
/// # Errors
///
/// When a listed file is gone, refused or not what the listing says ([`Error::Changed`]), or `writer` fails. What was
/// written until then is not a whole archive.
pub fn pack<W: Write>(root: &Path, listing: &FolderListing, writer: W) -> Result<(), Error> {
    let folder = walk::canonical_folder(root)?;
    let gzip =
        GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM).write(writer, Compression::default());
    let mut archive = Builder::new(gzip);
    for entry in &listing.entries {
        append(&mut archive, &folder, root, entry)?;
    }
    let gzip = archive.into_inner().map_err(Error::Write)?;
    gzip.finish().map_err(Error::Write)?.flush().map_err(Error::Write)
}

fn append<W: Write>(
    archive: &mut Builder<W>,
    folder: &Path,
    root: &Path,
    entry: &Entry,
) -> Result<(), Error> {
    let shown = root.join(&entry.path);
    let path = walk::resolve(folder, root, Path::new(&entry.path))?;
    let file = File::open(path).map_err(Error::io(&shown))?;
    if is_executable(&file.metadata().map_err(Error::io(&shown))?) != entry.executable {
        return Err(Error::Changed(shown));
    }

    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(if entry.executable { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(entry.size);

    let mut content = Content { file, left: entry.size, hasher: Sha256::new(), failed: None };
    let written = archive.append_data(&mut header, &entry.path, &mut content);
    if let Some(source) = content.failed {
        return Err(Error::Io { path: shown, source });
    }
    written.map_err(Error::Write)?;
    let grown = content.file.read(&mut [0]).map_err(Error::io(&shown))? > 0;
    if grown || content.left > 0 || hex(content.hasher) != entry.sha256 {
        return Err(Error::Changed(shown));
    }
    Ok(())
}

/// A file's bytes as the archive asked for them: exactly as many as the header says, hashed on the way, and the file's
/// own failure kept apart from the writer's.
struct Content {
    file: File,
    left: u64,
    hasher: Sha256,
    failed: Option<io::Error>,
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        match self.file.read(&mut buffer[..most]) {
            Ok(read) => {
                self.hasher.update(&buffer[..read]);
                self.left -= read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}
