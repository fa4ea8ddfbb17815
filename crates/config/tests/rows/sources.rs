//! The rows about sources.

use std::collections::BTreeMap;

use pipewright_config::{Override, Placeholders, Reading, Secret, SecretRef, Source, env_file};
use pipewright_macros::Config;

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", rename_all = "camelCase")]
struct App {
    #[config(default = "default")]
    host_name: String,
    #[config(default)]
    inner: Inner,
    #[config(default)]
    map: BTreeMap<String, String>,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", rename_all = "camelCase")]
struct Inner {
    #[config(default = 1)]
    max_depth: u8,
    #[config(default = 2)]
    other: u8,
}

fn host(reading: Reading<'_>) -> String {
    reading.load::<App>().unwrap().value.host_name
}

#[test]
fn init_arguments() {
    let sources = [Source::new("a.toml", "hostName = 'file'")];
    let set = [Override::new("hostName", "first"), Override::new("hostName", "last")];
    assert_eq!(host(Reading::new(&sources).overrides(&set)), "last");
}

#[test]
fn environment_variables() {
    assert!(Override::variable("APP__", "OTHER__HOST", "x").is_none());
    let set = [Override::variable("APP__", "APP__INNER__MAX_DEPTH", "9").unwrap()];
    let app = Reading::new(&[]).overrides(&set).load::<App>().unwrap().value;
    assert_eq!((app.inner.max_depth, app.inner.other), (9, 2));
}

#[test]
fn case_sensitive() {
    for name in ["APP__HOST_NAME", "APP__host_name", "APP__HOSTNAME", "APP__hostName"] {
        let set = [Override::variable("APP__", name, "variable").unwrap()];
        assert_eq!(host(Reading::new(&[]).overrides(&set)), "variable", "{name}");
    }
}

#[test]
fn env_ignore_empty() {
    let set = [Override::variable("APP__", "APP__HOST_NAME", "").unwrap()];
    assert_eq!(host(Reading::new(&[]).overrides(&set)), "");
}

#[test]
fn dotenv() {
    let file = Source::new(".env", "# said once\nexport APP__HOST_NAME='dotenv'\nOTHER=1\n");
    let given = env_file(&file).unwrap();
    let set: Vec<_> = given
        .iter()
        .filter_map(|(name, value)| Override::variable("APP__", name.as_str(), value.as_str()))
        .collect();
    assert_eq!(set.len(), 1);
    assert_eq!(host(Reading::new(&[]).overrides(&set)), "dotenv");
}

#[test]
fn formats() {
    for (name, text) in [
        ("a.toml", "hostName = 'x'"),
        ("a.json", "{\"hostName\": \"x\"}"),
        ("a.yaml", "hostName: x"),
        ("a.yml", "hostName: 'x'"),
    ] {
        assert_eq!(host(Reading::new(&[Source::new(name, text)])), "x", "{name}");
    }
}

#[test]
fn part_of_a_file() {
    let sources = [Source::shared("all.toml", "[tool]\nx = 1\n[app]\nhostName = 'shared'", "app")];
    assert_eq!(host(Reading::new(&sources)), "shared");
}

#[test]
fn several_files() {
    let sources = [
        Source::new("a.toml", "hostName = 'a'\n[env.prod]\nhostName = 'a for prod'"),
        Source::new("b.json", "{\"env\": {\"prod\": {\"hostName\": \"b for prod\"}}}"),
    ];
    assert_eq!(host(Reading::new(&sources)), "a");
    assert_eq!(host(Reading::new(&sources).environment("prod")), "b for prod");
    assert_eq!(host(Reading::new(&sources[..1]).environment("prod")), "a for prod");
}

#[test]
fn customise_sources() {
    let sources = [Source::new("a.toml", "hostName = 'a'"), Source::new("b.toml", "hostName = 'b'")];
    assert_eq!(host(Reading::new(&sources)), "b");
    let turned = [sources[1].clone(), sources[0].clone()];
    assert_eq!(host(Reading::new(&turned)), "a");
}

#[test]
fn partial_update() {
    let sources = [
        Source::new("a.toml", "[inner]\nmaxDepth = 5\n[map]\na = '1'"),
        Source::new("b.toml", "inner.other = 6\nmap.b = '2'"),
    ];
    let app = Reading::new(&sources).load::<App>().unwrap().value;
    assert_eq!((app.inner.max_depth, app.inner.other, app.map.len()), (5, 6, 2));
}

#[test]
fn interpolation() {
    let sources = [Source::new("a.toml", "hostName = '${prefix}-$${x}'")];
    let placeholders = Placeholders::new().value("prefix", "acme");
    assert_eq!(host(Reading::new(&sources).placeholders(&placeholders)), "acme-${x}");
    assert_eq!(host(Reading::new(&sources)), "${prefix}-$${x}");
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct WithSecrets {
    named: SecretRef,
    held: Secret<String>,
}

#[test]
fn secret_managers() {
    let sources = [Source::new("a.toml", "named = '{{resolve:secretsmanager:db}}'")];
    let set = [Override::variable("APP__", "APP__HELD", "hunter2").unwrap()];
    let loaded = Reading::new(&sources).overrides(&set).load::<WithSecrets>().unwrap();
    assert_eq!(loaded.value.named.dynamic_reference(), "{{resolve:secretsmanager:db}}");
    assert_eq!(loaded.value.held.expose(), "hunter2");
    assert!(!format!("{loaded:?}").contains("hunter2"));
}
