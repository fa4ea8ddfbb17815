//! This workspace's own pipelines, synthesised for both of its environments.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Linux's way to run a program without a network, for users who may.
const WITHOUT_NETWORK: [&str; 3] = ["unshare", "--net", "--map-root-user"];

fn synth(root: &Path, env: &str, out: &Path, before: &[&str]) {
    let mut words = before.iter().copied().chain([env!("CARGO_BIN_EXE_xtask")]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args(["synth", "--env", env, "--out"]).arg(out).current_dir(root);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Every file with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_same_bytes_each_time_and_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let can_unshare = Command::new(WITHOUT_NETWORK[0])
        .args(&WITHOUT_NETWORK[1..])
        .arg("true")
        .output()
        .is_ok_and(|output| output.status.success());
    if !can_unshare {
        eprintln!("skipped in part: the network can't be taken away here");
    }
    for env in ["dev", "test"] {
        let (one, two) = (folder.path().join(env), folder.path().join(format!("{env}-again")));
        synth(Path::new(ROOT), env, &one, &[]);
        synth(Path::new(ROOT), env, &two, if can_unshare { &WITHOUT_NETWORK } else { &[] });
        let files = files(&one);
        assert_eq!(files, self::files(&two));
        assert!(files.contains_key(Path::new("definitions/example-pipeline.json")));
        let template = String::from_utf8(files[Path::new("dsm-sm-pipelines.template.json")].clone()).unwrap();
        // With account and region nothing is left to CloudFormation.
        assert_eq!(template.contains("Fn::Sub"), env == "dev");
    }
}

/// Builds everything a second time, somewhere else.
#[test]
fn the_same_bytes_from_another_folder() {
    if env::var_os("PIPEWRIGHT_LONG").is_none() {
        eprintln!("skipped: takes minutes; `cargo xtask test --long` runs it");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    fs::create_dir(&clone).unwrap();
    let is_source = |name: &str| !["target", ".git"].contains(&name);
    for entry in fs::read_dir(ROOT).unwrap() {
        let entry = entry.unwrap();
        if is_source(&entry.file_name().to_string_lossy()) {
            let copied = Command::new("cp").arg("-R").arg(entry.path()).arg(&clone).status().unwrap();
            assert!(copied.success());
        }
    }
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    synth(Path::new(ROOT), "dev", &here, &[]);
    let target = format!("CARGO_TARGET_DIR={}", folder.path().join("target").display());
    synth(&clone, "dev", &there, &["env", &target]);
    assert_eq!(files(&here), files(&there));
}

/// cfn-lint knows CloudFormation better than we do.
#[test]
fn cfn_lint_finds_nothing() {
    let Some(python) = env::var_os("PIPEWRIGHT_PYTHON") else {
        eprintln!("skipped: `cargo xtask test` installs cfn-lint");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for env in ["dev", "test"] {
        let out = folder.path().join(env);
        synth(Path::new(ROOT), env, &out, &[]);
        for stack in ["infrastructure", "pipelines"] {
            let template = out.join(format!("dsm-sm-{stack}.template.json"));
            let lint = Path::new(&python).with_file_name("cfn-lint");
            let output = Command::new(lint)
                .args(["--regions", "eu-west-1", "--template"])
                .arg(template)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
    }
}
