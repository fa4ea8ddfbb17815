//! What pipewright.toml says of single pipelines: stacks, starts, notifications, permissions.

use serde_json::{Value, json};

use crate::infrastructure::lint;
use crate::scene::{Scene, pipeline};

const SETTINGS: &str =
    "prefix = \"acme\"\n[env.dev]\n[env.test]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n";

/// A pipeline that registers models in this group.
fn registers(name: &str, group: &Value) -> Value {
    let mut pipeline = pipeline(name);
    pipeline["definition"]["Steps"] = json!([
        {"Name": "register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": group}}
    ]);
    pipeline["parameters"] = json!([
        {"name": "InstanceType", "type": "String", "default": "ml.m5.large", "choices": ["ml.m5.large", "ml.m5.xlarge"]},
        {"name": "Rounds", "type": "Integer", "default": 3},
        {"name": "Input", "type": "String"},
    ]);
    pipeline
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.krate(
        "one",
        &[registers("ant", &json!("Models")), registers("bee", &json!("Models")), pipeline("cat")],
    );
    scene
}

/// What a synth of environment `test` wrote, as JSON.
struct Written(std::collections::BTreeMap<String, Vec<u8>>);

impl Written {
    fn json(&self, file: &str) -> Value {
        serde_json::from_slice(&self.0[file]).unwrap()
    }

    fn resources(&self, stack: &str) -> Value {
        self.json(&format!("acme-{stack}.template.json"))["Resources"].take()
    }
}

