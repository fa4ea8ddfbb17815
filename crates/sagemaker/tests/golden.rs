//! The generator's golden compiles, and what it makes behaves.

#![allow(unused_imports, missing_docs, unreachable_pub, dead_code, clippy::pedantic, reason = "generated")]

include!("../../../build-support/tests/goldens/sagemaker/demo.rs");

use enums::Mode;
use pipewright_model::{EnumValue, FromPath, Node, Path, node};
use requests::{CreateDemoRequest, Input};

#[test]
fn requests_are_objects_in_the_order_of_their_calls() {
    let request = CreateDemoRequest::new([Input::new("a", "bucket").count(2)], Mode::S3_PREFIX)
        .words(["x", "y"])
        .environment([("LOG", 1), ("DEPTH", 2)])
        .rate(0.5)
        .fast(true)
        .demo_name("first")
        .demo_name("second");
    assert_eq!(
        Node::from(request),
        node!({
            "Inputs": [{ "InputName": "a", "Bucket": "bucket", "Count": 2 }],
            "Type": "S3Prefix",
            "Words": ["x", "y"],
            "Environment": { "LOG": "1", "DEPTH": "2" },
            "Rate": 0.5,
            "Fast": true,
            "DemoName": "second",
        })
    );
}

#[test]
fn enums_know_their_values_and_take_newer_ones() {
    assert_eq!(Mode::VALUES.len(), 4);
    assert_eq!(Mode::ML_M5_LARGE.wire(), "ml.m5.large");
    assert_eq!(Mode::other("ml.m9.large").wire(), "ml.m9.large");
}

#[test]
fn property_paths() {
    let demo = properties::DescribeDemoResponse::from_path(Path::of_step("S".into()));
    let check = |node: &Node, expected: &str| {
        let Node::Expr(pipewright_model::expr::Expression::Property { step, path }) = node else {
            panic!("{node:?}")
        };
        assert_eq!(format!("{step}.{path}"), expected);
    };
    check(demo.demo_name().node(), "S.DemoName");
    check(demo.inputs().key("a").bucket().node(), "S.Inputs['a'].Bucket");
    check(demo.inputs().at(0).count().node(), "S.Inputs[0].Count");
    check(demo.words().at(3).node(), "S.Words[3]");
    check(demo.environment().key("LOG").node(), "S.Environment['LOG']");
}
