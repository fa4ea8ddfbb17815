//! Small templates: one change each, and the lines that are rendered for it.

use pipewright_diff::{Data, Lookups, StackChange, Style, Update, compare, render};
use serde_json::{Value, json};

/// Compares two maps of resources; the lines below the heading.
fn check(old: Value, new: Value, expected: &[&str]) {
    check_templates(
        json!({"Resources": old}),
        json!({"Resources": new}),
        &with_heading("Resources", expected),
    );
}

fn with_heading<'a>(heading: &'a str, lines: &[&'a str]) -> Vec<&'a str> {
    if lines.is_empty() { vec!["There were no differences"] } else { [&[heading], lines].concat() }
}

fn check_templates(old: Value, new: Value, expected: &[&str]) {
    let difference = compare(Some(&old), Some(&new), &Lookups::default());
    let text = render(&difference, Style { color: false, width: 200 });
    // What is allowed is tested elsewhere.
    let text = match text.split_once("\n\n") {
        Some((first, rest)) if first.starts_with("Allowed that") => rest,
        _ => text.as_str(),
    };
    assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{old}\n{new}");
    assert_eq!(difference.is_empty(), expected == ["There were no differences"]);
    assert!(compare(Some(&old), Some(&old), &Lookups::default()).is_empty());
}

fn bucket(properties: Value) -> Value {
    json!({"Type": "AWS::S3::Bucket", "Properties": properties})
}

#[test]
fn resources_come_go_and_change() {
    check(json!({}), json!({"A": bucket(json!({}))}), &["[+] AWS::S3::Bucket A"]);
    check(json!({"A": bucket(json!({}))}), json!({}), &["[-] AWS::S3::Bucket A — loses objects"]);
    let kept = json!({"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"});
    check(json!({"A": kept}), json!({}), &["[-] AWS::S3::Bucket A — stays, outside of the stack"]);
    check(
        json!({"A": bucket(json!({"BucketName": "a"}))}),
        json!({"A": bucket(json!({"BucketName": "b"}))}),
        &[
            "[~] AWS::S3::Bucket A (is replaced) — loses objects",
            r#"    [~] BucketName: "a" → "b" (replaces)"#,
        ],
    );
    check(
        json!({"A": bucket(json!({"VersioningConfiguration": {"Status": "Enabled"}}))}),
        json!({"A": bucket(json!({"VersioningConfiguration": {"Status": "Suspended"}}))}),
        &["[~] AWS::S3::Bucket A", r#"    [~] VersioningConfiguration.Status: "Enabled" → "Suspended""#],
    );
    check(
        json!({"A": bucket(json!({}))}),
        json!({"A": {"Type": "AWS::SQS::Queue", "Properties": {}}}),
        &["[~] AWS::SQS::Queue A, was AWS::S3::Bucket (is replaced) — loses objects"],
    );
    check(
        json!({"A": {"Type": "AWS::SSM::Parameter", "DependsOn": ["X", "Y"]}}),
        json!({"A": {"Type": "AWS::SSM::Parameter", "DependsOn": ["Z", "X"], "Metadata": {"a": 1}}}),
        &[
            "[~] AWS::SSM::Parameter A",
            r#"    [-] DependsOn[-]: "Y""#,
            r#"    [+] DependsOn[+]: "Z""#,
            "    [+] Metadata: {a: 1}",
        ],
    );
    check(
        json!({"A": {"Type": "Own::Made::Up", "Properties": {"B": {"C": 1}}}}),
        json!({"A": {"Type": "Own::Made::Up", "Properties": {"B": {"C": 2}}}}),
        &["[~] Own::Made::Up A (may be replaced)", "    [~] B.C: 1 → 2 (may replace)"],
    );
}

#[test]
fn renames_are_hinted_at() {
    let content = bucket(json!({"Tags": [{"Key": "a", "Value": "b"}]}));
    check(
        json!({"Old": content}),
        json!({"New": content}),
        &[
            "[+] AWS::S3::Bucket New (renamed from Old)",
            "[-] AWS::S3::Bucket Old (renamed to New) — loses objects",
        ],
    );
    // Which became which can't be told.
    check(
        json!({"A": content, "B": content}),
        json!({"C": content}),
        &[
            "[-] AWS::S3::Bucket A — loses objects",
            "[-] AWS::S3::Bucket B — loses objects",
            "[+] AWS::S3::Bucket C",
        ],
    );
}

#[test]
fn replacements_spread() {
    let subnet = json!({"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}}});
    let domain = json!({"Type": "AWS::SageMaker::Domain", "Properties": {
        "KmsKeyId": {"Fn::Sub": "${Key.Arn}"}, "SubnetIds": [{"Ref": "Subnet"}], "Tags": []}});
    let vpc = |cidr: &str| json!({"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}});
    check(
        json!({"Vpc": vpc("10.0.0.0/16"), "Subnet": subnet, "Domain": domain}),
        json!({"Vpc": vpc("10.1.0.0/16"), "Subnet": subnet, "Domain": domain}),
        &[
            "[~] AWS::EC2::Subnet Subnet (is replaced)",
            "    [~] VpcId: refers to Vpc, which is replaced (replaces)",
            "[~] AWS::EC2::VPC Vpc (is replaced)",
            r#"    [~] CidrBlock: "10.0.0.0/16" → "10.1.0.0/16" (replaces)"#,
        ],
    );
    let key = |kind: &str| json!({"Type": kind, "Properties": {}});
    check(
        json!({"Key": key("AWS::SQS::Queue"), "Domain": domain}),
        json!({"Key": key("AWS::KMS::Key"), "Domain": domain}),
        &[
            "[~] AWS::SageMaker::Domain Domain (is replaced) — loses the domain with its users' spaces",
            "    [~] KmsKeyId: refers to Key, which is replaced (replaces)",
            "[~] AWS::KMS::Key Key, was AWS::SQS::Queue (is replaced) — loses messages",
        ],
    );
}

#[test]
fn what_means_the_same_is_no_difference() {
    let tags = |keys: [&str; 2]| keys.map(|key| json!({"Key": key, "Value": "v"}));
    check(
        json!({"A": bucket(json!({"Tags": tags(["a", "b"])}))}),
        json!({"A": bucket(json!({"Tags": tags(["b", "a"])}))}),
        &[],
    );
    let role = |statements: Value| {
        json!({"R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [
        {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]}}})
    };
    let [a, b] = [
        json!({"Sid": "A", "Effect": "Allow", "Action": ["s3:Get", "s3:Put"], "Resource": "x"}),
        json!({"Sid": "B", "Effect": "Deny", "Action": "s3:*", "Resource": ["y"]}),
    ];
    let shuffled = json!([
        {"Sid": "B", "Effect": "Deny", "Action": ["s3:*"], "Resource": "y"},
        {"Sid": "A", "Effect": "Allow", "Action": ["s3:Put", "s3:Get"], "Resource": ["x"]},
    ]);
    check(role(json!([a, b])), role(shuffled), &[]);
    check(role(json!([a])), role(a.clone()), &[]);
    check(
        role(json!([a])),
        role(json!([{"Sid": "C", "Effect": "Allow", "Action": ["s3:Get", "s3:Put"], "Resource": "x"}])),
        &[
            "[~] AWS::IAM::Role R",
            r#"    [~] Policies[p].PolicyDocument.Statement.Sid: "A" → "C" (permits the same)"#,
        ],
    );
}

#[test]
fn roles_by_permission() {
    let role = |action: Value, trust: &str| {
        json!({"R": {
            "Type": "AWS::IAM::Role",
            "Metadata": {"Pipewright": {"Steps": {"Read": ["Train", "Evaluate"]}}},
            "Properties": {
                "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"Service": trust}, "Action": "sts:AssumeRole"}]},
                "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [
                    {"Sid": "Read", "Effect": "Allow", "Action": action, "Resource": [{"Fn::Sub": "${Data.Arn}/*"}, {"Fn::GetAtt": ["Data", "Arn"]}]}]}}],
            }
        }})
    };
    check(
        role(json!(["s3:GetObject", "s3:ListBucket"]), "a"),
        role(json!(["s3:GetObject", "s3:PutObject"]), "a"),
        &[
            "[~] AWS::IAM::Role R",
            "    [+] Allow s3:PutObject on ${Data.Arn}, ${Data.Arn}/* (steps: Train, Evaluate)",
            "    [-] Allow s3:ListBucket on ${Data.Arn}, ${Data.Arn}/* (steps: Train, Evaluate)",
        ],
    );
    check(
        role(json!("a"), "a.com"),
        role(json!("a"), "b.com"),
        &[
            "[~] AWS::IAM::Role R",
            "    [+] Allow sts:AssumeRole to Service b.com",
            "    [-] Allow sts:AssumeRole to Service a.com",
        ],
    );
}

