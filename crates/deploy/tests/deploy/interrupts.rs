//! Ctrl-C at every stage, and attaching again.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use pipewright_deploy::approve::Approver;
use pipewright_deploy::deploy::{Ended, deploy};
use pipewright_deploy::interrupt::Asked;
use pipewright_deploy::stack::Prepared;
use pipewright_deploy::{Error, Kind};
use pipewright_testbed::cloudformation::Fake;

use crate::scene::{DEV, Scene, preset, session, topic, until};

/// Deploys, and asks for this while the stack is being changed.
async fn check(fake: &Fake, scene: &Scene, asked: Asked) -> Error {
    let ask = async {
        until("executed", || fake.count("ExecuteChangeSet") == 1).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        scene.options.interrupts.set(asked);
    };
    let (report, ()) = tokio::join!(scene.deploy(fake), ask);
    report.unwrap().failures.remove(0).1
}

#[tokio::test]
async fn detached_the_operation_goes_on_and_can_be_followed_again() {
    let fake = Fake::builder().stack(preset(&topic("old"))).resource_ms(300).start();
    let scene = Scene::new(&topic("new"));
    let error = check(&fake, &scene, Asked::Detach).await;
    assert_eq!(error.kind, Kind::Interrupted);
    assert!(error.message.contains("goes on in CloudFormation"), "{error}");
    assert!(error.hints[0].contains("--attach"));
    assert_eq!(fake.stack(DEV).unwrap().status, "UPDATE_IN_PROGRESS");

    let scene = Scene::new(&topic("new"));
    let report = scene.attach(&fake).await;
    assert!(report.is_good());
    assert!(report.stacks[0].changed);
    assert_eq!(report.stacks[0].status.as_deref(), Some("UPDATE_COMPLETE"));
    assert_eq!(scene.seen.told().first().unwrap(), "dev UPDATE_IN_PROGRESS");
    assert_eq!(scene.seen.told().last().unwrap(), "dev UPDATE_COMPLETE");
    assert_eq!(fake.count("ExecuteChangeSet"), 1);
}

#[tokio::test]
async fn a_cancelled_update_is_taken_back_and_no_success() {
    let fake = Fake::builder().stack(preset(&topic("old"))).resource_ms(150).start();
    let scene = Scene::new(&topic("new"));
    let error = check(&fake, &scene, Asked::Cancel).await;
    assert_eq!(error.kind, Kind::Interrupted, "{error}");
    assert!(error.message.contains("cancelled"), "{error}");
    let stack = fake.stack(DEV).unwrap();
    assert_eq!((stack.status.as_str(), stack.template), ("UPDATE_ROLLBACK_COMPLETE", topic("old")));
    assert_eq!(fake.count("CancelUpdateStack"), 1);
    Scene::new(&topic("new")).succeeds(&fake, Ended::Deployed).await;
}

#[tokio::test]
async fn a_creation_cannot_be_cancelled() {
    let fake = Fake::builder().resource_ms(100).start();
    let scene = Scene::new(&topic("new"));
    let ask = async {
        until("executed", || fake.count("ExecuteChangeSet") == 1).await;
        scene.options.interrupts.set(Asked::Cancel);
    };
    let (report, ()) = tokio::join!(scene.deploy(&fake), ask);
    scene.expect(report, &[Ended::Deployed]);
    assert!(scene.seen.said("can't cancel the creation"));
    assert_eq!(fake.count("CancelUpdateStack") + fake.count("DeleteStack"), 0);
}

#[tokio::test]
async fn before_anything_is_executed_it_just_ends() {
    for (asked, action) in [
        (Asked::Detach, "DescribeStacks"),
        (Asked::Cancel, "CreateChangeSet"),
        (Asked::Detach, "DescribeChangeSet"),
    ] {
        let fake = Fake::builder().stack(preset(&topic("old"))).change_set_ms(50).start();
        let scene = Scene::new(&topic("new"));
        let ask = async {
            until("begun", || fake.count(action) > 0).await;
            scene.options.interrupts.set(asked);
        };
        let (report, ()) = tokio::join!(scene.deploy(&fake), ask);
        assert_eq!(report.unwrap().failures.remove(0).1.kind, Kind::Interrupted);
        assert_eq!(fake.count("ExecuteChangeSet"), 0, "{action}");
        assert_eq!(fake.stack(DEV).unwrap().template, topic("old"));
        // The change set that may be there is found again.
        Scene::new(&topic("new")).succeeds(&fake, Ended::Deployed).await;
        assert_eq!(fake.count("DeleteChangeSet"), 0);
    }
}

/// Thinks for long.
struct Slow;

impl Approver for Slow {
    fn approve(&self, _: &Prepared, _: Option<&str>, _: &str) -> Result<(), Error> {
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }
}

#[tokio::test]
async fn at_the_question_it_just_ends() {
    let fake = Fake::builder().stack(preset(&topic("old"))).start();
    let scene = Scene::new(&topic("new"));
    let ask = async {
        until("prepared", || {
            scene.seen.stages.lock().unwrap().contains(&pipewright_deploy::watch::Stage::Approving)
        })
        .await;
        scene.options.interrupts.set(Asked::Detach);
    };
    let session = session(&fake.endpoint());
    let work = deploy(&session, &scene.assembly, &scene.options, &scene.seen, Arc::new(Slow));
    let (report, ()) = tokio::join!(work, ask);
    assert_eq!(report.unwrap().failures.remove(0).1.kind, Kind::Interrupted);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(fake.count("ExecuteChangeSet"), 0);
}

#[tokio::test]
async fn attaching_to_what_rests_says_how_it_ended() {
    for (status, good) in [
        ("CREATE_COMPLETE", true),
        ("UPDATE_COMPLETE", true),
        ("UPDATE_ROLLBACK_COMPLETE", false),
        ("ROLLBACK_COMPLETE", false),
        ("DELETE_FAILED", false),
    ] {
        let fake =
            Fake::builder().stack(preset(&topic("x")).status(status).failed("Topic", "the reason")).start();
        let scene = Scene::new(&topic("x"));
        let report = scene.attach(&fake).await;
        assert_eq!(report.is_good(), good, "{status}");
        assert!(fake.actions().iter().all(|action| action.starts_with("Describe")), "{:?}", fake.actions());
    }
    let report = Scene::new(&topic("x")).attach(&Fake::start()).await;
    assert!(report.is_good() && report.stacks[0].status.is_none());
}

/// The program itself, with the fake for AWS.
fn program(fake: &Fake, scene: &Scene, more: &[&str]) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_pipewright-deploy"));
    command.arg("deploy").arg("--assembly").arg(scene.assembly.root()).args(more);
    command.envs([
        ("AWS_ENDPOINT_URL", fake.endpoint()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_hears_signals_and_says_how_to_go_on() {
    for (signal, policy, says) in
        [("-INT", "ask", "--attach"), ("-TERM", "cancel", "--attach"), ("-INT", "cancel", "cancelled")]
    {
        let fake = Fake::builder().stack(preset(&topic("old"))).resource_ms(1000).start();
        let scene = Scene::new(&topic("new"));
        let child = program(&fake, &scene, &["--yes", "--on-interrupt", policy]).spawn().unwrap();
        let id = child.id().unwrap().to_string();
        until("executed", || fake.count("ExecuteChangeSet") == 1).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        let output = child.wait_with_output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(says), "{text}");
        if says == "--attach" {
            let output = program(&fake, &scene, &["--attach"]).output().await.unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(fake.stack(DEV).unwrap().template, topic("new"));
        } else {
            assert_eq!(fake.stack(DEV).unwrap().template, topic("old"));
        }
    }
}
