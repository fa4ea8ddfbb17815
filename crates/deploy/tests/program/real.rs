//! The same against emulators: ministack for CloudFormation's state machine, moto for S3 and SageMaker's types. What they
//! report as success proves little, so that what they hold is looked at.

use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudformation::types::TemplateStage;
use pipewright_testbed::servers::{self, Server};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::asked::{ABOVE, Asked, BELOW, Content, REGION};
use crate::run::{Done, Endpoints, Program};
use crate::scene::skipped;

/// An emulator with clients of its own.
struct Real {
    server: Server,
    runtime: Runtime,
    cloudformation: aws_sdk_cloudformation::Client,
    s3: aws_sdk_s3::Client,
}

impl Real {
    fn new(server: Server) -> Self {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let cloudformation = aws_sdk_cloudformation::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(credentials.clone())
            .endpoint_url(server.endpoint())
            .build();
        let s3 = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(credentials)
            .endpoint_url(server.endpoint())
            .force_path_style(true)
            .build();
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            cloudformation: aws_sdk_cloudformation::Client::from_conf(cloudformation),
            s3: aws_sdk_s3::Client::from_conf(s3),
            server,
        }
    }

    fn program(&self, command: &str, asked: &Asked) -> Program {
        let endpoints = Endpoints { cloudformation: self.server.endpoint(), s3: self.server.endpoint() };
        Program::new(&endpoints, command, &asked.path()).env("PIPEWRIGHT_PACE_MS", "20")
    }

    fn deploy(&self, asked: &Asked) -> Done {
        self.program("deploy", asked).args(["--yes"]).run()
    }

    /// A stack's status; empty when there is none.
    fn status(&self, name: &str) -> String {
        let request = self.cloudformation.describe_stacks().stack_name(name).send();
        let Ok(answer) = self.runtime.block_on(request) else { return String::new() };
        answer.stacks()[0].stack_status().unwrap().as_str().to_owned()
    }

    fn template(&self, name: &str) -> Value {
        let request = self.cloudformation.get_template().stack_name(name);
        let request = request.template_stage(TemplateStage::Original).send();
        let body = self.runtime.block_on(request).unwrap().template_body.unwrap();
        serde_json::from_str(&body).unwrap()
    }

    fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.runtime.block_on(async {
            let answer = self.s3.get_object().bucket(bucket).key(key).send().await.ok()?;
            Some(answer.body.collect().await.unwrap().to_vec())
        })
    }

    /// Whether stacks and objects are as asked for.
    #[track_caller]
    fn is(&self, asked: &Asked, about: &Done) {
        for (name, template) in &asked.templates {
            let status = self.status(name);
            assert!(["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&status.as_str()), "{status} {about}");
            assert_eq!(self.template(name), serde_json::from_str::<Value>(template).unwrap(), "{about}");
        }
        for (key, bytes) in &asked.objects {
            assert!(self.object(&asked.bucket, key).as_ref() == Some(bytes), "object {key}: {about}");
        }
    }
}

/// The emulator, or a word that it is not there.
fn started(server: Result<Server, String>) -> Option<Real> {
    match server {
        Ok(server) => Some(Real::new(server)),
        Err(why) => {
            skipped(&why);
            None
        }
    }
}

/// What ministack's account has: no SageMaker, but a schedule.
fn plain(content: Content, change: impl Fn(&str, &mut Value)) -> Asked {
    Asked::in_account(content.plain(), "000000000000", |name, template| {
        if name == ABOVE {
            template["Resources"]["Nightly"] = json!({
                "Type": "AWS::Scheduler::Schedule",
                "Properties": {
                    "Name": "dev-a-nightly",
                    "ScheduleExpression": "rate(1 day)",
                    "FlexibleTimeWindow": {"Mode": "OFF"},
                    "Target": {
                        "Arn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/dev-a-train",
                        "RoleArn": "arn:aws:iam::000000000000:role/dev-a-train",
                    },
                },
            });
        }
        change(name, template);
    })
}

#[test]
fn ministack_from_nothing_to_nothing() {
    let Some(real) = started(servers::ministack()) else { return };
    let old = plain(Content::code(1).large(), |_, _| {});
    let done = real.deploy(&old).ends(0);
    real.is(&old, &done);
    let done = real.deploy(&old).ends(0).says(["2 stacks unchanged"]);
    real.is(&old, &done);

    let new = plain(Content::code(2).role(3), |name, template| {
        if name == ABOVE {
            template["Metadata"] = json!({"Long": "x".repeat(60_000)});
        }
    });
    let done = real.program("deploy", &new).run().ends(1);
    assert!(done.last().contains("--yes"), "{done}");
    let done = real.deploy(&new).ends(0).says(["BROADENS", "s3:PutObject"]);
    real.is(&new, &done);

    // Protected, then not.
    let protect = |on| {
        let request = real.cloudformation.update_termination_protection().stack_name(BELOW);
        real.runtime.block_on(request.enable_termination_protection(on).send()).unwrap();
    };
    protect(true);
    let done = real.program("destroy", &new).args(["--yes"]).run().ends(1);
    assert!(done.last().contains("protected") && done.last().contains(BELOW), "{done}");
    real.is(&new, &done);
    protect(false);
    let done = real.program("destroy", &new).args(["--yes"]).run().ends(0);
    assert_eq!((real.status(BELOW), real.status(ABOVE)), (String::new(), String::new()), "{done}");
    let (key, bytes) = new.objects.iter().next().unwrap();
    assert_eq!(real.object(&new.bucket, key).as_ref(), Some(bytes), "what is retained is retained");
}

#[test]
fn ministack_rolls_back_and_is_mended() {
    let Some(real) = started(servers::ministack()) else { return };
    let wrong = |name: &str, template: &mut Value| {
        if name == ABOVE {
            template["Resources"]["Wrong"] = json!({
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Name": "/dev-a/wrong", "Type": "String", "Value": "{{resolve:ssm:/there/is/none:1}}"},
            });
        }
    };
    // A creation that fails.
    let broken = plain(Content::code(1), wrong);
    let done = real.deploy(&broken).ends(1);
    done.is_truthful_failure();
    assert_eq!(real.status(ABOVE), "ROLLBACK_COMPLETE", "{done}");
    assert!(done.last().contains("Wrong"), "{done}");
    let mended = plain(Content::code(1), |_, _| {});
    let done = real.deploy(&mended).ends(0);
    real.is(&mended, &done);
    // An update that fails.
    let broken = plain(Content::code(2), wrong);
    let done = real.deploy(&broken).ends(1);
    done.is_truthful_failure();
    assert_eq!(real.status(ABOVE), "UPDATE_ROLLBACK_COMPLETE", "{done}");
    assert!(done.last().contains("Wrong"), "{done}");
    let mended = plain(Content::code(2), |_, _| {});
    let done = real.deploy(&mended).ends(0);
    real.is(&mended, &done);
    // What it does not know at all is refused before anything is changed.
    let unknown = Asked::in_account(Content::code(3), "000000000000", |_, _| {});
    let done = real.deploy(&unknown).ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("SageMaker"), "{done}");
    assert_eq!(real.status(ABOVE), "UPDATE_COMPLETE", "{done}");
}

#[test]
fn moto_gets_every_byte_and_the_template() {
    let Some(real) = started(servers::moto()) else { return };
    let of = |content| Asked::in_account(content, "123456789012", |_, _| {});
    let old = of(Content::code(1).large());
    let done = real.deploy(&old).ends(0);
    real.is(&old, &done);
    let done = real.deploy(&old).ends(0).says(["2 stacks unchanged"]);
    real.is(&old, &done);
    let new = Asked::in_account(Content::code(2).role(3), "123456789012", |name, template| {
        if name == ABOVE {
            template["Metadata"] = json!({"Long": "x".repeat(60_000)});
        }
    });
    let done = real.deploy(&new).ends(0).says(["BROADENS"]);
    real.is(&new, &done);
    assert_eq!(
        real.object(&old.bucket, old.objects.keys().last().unwrap()).as_ref(),
        old.objects.values().last()
    );
    let done = real.program("destroy", &new).args(["--yes"]).run().ends(0);
    assert_eq!((real.status(BELOW), real.status(ABOVE)), (String::new(), String::new()), "{done}");
}
