//! Assemblies written to disk and read again.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipewright_archive::{hash_alone, hash_file, hash_folder};
use pipewright_assembly::{
    Assembly, Asset, AssetKind, Contents, Error, Pipeline, PipelineRecord, Source, Stack, Target, write,
};
use serde_json::json;

/// A crate with code, a place for the assembly, and what goes into it.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let code = folder.path().join("crate/code/pkg");
        fs::create_dir_all(&code).unwrap();
        fs::write(code.join("main.py"), "import lib\n").unwrap();
        fs::write(code.join("lib.py"), "x = 1\n").unwrap();
        fs::write(folder.path().join("crate/code/evaluate.py"), "print()\n").unwrap();
        Self { folder }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("crate")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn asset(name: &str, sha256: &str, source: Source) -> Asset {
        Asset {
            pipeline: Some("example".into()),
            name: name.into(),
            sha256: sha256.into(),
            source,
            bucket: "sources".into(),
            key: format!("code/example/{sha256}/{name}"),
            region: None,
        }
    }

    fn file(&self, path: &str) -> Asset {
        let sha256 = hash_file(&self.root().join(path)).unwrap();
        let name = path.rsplit('/').next().unwrap();
        let root = self.root();
        Self::asset(name, &sha256, Source::File { root, path: path.into() })
    }

    fn package(&self, path: &str) -> Asset {
        let sha256 = hash_folder(&self.root().join(path)).unwrap().sha256;
        let root = self.root();
        Self::asset("sourcedir.tar.gz", &sha256, Source::Folder { root, path: path.into() })
    }

    fn contents(&self) -> Contents {
        let text = "hello";
        let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let assets = vec![
            self.file("code/evaluate.py"),
            self.package("code/pkg"),
            Self::asset("hello.txt", sha256, Source::Text(text.into())),
        ];
        contents(assets)
    }
}

fn contents(assets: Vec<Asset>) -> Contents {
    let record = PipelineRecord {
        name: "example".into(),
        role_arn: "arn:aws:iam::123456789012:role/dsm-sm-example".into(),
        ..PipelineRecord::default()
    };
    Contents {
        target: Target {
            environment: "dev".into(),
            prefix: "dsm-sm".into(),
            source_bucket: "sources".into(),
            data_bucket: "data".into(),
            ..Target::default()
        },
        partial: false,
        stacks: vec![Stack {
            name: "dsm-sm-pipelines".into(),
            template: "{}\n".into(),
            tags: BTreeMap::from([("team".into(), "x".into())]),
            assets,
            ..Stack::default()
        }],
        pipelines: vec![Pipeline {
            record,
            definition: json!({"Version": "2020-12-01", "Metadata": {}, "Steps": [], "A": 1}),
        }],
    }
}

/// Every file with its bytes.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Nothing but the assembly and the crate: no lock, nothing half made.
fn assert_clean(scene: &Scene) {
    let mut names: Vec<_> = fs::read_dir(scene.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.retain(|name| name != "crate" && name != "out");
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn what_is_written_is_read_again() {
    let scene = Scene::new();
    let outcome = write(&scene.out(), &scene.contents()).unwrap();
    assert!(outcome.changed);
    assert_clean(&scene);

    let assembly = Assembly::open(&scene.out()).unwrap();
    assert_eq!(assembly.marker().target.environment, "dev");
    assert_eq!(assembly.stacks()[0].name, "dsm-sm-pipelines");
    assert_eq!(assembly.stacks()[0].tags["team"], "x");
    assert_eq!(assembly.template(&assembly.stacks()[0]).unwrap(), "{}\n");
    let pipeline = assembly.pipeline("example").unwrap();
    let definition = assembly.definition(pipeline).unwrap();
    let keys: Vec<_> = definition.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Version", "Metadata", "Steps", "A"]);
    let names: Vec<_> = pipeline.assets.iter().map(|a| (a.name.as_str(), a.kind)).collect();
    assert!(names.contains(&("sourcedir.tar.gz", AssetKind::Folder)), "{names:?}");
    assert_eq!(names.len(), 3);
    for asset in &pipeline.assets {
        let path = assembly.asset(asset).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), asset.size);
        assert_eq!(asset.file_sha256 == asset.sha256, asset.kind != AssetKind::Folder);
    }
}

#[test]
fn a_file_may_be_packed_alone_beside_itself() {
    let scene = Scene::new();
    let (root, path) = (scene.root(), "code/evaluate.py");
    let sha256 = hash_alone(&root.join(path)).unwrap().sha256;
    let archive = Scene::asset("sourcedir.tar.gz", &sha256, Source::Archive { root, path: path.into() });
    write(&scene.out(), &contents(vec![scene.file(path), archive])).unwrap();

    let assembly = Assembly::open(&scene.out()).unwrap();
    let kinds: Vec<_> = assembly.pipeline("example").unwrap().assets.iter().map(|asset| asset.kind).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&AssetKind::File) && kinds.contains(&AssetKind::Folder));
}

