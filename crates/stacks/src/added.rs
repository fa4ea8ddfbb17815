//! What somebody allows a pipeline's role by hand, beside what its graph needs.

use std::collections::BTreeSet;

use pipewright_model::{Permission, Problem};

/// Actions that people ask for and that AWS's service authorization reference has no resource for, sorted.
///
/// The list need not be complete: of anything else `*` wants a reason.
const WITHOUT_RESOURCE: [&str; 28] = [
    "athena:ListDataCatalogs",
    "athena:ListWorkGroups",
    "ce:GetCostAndUsage",
    "cloudwatch:DescribeAnomalyDetectors",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricData",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRegions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
    "kms:ListAliases",
    "kms:ListKeys",
    "logs:DescribeQueries",
    "s3:ListAllMyBuckets",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListModels",
    "sagemaker:ListPipelines",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTrainingJobs",
    "ssm:DescribeParameters",
    "sts:GetCallerIdentity",
    "tag:GetResources",
];

/// What CloudFormation fills in.
const PLACEHOLDERS: [&str; 4] = ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"];

/// A statement that was added by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// What it allows. It is for no step.
    pub permission: Permission,
    /// Why it allows it, where that needs to be said.
    pub reason: Option<String>,
}

impl Added {
    /// The name of a statement that is given none: `ByHand1` is the first of a pipeline.
    pub fn name(index: usize) -> String {
        format!("ByHand{}", index + 1)
    }
}

/// What is wrong with statements that were added to the role of a pipeline, which is `derived` otherwise.
pub fn problems(pipeline: &str, derived: &[Permission], added: &[Added]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names: BTreeSet<&str> = derived.iter().map(|permission| permission.sid.as_str()).collect();
    for (index, Added { permission, reason }) in added.iter().enumerate() {
        let path = format!("pipelines.{pipeline}.permissions[{index}]");
        let mut wrong = |key: &str, value: &str, message: String, limit: &str| {
            problems.push(
                Problem::error("permissions/added", format!("{path}.{key}"), message)
                    .value(value)
                    .limit(limit),
            );
        };
        let sid = permission.sid.as_str();
        if sid.is_empty() || !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            wrong("sid", sid, format!("{sid:?} can't be the name of a statement"), "letters and digits");
        } else if !names.insert(sid) {
            let message = format!("the role of pipeline {pipeline:?} has a statement {sid:?} already");
            wrong("sid", sid, message, "a name of its own");
        }
        if permission.actions.is_empty() {
            wrong(
                "actions",
                "[]",
                "the statement allows no action".to_owned(),
                "at least one, such as s3:GetObject",
            );
        }
        for (at, action) in permission.actions.iter().enumerate() {
            if let Some(message) = wrong_action(action) {
                wrong(
                    &format!("actions[{at}]"),
                    action,
                    message,
                    "one action of a service, such as s3:GetObject",
                );
            }
        }
        if permission.resources.is_empty() {
            wrong("resources", "[]", "the statement is for no resource".to_owned(), "at least one ARN");
        }
        for (at, resource) in permission.resources.iter().enumerate() {
            if is_everything(resource) {
                let known = |action: &String| WITHOUT_RESOURCE.binary_search(&action.as_str()).is_ok();
                if reason.is_none() && !permission.actions.iter().all(known) {
                    let message =
                        "the statement is for every resource there is, and gives no reason".to_owned();
                    wrong(&format!("resources[{at}]"), resource, message, "ARNs, or reason = \"…\"");
                }
            } else if let Some(message) = wrong_resource(resource) {
                let limit = "arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE";
                wrong(&format!("resources[{at}]"), resource, message, limit);
            }
        }
        for (operator, keys) in &permission.conditions {
            for (key, values) in keys {
                for value in values {
                    if let Some(message) = unknown_placeholder(value) {
                        wrong(
                            &format!("conditions.{operator}"),
                            value,
                            format!("{key}: {message}"),
                            "known placeholders",
                        );
                    }
                }
                if values.is_empty() {
                    let message = format!("{key} is compared with nothing, so the statement never holds");
                    wrong(&format!("conditions.{operator}"), "[]", message, "at least one value");
                }
            }
        }
        if reason.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
            wrong("reason", "", "the reason says nothing".to_owned(), "a sentence");
        }
    }
    problems
}

fn wrong_action(action: &str) -> Option<String> {
    let Some((service, name)) = action.split_once(':') else {
        return Some(format!("{action:?} is no action: it names no service"));
    };
    let is_service = !service.is_empty()
        && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !is_service {
        return Some(format!("{action:?} is no action: {service:?} is no service"));
    }
    if !name.is_empty() && name.bytes().all(|b| b == b'*' || b == b'?') {
        return Some(format!("{action:?} allows everything that the service can do"));
    }
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'*' || b == b'?');
    (!is_name).then(|| format!("{action:?} is no action: {name:?} is no name of one"))
}

