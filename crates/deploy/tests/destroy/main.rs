//! Taking stacks down, against a scripted CloudFormation.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation::config::{Credentials, SharedCredentialsProvider};
use pipewright_assembly::{Assembly, Contents, Stack, Target, write};
use pipewright_deploy::destroy::{Confirm, Ended, Options, Outlook, Report, destroy};
use pipewright_deploy::stack::Pace;
use pipewright_deploy::watch::Silent;
use pipewright_deploy::{Error, Kind, Session};
use pipewright_testbed::cloudformation::{Fake, Preset};
use serde_json::json;

const BELOW: &str = "dsm-infrastructure";
const ABOVE: &str = "dsm-pipelines";

fn template() -> String {
    json!({"Resources": {
        "Data": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
        "Topic": {"Type": "AWS::SNS::Topic"},
    }})
    .to_string()
}

/// Says yes or no, and remembers what it was shown.
#[derive(Default)]
struct Says {
    no: bool,
    shown: Mutex<Vec<Outlook>>,
}

impl Confirm for Says {
    fn confirm(&self, outlook: &Outlook) -> Result<(), Error> {
        self.shown.lock().unwrap().push(outlook.clone());
        if self.no { Err(Error::new(Kind::Refused, "no")) } else { Ok(()) }
    }
}

fn session(endpoint: &str) -> Session {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
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

/// Takes down two stacks, of which the second depends on the first.
async fn run(fake: &Fake, named: &[&str], says: &Arc<Says>) -> Result<Report, Error> {
    let stack = |name: &str, depends_on: &[&str]| Stack {
        name: name.to_owned(),
        template: template(),
        depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
        ..Stack::default()
    };
    let contents = Contents {
        target: Target { environment: "dev".into(), prefix: "dsm".into(), ..Target::default() },
        partial: false,
        stacks: vec![stack(BELOW, &[]), stack(ABOVE, &[BELOW])],
        pipelines: Vec::new(),
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    write(&out, &contents).unwrap();
    let assembly = Assembly::open(&out).unwrap();
    let stacks = named.iter().map(|name| (*name).to_owned()).collect();
    let options = Options { stacks, pace: Pace::quick(), ..Options::default() };
    let confirm: Arc<dyn Confirm> = Arc::clone(says) as _;
    destroy(&session(&fake.endpoint()), &assembly, &options, &Silent, confirm).await
}

fn ends(report: &Report) -> Vec<(&str, Ended)> {
    report.stacks.iter().map(|stack| (stack.name.as_str(), stack.result)).collect()
}

fn both() -> Fake {
    let fake = Fake::start();
    fake.add(Preset::new(BELOW).status("CREATE_COMPLETE").template(template()));
    fake.add(Preset::new(ABOVE).status("UPDATE_COMPLETE").template(template()));
    fake
}

#[tokio::test]
async fn those_that_depend_on_others_go_first() {
    let (fake, says) = (both(), Arc::<Says>::default());
    let report = run(&fake, &[], &says).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Destroyed), (BELOW, Ended::Destroyed)], "{report:#?}");
    assert!(report.stacks[0].stays[0].starts_with("AWS::S3::Bucket"), "{report:#?}");
    let deleted: Vec<String> =
        fake.requests().iter().filter(|r| r.action == "DeleteStack").map(|r| format!("{r:?}")).collect();
    assert!(deleted.len() == 2 && deleted[0].contains(ABOVE) && deleted[1].contains(BELOW), "{deleted:#?}");
    assert_eq!(says.shown.lock().unwrap()[0].stacks.len(), 2);
    // Again: nobody is asked, nothing is done.
    let report = run(&fake, &[], &says).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Absent), (BELOW, Ended::Absent)]);
    assert_eq!(says.shown.lock().unwrap().len(), 1);
    assert_eq!(fake.count("DeleteStack"), 2);
}

#[tokio::test]
async fn only_those_named_and_what_depends_on_them() {
    let (fake, says) = (both(), Arc::<Says>::default());
    let report = run(&fake, &[ABOVE], &says).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Destroyed)]);
    assert!(fake.stack(BELOW).is_some());
    let (fake, says) = (both(), Arc::<Says>::default());
    let report = run(&fake, &[BELOW], &says).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Destroyed), (BELOW, Ended::Destroyed)]);
}

#[tokio::test]
async fn nothing_goes_without_confirmation() {
    let (fake, says) = (both(), Arc::new(Says { no: true, ..Says::default() }));
    assert_eq!(run(&fake, &[], &says).await.unwrap_err().kind, Kind::Refused);
    assert_eq!(fake.count("DeleteStack"), 0);
}

#[tokio::test]
async fn what_is_protected_stops_all() {
    let fake = Fake::start();
    fake.add(Preset::new(BELOW).status("CREATE_COMPLETE").template(template()).protected());
    fake.add(Preset::new(ABOVE).status("CREATE_COMPLETE").template(template()));
    let error = run(&fake, &[], &Arc::default()).await.unwrap_err();
    assert!(
        error.message.contains(BELOW) && error.hints[0].contains("--no-enable-termination-protection"),
        "{error}"
    );
    assert_eq!(fake.count("DeleteStack"), 0);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_and_the_rest_is_left() {
    let fake = both();
    fake.fail_delete("Topic", "The bucket you tried to delete is not empty");
    let report = run(&fake, &[], &Arc::default()).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Failed), (BELOW, Ended::Skipped)], "{report:#?}");
    let error = &report.failures[0].1;
    assert!(error.message.contains("Topic") && error.message.contains("not empty"), "{error}");
    assert!(fake.stack(BELOW).is_some());
    // Mended, and run again.
    fake.mend("Topic");
    let report = run(&fake, &[], &Arc::default()).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Destroyed), (BELOW, Ended::Destroyed)], "{report:#?}");
}

#[tokio::test]
async fn an_operation_of_somebody_else_is_waited_for() {
    let fake = both();
    fake.start_foreign_update(ABOVE, 100);
    let report = run(&fake, &[], &Arc::default()).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Destroyed), (BELOW, Ended::Destroyed)], "{report:#?}");
}

#[tokio::test]
async fn a_stack_that_has_only_change_sets() {
    let fake = Fake::start();
    fake.add(Preset::new(ABOVE).status("REVIEW_IN_PROGRESS"));
    let report = run(&fake, &[], &Arc::default()).await.unwrap();
    assert_eq!(ends(&report), [(ABOVE, Ended::Destroyed), (BELOW, Ended::Absent)], "{report:#?}");
}
