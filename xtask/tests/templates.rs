//! What holds for this workspace's templates: no policy goes too far, and checkov fails nothing but what
//! `xtask/python/waivers.toml` gives a reason for.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../../crates/stacks/tests/rules/mod.rs"]
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A check and the resource it fails on.
type Finding = (String, String);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Waivers {
    waiver: Vec<Waiver>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    check: String,
    resource: String,
    reason: String,
}

fn waivers() -> BTreeSet<Finding> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("xtask/python/waivers.toml")).unwrap();
    let mut found = BTreeSet::new();
    for Waiver { check, resource, reason } in toml::from_str::<Waivers>(&text).unwrap().waiver {
        assert!(reason.len() > 20, "{check} on {resource} has no reason worth the name");
        let waiver = (check, resource);
        assert!(!found.contains(&waiver), "{waiver:?} stands twice");
        found.insert(waiver);
    }
    found
}

/// The templates of both environments.
fn templates(folder: &Path) -> Vec<PathBuf> {
    let mut templates = Vec::new();
    for env in ["dev", "test"] {
        let out = folder.join(env);
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["synth", "--env", env, "--out"])
            .arg(&out)
            .current_dir(ROOT)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let entries = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        templates.extend(entries.filter(|path| path.to_string_lossy().ends_with(".template.json")));
    }
    templates.sort();
    templates
}

/// What checkov says of these templates: each failed check with the templates it fails in, and how many passed.
fn checkov(program: &Path, home: &Path, templates: &[PathBuf]) -> (BTreeMap<Finding, Vec<String>>, u64) {
    let mut command = Command::new(program);
    // No key and no configuration of the user's: nothing is sent anywhere.
    for name in ["BC_API_KEY", "PRISMA_API_URL", "CKV_CONFIG_FILE"] {
        command.env_remove(name);
    }
    command
        .args([
            "--skip-download",
            "--framework",
            "cloudformation",
            "--output",
            "json",
            "--soft-fail",
            "--file",
        ])
        .args(templates)
        .current_dir(home)
        .env("HOME", home);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["parsing_errors"], 0, "{stderr}");
    let mut failed: BTreeMap<Finding, Vec<String>> = BTreeMap::new();
    // A template that waives its own findings hides them from whoever reads the file.
    for list in ["failed_checks", "skipped_checks"] {
        for check in report["results"][list].as_array().unwrap() {
            let text = |key: &str| check[key].as_str().unwrap().to_owned();
            failed.entry((text("check_id"), text("resource"))).or_default().push(text("file_path"));
        }
    }
    (failed, report["summary"]["passed"].as_u64().unwrap())
}

#[test]
fn no_policy_goes_too_far() {
    let folder = tempfile::tempdir().unwrap();
    let mut statements = 0;
    for path in templates(folder.path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            rules::broken(&serde_json::from_str(&text).unwrap()),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
        statements += text.matches("\"Effect\"").count();
    }
    // It looked.
    assert!(statements > 50, "{statements}");
}

#[test]
fn checkov_finds_nothing_without_a_reason() {
    let Some(program) = env::var_os("PIPEWRIGHT_CHECKOV") else {
        eprintln!("skipped: `cargo xtask test` installs checkov");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let templates = templates(folder.path());
    assert!(templates.len() >= 4, "{templates:?}");
    let (failed, passed) = checkov(Path::new(&program), folder.path(), &templates);
    // It looked.
    assert!(passed >= 100, "{passed} checks passed");
    let waivers = waivers();
    let unwaived: Vec<_> = failed.iter().filter(|(finding, _)| !waivers.contains(finding)).collect();
    assert!(unwaived.is_empty(), "without a waiver: {unwaived:#?}");
    let unused: Vec<_> = waivers.iter().filter(|waiver| !failed.contains_key(waiver)).collect();
    assert!(unused.is_empty(), "nothing is found any more for: {unused:#?}");
}

/// The test would see a bucket that anybody reads.
#[test]
fn checkov_is_heard() {
    let Some(program) = env::var_os("PIPEWRIGHT_CHECKOV") else {
        eprintln!("skipped: `cargo xtask test` installs checkov");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("x.template.json");
    let text = r#"{"Resources": {"Open": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}}}}"#;
    std::fs::write(&template, text).unwrap();
    let (failed, _) = checkov(Path::new(&program), folder.path(), &[template]);
    assert!(
        failed.contains_key(&("CKV_AWS_20".to_owned(), "AWS::S3::Bucket.Open".to_owned())),
        "{failed:#?}"
    );
}
