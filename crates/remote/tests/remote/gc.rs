use std::sync::Arc;

use aws_sdk_s3::Client;
use jiff::Timestamp;
use pipewright_cli::GcArgs;
use pipewright_deploy::error::{Error, Kind};
use pipewright_deploy::watch::Silent;
use pipewright_remote::gc::{MARK, Report, TAG, gc};
use pipewright_testbed::cloudformation::{self, Preset};
use pipewright_testbed::s3::Server;
use pipewright_testbed::sagemaker::{self, Pipeline};

use crate::front::Front;
use crate::scene::{
    Made, REGION, STACK, assembly, bucket, code, days, definition, put, session, sha256, template,
};

const ACCOUNT: &str = "111122223333";
const DAY: u64 = 24 * 3600;

/// A bucket, and pipelines and stacks that may refer to it.
struct Scene {
    s3: Server,
    cloudformation: cloudformation::Fake,
    sagemaker: Arc<sagemaker::Fake>,
    front: Front,
    made: Made,
    client: Client,
}

impl Scene {
    /// With these objects of code, an assembly that refers to `a`, and these pipelines.
    async fn new(digits: &str, pipelines: Vec<Pipeline>) -> Self {
        let s3 = Server::start([bucket(ACCOUNT).as_str()]);
        let cloudformation = cloudformation::Fake::builder().region(REGION).page(2).start();
        let sagemaker = pipelines
            .into_iter()
            .fold(sagemaker::Fake::builder().region(REGION).page(2), sagemaker::Builder::pipeline);
        let sagemaker = Arc::new(sagemaker.start());
        let front = Front::before(&s3.endpoint(), &cloudformation.endpoint(), &sagemaker.endpoint());
        let client = session(ACCOUNT, &s3.endpoint()).s3();
        for digit in digits.chars() {
            put(&client, &bucket(ACCOUNT), &code(digit), "x").await;
        }
        let text = definition(&[&code('a')]);
        let made = assembly(&text, &template(&text), &[]);
        Self { s3, cloudformation, sagemaker, front, made, client }
    }

    async fn gc(&self, args: &GcArgs, now: Timestamp) -> Result<Report, Error> {
        gc(&session(ACCOUNT, self.front.endpoint()), &self.made.assembly, args, now, &Silent).await
    }

    /// The digits of what is in the bucket, in capitals where tagged.
    fn there(&self) -> String {
        let bucket = bucket(ACCOUNT);
        let digit = |key: &String| {
            let digit = key.strip_prefix("code/")?.split('/').nth(1)?.chars().next()?;
            let tagged = self.s3.tags(&bucket, key)?.contains_key(TAG);
            Some(if tagged { digit.to_ascii_uppercase() } else { digit })
        };
        self.s3.sizes(&bucket).keys().filter_map(digit).collect()
    }

    fn filled(keys: &[&str]) -> String {
        definition(keys).replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION)
    }
}

