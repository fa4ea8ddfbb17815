//! This program's side of a running task: its log, its time limit, and the wish to stop.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, PipeReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use pipewright_interpreter::Control;

use super::lines::{Lines, Piece};
use super::protocol::{END, KILL, Report};
use super::{Error, Exit, Task, sweep};

/// How long a process has to end after it was asked to, if nothing else is said. SageMaker gives 120 seconds.
const GRACE: Duration = Duration::from_secs(10);

/// How often the wish to stop and the time limit are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long what can't be waited for is waited for: a process that the kernel does not let go of.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What looks after processes: the program that becomes it, and its manners.
#[derive(Clone, Debug)]
pub struct Supervisor {
    pub(super) program: PathBuf,
    pub(super) grace: Duration,
}

impl Supervisor {
    /// `program` is `pipewright-local`: its `supervise` calls [`supervise::main`](super::supervise::main).
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), grace: GRACE }
    }

    /// How long a process has to end after SIGTERM, before SIGKILL. Without it 10 seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

/// The program that runs a task's process and speaks [`protocol`](super::protocol) meanwhile.
pub(super) struct Attendant<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [&'a str],
    /// What it is to start: one line of JSON.
    pub(super) order: &'a str,
    /// What finds the task's processes where it was killed itself.
    pub(super) mark: Option<&'a str>,
    pub(super) grace: Duration,
    /// How long it has to end the processes, once told to, before it is ended itself.
    pub(super) patience: Duration,
}

/// What the threads that read tell the one that decides.
enum News {
    Log(Vec<Piece>),
    LogEnded,
    Report(Report),
    Gone,
}

/// Why a process is ended before its time.
enum Cause {
    Stopped,
    TimedOut,
    Log(String),
}

/// Runs the task to its end.
pub(super) fn watch(attendant: &Attendant<'_>, task: &Task, control: &Control<'_>) -> Result<Exit, Error> {
    let log = OpenOptions::new().create(true).append(true).open(&task.log);
    let log = log.map_err(|error| unwritten(&task.log, &error))?;
    if control.stop().is_asked() {
        return Ok(Exit::Stopped);
    }
    let (sender, news) = sync_channel(16);
    let (child, socket) = start(attendant, &task.input, &sender)
        .map_err(|error| Error::new(format!("can't start {}: {error}", attendant.program.display())))?;
    drop(sender);
    let mut watch = Watch {
        task,
        control,
        grace: attendant.grace,
        patience: attendant.patience,
        log,
        child,
        socket,
        began: Instant::now(),
        cause: None,
        kill_at: None,
        give_up_at: None,
        report: None,
    };
    let is_gone = watch.follow(&news, attendant.mark);
    watch.close(is_gone, attendant.mark)
}

/// Starts the program and the threads that read what it and the step's process say.
fn start(
    attendant: &Attendant<'_>,
    input: &[u8],
    sender: &SyncSender<News>,
) -> std::io::Result<(Child, UnixStream)> {
    let (mut own, other) = UnixStream::pair()?;
    let (reader, writer) = std::io::pipe()?;
    let child = Command::new(attendant.program)
        .args(attendant.arguments)
        .stdin(Stdio::from(OwnedFd::from(other)))
        .stdout(writer.try_clone()?)
        .stderr(writer)
        // Ctrl-C is for this program to act on.
        .process_group(0)
        .spawn()?;
    let reports = own.try_clone()?;
    let sender_of_reports = sender.clone();
    std::thread::spawn(move || read_reports(reports, &sender_of_reports));
    let sender = sender.clone();
    std::thread::spawn(move || read_log(reader, &sender));
    // Whoever fails to read this has ended: its report, or that there is none, tells more than an error here.
    let _unread = writeln!(own, "{}", attendant.order.trim_end()).and_then(|()| own.write_all(input));
    Ok((child, own))
}

fn read_reports(socket: UnixStream, sender: &SyncSender<News>) {
    for line in BufReader::new(socket).lines() {
        let Ok(line) = line else { break };
        let report = serde_json::from_str(&line).unwrap_or_else(|error| {
            Report::Failed(format!("the program that ran it said something unknown ({error})"))
        });
        if sender.send(News::Report(report)).is_err() {
            return;
        }
    }
    let _nobody = sender.send(News::Gone);
}

fn read_log(mut pipe: PipeReader, sender: &SyncSender<News>) {
    let mut lines = Lines::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match pipe.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        let mut pieces = Vec::new();
        if count == 0 {
            lines.finish(&mut pieces);
        } else {
            lines.take(&buffer[..count], &mut pieces);
        }
        if !pieces.is_empty() && sender.send(News::Log(pieces)).is_err() {
            return;
        }
        if count == 0 {
            let _nobody = sender.send(News::LogEnded);
            return;
        }
    }
}

