//! What is known of the reasons that CloudFormation and the services behind it give, and what to do about them.
//!
//! Nothing here decides anything: an unknown reason gets no advice, and is shown as it is.

use crate::error::action_in;

/// What to do about a failure, in one sentence or a few; `None` where the reason is unknown.
///
/// `kind` is the resource's type, `status` its status, `reason` what the service said.
pub fn advice(kind: &str, status: &str, reason: &str) -> Option<String> {
    let text = reason.to_lowercase();
    denied(reason, &text)
        .or_else(|| {
            RULES.iter().find(|rule| rule.fits(kind, status, &text)).map(|rule| rule.advice.to_owned())
        })
        .or_else(|| taken(kind, reason, &text))
        .or_else(|| limit(kind, &text))
}

/// One known reason.
struct Rule {
    /// What the type begins with; empty for any.
    kind: &'static str,
    /// What the status begins with; empty for any.
    status: &'static str,
    /// Each of these groups has to be there, by one of its texts, in lower case.
    says: &'static [&'static [&'static str]],
    advice: &'static str,
}

impl Rule {
    fn fits(&self, kind: &str, status: &str, text: &str) -> bool {
        kind.starts_with(self.kind)
            && status.starts_with(self.status)
            && self.says.iter().all(|group| group.iter().any(|part| text.contains(part)))
    }
}

/// In the order in which they are tried: what is special stands before what is general.
const RULES: &[Rule] = &[
    Rule {
        kind: "",
        status: "",
        says: &[&["denied by stack policy"]],
        advice: "the stack's policy forbids it: whoever owns the stack has to allow this update (`aws cloudformation set-stack-policy`); Pipewright sets no stack policy and lifts none",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["terminationprotection", "termination protection"]],
        advice: "the stack is protected from deletion: lift that first (`aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name NAME`)",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "earlyvalidation",
            "early validation",
            "property_validation",
            "name_conflict_validation",
            "propertyvalidation",
            "resourceexistencecheck",
        ]],
        advice: "CloudFormation looked at the template before it began and changed nothing: mend what is named, synthesise and deploy again",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "expiredtoken",
            "security token included in the request is expired",
            "security token has expired",
        ]],
        advice: "the credentials ran out while CloudFormation was at work: sign in again and repeat the command; --role-arn gives CloudFormation a role of its own, which doesn't run out",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "rate exceeded",
            "throttling",
            "too many requests",
            "toomanyrequests",
            "slowdown",
            "reduce your request rate",
        ]],
        advice: "the service asked for fewer requests: repeat the command in a few minutes",
    },
    Rule {
        kind: "AWS::SageMaker::Domain",
        status: "DELETE",
        says: &[&["app", "space", "user profile", "userprofile", "resourceinuse", "associated", "in use"]],
        advice: "the domain still has apps, spaces or user profiles: delete them first, apps, then spaces, then profiles (`aws sagemaker list-apps --domain-id-equals ID`, `delete-app`, `delete-space`, `delete-user-profile`), and repeat the command",
    },
    Rule {
        kind: "AWS::SageMaker::UserProfile",
        status: "DELETE",
        says: &[&["app", "space", "resourceinuse", "associated", "in use"]],
        advice: "the profile still has apps or spaces: delete those first (`aws sagemaker list-apps --domain-id-equals ID`, `delete-app`, `delete-space`), and repeat the command",
    },
    Rule {
        kind: "AWS::EC2::SecurityGroup",
        status: "",
        says: &[&[
            "dependent object",
            "dependencyviolation",
            "in use",
            "resource has dependencies",
            "has dependencies",
        ]],
        advice: "something still uses the security group: most often a network interface of a job that runs, or a mount target or security group that the domain's file system left behind (`aws ec2 describe-network-interfaces --filters Name=group-id,Values=ID`, and `aws ec2 describe-security-groups --filters Name=ip-permission.group-id,Values=ID`); remove it and repeat the command",
    },
    Rule {
        kind: "AWS::EC2::",
        status: "DELETE",
        says: &[&[
            "has dependencies",
            "dependencyviolation",
            "dependent object",
            "mapped public address",
            "in use",
        ]],
        advice: "something in the network was not made by this stack: most often the mount targets and security groups of the file system that the domain left behind (`aws efs describe-file-systems`, tag ManagedByAmazonSageMakerResource), or the network interface of a job that runs; keep the files if you need them, delete the file system's mount targets and its two `security-group-for-…-nfs-…` groups, and repeat the command",
    },
    Rule {
        kind: "AWS::S3::Bucket",
        status: "",
        says: &[&["not empty", "bucketnotempty"]],
        advice: "the bucket holds objects or old versions of objects, and a stack never empties one: empty it yourself if nobody needs them, or have it retained, and repeat the command",
    },
    Rule {
        kind: "AWS::S3::BucketPolicy",
        status: "",
        says: &[&[
            "blockpublicpolicy",
            "public policies are blocked",
            "block public access",
            "blockpublicaccess",
        ]],
        advice: "public access is blocked, by the bucket or by the account, and the policy would allow it: name principals in the policy",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["cannot be deleted as it is in use by", "cannot update export", "export"], &["in use by"]],
        advice: "another stack imports it: deploy that stack without the import first; Pipewright's stacks find each other by name and SSM parameter and import nothing",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["custom-named resource requires replacing"]],
        advice: "the change needs a new resource, and two can't have the same name: change its name (the prefix, or the name in pipewright.toml) together with the rest, or undo the change",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "unable to fetch parameters",
            "ssm parameter",
            "parameters from parameter store",
            "parameter store",
        ]],
        advice: "the SSM parameter isn't there: deploy the infrastructure stack of this environment first, in this account and region",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["requires capabilities", "insufficientcapabilities"]],
        advice: "CloudFormation was not told that the template makes IAM resources: that is a mistake in Pipewright, please report it",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["invalid principal in policy", "invalid principal"]],
        advice: "a policy names a principal that doesn't exist: a role that was deleted, or a mistyped ARN or account",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["malformedpolicy", "malformed policy", "syntax errors in policy"]],
        advice: "the service doesn't understand a policy of the template: look at the statements that `cargo xtask iam` shows, above all at those added by hand under `permissions`",
    },
    Rule {
        kind: "AWS::CloudFormation::Stack",
        status: "",
        says: &[&["role"], &["is invalid or cannot be assumed", "invalid or cannot be assumed"]],
        advice: "CloudFormation can't take on the role of --role-arn, or the one that the stack was last deployed with: its trust policy has to allow cloudformation.amazonaws.com, and whoever deploys needs iam:PassRole on it",
    },
    Rule {
        kind: "",
        status: "",
        says: &[
            &["assume", "role validation"],
            &["role"],
            &[
                "could not",
                "cannot",
                "can't",
                "can not",
                "unable",
                "not able",
                "failed",
                "not authorized",
                "invalid",
                "validation",
            ],
        ],
        advice: "the service can't take on the role: its trust policy has to name the service (sagemaker.amazonaws.com for pipelines and jobs, events.amazonaws.com or scheduler.amazonaws.com for triggers); a role that was made a moment ago may need half a minute, so repeat the command once",
    },
    Rule {
        kind: "",
        status: "",
        says: &[
            &["permissions boundary", "permission boundary"],
            &["does not exist", "not found", "nosuchentity", "not attachable"],
        ],
        advice: "the permissions boundary that pipewright.toml names doesn't exist in this account",
    },
    Rule {
        kind: "AWS::SageMaker::Pipeline",
        status: "",
        says: &[&[
            "nosuchkey",
            "specified key does not exist",
            "unable to read",
            "s3location",
            "s3 location",
        ]],
        advice: "SageMaker can't read the definition in S3: deploy again, which publishes it, and look whether the pipeline's role may read the source bucket",
    },
    Rule {
        kind: "AWS::SageMaker::Pipeline",
        status: "",
        says: &[&[
            "unable to parse pipeline definition",
            "pipeline definition",
            "pipelinedefinition",
            "validationexception",
            "invalid request",
            "invalidrequest",
            "is not valid",
        ]],
        advice: "SageMaker refuses the definition: find the step that it names in `definitions/` of the assembly; a definition that passed synth and is refused here is worth a report, so that synth learns it",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&["pending deletion", "pending import", "kmsinvalidstate", "is disabled"], &["key", "kms"]],
        advice: "the KMS key can't be used: cancel its deletion (`aws kms cancel-key-deletion`) or enable it, or name another key",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "internal failure",
            "internalfailure",
            "internal error",
            "serviceinternalerror",
            "generalserviceexception",
            "internal server error",
        ]],
        advice: "the service failed and not the template: repeat the command; if it comes back, ask AWS support with the request id",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "notstabilized",
            "did not stabilize",
            "exceeded attempts to wait",
            "timed out",
            "stabilization",
        ]],
        advice: "the resource was not ready in the time that CloudFormation gives it: look at it in its own service for the reason, then repeat the command",
    },
    Rule {
        kind: "",
        status: "",
        says: &[&[
            "insufficient capacity",
            "insufficientcapacity",
            "no available capacity",
            "unsupported availability zone",
        ]],
        advice: "AWS has none to give in that zone at the moment: repeat the command later, or name other zones",
    },
];

