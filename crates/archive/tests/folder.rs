//! What belongs to a folder, what is refused, and that hash and archive depend on nothing else.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::type_complexity, reason = "a test may fail where it stands")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use pipewright_archive::{
    ChildKind, Error, FolderListing, children, hash_alone, hash_file, hash_folder, pack,
};
use tempfile::TempDir;

/// A folder with these files. A path with a final `*` is executable.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let (path, mode) = path.strip_suffix('*').map_or((path, 0o644), |path| (path, 0o755));
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

fn paths(listing: &FolderListing) -> Vec<&str> {
    listing.entries.iter().map(|entry| entry.path.as_str()).collect()
}

fn packed(root: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    pack(root, &hash_folder(root).unwrap(), &mut bytes).unwrap();
    bytes
}

const SOURCES: &[(&str, &str)] = &[
    ("train.py", "print('train')\n"),
    ("run.sh*", "#!/bin/sh\n"),
    ("lib/a b.py", "x = 1\n"),
    ("lib/größe.py", ""),
    ("z", "z"),
];

#[test]
fn a_files_hash_is_that_of_its_bytes() {
    let folder = folder(&[("empty", ""), ("abc", "abc")]);
    for (name, expected) in [
        ("empty", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ] {
        assert_eq!(hash_file(&folder.path().join(name)).unwrap(), expected);
    }
    assert!(matches!(hash_file(folder.path()), Err(Error::NotAFile(_))));
    assert!(matches!(hash_file(&folder.path().join("absent")), Err(Error::Io { .. })));
}

#[test]
fn a_file_alone_is_its_name_and_its_bytes() {
    let folder = folder(SOURCES);
    let file = |name: &str| folder.path().join(name);
    let listing = hash_alone(&file("train.py")).unwrap();
    assert_eq!(paths(&listing), ["train.py"]);
    // What `CodeAsset::archived` of the model makes of the same file.
    assert_eq!(listing.sha256, "fb0d721ab2485b8b5a8d448199a070130ff8a6a9493d13cdff7ddd5bec1ef901");

    let mut bytes = Vec::new();
    pack(folder.path(), &listing, &mut bytes).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let names: Vec<_> = archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().into_owned()).collect();
    assert_eq!(names, [Path::new("train.py")]);

    fs::copy(file("train.py"), file("serve.py")).unwrap();
    assert_ne!(hash_alone(&file("serve.py")).unwrap().sha256, listing.sha256);
    assert!(hash_alone(&file("lib")).is_err());
    assert!(hash_alone(&file("absent")).is_err());
    assert!(hash_alone(Path::new("/")).is_err());
}

#[test]
fn copies_elsewhere_and_at_other_times_are_the_same() {
    let (one, two) = (folder(SOURCES), tempfile::tempdir().unwrap());
    let deep = two.path().join("some/other place");
    for (path, text) in SOURCES.iter().rev() {
        write(&deep, path, text);
        let file = fs::File::open(deep.join(path.trim_end_matches('*'))).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    }
    fs::create_dir(deep.join("empty folder")).unwrap();
    assert_eq!(hash_folder(one.path()).unwrap(), hash_folder(&deep).unwrap());
    assert_eq!(packed(one.path()), packed(&deep));
}

#[test]
fn the_hash_is_stable() {
    // A change here changes the key of every folder that was ever uploaded: bump the number in `FORMAT`, on purpose.
    let listing = hash_folder(folder(SOURCES).path()).unwrap();
    assert_eq!(paths(&listing), ["lib/a b.py", "lib/größe.py", "run.sh", "train.py", "z"]);
    assert_eq!(listing.sha256, "3218fbb3c59091c84a7c74ad4fac7117c0e80aa38aaf0d66df790dd27a861902");
    assert_eq!(paths(&hash_folder(folder(&[]).path()).unwrap()), [""; 0]);
}

#[test]
fn name_bytes_and_executable_bit_count() {
    let base = hash_folder(folder(&[("a", "x"), ("b", "y")]).path()).unwrap().sha256;
    for other in [
        &[("a", "x"), ("b", "z")][..],
        &[("a", "x"), ("c", "y")],
        &[("a", "x"), ("b*", "y")],
        &[("a", "x"), ("b", "y"), ("c", "")],
        &[("ab", "xy")],
    ] {
        assert_ne!(hash_folder(folder(other).path()).unwrap().sha256, base, "{other:?}");
    }
}

