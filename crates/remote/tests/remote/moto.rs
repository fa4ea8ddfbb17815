//! Against moto: the program itself, and what only a bucket with versions shows.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use aws_sdk_s3::types::{BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration};
use pipewright_cli::GcArgs;
use pipewright_deploy::watch::Silent;
use pipewright_remote::gc::gc;
use pipewright_testbed::sagemaker::{self, Pipeline};
use pipewright_testbed::servers::{self, Server};

use crate::front::Front;
use crate::scene::{REGION, STACK, assembly, bucket, code, days, definition, put, session, sha256, template};

const ACCOUNT: &str = "123456789012";
const CODE: &str = "print('new')";

fn run(server: &Server, assembly: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pipewright-remote"))
        .arg(args[0])
        .arg("--assembly")
        .arg(assembly)
        .args(&args[1..])
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program() {
    let server = match servers::moto() {
        Ok(server) => server,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let session = session(ACCOUNT, &server.endpoint());
    let (bucket, s3) = (bucket(ACCOUNT), session.s3());
    make_bucket(&s3, &bucket).await;
    let old = template(&definition(&[]));
    session.cloudformation().create_stack().stack_name(STACK).template_body(old).send().await.unwrap();
    let sagemaker = pipewright_remote::sagemaker(&session);
    let create = sagemaker.create_pipeline().pipeline_name("abalone").pipeline_definition(definition(&[]));
    let create =
        create.role_arn("arn:aws:iam::123456789012:role/p-abalone").client_request_token("t".repeat(32));
    create.send().await.unwrap();

    let key = format!("code/abalone/{}/a.py", sha256(CODE));
    let text = definition(&[&key]);
    let made = assembly(&text, &template(&text), &[(&key, CODE)]);
    let folder = made.folder.path().join("out");
    let output = run(&server, &folder, &["fast", "--fast", "--json"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["updated"][0], "abalone");
    let now = sagemaker.describe_pipeline().pipeline_name("abalone").send().await.unwrap();
    let expected = text.replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION);
    assert_eq!(now.pipeline_definition(), Some(expected.as_str()));
    s3.head_object().bucket(&bucket).key(&key).send().await.unwrap();

    // moto does not know ListPipelineVersions: what versions refer to can't be known, so nothing is touched.
    put(&s3, &bucket, &code('b'), "x").await;
    let output = run(&server, &folder, &["gc", "--delete"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("sagemaker:ListPipelineVersions"), "{error}");
    let tags = s3.get_object_tagging().bucket(&bucket).key(code('b')).send().await.unwrap();
    assert!(tags.tag_set().is_empty());
    let output = run(&server, &folder, &["gc", "--grace", "0"]);
    assert_eq!(output.status.code(), Some(2));
}

/// moto keeps versions: what was deleted is behind a delete marker, and comes back when that is removed.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_taken_back() {
    let server = match servers::moto() {
        Ok(server) => server,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let direct = session(ACCOUNT, &server.endpoint());
    let (bucket, s3) = (bucket(ACCOUNT), direct.s3());
    make_bucket(&s3, &bucket).await;
    let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(&bucket).versioning_configuration(versioned).send().await.unwrap();
    for digit in ['b', 'c'] {
        put(&s3, &bucket, &code(digit), "x").await;
    }
    let sagemaker = Arc::new(sagemaker::Fake::builder().region(REGION).account(ACCOUNT).start());
    let front = Front::before(&server.endpoint(), &server.endpoint(), &sagemaker.endpoint());
    let made = assembly(&definition(&[]), &template(&definition(&[])), &[]);
    let session = session(ACCOUNT, front.endpoint());
    let args = GcArgs { keep: 30, grace: 7, delete: true, ..GcArgs::default() };
    let first = gc(&session, &made.assembly, &args, days(1), &Silent).await.unwrap();
    assert_eq!(first.tagged.objects, 2);
    let here = Arc::clone(&sagemaker);
    let late = definition(&[&code('b')]);
    front.hook(move |action, count| {
        if (action, count) == ("ListPipelines", 3) {
            here.set_pipeline(Pipeline::new("late", late.clone()));
        }
    });
    let second = gc(&session, &made.assembly, &args, days(9), &Silent).await.unwrap();
    assert_eq!((&second.restored.keys, &second.deleted.keys), (&vec![code('b')], &vec![code('c')]));
    assert_eq!(second.versioned, Some(true));
    assert!(second.text().contains("delete marker"), "{}", second.text());
    let there = s3.list_objects_v2().bucket(&bucket).send().await.unwrap();
    let keys: Vec<_> = there.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, [code('b')]);
    // What can't be looked at afterwards is put back as well.
    put(&s3, &bucket, &code('d'), "x").await;
    gc(&session, &made.assembly, &args, days(10), &Silent).await.unwrap();
    front.deny_after("ListPipelines", 2);
    let error = gc(&session, &made.assembly, &args, days(20), &Silent).await.unwrap_err();
    assert!(error.hints.iter().any(|hint| hint.contains("put back")), "{error:?}");
    s3.head_object().bucket(&bucket).key(code('d')).send().await.unwrap();
}

async fn make_bucket(s3: &aws_sdk_s3::Client, bucket: &str) {
    let place = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    s3.create_bucket().bucket(bucket).create_bucket_configuration(place).send().await.unwrap();
}
