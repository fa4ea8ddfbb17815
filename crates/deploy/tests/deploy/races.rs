//! Two who deploy at the same time.

use std::sync::Arc;

use pipewright_deploy::approve::Approver;
use pipewright_deploy::deploy::{Ended, deploy};
use pipewright_deploy::stack::Prepared;
use pipewright_deploy::{Error, Kind};
use pipewright_testbed::cloudformation::Fake;

use crate::scene::{DEV, Scene, preset, session, topic};

#[tokio::test]
async fn two_with_the_same_content_both_succeed_and_it_is_done_once() {
    for found in [None, Some(topic("old"))] {
        for _ in 0..10 {
            let fake = Fake::builder().resource_ms(15);
            let fake = match &found {
                Some(template) => fake.stack(preset(template)),
                None => fake,
            };
            let fake = fake.start();
            let (one, two) = (Scene::new(&topic("new")), Scene::new(&topic("new")));
            let (first, second) = tokio::join!(one.deploy(&fake), two.deploy(&fake));
            for report in [first.unwrap(), second.unwrap()] {
                assert!(report.is_good(), "{report:?}");
                assert!(matches!(report.stacks[0].result, Ended::Deployed | Ended::Unchanged));
            }
            let stack = fake.stack(DEV).unwrap();
            assert_eq!(stack.template, topic("new"));
            let done = stack
                .events
                .iter()
                .filter(|one| one.logical_id == "Topic" && one.status.ends_with("_COMPLETE"));
            assert_eq!(done.count(), 1 + usize::from(found.is_some()), "{:?}", stack.events);
        }
    }
}

#[tokio::test]
async fn two_with_different_content_wait_for_each_other() {
    for _ in 0..10 {
        let fake = Fake::builder().stack(preset(&topic("old"))).resource_ms(15).start();
        let (one, two) = (Scene::new(&topic("one")), Scene::new(&topic("two")));
        let (first, second) = tokio::join!(one.deploy(&fake), two.deploy(&fake));
        for report in [first.unwrap(), second.unwrap()] {
            assert!(report.is_good(), "{report:?}");
        }
        let template = fake.stack(DEV).unwrap().template;
        assert!(template == topic("one") || template == topic("two"), "{template}");
    }
}

/// Somebody else updates the stack while a person thinks.
struct Meanwhile<'f>(&'f Fake, std::sync::atomic::AtomicUsize);

impl Approver for Meanwhile<'static> {
    fn approve(&self, _: &Prepared, _: Option<&str>, _: &str) -> Result<(), Error> {
        if self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            self.0.start_foreign_update(DEV, 10);
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_changed_while_a_person_thought_is_prepared_again() {
    let fake: &'static Fake = Box::leak(Box::new(Fake::builder().stack(preset(&topic("old"))).start()));
    let scene = Scene::new(&topic("new"));
    let approver = Arc::new(Meanwhile(fake, std::sync::atomic::AtomicUsize::new(0)));
    let session = session(&fake.endpoint());
    let report = deploy(&session, &scene.assembly, &scene.options, &scene.seen, approver.clone()).await;
    scene.expect(report, &[Ended::Deployed]);
    let stack = fake.stack(DEV).unwrap();
    assert_eq!(stack.template, topic("new"));
    assert!(!stack.tags.contains_key("changed-by"));
    assert!(scene.seen.said("looking again"), "{:?}", scene.seen);
}

#[tokio::test]
async fn a_plan_does_not_race() {
    let fake = Fake::builder().stack(preset(&topic("old"))).start();
    let mut scene = Scene::new(&topic("new"));
    scene.options.execute = false;
    let plan: Vec<Prepared> = scene.deploy(&fake).await.unwrap().prepared().cloned().collect();
    scene.options.execute = true;
    scene.options.plan = Some(plan);
    fake.start_foreign_update(DEV, 200);
    assert_eq!(scene.deploy(&fake).await.unwrap_err().kind, Kind::Drifted);
    assert_eq!(fake.count("ExecuteChangeSet"), 0);
}

#[tokio::test]
async fn back_and_forth() {
    let fake = Fake::builder().stack(preset(&topic("one"))).start();
    for name in ["two", "one", "two", "one", "two"] {
        Scene::new(&topic(name)).succeeds(&fake, Ended::Deployed).await;
        assert_eq!(fake.stack(DEV).unwrap().template, topic(name));
    }
}
