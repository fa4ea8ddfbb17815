//! Training jobs: `CreateTrainingJob` on this machine, one host.
//!
//! Channels become folders below `/opt/ml/input/data`, `/opt/ml/input/config` says what the request said, and when the program
//! has ended well `/opt/ml/model` goes to S3 as `model.tar.gz`. The program is, in this order: `ContainerEntrypoint`; the script
//! of `sagemaker_program`, started as the training toolkit of SageMaker's framework images does, with its variables and
//! arguments; what the image does with the argument `train` ([`crate::builtin`] where no container engine runs it). In a
//! container the image's own toolkit starts the script: it is told that the sources are in `/opt/ml/code` already.
//!
//! Not done: pipes, file systems, augmented manifests (a clear failure); debugger and profiler rules, instances beyond the first
//! (a line in the log). Checkpoints are brought before and sent after the process, also when it failed, but not as it runs.

mod hyperparameters;
mod layout;
mod metrics;
mod outputs;
mod python;
mod request;
mod variables;

use std::path::PathBuf;

use jiff::Timestamp;
use pipewright_interpreter::{Control, Job, Outcome, Success};
use serde_json::{Map, Value, json};

use self::hyperparameters::Script;
use self::request::{Channel, Request};
use super::folder::StepFolder;
use super::{Trouble, ending, environment, fetch, go_on, host, properties, unpack};
use crate::builtin::{self, Purpose};
use crate::launch::{Exit, Kind, Task};
use crate::site::Site;

/// Members of the request that its description has not.
const ONLY_IN_REQUEST: [&str; 2] = ["Tags", "SessionChainingConfig"];
/// Where a script's sources are inside.
const CODE: &str = "/opt/ml/code";

/// Runs a training job to its end. Properties are the shape of `DescribeTrainingJobResponse`.
pub fn run(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let mut about = About::of(job);
    let ended = attempt(site, job, control, &mut about);
    let properties = about.ended(&ended);
    StepFolder::keep_properties(site, job, &properties);
    match ended {
        Ok(()) => Outcome::Succeeded(Success { properties, metadata: None }),
        Err(trouble) => trouble.outcome(properties),
    }
}

fn attempt(site: &Site, job: &Job, control: &Control<'_>, about: &mut About) -> Result<(), Trouble> {
    let request = Request::read(&job.arguments)?;
    about.set(
        "ModelArtifacts",
        json!({ "S3ModelArtifacts": outputs::model(&request, &job.name).to_string() }),
    );
    go_on(control)?;
    let folder = StepFolder::begin(site, job)?;
    let (metrics, problems) = metrics::read(&metrics_of(&request));
    for note in request.notes.iter().chain(&problems) {
        folder.say(control, note);
    }
    about.now("Downloading");
    let scripts = lay_out(site, control, &folder, &request)?;
    let task = task(site, job, control, &folder, &request, scripts)?;

    let log_before = folder.log_size();
    about.now("Training");
    about.set("TrainingStartTime", properties::time(Timestamp::now()));
    let exit = site.launcher.run(&task, control).map_err(|error| Trouble::Failed(error.to_string()))?;
    about.set("TrainingEndTime", properties::time(Timestamp::now()));

    about.metrics(metrics::last_values(metrics, &folder.log(), log_before).unwrap_or_default());
    let ended = ending::of(exit, request.limit, |code| told(&folder, &task, &request, code));
    if exit == Exit::Stopped || control.stop().is_asked() {
        return Err(ended.err().unwrap_or(Trouble::Stopped));
    }
    // Whoever tries again goes on from here.
    let sent = outputs::checkpoints(site, &folder, &request);
    ended.and(sent)?;
    about.now("Uploading");
    outputs::send(site, job, control, &folder, &request)?;
    folder.end();
    Ok(())
}

