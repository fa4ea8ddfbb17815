//! The Python of a pipeline's steps: a virtual environment with the packages of `local/requirements.txt`, made once.
//!
//! One that is complete says so in a file that is written last. It is never changed after that: other requirements or another
//! interpreter make another one. What installs packages is `uv` where it is there, else `pip`. Where a pipeline asks for no
//! packages, its steps have this machine's Python as it is.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pipewright_interpreter::Control;
use sha2::{Digest, Sha256};

use crate::launch::{Exit, Supervisor, Task, run_command};

/// A Python with its packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The interpreter.
    pub python: PathBuf,
    /// The folder of its programs, which comes first in `PATH`.
    pub bin: PathBuf,
    /// The virtual environment's folder; where there is none, where Python is installed.
    pub folder: PathBuf,
}

impl Python {
    /// Whether it is a virtual environment, and not this machine's Python as it is.
    pub(crate) fn is_environment(&self) -> bool {
        self.folder.join("pyvenv.cfg").is_file()
    }
}

/// Why there is no Python for the steps; a sentence for the user.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

/// The file that says that an environment is complete.
const COMPLETE: &str = ".complete";

/// How many lines of a log an error shows.
const TAIL: usize = 15;

/// How deep requirements may name other files.
const DEEPEST: usize = 8;

/// What to do where there is no Python.
const NO_PYTHON: &str = "local runs need Python 3.8 or later: install it so that `python3` is in PATH";

/// The Python with these packages below `root` (`target/local`), made now if it is not there; `control` hears of that.
/// Several programs may ask at once: one makes it, the others wait.
///
/// # Errors
/// Where there is no Python 3, packages can't be installed, or `control` says stop.
pub fn environment(
    root: &Path,
    requirements: Option<&Path>,
    supervisor: &Supervisor,
    control: &Control<'_>,
) -> Result<Python, Error> {
    let interpreter = Interpreter::ask()?;
    let Some(requirements) = requirements else { return Ok(interpreter.itself()) };
    let wanted = read(requirements, 0)?;
    if !has_packages(&wanted) {
        return Ok(interpreter.itself());
    }
    let above = std::path::absolute(root.join("python")).map_err(|error| unwritable(root, &error))?;
    let place = above.join(key(&wanted, &interpreter));
    let bin = place.join("bin");
    let made = Python { python: bin.join("python"), bin, folder: place.clone() };
    let is_complete = || place.join(COMPLETE).is_file() && made.python.exists();
    if is_complete() {
        return Ok(made);
    }
    fs::create_dir_all(&above).map_err(|error| unwritable(&above, &error))?;
    let lock_path = place.with_extension("lock");
    let lock = File::create(&lock_path).map_err(|error| unwritable(&lock_path, &error))?;
    wait_for(&lock, &lock_path, control)?;
    if is_complete() {
        return Ok(made);
    }
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| unwritable(&place, &error))?;
    }
    control.line(&format!("installing the packages of {}", requirements.display()));
    let making = Making {
        place: &place,
        log: place.with_extension("log"),
        requirements: std::path::absolute(requirements).map_err(|error| unwritable(requirements, &error))?,
        supervisor,
        control,
    };
    making.make(&interpreter, &made)?;
    let complete = place.join(COMPLETE);
    fs::write(&complete, "").map_err(|error| unwritable(&complete, &error))?;
    Ok(made)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error(format!("can't write {}: {error}", path.display()))
}

fn wait_for(lock: &File, path: &Path, control: &Control<'_>) -> Result<(), Error> {
    let mut is_told = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(fs::TryLockError::Error(error)) => return Err(unwritable(path, &error)),
            Err(fs::TryLockError::WouldBlock) => {}
        }
        if !is_told {
            control.line("waiting for another run that installs the same Python packages");
            is_told = true;
        }
        if control.stop().wait(std::time::Duration::from_millis(200)) {
            return Err(stopped());
        }
    }
}

fn stopped() -> Error {
    Error("stopped while Python packages were being installed".to_owned())
}

