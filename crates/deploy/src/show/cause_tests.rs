use jiff::Timestamp;

use super::*;

const OUTER: &str = "dsm";
const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/dsm/1";
const INNER: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/dsm-Network-X/2";

/// Events one second apart: stack, logical id, type (the last two parts), status, reason.
fn events(of: &[(&str, &str, &str, &str, &str)]) -> Vec<Event> {
    let event =
        |(second, (stack, logical_id, kind, status, reason)): (i64, &(&str, &str, &str, &str, &str))| {
            let physical_id = match (*stack, *logical_id) {
                ("dsm", "dsm") => ID,
                ("dsm", "Network") | ("dsm-Network-X", "dsm-Network-X") => INNER,
                ("dsm-Network-X", "Subnets") | ("dsm-Network-X-Subnets-Y", "dsm-Network-X-Subnets-Y") => {
                    "arn:aws:cloudformation:eu-west-1:123456789012:stack/dsm-Network-X-Subnets-Y/3"
                }
                _ => "",
            };
            Event {
                id: second.to_string(),
                at: Timestamp::from_second(1_800_000_000 + second).unwrap(),
                stack: (*stack).to_owned(),
                logical_id: (*logical_id).to_owned(),
                physical_id: physical_id.to_owned(),
                kind: format!("AWS::{kind}"),
                status: (*status).to_owned(),
                reason: Some((*reason).to_owned()).filter(|reason| !reason.is_empty()),
                token: None,
            }
        };
    (0..).zip(of).map(event).collect()
}

/// The failures as `ID: REASON`, those of the rollback after a `~`, all separated by ` | `.
#[track_caller]
fn check(of: &[(&str, &str, &str, &str, &str)], expected: &str) -> Option<Cause> {
    let cause = root_cause(&events(of));
    let found = cause.iter().flat_map(|cause| {
        let first = cause.failures.iter().map(|failure| (failure, ""));
        first.chain(cause.rollback.iter().map(|failure| (failure, "~")))
    });
    let found: Vec<String> = found
        .map(|(failure, mark)| {
            let path: String = failure.within.iter().flat_map(|name| [name.as_str(), "/"]).collect();
            format!("{mark}{path}{}: {}", failure.logical_id, failure.reason)
        })
        .collect();
    assert_eq!(found.join(" | "), expected);
    cause
}

const BEGUN: (&str, &str, &str, &str, &str) =
    (OUTER, OUTER, "CloudFormation::Stack", "CREATE_IN_PROGRESS", "User Initiated");
const SUMMARY: (&str, &str, &str, &str, &str) = (
    OUTER,
    OUTER,
    "CloudFormation::Stack",
    "ROLLBACK_IN_PROGRESS",
    "The following resource(s) failed to create: [Role, Bucket]. Rollback requested by user.",
);

#[test]
fn the_first_real_failure() {
    check(&[], "");
    check(&[BEGUN, (OUTER, "Role", "IAM::Role", "CREATE_COMPLETE", "")], "");
    let role = (OUTER, "Role", "IAM::Role", "CREATE_FAILED", "Role dsm already exists");
    let bucket = (OUTER, "Bucket", "S3::Bucket", "CREATE_FAILED", "Resource creation cancelled");
    check(&[BEGUN, role, bucket, SUMMARY], "Role: Role dsm already exists");
    // What was stopped may be told of first.
    check(&[BEGUN, bucket, role, SUMMARY], "Role: Role dsm already exists");
    // Said twice.
    check(&[BEGUN, role, role, bucket, SUMMARY], "Role: Role dsm already exists");
    // Two at once.
    let other = (OUTER, "Bucket", "S3::Bucket", "CREATE_FAILED", "dsm-data already exists");
    check(&[BEGUN, role, other, SUMMARY], "Role: Role dsm already exists | Bucket: dsm-data already exists");
    // Without a reason, only when nothing else has one.
    let silent = (OUTER, "Bucket", "S3::Bucket", "CREATE_FAILED", "");
    check(&[BEGUN, silent, role, SUMMARY], "Role: Role dsm already exists");
    check(&[BEGUN, silent, SUMMARY], "Bucket: ");
}