/// A permission that is missing: the action, whose it is, on what, and what stands in the way.
fn denied(reason: &str, text: &str) -> Option<String> {
    let action = action_in(reason).or_else(|| called(reason, text));
    let general = ["access denied", "accessdenied", "unauthorizedoperation", "not authorized"];
    if action.is_none() && !general.iter().any(|part| text.contains(part)) {
        return None;
    }
    // A service that can't take on a role says so with the same words.
    let assumes =
        action.as_deref().is_none_or(|action| action == "sts:AssumeRole") && text.contains("assume");
    if assumes && !text.contains("user: ") {
        return None;
    }
    let who = caller(reason).map_or_else(|| "whoever deploys".to_owned(), |who| format!("{who:?}"));
    let action = action.unwrap_or_else(|| "the action".to_owned());
    let on = after(reason, "on resource: ").map(|on| format!(" on {on}")).unwrap_or_default();
    let obstacle = if text.contains("service control policy") {
        "a service control policy of the organisation denies it, which no policy of the account can lift: "
    } else if text.contains("permissions boundary") || text.contains("permission boundary") {
        "the permissions boundary doesn't allow it: "
    } else if text.contains("explicit deny") {
        "a policy denies it outright: "
    } else {
        ""
    };
    Some(format!("{obstacle}allow {action}{on} to {who}, or deploy with another profile or --role-arn"))
}

