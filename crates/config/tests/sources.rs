//! Values from everywhere: files of each format, shared values, variables, placeholders; which one wins, and what is
//! said of those that are wrong.

#![allow(dead_code, reason = "most of these structs exist to be read")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
#![allow(clippy::format_collect, clippy::format_push_string, reason = "short texts, made once")]

use std::collections::BTreeMap;

use pipewright_config::{
    Context, Decode, Describe, Node, Override, Placeholders, Problem, Reading, Schema, Schemas, Shape, Source,
};
use pipewright_macros::Config;

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Pipeline {
    #[config(default = "nobody")]
    owner: String,
    #[config(default)]
    training: Training,
    #[config(default)]
    tags: Vec<String>,
    #[config(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Training {
    #[config(default = 3, ge = 1, le = 100)]
    epochs: u32,
    #[config(default = 0.1)]
    rate: f64,
    #[config(alias = "maxRuntime")]
    max_runtime: Option<u32>,
}

fn variables(given: &[(&str, &str)]) -> Vec<Override> {
    given.iter().map(|(name, value)| Override::variable("APP__", name, *value).unwrap()).collect()
}

fn said(problems: impl IntoIterator<Item = Problem>) -> Vec<String> {
    let said = problems.into_iter().map(|problem| {
        let place = problem.place.map_or_else(|| "nowhere".to_owned(), |place| place.to_string());
        let help = problem.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{place} {}{help}", problem.message)
    });
    said.collect()
}

/// Compares the values that are no defaults with their origins.
#[track_caller]
fn check(reading: Reading<'_>, expected: &[&str]) {
    let loaded = reading.load::<Pipeline>().unwrap_or_else(|problems| panic!("{problems}"));
    let resolved: Vec<_> = loaded
        .resolved
        .iter()
        .filter_map(|value| Some(format!("{} = {} from {}", value.path, value.value, value.origin?)))
        .collect();
    assert_eq!(resolved, expected);
}

#[track_caller]
fn check_problems(reading: Reading<'_>, expected: &[&str]) {
    let problems = reading.load::<Pipeline>().err().unwrap_or_default();
    assert_eq!(said(problems), expected);
}

#[test]
fn every_format_says_the_same() {
    let toml = "owner = 'me'\ntags = ['a']\n[training]\nepochs = 5\n[labels]\nx = 'y'\n[env.prod.training]\nrate = 1.5";
    let json = r#"{"owner": "me", "tags": ["a"], "training": {"epochs": 5, "maxRuntime": null}, "labels": {"x": "y"},
 "env": {"prod": {"training": {"rate": 1.5}}}}"#;
    let yaml = "owner: me\ntags: [a]\ntraining:\n  epochs: 5\n  maxRuntime:\nlabels: &l\n  x: 'y'\nenv:\n  prod:\n    training: { rate: 1.5 }\n";
    let expected = |places: [&str; 5]| {
        [
            "owner = \"me\"",
            "training.epochs = 5",
            "training.rate = 1.5",
            "tags[0] = \"a\"",
            "labels.x = \"y\"",
        ]
        .iter()
        .zip(places)
        .map(|(value, place)| format!("{value} from {place}"))
        .collect::<Vec<_>>()
    };
    for (name, text, places) in [
        ("c.toml", toml, ["c.toml:1:9", "c.toml:4:10", "c.toml:8:8", "c.toml:2:9", "c.toml:6:5"]),
        ("c.json", json, ["c.json:1:11", "c.json:1:55", "c.json:2:40", "c.json:1:26", "c.json:1:95"]),
        ("c.yaml", yaml, ["c.yaml:1:8", "c.yaml:4:11", "c.yaml:10:23", "c.yaml:2:8", "c.yaml:7:6"]),
    ] {
        let expected = expected(places);
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        check(Reading::new(&[Source::new(name, text)]).environment("prod"), &expected);
    }
}

