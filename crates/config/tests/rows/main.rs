//! One test for each row of `src/pydantic.md`, and one that holds the table against them.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod fields;
mod sources;
mod types;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use pipewright_config::{Decode, Source, load, schema, to_toml};
use serde_json::Value as Json;

/// What a text is read as, in `Debug`'s words, or the paths of what is wrong with it.
fn read<T: Decode + Debug>(text: &str) -> Result<String, Vec<String>> {
    let sources = [Source::new("a.toml", text)];
    match load::<T>(&sources, None, &[]) {
        Ok(loaded) => Ok(format!("{:?}", loaded.value)),
        Err(problems) => Err(problems.iter().map(|problem| problem.path.clone()).collect()),
    }
}

/// Holds that each text is read, written as `written`, and read from that as the same.
#[track_caller]
fn right<T: Decode + Debug>(cases: &[(&str, &str)]) {
    for (text, written) in cases {
        let value = read::<T>(text).unwrap_or_else(|wrong| panic!("{text}: wrong at {wrong:?}"));
        let sources = [Source::new("a.toml", *text)];
        let loaded = load::<T>(&sources, None, &[]).unwrap();
        assert_eq!(to_toml(&loaded.value).unwrap().trim(), *written, "{text}");
        assert_eq!(read::<T>(written), Ok(value), "{text}");
    }
}

/// Holds that each text is refused, once and at this path.
#[track_caller]
fn wrong<T: Decode + Debug>(cases: &[(&str, &str)]) {
    for (text, path) in cases {
        assert_eq!(read::<T>(text), Err(vec![(*path).to_owned()]), "{text}");
    }
}

/// What the schema says of a key.
fn property<T: Decode>(key: &str) -> Json {
    schema::<T>()["properties"][key].clone()
}

/// The names of the tests in these files, as `file::test`, or `folder::test` for a program in a folder.
fn tests(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let files: Vec<_> = match fs::read_dir(&path) {
            Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
            Err(_) => vec![path],
        };
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
            let text = fs::read_to_string(file).unwrap();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for pair in lines.windows(2).filter(|pair| pair[0] == "#[test]") {
                let function = pair[1].trim_start_matches("fn ").split('(').next().unwrap();
                found.insert(format!("{name}::{function}"));
                if file.file_name().unwrap() != "main.rs" {
                    let module = file.file_stem().unwrap().to_str().unwrap();
                    found.insert(format!("{module}::{function}"));
                }
            }
        }
    }
    found
}

/// The rows of all tables: the first cell, and the names in backticks of the last.
fn table() -> Vec<(String, Vec<String>)> {
    let text = include_str!("../../src/pydantic.md");
    let rows = text.lines().filter(|line| line.starts_with('|') && !line.starts_with("| ---"));
    let mut table = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        if cells.last() == Some(&"test") {
            continue;
        }
        let names = cells.last().unwrap().split('`').skip(1).step_by(2).map(str::to_owned).collect();
        table.push((cells[0].to_owned(), names));
    }
    table
}

#[test]
fn each_row_of_the_table_names_tests_that_exist() {
    let tests = tests(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")));
    let table = table();
    assert!(table.len() > 50 && tests.len() > 80, "{} rows, {} tests", table.len(), tests.len());
    let mut named = BTreeSet::new();
    for (row, names) in &table {
        assert!(!names.is_empty(), "{row} names no test");
        for name in names {
            assert!(tests.contains(name), "{row} names `{name}`, which is no test");
            named.insert(name.clone());
        }
    }
    for test in tests
        .iter()
        .filter(|test| ["fields::", "types::", "sources::"].iter().any(|module| test.starts_with(module)))
    {
        // `sources.rs` beside this folder has tests of its own.
        let is_of_a_row = tests.contains(&format!("rows::{}", test.split("::").nth(1).unwrap()));
        assert!(!is_of_a_row || named.contains(test), "`{test}` is named by no row");
    }
}
