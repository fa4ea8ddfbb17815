//! A definition held against a file of the crate.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::path;

/// Below the crate's folder.
const FOLDER: &str = "tests/snapshots";

/// The variable that has files written instead of compared.
const UPDATE: &str = "UPDATE_GOLDENS";

/// What stands for the hash of code.
const HASH: &str = "......";

/// The most differences that are shown.
const MOST: usize = 50;

/// Compares, or writes where the environment asks for it. `folder` is the crate's.
pub(super) fn compare(
    definition: &Value,
    hashes: &[&str],
    folder: Option<&Path>,
    name: &str,
) -> Result<(), String> {
    // Cargo says it to every test that it runs.
    let folder =
        folder.map(PathBuf::from).or_else(|| std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from));
    let folder = folder.unwrap_or_default();
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(format!("{name:?} can't be the name of a snapshot: it is that of a file, without .json"));
    }
    let actual = text(definition, hashes);
    let relative = format!("{FOLDER}/{name}.json");
    if std::env::var_os(UPDATE).is_some() {
        write(&folder, &relative, &actual)
    } else {
        read(&folder, &relative, &actual)
    }
}

fn read(folder: &Path, relative: &str, actual: &str) -> Result<(), String> {
    let expected = fs::read_to_string(folder.join(relative))
        .map_err(|error| format!("can't read {relative}: {error}; {UPDATE}=1 cargo test … writes it"))?;
    // Git may have given it the line ends of its host.
    let expected = expected.replace("\r\n", "\n");
    if expected == actual {
        return Ok(());
    }
    let parsed: Value = serde_json::from_str(&expected)
        .map_err(|error| format!("{relative} is no JSON: {error}; {UPDATE}=1 cargo test … writes it anew"))?;
    let actual = serde_json::from_str(actual).unwrap_or(Value::Null);
    let mut rows = Vec::new();
    differences(&parsed, &actual, "", &mut rows);
    if rows.is_empty() {
        rows.push("only in the order of members, or in white space".to_owned());
    }
    let count = rows.len();
    let more = if count > MOST { format!("\n  and {} more", count - MOST) } else { String::new() };
    rows.truncate(MOST);
    Err(format!(
        "the definition differs from {relative}:\n  {}{more}\n{UPDATE}=1 cargo test … accepts it",
        rows.join("\n  ")
    ))
}

fn text(definition: &Value, hashes: &[&str]) -> String {
    let pretty = format!("{definition:#}\n");
    hashes.iter().fold(pretty, |text, hash| text.replace(hash, HASH))
}

fn write(folder: &Path, relative: &str, text: &str) -> Result<(), String> {
    let file = folder.join(relative);
    // Written aside and renamed: tests run at once, and one of them may read it.
    let aside = file.with_extension(format!("{}.new", std::process::id()));
    let parent = file.parent().unwrap_or(folder);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&aside, text))
        .and_then(|()| fs::rename(&aside, &file))
        .map_err(|error| format!("can't write {}: {error}", file.display()))
}

/// One line for each difference: its place, what was expected, what is there.
fn differences(expected: &Value, actual: &Value, place: &str, rows: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, a) in a {
                let place = path::join(place, &member(key));
                match b.get(key) {
                    Some(b) => differences(a, b, &place, rows),
                    None => rows.push(format!("{place}: gone, was {}", short(a))),
                }
            }
            for (key, b) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                rows.push(format!("{}: new, {}", path::join(place, &member(key)), short(b)));
            }
        }
        (Value::Array(a), Value::Array(b)) => lists(a, b, place, rows),
        (a, b) if a != b => rows.push(format!("{place}: was {}, is {}", short(a), short(b))),
        _ => {}
    }
}