fn unwritten(log: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("the log {} can't be written: {error}", log.display()))
}

/// A task that runs.
struct Watch<'w> {
    task: &'w Task,
    control: &'w Control<'w>,
    grace: Duration,
    patience: Duration,
    log: File,
    child: Child,
    socket: UnixStream,
    began: Instant,
    cause: Option<Cause>,
    /// When its processes are to be ended.
    kill_at: Option<Instant>,
    /// When the program that should have done that is to be ended itself.
    give_up_at: Option<Instant>,
    report: Option<Report>,
}

impl Watch<'_> {
    /// Follows the task until nothing of it is left; says whether that is so.
    fn follow(&mut self, news: &Receiver<News>, mark: Option<&str>) -> bool {
        let (mut is_gone, mut log_ended) = (false, false);
        let mut give_up: Option<Instant> = None;
        loop {
            match news.recv_timeout(LOOK) {
                Ok(News::Log(pieces)) => self.write(&pieces),
                Ok(News::LogEnded) => log_ended = true,
                Ok(News::Report(report)) => {
                    self.report.get_or_insert(report);
                }
                Ok(News::Gone) => {
                    is_gone = true;
                    if let (None, Some(mark)) = (&self.report, mark) {
                        // It was killed, and what it looked after still has the log open.
                        sweep::sweep(mark);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => (is_gone, log_ended) = (true, true),
            }
            if is_gone && log_ended {
                return true;
            }
            let now = Instant::now();
            if self.report.is_none() && !is_gone {
                self.decide(now);
            } else if now >= *give_up.get_or_insert(now + PATIENCE) {
                // Only a process that the kernel does not let go of, or one that nobody could find, is left.
                return is_gone;
            }
        }
    }

    /// Ends the process where it is time to.
    fn decide(&mut self, now: Instant) {
        if self.cause.is_none() {
            let cause = if self.control.stop().is_asked() {
                Cause::Stopped
            } else if self.task.limit.is_some_and(|limit| now.duration_since(self.began) >= limit) {
                Cause::TimedOut
            } else {
                return;
            };
            self.cause = Some(cause);
            self.kill_at = now.checked_add(self.grace);
            self.say(END);
        }
        if self.kill_at.is_some_and(|at| now >= at) {
            self.kill_at = None;
            self.kill();
        }
        if self.give_up_at.is_some_and(|at| now >= at) {
            // A script may have halted it. What it leaves is found by its mark.
            self.give_up_at = None;
            let _gone = self.child.kill();
        }
    }

    fn kill(&mut self) {
        self.give_up_at = Instant::now().checked_add(self.patience);
        self.say(KILL);
    }

    fn say(&mut self, order: &str) {
        // Where nobody listens any more, that is told by the end of the socket.
        let _unheard = self.socket.write_all(order.as_bytes());
    }

    /// Writes lines to the log and tells them.
    fn write(&mut self, pieces: &[Piece]) {
        if !matches!(self.cause, Some(Cause::Log(_))) {
            let mut text = String::with_capacity(pieces.iter().map(|piece| piece.text.len() + 1).sum());
            for piece in pieces {
                text.push_str(&piece.text);
                if piece.ends {
                    text.push('\n');
                }
            }
            if let Err(error) = self.log.write_all(text.as_bytes()) {
                self.cause = Some(Cause::Log(unwritten(&self.task.log, &error).0));
                self.kill_at = None;
                self.kill();
            }
        }
        for piece in pieces.iter().filter(|piece| piece.begins) {
            self.control.line(&piece.text);
        }
    }

    /// Makes sure that nothing is left, and says how it ended.
    fn close(mut self, is_gone: bool, mark: Option<&str>) -> Result<Exit, Error> {
        if !is_gone || self.report.is_none() {
            let _gone = self.child.kill();
            if let Some(mark) = mark {
                sweep::sweep(mark);
            }
        }
        let ended = self.child.wait();
        match (self.cause, self.report) {
            (Some(Cause::Log(error)), _) | (_, Some(Report::Failed(error))) => Err(Error::new(error)),
            (Some(Cause::Stopped), _) => Ok(Exit::Stopped),
            (Some(Cause::TimedOut), _) => Ok(Exit::TimedOut),
            (None, Some(Report::Code(code))) => Ok(Exit::Code(code)),
            (None, Some(Report::Signal(signal))) => Ok(Exit::Signal(signal)),
            (None, Some(Report::OutOfMemory)) => Ok(Exit::OutOfMemory),
            (None, None) => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                Err(Error::new(format!(
                    "the process that looked after {} was ended from outside ({how}); its processes were ended",
                    self.task.name
                )))
            }
        }
    }
}

/// Adds lines of our own to a task's log.
pub(super) fn note(log: &Path, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Ok(());
    }
    let file = OpenOptions::new().create(true).append(true).open(log);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| unwritten(log, &error))
}
