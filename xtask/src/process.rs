//! Runs a program within limits of time and output, so that no program can hang or flood this one.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What a program may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long it may run.
    pub(crate) time: Duration,
    /// How many bytes it may print to standard output.
    pub(crate) output: usize,
}

/// How many bytes of standard error are kept: the first.
const STDERR_LIMIT: usize = 1 << 20;

/// How long to wait for the rest of standard error when the program itself has ended: a program that it
/// started may hold it open.
const STDERR_PATIENCE: Duration = Duration::from_millis(500);

/// What a program left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Why there is no [`Output`].
#[derive(Debug)]
pub(crate) enum Failed {
    /// It can't be started or waited for.
    Io(io::Error),
    /// It took too long and was killed.
    TimedOut,
    /// It printed too much and was killed.
    TooLong,
}

/// Runs `command` with `input` on its standard input.
pub(crate) fn run(command: &mut Command, input: Vec<u8>, limits: Limits) -> Result<Output, Failed> {
    let deadline = Instant::now() + limits.time;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failed::Io)?;
    // The threads end when their pipes do. They are not joined: who inherited a pipe may live longer than the child.
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading all of it has its reasons: what it printed says which.
        thread::spawn(move || stdin.write_all(&input));
    }
    let stdout = child.stdout.take().map(|pipe| collect(pipe, limits.output, false));
    let stderr = child.stderr.take().map(|pipe| collect(pipe, STDERR_LIMIT, true));
    let outcome = wait(&mut child, stdout, limits.output, deadline);
    if outcome.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let (status, stdout) = outcome?;
    let stderr = stderr.and_then(|pipe| pipe.recv_timeout(STDERR_PATIENCE).ok()).unwrap_or_default();
    Ok(Output { status, stdout, stderr })
}

fn wait(
    child: &mut Child,
    stdout: Option<mpsc::Receiver<Vec<u8>>>,
    limit: usize,
    deadline: Instant,
) -> Result<(ExitStatus, Vec<u8>), Failed> {
    let left = deadline.saturating_duration_since(Instant::now());
    let stdout = match stdout {
        Some(pipe) => pipe.recv_timeout(left).map_err(|_| Failed::TimedOut)?,
        None => Vec::new(),
    };
    if stdout.len() > limit {
        return Err(Failed::TooLong);
    }
    // It has closed its output: most likely it is gone already.
    let mut pause = Duration::from_micros(100);
    loop {
        if let Some(status) = child.try_wait().map_err(Failed::Io)? {
            return Ok((status, stdout));
        }
        if Instant::now() >= deadline {
            return Err(Failed::TimedOut);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Reads up to `limit` bytes and one more; with `drain`, reads on after that and drops what comes.
fn collect(pipe: impl Read + Send + 'static, limit: usize, drain: bool) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut head = pipe.take(limit as u64 + 1);
        // What was read before a failure is all there is.
        let _ = head.read_to_end(&mut bytes);
        if drain {
            let _ = io::copy(&mut head.into_inner(), &mut io::sink());
        }
        let _ = send.send(bytes);
    });
    receive
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn check(script: &str, input: &str, millis: u64) -> Result<Output, Failed> {
        let limits = Limits { time: Duration::from_millis(millis), output: 1000 };
        run(Command::new("sh").args(["-c", script]), input.into(), limits)
    }

    #[test]
    fn what_goes_in_comes_out() {
        let output = check("cat; echo problem >&2; exit 3", "hello", 10_000).unwrap();
        assert_eq!(output.stdout, b"hello");
        assert_eq!(output.stderr, b"problem\n");
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn input_that_nobody_reads_is_no_failure() {
        let output = check("exit 0", &"x".repeat(1 << 20), 10_000).unwrap();
        assert!(output.status.success());
    }

    #[test]
    fn who_takes_too_long_is_killed() {
        let began = Instant::now();
        assert!(matches!(check("sleep 60", "", 100), Err(Failed::TimedOut)));
        assert!(matches!(check("exec >&-; sleep 60", "", 100), Err(Failed::TimedOut)));
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn who_prints_too_much_is_killed() {
        assert!(matches!(check("yes", "", 10_000), Err(Failed::TooLong)));
        let output = check("head -c 1000 /dev/zero; yes | head -c 3000000 >&2", "", 10_000).unwrap();
        assert_eq!(output.stdout.len(), 1000);
        assert_eq!(output.stderr.len(), STDERR_LIMIT + 1);
    }
}
