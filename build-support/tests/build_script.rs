//! `code_in` as cargo runs it: what it tells cargo, what it writes, and what it refuses.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const ROLE: &str = "BUILD_SUPPORT_TEST_FOLDER";

/// Not a test: the build script that the tests run, in a process of its own.
#[test]
#[ignore = "run by the other tests"]
fn build_script() {
    build_support::code_in(&std::env::var(ROLE).unwrap());
}

struct Crate(TempDir);

impl Crate {
    fn new(files: &[(&str, &str)]) -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        fs::create_dir(this.path("out")).unwrap();
        for (path, text) in files {
            this.write(path, text);
        }
        this
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// Runs the build script for a folder; what it says to cargo after `cargo::`, paths relative to the crate.
    fn build(&self, folder: &str) -> Vec<String> {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "build_script", "--ignored", "--quiet", "--nocapture"])
            .env(ROLE, folder)
            .env("CARGO_MANIFEST_DIR", self.0.path())
            .env("OUT_DIR", self.path("out"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let root = self.0.path().to_str().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| Some(line.split_once("cargo::")?.1));
        lines.map(|line| line.replace(&format!("{root}/"), "").replace(root, ".")).collect()
    }

    fn generated(&self) -> String {
        fs::read_to_string(self.path("out/code.rs")).unwrap()
    }
}

fn only(kind: &str, lines: &[String]) -> Vec<String> {
    lines.iter().filter_map(|line| line.strip_prefix(&format!("{kind}="))).map(str::to_owned).collect()
}

const ARGPARSE: &str =
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--a')\np.parse_args()\n";

#[test]
fn cargo_watches_what_the_result_depends_on() {
    let this = Crate::new(&[
        ("code/train.py", ARGPARSE),
        ("code/pkg/a.py", ""),
        ("code/pkg/sub/b.txt", ""),
        ("code/pkg/__pycache__/a.pyc", ""),
        ("code/.hidden", ""),
        ("code/empty/.keep", ""),
        ("code/data.csv", ""),
        ("code/.gitignore", "*.csv\n"),
        ("src/main.rs", ""),
    ]);
    let said = this.build("code");
    assert_eq!(
        said,
        ["code", "code/pkg/a.py", "code/pkg/sub/b.txt", "code/train.py"]
            .map(|path| format!("rerun-if-changed={path}"))
    );
    let text = this.generated();
    for (part, expected) in [
        ("pub struct Train", true),
        ("pub mod pkg", true),
        ("pub struct A", true),
        ("::pipewright::__private::Script for Train", true),
        ("pub mod empty", false),
        ("Csv", false),
        ("idden", false),
    ] {
        assert_eq!(text.contains(part), expected, "{part}");
    }
}

#[test]
fn an_unchanged_folder_gives_the_same_file() {
    let this = Crate::new(&[("code/train.py", ARGPARSE)]);
    this.build("code");
    let (before, written) =
        (this.generated(), fs::metadata(this.path("out/code.rs")).unwrap().modified().unwrap());
    let elsewhere = Crate::new(&[("code/train.py", ARGPARSE)]);
    elsewhere.build("code");
    assert_eq!(elsewhere.generated(), before);
    this.build("code");
    assert_eq!(fs::metadata(this.path("out/code.rs")).unwrap().modified().unwrap(), written);
    this.write("code/train.py", &format!("{ARGPARSE}# changed\n"));
    this.build("code");
    assert_ne!(this.generated(), before);
}

#[test]
fn a_crate_without_code_has_no_scripts() {
    let this = Crate::new(&[("src/main.rs", "")]);
    assert_eq!(this.build("code"), ["rerun-if-changed=."]);
    assert_eq!(this.generated(), "");
}

#[test]
fn another_folder() {
    let this = Crate::new(&[("tests/code/train.py", ARGPARSE)]);
    assert_eq!(this.build("tests/code/").len(), 2);
    assert!(this.generated().contains("\"tests/code/train.py\""));
    for wrong in ["../code", "/code", "", "."] {
        let errors = only("error", &this.build(wrong));
        assert_eq!(errors, [format!("\"{}\" is no folder inside of the crate", wrong.trim_end_matches('/'))]);
    }
}

#[test]
fn warnings_are_said_once_with_their_place() {
    let this =
        Crate::new(&[("code/a.py", "import sys\nsys.argv"), ("code/b.sh", "$1"), ("code/c.py", "print(1)")]);
    assert_eq!(
        only("warning", &this.build("code")),
        ["code/a.py:2: it reads `sys.argv` itself; it takes plain arguments"]
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    let this = Crate::new(&[
        ("code/train.py", ARGPARSE),
        ("code/Train.py", ARGPARSE),
        ("code/---.py", ""),
        (
            "code/same.py",
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--a-b')\np.add_argument('--a_b')\n",
        ),
        ("code/pkg/x-y.py", ""),
        ("code/pkg/x_y.py", ""),
        ("code/odd.py", "import argparse\np = argparse.ArgumentParser()\np.add_argument('--?')\n"),
        (
            "code/one.py",
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--two', choices=['x'])\n",
        ),
        ("code/one_two.py", ""),
    ]);
    let errors = only("error", &this.build("code"));
    let expected = [
        "code/---.py: its name has nothing that a Rust name could be made of; rename it",
        "code/Train.py and code/train.py would both be called `Train` in Rust; rename one",
        "code/odd.py:3: `?` has nothing that a Rust name could be made of; add a `dest`",
        "code/one.py:3: the choices of `--two` and code/one_two.py would both be called `OneTwo` in Rust; rename one",
        "code/same.py:4: `--a_b` and `--a-b` would both be called `a_b` in Rust; give one of them another `dest`",
        "code/pkg/x-y.py and code/pkg/x_y.py would both be called `XY` in Rust; rename one",
    ];
    assert_eq!(errors, expected);
    assert!(!this.path("out/code.rs").exists());
}

#[test]
fn what_leaves_the_folder_is_refused() {
    let outside = Crate::new(&[("secret.py", "")]);
    let this = Crate::new(&[("code/pkg/a.py", ""), ("code/b.py", "")]);
    let link = |target: &Path, name: &str| std::os::unix::fs::symlink(target, this.path(name)).unwrap();
    link(&outside.path("secret.py"), "code/out.py");
    let errors = only("error", &this.build("code"));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("code/out.py is a symbolic link that leaves its folder"), "{errors:?}");
    fs::remove_file(this.path("code/out.py")).unwrap();

    link(&outside.path("secret.py"), "code/pkg/out.py");
    // What is in `code/` but not in the folder that is uploaded is outside, too.
    link(Path::new("../b.py"), "code/pkg/up.py");
    fs::write(this.path("code/pkg").join(std::ffi::OsStr::from_bytes(b"\xff.py")), "").unwrap();
    let errors = only("error", &this.build("code"));
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors.iter().all(|error| error.starts_with("code/pkg/")), "{errors:?}");
}
