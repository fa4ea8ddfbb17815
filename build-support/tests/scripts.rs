//! Compiles the golden and runs the scripts it was made of: what Python's own argparse reads back is what was set.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::zombie_processes,
    reason = "a test may fail where it stands"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use pipewright_model::{Expr, Node, Parameter, ParameterDecl, ParameterKind, Script};
use serde_json::{Value, json};

/// What the golden refers to.
mod runtime {
    pub(crate) use pipewright_model::node::Invalid;
    pub(crate) use pipewright_model::{AssetSource, CodeAsset, EnumValue, Expr, Missing, Node, Script, Text};
}

#[allow(dead_code, reason = "not every script is tried here")]
mod code {
    include!("goldens/code/code.rs");
}

fn arguments(script: &impl Script) -> Vec<String> {
    script.arguments().iter().map(|argument| argument.node().as_str().unwrap().to_owned()).collect()
}

/// Runs script after script: `["script.py", "argument", …]` on one line, what it printed, or `null`, on the next.
const DRIVER: &str = "
import contextlib, io, json, runpy, sys
for line in sys.stdin:
    sys.argv = json.loads(line)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            runpy.run_path(sys.argv[0], run_name='__main__')
    except SystemExit:
        out = io.StringIO('null')
    sys.__stdout__.write(json.dumps(json.loads(out.getvalue())) + '\\n')
    sys.__stdout__.flush()
";

struct Python {
    scripts: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// One interpreter for all tests: starting it takes longer than what it does.
static PYTHON: LazyLock<Mutex<Python>> = LazyLock::new(|| {
    let mut python = Command::new("python3");
    let mut child =
        python.args(["-B", "-c", DRIVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let answers = BufReader::new(child.stdout.take().unwrap());
    Mutex::new(Python { scripts: child.stdin.take().unwrap(), answers })
});

/// Runs a script with its arguments and reads the namespace that it prints.
#[track_caller]
fn parsed(script: &impl Script) -> Value {
    let file = script.asset().source;
    let (runtime::AssetSource::File { path } | runtime::AssetSource::Folder { path }) = &file else {
        panic!("a text")
    };
    let mut path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path.as_ref());
    if path.is_dir() {
        path.push(script.entry());
    }
    let mut line = vec![path.display().to_string()];
    line.extend(arguments(script));
    let mut answer = String::new();
    {
        let mut python = PYTHON.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(python.scripts, "{}", serde_json::to_string(&line).unwrap()).unwrap();
        python.answers.read_line(&mut answer).unwrap();
    }
    let answer = serde_json::from_str(&answer).unwrap();
    assert_ne!(answer, Value::Null, "argparse refuses {line:?}");
    answer
}

/// The members of `expected` in what the script read.
#[track_caller]
fn check(script: &impl Script, expected: &Value) {
    let found = parsed(script);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name} of {:?}", arguments(script));
    }
}

/// Texts that argparse could take for something else.
const ODD: &[&str] = &[
    "",
    " ",
    "a b",
    "-",
    "-x",
    "-x y",
    "--train",
    "--epochs=3",
    "-1",
    "-1.5",
    "-1e-5",
    "-.5",
    "-1.",
    "=",
    "a=b",
    "@file",
    "ä",
    "'\"\\$(x)`",
    "line\nbreak",
    "--lr",
    "-v",
    "True",
];

type Train =
    code::Train<Expr<String>, Vec<Expr<i64>>, Expr<i64>, Expr<code::TrainDepth>, (), runtime::Missing>;

fn train() -> Train {
    code::Train::new()
        .train("/opt/ml/input")
        .image_size([3, -4])
        .epochs(10)
        .depth(code::TrainDepth::Minus1)
        .fresh()
}

#[test]
fn the_blogs_mistake_is_impossible() {
    let script = code::Evaluate::new().config_parameter("Hello world!");
    assert_eq!(arguments(&script), ["--config_parameter", "Hello world!"]);
    check(&script, &json!({"config_parameter": "Hello world!"}));
    let script = code::pkg::Evaluate::new().config_parameter("Hello world!");
    check(&script, &json!({"config_parameter": "Hello world!"}));
}

#[test]
fn required_arguments_alone() {
    let expected = json!({
        "train": "/opt/ml/input", "image_size": [3, -4], "epochs": 10, "depth": -1, "fresh": true, "lr": 0.1,
        "objective": "reg:squarederror", "verbose": 0, "debug": false, "no_cache": true, "early_stop": true,
        "resume": null, "log": null, "shuffle": null, "bias": true, "profile": null,
    });
    check(&train(), &expected);
}