#[test]
fn the_same_contents_are_the_same_bytes_anywhere_and_not_written_twice() {
    let (one, two) = (Scene::new(), Scene::new());
    write(&one.out(), &one.contents()).unwrap();
    write(&two.out(), &two.contents()).unwrap();
    assert_eq!(snapshot(&one.out()), snapshot(&two.out()));

    // What the cdk CLI leaves there does not make it another one.
    fs::create_dir(one.out().join(".cache")).unwrap();
    fs::write(one.out().join(".cache/x.zip"), "x").unwrap();
    fs::write(one.out().join("read.1.lock"), "").unwrap();
    assert!(!write(&one.out(), &one.contents()).unwrap().changed);
    assert!(one.out().join(".cache/x.zip").exists());
}

#[test]
fn any_difference_on_disk_is_written_anew() {
    let scene = Scene::new();
    write(&scene.out(), &scene.contents()).unwrap();
    let whole = snapshot(&scene.out());
    let check = |spoil: &dyn Fn(&Path)| {
        spoil(&scene.out());
        assert_ne!(snapshot(&scene.out()), whole);
        assert!(write(&scene.out(), &scene.contents()).unwrap().changed);
        assert_eq!(snapshot(&scene.out()), whole);
        assert_clean(&scene);
    };
    for path in whole.keys().filter(|path| !path.ends_with("pipewright.json")) {
        check(&|out| fs::write(out.join(path), "spoilt").unwrap());
        check(&|out| fs::remove_file(out.join(path)).unwrap());
    }
    check(&|out| fs::write(out.join("more.json"), "").unwrap());
    check(&|out| fs::write(out.join("pipewright.json"), "{\"format\": 7}").unwrap());
}

#[test]
fn code_that_is_not_what_it_was_leaves_the_earlier_assembly_whole() {
    let scene = Scene::new();
    write(&scene.out(), &scene.contents()).unwrap();
    let whole = snapshot(&scene.out());
    let contents = scene.contents();
    fs::write(scene.root().join("code/evaluate.py"), "print(1)\n").unwrap();
    fs::write(scene.root().join("code/pkg/lib.py"), "x = 2\n").unwrap();
    let error = write(&scene.out(), &contents).unwrap_err();
    let texts: Vec<_> = error.each().iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.iter().all(|text| text.contains("changed since")));
    assert_eq!(snapshot(&scene.out()), whole);
    assert_clean(&scene);
}

#[test]
fn code_outside_of_the_crate_is_refused() {
    let scene = Scene::new();
    fs::write(scene.folder.path().join("crate-secret"), "x").unwrap();
    let link = scene.root().join("code/link.py");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../../crate-secret", link).unwrap();
    for path in ["../crate-secret", "/etc/hostname", "code/link.py", "", "code/../code/evaluate.py"] {
        let source = Source::File { root: scene.root(), path: path.into() };
        let asset = Scene::asset("a", &"0".repeat(64), source);
        let error = write(&scene.out(), &contents(vec![asset])).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "{path}: {error}");
    }
    assert!(!scene.out().exists());
}

#[test]
fn names_that_lead_elsewhere_are_refused_all_at_once() {
    let scene = Scene::new();
    let mut contents = scene.contents();
    contents.stacks[0].name = "../x".into();
    contents.pipelines[0].record.name = "..".into();
    contents.stacks[0].assets[0].name = "../../evil".into();
    contents.stacks[0].assets[1].sha256 = "../..".into();
    let error = write(&scene.out(), &contents).unwrap_err();
    assert_eq!(error.each().len(), 4, "{error}");
    assert!(!scene.out().exists());
}

#[test]
fn names_that_differ_in_case_alone_are_refused() {
    let scene = Scene::new();
    let mut contents = scene.contents();
    let mut twin = contents.pipelines[0].clone();
    twin.record.name = "EXAMPLE".into();
    contents.pipelines.push(twin);
    let error = write(&scene.out(), &contents).unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
}

#[test]
fn a_place_with_something_else_in_it_is_left_alone() {
    let scene = Scene::new();
    fs::create_dir(scene.out()).unwrap();
    fs::write(scene.out().join("thesis.txt"), "years of work").unwrap();
    let error = write(&scene.out(), &scene.contents()).unwrap_err();
    assert!(matches!(error, Error::Occupied(_)), "{error}");
    assert_eq!(snapshot(&scene.out()).len(), 1);
    assert_clean(&scene);

    fs::remove_dir_all(scene.out()).unwrap();
    fs::write(scene.out(), "a file").unwrap();
    let error = write(&scene.out(), &scene.contents()).unwrap_err();
    assert!(matches!(error, Error::NotAFolder(_)), "{error}");
    let error = write(&scene.out().join("below"), &scene.contents()).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(fs::read_to_string(scene.out()).unwrap(), "a file");
    assert_clean(&scene);
}

