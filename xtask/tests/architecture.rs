//! Who may know whom. The arrows between the rooms are a promise: a new one is a decision, made here.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;

use serde_json::Value;

/// Package, what it may link, and what its build script may link. What tests link is not looked at.
const ARROWS: [(&str, &[&str], &[&str]); 22] = [
    ("build-support", &["pipewright-archive"], &[]),
    (
        "pipewright",
        &[
            "pipewright-config",
            "pipewright-interpreter",
            "pipewright-macros",
            "pipewright-model",
            "pipewright-sagemaker",
        ],
        BUILD,
    ),
    ("pipewright-archive", &[], &[]),
    ("pipewright-assembly", &["pipewright-archive"], &[]),
    ("pipewright-cli", &[], &[]),
    ("pipewright-cloudformation", &[], BUILD),
    ("pipewright-config", &[], &[]),
    ("pipewright-container", &[], &[]),
    (
        "pipewright-deploy",
        &["pipewright-assembly", "pipewright-cli", "pipewright-diff", "pipewright-terminal"],
        &[],
    ),
    ("pipewright-diff", &[], &[]),
    ("pipewright-interpreter", &[], &[]),
    (
        "pipewright-local",
        &["pipewright-assembly", "pipewright-cli", "pipewright-interpreter", "pipewright-terminal"],
        &[],
    ),
    ("pipewright-macros", &["pipewright-macros-impl"], &[]),
    ("pipewright-macros-impl", &[], &[]),
    ("pipewright-model", &[], &[]),
    (
        "pipewright-remote",
        &[
            "pipewright-assembly",
            "pipewright-cli",
            "pipewright-deploy",
            "pipewright-diff",
            "pipewright-terminal",
        ],
        &[],
    ),
    ("pipewright-sagemaker", &["pipewright-model"], BUILD),
    ("pipewright-stacks", &["pipewright-cloudformation", "pipewright-model"], &[]),
    ("pipewright-terminal", &[], &[]),
    ("pipewright-testbed", &[], &[]),
    (
        "xtask",
        &[
            "pipewright-assembly",
            "pipewright-cli",
            "pipewright-config",
            "pipewright-diff",
            "pipewright-macros",
            "pipewright-model",
            "pipewright-stacks",
        ],
        &[],
    ),
    (PIPELINE, &["pipewright"], BUILD),
];

/// Stands for every package under `pipelines/`.
const PIPELINE: &str = "pipelines/*";

const BUILD: &[&str] = &["build-support"];

/// The only packages that may talk to AWS, and the one that stands in for AWS in their tests.
const CLOUD: [&str; 4] =
    ["pipewright-container", "pipewright-deploy", "pipewright-remote", "pipewright-testbed"];

/// What `cargo metadata` says, as far as it matters here.
struct Packages {
    /// Name, and whether it lies under `pipelines/`, by id; members of the workspace only.
    members: BTreeMap<String, (String, bool)>,
    names: BTreeMap<String, String>,
    /// The packages that each one links, and those that its build script links.
    links: BTreeMap<String, [Vec<String>; 2]>,
}

impl Packages {
    fn read() -> Self {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let rustc = Command::new("rustc").arg("-vV").output().unwrap();
        let rustc = String::from_utf8(rustc.stdout).unwrap();
        let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        // For this system alone: what only others need may not be downloaded.
        let output = Command::new(cargo)
            .args(["metadata", "--offline", "--format-version", "1", "--filter-platform", host])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let root = text(&metadata["workspace_root"]);
        let is_member: BTreeSet<String> =
            metadata["workspace_members"].as_array().unwrap().iter().map(text).collect();
        let mut packages = Self { members: BTreeMap::new(), names: BTreeMap::new(), links: BTreeMap::new() };
        for package in metadata["packages"].as_array().unwrap() {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if is_member.contains(&id) {
                let is_pipeline = text(&package["manifest_path"]).starts_with(&format!("{root}/pipelines/"));
                packages.members.insert(id.clone(), (name.clone(), is_pipeline));
            }
            packages.names.insert(id, name);
        }
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let mut links = [Vec::new(), Vec::new()];
            for dependency in node["deps"].as_array().unwrap() {
                for kind in dependency["dep_kinds"].as_array().unwrap() {
                    match kind["kind"].as_str() {
                        None => links[0].push(text(&dependency["pkg"])),
                        Some("build") => links[1].push(text(&dependency["pkg"])),
                        _ => {}
                    }
                }
            }
            packages.links.insert(text(&node["id"]), links);
        }
        packages
    }

    /// The members of the workspace among these.
    fn rooms(&self, ids: &[String]) -> BTreeSet<&str> {
        ids.iter().filter_map(|id| self.members.get(id)).map(|(name, _)| name.as_str()).collect()
    }

    /// How a package leads to one that may not be reached, by names.
    fn path_to(&self, from: &str, forbidden: impl Fn(&str) -> bool) -> Option<Vec<&str>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut next = vec![from];
        while let Some(id) = next.pop() {
            if forbidden(&self.names[id]) {
                let mut path = vec![self.names[id].as_str()];
                let mut id = id;
                while let Some(before) = came_from.get(id) {
                    path.insert(0, &self.names[*before]);
                    id = before;
                }
                return Some(path);
            }
            for link in self.links[id].iter().flatten() {
                if link != from && !came_from.contains_key(link.as_str()) {
                    came_from.insert(link, id);
                    next.push(link);
                }
            }
        }
        None
    }
}

#[test]
fn rooms_know_whom_they_may_and_nobody_else() {
    let packages = Packages::read();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (id, (name, is_pipeline)) in &packages.members {
        let key = if *is_pipeline { PIPELINE } else { name.as_str() };
        seen.insert(key);
        let Some((_, links, build)) = ARROWS.iter().find(|(room, ..)| *room == key) else {
            wrong.push(format!("{name} is not in the table"));
            continue;
        };
        let found = &packages.links[id];
        for (what, allowed, found) in [("links", links, &found[0]), ("build script links", build, &found[1])]
        {
            let (allowed, found): (BTreeSet<&str>, _) =
                (allowed.iter().copied().collect(), packages.rooms(found));
            if allowed != found {
                wrong.push(format!("{name} {what} {found:?}, and the table says {allowed:?}"));
            }
        }
    }
    wrong.extend(
        ARROWS
            .iter()
            .filter(|(room, ..)| !seen.contains(room))
            .map(|(room, ..)| format!("there is no {room}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Synth compiles in seconds because nothing it needs is as large as the AWS SDK; and what can't talk to AWS can't
/// depend on what AWS says.
#[test]
fn only_deploy_and_remote_reach_aws() {
    let packages = Packages::read();
    let forbidden = |name: &str| name.starts_with("aws-") || name == "tokio" || name.starts_with("tokio-");
    let paths: Vec<String> = packages
        .members
        .iter()
        .filter(|(_, (name, _))| !CLOUD.contains(&name.as_str()))
        .filter_map(|(id, _)| packages.path_to(id, forbidden))
        .map(|path| path.join(" → "))
        .collect();
    assert!(paths.is_empty(), "{}", paths.join("\n"));
    // The search itself works.
    let xtask = packages.members.iter().find(|(_, (name, _))| name == "xtask").unwrap().0;
    assert!(packages.path_to(xtask, |name| name == "proc-macro2").is_some());
}
