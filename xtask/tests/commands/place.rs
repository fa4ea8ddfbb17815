//! Places that can't take an assembly; the earlier one is whole afterwards.

use std::collections::BTreeMap;

use serde_json::json;

use crate::scene::{Scene, pipeline};

/// A workspace with an assembly, and with an answer that would make another one.
fn changed() -> (Scene, BTreeMap<String, Vec<u8>>) {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.run(&["synth", "--out", "out"]).ends(0);
    let before = scene.files("out");
    let mut other = pipeline("ant");
    other["definition"]["Metadata"] = json!({"x": "y".repeat(40_000)});
    scene.answer("one", &[other]);
    (scene, before)
}

#[test]
fn a_folder_with_something_else_in_it() {
    let (scene, _) = changed();
    for out in [".", "pipelines", "pipelines/one"] {
        scene.run(&["synth", "--out", out]).ends(1).says(&["is not empty and is no assembly"]);
    }
    scene.run(&["synth", "--out", "/"]).ends(1);
}

#[test]
fn a_file_or_below_a_file() {
    let (scene, _) = changed();
    scene.run(&["synth", "--out", "Cargo.toml"]).ends(1).says(&["Cargo.toml is not a folder"]);
    scene.run(&["synth", "--out", "Cargo.toml/below"]).ends(1).says(&[
        "can't",
        "Cargo.toml",
        "Not a directory",
    ]);
}

/// The limit on the size of a file, as a full disk: writing fails in the middle.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_earlier_assembly_whole() {
    let (scene, before) = changed();
    // Build first: the compiler needs larger files.
    scene.run(&["list"]).ends(0);
    let script =
        format!("trap '' XFSZ; ulimit -f 16; exec '{}' synth --out out", env!("CARGO_BIN_EXE_xtask"));
    let mut limited = scene.command_of("sh");
    limited.args(["-c", &script]);
    let outcome =
        scene.finish(&mut limited).ends(1).says(&["error[assembly]: can't write", "File too large"]);
    assert_eq!(outcome.stdout, "");
    assert_eq!(scene.files("out"), before);
    assert_no_leftovers(&scene);
    scene.run(&["synth", "--out", "out"]).ends(0);
    assert_ne!(scene.files("out"), before);
}

/// The same limit without the trap kills the program in the middle of writing.
#[cfg(unix)]
#[test]
fn a_crash_leaves_the_earlier_assembly_whole_and_the_next_run_goes_on() {
    let (scene, before) = changed();
    scene.run(&["list"]).ends(0);
    let script = format!("ulimit -c 0; ulimit -f 16; exec '{}' synth --out out", env!("CARGO_BIN_EXE_xtask"));
    let mut limited = scene.command_of("sh");
    limited.args(["-c", &script]);
    let outcome = scene.finish(&mut limited);
    assert_eq!(outcome.code, None, "killed by a signal: {outcome:?}");
    assert_eq!(scene.files("out"), before);
    assert!(scene.path(".out.pipewright-new").exists());
    scene.run(&["synth", "--out", "out"]).ends(0);
    assert_ne!(scene.files("out"), before);
    assert_no_leftovers(&scene);
}

/// A real full disk, where the system lets us mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_file_system() {
    let (scene, _) = changed();
    scene.run(&["list"]).ends(0);
    std::fs::create_dir(scene.path("disk")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=32k tmpfs disk || exit 77; '{}' synth --out disk/out; code=$?; ls -A disk; exit $code",
        env!("CARGO_BIN_EXE_xtask")
    );
    let mut command = scene.command_of("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &script]);
    let outcome = scene.finish(&mut command);
    if outcome.code != Some(1) || outcome.stderr.contains("unshare") {
        eprintln!("skipped: file systems can't be mounted here: {outcome:?}");
        return;
    }
    let outcome = outcome.says(&["error[assembly]: can't", "No space left on device"]);
    assert_eq!(outcome.stdout, "");
}

fn assert_no_leftovers(scene: &Scene) {
    let names: Vec<_> = std::fs::read_dir(scene.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("pipewright-"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}
