//! Processing jobs: `CreateProcessingJob` on this machine, one host.
//!
//! Inputs are brought below `/opt/ml/processing`, the container's entry point runs, and the folders of outputs go to S3 when it
//! ended well. What SageMaker does otherwise, and what is not done here: a job with several instances runs on one host that gets
//! all data; `NetworkConfig` is not applied; outputs of `Continuous` mode are sent at the end, too, and only after success;
//! inputs and outputs of which an application takes care by itself (`AppManaged`) are left to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use pipewright_interpreter::{Control, Job, Outcome, S3Uri, Success};
use serde_json::{Map, Value, json};

use super::folder::{StepFolder, below_ml};
use super::request::{Problems, Read};
use super::{Trouble, ending, environment, fetch, go_on, host, properties, upload};
use crate::builtin::{self, Purpose};
use crate::launch::{Kind, Task};
use crate::site::Site;

/// Members of the request that its description has not.
const ONLY_IN_REQUEST: [&str; 1] = ["Tags"];
/// What `ExitMessage` keeps of `/opt/ml/output/message`, in bytes.
const EXIT_MESSAGE: u64 = 1024;
/// The working directory where the image has none.
const DIRECTORY: &str = "/opt/ml/processing";

/// Runs a processing job to its end. Properties are the shape of `DescribeProcessingJobResponse`.
pub fn run(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let mut described = properties::of_request(&job.arguments, &ONLY_IN_REQUEST);
    described.insert("ProcessingJobName".to_owned(), Value::from(job.name.clone()));
    described.insert("ProcessingJobArn".to_owned(), Value::from(job.arn.clone()));
    described.insert("CreationTime".to_owned(), properties::time(job.began));
    let ended = attempt(site, job, control, &mut described);

    let status = match &ended {
        Ok(()) => "Completed",
        Err(Trouble::Failed(reason)) => {
            described.insert("FailureReason".to_owned(), Value::from(reason.clone()));
            "Failed"
        }
        Err(Trouble::Stopped) => "Stopped",
    };
    described.insert("ProcessingJobStatus".to_owned(), Value::from(status));
    let now = properties::time(Timestamp::now());
    described.insert("ProcessingEndTime".to_owned(), now.clone());
    described.insert("LastModifiedTime".to_owned(), now);
    let described = Value::Object(described);
    StepFolder::keep_properties(site, job, &described);
    match ended {
        Ok(()) => Outcome::Succeeded(Success { properties: described, metadata: None }),
        Err(trouble) => trouble.outcome(described),
    }
}

fn attempt(
    site: &Site,
    job: &Job,
    control: &Control<'_>,
    described: &mut Map<String, Value>,
) -> Result<(), Trouble> {
    let request = Request::read(&job.arguments)?;
    go_on(control)?;
    let folder = StepFolder::begin(site, job)?;
    for note in &request.notes {
        folder.say(control, note);
    }
    let scripts = lay_out(site, job, control, &folder, &request)?;

    described.insert("ProcessingStartTime".to_owned(), properties::time(Timestamp::now()));
    let task = task(site, job, &folder, &request, scripts)?;
    let exit = site.launcher.run(&task, control).map_err(|error| Trouble::Failed(error.to_string()))?;

    let message = exit_message(&folder)?;
    if let Some(message) = message {
        described.insert("ExitMessage".to_owned(), Value::from(message));
    }
    ending::of(exit, request.limit, |_| "See job logs for more information".to_owned())?;
    // From here on the work is done: it goes to S3 as a whole, even where a wish to stop comes up.
    go_on(control)?;
    send(site, control, &folder, &request)?;
    folder.end();
    Ok(())
}

/// Brings everything that the process expects. Returns the folders with its scripts.
fn lay_out(
    site: &Site,
    job: &Job,
    control: &Control<'_>,
    folder: &StepFolder,
    request: &Request,
) -> Result<Vec<PathBuf>, Trouble> {
    let of_input = |input: &Input| {
        let what = format!("ProcessingInputs `{}`", input.name);
        let into = folder.make(&input.local, &what)?;
        let brought = match input.kind {
            DataType::Prefix => fetch::prefix(site, control, &input.place, &into),
            DataType::Manifest => fetch::manifest(site, control, &input.place, &into),
        };
        match brought {
            Ok(_) => Ok(into),
            Err(Trouble::Failed(why)) => {
                Err(Trouble::Failed(format!("ClientError: Data download failed: {what}: {why}")))
            }
            Err(stopped) => Err(stopped),
        }
    };
    let mut scripts = Vec::new();
    for input in &request.inputs {
        let into = of_input(input)?;
        if request.is_code(input) {
            scripts.push(into);
        }
    }
    for output in &request.outputs {
        folder.make(&output.local, &format!("ProcessingOutputConfig `{}`", output.name))?;
    }
    for made in [DIRECTORY, "/opt/ml/output"] {
        folder.make(made, "")?;
    }
    folder.write_json("config/processingjobconfig.json", &job_config(job))?;
    folder.write_json("config/resourceconfig.json", &host::resources(&request.instance_type))?;
    Ok(scripts)
}

