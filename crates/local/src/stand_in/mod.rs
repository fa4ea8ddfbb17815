//! What takes the place of a step that calls another service: a fixed result, a function, or a program of the pipeline's own.
//!
//! `[steps.NAME]` of `local/run.toml` wins over `[types.TYPE]`, and both over what this crate does by itself. Programs run on this
//! machine, in `local/`, over the packages of `local/requirements.txt`, whatever runs the pipeline's jobs.

mod missing;
mod outputs;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;
use std::time::Duration;

use pipewright_interpreter::{Control, Failure, Job, Outcome, Success};
use serde_json::{Map, Value, json};

pub(crate) use self::missing::missing;
use crate::builtin;
use crate::jobs::folder::StepFolder;
use crate::jobs::transform::server::tail;
use crate::jobs::{Trouble, environment};
use crate::launch::{Exit, Launcher, Task};
use crate::settings::{Settings, StandIn};
use crate::site::Site;

/// How long a Lambda function may take; as in SageMaker.
const LAMBDA: Duration = Duration::from_mins(10);

/// The largest result of a program, in bytes.
const LARGEST: u64 = 16 << 20;

/// The stand-in of a step.
pub fn find<'s>(settings: &'s Settings, step: &str, kind: &str) -> Option<&'s StandIn> {
    // In a loop, `LOOP[INDEX].BODY` is the step BODY.
    let plain = step.split_once("].").map_or(step, |(_, body)| body);
    [step, plain].iter().find_map(|name| settings.steps.get(*name)).or_else(|| settings.types.get(kind))
}

/// Why a step without a stand-in can't run, and what to do.
pub fn lack(step: &str, kind: &str) -> String {
    let form = match kind {
        "Lambda" | "Callback" => "lambda = \"FILE.py:FUNCTION\", run = […] or output = { NAME = VALUE }",
        _ => "run = [\"python3\", \"FILE.py\"] or output = { PROPERTY = VALUE }",
    };
    let key = if step.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        step.to_owned()
    } else {
        format!("{step:?}")
    };
    format!(
        "step {step:?} ({kind}) has no local stand-in: write [steps.{key}] in local/run.toml of the pipeline, with {form}"
    )
}

/// Runs the stand-in of a step. `host` starts its program.
pub fn run(
    site: &Site,
    host: &dyn Launcher,
    stand_in: &StandIn,
    job: &Job,
    control: &Control<'_>,
) -> Outcome {
    let done = match stand_in {
        StandIn::Output(output) => Ok(output.clone()),
        StandIn::Lambda { file, function } => call(site, host, file, function, job, control),
        StandIn::Run(command) => program(site, host, command, job, control),
    };
    let outcome = done.and_then(|result| outputs::success(job, result).map_err(Trouble::Failed));
    match outcome {
        Ok(success) => Outcome::Succeeded(success),
        Err(Trouble::Failed(reason)) => Outcome::Failed(Failure::new(reason)),
        Err(Trouble::Stopped) => Outcome::Stopped,
    }
}

/// Calls a function as Lambda does: with the payload. A callback's function gets the message of the queue.
fn call(
    site: &Site,
    host: &dyn Launcher,
    file: &str,
    function: &str,
    job: &Job,
    control: &Control<'_>,
) -> Result<Map<String, Value>, Trouble> {
    let local = local(site)?;
    let path = local.join(file);
    if !path.is_file() {
        return Err(Trouble::Failed(format!("the stand-in {file} is not in {}", local.display())));
    }
    let event = if job.kind == "Callback" { message(job) } else { job.arguments.clone() };
    let arn = job.members.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
    let program = builtin::python(site, "call_lambda.py", Vec::new()).map_err(Trouble::Failed)?;
    let mut task = task(&local, job);
    task.entrypoint = program.entrypoint;
    task.arguments = vec![path.display().to_string(), function.to_owned(), arn.to_owned()];
    task.mounts.extend(program.mounts);
    task.input = json!({"id": job.name, "event": event}).to_string().into_bytes();
    task.limit = Some(LAMBDA);
    let result = start(site, host, task, job, control)?;
    match result {
        Value::Object(result) => Ok(result),
        Value::Null => Ok(Map::new()),
        other => Err(Trouble::Failed(format!(
            "{function} in {file} must return a dict of output parameters, not {}",
            short(&other)
        ))),
    }
}

