use super::*;
use crate::jobs::fake::{Fake, tree};

fn check_relative(prefix: &str, key: &str, expected: &str) {
    assert_eq!(relative(prefix, key), expected, "{prefix} of {key}");
}

#[test]
fn a_path_is_the_key_without_its_folder() {
    check_relative("data/", "data/a.csv", "a.csv");
    check_relative("data", "data/a.csv", "a.csv");
    check_relative("data", "data/x/a.csv", "x/a.csv");
    check_relative("", "data/a.csv", "data/a.csv");
    // The object itself keeps its name.
    check_relative("data/a.csv", "data/a.csv", "a.csv");
    check_relative("a.csv", "a.csv", "a.csv");
    // A prefix is no folder.
    check_relative("abalone", "abalone.csv", "abalone.csv");
    check_relative("in/abalone", "in/abalone.csv", "abalone.csv");
    check_relative("in/aba", "in/abalone/1.csv", "abalone/1.csv");
    check_relative("ä", "äö", "äö");
}

fn check(place: &str, keys: &[&str], expected: Result<&[&str], &str>) {
    let objects: Vec<_> = keys.iter().map(|key| Object { key: (*key).to_owned(), size: 1 }).collect();
    let found = plan(&S3Uri::parse(place).unwrap(), &objects);
    match (found, expected) {
        (Ok(found), Ok(expected)) => {
            let found: Vec<_> = found.iter().map(|fetched| fetched.path.as_str()).collect();
            assert_eq!(found, expected, "{keys:?}");
        }
        (Err(problem), Err(part)) => assert!(problem.contains(part), "{keys:?}: {problem}"),
        (found, _) => panic!("{keys:?}: {found:?}"),
    }
}

#[test]
fn keys_that_have_no_path_are_refused() {
    check("s3://b/d/", &["d/a", "d/b/c", "d/b/"], Ok(&["a", "b/c"]));
    check(
        "s3://b/d/",
        &["d/../../etc/passwd"],
        Err("s3://b/d/../../etc/passwd: `../../etc/passwd` is no path"),
    );
    check("s3://b/d", &["d//etc/passwd"], Err("`/etc/passwd` is no path in a folder"));
    check("s3://b/d/", &["d/a//b"], Err("is no path in a folder"));
    check("s3://b/d/", &["d/./b"], Err("is no path in a folder"));
    check("s3://b/d/", &["d/a\0b"], Err("is no path in a folder"));
    check("s3://b/d/", &["d/a", "d/a/b"], Err("`a` is an object and a folder at once"));
    check("s3://b/d/", &["d/../1", "d/../2", "d/../3", "d/../4", "d/../5", "d/../6"], Err("; and 1 more"));
    // `d/x` of the folder and `dx`… can't meet, but a folder and a sibling with its rest can.
    check("s3://b/d", &["d/d1", "d1"], Err("`d1` is the file of `d/d1` already"));
}

#[test]
fn objects_come_whole_and_alone() {
    let fake = Fake::idle().with(&[
        ("s3://b/in/a.csv", "1"),
        ("s3://b/in/x/b.csv", "2"),
        ("s3://b/in/x/", ""),
        ("s3://b/index", "3"),
        ("s3://other/in/c.csv", "4"),
    ]);
    let into = fake.folder.path().join("into");
    let place = S3Uri::parse("s3://b/in/").unwrap();
    let fetched = fake.control(|control| prefix(&fake.site(), control, &place, &into)).unwrap();
    assert_eq!(fetched.len(), 2);
    let expected = [("a.csv", "1"), ("x/b.csv", "2")].map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(tree(&into), expected);
}

#[test]
fn nothing_there_is_told() {
    let fake = Fake::idle();
    let into = fake.folder.path().join("into");
    let place = S3Uri::parse("s3://b/in/").unwrap();
    let trouble = fake.control(|control| prefix(&fake.site(), control, &place, &into)).unwrap_err();
    assert_eq!(
        trouble.to_string(),
        "no object's key begins with s3://b/in/; the place is memory of s3://b/in/"
    );
    assert_eq!(fake.control(|control| prefix_if_any(&fake.site(), control, &place, &into)).unwrap(), []);
}

#[test]
fn a_wish_to_stop_ends_it() {
    let fake = Fake::idle().with(&[("s3://b/in/a.csv", "1")]);
    fake.stop.ask();
    let into = fake.folder.path().join("into");
    let place = S3Uri::parse("s3://b/in/").unwrap();
    let ended = fake.control(|control| prefix(&fake.site(), control, &place, &into));
    assert_eq!(ended, Err(Trouble::Stopped));
    assert_eq!(tree(&into), []);
}

fn check_manifest(text: &str, expected: Result<&[(&str, &str)], &str>) {
    let fake = Fake::idle().with(&[
        ("s3://b/m", text),
        ("s3://d/in/a.csv", "1"),
        ("s3://d/in/x/b.csv", "2"),
        ("s3://d/in/c.csv", "3"),
    ]);
    let into = fake.folder.path().join("into");
    let place = S3Uri::parse("s3://b/m").unwrap();
    match (fake.control(|control| manifest(&fake.site(), control, &place, &into)), expected) {
        (Ok(_), Ok(expected)) => {
            let expected: Vec<_> = expected.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
            assert_eq!(tree(&into), expected, "{text}");
        }
        (Err(trouble), Err(part)) => assert!(trouble.to_string().contains(part), "{text}: {trouble}"),
        (found, _) => panic!("{text}: {found:?}"),
    }
}

#[test]
fn a_manifest_names_its_objects() {
    check_manifest(
        r#"[{"prefix": "s3://d/in/"}, "a.csv", "x/b.csv"]"#,
        Ok(&[("a.csv", "1"), ("x/b.csv", "2")]),
    );
    check_manifest(r#"[{"prefix": "s3://d/in/"}]"#, Ok(&[]));
    check_manifest(r#"[{"prefix": "s3://d/in/"}, "none.csv"]"#, Err("s3://d/in/none.csv does not exist"));
    check_manifest(r#"[{"prefix": "s3://d/in/"}, "../../a"]"#, Err("`../../a` is no path in a folder"));
    check_manifest(r#"[{"prefix": "s3://d/in/"}, 3]"#, Err("entry 1: expected a text, found 3"));
    check_manifest(r#"[{"prefix": "d/in/"}, "a.csv"]"#, Err("`d/in/` is no place in S3"));
    check_manifest(r#"["a.csv"]"#, Err("s3://b/m: a manifest begins with"));
    check_manifest("{}", Err("a manifest is a JSON list"));
}
