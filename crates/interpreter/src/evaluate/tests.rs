//! Every form of expression, with its value or with what is said.

use serde_json::json;

use super::*;

mod run;

use run::run;

#[track_caller]
fn check(expression: &Value, expected: &Value) {
    assert_eq!(evaluate(expression, &run()).as_ref(), Ok(expected), "{expression}");
}

#[track_caller]
fn fails(expression: &Value, expected: &str) {
    let error = evaluate(expression, &run()).unwrap_err();
    assert_eq!(error.to_string(), expected, "{expression}");
}

#[test]
fn get() {
    for (text, expected) in [
        ("Parameters.S", json!("text")),
        ("Parameters.I", json!(5)),
        ("Execution.PipelineName", json!("abalone")),
        ("Execution.StartDateTime", json!("2024-05-06T07:08:09.123Z")),
        ("PipelineExperimentConfig.ExperimentName", json!("abalone")),
        ("Steps.Train-1.TrainingJobName", json!("job")),
        ("Steps.Train-1.ModelArtifacts.S3ModelArtifacts", json!("s3://data/model.tar.gz")),
        ("Steps.Train-1.ModelArtifacts['S3ModelArtifacts']", json!("s3://data/model.tar.gz")),
        ("Steps.Train-1.FinalMetricDataList['val:acc'].Value", json!(0.9)),
        ("Steps.Train-1.FinalMetricDataList[\"val:acc\"].Value", json!(0.9)),
        ("Steps.Train-1.FinalMetricDataList['it's'].Value", json!(0.1)),
        ("Steps.Train-1.FinalMetricDataList[1].Value", json!(0.1)),
        ("Steps.Train-1.TrainingJobSummaries[0].TrainingJobName", json!("one")),
        ("Steps.Train-1.ProductionVariants['m'].VariantName", json!("v")),
        ("Steps.Train-1.ProductionVariants['w'].ModelName", json!("v")),
        ("Steps.Train-1.Tags['team'].Value", json!("blue")),
        ("Steps.Train-1.OutputParameters['n']", json!(3)),
        ("Steps.Train-1.OutputParameters.n", json!(3)),
        ("Steps.Train-1.OutputParameters['a.b']", json!("dotted")),
        ("Steps.Train-1.Document.a.b[1]", json!(20)),
        ("Steps.Train-1.Nothing", json!(null)),
        ("Steps.Train-1['TrainingJobName']", json!("job")),
        ("Steps.Prepare.ProcessingJobStatus", json!("Completed")),
        ("Steps.Prepare.AppSpecification.ContainerEntrypoint[0]", json!("python3")),
        ("Steps.Prepare.Environment['K']", json!("V")),
        ("Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri", json!("s3://data/train")),
        ("IterationOutput.Train-1.OutputParameters['n']", json!(3)),
        ("ChildOutput.Train-1.TrainingJobName", json!("job")),
        ("ForEach.CurrentItem.name", json!("x")),
        ("ForEach.CurrentItem.deep.list[1]", json!(2)),
        ("ForEach.CurrentItem['deep']['list'][0]", json!(1)),
        ("ForEach.CurrentItem", json!("{\"name\": \"x\", \"deep\": {\"list\": [1, 2]}}")),
    ] {
        check(&json!({"Get": text}), &expected);
    }
}

