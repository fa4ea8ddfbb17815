//! Transform jobs against servers of this process: what is asked, and what becomes of answers.

mod servers;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pipewright_interpreter::{Control, Outcome};
use serde_json::{Value, json};

use self::servers::{Asked, Servers};
use crate::jobs::fake::{Fake, failed, job, succeeded, tree};
use crate::launch::{Kind, Launcher};
use crate::records;
use crate::settings::Settings;
use crate::site::Site;

struct Scene {
    fake: Fake,
    servers: Arc<Servers>,
}

impl Scene {
    fn new(answers: impl Fn(&Asked) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        Self::with(Kind::Bubblewrap, Some(200), answers)
    }

    fn with(
        kind: Kind,
        ping: Option<u16>,
        answers: impl Fn(&Asked) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        let servers = Servers::new(kind, ping, answers);
        let scene = Self { fake: Fake::idle(), servers: Arc::new(servers) };
        scene.model(
            json!({"PrimaryContainer": {"Image": "1.dkr.ecr.x.amazonaws.com/sagemaker-xgboost:1.7-1"}}),
        );
        scene
    }

    fn site(&self) -> Site {
        let launcher: Arc<dyn Launcher> = Arc::clone(&self.servers) as _;
        Site { launcher, ..self.fake.site() }
    }

    fn model(&self, mut arguments: Value) {
        arguments["ModelName"] = json!("m");
        self.fake.control(|control| {
            succeeded(records::create_model(&self.site(), &job("Model", arguments), control))
        });
    }

    fn object(&self, key: &str, content: &str) {
        self.fake.store.set(&format!("s3://b/{key}"), content.as_bytes());
    }

    fn run(&self, arguments: Value) -> Outcome {
        self.run_for(arguments, Duration::from_secs(20))
    }

