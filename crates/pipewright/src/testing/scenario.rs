//! What steps do in a run without jobs: the script of a test.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipewright_interpreter::scripted::{Script, Scripted, run_scripted};
use pipewright_interpreter::{Definition, Failure, Start};
use serde_json::Value;

use super::names;
use super::run::Run;
use super::step::raw;
use super::synthesis::Synthesis;

/// Where a run takes place whose pipeline is for any account and region.
pub(super) const ACCOUNT: &str = "000000000000";
/// See [`ACCOUNT`].
pub(super) const REGION: &str = "us-east-1";

/// What a failure can be called, for retry policies to ask; a step's own policies may name more.
const EXCEPTIONS: [&str; 5] = [
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.RESOURCE_LIMIT",
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
];

/// A run about to start: values of its parameters, what its steps do, what is in S3.
///
/// A step that nothing is said of succeeds at once, with results that a job of its type could have: a model at its output path, an
/// ARN, empty output parameters.
#[derive(Clone, Debug)]
pub struct Scenario {
    synthesis: Synthesis,
    parameters: BTreeMap<String, Value>,
    objects: Vec<(String, Vec<u8>)>,
    scripts: BTreeMap<String, Doing>,
}

/// What one step does.
#[derive(Clone, Debug, Default)]
struct Doing {
    failures: Vec<(u32, Failure)>,
    stops: bool,
    writes: Vec<(String, Value)>,
    returns: Vec<(String, Value)>,
    properties: Option<Value>,
}

impl Scenario {
    pub(super) fn new(synthesis: Synthesis) -> Self {
        Self { synthesis, parameters: BTreeMap::new(), objects: Vec::new(), scripts: BTreeMap::new() }
    }

    /// The value of a run-time parameter, as the definition spells its name: `MseThreshold`. The others have their defaults.
    pub fn parameter(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    /// A document that is in S3 from the beginning, `s3://BUCKET/KEY`.
    ///
    /// # Panics
    /// Where that is no place in S3.
    #[track_caller]
    pub fn object(mut self, uri: &str, document: impl Into<Value>) -> Self {
        assert!(
            pipewright_interpreter::S3Uri::parse(uri).is_some(),
            "{uri:?} is no place in S3: write s3://BUCKET/KEY"
        );
        self.objects.push((uri.to_owned(), document.into().to_string().into_bytes()));
        self
    }

    /// What this step does; what follows is said of it, until another step is named. In a loop, `BODY` is the step in every
    /// iteration and `LOOP[0].BODY` that of the first one.
    ///
    /// # Panics
    /// Where the pipeline has no such step.
    #[track_caller]
    pub fn on(mut self, step: &str) -> OnStep {
        let name = step.rsplit_once("].").map_or(step, |(_, body)| body);
        let kind = self.synthesis.step(name).kind().to_owned();
        assert!(
            !matches!(kind.as_str(), "Condition" | "Fail" | "ForEach"),
            "step {name:?} starts no job: what a {kind} step does follows from its values"
        );
        self.scripts.entry(step.to_owned()).or_default();
        OnStep { scenario: self, step: step.to_owned(), name: name.to_owned() }
    }

    /// Runs the pipeline to its end, in no time: every step takes a second of a clock that nobody waits for.
    ///
    /// # Panics
    /// Where a parameter has no value, or one that the pipeline does not take: with all that is wrong.
    #[track_caller]
    pub fn start(self) -> Run {
        let name = self.synthesis.answer.name.clone();
        match self.attempt() {
            Ok(run) => run,
            Err(problems) => panic!("{name} does not start:\n{}", problems.join("\n")),
        }
    }

    /// Why the pipeline does not start with these parameters: a sentence for each.
    ///
    /// # Panics
    /// Where it does.
    #[track_caller]
    pub fn refused(self) -> Vec<String> {
        let name = self.synthesis.answer.name.clone();
        match self.attempt() {
            Ok(_) => panic!("{name} starts, although it was not expected to"),
            Err(problems) => problems,
        }
    }

    fn attempt(self) -> Result<Run, Vec<String>> {
        let Self { synthesis, parameters, objects, scripts } = self;
        let said = |problems: pipewright_interpreter::Problems| -> Vec<String> {
            problems.iter().map(ToString::to_string).collect()
        };
        let synthesis = synthesis.located(ACCOUNT, REGION).map_err(|problems| vec![problems.to_string()])?;
        let definition = Arc::new(Definition::from_value(&synthesis.definition).map_err(said)?);
        let (account, region) = synthesis.place();
        let start = Start {
            pipeline: synthesis.answer.name.clone(),
            account: account.unwrap_or(ACCOUNT).to_owned(),
            region: region.unwrap_or(REGION).to_owned(),
            parameters,
            parallelism: synthesis.answer.parallelism,
            ..Start::default()
        };
        let scripted =
            objects.into_iter().fold(Scripted::new(), |all, (uri, content)| all.object(&uri, content));
        let scripted = scripts.into_iter().fold(scripted, |all, (step, doing)| all.on(step, doing.script()));
        let ran = run_scripted(&definition, start, &scripted).map_err(said)?;
        Ok(Run::new(ran, synthesis))
    }
}

impl Doing {
    fn script(self) -> Script {
        let Self { failures, stops, writes, returns, properties } = self;
        let script = failures
            .into_iter()
            .fold(Script::new(), |script, (times, failure)| script.fails_times(times, failure));
        let script =
            writes.into_iter().fold(script, |script, (file, document)| script.writes(file, document));
        let script = returns.into_iter().fold(script, |script, (name, value)| script.returns(name, value));
        let script = properties.into_iter().fold(script, Script::properties);
        if stops { script.stops() } else { script }
    }
}

/// A [`Scenario`], and the step that is spoken of.
#[derive(Clone, Debug)]
pub struct OnStep {
    scenario: Scenario,
    /// As it was named.
    step: String,
    /// In the definition.
    name: String,
}

impl OnStep {
    /// The step writes this document: to the property file of this name or path, to a path below its only output, or to `OUTPUT/PATH`.
    ///
    /// # Panics
    /// Where it is none of these.
    #[track_caller]
    pub fn writes(mut self, file: &str, document: impl Into<Value>) -> Self {
        let (files, outputs) = self.files();
        let output = file.split_once('/').map_or("", |(output, _)| output);
        let known = files.iter().any(|known| known == file)
            || outputs.len() == 1
            || outputs.iter().any(|known| known == output);
        assert!(
            known,
            "step {:?} writes no {file:?}: its property files are [{}]; to write into one of its outputs [{}], say OUTPUT/{file}",
            self.name,
            files.join(", "),
            outputs.join(", "),
        );
        self.doing().writes.push((file.to_owned(), document.into()));
        self
    }