#[test]
fn get_of_nothing() {
    for (text, expected) in [
        ("Parameters.X", "Parameters.X: the pipeline has no parameter of that name"),
        ("Parameters", "\"Parameters\" names no parameter: write Parameters.PARAMETER"),
        ("Execution.TrainingJobName", "Execution.TrainingJobName: the execution has no such variable here"),
        (
            "PipelineExperimentConfig.TrialName",
            "PipelineExperimentConfig.TrialName: the definition's PipelineExperimentConfig has no such member",
        ),
        ("Steps.Gone.X", "Steps.Gone.X: step \"Gone\" has no results: it did not run"),
        (
            "Steps.Train-1.ModelArtifact.X",
            "Steps.Train-1.ModelArtifact.X: step \"Train-1\": there is no \"ModelArtifact\"; did you mean \"ModelArtifacts\"?",
        ),
        (
            "Steps.Train-1.ModelArtifacts.Xyz",
            "Steps.Train-1.ModelArtifacts.Xyz: step \"Train-1\": in ModelArtifacts: there is no \"Xyz\" among S3ModelArtifacts",
        ),
        (
            "Steps.Train-1.TrainingJobSummaries[2].X",
            "Steps.Train-1.TrainingJobSummaries[2].X: step \"Train-1\": in TrainingJobSummaries: there is no item [2] in a list of 2",
        ),
        (
            "Steps.Train-1.TrainingJobSummaries.TrainingJobName",
            "Steps.Train-1.TrainingJobSummaries.TrainingJobName: step \"Train-1\": in TrainingJobSummaries: a list of 2 stands where \"TrainingJobName\" is looked for: name an item by [0] or ['name']",
        ),
        (
            "Steps.Prepare.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri",
            "Steps.Prepare.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri: step \"Prepare\": in ProcessingOutputConfig.Outputs: no item of the list is named \"test\" among train, evaluation",
        ),
        (
            "Steps.Train-1.TrainingJobName.X",
            "Steps.Train-1.TrainingJobName.X: step \"Train-1\": in TrainingJobName: \"job\" is a text and has no members",
        ),
        (
            "Steps.Train-1.OutputParameters['n'].x",
            "Steps.Train-1.OutputParameters['n'].x: step \"Train-1\": in OutputParameters['n']: 3 has no members",
        ),
        (
            "Steps.Train-1.a['b",
            "Steps.Train-1.a['b: step \"Train-1\": there is no \"a\" among TrainingJobName, ModelArtifacts, FinalMetricDataList, TrainingJobSummaries, ProductionVariants, Tags, OutputParameters, Document, Nothing",
        ),
        ("Steps.", "\"Steps.\" names no step"),
        ("Steps.Train-1", "\"Steps.Train-1\" names no property of the step"),
        (
            "Foo.Bar",
            "\"Foo.Bar\" begins with \"Foo\", which is not known; it begins with one of Parameters, Execution, Steps, PipelineExperimentConfig, ForEach, IterationOutput",
        ),
        ("ForEach.Item", "\"ForEach.Item\" is not known: a loop's body has ForEach.CurrentItem"),
        (
            "ForEach.CurrentItems",
            "\"ForEach.CurrentItems\" is not known: a loop's body has ForEach.CurrentItem",
        ),
        ("ForEach.CurrentItem.deep.x", "ForEach.CurrentItem.deep.x: in deep: there is no \"x\" among list"),
        (
            "",
            "\"\" begins with \"\", which is not known; it begins with one of Parameters, Execution, Steps, PipelineExperimentConfig, ForEach, IterationOutput",
        ),
    ] {
        fails(&json!({"Get": text}), expected);
    }
}

#[test]
fn join() {
    let get = |text: &str| json!({"Get": text});
    for (on, values, expected) in [
        ("/", json!(["s3:/", get("Parameters.S"), "x"]), "s3://text/x"),
        ("", json!([get("Parameters.I")]), "5"),
        (
            "-",
            json!([get("Parameters.F"), get("Parameters.B"), get("Parameters.Small"), 7, 0.5, false]),
            "1.0-true-1e-7-7-0.5-false",
        ),
        (", ", json!([]), ""),
        (
            "-",
            json!([{"Std:Join": {"On": "+", "Values": ["a", get("Execution.PipelineName")]}}, "b"]),
            "a+abalone-b",
        ),
        (
            "",
            json!(["mse=", {"Std:JsonGet": {
                "PropertyFile": {"Get": "Steps.Prepare.PropertyFiles.Report"}, "Path": "metrics.mse.value"}}]),
            "mse=6.25",
        ),
    ] {
        check(&json!({"Std:Join": {"On": on, "Values": values}}), &json!(expected));
    }
    check(&json!({"Std:Join": {"Values": ["a", "b"]}}), &json!("ab"));
    for (join, expected) in [
        (
            json!({"On": "", "Values": ["a", get("Steps.Prepare.AppSpecification")]}),
            "Std:Join.Values[1]: an object of 2 members can't become text: a Join takes texts, numbers and booleans",
        ),
        (
            json!({"On": "", "Values": [get("Steps.Prepare.AppSpecification.ContainerEntrypoint")]}),
            "Std:Join.Values[0]: a list of 2 can't become text: a Join takes texts, numbers and booleans",
        ),
        (
            json!({"On": "", "Values": [get("Steps.Train-1.Nothing")]}),
            "Std:Join.Values[0]: null can't become text: a Join takes texts, numbers and booleans",
        ),
        (json!({"On": 1, "Values": []}), "Std:Join.On: a text is expected, not 1"),
        (json!({"On": ""}), "Std:Join.Values: a list is expected, not nothing"),
        (json!({"Values": [], "Sep": ""}), "Std:Join: \"Sep\" is not known here: On, Values are"),
        (json!("a"), "Std:Join: an object is expected, not \"a\""),
    ] {
        fails(&json!({"Std:Join": join}), expected);
    }
}

