//! A launcher whose processes are servers of this process.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pipewright_interpreter::{Control, Stop};

use crate::jobs::fake::log;
use crate::launch::{self, Exit, Kind, Launcher, Task};

/// A request as the server got it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// What the server answers to an invocation; `None`: it dies.
type Answers = dyn Fn(&Asked) -> Option<(u16, String)> + Send + Sync;

/// A launcher whose processes are servers of this process.
pub(super) struct Servers {
    kind: Kind,
    answers: Box<Answers>,
    /// What `/ping` gets; `None`: nobody listens.
    ping: Option<u16>,
    pub(super) asked: Mutex<Vec<Asked>>,
    pub(super) tasks: Mutex<Vec<Task>>,
    /// How many run now.
    pub(super) running: AtomicUsize,
}

impl Launcher for Servers {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn run(&self, task: &Task, control: &Control<'_>) -> Result<Exit, launch::Error> {
        self.tasks.lock().unwrap().push(task.clone());
        self.running.fetch_add(1, Ordering::SeqCst);
        log(task, "hello from the server\n");
        let exit = self.serve(task, control);
        self.running.fetch_sub(1, Ordering::SeqCst);
        Ok(exit)
    }
}

impl Servers {
    pub(super) fn new(
        kind: Kind,
        ping: Option<u16>,
        answers: impl Fn(&Asked) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        let (asked, tasks, running) = (Mutex::default(), Mutex::default(), AtomicUsize::new(0));
        Self { kind, answers: Box::new(answers), ping, asked, tasks, running }
    }

    fn serve(&self, task: &Task, control: &Control<'_>) -> Exit {
        let Some(ping) = self.ping else {
            return if control.stop().wait(Duration::from_mins(1)) { Exit::Stopped } else { Exit::Code(9) };
        };
        let listener = TcpListener::bind(("127.0.0.1", task.port.unwrap())).unwrap();
        listener.set_nonblocking(true).unwrap();
        let dies = Stop::default();
        std::thread::scope(|scope| {
            loop {
                if dies.is_asked() {
                    return Exit::Code(3);
                }
                if control.stop().is_asked() {
                    return Exit::Stopped;
                }
                let Ok((stream, _)) = listener.accept() else {
                    std::thread::sleep(Duration::from_millis(2));
                    continue;
                };
                let dies = &dies;
                scope.spawn(move || self.connection(&stream, task, ping, dies));
            }
        })
    }

    fn connection(&self, stream: &TcpStream, task: &Task, ping: u16, dies: &Stop) {
        stream.set_nonblocking(false).unwrap();
        let asked = read(stream);
        let (status, body) = if asked.line.starts_with("GET /ping ") {
            (ping, String::new())
        } else {
            self.asked.lock().unwrap().push(asked.clone());
            match (self.answers)(&asked) {
                Some(answer) => answer,
                None => return dies.ask(),
            }
        };
        let token = task.environment.get("PIPEWRIGHT_SERVER").map(String::as_str).unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: text/csv\r\nX-Pipewright-Server: {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = stream;
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let headers: BTreeMap<_, _> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Asked {
        line: lines.first().cloned().unwrap_or_default(),
        headers,
        body: String::from_utf8(body).unwrap(),
    }
}
