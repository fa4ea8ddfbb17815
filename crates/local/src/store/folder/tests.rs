use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use proptest::prelude::*;

use super::*;

const BUCKET: &str = "bucket";

struct Scene {
    temporary: tempfile::TempDir,
    store: Folder,
}

impl Scene {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let store = Folder::new(temporary.path().join("s3")).unwrap();
        Self { temporary, store }
    }

    fn put(&self, key: &str, content: &str) -> Result<(), String> {
        let file = self.temporary.path().join("put");
        fs::write(&file, content).unwrap();
        self.store.put(&file, &object(key)).map_err(|error| error.to_string())
    }

    fn get(&self, key: &str) -> Result<String, String> {
        let to = self.temporary.path().join("get");
        self.store.fetch(&object(key), &to).map_err(|error| error.to_string())?;
        Ok(fs::read_to_string(to).unwrap())
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        self.store.list(&object(prefix)).unwrap().into_iter().map(|object| object.key).collect()
    }

    fn path(&self, below: &str) -> PathBuf {
        self.store.root().join(BUCKET).join(below)
    }

    fn left_aside(&self) -> usize {
        fs::read_dir(self.store.root().join(ASIDE))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name() != LOCK)
            .count()
    }
}

fn object(key: &str) -> S3Uri {
    S3Uri { bucket: BUCKET.to_owned(), key: key.to_owned() }
}

#[test]
fn usual_keys_are_plain_files() {
    let scene = Scene::new();
    scene.put("data/part-0.csv", "1").unwrap();
    assert_eq!(fs::read_to_string(scene.path("data/part-0.csv")).unwrap(), "1");
    assert_eq!(scene.store.address(&object("data/")), scene.path("data").display().to_string());
    assert_eq!(scene.store.file(&object("data/part-0.csv")), Some(scene.path("data/part-0.csv")));
    assert_eq!(scene.store.file(&object("data")), None);
    // And what was put there by hand is an object.
    fs::write(scene.path("data/part-1.csv"), "22").unwrap();
    let listed = scene.store.list(&object("data/part-")).unwrap();
    assert_eq!(
        listed,
        [
            Object { key: "data/part-0.csv".to_owned(), size: 1 },
            Object { key: "data/part-1.csv".to_owned(), size: 2 }
        ]
    );
}

#[test]
fn a_prefix_is_a_text_and_no_folder() {
    let scene = Scene::new();
    for key in ["abc/d", "ab", "ab/c", "ab-", "b", "abc/d/e"] {
        scene.put(key, key).unwrap();
    }
    assert_eq!(scene.keys("ab"), ["ab", "ab-", "ab/c", "abc/d", "abc/d/e"]);
    assert_eq!(scene.keys("ab/"), ["ab/c"]);
    assert_eq!(scene.keys("abc/d"), ["abc/d", "abc/d/e"]);
    assert_eq!(scene.keys("abc/d/"), ["abc/d/e"]);
    assert_eq!(scene.keys("abc/d/e/"), [""; 0]);
    assert_eq!(scene.keys("/"), [""; 0]);
    assert_eq!(scene.keys("").len(), 6);
}

#[test]
fn an_object_and_those_below_it() {
    for order in [["a", "a/b"], ["a/b", "a"]] {
        let scene = Scene::new();
        for key in order {
            scene.put(key, key).unwrap();
        }
        assert_eq!(scene.keys(""), ["a", "a/b"]);
        assert_eq!(scene.get("a").unwrap(), "a");
        scene.put("a", "new").unwrap();
        assert_eq!((scene.get("a").unwrap().as_str(), scene.get("a/b").unwrap().as_str()), ("new", "a/b"));
        scene.store.delete(&object("a/b")).unwrap();
        assert_eq!((scene.keys(""), scene.get("a").unwrap().as_str()), (vec!["a".to_owned()], "new"));
        // With no folder in its way it is at its plain place again.
        scene.put("a", "newer").unwrap();
        assert_eq!((scene.keys(""), scene.get("a").unwrap().as_str()), (vec!["a".to_owned()], "newer"));
        assert_eq!(fs::read_to_string(scene.path("a")).unwrap(), "newer");
        scene.store.delete(&object("a")).unwrap();
        assert_eq!(scene.keys(""), [""; 0]);
        assert!(!scene.path("").exists(), "the bucket's folder goes with its last object");
    }
}