#[test]
fn ignored_hidden_and_left_over_files_stay_out() {
    #[rustfmt::skip]
    let cases: &[(&[(&str, &str)], &[&str])] = &[
        (&[("a.py", ""), ("b.csv", ""), (".gitignore", "*.csv\n")], &["a.py"]),
        (&[("a.py", ""), ("sub/b.csv", ""), ("sub/.gitignore", "*.csv\n"), ("c.csv", "")], &["a.py", "c.csv"]),
        (&[("a.py", ""), ("data/x", ""), (".pipewrightignore", "data/\n")], &["a.py"]),
        (&[("a.csv", ""), (".gitignore", "*.csv"), (".pipewrightignore", "!a.csv")], &["a.csv"]),
        (&[("a.py", ""), (".ignore", "a.py"), (".git/info/exclude", "a.py")], &["a.py"]),
        (&[("a.py", ""), (".env", "SECRET=1"), (".venv/bin/python", "")], &["a.py"]),
        (&[("a.py", ""), (".keep", ""), (".pipewrightignore", "!.keep")], &[".keep", "a.py"]),
        (&[("a.py", ""), ("__pycache__/a.pyc", ""), ("b.pyc", ""), ("sub/__pycache__/x", "")], &["a.py"]),
    ];
    for (files, expected) in cases {
        assert_eq!(paths(&hash_folder(folder(files).path()).unwrap()), *expected, "{files:?}");
    }
}

#[test]
fn ignore_files_above_have_no_say() {
    let outer = folder(&[("inner/a.py", ""), (".gitignore", "*.py"), (".pipewrightignore", "*.py")]);
    fs::create_dir(outer.path().join(".git")).unwrap();
    assert_eq!(paths(&hash_folder(&outer.path().join("inner")).unwrap()), ["a.py"]);
}

#[test]
fn an_ignore_rule_that_makes_no_sense_is_an_error() {
    let folder = folder(&[("a.py", ""), (".pipewrightignore", "a[z-a]\n")]);
    let error = hash_folder(folder.path()).unwrap_err();
    assert!(matches!(error, Error::IgnoreRule(_)), "{error}");
}

#[test]
fn links_count_as_the_file_inside_that_they_lead_to() {
    let plain = folder(&[("a.py", "x"), ("sub/b.py", "x")]);
    let linked = folder(&[("a.py", "x"), ("sub/c", "")]);
    fs::remove_file(linked.path().join("sub/c")).unwrap();
    symlink("../a.py", linked.path().join("sub/b.py")).unwrap();
    assert_eq!(packed(plain.path()), packed(linked.path()));
}

#[test]
fn everything_that_is_refused_is_named_at_once() {
    let outside = folder(&[("secret", "s")]);
    let folder = folder(&[("a.py", ""), ("sub/x", "")]);
    let root = folder.path();
    let link = |target: &Path, name: &str| symlink(target, root.join(name)).unwrap();
    link(&outside.path().join("secret"), "b");
    link(outside.path(), "c");
    link(Path::new("../../../../../../../../etc/hosts"), "d");
    link(Path::new("sub"), "e");
    link(Path::new("nowhere"), "f");
    link(Path::new("g"), "g");
    fs::write(root.join(OsStr::from_bytes(b"h\xff")), "").unwrap();
    assert!(Command::new("mkfifo").arg(root.join("i")).status().unwrap().success());

    let error = hash_folder(root).unwrap_err();
    let kinds: Vec<&str> = error
        .each()
        .iter()
        .map(|error| match error {
            Error::LinkLeaves { .. } => "leaves",
            Error::LinkToFolder { .. } => "folder",
            Error::LinkBroken(_) => "broken",
            Error::NotUtf8(_) => "utf-8",
            Error::NotAFile(_) => "no file",
            _ => "other",
        })
        .collect();
    assert_eq!(
        kinds,
        ["leaves", "leaves", "leaves", "folder", "broken", "broken", "utf-8", "no file"],
        "{error}"
    );
    assert!(error.to_string().contains("is a symbolic link that leaves its folder (to "), "{error}");
}