fn args(delete: bool) -> GcArgs {
    GcArgs { keep: 30, grace: 7, delete, ..GcArgs::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_passes() {
    let pipeline =
        Pipeline::new("abalone", Scene::filled(&[&code('b')])).version(Scene::filled(&[&code('a')]));
    let scene = Scene::new("abcd", vec![pipeline]).await;
    let dry = scene.gc(&args(false), days(0)).await.unwrap();
    assert_eq!((dry.kept.objects, &dry.tagged.keys), (2, &vec![code('c'), code('d')]));
    assert!(dry.text().contains("nothing was changed"), "{}", dry.text());
    assert_eq!(scene.there(), "abcd");
    scene.gc(&args(true), days(1)).await.unwrap();
    assert_eq!(scene.there(), "abCD");
    // Too early.
    let early = scene.gc(&args(true), days(7)).await.unwrap();
    assert_eq!((early.waiting.objects, scene.there().as_str()), (2, "abCD"));
    // One of them is needed again.
    scene.sagemaker.set_pipeline(Pipeline::new("other", Scene::filled(&[&code('c')])));
    let dry = scene.gc(&args(false), days(9)).await.unwrap();
    assert_eq!((&dry.untagged.keys, &dry.deleted.keys), (&vec![code('c')], &vec![code('d')]));
    let last = scene.gc(&args(true), days(9)).await.unwrap();
    assert_eq!((scene.there().as_str(), last.deleted.bytes), ("abc", 1));
    assert!(last.text().contains("gone"), "{}", last.text());
    let json = serde_json::to_value(&last).unwrap();
    assert_eq!(json["deleted"]["keys"][0], code('d'));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_an_object() {
    let young = Pipeline::new("young", "{}")
        .execution("1", "Succeeded", Scene::filled(&[&code('b')]), 29 * DAY)
        .execution("2", "Executing", Scene::filled(&[&code('c')]), 900 * DAY)
        .execution("3", "Failed", Scene::filled(&[&code('d')]), 31 * DAY);
    let old = Pipeline::new("old", Scene::filled(&[&code('e')])).version("{}").version("{}").version("{}");
    let scene = Scene::new("abcdef0123", vec![young, old]).await;
    // A stack of somebody else's, one with a definition in the bucket, and one that is only planned.
    let stored = Scene::filled(&[&code('0')]);
    let key = format!("definitions/abalone/{}.json", sha256(&stored));
    put(&scene.client, &bucket(ACCOUNT), &key, &stored).await;
    let place = format!(
        r#"{{"Resources":{{"A":{{"Type":"AWS::SNS::Topic","Properties":{{"TopicName":"{key}"}}}}}}}}"#
    );
    let f = template(&definition(&[&code('f')]));
    scene.cloudformation.add(Preset::new("theirs").template(f));
    scene.cloudformation.add(Preset::new("stored").template(place));
    scene.cloudformation.add(Preset::new("small"));
    let cloudformation = session(ACCOUNT, &scene.cloudformation.endpoint()).cloudformation();
    let planned = cloudformation.create_change_set().stack_name("planned").change_set_name("c");
    let planned = planned.change_set_type(aws_sdk_cloudformation::types::ChangeSetType::Create);
    planned.template_body(template(&definition(&[&code('1')]))).send().await.unwrap();
    let parameter = r#"{"PipelineParameters":[{"Name":"Code","Value":"s3://BUCKET/KEY"}]}"#;
    let parameter = parameter.replace("BUCKET", &bucket(ACCOUNT)).replace("KEY", &code('2'));
    scene.front.answer("ListPipelineParametersForExecution", 200, &parameter);
    let report = scene.gc(&args(true), days(0)).await.unwrap();
    // The bucket's order, in which capitals are digits of objects with the tag: "3" has it, as the list below says.
    assert_eq!(scene.there(), "0123abcDef", "{}", report.text());
    assert_eq!(report.tagged.keys, [code('3'), code('d')]);
    let read = report.read;
    assert_eq!(
        (read.pipelines, read.versions, read.executions, read.stacks, read.change_sets, read.documents),
        (2, 5, 2, 4, 1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_stays() {
    let scene = Scene::new("b", Vec::new()).await;
    let bucket = bucket(ACCOUNT);
    let others = [code('c'), "code/abalone/readme.md".to_owned(), "data/x".to_owned()];
    for key in &others {
        // Without the metadata by which a deploy is known.
        scene.s3.put(&bucket, key, b"x");
    }
    put(&scene.client, &bucket, "elsewhere/x", "x").await;
    for day in [0, 8, 16] {
        scene.gc(&args(true), days(day)).await.unwrap();
    }
    let left: Vec<String> = scene.s3.sizes(&bucket).into_keys().collect();
    assert_eq!(left, [code('c').as_str(), "code/abalone/readme.md", "data/x", "elsewhere/x"]);
    assert!(left.iter().all(|key| scene.s3.tags(&bucket, key).unwrap().is_empty()));
    assert!(MARK.starts_with("pipewright"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_happens_on_half_the_knowledge() {
    for action in [
        "ListPipelines",
        "DescribePipeline",
        "ListPipelineVersions",
        "ListPipelineExecutions",
        "DescribePipelineDefinitionForExecution",
        "ListPipelineParametersForExecution",
    ] {
        let pipeline = Pipeline::new("abalone", "{}").execution("1", "Executing", "{}", 0);
        let scene = Scene::new("ab", vec![pipeline]).await;
        scene.gc(&args(true), days(0)).await.unwrap();
        let denied = format!(
            r#"{{"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/ann is not authorized to perform: sagemaker:{action} on resource: *"}}"#
        );
        scene.front.answer(action, 400, &denied);
        let error = scene.gc(&args(true), days(30)).await.unwrap_err();
        assert_eq!(error.kind, Kind::Denied { action: Some(format!("sagemaker:{action}")) }, "{error:?}");
        assert!(error.hints.iter().any(|hint| hint.contains("nothing was tagged or deleted")), "{error:?}");
        assert_eq!(scene.there(), "aB", "{action}");
        // An answer that holds nothing is no answer.
        if action.starts_with("Describe") {
            scene.front.answer(action, 200, "{}");
            let error = scene.gc(&args(true), days(30)).await.unwrap_err();
            assert!(error.message.contains("lacks a definition"), "{error:?}");
            assert_eq!(scene.there(), "aB", "{action}");
        }
    }
    let scene = Scene::new("ab", Vec::new()).await;
    scene.cloudformation.add(Preset::new("theirs"));
    scene.gc(&args(true), days(0)).await.unwrap();
    for permission in ["DescribeStacks", "GetTemplate", "ListChangeSets"] {
        let permission = format!("cloudformation:{permission}");
        scene.cloudformation.deny(&permission);
        let error = scene.gc(&args(true), days(30)).await.unwrap_err();
        assert!(matches!(error.kind, Kind::Denied { .. }), "{error:?}");
        assert_eq!(scene.there(), "aB", "{permission}");
        scene.cloudformation.allow(&permission);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_may_go_back_stops_it() {
    let scene = Scene::new("ab", Vec::new()).await;
    scene.gc(&args(true), days(0)).await.unwrap();
    for status in ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"] {
        let scene_stack = Preset::new(STACK).status(status);
        if scene.cloudformation.stacks().is_empty() {
            scene.cloudformation.add(scene_stack);
        } else {
            scene.cloudformation.settle(STACK, status);
        }
        let error = scene.gc(&args(true), days(30)).await.unwrap_err();
        assert_eq!(error.kind, Kind::Busy, "{error:?}");
        assert_eq!(scene.there(), "aB");
    }
    scene.cloudformation.settle(STACK, "UPDATE_COMPLETE");
    scene.gc(&args(true), days(30)).await.unwrap();
    assert_eq!(scene.there(), "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_in_between_is_seen() {
    // Before the second reading, and after it, when the object is gone already: said, as it can't be put back.
    for reading in [2, 3] {
        let scene = Scene::new("ab", Vec::new()).await;
        scene.gc(&args(true), days(0)).await.unwrap();
        let sagemaker = Arc::clone(&scene.sagemaker);
        scene.front.hook(move |action, count| {
            if (action, count) == ("ListPipelines", reading) {
                sagemaker.set_pipeline(Pipeline::new("late", Scene::filled(&[&code('b')])));
            }
        });
        let result = scene.gc(&args(true), days(30)).await;
        if reading == 2 {
            assert_eq!((result.unwrap().deleted.objects, scene.there().as_str()), (0, "aB"));
        } else {
            let error = result.unwrap_err();
            assert!(error.message.contains(&code('b')), "{error:?}");
            assert_eq!(scene.there(), "a");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_grace_is_no_way() {
    let scene = Scene::new("ab", Vec::new()).await;
    let error = scene.gc(&GcArgs { grace: 0, ..args(true) }, days(0)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(scene.s3.requests().iter().all(|request| request.operation == "PutObject"));
}
