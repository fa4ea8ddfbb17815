//! moto and ministack as child processes: started on a free port of loopback, waited for, and ended with
//! everything they started when the value is dropped, also by a test that panics.
//!
//! Their interpreter comes from `PIPEWRIGHT_PYTHON`, which `cargo xtask test` sets.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The variable that names the Python interpreter with moto and ministack.
pub const PYTHON: &str = "PIPEWRIGHT_PYTHON";

/// How long a server may take to answer. A cold start compiles its Python first.
const PATIENCE: Duration = Duration::from_secs(90);

/// The interpreter, or why the test has to be skipped.
///
/// # Errors
/// One sentence when the variable is unset.
pub fn python() -> Result<PathBuf, String> {
    match std::env::var_os(PYTHON) {
        Some(path) if !path.is_empty() => Ok(path.into()),
        _ => Err(format!("{PYTHON} is not set; run the tests with `cargo xtask test`")),
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    child: Child,
    host: &'static str,
    port: u16,
    log: tempfile::NamedTempFile,
    _folder: tempfile::TempDir,
}

/// Starts moto's server. Its address is by name (`localhost`): its redirects and template addresses fail
/// with 127.0.0.1.
///
/// # Errors
/// Why the test has to be skipped.
///
/// # Panics
/// When the server doesn't come up; the message holds its log.
pub fn moto() -> Result<Server, String> {
    let python = python()?;
    Ok(Server::start("moto", "localhost", |port| {
        let mut command = Command::new(&python);
        command.args(["-m", "moto.server", "-H", "localhost", "-p", &port.to_string()]);
        command
    }))
}

/// Starts ministack, bound to 127.0.0.1 only.
///
/// # Errors
/// Why the test has to be skipped.
///
/// # Panics
/// When the server doesn't come up; the message holds its log.
pub fn ministack() -> Result<Server, String> {
    let python = python()?;
    Ok(Server::start("ministack", "127.0.0.1", |port| {
        let mut command = Command::new(&python);
        command.args(["-m", "ministack"]);
        command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
        command
    }))
}

impl Server {
    /// Where it listens: `http://HOST:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = File::open(self.log.path()) {
            drop(file.read_to_string(&mut text));
        }
        text
    }

    fn start(name: &'static str, host: &'static str, command: impl Fn(u16) -> Command) -> Self {
        let mut last = String::new();
        // Another process may take the port between the choice and the start; then there is another.
        for _ in 0..3 {
            match Self::attempt(name, host, &command) {
                Ok(server) => return server,
                Err(log) => last = log,
            }
        }
        panic!("{name} did not come up; its log:\n{last}");
    }

    fn attempt(
        name: &'static str,
        host: &'static str,
        command: &impl Fn(u16) -> Command,
    ) -> Result<Self, String> {
        let port = free_port();
        let log = tempfile::NamedTempFile::new().expect("a temporary file for the log");
        let folder = tempfile::tempdir().expect("a temporary folder for the server");
        let out = || Stdio::from(log.reopen().expect("the log opens again"));
        let child = command(port)
            .current_dir(folder.path())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("PYTHONUNBUFFERED", "1")
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(out())
            .stderr(out())
            .process_group(0)
            .spawn();
        let child = child.map_err(|error| format!("{name} can't be started: {error}"))?;
        let mut server = Self { name, child, host, port, log, _folder: folder };
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if server.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return Err(server.log());
            }
            if answers(port) {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(server.log())
    }
}

/// Whether something on that port speaks HTTP.
fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) else {
        return false;
    };
    let patience = Some(Duration::from_secs(2));
    let mut first = [0; 5];
    stream.set_read_timeout(patience).is_ok()
        && stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n").is_ok()
        && stream.read_exact(&mut first).is_ok()
        && first == *b"HTTP/"
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
    listener.local_addr().expect("a bound socket has an address").port()
}

impl Drop for Server {
    fn drop(&mut self) {
        // The group, because both start workers of their own.
        let group = format!("-{}", self.child.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status());
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(8000);
            let tail = log.get(from..).unwrap_or(&log);
            // A test's captured output, to be seen only when it fails.
            #[allow(clippy::print_stderr, reason = "the log belongs into the output of the failed test")]
            {
                eprintln!("log of {}:\n{tail}", self.name);
            }
        }
    }
}
