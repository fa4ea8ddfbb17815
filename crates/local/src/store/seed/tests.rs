use super::*;
use crate::store::folder::Folder;

struct Scene {
    temporary: tempfile::TempDir,
    store: Folder,
}

impl Scene {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let store = Folder::new(temporary.path().join("target/s3")).unwrap();
        Self { temporary, store }
    }

    fn root(&self) -> PathBuf {
        self.temporary.path().join("target")
    }

    fn data(&self) -> PathBuf {
        self.temporary.path().join("data")
    }

    fn write(&self, below: &str, content: &str) {
        let path = self.data().join(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn seed(&self) -> Result<(usize, usize), String> {
        let seeded =
            data_folder(&self.store, &self.root(), &self.data()).map_err(|error| error.to_string())?;
        Ok((seeded.copied, seeded.unchanged))
    }
}

/// A store that keeps no files, as an endpoint.
struct Remote(Folder);

impl Store for Remote {
    fn list(&self, place: &S3Uri) -> Result<Vec<Object>, Error> {
        self.0.list(place)
    }
    fn fetch(&self, object: &S3Uri, to: &Path) -> Result<(), Error> {
        self.0.fetch(object, to)
    }
    fn put(&self, from: &Path, object: &S3Uri) -> Result<(), Error> {
        self.0.put(from, object)
    }
    fn delete(&self, object: &S3Uri) -> Result<(), Error> {
        self.0.delete(object)
    }
    fn address(&self, place: &S3Uri) -> String {
        format!("http://localhost/{}/{}", place.bucket, place.key)
    }
}

fn object(key: &str) -> S3Uri {
    S3Uri { bucket: "bucket".to_owned(), key: key.to_owned() }
}

#[test]
fn only_what_changed_is_copied() {
    let scene = Scene::new();
    assert_eq!(scene.seed(), Ok((0, 0)));
    scene.write("README.md", "no bucket");
    scene.write("bucket/raw/a.csv", "1");
    scene.write("bucket/raw/.gitignore", "*");
    scene.write("bucket/b.csv", "2");
    assert_eq!(scene.seed(), Ok((2, 0)));
    assert_eq!(scene.seed(), Ok((0, 2)));
    scene.write("bucket/b.csv", "3");
    assert_eq!(scene.seed(), Ok((1, 1)));
    // A step wrote over its input, with as many bytes.
    fs::write(scene.store.root().join("bucket/b.csv"), "4").unwrap();
    assert_eq!(scene.seed(), Ok((1, 1)));
    assert_eq!(fs::read_to_string(scene.store.root().join("bucket/b.csv")).unwrap(), "3");
    let keys: Vec<_> = scene.store.list(&object("")).unwrap().into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["b.csv", "raw/a.csv"]);
}

#[test]
fn an_endpoint_is_remembered() {
    let scene = Scene::new();
    let remote = Remote(Folder::new(scene.temporary.path().join("remote")).unwrap());
    scene.write("bucket/a", "1");
    let seed = || data_folder(&remote, &scene.root(), &scene.data()).unwrap();
    assert_eq!(seed(), Seeded { copied: 1, unchanged: 0 });
    assert_eq!(seed(), Seeded { copied: 0, unchanged: 1 });
    // The other store knows nothing of it.
    assert_eq!(scene.seed(), Ok((1, 0)));
    remote.delete(&object("a")).unwrap();
    assert_eq!(seed(), Seeded { copied: 1, unchanged: 0 });
    scene.write("bucket/a", "2");
    assert_eq!(seed(), Seeded { copied: 1, unchanged: 0 });
}

#[cfg(unix)]
#[test]
fn all_that_is_wrong_is_told_before_anything_is_copied() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    scene.write("bucket/fine", "");
    scene.write("NoBucket/a", "");
    symlink("/etc", scene.data().join("bucket/etc")).unwrap();
    symlink("/etc", scene.data().join("etcetera")).unwrap();
    let told = scene.seed().unwrap_err();
    assert_eq!(told.lines().count(), 3, "{told}");
    for part in ["bucket/etc: only files", "NoBucket/a: bucket \"NoBucket\"", "etcetera: only files"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(scene.store.list(&object("")).unwrap().is_empty());
}

#[test]
fn a_program_runs_again_only_for_other_inputs() {
    let scene = Scene::new();
    let check = |store: &dyn Store, inputs: &str, content: &str, expected: Result<bool, &str>| {
        let done = put_generated(store, &scene.root(), &object("made.csv"), inputs, |to| {
            if content.is_empty() {
                return Err("it failed".to_owned());
            }
            fs::write(to, content).map_err(|error| error.to_string())
        });
        assert_eq!(
            done.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned),
            "{inputs} {content}"
        );
    };
    let store: &dyn Store = &scene.store;
    check(store, "1", "", Err("it failed"));
    assert!(store.list(&object("")).unwrap().is_empty());
    check(store, "1", "one", Ok(true));
    check(store, "1", "", Ok(false));
    check(store, "2", "", Err("it failed"));
    check(store, "1", "", Ok(false));
    check(store, "2", "two", Ok(true));
    fs::write(scene.store.root().join("bucket/made.csv"), "ow!").unwrap();
    check(store, "2", "two", Ok(true));
    store.delete(&object("made.csv")).unwrap();
    check(store, "2", "two", Ok(true));
    let left = fs::read_dir(scene.root().join("seeded")).unwrap().count();
    assert_eq!(left, 1, "the stamp alone");

    let remote = Remote(Folder::new(scene.temporary.path().join("remote")).unwrap());
    check(&remote, "2", "two", Ok(true));
    check(&remote, "2", "", Ok(false));
}

#[test]
fn inputs_of_a_program() {
    let scene = Scene::new();
    let folder = scene.data();
    scene.write("make.py", "1");
    let program =
        |arguments: &[&str]| arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>();
    let inputs = |arguments: &[&str]| inputs_of(&program(arguments), &folder).unwrap();
    let before = inputs(&["python3", "make.py"]);
    assert_ne!(before, inputs(&["python3", "make.py", "2"]));
    assert_ne!(inputs(&["ab", "c"]), inputs(&["a", "bc"]));
    scene.write("data/bucket/x", "1");
    scene.write("__pycache__/x.pyc", "1");
    scene.write(".hidden", "1");
    assert_eq!(before, inputs(&["python3", "make.py"]));
    scene.write("formula/data/x", "1");
    let more = inputs(&["python3", "make.py"]);
    assert_ne!(before, more);
    scene.write("make.py", "2");
    assert_ne!(more, inputs(&["python3", "make.py"]));
}
