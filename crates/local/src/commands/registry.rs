//! `registry`: the models that runs have registered on this machine.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use pipewright_cli::RegistryArgs;
use pipewright_terminal::text::{columns, harmless};
use serde_json::Value;

use super::{print, print_json};
use crate::registry::{Package, Registry};

/// Lists groups, the versions of one, or shows one version; approves and rejects.
///
/// # Errors
/// Where there is no such group or version, or the registry can't be read or written.
pub fn registry(root: &Path, args: &RegistryArgs) -> Result<ExitCode> {
    let registry = Registry::new(root);
    let Some(which) = &args.group else {
        return list_groups(&registry, args.json);
    };
    if args.approve || args.reject {
        ensure!(which.contains('/'), "say which version: {which}/VERSION");
        let status = if args.approve { "Approved" } else { "Rejected" };
        show(&[registry.approve(which, status, None)?], args.json)?;
    } else if which.contains('/') {
        let package = registry.describe(which)?;
        print_json(&package.description)?;
    } else {
        let packages = registry.list(which)?;
        ensure!(
            !packages.is_empty(),
            "the local registry has no group {which:?}: `cargo xtask registry` lists them"
        );
        show(&packages, args.json)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list_groups(registry: &Registry, json: bool) -> Result<ExitCode> {
    let groups = registry.groups()?;
    let mut packages = Vec::new();
    for group in &groups {
        packages.extend(registry.list(&group.name)?);
    }
    packages.extend(registry.ungrouped()?);
    if packages.is_empty() && !json {
        anstream::eprintln!("no run has registered a model yet");
    } else {
        show(&packages, json)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(packages: &[Package], json: bool) -> Result<()> {
    if json {
        return print_json(&packages.iter().map(|package| package.description.clone()).collect::<Value>());
    }
    print(&table(packages).join("\n"))
}

fn table(packages: &[Package]) -> Vec<String> {
    let rows: Vec<[String; 4]> = packages
        .iter()
        .map(|package| {
            let text = |path: &str| {
                harmless(package.description.pointer(path).and_then(Value::as_str).unwrap_or_default())
            };
            let created = text("/CreationTime").get(..19).unwrap_or_default().replace('T', " ");
            let model = text("/InferenceSpecification/Containers/0/ModelDataUrl");
            [harmless(&package.short_name()), harmless(package.approval()), created, model]
        })
        .collect();
    columns(&rows)
}
