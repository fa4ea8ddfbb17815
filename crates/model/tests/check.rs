//! The check of a graph: each mistake at its place, all at once.

use pipewright_model::check::check as find;
use pipewright_model::shape::{Kind, Member, Pattern, Range, Rule, Shape};
use pipewright_model::step::Common;
use pipewright_model::{
    ConditionStep, Deploy, EnumValue, Environment, Expr, Fail, Graph, Handle, Literal, Node, Object, Ordered,
    Parameter, ParameterDecl, ParameterKind, Problem, PropertyFile, Raw, Retry, Retryable, Step,
    StepException, StepNode, StepSettings, join, json_get_s3, node,
};
use std::borrow::Cow;
use std::sync::Arc;

static TEXT: Shape = Shape {
    name: "Text",
    kind: Kind::String { length: Range::new(Some(1), Some(5)), pattern: Some(&LETTERS), values: &[] },
};
static LETTERS: Pattern = Pattern::new("[a-z]+");
static MODE: Shape = Shape {
    name: "Mode",
    kind: Kind::String { length: Range::ANY, pattern: None, values: &["File", "Pipe"] },
};
static COUNT: Shape = Shape { name: "Count", kind: Kind::Integer(Range::new(Some(1), Some(100))) };
static RATE: Shape = Shape { name: "Rate", kind: Kind::Float(Range::new(Some(0), Some(1))) };
static WORDS: Shape =
    Shape { name: "Words", kind: Kind::List { item: &TEXT, size: Range::new(None, Some(2)) } };
static MAP: Shape =
    Shape { name: "Map", kind: Kind::Map { key: &TEXT, value: &TEXT, size: Range::new(None, Some(1)) } };
static INNER: Shape = Shape {
    name: "Inner",
    kind: Kind::Structure { members: &[Member { name: "Text", required: true, shape: &TEXT }], rules: &[] },
};
static REQUEST: Shape = Shape {
    name: "Request",
    kind: Kind::Structure {
        members: &[
            Member { name: "Text", required: false, shape: &TEXT },
            Member { name: "Mode", required: false, shape: &MODE },
            Member { name: "Count", required: false, shape: &COUNT },
            Member { name: "Rate", required: false, shape: &RATE },
            Member { name: "Words", required: false, shape: &WORDS },
            Member { name: "Map", required: false, shape: &MAP },
            Member { name: "Inner", required: false, shape: &INNER },
        ],
        rules: &[
            Rule::AtMostOne(&["Mode", "Rate"]),
            Rule::ExactlyOne(&["Text", "Words", "Map", "Inner", "Count"]),
        ],
    },
};

/// A step with a request of the shape above.
struct Job(Object);

impl Step for Job {
    type Properties = ();

    fn into_step(self, name: Arc<str>) -> StepNode {
        StepNode::new(name, "Job", Some(&REQUEST), self.0, Common::default())
    }
}

struct Mode;

impl EnumValue for Mode {
    const NAME: &'static str = "Mode";
    const VALUES: &'static [&'static str] = &["File", "Pipe"];
    fn wire(&self) -> Cow<'static, str> {
        Cow::Borrowed("Newer")
    }
}

fn problems(parameters: &[ParameterDecl], graph: &Graph) -> Vec<Problem> {
    let environment = Environment {
        account: Some("123456789012".into()),
        region: Some("eu-west-1".into()),
        prefix: "p".into(),
        ..Environment::default()
    };
    find("pipe", parameters, graph, &environment)
}

/// `CODE PATH` of each problem.
fn found(parameters: &[ParameterDecl], graph: &Graph) -> Vec<String> {
    problems(parameters, graph).into_iter().map(|p| format!("{} {}", p.code, p.full_path())).collect()
}

#[track_caller]
fn request(arguments: Node, expected: &[&str]) {
    let Node::Object(object) = arguments else { panic!("no object") };
    let mut graph = Graph::new();
    graph.add("J", Job(object));
    assert_eq!(found(&[], &graph), expected);
}

