//! Ends processes that lost the one who looked after them.
//!
//! A supervisor ends everything below itself. Where it was killed itself, what it left is found by a variable that all of a
//! task's processes have inherited. It names the program that started the task, so that a later one can tell whose tasks
//! have nobody any more. Nothing is done where there is no `/proc`.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::protocol::MARK;

/// A mark for a task of this program: who started it, in which namespace of processes, and a number.
pub(super) fn mark(number: u64) -> String {
    let id = std::process::id();
    format!("{}.{id}.{}.{number}", namespace(), began(id).unwrap_or_default())
}

/// Ends all processes with this mark. Gives up after a second on those that can't be ended.
pub(super) fn sweep(mark: &str) {
    for _ in 0..100 {
        let found = marked(|found| found == mark);
        if found.is_empty() {
            return;
        }
        for pid in found {
            let _gone = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Ends the processes of tasks whose program is gone. Those of other namespaces are left alone: nobody here can tell.
pub(super) fn sweep_abandoned() {
    for pid in marked(is_abandoned) {
        let _gone = kill_process(pid, Signal::KILL);
    }
}

fn is_abandoned(mark: &str) -> bool {
    let mut parts = mark.split('.');
    let (Some(space), Some(id), Some(began_then)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Ok(id) = id.parse::<u32>() else { return false };
    !space.is_empty() && space == namespace() && began(id).unwrap_or_default() != began_then
}

/// The processes whose mark is as wanted.
fn marked(wanted: impl Fn(&str) -> bool) -> Vec<Pid> {
    let mut found = Vec::new();
    let Ok(folder) = fs::read_dir("/proc") else { return found };
    for entry in folder.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
        let mark = environment.split(|byte| *byte == 0).find_map(|variable| {
            let value = variable.strip_prefix(MARK.as_bytes())?.strip_prefix(b"=")?;
            std::str::from_utf8(value).ok()
        });
        if mark.is_some_and(&wanted)
            && id.unsigned_abs() != std::process::id()
            && let Some(pid) = Pid::from_raw(id)
        {
            found.push(pid);
        }
    }
    found
}

/// The namespace of process ids that this program sees: a number, or nothing where the system does not say.
fn namespace() -> String {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// When a process began, in the system's own count: with its id it names a process for good.
pub(super) fn began(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold anything; the 20th field after it is the time.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_who_started_the_task() {
        let own = mark(7);
        assert!(!is_abandoned(&own), "{own}");
        let Some(began) = began(std::process::id()) else { return };
        let id = std::process::id();
        assert!(is_abandoned(&format!("{}.{id}.{began}0.7", namespace())), "another one with the same id");
        assert!(!is_abandoned(&format!("1.{id}.{began}0.7")), "another namespace");
        for odd in ["", "x", "..", "1.2", "a.b.c.d"] {
            assert!(!is_abandoned(odd), "{odd}");
        }
    }
}
