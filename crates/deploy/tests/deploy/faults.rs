//! Refusals, outages and late answers, and that none of them makes a success of a failure or the other way round.

use std::time::Duration;

use pipewright_deploy::Kind;
use pipewright_deploy::deploy::Ended;
use pipewright_testbed::cloudformation::{Fake, Refused};
use pipewright_testbed::proxy::{Fault, How, Rule, Trouble};
use pipewright_testbed::random::Random;

use crate::scene::{DEV, Scene, preset, topic, topics};

const NEEDED: [&str; 6] = [
    "DescribeStacks",
    "GetTemplate",
    "CreateChangeSet",
    "DescribeChangeSet",
    "ExecuteChangeSet",
    "DescribeStackEvents",
];

#[tokio::test]
async fn a_missing_permission_is_named() {
    for action in
        ["DescribeStacks", "GetTemplate", "CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet"]
    {
        let permission = format!("cloudformation:{action}");
        let fake = Fake::builder().stack(preset(&topic("old"))).deny(&permission).start();
        let scene = Scene::new(&topic("new"));
        let error = scene.fails(&fake).await;
        assert_eq!(error.kind, Kind::Denied { action: Some(permission.clone()) }, "{error}");
        assert!(error.message.contains(&permission), "{error}");
        assert_eq!(fake.stack(DEV).unwrap().template, topic("old"));
        fake.allow(&permission);
        scene.succeeds(&fake, Ended::Deployed).await;
    }
}

