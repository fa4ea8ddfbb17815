//! Generated scripts that are used wrongly: each mistake is refused by the compiler, with a message that names it.
#![allow(
    clippy::unwrap_used,
    clippy::unnecessary_debug_formatting,
    reason = "a test may fail where it stands"
)]

use std::path::Path;
use std::process::Command;

/// A program that uses the golden; what the compiler says about it.
fn compile(use_of_it: &str) -> Result<(), String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("main.rs");
    let program = format!(
        "#![allow(dead_code, unused_variables)]\n#[path = {:?}]\nmod runtime;\n\
         mod code {{ include!({:?}); }}\n\
         fn run(script: impl runtime::Script) {{}}\nfn main() {{\n{use_of_it}\n}}\n",
        tests.join("misuse/runtime.rs"),
        tests.join("goldens/code/code.rs"),
    );
    std::fs::write(&source, program).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--emit", "metadata", "-D", "warnings", "-o"])
        .arg(folder.path().join("main.rmeta"))
        .arg(&source)
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[track_caller]
fn check(use_of_it: &str, message: &str) {
    let said = compile(use_of_it).unwrap_err();
    let first = said.lines().find(|line| line.starts_with("error")).unwrap_or_default();
    assert!(first.contains(message), "{use_of_it}\n{said}");
}

#[test]
fn right_use_compiles_without_a_warning() {
    let program = "
        run(code::Evaluate::new().config_parameter(\"x\"));
        run(code::Places::new().count(1).source(\"x\").mode(\"m\").exclude([\"a\"]));
        run(code::pkg::Evaluate::new().config_parameter(\"x\"));
        run(code::Train::new().epochs(1).fresh().train(\"x\").image_size([1, 2]).depth(code::TrainDepth::N4).lr(0.5));
        run(code::Plain::new().argument(\"x\"));
        let asset = code::pkg::folder();
    ";
    assert_eq!(compile(program), Ok(()));
}

#[test]
fn wrong_use_does_not_compile() {
    for (use_of_it, message) in [
        // The mistake that this is for: `--config-parameter` against `--config_parameter`.
        ("code::Evaluate::new().config_paramter(\"x\");", "no method named `config_paramter`"),
        ("run(code::Evaluat::new());", "cannot find `Evaluat` in `code`"),
        ("run(code::pkg::Train::new());", "cannot find `Train` in `pkg`"),
        ("run(code::Evaluate::new());", "Script` is not satisfied"),
        (
            "code::Evaluate::new().config_parameter(\"x\").config_parameter(\"y\");",
            "no method named `config_parameter`",
        ),
        ("code::Evaluate::new().config_parameter(1);", "`Expr<String>: From<{integer}>` is not satisfied"),
        ("code::Train::new().epochs(1.5);", "`Expr<i64>: From<{float}>` is not satisfied"),
        ("code::Train::new().image_size([1, 2, 3]);", "mismatched types"),
        ("code::Train::new().objective(code::TrainObjective::RegLinear);", "no variant"),
        ("code::Train::new().debug(\"true\");", "mismatched types"),
        ("code::Train::new().fresh().resume(\"x\");", "no method named `resume`"),
        ("code::Train::new().quiet().quiet();", "no method named `quiet`"),
        (
            "run(code::Train::new().epochs(1).train(\"x\").image_size([1, 2]).depth(code::TrainDepth::N4));",
            "Script` is not satisfied",
        ),
    ] {
        check(use_of_it, message);
    }
}
