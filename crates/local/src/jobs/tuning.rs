//! Tuning jobs: training jobs one after the other, with other hyperparameters each time.
//!
//! `Grid` tries every combination; `Random`, `Bayesian` and `Hyperband` are all a search by chance, which depends on `RandomSeed` alone
//! (0 where there is none), so that the same request tries the same. `MaxParallelTrainingJobs` and early stopping of training jobs
//! change nothing here. Warm starts are passed over.

mod search;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pipewright_interpreter::{Control, Failure, Job, Outcome, Success};
use serde_json::{Map, Value, json};

use self::search::{Choice, Random, Range};
use super::folder::StepFolder;
use super::request::{Problems, Read};
use super::{Trouble, properties, training};
use crate::site::Site;

/// The most training jobs of one tuning job here, where the request asks for more or says nothing.
const MOST: usize = 750;

/// After so many failures without a success there is no point in going on.
const HOPELESS: usize = 5;

/// Runs a tuning job. Properties are the shape of `DescribeHyperParameterTuningJobResponse`, with the `TrainingJobSummaries` that
/// `ListTrainingJobsForHyperParameterTuningJob` answers, the best first.
pub fn run(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let done = Request::read(&job.arguments).and_then(|request| {
        let folder = StepFolder::begin(site, job)?;
        let tuned =
            Tuning { site, job, control, request: &request, folder: &folder, summaries: Vec::new() }.run()?;
        folder.end();
        Ok((request, tuned))
    });
    match done {
        Ok((request, summaries)) => ended(job, &request, summaries),
        Err(trouble) => trouble.outcome(Value::Object(properties::of_request(&job.arguments, &["Tags"]))),
    }
}

/// What a tuning job is to do.
#[derive(Debug)]
struct Request {
    definitions: Vec<Definition>,
    is_grid: bool,
    most: Option<usize>,
    limit: Option<Duration>,
    seed: u64,
    target: Option<f64>,
    /// So many jobs without a better one are enough.
    not_improving: Option<usize>,
}

/// Training jobs of one kind.
#[derive(Debug)]
struct Definition {
    name: Option<String>,
    metric: String,
    is_maximised: bool,
    ranges: Vec<Range>,
    /// The request of a training job, without what is tuned.
    training: Map<String, Value>,
}

impl Request {
    fn read(arguments: &Value) -> Result<Self, Trouble> {
        let problems = Problems::default();
        let read = Read::new(arguments, &problems);
        let config = read.get("HyperParameterTuningJobConfig");
        let limits = config.get("ResourceLimits");
        let criteria = config.get("TuningJobCompletionCriteria");
        let mut definitions = read.get("TrainingJobDefinitions").list();
        if definitions.is_empty() {
            definitions.push(read.get("TrainingJobDefinition"));
        }
        let count = |read: Read<'_>| read.number().and_then(|number| usize::try_from(number).ok());
        let request = Self {
            definitions: definitions.iter().map(|definition| Definition::read(definition, &config)).collect(),
            is_grid: config.get("Strategy").one_of(&["Bayesian", "Random", "Hyperband", "Grid"]) == "Grid",
            most: count(limits.get("MaxNumberOfTrainingJobs")),
            limit: limits.get("MaxRuntimeInSeconds").number().map(Duration::from_secs),
            seed: config.get("RandomSeed").number().unwrap_or(0),
            target: criteria.get("TargetObjectiveMetricValue").text().and_then(|text| text.parse().ok()),
            not_improving: count(
                criteria.get("BestObjectiveNotImproving").get("MaxNumberOfTrainingJobsNotImproving"),
            ),
        };
        if !request.is_grid && request.most.is_none() {
            limits.get("MaxNumberOfTrainingJobs").problem("is missing");
        }
        problems.or(request)
    }
}

