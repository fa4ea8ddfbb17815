//! A line that breaks, a service that is busy, answers that get lost.

use std::time::Duration;

use pipewright_deploy::Kind;
use pipewright_deploy::publish::{Pace, publish_at};
use pipewright_testbed::proxy::{Fault, How, Rule, Trouble};
use pipewright_testbed::s3::Server;

use crate::MIB;
use crate::scene::{BUCKET, Scene, Seen, pace, publish, session};

/// Everything arrives, once, whatever happens on the way.
async fn check(seed: u64, rules: Vec<Rule>) {
    let scene = Scene::with(seed, &[0, 10, 3_000, 300_000, 5_000, 33 * MIB, 20 * MIB]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let proxy = rules
        .into_iter()
        .fold(Fault::before(server.endpoint()).seed(seed), pipewright_testbed::proxy::Builder::rule)
        .start();
    let published = publish(&session(&proxy.endpoint()), &assembly).await.unwrap();
    assert!(proxy.troubled() > 0, "nothing went wrong");
    assert_eq!(published.sent + published.present, 7);
    assert!(server.objects(BUCKET) == scene.wanted, "other bytes");
    // One whose id got lost holds nothing, and is the lifecycle rule's.
    assert!(server.uploads().iter().all(|upload| upload.parts.is_empty()), "{:?}", server.uploads());
    let again = publish(&session(&server.endpoint()), &assembly).await.unwrap();
    assert_eq!(again.present, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_breaks() {
    check(20, vec![Rule::new(Trouble::DropBefore, How::Every(3))]).await;
    check(21, vec![Rule::new(Trouble::DropAfter, How::Every(3))]).await;
    check(22, vec![Rule::new(Trouble::TruncateRequest, How::Every(4))]).await;
    check(23, vec![Rule::new(Trouble::DropMidway, How::Every(3))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_cut_off_or_requests_come_twice() {
    check(24, vec![Rule::new(Trouble::TruncateAnswer, How::First(2))]).await;
    check(25, vec![Rule::new(Trouble::Repeat, How::Every(2))]).await;
    check(26, vec![Rule::new(Trouble::Repeat, How::Always).action("CompleteMultipartUpload")]).await;
    check(27, vec![Rule::new(Trouble::DropAfter, How::Nth(1)).action("CompleteMultipartUpload")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_busy() {
    check(28, vec![Rule::new(Trouble::SlowDown, How::Chance(500))]).await;
    check(29, vec![Rule::new(Trouble::TooManyRequests, How::First(5))]).await;
    check(30, vec![Rule::new(Trouble::InternalError, How::Every(2))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once() {
    let troubles = [
        Trouble::DropBefore,
        Trouble::DropAfter,
        Trouble::DropMidway,
        Trouble::TruncateRequest,
        Trouble::SlowDown,
        Trouble::Repeat,
        Trouble::Delay(Duration::from_millis(30)),
    ];
    for seed in 31..36 {
        check(seed, troubles.iter().map(|trouble| Rule::new(trouble.clone(), How::Chance(70))).collect())
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_ends_and_what_was_sent_stays() {
    let scene = Scene::with(40, &[500, 48 * MIB]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let broken = Rule::new(Trouble::DropBefore, How::Always).action("CompleteMultipartUpload");
    let proxy = Fault::before(server.endpoint()).rule(broken).start();
    let pace = Pace { patience: Duration::from_millis(500), ..pace() };
    let stack = &assembly.stacks()[1];
    let error =
        publish_at(&session(&proxy.endpoint()), &assembly, stack, &Seen::default(), pace).await.unwrap_err();
    assert_eq!(error.kind, Kind::Network, "{error:?}");
    assert!(error.hints.iter().any(|hint| hint.contains("goes on where it stopped")), "{error:?}");
    assert_eq!((server.sizes(BUCKET).len(), server.uploads().len()), (1, 1));
    server.clear_requests();
    publish(&session(&server.endpoint()), &assembly).await.unwrap();
    assert!(server.objects(BUCKET) == scene.wanted);
    assert_eq!(server.count("UploadPart"), 0, "all parts were there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_stands_still_is_sent_anew() {
    let scene = Scene::with(41, &[500, 700]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let late = Rule::new(Trouble::Delay(Duration::from_mins(1)), How::Nth(1)).action("PutObject");
    let proxy = Fault::before(server.endpoint()).rule(late).start();
    let pace = Pace { stall: Duration::from_millis(400), ..pace() };
    let stack = &assembly.stacks()[1];
    publish_at(&session(&proxy.endpoint()), &assembly, stack, &Seen::default(), pace).await.unwrap();
    assert!(server.objects(BUCKET) == scene.wanted);
}
