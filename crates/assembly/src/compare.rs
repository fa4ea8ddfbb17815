//! Whether an assembly on disk is the one that is about to be written.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use pipewright_archive::hash_file;

use crate::write::File;

/// Whether the folder holds these files, byte for byte, and no others.
///
/// Anything that can't be read counts as different: it is then written anew.
pub(crate) fn is_same(folder: &Path, files: &BTreeMap<String, File>) -> bool {
    let mut seen = 0;
    let all_known = walk(folder, folder, &mut |path| {
        seen += 1;
        files.contains_key(path)
    });
    all_known.unwrap_or(false)
        && seen == files.len()
        && files.iter().all(|(path, file)| has_bytes(&folder.join(path), file).unwrap_or(false))
}

fn has_bytes(path: &Path, file: &File) -> io::Result<bool> {
    let size = fs::metadata(path)?.len();
    match file {
        File::Bytes(bytes) => Ok(size == bytes.len() as u64 && fs::read(path)? == *bytes),
        File::Asset(ready) => {
            Ok(size == ready.size && hash_file(path).is_ok_and(|found| found == ready.file_sha256))
        }
    }
}

/// Calls `found` with the path of every file; ends with `false` at the first it says so of, or at anything that is
/// neither file nor folder.
fn walk(root: &Path, folder: &Path, found: &mut impl FnMut(&str) -> bool) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let Some(relative) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
            return Ok(false);
        };
        let kind = entry.file_type()?;
        let goes_on = if folder == root && is_of_cdk(relative) {
            true
        } else if kind.is_dir() {
            walk(root, &path, found)?
        } else {
            kind.is_file() && found(&relative.replace(std::path::MAIN_SEPARATOR, "/"))
        };
        if !goes_on {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the `cdk` CLI leaves in the folder of an assembly that it reads.
fn is_of_cdk(name: &str) -> bool {
    name == ".cache" || Path::new(name).extension() == Some("lock".as_ref())
}