#[test]
fn what_a_stack_says_of_itself() {
    let stack = "CloudFormation::Stack";
    let reason = "Transform AWS::Serverless failed with: Internal transform failure.";
    check(&[BEGUN, (OUTER, OUTER, stack, "ROLLBACK_IN_PROGRESS", reason)], &format!("dsm: {reason}"));
    check(&[BEGUN, (OUTER, OUTER, stack, "CREATE_FAILED", reason)], &format!("dsm: {reason}"));
    // A summary is better than nothing.
    check(&[BEGUN, SUMMARY], &format!("dsm: {}", SUMMARY.4));
    check(&[BEGUN, (OUTER, OUTER, stack, "ROLLBACK_IN_PROGRESS", "")], "");
}

#[test]
fn an_earlier_operation_is_over() {
    let failed = (OUTER, "Role", "IAM::Role", "CREATE_FAILED", "old");
    let stack = "CloudFormation::Stack";
    let again = (OUTER, OUTER, stack, "UPDATE_IN_PROGRESS", "User Initiated");
    let new = (OUTER, "Role", "IAM::Role", "UPDATE_FAILED", "new");
    check(&[BEGUN, failed, SUMMARY, again, new], "Role: new");
    check(&[BEGUN, failed, SUMMARY, again], "");
    // Events come newest first from the API.
    let mut reversed = events(&[BEGUN, failed, SUMMARY, again, new]);
    reversed.reverse();
    assert_eq!(root_cause(&reversed).unwrap().failures[0].reason, "new");
}

