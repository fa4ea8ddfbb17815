//! Batch transform: a model is served the way its container would serve it, and asked for every object.
//!
//! Records of one request and their order are as SageMaker has them; where it leaves open how a file is cut, whole lines are
//! filled up to `MaxPayloadInMB`. An empty object is not sent and has an empty result. Results are uploaded when all of them are
//! there: a transform that fails leaves nothing half done.

mod filter;
mod model;
mod records;
mod request;
pub(crate) mod server;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use pipewright_interpreter::{Control, Job, Outcome, Success};
use serde_json::{Value, json};

use self::model::Container;
use self::records::Batch;
use self::request::{Request, Split};
use self::server::{Answer, Patience, Refusal, Server, Slot};
use super::folder::{ML, StepFolder};
use super::{Trouble, environment, fetch, go_on, properties, upload};
use crate::builtin::{self, Purpose};
use crate::launch::{Kind, Mount, Task};
use crate::site::Site;

/// How long a model's server may take until it answers: what a container has in SageMaker is about as long.
const START: Duration = Duration::from_mins(4);

/// The largest object, in bytes: it is held in memory.
const LARGEST: u64 = 4 << 30;

/// Runs a transform job.
pub fn run(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    with(site, job, control, START)
}

/// As [`run`]; `start` is how long the server may take until it answers.
pub(crate) fn with(site: &Site, job: &Job, control: &Control<'_>, start: Duration) -> Outcome {
    let began = Timestamp::now();
    let done = Request::read(&job.arguments).and_then(|request| work(site, job, control, &request, start));
    match done {
        Ok(()) => {
            let mut described = properties::of_request(&job.arguments, &["Tags", "ExperimentConfig"]);
            described.insert("TransformJobName".to_owned(), json!(job.name));
            described.insert("TransformJobArn".to_owned(), json!(job.arn));
            described.insert("TransformJobStatus".to_owned(), json!("Completed"));
            described.insert("CreationTime".to_owned(), properties::time(job.began));
            described.insert("TransformStartTime".to_owned(), properties::time(began));
            described.insert("TransformEndTime".to_owned(), properties::time(Timestamp::now()));
            Outcome::Succeeded(Success { properties: Value::Object(described), metadata: None })
        }
        Err(_) if control.stop().is_asked() => Outcome::Stopped,
        Err(trouble) => trouble.outcome(Value::Object(properties::of_request(&job.arguments, &["Tags"]))),
    }
}

fn work(
    site: &Site,
    job: &Job,
    control: &Control<'_>,
    request: &Request,
    start: Duration,
) -> Result<(), Trouble> {
    let mut containers = model::containers(site, &request.model)?;
    let folder = StepFolder::begin(site, job)?;
    let input = folder.scratch("input");
    let objects = if request.is_manifest {
        fetch::manifest(site, control, &request.input, &input)?
    } else {
        fetch::prefix(site, control, &request.input, &input)?
    };
    let several = containers.len() > 1;
    let mut slots = Vec::new();
    for (index, container) in containers.iter_mut().enumerate() {
        let ml =
            if several { folder.scratch(&format!("container{index}/ml")) } else { folder.ml().to_owned() };
        slots.push(slot(site, job, control, request, &folder, container, &ml)?);
    }
    let output = folder.scratch("output");
    let since = folder.log_size();
    let transformed = std::thread::scope(|scope| {
        let patience = Patience { start, invocation: request.timeout };
        let mut servers = Vec::new();
        for slot in &slots {
            servers.push(server::start(scope, site, control, slot, patience)?);
        }
        let chain = Chain { servers: &servers, request, control, log: folder.log(), since };
        let paths: Vec<&str> = objects.iter().map(|object| object.path.as_str()).collect();
        chain.objects(&paths, &input, &output)
    });
    transformed?;
    go_on(control)?;
    let uploaded = upload::folder(site, &output, &request.output)?;
    folder.say(
        control,
        &format!("{} objects transformed: {}", uploaded.files, site.store.address(&request.output)),
    );
    folder.end();
    Ok(())
}

/// Makes everything ready for one server.
fn slot(
    site: &Site,
    job: &Job,
    control: &Control<'_>,
    request: &Request,
    folder: &StepFolder,
    container: &mut Container,
    ml: &Path,
) -> Result<Slot, Trouble> {
    let scripts = container.lay_out(site, control, ml, &folder.scratch("archives"))?;
    let is_container = site.launcher.kind() == Kind::Container;
    let told =
        builtin::find(&site.settings.images, &container.image, Purpose::Serve) == Ok(builtin::Finder::Told);
    let program = if is_container {
        None
    } else if container.has_script() && !told {
        Some(builtin::script_server(site).map_err(Trouble::Failed)?)
    } else {
        Some(builtin::program(site, &container.image, Purpose::Serve).map_err(Trouble::Failed)?)
    };
    let is_ours = program.is_some() && !told;
    let program = program.unwrap_or_default();

    let mut own = container.environment.clone();
    own.extend(request.environment.clone());
    own.extend(batch_environment(request));
    own.extend(program.environment);
    let mut mounts = vec![Mount { host: ml.to_owned(), inside: ML.to_owned(), writable: true }];
    mounts.extend(program.mounts);
    let task = Task {
        name: job.name.clone(),
        image: container.image.clone(),
        entrypoint: program.entrypoint,
        arguments: if is_container { vec!["serve".to_owned()] } else { program.arguments },
        environment: environment::of_every_container(job, own),
        mounts,
        scripts,
        working_directory: match program.working_directory {
            Some(folder) => folder,
            None if is_container => String::new(),
            None => format!("{ML}/model"),
        },
        log: folder.log(),
        ..Task::default()
    };
    Ok(Slot::new(task, is_ours))
}

