//! What holds for every policy that a stack holds, whoever is given it.

use std::collections::BTreeSet;

use serde_json::Value;

/// Actions that AWS's service authorization reference has no resource for.
const WITHOUT_RESOURCE: [&str; 21] = [
    "cloudwatch:PutMetricData",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "sagemaker:ListApps",
    "sagemaker:ListDomains",
    "sagemaker:ListExperiments",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListModels",
    "sagemaker:ListPipelines",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListSpaces",
    "sagemaker:ListTrainingJobs",
    "sagemaker:ListTransformJobs",
    "sagemaker:ListTrialComponents",
    "sagemaker:ListTrials",
    "sagemaker:ListUserProfiles",
];

/// What is against the rules in a template, each with the resource it is in.
pub(crate) fn broken(template: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let text = resource.to_string();
        if text.contains(":iam::aws:policy/") || resource["Properties"].get("ManagedPolicyArns").is_some() {
            broken.push(format!("{id}: a managed policy"));
        }
        let of_key = resource["Type"] == "AWS::KMS::Key";
        let mut sids = BTreeSet::new();
        statements(resource, &mut |statement| {
            if statement.get("Principal").is_none() && !sids.insert(statement["Sid"].to_string()) {
                broken.push(format!("{id}: two statements {}", statement["Sid"]));
            }
            broken.extend(
                rules(statement, of_key).into_iter().map(|rule| format!("{id}: {rule}: {statement}")),
            );
        });
    }
    broken
}

fn rules(statement: &Value, of_key: bool) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let actions = texts(&statement["Action"]);
    let resources = texts(&statement["Resource"]);
    let allows = statement["Effect"] == "Allow";
    if ["NotAction", "NotResource", "NotPrincipal"].iter().any(|key| statement.get(key).is_some()) {
        broken.push("what is not named");
    }
    let has_condition = statement["Condition"].as_object().is_some_and(|conditions| !conditions.is_empty());
    if !allows {
        // To refuse everybody without a condition shuts out whoever could mend it.
        if statement.get("Principal").is_some_and(is_anyone) && !has_condition {
            broken.push("everybody is refused");
        }
        return broken;
    }
    if actions.is_empty() || actions.iter().any(|action| action == "*" || !action.contains(':')) {
        broken.push("no single action");
    }
    // A key's own policy gives the account the key, and leaves who may use it to IAM.
    if !of_key && actions.iter().any(|action| action.ends_with(":*")) {
        broken.push("all actions of a service");
    }
    let everything = resources.iter().any(|resource| resource == "*" || resource == "arn:*");
    if everything && !of_key {
        let known =
            |action: &String| WITHOUT_RESOURCE.contains(&action.as_str()) || action == "sagemaker:Search";
        if !actions.iter().all(known) {
            broken.push("every resource");
        }
    }
    if statement.get("Principal").is_some_and(is_anyone) {
        broken.push("a principal that is anyone");
    }
    broken
}

fn is_anyone(principal: &Value) -> bool {
    principal == "*"
        || principal.as_object().is_some_and(|kinds| {
            kinds.values().flat_map(texts).any(|who| who == "*" || who.contains(":iam::*"))
        })
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Null => Vec::new(),
        one => vec![text(one)],
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn statements(value: &Value, visit: &mut dyn FnMut(&Value)) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Array(list)) = object.get("Statement") {
                list.iter().for_each(&mut *visit);
            }
            object.values().for_each(|value| statements(value, visit));
        }
        Value::Array(list) => list.iter().for_each(|value| statements(value, visit)),
        _ => {}
    }
}

#[test]
fn rules_are_heard() {
    use serde_json::json;
    let check =
        |statement: Value, expected: &[&str]| assert_eq!(rules(&statement, false), expected, "{statement}");
    let with = |key: &str, value: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"});
        statement[key] = value;
        statement
    };
    check(with("Sid", json!("Fine")), &[]);
    check(with("Action", json!("*")), &["no single action"]);
    check(with("Action", json!(["s3:GetObject", "s3:*"])), &["all actions of a service"]);
    check(with("Resource", json!("*")), &["every resource"]);
    check(with("Resource", json!(["arn:aws:s3:::a", "*"])), &["every resource"]);
    check(with("NotAction", json!("s3:GetObject")), &["what is not named"]);
    for anyone in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["arn:aws:iam::*:root"]})] {
        check(with("Principal", anyone), &["a principal that is anyone"]);
    }
    check(with("Principal", json!({"Service": "sagemaker.amazonaws.com"})), &[]);
    check(json!({"Effect": "Deny", "Principal": "*"}), &["everybody is refused"]);
    check(
        json!({"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        &[],
    );
    let token = json!({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"});
    check(token, &[]);
}