    /// The output parameters that a Lambda or Callback step returns.
    ///
    /// # Panics
    /// Where the step declares no such output.
    #[track_caller]
    pub fn returns<'n, V: Into<Value>>(mut self, outputs: impl IntoIterator<Item = (&'n str, V)>) -> Self {
        let known = self.texts("/OutputParameters", "OutputName");
        for (name, value) in outputs {
            assert!(
                known.iter().any(|known| known == name),
                "step {:?} returns no {name:?}: {}",
                self.name,
                names::help(name, known.iter().map(String::as_str))
            );
            self.doing().returns.push((name.to_owned(), value.into()));
        }
        self
    }

    /// Properties of the step's job, instead of those that it would have: `json!({"ModelArtifacts": {"S3ModelArtifacts": "s3://…"}})`.
    pub fn has(mut self, properties: impl Into<Value>) -> Self {
        self.doing().properties = Some(properties.into());
        self
    }

    /// The step fails at every attempt, for this reason; see [`times`](Self::times).
    pub fn fails(mut self, reason: &str) -> Self {
        self.doing().failures.push((u32::MAX, Failure::new(reason)));
        self
    }

    /// What kind of failure it is, for retry policies to ask: `SageMaker.CAPACITY_ERROR`.
    ///
    /// # Panics
    /// Where nothing was said to fail, or there is no such exception.
    #[track_caller]
    pub fn with_exception(mut self, exception: &str) -> Self {
        let policies = self.raw().and_then(|step| step.get("RetryPolicies")).and_then(Value::as_array);
        let named =
            policies.into_iter().flatten().filter_map(|policy| policy.get("ExceptionType")?.as_array());
        let mut known: Vec<&str> = named.flatten().filter_map(Value::as_str).chain(EXCEPTIONS).collect();
        known.sort_unstable();
        known.dedup();
        assert!(
            known.contains(&exception),
            "there is no exception {exception:?}: {}",
            names::help(exception, known)
        );
        self.failure("with_exception").1.exception = Some(exception.to_owned());
        self
    }

    /// How many attempts fail so. The one after them fails as the next [`fails`](Self::fails) says, or succeeds.
    ///
    /// # Panics
    /// Where nothing was said to fail.
    #[track_caller]
    pub fn times(mut self, times: u32) -> Self {
        self.failure("times").0 = times;
        self
    }

    /// Somebody stops the step's job. The run is `Stopped` then.
    pub fn stops(mut self) -> Self {
        self.doing().stops = true;
        self
    }

    /// As [`Scenario::on`].
    ///
    /// # Panics
    /// Where the pipeline has no such step.
    #[track_caller]
    pub fn on(self, step: &str) -> Self {
        self.scenario.on(step)
    }

    /// As [`Scenario::parameter`].
    pub fn parameter(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.scenario = self.scenario.parameter(name, value);
        self
    }

    /// As [`Scenario::object`].
    ///
    /// # Panics
    /// Where that is no place in S3.
    #[track_caller]
    pub fn object(mut self, uri: &str, document: impl Into<Value>) -> Self {
        self.scenario = self.scenario.object(uri, document);
        self
    }

    /// As [`Scenario::start`].
    ///
    /// # Panics
    /// Where the pipeline does not start with these parameters.
    #[track_caller]
    pub fn start(self) -> Run {
        self.scenario.start()
    }

    fn doing(&mut self) -> &mut Doing {
        self.scenario.scripts.entry(self.step.clone()).or_default()
    }

    #[track_caller]
    fn failure(&mut self, what: &str) -> &mut (u32, Failure) {
        let Some(last) = self.doing().failures.last_mut() else {
            panic!("{what} belongs to a failure: say .fails(\"why\") first");
        };
        last
    }

    fn raw(&self) -> Option<&Value> {
        raw(&self.scenario.synthesis.definition, &self.name)
    }

    /// Names and paths of property files, and the names of outputs.
    fn files(&self) -> (Vec<String>, Vec<String>) {
        let mut files = self.texts("/PropertyFiles", "FilePath");
        files.extend(self.texts("/PropertyFiles", "PropertyFileName"));
        (files, self.texts("/Arguments/ProcessingOutputConfig/Outputs", "OutputName"))
    }

    fn texts(&self, list: &str, member: &str) -> Vec<String> {
        let list = self.raw().and_then(|step| step.pointer(list)).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(|item| item.get(member)?.as_str());
        texts.map(str::to_owned).collect()
    }
}
