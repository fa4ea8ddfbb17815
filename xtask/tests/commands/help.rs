//! What the commands say of themselves, and wrong usage.

use crate::scene::Scene;

#[test]
fn help() {
    let scene = Scene::new();
    let mut pages = Vec::new();
    for command in [
        "",
        "new",
        "list",
        "synth",
        "schema",
        "config",
        "docs",
        "iam",
        "models",
        "models refresh",
        "test",
        "bench",
    ] {
        let mut arguments: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
        arguments.push("--help");
        let outcome = scene.run(&arguments).ends(0);
        pages.push(format!("$ cargo xtask {}\n{}", arguments.join(" "), outcome.stdout));
    }
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn wrong_usage_ends_with_2() {
    let scene = Scene::new();
    for arguments in [
        &["synt"][..],
        &["synth", "--no-such-option"],
        &["synth", "--set", "a=b"],
        &["synth", "--set", "a.b"],
        &["synth", "--timeout", "soon"],
        &["schema"],
        &[],
    ] {
        scene.run(arguments).ends(2);
    }
}