#[test]
fn sections() {
    let template =
        |value: Value| json!({"Parameters": {"Env": {"Type": "String", "Default": value}}, "Resources": {}});
    check_templates(
        template(json!("a")),
        template(json!("b")),
        &["Parameters", r#"[~] Parameters.Env.Default: "a" → "b""#],
    );
    check_templates(
        json!({"Outputs": {"A": {"Value": 1}}, "Conditions": {"C": {"Fn::Equals": [1, 2]}}}),
        json!({"Outputs": {"B": {"Value": 1}}, "Conditions": {"C": {"Fn::Equals": [1, 3]}}, "Description": "d"}),
        &[
            "Conditions",
            "[~] Conditions.C: ${Equals(1, 2)} → ${Equals(1, 3)}",
            "",
            "Description",
            r#"[+] Description: "d""#,
            "",
            "Outputs",
            "[-] Outputs.A: {Value: 1}",
            "[+] Outputs.B: {Value: 1}",
        ],
    );
    let silent =
        |value: &str| json!({"Parameters": {"P": {"Type": "String", "NoEcho": true, "Default": value}}});
    check_templates(
        silent("hidden-a"),
        silent("hidden-b"),
        &["Parameters", "[~] Parameters.P.Default: differs (not shown)"],
    );
}

#[test]
fn secrets_are_not_shown() {
    let resource = |password: &str| {
        json!({"A": {"Type": "AWS::SQS::Queue", "Properties": {
        "MasterPassword": password, "Other": format!("{{{{resolve:secretsmanager:{password}}}}}")}}})
    };
    let [old, new] = ["hidden-a", "hidden-b"].map(|text| json!({"Resources": resource(text)}));
    let difference = compare(Some(&old), Some(&new), &Lookups::default());
    let all = format!("{}{}", render(&difference, Style::default()), difference.to_json());
    assert!(!all.contains("hidden"), "{all}");
    assert_eq!(difference.resources[0].properties.len(), 2);
}

#[test]
fn a_stack_comes_and_goes() {
    let template = json!({"Resources": {"A": bucket(json!({}))}});
    let lookups = Lookups::default();
    let created = compare(None, Some(&template), &lookups);
    assert_eq!(created.stack, StackChange::Created);
    assert!(render(&created, Style::default()).starts_with("The stack is new\n"));
    let deleted = compare(Some(&template), None, &lookups);
    assert_eq!((deleted.stack, deleted.resources[0].data), (StackChange::Deleted, Some(Data::Lost)));
    assert_eq!(deleted.losing_data().count(), 1);
    assert!(compare(None, None, &lookups).is_empty());
}

#[test]
fn the_caller_says_what_replaces() {
    let [old, new] =
        [1, 2].map(|value| json!({"Resources": {"A": {"Type": "T", "Properties": {"L": [{"P": value}]}}}}));
    let update = |resource_type: &str, path: &str| {
        assert_eq!((resource_type, path), ("T", "L.P"));
        Update::Replacement
    };
    let difference = compare(Some(&old), Some(&new), &Lookups { update: &update, ..Lookups::default() });
    assert_eq!(difference.resource("A").unwrap().replacement, Update::Replacement);
    assert_eq!(difference.resource("B"), None);
}

#[test]
fn json_has_a_stable_shape() {
    let [old, new] = ["a", "b"].map(|name| json!({"Resources": {"A": bucket(json!({"BucketName": name}))}}));
    let difference = compare(Some(&old), Some(&new), &Lookups::default());
    let expected = json!({
        "format": 1, "empty": false, "stack": "updated", "sections": [], "broadening": [],
        "resources": [{
            "logical_id": "A", "resource_type": "AWS::S3::Bucket", "sign": "changed", "replacement": "replacement", "data": "lost",
            "properties": [{"path": "BucketName", "old": "a", "new": "b", "update": "replacement"}],
        }],
    });
    assert_eq!(difference.to_json(), expected);
}
