//! The S3 server, asked by the AWS SDK's own client.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that can't go on fails, and says where")]

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier, Tag,
    Tagging,
};
use pipewright_testbed::proxy::{Fault, How, Rule, Trouble};
use pipewright_testbed::s3::{ACCESS_KEY, SECRET_KEY, Server};

fn client(endpoint: String, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, secret, None, None, "test"))
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .force_path_style(true)
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

#[tokio::test]
async fn holds_checksums_conditions_and_owners() {
    let server = Server::start(["code"]);
    let client = client(server.endpoint(), SECRET_KEY);
    let put = || {
        client
            .put_object()
            .bucket("code")
            .key("a/b.tar")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .if_none_match("*")
    };
    put().body(ByteStream::from_static(b"hello")).send().await.unwrap();
    let again = put().body(ByteStream::from_static(b"hello")).send().await.unwrap_err();
    assert_eq!(again.code(), Some("PreconditionFailed"));
    let wrong = client
        .put_object()
        .bucket("code")
        .key("wrong")
        .checksum_sha256("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    let wrong = wrong.body(ByteStream::from_static(b"other")).send().await.unwrap_err();
    assert_eq!(wrong.code(), Some("BadDigest"));
    let owner = put().key("c").expected_bucket_owner("999999999999").body(ByteStream::from_static(b"x"));
    assert_eq!(owner.send().await.unwrap_err().code(), Some("AccessDenied"));
    put()
        .key("c")
        .expected_bucket_owner("111122223333")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    let head = client.head_object().bucket("code").key("a/b.tar").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert_eq!(head.checksum_sha256(), Some("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="));
    assert_eq!(head.content_length(), Some(5));
    let missing = client.head_object().bucket("code").key("none").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found());
    let part = client.get_object().bucket("code").key("a/b.tar").range("bytes=1-3").send().await.unwrap();
    assert_eq!(part.body.collect().await.unwrap().to_vec(), b"ell");
    let objects = server.objects("code");
    assert_eq!(objects.keys().collect::<Vec<_>>(), ["a/b.tar", "c"]);
    assert_eq!(server.count("PutObject"), 5);
}

#[tokio::test]
async fn streams_a_file_with_a_trailing_checksum() {
    let server = Server::start(["code"]);
    let client = client(server.endpoint(), SECRET_KEY);
    let file = std::env::temp_dir().join(format!("testbed-{}", std::process::id()));
    std::fs::write(&file, vec![7; 3_000_000]).unwrap();
    let body = ByteStream::from_path(&file).await.unwrap();
    let put = client.put_object().bucket("code").key("big").checksum_algorithm(ChecksumAlgorithm::Sha256);
    put.body(body).send().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(server.objects("code")["big"], vec![7; 3_000_000]);
}

#[tokio::test]
async fn uploads_in_parts() {
    let server = Server::start(["code"]);
    let client = client(server.endpoint(), SECRET_KEY);
    let create = client.create_multipart_upload().bucket("code").key("big");
    let id = create.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap().upload_id.unwrap();
    let mut parts = Vec::new();
    for (number, bytes) in [(1, vec![1; 5 << 20]), (2, vec![2; 100])] {
        let part = client.upload_part().bucket("code").key("big").upload_id(&id).part_number(number);
        let part =
            part.checksum_algorithm(ChecksumAlgorithm::Sha256).body(bytes.into()).send().await.unwrap();
        let done = CompletedPart::builder().part_number(number).e_tag(part.e_tag.unwrap());
        parts.push(done.checksum_sha256(part.checksum_sha256.unwrap()).build());
    }
    let listed =
        client.list_parts().bucket("code").key("big").upload_id(&id).max_parts(1).send().await.unwrap();
    assert_eq!(listed.parts()[0].checksum_sha256(), parts[0].checksum_sha256());
    assert_eq!((listed.is_truncated(), listed.next_part_number_marker()), (Some(true), Some("1")));
    let uploads = client.list_multipart_uploads().bucket("code").prefix("bi").send().await.unwrap();
    assert_eq!(uploads.uploads()[0].upload_id(), Some(id.as_str()));
    let all = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete =
        client.complete_multipart_upload().bucket("code").key("big").upload_id(&id).if_none_match("*");
    let done = complete.clone().multipart_upload(all.clone()).send().await.unwrap();
    assert!(done.checksum_sha256().unwrap().ends_with("-2"));
    let again = complete.multipart_upload(all).send().await.unwrap_err();
    assert_eq!(again.code(), Some("NoSuchUpload"));
    assert_eq!(server.sizes("code")["big"], (5 << 20) + 100);
    assert!(server.uploads().is_empty());
}

