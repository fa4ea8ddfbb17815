//! Killed from outside: the program that runs tasks, what looks after the process, or both.
//!
//! The program is this test itself, started again.

use std::process::{Child, Command, Stdio};

use crate::scene::{Scene, each, parent, sleepers, supervisor, unique, until};
use pipewright_local::launch::{Kind, Process};

/// Says to [`program`] that it is one.
const ROLE: &str = "PIPEWRIGHT_TEST_ROLE";

const SECONDS: &str = "PIPEWRIGHT_TEST_SECONDS";

fn script(seconds: &str) -> String {
    format!(
        "trap '' TERM HUP INT; setsid sleep {seconds} & (sleep {seconds} &) ; sleep {seconds}; sleep {seconds}"
    )
}

/// Not a test by itself: runs a task that does not end.
#[test]
fn program() {
    let (Ok(role), Ok(seconds)) = (std::env::var(ROLE), std::env::var(SECONDS)) else { return };
    let scene = if role == "process" { Some(Scene::process()) } else { Scene::bubblewrap() };
    let scene = scene.expect("it worked a moment ago");
    let told = scene.run(&scene.shell(&script(&seconds)));
    panic!("it ended: {:?}", told.exit);
}

fn start(kind: Kind, seconds: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "orphans::program", "--nocapture"])
        .env(ROLE, kind.name())
        .env(SECONDS, seconds)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn kill(id: u32) {
    let id = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
}

/// The child of `program` that this process comes from.
fn below(program: u32, mut id: u32) -> u32 {
    loop {
        match parent(id) {
            Some(above) if above == program => return id,
            Some(above) => id = above,
            None => panic!("{program} is no ancestor"),
        }
    }
}

#[test]
fn nothing_outlives_the_program() {
    each(|scene| {
        let seconds = unique();
        let mut program = start(scene.launcher.kind(), &seconds);
        until("the start of three processes", || sleepers(&seconds).len() == 3);
        kill(program.id());
        program.wait().unwrap();
        until("the end of all processes", || sleepers(&seconds).is_empty());
    });
}

#[test]
fn nothing_outlives_what_looks_after_it() {
    each(|scene| {
        let seconds = unique();
        let task = scene.shell(&script(&seconds));
        let told = std::thread::scope(|threads| {
            threads.spawn(|| {
                until("the start of three processes", || sleepers(&seconds).len() == 3);
                // The second last to be born has not left the tree yet.
                let id = sleepers(&seconds).into_iter().find(|id| parent(*id) != Some(1)).unwrap();
                kill(below(std::process::id(), id));
            });
            scene.run(&task)
        });
        assert!(sleepers(&seconds).is_empty());
        let error = told.error();
        assert!(error.contains("from outside") && error.contains("signal: 9"), "{error}");
    });
}

#[test]
fn a_later_run_ends_what_two_kills_left() {
    let seconds = unique();
    let mut program = start(Kind::Process, &seconds);
    until("the start of three processes", || sleepers(&seconds).len() == 3);
    let supervising = below(program.id(), sleepers(&seconds)[0]);
    // First the program is halted, so that it can't tidy up.
    let id = i32::try_from(program.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::STOP).unwrap();
    kill(supervising);
    kill(program.id());
    program.wait().unwrap();
    let _launcher = Process::new(supervisor(), None);
    until("the end of all processes", || sleepers(&seconds).is_empty());
}

/// Takes as long as a supervisor is given to do what it is told.
#[test]
fn a_script_that_halts_what_looks_after_it() {
    if std::env::var_os("PIPEWRIGHT_LONG").is_none() {
        return;
    }
    let (scene, seconds) = (Scene::process(), unique());
    let mut task = scene.shell(&format!("kill -STOP $PPID; setsid sleep {seconds} & sleep {seconds}"));
    task.limit = Some(std::time::Duration::from_millis(100));
    let told = scene.run(&task);
    assert_eq!(told.exit.ok(), Some(pipewright_local::launch::Exit::TimedOut));
    assert!(sleepers(&seconds).is_empty());
}