#[test]
fn an_empty_folder_and_missing_parents_are_fine() {
    let scene = Scene::new();
    fs::create_dir(scene.out()).unwrap();
    assert!(write(&scene.out(), &scene.contents()).unwrap().changed);
    let deep = scene.folder.path().join("crate/a/b/c");
    assert!(write(&deep, &scene.contents()).unwrap().changed);
}

#[test]
fn a_writer_that_was_killed_is_cleared_up_after() {
    let scene = Scene::new();
    write(&scene.out(), &scene.contents()).unwrap();
    let whole = snapshot(&scene.out());
    let beside = |role: &str| scene.folder.path().join(format!(".out.pipewright-{role}"));
    // In the middle of writing.
    fs::create_dir_all(beside("new").join("assets")).unwrap();
    fs::write(beside("new").join("assets/half"), "h").unwrap();
    fs::write(beside("lock"), "").unwrap();
    assert!(!write(&scene.out(), &scene.contents()).unwrap().changed);
    assert_eq!(snapshot(&scene.out()), whole);
    assert_clean(&scene);
    // Between the two renamings.
    fs::rename(scene.out(), beside("old")).unwrap();
    fs::create_dir_all(beside("new")).unwrap();
    assert!(!write(&scene.out(), &scene.contents()).unwrap().changed);
    assert_eq!(snapshot(&scene.out()), whole);
    assert_clean(&scene);
    // Before the old one was removed.
    fs::create_dir_all(beside("old")).unwrap();
    fs::write(beside("old").join("x"), "").unwrap();
    assert!(!write(&scene.out(), &scene.contents()).unwrap().changed);
    assert_clean(&scene);
}

#[test]
fn two_writers_at_once_leave_one_whole_assembly() {
    let scene = Scene::new();
    let mut other = scene.contents();
    other.target.environment = "other".into();
    std::thread::scope(|scope| {
        for i in 0..8 {
            let contents = if i % 2 == 0 { scene.contents() } else { other.clone() };
            let out = scene.out();
            scope.spawn(move || write(&out, &contents).unwrap());
        }
    });
    Assembly::open(&scene.out()).unwrap();
    assert_clean(&scene);
}

#[test]
fn one_content_under_two_names_is_one_file_with_two_destinations() {
    let scene = Scene::new();
    let one = scene.file("code/evaluate.py");
    let mut two = one.clone();
    two.name = "again.py".into();
    two.key = format!("code/example/{}/again.py", two.sha256);
    let sha256 = one.sha256.clone();
    write(&scene.out(), &contents(vec![one, two])).unwrap();
    let text = fs::read_to_string(scene.out().join("dsm-sm-pipelines.assets.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let file = &manifest["files"][&sha256];
    assert_eq!(file["source"]["path"], format!("assets/{sha256}/again.py"));
    assert_eq!(file["destinations"].as_object().unwrap().len(), 2);
}

#[test]
fn one_file_under_two_keys_goes_to_both() {
    let scene = Scene::new();
    let one = scene.file("code/evaluate.py");
    let two = Asset { key: "code/example/folder/evaluate.py".into(), ..one.clone() };
    let sha256 = one.sha256.clone();
    write(&scene.out(), &contents(vec![one, two])).unwrap();
    let text = fs::read_to_string(scene.out().join("dsm-sm-pipelines.assets.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let destinations = manifest["files"][&sha256]["destinations"].as_object().unwrap();
    let keys: Vec<&str> = destinations.values().filter_map(|to| to["objectKey"].as_str()).collect();
    let alone = format!("code/example/{sha256}/evaluate.py");
    assert_eq!(keys, ["code/example/folder/evaluate.py", &alone]);
    assert_eq!(Assembly::open(&scene.out()).unwrap().pipelines()[0].assets.len(), 2);
}

#[test]
fn damage_is_told_and_never_a_panic() {
    let scene = Scene::new();
    write(&scene.out(), &scene.contents()).unwrap();
    let whole = snapshot(&scene.out());
    assert!(matches!(Assembly::open(&scene.root()), Err(Error::Absent(_))));
    for (path, bytes) in whole.iter().filter(|(path, _)| path.extension() == Some("json".as_ref())) {
        let file = scene.out().join(path);
        for damage in
            [&b""[..], b"{", b"[]", b"null", b"\xff", &b"[".repeat(100_000), &bytes[..bytes.len() / 2]]
        {
            fs::write(&file, damage).unwrap();
            if let Ok(assembly) = Assembly::open(&scene.out()) {
                let _ = assembly.definition(&assembly.pipelines()[0]);
            }
        }
        fs::write(&file, bytes).unwrap();
    }
    let assembly = Assembly::open(&scene.out()).unwrap();
    let asset = assembly.pipelines()[0].assets[0].clone();
    fs::write(scene.out().join(&asset.path), "other").unwrap();
    assert!(matches!(assembly.asset(&asset), Err(Error::Content { .. })));
}