#[test]
fn every_kind_of_argument() {
    #[rustfmt::skip]
    let cases: Vec<(Train, Value)> = vec![
        (train().lr(1e-7), json!({"lr": 1e-7})),
        (train().lr(-1e-7), json!({"lr": -1e-7})),
        (train().lr(-0.5), json!({"lr": -0.5})),
        (train().lr(3), json!({"lr": 3.0})),
        (train().objective(code::TrainObjective::RegLogistic), json!({"objective": "reg:logistic"})),
        (train().objective("reg:logistic"), json!({"objective": "reg:logistic"})),
        (train().metric([code::TrainMetric::Mae, code::TrainMetric::Rmse]), json!({"metric": ["mae", "rmse"]})),
        (train().metric([""; 0]), json!({"metric": null})),
        (train().pair([[1, 2], [-3, 4]]), json!({"pair": [[1, 2], [-3, 4]]})),
        (train().columns(["a", "b"]), json!({"columns": ["a", "b"]})),
        (train().columns(["--train"]), json!({"columns": ["--train"]})),
        (train().weights([0.5, -1.0]), json!({"weights": [0.5, -1.0]})),
        (train().weights([0.0; 0]), json!({"weights": []})),
        (train().weights([-1e-9]), json!({"weights": [-1e-9]})),
        (train().verbose(3), json!({"verbose": 3})),
        (train().verbose(0), json!({"verbose": 0})),
        (train().debug(true), json!({"debug": true})),
        (train().debug(false), json!({"debug": false})),
        (train().no_cache(), json!({"no_cache": false})),
        (train().early_stop(true), json!({"early_stop": true})),
        (train().early_stop(false), json!({"early_stop": false})),
        (train().shuffle(true), json!({"shuffle": true})),
        (train().shuffle(false), json!({"shuffle": false})),
        (train().bias(true), json!({"bias": true})),
        (train().bias(false), json!({"bias": false})),
        (train().profile("gpu"), json!({"profile": "gpu"})),
        (train().profile_alone(), json!({"profile": "cpu"})),
        (train().hyper(3), json!({"hyper": 3})),
        (train().hyper(true), json!({"hyper": true})),
        (train().hyper("{\"a\": [1]}"), json!({"hyper": {"a": [1]}})),
        (train().r#type("dart"), json!({"type": "dart"})),
        (train().new_("n"), json!({"new": "n"})),
    ];
    for (script, expected) in &cases {
        check(script, expected);
    }
    check(&train().quiet(), &json!({"log": 0}));
    check(&train().loud(), &json!({"log": 2}));
    let resumed = code::Train::new().train("x").resume("c").image_size([1, 2]).epochs(1).depth("4");
    check(&resumed, &json!({"fresh": false, "resume": "c", "depth": 4}));
}

#[test]
fn odd_texts_arrive_whole() {
    for text in ODD {
        check(&train().model_dir(*text), &json!({"model_dir": text}));
        check(
            &train().model_dir(*text).columns(["a"]).profile(*text),
            &json!({"model_dir": text, "profile": text}),
        );
        check(&code::Places::new().source(*text).count(-3), &json!({"source": text, "count": -3}));
        check(&code::OptionalPlace::new().file(*text).tags(["t"]), &json!({"file": text, "tags": ["t"]}));
        check(
            &code::Rest::new().command(*text).arguments([*text, *text]),
            &json!({"command": text, "arguments": [text, text]}),
        );
    }
}

#[test]
fn places_and_open_ended_options_keep_apart() {
    let places = || code::Places::new().source("s").count(2);
    for (script, expected) in [
        (places(), json!({"source": "s", "count": 2, "more": [], "exclude": null, "level": null})),
        (places().exclude(["a", "b"]), json!({"source": "s", "more": [], "exclude": ["a", "b"]})),
        (places().more(["x", "y"]).exclude(["a"]), json!({"more": ["x", "y"], "exclude": ["a"]})),
        (
            places().more(["-x", "y"]).exclude(["a"]),
            json!({"source": "s", "more": ["-x", "y"], "exclude": ["a"]}),
        ),
        (places().level(3).mode("m"), json!({"level": 3, "mode": "m"})),
        (places().level_alone().more(["-x"]), json!({"level": 9, "more": ["-x"]})),
        (places().more([""; 0]).level_alone(), json!({"level": 9, "more": []})),
    ] {
        check(&script, &expected);
    }
    check(&code::OptionalPlace::new().tags(["a", "b"]), &json!({"file": "-", "tags": ["a", "b"]}));
    let rest = code::Rest::new().command("run").names(["a", "b"]).mode("m");
    check(&rest, &json!({"command": "run", "arguments": [], "names": ["a", "b"], "mode": "m"}));
    let rest = rest.arguments(["--mode", "x", "-n"]);
    check(
        &rest,
        &json!({"command": "run", "arguments": ["--mode", "x", "-n"], "names": ["a", "b"], "mode": "m"}),
    );
}

#[test]
fn options_that_look_like_numbers() {
    check(&code::Numbers::new().one(true).offset(-1.0), &json!({"one": true, "offset": -1.0}));
    check(
        &code::Numbers::new().offset(-2.5).offsets([-1]),
        &json!({"one": false, "offset": -2.5, "offsets": [-1]}),
    );
    let wrong = code::Numbers::new().offsets([-1, 2]).arguments();
    assert!(matches!(wrong[1].node(), Node::Invalid(_)), "{wrong:?}");
}

#[test]
fn what_can_not_be_said_is_an_invalid_value() {
    let problem = |arguments: Vec<Expr<String>>| {
        let mut invalid = arguments.iter().filter_map(|argument| match argument.node() {
            Node::Invalid(invalid) => Some(format!("{}: {}", invalid.value, invalid.limit)),
            _ => None,
        });
        invalid.next().unwrap_or_default()
    };
    for (arguments, expected) in [
        (train().columns([""; 0]).arguments(), "no value: for --columns, at least 1"),
        (train().columns(["a", "-b"]).arguments(), "-b: for --columns, a text that does not begin with `-`"),
        (train().columns(["a", "-1"]).arguments(), ""),
        (train().objective("reg:linear").arguments(), "reg:linear: one of the 2 values of TrainObjective"),
    ] {
        assert_eq!(problem(arguments), expected);
    }
}

#[test]
fn what_is_known_later_stays_an_expression() {
    let epochs: Parameter<i64> = Parameter::declare(ParameterDecl::new("Epochs", ParameterKind::Integer));
    let folder: Parameter<String> = Parameter::declare(ParameterDecl::new("Folder", ParameterKind::String));
    let script = code::Train::new().train(&folder).image_size([1, 2]).epochs(&epochs).depth(&folder).fresh();
    let arguments = script.arguments();
    let place = |flag: &str| {
        arguments.iter().position(|argument| argument.node().as_str() == Some(flag)).unwrap() + 1
    };
    for flag in ["--train", "--epochs", "--depth"] {
        assert!(matches!(arguments[place(flag)].node(), Node::Expr(_)), "{flag}: {arguments:?}");
    }
}

#[test]
fn names_that_mean_something_in_rust() {
    let scripts: [(&dyn Script, &str); 4] = [
        (&code::Type::new(), "type.py"),
        (&code::Self_::new(), "self.py"),
        (&code::_2prep::new(), "2prep.py"),
        (&code::SettingsJson::new(), "settings.json"),
    ];
    for (script, entry) in scripts {
        assert_eq!(script.entry(), entry);
        assert_eq!(script.arguments().len(), 0);
    }
    let script = code::bool::Main::new().string("s").self_(3).main(code::bool::MainMain::Self_);
    check(&script, &json!({"string": "s", "self": 3, "main": "self"}));
    check(&script.main(code::bool::MainMain::Empty), &json!({"main": ""}));
    let plain = code::Plain::new().argument("a").arguments([1, 2]).argument(true).argument(0.5);
    assert_eq!(arguments(&plain), ["a", "1", "2", "true", "0.5"]);
}

#[test]
fn folders_are_uploaded_as_a_whole() {
    let (folder, script) = (code::pkg::folder(), code::pkg::Evaluate::new().config_parameter("x"));
    assert_eq!(script.asset(), folder);
    assert_eq!((folder.name.as_ref(), script.entry()), ("sourcedir.tar.gz", "evaluate.py"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(folder.sha256, pipewright_archive::hash_folder(&root.join("tests/code/pkg")).unwrap().sha256);
    let file = code::Evaluate::new().config_parameter("x").asset();
    assert_eq!(file.sha256, pipewright_archive::hash_file(&root.join("tests/code/evaluate.py")).unwrap());
}
