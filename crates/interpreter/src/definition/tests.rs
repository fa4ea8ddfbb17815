//! Definitions as they are written, and what is said of those that are not right.

use serde_json::{Value, json};

use super::*;

fn names(definition: &Definition, ids: impl IntoIterator<Item = StepId>) -> Vec<String> {
    ids.into_iter().map(|id| definition.steps[id].name.clone()).collect()
}

/// What a step waits for: `DependsOn`, then what it reads.
fn waits(definition: &Definition, name: &str) -> Vec<String> {
    let step = &definition.steps[definition.step(name).unwrap()];
    names(definition, step.depends_on.iter().map(|wait| wait.step).chain(step.reads.iter().copied()))
}

#[track_caller]
fn refused(definition: &Value, expected: &[&str]) {
    let problems = Definition::from_value(definition).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, expected);
}

/// Definitions that the SageMaker Python SDK wrote.
fn written_by_the_sdk() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/definitions");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let text = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    files.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), text(path))).collect()
}

#[test]
fn all_definitions_of_the_sdk_are_read() {
    let all = written_by_the_sdk();
    assert!(all.len() >= 26);
    for (name, text) in all {
        let definition = Definition::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        assert!(!definition.steps.is_empty(), "{name}");
        // Every `Get` of a step in the text is among what some step reads.
        let read: std::collections::BTreeSet<&str> = definition
            .steps
            .iter()
            .flat_map(|step| &step.reads)
            .map(|id| definition.steps[*id].name.as_str())
            .collect();
        for (at, _) in text.match_indices("\"Steps.") {
            let step = text[at + 7..].split(['.', '[']).next().unwrap();
            assert!(read.contains(step), "{name}: {step}");
        }
        for (position, step) in definition.steps.iter().enumerate() {
            assert_eq!(definition.step(&step.name), Some(position), "{name}");
        }
    }
}

#[test]
fn dependencies_of_definitions_of_the_sdk() {
    let all: std::collections::HashMap<_, _> = written_by_the_sdk().into_iter().collect();
    for (name, step, expected) in [
        ("abalone", "AbaloneProcess", &[] as &[&str]),
        ("abalone", "AbaloneTrain", &["AbaloneProcess"]),
        ("abalone", "AbaloneEval", &["AbaloneTrain", "AbaloneProcess"]),
        ("retry_depends_parallel", "Z", &["L", "R", "M-CreateModel", "A"]),
        ("retry_depends_parallel.request", "Z", &["L", "R", "M-CreateModel", "A"]),
        ("conditions_all", "C", &["P"]),
        ("conditions_all", "FIf", &[]),
        ("callback_lambda_fail", "LA", &["CB", "CB"]),
        ("callback_lambda_fail", "Fail", &["LA", "LA"]),
        ("exec_vars_join_props", "B", &["A"]),
    ] {
        let definition = Definition::parse(&all[name]).unwrap();
        assert_eq!(waits(&definition, step), expected, "{name} {step}");
    }
    let definition = Definition::parse(&all["abalone"]).unwrap();
    let condition = definition.steps.iter().position(|step| step.kind == "Condition").unwrap();
    let inside: Vec<_> = definition.steps.iter().filter(|step| step.parent.is_some()).collect();
    assert!(!inside.is_empty());
    assert!(inside.iter().all(|step| step.parent.is_some_and(|(id, _)| id == condition)));
    assert!(definition.steps[condition].arguments.get("IfSteps").is_none());
}

fn retries() -> Definition {
    let all: std::collections::HashMap<_, _> = written_by_the_sdk().into_iter().collect();
    Definition::parse(&all["retry_depends_parallel"]).unwrap()
}

#[test]
fn retry_policies() {
    let definition = retries();
    let policies = &definition.steps[definition.step("A").unwrap()].retry;
    assert_eq!(
        policies[0],
        RetryPolicy {
            exceptions: vec!["Step.SERVICE_FAULT".to_owned()],
            interval: 2.0,
            backoff_rate: 2.0,
            limit: RetryLimit::MaxAttempts(5),
        }
    );
    assert_eq!(policies[1].limit, RetryLimit::ExpireAfter(60.0));
    let seconds: Vec<u64> =
        [0, 1, 2, 40, u32::MAX].into_iter().map(|retry| policies[0].delay(retry).as_secs()).collect();
    assert_eq!(seconds, [2, 4, 8, 864_000, 864_000]);
}

