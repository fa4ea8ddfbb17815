//! What counts as allowing more.

use pipewright_diff::{BroadeningKind, broadening};
use serde_json::{Value, json};

use BroadeningKind::{Allow, Boundary, Condition, DenyRemoved, Egress, Ingress, ManagedPolicy, Trust};

/// Compares two maps of resources.
fn check(old: Value, new: Value, expected: &[(&str, BroadeningKind, &str)]) {
    let [a, b] = [&old, &new].map(|resources| json!({"Resources": resources}));
    let found = broadening(Some(&a), Some(&b));
    let found: Vec<_> =
        found.iter().map(|found| (found.logical_id.as_str(), found.kind, found.what.as_str())).collect();
    assert_eq!(found, expected, "{old}\n{new}");
    assert!(broadening(Some(&b), Some(&b)).is_empty());
}

fn role(statements: Value) -> Value {
    json!({"R": {"Type": "AWS::IAM::Role", "Properties": {
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": statements}}]}}})
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

#[test]
fn permissions_of_a_role() {
    let deny = json!({"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"});
    check(role(json!([])), role(json!([allow("s3:Get", "a")])), &[("R", Allow, "Allow s3:Get on a")]);
    check(role(json!([allow("s3:*", "*")])), role(json!([allow("s3:Get", "a")])), &[]);
    check(
        role(json!([allow("s3:Get", "a")])),
        role(json!([allow("s3:G*", "a")])),
        &[("R", Allow, "Allow s3:G* on a")],
    );
    check(
        role(json!([allow("s3:Get", "a")])),
        role(json!([allow("s3:Get", "*")])),
        &[("R", Allow, "Allow s3:Get on *")],
    );
    check(
        role(json!([allow("s3:Get", "a"), deny])),
        role(json!([allow("s3:Get", "a")])),
        &[("R", DenyRemoved, "Deny s3:Delete* on * removed")],
    );
    let wider = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"});
    check(role(json!([deny])), role(json!([wider])), &[]);
    check(role(json!([wider])), role(json!([deny])), &[("R", DenyRemoved, "Deny s3:* on * removed")]);
    check(role(json!([deny])), json!({}), &[]);
    check(role(json!([])), role(json!([deny])), &[]);
    check(
        role(json!([{"Effect": "Allow", "NotAction": ["a:B", "a:C"], "Resource": "*"}])),
        role(json!([{"Effect": "Allow", "NotAction": "a:B", "Resource": "*"}])),
        &[("R", Allow, "Allow all but a:B on *")],
    );
    // In one statement or in two, a text or a list: the same.
    check(
        role(json!([{"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "x"}])),
        role(json!([allow("A:b", "x"), allow("a:C", "x")])),
        &[],
    );
}

#[test]
fn conditions() {
    let under = |condition: Value| {
        let mut statement = allow("s3:Get", "a");
        statement["Condition"] = condition;
        role(json!([statement]))
    };
    let one = json!({"StringEquals": {"aws:SourceAccount": "1"}});
    let two = json!({"StringEquals": {"aws:SourceAccount": ["1", "2"]}});
    check(
        under(one.clone()),
        role(json!([allow("s3:Get", "a")])),
        &[("R", Condition, "Allow s3:Get on a, now without condition")],
    );
    check(role(json!([allow("s3:Get", "a")])), under(one.clone()), &[]);
    check(under(two.clone()), under(one.clone()), &[]);
    check(
        under(one),
        under(two),
        &[(
            "R",
            Condition,
            "Allow s3:Get on a where aws:SourceAccount StringEquals 1 or 2, a condition changed",
        )],
    );
    // A condition of the template.
    let with = |condition: Value| {
        let mut resources = role(json!([allow("s3:Get", "a")]));
        resources["R"]["Condition"] = condition;
        resources
    };
    check(
        with(json!("Prod")),
        role(json!([allow("s3:Get", "a")])),
        &[("R", Condition, "Allow s3:Get on a, now without condition")],
    );
}

#[test]
fn who_may_take_on_a_role() {
    let trust = |principal: Value| {
        json!({"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}}}})
    };
    check(
        trust(json!({"Service": "a"})),
        trust(json!({"Service": ["a", "b"]})),
        &[("R", Trust, "Allow sts:AssumeRole to Service b")],
    );
    check(trust(json!("*")), trust(json!({"Service": "b"})), &[]);
    check(trust(json!({"Service": ["a", "b"]})), trust(json!({"Service": "b"})), &[]);
    check(trust(json!({"AWS": "*"})), trust(json!("*")), &[]);
}

#[test]
fn managed_policies_and_boundaries() {
    let role = |properties: Value| json!({"R": {"Type": "AWS::IAM::Role", "Properties": properties}});
    check(
        role(json!({})),
        role(json!({"ManagedPolicyArns": ["arn:x"]})),
        &[("R", ManagedPolicy, "managed policy arn:x attached")],
    );
    check(role(json!({"ManagedPolicyArns": ["a", "b"]})), role(json!({"ManagedPolicyArns": ["b"]})), &[]);
    let [a, b] = ["a", "b"].map(|arn| role(json!({"PermissionsBoundary": arn})));
    check(a.clone(), role(json!({})), &[("R", Boundary, "permissions boundary a removed")]);
    check(a.clone(), b, &[("R", Boundary, "permissions boundary is b instead of a")]);
    check(role(json!({})), a, &[]);
}

#[test]
fn what_moves_between_policies_stays_the_same() {
    let statement = allow("s3:Get", "a");
    let document = json!({"Statement": [statement]});
    let mut attached = role(json!([]));
    attached["P"] = json!({"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document, "Roles": [{"Ref": "R"}]}});
    check(role(json!([statement])), attached.clone(), &[]);
    let mut managed = role(json!([]));
    managed["R"]["Properties"]["ManagedPolicyArns"] = json!([{"Ref": "M"}]);
    managed["M"] = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}});
    check(attached, managed.clone(), &[]);
    // To another role it is new.
    managed["Q"] = json!({"Type": "AWS::IAM::Role", "Properties": {}});
    managed["M"]["Properties"]["Roles"] = json!([{"Ref": "Q"}]);
    check(role(json!([statement])), managed, &[("M", Allow, "Allow s3:Get on a")]);
}

#[test]
fn policies_of_resources() {
    let bucket = |statements: Value| {
        json!({
            "B": {"Type": "AWS::S3::Bucket"},
            "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Statement": statements}}},
        })
    };
    let tls = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let told = "Deny s3:* on * to * where aws:SecureTransport Bool false removed";
    check(bucket(json!([tls])), bucket(json!([])), &[("P", DenyRemoved, told)]);
    check(bucket(json!([tls])), json!({"B": {"Type": "AWS::S3::Bucket"}}), &[("P", DenyRemoved, told)]);
    check(bucket(json!([tls])), json!({}), &[]);
    let mut kept = bucket(json!([tls]));
    kept["B"]["DeletionPolicy"] = json!("Retain");
    check(kept, json!({}), &[("P", DenyRemoved, told)]);
    for (resource_type, property) in [
        ("AWS::KMS::Key", "KeyPolicy"),
        ("AWS::SNS::TopicPolicy", "PolicyDocument"),
        ("AWS::SQS::QueuePolicy", "PolicyDocument"),
        ("AWS::EC2::VPCEndpoint", "PolicyDocument"),
        ("AWS::ECR::Repository", "RepositoryPolicyText"),
    ] {
        let with = |statements: Value| json!({"A": {"Type": resource_type, "Properties": {property: {"Statement": statements}}}});
        let statement =
            json!({"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": "x:Y", "Resource": "*"});
        check(with(json!([])), with(json!([statement])), &[("A", Allow, "Allow x:Y on * to AWS 1")]);
    }
    let endpoint =
        |properties: Value| json!({"E": {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}});
    let policy = json!({"PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}});
    check(endpoint(json!({})), endpoint(policy.clone()), &[]);
    check(endpoint(policy), endpoint(json!({})), &[("E", Allow, "Allow * on * to *")]);
    let permission = json!({"L": {"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"}, "Principal": "events.amazonaws.com", "SourceAccount": "1"}}});
    check(
        json!({}),
        permission,
        &[(
            "L",
            Allow,
            "Allow lambda:InvokeFunction on ${F} to events.amazonaws.com where aws:SourceAccount StringEquals 1",
        )],
    );
}

#[test]
fn security_groups() {
    let group = |ingress: Value, egress: Value| {
        json!({"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
        "SecurityGroupIngress": ingress, "SecurityGroupEgress": egress}}})
    };
    let rule = |cidr: &str| json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": cidr});
    check(
        group(json!([]), json!([])),
        group(json!([rule("10.0.0.0/8")]), json!([])),
        &[("G", Ingress, "ingress tcp 443 from 10.0.0.0/8")],
    );
    check(group(json!([rule("10.0.0.0/8")]), json!([])), group(json!([rule("10.1.0.0/16")]), json!([])), &[]);
    check(
        group(json!([]), json!([])),
        group(json!([]), json!([rule("0.0.0.0/0")])),
        &[("G", Egress, "egress tcp 443 to 0.0.0.0/0")],
    );
    check(
        json!({}),
        json!({"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}}}),
        &[("G", Egress, "egress everything to 0.0.0.0/0")],
    );
    let void = json!([{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "CidrIp": "127.0.0.1/32"}]);
    check(json!({}), group(json!([]), void), &[]);
    // A rule that moves out of its group is the same rule.
    let mut apart = group(json!([]), json!([]));
    apart["I"] = json!({"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
        "GroupId": {"Fn::GetAtt": ["G", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}});
    check(group(json!([rule("10.0.0.0/8")]), json!([])), apart, &[]);
}

#[test]
fn what_is_not_compared_counts() {
    let many: Vec<String> = (0..64).map(|n| format!("a:{n}")).collect();
    let statement = json!({"Effect": "Allow", "Action": many, "Resource": many});
    let wide = role(Value::from(vec![statement; 130]));
    let found = broadening(Some(&json!({"Resources": wide})), Some(&json!({"Resources": {}})));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].what.starts_with("more than"), "{found:?}");
}

#[test]
fn lists_that_stand_as_one_are_no_patterns() {
    let with = |last: &str| {
        let mut many: Vec<String> = (0..99).map(|n| format!("a:{n:02}")).collect();
        many.push("z:*".to_owned());
        many.push(last.to_owned());
        role(json!([{"Effect": "Allow", "Action": many, "Resource": many}]))
    };
    let [old, new] = ["zz:A", "zz:A, zz:B"].map(|last| json!({"Resources": with(last)}));
    assert_eq!(broadening(Some(&old), Some(&new)).len(), 1);
}
