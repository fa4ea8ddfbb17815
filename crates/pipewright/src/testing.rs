//! Tests of pipelines, on this machine alone: no account, no network, no process, in milliseconds.
//!
//! Four questions, and how to ask them:
//!
//! | question | how to ask it |
//! | --- | --- |
//! | what is it made of, and do my settings arrive? | [`Synth::synthesis`], then [`Synthesis::step`], [`Step::argument`], [`Synthesis::needs`] |
//! | is bad configuration refused? | [`Synth::problems`] |
//! | what happens when? | [`Synthesis::run`]: say what steps do, start, look at the [`Run`] |
//! | has anything changed that I did not mean to change? | [`Synthesis::assert_snapshot`] |
//!
//! In Python one would mock AWS with moto, patch `boto3`, and look at JSON that the SDK made. Here nothing is mocked, because
//! nothing is called: synthesis is a function from configuration to definition, and a run hands the definition to the
//! interpreter that `cargo xtask run` uses, with results that the test says. Conditions, retries, joins and property paths are
//! evaluated as SageMaker does it.
//!
//! # A test file
//!
//! `cargo test -p my-pipeline` runs the files in the crate's `tests/`. They begin with the pipeline's own source:
//!
//! ```ignore
//! //! The pipeline, tested on this machine alone.
//!
//! #[path = "../src/main.rs"]
//! mod program;
//!
//! use pipewright::testing::{Synth, json};
//!
//! /// The pipeline with its own `config.toml`.
//! fn pipeline() -> Synth {
//!     program::pipelines().get("my-pipeline").env("prod")
//! }
//! ```
//!
//! `pipelines()` is written by [`pipewright::main!`](crate::main). The pipeline is what `cargo xtask synth --env prod` would
//! see: configuration files of the crate, values that `pipewright.toml` shares, account and region of the environment. Only environment
//! variables are left out, so that a test does not depend on who runs it; [`Synth::variable`] gives them. Each test says what
//! is different for it: [`Synth::set`], [`Synth::config`].
//!
//! In such a file the pipeline's source is a module and not the crate: modules of the pipeline refer to each other by `super::`
//! rather than `crate::`. What stands in `src/main.rs` itself can be tested there as well, in a `#[cfg(test)] mod tests`, with
//! [`pipeline`].
//!
//! # An example
//!
//! ```
//! use pipewright::prelude::*;
//! use pipewright::testing::{self, Run, Synthesis, json};
//!
//! /// Trains, evaluates, asks somebody, and creates a model or fails.
//! #[derive(Pipeline)]
//! #[pipeline(name = "prices")]
//! struct Prices {
//!     /// Boosting rounds.
//!     #[config(ge = 1)]
//!     rounds: u32,
//!     /// The largest error that a model may have.
//!     #[parameter(default = 6.0)]
//!     threshold: Parameter<f64>,
//! }
//!
//! impl Steps for Prices {
//!     fn steps(&self, p: &mut Graph) -> Result<()> {
//!         let xgboost = image::xgboost("1.7-1");
//!         let retry = Retry::attempts(3).on(JobException::CapacityError);
//!         let train = p.add("Train", Training::new(&xgboost)
//!             .instances(1, "ml.m5.xlarge")
//!             .hyperparameter("num_round", self.rounds)
//!             .channel("train", Channel::csv("s3://prices/train"))
//!             .retry(retry));
//!         let report = PropertyFile::new("Report", "report", "report.json");
//!         let evaluate = p.add("Evaluate", Processing::container()
//!             .image(&xgboost)
//!             .entrypoint(["evaluate"])
//!             .instances(1, "ml.m5.xlarge")
//!             .with_input(Input::s3(train.model(), "/opt/ml/processing/model"))
//!             .output("report", "/opt/ml/processing/report")
//!             .property_file(report.clone()));
//!         let error = evaluate.json_get::<f64>(&report, "mse");
//!         p.add("IsGood", ConditionStep::when(error.less_than_or_equal_to(&self.threshold))
//!             .then(|p| {
//!                 p.add("CreateModel", Model::new(Container::new(&xgboost).model_data(train.model())));
//!             })
//!             .otherwise(|p| {
//!                 p.add("Stop", Fail::new(join!("the error is above ", &self.threshold)));
//!             }));
//!         Ok(())
//!     }
//! }
//!
//! fn prices() -> Synthesis {
//!     testing::pipeline::<Prices>().config("rounds = 50").synthesis()
//! }
//!
//! // Steps by name; a misspelt one fails with the names that there are.
//! let prices = prices();
//! assert_eq!(prices.steps(), ["Train", "Evaluate", "IsGood", "CreateModel", "Stop"]);
//! let train = prices.step("Train");
//! assert_eq!(train.kind(), "Training");
//!
//! // Arguments by path, elements of lists by their names.
//! assert_eq!(train.argument("HyperParameters.num_round"), "50");
//! assert_eq!(train.argument("InputDataConfig['train'].ContentType"), "text/csv");
//! assert_eq!(prices.step("IsGood").parameters(), ["Threshold"]);
//!
//! // The graph.
//! assert!(prices.has_edge("Train", "Evaluate"));
//! assert!(prices.needs("CreateModel", "Evaluate"));
//! assert_eq!(prices.step("Stop").parent(), Some("IsGood"));
//!
//! // Bad configuration, all of it at once.
//! let problems = testing::pipeline::<Prices>().config("rounds = 0\nronuds = 1").problems();
//! assert_eq!(
//!     problems.messages(),
//!     ["`rounds` must be at least 1, but is 0", "`ronuds` is not a key of the configuration"]
//! );
//!
//! // A run whose model has this error, and the branch that it takes.
//! let run = prices.run().on("Evaluate").writes("report.json", json!({"mse": 4.2})).start();
//! run.assert_succeeded();
//! assert!(run.took("IsGood", true));
//! assert!(run.skipped("Stop"));
//! // What the job was started with: every expression is a value by now.
//! let model = run.property("Train", "ModelArtifacts.S3ModelArtifacts");
//! assert_eq!(run.job("CreateModel").argument("PrimaryContainer.ModelDataUrl"), model);
//!
//! // The other branch, by a parameter.
//! let bad = prices.run().on("Evaluate").writes("report.json", json!({"mse": 4.2})).parameter("Threshold", 3.5).start();
//! assert_eq!(bad.failure_reason(), "the error is above 3.5");
//! assert_eq!(bad.path(), ["Train", "Evaluate", "IsGood", "Stop"]);
//!
//! // Two attempts fail, the third succeeds.
//! let retried = prices
//!     .run()
//!     .on("Train").fails("no capacity").with_exception("SageMaker.CAPACITY_ERROR").times(2)
//!     .on("Evaluate").writes("report.json", json!({"mse": 4.2}))
//!     .start();
//! retried.assert_succeeded();
//! assert_eq!(retried.attempts("Train"), 3);
//! ```
//!
//! A step that nothing is said of succeeds, with results that its job could have had. A run without an account of its own takes
//! place in `000000000000` and `us-east-1`. Its clock is one that nobody waits for: retries after an hour take no time.
//!
//! # What has changed
//!
//! [`Synthesis::assert_snapshot`]`("my-pipeline")` holds the definition against `tests/snapshots/my-pipeline.json`. The first time, and
//! after a change that is meant, write the file and commit it:
//!
//! ```text
//! UPDATE_GOLDENS=1 cargo test -p my-pipeline
//! ```
//!
//! A change that was not meant fails with each difference and its place:
//!
//! ```text
//! the definition differs from tests/snapshots/my-pipeline.json:
//!   Steps['Train'].Arguments.HyperParameters.num_round: was "50", is "60"
//! UPDATE_GOLDENS=1 cargo test … accepts it
//! ```
//!
//! # Coming from pytest
//!
//! | in Python | here |
//! | --- | --- |
//! | `@mock_aws`, fake credentials | nothing: no AWS is called |
//! | a fixture that returns the pipeline | a function that returns a [`Synth`] |
//! | `json.loads(pipeline.definition())["Steps"][3]["Arguments"]…` | [`Synthesis::step`]`("Train")`[`.argument`](Step::argument)`("HyperParameters.eta")` |
//! | `pytest.raises(ValidationError)` | [`Synth::problems`] |
//! | `LocalPipelineSession`, Docker | [`Synthesis::run`] with scripted results; `cargo xtask run` for the real scripts |
//! | `Stubber.add_client_error(…)` | [`OnStep::fails`], [`OnStep::with_exception`], [`OnStep::times`] |
//! | syrupy, `--snapshot-update` | [`Synthesis::assert_snapshot`], `UPDATE_GOLDENS=1` |
//! | `@pytest.mark.parametrize` | a loop, or a `#[track_caller] fn check(…)` that several tests call |

mod files;
mod names;
mod path;
mod problems;
mod run;
mod scenario;
mod snapshot;
mod step;
mod synth;
mod synthesis;

use pipewright_model::Environment;

pub use self::problems::Problems;
pub use self::run::{Run, StartedJob};
pub use self::scenario::{OnStep, Scenario};
pub use self::step::Step;
pub use self::synth::{Pipelines, Synth};
pub use self::synthesis::Synthesis;
pub use serde_json::json;

use crate::program::Entry;
use crate::{Pipeline, Steps};

/// JSON: what definitions, arguments and documents are. [`json!`] writes it.
// An alias and not the enum itself: with a variant `String` in reach the compiler's messages spell `std::string::String` out.
pub type Value = serde_json::Value;

/// A pipeline to synthesise, without configuration files, in an environment called `test` that knows neither account nor
/// region unless told.
pub fn pipeline<P: Pipeline + Steps>() -> Synth {
    let environment =
        Environment { name: "test".to_owned(), prefix: "test".to_owned(), ..Environment::default() };
    Synth { request: synth::request(environment), entry: Entry::of::<P>(), folder: None }
}
