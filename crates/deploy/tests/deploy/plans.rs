//! A plan is executed as it was made, or not at all.

use pipewright_deploy::deploy::Ended;
use pipewright_deploy::stack::Prepared;
use pipewright_deploy::{Error, Kind};
use pipewright_testbed::cloudformation::Fake;

use crate::scene::{DEV, Scene, client, preset, topic, topics};

async fn plan(fake: &Fake, scene: &mut Scene) -> Vec<Prepared> {
    scene.options.execute = false;
    let report = scene.deploy(fake).await.unwrap();
    assert!(report.is_good(), "{report:?}");
    scene.options.execute = true;
    report.prepared().cloned().collect()
}

#[tokio::test]
async fn what_was_planned_is_executed_without_another_question() {
    for found in [None, Some(topic("old"))] {
        let fake = Fake::builder();
        let fake = match &found {
            Some(template) => fake.stack(preset(template)),
            None => fake,
        };
        let fake = fake.start();
        let mut scene = Scene::new(&topic("new"));
        let plan = plan(&fake, &mut scene).await;
        scene.options.plan = Some(plan);
        scene.succeeds(&fake, Ended::Deployed).await;
        assert_eq!(fake.stack(DEV).unwrap().template, topic("new"));
        assert_eq!(fake.count("CreateChangeSet"), 1);
        assert_eq!(scene.approver.count(), 0);
        // A second time it is done already.
        scene.succeeds(&fake, Ended::Unchanged).await;
        assert_eq!(fake.count("ExecuteChangeSet"), 1);
        // And after the next change no longer true.
        Scene::new(&topic("newer")).succeeds(&fake, Ended::Deployed).await;
        assert_eq!(scene.deploy(&fake).await.unwrap_err().kind, Kind::Drifted);
    }
}

#[tokio::test]
async fn a_plan_to_change_nothing() {
    let fake = Fake::builder().stack(preset(&topic("same"))).start();
    let mut scene = Scene::new(&topic("same"));
    let plan = plan(&fake, &mut scene).await;
    assert_eq!(plan[0].change_set, None);
    scene.options.plan = Some(plan);
    scene.succeeds(&fake, Ended::Unchanged).await;
}

async fn drifted(fake: &Fake, scene: &Scene, says: &str) -> Error {
    let error = scene.deploy(fake).await.unwrap_err();
    assert_eq!(error.kind, Kind::Drifted, "{error}");
    assert!(error.message.contains(says), "{error}");
    assert_eq!(fake.count("ExecuteChangeSet"), 0);
    error
}

#[tokio::test]
async fn a_plan_that_is_no_longer_true_stops_everything() {
    let start = || Fake::builder().stack(preset(&topic("old"))).start();

    let fake = start();
    let mut scene = Scene::new(&topic("new"));
    let made = plan(&fake, &mut scene).await;
    let mut other = Scene::new(&topic("newer"));
    other.options.plan = Some(made.clone());
    drifted(&fake, &other, "another template").await;

    let mut changed = made.clone();
    changed[0].changes[0].logical_id = "Other".to_owned();
    scene.options.plan = Some(changed);
    drifted(&fake, &scene, "changes something else").await;

    scene.options.plan = Some(made.clone());
    scene.options.role_arn = Some("arn:aws:iam::111122223333:role/other".to_owned());
    drifted(&fake, &scene, "role").await;
    scene.options.role_arn = None;

    client(&fake)
        .delete_change_set()
        .change_set_name(made[0].change_set_id.clone().unwrap())
        .send()
        .await
        .unwrap();
    drifted(&fake, &scene, "the change set is gone").await;

    let fake = start();
    let mut scene = Scene::new(&topic("new"));
    scene.options.plan = Some(plan(&fake, &mut scene).await);
    fake.start_foreign_update(DEV, 1);
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    drifted(&fake, &scene, "").await;

    let mut unknown = made;
    unknown[0].stack = "else".to_owned();
    scene.options.plan = Some(unknown);
    drifted(&fake, &scene, "no stack else").await;
}

#[tokio::test]
async fn nothing_is_executed_unless_all_of_the_plan_is_true() {
    let fake = Fake::start();
    let (a, b) = (topics(&[("First", "1")]), topics(&[("Second", "2")]));
    let mut scene = Scene::of(&[("a", &a, &[]), ("b", &b, &[])], false);
    let plan = plan(&fake, &mut scene).await;
    let gone = plan[1].change_set_id.clone().unwrap();
    client(&fake).delete_change_set().change_set_name(gone).send().await.unwrap();
    scene.options.plan = Some(plan);
    drifted(&fake, &scene, "stack b").await;
}

#[tokio::test]
async fn a_plan_that_was_ended_in_the_middle_is_gone_on_with() {
    for wait in [5, 20, 40, 80] {
        let fake = Fake::builder().resource_ms(30).start();
        let (a, b) = (topics(&[("First", "1")]), topics(&[("Second", "2")]));
        let mut scene = Scene::of(&[("a", &a, &[]), ("b", &b, &[])], false);
        scene.options.concurrency = 1;
        scene.options.plan = Some(plan(&fake, &mut scene).await);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(wait), scene.deploy(&fake)).await;
        let report = scene.deploy(&fake).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        assert_eq!(fake.stack("a").unwrap().status, "CREATE_COMPLETE");
        assert_eq!(fake.stack("b").unwrap().status, "CREATE_COMPLETE");
        assert_eq!(fake.count("ExecuteChangeSet"), 2);
    }
}

#[tokio::test]
async fn what_is_there_is_taken_over_where_that_is_asked_for() {
    for import in [false, true] {
        let fake = Fake::start();
        let mut scene = Scene::of(&[("a", &topics(&[("First", "1")]), &[])], false);
        scene.options.import_existing = import;
        scene.options.plan = Some(plan(&fake, &mut scene).await);
        let made = fake.requests().into_iter().find(|request| request.action == "CreateChangeSet").unwrap();
        let asked = made.params.get("ImportExistingResources").map(String::as_str);
        assert_eq!(asked, import.then_some("true"));
        // Who executes the plan need not say it again.
        scene.options.import_existing = false;
        assert!(scene.deploy(&fake).await.unwrap().is_good());
    }
}