#[test]
fn a_rollback_that_fails_too() {
    let stack = "CloudFormation::Stack";
    let cause = check(
        &[
            (OUTER, OUTER, stack, "UPDATE_IN_PROGRESS", "User Initiated"),
            (OUTER, "Domain", "SageMaker::Domain", "UPDATE_FAILED", "Invalid request"),
            (
                OUTER,
                OUTER,
                stack,
                "UPDATE_ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to update: [Domain].",
            ),
            (OUTER, "Role", "IAM::Role", "UPDATE_FAILED", "Rate exceeded"),
            (
                OUTER,
                OUTER,
                stack,
                "UPDATE_ROLLBACK_FAILED",
                "The following resource(s) failed to update: [Role].",
            ),
        ],
        "Domain: Invalid request | ~Role: Rate exceeded",
    );
    let error = cause.unwrap().into_error("update stack dsm");
    insta::assert_snapshot!(error.message, @r"
    can't update stack dsm: Domain (AWS::SageMaker::Domain) in stack dsm: Invalid request
      taking it back failed at Role (AWS::IAM::Role) in stack dsm: Rate exceeded
    ");
    assert_eq!(error.hints.len(), 1);
}

#[test]
fn nested_stacks_are_followed_inwards() {
    let stack = "CloudFormation::Stack";
    let embedded = "Embedded stack arn:aws:cloudformation:…:stack/dsm-Network-X/2 was not successfully created: The following resource(s) failed to create: [Vpc].";
    let (inner, innermost) = ("dsm-Network-X", "dsm-Network-X-Subnets-Y");
    let vpc = (inner, "Vpc", "EC2::VPC", "CREATE_FAILED", "The maximum number of VPCs has been reached.");
    let network = (OUTER, "Network", stack, "CREATE_FAILED", embedded);
    check(
        &[
            BEGUN,
            (OUTER, "Network", stack, "CREATE_IN_PROGRESS", ""),
            (inner, inner, stack, "CREATE_IN_PROGRESS", ""),
            vpc,
            (inner, inner, stack, "CREATE_FAILED", "The following resource(s) failed to create: [Vpc]."),
            network,
            SUMMARY,
        ],
        "Network/Vpc: The maximum number of VPCs has been reached.",
    );
    // Its events are not known.
    check(&[BEGUN, network, SUMMARY], &format!("Network: {embedded}"));
    // Stopped from outside.
    check(
        &[
            BEGUN,
            (OUTER, "Network", stack, "CREATE_IN_PROGRESS", ""),
            (OUTER, "Role", "IAM::Role", "CREATE_FAILED", "Role dsm already exists"),
            (inner, "Vpc", "EC2::VPC", "CREATE_FAILED", "Resource creation cancelled"),
            (OUTER, "Network", stack, "CREATE_FAILED", "Resource creation cancelled"),
            SUMMARY,
        ],
        "Role: Role dsm already exists",
    );
    // Two levels, and a failure of the outer stack's rollback.
    check(
        &[
            BEGUN,
            (OUTER, "Network", stack, "CREATE_IN_PROGRESS", ""),
            (inner, "Subnets", stack, "CREATE_IN_PROGRESS", ""),
            (innermost, "Subnet", "EC2::Subnet", "CREATE_FAILED", "The CIDR '10.0.0.0/99' is invalid."),
            (inner, "Subnets", stack, "CREATE_FAILED", "Embedded stack … was not successfully created"),
            network,
            SUMMARY,
            (
                inner,
                "Vpc",
                "EC2::VPC",
                "DELETE_FAILED",
                "The vpc 'vpc-1' has dependencies and cannot be deleted.",
            ),
        ],
        "Network/Subnets/Subnet: The CIDR '10.0.0.0/99' is invalid. | ~Network/Vpc: The vpc 'vpc-1' has dependencies and cannot be deleted.",
    );
}

#[test]
fn whatever_the_events_say_it_ends() {
    // A stack that is nested in itself, in a ring.
    let mut ring = events(&[
        ("a", "B", "CloudFormation::Stack", "CREATE_FAILED", "x"),
        ("b", "A", "CloudFormation::Stack", "CREATE_FAILED", "y"),
    ]);
    ring[0].physical_id = "arn:aws:cloudformation:r:1:stack/b/1".to_owned();
    ring[1].physical_id = "arn:aws:cloudformation:r:1:stack/a/1".to_owned();
    assert!(root_cause(&ring).is_some());
    let mut hostile =
        events(&[(OUTER, "R\u{1b}[2J", "IAM::Role", "CREATE_FAILED", "no\u{1b}]0;x\u{7}\nfake line")]);
    hostile[0].reason = hostile[0].reason.take().map(|reason| reason + &"x".repeat(1_000_000));
    let error = root_cause(&hostile).unwrap().into_error("create stack dsm");
    assert!(!error.message.contains(char::is_control), "no control character gets through");
    assert!(error.message.len() < 10_000);
    let names: Vec<String> = (0..500).map(|n| format!("R{n}")).collect();
    let many: Vec<_> =
        names.iter().map(|name| (OUTER, name.as_str(), "IAM::Role", "CREATE_FAILED", "taken")).collect();
    let error = root_cause(&events(&many)).unwrap().into_error("create stack dsm");
    assert!(error.message.ends_with("and 480 more"), "{error}");
}

/// A part of the advice, or nothing.
#[track_caller]
fn advises(kind: &str, status: &str, reason: &str, part: &str) {
    let found = advice(&format!("AWS::{kind}"), status, reason);
    match &found {
        Some(found) => assert!(!part.is_empty() && found.contains(part), "{reason}: {found}"),
        None => assert!(part.is_empty(), "{reason}: no advice"),
    }
}

#[test]
fn permissions() {
    let denied = "Resource handler returned message: \"User: arn:aws:sts::123456789012:assumed-role/deployer/ann is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/dsm because no identity-based policy allows the iam:CreateRole action (Service: Iam, Status Code: 403)\" (RequestToken: 1, HandlerErrorCode: AccessDenied)";
    advises(
        "IAM::Role",
        "CREATE_FAILED",
        denied,
        "allow iam:CreateRole on arn:aws:iam::123456789012:role/dsm to \"deployer\"",
    );
    let boundary = denied.replace("no identity-based policy", "no permissions boundary");
    advises("IAM::Role", "CREATE_FAILED", &boundary, "the permissions boundary doesn't allow it");
    let organisation = denied.replace("because no", "with an explicit deny in a service control policy; no");
    advises("IAM::Role", "CREATE_FAILED", &organisation, "organisation");
    let user = "User: arn:aws:iam::123456789012:user/team/ann is not authorized to perform: s3:CreateBucket";
    advises("S3::Bucket", "CREATE_FAILED", user, "allow s3:CreateBucket to \"ann\"");
    advises(
        "S3::BucketPolicy",
        "CREATE_FAILED",
        "API: s3:PutBucketPolicy Access Denied",
        "allow s3:PutBucketPolicy",
    );
    advises("EC2::VPC", "CREATE_FAILED", "Access denied for operation 'AWS::EC2::VPC'.", "allow the action");
    advises(
        "SageMaker::Pipeline",
        "CREATE_FAILED",
        "SageMaker is not authorized to assume role arn:aws:iam::1:role/x",
        "trust policy",
    );
    let role = "Could not assume role arn:aws:iam::1:role/x. Please ensure that the role exists";
    advises("SageMaker::Domain", "CREATE_FAILED", role, "trust policy");
    let service = "Role arn:aws:iam::1:role/cfn is invalid or cannot be assumed";
    advises("CloudFormation::Stack", "ROLLBACK_FAILED", service, "--role-arn");
    advises(
        "IAM::Role",
        "CREATE_FAILED",
        "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/x\"",
        "principal",
    );
    advises("IAM::Policy", "CREATE_FAILED", "Syntax errors in policy. (Service: Iam)", "cargo xtask iam");
}

#[test]
fn names_and_quotas() {
    advises("S3::Bucket", "CREATE_FAILED", "dsm-data-1 already exists", "names are global");
    let token = "Resource of type 'AWS::IAM::Role' with identifier 'dsm' already exists.";
    advises("IAM::Role", "CREATE_FAILED", token, "left behind");
    let other = "dsm-role already exists in stack arn:aws:cloudformation:eu-west-1:1:stack/old-stack/abc";
    advises("IAM::Role", "CREATE_FAILED", other, "\"old-stack\"");
    advises("EC2::EIP", "CREATE_FAILED", "The maximum number of addresses has been reached.", "nat_gateways");
    let quota = "The account-level service limit 'Domains per region' is 1 (ResourceLimitExceeded)";
    advises("SageMaker::Domain", "CREATE_FAILED", quota, "quota of SageMaker");
    advises("IAM::Role", "CREATE_FAILED", "Rate exceeded (HandlerErrorCode: Throttling)", "fewer requests");
    let named = "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename dsm and update the stack again.";
    advises("IAM::Role", "UPDATE_FAILED", named, "two can't have the same name");
    advises("S3::Bucket", "UPDATE_FAILED", "1 validation error: length cannot exceed 63", "");
}

#[test]
fn what_stands_in_the_way() {
    let used = "resource sg-1 has a dependent object (Service: Ec2, Status Code: 400)";
    advises("EC2::SecurityGroup", "DELETE_FAILED", used, "network interface");
    let vpc = "The vpc 'vpc-1' has dependencies and cannot be deleted. (Service: Ec2)";
    advises("EC2::VPC", "DELETE_FAILED", vpc, "file system");
    advises(
        "EC2::Subnet",
        "DELETE_FAILED",
        "The subnet 'subnet-1' has dependencies and cannot be deleted.",
        "file system",
    );
    let bucket = "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)";
    advises("S3::Bucket", "DELETE_FAILED", bucket, "never empties");
    let domain = "Unable to delete Domain d-1 because UserProfile(s) are associated with it.";
    advises("SageMaker::Domain", "DELETE_FAILED", domain, "apps, then spaces");
    advises(
        "CloudFormation::Stack",
        "DELETE_FAILED",
        "Export net:Vpc cannot be deleted as it is in use by app",
        "import",
    );
    advises(
        "SSM::Parameter",
        "UPDATE_FAILED",
        "Action denied by stack policy: Statement [#1] does not allow [Update:*]",
        "set-stack-policy",
    );
    advises(
        "CloudFormation::Stack",
        "DELETE_FAILED",
        "Stack [dsm] cannot be deleted while TerminationProtection is enabled",
        "lift",
    );
}

#[test]
fn definitions_and_services() {
    let definition = "Resource handler returned message: \"Invalid request provided: Unable to parse pipeline definition. Invalid property Steps[2]\" (HandlerErrorCode: InvalidRequest)";
    advises("SageMaker::Pipeline", "CREATE_FAILED", definition, "the step that it names");
    advises(
        "SageMaker::Pipeline",
        "UPDATE_FAILED",
        "The specified key does not exist (NoSuchKey)",
        "deploy again",
    );
    let early = "AWS::EarlyValidation::PropertyValidation failed: see DescribeEvents";
    advises("S3::Bucket", "VALIDATION_FAILED", early, "changed nothing");
    advises(
        "IAM::Role",
        "CREATE_FAILED",
        "The security token included in the request is expired",
        "sign in again",
    );
    advises("Lambda::Function", "CREATE_FAILED", "Internal Failure", "repeat the command");
    advises(
        "EC2::NatGateway",
        "CREATE_FAILED",
        "Resource did not stabilize (HandlerErrorCode: NotStabilized)",
        "in its own service",
    );
    advises(
        "Events::Rule",
        "CREATE_FAILED",
        "Unable to fetch parameters [/dsm/vpc] from parameter store for this account.",
        "infrastructure stack",
    );
    advises("Made::Up", "CREATE_FAILED", "Something that nobody has seen before", "");
}