/// What is started, and how.
fn task(
    site: &Site,
    job: &Job,
    folder: &StepFolder,
    request: &Request,
    scripts: Vec<PathBuf>,
) -> Result<Task, Trouble> {
    let container = site.launcher.kind() == Kind::Container;
    let mut task = Task {
        name: job.name.clone(),
        image: request.image.clone(),
        entrypoint: request.entrypoint.clone(),
        environment: environment::of_every_container(job, request.environment.clone()),
        mounts: vec![folder.mount()],
        scripts,
        working_directory: if container { String::new() } else { DIRECTORY.to_owned() },
        log: folder.log(),
        limit: request.limit,
        ..Task::default()
    };
    if request.entrypoint.is_empty() && !container {
        let program = builtin::program(site, &request.image, Purpose::Entrypoint).map_err(Trouble::Failed)?;
        task.entrypoint = program.entrypoint;
        task.arguments = program.arguments;
        task.mounts.extend(program.mounts);
        task.environment.extend(program.environment);
        task.working_directory = program.working_directory.unwrap_or(task.working_directory);
    }
    task.arguments.extend(request.arguments.iter().cloned());
    Ok(task)
}

/// Sends outputs to S3.
fn send(site: &Site, control: &Control<'_>, folder: &StepFolder, request: &Request) -> Result<(), Trouble> {
    for output in &request.outputs {
        let what = format!("ProcessingOutputConfig `{}`", output.name);
        let below = below_ml(&output.local).map_err(Trouble::Failed)?;
        let Some(from) = folder.unlinked(&below) else {
            return Err(Trouble::Failed(format!("{what}: {} has become a link, or is gone", output.local)));
        };
        let sent = upload::folder(site, &from, &output.place)
            .map_err(|why| Trouble::Failed(format!("ClientError: Data upload failed: {what}: {why}")))?;
        for left_out in &sent.left_out {
            folder.say(control, &format!("{}/{left_out} is not sent: links are not followed", output.local));
        }
        if sent.files == 0 {
            folder.say(control, &format!("output `{}`: nothing is in {}", output.name, output.local));
        }
    }
    Ok(())
}

/// The first kilobyte of `/opt/ml/output/message`.
fn exit_message(folder: &StepFolder) -> Result<Option<String>, Trouble> {
    let Some(mut content) = folder.left_behind("output/message", EXIT_MESSAGE) else { return Ok(None) };
    let whole = match std::str::from_utf8(&content) {
        Ok(text) => text.len(),
        // Cut in the midst of a character.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => {
            return Err(Trouble::Failed("ClientError: /opt/ml/output/message is not UTF-8".to_owned()));
        }
    };
    content.truncate(whole);
    Ok(Some(String::from_utf8_lossy(&content).into_owned()))
}

/// `config/processingjobconfig.json`: the request, and the job's name and ARN; what is not said is `null`.
fn job_config(job: &Job) -> Value {
    let said = |path: &[&str]| {
        path.iter().try_fold(&job.arguments, |value, name| value.get(name)).cloned().unwrap_or(Value::Null)
    };
    let mut config = json!({
        "ProcessingJobArn": job.arn,
        "ProcessingJobName": job.name,
        "AppSpecification": {
            "ImageUri": said(&["AppSpecification", "ImageUri"]),
            "ContainerEntrypoint": said(&["AppSpecification", "ContainerEntrypoint"]),
            "ContainerArguments": said(&["AppSpecification", "ContainerArguments"]),
        },
        "Environment": said(&["Environment"]),
        "ProcessingInputs": said(&["ProcessingInputs"]),
        "ProcessingOutputConfig": {
            "Outputs": said(&["ProcessingOutputConfig", "Outputs"]),
            "KmsKeyId": said(&["ProcessingOutputConfig", "KmsKeyId"]),
        },
        "ProcessingResources": said(&["ProcessingResources"]),
        "RoleArn": said(&["RoleArn"]),
        "StoppingCondition": said(&["StoppingCondition"]),
    });
    let defaults = [
        ("S3DataDistributionType", "FullyReplicated"),
        ("S3DataType", "S3Prefix"),
        ("S3InputMode", "File"),
        ("S3CompressionType", "None"),
        ("S3DownloadMode", "StartOfJob"),
    ];
    for input in config["ProcessingInputs"].as_array_mut().into_iter().flatten() {
        if let Some(input) = input.get_mut("S3Input").and_then(Value::as_object_mut) {
            for (name, value) in defaults {
                input.entry(name).or_insert_with(|| Value::from(value));
            }
        }
    }
    config
}

