//! Files in parts, and what is left when sending them is cut short.

use std::time::Duration;

use pipewright_deploy::Kind;
use pipewright_testbed::s3::Server;

use crate::MIB;
use crate::scene::{BUCKET, Scene, publish, session};

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_were_sent_are_not_sent_again() {
    let scene = Scene::with(5, &[200 * MIB + 5]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    let mut runs = 0;
    loop {
        runs += 1;
        let before = server.uploads().first().map_or(0, |upload| upload.parts.len());
        // Ends it once some more parts are there, wherever it is then.
        let cut = async {
            while server.uploads().first().is_none_or(|upload| upload.parts.len() < before + 3) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::select! {
            published = publish(&session, &assembly) => {
                assert_eq!(published.unwrap().sent, 1);
                break;
            }
            () = cut => {
                assert_eq!(server.sizes(BUCKET).len(), 0, "nothing can be seen before it is complete");
            }
        }
    }
    assert!(runs > 2, "it was cut short {runs} times");
    assert!(server.objects(BUCKET) == scene.wanted);
    assert_eq!(server.uploads(), []);
    assert_eq!(server.count("CreateMultipartUpload"), 1);
    // What was on its way when it was cut may have been sent twice; what had arrived was not.
    assert!(server.count("UploadPart") <= 13 + 6 * runs, "{} parts", server.count("UploadPart"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_wrong_is_sent_again() {
    let scene = Scene::with(6, &[40 * MIB]);
    let assembly = scene.assembly();
    let server = Server::start([BUCKET]);
    let session = session(&server.endpoint());
    let key = scene.wanted.keys().next().unwrap();
    let client = session.s3();
    let upload = client
        .create_multipart_upload()
        .bucket(BUCKET)
        .key(key)
        .checksum_algorithm(aws_sdk_s3::types::ChecksumAlgorithm::Sha256)
        .metadata("pipewright-sha256", key.split('/').nth(2).unwrap())
        .send()
        .await
        .unwrap();
    let id = upload.upload_id().unwrap();
    // One is right, one has other bytes.
    for (number, content) in [(1, scene.wanted[key][..16 * MIB].to_vec()), (2, vec![0; 16 * MIB])] {
        client
            .upload_part()
            .bucket(BUCKET)
            .key(key)
            .upload_id(id)
            .part_number(number)
            .checksum_algorithm(aws_sdk_s3::types::ChecksumAlgorithm::Sha256)
            .body(content.into())
            .send()
            .await
            .unwrap();
    }
    server.clear_requests();
    publish(&session, &assembly).await.unwrap();
    assert!(server.objects(BUCKET) == scene.wanted);
    assert_eq!((server.count("CreateMultipartUpload"), server.count("UploadPart")), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_leaves_nothing_behind() {
    for size in [100, 40 * MIB] {
        let scene = Scene::with(7, &[size, 50]);
        let assembly = scene.assembly();
        let server = Server::start([BUCKET]);
        let key = scene.wanted.iter().find(|(_, content)| content.len() == size).unwrap().0.clone();
        let file = Scene::file(&assembly, &key);
        let mut content = std::fs::read(&file).unwrap();
        *content.last_mut().unwrap() ^= 1;
        std::fs::write(&file, content).unwrap();
        let error = publish(&session(&server.endpoint()), &assembly).await.unwrap_err();
        assert_eq!(error.kind, Kind::Assembly, "{error}");
        assert!(error.message.contains("is not what synth wrote"), "{error}");
        let mut left = server.sizes(BUCKET);
        assert!(left.remove(&key).is_none());
        assert_eq!((left.len(), server.uploads()), (1, vec![]), "the other file is there");
    }
}