/// Brings everything that the process expects. Returns the folders with its scripts.
fn lay_out(
    site: &Site,
    control: &Control<'_>,
    folder: &StepFolder,
    request: &Request,
) -> Result<Vec<PathBuf>, Trouble> {
    let mut scripts = Vec::new();
    for made in ["/opt/ml/input/data", "/opt/ml/model", "/opt/ml/output/data", CODE] {
        folder.make(made, "")?;
    }
    for channel in &request.channels {
        let into = bring(site, control, folder, channel)
            .map_err(|why| download_failed(why, &format!("channel `{}`", channel.name)))?;
        if is_code(channel, request) {
            scripts.push(into);
        }
    }
    if let Some((place, local)) = &request.checkpoints {
        let into = folder.make(local, "CheckpointConfig.LocalPath")?;
        fetch::prefix_if_any(site, control, &outputs::folder_of(place), &into)
            .map_err(|why| download_failed(why, "CheckpointConfig"))?;
    }
    let mut texts = request.texts.clone();
    if let Some(script) = &request.script
        && sources(site, control, folder, script)?
    {
        scripts.push(folder.place(CODE, "")?);
        if site.launcher.kind() == Kind::Container && request.entrypoint.is_empty() {
            texts.insert("sagemaker_submit_directory".to_owned(), Value::from(CODE).to_string());
        }
    }
    folder.write_json("input/config/hyperparameters.json", &layout::hyperparameters(&texts))?;
    folder.write_json("input/config/inputdataconfig.json", &layout::channels(&request.channels))?;
    folder.write_json("input/config/resourceconfig.json", &host::resources(&request.instance_type))?;
    Ok(scripts)
}

fn bring(
    site: &Site,
    control: &Control<'_>,
    folder: &StepFolder,
    channel: &Channel,
) -> Result<PathBuf, Trouble> {
    let into = folder.make(&format!("/opt/ml/input/data/{}", channel.name), "ChannelName")?;
    if channel.manifest {
        fetch::manifest(site, control, &channel.place, &into)?;
    } else {
        fetch::prefix(site, control, &channel.place, &into)?;
    }
    Ok(into)
}

fn download_failed(why: Trouble, what: &str) -> Trouble {
    match why {
        Trouble::Failed(why) => Trouble::Failed(format!("ClientError: Data download failed: {what}: {why}")),
        Trouble::Stopped => Trouble::Stopped,
    }
}

/// Unpacks a script's sources; says whether there are any.
fn sources(
    site: &Site,
    control: &Control<'_>,
    folder: &StepFolder,
    script: &Script,
) -> Result<bool, Trouble> {
    let Some(place) = &script.directory else { return Ok(false) };
    let failed = |why| download_failed(why, "HyperParameters.sagemaker_submit_directory");
    let archive = folder.scratch("sourcedir.tar.gz");
    let into = folder.place(CODE, "")?;
    fetch::object(site, control, place, &archive).map_err(failed)?;
    unpack::tar_gz(&archive, &into, control).map_err(failed)?;
    std::fs::remove_file(&archive).map_err(|e| Trouble::io("removing", &archive, &e))?;
    if !into.join(&script.program).is_file() {
        return Err(Trouble::Failed(format!(
            "HyperParameters.sagemaker_program: `{}` is not in {place}",
            script.program
        )));
    }
    if site.launcher.kind() != Kind::Container && into.join("requirements.txt").is_file() {
        folder.say(
            control,
            "requirements.txt of the sources is not installed here: packages come from local/requirements.txt",
        );
    }
    Ok(true)
}