fn synth(scene: &Scene, more: &str) -> (Written, String) {
    scene.write("pipewright.toml", &format!("{SETTINGS}{more}"));
    let outcome = scene.run(&["synth", "--env", "test"]).ends(0);
    let files = scene.files("target/assembly/test");
    lint(scene, files.keys().filter(|name| name.ends_with(".template.json")));
    (Written(files), outcome.stderr)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

const INPUT: &str = "parameters = { Input = \"s3://acme/in\" }";

#[test]
fn a_pipeline_may_live_in_a_stack_of_its_own() {
    let scene = scene();
    let (written, said) = synth(
        &scene,
        "[pipelines.bee]\nstack = \"insects\"\n[env.test.pipelines.cat]\nstack = \"animals\"\n[env.dev.pipelines.ant]\nstack = \"x\"\n",
    );
    assert_eq!(keys(&written.resources("pipelines")), ["Ant", "roleAnt"]);
    assert_eq!(keys(&written.resources("animals")), ["Cat", "roleCat"]);
    // The first stack by name makes the group that both use.
    assert_eq!(keys(&written.resources("insects")), ["Bee", &written.group(), "roleBee"]);
    assert!(
        said.contains(
            "stack acme-pipelines register in model package group \"Models\", which stack acme-insects makes"
        ),
        "{said}"
    );
    let artifacts = written.json("manifest.json")["artifacts"].take();
    for stack in ["acme-animals", "acme-insects", "acme-pipelines"] {
        let assets = format!("{stack}.assets");
        assert_eq!(artifacts[stack]["dependencies"], json!([assets, "acme-infrastructure"]));
        assert_eq!(artifacts[&assets]["type"], "cdk:asset-manifest");
        assert!(written.0.contains_key(&format!("{stack}.assets.json")));
    }
    let marker = written.json("pipewright.json");
    assert_eq!(
        marker["stacks"],
        json!(["acme-infrastructure", "acme-animals", "acme-insects", "acme-pipelines"])
    );
    assert_eq!(written.json("pipelines/bee.json")["stack"], "acme-insects");
    // In one stack the group is made once, and nobody has to be told.
    let (written, said) = synth(&scene, "");
    assert_eq!(
        keys(&written.resources("pipelines")),
        ["Ant", "Bee", "Cat", &written.group(), "roleAnt", "roleBee", "roleCat"]
    );
    assert!(!said.contains("warning"), "{said}");
}

impl Written {
    /// The logical id of the group `Models`, which differs from `models`.
    fn group(&self) -> String {
        let templates = self.0.keys().filter(|name| name.ends_with("s.template.json"));
        let ids = templates.flat_map(|name| {
            keys(&self.json(name)["Resources"]).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()
        });
        let ids: Vec<String> = ids.filter(|id| id.starts_with("group")).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        ids[0].clone()
    }
}

#[test]
fn groups_are_made_where_they_are_named_and_wanted() {
    let scene = scene();
    let all = "[pipelines.ant]\nmodel_package_groups = false\n[pipelines.bee]\nexternal_model_package_groups = [\"Models\"]\n";
    let (written, _) = synth(&scene, all);
    assert_eq!(keys(&written.resources("pipelines")), ["Ant", "Bee", "Cat", "roleAnt", "roleBee", "roleCat"]);
    scene.answer("one", &[registers("ant", &json!({"Get": "Parameters.Group"}))]);
    let (_, said) = synth(&scene, "");
    assert!(
        said.contains(
            "the model package group of step \"register\" of pipeline \"ant\" is known only when it runs"
        ),
        "{said}"
    );
    let (_, said) = synth(&scene, "[pipelines.ant]\nmodel_package_groups = false\n");
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn settings_win_over_the_code() {
    let scene = scene();
    let (written, _) = synth(
        &scene,
        "[pipelines.ant]\nparallelism = 3\ndisplay_name = \"Ants\"\ntags = { team = \"x\" }\n\
         [env.test.pipelines.ant]\nparallelism = 5\ntags = { stage = \"test\" }\n",
    );
    let properties = &written.resources("pipelines")["Ant"]["Properties"];
    assert_eq!(properties["ParallelismConfiguration"], json!({"MaxParallelExecutionSteps": 5}));
    assert_eq!(properties["PipelineDisplayName"], "Ants");
    assert_eq!(properties["Tags"], json!([{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "x"}]));
    let record = written.json("pipelines/ant.json");
    assert_eq!((&record["parallelism"], &record["display_name"]), (&json!(5), &json!("Ants")));
    assert_eq!(record["tags"]["stage"], "test");
}

#[test]
fn starts_notifications_and_alarms() {
    let scene = scene();
    let (written, _) = synth(&scene, "");
    let data = written.resources("infrastructure")["DataBucket"]["Properties"].take();
    assert!(data.get("NotificationConfiguration").is_none());
    let (written, _) = synth(
        &scene,
        &format!(
            "[notifications]\nto = [\"ada@example.com\"]\non = [\"failed\", \"stopped\"]\n\
             [pipelines.ant]\nalarm = true\ndead_letters = true\n\
             schedules = [{{ name = \"nightly\", expression = \"cron(0 3 * * ? *)\", start = 2030-01-01T00:00:00Z, {INPUT} }}]\n\
             events = [{{ name = \"arrival\", prefix = \"in/\", parameters = {{ Input = \"$.detail.object.key\", Rounds = 5 }} }}]\n\
             [pipelines.bee]\nnotify = [\"arn:aws:sns:eu-west-1:123456789012:ops\"]\nalarm = {{ threshold = 2 }}\n\
             [pipelines.cat]\nnotify = []\n[[pipelines.cat.events]]\nname = \"done\"\npattern.source = [\"my.app\"]\n"
        ),
    );
    let resources = written.resources("pipelines");
    assert_eq!(resources["schedulenightlyAnt"]["Properties"]["StartDate"], "2030-01-01T00:00:00Z");
    let arrival = &resources["eventarrivalAnt"]["Properties"];
    assert_eq!(
        arrival["Targets"][0]["SageMakerPipelineParameters"]["PipelineParameterList"][1]["Value"],
        "5"
    );
    assert_eq!(
        arrival["EventPattern"]["detail"]["bucket"]["name"],
        json!(["acme-data-123456789012-eu-west-1"])
    );
    assert_eq!(resources["eventdoneCat"]["Properties"]["EventPattern"], json!({"source": ["my.app"]}));
    let told = &resources["notifyrule1"]["Properties"]["EventPattern"]["detail"];
    assert_eq!(told["currentPipelineExecutionStatus"], json!(["Failed", "Stopped"]));
    assert_eq!(told["pipelineArn"], json!(["arn:aws:sagemaker:eu-west-1:123456789012:pipeline/ant"]));
    assert_eq!(
        resources["alarmAnt"]["Properties"]["AlarmActions"],
        json!([{"Fn::GetAtt": ["topic", "TopicArn"]}])
    );
    let alarm = &resources["alarmBee"]["Properties"];
    assert_eq!(alarm["AlarmActions"], json!(["arn:aws:sns:eu-west-1:123456789012:ops"]));
    assert_eq!(alarm["Threshold"], 2.0);
    let data = &written.resources("infrastructure")["DataBucket"]["Properties"];
    assert_eq!(
        data["NotificationConfiguration"],
        json!({"EventBridgeConfiguration": {"EventBridgeEnabled": true}})
    );
}

#[test]
fn iam_marks_what_was_added_by_hand() {
    let scene = scene();
    let more = "[[pipelines.ant.permissions]]\nactions = [\"dynamodb:GetItem\"]\n\
                resources = [\"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/t\"]\n\
                conditions.StringEquals.\"aws:PrincipalTag/a\" = \"b\"\n\
                [[pipelines.ant.permissions]]\nsid = \"Probe\"\nactions = [\"ec2:DescribeSpotPriceHistory\"]\nresources = [\"*\"]\n\
                reason = \"the service knows no resource\"\n";
    let (written, _) = synth(&scene, more);
    let role = &written.resources("pipelines")["roleAnt"];
    assert_eq!(
        role["Metadata"]["Pipewright"]["ByHand"],
        json!({"ByHand1": "", "Probe": "the service knows no resource"})
    );
    assert_eq!(written.json("pipelines/ant.json")["permissions"][0]["by_hand"], true);
    insta::assert_snapshot!(scene.run(&["iam", "ant", "--env", "test"]).ends(0).stdout);
    let answer = scene.run(&["iam", "ant", "--env", "test", "--json"]).ends(0).json();
    assert_eq!(answer["statements"][1]["by_hand"], json!({"reason": "the service knows no resource"}));
    scene.write("pipewright.toml", &format!("{SETTINGS}{}", more.replace("reason", "#")));
    scene.run(&["iam", "ant", "--env", "test"]).ends(1).says(&["and gives no reason"]);
}

#[test]
fn mistakes_are_shown_at_their_place() {
    let scene = scene();
    let text = format!(
        "{SETTINGS}[notifications]\nto = [\"nobody\"]\n\
         [pipelines.ant]\n\
         schedules = [{{ name = \"nightly\", expression = \"rate(1 days)\", parameters = {{ InstanceTyp = \"x\", Rounds = \"3\" }} }}]\n\
         events = [{{ name = \"arrival\", pattern = {{ source = \"x\" }}, {INPUT} }}]\n\
         permissions = [{{ actions = [\"*\", \"s3:*\"], resources = [\"*\"] }}]\n\
         [env.test.pipelines.bee]\nalarm = {{ threshold = 1 }}\n\
         [pipelines.cta]\nparallelism = 3\n"
    );
    // What cargo says comes first, and is no matter here.
    let said = || {
        let stderr = scene.run(&["synth", "--env", "test"]).ends(1).stderr;
        stderr[stderr.find("error[").unwrap()..].to_owned()
    };
    scene.write("pipewright.toml", &text);
    insta::assert_snapshot!("unknown_pipeline", said());
    scene.write("pipewright.toml", &text.replace("cta", "cat"));
    insta::assert_snapshot!("mistakes", said());
    assert!(!scene.path("target/assembly/test").exists());
}

#[test]
fn what_does_not_go_together() {
    let scene = scene();
    for (more, says) in [
        ("[pipelines.ant]\nstack = \"infrastructure\"\n", "can't be in the stack \"infrastructure\""),
        ("[pipelines.ant]\nstack = \"My Stack\"\n", "`pipelines.ant.stack` must match the pattern"),
        ("[pipelines.ant]\ndead_letters = true\n", "nothing that could fail to start it"),
        (
            "[pipelines.ant]\nevents = [{ name = \"a\", prefix = \"x\", pattern = { source = [\"x\"] } }]\n",
            "means nothing beside `pattern`",
        ),
        ("[pipelines.ant]\nalarm = 3\n", "`pipelines.ant.alarm` must be true, false or a table"),
        ("[pipelines.ant]\nparallelism = 0\n", "`pipelines.ant.parallelism` must be at least 1"),
        ("[pipelines.ant]\nschedule = []\n", "did you mean `schedules`?"),
        ("[notifications]\non = []\n", "nobody would hear of anything"),
        ("[notifications]\non = [\"faild\"]\n", "did you mean \"failed\"?"),
        (
            "role_arn = \"arn:aws:iam::123456789012:role/x\"\n\
             [pipelines.ant]\npermissions = [{ actions = [\"s3:GetObject\"], resources = [\"arn:aws:s3:::b/*\"] }]\n",
            "role_arn gives pipeline \"ant\" its role",
        ),
    ] {
        scene.write("pipewright.toml", &format!("{SETTINGS}{more}"));
        scene.run(&["synth", "--env", "test"]).ends(1).says(&[says, "nothing is written"]);
    }
}
