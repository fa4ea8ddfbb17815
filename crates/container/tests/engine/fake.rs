//! A container engine as far as the program asks one: its containers are processes of this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Engine {
    folder: TempDir,
    state: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    images: Vec<String>,
    containers: BTreeMap<String, Container>,
    made: Vec<Value>,
    asked: Vec<String>,
}

#[derive(Default)]
struct Container {
    request: Value,
    pid: Option<Pid>,
    stdin: Option<std::process::ChildStdin>,
    /// What was written, each piece with the header that the engine puts before it.
    log: Vec<u8>,
    writers: usize,
    ended: Option<i32>,
}

impl Engine {
    /// One that has these images.
    pub(crate) fn start(images: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let state = Arc::new(Shared::default());
        state.state.lock().unwrap().images = images.iter().map(|&image| image.to_owned()).collect();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { folder, state }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("engine.sock").display())
    }

    /// How many containers there are, running or not.
    pub(crate) fn containers(&self) -> usize {
        self.state.state.lock().unwrap().containers.len()
    }

    /// What was asked for to be made.
    pub(crate) fn made(&self) -> Vec<Value> {
        self.state.state.lock().unwrap().made.clone()
    }

    pub(crate) fn was_asked(&self, what: &str) -> bool {
        self.state.state.lock().unwrap().asked.iter().any(|asked| asked.contains(what))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for container in self.state.state.lock().unwrap().containers.values() {
            container.kill(Signal::KILL);
        }
    }
}

impl Container {
    fn kill(&self, signal: Signal) {
        if let (Some(pid), None) = (self.pid, self.ended) {
            let _gone = kill_process_group(pid, signal);
        }
    }
}

fn serve(stream: UnixStream, shared: &Arc<Shared>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length, mut header) = (String::new(), 0, String::new());
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    while reader.read_line(&mut header).unwrap_or(0) > 2 {
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        header.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path =
        path.split('/').filter(|part| !part.is_empty() && !part.starts_with("v1.")).collect::<Vec<_>>();
    shared.state.lock().unwrap().asked.push(format!("{method} {target}"));
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (status, answer) = match (method, &path[..]) {
        ("POST", ["containers", id, "attach"]) => return attach(stream, reader, shared, id),
        ("GET", ["containers", id, "logs"]) => return logs(stream, shared, id),
        (_, path) => answer(shared, method, path, query, &body),
    };
    respond(&stream, status, &answer);
}

fn respond(mut stream: &UnixStream, status: u16, answer: &str) {
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(answer.as_bytes()));
}

fn answer(shared: &Arc<Shared>, method: &str, path: &[&str], query: &str, body: &Value) -> (u16, String) {
    let mut state = shared.state.lock().unwrap();
    let value = match (method, path) {
        ("GET", ["version"]) => json!({ "ApiVersion": "1.41", "Version": "1.2.3" }),
        ("GET", ["info"]) => json!({ "ServerVersion": "1.2.3", "SecurityOptions": ["name=seccomp"] }),
        ("GET", ["images", name @ .., "json"]) => {
            let name = name.join("/");
            if !state.images.contains(&name) {
                return (404, json!({ "message": "no such image" }).to_string());
            }
            json!({ "Id": name })
        }
        ("POST", ["images", "create"]) => {
            let name = query.split('&').find_map(|part| part.strip_prefix("fromImage=")).unwrap();
            let name = name.replace("%3A", ":").replace("%2F", "/");
            if name.contains(".ecr.") {
                return (500, json!({ "message": "no basic auth credentials" }).to_string());
            }
            state.images.push(name);
            json!({ "status": "Pulling" })
        }
        ("GET", ["containers", "json"]) => {
            let all = state.containers.iter();
            all.map(|(id, container)| json!({ "Id": id, "Labels": container.request["Labels"] })).collect()
        }
        ("POST", ["containers", "create"]) => {
            let id = format!("c{}", state.made.len());
            state.made.push(body.clone());
            let container = Container { request: body.clone(), ..Container::default() };
            state.containers.insert(id.clone(), container);
            return (201, json!({ "Id": id, "Warnings": [] }).to_string());
        }
        ("POST", ["containers", id, "start"]) => {
            let Some(container) = state.containers.get_mut(*id) else { return missing() };
            start(shared, id, container);
            return (204, String::new());
        }
        ("POST", ["containers", id, "wait"]) => {
            let ended =
                |state: &mut State| state.containers.get(*id).is_some_and(|found| found.ended.is_none());
            state = shared.changed.wait_while(state, ended).unwrap();
            let Some(container) = state.containers.get(*id) else { return missing() };
            json!({ "StatusCode": container.ended })
        }
        ("POST", ["containers", id, "kill"]) => {
            let Some(container) = state.containers.get(*id) else { return missing() };
            container.kill(if query.contains("SIGTERM") { Signal::TERM } else { Signal::KILL });
            return (204, String::new());
        }
        ("GET", ["containers", id, "json"]) => {
            let Some(container) = state.containers.get(*id) else { return missing() };
            let is_oom = container.request["Image"].as_str().unwrap().starts_with("oom");
            json!({ "Id": id, "State": {
                "Running": container.ended.is_none(),
                "ExitCode": container.ended.unwrap_or(0),
                "OOMKilled": is_oom,
            } })
        }
        ("DELETE", ["containers", id]) => {
            let Some(container) = state.containers.remove(*id) else { return missing() };
            container.kill(Signal::KILL);
            shared.changed.notify_all();
            return (204, String::new());
        }
        _ => return (500, json!({ "message": format!("{method} {path:?} is not known here") }).to_string()),
    };
    (200, value.to_string())
}