#[tokio::test]
async fn lists_tags_and_deletes() {
    let server = Server::start(["code"]);
    let client = client(server.endpoint(), SECRET_KEY);
    for number in 0..5 {
        server.put("code", &format!("p/{number}"), b"x");
    }
    server.put("code", "q/deep/1", b"x");
    let mut keys = Vec::new();
    let mut pages = client.list_objects_v2().bucket("code").max_keys(2).into_paginator().send();
    while let Some(page) = pages.next().await {
        keys.extend(page.unwrap().contents().iter().map(|one| one.key().unwrap().to_owned()));
    }
    assert_eq!(keys, ["p/0", "p/1", "p/2", "p/3", "p/4", "q/deep/1"]);
    let folded = client.list_objects_v2().bucket("code").delimiter("/").send().await.unwrap();
    let folded: Vec<_> = folded.common_prefixes().iter().filter_map(|one| one.prefix()).collect();
    assert_eq!(folded, ["p/", "q/"]);
    let tag = Tag::builder().key("gc").value("2026-01-01").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    client.put_object_tagging().bucket("code").key("p/0").tagging(tagging).send().await.unwrap();
    let tags = client.get_object_tagging().bucket("code").key("p/0").send().await.unwrap();
    assert_eq!(tags.tag_set()[0].value(), "2026-01-01");
    let delete = Delete::builder().objects(ObjectIdentifier::builder().key("p/0").build().unwrap());
    client.delete_objects().bucket("code").delete(delete.build().unwrap()).send().await.unwrap();
    client.delete_object().bucket("code").key("p/1").send().await.unwrap();
    assert_eq!(server.objects("code").len(), 4);
}

#[tokio::test]
async fn checks_signatures_and_owners_of_names() {
    let server = Server::builder().bucket("code").taken("theirs").start();
    let forged = client(server.endpoint(), "not-the-secret");
    let refused = forged.list_objects_v2().bucket("code").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("SignatureDoesNotMatch"));
    let client = client(server.endpoint(), SECRET_KEY);
    let taken = client.create_bucket().bucket("theirs").send().await.unwrap_err();
    assert_eq!(taken.code(), Some("BucketAlreadyExists"));
    let missing = client.head_bucket().bucket("nowhere").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found());
}

#[tokio::test]
async fn faults_are_what_they_say() {
    let server = Server::start(["code"]);
    let troubles = [
        (Trouble::DropBefore, false, 0),
        (Trouble::DropAfter, false, 1),
        (Trouble::TruncateRequest, false, 0),
        (Trouble::SlowDown, false, 0),
        (Trouble::InternalError, false, 0),
        (Trouble::Repeat, true, 1),
        (Trouble::Delay(std::time::Duration::from_millis(5)), true, 1),
    ];
    for (trouble, works, stored) in troubles {
        let proxy = Fault::before(server.endpoint())
            .rule(Rule::new(trouble.clone(), How::First(1)).action("PutObject"));
        let proxy = proxy.start();
        let client = client(proxy.endpoint(), SECRET_KEY);
        let put = || {
            let put =
                client.put_object().bucket("code").key("k").checksum_algorithm(ChecksumAlgorithm::Sha256);
            put.body(ByteStream::from(vec![3; 100_000])).send()
        };
        let done = put().await;
        assert_eq!(done.is_ok(), works, "{trouble:?}: {done:?}");
        assert_eq!(server.objects("code").len(), stored, "{trouble:?}");
        assert_eq!(proxy.troubled(), 1, "{trouble:?}");
        put().await.unwrap();
        server.remove("code", "k");
    }
}

#[tokio::test]
async fn answers_can_be_cut() {
    let server = Server::start(["code"]);
    server.put("code", "k", &vec![9; 1_000_000]);
    for trouble in [Trouble::DropMidway, Trouble::TruncateAnswer] {
        let proxy = Fault::before(server.endpoint()).rule(Rule::new(trouble.clone(), How::First(1))).start();
        let client = client(proxy.endpoint(), SECRET_KEY);
        let answer = client.get_object().bucket("code").key("k").send().await;
        let body = match answer {
            Ok(answer) => answer.body.collect().await.map(|body| body.to_vec().len()),
            Err(_) => continue,
        };
        assert!(body.is_err() || body.as_ref().is_ok_and(|size| *size < 1_000_000), "{trouble:?} {body:?}");
        let whole = client.get_object().bucket("code").key("k").send().await.unwrap();
        assert_eq!(whole.body.collect().await.unwrap().to_vec().len(), 1_000_000);
    }
}