/// What tells a container that it serves a transform job.
fn batch_environment(request: &Request) -> BTreeMap<String, String> {
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    [
        ("SAGEMAKER_BATCH", json!("true")),
        ("SAGEMAKER_BATCH_STRATEGY", records::strategy_name(request.plan.strategy)),
        ("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", json!(request.concurrency)),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", json!(request.payload_mb)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), text(value)))
    .collect()
}

/// The servers of a model; each one's answer is the next one's request.
struct Chain<'c> {
    servers: &'c [Server<'c>],
    request: &'c Request,
    control: &'c Control<'c>,
    log: PathBuf,
    since: u64,
}

impl Chain<'_> {
    /// Transforms the files below `input` into files below `output`.
    fn objects(&self, paths: &[&str], input: &Path, output: &Path) -> Result<(), Trouble> {
        fs::create_dir_all(output).map_err(|error| Trouble::io("making", output, &error))?;
        // Objects that are not split are small and many, others large and few.
        let (at_once, within) = match self.request.plan.split {
            Split::None => (self.request.concurrency, 1),
            Split::Line => (1, self.request.concurrency),
        };
        in_parallel(at_once, paths.len(), &|index| {
            let to = output.join(format!("{}.out", paths[index]));
            self.object(paths[index], &input.join(paths[index]), &to, within)
        })
        .map(drop)
    }

    fn object(&self, name: &str, from: &Path, to: &Path, at_once: usize) -> Result<(), Trouble> {
        let named = |reason: String| Trouble::Failed(format!("{name}: {reason}"));
        let content = self.content(from)?;
        let batches =
            self.request.plan.batches(&content).map_err(|error| named(format!("ClientError: {error}")))?;
        let parts =
            in_parallel(at_once, batches.len(), &|index| self.batch(name, &content, &batches[index]))?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| Trouble::io("making", folder, &error))?;
        }
        fs::write(to, parts.concat()).map_err(|error| Trouble::io("writing", to, &error))
    }

    fn content(&self, from: &Path) -> Result<Vec<u8>, Trouble> {
        let reading = |error: std::io::Error| Trouble::io("reading", from, &error);
        let file = fs::File::open(from).map_err(reading)?;
        let mut content = Vec::new();
        let size = if self.request.is_gzip {
            MultiGzDecoder::new(file).take(LARGEST + 1).read_to_end(&mut content)
        } else {
            file.take(LARGEST + 1).read_to_end(&mut content)
        };
        if size.map_err(reading)? as u64 > LARGEST {
            return Err(Trouble::Failed(format!(
                "{}: an object has at most {LARGEST} bytes",
                from.display()
            )));
        }
        Ok(content)
    }

    fn batch(&self, name: &str, content: &[u8], batch: &Batch) -> Result<Vec<u8>, Trouble> {
        let place = match (self.request.plan.split, batch.numbers.len()) {
            (Split::None, _) => name.to_owned(),
            (Split::Line, 1) => format!("{name}, record {}", batch.numbers.start),
            (Split::Line, _) => {
                format!("{name}, records {} to {}", batch.numbers.start, batch.numbers.end - 1)
            }
        };
        let mut body = batch.body.clone();
        let mut content_type = self.request.content_type.clone();
        for (index, server) in self.servers.iter().enumerate() {
            let is_last = index + 1 == self.servers.len();
            let accept = self.request.accept.as_deref().filter(|_| is_last);
            let answer = self.ask(server, &place, &body, content_type.as_deref(), accept)?;
            body = answer.body;
            content_type = answer.content_type;
        }
        self.request
            .plan
            .assembled(content, batch, &body)
            .map_err(|error| Trouble::Failed(format!("{place}: ClientError: {error}")))
    }

    fn ask(
        &self,
        server: &Server<'_>,
        place: &str,
        body: &[u8],
        content_type: Option<&str>,
        accept: Option<&str>,
    ) -> Result<Answer, Trouble> {
        let mut left = self.request.retries;
        loop {
            go_on(self.control)?;
            let reason = match server.invoke(body, content_type, accept) {
                Ok(answer) => return Ok(answer),
                Err(Refusal::Passing(_)) if left > 0 && !server.has_ended() => {
                    left -= 1;
                    self.control.stop().wait(Duration::from_millis(200));
                    continue;
                }
                // An answer says more than the log.
                Err(Refusal::Passing(reason) | Refusal::Lasting(reason)) => reason,
                Err(Refusal::Gone(reason)) => reason + &server::tail(&self.log, self.since),
            };
            go_on(self.control)?;
            return Err(Trouble::Failed(format!("AlgorithmError: {place}: {reason}")));
        }
    }
}

/// Calls `work` for 0 to `count`, so many at once; the first trouble ends it. The results are in order.
fn in_parallel<T: Send>(
    at_once: usize,
    count: usize,
    work: &(dyn Fn(usize) -> Result<T, Trouble> + Sync),
) -> Result<Vec<T>, Trouble> {
    if at_once <= 1 || count <= 1 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let results: Mutex<BTreeMap<usize, Result<T, Trouble>>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(count) {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    let result = work(index);
                    if result.is_err() {
                        is_over.store(true, Ordering::Relaxed);
                    }
                    results.lock().unwrap_or_else(PoisonError::into_inner).insert(index, result);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}