/// How an input says which objects it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DataType {
    Prefix,
    Manifest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Input {
    name: String,
    place: S3Uri,
    kind: DataType,
    local: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Output {
    name: String,
    place: S3Uri,
    local: String,
}

/// What of the arguments matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Request {
    image: String,
    entrypoint: Vec<String>,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
    instance_type: String,
    limit: Option<Duration>,
    /// What is done otherwise than asked for.
    notes: Vec<String>,
}

impl Request {
    fn read(arguments: &Value) -> Result<Self, Trouble> {
        let problems = Problems::default();
        let root = Read::new(arguments, &problems);
        let app = root.get("AppSpecification");
        let cluster = root.get("ProcessingResources").get("ClusterConfig");
        let mut request = Self {
            image: app.get("ImageUri").required(),
            entrypoint: app.get("ContainerEntrypoint").texts(),
            arguments: app.get("ContainerArguments").texts(),
            environment: root.get("Environment").entries(),
            instance_type: cluster.get("InstanceType").text().unwrap_or_default(),
            limit: root.get("StoppingCondition").get("MaxRuntimeInSeconds").seconds(),
            ..Self::default()
        };
        for input in root.get("ProcessingInputs").list() {
            request.input(&input);
        }
        for output in root.get("ProcessingOutputConfig").get("Outputs").list() {
            request.output(&output);
        }
        let instances = cluster.get("InstanceCount").number().unwrap_or(1);
        if instances > 1 {
            request
                .notes
                .push(format!("InstanceCount is {instances}: here it is one host, which gets all data"));
        }
        if root.get("NetworkConfig").is_some() {
            request.notes.push("NetworkConfig is not applied here".to_owned());
        }
        problems.or(request)
    }

    fn input(&mut self, input: &Read<'_>) {
        let name = input.get("InputName").required();
        if input.get("AppManaged").flag() {
            self.notes.push(format!("input `{name}` is AppManaged: the application brings it"));
            return;
        }
        if input.get("DatasetDefinition").is_some() {
            input
                .get("DatasetDefinition")
                .problem("Athena and Redshift can't be asked here; give S3Input with an extract of the data");
            return;
        }
        let s3 = input.get("S3Input");
        let place = s3.get("S3Uri").place();
        let kind = match s3.get("S3DataType").one_of(&["S3Prefix", "ManifestFile"]) {
            "ManifestFile" => DataType::Manifest,
            _ => DataType::Prefix,
        };
        if s3.get("S3InputMode").one_of(&["File", "Pipe"]) == "Pipe" {
            s3.get("S3InputMode").problem("`Pipe` is not available here; use `File`");
        } else if s3.get("S3CompressionType").one_of(&["None", "Gzip"]) == "Gzip" {
            s3.get("S3CompressionType").problem("`Gzip` goes with S3InputMode `Pipe` only; use `None`");
        }
        let local = local_path(&s3);
        self.inputs.push(Input { name, place, kind, local });
    }

    fn output(&mut self, output: &Read<'_>) {
        let name = output.get("OutputName").required();
        if output.get("AppManaged").flag() {
            self.notes.push(format!("output `{name}` is AppManaged: the application sends it"));
            return;
        }
        if output.get("FeatureStoreOutput").is_some() && !output.get("S3Output").is_some() {
            output.get("FeatureStoreOutput").problem("there is no Feature Store here; give S3Output");
            return;
        }
        let s3 = output.get("S3Output");
        let place = s3.get("S3Uri").place();
        if s3.get("S3UploadMode").one_of(&["EndOfJob", "Continuous"]) == "Continuous" {
            self.notes
                .push(format!("output `{name}` is sent at the end, not as it is written (`Continuous`)"));
        }
        let local = local_path(&s3);
        self.outputs.push(Output { name, place, local });
    }

    /// Whether an input is the program's own code: by its name, or as the innermost one that the entry point is in.
    fn is_code(&self, input: &Input) -> bool {
        let holds =
            |input: &&Input, part: &str| part.contains(&format!("{}/", input.local.trim_end_matches('/')));
        let innermost = |part: &String| {
            self.inputs.iter().filter(|input| holds(input, part)).max_by_key(|input| input.local.len())
        };
        matches!(input.name.as_str(), "code" | "entrypoint")
            || self.entrypoint.iter().filter_map(innermost).any(|found| found == input)
    }
}

/// `LocalPath`: below `/opt/ml`, and not where SageMaker writes itself.
fn local_path(s3: &Read<'_>) -> String {
    let local = s3.get("LocalPath");
    let path = local.required();
    if local.is_some() {
        match below_ml(&path) {
            Err(problem) => local.problem(problem),
            Ok(below) => {
                let first = below.split('/').next().unwrap_or_default();
                if matches!(first, "" | "config" | "output") {
                    local.problem(format!("`{path}` is SageMaker's own; give a path below {DIRECTORY}"));
                }
            }
        }
    }
    path
}

#[cfg(test)]
#[path = "processing_tests.rs"]
mod tests;
