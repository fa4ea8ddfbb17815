//! The launcher of `pipewright-local` and this program, together.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use pipewright_interpreter::{Control, Stop};
use pipewright_local::launch::{Chosen, Exit, Kind, Means, Supervisor, Task, choose};

use crate::fake::Engine;

const CLOSED: &str = "1.dkr.ecr.eu-west-1.amazonaws.com/a:1";

/// This program, with the engine as the only one that it knows.
fn program(engine: &Engine) -> PathBuf {
    let path = engine.path("pipewright-container");
    let (host, home) = (engine.host(), engine.path("nobody"));
    let text = format!(
        "#!/bin/sh\nexport DOCKER_HOST={host} HOME={}\nunset DOCKER_CONFIG\nexec {} \"$@\"\n",
        home.display(),
        env!("CARGO_BIN_EXE_pipewright-container")
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// What is chosen for these images, and what was said.
fn chosen(engine: &Engine, wanted: Option<Kind>, images: &[&str]) -> (Chosen, Vec<String>) {
    let means = Means {
        supervisor: Supervisor::new("/nowhere").grace(Duration::from_millis(300)),
        container: Some(program(engine)),
        run: "r".to_owned(),
        images: images.iter().map(|&image| image.to_owned()).collect(),
    };
    let said = Mutex::new(Vec::new());
    let chosen = choose(wanted, &means, &|line| said.lock().unwrap().push(line.to_owned())).unwrap();
    (chosen, said.into_inner().unwrap())
}

/// How the script ends, and its log. `stop_at`: the line after which it is told to stop.
fn run(engine: &Engine, script: &str, limit: Option<Duration>, stop_at: &str) -> (Exit, String) {
    let launcher = chosen(engine, None, &["here:1"]).0.launcher(None);
    let task = Task {
        name: "job".to_owned(),
        image: "here:1".to_owned(),
        entrypoint: vec!["sh".to_owned(), "-c".to_owned()],
        arguments: vec![script.to_owned()],
        log: engine.path("log.txt"),
        limit,
        ..Task::default()
    };
    let stop = Stop::default();
    let line = |text: &str| {
        if text == stop_at {
            stop.ask();
        }
    };
    let exit = launcher.run(&task, &Control::new(&stop, &line)).unwrap();
    let log = fs::read_to_string(&task.log).unwrap();
    fs::remove_file(&task.log).unwrap();
    assert_eq!(engine.containers(), 0);
    (exit, log)
}

#[test]
fn tasks_end_in_all_ways() {
    let engine = Engine::start(&["here:1"]);
    let no = "never";
    assert_eq!(run(&engine, "echo a; exit 3", None, no), (Exit::Code(3), "a\n".to_owned()));
    assert_eq!(run(&engine, "kill -SEGV $$", None, no).0, Exit::Signal(11));
    let deaf = "trap '' TERM; echo up; sleep 1000; sleep 1000";
    assert_eq!(run(&engine, deaf, None, "up"), (Exit::Stopped, "up\n".to_owned()));
    assert_eq!(run(&engine, deaf, Some(Duration::from_millis(100)), no).0, Exit::TimedOut);
    let polite = "trap 'echo bye; exit 5' TERM; echo up; sleep 1000 & wait";
    assert_eq!(run(&engine, polite, None, "up"), (Exit::Stopped, "up\nbye\n".to_owned()));
}

#[test]
fn an_image_that_can_not_be_had_is_a_reason_against() {
    let engine = Engine::start(&["here:1"]);
    let (found, said) = chosen(&engine, None, &["here:1", "python:3"]);
    assert_eq!((found.kind(), found.needs_python(), said.len()), (Kind::Container, false, 0));
    let (found, said) = chosen(&engine, None, &["here:1", CLOSED]);
    assert_ne!(found.kind(), Kind::Container);
    assert!(said[0].contains(CLOSED) && said[0].contains("docker login"), "{said:?}");
    assert_eq!(chosen(&engine, Some(Kind::Container), &[CLOSED]).0.kind(), Kind::Container);
}
