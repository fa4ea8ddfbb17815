//! A workspace of its own for each test, with programs that stand in for pipelines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// What a command left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard error says all of this.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in:\n{}", self.stderr);
        }
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scene = Self { folder };
        scene.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"pipelines/*\"]\n");
        scene.write(
            "pipewright.toml",
            "prefix = \"acme\"\n[env.dev]\n[env.test]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n",
        );
        fs::create_dir_all(scene.path("pipelines")).unwrap();
        scene
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        // On some systems the folder of temporary files is a link.
        fs::canonicalize(self.folder.path()).unwrap().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A crate whose program answers with these pipelines.
    pub(crate) fn krate(&self, name: &str, pipelines: &[Value]) {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        self.write(&format!("pipelines/{name}/Cargo.toml"), &manifest);
        self.write(&format!("pipelines/{name}/src/main.rs"), include_str!("../fixtures/program.rs"));
        self.answer(name, pipelines);
    }

    pub(crate) fn answer(&self, krate: &str, pipelines: &[Value]) {
        let answer = json!({"protocol": 1, "pipelines": pipelines});
        self.write(&format!("pipelines/{krate}/src/answer.json"), &answer.to_string());
    }

    /// Makes the program of a crate do something else than answer.
    pub(crate) fn behave(&self, krate: &str, how: &str) {
        self.write(&format!("pipelines/{krate}/config.toml"), &format!("behave = '{how}'\n"));
    }

    pub(crate) fn command(&self) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_xtask"))
    }

    /// Another program in the same folder and environment: with a different one cargo would build again.
    pub(crate) fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path(""));
        for variable in
            ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "RUSTFLAGS", "CLICOLOR_FORCE", "CARGO_INCREMENTAL"]
        {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.finish(self.command().args(arguments))
    }

    pub(crate) fn finish(&self, command: &mut Command) -> Outcome {
        let output = command.output().unwrap();
        let root = self.path("");
        let root = root.to_str().unwrap().trim_end_matches('/');
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(root, "[ROOT]");
        Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Every file of a folder with its bytes.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(folder), &self.path(folder), &mut files);
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// What a program says of a pipeline without faults.
pub(crate) fn pipeline(name: &str) -> Value {
    json!({
        "name": name,
        "description": "Prints a greeting.",
        "role_arn": format!("arn:aws:iam::123456789012:role/acme-{name}"),
        "parameters": [{"name": "InstanceType", "type": "String", "default": "ml.m5.large"}],
        "steps": [{"name": "greet", "type": "Processing"}, {"name": "end", "type": "Fail", "depends_on": ["greet"]}],
        "definition": {"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": []},
        "config": [{"path": "greeting", "value": "hello", "origin": "default"}],
        "schema": {"type": "object"},
    })
}

/// The same with something wrong.
pub(crate) fn broken(name: &str, diagnostics: &Value) -> Value {
    let mut pipeline = pipeline(name);
    pipeline["definition"] = Value::Null;
    pipeline["steps"] = json!([]);
    pipeline["diagnostics"] = diagnostics.clone();
    pipeline
}
