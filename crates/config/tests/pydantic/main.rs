//! The same cases for Pydantic, as it comes from the package index, and for this crate: the same verdict, and the same places.
//!
//! The interpreter is that of `PIPEWRIGHT_PYTHON`. Where the two differ on purpose, `differences.json` says why.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../json/mod.rs"]
mod json;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use pipewright_config::{Date, Decode, Failures, Plain, Source, load};
use pipewright_macros::Config;
use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Deserialize, serde::Serialize)]
struct Case {
    #[serde(rename = "type")]
    ty: String,
    value: Json,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Verdict {
    valid: bool,
    locations: BTreeSet<String>,
}

/// What this crate says instead, and why.
#[derive(Deserialize)]
struct Difference {
    #[serde(rename = "type")]
    ty: String,
    value: Json,
    here: Vec<String>,
    reason: String,
}

macro_rules! config {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$of:meta])* $field:ident: $ty:ty,)* }) => {
        #[derive(Config)]
        #[config(crate = "pipewright_config")]
        #[allow(dead_code, reason = "read for its mistakes")]
        $(#[$meta])*
        struct $name { $($(#[$of])* $field: $ty,)* }
    };
}

config! { struct Scalars {
    i: i8,
    #[config(default = 0)] n: u32,
    #[config(default = 0.0)] f: f64,
    #[config(default = false)] b: bool,
    #[config(default = "")] s: String,
    o: Option<i64>,
} }

config! { struct Limits {
    #[config(ge = 1, le = 10, default = 1)] whole: i64,
    #[config(gt = 0, lt = 1, default = 0.5)] part: f64,
    #[config(multiple_of = 5, default = 5)] step: i64,
    #[config(min_length = 2, max_length = 4, pattern = "^[a-z]+$", default = "ab")] name: String,
    #[config(min_length = 1, max_length = 2, items(min_length = 1), default = ["a"])] tags: Vec<String>,
    #[config(choices = ["a", "b"], default = "a")] mode: String,
} }

config! { struct Inner {
    x: i64,
    #[config(default = true)] y: bool,
} }

config! { struct Nested {
    inner: Option<Inner>,
    #[config(default)] list: Vec<Inner>,
    #[config(default)] map: BTreeMap<String, i64>,
    #[config(default)] ports: BTreeMap<i64, String>,
    pair: Option<(i64, String)>,
    #[config(default)] set: BTreeSet<i64>,
} }

#[derive(Config)]
#[config(crate = "pipewright_config", tag = "kind")]
#[allow(dead_code, reason = "read for its mistakes")]
enum Pet {
    Cat { lives: i64 },
    Dog { name: String },
}

config! { struct Owner { pet: Pet, } }

#[derive(Config)]
#[config(crate = "pipewright_config", untagged)]
#[allow(dead_code, reason = "read for its mistakes")]
enum Value {
    Number(i64),
    Text(String),
    Flags(Vec<bool>),
}

config! { struct Either { value: Value, } }

config! { struct Aliased { #[config(alias = ["b", "c"])] a: i64, } }

config! { struct Times {
    #[config(default = "0s")] duration: Duration,
    #[config(default = "2024-01-01")] date: Date,
} }

config! { #[config(validate = in_order)] struct Rules {
    low: i64,
    high: i64,
    #[config(validate = is_even, default = 0)] even: i64,
    #[config(before = trim, default = "")] word: String,
} }

fn in_order(rules: &Rules) -> Result<(), Failures> {
    if rules.low > rules.high { Err("has `low` above `high`".into()) } else { Ok(()) }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "rules take references")]
fn is_even(n: &i64) -> Result<(), &'static str> {
    if n % 2 == 0 { Ok(()) } else { Err("must be even") }
}

#[allow(clippy::unnecessary_wraps, reason = "rules return a result")]
fn trim(value: Plain) -> Result<Plain, Failures> {
    Ok(match value {
        Plain::Text(text) => Plain::Text(text.trim().to_owned()),
        other => other,
    })
}

fn read<T: Decode>(value: &Json) -> Verdict {
    let sources = [Source::new("a.toml", json::toml(value))];
    match load::<T>(&sources, None, &[]) {
        Ok(_) => Verdict { valid: true, locations: BTreeSet::new() },
        Err(problems) => {
            Verdict { valid: false, locations: problems.iter().map(|problem| problem.path.clone()).collect() }
        }
    }
}

fn here(case: &Case) -> Verdict {
    let read: fn(&Json) -> Verdict = match case.ty.as_str() {
        "Scalars" => read::<Scalars>,
        "Limits" => read::<Limits>,
        "Nested" => read::<Nested>,
        "Owner" => read::<Owner>,
        "Either" => read::<Either>,
        "Aliased" => read::<Aliased>,
        "Times" => read::<Times>,
        "Rules" => read::<Rules>,
        other => panic!("{other} is no type"),
    };
    read(&case.value)
}

/// What Pydantic says; `None` without an interpreter.
fn pydantic(cases: &str) -> Option<Vec<Verdict>> {
    let python = std::env::var_os("PIPEWRIGHT_PYTHON")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pydantic/models.py");
    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(cases.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_same_verdict_at_the_same_places() {
    let text = include_str!("cases.json");
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    let differences: Vec<Difference> = serde_json::from_str(include_str!("differences.json")).unwrap();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let Some(verdicts) = pydantic(text) else {
        eprintln!("skipped: PIPEWRIGHT_PYTHON is not set");
        return;
    };
    let mut wrong = Vec::new();
    let mut used = 0;
    for (case, there) in cases.iter().zip(&verdicts) {
        let here = here(case);
        let known = differences.iter().find(|known| known.ty == case.ty && known.value == case.value);
        let as_listed = known.is_some_and(|known| {
            !known.reason.is_empty() && here.locations == known.here.iter().cloned().collect()
        });
        match (here == *there, known) {
            (true, None) => {}
            (false, Some(_)) if as_listed => used += 1,
            _ => wrong.push(format!("{} {}\n  here: {here:?}\n  there: {there:?}", case.ty, case.value)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(used, differences.len(), "a difference is listed that is none");
}
