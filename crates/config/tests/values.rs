//! What is read from right inputs, from which layer, and that the reading says so.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_config::{Decode, Override, Source, load};
use pipewright_macros::Config;

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
struct Everything {
    int8: i8,
    #[config(default = -5)]
    int: i64,
    #[config(default = 1)]
    huge: i128,
    #[config(default = 2)]
    float: f32,
    #[config(default = "it's \"quoted\"")]
    text: String,
    #[config(default = true)]
    flag: bool,
    path: Option<PathBuf>,
    #[config(default = ["a", "b"])]
    list: Vec<String>,
    #[config(default = [1.5, 2])]
    floats: Vec<f64>,
    #[config(default)]
    empty: Vec<u8>,
    #[config(default)]
    map: BTreeMap<String, i64>,
    #[config(default)]
    inner: Inner,
    boxed: Option<Box<Inner>>,
    #[config(default = "low")]
    level: Level,
    r#type: Option<String>,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
struct Inner {
    #[config(default = 7)]
    seven: u64,
    #[config(default = "high", choices = ["low", "high"])]
    level: Level,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
enum Level {
    Low,
    Middle,
    High,
}

fn read<T: Decode>(text: &str, env: Option<&str>, set: &[(&str, &str)]) -> (T, Vec<String>) {
    let sources = [Source::new("c.toml", text)];
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    let loaded = load::<T>(&sources, env, &set).unwrap_or_else(|problems| panic!("{problems}"));
    let resolved = loaded.resolved.iter().map(|resolved| {
        let origin = resolved.origin.as_ref().map_or_else(|| "default".to_owned(), ToString::to_string);
        format!("{} = {} from {origin}", resolved.path, resolved.value)
    });
    let resolved = resolved.collect();
    (loaded.value, resolved)
}

#[test]
fn defaults_and_where_everything_came_from() {
    let text =
        "int8 = 0x7f\ntype = 't'\nempty = [1]\n[env.prod.map]\n'a b' = 1\n[env.prod.inner]\nseven = 8\n";
    let (value, resolved) = read::<Everything>(text, Some("prod"), &[("float", "0.5"), ("map.c", "2")]);
    let expected = Everything {
        int8: 127,
        int: -5,
        huge: 1,
        float: 0.5,
        text: "it's \"quoted\"".to_owned(),
        flag: true,
        path: None,
        list: vec!["a".to_owned(), "b".to_owned()],
        floats: vec![1.5, 2.0],
        empty: vec![1],
        map: BTreeMap::from([("a b".to_owned(), 1), ("c".to_owned(), 2)]),
        inner: Inner { seven: 8, level: Level::High },
        boxed: None,
        level: Level::Low,
        r#type: Some("t".to_owned()),
    };
    assert_eq!(value, expected);
    assert_eq!(
        resolved,
        [
            "int8 = 127 from c.toml:1:8",
            "int = -5 from default",
            "huge = 1 from default",
            "float = 0.5 from --set float=0.5",
            "text = \"it's \\\"quoted\\\"\" from default",
            "flag = true from default",
            "path = null from default",
            "list[0] = \"a\" from default",
            "list[1] = \"b\" from default",
            "floats[0] = 1.5 from default",
            "floats[1] = 2.0 from default",
            "empty[0] = 1 from c.toml:3:10",
            "map.\"a b\" = 1 from c.toml:5:9",
            "map.c = 2 from --set map.c=2",
            "inner.seven = 8 from c.toml:7:9",
            "inner.level = \"high\" from default",
            "boxed = null from default",
            "level = \"low\" from default",
            "type = \"t\" from c.toml:2:8",
        ]
    );
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
struct Layered {
    value: i64,
    #[config(default)]
    table: BTreeMap<String, i64>,
    #[config(default)]
    list: Vec<i64>,
}

#[track_caller]
fn check_layers(
    sources: &[&str],
    env: Option<&str>,
    set: &[(&str, &str)],
    expected: (i64, &[(&str, i64)], &[i64]),
) {
    let sources: Vec<_> =
        sources.iter().enumerate().map(|(i, text)| Source::new(format!("{i}.toml"), *text)).collect();
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    let Layered { value, table, list } =
        load::<Layered>(&sources, env, &set).unwrap_or_else(|problems| panic!("{problems}")).value;
    let table: Vec<_> = table.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    assert_eq!((value, table.as_slice(), list.as_slice()), expected);
}

#[test]
fn later_layers_win() {
    let base = "value = 1\nlist = [1, 2]\n[table]\na = 1\nb = 1\n";
    let env = "[env.prod]\nvalue = 2\nlist = [3]\n[env.prod.table]\nb = 2\nc = 2\n";
    let both = format!("{base}{env}");
    check_layers(&[base], None, &[], (1, &[("a", 1), ("b", 1)], &[1, 2]));
    check_layers(&[&both], None, &[], (1, &[("a", 1), ("b", 1)], &[1, 2]));
    check_layers(&[&both], Some("dev"), &[], (1, &[("a", 1), ("b", 1)], &[1, 2]));
    check_layers(&[&both], Some("prod"), &[], (2, &[("a", 1), ("b", 2), ("c", 2)], &[3]));
    // A later source wins over the environment of an earlier one.
    check_layers(&[&both, "value = 3"], Some("prod"), &[], (3, &[("a", 1), ("b", 2), ("c", 2)], &[3]));
    // An override wins over everything, and the last one over the others.
    let set = [("value", "8"), ("value", "9"), ("table.c", "9"), ("table", "{ d = 9 }"), ("list", "[]")];
    check_layers(&[&both], Some("prod"), &set, (9, &[("a", 1), ("b", 2), ("c", 9), ("d", 9)], &[]));
    check_layers(&[], None, &[("value", "1")], (1, &[], &[]));
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Text {
    text: String,
}

#[test]
fn what_is_typed_as_an_override_is_text_where_text_is_wanted() {
    for (typed, expected) in [
        ("hello", "hello"),
        ("\"hello\"", "hello"),
        ("3", "3"),
        ("0x10", "0x10"),
        ("1.50", "1.50"),
        ("true", "true"),
        ("2024-01-01", "2024-01-01"),
        ("99999999999999999999999999999999999999999999", "99999999999999999999999999999999999999999999"),
        ("", ""),
        (" a ", " a "),
        ("[1", "[1"),
        ("é = 1", "é = 1"),
    ] {
        assert_eq!(read::<Text>("", None, &[("text", typed)]).0.text, expected, "{typed}");
    }
}
