//! Where a pipeline's values come from, and which one wins.

use pipewright::prelude::*;
use pipewright::testing::{self, Synth};

#[derive(Clone, Pipeline)]
#[pipeline(name = "my-pipeline")]
struct Greeting {
    #[config(default = "default", min_length = 1)]
    text: String,
    #[config(default = 1)]
    times: u32,
}

impl Steps for Greeting {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add("Stop", Fail::new(self.text.repeat(self.times as usize)));
        Ok(())
    }
}

/// Compares where the text came from and what it is.
#[track_caller]
fn check(synth: &Synth, expected: (&str, &str)) {
    let answer = synth.synth().unwrap_or_else(|problems| panic!("{problems}")).answer;
    let text = answer.config.iter().find(|value| value.path == "text");
    let text = text.and_then(|text| Some((text.origin.as_str(), text.value.as_str()?)));
    assert_eq!(text, Some(expected));
}

#[track_caller]
fn check_problems(synth: &Synth, expected: &[&str]) {
    let problems =
        synth.synth().err().map(|problems| problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>());
    assert_eq!(problems.unwrap_or_default(), expected);
}

#[test]
fn each_source_wins_over_those_before_it() {
    let synth = testing::pipeline::<Greeting>();
    check(&synth, ("default", "default"));
    let synth = synth.file("config.toml", "text = 'file'\n[env.prod]\ntext = 'x'");
    check(&synth, ("config.toml:1", "file"));
    let synth = synth.file("config.test.yaml", "text: environment");
    check(&synth, ("config.test.yaml:1", "environment"));
    let synth = synth.file("config.prod.toml", "text = 'of another'");
    check(&synth, ("config.test.yaml:1", "environment"));
    let synth = synth.shared("prefix = 'x'\n[shared]\ntext = 'shared'\nother = 1");
    check(&synth, ("pipewright.toml:3", "shared"));
    let synth = synth.variable("PIPEWRIGHT_MY_PIPELINE__TEXT", "variable");
    check(&synth, ("PIPEWRIGHT_MY_PIPELINE__TEXT=variable", "variable"));
    let unused = synth.synth().unwrap().answer.unused.unwrap();
    assert_eq!(unused.iter().map(|unused| unused.path.as_str()).collect::<Vec<_>>(), ["other"]);
    let synth = synth.set("text", "set");
    check(&synth, ("--set text=set", "set"));
    // Of another pipeline.
    check(&synth.variable("PIPEWRIGHT_MINE__TEXT", "x"), ("--set text=set", "set"));
}

#[test]
fn a_file_named_like_the_pipeline_is_its_own() {
    let synth = testing::pipeline::<Greeting>()
        .file("config.toml", "text = 'a'")
        .file("my-pipeline.json", "{\"text\": \"b\"}");
    check(&synth, ("my-pipeline.json:1", "b"));
    check_problems(
        &synth.file("my-pipeline.yml", ""),
        &["my-pipeline.json and my-pipeline.yml are both there"],
    );
}

#[test]
fn placeholders_stand_for_the_environment() {
    let synth = testing::pipeline::<Greeting>().config("text = '${prefix} ${env:HOME} ${region} $${x}'");
    check(
        &synth.clone().account("123456789012", "eu-west-1").variable("HOME", "/h"),
        ("config.toml:1", "test /h eu-west-1 ${x}"),
    );
    check_problems(
        &synth,
        &["`${env:HOME}` has no value: the variable is not set", "`${region}` has no value"],
    );
}

#[test]
fn another_environment_is_warned_of() {
    let synth = testing::pipeline::<Greeting>().config("text = 'a'\n[env.prod]\ntimes = -1").synth().unwrap();
    let warnings: Vec<_> = synth.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        warnings,
        ["in the environment `prod`: `times` must be an integer from 0 to 4294967295, but is -1"]
    );
}
