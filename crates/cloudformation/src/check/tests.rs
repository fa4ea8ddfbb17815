//! Cases for every fault: constraints against the generator's golden, the rest against real resource types.

use serde_json::{Value as Node, json};

use super::constraints::Constraints;
use super::patterns::Patterns;
use super::{DEPTH_LIMIT, Faults};
use crate::condition::{Condition, ConditionRef};
use crate::intrinsic::{find_in_map, sub, sub_with, when};
use crate::problem::Severity;
use crate::resource::{Handle, Resource, Untyped};
use crate::sections::{Output, Parameter};
use crate::template::Template;
use crate::value::Value;
use crate::{iam, pseudo, s3, sagemaker};

/// The golden of the generator, compiled: a resource type with one of everything.
#[allow(dead_code, unreachable_pub, clippy::pedantic, reason = "generated; not all of it is used here")]
mod golden {
    include!("../../../../build-support/tests/goldens/cloudformation/demo.rs");
}
use golden::demo::{Thing, thing};

/// Checks properties of the golden's type; `Zone` and `Enabled`, which it requires, are added.
fn constraints(properties: &Node, expected: &[&str]) {
    let mut node = properties.clone();
    let map = node.as_object_mut().unwrap();
    map.entry("Zone").or_insert(json!("z"));
    map.entry("Enabled").or_insert(json!(true));
    map.entry("ThingName").or_insert(json!("abc"));
    let mut faults = Faults::default();
    Constraints::new("T", &mut faults, &mut Patterns::default()).properties(Thing::SCHEMA.root, &node);
    let found: Vec<String> = faults.found.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{properties}");
}

#[test]
fn what_is_within_its_limits_is_well() {
    for properties in [
        json!({}),
        json!({"ThingName": {"Ref": "X"}, "Enabled": "true", "MinSize": "3", "MaxSize": {"Fn::Sub": "${N}"}}),
        json!({"ThingName": "{{resolve:ssm:/a/very/long/name}}"}),
        json!({"ThingName": {"Fn::If": ["C", "abc", {"Ref": "AWS::NoValue"}]}}),
        json!({"Settings": [{"Mode": "on", "Children": [{"Mode": "off"}]}, {"Mode": "a:b"}]}),
        json!({"Settings": {"Fn::If": ["C", [{"Mode": "on"}], {"Ref": "AWS::NoValue"}]}}),
        json!({"Settings": [{"Mode": "on"}, {"Mode": "off"}, {"Fn::If": ["C", {"Mode": "OFF"}, {"Ref": "AWS::NoValue"}]}]}),
        json!({"Labels": {"a": "x", "b": {"Ref": "X"}}}),
        json!({"Document": {"Ref": 3, "anything": null}}),
        json!({"Endpoint": {"Weight": 1}, "Retention": 7, "Block": "10.0.0.0/8", "MinSize": -1, "MaxSize": 1}),
        json!({"Where": {"Body": "x"}, "Tags": [{"Key": "ä-b", "Value": ""}]}),
    ] {
        constraints(&properties, &[]);
    }
}

