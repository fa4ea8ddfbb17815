use super::*;

fn plan() -> Plan {
    Plan {
        split: Split::Line,
        strategy: Strategy::MultiRecord,
        assemble: Assemble::Line,
        payload: Some(1 << 20),
        input: Form::Csv,
        output: Form::Csv,
        input_filter: Filter::default(),
        output_filter: Filter::default(),
        joins: false,
    }
}

fn filter(text: &str) -> Filter {
    Filter::parse(text).unwrap()
}

#[track_caller]
fn bodies(plan: &Plan, content: &str, expected: &[&str]) {
    let batches = plan.batches(content.as_bytes()).unwrap();
    let found: Vec<_> = batches.iter().map(|batch| std::str::from_utf8(&batch.body).unwrap()).collect();
    assert_eq!(found, expected);
}

#[test]
fn requests() {
    let whole = Plan { split: Split::None, ..plan() };
    let single = Plan { strategy: Strategy::SingleRecord, ..plan() };
    bodies(&whole, "", &[]);
    bodies(&whole, "1,2\n3,4", &["1,2\n3,4"]);
    bodies(&plan(), "", &[]);
    bodies(&plan(), "\n\r\n", &[]);
    bodies(&plan(), "1,2\r\n3,4", &["1,2\n3,4\n"]);
    bodies(&single, "1,2\n\n3,4\n", &["1,2\n", "3,4\n"]);
    bodies(&Plan { payload: Some(8), ..plan() }, "1,2\n3,4\n5,6\n", &["1,2\n3,4\n", "5,6\n"]);
    bodies(&Plan { payload: None, ..plan() }, "1\n2\n", &["1\n2\n"]);
    bodies(&Plan { input_filter: filter("$[1:]"), ..plan() }, "a,1,\"x,y\"\nb,2,3", &["1,\"x,y\"\n2,3\n"]);
    bodies(&Plan { input_filter: filter("$[0]"), ..whole.clone() }, "a,1\nb,2\n", &["a\nb\n"]);
    let lines = Plan { input: Form::JsonLines, input_filter: filter("$.x"), ..plan() };
    bodies(&lines, "{\"x\": [1, 2], \"y\": 1}\n{\"x\": 3}", &["[1,2]\n3\n"]);
    let json = Plan { input: Form::Json, input_filter: filter("$.x"), ..whole };
    bodies(&json, "{\"x\":\n[1]}", &["[1]"]);
}

#[test]
fn requests_that_can_not_be_made() {
    #[track_caller]
    fn check(plan: &Plan, content: &str, expected: &str) {
        let error = plan.batches(content.as_bytes()).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let small = Plan { payload: Some(4), ..plan() };
    check(&small, "1\n1,2,3\n", "line 2: 6 bytes are more than MaxPayloadInMB allows (4 bytes): raise");
    check(&Plan { split: Split::None, ..small }, "1\n1,2,3\n", "8 bytes are more than MaxPayloadInMB");
    check(
        &Plan { input_filter: filter("$[3]"), ..plan() },
        "1,2",
        "line 1: InputFilter: there is no element 3 of 2",
    );
    let lines = Plan { input: Form::JsonLines, input_filter: filter("$.x"), ..plan() };
    check(&lines, "{\"x\": 1}\n{", "line 2: it is no JSON");
}

#[track_caller]
fn assembled(plan: &Plan, content: &str, answer: &str, expected: Result<&str, &str>) {
    let batches = plan.batches(content.as_bytes()).unwrap();
    let found = plan.assembled(content.as_bytes(), &batches[0], answer.as_bytes());
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(String::from_utf8(found).unwrap(), expected),
        (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
        (found, _) => panic!("{found:?}"),
    }
}

#[test]
fn answers() {
    let none = Plan { assemble: Assemble::None, ..plan() };
    assembled(&plan(), "1\n2\n", "a\nb", Ok("a\nb\n"));
    assembled(&plan(), "1\n2\n", "", Ok(""));
    assembled(&none, "1\n2\n", "a\nb", Ok("a\nb"));
    let joins = Plan { joins: true, ..plan() };
    assembled(&joins, "1,2\n3,4\n", "a\nb,c\n", Ok("1,2,a\n3,4,b,c\n"));
    assembled(&joins, "1,2\n3,4\n", "a", Err("2 records went in and 1 record came out"));
    assembled(&Plan { output_filter: filter("$[0,-1]"), ..joins.clone() }, "1,2\n", "a", Ok("1,a\n"));
    assembled(&Plan { output_filter: filter("$[0]"), ..plan() }, "1,2\n", "a,b\nc,d", Ok("a\nc\n"));
    assembled(
        &Plan { output_filter: filter("$[7]"), ..plan() },
        "1\n",
        "a",
        Err("OutputFilter: there is no element 7"),
    );
    let whole = Plan { split: Split::None, ..joins };
    assembled(&whole, "1,2\n3,4", "a\nb\n", Ok("1,2,a\n3,4,b\n"));

    let json = Plan { joins: true, input: Form::JsonLines, output: Form::JsonLines, ..plan() };
    assembled(
        &json,
        "{\"x\":1}\n[2]\n",
        "7\n{\"p\":8}\n",
        Ok("{\"x\":1,\"SageMakerOutput\":7}\n{\"SageMakerInput\":[2],\"SageMakerOutput\":{\"p\":8}}\n"),
    );
    let chosen = Plan { output_filter: filter("$['x','SageMakerOutput']"), ..json };
    assembled(&chosen, "{\"y\":0,\"x\":1}", "7", Ok("{\"x\":1,\"SageMakerOutput\":7}\n"));
    let document = Plan {
        split: Split::None,
        input: Form::Json,
        output: Form::Json,
        assemble: Assemble::None,
        joins: true,
        ..plan()
    };
    assembled(&document, "{\n\"x\":1}", "{\n\"p\": 2}", Ok("{\"x\":1,\"SageMakerOutput\":{\"p\":2}}"));
}

#[test]
fn forms_that_do_not_go_together() {
    #[track_caller]
    fn check(plan: &Plan, expected: Option<&str>) {
        let problem = plan.problem();
        assert_eq!(problem.as_deref().map(|text| text.split(" needs").next().unwrap()), expected);
    }
    check(&plan(), None);
    check(&Plan { joins: true, ..plan() }, None);
    check(&Plan { joins: true, output: Form::Json, ..plan() }, Some("JoinSource Input"));
    check(&Plan { joins: true, input: Form::JsonLines, output: Form::Json, ..plan() }, None);
    check(&Plan { input: Form::Other, ..plan() }, None);
    check(&Plan { input: Form::Other, input_filter: filter("$[0]"), ..plan() }, Some("InputFilter"));
    check(&Plan { output: Form::Other, output_filter: filter("$[0]"), ..plan() }, Some("OutputFilter"));
    assert_eq!(Form::of("Text/CSV; charset=utf-8"), Form::Csv);
}
