//! Where policies stand in resources.

use serde_json::{Map, Value};

use crate::change::PolicyKind;
use crate::policy::holdings::scope_of;

/// A policy of a resource.
pub(crate) struct Document<'a> {
    pub(crate) kind: PolicyKind,
    pub(crate) value: &'a Value,
}

/// By type, the property that holds a policy, and the one that says of what, where it isn't the resource itself.
const RESOURCE_POLICIES: &[(&str, &str, Option<&str>)] = &[
    ("AWS::Backup::BackupVault", "AccessPolicy", None),
    ("AWS::CodeArtifact::Domain", "PermissionsPolicyDocument", None),
    ("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument", None),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", None),
    ("AWS::ECR::RegistryPolicy", "PolicyText", None),
    ("AWS::ECR::Repository", "RepositoryPolicyText", None),
    ("AWS::EFS::FileSystem", "FileSystemPolicy", None),
    ("AWS::Events::EventBus", "Policy", None),
    ("AWS::Events::EventBusPolicy", "Statement", Some("EventBusName")),
    ("AWS::KMS::Key", "KeyPolicy", None),
    ("AWS::KMS::ReplicaKey", "KeyPolicy", None),
    ("AWS::Logs::ResourcePolicy", "PolicyDocument", None),
    ("AWS::S3::AccessPoint", "Policy", None),
    ("AWS::S3::BucketPolicy", "PolicyDocument", Some("Bucket")),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", Some("Topics")),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", Some("Queues")),
    ("AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupPolicy", None),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", Some("SecretId")),
];

/// The types whose `Policies` and attached policies say what an identity may do.
pub(crate) const IDENTITIES: [&str; 3] = ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"];

/// The types that attach a policy, with the properties that say to whom.
pub(crate) const ATTACHED: &[(&str, &[&str])] = &[
    ("AWS::IAM::GroupPolicy", &["GroupName"]),
    ("AWS::IAM::ManagedPolicy", &["Roles", "Users", "Groups"]),
    ("AWS::IAM::Policy", &["Roles", "Users", "Groups"]),
    ("AWS::IAM::RolePolicy", &["RoleName"]),
    ("AWS::IAM::UserPolicy", &["UserName"]),
];

/// The properties of this type that hold policies.
pub(crate) fn policy_properties(resource_type: &str) -> Vec<&'static str> {
    match resource_type {
        "AWS::IAM::Role" => vec!["AssumeRolePolicyDocument", "Policies"],
        "AWS::IAM::User" | "AWS::IAM::Group" => vec!["Policies"],
        other if ATTACHED.iter().any(|(name, _)| *name == other) => vec!["PolicyDocument"],
        other => RESOURCE_POLICIES
            .iter()
            .filter(|(name, ..)| *name == other)
            .map(|(_, property, _)| *property)
            .collect(),
    }
}

/// The policies of a resource.
pub(crate) fn documents<'a>(resource_type: &str, properties: &'a Map<String, Value>) -> Vec<Document<'a>> {
    let mut out = Vec::new();
    for property in policy_properties(resource_type) {
        let Some(value) = properties.get(property) else { continue };
        match property {
            "Policies" => {
                let policies = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                out.extend(policies.iter().map(|policy| Document {
                    kind: PolicyKind::Identity,
                    value: policy.get("PolicyDocument").unwrap_or(policy),
                }));
            }
            "AssumeRolePolicyDocument" => out.push(Document { kind: PolicyKind::Trust, value }),
            _ if resource_type.starts_with("AWS::IAM::") => {
                out.push(Document { kind: PolicyKind::Identity, value });
            }
            _ => out.push(Document { kind: PolicyKind::Resource, value }),
        }
    }
    out
}

/// What a resource policy speaks of, where it isn't the resource that holds it: the same for two policies of one bucket.
pub(crate) fn target(resource_type: &str, properties: &Map<String, Value>) -> Option<String> {
    let (.., property) = RESOURCE_POLICIES.iter().find(|(name, ..)| *name == resource_type)?;
    let value = properties.get((*property)?)?;
    Some(match value {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(scope_of).collect();
            items.sort();
            items.join(" ")
        }
        other => scope_of(other),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_and_their_policies() {
        let check = |resource_type: &str, properties: Value, expected: &[PolicyKind]| {
            let found: Vec<PolicyKind> = documents(resource_type, properties.as_object().unwrap())
                .iter()
                .map(|found| found.kind)
                .collect();
            assert_eq!(found, expected, "{resource_type}");
        };
        let role = json!({"AssumeRolePolicyDocument": {}, "Policies": [{"PolicyDocument": {}}, 5]});
        check("AWS::IAM::Role", role, &[PolicyKind::Trust, PolicyKind::Identity, PolicyKind::Identity]);
        check("AWS::IAM::ManagedPolicy", json!({"PolicyDocument": {}}), &[PolicyKind::Identity]);
        check("AWS::S3::BucketPolicy", json!({"PolicyDocument": {}}), &[PolicyKind::Resource]);
        check("AWS::KMS::Key", json!({"KeyPolicy": {}}), &[PolicyKind::Resource]);
        check("AWS::S3::Bucket", json!({"PolicyDocument": {}}), &[]);
    }

    #[test]
    fn tables_are_sorted() {
        assert!(RESOURCE_POLICIES.is_sorted());
        assert!(ATTACHED.is_sorted());
    }
}