/// What `python3` is.
struct Interpreter {
    /// As it calls itself.
    path: PathBuf,
    /// The one behind it: virtual environments are not built on each other.
    base: PathBuf,
    prefix: PathBuf,
    version: String,
}

impl Interpreter {
    fn ask() -> Result<Self, Error> {
        let script = "import os, sys\n\
                      print(sys.executable)\n\
                      print(os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable))\n\
                      print(sys.prefix)\n\
                      print(sys.version.replace('\\n', ' '))\n\
                      sys.exit(sys.version_info < (3, 8) and 'this is Python ' + sys.version)";
        let output = Command::new("python3").args(["-I", "-c", script]).stdin(Stdio::null()).output();
        let output = output.map_err(|error| Error(format!("can't start python3: {error}; {NO_PYTHON}")))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        match lines[..] {
            [path, base, prefix, version] if output.status.success() => Ok(Self {
                path: path.into(),
                base: base.into(),
                prefix: prefix.into(),
                version: version.to_owned(),
            }),
            _ => {
                let told = tail(&String::from_utf8_lossy(&output.stderr));
                Err(Error(format!(
                    "python3 does not do ({}): {}; {NO_PYTHON}",
                    output.status,
                    told.trim_end()
                )))
            }
        }
    }

    fn itself(self) -> Python {
        let bin = self.path.parent().map(Path::to_path_buf).unwrap_or_default();
        Python { python: self.path, bin, folder: self.prefix }
    }
}

/// A name for what is installed: sixteen hexadecimal digits.
fn key(wanted: &str, interpreter: &Interpreter) -> String {
    let text = format!("{}\n{}\n{wanted}", interpreter.version, interpreter.base.display());
    let mut digits = String::new();
    for byte in &Sha256::digest(text.as_bytes())[..8] {
        // A text takes whatever it is given.
        let _written = write!(digits, "{byte:02x}");
    }
    digits
}

/// The requirements, with those of other files that they name.
fn read(file: &Path, depth: usize) -> Result<String, Error> {
    let text = fs::read_to_string(file)
        .map_err(|error| Error(format!("can't read the Python packages of {}: {error}", file.display())))?;
    let mut all = text.clone();
    for line in text.lines() {
        let Some(other) = other_file(line) else { continue };
        if depth >= DEEPEST {
            return Err(Error(format!("{} names other files more than {DEEPEST} deep", file.display())));
        }
        let other = file.parent().unwrap_or(Path::new("")).join(other);
        all.push_str(&read(&other, depth + 1)?);
    }
    Ok(all)
}

/// The file that a line such as `-r other.txt` names.
fn other_file(line: &str) -> Option<&str> {
    let line = line.split(" #").next()?.trim();
    let option = ["-r", "-c", "--requirement", "--constraint"];
    let rest = option.iter().rev().find_map(|option| line.strip_prefix(option))?;
    let rest = rest.trim_start_matches('=').trim();
    (!rest.is_empty() && !rest.contains("://")).then_some(rest)
}

/// Whether there is a line that names a package.
fn has_packages(requirements: &str) -> bool {
    requirements.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
}

/// An environment that is being made.
struct Making<'m> {
    place: &'m Path,
    log: PathBuf,
    /// Absolute; paths in it are relative to its folder.
    requirements: PathBuf,
    supervisor: &'m Supervisor,
    control: &'m Control<'m>,
}

