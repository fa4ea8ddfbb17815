//! Which runner this machine has: a container engine, else bubblewrap, else plain processes.

use std::path::PathBuf;
use std::sync::Arc;

use super::container::Probe;
use super::{Bubblewrap, Container, Error, Kind, Launcher, Process, Supervisor};
use crate::python::Python;

/// What there is to choose from.
#[derive(Clone, Debug)]
pub struct Means {
    /// Looks after the processes of the runners without containers, and says how long processes have to end.
    pub supervisor: Supervisor,
    /// The program `pipewright-container`, where it was built.
    pub container: Option<PathBuf>,
    /// The run's id: a label of its containers.
    pub run: String,
    /// The images that the pipeline's steps name.
    pub images: Vec<String>,
}

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    kind: Kind,
    means: Means,
    bubblewrap: Option<PathBuf>,
}

impl Chosen {
    /// How processes will run.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether steps have this machine's Python, and with it the packages of `local/requirements.txt`. In a container they have
    /// what the image has.
    pub fn needs_python(&self) -> bool {
        self.kind != Kind::Container
    }

    /// What starts processes so; `python` goes to those that need one.
    pub fn launcher(self, python: Option<Python>) -> Arc<dyn Launcher> {
        let supervisor = self.means.supervisor;
        match (self.kind, self.means.container, self.bubblewrap) {
            (Kind::Container, Some(program), _) => {
                Arc::new(Container::new(program, self.means.run, supervisor.grace))
            }
            (Kind::Bubblewrap, _, Some(program)) => Arc::new(Bubblewrap::new(supervisor, program, python)),
            _ => Arc::new(Process::new(supervisor, python)),
        }
    }
}

/// Chooses the runner that is `wanted`, or the best one there is. `say` hears why one that is better was passed over.
///
/// # Errors
/// Where the one that is wanted can't be used here; says why.
pub fn choose(wanted: Option<Kind>, means: &Means, say: &dyn Fn(&str)) -> Result<Chosen, Error> {
    let chosen = |kind, bubblewrap| Chosen { kind, means: means.clone(), bubblewrap };
    if wanted == Some(Kind::Process) {
        return Ok(chosen(Kind::Process, None));
    }
    if wanted != Some(Kind::Bubblewrap) {
        let probe = match &means.container {
            Some(program) => Container::probe(program, &means.images),
            None => Probe {
                error: "the program pipewright-container was not built".to_owned(),
                ..Probe::default()
            },
        };
        match judge(&probe, wanted.is_some()) {
            Verdict::Use => return Ok(chosen(Kind::Container, None)),
            Verdict::Refuse(error) => return Err(Error::new(error)),
            Verdict::Pass(Some(line)) => say(&line),
            Verdict::Pass(None) => {}
        }
    }
    match (Bubblewrap::find(), wanted) {
        (Ok(program), _) => Ok(chosen(Kind::Bubblewrap, Some(program))),
        (Err(error), Some(_)) => Err(Error::new(format!("--runner bubblewrap: {error}"))),
        (Err(error), None) => {
            say(&format!("steps run as plain processes, without a real /opt/ml: {error}"));
            Ok(chosen(Kind::Process, None))
        }
    }
}

/// What becomes of containers.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// They are used.
    Use,
    /// Something else is used; a sentence where that is worth one.
    Pass(Option<String>),
    /// They were asked for and can't be used.
    Refuse(String),
}

/// Judges what the engine says. `is_wanted`: nothing else will do. An image that is not here and may yet be had is no reason
/// against.
fn judge(probe: &Probe, is_wanted: bool) -> Verdict {
    match (&probe.engine, probe.unavailable.first(), is_wanted) {
        (Some(_), _, true) | (Some(_), None, false) => Verdict::Use,
        (None, _, true) => Verdict::Refuse(format!("--runner container: {}", probe.error)),
        (None, _, false) => Verdict::Pass(None),
        (Some(engine), Some(image), false) => Verdict::Pass(Some(format!(
            "{engine} is not used: the image {image} is not here, and its registry wants a login (`docker login`, or \
             pull it; `--runner container` tries nevertheless)"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_containers() {
        let probe = |engine: Option<&str>, unavailable: &[&str]| Probe {
            engine: engine.map(str::to_owned),
            error: "no engine answers at unix:///x".to_owned(),
            unavailable: unavailable.iter().map(|image| (*image).to_owned()).collect(),
        };
        assert_eq!(judge(&probe(Some("Docker 1"), &[]), false), Verdict::Use);
        assert_eq!(judge(&probe(Some("Docker 1"), &["a"]), true), Verdict::Use);
        assert_eq!(judge(&probe(None, &[]), false), Verdict::Pass(None));
        let refused = Verdict::Refuse("--runner container: no engine answers at unix:///x".to_owned());
        assert_eq!(judge(&probe(None, &["a"]), true), refused);
        let Verdict::Pass(Some(line)) = judge(&probe(Some("Docker 1"), &["a:1", "b"]), false) else {
            panic!()
        };
        assert!(line.contains("Docker 1") && line.contains("a:1"), "{line}");
    }

    #[test]
    fn what_is_wanted_is_not_replaced() {
        let means = Means {
            supervisor: Supervisor::new("/nowhere"),
            container: None,
            run: "r".to_owned(),
            images: Vec::new(),
        };
        let error = choose(Some(Kind::Container), &means, &|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("--runner container: "), "{error}");
        let chosen = choose(Some(Kind::Process), &means, &|line| panic!("{line}")).unwrap();
        assert_eq!((chosen.kind(), chosen.needs_python()), (Kind::Process, true));
        assert_eq!(chosen.launcher(None).kind(), Kind::Process);
    }
}
