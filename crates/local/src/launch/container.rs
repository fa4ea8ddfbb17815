//! Hands tasks to `pipewright-container`, which talks to a container engine.
//!
//! That program is one of its own, as what it links takes long to compile and few need it. It speaks
//! [`protocol`](super::protocol): where this program dies, it removes the container.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use pipewright_interpreter::Control;
use serde::Deserialize;
use serde_json::json;

use super::watch::{Attendant, watch};
use super::{Error, Exit, Kind, Launcher, Task};

/// How long an engine has to remove a container.
const PATIENCE: Duration = Duration::from_mins(1);

/// Containers of the images that steps name.
#[derive(Clone, Debug)]
pub struct Container {
    program: PathBuf,
    run: String,
    grace: Duration,
}

/// What `pipewright-container probe` says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Probe {
    /// Which engine answers, and where: `Docker 28.2.2 at unix:///var/run/docker.sock`.
    pub(super) engine: Option<String>,
    /// Why none does.
    #[serde(default)]
    pub(super) error: String,
    /// The images that are neither here nor can be had: no login is known for their registry.
    #[serde(default)]
    pub(super) unavailable: Vec<String>,
}

impl Container {
    /// `program` is `pipewright-container`; containers have the label `pipewright.run` with `run`. After SIGTERM a container has
    /// `grace` to end.
    pub fn new(program: impl Into<PathBuf>, run: impl Into<String>, grace: Duration) -> Self {
        Self { program: program.into(), run: run.into(), grace }
    }

    /// Asks the engine what it is and has.
    pub(super) fn probe(program: &std::path::Path, images: &[String]) -> Probe {
        let output = Command::new(program).arg("probe").args(images).stdin(Stdio::null()).output();
        let failed = |error: String| Probe { error, ..Probe::default() };
        match output {
            Ok(output) if output.status.success() => {
                serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
                    failed(format!("{} says something unknown: {error}", program.display()))
                })
            }
            Ok(output) => failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => failed(format!("can't start {}: {error}", program.display())),
        }
    }

    /// What the program is told: one line of JSON.
    fn order(&self, task: &Task) -> String {
        let mounts: Vec<_> = task
            .mounts
            .iter()
            .map(|mount| {
                let host = std::path::absolute(&mount.host).unwrap_or_else(|_| mount.host.clone());
                json!({ "host": host.display().to_string(), "inside": mount.inside, "writable": mount.writable })
            })
            .collect();
        json!({
            "run": self.run,
            "name": task.name,
            "image": task.image,
            "entrypoint": task.entrypoint,
            "arguments": task.arguments,
            "environment": task.environment,
            "mounts": mounts,
            "working_directory": task.working_directory,
            "user": format!("{}:{}", rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw()),
            "input": task.input.len(),
            "output": task.output.as_ref().map(|path| path.display().to_string()),
            "port": task.port,
        })
        .to_string()
    }
}

impl Launcher for Container {
    fn kind(&self) -> Kind {
        Kind::Container
    }

    fn run(&self, task: &Task, control: &Control<'_>) -> Result<Exit, Error> {
        if task.image.is_empty() {
            return Err(Error::new(format!("{} names no image: use `--runner bubblewrap`", task.name)));
        }
        let order = self.order(task);
        let attendant = Attendant {
            program: &self.program,
            arguments: &["run"],
            order: &order,
            mark: None,
            grace: self.grace,
            patience: PATIENCE,
        };
        watch(&attendant, task, control).map(Exit::told_as_status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Mount;

    /// What `pipewright-container` reads: its own tests begin with the same text.
    #[test]
    fn the_order_is_what_the_other_program_reads() {
        let task = Task {
            name: "job".to_owned(),
            image: "image:1".to_owned(),
            arguments: vec!["train".to_owned()],
            environment: [("A".to_owned(), "1".to_owned())].into(),
            mounts: vec![Mount { host: "/h".into(), inside: "/opt/ml".to_owned(), writable: true }],
            input: vec![0; 3],
            port: Some(8080),
            ..Task::default()
        };
        let order = Container::new("x", "run1", Duration::ZERO).order(&task);
        let user =
            order.split("\"user\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        assert_eq!(
            order.replace(&user, "1000:1000"),
            r#"{"run":"run1","name":"job","image":"image:1","entrypoint":[],"arguments":["train"],"environment":{"A":"1"},"mounts":[{"host":"/h","inside":"/opt/ml","writable":true}],"working_directory":"","user":"1000:1000","input":3,"output":null,"port":8080}"#
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_no_engine() {
        let probe = Container::probe(std::path::Path::new("/nowhere/pipewright-container"), &[]);
        assert!(probe.engine.is_none() && probe.error.contains("/nowhere/pipewright-container"), "{probe:?}");
    }
}
