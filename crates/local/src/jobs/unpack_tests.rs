use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::*;
use crate::jobs::fake::{Fake, tree, write};
use crate::jobs::pack;

/// An entry of a made-up archive: kind, name, content or target.
type Made<'m> = (EntryType, &'m str, &'m str);

const FILE: EntryType = EntryType::Regular;
const FOLDER: EntryType = EntryType::Directory;
const SYMBOLIC: EntryType = EntryType::Symlink;
const HARD: EntryType = EntryType::Link;

fn archive(entries: &[Made<'_>]) -> Vec<u8> {
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (kind, name, content) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        // `set_path` would refuse what a hostile archive has.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let link = matches!(*kind, EntryType::Symlink | EntryType::Link);
        if link {
            header.as_old_mut().linkname[..content.len()].copy_from_slice(content.as_bytes());
        }
        header.set_size(if link { 0 } else { content.len() as u64 });
        header.set_cksum();
        archive.append(&header, if link { &[][..] } else { content.as_bytes() }).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn check(entries: &[Made<'_>], expected: Result<&[(&str, &str)], &str>) {
    let fake = Fake::idle();
    let root = fake.folder.path();
    write(root.join("a.tar.gz"), archive(entries));
    write(root.join("outside"), "keep");
    let into = root.join("deep/into");
    let unpacked = fake.control(|control| tar_gz(&root.join("a.tar.gz"), &into, control));
    match (unpacked, expected) {
        (Ok(()), Ok(expected)) => {
            let expected: Vec<_> = expected.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
            assert_eq!(tree(&into), expected, "{entries:?}");
        }
        (Err(trouble), Err(part)) => assert!(trouble.to_string().contains(part), "{entries:?}: {trouble}"),
        (found, _) => panic!("{entries:?}: {found:?}"),
    }
    assert_eq!(fs::read_to_string(root.join("outside")).unwrap(), "keep");
    assert_eq!(fs::read_dir(root).unwrap().count(), 3, "nothing new is outside: {entries:?}");
    assert_eq!(fs::read_dir(root.join("deep")).unwrap().count(), 1, "nothing new is outside: {entries:?}");
}

#[test]
fn what_is_inside_stays_inside() {
    check(
        &[(FILE, "model", "1"), (FOLDER, "code/", ""), (FILE, "code/x.py", "2")],
        Ok(&[("code/x.py", "2"), ("model", "1")]),
    );
    check(&[(FILE, "./model", "1"), (FOLDER, "./", "")], Ok(&[("model", "1")]));
    check(&[(FILE, "a", "1"), (FILE, "a", "2")], Ok(&[("a", "2")]));
    check(&[(FILE, "/etc/x", "1")], Err("`/etc/x` would be unpacked outside of its folder"));
    check(&[(FILE, "../outside", "1")], Err("`../outside` would be unpacked outside"));
    check(&[(FILE, "a/../../outside", "1")], Err("would be unpacked outside"));
    check(&[(FOLDER, "../new/", "")], Err("would be unpacked outside"));
    check(&[(EntryType::Fifo, "f", "")], Err("`f`: neither file, folder nor link, but type `6`"));
    check(&[(EntryType::Char, "c", "")], Err("type `3`"));
    check(&[(EntryType::Block, "b", "")], Err("type `4`"));
    check(&[(FILE, "", "1")], Err("no path"));
}

#[test]
fn links_lead_nowhere_else() {
    check(&[(FILE, "a", "1"), (HARD, "b", "a")], Ok(&[("a", "1"), ("b", "1")]));
    check(&[(HARD, "b", "a"), (FILE, "a", "1")], Ok(&[("a", "1"), ("b", "1")]));
    check(&[(HARD, "b", "../outside")], Err("would be unpacked outside"));
    check(&[(HARD, "b", "/etc/passwd")], Err("would be unpacked outside"));
    check(&[(HARD, "b", "none")], Err("leads nowhere"));
    check(
        &[(SYMBOLIC, "l", "/etc/passwd")],
        Err("`l` is a link to `/etc/passwd`, which leads out of its folder"),
    );
    check(&[(SYMBOLIC, "l", "../../outside")], Err("leads out of its folder"));
    check(&[(SYMBOLIC, "l", "none")], Err("leads nowhere"));
    check(&[(SYMBOLIC, "l", "l")], Err("leads nowhere"));
    check(&[(FOLDER, "l/", ""), (SYMBOLIC, "l", "/tmp")], Err(""));
    // Through a link that was unpacked before.
    check(&[(SYMBOLIC, "l", ".."), (FILE, "l/new", "1")], Err(""));
    check(&[(SYMBOLIC, "l", ".."), (SYMBOLIC, "l/new", "x")], Err("in a folder that leads out"));
    check(
        &[(FOLDER, "a/b/", ""), (SYMBOLIC, "a/b/up", "../.."), (SYMBOLIC, "e", "a/b/up/..")],
        Err("leads out"),
    );
}

#[test]
fn a_link_inside_is_kept() {
    let fake = Fake::idle();
    let root = fake.folder.path();
    write(root.join("a.tar.gz"), archive(&[(FILE, "blobs/1", "x"), (SYMBOLIC, "snapshot", "blobs/1")]));
    fake.control(|control| tar_gz(&root.join("a.tar.gz"), &root.join("into"), control)).unwrap();
    assert_eq!(fs::read_to_string(root.join("into/snapshot")).unwrap(), "x");
}

#[test]
fn an_archive_has_limits() {
    let zeros = "0".repeat(200_000);
    let entries = [(FILE, "a", zeros.as_str()), (FILE, "b", "")];
    let check = |limits: Limits, expected: Result<(), &str>| {
        let fake = Fake::idle();
        let root = fake.folder.path();
        write(root.join("a.tar.gz"), archive(&entries));
        let ended =
            fake.control(|control| within(&root.join("a.tar.gz"), &root.join("into"), limits, control));
        match (ended, expected) {
            (Ok(()), Ok(())) => {}
            (Err(trouble), Err(part)) => assert!(trouble.to_string().contains(part), "{limits:?}: {trouble}"),
            (found, _) => panic!("{limits:?}: {found:?}"),
        }
    };
    let enough = Limits { entries: 2, bytes: 300_000, free_bytes: 300_000, ratio: 1 };
    check(enough, Ok(()));
    check(Limits { entries: 1, ..enough }, Err("may hold 1 entries"));
    check(Limits { bytes: 100_000, ..enough }, Err("unpacks to more than 100000 bytes"));
    check(Limits { free_bytes: 1000, ratio: 10, ..enough }, Err("unpacks to more than"));
    check(Limits { free_bytes: 1000, ratio: 2000, ..enough }, Ok(()));
}

#[test]
fn what_is_no_archive_is_told() {
    let fake = Fake::idle();
    let root = fake.folder.path();
    write(root.join("text"), "no archive");
    let whole = archive(&[(FILE, "a", &"x".repeat(100_000))]);
    write(root.join("cut"), &whole[..whole.len() / 2]);
    for name in ["text", "cut"] {
        let ended = fake.control(|control| tar_gz(&root.join(name), &root.join("into"), control));
        assert!(ended.is_err(), "{name}");
    }
}

#[test]
fn a_folder_comes_back_as_it_was_and_always_the_same() {
    let fake = Fake::idle();
    let root = fake.folder.path();
    write(root.join("model/b/weights.bin"), "1");
    write(root.join("model/.hidden"), "2");
    write(root.join(format!("model/{}", "long".repeat(40))), "3");
    fs::create_dir_all(root.join("model/empty")).unwrap();
    std::os::unix::fs::symlink("weights.bin", root.join("model/b/alias")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("model/secret")).unwrap();
    let pack = |to: &str| {
        fake.control(|control| pack::tar_gz(&root.join("model"), &root.join(to), control)).unwrap()
    };
    assert_eq!(pack("1.tar.gz"), ["secret"]);
    // Another time, and other times of files.
    File::open(root.join("model/.hidden")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    pack("2.tar.gz");
    assert_eq!(fs::read(root.join("1.tar.gz")).unwrap(), fs::read(root.join("2.tar.gz")).unwrap());

    fake.control(|control| tar_gz(&root.join("1.tar.gz"), &root.join("into"), control)).unwrap();
    let mut expected = tree(&root.join("model"));
    expected.push(("b/alias".to_owned(), "1".to_owned()));
    expected.sort();
    assert_eq!(tree(&root.join("into")), expected);
    assert!(root.join("into/empty").is_dir());
}

#[test]
fn many_members_of_gzip_are_one_archive() {
    let fake = Fake::idle();
    let root = fake.folder.path();
    let whole = archive(&[(FILE, "a", "1")]);
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(whole.as_slice()).read_to_end(&mut plain).unwrap();
    let mut parts = Vec::new();
    for part in plain.chunks(600) {
        let mut gzip = GzEncoder::new(&mut parts, Compression::default());
        gzip.write_all(part).unwrap();
        gzip.finish().unwrap();
    }
    write(root.join("a.tar.gz"), parts);
    fake.control(|control| tar_gz(&root.join("a.tar.gz"), &root.join("into"), control)).unwrap();
    assert_eq!(tree(&root.join("into")), [("a".to_owned(), "1".to_owned())]);
}
