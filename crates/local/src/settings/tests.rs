use pretty::check;
use proptest::prelude::*;
use serde_json::json;

use super::{Settings, StandIn};

mod pretty {
    use super::Settings;

    /// The mistakes of a text, without the file's name.
    pub(super) fn check(text: &str, expected: &[&str]) {
        let problems = match Settings::read(text, "run.toml") {
            Ok(_) => Vec::new(),
            Err(error) => error.0,
        };
        let problems: Vec<_> =
            problems.iter().map(|line| line.strip_prefix("run.toml:").unwrap_or(line)).collect();
        assert_eq!(problems, expected, "{text}");
    }
}

#[test]
fn everything_there_is() {
    let settings = Settings::read(
        r#"
        [parameters]
        MseThreshold = 6.5
        Count = 0x10
        Name = "a"
        Fast = true

        [[seed]]
        run = ["python3", "make_data.py"]
        to = "s3://bucket/a/b.csv"

        [steps.Notify]
        output = { sent = true, how = { many = [1, 2.5] } }
        [steps."Other one"]
        lambda = "handlers/notify.py:handler"
        [types.Callback]
        run = ["python3", "check.py"]
        [images."sagemaker-xgboost"]
        train = ["a"]
        serve = ["b", "c"]
        "#,
        "run.toml",
    )
    .unwrap();
    assert_eq!(
        json!(settings.parameters),
        json!({"Count": 16, "Fast": true, "MseThreshold": 6.5, "Name": "a"})
    );
    assert_eq!(settings.seeds[0].run, ["python3", "make_data.py"]);
    assert_eq!(settings.seeds[0].to.to_string(), "s3://bucket/a/b.csv");
    let StandIn::Output(output) = &settings.steps["Notify"] else { panic!("{settings:?}") };
    assert_eq!(json!(output), json!({"sent": true, "how": {"many": [1, 2.5]}}));
    let lambda = StandIn::Lambda { file: "handlers/notify.py".into(), function: "handler".into() };
    assert_eq!(settings.steps["Other one"], lambda);
    assert_eq!(settings.types["Callback"], StandIn::Run(vec!["python3".into(), "check.py".into()]));
    let image = &settings.images["sagemaker-xgboost"];
    assert_eq!(image.serve.as_deref(), Some(&["b".to_owned(), "c".to_owned()][..]));
    assert_eq!(image.entrypoint, None);
}

#[test]
fn mistakes() {
    check("", &[]);
    check("[parameters", &["1:12: unclosed table, expected `]`"]);
    check("[step.A]\n", &["1:2: unknown key `step`: there are parameters, seed, steps, types and images"]);
    check("parameters = 3", &["1:14: [parameters] must be a table, not a number"]);
    check(
        "[parameters]\na = [1]\nb = 99999999999999999999",
        &[
            "2:5: parameter `a` must be a text, a number or a boolean, not a list",
            "3:5: this whole number is beyond 64 bits",
        ],
    );
    check("[parameters]\na = inf", &["2:5: JSON has no such number"]);
    check("[seed]\n", &["1:1: seed must be a list of tables: write [[seed]]"]);
    check(
        "[[seed]]\nrun = []\nto = \"s3://bucket/\"\nas = 1\n[[seed]]\nrun = [\"a\", 1]",
        &[
            "2:7: run must be a program and its arguments: [\"python3\", \"FILE.py\"]",
            "3:6: to must be an object: s3://BUCKET/KEY",
            "4:1: unknown key `as`: a seed has run and to",
            "5:1: this seed lacks to = \"s3://BUCKET/KEY\"",
            "6:13: each part of run must be a text, not a number",
        ],
    );
    let one_of = "output = { … }, lambda = \"FILE.py:FUNCTION\" or run = [\"PROGRAM\", …]";
    check(
        "[steps]\nA = {}\nB = { output = {}, run = [\"a\"] }\nC = { outputs = {} }",
        &[
            &format!("2:5: [steps.A] has 0 of these, and needs one: {one_of}"),
            &format!("3:5: [steps.B] has 2 of these, and needs one: {one_of}"),
            &format!("4:5: [steps.C] has 0 of these, and needs one: {one_of}"),
            &format!("4:7: unknown key `outputs`: [steps.C] has one of {one_of}"),
        ],
    );
    for wrong in ["a.py", "a.sh:f", "../a.py:f", "/a.py:f", "a.py:f()", "a.py:"] {
        check(
            &format!("[types.Lambda]\nlambda = \"{wrong}\""),
            &[&format!("2:10: lambda must be FILE.py:FUNCTION, a file below local/, not {wrong:?}")],
        );
    }
    check("[types.Lambda]\noutput = [1]", &["2:10: output of [types.Lambda] must be a table, not a list"]);
    check(
        "[images.\"a\"]\n[images.b]\nrun = []\nserve = \"x\"",
        &[
            "1:1: [images.\"a\"] is empty: it has entrypoint, train or serve",
            "3:1: unknown key `run`: [images.\"b\"] has entrypoint, train and serve",
            "4:9: serve must be a program and its arguments: [\"python3\", \"FILE.py\"]",
        ],
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(\\[\\[?|\\]\\]?|steps|types|images|seed|\\.a|=|\"x\"|\\{|\\}|,|\n|run|to|output|lambda|9|é){0,24}") {
        let _ = Settings::read(&text, "run.toml");
    }
}
