//! Servers of models: started, waited for, asked, and ended, as SageMaker does with a model's container.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use pipewright_interpreter::{Control, Stop};
use ureq::Agent;

use crate::jobs::Trouble;
use crate::launch::{Exit, Kind, Task};
use crate::site::Site;

/// Between two looks at a server that is starting.
const LOOK: Duration = Duration::from_millis(20);

/// The largest answer to one invocation, in bytes.
const LARGEST_ANSWER: u64 = 1 << 30;

/// How many ports are tried where another program takes one first.
const TRIES: usize = 3;

/// Where containers listen that know nothing of `SAGEMAKER_BIND_TO_PORT`.
const USUAL_PORT: u16 = 8080;

/// A server that answers.
#[derive(Debug)]
pub(super) struct Server<'t> {
    port: Port,
    agent: Agent,
    stop: Stop,
    ended: &'t OnceLock<String>,
}

/// How a server is to be asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long it may take until `/ping` answers.
    pub(super) start: Duration,
    /// How long one invocation may take.
    pub(super) invocation: Duration,
}

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) content_type: Option<String>,
}

/// Why an invocation has no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The server has ended.
    Gone(String),
    /// It may go better the next time.
    Passing(String),
    /// It won't.
    Lasting(String),
}

/// What is kept for one server, longer than it runs.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) task: Task,
    /// Whether it answers with the token of `PIPEWRIGHT_SERVER`.
    pub(super) is_ours: bool,
    ended: [OnceLock<String>; TRIES],
}

impl Slot {
    pub(super) fn new(task: Task, is_ours: bool) -> Self {
        Self { task, is_ours, ended: Default::default() }
    }
}

/// Starts the server of `slot` and returns when it answers `/ping`. It ends when the returned value is dropped, when `control`
/// says stop, or when this program ends.
///
/// # Errors
/// Where it can't be started, ends by itself, or does not answer in time; with the end of its log.
pub(super) fn start<'s, 'e: 's>(
    scope: &'s Scope<'s, 'e>,
    site: &'e Site,
    control: &'e Control<'e>,
    slot: &'e Slot,
    patience: Patience,
) -> Result<Server<'e>, Trouble> {
    for ended in &slot.ended {
        let port = Port::free(site.launcher.kind())
            .map_err(|error| Trouble::Failed(format!("no free port: {error}")))?;
        let token = slot.is_ours.then(|| format!("{}-{}-{}", slot.task.name, port.0, std::process::id()));
        let mut task = slot.task.clone();
        task.port = Some(port.0);
        task.environment.insert("SAGEMAKER_BIND_TO_PORT".to_owned(), port.0.to_string());
        if let Some(token) = &token {
            task.environment.insert("PIPEWRIGHT_SERVER".to_owned(), token.clone());
        }
        let since = fs::metadata(&task.log).map_or(0, |log| log.len());
        let stop = Stop::default();
        let own = stop.clone();
        let watched = stop.clone();
        // Stopping the step stops the server; a thread waits for that, and for the server's end.
        scope.spawn(move || {
            while ended.get().is_none() && !watched.is_asked() {
                if control.stop().wait(Duration::from_millis(50)) {
                    watched.ask();
                }
            }
        });
        scope.spawn(move || {
            let _tells = TellsEnd(ended);
            let line = |line: &str| control.line(line);
            let result = site.launcher.run(&task, &Control::new(&own, &line));
            let reason = match result {
                Ok(Exit::Code(code)) => format!("ended with status {code}"),
                Ok(Exit::Signal(signal)) => format!("was ended by signal {signal}"),
                Ok(Exit::Stopped) => "was stopped".to_owned(),
                Ok(_) => "was ended by the system".to_owned(),
                Err(error) => format!("can't be started: {error}"),
            };
            let _ = ended.set(reason);
        });
        let agent = agent(patience.invocation);
        let server = Server { port, agent, stop, ended };
        match server.wait(control, token.as_deref(), patience.start, &slot.task.log, since) {
            Ok(()) => return Ok(server),
            // Another program was quicker to take the port.
            Err(Waited::Taken) => drop(server),
            Err(Waited::Trouble(trouble)) => return Err(trouble),
        }
    }
    Err(Trouble::Failed(format!("other programs took {TRIES} free ports before the model's server did")))
}

/// Whoever waits for the server's end hears of it even where what runs it panics.
struct TellsEnd<'t>(&'t OnceLock<String>);

impl Drop for TellsEnd<'_> {
    fn drop(&mut self) {
        let _ = self.0.set("is lost: what runs it panicked".to_owned());
    }
}

enum Waited {
    Taken,
    Trouble(Trouble),
}