    fn run_for(&self, mut arguments: Value, start: Duration) -> Outcome {
        for (member, value) in [
            ("ModelName", json!("m")),
            ("TransformInput", json!({})),
            ("TransformOutput", json!({})),
            ("TransformResources", json!({"InstanceCount": 1, "InstanceType": "ml.m5.large"})),
        ] {
            if arguments.get(member).is_none() {
                arguments[member] = value;
            }
        }
        arguments["TransformInput"]["DataSource"] =
            json!({"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}});
        arguments["TransformOutput"]["S3OutputPath"] = json!("s3://b/out");
        let line = |text: &str| self.fake.lines.lock().unwrap().push(text.to_owned());
        let control = Control::new(&self.fake.stop, &line);
        let outcome = super::with(&self.site(), &job("Transform", arguments), &control, start);
        assert_eq!(self.servers.running.load(Ordering::SeqCst), 0, "a server is left");
        outcome
    }

    fn bodies(&self) -> Vec<String> {
        self.servers.asked.lock().unwrap().iter().map(|asked| asked.body.clone()).collect()
    }

    fn outputs(&self) -> Vec<String> {
        self.fake.store.places().into_iter().filter(|place| place.starts_with("s3://b/out")).collect()
    }
}

/// One answer for every line of a request.
#[expect(clippy::unnecessary_wraps, reason = "others die instead")]
fn lines(asked: &Asked) -> Option<(u16, String)> {
    Some((200, marked(asked.body.lines())))
}

fn marked<T: std::fmt::Display>(lines: impl Iterator<Item = T>) -> String {
    lines.fold(String::new(), |text, line| text + &format!("<{line}>\n"))
}

#[test]
fn every_object_has_its_result() {
    let scene = Scene::new(lines);
    scene.object("in/a.csv", "1\n2");
    scene.object("in/deep/b", "3");
    scene.object("in/empty", "");
    let described = succeeded(scene.run(json!({
        "TransformInput": {"ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"Accept": "text/csv", "AssembleWith": "Line"},
        "Environment": {"MODE": "fast"},
        "BatchStrategy": "SingleRecord",
    })));
    assert_eq!(described["TransformJobStatus"], "Completed");
    assert_eq!(described["TransformOutput"]["S3OutputPath"], "s3://b/out");
    assert_eq!(scene.outputs(), ["s3://b/out/a.csv.out", "s3://b/out/deep/b.out", "s3://b/out/empty.out"]);
    assert_eq!(scene.fake.store.text("s3://b/out/a.csv.out"), "<1>\n<2>\n");
    assert_eq!(scene.fake.store.text("s3://b/out/deep/b.out"), "<3>\n");
    assert_eq!(scene.fake.store.text("s3://b/out/empty.out"), "");
    assert_eq!(scene.bodies(), ["1\n", "2\n", "3\n"]);
    let asked = scene.servers.asked.lock().unwrap()[0].clone();
    assert_eq!(asked.line, "POST /invocations HTTP/1.1");
    assert_eq!(
        (asked.headers["content-type"].as_str(), asked.headers["accept"].as_str()),
        ("text/csv", "text/csv")
    );
    let task = scene.servers.tasks.lock().unwrap()[0].clone();
    for (name, value) in [
        ("MODE", "fast"),
        ("SAGEMAKER_BATCH", "true"),
        ("SAGEMAKER_BATCH_STRATEGY", "SINGLE_RECORD"),
        ("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", "1"),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6"),
        ("SAGEMAKER_BIND_TO_PORT", &task.port.unwrap().to_string()),
    ] {
        assert_eq!(task.environment.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(task.entrypoint[1].ends_with("/serve_xgboost.py"), "{task:?}");
    assert!(Path::new(&task.entrypoint[1]).is_file());
    assert_eq!(task.arguments, ["/opt/ml"]);
}

#[test]
fn without_a_content_type_none_is_sent() {
    let scene = Scene::new(lines);
    scene.object("in", "1\n2\n");
    succeeded(scene.run(json!({})));
    let asked = scene.servers.asked.lock().unwrap()[0].clone();
    assert!(!asked.headers.contains_key("content-type"), "{asked:?}");
    assert_eq!(scene.fake.store.text("s3://b/out/in.out"), "<1>\n<2>\n");
}

#[test]
fn many_at_once_stay_in_order() {
    let scene = Scene::new(lines);
    let content = (0..500).fold(String::new(), |text, number| text + &number.to_string() + "\n");
    scene.object("in/a", &content);
    let arguments = |split: &str| json!({"TransformInput": {"SplitType": split}, "BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 8, "MaxPayloadInMB": 1});
    succeeded(scene.run(arguments("Line")));
    assert_eq!(scene.fake.store.text("s3://b/out/a.out"), marked(0..500));
    for number in 0..30 {
        scene.object(&format!("in/more/{number}"), &number.to_string());
    }
    succeeded(scene.run(arguments("None")));
    assert_eq!(scene.fake.store.text("s3://b/out/more/17.out"), "<17>\n");
}

#[test]
fn the_image_itself_serves_in_a_container() {
    let scene = Scene::with(Kind::Container, Some(200), lines);
    scene.model(json!({"PrimaryContainer": {"Image": "anything:1", "Environment": {"A": "b"}}}));
    scene.object("in/a", "1");
    succeeded(scene.run(json!({})));
    let task = scene.servers.tasks.lock().unwrap()[0].clone();
    assert_eq!((task.entrypoint, task.arguments), (vec![], vec!["serve".to_owned()]));
    assert_eq!((task.image.as_str(), task.environment["A"].as_str()), ("anything:1", "b"));
}

#[test]
fn several_containers_answer_one_after_the_other() {
    let scene = Scene::new(lines);
    let image = |environment: Value| json!({"Image": "xgboost", "Environment": environment});
    scene.model(json!({"Containers": [image(json!({"N": "1"})), image(json!({"N": "2"}))]}));
    scene.object("in/a", "1");
    succeeded(scene.run(
        json!({"TransformInput": {"ContentType": "text/plain"}, "TransformOutput": {"Accept": "text/csv"}}),
    ));
    assert_eq!(scene.fake.store.text("s3://b/out/a.out"), "<<1>>\n");
    let asked = scene.servers.asked.lock().unwrap().clone();
    let types: Vec<_> = asked.iter().map(|asked| asked.headers["content-type"].as_str()).collect();
    assert_eq!(types, ["text/plain", "text/csv"]);
    let hosts: Vec<_> =
        scene.servers.tasks.lock().unwrap().iter().map(|task| task.mounts[0].host.clone()).collect();
    assert_ne!(hosts[0], hosts[1]);
}

#[test]
fn what_passes_is_tried_again() {
    let count = AtomicUsize::new(0);
    let scene = Scene::new(move |asked| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Some((503, "busy".to_owned())),
        1 => Some((500, "oops".to_owned())),
        _ => lines(asked),
    });
    scene.object("in/a", "1");
    succeeded(scene.run(json!({})));
    assert_eq!(scene.bodies().len(), 3);
}

#[test]
fn failures() {
    #[track_caller]
    fn check(scene: &Scene, arguments: Value, expected: &str, requests: usize) {
        let (reason, _) = failed(scene.run(arguments));
        assert!(reason.contains(expected), "{reason}");
        assert_eq!(scene.bodies().len(), requests);
        assert!(scene.outputs().is_empty());
    }
    let answering = |status: u16| {
        let scene = Scene::new(move |asked| {
            if asked.body.contains("bad") { Some((status, "no\n".to_owned())) } else { lines(asked) }
        });
        scene.object("in/a", "fine\nbad\n");
        scene
    };
    let single = || json!({"TransformInput": {"SplitType": "Line"}, "BatchStrategy": "SingleRecord"});
    check(&answering(400), single(), "AlgorithmError: a, record 2: /invocations answered 400: no", 2);
    check(&answering(500), json!({}), "a: /invocations answered 500: no", 4);
    check(&answering(500), json!({"ModelClientConfig": {"InvocationsMaxRetries": 0}}), "answered 500", 1);
    check(&answering(301), json!({}), "answered 301", 1);
    let join =
        json!({"TransformInput": {"ContentType": "text/csv"}, "DataProcessing": {"InputFilter": "$[4]"}});
    check(&answering(400), join, "a: ClientError: InputFilter: there is no element 4 of 1", 0);
    let wrong = json!({
        "MaxPayloadInMB": 101,
        "TransformInput": {"SplitType": "RecordIO"},
        "DataProcessing": {"OutputFilter": "$.*"},
        "ModelClientConfig": {"InvocationsMaxRetries": 4},
    });
    let (reason, _) = failed(answering(400).run(wrong));
    for part in [
        "MaxPayloadInMB: 101 is not within 0 and 100",
        "TransformInput.SplitType: RecordIO is not there in runs on this machine",
        "DataProcessing.OutputFilter: `$.*`",
        "ModelClientConfig.InvocationsMaxRetries: 4 is not within 0 and 3",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    check(&answering(400), json!({"ModelName": "other"}), "there is no model \"other\" on this machine", 0);

    let unknown = answering(400);
    unknown.model(json!({"PrimaryContainer": {"Image": "1.dkr.ecr.eu-west-1.amazonaws.com/team/net:3"}}));
    let expected = "nobody knows what image 1.dkr.ecr.eu-west-1.amazonaws.com/team/net:3 serves models with: \
                    use `--runner container`, or write `[images.\"team/net\"]` with `serve = [\"python3\", \"serve.py\"]`";
    check(&unknown, json!({}), expected, 0);
}

#[test]
fn a_server_that_dies() {
    let scene = Scene::new(|_| None);
    scene.object("in/a", "1");
    let (reason, _) = failed(scene.run(json!({})));
    assert_eq!(
        reason,
        "AlgorithmError: a: the model's server ended with status 3; the end of its log: hello from the server"
    );
}

#[test]
fn a_server_that_never_answers() {
    for ping in [None, Some(500)] {
        let scene = Scene::with(Kind::Process, ping, lines);
        scene.object("in/a", "1");
        let (reason, _) = failed(scene.run_for(json!({}), Duration::from_millis(300)));
        assert_eq!(
            reason,
            "AlgorithmError: the model's server did not answer /ping with 200 within 0 s; the end of its log: hello from the server"
        );
    }
}

#[test]
fn a_stop_ends_the_server() {
    let scene = Scene::with(Kind::Process, None, lines);
    scene.object("in/a", "1");
    std::thread::scope(|scope| {
        let stop = scene.fake.stop.clone();
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            stop.ask();
        });
        assert_eq!(scene.run(json!({})), Outcome::Stopped);
    });
}

#[test]
fn a_stop_ends_an_invocation() {
    let scene = Scene::new(|_| {
        std::thread::sleep(Duration::from_millis(300));
        Some((500, String::new()))
    });
    scene.object("in/a", "1");
    std::thread::scope(|scope| {
        let stop = scene.fake.stop.clone();
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            stop.ask();
        });
        assert_eq!(scene.run(json!({})), Outcome::Stopped);
    });
    assert!(scene.outputs().is_empty());
}

#[test]
fn the_model_is_laid_out() {
    let scene = Scene::new(lines);
    scene.fake.store.set(
        "s3://b/model.tar.gz",
        &archive(&[("weights", "7"), ("code/inference.py", "x = '/opt/ml/model'")]),
    );
    scene.fake.store.set("s3://b/sourcedir.tar.gz", &archive(&[("serve_it.py", "y")]));
    scene.object("in/a", "1");
    let run = |environment: Value| {
        let container =
            json!({"Image": "net:1", "ModelDataUrl": "s3://b/model.tar.gz", "Environment": environment});
        scene.model(json!({"PrimaryContainer": container}));
        // A failed attempt leaves its files.
        scene.object("in/b", "bad");
        let wrong =
            json!({"TransformInput": {"ContentType": "text/csv"}, "DataProcessing": {"InputFilter": "$[9]"}});
        failed(scene.run(wrong));
        let task = scene.servers.tasks.lock().unwrap().pop().unwrap();
        (task, tree(&scene.fake.step().join("opt/ml")))
    };
    let (task, files) = run(json!({"SAGEMAKER_PROGRAM": "inference.py"}));
    assert!(task.entrypoint[1].ends_with("serve_script.py"));
    assert_eq!(task.environment["SAGEMAKER_SUBMIT_DIRECTORY"], "/opt/ml/model/code");
    assert_eq!(
        files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["model/code/inference.py", "model/weights"]
    );
    assert_eq!(task.scripts, [scene.fake.step().join("opt/ml/model/code")]);

    let submitted =
        json!({"SAGEMAKER_PROGRAM": "serve_it.py", "SAGEMAKER_SUBMIT_DIRECTORY": "s3://b/sourcedir.tar.gz"});
    let (task, files) = run(submitted);
    assert_eq!(task.environment["SAGEMAKER_SUBMIT_DIRECTORY"], "/opt/ml/code");
    assert_eq!(files[0].0, "code/serve_it.py");

    scene.fake.store.set("s3://b/model.tar.gz", b"no archive");
    let (reason, _) = failed(scene.run(json!({})));
    assert!(reason.starts_with("s3://b/model.tar.gz: "), "{reason}");
}

#[test]
fn a_program_of_the_settings_serves() {
    let scene = Scene::new(lines);
    let local = scene.fake.folder.path().join("local");
    fs::create_dir(&local).unwrap();
    let settings = Settings::read("[images.net]\nserve = [\"python3\", \"serve.py\"]", "run.toml").unwrap();
    scene.model(json!({"PrimaryContainer": {"Image": "team/net:1", "Environment": {"SAGEMAKER_PROGRAM": "inference.py"}}}));
    scene.object("in/a", "1");
    let site = Site { settings: Arc::new(settings), local: Some(local.clone()), ..scene.site() };
    let arguments = json!({
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
    });
    scene.fake.control(|control| succeeded(super::run(&site, &job("Transform", arguments), control)));
    let task = scene.servers.tasks.lock().unwrap()[0].clone();
    assert_eq!(task.entrypoint, ["python3", "serve.py"]);
    assert_eq!(task.working_directory, local.display().to_string());
    assert!(!task.environment.contains_key("PIPEWRIGHT_SERVER"));
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}