fn missing() -> (u16, String) {
    (404, json!({ "message": "no such container" }).to_string())
}

fn start(shared: &Arc<Shared>, id: &str, container: &mut Container) {
    let list = |name: &str| {
        let list = container.request[name].as_array().cloned().unwrap_or_default();
        list.into_iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let words = [list("Entrypoint"), list("Cmd")].concat();
    let environment = list("Env");
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .envs(environment.iter().filter_map(|line| line.split_once('=')))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    container.pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    container.stdin = child.stdin.take().filter(|_| container.request["OpenStdin"] == true);
    container.writers = 2;
    copy(shared, id, 1, child.stdout.take().unwrap());
    copy(shared, id, 2, child.stderr.take().unwrap());
    let (shared, id) = (Arc::clone(shared), id.to_owned());
    std::thread::spawn(move || wait(&shared, &id, child));
}

fn copy(shared: &Arc<Shared>, id: &str, stream: u8, mut from: impl Read + Send + 'static) {
    let (shared, id) = (Arc::clone(shared), id.to_owned());
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let count = from.read(&mut buffer).unwrap_or(0);
            let mut state = shared.state.lock().unwrap();
            let Some(container) = state.containers.get_mut(&id) else { return };
            if count == 0 {
                container.writers -= 1;
            } else {
                container.log.extend([stream, 0, 0, 0]);
                container.log.extend(u32::try_from(count).unwrap().to_be_bytes());
                container.log.extend(&buffer[..count]);
            }
            shared.changed.notify_all();
            if count == 0 {
                return;
            }
        }
    });
}

fn wait(shared: &Shared, id: &str, mut child: Child) {
    let status = child.wait().unwrap();
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    if let Some(container) = shared.state.lock().unwrap().containers.get_mut(id) {
        container.ended = code;
    }
    shared.changed.notify_all();
}

fn logs(mut stream: UnixStream, shared: &Shared, id: &str) {
    let head = "HTTP/1.1 200 x\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: close\r\n\r\n";
    let mut sent = 0;
    let mut written = stream.write_all(head.as_bytes());
    while written.is_ok() {
        let mut state = shared.state.lock().unwrap();
        state = shared
            .changed
            .wait_while(state, |state| {
                state.containers.get(id).is_some_and(|found| found.log.len() == sent && found.writers > 0)
            })
            .unwrap();
        let Some(container) = state.containers.get(id) else { return };
        let more = container.log[sent..].to_vec();
        if more.is_empty() {
            return;
        }
        sent += more.len();
        drop(state);
        written = stream.write_all(&more);
    }
}

fn attach(mut stream: UnixStream, mut reader: BufReader<UnixStream>, shared: &Shared, id: &str) {
    let head = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n\
                Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut input = Vec::new();
    let _broken = reader.read_to_end(&mut input);
    let state = shared.state.lock().unwrap();
    let mut state = shared
        .changed
        .wait_while(state, |state| state.containers.get(id).is_some_and(|found| found.pid.is_none()))
        .unwrap();
    let stdin = state.containers.get_mut(id).and_then(|container| container.stdin.take());
    drop(state);
    if let Some(mut stdin) = stdin {
        let _unread = stdin.write_all(&input);
    }
}
