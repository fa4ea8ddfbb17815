//! The generator against a golden: a small schema with one of everything.
//!
//! `crates/cloudformation` compiles and uses the same golden.

use std::fs;
use std::path::Path;

use build_support::{cloudformation, emit};

/// Run with `UPDATE_GOLDENS=1` to write the golden anew, then read the difference.
#[test]
fn a_small_schema_becomes_this_rust() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/cloudformation");
    let schema = fs::read_to_string(folder.join("demo.json")).unwrap();
    let found = emit::format(cloudformation::generate(&schema).unwrap()).unwrap();
    let golden = folder.join("demo.rs");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(&golden, &found).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if found != expected {
        let line = found.lines().zip(expected.lines()).position(|(a, b)| a != b);
        panic!(
            "the generated code differs from {} at line {line:?}; UPDATE_GOLDENS=1 writes it anew",
            golden.display()
        );
    }
}

#[test]
fn the_models_of_this_workspace_are_understood() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/cloudformation.json");
    let text = fs::read_to_string(models).unwrap();
    let once = cloudformation::generate(&text).unwrap().to_string();
    assert_eq!(once, cloudformation::generate(&text).unwrap().to_string());
}

#[test]
fn faults_name_the_resource_and_the_place() {
    let check = |text: &str, expected: &str| {
        let error = cloudformation::generate(text).unwrap_err();
        assert_eq!(format!("{error:#}"), expected);
    };
    check("{}", "there is no object called resources");
    check(
        r#"{"resources": {"AWS::A::B": {"properties": {"P": {"type": "date"}}}}}"#,
        "in AWS::A::B: /properties/P: type [\"date\"] is unknown",
    );
}
