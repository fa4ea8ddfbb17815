//! `new`: the crate that it writes synthesises, passes its own tests and clippy, and its schema is current.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A workspace like this one, without its pipelines, whose crates are those of this one: they are built once, whatever the
/// folder.
struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let workspace = Self { folder: tempfile::tempdir().unwrap() };
        let root = fs::canonicalize(ROOT).unwrap();
        let mut manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
        let own = manifest["workspace"].as_table_mut().unwrap();
        own.insert("members".to_owned(), vec!["pipelines/*"].into());
        own.remove("default-members");
        for (_, dependency) in own["dependencies"].as_table_mut().unwrap() {
            let path = dependency.as_table_mut().and_then(|table| table.get_mut("path"));
            if let Some(path) = path {
                *path = root.join(path.as_str().unwrap()).to_str().unwrap().into();
            }
        }
        workspace.write("Cargo.toml", &manifest.to_string());
        workspace.write("pipewright.toml", "prefix = \"acme\"\n[env.dev]\n");
        for file in ["Cargo.lock", "clippy.toml", "rustfmt.toml", "rust-toolchain.toml"] {
            fs::copy(root.join(file), workspace.path(file)).unwrap();
        }
        // cargo wants a member where `members` has a pattern.
        workspace
            .write("pipelines/nothing/Cargo.toml", "[package]\nname = \"nothing\"\nedition = \"2024\"\n");
        workspace.write("pipelines/nothing/src/lib.rs", "");
        workspace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs a program in the folder, and returns what it printed.
    #[track_caller]
    fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> String {
        // Where this test was built its dependencies are, too.
        let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
        let mut command = Command::new(program.as_ref());
        command.args(arguments).current_dir(self.folder.path()).env("CARGO_TARGET_DIR", target);
        let output = command.output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}\n{stdout}\n{stderr}");
        stdout
    }

    #[track_caller]
    fn xtask(&self, arguments: &[&str]) -> String {
        self.run(env!("CARGO_BIN_EXE_xtask"), arguments)
    }

    #[track_caller]
    fn cargo(&self, arguments: &[&str]) -> String {
        self.run(env!("CARGO"), arguments)
    }
}

#[test]
fn what_is_written_works_at_once() {
    let workspace = Workspace::new();
    workspace.xtask(&["new", "new-pipeline"]);

    workspace.xtask(&["synth", "--out", "out"]);
    let definition: Value =
        serde_json::from_slice(&fs::read(workspace.path("out/definitions/new-pipeline.json")).unwrap())
            .unwrap();
    assert_eq!(definition["Steps"][0]["Name"], "Prepare");
    let arguments = &definition["Steps"][0]["Arguments"]["AppSpecification"]["ContainerArguments"];
    assert_eq!(arguments, &json!(["--share", "0.8"]));

    let values: Value =
        serde_json::from_str(&workspace.xtask(&["config", "new-pipeline", "--json"])).unwrap();
    assert_eq!(values["values"][0]["path"], "share");
    assert_eq!(values["values"][0]["origin"], "pipelines/new-pipeline/config.toml:5");

    // A variable of a file that is named wins over the file of the crate.
    workspace.write("one.env", "PIPEWRIGHT_NEW_PIPELINE__SHARE=0.25\n");
    let values = workspace.xtask(&["config", "new-pipeline", "--json", "--env-file", "one.env"]);
    let values: Value = serde_json::from_str(&values).unwrap();
    assert_eq!(values["values"][0]["value"], 0.25, "{values}");

    let page = workspace.xtask(&["docs"]);
    assert!(
        page.contains("| `share` | a number, more than `0.0`, at most `1.0` | required | Share"),
        "{page}"
    );
    assert!(page.contains("| `instance_type` | text | `\"ml.m5.large\"` |"), "{page}");

    // The schema that it comes with is the one that its program answers.
    workspace.xtask(&["schema", "--check"]);
    workspace.cargo(&["fmt", "--package", "new-pipeline", "--check"]);
    workspace.cargo(&["clippy", "--package", "new-pipeline", "--all-targets", "--", "--deny", "warnings"]);
    let tests = workspace.cargo(&["test", "--package", "new-pipeline"]);
    assert!(tests.contains(" ... ok\n"), "{tests}");
    it_runs(&workspace);
}

/// On this machine, by the program that `cargo xtask run` becomes: it is no package of the workspace in the folder.
fn it_runs(workspace: &Workspace) {
    let xtask = Path::new(env!("CARGO_BIN_EXE_xtask"));
    let target = xtask.ancestors().nth(2).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", "pipewright-local"]).current_dir(ROOT);
    assert!(build.env("CARGO_TARGET_DIR", target).status().unwrap().success());
    workspace.write(
        "pipewright.toml",
        "prefix = \"acme\"\n[env.here]\naccount = \"000000000000\"\nregion = \"us-east-1\"\n",
    );
    workspace.xtask(&["synth", "--env", "here", "--out", "here"]);
    let record = workspace.run(
        xtask.with_file_name("pipewright-local"),
        &[
            "run",
            "new-pipeline",
            "--root=local",
            "--assembly=here",
            "--local=pipelines/new-pipeline/local",
            "--runner=process",
            "--progress=none",
            "--json",
        ],
    );
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["PipelineExecutionStatus"], "Succeeded", "{record}");
    let run = record["PipelineExecutionArn"].as_str().unwrap().rsplit('/').next().unwrap();
    let kept = format!(
        "local/s3/acme-data-000000000000-us-east-1/new-pipeline/{run}/Prepare/output/output/first.csv"
    );
    assert_eq!(fs::read_to_string(workspace.path(&kept)).unwrap(), "a,1\nb,2\nc,3\nd,4\n");
}