/// Runs a program that reads the step and writes the result.
fn program(
    site: &Site,
    host: &dyn Launcher,
    command: &[String],
    job: &Job,
    control: &Control<'_>,
) -> Result<Map<String, Value>, Trouble> {
    let mut task = task(&local(site)?, job);
    task.entrypoint = command.to_vec();
    let mut step = json!({
        "step": job.step,
        "type": job.kind,
        "name": job.name,
        "arn": job.arn,
        "attempt": job.attempt,
        "arguments": job.arguments,
        "members": job.members,
    });
    if job.kind == "Callback" {
        step["message"] = message(job);
    }
    task.input = step.to_string().into_bytes();
    match start(site, host, task, job, control)? {
        Value::Object(result) => Ok(result),
        Value::Null => Ok(Map::new()),
        other => Err(Trouble::Failed(format!(
            "{} must write a JSON object, not {}",
            command.join(" "),
            short(&other)
        ))),
    }
}

/// What SageMaker puts into the queue of a Callback step.
fn message(job: &Job) -> Value {
    let arn = job.arn.split(":sagemaker:").next().unwrap_or("arn:aws");
    let start = &job.start;
    let execution = format!(
        "{arn}:sagemaker:{}:{}:pipeline/{}/execution/{}",
        start.region, start.account, start.pipeline, start.execution_id
    );
    json!({"token": outputs::token(job), "pipelineExecutionArn": execution, "arguments": job.arguments, "status": "Executing"})
}

fn local(site: &Site) -> Result<std::path::PathBuf, Trouble> {
    let local = site
        .local
        .as_deref()
        .ok_or_else(|| Trouble::Failed("there is no folder local/ with stand-ins".to_owned()))?;
    builtin::absolute(local).map_err(Trouble::Failed)
}

fn task(local: &Path, job: &Job) -> Task {
    Task {
        name: job.name.clone(),
        environment: environment::of_every_container(
            job,
            [("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())].into(),
        ),
        mounts: vec![builtin::in_place(local)],
        working_directory: local.display().to_string(),
        ..Task::default()
    }
}

/// Runs the task and reads what it wrote. An empty output is `null`.
fn start(
    site: &Site,
    host: &dyn Launcher,
    mut task: Task,
    job: &Job,
    control: &Control<'_>,
) -> Result<Value, Trouble> {
    let folder = StepFolder::begin(site, job)?;
    let output = folder.scratch("output.json");
    task.log = folder.log();
    task.output = Some(output.clone());
    let since = folder.log_size();
    let what = task.entrypoint.iter().chain(&task.arguments).cloned().collect::<Vec<_>>().join(" ");
    let exit = host.run(&task, control).map_err(|error| Trouble::Failed(error.to_string()))?;
    let ended = match exit {
        Exit::Code(0) => None,
        Exit::Code(code) => Some(format!("ended with status {code}")),
        Exit::Signal(signal) => Some(format!("was ended by signal {signal}")),
        Exit::Stopped => return Err(Trouble::Stopped),
        Exit::TimedOut => Some(format!("ran longer than {} s", task.limit.unwrap_or_default().as_secs())),
        Exit::OutOfMemory => Some("was ended because memory ran out".to_owned()),
    };
    if let Some(ended) = ended {
        let called = if job.kind == "Lambda" { "the function" } else { what.as_str() };
        return Err(Trouble::Failed(format!("{called} {ended}{}", tail(&folder.log(), since))));
    }
    let bytes = fs::metadata(&output).map_or(0, |about| about.len());
    if bytes > LARGEST {
        return Err(Trouble::Failed(format!("{what} wrote {bytes} bytes; a result has at most {LARGEST}")));
    }
    let text = if bytes == 0 {
        Vec::new()
    } else {
        fs::read(&output).map_err(|error| Trouble::io("reading", &output, &error))?
    };
    let value = if text.trim_ascii().is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&text)
            .map_err(|error| Trouble::Failed(format!("what {what} wrote to standard output is no JSON: {error}; write everything else to standard error")))?
    };
    folder.end();
    Ok(value)
}

/// The beginning of a value.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A step that succeeded with these properties.
fn plain(properties: Map<String, Value>) -> Success {
    Success { properties: Value::Object(properties), metadata: None }
}
