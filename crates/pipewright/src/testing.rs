//! Synthesis in memory, for tests: no process, no file, no AWS.
//!
//! ```
//! use pipewright::prelude::*;
//! use pipewright::testing;
//!
//! #[derive(Pipeline)]
//! #[pipeline(name = "greeting")]
//! struct Greeting {
//!     #[config(min_length = 1)]
//!     text: String,
//! }
//!
//! impl Steps for Greeting {
//!     fn steps(&self, p: &mut Graph) -> Result<()> {
//!         p.add("Stop", Fail::new(&self.text));
//!         Ok(())
//!     }
//! }
//!
//! let definition = testing::pipeline::<Greeting>().config("text = 'hello'").synth().unwrap().definition;
//! assert_eq!(definition["Steps"][0]["Arguments"]["ErrorMessage"], "hello");
//!
//! let problems = testing::pipeline::<Greeting>().config("text = ''\nsize = 3").synth().unwrap_err();
//! assert_eq!(problems.len(), 2);
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use pipewright_model::protocol::{
    ConfigSource, Diagnostic, Operation, PROTOCOL, PipelineAnswer, Request, SetValue,
};
use pipewright_model::{Environment, Severity};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Pipeline, Steps, synth};

/// A pipeline to synthesise, in an environment called `test` that knows neither account nor region
/// unless told.
pub fn pipeline<P: Pipeline + Steps>() -> Synth<P> {
    let environment =
        Environment { name: "test".to_owned(), prefix: "test".to_owned(), ..Environment::default() };
    let request = Request {
        protocol: PROTOCOL,
        operation: Operation::Synth,
        environment,
        sources: Vec::new(),
        shared: None,
        variables: BTreeMap::new(),
        set: Vec::new(),
        pipelines: None,
    };
    Synth { request, pipeline: PhantomData }
}

/// The settings of a synthesis in memory.
#[derive(Clone, Debug)]
pub struct Synth<P> {
    request: Request,
    pipeline: PhantomData<fn() -> P>,
}

impl<P: Pipeline + Steps> Synth<P> {
    /// The whole environment.
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

    /// The text of `config.toml`.
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

    /// A value as `--set PIPELINE.KEY=VALUE` gives it.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        let pipeline = P::NAME.to_owned();
        self.request.set.push(SetValue { pipeline, key: key.to_owned(), value: value.to_owned() });
        self
    }

    /// Synthesises.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration, or else with the graph.
    pub fn synth(&self) -> Result<Synthesis, Problems> {
        let mut answer = synth::answer::<P>(&self.request);
        let diagnostics = std::mem::take(&mut answer.diagnostics);
        // The definition was serialised a moment ago: it parses.
        let definition = answer.definition.take().and_then(|text| serde_json::from_str(text.get()).ok());
        match definition {
            Some(definition) => Ok(Synthesis { definition, answer, warnings: diagnostics }),
            None => Err(Problems(diagnostics)),
        }
    }
}

/// A pipeline that was synthesised.
#[derive(Clone, Debug)]
pub struct Synthesis {
    /// The definition.
    pub definition: Value,
    /// What is known of the pipeline beside its definition, which has been taken out of it.
    pub answer: PipelineAnswer<Box<RawValue>>,
    /// What deserves a look without being wrong.
    pub warnings: Vec<Diagnostic>,
}

/// Everything that is wrong with a pipeline.
#[derive(Clone, Debug)]
pub struct Problems(Vec<Diagnostic>);

impl Problems {
    /// The problems, in the order of the configuration or of the steps.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            writeln!(f, "{severity}[{}]: {}: {}", problem.code, problem.path, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
