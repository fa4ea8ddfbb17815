//! Runs tasks in a sandbox over this machine's files: its programs, a real `/opt/ml`, and nothing else to write to.
//!
//! What is at the root of this machine is bound read-only, entry by entry, so that folders can be added without touching
//! any; a folder above a mount is bound entry by entry as well. The network is this machine's. The
//! process ids are the sandbox's own: the kernel ends all processes in it together.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use pipewright_interpreter::Control;

use super::paths::Paths;
use super::process::missing;
use super::protocol::Order;
use super::start::{command, environment, find, supervised};
use super::watch::Supervisor;
use super::{Error, Exit, Kind, Launcher, Mount, Task, sweep};
use crate::python::Python;

/// What the sandbox has its own of.
const OWN: [&str; 3] = ["/dev", "/proc", "/tmp"];

/// A sandbox made by bubblewrap.
#[derive(Clone, Debug)]
pub struct Bubblewrap {
    supervisor: Supervisor,
    program: PathBuf,
    python: Option<Python>,
}

impl Bubblewrap {
    /// `program` is what [`Bubblewrap::find`] found. Ends what earlier runs left behind when they were killed together with their
    /// supervisor.
    pub fn new(supervisor: Supervisor, program: impl Into<PathBuf>, python: Option<Python>) -> Self {
        sweep::sweep_abandoned();
        Self { supervisor, program: program.into(), python }
    }

    /// The program `bwrap`, where it is there and may do what it has to: some systems forbid it.
    ///
    /// # Errors
    /// Why it can't be used.
    pub fn find() -> Result<PathBuf, Error> {
        let path = std::env::var("PATH").unwrap_or_default();
        let none = || Error::new("bwrap is not in PATH (Debian and Ubuntu: `apt install bubblewrap`)");
        let program = find("bwrap", &path, Path::new("/")).ok_or_else(none)?;
        let mount = Mount { host: std::env::temp_dir(), inside: "/opt/ml".to_owned(), writable: true };
        let mut arguments = sandbox(&[mount], &std::env::temp_dir(), &[])?;
        arguments.extend(["--".to_owned(), "true".to_owned()]);
        let output = Command::new(&program).args(arguments).stdin(Stdio::null()).output();
        let output =
            output.map_err(|error| Error::new(format!("{} does not start: {error}", program.display())))?;
        if output.status.success() {
            return Ok(program);
        }
        let told = String::from_utf8_lossy(&output.stderr);
        Err(Error::new(format!(
            "{} can't make a sandbox here: {}",
            program.display(),
            told.lines().next().unwrap_or("it does not say why")
        )))
    }

    fn order(&self, task: &Task, temporary: &Path) -> Result<Order, Error> {
        let (program, arguments) = command(task, self.python.as_ref(), Kind::Bubblewrap)?;
        let mut environment = environment(task, self.python.as_ref(), &[]);
        environment.entry("HOME".to_owned()).or_insert_with(|| "/tmp".to_owned());
        let directory = if task.working_directory.is_empty() { "/" } else { &task.working_directory };
        let paths = Paths::new(&task.mounts);
        let here = |inside: &str| paths.host(inside).unwrap_or_else(|| inside.into());
        let file =
            if program.starts_with('/') { here(&program).display().to_string() } else { program.clone() };
        if find(&file, &environment["PATH"], &here(directory)).is_none() {
            return Err(Error::new(missing(task, &program, "the sandbox has the programs of this machine")));
        }
        for mount in &task.mounts {
            if !mount.host.exists() {
                let host = mount.host.display();
                return Err(Error::new(format!(
                    "{}: the folder {host} for {} is missing",
                    task.name, mount.inside
                )));
            }
        }
        let mut all = sandbox(&task.mounts, temporary, &self.seen())?;
        all.extend(["--chdir".to_owned(), directory.to_owned(), "--".to_owned(), program]);
        all.extend(arguments);
        Ok(Order {
            program: self.program.display().to_string(),
            arguments: all,
            environment,
            directory: PathBuf::from("/"),
            output: task.output.clone(),
            input: 0,
            wrappers: 2,
        })
    }

    /// Folders that the Python needs, where they lie in folders that the sandbox has its own of.
    fn seen(&self) -> Vec<PathBuf> {
        let Some(python) = &self.python else { return Vec::new() };
        let real = fs::canonicalize(&python.python).ok();
        let installed = real.as_deref().and_then(Path::parent).and_then(Path::parent).map(Path::to_path_buf);
        let folders = [Some(python.folder.clone()), installed];
        folders.into_iter().flatten().filter(|folder| is_own(folder)).collect()
    }
}

fn is_own(path: &Path) -> bool {
    OWN.iter().any(|own| path.starts_with(own))
}

impl Launcher for Bubblewrap {
    fn kind(&self) -> Kind {
        Kind::Bubblewrap
    }