#[test]
fn what_is_missing_says_what_to_do() {
    let scene = Scene::new();
    let missing = scene.get("a/b").unwrap_err();
    assert!(missing.starts_with("s3://bucket/a/b does not exist: "), "{missing}");
    assert!(missing.contains("local/data/bucket/a/b"), "{missing}");
    scene.put("a/b/c", "").unwrap();
    assert_eq!(
        scene.get("a/b").unwrap_err(),
        "s3://bucket/a/b does not exist: the key is no object, but 1 object is below it"
    );
    assert!(matches!(scene.store.fetch(&object("x"), Path::new("nowhere")), Err(Error::Missing { .. })));
    scene.store.delete(&object("a/b")).unwrap();
    scene.store.delete(&object("a/b/c/d")).unwrap();
    assert_eq!(scene.keys(""), ["a/b/c"]);
}

#[test]
fn no_key_or_bucket_leads_out() {
    let scene = Scene::new();
    for key in ["../../out", "/etc/out", "a/../../../out", "..", "a/..", "..\\..\\out", "./out"] {
        scene.put(key, key).unwrap();
        assert_eq!(scene.get(key).unwrap(), key);
    }
    assert_eq!(scene.keys("").len(), 7);
    let outside: Vec<_> =
        fs::read_dir(scene.temporary.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(outside.len(), 3, "{outside:?}");
    let file = scene.temporary.path().join("put");
    for bucket in ["..", ".aside", "a/../..", "/tmp", ""] {
        let place = S3Uri { bucket: bucket.to_owned(), key: "key".to_owned() };
        scene.store.put(&file, &place).unwrap_err();
        scene.store.fetch(&place, &file).unwrap_err();
        scene.store.list(&place).unwrap_err();
        scene.store.delete(&place).unwrap_err();
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    scene.put("a/b", "1").unwrap();
    let outside = scene.temporary.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "secret").unwrap();
    symlink(&outside, scene.path("link")).unwrap();
    symlink(outside.join("secret"), scene.path("file")).unwrap();
    assert_eq!(scene.keys(""), ["a/b"]);
    for key in ["link/secret", "link/new"] {
        assert!(scene.get(key).unwrap_err().contains("symbolic link"), "{key}");
        assert!(scene.put(key, "x").unwrap_err().contains("symbolic link"), "{key}");
        scene.store.delete(&object(key)).unwrap_err();
    }
    scene.store.list(&object("link/")).unwrap_err();
    assert!(scene.get("file").unwrap_err().contains("does not exist"));
    assert!(scene.put("file", "x").unwrap_err().contains("symbolic link"));
    scene.store.delete(&object("file")).unwrap();
    assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), "secret");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);

    // Nor is what is put; a pipe would never end.
    let link = scene.temporary.path().join("link");
    symlink("/etc/passwd", &link).unwrap();
    let refused = scene.store.put(&link, &object("x")).unwrap_err().to_string();
    assert!(refused.ends_with("is a symbolic link: only files become objects"), "{refused}");
    scene.store.put(Path::new("/dev/zero"), &object("x")).unwrap_err();
    scene.store.put(&outside, &object("x")).unwrap_err();
    assert_eq!(scene.left_aside(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_keys_are_no_objects() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let scene = Scene::new();
    scene.put("a", "1").unwrap();
    fs::write(scene.path("").join(OsStr::from_bytes(b"\xff")), "").unwrap();
    fs::write(scene.path("100%"), "").unwrap();
    fs::write(scene.path("a%2fb"), "").unwrap();
    assert_eq!(scene.keys(""), ["a"]);
}

/// A disk that is full fails a copy in its middle.
#[test]
fn what_can_not_be_written_whole_is_not_there() {
    let scene = Scene::new();
    scene.put("a", "old").unwrap();
    // The folder of the file to write is none.
    let failed = scene.store.fetch(&object("a"), &scene.temporary.path().join("put/x")).unwrap_err();
    assert!(failed.to_string().starts_with("can't copy "), "{failed}");
    // The place can't be made: a bucket's folder is a file.
    fs::write(scene.store.root().join("other"), "").unwrap();
    let place = S3Uri { bucket: "other".to_owned(), key: "key".to_owned() };
    let put = scene.store.put(&scene.temporary.path().join("put"), &place);
    assert!(put.is_ok() || scene.left_aside() == 0);
    assert_eq!(scene.get("a").unwrap(), "old");
}

#[test]
fn many_at_once_see_whole_objects() {
    let scene = Scene::new();
    let store = Folder::new(scene.store.root().to_owned()).unwrap();
    let temporary = scene.temporary.path();
    scene.put("a/b", &"x".repeat(100_000)).unwrap();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|number| {
                let (scene, store) = (&scene, &store);
                scope.spawn(move || {
                    let file = temporary.join(format!("from-{number}"));
                    fs::write(&file, char::from(b'0' + number).to_string().repeat(100_000)).unwrap();
                    for round in 0..50 {
                        // `a` and `a/b/c` want the places of folder and file by turns.
                        let store = if round % 2 == 0 { store } else { &scene.store };
                        store.put(&file, &object("a/b")).unwrap();
                        store.put(&file, &object("a/b/c")).unwrap();
                        store.put(&file, &object("a")).unwrap();
                        store.delete(&object(if round % 3 == 0 { "a" } else { "a/b/c" })).unwrap();
                    }
                })
            })
            .collect();
        let reader = scope.spawn(|| {
            let to = temporary.join("to");
            let mut read = 0;
            while !is_done.load(Ordering::Relaxed) || read == 0 {
                // Never removed: always there, and of one writer.
                scene.store.fetch(&object("a/b"), &to).unwrap();
                let text = fs::read_to_string(&to).unwrap();
                assert_eq!(text.len(), 100_000);
                assert!(text.bytes().all(|byte| byte == text.as_bytes()[0]));
                scene.store.list(&object("a")).unwrap();
                read += 1;
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    assert_eq!(scene.left_aside(), 0);
}

#[derive(Clone, Debug)]
enum Act {
    Put(String),
    Delete(String),
    List(String),
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab./]{1,6}",
        "(a|b|/|\\.\\.|%|\\\\|\u{0}|%\\.|%-|%\\+|ü){1,8}",
        "x{230,260}(/x{0,3})?",
        "\\PC{1,10}",
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => key().prop_map(Act::Put),
        2 => key().prop_map(Act::Delete),
        1 => prop_oneof![Just(String::new()), key()].prop_map(Act::List),
    ]
}

fn cases() -> u32 {
    if std::env::var_os("PIPEWRIGHT_LONG").is_some() { 2000 } else { 48 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn it_is_a_map(acts in prop::collection::vec(act(), 1..40)) {
        let scene = Scene::new();
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Put(key) => {
                    scene.put(&key, &number.to_string()).unwrap();
                    model.insert(key, number.to_string());
                }
                Act::Delete(key) => {
                    scene.store.delete(&object(&key)).unwrap();
                    model.remove(&key);
                }
                Act::List(prefix) => {
                    let expected: Vec<_> = model.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
                    prop_assert_eq!(scene.keys(&prefix), expected);
                }
            }
            prop_assert_eq!(scene.keys(""), model.keys().cloned().collect::<Vec<_>>());
        }
        for (key, content) in &model {
            prop_assert_eq!(&scene.get(key).unwrap(), content);
        }
        for key in model.keys() {
            scene.store.delete(&object(key)).unwrap();
        }
        prop_assert!(!scene.path("").exists());
        prop_assert_eq!(scene.left_aside(), 0);
    }
}
