//! A workspace of 100 pipelines: this one, with the example pipeline written out 100 times.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

const COUNT: usize = 100;

/// What the example's crate and its pipeline are called.
const CRATE: &str = "example";
const PIPELINE: &str = "example-pipeline";

/// What a workspace consists of, besides its pipelines.
const PARTS: [&str; 10] = [
    ".cargo",
    "build-support",
    "crates",
    "models",
    "xtask",
    "Cargo.lock",
    "Cargo.toml",
    "clippy.toml",
    "pipewright.toml",
    "rust-toolchain.toml",
];

/// Writes the workspace below `target/` and returns its folder. Files that are there already keep their time, so that
/// cargo builds only what is new.
pub(super) fn generate(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.target.join("bench/hundred");
    for part in PARTS {
        copy(&workspace.root.join(part), &root.join(part), &|text| text)?;
    }
    let example = workspace.root.join("pipelines").join(CRATE);
    for index in 0..COUNT {
        let name = format!("generated-{index}");
        let rename = |bytes: Vec<u8>| match String::from_utf8(bytes) {
            Ok(text) => text
                .replace(&format!("name = \"{CRATE}\""), &format!("name = \"{name}\""))
                .replace(PIPELINE, &name)
                .into_bytes(),
            Err(error) => error.into_bytes(),
        };
        copy(&example, &root.join("pipelines").join(&name), &rename)?;
    }
    Ok(root)
}

fn names(folder: &Path) -> Result<BTreeSet<OsString>> {
    let entries =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
    entries.with_context(|| format!("can't read {}", folder.display()))
}

fn copy(from: &Path, to: &Path, change: &dyn Fn(Vec<u8>) -> Vec<u8>) -> Result<()> {
    let failed = || format!("can't copy {} to {}", from.display(), to.display());
    if from.is_dir() {
        fs::create_dir_all(to).with_context(failed)?;
        for name in names(from)? {
            copy(&from.join(&name), &to.join(&name), change)?;
        }
        // What an earlier copy had and this one has not.
        for name in names(to)?.difference(&names(from)?) {
            let path = to.join(name);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| format!("can't remove {}", path.display()))?;
        }
        return Ok(());
    }
    let wanted = change(fs::read(from).with_context(failed)?);
    if fs::read(to).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    fs::write(to, wanted).with_context(failed)
}
