//! The process between this program and a step's: `pipewright-local supervise`.
//!
//! It exists so that no process of a step outlives its time. It adopts orphans (a child subreaper), so that one that left
//! its session, or was forked twice, is still found; it ends all of them when the step's own process has ended, when it is
//! told to, and when the socket to its parent closes, which the kernel does however that one died. Where the system has no
//! subreapers, the step's process group is all it can end.
//!
//! It writes nothing: its standard output and error are the step's log.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group, wait};

use super::protocol::{END, KILL, Order, Report};

/// The first argument of a program that is to be the supervisor.
pub const VERB: &str = "supervise";

/// With this argument after [`VERB`] the process becomes the step's own.
const BECOME: &str = "become";

/// What `pipewright-local supervise …` does. To be called before anything else, where [`VERB`] is the first argument.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(2).collect();
    match &arguments[..] {
        [] => match UnixStream::try_from_stdin().and_then(|socket| serve(&socket)) {
            Ok(()) => ExitCode::SUCCESS,
            // Nobody is there to be told.
            Err(_) => ExitCode::FAILURE,
        },
        [word, parent, program, rest @ ..] if word == BECOME => r#become(parent, program, rest),
        _ => {
            let text =
                "this is how pipewright-local starts the processes of steps: see `pipewright-local run`\n";
            let _unread = io::stderr().write_all(text.as_bytes());
            ExitCode::from(2)
        }
    }
}

/// A standard input that is a socket.
trait FromStdin: Sized {
    fn try_from_stdin() -> io::Result<Self>;
}

impl FromStdin for UnixStream {
    fn try_from_stdin() -> io::Result<Self> {
        let copy: OwnedFd = io::stdin().as_fd().try_clone_to_owned()?;
        let stream = Self::from(copy);
        // Anything but a socket is refused here.
        stream.local_addr()?;
        Ok(stream)
    }
}

