//! A moto server on a port of its own, for one test.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long the server may take to start. It imports much, and tests run beside each other.
const START: Duration = Duration::from_mins(2);

/// What moto says when it listens, before the address.
const LISTENS: &str = "Running on http://127.0.0.1:";

/// A server that ends with the test.
pub(crate) struct Moto {
    server: Child,
    python: OsString,
    port: u16,
}

impl Moto {
    /// Starts one; `None` where `cargo xtask test` has not installed it.
    pub(crate) fn start() -> Option<Self> {
        let python = std::env::var_os("PIPEWRIGHT_PYTHON")?;
        let mut server = Command::new(&python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let (found, port) = mpsc::channel();
        thread::spawn(move || {
            // To its end: a server that can't write stops.
            for line in lines.map_while(Result::ok) {
                let port = line.split_once(LISTENS).map(|(_, port)| port.trim());
                if let Some(port) = port.and_then(|port| port.parse().ok()) {
                    let _ = found.send(port);
                }
            }
        });
        // From here on it is stopped whatever happens.
        let mut moto = Self { server, python, port: 0 };
        moto.port = port.recv_timeout(START).unwrap();
        Some(moto)
    }

    /// A program that takes this server for AWS, and knows nothing of its user.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>, home: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command
            .current_dir(home)
            .env("HOME", home)
            // By name: cdk puts the bucket before the host, which an address does not bear.
            .env("AWS_ENDPOINT_URL", format!("http://localhost:{}", self.port))
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .envs([("AWS_REGION", "eu-west-1"), ("AWS_EC2_METADATA_DISABLED", "true")]);
        command
    }

    /// The value of an expression of Python in which `client("s3")` and the like are boto3's.
    pub(crate) fn ask(&self, home: &Path, expression: &str) -> Value {
        let script = format!(
            "import boto3, json\nclient = lambda name: boto3.client(name, region_name='eu-west-1')\n\
             print(json.dumps({expression}, default=str))"
        );
        let output = self.command(&self.python, home).args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