    fn run(&self, task: &Task, control: &Control<'_>) -> Result<Exit, Error> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        // On disk: what lies in /tmp may be larger than memory.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let temporary = task.log.with_file_name(format!("tmp-{number}"));
        let failed =
            |error: std::io::Error| Error::new(format!("can't make {}: {error}", temporary.display()));
        fs::create_dir(&temporary).map_err(failed)?;
        let temporary_path = fs::canonicalize(&temporary).map_err(failed)?;
        let exit = self
            .order(task, &temporary_path)
            .and_then(|order| supervised(&self.supervisor, task, order, control));
        // What can't be removed is in the run's own folder.
        let _left = fs::remove_dir_all(&temporary);
        exit.map(Exit::told_as_status)
    }
}

/// bubblewrap's arguments for a sandbox with these folders. `temporary` becomes `/tmp`, `seen` stays where it is.
fn sandbox(mounts: &[Mount], temporary: &Path, seen: &[PathBuf]) -> Result<Vec<String>, Error> {
    let mut inside = Vec::new();
    for mount in mounts {
        let path = mount.inside.trim_end_matches('/');
        let is_plain =
            path.starts_with('/') && path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."));
        if !is_plain {
            return Err(Error::new(format!(
                "a folder can't be at `{}`: its path has to be absolute and plain",
                mount.inside
            )));
        }
        inside.push((path, mount));
    }
    inside.sort_by_key(|(path, _)| path.len());
    let mut all: Vec<String> =
        ["--unshare-pid", "--die-with-parent", "--new-session"].map(str::to_owned).into();
    let paths: BTreeSet<&str> = inside.iter().map(|(path, _)| *path).collect();
    open_folder("/", &paths, &mut all);
    all.extend(["--dev", "/dev", "--proc", "/proc", "--bind"].map(str::to_owned));
    all.extend([temporary.display().to_string(), "/tmp".to_owned()]);
    for device in devices() {
        all.extend(["--dev-bind-try".to_owned(), device.clone(), device]);
    }
    for folder in seen {
        let folder = folder.display().to_string();
        all.extend(["--ro-bind".to_owned(), folder.clone(), folder]);
    }
    for (path, mount) in inside {
        let how = if mount.writable { "--bind" } else { "--ro-bind" };
        all.extend([how.to_owned(), mount.host.display().to_string(), path.to_owned()]);
    }
    Ok(all)
}

/// Graphics cards, which the sandbox's own `/dev` lacks.
fn devices() -> Vec<String> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<String> = names
        .filter(|name| name.starts_with("nvidia") || matches!(name.as_str(), "dri" | "kfd"))
        .map(|name| format!("/dev/{name}"))
        .collect();
    found.sort();
    found
}

/// Binds what is in a folder entry by entry, but what the sandbox has its own of and what is mounted.
fn open_folder(folder: &str, mounted: &BTreeSet<&str>, all: &mut Vec<String>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let path = if folder == "/" { format!("/{name}") } else { format!("{folder}/{name}") };
        if OWN.contains(&path.as_str()) || mounted.contains(path.as_str()) {
            continue;
        }
        let below = format!("{path}/");
        if mounted.iter().any(|inside| inside.starts_with(&below)) && Path::new(&path).is_dir() {
            all.extend(["--dir".to_owned(), path.clone()]);
            open_folder(&path, mounted, all);
        } else if let Ok(target) = fs::read_link(&path) {
            all.extend(["--symlink".to_owned(), target.display().to_string(), path]);
        } else {
            all.extend(["--ro-bind-try".to_owned(), path.clone(), path]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(inside: &str) -> Mount {
        Mount { host: "/h".into(), inside: inside.to_owned(), writable: false }
    }

    #[test]
    fn a_folder_above_a_mount_is_bound_entry_by_entry() {
        let all =
            sandbox(&[mount("/usr/lib/pipewright/x/"), mount("/usr/lib/pipewright")], Path::new("/t"), &[]);
        let all = all.unwrap().join(" ");
        assert!(
            all.contains("--dir /usr --ro-bind-try /usr/") || all.contains("--dir /usr --symlink"),
            "{all}"
        );
        assert!(all.contains(" /usr/bin "), "{all}");
        assert!(!all.contains(" --ro-bind-try /usr /usr "), "{all}");
        assert!(!all.contains(" /tmp /tmp") && !all.contains("bind-try /proc"), "{all}");
        assert!(
            all.ends_with("--ro-bind /h /usr/lib/pipewright --ro-bind /h /usr/lib/pipewright/x"),
            "{all}"
        );
    }

    #[test]
    fn places_that_no_folder_can_have() {
        for inside in ["", "/", "opt/ml", "/opt/../etc", "/opt//ml", "/./a"] {
            let error = sandbox(&[mount(inside)], Path::new("/t"), &[]).unwrap_err().to_string();
            assert!(error.contains(&format!("`{inside}`")), "{error}");
        }
    }
}