/// What is started, and how.
fn task(
    site: &Site,
    job: &Job,
    control: &Control<'_>,
    folder: &StepFolder,
    request: &Request,
    scripts: Vec<PathBuf>,
) -> Result<Task, Trouble> {
    let container = site.launcher.kind() == Kind::Container;
    let mut variables = environment::of_every_container(job, request.environment.clone());
    variables.insert("TRAINING_JOB_NAME".to_owned(), job.name.clone());
    variables.insert("TRAINING_JOB_ARN".to_owned(), job.arn.clone());
    let mut task = Task {
        name: job.name.clone(),
        image: request.image.clone(),
        mounts: vec![folder.mount()],
        scripts,
        working_directory: if container { String::new() } else { "/opt/ml".to_owned() },
        log: folder.log(),
        limit: request.limit,
        ..Task::default()
    };
    if !request.entrypoint.is_empty() {
        task.entrypoint.clone_from(&request.entrypoint);
        task.arguments.clone_from(&request.arguments);
    } else if container {
        task.arguments.clone_from(&request.arguments);
        if task.arguments.is_empty() {
            task.arguments.push("train".to_owned());
        }
    } else {
        let toolkit = variables::of(&variables::Known {
            job: &job.name,
            region: &job.start.region,
            hyperparameters: &request.hyperparameters,
            script: request.script.as_ref(),
            channels: &layout::channels(&request.channels),
            resources: &host::resources(&request.instance_type),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            gpus: if site.launcher.kind() == Kind::Process { gpus() } else { 0 },
        });
        variables.extend(toolkit);
        if let Some(script) = &request.script {
            start_script(&mut task, script, request, &mut variables)?;
        } else {
            let program = builtin::program(site, &request.image, Purpose::Train).map_err(Trouble::Failed)?;
            task.entrypoint = program.entrypoint;
            task.arguments = program.arguments;
            task.arguments.extend(request.arguments.iter().cloned());
            task.mounts.extend(program.mounts);
            variables.extend(program.environment);
            task.working_directory = program.working_directory.unwrap_or(task.working_directory);
        }
    }
    if let Some(first) = request.script.as_ref().filter(|_| container && request.entrypoint.is_empty()) {
        folder.say(control, &format!("the image's own toolkit starts {} from {CODE}", first.program));
    }
    task.environment = variables;
    Ok(task)
}

/// Starts a script as the toolkit does.
fn start_script(
    task: &mut Task,
    script: &Script,
    request: &Request,
    variables: &mut std::collections::BTreeMap<String, String>,
) -> Result<(), Trouble> {
    if script.directory.is_none() {
        return Err(Trouble::Failed(format!(
            "HyperParameters.sagemaker_submit_directory names no archive in S3: {} is in the image {}, which only \
             `--runner container` can start",
            script.program, request.image
        )));
    }
    task.entrypoint = script.command();
    task.arguments = request.hyperparameters.arguments();
    CODE.clone_into(&mut task.working_directory);
    let path = match variables.get("PYTHONPATH") {
        Some(path) => format!("{CODE}:{path}"),
        None => CODE.to_owned(),
    };
    variables.insert("PYTHONPATH".to_owned(), path);
    Ok(())
}

/// How many graphics processors the driver knows. A sandbox does not let them in.
fn gpus() -> usize {
    std::fs::read_dir("/proc/driver/nvidia/gpus").map_or(0, Iterator::count)
}

/// What a failed program said of its failure; for a script without a word, what the toolkit would say.
fn told(folder: &StepFolder, task: &Task, request: &Request, code: i32) -> String {
    let file = folder.left_behind("output/failure", 16 * 1024).unwrap_or_default();
    let text = ending::text(&file, ending::LONGEST);
    let by_toolkit = request.entrypoint.is_empty() && request.script.is_some();
    if !text.is_empty() || !by_toolkit || task.entrypoint.is_empty() {
        return text;
    }
    let command = task.entrypoint.iter().chain(&task.arguments).cloned().collect::<Vec<_>>().join(" ");
    format!("ExecuteUserScriptError: ExitCode {code}, Command \"{command}\"")
}

/// Whether a channel holds the program's own code.
fn is_code(channel: &Channel, request: &Request) -> bool {
    let path = format!("/opt/ml/input/data/{}/", channel.name);
    !request.entrypoint.is_empty()
        && (matches!(channel.name.as_str(), "code" | "sm_drivers")
            || request.entrypoint.iter().chain(&request.arguments).any(|part| part.contains(&path)))
}