impl Server<'_> {
    fn wait(
        &self,
        control: &Control<'_>,
        token: Option<&str>,
        patience: Duration,
        log: &Path,
        since: u64,
    ) -> Result<(), Waited> {
        let end = Instant::now() + patience;
        let failed = |reason: String| {
            Waited::Trouble(Trouble::Failed(format!(
                "AlgorithmError: the model's server {reason}{}",
                tail(log, since)
            )))
        };
        loop {
            if control.stop().is_asked() {
                return Err(Waited::Trouble(Trouble::Stopped));
            }
            let pinged = self
                .agent
                .get(self.url("ping"))
                .config()
                .timeout_global(Some(Duration::from_secs(2)))
                .build()
                .call();
            if let Ok(answer) = pinged {
                let is_it = token.is_none_or(|token| {
                    answer
                        .headers()
                        .get("x-pipewright-server")
                        .is_some_and(|header| header.as_bytes() == token.as_bytes())
                });
                if !is_it {
                    return Err(Waited::Taken);
                }
                if answer.status() == 200 {
                    return Ok(());
                }
            }
            if let Some(reason) = self.ended.get() {
                if control.stop().is_asked() {
                    return Err(Waited::Trouble(Trouble::Stopped));
                }
                if since_is_taken(log, since) {
                    return Err(Waited::Taken);
                }
                return Err(failed(format!("{reason} before it answered /ping")));
            }
            if Instant::now() >= end {
                return Err(failed(format!("did not answer /ping with 200 within {} s", patience.as_secs())));
            }
            control.stop().wait(LOOK);
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port.0)
    }

    /// One `POST /invocations`.
    ///
    /// # Errors
    /// Where the answer is not 200.
    pub(super) fn invoke(
        &self,
        body: &[u8],
        content_type: Option<&str>,
        accept: Option<&str>,
    ) -> Result<Answer, Refusal> {
        let mut request = self.agent.post(self.url("invocations"));
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        if let Some(accept) = accept {
            request = request.header("Accept", accept);
        }
        let passing = |error: ureq::Error| match self.ended.get() {
            Some(reason) => Refusal::Gone(format!("the model's server {reason}")),
            None => Refusal::Passing(format!("/invocations did not answer: {error}")),
        };
        let mut answer = request.send(body).map_err(|error| {
            // A server that dies closes its connections a moment before its end is known.
            self.stop.wait(Duration::from_millis(200));
            passing(error)
        })?;
        let content_type =
            answer.headers().get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec().map_err(passing)?;
        if status == 200 {
            return Ok(Answer { body, content_type });
        }
        let text: String = String::from_utf8_lossy(&body).trim().chars().take(400).collect();
        let reason =
            format!("/invocations answered {status}{}{text}", if text.is_empty() { "" } else { ": " });
        Err(if status >= 500 || status == 429 { Refusal::Passing(reason) } else { Refusal::Lasting(reason) })
    }

    /// Whether it is no longer there.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.get().is_some()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.stop.ask();
        // Its folders are removed next.
        while self.ended.get().is_none() {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn agent(timeout: Duration) -> Agent {
    // Loopback: a proxy of the environment has no business here, and the caller judges every status.
    let config = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(timeout))
        .max_idle_connections_per_host(100)
        .build();
    Agent::new_with_config(config)
}

/// A port that nobody listens on, and that no other server of this program is about to.
#[derive(Debug)]
struct Port(u16);

static PORTS: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

impl Port {
    fn free(kind: Kind) -> std::io::Result<Self> {
        if kind == Kind::Container
            && TcpListener::bind(("127.0.0.1", USUAL_PORT)).is_ok()
            && let Some(port) = Self::take(USUAL_PORT)
        {
            return Ok(port);
        }
        loop {
            let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            if let Some(port) = Self::take(port) {
                return Ok(port);
            }
        }
    }

    fn take(port: u16) -> Option<Self> {
        PORTS.lock().unwrap_or_else(PoisonError::into_inner).insert(port).then_some(Self(port))
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        PORTS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

fn since_is_taken(log: &Path, since: u64) -> bool {
    ["ddress already in use", "port is already allocated"]
        .iter()
        .any(|words| tail(log, since).contains(words))
}

/// The last lines that a log got since it had `since` bytes: `; the end of its log: …`.
pub(crate) fn tail(log: &Path, since: u64) -> String {
    const LINES: usize = 10;
    const BYTES: u64 = 4096;
    let read = || {
        let mut file = fs::File::open(log).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(since.max(length.saturating_sub(BYTES)))).ok()?;
        let mut bytes = Vec::new();
        file.take(BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    // Python underlines what a line of a traceback is about.
    let says = |line: &&str| !line.chars().all(|c| c.is_whitespace() || matches!(c, '^' | '~'));
    let lines: Vec<_> = text.lines().filter(says).collect();
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    if lines.is_empty() { String::new() } else { format!("; the end of its log: {}", lines.join(" | ")) }
}