#[test]
fn caches() {
    let cache = |text: &str| {
        let definition = json!({"Steps": [
            {"Name": "A", "Type": "Training", "CacheConfig": {"Enabled": true, "ExpireAfter": text}},
        ]});
        Definition::from_value(&definition).unwrap().steps.remove(0).cache.unwrap()
    };
    let made: jiff::Timestamp = "2024-01-31T12:00:00Z".parse().unwrap();
    for (text, last, first_after) in [
        ("P1D", "2024-02-01T12:00:00Z", "2024-02-01T12:00:01Z"),
        ("PT1H", "2024-01-31T13:00:00Z", "2024-01-31T13:00:01Z"),
        ("P1M", "2024-02-29T12:00:00Z", "2024-02-29T12:00:01Z"),
        ("p1dt1h", "2024-02-01T13:00:00Z", "2024-02-01T13:00:01Z"),
        ("30d", "2024-03-01T12:00:00Z", "2024-03-01T12:00:01Z"),
    ] {
        let cache = cache(text);
        assert!(cache.allows(made, last.parse().unwrap()), "{text}");
        assert!(!cache.allows(made, first_after.parse().unwrap()), "{text}");
    }
    assert!(cache("P9998Y").allows(made, jiff::Timestamp::MAX));
    let none = Cache { enabled: false, expire_after: None };
    assert!(!none.allows(made, made));
    assert!(Cache { enabled: true, expire_after: None }.allows(made, jiff::Timestamp::MAX));
}

#[test]
fn nested_branches_are_flat_in_the_order_of_the_text() {
    let fail = |name: &str| json!({"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": name}});
    let condition = |name: &str, yes: Value, no: Value| json!({"Name": name, "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": yes, "ElseSteps": no}});
    let inner = condition("Inner", json!([fail("C"), fail("D")]), json!(null));
    let outer = condition("Outer", json!([fail("A"), inner]), json!([fail("E")]));
    let definition = Definition::from_value(&json!({"Steps": [outer, fail("Z")]})).unwrap();
    assert_eq!(names(&definition, 0..definition.steps.len()), ["Outer", "A", "Inner", "C", "D", "E", "Z"]);
    let parents: Vec<_> = definition.steps.iter().map(|step| step.parent).collect();
    let (yes, no) = (Branch::If, Branch::Else);
    assert_eq!(
        parents,
        [None, Some((0, yes)), Some((0, yes)), Some((2, yes)), Some((2, yes)), Some((0, no)), None]
    );
    assert_eq!(definition.steps[0].children, [1, 2, 5]);
    assert_eq!(definition.steps[3].path, "Steps[0].Arguments.IfSteps[1].Arguments.IfSteps[0]");
}

#[test]
fn loops() {
    let definition =
        Definition::from_value(&json!({"Parameters": [{"Name": "L", "Type": "String"}], "Steps": [
            {"Name": "P", "Type": "Processing", "Arguments": {}},
            {"Name": "Q", "Type": "Processing", "Arguments": {}},
            {"Name": "Loop", "Type": "ForEach", "Arguments": {
                "IterableItems": {"Get": "Parameters.L"}, "MaxConcurrency": 2,
                "Selector": {"Pick": "MaxBy", "Field": {"Get": "IterationOutput.One.OutputParameters['s']"}},
                "ForEachBody": [
                    {"Name": "One", "Type": "Lambda", "FunctionArn": "f", "Arguments": {
                        "item": {"Get": "ForEach.CurrentItem"}, "x": {"Get": "ForEach.CurrentItem.a['b']"},
                        "p": {"Get": "Steps.P.ProcessingJobName"}}},
                    {"Name": "Two", "Type": "Lambda", "FunctionArn": "f", "DependsOn": ["Q"],
                        "Arguments": {"one": {"Get": "Steps.One.StatusCode"}}}]}},
            {"Name": "After", "Type": "Lambda", "FunctionArn": "f", "Arguments": {
                "a": {"Get": "Steps.Loop.IterationOutputs[0].One.OutputParameters['s']"},
                "b": {"Get": "Steps.Loop.Selected.OutputParameters['s']"}}},
        ]}))
        .unwrap();
    assert_eq!(waits(&definition, "Loop"), ["Q", "P"]);
    assert_eq!(waits(&definition, "Two"), ["Q", "One"]);
    assert_eq!(waits(&definition, "After"), ["Loop"]);
    assert_eq!(definition.steps[3].parent, Some((2, Branch::Body)));
    let own: Vec<&String> = definition.steps[2].arguments.as_object().unwrap().keys().collect();
    assert_eq!(own, ["IterableItems", "MaxConcurrency", "Selector"]);
}

