//! The generator of SageMaker's shapes against a golden: a small model with one of everything.
//!
//! `crates/sagemaker` compiles and uses the same golden.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use std::fs;
use std::path::{Path, PathBuf};

use build_support::emit;
use build_support::sagemaker::{Model, Overlay, generate};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/sagemaker")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// Run with `UPDATE_GOLDENS=1` to write the golden anew, then read the difference.
#[test]
fn a_small_model_becomes_this_rust() {
    let model = Model::parse(&read("demo.json")).unwrap();
    let overlay = Overlay::parse(&read("overlay.json")).unwrap();
    let found = emit::format(generate(&model, &overlay).unwrap()).unwrap();
    let golden = folder().join("demo.rs");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(&golden, &found).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    let line = found.lines().zip(expected.lines()).position(|(a, b)| a != b);
    assert!(
        found == expected,
        "the generated code differs from demo.rs at line {line:?}; UPDATE_GOLDENS=1 writes it anew"
    );
}

#[test]
fn an_overlay_that_the_model_has_outgrown_is_refused() {
    let model = Model::parse(&read("demo.json")).unwrap();
    let check = |shapes: &str, expected: &str| {
        let overlay = format!(r#"{{"requests": [], "properties": [], "shapes": {{{shapes}}}}}"#);
        let error = generate(&model, &Overlay::parse(&overlay).unwrap()).unwrap_err();
        assert_eq!(format!("{error:#}"), expected);
    };
    check(r#""Gone": {"why": ""}"#, "the overlay corrects Gone: the model has no shape \"Gone\"");
    check(
        r#""Input": {"why": "", "optional": ["Gone"]}"#,
        "the overlay names Input.Gone, which the model does not have",
    );
    check(
        r#""Inputs": {"why": "", "keyed_by": "Gone"}"#,
        "the overlay keys Inputs by Input.Gone, which the model does not have",
    );
    check(r#""Input": {"why": "", "keyed_by": "X"}"#, "Input is keyed and no list");
}

#[test]
fn a_root_that_the_model_lacks_is_named() {
    let model = Model::parse(&read("demo.json")).unwrap();
    let overlay = Overlay::parse(r#"{"requests": ["Gone"], "properties": []}"#).unwrap();
    assert_eq!(generate(&model, &overlay).unwrap_err().to_string(), "the model has no shape \"Gone\"");
}
