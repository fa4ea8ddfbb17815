//! Inputs that mean harm: the reader reports them and never crashes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pipewright_config::{Decode, MAX_DEPTH, Override, Problems, Source, code, load, schema};
use pipewright_macros::Config;
use proptest::prelude::*;

/// Takes everything that the reader can produce, in some way.
#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
#[allow(dead_code, reason = "it exists to be read")]
struct Any {
    a: Option<i64>,
    #[config(default = "x", min_length = 1, pattern = "[a-z]")]
    b: String,
    c: Option<Vec<Any>>,
    #[config(default)]
    d: BTreeMap<String, Any>,
    e: Option<Box<Any>>,
    #[config(ge = 0.5, multiple_of = 0.25)]
    f: Option<f64>,
}

fn problems<T: Decode>(text: &str, set: &[(&str, &str)]) -> Problems {
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    load::<T>(&[Source::new("c.toml", text)], Some("prod"), &set).err().unwrap_or_default()
}

#[test]
fn a_thousand_mistakes_are_a_thousand_problems() {
    let check = |line: fn(usize) -> String| {
        let text: String = (0..1000).map(|i| line(i) + "\n").collect();
        assert_eq!(problems::<Any>(&text, &[]).len(), 1000, "{}", line(0));
    };
    check(|i| format!("unknown_{i} = {i}"));
    check(|i| format!("d.k{i}.a = 'text'"));
    check(|i| format!("d.k{i}.f = 5{i}.1"));
    check(|i| format!("[[c]]\nb = {i}"));
    check(|i| format!("d.k{i} = "));
    check(|i| format!("d.k{i} = tru"));
    check(|i| format!("k{i} k{i}"));
    check(|_| "a = 1".to_owned().replace("a = 1", "[table"));
}

#[test]
fn deep_nesting_is_an_error() {
    let check = |text: &str, set: &[(&str, &str)]| {
        let problems = problems::<Any>(text, set);
        // A list in a list is a wrong type too; one reading says so and goes on.
        let codes = problems.iter().map(|problem| problem.code);
        let codes: Vec<_> = codes.filter(|code| *code != code::TYPE).collect();
        assert_eq!(codes, [code::SIZE], "{}\n{problems}", text.chars().take(80).collect::<String>());
    };
    for depth in [MAX_DEPTH, MAX_DEPTH + 1, 79, 80, 81, 1000, 100_000] {
        check(&format!("c = {}{}", "[".repeat(depth), "]".repeat(depth)), &[]);
        check(&format!("e = {}a = 1{}", "{ e = ".repeat(depth) + "{", "}".repeat(depth + 1)), &[]);
        check("", &[("c", &format!("{}{}", "[".repeat(depth.min(79)), "]".repeat(depth.min(79))))]);
    }
    for depth in [MAX_DEPTH + 1, 79, 80, 81, 1000] {
        let path = vec!["e"; depth].join(".");
        check(&format!("{path} = {{}}"), &[]);
        check(&format!("[{path}]"), &[]);
        check("", &[(&path, "1")]);
    }
    // Unclosed as well.
    for open in ["[", "{ e = ", "[{ e = "] {
        let problems = problems::<Any>(&format!("c = {}", open.repeat(10_000)), &[]);
        assert!(!problems.is_empty() && problems.len() < 10);
    }
    // As deep as is allowed.
    let path = vec!["e"; MAX_DEPTH - 1].join(".");
    assert!(problems::<Any>(&format!("{path} = {{}}"), &[]).is_empty());
}

#[test]
fn defaults_without_end_are_an_error() {
    #[derive(Config, Debug)]
    #[config(crate = "pipewright_config")]
    #[allow(dead_code, reason = "it exists to be read")]
    struct Endless {
        #[config(default)]
        again: Box<Wrapped>,
    }
    #[derive(Config, Debug)]
    #[config(crate = "pipewright_config")]
    #[allow(dead_code, reason = "it exists to be read")]
    struct Wrapped {
        #[config(default)]
        inner: Box<Endless>,
    }
    let problems = problems::<Endless>("", &[]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems.iter().next().unwrap().code, code::SIZE);
    assert!(schema::<Endless>()["$defs"]["Endless"].is_object());
}

#[test]
fn large_inputs_end() {
    // Many keys that no field has, long ones too.
    let mut text = String::new();
    for i in 0..50_000 {
        let _ = writeln!(text, "key_{i} = 1");
    }
    assert_eq!(problems::<Any>(&text, &[]).len(), 50_000);
    let long = "k".repeat(1_000_000);
    assert_eq!(problems::<Any>(&format!("{long} = 1"), &[]).len(), 1);
    let value = "v".repeat(1_000_000);
    let reported = problems::<Any>(&format!("a = '{value}'"), &[]);
    assert!(reported.to_string().len() < 500);
}

#[test]
fn odd_texts() {
    for text in [
        "\0",
        "\u{feff}a = 1",
        "\u{feff}",
        "a = 1\r\n",
        "a = 1\r\rb",
        "[]",
        "[[]]",
        "[a.]",
        "[.a]",
        "[[a]]\n[a]",
        "[a]\n[a]",
        "[a]\na.b = 1\n[a.b]\n",
        "a.b = 1\na = 2",
        "a = 1\na.b = 2",
        "[a]\n[[a]]",
        "c = [1]\n[[c]]",
        "c = []\n[c.d]",
        "[[c]]\n[c.d]\n[[c.d]]",
        "e = {}\n[e.e]",
        "e = {}\ne.e = 1",
        "\"\" = 1",
        "'' = 1",
        "=",
        "= 1",
        "a =",
        "a",
        "a = 'x",
        "a = \"\"\"",
        "a = '''",
        "a = \"\\u{110000}\"",
        "a = \"\\uD800\"",
        "[a",
        "[[a]",
        "a = {",
        "a = [",
        "a = {,}",
        "a = [,]",
        "a = 1__2",
        "a = 0b2",
        "a = +-1",
        "a = 1e",
        "a = .1",
        "a = 1.",
        "a = 25:00:00",
        "a = 0000-00-00",
        "env",
        "env = {}",
        "env.prod = {}",
        "[env.prod.env.prod]",
        "[[env]]",
        "[[env.prod]]",
        "env.prod = 1",
        "'env'.'prod'.a = 1",
    ] {
        let _ = problems::<Any>(text, &[("a", text), (text, "1")]);
    }
}

/// Text made of what TOML is made of, which comes closer to being read than noise does.
fn toml_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "env",
        "prod",
        ".",
        "=",
        " = ",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ",",
        "\n",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "1",
        "-1",
        "0.5",
        "1e9",
        "true",
        "nan",
        "inf",
        "0x",
        "2024-01-01",
        "#",
        "\\",
        "\\u00",
        " ",
        "é",
        "\u{feff}",
        "\r",
        "\0",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_reported(text in any::<String>(), key in any::<String>(), value in any::<String>()) {
        let _ = problems::<Any>(&text, &[(&key, &value)]);
    }

    #[test]
    fn any_toml_like_text_is_read_or_reported(text in toml_like(), key in toml_like(), value in toml_like()) {
        let problems = problems::<Any>(&text, &[(&key, &value), ("a", &value)]);
        for problem in &problems {
            prop_assert!(!problem.message.is_empty());
            if let Some(place) = &problem.place {
                let (name, span) = (place.source(), place.span());
                prop_assert!(span.start <= span.end);
                let source = if name == "c.toml" { text.as_str() } else { &name };
                prop_assert!(source.get(span).is_some(), "{problem:?}");
            }
        }
    }
}