#[test]
fn triggers() {
    let definition = Definition::from_value(&json!({"Steps": [
        {"Name": "A", "Type": "Training"},
        {"Name": "B", "Type": "Training"},
        {"Name": "C", "Type": "Fail", "DependsOn": ["A", {"Step": "B", "Trigger": "Failed"}, "A"]},
        {"Name": "D", "Type": "Cleanup", "DependsOn": [{"Step": "A", "Trigger": "Any"}, {"Step": "B"}],
            "Arguments": {"Resources": {"S3": [{"StepName": "A"}]}}},
    ]}))
    .unwrap();
    let triggers =
        |id: usize| -> Vec<_> { definition.steps[id].depends_on.iter().map(|wait| wait.trigger).collect() };
    assert_eq!(triggers(2), [Trigger::Completed, Trigger::Failed]);
    assert_eq!(triggers(3), [Trigger::Any, Trigger::Completed]);
    assert_eq!(definition.steps[3].reads, [0]);
}

#[test]
fn null_is_absent() {
    let definition = Definition::from_value(&json!({
        "Version": "2020-12-01", "Metadata": null, "Parameters": null, "PipelineExperimentConfig": null, "MlflowConfig": null,
        "Steps": [{"Name": "A", "Type": "Training", "Arguments": null, "DependsOn": null, "CacheConfig": null,
            "RetryPolicies": null, "PropertyFiles": null, "DisplayName": null, "FunctionArn": null}],
    }))
    .unwrap();
    assert_eq!(definition.steps[0].arguments, json!({}));
    assert!(definition.steps[0].members.is_empty());
}

#[test]
fn what_describe_pipeline_answers_is_read_too() {
    let inner = json!({"Steps": [{"Name": "A", "Type": "Training"}]});
    let expected = Definition::from_value(&inner).unwrap();
    for wrapped in [
        json!({"PipelineName": "p", "PipelineDefinition": inner}),
        json!({"PipelineName": "p", "PipelineDefinition": inner.to_string()}),
    ] {
        assert_eq!(Definition::from_value(&wrapped).unwrap(), expected);
    }
    assert_eq!(Definition::parse(&format!("\u{feff}{inner}")).unwrap(), expected);
}

