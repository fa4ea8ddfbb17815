//! What `#[derive(Pipeline)]` makes of a struct, through the facade.

use pipewright::config::{Override, Source, file_schema, load};
use pipewright::prelude::*;

/// Trains a model
/// every night.
#[derive(Pipeline)]
#[pipeline(display_name = "Nightly")]
struct NightlyRetrainPipeline {
    /// How often the data is seen.
    #[config(ge = 1)]
    epochs: u32,
    /// Instance type of the job.
    #[parameter(default = "ml.m5.large", choices = ["ml.m5.large", "ml.m5.xlarge"])]
    instance_type: Parameter<String>,
    #[parameter(name = "N", default = -1)]
    count: Parameter<i64>,
    rate: Parameter<f64>,
    #[parameter(default = true, unused = "asked for by the console")]
    dry_run: Parameter<bool>,
    #[parameter(min_length = 3, max_length = 5)]
    bucket: Parameter<String>,
}

#[derive(Pipeline)]
struct Empty;

/// Each parameter as `name kind default choices lengths description unused`.
fn declared(text: &str, set: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let sources = [Source::new("config.toml", text)];
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    let loaded = load::<NightlyRetrainPipeline>(&sources, Some("prod"), &set);
    let pipeline = loaded.map_err(|problems| problems.to_string())?.value;
    assert_eq!(pipeline.epochs, 3);
    assert_eq!(pipeline.rate.name(), "Rate");
    let parameters = pipeline.parameters();
    Ok(parameters
        .iter()
        .map(|decl| {
            let default = decl.default.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
            format!(
                "{} {:?} {default} {:?} {:?} {:?} {:?} {:?}",
                decl.name,
                decl.kind,
                decl.choices,
                decl.min_length,
                decl.max_length,
                decl.description,
                decl.unused_reason
            )
        })
        .collect())
}

#[test]
fn names_and_descriptions() {
    assert_eq!(NightlyRetrainPipeline::NAME, "nightly-retrain");
    assert_eq!(NightlyRetrainPipeline::DISPLAY_NAME, Some("Nightly"));
    assert_eq!(NightlyRetrainPipeline::DESCRIPTION, "Trains a model every night.");
    assert_eq!((Empty::NAME, Empty::DISPLAY_NAME, Empty::DESCRIPTION), ("empty", None, ""));
    assert!(load::<Empty>(&[], None, &[]).is_ok_and(|loaded| loaded.value.parameters().is_empty()));
}

#[test]
fn parameters_are_declared_in_order() {
    assert_eq!(
        declared("epochs = 3", &[]).unwrap(),
        [
            r#"InstanceType String "ml.m5.large" ["ml.m5.large", "ml.m5.xlarge"] None None "Instance type of the job." None"#,
            r#"N Integer -1 [] None None "" None"#,
            r#"Rate Float none [] None None "" None"#,
            r#"DryRun Boolean true [] None None "" Some("asked for by the console")"#,
            r#"Bucket String none [] Some(3) Some(5) "" None"#,
        ]
    );
}

#[test]
fn an_environment_overrides_their_defaults() {
    let text = "epochs = 3\ncount = 7\n[env.prod]\ninstance_type = 'ml.m5.xlarge'\nrate = 1\n";
    let parameters = declared(text, &[("dry_run", "false"), ("bucket", "1234")]).unwrap();
    let defaults: Vec<_> = parameters.iter().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(defaults, ["\"ml.m5.xlarge\"", "7", "1.0", "false", "\"1234\""]);
}

#[test]
fn an_override_keeps_the_limits() {
    let text = "epochs = 0\ncount = 'x'\ninstance_type = 'ml.m5.xlrge'\nbucket = 'ab'\nInstanceType = 'x'\n";
    assert_eq!(
        declared(text, &[]).unwrap_err(),
        "error: `epochs` must be at least 1, but is 0\n  at config.toml:1:10\n\
         error: `count` must be an integer, not the string \"x\"\n  at config.toml:2:9\n\
         error: `instance_type` must be one of \"ml.m5.large\", \"ml.m5.xlarge\", but is \"ml.m5.xlrge\"\n  \
         at config.toml:3:17\n  help: did you mean \"ml.m5.xlarge\"?\n\
         error: `bucket` must have at least 3 characters, but is \"ab\"\n  at config.toml:4:10\n  help: it has 2 characters\n\
         error: `InstanceType` is not a key of the configuration\n  at config.toml:5:1\n  \
         help: did you mean `instance_type`?"
    );
}

#[test]
fn the_schema_knows_the_overrides() {
    let schema = file_schema::<NightlyRetrainPipeline>();
    let property = |name: &str| schema["properties"][name].to_string();
    assert_eq!(
        property("instance_type"),
        r#"{"type":"string","description":"Instance type of the job.","default":"ml.m5.large","enum":["ml.m5.large","ml.m5.xlarge"]}"#
    );
    assert_eq!(property("dry_run"), r#"{"type":"boolean","default":true}"#);
    assert_eq!(schema["properties"]["env"]["additionalProperties"]["properties"]["rate"]["type"], "number");
}
