//! An assembly without assets, a session with the fake, and those who watch and approve.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation::config::{Credentials, SharedCredentialsProvider};
use pipewright_assembly::{Assembly, Contents, Stack, Target, write};
use pipewright_deploy::approve::Approver;
use pipewright_deploy::deploy::{Ended, Options, Report, attach, deploy};
use pipewright_deploy::stack::{Event, Pace, Prepared};
use pipewright_deploy::watch::{Stage, Transfer, Watch};
use pipewright_deploy::{Error, Kind, Session};
use pipewright_testbed::cloudformation::Fake;

/// The stack that most tests are about.
pub(crate) const DEV: &str = "dev";

/// A template with a topic of this display name.
pub(crate) fn topic(name: &str) -> String {
    topics(&[("Topic", name)])
}

/// A template with these topics, and an output for each.
pub(crate) fn topics(topics: &[(&str, &str)]) -> String {
    let (mut resources, mut outputs) = (serde_json::Map::new(), serde_json::Map::new());
    for (id, name) in topics {
        let properties = serde_json::json!({"DisplayName": name});
        resources.insert(
            (*id).to_owned(),
            serde_json::json!({"Type": "AWS::SNS::Topic", "Properties": properties}),
        );
        outputs.insert(format!("{id}Arn"), serde_json::json!({"Value": {"Ref": id}}));
    }
    serde_json::to_string_pretty(&serde_json::json!({"Resources": resources, "Outputs": outputs})).unwrap()
}

/// An assembly in a folder of its own.
pub(crate) struct Scene {
    _folder: tempfile::TempDir,
    pub(crate) assembly: Assembly,
    pub(crate) options: Options,
    pub(crate) seen: Seen,
    pub(crate) approver: Arc<Says>,
}

impl Scene {
    /// With the stack `dev` of this template.
    pub(crate) fn new(template: &str) -> Self {
        Self::of(&[(DEV, template, &[])], false)
    }

    /// With these stacks: name, template, what it depends on.
    pub(crate) fn of(stacks: &[(&str, &str, &[&str])], partial: bool) -> Self {
        let stack = |(name, template, depends_on): &(&str, &str, &[&str])| Stack {
            name: (*name).to_owned(),
            template: (*template).to_owned(),
            tags: BTreeMap::from([("team".to_owned(), "a".to_owned())]),
            depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
            assets: Vec::new(),
        };
        let contents = Contents {
            target: Target {
                environment: "test".into(),
                prefix: "p".into(),
                source_bucket: "p-sources".into(),
                data_bucket: "p-data".into(),
                ..Target::default()
            },
            partial,
            stacks: stacks.iter().map(stack).collect(),
            pipelines: Vec::new(),
        };
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        write(&out, &contents).unwrap();
        Self {
            assembly: Assembly::open(&out).unwrap(),
            _folder: folder,
            options: Options { pace: Pace::quick(), ..Options::default() },
            seen: Seen::default(),
            approver: Arc::default(),
        }
    }

    pub(crate) async fn deploy(&self, fake: &Fake) -> Result<Report, Error> {
        self.deploy_at(&fake.endpoint()).await
    }

    pub(crate) async fn deploy_at(&self, endpoint: &str) -> Result<Report, Error> {
        let approver: Arc<dyn Approver> = Arc::clone(&self.approver) as _;
        deploy(&session(endpoint), &self.assembly, &self.options, &self.seen, approver).await
    }

    /// Deploys, and expects that every stack ends like this.
    #[track_caller]
    pub(crate) fn expect(&self, report: Result<Report, Error>, expected: &[Ended]) -> Report {
        let report = report.unwrap();
        let results: Vec<Ended> = report.stacks.iter().map(|stack| stack.result).collect();
        assert_eq!(results, expected, "{:#?}\n{:#?}", report.failures, self.seen);
        report
    }

    pub(crate) async fn succeeds(&self, fake: &Fake, expected: Ended) -> Report {
        let report = self.deploy(fake).await;
        self.expect(report, &[expected])
    }

    /// Deploys one stack, and expects that it fails.
    pub(crate) async fn fails(&self, fake: &Fake) -> Error {
        let mut report = self.deploy(fake).await.unwrap();
        assert_eq!(report.stacks[0].result, Ended::Failed, "{report:#?}");
        assert!(!report.is_good());
        report.failures.remove(0).1
    }

    pub(crate) async fn attach(&self, fake: &Fake) -> Report {
        attach(&session(&fake.endpoint()), &self.assembly, &self.options, &self.seen).await.unwrap()
    }
}

pub(crate) fn session(endpoint: &str) -> Session {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // What is tested here is the patience that comes after the SDK's.
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .build();
    Session {
        region: "us-east-1".into(),
        account: "111122223333".into(),
        partition: "aws".into(),
        caller_arn: "arn:aws:iam::111122223333:user/deployer".into(),
        config,
    }
}

/// A client, for somebody else.
pub(crate) fn client(fake: &Fake) -> aws_sdk_cloudformation::Client {
    session(&fake.endpoint()).cloudformation()
}

/// Approves, or not, and remembers what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Says {
    pub(crate) no: bool,
    pub(crate) asked: AtomicUsize,
}

impl Says {
    pub(crate) fn count(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Approver for Says {
    fn approve(&self, _: &Prepared, _: Option<&str>, _: &str) -> Result<(), Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.no { Err(Error::new(Kind::Refused, "not approved")) } else { Ok(()) }
    }
}

/// Remembers what it was told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) stages: Mutex<Vec<Stage>>,
    pub(crate) events: Mutex<Vec<Event>>,
    pub(crate) notes: Mutex<Vec<String>>,
}

impl Seen {
    pub(crate) fn said(&self, text: &str) -> bool {
        self.notes.lock().unwrap().iter().any(|note| note.contains(text))
    }

    /// The events as `ID STATUS`.
    pub(crate) fn told(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        events.iter().map(|event| format!("{} {}", event.logical_id, event.status)).collect()
    }
}

impl Watch for Seen {
    fn stage(&self, _: &str, stage: Stage) {
        self.stages.lock().unwrap().push(stage);
    }
    fn events(&self, _: &str, events: &[Event]) {
        self.events.lock().unwrap().extend_from_slice(events);
    }
    fn transfer(&self, _: &str, _: Transfer) {}
    fn note(&self, _: &str, text: &str) {
        self.notes.lock().unwrap().push(text.to_owned());
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..15_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("never: {what}");
}

/// The tags that the assembly's stacks have, for a preset that is as wanted.
pub(crate) fn preset(template: &str) -> pipewright_testbed::cloudformation::Preset {
    pipewright_testbed::cloudformation::Preset::new(DEV).template(template).tag("team", "a")
}