#[test]
fn later_sources_win() {
    let sources = [
        Source::new(
            "config.toml",
            "owner = 'file'\ntags = ['file']\ntraining.epochs = 1\ntraining.rate = 1.0\nlabels.a = 'file'",
        ),
        Source::new("config.prod.toml", "training.epochs = 2\nlabels.a = 'prod'"),
        Source::shared(
            "all.toml",
            "other = 1\n[shared]\nlabels.a = 'all'\nbucket = 'b'\n[shared.training]\nbatch = 3\n[env.prod.shared]\nlabels.b = 'all'",
            "shared",
        ),
    ];
    let mut overrides = variables(&[
        ("APP__TRAINING__MAX_RUNTIME", "60"),
        ("APP__TAGS", "[\"v\"]"),
        ("APP__LABELS__B", "variable"),
    ]);
    overrides.push(Override::new("labels.b", "set"));
    let reading = Reading::new(&sources).environment("prod").overrides(&overrides);
    check(
        reading,
        &[
            "owner = \"file\" from config.toml:1:9",
            "training.epochs = 2 from config.prod.toml:1:19",
            "training.rate = 1.0 from config.toml:4:17",
            "training.maxRuntime = 60 from APP__TRAINING__MAX_RUNTIME=60",
            "tags[0] = \"v\" from APP__TAGS=[\"v\"]",
            "labels.a = \"all\" from all.toml:3:12",
            "labels.b = \"set\" from --set labels.b=set",
        ],
    );
    let unused = reading.load::<Pipeline>().unwrap().unused;
    let unused: Vec<_> = unused.iter().map(|u| format!("{} {}", u.path, u.place.as_ref().unwrap())).collect();
    assert_eq!(unused, ["training.batch all.toml:6:1", "bucket all.toml:4:1"]);
}