/// Leaves session and terminal, ties its life to the supervisor's, and becomes the program.
fn r#become(parent: &OsString, program: &OsString, arguments: &[OsString]) -> ExitCode {
    // Fails only for the leader of a group, which this is not.
    let _own = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    {
        let _tied = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
        let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
        if parent.to_str() != now.as_deref() {
            // It died before this one was tied to it.
            return ExitCode::FAILURE;
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _unused = parent;
    let error = Command::new(program).args(arguments).exec();
    let text = format!("can't start {}: {error}\n", Path::new(program).display());
    let _unread = io::stderr().write_all(text.as_bytes());
    ExitCode::from(127)
}

/// Reads the order, starts the process and stays until nothing of it is left.
fn serve(socket: &UnixStream) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let mut reader = BufReader::new(socket.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let order: Order = serde_json::from_str(&line)?;
    let mut input = vec![0; order.input];
    reader.read_exact(&mut input)?;

    let memory = out_of_memory_kills();
    let child = match start(&order, input) {
        Ok(child) => child,
        Err(error) => return tell(socket, &Report::Failed(error)),
    };
    let mut watched = Watched { child, wrappers: order.wrappers, ended: None };
    let killed = watched.wait(socket, reader)?;
    let report = match watched.ended {
        Some(status)
            if !killed && ended_by_kill(status, order.wrappers) && out_of_memory_kills() > memory =>
        {
            Report::OutOfMemory
        }
        Some(status) => report(status),
        None => Report::Signal(Signal::KILL.as_raw()),
    };
    let told = tell(socket, &report);
    watched.end_all();
    told
}

fn tell(mut socket: &UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_string(report)?;
    line.push('\n');
    socket.write_all(line.as_bytes())
}

fn start(order: &Order, input: Vec<u8>) -> Result<Pid, String> {
    let mut command = Command::new(itself()?);
    command.arg0("pipewright-local").arg(VERB).arg(BECOME).arg(std::process::id().to_string());
    command.arg(&order.program).args(&order.arguments);
    command.env_clear().envs(&order.environment).current_dir(&order.directory);
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    if let Some(path) = &order.output {
        let file = std::fs::File::create(path)
            .map_err(|error| format!("can't write {}: {error}", path.display()))?;
        command.stdout(file);
    }
    let mut child = command.spawn().map_err(|error| {
        format!("can't start {} in {}: {error}", order.program, order.directory.display())
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // A process that does not read is no reason to wait for it.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| "the system gave no process id".to_owned())
}

/// This program's file; also where it was replaced by a newer one since this process began.
fn itself() -> Result<PathBuf, String> {
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe().map_err(|error| format!("this program does not find itself: {error}"))
}

/// The step's process, and all that comes of it.
struct Watched {
    child: Pid,
    wrappers: u32,
    ended: Option<WaitStatus>,
}

impl Watched {
    /// Waits until the process has ended, or all are to be ended; says whether they are.
    fn wait(&mut self, socket: &UnixStream, mut reader: BufReader<UnixStream>) -> io::Result<bool> {
        socket.set_nonblocking(true)?;
        #[cfg(target_os = "linux")]
        let end = rustix::process::pidfd_open(self.child, rustix::process::PidfdFlags::empty()).ok();
        #[cfg(not(target_os = "linux"))]
        let end: Option<OwnedFd> = None;
        // Where its end can't be waited for together with orders, it is asked for often; orphans can wait a second.
        let pause = if end.is_some() { Duration::from_secs(1) } else { Duration::from_millis(20) };
        let pause = Timespec::try_from(pause).map_err(io::Error::other)?;
        let mut line = String::new();
        loop {
            self.reap();
            if self.ended.is_some() {
                return Ok(false);
            }
            match reader.read_line(&mut line) {
                Ok(0) => return Ok(true),
                Ok(_) if !line.ends_with('\n') => return Ok(true),
                Ok(_) if line == KILL => return Ok(true),
                Ok(_) => {
                    if line == END {
                        self.ask_to_end();
                    }
                    line.clear();
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Ok(true),
            }
            let mut both = vec![PollFd::new(socket, PollFlags::IN)];
            if let Some(end) = &end {
                both.push(PollFd::new(end, PollFlags::IN));
            }
            match poll(&mut both, Some(&pause)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Takes note of processes that have ended; says whether any are left.
    fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.child => self.ended = Some(status),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn ask_to_end(&self) {
        if self.wrappers == 0 {
            let _gone = kill_process_group(self.child, Signal::TERM);
            return;
        }
        let mut level = vec![self.child];
        for depth in 0..64 {
            level = level.iter().flat_map(|pid| children(*pid)).collect();
            if level.is_empty() {
                return;
            }
            if depth + 1 >= self.wrappers {
                for pid in &level {
                    let _gone = kill_process(*pid, Signal::TERM);
                }
            }
        }
    }

    /// Ends everything below this process. Only its own children are ended, as nobody else can give their ids away to
    /// others; theirs become its own then.
    fn end_all(&mut self) {
        if self.ended.is_none() {
            let _gone = kill_process_group(self.child, Signal::KILL);
            let _gone = kill_process(self.child, Signal::KILL);
        }
        let mut pause = Duration::from_millis(1);
        while self.reap() {
            let left = children(rustix::process::getpid());
            if left.is_empty() && self.ended.is_some() {
                // There is no /proc to look into.
                return;
            }
            for pid in left {
                let _gone = kill_process(pid, Signal::KILL);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

/// The processes that `parent` is the parent of. None where there is no `/proc`.
fn children(parent: Pid) -> Vec<Pid> {
    let wanted = parent.as_raw_nonzero().to_string();
    let mut found = Vec::new();
    let Ok(folder) = std::fs::read_dir("/proc") else { return found };
    for entry in folder.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(stat) = std::fs::read(entry.path().join("stat")) else { continue };
        let stat = String::from_utf8_lossy(&stat);
        // The name in parentheses may hold anything; the second field after it is the parent.
        let Some((_, after)) = stat.rsplit_once(')') else { continue };
        if after.split_whitespace().nth(1) == Some(&wanted) {
            found.extend(Pid::from_raw(id));
        }
    }
    found
}

fn report(status: WaitStatus) -> Report {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Report::Code(code),
        (None, Some(signal)) => Report::Signal(signal),
        (None, None) => Report::Failed("it ended in a way that the system does not tell".to_owned()),
    }
}

/// Whether SIGKILL was its end; bubblewrap tells it as a status.
fn ended_by_kill(status: WaitStatus, wrappers: u32) -> bool {
    let signal = Signal::KILL.as_raw();
    status.terminating_signal() == Some(signal) || wrappers > 0 && status.exit_status() == Some(128 + signal)
}

/// How many processes the system has ended because memory ran out, since it runs.
fn out_of_memory_kills() -> u64 {
    let counters = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    let line = counters.lines().find_map(|line| line.strip_prefix("oom_kill "));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}
