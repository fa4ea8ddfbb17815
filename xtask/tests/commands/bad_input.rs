//! What people and programs get wrong: one clear error each, exit status 1.

use serde_json::json;

use crate::scene::{Outcome, Scene, pipeline};

/// A workspace with two crates, one of which misbehaves.
fn misbehaving(how: &str, arguments: &[&str]) -> Outcome {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.krate("two", &[pipeline("bee")]);
    scene.behave("two", how);
    let outcome = scene.run(&[&["synth"], arguments].concat()).ends(1);
    assert_eq!(outcome.stdout, "");
    assert!(!scene.path("target/assembly").exists());
    assert_eq!(
        outcome.stderr.matches("error").count() - outcome.stderr.matches("1 error;").count(),
        1,
        "{}",
        outcome.stderr
    );
    // What was asked for is there: the others are worth a warning.
    scene.run(&[&["synth", "ant"], arguments].concat()).ends(0).says(&["warning[program/", "crate: two"]);
    outcome
}

#[test]
fn a_program_that_crashes() {
    misbehaving("crash", &[])
        .says(&["error[program/crashed]: program two crashed (exit status: 101)", "deliberately"]);
}

#[test]
fn a_program_that_prints_rubbish() {
    let outcome = misbehaving("rubbish", &[]).says(&[
        "error[program/output]: program two printed something that is no answer",
        "value: hello",
        "eprintln!",
    ]);
    assert!(!outcome.stderr.contains('\u{1b}'), "{:?}", outcome.stderr);
    misbehaving("nothing", &[]).says(&["value: nothing"]);
    misbehaving("other-protocol", &[])
        .says(&["error[program/protocol]: program two speaks protocol 99, and not 1"]);
}

#[test]
fn a_program_that_hangs() {
    misbehaving("hang", &["--timeout", "1"])
        .says(&["error[program/timeout]: program two did not answer within 1 seconds"]);
}

#[test]
fn a_program_that_floods() {
    misbehaving("flood", &[])
        .says(&["error[program/output]: program two printed more than an answer may have", "67108864 bytes"]);
}

#[test]
fn a_program_knows_nothing_of_its_surroundings() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.behave("one", "environment");
    let outcome =
        scene.finish(scene.command().arg("synth").env_remove("LD_LIBRARY_PATH").env("SECRET", "x")).ends(1);
    outcome.says(&["variables: []"]);
}

#[test]
fn a_crate_that_does_not_compile() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.krate("two", &[pipeline("bee")]);
    scene.write("pipelines/two/src/main.rs", "fn main() { let x: u32 = \"text\"; }");
    scene
        .run(&["synth"])
        .ends(1)
        .says(&["mismatched types", "error[build/failed]: crate two does not build"]);
    scene.run(&["synth", "ant"]).ends(0).says(&["warning[build/failed]"]);
    scene.run(&["synth", "bee"]).ends(1).says(&["there is no pipeline \"bee\"", "could not be asked"]);
}

#[test]
fn a_configuration_that_can_not_be_read() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    std::fs::create_dir_all(scene.path("pipelines/one/config.toml")).unwrap();
    std::fs::write(scene.path("pipelines/one/more.toml"), b"\xff\xfe").unwrap();
    scene.run(&["synth"]).ends(1).says(&[
        "error[config/unreadable]: can't read pipelines/one/config.toml: it is not a file",
        "error[config/unreadable]: can't read pipelines/one/more.toml: it is not UTF-8 (byte 0)",
        "2 errors; nothing is written",
    ]);
}

#[cfg(unix)]
#[test]
fn a_configuration_from_elsewhere() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    std::os::unix::fs::symlink("/etc/hostname", scene.path("pipelines/one/config.toml")).unwrap();
    scene.run(&["synth"]).ends(1).says(&["a link that leads out of the workspace"]);
}

#[test]
fn names_that_do_not_exist() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.run(&["synth", "amt", "bee", "--set", "cat.key=1"]).ends(1).says(&[
        "there is no pipeline \"amt\"",
        "did you mean \"ant\"?",
        "there is no pipeline \"bee\"",
        "cargo xtask list",
        "there is no pipeline \"cat\"",
        "--set cat.key=1",
        "3 errors",
    ]);
}

#[test]
fn one_name_in_two_crates() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.krate("two", &[pipeline("ant")]);
    scene.run(&["synth"]).ends(1).says(&["pipeline \"ant\" is there twice, in crates one and two"]);
}

#[test]
fn names_that_lead_out_of_the_assembly() {
    let scene = Scene::new();
    let mut evil = pipeline("../../evil");
    evil["assets"] = json!([{"name": "../x", "sha256": "0", "source": {"kind": "text", "text": ""}}]);
    scene.krate("one", &[evil]);
    scene.run(&["synth"]).ends(1).says(&["../../evil"]);
    let mut evil = pipeline("ant");
    evil["assets"] = json!([
        {"name": "x", "sha256": "0".repeat(64), "source": {"kind": "file", "path": "../../Cargo.toml"}},
        {"name": "x", "sha256": "1".repeat(64), "source": {"kind": "file", "path": "/etc/hostname"}},
    ]);
    scene.answer("one", &[evil]);
    scene.run(&["synth"]).ends(1).says(&[
        "Cargo.toml leads out of",
        "/etc/hostname leads out of",
        "2 errors",
    ]);
}

#[test]
fn code_that_changed_since_the_build() {
    let scene = Scene::new();
    let mut stale = pipeline("ant");
    stale["assets"] =
        json!([{"name": "a.py", "sha256": "0".repeat(64), "source": {"kind": "file", "path": "code/a.py"}}]);
    scene.krate("one", &[stale]);
    scene.write("pipelines/one/code/a.py", "print()");
    scene.run(&["synth"]).ends(1).says(&["code/a.py changed since its pipeline was built; run again"]);
}

#[test]
fn settings_with_mistakes() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.write(
        "pipewright.toml",
        "prefx = \"acme\"\nprefix = \"Acme\"\n[env.dev]\n[env.prod]\naccount = 1\n",
    );
    let outcome = scene.run(&["synth"]).ends(1);
    insta::assert_snapshot!(outcome.stderr);
    std::fs::remove_file(scene.path("pipewright.toml")).unwrap();
    scene.run(&["synth"]).ends(1).says(&["pipewright.toml is missing"]);
}

#[test]
fn a_workspace_that_is_none() {
    let scene = Scene::new();
    scene.krate("one", &[]);
    scene.write("pipelines/one/src/lib.rs", "");
    std::fs::remove_file(scene.path("pipelines/one/src/main.rs")).unwrap();
    scene.run(&["synth"]).ends(1).says(&["there is no pipeline crate under pipelines/"]);
    scene.write("Cargo.toml", "[workspace\n");
    scene.run(&["synth"]).ends(1).says(&["error[failed]"]);
    std::fs::remove_file(scene.path("Cargo.toml")).unwrap();
    scene.run(&["list"]).ends(1).says(&["could not find `Cargo.toml`"]);
}