impl Definition {
    fn read(read: &Read<'_>, config: &Read<'_>) -> Self {
        let own = |name: &str, shared: &str| {
            let own = read.get(name);
            if own.is_some() { own } else { config.get(shared) }
        };
        let objective = own("TuningObjective", "HyperParameterTuningJobObjective");
        let metric = objective.get("MetricName").required();
        let members = read.value().and_then(Value::as_object).into_iter().flatten();
        let mut training: Map<String, Value> = members
            .filter(|(name, value)| {
                let tuned =
                    ["DefinitionName", "TuningObjective", "HyperParameterRanges", "StaticHyperParameters"];
                !value.is_null() && !tuned.contains(&name.as_str())
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if let Some(resources) = training.remove("HyperParameterTuningResourceConfig") {
            training.entry("ResourceConfig").or_insert(resources);
        }
        let mut fixed = read.get("StaticHyperParameters").entries();
        fixed.insert("_tuning_objective_metric".to_owned(), metric.clone());
        training.insert("HyperParameters".to_owned(), json!(fixed));
        Self {
            name: read.get("DefinitionName").text(),
            is_maximised: objective.get("Type").one_of(&["Minimize", "Maximize"]) == "Maximize",
            metric,
            ranges: search::read(&own("HyperParameterRanges", "ParameterRanges")),
            training,
        }
    }
}

/// A training job that has ended.
struct Tried {
    summary: Value,
    value: Option<f64>,
}

struct Tuning<'t> {
    site: &'t Site,
    job: &'t Job,
    control: &'t Control<'t>,
    request: &'t Request,
    folder: &'t StepFolder,
    summaries: Vec<Tried>,
}

impl Tuning<'_> {
    fn run(mut self) -> Result<Vec<Tried>, Trouble> {
        let began = Instant::now();
        let request = self.request;
        let mut random = Random::new(request.seed);
        let mut grids = Vec::new();
        for definition in &request.definitions {
            let grid = if request.is_grid {
                search::grid(&definition.ranges).map_err(Trouble::Failed)?
            } else {
                Vec::new()
            };
            grids.push(grid.into_iter());
        }
        let (mut best, mut since_best): (Option<f64>, usize) = (None, 0);
        for number in 0..request.most.unwrap_or(MOST).min(MOST) {
            let which = number % request.definitions.len();
            let definition = &request.definitions[which];
            let choice = if request.is_grid {
                let Some(choice) = grids[which].next() else { break };
                choice
            } else {
                random.next(&definition.ranges)
            };
            let value = self.try_one(number + 1, definition, &choice)?;
            let is_better = value.is_some_and(|value| {
                best.is_none_or(|best| compare(definition, value, best) == Ordering::Less)
            });
            if is_better {
                (best, since_best) = (value, 0);
            } else {
                since_best += 1;
            }
            let is_reached = request
                .target
                .zip(best)
                .is_some_and(|(target, best)| compare(definition, best, target) != Ordering::Greater);
            let is_over = request.limit.is_some_and(|limit| began.elapsed() >= limit);
            let is_stuck = best.is_some() && request.not_improving.is_some_and(|most| since_best >= most);
            let is_hopeless = best.is_none() && self.summaries.len() >= HOPELESS;
            if is_reached || is_over || is_stuck || is_hopeless {
                break;
            }
        }
        // The best first; those without a value last.
        let first = &request.definitions[0];
        self.summaries.sort_by(|left, right| match (left.value, right.value) {
            (Some(left), Some(right)) => compare(first, left, right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        });
        Ok(self.summaries)
    }

    /// Runs one training job; its objective, where it succeeded and measured it.
    fn try_one(
        &mut self,
        number: usize,
        definition: &Definition,
        choice: &Choice,
    ) -> Result<Option<f64>, Trouble> {
        let mut arguments = definition.training.clone();
        if let Some(Value::Object(all)) = arguments.get_mut("HyperParameters") {
            all.extend(choice.iter().map(|(name, value)| (name.clone(), json!(value))));
        }
        let name = format!("{}-{number:03}", self.job.name);
        let arn = match self.job.arn.rsplit_once(":hyper-parameter-tuning-job/") {
            Some((account, _)) => format!("{account}:training-job/{name}"),
            None => name.clone(),
        };
        let began = Timestamp::now();
        let job = Job {
            step: format!("{}.{number:03}", self.job.step),
            kind: "Training".to_owned(),
            name: name.clone(),
            arn: arn.clone(),
            arguments: Value::Object(arguments),
            began,
            ..self.job.clone()
        };
        let told: Vec<_> = choice.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.folder.say(self.control, &format!("training job {number:03}: {}", told.join(", ")));
        let line = |text: &str| self.control.line(&format!("{number:03}: {text}"));
        let outcome = training::run(self.site, &job, &Control::new(self.control.stop(), &line));
        let mut summary = json!({
            "TrainingJobName": name,
            "TrainingJobArn": arn,
            "CreationTime": properties::time(began),
            "TrainingEndTime": properties::time(Timestamp::now()),
            "TunedHyperParameters": search::object(choice),
            "TrainingJobStatus": "Completed",
            "ObjectiveStatus": "Failed",
        });
        if let Some(definition) = &definition.name {
            summary["TrainingJobDefinitionName"] = json!(definition);
        }
        let mut value = None;
        match outcome {
            Outcome::Stopped => return Err(Trouble::Stopped),
            Outcome::Failed(failure) => {
                self.folder
                    .say(self.control, &format!("training job {number:03} failed: {}", failure.reason));
                summary["TrainingJobStatus"] = json!("Failed");
                summary["FailureReason"] = json!(failure.reason);
            }
            Outcome::Succeeded(success) => {
                value = measured(&success.properties, &definition.metric);
                let reason = match value {
                    Some(value) => format!("{} {value}", definition.metric),
                    None => format!("its log has no {}", definition.metric),
                };
                self.folder.say(self.control, &format!("training job {number:03} ended: {reason}"));
                if let Some(value) = value {
                    let kind = if definition.is_maximised { "Maximize" } else { "Minimize" };
                    summary["ObjectiveStatus"] = json!("Succeeded");
                    summary["FinalHyperParameterTuningJobObjectiveMetric"] =
                        json!({"Type": kind, "MetricName": definition.metric, "Value": value});
                }
            }
        }
        self.summaries.push(Tried { summary, value });
        Ok(value)
    }
}

/// The last value of a metric, by a training job's description.
fn measured(described: &Value, metric: &str) -> Option<f64> {
    let metrics = described.get("FinalMetricDataList").and_then(Value::as_array)?;
    let found =
        metrics.iter().find(|found| found.get("MetricName").and_then(Value::as_str) == Some(metric))?;
    found.get("Value").and_then(Value::as_f64).filter(|value| value.is_finite())
}

/// `Less`: the left one is better.
fn compare(definition: &Definition, left: f64, right: f64) -> Ordering {
    if definition.is_maximised { right.total_cmp(&left) } else { left.total_cmp(&right) }
}

fn ended(job: &Job, request: &Request, tried: Vec<Tried>) -> Outcome {
    let count =
        |status: &str| tried.iter().filter(|tried| tried.summary["TrainingJobStatus"] == status).count();
    let (completed, measured) =
        (count("Completed"), tried.iter().filter(|tried| tried.value.is_some()).count());
    let mut described = properties::of_request(&job.arguments, &["Tags"]);
    let now = properties::time(Timestamp::now());
    for (name, value) in [
        ("HyperParameterTuningJobName", json!(job.name)),
        ("HyperParameterTuningJobArn", json!(job.arn)),
        ("HyperParameterTuningJobStatus", json!(if measured > 0 { "Completed" } else { "Failed" })),
        ("CreationTime", properties::time(job.began)),
        ("HyperParameterTuningEndTime", now.clone()),
        ("LastModifiedTime", now),
        (
            "TrainingJobStatusCounters",
            json!({"Completed": completed, "InProgress": 0, "RetryableError": 0, "NonRetryableError": tried.len() - completed, "Stopped": 0}),
        ),
        (
            "ObjectiveStatusCounters",
            json!({"Succeeded": measured, "Pending": 0, "Failed": tried.len() - measured}),
        ),
    ] {
        described.insert(name.to_owned(), value);
    }
    if measured == 0 {
        let first = tried.iter().find_map(|tried| tried.summary.get("FailureReason").and_then(Value::as_str));
        let metric =
            request.definitions.first().map(|definition| definition.metric.as_str()).unwrap_or_default();
        let reason = match first {
            Some(first) => format!("none of {} training jobs succeeded; the first: {first}", tried.len()),
            None => format!(
                "no training job measured {metric}: its log must have a line that the regular expression in \
                 AlgorithmSpecification.MetricDefinitions finds"
            ),
        };
        return Outcome::Failed(Failure { reason, exception: None, properties: Value::Object(described) });
    }
    let best = tried.first().map(|tried| tried.summary.clone()).unwrap_or_default();
    described.insert("BestTrainingJob".to_owned(), best);
    let summaries = tried.into_iter().map(|tried| tried.summary).collect();
    described.insert("TrainingJobSummaries".to_owned(), summaries);
    Outcome::Succeeded(Success { properties: Value::Object(described), metadata: None })
}
