//! Replaces paths in copies of scripts, and says where: plain processes have no `/opt/ml`.
//!
//! Only files that belong to the task alone are written; links are not followed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::paths::Paths;

/// Endings of files that are looked into.
const ENDINGS: [&str; 3] = ["py", "sh", "json"];

/// Larger files are data.
const LARGEST: u64 = 4 * 1024 * 1024;

/// More files than this in one task are data, too.
const MOST_FILES: usize = 10_000;

/// Characters of a path that mean something in a script or in JSON. One that has them can't be put there.
const UNSAFE: [char; 7] = ['"', '\'', '\\', '$', '`', '\n', '\r'];

/// Replaces paths in the scripts of these folders; each place that is no comment is told to `say`.
///
/// # Errors
/// Where a file with a path can't be written.
pub(super) fn replace(folders: &[PathBuf], paths: &Paths<'_>, say: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut left = MOST_FILES;
    for folder in folders {
        walk(folder, folder, paths, &mut left, 0, say)?;
    }
    Ok(())
}

fn walk(
    root: &Path,
    folder: &Path,
    paths: &Paths<'_>,
    left: &mut usize,
    depth: usize,
    say: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if about.is_dir() && depth < 32 {
            walk(root, &path, paths, left, depth + 1, say)?;
        } else if about.is_file() && about.len() <= LARGEST && is_script(&path) {
            if *left == 0 {
                return Ok(());
            }
            *left -= 1;
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            one(&path, &name, paths, say)?;
        }
    }
    Ok(())
}

fn is_script(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

fn one(path: &Path, name: &str, paths: &Paths<'_>, say: &mut dyn FnMut(&str)) -> io::Result<()> {
    // What is no text holds no path.
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    let Some((changed, warnings)) = rewritten(&text, name, paths) else { return Ok(()) };
    for warning in warnings {
        say(&warning);
    }
    let aside = path.with_extension("pipewright-new");
    fs::write(&aside, changed)?;
    fs::set_permissions(&aside, fs::metadata(path)?.permissions())?;
    fs::rename(&aside, path)
}

/// The text with paths replaced, and a sentence for each place; `None` where there are none.
fn rewritten(text: &str, name: &str, paths: &Paths<'_>) -> Option<(String, Vec<String>)> {
    let (mut out, mut warnings) = (String::with_capacity(text.len()), Vec::new());
    let mut is_changed = false;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let Some((changed, found)) = paths.replace(line) else {
            out.push_str(line);
            continue;
        };
        let is_comment = line.trim_start().starts_with('#');
        let mut can_stand = true;
        for inside in found {
            let host = paths.host(inside).unwrap_or_default().display().to_string();
            let number = index + 1;
            let sentence = if host.contains(UNSAFE) {
                can_stand = false;
                format!(
                    "{name}:{number} names {inside}, which is not there, and {host} can't stand in a script: \
                     take it as an argument, or use `--runner bubblewrap`"
                )
            } else {
                format!(
                    "{name}:{number} names {inside}: replaced by {host} in this run; take it as an argument to \
                     run anywhere"
                )
            };
            if !is_comment && !warnings.contains(&sentence) {
                warnings.push(sentence);
            }
        }
        is_changed |= can_stand;
        out.push_str(if can_stand { &changed } else { line });
    }
    (is_changed || !warnings.is_empty()).then_some((out, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Mount;

    fn mounts(host: &str) -> Vec<Mount> {
        vec![Mount { host: host.into(), inside: "/opt/ml".to_owned(), writable: true }]
    }

    /// The script after `host` took the place of `/opt/ml`, and where that was told of.
    #[track_caller]
    fn check(host: &str, text: &str, expected: Option<(&str, &[&str])>) {
        let mounts = mounts(host);
        let told = rewritten(text, "a.py", &Paths::new(&mounts));
        let told = told.map(|(text, warnings)| {
            let places = warnings.iter().map(|warning| warning.split(' ').next().unwrap().to_owned());
            (text, places.collect::<Vec<_>>())
        });
        let expected = expected.map(|(text, places)| {
            (text.to_owned(), places.iter().map(|place| (*place).to_owned()).collect())
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn scripts_and_their_places() {
        check("/h", "import os\n", None);
        check("/h", "a\nopen('/opt/ml/x')\n", Some(("a\nopen('/h/x')\n", &["a.py:2"])));
        check("/h", "# /opt/ml\n", Some(("# /h\n", &[])));
        check("/h", "f('/opt/ml/a', '/opt/ml/b')\r\nx", Some(("f('/h/a', '/h/b')\r\nx", &["a.py:1"; 2])));
        check("/a b", "f('/opt/ml')", Some(("f('/a b')", &["a.py:1"])));
        check("/it's", "x\nf('/opt/ml')", Some(("x\nf('/opt/ml')", &["a.py:2"])));
    }

    #[test]
    fn only_scripts_that_are_no_links() {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (folder.path().join("own"), folder.path().join("other.py"));
        fs::create_dir_all(own.join("deep")).unwrap();
        let text = "p = '/opt/ml/x'\n";
        for path in [own.join("a.py"), own.join("deep/b.sh"), own.join("c.csv"), other.clone()] {
            fs::write(path, text).unwrap();
        }
        fs::write(own.join("d.py"), b"\xff/opt/ml").unwrap();
        std::os::unix::fs::symlink(&other, own.join("e.py")).unwrap();
        let mounts = mounts("/h");
        let mut told = Vec::new();
        let folders: Vec<PathBuf> = vec![own.clone(), own.join("missing")];
        replace(&folders, &Paths::new(&mounts), &mut |line| told.push(line.to_owned())).unwrap();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("a.py:1 names /opt/ml/x: replaced by /h/x in this run"), "{told:?}");
        assert!(told[1].starts_with("deep/b.sh:1 "), "{told:?}");
        assert_eq!(fs::read_to_string(own.join("a.py")).unwrap(), "p = '/h/x'\n");
        assert_eq!(fs::read_to_string(own.join("c.csv")).unwrap(), text);
        assert_eq!(fs::read_to_string(&other).unwrap(), text);
        assert_eq!(fs::read_dir(&own).unwrap().count(), 5, "nothing else is left there");
    }
}
