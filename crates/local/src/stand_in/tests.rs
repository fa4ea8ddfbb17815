use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_interpreter::{Definition, Start};

use super::*;
use crate::jobs::fake::job;
use crate::launch::Kind;

fn lambda(outputs: Value) -> Job {
    let mut job = job("Lambda", json!({"x": 1}));
    job.members.insert("OutputParameters".to_owned(), outputs);
    job
}

#[test]
fn output_parameters_are_judged() {
    #[track_caller]
    fn check(kind: &str, value: Value, expected: Result<Value, &str>) {
        let job = lambda(json!([{"OutputName": "a", "OutputType": kind}]));
        let result = Map::from_iter([("a".to_owned(), value), ("more".to_owned(), json!(1))]);
        match (outputs::success(&job, result), expected) {
            (Ok(success), Ok(expected)) => {
                assert_eq!(success.properties["OutputParameters"], json!({"a": expected}));
            }
            (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{reason}"),
            (found, _) => panic!("{found:?}"),
        }
    }
    check("String", json!("x"), Ok(json!("x")));
    check("String", json!(1.5), Ok(json!("1.5")));
    check("Integer", json!(3), Ok(json!(3)));
    check("Integer", json!("3"), Ok(json!(3)));
    check("Integer", json!(3.5), Err("output parameter `a`: 3.5 is no Integer"));
    check("Integer", json!([1]), Err("[1] is no Integer"));
    check("Float", json!(3), Ok(json!(3)));
    check("Float", json!("nan"), Err("is no Float"));
    check("Boolean", json!(true), Ok(json!(true)));
    check("Boolean", json!("True"), Ok(json!(true)));
    check("Boolean", json!(1), Err("1 is no Boolean"));
    check("String", json!("x".repeat(1025)), Err("1025 characters; the limit is 1024"));
    check("String", Value::Null, Err("output parameter `a` (String) is missing; the result has a, more"));

    let none = outputs::success(
        &lambda(
            json!([{"OutputName": "a", "OutputType": "Float"}, {"OutputName": "b", "OutputType": "Float"}]),
        ),
        Map::new(),
    );
    assert_eq!(
        none.unwrap_err(),
        "output parameter `a` (Float) is missing; output parameter `b` (Float) is missing; the result has nothing"
    );
    let other = outputs::success(&job("EMR", json!({})), Map::from_iter([("Id".to_owned(), json!("s-1"))]));
    assert_eq!(other.unwrap().properties, json!({"Id": "s-1"}));
}

#[test]
fn a_callback_has_its_token_in_the_metadata() {
    let mut callback = job("Callback", json!({"x": 1}));
    callback.members.insert("SqsQueueUrl".to_owned(), json!("https://q"));
    let success = outputs::success(&callback, Map::new()).unwrap();
    let message = message(&callback);
    assert_eq!(success.metadata.unwrap()["Callback"]["CallbackToken"], message["token"]);
    assert_eq!(message["arguments"], json!({"x": 1}));
    assert_eq!(
        message["pipelineExecutionArn"],
        "arn:aws:sagemaker:eu-west-1:000000000000:pipeline/p/execution/abcdefabcdef"
    );
}

#[test]
fn steps_win_over_types() {
    #[track_caller]
    fn check(settings: &Settings, step: &str, kind: &str, expected: Option<i64>) {
        let found = find(settings, step, kind).map(|stand_in| match stand_in {
            StandIn::Output(output) => output["from"].as_i64().unwrap(),
            other => panic!("{other:?}"),
        });
        assert_eq!(found, expected);
    }
    let settings = Settings::read(
        "[steps.A]\noutput = { from = 1 }\n[steps.Body]\noutput = { from = 2 }\n[types.Lambda]\noutput = { from = 3 }",
        "run.toml",
    )
    .unwrap();
    check(&settings, "A", "Lambda", Some(1));
    check(&settings, "A", "EMR", Some(1));
    check(&settings, "B", "Lambda", Some(3));
    check(&settings, "B", "EMR", None);
    check(&settings, "Loop[3].Body", "Lambda", Some(2));
    check(&settings, "Loop[3].Other", "Lambda", Some(3));
}

#[test]
fn all_that_is_missing() {
    let step = |name: &str, kind: &str, arguments: Value| json!({"Name": name, "Type": kind, "Arguments": arguments});
    let condition = |name: &str, left: Value, taken: Value, other: Value| {
        let conditions = json!([{"Type": "Equals", "LeftValue": left, "RightValue": "prod"}]);
        step(name, "Condition", json!({"Conditions": conditions, "IfSteps": taken, "ElseSteps": other}))
    };
    let lambda = |name: &str| {
        let mut step = step(name, "Lambda", json!({}));
        step["FunctionArn"] = json!("arn:aws:lambda:us-east-1:000000000000:function:f");
        step["OutputParameters"] = json!([]);
        step
    };
    let image = json!({"Get": "Parameters.Image"});
    let training = |algorithm: Value| json!({"AlgorithmSpecification": algorithm});
    let model = |name: &str, environment: Value| {
        step(name, "Model", json!({"PrimaryContainer": {"Image": image, "Environment": environment}}))
    };
    let transform = |name: &str, of: &str| {
        step(name, "Transform", json!({"ModelName": {"Get": format!("Steps.{of}.ModelName")}}))
    };
    let definition = json!({
        "Version": "2020-12-01",
        "Parameters": [
            {"Name": "Stage", "Type": "String", "DefaultValue": "dev"},
            {"Name": "Image", "Type": "String", "DefaultValue": "team/net:1"},
        ],
        "Steps": [
            lambda("Known"),
            lambda("Unknown-one"),
            step("Emr", "EMR", json!({"ClusterId": "j-1", "StepConfig": {}})),
            condition("Decided", json!({"Get": "Parameters.Stage"}), json!([lambda("OnlyProd")]), json!([lambda("OnlyDev")])),
            condition("Open", json!({"Get": "Steps.Known.OutputParameters['x']"}), json!([]), json!([lambda("Perhaps")])),
            step("Train", "Training", training(json!({"TrainingImage": image}))),
            step("TrainOwn", "Training", training(json!({"TrainingImage": image, "ContainerEntrypoint": ["python3"]}))),
            step("Process", "Processing", json!({"AppSpecification": {"ImageUri": image}})),
            model("Model", json!({})),
            model("ScriptModel", json!({"SAGEMAKER_PROGRAM": "inference.py"})),
            transform("Transform", "Model"),
            transform("TransformScript", "ScriptModel"),
        ],
    });
    let mut text = definition.to_string();
    // The condition reads an output parameter that is declared.
    text = text.replacen(
        "\"OutputParameters\":[]",
        "\"OutputParameters\":[{\"OutputName\":\"x\",\"OutputType\":\"String\"}]",
        1,
    );
    let definition = Definition::parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let settings =
        Settings::read("[steps.Known]\nlambda = \"known.py:f\"\n[steps.Emrr]\noutput = {}", "run.toml")
            .unwrap();

    let names = |start: Start, kind: Option<Kind>, local: Option<&Path>| -> Vec<String> {
        let problems = missing(&definition, &settings, &start, local, kind);
        let name = |problem: &String| problem.split('"').nth(1).unwrap_or(problem).to_owned();
        problems.iter().map(name).collect()
    };
    let with = |parameters: &[(&str, &str)], selected: &[&str]| Start {
        parameters: parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect::<BTreeMap<_, _>>(),
        selected: selected.iter().map(|name| (*name).to_owned()).collect(),
        ..Start::default()
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("known.py"), "").unwrap();
    let local: PathBuf = folder.path().to_owned();

    let services = ["Unknown-one", "Emr", "OnlyDev", "Perhaps", "Emrr"];
    assert_eq!(names(with(&[], &[]), None, Some(&local)), services);
    assert_eq!(names(with(&[], &[]), Some(Kind::Container), Some(&local)), services);
    let programs = ["Unknown-one", "Emr", "OnlyDev", "Perhaps", "Train", "Process", "Transform", "Emrr"];
    assert_eq!(names(with(&[], &[]), Some(Kind::Process), Some(&local)), programs);
    assert_eq!(
        names(with(&[("Image", "xgboost")], &[]), Some(Kind::Process), Some(&local)),
        ["Unknown-one", "Emr", "OnlyDev", "Perhaps", "Process", "Emrr"]
    );
    assert_eq!(
        names(with(&[("Stage", "prod")], &["OnlyProd", "OnlyDev"]), None, Some(&local)),
        ["OnlyProd", "Emrr"]
    );
    assert_eq!(names(with(&[], &["Known"]), None, Some(Path::new("/nowhere"))), ["Known", "Emrr"]);

    let problems = missing(&definition, &settings, &with(&[], &["Unknown-one", "Emr"]), Some(&local), None);
    assert_eq!(
        problems,
        [
            "step \"Unknown-one\" (Lambda) has no local stand-in: write [steps.Unknown-one] in local/run.toml of the pipeline, \
             with lambda = \"FILE.py:FUNCTION\", run = […] or output = { NAME = VALUE }",
            "step \"Emr\" (EMR) has no local stand-in: write [steps.Emr] in local/run.toml of the pipeline, with run = \
             [\"python3\", \"FILE.py\"] or output = { PROPERTY = VALUE }",
            "[steps.Emrr] in local/run.toml: the pipeline has no step \"Emrr\"",
        ]
    );
}