/// The action of `API: iam:CreateRole User: …` and `Access denied for operation 'AWS::X'`-like texts that name one.
fn called(reason: &str, text: &str) -> Option<String> {
    if !text.contains("denied") && !text.contains("not authorized") {
        return None;
    }
    let action = after(reason, "API: ")?;
    let named =
        action.contains(':') && action.chars().all(|c| c.is_ascii_alphanumeric() || c == ':' || c == '-');
    named.then(|| action.to_owned())
}

/// The name of the role or user in `User: arn:aws:sts::123456789012:assumed-role/NAME/SESSION is not …`.
fn caller(reason: &str) -> Option<&str> {
    let arn = after(reason, "User: ")?;
    let (_, name) = arn.split_once(":assumed-role/").or_else(|| arn.split_once(":user/"))?;
    let name = if arn.contains(":assumed-role/") { name.split('/').next() } else { name.rsplit('/').next() };
    name.filter(|name| !name.is_empty())
}

/// The word after a mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(mark)?;
    let end =
        rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '"')).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.')).filter(|word| !word.is_empty())
}

/// A name that somebody else, or something else, has already.
fn taken(kind: &str, reason: &str, text: &str) -> Option<String> {
    let says = [
        "already exists",
        "alreadyexists",
        "already owned by you",
        "bucket name is not available",
        "is already associated with",
        "duplicate",
    ];
    if !says.iter().any(|part| text.contains(part)) {
        return None;
    }
    if let Some(arn) = after(reason, "already exists in stack ") {
        let stack = arn.split('/').nth(1).unwrap_or(arn);
        return Some(format!(
            "stack {stack:?} has it: give one of the two another name, or take it out of the other stack with DeletionPolicy Retain and import it"
        ));
    }
    Some(match kind {
        "AWS::S3::Bucket" => "the bucket name is taken: by yourself, when an earlier stack left its bucket behind (`--import-existing-resources` takes it over), or by another account, since names are global (choose another prefix in pipewright.toml)".to_owned(),
        "AWS::Logs::LogGroup" => "an earlier stack or a job left this log group behind: delete it, or take it over with `--import-existing-resources` where it stays when its stack goes".to_owned(),
        _ => "a resource of that name is there already, left behind by an earlier stack or made by hand: delete it, take it over with `--import-existing-resources` where it stays when its stack goes, or choose another prefix in pipewright.toml".to_owned(),
    })
}

/// A quota that is used up.
fn limit(kind: &str, text: &str) -> Option<String> {
    let says = [
        "limitexceeded",
        "limit exceeded",
        "quota",
        "maximum number of",
        "exceeded the limit",
        "account-level service limit",
    ];
    if !says.iter().any(|part| text.contains(part)) {
        return None;
    }
    let service = kind.split("::").nth(1).filter(|service| !service.is_empty());
    let of = service.map_or_else(String::new, |service| format!(" of {service}"));
    let first = match kind {
        "AWS::EC2::EIP" | "AWS::EC2::NatGateway" => {
            "; fewer NAT gateways (`nat_gateways` in pipewright.toml) need fewer addresses"
        }
        "AWS::EC2::VPC" => "; an existing VPC can be used instead",
        _ => "",
    };
    Some(format!(
        "a quota{of} is used up: remove what is no longer used, or ask for more under Service Quotas in this region{first}"
    ))
}