#[test]
fn every_limit_is_checked() {
    let check = |name: &str, value: Node, expected: &str| {
        constraints(&json!({ name: value }), &[&format!("T.Properties.{expected}")]);
    };
    check("ThingName", json!("ab"), r#"ThingName: "ab" has 2 characters; 3 to 5 are allowed"#);
    check("ThingName", json!("abcdef"), r#"ThingName: "abcdef" has 6 characters; 3 to 5 are allowed"#);
    check("ThingName", json!("ab1"), r#"ThingName: "ab1" does not match ^[a-z]+$"#);
    check("ThingName", json!(3), "ThingName: 3 is no text");
    check(
        "ThingName",
        json!({"Fn::Join": ["-", ["abcd", {"Ref": "X"}, "e"]]}),
        r#"ThingName: {"Fn::Join":["-",["abcd",{"Ref":"X"},"e"]]} has at least 7 characters; 3 to 5 are allowed"#,
    );
    check(
        "ThingName",
        json!({"Fn::If": ["C", "abc", "a"]}),
        r#"ThingName.Fn::If[2]: "a" has 1 characters; 3 to 5 are allowed"#,
    );
    check("Enabled", json!("yes"), r#"Enabled: "yes" is no boolean"#);
    check("MaxSize", json!(1.5), "MaxSize: 1.5 is no whole number");
    check("Retention", json!(2), "Retention: 2 is none of the known values: 1, 7");
    check("Endpoint", json!({"Weight": 1.5}), "Endpoint.Weight: 1.5 is out of range; -0.5 to 1 is allowed");
    check("Endpoint", json!({"Weight": true}), "Endpoint.Weight: true is no number");
    check("Endpoint", json!({"Port": 1}), "Endpoint.Port: the property is read-only: the service sets it");
    check("Endpoint", json!([]), "Endpoint: [] is no object");
    check("Block", json!("10.0.0.0"), r#"Block: "10.0.0.0" is no block of IPv4 addresses"#);
    check("Block", json!("10.0.0.0/33"), r#"Block: "10.0.0.0/33" is no block of IPv4 addresses"#);
    check("Labels", json!({"A": "x"}), r#"Labels.A: "A" does not match ^[a-z]+$"#);
    check("Labels", json!({"a": "long"}), r#"Labels.a: "long" has 4 characters; up to 3 are allowed"#);
    check("Labels", json!({"a": "", "b": "", "c": ""}), "Labels: there are 3 items; up to 2 are allowed");
    check("Labels", json!("x"), r#"Labels: "x" is no map"#);
    check("Settings", json!([]), "Settings: there are 0 items; 1 to 2 are allowed");
    check("Settings", json!({}), "Settings: {} is no list");
    check(
        "Settings",
        json!([{"Mode": "x"}]),
        r#"Settings[0].Mode: "x" is none of the known values: on, off, OFF, a:b"#,
    );
    check(
        "Settings",
        json!([{"Mode": "on"}, {"Mode": "on"}]),
        r#"Settings[1]: {"Mode":"on"} is in the list twice"#,
    );
    check("Settings", json!([{}]), "Settings[0]: the required property Mode is missing");
    check(
        "Settings",
        json!([{"Mode": "on", "Children": [{}]}]),
        "Settings[0].Children[0]: the required property Mode is missing",
    );
    check("Where", json!({}), "Where: exactly one of Body, Location has to be set, and none are");
    check(
        "Where",
        json!({"Body": "x", "Location": "y"}),
        "Where: exactly one of Body, Location has to be set, and 2 (Body, Location) are",
    );
    check(
        "Tags",
        json!([{"Key": "a;b", "Value": ""}]),
        r#"Tags[0].Key: "a;b" does not match ^[A-Za-z\u{80}-\u{10FFFF}\-]*$"#,
    );
    check("Document", json!(3), "Document: 3 is no JSON document");
    check("Arn", json!("x"), "Arn: the property is read-only: the service sets it");
    check(
        "Thing",
        json!("x"),
        "Thing: there is no such property; known are Block, Document, Enabled, Endpoint, Labels, MaxSize, MinSize, \
         Retention, Role, Settings, Tags, ThingName, VPCId, Where, Zone",
    );
}

#[test]
fn combinations_are_checked() {
    constraints(
        &json!({"MinSize": 11}),
        &[
            "T.Properties: MinSize needs MaxSize to be set, too",
            "T.Properties.MinSize: 11 is out of range; -1 to 10 is allowed",
        ],
    );
    constraints(
        &json!({"Document": {}, "Where": {"Body": "x"}}),
        &["T.Properties: Document and Where can't both be set"],
    );
    constraints(&json!({"Document": {"Fn::If": ["C", {}, {}]}, "MinSize": {"Fn::If": ["C", 1, 2]}}), &[]);
    let mut faults = Faults::default();
    Constraints::new("T", &mut faults, &mut Patterns::default()).properties(Thing::SCHEMA.root, &json!({}));
    let found: Vec<String> = faults.found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "T.Properties: the required property Enabled is missing",
            "T.Properties: the required property Zone is missing",
            "T.Properties: at least one of ThingName, Role has to be set",
        ]
    );
}

#[test]
fn the_generated_types_write_what_the_tables_allow() {
    let thing = Thing::new(true, "z")
        .thing_name("abc")
        .settings([thing::Setting::new(thing::SettingMode::A_B)
            .children([thing::Setting::new(thing::SettingMode::ON)])])
        .r#where(thing::Where::body("text"))
        .endpoint(thing::Endpoint::new().weight(0.5))
        .labels([("a", "x")])
        .tags([crate::Tag::new("k", "v")]);
    let node = thing.clone().into_body().to_node(Thing::TYPE)["Properties"].clone();
    constraints(&node, &[]);
    let text = node.to_string();
    assert!(text.starts_with(r#"{"Enabled":true,"Endpoint":{"Weight":0.5},"#), "{text}");
    let newer = Thing::new(true, "z").settings([thing::Setting::new(thing::SettingMode::other("new"))]);
    let node = newer.into_body().to_node(Thing::TYPE)["Properties"].clone();
    constraints(
        &node,
        &[r#"T.Properties.Settings[0].Mode: "new" is none of the known values: on, off, OFF, a:b"#],
    );
    let handle = Handle::<Thing>::named("T".into());
    assert_eq!(handle.endpoint_port().node(), &json!({"Fn::GetAtt": ["T", "Endpoint.Port"]}));
}

fn check(template: &Template, expected: &[&str]) {
    let found: Vec<String> = template.check().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

fn thing(property: Node) -> Untyped {
    Untyped::new("X::Y::Z").property("P", property)
}

#[test]
fn a_template_of_real_resources_is_well() {
    let mut template = Template::new("demo");
    let name = template.parameter("Name", Parameter::string());
    let china = template.condition("China", Condition::equals(pseudo::partition(), "aws-cn"));
    let accounts = template.mapping("Accounts", [("eu-west-1", [("Sklearn", "141502667606")])]);
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": when::<String>(&china, "sagemaker.amazonaws.com.cn", "sagemaker.amazonaws.com")},
        "Condition": {"StringEquals": {"aws:SourceAccount": pseudo::account_id()}},
    }]});
    let role = template.add("Role", iam::Role::new(trust));
    let pipeline = template.add(
        "Pipeline",
        sagemaker::Pipeline::new(
            sagemaker::pipeline::PipelineDefinition::pipeline_definition_body(sub_with(
                "{\"Image\": \"${Sklearn}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/x\", \"Kept\": \"${!x}\"}",
                [("Sklearn", accounts.find(pseudo::region(), "Sklearn"))],
            )),
            name,
            role.arn(),
        )
        .depends_on(&role),
    );
    template.output("Name", Output::new(pipeline.reference()).condition(&china));
    check(&template, &[]);
}

#[test]
fn dangling_references_are_found() {
    let mut template = Template::new("");
    let bucket = template.add("Bucket", s3::Bucket::new());
    let gone = ConditionRef::named("Gone");
    template.add("A", thing(json!([{"Ref": "Nothing"}, {"Fn::GetAtt": ["Nowhere", "Arn"]}, {"Fn::GetAtt": ["Bucket", "Arn"]}])));
    template.add(
        "B",
        thing(json!([{"Fn::GetAtt": ["Bucket", "Size"]}, {"Fn::GetAtt": "Bucket.Arn"}, {"Fn::GetAtt": "x"}])),
    );
    template.add(
        "C",
        thing(json!([sub("${No}${Bucket.X}${Bucket}"), sub_with("${A}", [("A", "1"), ("B", "2")])])),
    );
    template.add("D", thing(json!(find_in_map("Map", "a", "b"))).depends_on("Never").condition(&gone));
    template.add(
        "E",
        thing(json!([{"Fn::If": ["C"]}, {"Ref": 3}, {"Fn::Sub": []}, when::<String>(&gone, "a", "b")])),
    );
    template.mapping("Table", [("row", [("key", "value")])]);
    template.add(
        "F",
        thing(json!([find_in_map("Table", pseudo::region(), "kee"), find_in_map("Table", "row", "key")])),
    );
    template.output("Out", Output::new(Value::<String>::raw(json!({"Ref": "Lost"}))).condition(&gone));
    let _ = bucket;
    let attributes = s3::Bucket::SCHEMA.attributes.join(", ");
    check(
        &template,
        &[
            r#"A.Properties.P[0]: "Nothing" is no resource or parameter of this template"#,
            r#"A.Properties.P[1]: "Nowhere" is no resource or parameter of this template"#,
            &format!(
                r#"B.Properties.P[0]: AWS::S3::Bucket "Bucket" has no attribute "Size"; known are {attributes}"#
            ),
            r#"B.Properties.P[2]: Fn::GetAtt does not take "x""#,
            r#"C.Properties.P[0]: "No" is no resource or parameter of this template"#,
            &format!(
                r#"C.Properties.P[0]: AWS::S3::Bucket "Bucket" has no attribute "X"; known are {attributes}"#
            ),
            r#"C.Properties.P[1]: the text of Fn::Sub does not use the variable "B""#,
            r#"D.Condition: "Gone" is no condition of this template"#,
            r#"D.DependsOn: "Never" is no resource or parameter of this template"#,
            r#"D.Properties.P: "Map" is no mapping of this template"#,
            r#"E.Properties.P[0]: Fn::If does not take ["C"]"#,
            "E.Properties.P[1]: Ref does not take 3",
            "E.Properties.P[2]: Fn::Sub does not take []",
            r#"E.Properties.P[3]: "Gone" is no condition of this template"#,
            r#"F.Properties.P[0]: "Table.*.kee" is no entry of a mapping of this template"#,
            r#"Outputs.Out.Condition: "Gone" is no condition of this template"#,
            r#"Outputs.Out.Value: "Lost" is no resource or parameter of this template"#,
        ],
    );
}

#[test]
fn circles_are_found() {
    let mut template = Template::new("");
    template.add("A", thing(json!({"Fn::GetAtt": ["B", "X"]})));
    template.add("B", thing(json!(sub("${C}"))));
    template.add("C", thing(json!(1)).depends_on("A"));
    template.add("Self", thing(json!({"Ref": "Self"})));
    let one = ConditionRef::named("One");
    let two = template.condition("Two", &one);
    template.condition("One", &two);
    template.add("D", thing(json!({"Ref": "A"})).condition(&one));
    check(
        &template,
        &[
            "Conditions.One: they depend on each other in a circle: One → Two → One",
            "A: they depend on each other in a circle: A → B → C → A",
            "Self: they depend on each other in a circle: Self → Self",
        ],
    );
}

#[test]
fn names_and_limits_are_checked() {
    let mut template = Template::new("x".repeat(1_025));
    template.add("Not-a-name", thing(json!(1)));
    template.add("Twice", thing(json!(1)));
    template.add("Twice", thing(json!(2)));
    template.add("Both", thing(json!({"Ref": "Both"})));
    template.parameter("Both", Parameter::string());
    template.parameter("Unused", Parameter::string());
    template.condition("Never", Condition::equals("a", "b"));
    template.mapping("Nothing", [("a", [("b", "c")])]);
    check(
        &template,
        &[
            "Description: it has 1025 bytes; at most 1024 are allowed",
            "Parameters.Unused: it is never used",
            "Mappings.Nothing: it is never used",
            "Conditions.Never: it is never used",
            "Both: the name is used twice",
            "Not-a-name: the name is not made of 1 to 255 letters and digits",
            "Twice: the name is used twice",
        ],
    );

    let mut template = Template::new("");
    for n in 0..501 {
        template.add(format!("R{n}"), thing(json!(1)));
    }
    check(&template, &["Resources: there are 501; at most 500 are allowed"]);

    let mut template = Template::new("");
    template.add("Large", thing(json!("x".repeat(1_000_000))));
    let size = template.size();
    check(&template, &[&format!("it has {size} bytes; at most 1000000 are allowed")]);
}

#[test]
fn deep_values_end_in_a_fault() {
    let mut deep = json!("x");
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let mut template = Template::new("");
    template.add("Deep", s3::Bucket::new().metadata("m", deep));
    let found = template.check();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code(), "cloudformation/too-deep");
    assert_eq!(found[0].limit(), Some(DEPTH_LIMIT.to_string()));
}

#[test]
fn a_problem_tells_place_value_and_limit() {
    let mut template = Template::new("");
    template.add("B", s3::Bucket::new().bucket_name("Not_A_Bucket").tags([crate::Tag::new("", "x")]));
    let found = template.check();
    let told: Vec<_> = found
        .iter()
        .map(|problem| {
            (
                problem.logical_id.as_str(),
                problem.path.as_str(),
                problem.code(),
                problem.severity(),
                problem.value(),
                problem.limit(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "B",
                "Properties.BucketName",
                "cloudformation/pattern",
                Severity::Error,
                Some("\"Not_A_Bucket\"".to_owned()),
                Some("^([a-z0-9][a-z0-9.-]*[a-z0-9])?$".to_owned())
            ),
            (
                "B",
                "Properties.Tags[0].Key",
                "cloudformation/length",
                Severity::Error,
                Some("\"\"".to_owned()),
                Some("1 to 128".to_owned())
            ),
        ]
    );
}
