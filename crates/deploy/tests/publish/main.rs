//! Publishing against a server that is strict about checksums, conditions and owners, and against one that can't be reached
//! half of the time.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod faults;
mod large;
mod refused;
mod scene;

use std::collections::BTreeMap;
use std::pin::Pin;

use pipewright_deploy::publish::{Published, put_template};
use pipewright_testbed::random::Random;
use pipewright_testbed::s3::Server;

use crate::scene::{BUCKET, Scene, Seen, publish, publish_watched, session};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn content_arrives_and_is_never_sent_twice() {
    let mut random = Random::new(1);
    let sizes: Vec<usize> =
        (0..60).map(|_| usize::try_from(random.below(40_000)).unwrap()).chain([0, 1]).collect();
    let scene = Scene::with(2, &sizes);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    let seen = Seen::default();

    // Boxed like this it can be a task of its own.
    let publishing: Pin<Box<dyn Future<Output = _> + Send + '_>> =
        Box::pin(publish_watched(&session, &assembly, &seen));
    let first = publishing.await.unwrap();
    let bytes = sizes.iter().map(|size| *size as u64).sum();
    assert_eq!(first, Published { sent: 62, present: 0, bytes });
    assert_eq!(server.objects(BUCKET), scene.wanted);
    assert_eq!((server.count("PutObject"), server.count("ListObjectsV2")), (62, 1));
    let last = *seen.transfers.lock().unwrap().last().unwrap();
    assert_eq!((last.files, last.files_done, last.bytes, last.bytes_done), (62, 62, bytes, bytes));

    server.clear_requests();
    let second = publish(&session, &assembly).await.unwrap();
    assert_eq!(second, Published { sent: 0, present: 62, bytes: 0 });
    assert_eq!(server.requests().len(), 1, "{:?}", server.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_without_assets_costs_nothing() {
    let scene = Scene::new();
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let published = publish(&session(&server.endpoint()), &assembly).await.unwrap();
    assert_eq!((published, server.requests().len()), (Published::default(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_between_is_skipped() {
    let mut scene = Scene::new();
    scene.add("a", "first.py", b"1");
    scene.add("z", "last.py", b"2");
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    for index in 0..3_500 {
        server.put(BUCKET, &format!("code/m/{index:05}"), b"x");
    }
    let session = session(&server.endpoint());
    let first = publish(&session, &assembly).await.unwrap();
    assert_eq!((first.sent, server.count("ListObjectsV2")), (2, 2));
    server.clear_requests();
    let second = publish(&session, &assembly).await.unwrap();
    assert_eq!((second.present, server.requests().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_keys_take_a_listing_for_each_thousand() {
    let scene = Scene::with(3, &vec![3; 1_100]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    for (key, content) in &scene.wanted {
        server.put(BUCKET, key, content);
    }
    let published = publish(&session(&server.endpoint()), &assembly).await.unwrap();
    assert_eq!((published.present, server.requests().len()), (1_100, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_agree() {
    let scene = Scene::with(4, &[100, 2_000, 17 * MIB, 30, 40 * MIB]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    let (one, two) = tokio::join!(publish(&session, &assembly), publish(&session, &assembly));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.sent + one.present, two.sent + two.present), (5, 5));
    assert!(server.objects(BUCKET) == scene.wanted);
    assert_eq!(server.uploads(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_of_several_pipelines_gets_every_key() {
    let mut scene = Scene::new();
    let shared = vec![7; 20 * MIB];
    scene.add("a", "model.tar.gz", &shared);
    scene.add("b", "model.tar.gz", &shared);
    scene.add("b", "model.tar.gz", &shared);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let published = publish(&session(&server.endpoint()), &assembly).await.unwrap();
    assert_eq!(published.sent, 2);
    assert!(server.objects(BUCKET) == scene.wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_say_what_they_are() {
    let mut scene = Scene::new();
    let small = scene.add("a", "train.py", b"import x\n");
    let large = scene.add("a", "model.tar.gz", &vec![1; 16 * MIB]);
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    publish(&session, &scene.assembly()).await.unwrap();
    for (key, content_type) in [(small, "text/x-python"), (large, "application/gzip")] {
        let head = session.s3().head_object().bucket(BUCKET).key(&key).send().await.unwrap();
        assert_eq!(head.content_type(), Some(content_type));
        let sha256 = key.split('/').nth(2).unwrap().to_owned();
        let expected = BTreeMap::from([("pipewright-content", &sha256), ("pipewright-sha256", &sha256)]);
        let metadata: BTreeMap<_, _> =
            head.metadata().unwrap().iter().map(|(name, value)| (name.as_str(), value)).collect();
        assert_eq!(metadata, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_stored_once() {
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    let bucket = "p-sources-${AWS::AccountId}-${AWS::Region}";
    let text = format!("{{\"Resources\": {{{}}}}}", " ".repeat(900_000));
    let first = put_template(&session, bucket, &text).await.unwrap();
    let second = put_template(&session, bucket, &text).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(server.count("PutObject"), 1);
    let objects = server.objects(BUCKET);
    let (key, content) = objects.first_key_value().unwrap();
    assert_eq!(first, format!("{}/{BUCKET}/{key}", server.endpoint()));
    assert!(key.starts_with("templates/") && content == text.as_bytes());
}
