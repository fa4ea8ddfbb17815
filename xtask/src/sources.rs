//! The configuration files of a pipeline crate.

use std::fs;
use std::io;
use std::path::Path;

use pipewright_model::protocol::ConfigSource;

use crate::report::Report;
use crate::workspace::{Member, Workspace};

/// Files of cargo and its tools, which are no configuration of a pipeline.
const OF_TOOLS: [&str; 4] = ["Cargo.toml", "clippy.toml", "rustfmt.toml", "rust-toolchain.toml"];

/// The largest file that is read, in bytes.
const LIMIT: u64 = 16 << 20;

/// Every `*.toml` at the root of the crate, sorted by name, but for those of cargo's tools and hidden ones; and
/// what is called `config` or like the crate in JSON or YAML.
///
/// A file that can't be read is an error of its own; the others are still returned.
pub(crate) fn read(workspace: &Workspace, member: &Member, reports: &mut Vec<Report>) -> Vec<ConfigSource> {
    let mut names = Vec::new();
    match fs::read_dir(&member.folder) {
        Ok(entries) => {
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if is_configuration(&name, &member.name) {
                    names.push(name);
                }
            }
        }
        Err(error) => {
            reports.push(unreadable(&workspace.relative(&member.folder), &error.to_string(), member));
        }
    }
    names.sort();
    let mut sources = Vec::with_capacity(names.len());
    for file in names {
        let path = member.folder.join(&file);
        let name = workspace.relative(&path);
        match text(&path, &workspace.root) {
            Ok(text) => sources.push(ConfigSource { name, text }),
            Err(why) => reports.push(unreadable(&name, &why, member)),
        }
    }
    sources
}

/// Whether a file is a configuration. Data in JSON and YAML may stand beside it, so a name decides there.
fn is_configuration(file: &str, member: &str) -> bool {
    match pipewright_config::Format::of(file) {
        _ if file.starts_with('.') || OF_TOOLS.contains(&file) => false,
        pipewright_config::Format::Toml => Path::new(file).extension() == Some("toml".as_ref()),
        _ => ["config", member]
            .iter()
            .any(|stem| file.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'))),
    }
}

fn unreadable(name: &str, why: &str, member: &Member) -> Report {
    Report::error("config/unreadable", format!("can't read {name}: {why}")).of_crate(&member.name)
}

/// The text of a file that lies in `root`, links resolved; or why it can't be had.
pub(crate) fn text(path: &Path, root: &Path) -> Result<String, String> {
    let plain = |error: io::Error| error.to_string();
    let real = fs::canonicalize(path).map_err(plain)?;
    let root = fs::canonicalize(root).map_err(plain)?;
    if !real.starts_with(&root) {
        return Err(format!("it is a link that leads out of the workspace, to {}", real.display()));
    }
    let metadata = fs::metadata(&real).map_err(plain)?;
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    if metadata.len() > LIMIT {
        return Err(format!("it has {} bytes, and at most {LIMIT} are read", metadata.len()));
    }
    let bytes = fs::read(&real).map_err(plain)?;
    String::from_utf8(bytes)
        .map_err(|error| format!("it is not UTF-8 (byte {})", error.utf8_error().valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_order_and_each_unreadable_one_reported() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let krate = root.join("pipelines/a");
        fs::create_dir_all(krate.join("folder.toml")).unwrap();
        for name in [
            "z.toml",
            "config.toml",
            "Cargo.toml",
            "clippy.toml",
            ".hidden.toml",
            "notes.txt",
            "config.prod.yaml",
            "a.json",
            "data.json",
            "package.json",
        ] {
            fs::write(krate.join(name), name).unwrap();
        }
        fs::write(krate.join("latin1.toml"), b"a = '\xe9'").unwrap();
        let workspace = Workspace { root: root.clone(), target: root.join("target"), members: Vec::new() };
        let member = Member { name: "a".into(), folder: krate, id: String::new() };
        let mut reports = Vec::new();
        let sources = read(&workspace, &member, &mut reports);
        let names: Vec<_> = sources.iter().map(|source| source.name.as_str()).collect();
        let expected =
            ["a.json", "config.prod.yaml", "config.toml", "z.toml"].map(|name| format!("pipelines/a/{name}"));
        assert_eq!(names, expected);
        assert_eq!(sources[2].text, "config.toml");
        let messages: Vec<_> = reports.iter().map(Report::message).collect();
        assert_eq!(
            messages,
            [
                "can't read pipelines/a/folder.toml: it is not a file",
                "can't read pipelines/a/latin1.toml: it is not UTF-8 (byte 5)"
            ]
        );
    }
}
