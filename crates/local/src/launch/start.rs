//! What plain processes and sandboxes have in common: the environment, the Python of the pipeline, and how a supervisor
//! is told of both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use pipewright_interpreter::Control;

use super::protocol::{MARK, Order};
use super::watch::{Attendant, PATIENCE, Supervisor, watch};
use super::{Error, Exit, Task, supervise, sweep};
use crate::python::Python;

/// Variables of this program's environment that a process can't do without. `PATH` is always there.
const NEEDED: [&str; 11] = [
    "CUDA_VISIBLE_DEVICES",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "NO_PROXY",
    "TZ",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Where programs are where nobody says.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The environment of a task's process; values stand as the task has them. `more` names further variables to hand on.
pub(super) fn environment(task: &Task, python: Option<&Python>, more: &[&str]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = NEEDED
        .iter()
        .chain(more)
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
        .collect();
    if !all.contains_key("LANG") && !all.contains_key("LC_ALL") {
        all.insert("LANG".to_owned(), "C.UTF-8".to_owned());
    }
    // A log that comes when its buffer is full is no use while one waits.
    all.insert("PYTHONUNBUFFERED".to_owned(), "1".to_owned());
    all.extend(task.environment.clone());
    let mut path = match task.environment.get("PATH") {
        Some(path) => path.clone(),
        None => std::env::var("PATH").unwrap_or_else(|_| USUAL_PATH.to_owned()),
    };
    if let Some(python) = python {
        let bin = python.bin.display().to_string();
        if python.is_environment() {
            all.insert("VIRTUAL_ENV".to_owned(), python.folder.display().to_string());
            path = format!("{bin}:{path}");
        } else if !path.split(':').any(|folder| folder == bin) {
            // Behind a program that chooses among several, which needs the environment of its user.
            path = format!("{bin}:{path}");
        }
    }
    all.insert("PATH".to_owned(), path);
    all
}

/// The program and its arguments, as the task has them. A Python by its full path is that of an image, whose place the
/// environment of the pipeline takes.
///
/// # Errors
/// Where it is for the image to say what is started.
pub(super) fn command(
    task: &Task,
    python: Option<&Python>,
    kind: super::Kind,
) -> Result<(String, Vec<String>), Error> {
    let Some((program, rest)) = task.entrypoint.split_first() else {
        return Err(Error::new(format!(
            "{} starts what the image {} says, and the runner {kind} has no images: use `--runner container`, or give \
             the step a stand-in in local/run.toml",
            task.name, task.image
        )));
    };
    let program = match python {
        Some(python) if program.starts_with('/') && is_python(program) => python.python.display().to_string(),
        _ => program.clone(),
    };
    Ok((program, rest.iter().chain(&task.arguments).cloned().collect()))
}

/// Whether a path's last part is `python`, `python3` or `python3.N`.
fn is_python(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_prefix("python").is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The file that a program's name stands for, where there is one.
pub(super) fn find(program: &str, path: &str, directory: &Path) -> Option<PathBuf> {
    if program.contains('/') {
        let file = directory.join(program);
        return is_executable(&file).then_some(file);
    }
    let folders = path.split(':').map(|folder| directory.join(folder));
    folders.map(|folder| folder.join(program)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// Hands the order to a supervisor and waits.
pub(super) fn supervised(
    supervisor: &Supervisor,
    task: &Task,
    mut order: Order,
    control: &Control<'_>,
) -> Result<Exit, Error> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let mark = sweep::mark(NUMBER.fetch_add(1, Ordering::Relaxed));
    order.environment.insert(MARK.to_owned(), mark.clone());
    order.input = task.input.len();
    if let Some((name, _)) = order
        .environment
        .iter()
        .find(|(name, value)| name.is_empty() || name.contains(['=', '\0']) || value.contains('\0'))
    {
        return Err(Error::new(format!(
            "{}: the variable `{}` can't be given to a process: a name has no `=`, and neither has a NUL byte",
            task.name,
            name.escape_debug()
        )));
    }
    if let Some(argument) = order.arguments.iter().chain([&order.program]).find(|text| text.contains('\0')) {
        let argument = argument.escape_debug();
        return Err(Error::new(format!("{}: the argument `{argument}` has a NUL byte", task.name)));
    }
    let text = serde_json::to_string(&order)
        .map_err(|error| Error::new(format!("a path of {} is not UTF-8: {error}", task.name)))?;
    let attendant = Attendant {
        program: &supervisor.program,
        arguments: &[supervise::VERB],
        order: &text,
        mark: Some(&mark),
        grace: supervisor.grace,
        patience: PATIENCE,
    };
    watch(&attendant, task, control)
}

/// Runs a program of this machine as it is, under a supervisor: arguments, environment and working directory are what the
/// task says, and nothing else.
pub(crate) fn run_command(
    supervisor: &Supervisor,
    task: &Task,
    control: &Control<'_>,
) -> Result<Exit, Error> {
    let (program, arguments) = command(task, None, super::Kind::Process)?;
    let environment = task.environment.clone();
    let directory = PathBuf::from(&task.working_directory);
    supervised(
        supervisor,
        task,
        Order { program, arguments, environment, directory, ..Order::default() },
        control,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Kind;

    #[test]
    fn a_python_of_an_image_is_the_one_here() {
        #[track_caller]
        fn check(python: Option<&Python>, program: &str, expected: &str) {
            let task = Task { entrypoint: vec![program.to_owned(), "a".to_owned()], ..Task::default() };
            let task = Task { arguments: vec!["b".to_owned()], ..task };
            let (program, arguments) = command(&task, python, Kind::Process).unwrap();
            assert_eq!((program.as_str(), arguments.join(" ").as_str()), (expected, "a b"));
        }
        let python = Python { python: "/e/bin/python".into(), bin: "/e/bin".into(), folder: "/e".into() };
        check(Some(&python), "/usr/bin/python3", "/e/bin/python");
        check(Some(&python), "/miniconda3/bin/python3.9", "/e/bin/python");
        check(Some(&python), "python3", "python3");
        check(Some(&python), "/usr/bin/python-config", "/usr/bin/python-config");
        check(None, "/usr/bin/python3", "/usr/bin/python3");
    }

    #[test]
    fn what_only_an_image_knows_is_refused() {
        let task = Task { name: "job".to_owned(), image: "an/image:1".to_owned(), ..Task::default() };
        let error = command(&task, None, Kind::Bubblewrap).unwrap_err().to_string();
        assert!(error.contains("an/image:1") && error.contains("--runner container"), "{error}");
    }

    #[test]
    fn the_environment_is_the_tasks() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pyvenv.cfg"), "").unwrap();
        let bin = folder.path().join("bin");
        let python = Python { python: bin.join("python"), bin: bin.clone(), folder: folder.path().into() };
        let own = [("PATH".to_owned(), "/mine".to_owned()), ("A".to_owned(), "1".to_owned())];
        let task = Task { environment: own.into(), ..Task::default() };
        let all = environment(&task, Some(&python), &[]);
        assert_eq!(all["PATH"], format!("{}:/mine", bin.display()));
        assert_eq!(all["A"], "1");
        assert_eq!(all["VIRTUAL_ENV"], folder.path().display().to_string());
        let itself = Python { python: "/mine/python3".into(), bin: "/mine".into(), folder: "/".into() };
        let all_of_it = environment(&task, Some(&itself), &[]);
        assert_eq!((all_of_it["PATH"].as_str(), all_of_it.get("VIRTUAL_ENV")), ("/mine", None));
        assert!(!all.contains_key("CARGO_MANIFEST_DIR") && !all.contains_key("HOME"), "{all:?}");
        assert!(environment(&Task::default(), None, &["HOME"])["PATH"].contains("/bin"));
    }
}
