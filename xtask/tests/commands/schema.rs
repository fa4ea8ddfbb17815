//! `schema`: what is written for editors, and that an editor's language server understands it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::scene::{Scene, broken, pipeline};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn schemas_are_written_beside_the_configuration_and_checked() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant"), pipeline("bee")]);
    let outcome = scene.run(&["schema", "--check"]).ends(1);
    outcome.says(&[
        "error[schema/stale]: pipelines/one/schema/ant.json is not the schema of pipeline \"ant\"",
        "pipelines/one/schema/bee.json",
        "cargo xtask schema --write bee",
    ]);
    assert!(!scene.path("pipelines/one/schema").exists());

    let outcome = scene.run(&["schema", "--write", "ant"]).ends(0);
    assert_eq!(outcome.stdout, "pipelines/one/schema/ant.json is written\n");
    let outcome = scene.run(&["schema", "--write"]).ends(0);
    assert_eq!(
        outcome.stdout,
        "pipelines/one/schema/ant.json is unchanged\npipelines/one/schema/bee.json is written\n"
    );
    assert_eq!(scene.files("pipelines/one/schema").keys().collect::<Vec<_>>(), ["ant.json", "bee.json"]);
    scene.run(&["schema", "--check"]).ends(0);
    // Not taken for configuration.
    scene.run(&["synth"]).ends(0);

    let mut changed = pipeline("ant");
    changed["schema"] = json!({"type": "object", "properties": {}});
    scene.answer("one", &[changed, pipeline("bee")]);
    let outcome = scene.run(&["schema", "--check"]).ends(1);
    assert!(!outcome.stderr.contains("bee"), "{}", outcome.stderr);
}

#[test]
fn nothing_is_written_beside_a_mistake() {
    let scene = Scene::new();
    let wrong = json!([{"severity": "error", "code": "x", "message": "wrong"}]);
    scene.krate("one", &[pipeline("ant"), broken("bee", &wrong)]);
    scene.run(&["schema", "--write"]).ends(1).says(&["error[x]: wrong"]);
    assert!(!scene.path("pipelines/one/schema").exists());
    scene.run(&["schema"]).ends(2);
    scene.run(&["schema", "ant", "bee"]).ends(1).says(&["one schema is printed at a time"]);
}

/// What a configuration that names its schema in its first line is for a TOML language server.
fn taplo(program: &Path, folder: &Path, text: &str) -> (bool, String) {
    let file = folder.join("config.toml");
    fs::write(&file, text).unwrap();
    let output = Command::new(program)
        .args(["lint", "--no-auto-config", "--colors", "never", "config.toml"])
        .current_dir(folder)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_language_server_checks_a_configuration_by_its_schema() {
    let Some(python) = std::env::var_os("PIPEWRIGHT_PYTHON") else {
        eprintln!("skipped: `cargo xtask test` installs taplo");
        return;
    };
    let program = PathBuf::from(python).with_file_name("taplo");
    let printed = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["schema", "abalone"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("schema")).unwrap();
    fs::write(folder.path().join("schema/abalone.json"), printed.stdout).unwrap();

    let text = fs::read_to_string(Path::new(ROOT).join("pipelines/abalone/config.toml")).unwrap();
    assert!(text.starts_with("#:schema schema/abalone.json\n"), "{text}");
    let (accepted, said) = taplo(&program, folder.path(), &text);
    assert!(accepted, "{said}");
    for (right, wrong, expected) in [
        ("rounds = 50", "rounds = 0", "0 is less than the minimum of 1"),
        ("rounds = 50", "rounds = '50'", "is not of type \"integer\""),
        ("rounds = 50", "round = 50", "Additional properties are not allowed ('round' was unexpected)"),
    ] {
        let (accepted, said) = taplo(&program, folder.path(), &text.replace(right, wrong));
        assert!(!accepted && said.contains(expected), "{wrong}: {said}");
    }
    let in_an_environment = format!("{text}\n[env.prod.booster]\neta = 7\n");
    let (accepted, said) = taplo(&program, folder.path(), &in_an_environment);
    assert!(!accepted && said.contains("eta"), "{said}");
}

/// What editors are shown of this workspace's pipelines is what their programs take.
#[test]
fn the_schemas_of_this_workspace_are_current() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["schema", "--check"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