#[test]
fn requests_are_held_against_their_shape() {
    request(node!({ "Text": "abc" }), &[]);
    request(
        node!({ "Text": "" }),
        &["limit/length steps.J.Arguments.Text", "limit/pattern steps.J.Arguments.Text"],
    );
    request(node!({ "Text": "abcdef" }), &["limit/length steps.J.Arguments.Text"]);
    request(node!({ "Text": "ABC" }), &["limit/pattern steps.J.Arguments.Text"]);
    request(node!({ "Text": (Expr::<String>::vouched("ABC")) }), &[]);
    request(node!({ "Text": 3 }), &["graph/type steps.J.Arguments.Text"]);
    request(node!({ "Count": 101 }), &["limit/range steps.J.Arguments.Count"]);
    request(node!({ "Count": 1, "Rate": 1.5 }), &["limit/range steps.J.Arguments.Rate"]);
    request(node!({ "Count": 1, "Rate": (f64::NAN) }), &["limit/number steps.J.Arguments.Rate"]);
    request(node!({ "Count": 1, "Mode": "Fil" }), &["limit/value steps.J.Arguments.Mode"]);
    request(
        node!({ "Count": 1, "Mode": (Expr::<Mode>::from("Fil")) }),
        &["limit/value steps.J.Arguments.Mode"],
    );
    request(node!({ "Count": 1, "Mode": (Expr::<Mode>::from(Mode)) }), &[]);
    request(node!({ "Words": ["a", "b", "c"] }), &["limit/count steps.J.Arguments.Words"]);
    request(node!({ "Words": ["a", "B"] }), &["limit/pattern steps.J.Arguments.Words[1]"]);
    request(
        node!({ "Map": { "A": "b", "c": "D" } }),
        &[
            "limit/count steps.J.Arguments.Map",
            "limit/pattern steps.J.Arguments.Map.A (key)",
            "limit/pattern steps.J.Arguments.Map.c",
        ],
    );
    request(node!({ "Inner": {} }), &["graph/missing steps.J.Arguments.Inner.Text"]);
    request(node!({ "Texts": 1, "Text": "a" }), &["graph/unknown-member steps.J.Arguments.Texts"]);
    request(node!({}), &["graph/either-or steps.J.Arguments"]);
    request(node!({ "Text": "a", "Mode": "File", "Rate": 0.5 }), &["graph/either-or steps.J.Arguments"]);
}

#[test]
fn limits_reach_through_expressions() {
    request(node!({ "Text": (join!("abc", "def")) }), &["limit/length steps.J.Arguments.Text"]);
    request(
        node!({ "Text": (join!("abcdef", pipewright_model::execution::pipeline_name())) }),
        &["limit/length steps.J.Arguments.Text"],
    );
    request(node!({ "Text": (pipewright_model::execution::pipeline_name()) }), &[]);
    request(
        node!({ "Text": (Expr::<String>::from(Deploy::Account)) }),
        &["limit/length steps.J.Arguments.Text", "limit/pattern steps.J.Arguments.Text"],
    );
}

#[test]
fn parameters_are_held_against_what_they_flow_into() {
    let text = |set: fn(&mut ParameterDecl)| {
        let mut decl = ParameterDecl::new("P", ParameterKind::String);
        set(&mut decl);
        let parameter = Parameter::<String>::declare(decl.clone());
        let mut graph = Graph::new();
        let mut arguments = Object::new();
        arguments.set("Text", &parameter);
        graph.add("J", Job(arguments));
        found(&[decl], &graph)
    };
    assert_eq!(text(|_| ()), Vec::<String>::new());
    assert_eq!(text(|d| d.default = Some("abc".into())), Vec::<String>::new());
    assert_eq!(
        text(|d| d.default = Some("ABC".into())),
        ["limit/pattern steps.J.Arguments.Text (parameter P)"]
    );
    assert_eq!(
        text(|d| d.choices = vec!["abc".into(), "abcdef".into()]),
        ["limit/length steps.J.Arguments.Text (parameter P)"]
    );
    assert_eq!(text(|d| d.max_length = Some(5)), Vec::<String>::new());
    assert_eq!(text(|d| d.max_length = Some(6)), ["limit/length steps.J.Arguments.Text"]);
}

#[test]
fn names_are_unique_at_any_nesting() {
    let mut graph = Graph::new();
    graph.add("A", Fail::new("x"));
    let when = pipewright_model::execution::pipeline_name().greater_than("a");
    graph.add(
        "C",
        ConditionStep::when(when).then(|p| {
            p.add("A", Fail::new("x"));
        }),
    );
    graph.add("bad name", Fail::new("x"));
    assert_eq!(
        found(&[], &graph),
        ["graph/step-name steps.bad name.Name", "graph/duplicate-step steps.A.Name"]
    );
}

