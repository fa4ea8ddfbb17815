//! Runs tasks as plain processes of this machine: paths inside become paths outside.
//!
//! It keeps nothing from a process: it may read and write whatever its user may.

use std::fmt::Write;

use pipewright_interpreter::Control;

use super::paths::Paths;
use super::protocol::Order;
use super::start::{command, environment, find, supervised};
use super::watch::Supervisor;
use super::{Error, Exit, Kind, Launcher, Task, scripts, sweep};
use crate::python::Python;

/// Variables that programs outside of a sandbox expect.
const OF_THE_USER: [&str; 4] = ["HOME", "LOGNAME", "TMPDIR", "USER"];

/// Plain processes. Where a mount's path stands in an argument, in a variable or in a script of [`Task::scripts`], the folder's own
/// path takes its place.
#[derive(Clone, Debug)]
pub struct Process {
    supervisor: Supervisor,
    python: Option<Python>,
}

impl Process {
    /// Ends what earlier runs left behind when they were killed together with their supervisor.
    pub fn new(supervisor: Supervisor, python: Option<Python>) -> Self {
        sweep::sweep_abandoned();
        Self { supervisor, python }
    }

    fn order(&self, task: &Task, paths: &Paths<'_>) -> Result<Order, Error> {
        let (program, arguments) = command(task, self.python.as_ref(), Kind::Process)?;
        let program = paths.replaced(&program);
        let arguments = arguments.iter().map(|argument| paths.replaced(argument)).collect();
        let environment: std::collections::BTreeMap<_, _> =
            environment(task, self.python.as_ref(), &OF_THE_USER)
                .into_iter()
                .map(|(name, value)| (name, paths.replaced(&value)))
                .collect();
        let directory = match task.working_directory.as_str() {
            "" => std::env::temp_dir(),
            inside => paths.host(inside).unwrap_or_else(|| inside.into()),
        };
        if !directory.is_dir() {
            return Err(Error::new(format!(
                "{}: the working directory {} does not exist",
                task.name,
                directory.display()
            )));
        }
        if find(&program, &environment["PATH"], &directory).is_none() {
            return Err(Error::new(missing(
                task,
                &program,
                "the runner process has only what this machine has",
            )));
        }
        Ok(Order {
            program,
            arguments,
            environment,
            directory,
            output: task.output.clone(),
            ..Order::default()
        })
    }
}

/// That a program is not there.
pub(super) fn missing(task: &Task, program: &str, why: &str) -> String {
    format!(
        "{}: the program {program} is not here or not executable; {why}: install it, or use `--runner container`",
        task.name
    )
}

impl Launcher for Process {
    fn kind(&self) -> Kind {
        Kind::Process
    }

    fn run(&self, task: &Task, control: &Control<'_>) -> Result<Exit, Error> {
        let paths = Paths::new(&task.mounts);
        let order = self.order(task, &paths)?;
        let mut told = String::new();
        scripts::replace(&task.scripts, &paths, &mut |warning| {
            control.line(&format!("warning: {warning}"));
            // A text takes whatever it is given.
            let _written = writeln!(told, "warning: {warning}");
        })
        .map_err(|error| Error::new(format!("{}: a script can't be written: {error}", task.name)))?;
        super::watch::note(&task.log, &told)?;
        supervised(&self.supervisor, task, order, control)
    }
}
