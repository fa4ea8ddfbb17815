//! What is reported for wrong inputs: all of it, in order, each at its place.

#![allow(dead_code, reason = "most of these structs exist to be read")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_config::{Decode, Override, Source, load};
use pipewright_macros::Config;

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Numbers {
    tiny: Option<u8>,
    signed: Option<i64>,
    wide: Option<u128>,
    float: Option<f64>,
    single: Option<f32>,
    #[config(ge = 1, le = 10)]
    closed: Option<i32>,
    #[config(gt = 0.0, lt = 1.0)]
    open: Option<f64>,
    #[config(multiple_of = 5)]
    fives: Option<i64>,
    #[config(multiple_of = 0.1)]
    tenths: Option<f64>,
    #[config(choices = [1, 2, 4])]
    powers: Option<u32>,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Texts {
    plain: Option<String>,
    path: Option<PathBuf>,
    flag: Option<bool>,
    #[config(min_length = 2, max_length = 4)]
    short: Option<String>,
    #[config(pattern = "b+")]
    search: Option<String>,
    #[config(pattern = "^[a-z]+$")]
    anchored: Option<String>,
    #[config(choices = ["train", "test"])]
    split: Option<String>,
    mode: Option<Mode>,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
enum Mode {
    Fast,
    ReallyThorough,
    #[config(alias = "XGBoost")]
    Xgboost,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Nested {
    /// Who it is for.
    /// Second line.
    owner: String,
    #[config(alias = "maxRuntime")]
    max_runtime: u32,
    inner: Inner,
    #[config(default)]
    list: Vec<Inner>,
    #[config(default)]
    map: BTreeMap<String, Inner>,
    #[config(default, max_length = 2)]
    tags: Vec<String>,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Inner {
    name: String,
    #[config(default = 3)]
    size: u8,
}

/// Loads a text with overrides and compares `place: message [limit] (help)` of each problem.
#[track_caller]
fn check_set<T: Decode>(text: &str, set: &[(&str, &str)], expected: &[&str]) {
    let sources = [Source::new("c.toml", text)];
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    let problems = load::<T>(&sources, Some("prod"), &set).err().unwrap_or_default();
    let got: Vec<String> = problems
        .iter()
        .map(|problem| {
            let place = problem.place.as_ref().map_or_else(|| "nowhere".to_owned(), ToString::to_string);
            let place = place.strip_prefix("c.toml:").unwrap_or(&place).to_owned();
            let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{place} {}{help}", problem.message)
        })
        .collect();
    assert_eq!(got, expected, "{text}");
}

#[track_caller]
fn check<T: Decode>(text: &str, expected: &[&str]) {
    check_set::<T>(text, &[], expected);
}

#[test]
fn numbers_of_the_wrong_kind() {
    check::<Numbers>("", &[]);
    check::<Numbers>("tiny = 255\nsigned = -3\nwide = 3\nfloat = 3\nsingle = 0.5", &[]);
    check::<Numbers>("signed = 3.0", &[]);
    check::<Numbers>(
        "tiny = 256\nsigned = '3'\nwide = -1\nfloat = 'x'\nsingle = 1e39",
        &[
            "1:8 `tiny` must be an integer from 0 to 255, but is 256",
            "2:10 `signed` must be an integer, not the string \"3\" (leave out the quotes: 3)",
            "3:8 `wide` must be an integer from 0 to 170141183460469231731687303715884105727, but is -1",
            "4:9 `float` must be a number, not the string \"x\"",
            "5:10 `single` must be from -3.4028235e38 to 3.4028235e38, but is 1e39",
        ],
    );
    check::<Numbers>(
        "tiny = 1.5\nsigned = true\nfloat = nan\nsingle = -inf\nwide = []",
        &[
            "1:8 `tiny` must be an integer from 0 to 255, not the float 1.5",
            "2:10 `signed` must be an integer, not the boolean true",
            "3:9 `float` must be a finite number, but is NaN",
            "4:10 `single` must be a finite number, but is -inf",
            "5:8 `wide` must be an integer from 0 to 170141183460469231731687303715884105727, not a list",
        ],
    );
}

#[test]
fn numbers_out_of_bounds() {
    check::<Numbers>("closed = 1\nopen = 0.5\nfives = -10\ntenths = 0.3\npowers = 4", &[]);
    check::<Numbers>("closed = 10\nfives = 0", &[]);
    check::<Numbers>(
        "closed = 0\nopen = 0\nfives = 7\ntenths = 0.35\npowers = 3",
        &[
            "1:10 `closed` must be at least 1, but is 0",
            "2:8 `open` must be greater than 0, but is 0",
            "3:9 `fives` must be a multiple of 5, but is 7",
            "4:10 `tenths` must be a multiple of 0.1, but is 0.35",
            "5:10 `powers` must be one of 1, 2, 4, but is 3",
        ],
    );
    check::<Numbers>(
        "closed = 11\nopen = 1",
        &["1:10 `closed` must be at most 10, but is 11", "2:8 `open` must be less than 1, but is 1"],
    );
}

#[test]
fn texts() {
    check::<Texts>("short = 'äöü€'\nsearch = 'abbc'\nanchored = 'abc'\nsplit = 'test'\nmode = 'fast'", &[]);
    check::<Texts>("mode = 'really_thorough'\nsearch = 'b'", &[]);
    check::<Texts>("mode = 'XGBoost'", &[]);
    check::<Texts>(
        "short = 'a'\nsearch = 'aa'\nanchored = 'a1'\nsplit = 'tests'\nmode = 'slow'",
        &[
            "1:9 `short` must have at least 2 characters, but is \"a\" (it has 1 character)",
            "2:10 `search` must match the pattern `b+`, but is \"aa\"",
            "3:12 `anchored` must match the pattern `^[a-z]+$`, but is \"a1\"",
            "4:9 `split` must be one of \"train\", \"test\", but is \"tests\" (did you mean \"test\"?)",
            "5:8 `mode` must be one of \"fast\", \"really_thorough\", \"XGBoost\", but is \"slow\"",
        ],
    );
    check::<Texts>(
        "plain = 3\npath = false\nflag = 'True'\nshort = ['a']\nmode = 1\nsplit = 2024-01-01",
        &[
            "1:9 `plain` must be a string, not the integer 3 (put it in quotes: \"3\")",
            "2:8 `path` must be a path (a string), not the boolean false (put it in quotes: \"false\")",
            "3:8 `flag` must be `true` or `false`, not the string \"True\" (leave out the quotes: true)",
            "4:9 `short` must be a string, not a list",
            "5:8 `mode` must be one of \"fast\", \"really_thorough\", \"XGBoost\", not the integer 1 (put it in quotes: \"1\")",
            "6:9 `split` must be a string, not the date or time 2024-01-01 (put it in quotes: \"2024-01-01\")",
        ],
    );
}

#[test]
fn missing_and_unknown_keys() {
    check::<Nested>(
        "",
        &[
            "1:1 `owner` is missing (give it a value: owner = … (Who it is for. Second line))",
            "1:1 `maxRuntime` is missing (give it a value: maxRuntime = …)",
            "1:1 `inner` is missing (give it a value: inner = …)",
        ],
    );
    check::<Nested>(
        "ownr = 'me'\nmax_runtime = 3\n[inner]\nsze = 4\n'a b' = 1\n[[list]]\nname = 'x'\n[[list]]\nnam = 'y'\n[map.m]\nx = 1",
        &[
            "1:1 `owner` is missing (give it a value: owner = … (Who it is for. Second line))",
            "1:1 `maxRuntime` is missing (give it a value: maxRuntime = …)",
            "1:1 `ownr` is not a key of the configuration (did you mean `owner`?)",
            "2:1 `max_runtime` is not a key of the configuration (did you mean `maxRuntime`?)",
            "3:1 `inner.name` is missing (give it a value: inner.name = …)",
            "4:1 `sze` is not a key of `inner` (did you mean `size`?)",
            "5:1 `\"a b\"` is not a key of `inner` (known: `name`, `size`)",
            "8:1 `list[1].name` is missing (give it a value: list[1].name = …)",
            "9:1 `nam` is not a key of `list[1]` (did you mean `name`?)",
            "10:1 `map.m.name` is missing (give it a value: map.m.name = …)",
            "11:1 `x` is not a key of `map.m` (known: `name`, `size`)",
        ],
    );
}

#[test]
fn wrong_shapes() {
    let rest = "owner = 'me'\nmaxRuntime = 1\n";
    check::<Nested>(
        &format!("{rest}inner = 3\nlist = 'x'\nmap = []\ntags = ['a', 2, 'c']"),
        &[
            "3:9 `inner` must be a table, not the integer 3",
            "4:8 `list` must be a list, not the string \"x\" (put it in brackets: [\"x\"])",
            "5:7 `map` must be a table, not a list",
            "6:8 `tags` must have at most 2 items, but is [\"a\", 2, \"c\"] (it has 3 items)",
            "6:14 `tags[1]` must be a string, not the integer 2 (put it in quotes: \"2\")",
        ],
    );
    check::<Nested>(
        &format!("{rest}inner = {{ name = 'n', size = 'big' }}\ntags = ['a', 'b', 'c']"),
        &[
            "3:30 `inner.size` must be an integer from 0 to 255, not the string \"big\"",
            "4:8 `tags` must have at most 2 items, but is [\"a\", \"b\", \"c\"] (it has 3 items)",
        ],
    );
}

#[test]
fn syntax_errors_come_all_at_once_and_without_echo() {
    check::<Numbers>(
        "tiny = \nsigned = tru\nfloat 3\nclosed = 99\nopen = = 4\nfives = 3",
        &[
            "1:8 string values must be quoted, expected literal string",
            "2:10 invalid boolean, expected `true`",
            "3:7 key with no value, expected `=`",
            "4:10 `closed` must be at most 10, but is 99",
            "5:8 extra `=`",
            "5:10 unexpected key or value, expected newline, `#`",
            "6:9 `fives` must be a multiple of 5, but is 3",
        ],
    );
    // The header can't be read, so nobody knows what its keys belong to, nor what is missing.
    check::<Nested>(
        "owner = 'me'\n[inner\nname = 'n'\n[[list]]\nname = 3\n",
        &[
            "2:7 unclosed table, expected `]`",
            "5:8 `list[0].name` must be a string, not the integer 3 (put it in quotes: \"3\")",
        ],
    );
    // A key set twice hides nothing.
    check::<Inner>(
        "size = 1\nsize = 2",
        &["1:1 `name` is missing (give it a value: name = …)", "2:1 duplicate key"],
    );
    check::<Numbers>(
        "tiny = 0x\nsigned = 9999999999999999999999999999999999999999\nfloat = 1e999",
        &[
            "1:8 `0x` is not a readable integer",
            "2:10 `9999999999999999999999999999999999999999` is not a readable integer",
            "3:9 `1e999` is not a readable float",
        ],
    );
}

#[test]
fn environments() {
    check::<Inner>(
        "name = 'n'\n[env.prod]\nsize = 300\n[env.dev]\nsize = 300",
        &["3:8 `size` must be an integer from 0 to 255, but is 300"],
    );
    check::<Inner>(
        "name = 'n'\nenv = 3",
        &[
            "2:7 `env` must be a table, not the integer 3 (`env` holds one table for each environment: [env.prod])",
        ],
    );
    check::<Inner>(
        "name = 'n'\nenv.size = 3\nenv.'a b' = 3",
        &[
            "2:12 `env.size` must be a table, not the integer 3 (`env` holds one table for each environment: [env.prod])",
            "3:13 `env.\"a b\"` must be a table, not the integer 3 (`env` holds one table for each environment: [env.prod])",
        ],
    );
}

#[test]
fn overrides() {
    let text = "owner = 'me'\nmaxRuntime = 1\ninner.name = 'n'";
    check_set::<Nested>(
        text,
        &[("owner", "3"), ("inner.name", "true"), ("tags", "['a']"), ("inner.size", " 4 ")],
        &[],
    );
    check_set::<Nested>(
        text,
        &[
            ("maxRuntime", "soon"),
            ("inner.size", "300"),
            ("tags", "a"),
            ("list", "[{ name = 'x' }, { nme = 'y' }]"),
            ("inner.", "1"),
            ("owner.name", "x"),
            ("inner.szie", "1"),
        ],
        &[
            "--set maxRuntime=soon `maxRuntime` must be an integer from 0 to 4294967295, not the string \"soon\"",
            "--set inner.size=300 `inner.size` must be an integer from 0 to 255, but is 300",
            "--set tags=a `tags` must be a list, not the string \"a\" (put it in brackets: [\"a\"])",
            "--set list=[{ name = 'x' }, { nme = 'y' }] `nme` is not a key of `list[1]` (did you mean `name`?)",
            "--set inner.=1 \"inner.\" is not a key path (write it as in TOML: training.epochs, or tags.\"cost centre\")",
            "--set owner.name=x `owner` must be a string, not a table",
            "--set inner.szie=1 `szie` is not a key of `inner` (did you mean `size`?)",
        ],
    );
}

#[test]
fn problems_carry_everything_a_program_needs() {
    let sources = [Source::new("c.toml", "name = 'n'\nsize = 300\n")];
    let problems = load::<Inner>(&sources, None, &[]).err().unwrap();
    insta::assert_json_snapshot!(problems, @r#"
    [
      {
        "code": "config/constraint",
        "severity": "error",
        "message": "`size` must be an integer from 0 to 255, but is 300",
        "place": {
          "kind": "file",
          "source": "c.toml",
          "start": 18,
          "end": 21,
          "line": 2,
          "column": 8
        },
        "path": "size",
        "value": "300",
        "limit": "an integer from 0 to 255",
        "help": null
      }
    ]
    "#);
}
