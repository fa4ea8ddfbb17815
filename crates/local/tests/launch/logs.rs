//! What becomes of a process's output.

use std::path::PathBuf;

use crate::scene::{Scene, each, sleepers, unique};

#[test]
fn both_outputs_in_order() {
    each(|scene| {
        let told = scene.run(&scene.shell("echo a; echo b >&2; echo c; printf d"));
        assert_eq!(told.lines, ["a", "b", "c", "d"]);
        assert_eq!(told.ok(), "a\nb\nc\nd\n");
    });
}

#[test]
fn the_log_is_added_to() {
    let scene = Scene::process();
    std::fs::write(scene.path("log.txt"), "before\n").unwrap();
    assert_eq!(scene.run(&scene.shell("echo after")).ok(), "before\nafter\n");
}

#[test]
fn odd_lines() {
    let scene = Scene::process();
    let script = r"printf '10%%\r20%%\r30%%\n\377\376\nx\r\n'; head -c 1000000 /dev/zero | tr '\0' a";
    let told = scene.run(&scene.shell(script));
    assert_eq!(told.lines[..3], ["30%", "\u{fffd}\u{fffd}", "x"]);
    assert!(told.lines.len() == 4 && told.lines[3].len() <= 64 * 1024, "its beginning is told");
    assert_eq!(told.ok(), format!("30%\n\u{fffd}\u{fffd}\nx\n{}\n", "a".repeat(1_000_000)));
}

#[test]
fn a_flood() {
    let scene = Scene::process();
    let told = scene.run(&scene.shell("yes 0123456789012345678901234567890 | head -c 8000000"));
    assert_eq!(told.lines.len(), 250_000);
    assert_eq!(told.ok().len(), 8_000_000);
}

#[test]
fn a_log_that_can_not_be_written_ends_the_process() {
    each(|scene| {
        let seconds = unique();
        let mut task = scene.shell(&format!("echo begin; sleep {seconds}"));
        task.log = PathBuf::from("/dev/full");
        // The sandbox's own /tmp stands beside the log.
        if scene.launcher.kind() == pipewright_local::launch::Kind::Bubblewrap {
            std::os::unix::fs::symlink("/dev/full", scene.path("full.txt")).unwrap();
            task.log = scene.path("full.txt");
        }
        let error = scene.run(&task).error();
        assert!(error.contains("can't be written") && error.contains("No space left"), "{error}");
        assert!(sleepers(&seconds).is_empty());
        task.log = scene.path("no/such/folder.txt");
        assert!(scene.run(&task).error().contains("no/such/"));
    });
}
