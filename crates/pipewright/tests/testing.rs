//! What `pipewright::testing` says of runs, and of slips in tests.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use std::panic::{UnwindSafe, catch_unwind};

use pipewright::prelude::*;
use pipewright::program::Entry;
use pipewright::testing::{self, Pipelines, Scenario, Synthesis, Value, json};

/// Asks, trains for each answer, and decides.
#[derive(Pipeline)]
#[pipeline(name = "asking")]
struct Asking {
    /// How often it may fail.
    #[config(ge = 1, default = 2)]
    retries: u32,
    /// What to begin with.
    #[parameter(choices = ["small", "large"])]
    size: Parameter<String>,
    /// The most that it may cost.
    #[parameter(default = 10)]
    limit: Parameter<i64>,
}

impl Steps for Asking {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let retry = Retry::attempts(self.retries).on(JobException::CapacityError);
        let report = PropertyFile::new("Report", "report", "report.json");
        let measure = p.add(
            "Measure",
            Processing::container()
                .image(image::sklearn("1.2-1"))
                .entrypoint(["measure"])
                .argument(&self.size)
                .instances(1, "ml.m5.large")
                .output("report", "/opt/ml/processing/report")
                .output("plots", "/opt/ml/processing/plots")
                .property_file(report.clone())
                .retry(retry),
        );
        let cost = measure.json_get::<i64>(&report, "cost");
        let ask = json!({
            "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:ask",
            "OutputParameters": [{"OutputName": "approved", "OutputType": "String"}],
        });
        let ask = ask.as_object().cloned().unwrap_or_default();
        let ask = ask.into_iter().fold(Raw::new("Lambda"), |raw, (name, value)| raw.member(name, value));
        p.add("Ask", ask.argument("Size", &self.size).depends_on(&measure));
        p.add(
            "IsCheap",
            ConditionStep::when(cost.less_than(&self.limit)).otherwise(|p| {
                p.add("TooDear", Fail::new(join!("more than ", &self.limit)));
            }),
        );
        Ok(())
    }
}

fn asking() -> Synthesis {
    testing::pipeline::<Asking>().synthesis()
}

fn run() -> Scenario {
    asking().run().parameter("Size", "small")
}

fn report(cost: i64) -> Value {
    json!({"cost": cost})
}

/// The message of the test's failure.
#[track_caller]
fn check_panic<T>(expected: &str, slip: impl FnOnce() -> T + UnwindSafe) {
    let Err(panic) = catch_unwind(slip) else { panic!("no panic: {expected}") };
    let message = panic.downcast_ref::<String>().cloned();
    let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap();
    assert!(message.contains(expected), "expected: {expected}\nis: {message}");
}

#[test]
fn a_retry_policy_is_held_to() {
    let failing = |times| {
        let run =
            run().on("Measure").fails("no capacity").with_exception("SageMaker.CAPACITY_ERROR").times(times);
        run.writes("report.json", report(1)).start()
    };
    let run = failing(2);
    run.assert_succeeded();
    assert_eq!(run.attempts("Measure"), 3);
    let run = failing(3);
    assert_eq!((run.status(), run.attempts("Measure")), ("Failed", 3));
    assert_eq!(run.step_failure("Measure"), "no capacity");
    assert!(run.skipped("Ask"));
    assert_eq!(run.attempts("Ask"), 0);
}

#[test]
fn what_steps_return_is_read_by_others() {
    let run =
        run().on("Measure").writes("Report", report(3)).on("Ask").returns([("approved", "yes")]).start();
    run.assert_succeeded();
    assert_eq!(run.property("Ask", "OutputParameters['approved']"), "yes");
    assert_eq!(run.job("Ask").argument("Size"), "small");
    assert_eq!(run.job("Measure").argument("AppSpecification.ContainerArguments[0]"), "small");
    let records = run.list_steps();
    assert_eq!(records["PipelineExecutionSteps"][0]["StepStatus"], "Succeeded");
    assert_eq!(run.describe()["PipelineExecutionStatus"], "Succeeded");
}

#[test]
fn a_job_that_is_stopped_stops_the_run() {
    let run = run().on("Measure").stops().start();
    assert_eq!((run.status(), run.step_status("Measure")), ("Stopped", Some("Stopped")));
}

#[test]
fn parameters_are_checked_before_anything_runs() {
    let refused = asking().run().refused();
    assert!(refused.len() == 1 && refused[0].contains("Size"), "{refused:?}");
    let refused = asking().run().parameter("Size", "huge").parameter("Limti", 3).refused();
    assert_eq!(refused.len(), 2, "{refused:?}");
    check_panic("asking does not start:\n", || asking().run().start());
    check_panic("asking starts, although", || run().refused());
}

