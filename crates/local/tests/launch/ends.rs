//! How processes end, and that nothing is left of them.

use std::time::Duration;

use pipewright_local::launch::Exit;

use crate::scene::{each, sleepers, unique};

#[test]
fn statuses_and_signals() {
    each(|scene| {
        for (script, expected) in [
            ("exit 0", Exit::Code(0)),
            ("exit 3", Exit::Code(3)),
            ("exit 255", Exit::Code(255)),
            ("kill -SEGV $$", Exit::Signal(11)),
            ("kill -KILL $$", Exit::Signal(9)),
        ] {
            let told = scene.run(&scene.shell(script));
            assert_eq!(told.exit.ok(), Some(expected), "{script}: {}", told.log);
        }
    });
}

#[test]
fn a_process_may_tidy_up_before_it_stops() {
    each(|scene| {
        let seconds = unique();
        let script = format!("trap 'echo bye; exit 5' TERM; echo ready; sleep {seconds} & wait");
        let told = scene.run_and(&scene.shell(&script), |line| {
            if line == "ready" {
                scene.stop.ask();
            }
        });
        assert_eq!(told.exit.ok(), Some(Exit::Stopped), "{}", told.log);
        assert_eq!(told.log, "ready\nbye\n");
        assert!(sleepers(&seconds).is_empty());
    });
}

#[test]
fn one_that_ignores_the_request_is_ended() {
    each(|scene| {
        let seconds = unique();
        let script = format!("trap '' TERM; echo ready; while true; do sleep {seconds}; done");
        let told = scene.run_and(&scene.shell(&script), |line| {
            if line == "ready" {
                scene.stop.ask();
            }
        });
        assert_eq!(told.exit.ok(), Some(Exit::Stopped), "{}", told.log);
        assert!(sleepers(&seconds).is_empty());
    });
}

#[test]
fn a_stop_before_the_start() {
    each(|scene| {
        scene.stop.ask();
        let told = scene.run(&scene.shell("echo started"));
        assert_eq!((told.exit.ok(), told.log.as_str()), (Some(Exit::Stopped), ""));
    });
}

#[test]
fn a_time_limit() {
    each(|scene| {
        let seconds = unique();
        let mut task = scene.shell(&format!("trap '' TERM; sleep {seconds}; sleep {seconds}"));
        task.limit = Some(Duration::from_millis(200));
        let told = scene.run(&task);
        assert_eq!(told.exit.ok(), Some(Exit::TimedOut), "{}", told.log);
        assert!(sleepers(&seconds).is_empty());
        task.limit = Some(Duration::MAX);
        task.arguments = vec!["-c".to_owned(), "exit 4".to_owned()];
        assert_eq!(scene.run(&task).exit.ok(), Some(Exit::Code(4)));
    });
}

/// In the background, in a session of its own, forked twice: all keep the log open.
#[test]
fn what_a_process_leaves_behind_is_ended() {
    each(|scene| {
        let seconds = unique();
        let script = format!(
            "sleep {seconds} & setsid sleep {seconds} & (setsid sh -c 'sleep {seconds} & sleep {seconds}' &)
            (trap '' TERM HUP; sleep {seconds} &) & env -i sleep {seconds} &
            while [ $(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '^{seconds}$') -lt 6 ]
            do sleep 0.01; done; echo started"
        );
        assert_eq!(scene.run(&scene.shell(&script)).ok(), "started\n");
        assert!(sleepers(&seconds).is_empty());
    });
}