/// Whether the resource is anything in any service or account.
fn is_everything(resource: &str) -> bool {
    resource.bytes().all(|b| b == b'*' || b == b'?') && !resource.is_empty()
        || resource.starts_with("arn:") && resource[4..].bytes().all(|b| b"*?:".contains(&b))
}

fn wrong_resource(resource: &str) -> Option<String> {
    if let Some(message) = unknown_placeholder(resource) {
        return Some(message);
    }
    let filled_in = PLACEHOLDERS
        .iter()
        .fold(resource.to_owned(), |text, name| text.replace(&format!("${{{name}}}"), "x"));
    let parts: Vec<&str> = filled_in.splitn(6, ':').collect();
    let [arn, partition, service, _, _, rest] = parts.as_slice() else {
        return Some(format!("{resource:?} is no ARN"));
    };
    let is_arn = *arn == "arn"
        && (partition.starts_with("aws") || *partition == "x")
        && !service.is_empty()
        && !service.contains(['*', '?'])
        && !rest.is_empty()
        && !filled_in.contains(char::is_whitespace);
    (!is_arn).then(|| format!("{resource:?} is no ARN"))
}

fn unknown_placeholder(text: &str) -> Option<String> {
    text.split("${").skip(1).find_map(|rest| {
        let name = rest.split_once('}').map_or(rest, |(name, _)| name);
        (!PLACEHOLDERS.contains(&name)).then(|| {
            format!(
                "there is nothing for the placeholder ${{{name}}}; there are: {}",
                PLACEHOLDERS.join(", ")
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn added(sid: &str, actions: &[&str], resources: &[&str], reason: Option<&str>) -> Added {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Added {
            permission: Permission {
                sid: sid.into(),
                actions: texts(actions),
                resources: texts(resources),
                ..Permission::default()
            },
            reason: reason.map(str::to_owned),
        }
    }

    #[track_caller]
    fn check(added: &Added, expected: &[&str]) {
        let derived = [Permission { sid: "ReadCode".into(), ..Permission::default() }];
        let found = problems("p", &derived, std::slice::from_ref(added));
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (problem, expected) in found.iter().zip(expected) {
            assert!(problem.to_string().contains(expected), "{problem}");
        }
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(WITHOUT_RESOURCE.is_sorted());
    }

    #[test]
    fn single_actions_on_named_resources() {
        let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/t";
        check(&added("A", &["dynamodb:GetItem", "dynamodb:Batch*"], &[table], None), &[]);
        check(
            &added("A", &["s3:GetObject"], &["arn:${AWS::Partition}:s3:::b-${AWS::AccountId}/*"], None),
            &[],
        );
        check(&added("A", &["*"], &[table], None), &["names no service"]);
        check(&added("A", &["dynamodb:*"], &[table], None), &["everything that the service can do"]);
        check(
            &added("A", &["Dynamo:Get", "x:", "x:1"], &[table], None),
            &["is no service", "is no name", "is no name"],
        );
        check(&added("A", &["dynamodb:GetItem"], &["*"], None), &["gives no reason"]);
        check(&added("A", &["dynamodb:GetItem"], &["arn:*"], None), &["gives no reason"]);
        check(&added("A", &["dynamodb:GetItem"], &["arn:*:*:*:*:*"], None), &["gives no reason"]);
        check(&added("A", &["dynamodb:GetItem"], &["*"], Some("a probe")), &[]);
        check(&added("A", &["dynamodb:GetItem"], &["*"], Some(" ")), &["says nothing"]);
        check(&added("A", &["sts:GetCallerIdentity"], &["*"], None), &[]);
        check(
            &added("A", &["s3:GetObject"], &["bucket/*", "arn:aws:s3", "arn:aws:*:::x", ""], None),
            &["is no ARN"; 4],
        );
        check(&added("A", &["s3:GetObject"], &["arn:aws:s3:::${aws:username}"], None), &["${aws:username}"]);
        check(&added("A", &[], &[], None), &["no action", "no resource"]);
        check(&added("ReadCode", &["s3:GetObject"], &["arn:aws:s3:::b"], None), &["has a statement"]);
        check(&added("a b", &["s3:GetObject"], &["arn:aws:s3:::b"], None), &["can't be the name"]);
    }

    #[test]
    fn conditions_compare_with_something() {
        let mut one = added("A", &["s3:GetObject"], &["arn:aws:s3:::b/*"], None);
        let keys = BTreeMap::from([("aws:PrincipalTag/a".to_owned(), Vec::new())]);
        one.permission.conditions = BTreeMap::from([("StringEquals".to_owned(), keys)]);
        check(&one, &["compared with nothing"]);
    }
}