#[tokio::test]
async fn without_events_the_status_decides() {
    let fake =
        Fake::builder().stack(preset(&topic("old"))).deny("cloudformation:DescribeStackEvents").start();
    let scene = Scene::new(&topic("new"));
    scene.succeeds(&fake, Ended::Deployed).await;
    assert!(scene.seen.said("DescribeStackEvents"), "{:?}", scene.seen);
    fake.fail_resource("Topic", "no");
    let error = Scene::new(&topic("newer")).fails(&fake).await;
    assert_eq!(error.kind, Kind::Stack);
    assert_eq!(error.failure().unwrap().state.status, "UPDATE_ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn throttling_is_borne_everywhere() {
    for action in NEEDED {
        let fake = Fake::builder().stack(preset(&topic("old"))).throttle(action, 7).start();
        Scene::new(&topic("new")).succeeds(&fake, Ended::Deployed).await;
        assert_eq!(fake.stack(DEV).unwrap().template, topic("new"), "{action}");
        assert_eq!(fake.count("ExecuteChangeSet"), if action == "ExecuteChangeSet" { 8 } else { 1 });
    }
}

#[tokio::test]
async fn patience_has_an_end() {
    let fake = Fake::builder().throttle("*", 1_000_000).start();
    let mut scene = Scene::new(&topic("new"));
    scene.options.pace.patience = Duration::from_millis(50);
    assert_eq!(scene.fails(&fake).await.kind, Kind::Throttled);
}

#[tokio::test]
async fn faults_at_any_moment_change_nothing() {
    let mut random = Random::new(7);
    for _ in 0..60 {
        let fake = Fake::builder().stack(preset(&topic("old"))).start();
        let scene = Scene::new(&topic("new"));
        let action = NEEDED[usize::try_from(random.below(NEEDED.len() as u64)).unwrap()];
        let times = u32::try_from(1 + random.below(4)).unwrap();
        let wait = Duration::from_millis(random.below(40));
        let disturb = async {
            tokio::time::sleep(wait).await;
            fake.refuse(action, times, Refused::new(503, "ServiceUnavailable", "try later"));
        };
        let (report, ()) = tokio::join!(scene.deploy(&fake), disturb);
        scene.expect(report, &[Ended::Deployed]);
        assert_eq!(fake.stack(DEV).unwrap().template, topic("new"));
    }
}

#[tokio::test]
async fn credentials_that_expire_in_the_middle() {
    let mut seen = std::collections::BTreeSet::new();
    for requests in 0..14 {
        let fake = Fake::builder()
            .stack(preset(&topic("old")))
            .resource_ms(60)
            .expire_credentials_after(requests)
            .start();
        let scene = Scene::new(&topic("new"));
        let mut report = scene.deploy(&fake).await.unwrap();
        if report.is_good() {
            // That many requests were not needed.
            break;
        }
        let error = report.failures.remove(0).1;
        assert_eq!(error.kind, Kind::Expired, "{error}");
        let executed =
            fake.requests().iter().any(|one| one.action == "ExecuteChangeSet" && one.refused.is_none());
        assert_eq!(error.message.contains("goes on in CloudFormation"), executed, "{error}");
        if executed {
            assert!(error.hints.iter().any(|hint| hint.contains("--attach")), "{:?}", error.hints);
        }
        seen.insert(executed);
        fake.expire_credentials_after(None);
        if executed {
            let report = scene.attach(&fake).await;
            assert!(report.is_good(), "{report:?}");
            scene.succeeds(&fake, Ended::Unchanged).await;
        } else {
            scene.succeeds(&fake, Ended::Deployed).await;
        }
        assert_eq!(fake.stack(DEV).unwrap().template, topic("new"));
        assert_eq!(
            fake.requests()
                .iter()
                .filter(|one| one.action == "ExecuteChangeSet" && one.refused.is_none())
                .count(),
            1
        );
    }
    assert_eq!(seen.len(), 2, "some expired before, some after");
}

#[tokio::test]
async fn late_reads_after_the_beginning_are_no_end() {
    for stale in [1, 3, 10] {
        let fake =
            Fake::builder().stack(preset(&topic("old")).status("UPDATE_COMPLETE")).stale_reads(stale).start();
        let mut scene = Scene::new(&topic("new"));
        scene.options.pace.stale = Duration::from_secs(5);
        scene.succeeds(&fake, Ended::Deployed).await;
        assert_eq!(fake.stack(DEV).unwrap().template, topic("new"));

        // What looks as before and then fails is no success.
        fake.fail_resource("Topic", "no");
        let mut scene = Scene::new(&topic("newer"));
        scene.options.pace.stale = Duration::from_secs(5);
        scene.fails(&fake).await;

        let fake = Fake::builder().stale_reads(stale).start();
        let mut scene = Scene::new(&topic("new"));
        scene.options.pace.stale = Duration::from_secs(5);
        scene.succeeds(&fake, Ended::Deployed).await;
    }
}

#[tokio::test]
async fn an_answer_that_got_lost_is_found_again() {
    // The request is done, and the answer says otherwise: then it is sent again.
    for action in ["CreateChangeSet", "ExecuteChangeSet"] {
        let fake = Fake::builder().stack(preset(&topic("old"))).start();
        let lost = Rule::new(Trouble::DropAfter, How::First(1)).action(action);
        let proxy = Fault::before(fake.endpoint()).rule(lost).start();
        let scene = Scene::new(&topic("new"));
        let report = scene.deploy_at(&proxy.endpoint()).await;
        scene.expect(report, &[Ended::Deployed]);
        assert_eq!(fake.stack(DEV).unwrap().template, topic("new"), "{action}");
    }
}

#[tokio::test]
async fn a_long_list_of_events_is_read_to_its_end_and_only_once() {
    let many: Vec<(String, String)> = (0..40).map(|at| (format!("T{at}"), format!("n{at}"))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let fake = Fake::builder().page(7).resource_ms(2).start();
    let scene = Scene::new(&topics(&many));
    scene.succeeds(&fake, Ended::Deployed).await;
    let told = scene.seen.told();
    assert_eq!(told.iter().filter(|line| line.ends_with("CREATE_COMPLETE")).count(), 41, "{told:?}");
    assert_eq!(told.last().unwrap(), "dev CREATE_COMPLETE");
    let stages = format!("{:?}", scene.seen.stages);
    assert!(stages.contains("Executing"), "{stages}");

    // Nothing of the operations before.
    let mut other = many.clone();
    other[0].1 = "other";
    let scene = Scene::new(&topics(&other));
    scene.succeeds(&fake, Ended::Deployed).await;
    assert!(scene.seen.told().iter().all(|line| !line.contains("CREATE")), "{:?}", scene.seen.told());
}

#[tokio::test]
async fn killed_at_any_moment_and_run_again() {
    let mut random = Random::new(11);
    let rounds = if std::env::var_os("PIPEWRIGHT_LONG").is_some() { 200 } else { 40 };
    for round in 0..rounds {
        let old = topics(&[("Topic", "old"), ("Gone", "x")]);
        let new = topics(&[("Topic", "new"), ("More", "y")]);
        let fake = Fake::builder().resource_ms(3);
        let fake = if round % 2 == 0 { fake.stack(preset(&old)) } else { fake }.start();
        let scene = Scene::new(&new);
        for _ in 0..2 {
            let most = Duration::from_millis(random.below(60));
            let _ = tokio::time::timeout(most, scene.deploy(&fake)).await;
        }
        let report = scene.deploy(&fake).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        let stack = fake.stack(DEV).unwrap();
        assert_eq!(stack.template, new);
        assert!(matches!(stack.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE"), "{}", stack.status);
        let executed = fake
            .requests()
            .iter()
            .filter(|one| one.action == "ExecuteChangeSet" && one.refused.is_none())
            .count();
        assert_eq!(executed, 1, "once is enough");
        scene.succeeds(&fake, Ended::Unchanged).await;
    }
}

#[tokio::test]
async fn a_bad_line_costs_time_and_nothing_else() {
    let troubles = [
        Trouble::DropBefore,
        Trouble::DropAfter,
        Trouble::DropMidway,
        Trouble::TruncateRequest,
        Trouble::TruncateAnswer,
        Trouble::Delay(Duration::from_millis(15)),
        Trouble::TooManyRequests,
        Trouble::InternalError,
        Trouble::Throttling,
        Trouble::Repeat,
    ];
    for (seed, trouble) in troubles.into_iter().enumerate() {
        for found in [None, Some(topic("old"))] {
            let fake = Fake::builder();
            let fake = match &found {
                Some(template) => fake.stack(preset(template)),
                None => fake,
            };
            let fake = fake.start();
            let rule = Rule::new(trouble.clone(), How::Chance(300));
            let proxy = Fault::before(fake.endpoint()).seed(seed as u64).rule(rule).start();
            let scene = Scene::new(&topic("new"));
            let report = scene.deploy_at(&proxy.endpoint()).await.unwrap();
            assert!(report.is_good(), "{trouble:?} {report:?}");
            let stack = fake.stack(DEV).unwrap();
            assert_eq!(stack.template, topic("new"), "{trouble:?}");
            let begun = |status: &str| {
                stack.events.iter().filter(|one| one.logical_id == DEV && one.status == status).count()
            };
            let status = if found.is_some() { "UPDATE_IN_PROGRESS" } else { "CREATE_IN_PROGRESS" };
            assert_eq!(begun(status), 1, "{trouble:?} {:?}", stack.events);
        }
    }
}
