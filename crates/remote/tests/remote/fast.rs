use std::sync::Arc;

use pipewright_cli::{Approval, DeployArgs};
use pipewright_deploy::error::{Error, Kind};
use pipewright_deploy::watch::Silent;
use pipewright_remote::fast::{Report, fast};
use pipewright_testbed::cloudformation::{self, Preset};
use pipewright_testbed::s3::Server;
use pipewright_testbed::sagemaker::{self, Pipeline};
use serde_json::{Value, json};

use crate::front::Front;
use crate::scene::{Made, REGION, STACK, assembly, bucket, definition, session, sha256, template};

const ACCOUNT: &str = "111122223333";
const CODE: &str = "print('new')";

struct Scene {
    s3: Server,
    cloudformation: Arc<cloudformation::Fake>,
    sagemaker: sagemaker::Fake,
    front: Front,
    made: Made,
}

fn key() -> String {
    format!("code/abalone/{}/a.py", sha256(CODE))
}

fn filled(text: &str) -> String {
    text.replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION)
}

impl Scene {
    /// A stack whose definition refers to nothing, and an assembly with another definition, its template changed further.
    fn new(change: impl FnOnce(&mut Value)) -> Self {
        let text = definition(&[&key()]);
        let mut wanted: Value = serde_json::from_str(&template(&text)).unwrap();
        change(&mut wanted);
        let made = assembly(&text, &wanted.to_string(), &[(&key(), CODE)]);
        let old = template(&definition(&[]));
        let stack = Preset::new(STACK).template(old);
        let cloudformation = Arc::new(cloudformation::Fake::builder().region(REGION).stack(stack).start());
        let sagemaker = sagemaker::Fake::builder()
            .region(REGION)
            .pipeline(Pipeline::new("abalone", definition(&[])))
            .start();
        let s3 = Server::start([bucket(ACCOUNT).as_str()]);
        let front = Front::before(&s3.endpoint(), &cloudformation.endpoint(), &sagemaker.endpoint());
        Self { s3, cloudformation, sagemaker, front, made }
    }

    async fn fast(&self, args: &DeployArgs) -> Result<Report, Error> {
        fast(&session(ACCOUNT, self.front.endpoint()), &self.made.assembly, args, &Silent).await
    }

    fn deployed(&self) -> String {
        self.sagemaker.pipeline("abalone").unwrap().definition().to_owned()
    }

