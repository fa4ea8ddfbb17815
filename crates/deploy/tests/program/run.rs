//! The program as a process: started with nothing of this one's environment, waited for, killed, signalled.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pipewright_testbed::s3::{ACCESS_KEY, SECRET_KEY};
use serde_json::Value;

/// A session token that must never be seen again.
const TOKEN: &str = "IQoJb3JpZ2luX2VjEAaCXVzLWVhc3QtMSJHMEUCIQDsession";

/// Runs a program on a terminal of its own and types what it is told to.
const TERMINAL: &str = r#"
import json, os, pty, sys
typed = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, looked = b"", 0
while True:
    try:
        some = os.read(terminal, 65536)
    except OSError:
        break
    if not some:
        break
    seen += some
    if typed and typed[0][0].encode() in seen[looked:]:
        looked = len(seen)
        os.write(terminal, typed.pop(0)[1].encode())
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(status if status >= 0 else 128 - status)
"#;

/// How long a run may take. The machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(3);

/// Where the services are.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) cloudformation: String,
    pub(crate) s3: String,
}

/// A run to be.
pub(crate) struct Program {
    command: Command,
    out: tempfile::NamedTempFile,
    err: tempfile::NamedTempFile,
    home: tempfile::TempDir,
}

impl Program {
    /// A run of this command on an assembly.
    pub(crate) fn new(endpoints: &Endpoints, command: &str, assembly: &Path) -> Self {
        let mut program = Self::bare(endpoints);
        program.command.arg(command).arg("--assembly").arg(assembly);
        program
    }

    /// A run without arguments.
    pub(crate) fn bare(endpoints: &Endpoints) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright-deploy"));
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", home.path())
            .env("AWS_CONFIG_FILE", home.path().join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", home.path().join("none"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", TOKEN)
            .env("AWS_ENDPOINT_URL_CLOUDFORMATION", &endpoints.cloudformation)
            .env("AWS_ENDPOINT_URL_STS", &endpoints.cloudformation)
            .env("AWS_ENDPOINT_URL_S3", &endpoints.s3)
            .env("PIPEWRIGHT_PACE_MS", "5")
            .current_dir(home.path());
        Self { command, out: file(), err: file(), home }
    }

    pub(crate) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<Path>) -> Self {
        self.command.arg(arg.as_ref());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Started {
        let stream = |file: &tempfile::NamedTempFile| Stdio::from(file.reopen().unwrap());
        let (out, err) = (stream(&self.out), stream(&self.err));
        let child = self.command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        let Self { out, err, home, .. } = self;
        Started { child, out, err, _home: home, began: Instant::now() }
    }

    /// Runs it on a terminal where somebody waits for a text and types another, one after the other. All that is seen there is
    /// in [`Done::err`]. `None` where there is no Python to make a terminal.
    pub(crate) fn on_terminal(self, typed: &[(&str, &str)]) -> Option<Done> {
        let python = match pipewright_testbed::servers::python() {
            Ok(python) => python,
            Err(why) => {
                crate::scene::skipped(&why);
                return None;
            }
        };
        let mut command = Command::new(python);
        command.env_clear().envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TERM", "xterm-256color").current_dir(self.home.path());
        command.args(["-c", TERMINAL, &serde_json::to_string(typed).unwrap()]);
        command.arg(self.command.get_program()).args(self.command.get_args());
        let mut done = Self { command, ..self }.run();
        done.err = std::mem::take(&mut done.out).replace("\r\n", "\n");
        Some(done)
    }

    /// Starts it, and waits for its end.
    pub(crate) fn run(self) -> Done {
        self.start().wait()
    }
}

fn file() -> tempfile::NamedTempFile {
    tempfile::NamedTempFile::new().unwrap()
}

/// A run under way.
pub(crate) struct Started {
    child: Child,
    out: tempfile::NamedTempFile,
    err: tempfile::NamedTempFile,
    _home: tempfile::TempDir,
    began: Instant,
}

impl Started {
    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Done {
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Done::of(status.code(), &self.out, &self.err, self.began.elapsed());
            }
            if self.began.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("it takes too long; it said:\n{}", self.said());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Kills it, unless it has ended; `code` is `None` when it was killed.
    pub(crate) fn kill(mut self) -> Done {
        self.child.kill().unwrap();
        self.wait()
    }

    /// Sends a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// What it has written to standard error.
    pub(crate) fn said(&self) -> String {
        read_to_string(self.err.path()).unwrap()
    }

    /// Waits until something is so; fails when it ends before.
    pub(crate) fn until(&mut self, what: &str, is: impl Fn() -> bool) {
        while !is() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() || is(), "it ended ({ended:?}) before {what}:\n{}", self.said());
            assert!(self.began.elapsed() < PATIENCE, "never: {what}:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// Its exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Done {
    fn of(
        code: Option<i32>,
        out: &tempfile::NamedTempFile,
        err: &tempfile::NamedTempFile,
        took: Duration,
    ) -> Self {
        let (out, err) = (read_to_string(out.path()).unwrap(), read_to_string(err.path()).unwrap());
        let done = Self { code, out, err, took };
        for secret in [SECRET_KEY, TOKEN, ACCESS_KEY, "X-Amz-Signature", "AWS4-HMAC"] {
            assert!(!done.out.contains(secret) && !done.err.contains(secret), "a secret is told: {done}");
        }
        assert!(!done.err.contains("panicked"), "{done}");
        done
    }

    /// Expects this exit status.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Expects that standard error has all of these.
    #[track_caller]
    pub(crate) fn says<const N: usize>(self, texts: [&str; N]) -> Self {
        let missing: Vec<&str> = texts.into_iter().filter(|text| !self.err.contains(text)).collect();
        assert!(missing.is_empty(), "nothing of {missing:?}: {self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// What is last on the screen, however its lines are broken: the last error with its causes and hints.
    pub(crate) fn last(&self) -> String {
        self.tail().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn tail(&self) -> &str {
        let from = self.err.rfind("\nerror: ").map_or(0, |at| at + 1);
        &self.err[from..]
    }

    /// Expects that it failed, and said so at the end: a sentence, its causes, what to do, and nothing after that.
    #[track_caller]
    pub(crate) fn is_truthful_failure(&self) {
        assert_eq!(self.code, Some(1), "{self}");
        let tail = self.tail();
        assert!(tail.starts_with("error: "), "{self}");
        assert!(tail.lines().skip(1).all(|line| line.starts_with("  ")), "{self}");
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "\n--- ended with {:?} after {:?}; standard error:\n{}\n--- standard output:\n{}",
            self.code, self.took, self.err, self.out
        )
    }
}

/// A file's JSON.
pub(crate) fn json_of(path: &PathBuf) -> Value {
    serde_json::from_str(&read_to_string(path).unwrap()).unwrap()
}
