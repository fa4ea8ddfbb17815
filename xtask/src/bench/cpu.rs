//! CPU time of child processes.

use std::fs;

use anyhow::{Context as _, Result};

/// What Linux counts the times in `/proc` in, on every architecture that Rust runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// The CPU-seconds, user and system, of all processes that end while `work` runs: its children and theirs.
pub(super) fn of_children(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = ticks()?;
    work()?;
    #[expect(clippy::cast_precision_loss, reason = "ticks of a few minutes")]
    Ok((ticks()? - before) as f64 / TICKS_PER_SECOND)
}

fn ticks() -> Result<u64> {
    let text =
        fs::read_to_string("/proc/self/stat").context("CPU time is read from /proc: this needs Linux")?;
    children(&text).context("can't read /proc/self/stat")
}

/// Fields 16 and 17 of [proc_pid_stat(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html), of which the
/// second is a name in parentheses that may hold anything.
fn children(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_ascii_whitespace().skip(13);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_children_are_found() {
        let stat = "42 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 100 23 20 0 1 0 5";
        assert_eq!(children(stat), Some(123));
        assert_eq!(children(""), None);
        assert_eq!(children("1 (x) R 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn work_of_a_child_is_counted() {
        let script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let spent = of_children(|| {
            std::process::Command::new("sh").args(["-c", script]).status()?;
            Ok(())
        });
        assert!(spent.unwrap() > 0.0);
    }
}
