//! `list` and `schema`.

use serde_json::json;

use crate::scene::{Scene, broken, pipeline};

#[test]
fn pipelines_of_all_crates_are_listed() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("zebra"), pipeline("ant")]);
    let wrong = json!([{"severity": "error", "code": "x", "message": "wrong"}]);
    scene.krate("two", &[broken("middle", &wrong)]);
    let outcome = scene.run(&["list"]).ends(0);
    assert_eq!(
        outcome.stdout,
        "PIPELINE  CRATE  PARAMETERS    STEPS\n\
         ant       one    InstanceType  greet\n\
         \x20                              end\n\
         middle    two    InstanceType  ?\n\
         zebra     one    InstanceType  greet\n\
         \x20                              end\n"
    );
    let list = scene.run(&["list", "--json"]).ends(0).json();
    assert_eq!(list["pipelines"][0]["name"], "ant");
    assert_eq!(list["pipelines"][0]["steps"], json!(["greet", "end"]));
    assert_eq!(list["pipelines"][1]["steps"], json!(null));
}

#[test]
fn one_broken_crate_does_not_hide_the_others() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    scene.krate("two", &[pipeline("bee")]);
    scene.behave("two", "crash");
    scene.krate("three", &[pipeline("cat")]);
    scene.write("pipelines/three/src/main.rs", "fn main() { let x: u32 = \"text\"; }");
    let outcome = scene.run(&["list"]).ends(1);
    assert!(outcome.stdout.contains("ant"), "{}", outcome.stdout);
    outcome.says(&["mismatched types", "crate three does not build", "program two crashed"]);
}

#[test]
fn a_schema_is_printed_alone() {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("ant")]);
    let outcome = scene.run(&["schema", "ant"]).ends(0);
    assert_eq!(outcome.json(), json!({"type": "object"}));
    let outcome = scene
        .run(&["schema", "ent"])
        .ends(1)
        .says(&["there is no pipeline \"ent\"", "did you mean \"ant\"?"]);
    assert_eq!(outcome.stdout, "");
}