/// What `main!` writes.
fn pipelines() -> Pipelines {
    Pipelines::new(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_NAME"), const { &[Entry::of::<Asking>()] })
}

#[test]
fn a_pipeline_is_synthesised_in_an_environment_of_the_workspace() {
    assert_eq!(pipelines().names(), ["asking"]);
    let image =
        |synthesis: &Synthesis| synthesis.step("Measure").argument("AppSpecification.ImageUri").clone();
    let dev = image(&pipelines().get("asking").synthesis());
    assert!(dev.as_str().unwrap().contains("${AWS::Region}"), "{dev}");
    let test = image(&pipelines().get("asking").env("test").synthesis());
    assert!(test.as_str().unwrap().contains(".eu-west-1."), "{test}");
    check_panic("the program has no pipeline \"askin\": did you mean \"asking\"?", || {
        pipelines().get("askin")
    });
    let unknown = "pipewright.toml has no environment \"tset\": did you mean \"test\"? there are: dev, test";
    check_panic(unknown, || pipelines().get("asking").env("tset"));
}

#[test]
fn a_run_without_an_account_takes_place_somewhere() {
    let run = pipelines().get("asking").synthesis().run().parameter("Size", "large");
    let run = run.on("Measure").writes("report.json", report(1)).start();
    run.assert_succeeded();
    let uri = run.property("Measure", "ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri");
    assert!(uri.as_str().unwrap().starts_with("s3://dsm-sm-data-000000000000-us-east-1/asking/"), "{uri}");
}

#[test]
fn the_graph() {
    let asking = asking();
    assert_eq!(asking.steps(), ["Measure", "Ask", "IsCheap", "TooDear"]);
    assert!(asking.has_edge("Measure", "IsCheap") && !asking.has_edge("Measure", "TooDear"));
    assert!(asking.needs("TooDear", "Measure") && !asking.needs("TooDear", "Ask"));
    assert_eq!(asking.step("IsCheap").parameters(), ["Limit"]);
    assert_eq!(asking.step("Measure").depends_on(), [""; 0]);
    assert_eq!(asking.step("Measure").get("AppSpecification.Nothing"), None);
    assert_eq!(asking.parameter("Limit").default, Some(json!(10)));
    assert_eq!(asking.config("retries"), 2);
}

#[test]
fn slips_are_explained() {
    check_panic("asking has no step \"Measrue\": did you mean \"Measure\"? there are: Measure, Ask", || {
        asking().step("Measrue");
    });
    check_panic("has no step \"measure\": did you mean \"Measure\"?", || run().on("measure"));
    check_panic("\"IsCheap\" starts no job: what a Condition step does follows", || run().on("IsCheap"));
    check_panic(
        "step \"Measure\" writes no \"reprot.json\": its property files are [report.json, Report]; to write into one of its \
         outputs [report, plots], say OUTPUT/reprot.json",
        || run().on("Measure").writes("reprot.json", 1),
    );
    check_panic("step \"Ask\" returns no \"aproved\": did you mean \"approved\"?", || {
        run().on("Ask").returns([("aproved", 1)])
    });
    check_panic(
        "there is no exception \"SageMaker.CAPACITY\": did you mean \"SageMaker.CAPACITY_ERROR\"?",
        || run().on("Ask").fails("x").with_exception("SageMaker.CAPACITY"),
    );
    check_panic("times belongs to a failure: say .fails(\"why\") first", || run().on("Ask").times(2));
    check_panic("\"bucket/key\" is no place in S3", || run().object("bucket/key", 1));
    let dear = || run().on("Measure").writes("report.json", report(11)).start();
    check_panic(
        "the run was expected to succeed:\nasking Failed: more than 10\n  Measure Succeeded\n",
        || dear().assert_succeeded().status(),
    );
    check_panic("step \"TooDear\" started no job", || dear().job("TooDear").name().len());
    check_panic("the run was expected to fail:\nasking Succeeded", || {
        run().on("Measure").writes("report.json", report(1)).start().failure_reason().len()
    });
    check_panic("condition \"IsCheap\" was not decided", || {
        run().on("Measure").fails("x").start().took("IsCheap", true)
    });
    check_panic("Arguments.AppSpecification has no \"ImageUrl\": did you mean \"ImageUri\"?", || {
        asking().step("Measure").argument("AppSpecification.ImageUrl");
    });
    check_panic("asking does not synthesise:\nerror[", || {
        testing::pipeline::<Asking>().set("retries", 0).synthesis()
    });
}