#[test]
fn variables_and_overrides_are_read_as_the_field_wants_them() {
    let given = variables(&[
        ("APP__OWNER", "3"),
        ("APP__TRAINING", r#"{"epochs": 7, "rate": 2e0}"#),
        ("APP__LABELS", r#"{"a b": "c\u00e9"}"#),
        ("APP__TAGS", "['x']"),
    ]);
    let loaded = Reading::new(&[]).overrides(&given).load::<Pipeline>().unwrap().value;
    assert_eq!(
        (loaded.owner.as_str(), loaded.training.epochs, loaded.tags.as_slice()),
        ("3", 7, &["x".to_owned()][..])
    );
    assert_eq!(loaded.labels["a b"], "cé");
}

#[test]
fn problems_of_variables_and_overrides_stand_at_the_name_or_the_value() {
    let mut overrides = variables(&[
        ("APP__TRAINING__EPOCHS", "many"),
        ("APP__TRAINING__EPOCH", "1"),
        ("APP__OWNER__", "x"),
        ("APP__TAGS", "{\"a\": 1"),
    ]);
    overrides.push(Override::new("training . epoch", "1"));
    let problems = Reading::new(&[]).overrides(&overrides).load::<Pipeline>().err().unwrap();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| {
            let place = problem.place.as_ref().unwrap();
            (place.source()[place.span()].to_owned(), problem.message.clone())
        })
        .collect();
    let expected = [
        ("many", "`training.epochs` must be an integer from 0 to 4294967295, not the string \"many\""),
        ("EPOCH", "`epoch` is not a key of `training`"),
        ("OWNER__", "\"OWNER__\" is not a key path"),
        ("{\"a\": 1", "`tags` must be a list, not the string \"{\\\"a\\\": 1\""),
    ];
    // The key that both the variable and the override set is the override's.
    let expected: Vec<_> =
        expected.iter().map(|(at, message)| ((*at).to_owned(), (*message).to_owned())).collect();
    assert_eq!(found[0], expected[0]);
    assert_eq!(found[1..3], expected[2..]);
    assert_eq!(found[3].0, "epoch");
    assert_eq!(
        problems.iter().last().unwrap().place.as_ref().unwrap().to_string(),
        "--set training . epoch=1"
    );
}

#[test]
fn placeholders_stand_for_their_values() {
    let text =
        "owner = '${prefix}-${env:USER}'\ntags = ['$${x}', '${region}']\nlabels.a = \"\\u0024{region}\"";
    let sources = [Source::new("c.toml", text)];
    let set = [Override::new("labels.b", "${account}")];
    let placeholders = Placeholders::new()
        .value("prefix", "p")
        .value("region", "eu-west-1")
        .value("account", "123456789012")
        .variable("USER", "me");
    check(
        Reading::new(&sources).overrides(&set).placeholders(&placeholders),
        &[
            "owner = \"p-me\" from c.toml:1:9",
            "tags[0] = \"${x}\" from c.toml:2:9",
            "tags[1] = \"eu-west-1\" from c.toml:2:18",
            "labels.a = \"eu-west-1\" from c.toml:3:12",
            "labels.b = \"123456789012\" from --set labels.b=${account}",
        ],
    );
    let placeholders =
        Placeholders::new().value("prefix", "p").absent("region", "name one").value("account", "");
    check_problems(
        Reading::new(&sources).overrides(&set).placeholders(&placeholders),
        &[
            "c.toml:1:20 `${env:USER}` has no value: the variable is not set (set USER, or write $${ for a plain ${)",
            "c.toml:2:19 `${region}` has no value (name one)",
            "c.toml:3:12 `${region}` has no value (name one)",
        ],
    );
    let sources = [Source::new("c.toml", "owner = '${acount} ${'\n[training]\nepochs = '${prefix}'")];
    check_problems(
        Reading::new(&sources).placeholders(&placeholders),
        &[
            "c.toml:1:10 \"${acount}\" is no placeholder (known: ${account}, ${prefix}, ${region}, ${env:NAME}; write $${ for a plain ${)",
            "c.toml:1:20 `${` is not closed (close it with }, or write $${ for a plain ${)",
            "c.toml:3:10 `training.epochs` must be an integer from 0 to 4294967295, not the string \"p\"",
        ],
    );
}

#[test]
fn other_environments_are_warned_of() {
    let text = "[training]\nepochs = 5\n[env.dev]\nowner = 'd'\n[env.prod]\nownr = 'p'\n[env.prod.training]\nepochs = 500\nrate = 1.0\n[env.test]\ntags = '${x}'";
    let sources = [Source::new("c.toml", text)];
    let loaded =
        Reading::new(&sources).environment("dev").check_other_environments().load::<Pipeline>().unwrap();
    assert_eq!(
        said(loaded.warnings),
        [
            "c.toml:6:1 in the environment `prod`: `ownr` is not a key of the configuration (did you mean `owner`?)",
            "c.toml:8:10 in the environment `prod`: `training.epochs` must be at most 100, but is 500",
        ]
    );
    assert!(Reading::new(&sources).environment("prod").load::<Pipeline>().is_err());
    assert!(Reading::new(&sources).environment("dev").load::<Pipeline>().unwrap().warnings.is_empty());
}

#[test]
fn mistakes_in_json_and_yaml() {
    for (name, text, expected) in [
        (
            "c.json",
            "{\"owner\": 1, \"x\": 1}",
            vec![
                "c.json:1:11 `owner` must be a string, not the integer 1 (put it in quotes: \"1\")",
                "c.json:1:14 `x` is not a key of the configuration (known: `owner`, `training`, `tags`, `labels`)",
            ],
        ),
        ("c.json", "{\n\"owner\" 1}", vec!["c.json:2:9 expected `:`"]),
        ("c.json", "[1]", vec!["c.json:1:1 the file must hold a table, not a list"]),
        ("c.json", "", vec!["c.json:1:1 the text ends where a value is expected"]),
        (
            "c.yaml",
            "owner: é\nownr: 1\n",
            vec!["c.yaml:2:1 `ownr` is not a key of the configuration (did you mean `owner`?)"],
        ),
        ("c.yaml", "owner: 1\n---\nowner: 2", vec!["c.yaml:2:1 a second document: only one is read"]),
        ("c.yaml", "owner: a\nowner: b", vec!["c.yaml:2:1 duplicate key"]),
        ("c.yaml", "tags: [~]", vec!["c.yaml:1:8 a list can't hold null"]),
        ("c.yaml", "? [a]\n: 1", vec!["c.yaml:1:3 expected a plain key"]),
        ("c.yaml", "owner: !mine x", vec!["c.yaml:1:8 this value with the tag `!mine` is not read"]),
        (
            "c.yml",
            "training:\n  epochs: 0x10\n  rate: .5\ntags: &t [a]\nlabels: {b: *t}",
            vec!["c.yml:4:7 `labels.b` must be a string, not a list"],
        ),
        ("c.yaml", "", vec![]),
        ("c.yaml", "# nothing", vec![]),
        (
            "c.yaml",
            "owner: !!str 3\ntags: [\"1\", '2', \"~\"]\ntraining: {epochs: +7, rate: !!float 3}",
            vec![],
        ),
    ] {
        let problems = Reading::new(&[Source::new(name, text)]).load::<Pipeline>().err().unwrap_or_default();
        assert_eq!(said(problems), expected, "{text}");
    }
}

#[test]
fn texts_that_mean_harm_end_in_an_error() {
    let deep = |open: &str| open.repeat(100_000);
    let laughs = {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..20 {
            let last = format!("*a{}", i - 1);
            text += &format!("a{i}: &a{i} [{}]\n", [last.as_str(); 10].join(", "));
        }
        text
    };
    for (name, text, code) in [
        ("c.json", deep("["), "config/size"),
        ("c.json", deep("{\"a\":"), "config/size"),
        ("c.yaml", deep("["), "config/size"),
        ("c.yaml", deep("{a: "), "config/size"),
        ("c.yaml", deep("- "), "config/size"),
        ("c.yaml", laughs, "config/syntax"),
        ("c.yaml", "a: &a [*a]".to_owned(), "config/syntax"),
        ("c.yaml", "a: *b".to_owned(), "config/syntax"),
    ] {
        let problems = Reading::new(&[Source::new(name, text.as_str())]).load::<Pipeline>().err().unwrap();
        assert_eq!(problems.len(), 1, "{problems}");
        assert_eq!(problems.iter().next().unwrap().code, code, "{problems}");
    }
    let set = [Override::new("tags", "[".repeat(100_000)), Override::new("labels", "{\"a\":".repeat(1000))];
    assert!(Reading::new(&[]).overrides(&set).load::<Pipeline>().is_err());
}

/// A secret, as a type of one's own reads it.
#[derive(Debug)]
struct Hidden(String);

impl Decode for Hidden {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        cx.secret(|cx| {
            let text = String::decode(node, cx)?;
            if text.len() < 4 {
                return cx.invalid(node, "have at least 4 characters", "at least 4 characters", None);
            }
            Some(Self(text))
        })
    }
}