impl Making<'_> {
    fn make(&self, interpreter: &Interpreter, made: &Python) -> Result<(), Error> {
        fs::write(&self.log, "").map_err(|error| unwritable(&self.log, &error))?;
        let (place, base) = (text(self.place), text(&interpreter.base));
        let (python, requirements) = (text(&made.python), text(&self.requirements));
        if is_there("uv") {
            self.step(&["uv", "venv", "--quiet", "--python", &base, &place])?;
            return self.step(&["uv", "pip", "install", "--python", &python, "-r", &requirements]);
        }
        let install = ["install", "--no-input", "--disable-pip-version-check", "-r", &requirements];
        if reaches_others(&interpreter.base) {
            self.step(&[&base, "-m", "venv", "--without-pip", &place])?;
            return self.step(&[&[&base, "-m", "pip", "--python", &python], &install[..]].concat());
        }
        if let Err(error) = self.step(&[&base, "-m", "venv", &place]) {
            let told = fs::read_to_string(&self.log).unwrap_or_default();
            if !told.contains("ensurepip") {
                return Err(error);
            }
            return Err(Error(format!(
                "the Python {base} can't install packages: install its module venv (Debian and Ubuntu: \
                 `apt install python3-venv`), or `uv`"
            )));
        }
        self.step(&[&[python.as_str(), "-m", "pip"], &install[..]].concat())
    }

    fn step(&self, command: &[&str]) -> Result<(), Error> {
        // Settings of an index, of a proxy, of certificates may be in any variable; those of another Python must not.
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| !matches!(name.as_str(), "PYTHONHOME" | "PYTHONPATH" | "VIRTUAL_ENV"))
            .collect();
        let task = Task {
            name: "the installation of Python packages".to_owned(),
            entrypoint: command.iter().map(|&word| word.to_owned()).collect(),
            environment,
            working_directory: text(self.requirements.parent().unwrap_or(Path::new("/"))),
            log: self.log.clone(),
            ..Task::default()
        };
        let exit =
            run_command(self.supervisor, &task, self.control).map_err(|error| Error(error.to_string()))?;
        match exit {
            Exit::Code(0) => Ok(()),
            Exit::Stopped => Err(stopped()),
            exit => {
                let told = tail(&fs::read_to_string(&self.log).unwrap_or_default());
                let words = command.join(" ");
                Err(Error(format!(
                    "`{words}` failed ({exit:?}); its log is {}, and ends with\n{told}",
                    self.log.display()
                )))
            }
        }
    }
}

/// Whether a Python has a pip that can install for another one: 22.3 or later. That saves every environment a pip of its own.
fn reaches_others(python: &Path) -> bool {
    let output = Command::new(python).args(["-I", "-m", "pip", "--version"]).stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success() && is_new_pip(&String::from_utf8_lossy(&output.stdout)))
}

/// Whether `pip 23.0.1 from …` is 22.3 or later.
fn is_new_pip(told: &str) -> bool {
    let version = told.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (22, 3)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The last lines of a text.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_files() {
        #[track_caller]
        fn check(line: &str, expected: Option<&str>) {
            assert_eq!(other_file(line), expected);
        }
        check("-r other.txt", Some("other.txt"));
        check("-rother.txt # why", Some("other.txt"));
        check("--requirement=a/b.txt", Some("a/b.txt"));
        check("--constraint c.txt", Some("c.txt"));
        check("-r https://example.com/r.txt", None);
        check("pandas==2", None);
        check("--require-hashes", None);
        check("", None);
    }

    #[test]
    fn versions_of_pip() {
        for (told, expected) in [
            ("pip 23.0.1 from /x (python 3.11)", true),
            ("pip 22.3", true),
            ("pip 22.2.9", false),
            ("", false),
        ] {
            assert_eq!(is_new_pip(told), expected, "{told}");
        }
    }

    #[test]
    fn requirements_that_name_no_package() {
        assert!(!has_packages("\n  # nothing\n"));
        assert!(has_packages("# two\nnumpy\n"));
    }

    #[test]
    fn what_requirements_name_is_part_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a.txt"), folder.path().join("b.txt"));
        fs::write(&first, "-r b.txt\n").unwrap();
        assert!(read(&first, 0).unwrap_err().to_string().contains("b.txt"));
        fs::write(&second, "numpy\n").unwrap();
        assert_eq!(read(&first, 0).unwrap(), "-r b.txt\nnumpy\n");
        fs::write(&second, "-c a.txt\n").unwrap();
        assert!(read(&first, 0).unwrap_err().to_string().contains("deep"));
    }
}
