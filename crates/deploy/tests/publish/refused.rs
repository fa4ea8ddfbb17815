//! What can't be published, and what is said about it.

use pipewright_assembly::Assembly;
use pipewright_deploy::{Error, Kind};
use pipewright_testbed::s3::Server;

use crate::scene::{BUCKET, Scene, Seen, link, publish, publish_watched, session, session_of};

#[track_caller]
fn check(error: &Error, kind: &Kind, message: &str, hint: &str) {
    assert_eq!(error.kind, *kind, "{error:?}");
    assert!(error.message.contains(message), "{error:?}");
    assert!(error.hints.iter().any(|text| text.contains(hint)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_missing_or_somebody_elses() {
    let assembly_of = Scene::with(8, &[10]);
    let assembly = assembly_of.assembly();
    let missing = Server::start([]);
    let error = publish(&session(&missing.endpoint()), &assembly).await.unwrap_err();
    let message = format!("there is no bucket {BUCKET} in account 111122223333");
    check(&error, &Kind::Publish, &message, "stack p-infrastructure makes it: deploy that one first");

    let others = Server::builder().owner("999999999999").bucket(BUCKET).start();
    let error = publish(&session(&others.endpoint()), &assembly).await.unwrap_err();
    let message = format!("bucket {BUCKET} belongs to another account than 111122223333");
    check(&error, &Kind::Publish, &message, "pipewright.toml");
    assert_eq!(others.sizes(BUCKET).len(), 0);

    let taken = Server::builder().taken(BUCKET).start();
    let error = publish(&session(&taken.endpoint()), &assembly).await.unwrap_err();
    let denied = Kind::Denied { action: Some("s3:ListBucket".into()) };
    check(&error, &denied, "access denied", "the bucket belongs to another account");

    let bucket = "p-sources-444455556666-eu-west-1";
    let server = Server::builder().bucket(bucket).start();
    let error = publish(&session_of("444455556666", &server.endpoint()), &assembly).await.unwrap_err();
    check(&error, &Kind::Publish, "belongs to another account than 444455556666", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_stored_is_left_alone() {
    let scene = Scene::with(9, &[10, 20, 30]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let keys: Vec<_> = scene.wanted.keys().cloned().collect();
    server.put(BUCKET, &keys[0], b"something else");
    server.put(BUCKET, &keys[1], b"another one");
    let error = publish(&session(&server.endpoint()), &assembly).await.unwrap_err();
    check(&error, &Kind::Publish, "2 files can't be published", "never overwritten");
    for (key, size) in [(&keys[0], 14), (&keys[1], 11)] {
        check(&error, &Kind::Publish, &format!("s3://{BUCKET}/{key}"), "");
        check(&error, &Kind::Publish, &format!("it has {size} bytes"), "");
    }
    let objects = server.objects(BUCKET);
    assert_eq!(objects[&keys[0]], b"something else");
    assert_eq!(objects[&keys[2]], scene.wanted[&keys[2]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ours_and_damaged_is_replaced() {
    let scene = Scene::with(10, &[1_000]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    let (key, content) = scene.wanted.first_key_value().unwrap();
    let put = session.s3().put_object().bucket(BUCKET).key(key).body(content[..500].to_vec().into());
    put.metadata("pipewright-sha256", key.split('/').nth(2).unwrap()).send().await.unwrap();
    let seen = Seen::default();
    let published = publish_watched(&session, &assembly, &seen).await.unwrap();
    assert_eq!(published.sent, 1);
    assert_eq!(server.objects(BUCKET), scene.wanted);
    let notes = seen.notes.into_inner().unwrap();
    assert!(notes.iter().any(|note| note.contains("is damaged (500 bytes)")), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there() {
    let scene = Scene::with(11, &[10]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let pace = pipewright_deploy::publish::Pace {
        patience: std::time::Duration::from_millis(300),
        ..crate::scene::pace()
    };
    let assembly = scene.assembly();
    let stack = &assembly.stacks()[1];
    let began = std::time::Instant::now();
    let error =
        pipewright_deploy::publish::publish_at(&session(&endpoint), &assembly, stack, &Seen::default(), pace)
            .await
            .unwrap_err();
    check(&error, &Kind::Network, "can't look at what is in bucket", "goes on where it stopped");
    assert!(began.elapsed() >= pace.patience);
}

#[test]
fn assemblies_that_lead_elsewhere_are_refused() {
    let refused = |change: &dyn Fn(&Scene, &Assembly), expected: &str| {
        let scene = Scene::with(12, &[10]);
        let assembly = scene.assembly();
        change(&scene, &assembly);
        let error = Assembly::open(&scene.out())
            .and_then(|assembly| assembly.stack_assets(&assembly.stacks()[1]))
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    let list = |scene: &Scene, from: &str, to: &str| {
        let file = scene.out().join("p-pipelines.assets.json");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&file, text.replace(from, to)).unwrap();
    };
    refused(&|scene, _| list(scene, "\"path\": \"assets/", "\"path\": \"../"), "leads out of");
    refused(&|scene, _| list(scene, "\"path\": \"assets/", "\"path\": \"/etc/"), "leads out of");
    refused(
        &|scene, _| list(scene, "\"objectKey\": \"code", &format!("\"objectKey\": \"{}", "x".repeat(1024))),
        "and S3 takes 1 to 1024",
    );
    refused(&|scene, _| list(scene, "\"files\": {", "\"files\": {{"), "p-pipelines.assets.json");
    refused(
        &|scene, _| list(scene, "\"files\": {", &format!("\"files\": {}", "[".repeat(100_000))),
        "p-pipelines.assets.json",
    );
    refused(
        &|scene, assembly| {
            let file = Scene::file(assembly, scene.wanted.keys().next().unwrap());
            std::fs::remove_file(&file).unwrap();
            link(std::path::Path::new("/etc/hostname"), &file);
        },
        "leads out of",
    );
    refused(
        &|scene, assembly| {
            std::fs::remove_file(Scene::file(assembly, scene.wanted.keys().next().unwrap())).unwrap();
        },
        "can't read",
    );
}
