//! Starts the program against an engine whose containers are processes.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod fake;
mod launcher;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use fake::Engine;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// The program, as it runs.
struct Program {
    child: Child,
    socket: UnixStream,
    output: BufReader<std::process::ChildStdout>,
}

fn command(engine: &Engine) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright-container"));
    command.env_clear().env("DOCKER_HOST", engine.host()).env("HOME", engine.path("nobody"));
    command
}

fn order(script: &str) -> Value {
    json!({
        "run": "r", "name": "job", "image": "here:1", "entrypoint": ["sh", "-c"], "arguments": [script],
        "environment": { "PATH": std::env::var("PATH").unwrap() }, "mounts": [], "working_directory": "",
        "user": "1000:1000", "input": 0, "output": null, "port": null,
    })
}

impl Program {
    fn start(engine: &Engine, order: &Value, input: &[u8]) -> Self {
        let (own, other) = UnixStream::pair().unwrap();
        let mut child = command(engine)
            .arg("run")
            .stdin(Stdio::from(OwnedFd::from(other)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        (&own).write_all(format!("{order}\n").as_bytes()).unwrap();
        (&own).write_all(input).unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, socket: own, output }
    }

    /// The next line of the container's output.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    fn say(&mut self, text: &str) {
        self.socket.write_all(text.as_bytes()).unwrap();
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// What it reports, and what is left of the output.
    fn end(mut self) -> (Value, String) {
        let mut output = String::new();
        self.output.read_to_string(&mut output).unwrap();
        let mut report = String::new();
        BufReader::new(&self.socket).read_line(&mut report).unwrap();
        self.child.wait().unwrap();
        (serde_json::from_str(&report).unwrap_or(Value::Null), output)
    }
}

#[test]
fn output_and_status() {
    let engine = Engine::start(&["here:1"]);
    let (report, output) = Program::start(&engine, &order("echo a; echo b >&2; exit 3"), b"").end();
    assert_eq!(report, json!({ "code": 3 }));
    let mut lines: Vec<&str> = output.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["a", "b"]);
    assert_eq!(engine.containers(), 0);
    assert_eq!(engine.made()[0]["Labels"]["pipewright.run"], "r");
    assert!(!engine.was_asked("/images/create"));
}

#[test]
fn input_and_a_file_for_the_output() {
    let engine = Engine::start(&["here:1"]);
    let mut order = order("cat; echo told >&2");
    let input = vec![b'x'; 200_000];
    order["input"] = json!(input.len());
    order["output"] = json!(engine.path("out.bin"));
    let (report, output) = Program::start(&engine, &order, &input).end();
    assert_eq!((report, output.as_str()), (json!({ "code": 0 }), "told\n"));
    assert_eq!(std::fs::read(engine.path("out.bin")).unwrap(), input);
}

#[test]
fn an_output_that_can_not_be_written() {
    let engine = Engine::start(&["here:1"]);
    let mut order = order("echo x; sleep 1000");
    order["output"] = json!("/dev/full");
    let (report, _) = Program::start(&engine, &order, b"").end();
    let error = report["failed"].as_str().unwrap();
    assert!(error.contains("No space left"), "{error}");
    assert_eq!(engine.containers(), 0);
}

#[test]
fn asked_to_end_or_made_to() {
    let engine = Engine::start(&["here:1"]);
    let mut polite =
        Program::start(&engine, &order("trap 'echo bye; exit 5' TERM; echo up; sleep 1000 & wait"), b"");
    assert_eq!(polite.line(), "up\n");
    polite.say("end\n");
    assert_eq!(polite.end(), (json!({ "code": 5 }), "bye\n".to_owned()));

    let mut deaf = Program::start(&engine, &order("trap '' TERM; echo up; sleep 1000; sleep 1000"), b"");
    assert_eq!(deaf.line(), "up\n");
    deaf.say("end\n");
    deaf.say("kill\n");
    assert_eq!(deaf.end().0, json!({ "signal": 9 }));
    assert_eq!(engine.containers(), 0);
}

#[test]
fn nothing_stays_when_the_other_side_dies() {
    let engine = Engine::start(&["here:1"]);
    let mut program = Program::start(&engine, &order("echo up; sleep 1000"), b"");
    assert_eq!(program.line(), "up\n");
    program.socket.shutdown(std::net::Shutdown::Write).unwrap();
    program.child.wait().unwrap();
    assert_eq!(engine.containers(), 0);
}

#[test]
fn nothing_stays_when_it_is_told_to_go() {
    let engine = Engine::start(&["here:1"]);
    let mut program = Program::start(&engine, &order("echo up; sleep 1000"), b"");
    assert_eq!(program.line(), "up\n");
    program.signal(Signal::TERM);
    program.child.wait().unwrap();
    assert_eq!(engine.containers(), 0);
}

#[test]
fn the_next_one_removes_what_was_left() {
    let engine = Engine::start(&["here:1"]);
    let mut killed = Program::start(&engine, &order("echo up; sleep 1000"), b"");
    assert_eq!(killed.line(), "up\n");
    let mut other = Program::start(&engine, &order("echo up; sleep 1000"), b"");
    assert_eq!(other.line(), "up\n");
    killed.signal(Signal::KILL);
    killed.child.wait().unwrap();
    assert_eq!(engine.containers(), 2);
    assert!(command(&engine).arg("probe").output().unwrap().status.success());
    assert_eq!(engine.containers(), 1, "the other one's program is still there");
    other.say("kill\n");
    other.end();
}

#[test]
fn an_image_that_is_not_here() {
    let engine = Engine::start(&[]);
    let mut pulled = order("exit 0");
    pulled["image"] = json!("quay.io/a/b:1");
    assert_eq!(Program::start(&engine, &pulled, b"").end().0, json!({ "code": 0 }));
    pulled["image"] = json!("1.dkr.ecr.eu-west-1.amazonaws.com/a:1");
    let (report, _) = Program::start(&engine, &pulled, b"").end();
    let error = report["failed"].as_str().unwrap();
    for part in
        ["no basic auth credentials", "aws ecr get-login-password --region eu-west-1", "--runner bubblewrap"]
    {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(engine.made().len(), 1);
}

#[test]
fn memory_that_ran_out() {
    let engine = Engine::start(&["oom:1"]);
    let mut order = order("exit 137");
    order["image"] = json!("oom:1");
    assert_eq!(Program::start(&engine, &order, b"").end().0, json!("out_of_memory"));
}

#[test]
fn what_a_probe_finds() {
    let engine = Engine::start(&["here:1", "1.dkr.ecr.eu-west-1.amazonaws.com/here:1"]);
    let closed = "1.dkr.ecr.eu-west-1.amazonaws.com/a:1";
    let output = command(&engine)
        .args(["probe", "here:1", "python:3", closed, "1.dkr.ecr.eu-west-1.amazonaws.com/here:1"])
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["engine"], format!("Docker 1.2.3 at {}", engine.host()));
    assert_eq!(found["unavailable"], json!([closed]));

    let output = command(&engine).arg("probe").env("DOCKER_HOST", "unix:///nowhere.sock").output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["engine"], Value::Null);
    let error = found["error"].as_str().unwrap();
    assert!(error.contains("no container engine answers at unix:///nowhere.sock"), "{error}");
}

#[test]
fn wrong_usage() {
    let engine = Engine::start(&[]);
    for words in [&[][..], &["start"], &["run", "x"]] {
        assert_eq!(command(&engine).args(words).output().unwrap().status.code(), Some(2), "{words:?}");
    }
    let output = command(&engine).arg("run").stdin(Stdio::null()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("socket"));
}
