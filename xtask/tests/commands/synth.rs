//! `synth`: the assembly, and what is said of it.

use serde_json::{Value, json};

use crate::scene::{Scene, broken, pipeline};

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// With the file `code/hello.txt` of its crate, which holds `hello`.
fn with_asset(name: &str) -> Value {
    let mut pipeline = pipeline(name);
    pipeline["assets"] =
        json!([{"name": "hello.txt", "sha256": HELLO, "source": {"kind": "file", "path": "code/hello.txt"}}]);
    pipeline
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.krate("one", &[with_asset("example")]);
    scene.write("pipelines/one/code/hello.txt", "hello");
    scene
}

#[test]
fn an_assembly_is_written_once() {
    let scene = scene();
    scene.krate("two", &[pipeline("abalone")]);
    let outcome = scene.run(&["synth", "--env", "test"]).ends(0);
    assert_eq!(
        outcome.stdout,
        "abalone  2 steps, 1 parameter, 65 bytes\n\
         example  2 steps, 1 parameter, 65 bytes\n\
         target/assembly/test is written\n"
    );
    let files = scene.files("target/assembly/test");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "acme-infrastructure.assets.json",
            "acme-infrastructure.template.json",
            "acme-pipelines.assets.json",
            "acme-pipelines.template.json",
            &format!("assets/{HELLO}/hello.txt"),
            "definitions/abalone.json",
            "definitions/example.json",
            "manifest.json",
            "pipelines/abalone.json",
            "pipelines/example.json",
            "pipewright.json",
        ]
    );
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    for name in [
        "manifest.json",
        "acme-pipelines.assets.json",
        "acme-pipelines.template.json",
        "pipelines/example.json",
        "pipewright.json",
    ] {
        insta::assert_snapshot!(name.replace('/', "-"), text(name));
    }
    assert_eq!(
        text("definitions/example.json"),
        "{\n  \"Version\": \"2020-12-01\",\n  \"Metadata\": {},\n  \"Parameters\": [],\n  \"Steps\": []\n}\n"
    );

    let again = scene.run(&["synth", "--env", "test"]).ends(0);
    assert!(again.stdout.ends_with("target/assembly/test is unchanged\n"), "{}", again.stdout);
    assert_eq!(again.stderr, "");
    assert_eq!(scene.files("target/assembly/test"), files);
    assert_eq!(scene.files("target/assembly").len(), files.len());
}

#[test]
fn the_bytes_depend_on_neither_place_nor_working_directory() {
    let (one, two) = (scene(), scene());
    one.run(&["synth"]).ends(0);
    two.finish(two.command().args(["synth", "--out", "../../out"]).current_dir(two.path("pipelines/one")))
        .ends(0);
    assert_eq!(one.files("target/assembly/dev"), two.files("out"));
}

#[test]
fn json_says_all_of_it() {
    let scene = scene();
    let done = scene.run(&["synth", "--json"]).ends(0).json();
    assert_eq!(
        done,
        json!({
            "environment": "dev", "assembly": "[ROOT]/target/assembly/dev", "changed": true, "partial": false,
            "pipelines": [{"name": "example", "crate": "one", "steps": 2, "parameters": 1, "bytes": 65}],
            "diagnostics": [],
        })
    );
    let failed = scene.run(&["synth", "exmaple", "--json"]).ends(1).json();
    assert_eq!(failed["assembly"], json!(null));
    assert_eq!(failed["diagnostics"][0]["code"], "pipeline/unknown");
    assert_eq!(failed["diagnostics"][0]["help"], "did you mean \"example\"?");
    let failed = scene.run(&["synth", "--env", "tset", "--json"]).ends(1).json();
    assert_eq!(failed["diagnostics"][0]["code"], "settings/environment");
}

#[test]
fn some_of_the_pipelines_are_marked_as_such() {
    let scene = scene();
    scene.krate(
        "two",
        &[
            pipeline("abalone"),
            broken("other", &json!([{"severity": "error", "code": "x", "message": "wrong"}])),
        ],
    );
    let outcome = scene.run(&["synth", "example"]).ends(0).says(&["deploying it would delete the others"]);
    assert!(!outcome.stdout.contains("abalone"), "{}", outcome.stdout);
    let marker: Value =
        serde_json::from_slice(&scene.files("target/assembly/dev")["pipewright.json"]).unwrap();
    assert_eq!(marker["partial"], true);
    scene.run(&["synth"]).ends(1).says(&[
        "error[x]: wrong",
        "pipeline: other",
        "1 error; nothing is written",
    ]);
}

#[test]
fn mistakes_are_shown_at_their_place_and_nothing_is_written() {
    let scene = scene();
    scene.run(&["synth"]).ends(0);
    let before = scene.files("target");
    scene.write("pipelines/one/config.toml", "greeting = ''\n");
    let diagnostics = json!([
        {"severity": "error", "code": "config-constraint", "message": "`greeting` must have at least 1 character",
         "place": {"source": "pipelines/one/config.toml", "start": 11, "end": 13}, "limit": "at least 1 character"},
        {"severity": "warning", "code": "graph/unused", "message": "nobody uses parameter Mode", "path": "Parameters.Mode"},
    ]);
    scene.answer("one", &[broken("example", &diagnostics)]);
    let outcome = scene.run(&["synth"]).ends(1);
    assert_eq!(outcome.stdout, "");
    let shown = outcome.stderr.split_once("error[").unwrap().1;
    insta::assert_snapshot!(shown);
    let assembly = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        files
            .iter()
            .filter(|(name, _)| name.starts_with("assembly/"))
            .map(|(a, b)| (a.clone(), b.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(assembly(&scene.files("target")), assembly(&before));
}

#[test]
fn a_pipeline_with_a_warning_is_written() {
    let scene = Scene::new();
    let mut warned = pipeline("example");
    warned["diagnostics"] = json!([{"severity": "warning", "code": "x", "message": "look at this"}]);
    scene.krate("one", &[warned]);
    scene.behave("one", "talk");
    scene.run(&["synth"]).ends(0).says(&["warning[x]: look at this", "[one] thinking"]);
}

#[test]
fn a_large_definition_becomes_an_asset() {
    let scene = Scene::new();
    let mut large = pipeline("large");
    large["definition"]["Metadata"] = json!({"x": "y".repeat(60_000)});
    scene.krate("one", &[large]);
    scene.run(&["synth", "--env", "test"]).ends(0);
    let files = scene.files("target/assembly/test");
    let record: Value = serde_json::from_slice(&files["pipelines/large.json"]).unwrap();
    let asset = &record["assets"][0];
    assert_eq!(record["body"]["s3"]["key"], asset["key"]);
    assert_eq!(asset["key"], format!("definitions/large/{}.json", asset["sha256"].as_str().unwrap()));
    assert!(files[asset["path"].as_str().unwrap()].len() > 60_000);
    assert!(files["acme-pipelines.template.json"].len() < 51_200);
    let manifest: Value = serde_json::from_slice(&files["acme-pipelines.assets.json"]).unwrap();
    let file = &manifest["files"][asset["sha256"].as_str().unwrap()];
    assert_eq!(
        file["destinations"]["large/large.json"],
        json!({"bucketName": "acme-sources-123456789012-eu-west-1", "objectKey": asset["key"], "region": "eu-west-1"})
    );
}
