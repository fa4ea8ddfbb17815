//! The configuration of a pipeline's crate and of its workspace, as `cargo xtask synth` reads it.
//!
//! Files are opened here and nowhere else in this crate but for snapshots, and only when a test asks.

use std::fs;
use std::path::{Path, PathBuf};

use pipewright_model::Environment;
use pipewright_model::protocol::ConfigSource;

use super::names;

/// The workspace's settings, in one of the folders above the crate.
const SETTINGS: &str = "pipewright.toml";

/// The environment that is meant when none is named, unless the settings say otherwise.
const DEFAULT: &str = "dev";

/// Files of cargo and its tools, which are no configuration of a pipeline.
const OF_TOOLS: [&str; 4] = ["Cargo.toml", "clippy.toml", "rustfmt.toml", "rust-toolchain.toml"];

/// The configuration files of the crate in this folder, named from the workspace's root.
pub(super) fn sources(folder: &Path, package: &str) -> Result<Vec<ConfigSource>, String> {
    let root = root(folder);
    let entries =
        fs::read_dir(folder).map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| is_configuration(name, package));
    names.sort();
    let source = |file: String| {
        let path = folder.join(file);
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string().replace('\\', "/");
        Ok(ConfigSource { name, text: text(&path)? })
    };
    names.into_iter().map(source).collect()
}

/// Whether a file is a configuration. Data in JSON and YAML may stand beside it, so a name decides there.
fn is_configuration(file: &str, package: &str) -> bool {
    match pipewright_config::Format::of(file) {
        _ if file.starts_with('.') || OF_TOOLS.contains(&file) => false,
        pipewright_config::Format::Toml => Path::new(file).extension() == Some("toml".as_ref()),
        _ => ["config", package]
            .iter()
            .any(|stem| file.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'))),
    }
}

/// The workspace's settings, where there are any.
pub(super) fn settings(folder: &Path) -> Result<Option<ConfigSource>, String> {
    let path = root(folder).join(SETTINGS);
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(ConfigSource { name: SETTINGS.to_owned(), text: text(&path)? }))
}

/// The nearest folder with settings, the crate's own where there is none.
fn root(folder: &Path) -> PathBuf {
    folder.ancestors().find(|above| above.join(SETTINGS).is_file()).unwrap_or(folder).to_owned()
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("can't read {}: {error}", path.display()))
}

/// The environment of this name, or the default one, as the settings describe it.
///
/// What is wrong with other settings is not looked for: `cargo xtask synth` says it.
pub(super) fn environment(settings: Option<&str>, name: Option<&str>) -> Result<Environment, String> {
    let settings: toml::Table =
        settings.unwrap_or_default().parse().map_err(|error| format!("{SETTINGS} can't be read: {error}"))?;
    let text = |table: Option<&toml::Table>, key: &str| {
        table.and_then(|table| table.get(key)).and_then(toml::Value::as_str).map(str::to_owned)
    };
    let none = toml::Table::new();
    let environments = settings.get("env").and_then(toml::Value::as_table).unwrap_or(&none);
    let default = || {
        let only = environments.keys().next().filter(|_| environments.len() == 1).cloned();
        text(Some(&settings), "default_env").or(only).unwrap_or_else(|| DEFAULT.to_owned())
    };
    let name = name.map_or_else(default, str::to_owned);
    let own = environments.get(&name).and_then(toml::Value::as_table);
    if own.is_none() && !environments.is_empty() {
        let help = names::help(&name, environments.keys().map(String::as_str));
        return Err(format!("{SETTINGS} has no environment {name:?}: {help}"));
    }
    let value = |key: &str| text(own, key).or_else(|| text(Some(&settings), key));
    let roles = |table: Option<&toml::Table>| {
        text(table.and_then(|table| table.get("roles")).and_then(toml::Value::as_table), "path")
    };
    Ok(Environment {
        account: value("account"),
        region: value("region"),
        partition: value("partition"),
        prefix: value("prefix").unwrap_or_else(|| name.clone()),
        source_bucket: value("source_bucket"),
        data_bucket: value("data_bucket"),
        role_arn: value("role_arn"),
        role_path: roles(own).or_else(|| roles(Some(&settings))),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(settings: &str, name: Option<&str>, expected: Result<[&str; 3], &str>) {
        let found = environment(Some(settings), name);
        let found = found.map(|found| [found.name, found.prefix, found.account.unwrap_or_default()]);
        let expected = expected.map(|expected| expected.map(str::to_owned)).map_err(str::to_owned);
        assert_eq!(found, expected, "{settings}");
    }

    #[test]
    fn an_environment_is_its_own_table_over_the_top() {
        let two = "prefix = 'a'\naccount = '1'\n[env.dev]\n[env.prod]\naccount = '2'\n";
        check(two, None, Ok(["dev", "a", "1"]));
        check(two, Some("prod"), Ok(["prod", "a", "2"]));
        check(&format!("default_env = 'prod'\n{two}"), None, Ok(["prod", "a", "2"]));
        check("prefix = 'a'\n[env.live]", None, Ok(["live", "a", ""]));
        check("", None, Ok(["dev", "dev", ""]));
        let unknown =
            "pipewright.toml has no environment \"prd\": did you mean \"prod\"? there are: dev, prod";
        check(two, Some("prd"), Err(unknown));
        assert!(environment(Some("prefix ="), None).is_err());
    }

    #[test]
    fn configuration_is_told_by_name() {
        for (file, expected) in [
            ("config.toml", true),
            ("config.prod.yaml", true),
            ("prices.json", true),
            ("Cargo.toml", false),
            (".hidden.toml", false),
            ("data.json", false),
            ("README.md", false),
        ] {
            assert_eq!(is_configuration(file, "prices"), expected, "{file}");
        }
    }
}