#[test]
fn references_lead_to_earlier_steps() {
    let mut other = Graph::new();
    let stranger = other.add("Stranger", Raw::new("New"));
    let mut graph = Graph::new();
    graph.add("A", Raw::new("New").argument("X", stranger.property::<String>("Y")).depends_on(&stranger));
    graph.add("B", Raw::new("New").argument("X", serde_json::json!({"Get": "Steps.C.Y"})));
    graph.add(
        "C",
        Raw::new("New").argument("X", serde_json::json!([{"Get": "Steps.Bb.Y"}, {"Get": "Parameters.P"}])),
    );
    assert_eq!(
        found(&[], &graph),
        [
            "graph/unknown-step steps.A.DependsOn",
            "graph/unknown-step steps.A.Arguments.X",
            "graph/order steps.B.Arguments.X",
            "graph/unknown-step steps.C.Arguments.X",
            "graph/undeclared-parameter steps.C.Arguments",
        ]
    );
}

#[test]
fn outputs_and_property_files_exist() {
    let processing = || {
        let outputs = node!({ "Outputs": [{ "OutputName": "o" }] });
        Raw::new("Processing").argument("ProcessingOutputConfig", outputs)
    };
    let mut graph = Graph::new();
    let p: Handle<()> = graph.add("P", processing());
    let report = PropertyFile::new("R", "o", "r.json");
    let uri: Expr<String> = p.property("ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri");
    graph.add(
        "Q",
        Raw::new("New")
            .argument("A", p.json_get::<f64>(&report, "m"))
            .argument("B", json_get_s3::<f64>(uri, "m"))
            .argument("C", p.property::<String>("ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri")),
    );
    assert_eq!(
        found(&[], &graph),
        ["graph/unknown-property-file steps.Q.Arguments.A", "graph/unknown-output steps.Q.Arguments.B"]
    );
}

#[test]
fn parameters_are_declared_and_used() {
    let mut unused = ParameterDecl::new("Unused", ParameterKind::String);
    let kept = ParameterDecl {
        unused_reason: Some("for later".into()),
        ..ParameterDecl::new("Kept", ParameterKind::String)
    };
    let wrong = ParameterDecl {
        default: Some(Literal::String("c".into())),
        choices: vec!["a".into(), "b".into()],
        ..ParameterDecl::new("Wrong name", ParameterKind::String)
    };
    let undeclared = Parameter::<i64>::declare(ParameterDecl::new("Undeclared", ParameterKind::Integer));
    unused.default = Some("x".repeat(1025).as_str().into());
    let mut graph = Graph::new();
    graph.add("A", Raw::new("New").argument("X", &undeclared));
    assert_eq!(
        found(&[unused, kept.clone(), kept, wrong], &graph),
        [
            "limit/length Parameters.Unused",
            "graph/duplicate-parameter Parameters.Kept",
            "graph/parameter-name Parameters.Wrong name",
            "limit/value Parameters.Wrong name.DefaultValue",
            "graph/undeclared-parameter steps.A.Arguments",
            "graph/unused-parameter Parameters.Unused",
            "graph/unused-parameter Parameters.Wrong name",
        ]
    );
}

#[test]
fn policies_are_in_range() {
    let mut graph = Graph::new();
    graph.add(
        "A",
        Raw::new("New")
            .retry(Retry::attempts(21).on(StepException::Throttling))
            .retry(Retry::for_minutes(14_400)),
    );
    assert_eq!(
        found(&[], &graph),
        [
            "limit/value steps.A.RetryPolicies[0].MaxAttempts",
            "limit/value steps.A.RetryPolicies[1].ExceptionType"
        ]
    );
}

#[test]
fn an_empty_pipeline_and_a_bad_name() {
    let environment = Environment::default();
    let codes = |name: &str| -> Vec<&str> {
        find(name, &[], &Graph::new(), &environment).iter().map(|p| p.code).collect()
    };
    assert_eq!(codes("ok"), ["graph/empty"]);
    for name in ["", "-a", "a-", "a_b", "ä", &"a".repeat(83)] {
        assert_eq!(codes(name), ["graph/pipeline-name", "graph/empty"], "{name}");
    }
}

#[test]
fn messages_say_what_to_do() {
    let mut graph = Graph::new();
    let mut arguments = Object::new();
    arguments.set("Mode", Expr::<Mode>::from("Fiel"));
    arguments.set("Count", 0_i64);
    graph.add("J", Job(arguments));
    let texts: Vec<String> = problems(&[], &graph).iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "steps.J.Arguments.Mode: \"Fiel\" is not allowed here: one of the 2 values of Mode \
             (did you mean \"File\"?)",
            "steps.J.Arguments.Count: Count takes 1 to 100, not 0",
        ]
    );
}
