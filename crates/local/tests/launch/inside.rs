//! What a process finds: its folders, its environment, its input.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use pipewright_local::launch::{Exit, Kind};

use crate::scene::{Scene, each};

#[test]
fn a_script_finds_opt_ml() {
    each(|scene| {
        fs::write(scene.path("ml/input/a.txt"), "first\n").unwrap();
        let script = scene.path("ml/code/copy.sh");
        let text = "set -e\ncat \"$1\" \"$DIR/a.txt\" > /opt/ml/output/b.txt\npwd\n";
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let mut task = scene.task(&["sh", "/opt/ml/code/copy.sh", "/opt/ml/input/a.txt"]);
        task.environment.insert("DIR".to_owned(), "/opt/ml/input".to_owned());
        let told = scene.run(&task);
        let warning = told.lines.iter().find(|line| line.starts_with("warning: ")).cloned();
        let log = told.ok();
        assert_eq!(fs::read_to_string(scene.path("ml/output/b.txt")).unwrap(), "first\nfirst\n");
        if scene.launcher.kind() == Kind::Process {
            let warning = warning.unwrap();
            assert!(
                warning.starts_with("warning: copy.sh:2 names /opt/ml/output/b.txt: replaced by "),
                "{warning}"
            );
            assert!(log.starts_with(&warning), "{log}");
        } else {
            assert_eq!((log.as_str(), warning), ("/opt/ml/tmp\n", None));
            assert_eq!(fs::read_to_string(&script).unwrap(), text, "there is no need to change it");
        }
    });
}

#[test]
fn nothing_of_this_environment_but_what_is_needed() {
    each(|scene| {
        let mut task = scene.task(&["env"]);
        task.environment.insert("OWN".to_owned(), "line\nbreak=$x".to_owned());
        let log = scene.run(&task).ok();
        assert!(log.contains("OWN=line\nbreak=$x\n") && log.contains("\nPATH="), "{log}");
        assert!(!log.contains("CARGO"), "{log}");
    });
}

#[test]
fn input_and_output() {
    each(|scene| {
        let mut task = scene.shell("cat; echo told >&2");
        task.input = vec![b'x'; 300_000];
        task.output = Some(scene.path("out.bin"));
        assert_eq!(scene.run(&task).ok(), "told\n");
        assert_eq!(fs::read(scene.path("out.bin")).unwrap(), task.input);
        // One that does not read it is no reason to wait.
        task.entrypoint = vec!["true".to_owned()];
        scene.run(&task).ok();
    });
}

#[test]
fn what_can_not_be_started() {
    each(|scene| {
        for (words, part) in [
            (&["no-such-program"][..], "no-such-program"),
            (&["/opt/ml/code/missing.sh"], "missing.sh"),
            (&[], "the image image says"),
            (&["echo", "nul\0byte"], "NUL"),
        ] {
            let error = scene.run(&scene.task(words)).error();
            assert!(error.contains(part) && error.contains("job"), "{error}");
        }
        let mut task = scene.shell("true");
        task.environment.insert("a=b".to_owned(), String::new());
        assert!(scene.run(&task).error().contains("`a=b`"));
    });
}

#[test]
fn a_sandbox_writes_nowhere_else() {
    let Some(scene) = Scene::bubblewrap() else { return };
    let script = "touch /opt/ml/output/fine /tmp/fine || exit 9
        touch /opt/ml/input/x 2>/dev/null && exit 1
        touch /usr/x 2>/dev/null && exit 2
        touch /etc/x 2>/dev/null && exit 3
        test \"$HOME\" = /tmp || exit 4
        test $(ls /tmp | wc -l) = 1 || exit 5
        test -e /proc/self/status -a -c /dev/null || exit 6
        test $(ls -d /proc/[0-9]* | wc -l) -lt 10 || exit 7
        exit 0";
    scene.run(&scene.shell(script)).ok();
    assert!(scene.path("ml/output/fine").exists());
    let left: Vec<_> =
        fs::read_dir(scene.folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("tmp-")), "{left:?}");
}

#[test]
fn the_other_folders_of_opt_stay() {
    let Some(scene) = Scene::bubblewrap() else { return };
    let mut task = scene.shell("ls -A /opt");
    task.working_directory = String::new();
    let log = scene.run(&task).ok();
    let mut expected: Vec<String> = fs::read_dir("/opt")
        .map(|folder| {
            folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        })
        .unwrap_or_default();
    expected.push("ml".to_owned());
    expected.sort();
    expected.dedup();
    let mut told: Vec<&str> = log.lines().collect();
    told.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn a_folder_that_is_missing() {
    let Some(scene) = Scene::bubblewrap() else { return };
    let mut task = scene.shell("true");
    task.mounts[0].host = scene.path("nowhere");
    let error = scene.run(&task).error();
    assert!(error.contains("nowhere") && error.contains("/opt/ml"), "{error}");
    let mut task = scene.shell("exit 0");
    task.working_directory = "/opt/ml/none".to_owned();
    assert_ne!(scene.run(&task).exit.ok(), Some(Exit::Code(0)));
}
