use super::*;

/// One framework of each form, as `models/README.md` describes them.
const SMALL: &str = r#"{
    "frameworks": {
        "both": {
            "inference": {"processors": ["cpu"], "aliases": {"1": "1.10"}, "versions": {
                "1.10": {"repository": "b", "registry": "B", "processors": ["gpu"]},
                "1.9": {"repository": "b", "registry": "A", "py_versions": ["py3"]}}},
            "training": {"processors": ["cpu"], "aliases": {"1": "1.10"}, "versions": {
                "1.10": {"repository": "b", "registry": "B", "processors": ["gpu"]},
                "1.9": {"repository": "b", "registry": "A", "py_versions": ["py3"]}}}
        },
        "variants": {
            "training": {"versions": {"2": {
                "aliases": {"base1": "base1.1"},
                "sdk_versions": ["sdk2"],
                "variants": {"base1.1": {"repository": "v", "registry": "A", "container_version": {"trn": "ubuntu"}, "tag_prefix": "t"}}}}}
        }
    },
    "registries": {"A": {"us-east-1": "000000000001", "eu-west-1": "000000000002"}, "B": {}}
}"#;

#[test]
fn the_tables_are_what_the_file_says() {
    let code = crate::emit::format(generate(SMALL).unwrap()).unwrap();
    assert_eq!(code, include_str!("golden.txt"));
}

fn refused(text: &str, wanted: &str) {
    let error = format!("{:#}", generate(text).unwrap_err());
    assert!(error.contains(wanted), "{error}");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let images = |scope: &str| {
        format!(r#"{{"registries": {{"A": {{}}}}, "frameworks": {{"f": {{"training": {scope}}}}}}}"#)
    };
    let version = |image: &str| images(&format!(r#"{{"versions": {{"1": {image}}}}}"#));
    refused("{", "models/images.json: EOF");
    refused(
        &version(r#"{"repository": "r", "registry": "B"}"#),
        "the images of f, training: version \"1\": no registry \"B\" in the list",
    );
    refused(&version(r#"{"registry": "A"}"#), "version \"1\": no repository");
    refused(&images(r#"{"aliases": {"1": "1.2"}, "versions": {}}"#), "alias 1 of 1.2, which is no version");
    refused(
        &version(r#"{"repository": "r", "registry": "A", "architecture": "arm64"}"#),
        "unknown field `architecture`",
    );
}

#[test]
fn the_project_s_own_tables_are_valid() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/images.json");
    let text = std::fs::read_to_string(models).unwrap();
    let code = crate::emit::format(generate(&text).unwrap()).unwrap();
    assert!(code.contains("sagemaker-scikit-learn"));
}
