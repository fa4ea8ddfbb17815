//! Virtual environments.

use std::fs;
use std::process::Command;
use std::sync::Mutex;

use pipewright_interpreter::{Control, Stop};
use pipewright_local::launch::{Bubblewrap, Launcher, Process};
use pipewright_local::python::environment;

use crate::scene::{Scene, supervisor};

/// Writes a wheel: a package that needs no index.
const WHEEL: &str = "
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    info = 'pipewright_example-1.0.dist-info/'
    wheel.writestr('pipewright_example.py', 'ANSWER = 42\\n')
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: pipewright-example\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
";

#[test]
fn packages_are_installed_once() {
    let scene = Scene::process();
    let root = scene.path("local");
    let wheel = scene.path("pipewright_example-1.0-py3-none-any.whl");
    let written = Command::new("python3").args(["-c", WHEEL]).arg(&wheel).status().unwrap();
    assert!(written.success());
    let requirements = scene.path("requirements.txt");
    fs::write(&requirements, "# one\n--no-index\n./pipewright_example-1.0-py3-none-any.whl\n").unwrap();
    let (lines, stop) = (Mutex::new(Vec::new()), Stop::default());
    let line = |text: &str| lines.lock().unwrap().push(text.to_owned());
    let ask = || environment(&root, Some(&requirements), &supervisor(), &Control::new(&stop, &line)).unwrap();

    // Two at once: one of them installs.
    let (first, second) = std::thread::scope(|threads| {
        let other = threads.spawn(ask);
        (ask(), other.join().unwrap())
    });
    assert_eq!(first, second);
    let said = std::mem::take(&mut *lines.lock().unwrap());
    assert_eq!(said.iter().filter(|line| line.starts_with("installing ")).count(), 1, "{said:?}");

    // Both names of Python mean it, and a path that only an image has. It lies below /tmp here, of which a sandbox has its own.
    let mut launchers: Vec<Box<dyn Launcher>> =
        vec![Box::new(Process::new(supervisor(), Some(first.clone())))];
    if Scene::bubblewrap().is_some() {
        let program = Bubblewrap::find().unwrap();
        launchers.push(Box::new(Bubblewrap::new(supervisor(), program, Some(first.clone()))));
    }
    for launcher in launchers {
        let scene = Scene { launcher, ..Scene::process() };
        for program in ["python3", "python", "/miniconda3/bin/python3.9"] {
            let script = "import pipewright_example, multiprocessing, os; multiprocessing.Lock()
print(pipewright_example.ANSWER, os.environ['VIRTUAL_ENV'])";
            let log = scene.run(&scene.task(&[program, "-c", script])).log;
            assert!(log.ends_with(&format!("42 {}\n", first.folder.display())), "{log}");
        }
    }
    assert_eq!(ask(), first);
    assert_eq!(lines.lock().unwrap().len(), 0, "it is there already");

    // A half-built one is not taken for whole.
    fs::remove_file(first.folder.join(".complete")).unwrap();
    fs::remove_file(&wheel).unwrap();
    let error = environment(&root, Some(&requirements), &supervisor(), &Control::new(&stop, &line));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("pipewright_example-1.0") && error.contains(".log"), "{error}");
    assert!(!first.folder.join(".complete").exists());
}

#[test]
fn no_packages_no_environment() {
    let scene = Scene::process();
    let requirements = scene.path("requirements.txt");
    fs::write(&requirements, "# none\n").unwrap();
    let stop = Stop::default();
    for requirements in [None, Some(requirements.as_path())] {
        let control = Control::new(&stop, &|line| panic!("{line}"));
        let python = environment(&scene.path("local"), requirements, &supervisor(), &control).unwrap();
        assert!(python.python.is_file() && python.python.starts_with(&python.bin), "{python:?}");
    }
    assert!(!scene.path("local").exists());
    let control = Control::new(&stop, &|_| ());
    let error = environment(&scene.path("local"), Some(&scene.path("no.txt")), &supervisor(), &control);
    assert!(error.unwrap_err().to_string().contains("no.txt"));
}
