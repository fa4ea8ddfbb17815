//! Which pipeline crates there are: what `cargo metadata` says of the members under `pipelines/`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// The folder of the pipeline crates, below the workspace's root.
const PIPELINES: &str = "pipelines";

/// A cargo workspace, as far as it concerns pipelines.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// The pipeline crates, sorted by name.
    pub(crate) members: Vec<Member>,
}

/// A pipeline crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What cargo calls it in messages.
    pub(crate) id: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    id: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

/// The cargo that runs this program, or else the one on the path.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

impl Workspace {
    /// The workspace around the working directory.
    pub(crate) fn find() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .stderr(Stdio::piped())
            .output()
            .context("can't start cargo")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim().trim_start_matches("error: "));
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).context("can't read what cargo metadata says")?;
        Ok(Self::from_metadata(metadata))
    }

    fn from_metadata(metadata: Metadata) -> Self {
        let Metadata { packages, workspace_members, workspace_root, target_directory } = metadata;
        let pipelines = workspace_root.join(PIPELINES);
        let mut members: Vec<Member> = packages
            .into_iter()
            .filter(|package| workspace_members.contains(&package.id))
            .filter(|package| {
                package.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "bin"))
            })
            .filter_map(|package| {
                let folder =
                    package.manifest_path.parent().filter(|folder| folder.starts_with(&pipelines))?;
                Some(Member { name: package.name, folder: folder.to_owned(), id: package.id })
            })
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Self { root: workspace_root, target: target_directory, members }
    }

    /// A path as users of the workspace write it: from its root, `/` between names.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_under_pipelines_that_have_a_program() {
        let package = |name: &str, folder: &str, kind: &str| {
            format!(
                r#"{{"name": "{name}", "id": "path+file:///w/{folder}#0.1.0", "manifest_path": "/w/{folder}/Cargo.toml",
                    "targets": [{{"kind": ["custom-build"]}}, {{"kind": ["{kind}"]}}], "unknown": 1}}"#
            )
        };
        let packages = [
            package("zebra", "pipelines/zebra", "bin"),
            package("ant", "pipelines/group/ant", "bin"),
            package("shared", "pipelines/shared", "lib"),
            package("xtask", "xtask", "bin"),
            package("pipelines-like", "pipelines-like", "bin"),
        ]
        .join(",");
        let text = format!(
            r#"{{"packages": [{packages}], "workspace_root": "/w", "target_directory": "/w/target", "workspace_members":
               ["path+file:///w/pipelines/zebra#0.1.0", "path+file:///w/pipelines/group/ant#0.1.0", "path+file:///w/xtask#0.1.0",
                "path+file:///w/pipelines/shared#0.1.0", "path+file:///w/pipelines-like#0.1.0"]}}"#
        );
        let workspace = Workspace::from_metadata(serde_json::from_str(&text).unwrap());
        let names: Vec<_> = workspace.members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["ant", "zebra"]);
        assert_eq!(workspace.relative(&workspace.members[0].folder), "pipelines/group/ant");
    }
}