#[test]
fn json_get() {
    let report = |path: &str| json!({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prepare.PropertyFiles.Report"}, "Path": path}});
    for (path, expected) in [
        ("metrics.mse.value", json!(6.25)),
        ("$.metrics.mse.value", json!(6.25)),
        ("$['metrics']['mse'].value", json!(6.25)),
        ("metrics[\"mse\"][\"value\"]", json!(6.25)),
        ("metrics.list[0]", json!(1)),
        ("metrics.list[1][-1]", json!(3)),
        ("metrics.list", json!([1, [2, 3]])),
        ("metrics['a.b']['c d']", json!("x")),
    ] {
        check(&report(path), &expected);
    }
    for (path, expected) in [
        (
            "metrics.rmse",
            "\"metrics.rmse\" leads nowhere in s3://data/evaluation/report.json: in metrics: there is no \"rmse\"; did you mean \"mse\"?",
        ),
        (
            "$.metrics[0]",
            "\"$.metrics[0]\" leads nowhere in s3://data/evaluation/report.json: in $.metrics: an object of 4 members is no list: it has no item [0]",
        ),
        (
            "metrics.list[9]",
            "\"metrics.list[9]\" leads nowhere in s3://data/evaluation/report.json: in metrics.list: there is no item [9] in a list of 2",
        ),
        (
            "metrics.list[-3]",
            "\"metrics.list[-3]\" leads nowhere in s3://data/evaluation/report.json: in metrics.list: there is no item [-3] in a list of 2",
        ),
        (
            "metrics.*",
            "\"metrics.*\" leads nowhere in s3://data/evaluation/report.json: in metrics: it has a wildcard: it leads to one value",
        ),
        (
            "metrics..mse",
            "\"metrics..mse\" leads nowhere in s3://data/evaluation/report.json: in metrics: a name in it is empty",
        ),
        (
            "metrics.list[x]",
            "\"metrics.list[x]\" leads nowhere in s3://data/evaluation/report.json: in metrics.list: [x] is neither an index such as [0] nor a key such as ['name']",
        ),
    ] {
        fails(&report(path), expected);
    }
    let at = |uri: Value| json!({"Std:JsonGet": {"S3Uri": uri, "Path": "[0]"}});
    check(&at(json!("s3://data/bom.json")), &json!(7));
    check(&at(json!({"Std:Join": {"On": "/", "Values": ["s3:/", "data", "bom.json"]}})), &json!(7));
    for (uri, expected) in [
        (json!("data/bom.json"), "Std:JsonGet.S3Uri: \"data/bom.json\" is no s3://BUCKET/KEY"),
        (json!({"Get": "Parameters.I"}), "Std:JsonGet.S3Uri: 5 is no s3://BUCKET/KEY"),
        (json!("s3://data/gone.json"), "s3://data/gone.json can't be read: there is no such object"),
        (
            json!("s3://data/empty.json"),
            "s3://data/empty.json is no JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            json!("s3://data/nan.json"),
            "s3://data/nan.json is no JSON: expected value at line 1 column 9; Python's json.dumps writes NaN and Infinity, which JSON doesn't have: write null or a number",
        ),
    ] {
        fails(&at(uri), expected);
    }
    for (file, expected) in [
        (
            "Steps.Prepare.PropertyFiles.Reports",
            "Std:JsonGet.PropertyFile: step \"Prepare\" declares no property file \"Reports\"",
        ),
        (
            "Steps.Prepare.Report",
            "Std:JsonGet.PropertyFile: an object of 1 members names no property file; write {\"Get\": \"Steps.STEP.PropertyFiles.FILE\"}",
        ),
    ] {
        fails(&json!({"Std:JsonGet": {"PropertyFile": {"Get": file}, "Path": "a"}}), expected);
    }
}

#[test]
fn expressions_stand_anywhere() {
    check(
        &json!({"Get": "a", "Other": 1, "List": [{"Get": "Parameters.I"}, "{\"Get\": \"Parameters.S\"}", null]}),
        &json!({"Get": "a", "Other": 1, "List": [5, "{\"Get\": \"Parameters.S\"}", null]}),
    );
    fails(
        &json!({"ContainerArguments": ["--x", {"Get": "Parameters.X"}]}),
        "ContainerArguments[1]: Parameters.X: the pipeline has no parameter of that name",
    );
    fails(
        &json!({"a": {"Std:Foo": 1}}),
        "a: the function \"Std:Foo\" is not known; there are Std:Join and Std:JsonGet",
    );
}

#[test]
fn items_of_loops() {
    let run = run();
    for (iterable, expected) in [
        (json!(["a", {"Get": "Parameters.I"}]), Ok(vec![json!("a"), json!(5)])),
        (json!({"Get": "Parameters.List"}), Ok(vec![json!("a"), json!({"b": 1})])),
        (json!("[]"), Ok(Vec::new())),
        (
            json!({"Get": "Parameters.S"}),
            Err("a loop goes over a list, or a text that holds a JSON list, not over \"text\"".to_owned()),
        ),
        (json!(5), Err("a loop goes over a list, or a text that holds a JSON list, not over 5".to_owned())),
    ] {
        let items = items(&iterable, &run).map_err(|error| error.to_string());
        assert_eq!(items, expected, "{iterable}");
    }
}

#[test]
fn conditions_hold_or_not() {
    let get = |text: &str| json!({"Get": text});
    let compare =
        |kind: &str, left: Value, right: Value| json!({"Type": kind, "LeftValue": left, "RightValue": right});
    let mse = json!({"Std:JsonGet": {
        "PropertyFile": {"Get": "Steps.Prepare.PropertyFiles.Report"}, "Path": "metrics.mse.value"}});
    let yes = compare("Equals", json!(1), json!(1));
    let no = compare("Equals", json!(1), json!(2));
    let broken = compare("Equals", json!("a"), json!(2));
    let odds =
        "Equals can't compare \"a\" with 2: a text and a number are of different kinds, or have no order";
    for (list, expected) in [
        (json!([]), Ok(true)),
        (json!([yes, yes]), Ok(true)),
        (json!([yes, no]), Ok(false)),
        (json!([no, broken]), Ok(false)),
        (json!([yes, broken]), Err(format!("[1]: {odds}"))),
        (json!([compare("LessThanOrEqualTo", mse.clone(), json!(6.25))]), Ok(true)),
        (json!([compare("LessThan", mse.clone(), json!(6.25))]), Ok(false)),
        (json!([compare("GreaterThan", mse.clone(), get("Parameters.I"))]), Ok(true)),
        (json!([compare("GreaterThanOrEqualTo", json!("7"), mse)]), Ok(true)),
        (json!([compare("GreaterThan", get("Execution.StartDateTime"), json!("2020-01-01T00:00:00Z"))]), Ok(true)),
        (json!([{"Type": "In", "QueryValue": get("Parameters.S"), "Values": ["a", get("Parameters.S")]}]), Ok(true)),
        (json!([{"Type": "In", "QueryValue": 5, "Values": ["a", 5.0]}]), Ok(true)),
        (json!([{"Type": "In", "QueryValue": 5, "Values": []}]), Ok(false)),
        (
            json!([{"Type": "In", "QueryValue": 2, "Values": ["a", 5]}]),
            Err("[0].Values[0]: Equals can't compare 2 with \"a\": a number and a text are of different kinds, or have no order".to_owned()),
        ),
        (json!([{"Type": "Not", "Condition": no}]), Ok(true)),
        (json!([{"Type": "Not", "Condition": {"Type": "Not", "Condition": no}}]), Ok(false)),
        (json!([{"Type": "Or", "Conditions": []}]), Ok(false)),
        (json!([{"Type": "Or", "Conditions": [no, yes]}]), Ok(true)),
        (json!([{"Type": "Or", "Conditions": [no, {"Type": "Not", "Condition": broken}]}]), Err(format!("[0].Conditions[1].Condition: {odds}"))),
        (
            json!([compare("Equals", get("Parameters.X"), json!(1))]),
            Err("[0].LeftValue: Parameters.X: the pipeline has no parameter of that name".to_owned()),
        ),
        (json!([{"Type": "Equals", "LeftValue": 1}]), Err("[0]: the condition has no RightValue".to_owned())),
        (
            json!([{"Type": "And"}]),
            Err("[0]: the condition \"And\" is not known: there are Equals, GreaterThan, GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, In, Not, Or".to_owned()),
        ),
        (json!([5]), Err("[0]: a condition is an object, not 5".to_owned())),
        (json!({}), Err("a list is expected, not an object of 0 members".to_owned())),
    ] {
        let holds = conditions(&list, &run()).map_err(|error| error.to_string());
        assert_eq!(holds, expected, "{list}");
    }
}

#[test]
fn one_document_is_read_once() {
    let value = |path: &str| {
        let file = json!({"Get": "Steps.Prepare.PropertyFiles.Report"});
        json!({"Type": "Equals", "LeftValue": 1, "RightValue": {"Std:JsonGet": {"PropertyFile": file, "Path": path}}})
    };
    let run = run();
    let all = json!([{"Type": "Or", "Conditions": [value("metrics.mse.value"), value("metrics.list[0]")]}]);
    assert_eq!(conditions(&all, &run), Ok(true));
    assert_eq!(run.reads.get(), 1);
}

/// What comes out is bounded, though each step doubles what the one before had.
#[test]
fn values_that_multiply() {
    let mut run = run();
    run.properties.insert("Big", json!({"x": "x".repeat(6 << 20)}));
    let big = json!({"Get": "Steps.Big.x"});
    assert!(evaluate(&json!([big, big]), &run).is_ok());
    let too_large = "what it comes to has more than 16777216 characters";
    let error = evaluate(&json!([big, big, big]), &run).unwrap_err();
    assert_eq!(error.to_string(), format!("[2]: Steps.Big.x: {too_large}"));
    let error = evaluate(&json!({"Std:Join": {"Values": [big, big, big]}}), &run).unwrap_err();
    assert!(error.to_string().ends_with(too_large), "{error}");

    let nested = |depth: usize| (1..depth).fold(json!([]), |inner, _| json!([inner]));
    run.properties.insert("Deep", json!({"x": nested(MOST_DEPTH)}));
    let deep = json!({"Get": "Steps.Deep.x"});
    assert!(evaluate(&deep, &run).is_ok());
    let too_deep = "Steps.Deep.x: lists and objects nest deeper than 120 levels";
    assert_eq!(evaluate(&json!({"a": deep}), &run).unwrap_err().to_string(), format!("a: {too_deep}"));
    assert!(evaluate(&nested(MOST_DEPTH), &run).is_ok());
    assert!(evaluate(&nested(MOST_DEPTH + 1), &run).is_err());
    let nots = |depth: usize| {
        let yes = json!({"Type": "Equals", "LeftValue": 1, "RightValue": 1});
        json!([(0..depth).fold(yes, |inner, _| json!({"Type": "Not", "Condition": inner}))])
    };
    assert_eq!(conditions(&nots(40), &run), Ok(true));
    assert!(conditions(&nots(200), &run).is_err());
}