/// Elements with names are compared by their names, others by where they stand.
fn lists(a: &[Value], b: &[Value], place: &str, rows: &mut Vec<String>) {
    let have_names = a.iter().chain(b).all(|item| path::name(item).is_some());
    if !have_names {
        for index in 0..a.len().max(b.len()) {
            let place = format!("{place}[{index}]");
            match (a.get(index), b.get(index)) {
                (Some(a), Some(b)) => differences(a, b, &place, rows),
                (Some(a), None) => rows.push(format!("{place}: gone, was {}", short(a))),
                (_, b) => rows.extend(b.map(|b| format!("{place}: new, {}", short(b)))),
            }
        }
        return;
    }
    let find =
        |list: &'_ [Value], item: &Value| list.iter().position(|other| path::name(other) == path::name(item));
    let label = |item: &Value| format!("{place}['{}']", path::name(item).unwrap_or_default());
    for item in a {
        match find(b, item) {
            Some(index) => differences(item, &b[index], &label(item), rows),
            None => rows.push(format!("{}: gone, was {}", label(item), short(item))),
        }
    }
    let new = b.iter().filter(|item| find(a, item).is_none());
    rows.extend(new.map(|item| format!("{}: new, {}", label(item), short(item))));
    let kept = |list: &[Value], other: &[Value]| -> Vec<String> {
        let names = list.iter().filter(|item| find(other, item).is_some()).filter_map(path::name);
        names.map(str::to_owned).collect()
    };
    let (before, after) = (kept(a, b), kept(b, a));
    if before != after {
        rows.push(format!("{place}: the order was {}, is {}", before.join(", "), after.join(", ")));
    }
}

fn member(key: &str) -> String {
    if key.contains(['.', '[', '\'']) { format!("['{key}']") } else { key.to_owned() }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expected: &Value, actual: &Value, rows: &[&str]) {
        let mut found = Vec::new();
        differences(expected, actual, "", &mut found);
        assert_eq!(found, rows);
    }

    #[test]
    fn each_difference_has_its_place() {
        check(&json!({"a": 1}), &json!({"a": 1}), &[]);
        check(
            &json!({"a": 1, "b": 2}),
            &json!({"a": 2, "c": 3}),
            &["a: was 1, is 2", "b: gone, was 2", "c: new, 3"],
        );
        check(&json!({"a": [1, 2]}), &json!({"a": [1, 3, 4]}), &["a[1]: was 2, is 3", "a[2]: new, 4"]);
        let steps = |names: &[&str]| -> Value {
            json!({"Steps": names.iter().map(|name| json!({"Name": name, "a.b": name.len()})).collect::<Vec<_>>()})
        };
        check(
            &steps(&["A", "B", "C"]),
            &steps(&["B", "A", "D"]),
            &[
                r#"Steps['C']: gone, was {"Name":"C","a.b":1}"#,
                r#"Steps['D']: new, {"Name":"D","a.b":1}"#,
                "Steps: the order was A, B, is B, A",
            ],
        );
        check(&json!({"a": {"b.c": 1}}), &json!({"a": {"b.c": 2}}), &["a['b.c']: was 1, is 2"]);
    }

    #[test]
    fn what_was_written_is_compared() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) =
            (json!({"Steps": [{"Name": "A", "Key": "code/abc/x.py"}], "a": 1}), json!({"Steps": [], "a": 1}));
        let file = format!("{FOLDER}/x.json");
        write(folder.path(), &file, &text(&one, &["abc"])).unwrap();
        assert_eq!(fs::read_dir(folder.path().join(FOLDER)).unwrap().count(), 1);
        // Another script, the same pipeline.
        assert_eq!(read(folder.path(), &file, &text(&one, &["abc"])), Ok(()));
        let differs = format!(
            "the definition differs from {file}:\n  Steps['A']: gone, was \
             {{\"Name\":\"A\",\"Key\":\"code/....../x.py\"}}\nUPDATE_GOLDENS=1 cargo test … accepts it"
        );
        assert_eq!(read(folder.path(), &file, &text(&two, &[])), Err(differs));
        write(folder.path(), &file, "{\"a\": 1,\n\"Steps\": []}").unwrap();
        assert!(read(folder.path(), &file, &text(&two, &[])).unwrap_err().contains("order of members"));
        write(folder.path(), &file, "{").unwrap();
        assert!(read(folder.path(), &file, "{}").unwrap_err().contains("is no JSON"));
    }

    #[test]
    fn a_snapshot_is_a_file_of_the_crate() {
        for name in ["", "../x", "a/b", ".x"] {
            assert!(
                compare(&json!({}), &[], None, name).unwrap_err().contains("can't be the name"),
                "{name}"
            );
        }
        let missing = read(Path::new("/nonexistent"), "tests/snapshots/x.json", "").unwrap_err();
        assert!(
            missing.contains("tests/snapshots/x.json") && missing.contains("UPDATE_GOLDENS=1"),
            "{missing}"
        );
    }
}
