//! A folder, a launcher, and what a task's log told.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pipewright_interpreter::{Control, Stop};
use pipewright_local::launch::{Bubblewrap, Error, Exit, Launcher, Mount, Process, Supervisor, Task};
use tempfile::TempDir;

pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    pub(crate) launcher: Box<dyn Launcher>,
    pub(crate) stop: Stop,
}

pub(crate) struct Told {
    pub(crate) exit: Result<Exit, Error>,
    pub(crate) log: String,
    pub(crate) lines: Vec<String>,
}

impl Told {
    /// The log, where it ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.exit.as_ref().ok(), Some(&Exit::Code(0)), "{:?}: {}", self.exit, self.log);
        self.log
    }

    #[track_caller]
    pub(crate) fn error(self) -> String {
        self.exit.unwrap_err().to_string()
    }
}

pub(crate) fn supervisor() -> Supervisor {
    Supervisor::new(env!("CARGO_BIN_EXE_pipewright-local")).grace(Duration::from_millis(300))
}

impl Scene {
    pub(crate) fn process() -> Self {
        Self::with(Box::new(Process::new(supervisor(), None)))
    }

    /// `None` where bubblewrap does not work; an error where it has to.
    pub(crate) fn bubblewrap() -> Option<Self> {
        match Bubblewrap::find() {
            Ok(program) => Some(Self::with(Box::new(Bubblewrap::new(supervisor(), program, None)))),
            Err(error) if std::env::var_os("PIPEWRIGHT_BUBBLEWRAP").is_some() => panic!("{error}"),
            Err(error) => {
                eprintln!("skipped: {error}");
                None
            }
        }
    }

    fn with(launcher: Box<dyn Launcher>) -> Self {
        let folder = TempDir::new().unwrap();
        for part in ["ml/input", "ml/output", "ml/code", "ml/tmp"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        Self { folder, launcher, stop: Stop::default() }
    }

    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    pub(crate) fn task(&self, words: &[&str]) -> Task {
        let mut words = words.iter().map(|&word| word.to_owned());
        Task {
            name: "job".to_owned(),
            image: "image".to_owned(),
            entrypoint: words.next().into_iter().collect(),
            arguments: words.collect(),
            mounts: vec![
                Mount { host: self.path("ml"), inside: "/opt/ml".to_owned(), writable: true },
                Mount { host: self.path("ml/input"), inside: "/opt/ml/input".to_owned(), writable: false },
            ],
            scripts: vec![self.path("ml/code")],
            working_directory: "/opt/ml/tmp".to_owned(),
            log: self.path("log.txt"),
            ..Task::default()
        }
    }

    /// A shell that does this.
    pub(crate) fn shell(&self, script: &str) -> Task {
        self.task(&["sh", "-c", script])
    }

    pub(crate) fn run(&self, task: &Task) -> Told {
        self.run_and(task, |_| ())
    }

    /// Runs it; `each` hears every line.
    pub(crate) fn run_and(&self, task: &Task, each: impl Fn(&str) + Sync) -> Told {
        let lines = Mutex::new(Vec::new());
        let line = |text: &str| {
            lines.lock().unwrap().push(text.to_owned());
            each(text);
        };
        let exit = self.launcher.run(task, &Control::new(&self.stop, &line));
        // A device may have no end.
        let is_file = fs::metadata(&task.log).is_ok_and(|about| about.is_file());
        let log = if is_file { fs::read_to_string(&task.log).unwrap() } else { String::new() };
        Told { exit, log, lines: lines.into_inner().unwrap() }
    }
}

/// Does it with plain processes, and in a sandbox where that works.
pub(crate) fn each(check: impl Fn(&Scene)) {
    check(&Scene::process());
    if let Some(scene) = Scene::bubblewrap() {
        check(&scene);
    }
}

/// A number of seconds to sleep that no other test sleeps, so that its process can be found.
pub(crate) fn unique() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("{}{}", 100_000 + std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// The processes that sleep for so long.
pub(crate) fn sleepers(seconds: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
        if words.first().is_some_and(|word| word.ends_with(b"sleep"))
            && words.get(1).is_some_and(|word| *word == seconds.as_bytes())
        {
            found.push(id);
        }
    }
    found
}

/// Waits until it is so; gives up after half a minute.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} did not happen");
}

/// The parent of a process.
pub(crate) fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