/// The metrics of the request, or those that the built-in XGBoost has by itself.
fn metrics_of(request: &Request) -> Vec<(String, String)> {
    const OF_XGBOOST: [&str; 16] = [
        "accuracy",
        "auc",
        "aucpr",
        "balanced_accuracy",
        "error",
        "f1",
        "logloss",
        "mae",
        "map",
        "merror",
        "mlogloss",
        "mse",
        "ndcg",
        "precision",
        "r2",
        "rmse",
    ];
    let repository = builtin::repository(&request.image);
    let xgboost = matches!(repository.rsplit('/').next(), Some("sagemaker-xgboost" | "xgboost"));
    if !request.metrics.is_empty() || !xgboost || request.script.is_some() {
        return request.metrics.clone();
    }
    let of = |channel: &'static str| {
        OF_XGBOOST.iter().map(move |metric| {
            let number = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)";
            (format!("{channel}:{metric}"), format!(r".*\[[0-9]+\].*#011{channel}-{metric}:{number}.*"))
        })
    };
    of("train").chain(of("validation")).collect()
}

/// What is known of the job, as its description has it.
struct About {
    described: Map<String, Value>,
    began: Timestamp,
    /// Secondary statuses and when they began.
    statuses: Vec<(&'static str, Timestamp)>,
}

impl About {
    fn of(job: &Job) -> Self {
        let mut about = Self {
            described: properties::of_request(&job.arguments, &ONLY_IN_REQUEST),
            began: job.began,
            statuses: vec![("Starting", job.began)],
        };
        about.set("TrainingJobName", Value::from(job.name.clone()));
        about.set("TrainingJobArn", Value::from(job.arn.clone()));
        about.set("CreationTime", properties::time(job.began));
        about.set("ModelArtifacts", json!({ "S3ModelArtifacts": "" }));
        about.described.entry("StoppingCondition").or_insert_with(|| json!({ "MaxRuntimeInSeconds": 86400 }));
        about
    }

    fn set(&mut self, name: &str, value: Value) {
        self.described.insert(name.to_owned(), value);
    }

    fn now(&mut self, status: &'static str) {
        self.statuses.push((status, Timestamp::now()));
    }

    fn metrics(&mut self, values: Vec<(String, f64)>) {
        if values.is_empty() {
            return;
        }
        let now = properties::time(Timestamp::now());
        let values = values
            .into_iter()
            .map(|(name, value)| json!({ "MetricName": name, "Value": value, "Timestamp": now }))
            .collect();
        self.set("FinalMetricDataList", Value::Array(values));
    }

    /// The description of the job that has ended so.
    fn ended(mut self, ended: &Result<(), Trouble>) -> Value {
        let status = match ended {
            Ok(()) => "Completed",
            Err(Trouble::Failed(reason)) => {
                self.set("FailureReason", Value::from(reason.clone()));
                "Failed"
            }
            Err(Trouble::Stopped) => "Stopped",
        };
        self.now(status);
        let ends = self
            .statuses
            .iter()
            .skip(1)
            .map(|(_, began)| *began)
            .chain(self.statuses.last().map(|(_, at)| *at));
        let transitions = self
            .statuses
            .iter()
            .zip(ends)
            .map(|((status, began), end)| {
                json!({ "Status": status, "StartTime": properties::time(*began), "EndTime": properties::time(end) })
            })
            .collect();
        let now = self.statuses.last().map_or(self.began, |(_, at)| *at);
        let seconds = properties::seconds(self.began, now);
        self.set("TrainingJobStatus", Value::from(status));
        self.set("SecondaryStatus", Value::from(status));
        self.set("SecondaryStatusTransitions", Value::Array(transitions));
        self.set("LastModifiedTime", properties::time(now));
        self.set("TrainingTimeInSeconds", Value::from(seconds));
        self.set("BillableTimeInSeconds", Value::from(seconds));
        Value::Object(self.described)
    }
}

#[cfg(test)]
#[path = "../training_tests.rs"]
mod tests;