impl Describe for Hidden {
    const SHAPE: Shape = Shape::Text;

    fn describe(schemas: &mut Schemas) -> Schema {
        String::describe(schemas)
    }
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Account {
    name: String,
    token: Option<Hidden>,
    pin: Option<Hidden>,
}

#[test]
fn secrets_are_shown_nowhere() {
    let sources = [Source::new("c.toml", "name = 'n'\ntoken = 'tok'\npin = 4711")];
    let overrides: Vec<_> = variables(&[("APP__TOKEN", "v4r")])
        .into_iter()
        .chain([Override::new("pin", "0"), Override::new("pin", "[4712]")])
        .collect();
    for overrides in [&[][..], &overrides[..1], &overrides] {
        let problems = Reading::new(&sources).overrides(overrides).load::<Account>().err().unwrap();
        let shown = format!("{problems} {problems:?} {}", serde_json::to_string(&problems).unwrap());
        for secret in ["tok\"", "'tok'", "4711", "v4r", "4712"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
        assert!(problems.iter().all(|problem| problem.secret));
        for problem in &problems {
            let place = problem.place.as_ref().unwrap();
            assert!(place.source() == "c.toml" || place.source()[place.span()] == *"******");
        }
    }
    let overrides = variables(&[("APP__TOKEN", "v4riable")]);
    let sources = [Source::new("c.toml", "name = 'n'\npin = '12345'")];
    let loaded = Reading::new(&sources).overrides(&overrides).load::<Account>().unwrap();
    assert_eq!(loaded.value.token.unwrap().0, "v4riable");
    let resolved = serde_json::to_string(&loaded.resolved.to_vec()).unwrap();
    assert!(!resolved.contains("v4riable") && !resolved.contains("12345"), "{resolved}");
}

#[test]
fn a_thousand_mistakes_are_a_thousand_problems_in_every_format() {
    let json: Vec<String> = (0..1000).map(|i| format!("\"k{i}\": {{\"epochs\": {i}}}")).collect();
    let yaml: String = (0..1000).map(|i| format!("k{i}: [{i}]\n")).collect();
    let toml: String = (0..500).map(|i| format!("k{i} = tru\nl{i} = 1\n")).collect();
    for (name, text) in [("c.json", format!("{{{}}}", json.join(","))), ("c.yaml", yaml), ("c.toml", toml)] {
        let problems = Reading::new(&[Source::new(name, text)]).load::<Pipeline>().err().unwrap();
        assert_eq!(problems.len(), 1000, "{name}");
    }
    let texts: String = (0..1000).map(|i| format!("labels.k{i} = '${{x{i}}}'\n")).collect();
    let overrides: Vec<_> = (0..1000).map(|i| Override::new(format!("x{i}"), "1")).collect();
    let sources = [Source::new("c.toml", texts)];
    let reading = Reading::new(&sources).overrides(&overrides);
    assert_eq!(reading.load::<Pipeline>().err().unwrap().len(), 1000);
    let placeholders = Placeholders::new();
    assert_eq!(reading.placeholders(&placeholders).load::<Pipeline>().err().unwrap().len(), 2000);
}
