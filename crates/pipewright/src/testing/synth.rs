//! A pipeline about to be synthesised, with the settings of a test.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_model::Environment;
use pipewright_model::protocol::{ConfigSource, Operation, PROTOCOL, Request, SetValue};

use super::problems::Problems;
use super::synthesis::Synthesis;
use super::{files, names};
use crate::program::Entry;

/// The pipelines of a program, as tests see them: what `pipelines()` returns, which
/// [`main!`](crate::main) writes.
#[derive(Clone, Copy, Debug)]
pub struct Pipelines {
    folder: &'static str,
    package: &'static str,
    entries: &'static [Entry],
}

impl Pipelines {
    /// For `main!` alone.
    #[doc(hidden)]
    pub const fn new(folder: &'static str, package: &'static str, entries: &'static [Entry]) -> Self {
        Self { folder, package, entries }
    }

    /// The names of the pipelines, in the order of `main!`.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries.iter().map(Entry::name).collect()
    }

    /// The pipeline of this name, as `cargo xtask synth` would synthesise it: with the configuration files of
    /// the crate, in the default environment of `pipewright.toml`. Environment variables are not looked at.
    ///
    /// # Panics
    /// Where there is no pipeline of this name, or a file can't be read.
    #[track_caller]
    pub fn get(&self, name: &str) -> Synth {
        let Some(entry) = self.entries.iter().find(|entry| entry.name() == name) else {
            panic!("the program has no pipeline {name:?}: {}", names::help(name, self.names()));
        };
        let folder = PathBuf::from(self.folder);
        let files = files::sources(&folder, self.package)
            .and_then(|sources| Ok((sources, files::settings(&folder)?)))
            .and_then(|(sources, settings)| {
                let environment = files::environment(settings.as_ref().map(|file| file.text.as_str()), None)?;
                Ok((sources, settings, environment))
            });
        match files {
            Ok((sources, shared, environment)) => {
                let request = Request { sources, shared, ..request(environment) };
                Synth { request, entry: *entry, folder: Some(folder) }
            }
            Err(why) => panic!("{why}"),
        }
    }
}

pub(super) fn request(environment: Environment) -> Request {
    Request {
        protocol: PROTOCOL,
        operation: Operation::Synth,
        environment,
        sources: Vec::new(),
        shared: None,
        variables: BTreeMap::new(),
        set: Vec::new(),
        pipelines: None,
    }
}

/// A pipeline and the settings to synthesise it with. Each method returns it changed, so that a test file can have one
/// function that returns it and each test what is different.
#[derive(Clone, Debug)]
pub struct Synth {
    pub(super) request: Request,
    pub(super) entry: Entry,
    pub(super) folder: Option<PathBuf>,
}

impl Synth {
    /// The environment of this name, as `--env` chooses it: account, region and buckets as `pipewright.toml` says, and
    /// of the configuration the tables and files of this environment. For a pipeline without files it is just the name.
    ///
    /// # Panics
    /// Where `pipewright.toml` has no such environment.
    #[track_caller]
    pub fn env(mut self, name: &str) -> Self {
        let shared = self.folder.as_deref().map(files::settings).transpose();
        let settings = shared.map(Option::flatten);
        let environment = settings
            .and_then(|file| files::environment(file.as_ref().map(|file| file.text.as_str()), Some(name)));
        match environment {
            Ok(environment) => self.request.environment = environment,
            Err(why) => panic!("{why}"),
        }
        self
    }

    /// The whole environment, instead of what `pipewright.toml` says.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.request.environment = environment;
        self
    }

    /// The account and region, so that the definition holds literals only.
    pub fn account(mut self, account: &str, region: &str) -> Self {
        self.request.environment.account = Some(account.to_owned());
        self.request.environment.region = Some(region.to_owned());
        self
    }

    /// The buckets for code and results.
    pub fn buckets(mut self, sources: &str, data: &str) -> Self {
        self.request.environment.source_bucket = Some(sources.to_owned());
        self.request.environment.data_bucket = Some(data.to_owned());
        self
    }

    /// The text of `config.toml`. It takes the place of all files of the crate.
    pub fn config(mut self, toml: &str) -> Self {
        self.request.sources = vec![ConfigSource { name: "config.toml".to_owned(), text: toml.to_owned() }];
        self
    }

    /// One more configuration file, such as `config.prod.toml` or `config.yaml`; its name says which one it is.
    pub fn file(mut self, name: &str, text: &str) -> Self {
        self.request.sources.push(ConfigSource { name: name.to_owned(), text: text.to_owned() });
        self
    }

    /// The text of `pipewright.toml`, whose table `[shared]` holds values for all pipelines.
    pub fn shared(mut self, toml: &str) -> Self {
        let name = "pipewright.toml".to_owned();
        self.request.shared = Some(ConfigSource { name, text: toml.to_owned() });
        self
    }

    /// An environment variable: it sets a value when its name says so, and texts can name it.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.request.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A value as `--set PIPELINE.KEY=VALUE` gives it: it wins over files and variables.
    #[expect(clippy::needless_pass_by_value, reason = "`set(\"rounds\", 3)` reads better than with `&3`")]
    pub fn set(mut self, key: &str, value: impl ToString) -> Self {
        let pipeline = self.entry.name().to_owned();
        self.request.set.push(SetValue { pipeline, key: key.to_owned(), value: value.to_string() });
        self
    }

    /// Synthesises, for tests that look at either result.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration, or else with the graph.
    pub fn synth(&self) -> Result<Synthesis, Problems> {
        let mut answer = self.entry.answer(&self.request);
        let diagnostics = std::mem::take(&mut answer.diagnostics);
        // The definition was serialised a moment ago: it parses.
        let definition = answer.definition.take().and_then(|text| serde_json::from_str(text.get()).ok());
        match definition {
            Some(definition) => Ok(Synthesis::new(definition, answer, diagnostics, self)),
            None => Err(Problems(diagnostics)),
        }
    }

    /// Synthesises.
    ///
    /// # Panics
    /// With everything that is wrong, where something is.
    #[track_caller]
    pub fn synthesis(&self) -> Synthesis {
        match self.synth() {
            Ok(synthesis) => synthesis,
            Err(problems) => panic!("{} does not synthesise:\n{problems}", self.entry.name()),
        }
    }

    /// What is wrong, for tests of bad configuration.
    ///
    /// # Panics
    /// Where nothing is.
    #[track_caller]
    pub fn problems(&self) -> Problems {
        match self.synth() {
            Ok(_) => panic!("{} synthesises, although it was not expected to", self.entry.name()),
            Err(problems) => problems,
        }
    }
}