#[test]
fn a_file_that_changed_is_not_packed() {
    type Change = fn(&Path);
    let changes: &[(&str, Change)] = &[
        ("longer", |root| write(root, "z", "zz")),
        ("shorter", |root| write(root, "z", "")),
        ("other bytes", |root| write(root, "z", "y")),
        ("executable", |root| write(root, "z*", "z")),
    ];
    for (what, change) in changes {
        let folder = folder(SOURCES);
        let listing = hash_folder(folder.path()).unwrap();
        change(folder.path());
        let error = pack(folder.path(), &listing, Vec::new()).unwrap_err();
        assert!(matches!(&error, Error::Changed(path) if path.ends_with("z")), "{what}: {error}");
    }
    let folder = folder(SOURCES);
    let listing = hash_folder(folder.path()).unwrap();
    fs::remove_file(folder.path().join("z")).unwrap();
    assert!(matches!(pack(folder.path(), &listing, Vec::new()), Err(Error::Io { .. })));
    symlink("/etc/hosts", folder.path().join("z")).unwrap();
    assert!(matches!(pack(folder.path(), &listing, Vec::new()), Err(Error::LinkLeaves { .. })));
}

#[test]
fn a_listing_can_not_reach_outside() {
    let outer = folder(&[("inner/a", "x"), ("b", "x")]);
    let inner = outer.path().join("inner");
    let mut listing = hash_folder(&inner).unwrap();
    for path in ["../b", "/etc/hosts"] {
        listing.entries[0].path = path.to_owned();
        assert!(pack(&inner, &listing, Vec::new()).is_err(), "{path}");
    }
}

#[test]
fn a_writer_that_fails_is_reported_as_such() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = folder(SOURCES);
    let listing = hash_folder(folder.path()).unwrap();
    assert!(matches!(pack(folder.path(), &listing, Full), Err(Error::Write(_))));
}

#[test]
fn tar_unpacks_what_was_packed() {
    let long = format!("{}/{}.py", "d".repeat(90), "f".repeat(120));
    let big = "0123456789abcdef".repeat(20_000);
    let mut files = SOURCES.to_vec();
    files.extend([(long.as_str(), "long"), ("big", big.as_str())]);
    let (source, target) = (folder(&files), tempfile::tempdir().unwrap());
    let archive = target.path().join("a.tar.gz");
    fs::write(&archive, packed(source.path())).unwrap();
    let out = target.path().join("out");
    fs::create_dir(&out).unwrap();
    let tar = Command::new("tar").arg("-xpzf").arg(&archive).arg("-C").arg(&out).output().unwrap();
    assert!(tar.status.success(), "{}", String::from_utf8_lossy(&tar.stderr));
    assert_eq!(hash_folder(&out).unwrap(), hash_folder(source.path()).unwrap());
    for entry in &hash_folder(source.path()).unwrap().entries {
        let metadata = fs::metadata(out.join(&entry.path)).unwrap();
        let mode = if entry.executable { 0o755 } else { 0o644 };
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{}", entry.path);
        assert_eq!(metadata.modified().unwrap(), SystemTime::UNIX_EPOCH, "{}", entry.path);
        assert_eq!(
            fs::read(out.join(&entry.path)).unwrap(),
            fs::read(source.path().join(&entry.path)).unwrap()
        );
    }
}

#[test]
fn children_are_those_of_the_first_level() {
    let folder =
        folder(&[("b.py", ""), ("a/x.py", ""), ("a/y/z.py", ""), ("c.csv", ""), (".gitignore", "*.csv")]);
    let found = children(folder.path()).unwrap();
    let found: Vec<_> = found.iter().map(|child| (child.name.as_str(), child.kind)).collect();
    assert_eq!(found, [("a", ChildKind::Folder), ("b.py", ChildKind::File)]);
    assert!(matches!(children(&folder.path().join("b.py")), Err(Error::NotAFolder(_))));
}