#[test]
fn parameters_are_read() {
    let definition = Definition::from_value(&json!({"Steps": [], "Parameters": [
        {"Name": "S", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
        {"Name": "F", "Type": "Float", "DefaultValue": 1},
        {"Name": "I", "Type": "Integer"},
        {"Name": "B", "Type": "Boolean", "DefaultValue": true, "Description": "of no use"},
    ]}))
    .unwrap();
    assert_eq!(definition.parameters[0].choices, [json!("a"), json!("b")]);
    assert_eq!(definition.parameters[1].default.as_ref().unwrap().to_string(), "1.0");
    assert_eq!(definition.parameter("I").unwrap().default, None);
    assert_eq!(definition.parameter("B").unwrap().kind, ParameterType::Boolean);
    assert!(definition.parameter("X").is_none());
}

/// One definition with many mistakes: all of them are told, in the order of the text.
#[test]
fn every_mistake_is_told_at_its_place() {
    refused(
        &json!({
            "Version": "2021-01-01",
            "Parameters": [
                {"Name": "Rate", "Type": "Float", "DefaultValue": "fast"},
                {"Name": "Rate", "Type": "Number"},
                {"Name": "a b", "Type": "Integer"},
                "x",
                {"Name": "E", "Type": "String", "DefaultValue": "c", "EnumValues": ["a"]},
            ],
            "Steps": [
                {"Name": "Train", "Type": "Training", "Arguments": {
                    "Environment": {"RATE": {"Get": "Parameters.Rat"}},
                    "RoleArn": {"Get": "Steps.Trian.RoleArn"},
                    "Tags": [{"Key": {"Get": "Step.Train.X"}}, {"Std:Join": {"Values": [{}, 1]}}],
                    "ImageUri": {"Std:Joni": {}},
                    "Id": {"Get": "Execution.PipelineExecutionID"},
                }},
                {"Type": "Training"},
                {"Name": "no good", "Type": "Training"},
                7,
            ],
        }),
        &[
            "Version: the version \"2021-01-01\" of the language is not known; write \"2020-12-01\"",
            "Parameters[0].DefaultValue: \"fast\" is no Float: it takes a number, such as 0.5",
            "Parameters[1].Type: \"Number\" is no type; it is one of String, Integer, Float, Boolean",
            "Parameters[2].Name: \"a b\" is no parameter's name; a name has 1 to 256 letters, digits, - or _",
            "Parameters[3]: a parameter is an object, not \"x\"",
            "Parameters[4].DefaultValue: \"c\" is not among EnumValues",
            "Steps[1].Name: the step has no Name",
            "Steps[2].Name (step \"no good\"): \"no good\" is no step's name; a name has 1 to 64 letters, digits, - or _",
            "Steps[3]: a step is an object, not 7",
            "Steps[0].Arguments.Environment.RATE (step \"Train\"): the pipeline has no parameter \"Rat\"; did you mean \"Rate\"?",
            "Steps[0].Arguments.RoleArn (step \"Train\"): the pipeline has no step \"Trian\"; did you mean \"Train\"?",
            "Steps[0].Arguments.Tags[0].Key (step \"Train\"): \"Step.Train.X\" begins with \"Step\", which is not known; did you mean \"Steps\"?",
            "Steps[0].Arguments.Tags[1].Std:Join.Values[0] (step \"Train\"): an object of 0 members can't become text; a Join takes texts, numbers, booleans and expressions of them",
            "Steps[0].Arguments.ImageUri (step \"Train\"): the function \"Std:Joni\" is not known; there are Std:Join and Std:JsonGet",
            "Steps[0].Arguments.Id (step \"Train\"): an execution has no \"PipelineExecutionID\"; did you mean \"PipelineExecutionId\"?",
        ],
    );
}

/// The first of two steps, with these members and one mistake.
#[track_caller]
fn refused_step(members: &Value, expected: &str) {
    let mut step = json!({"Name": "A", "Type": "Processing"});
    step.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let other = json!({"Name": "B", "Type": "Training", "Arguments": {"X": 1}});
    refused(&json!({"Steps": [step, other]}), &[&format!("Steps[0]{expected}")]);
}

#[test]
fn mistakes_of_steps() {
    for (members, expected) in [
        (json!({"DependsOn": "B"}), ".DependsOn (step \"A\"): a list is expected, not \"B\""),
        (json!({"DependsOn": [3]}), ".DependsOn[0] (step \"A\"): a step's name is expected, not 3"),
        (json!({"DependsOn": [{"Trigger": "Any"}]}), ".DependsOn[0].Step (step \"A\"): it names no step"),
        (json!({"DependsOn": ["C"]}), ".DependsOn[0] (step \"A\"): the pipeline has no step \"C\""),
        (
            json!({"DependsOn": [{"Step": "B", "Trigger": "Succeeded"}]}),
            ".DependsOn[0].Trigger (step \"A\"): \"Succeeded\" is no trigger; it is one of Completed, Failed, Stopped, Any",
        ),
        (
            json!({"DependsOn": ["B", {"Step": "B", "Trigger": "Any"}]}),
            ".DependsOn[1] (step \"A\"): it depends on \"B\" by Any and by Completed; keep one: Any is for every end",
        ),
        (
            json!({"DependsOn": ["A"]}),
            " (step \"A\"): steps wait for each other: A → A; take one of the references or DependsOn away",
        ),
        (json!({"RetryPolicies": [1]}), ".RetryPolicies[0] (step \"A\"): a retry policy is an object, not 1"),
        (
            json!({"RetryPolicies": [{"ExceptionType": ["x"], "MaxAttempts": 21}]}),
            ".RetryPolicies[0].MaxAttempts (step \"A\"): 21 is out of range: 1 to 20",
        ),
        (
            json!({"RetryPolicies": [{"ExceptionType": ["x"], "MaxAttempts": 1.5}]}),
            ".RetryPolicies[0].MaxAttempts (step \"A\"): a whole number is expected",
        ),
        (
            json!({"RetryPolicies": [{"ExceptionType": ["x"], "ExpireAfterMin": 14401}]}),
            ".RetryPolicies[0].ExpireAfterMin (step \"A\"): 14401 is out of range: 0 to 14400",
        ),
        (
            json!({"RetryPolicies": [{"ExceptionType": ["x"]}]}),
            ".RetryPolicies[0] (step \"A\"): a policy has either MaxAttempts or ExpireAfterMin; it has neither",
        ),
        (
            json!({"RetryPolicies": [{"ExceptionType": ["x"], "MaxAttempts": 1, "IntervalSeconds": -1}]}),
            ".RetryPolicies[0].IntervalSeconds (step \"A\"): -1 is out of range: 0 to 864000",
        ),
        (
            json!({"RetryPolicies": [{"MaxAttempts": 1}]}),
            ".RetryPolicies[0] (step \"A\"): the policy is for no exception; write \"ExceptionType\": [\"Step.SERVICE_FAULT\"]",
        ),
        (
            json!({"CacheConfig": {"Enabled": "yes"}}),
            ".CacheConfig.Enabled (step \"A\"): true or false is expected, not \"yes\"",
        ),
        (
            json!({"CacheConfig": {"Enabled": true, "ExpireAfter": "soon"}}),
            ".CacheConfig.ExpireAfter (step \"A\"): \"soon\" is no duration; write an ISO 8601 duration such as P30D or PT12H, or a short one such as 30d",
        ),
        (
            json!({"CacheConfig": {"ExpireAfter": "-P1D"}}),
            ".CacheConfig.ExpireAfter (step \"A\"): \"-P1D\" is no duration; write an ISO 8601 duration such as P30D or PT12H, or a short one such as 30d",
        ),
        (json!({"Arguments": []}), ".Arguments (step \"A\"): an object is expected, not a list of 0"),
        (json!({"Name": 1}), ".Name: a text is expected, not 1"),
    ] {
        refused_step(&members, expected);
    }
}

#[test]
fn mistakes_of_expressions() {
    for (members, expected) in [
        (
            json!({"Arguments": {"x": {"Get": "Steps.A.X"}}}),
            ".Arguments.x (step \"A\"): the step reads its own results",
        ),
        (
            json!({"Arguments": {"x": {"Get": "Steps.B"}}}),
            ".Arguments.x (step \"A\"): \"Steps.B\" names no property of the step",
        ),
        (
            json!({"Arguments": {"x": {"Get": "Steps.B.a..b"}}}),
            ".Arguments.x (step \"A\"): the path \"a..b\" is none: a name in it is empty",
        ),
        (json!({"Arguments": {"x": {"Get": 5}}}), ".Arguments.x.Get (step \"A\"): a text is expected, not 5"),
        (
            json!({"Arguments": {"x": {"Std:Join": {"Values": []}, "y": 1}}}),
            ".Arguments.x (step \"A\"): \"Std:Join\" stands beside other members; an expression is an object of one member",
        ),
        (
            json!({"Arguments": {"x": {"Std:JsonGet": {"Path": "a"}}}}),
            ".Arguments.x.Std:JsonGet (step \"A\"): it reads either a PropertyFile or an S3Uri",
        ),
        (
            json!({"Arguments": {"x": {"Std:JsonGet": {"S3Uri": "s3://b/k", "Path": ""}}}}),
            ".Arguments.x.Std:JsonGet.Path (step \"A\"): the path is empty; name a place in the document, such as metrics.mse.value",
        ),
        (
            json!({"Arguments": {"x": {"Std:JsonGet": {"S3Uri": "s3://b/k", "Path": {"Get": "Parameters.P"}}}}}),
            ".Arguments.x.Std:JsonGet.Path (step \"A\"): a text is expected, not an object of 1 members; SageMaker evaluates no expression here",
        ),
        (
            json!({"Arguments": {"x": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.B.PropertyFiles.R"}, "Path": "a"}}}}),
            ".Arguments.x.Std:JsonGet.PropertyFile (step \"A\"): step \"B\" declares no property file \"R\"; declare it in PropertyFiles of step \"B\", with its OutputName and FilePath",
        ),
        (
            json!({"Arguments": {"x": {"Get": "ForEach.CurrentItem.a"}}}),
            ".Arguments.x (step \"A\"): ForEach.CurrentItem is known in a loop's body alone",
        ),
        (
            json!({"PropertyFiles": [{"PropertyFileName": "R", "OutputName": "o", "FilePath": "../../secret"}],
                "Arguments": {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "o"}]}}}),
            ".PropertyFiles[0].FilePath (step \"A\"): \"../../secret\" leaves the output; write a path below the output, such as evaluation.json",
        ),
        (
            json!({"PropertyFiles": [{"PropertyFileName": "R", "OutputName": "evalution", "FilePath": "e.json"}],
                "Arguments": {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "evaluation"}]}}}),
            ".PropertyFiles[0].OutputName (step \"A\"): the step has no output \"evalution\"; did you mean \"evaluation\"?",
        ),
    ] {
        refused_step(&members, expected);
    }
}