    /// It refuses, says this, and leaves everything as it was.
    async fn refused(&self, args: &DeployArgs, kind: &Kind, says: &str) {
        let error = self.fast(args).await.unwrap_err();
        assert_eq!(error.kind, *kind, "{error:?}");
        assert!(error.message.contains(says), "{error:?}");
        assert_eq!(self.sagemaker.count("UpdatePipeline"), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_and_its_code() {
    let scene = Scene::new(|_| {});
    let report = scene.fast(&DeployArgs::default()).await.unwrap();
    assert_eq!(report.updated, ["abalone"]);
    assert_eq!(report.behind, [STACK]);
    assert!(report.text().contains("behind until the next deploy"), "{}", report.text());
    assert_eq!(scene.deployed(), filled(&definition(&[&key()])));
    assert_eq!(scene.s3.objects(&bucket(ACCOUNT))[&key()], CODE.as_bytes());
    assert!(!scene.cloudformation.actions().iter().any(|action| action.contains("ChangeSet")));
    // Once more: there is nothing to do, and the stack is still behind.
    let again = scene.fast(&DeployArgs::default()).await.unwrap();
    assert_eq!((again.unchanged, again.behind), (vec!["abalone".to_owned()], vec![STACK.to_owned()]));
    assert_eq!(scene.sagemaker.count("UpdatePipeline"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_in_s3() {
    let text = filled(&definition(&[&key()]));
    let stored = format!("definitions/abalone/{}.json", sha256(&text));
    let place = json!({"PipelineDefinitionS3Location": {
        "Bucket": {"Fn::Sub": "p-sources-${AWS::AccountId}-${AWS::Region}"}, "Key": stored,
    }});
    let mut scene = Scene::new(|_| {});
    let mut wanted: Value = serde_json::from_str(&template("{}")).unwrap();
    wanted["Resources"]["Abalone"]["Properties"]["PipelineDefinition"] = place;
    scene.made = assembly(&text, &wanted.to_string(), &[(&key(), CODE), (&stored, &text)]);
    // The fake reads no S3: what it would have read is put there while the update is on its way.
    let fake = sagemaker::Fake::builder().region(REGION).pipeline(Pipeline::new("abalone", "{}")).start();
    let fake = Arc::new(fake);
    scene.front = Front::before(&scene.s3.endpoint(), &scene.cloudformation.endpoint(), &fake.endpoint());
    let (here, after) = (Arc::clone(&fake), text.clone());
    scene.front.hook(move |action, _| {
        if action == "UpdatePipeline" {
            here.set_pipeline(Pipeline::new("abalone", after.clone()));
        }
    });
    let report = scene.fast(&DeployArgs::default()).await.unwrap();
    assert_eq!(report.updated, ["abalone"]);
    let request = fake.requests().into_iter().find(|request| request.action == "UpdatePipeline").unwrap();
    assert_eq!(
        request.params["PipelineDefinitionS3Location"],
        json!({"Bucket": bucket(ACCOUNT), "ObjectKey": stored})
    );
    assert_eq!(scene.s3.objects(&bucket(ACCOUNT))[&stored], text.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_definitions() {
    let args = DeployArgs::default();
    let scene = Scene::new(|template| {
        template["Resources"]["Abalone"]["Properties"]["PipelineDescription"] = json!("x");
    });
    scene.refused(&args, &Kind::Stack, "Abalone (AWS::SageMaker::Pipeline): PipelineDescription").await;
    let scene = Scene::new(|template| template["Resources"]["Topic"] = json!({"Type": "AWS::SNS::Topic"}));
    scene.refused(&args, &Kind::Stack, "Topic (AWS::SNS::Topic) is not deployed yet").await;
    let scene = Scene::new(|template| {
        let body = json!({"Fn::Sub": ["{\"V\":\"${V}\"}", {"V": "{{resolve:ssm:/p/vpc}}"}]});
        template["Resources"]["Abalone"]["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"] = body;
    });
    scene.refused(&args, &Kind::Stack, "{{resolve:ssm:/p/vpc}}").await;
    let scene = Scene::new(|template| {
        template["Resources"]["Abalone"]["Properties"]["PipelineName"] = json!("other");
    });
    scene.refused(&args, &Kind::Stack, "PipelineName").await;
    assert!(scene.s3.sizes(&bucket(ACCOUNT)).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn states_and_arguments() {
    let scene = Scene::new(|_| {});
    let any = DeployArgs { require_approval: Approval::Any, ..DeployArgs::default() };
    scene.refused(&any, &Kind::Refused, "abalone").await;
    let role = DeployArgs { role_arn: Some("arn:x".into()), ..DeployArgs::default() };
    scene.refused(&role, &Kind::Usage, "--role-arn").await;
    let unknown = DeployArgs { stacks: vec!["x".into()], ..DeployArgs::default() };
    scene.refused(&unknown, &Kind::Usage, STACK).await;
    let args = DeployArgs::default();
    scene.cloudformation.settle(STACK, "UPDATE_IN_PROGRESS");
    scene.refused(&args, &Kind::Busy, "UPDATE_IN_PROGRESS").await;
    scene.cloudformation.settle(STACK, "UPDATE_ROLLBACK_FAILED");
    scene.refused(&args, &Kind::Stack, "UPDATE_ROLLBACK_FAILED").await;
    scene.cloudformation.settle(STACK, "UPDATE_COMPLETE");
    // Somebody deploys while the code is sent.
    let cloudformation = Arc::clone(&scene.cloudformation);
    scene.front.hook(move |action, count| {
        if (action, count) == ("PUT", 1) {
            cloudformation.settle(STACK, "UPDATE_IN_PROGRESS");
        }
    });
    scene.refused(&args, &Kind::Drifted, "changed by somebody").await;
    scene.cloudformation.settle(STACK, "UPDATE_COMPLETE");
    scene.front.answer(
        "DescribePipeline",
        400,
        r#"{"__type":"ResourceNotFound","message":"Pipeline 'abalone' does not exist."}"#,
    );
    scene.refused(&args, &Kind::Stack, "pipeline abalone does not exist").await;
}
