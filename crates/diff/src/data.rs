//! What a resource holds that is lost with it.

use serde::Serialize;
use serde_json::Value;

use crate::change::Sign;
use crate::update::Update;

/// What becomes of the data of a resource that is removed or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Data {
    /// It goes with the resource.
    Lost,
    /// It goes if `CloudFormation` replaces the resource, which only a change set says.
    AtRisk,
    /// The resource stays, outside of the stack.
    Kept,
    /// A snapshot stays.
    Snapshot,
}

/// The types that hold data, and what.
const HOLDERS: &[(&str, &str)] = &[
    ("AWS::Backup::BackupVault", "backups"),
    ("AWS::CloudTrail::EventDataStore", "events"),
    ("AWS::Cognito::UserPool", "users"),
    ("AWS::DocDB::DBCluster", "the database"),
    ("AWS::DynamoDB::GlobalTable", "items"),
    ("AWS::DynamoDB::Table", "items"),
    ("AWS::EC2::Volume", "the volume"),
    ("AWS::ECR::Repository", "images"),
    ("AWS::EFS::FileSystem", "files"),
    ("AWS::ElastiCache::ReplicationGroup", "the cache"),
    ("AWS::FSx::FileSystem", "files"),
    ("AWS::Kinesis::Stream", "records"),
    ("AWS::KMS::Key", "the key, and with it everything it encrypts"),
    ("AWS::Logs::LogGroup", "logs"),
    ("AWS::Neptune::DBCluster", "the database"),
    ("AWS::OpenSearchService::Domain", "the index"),
    ("AWS::RDS::DBCluster", "the database"),
    ("AWS::RDS::DBInstance", "the database"),
    ("AWS::Redshift::Cluster", "the database"),
    ("AWS::S3::Bucket", "objects"),
    ("AWS::S3Express::DirectoryBucket", "objects"),
    ("AWS::SageMaker::Domain", "the domain with its users' spaces"),
    ("AWS::SageMaker::FeatureGroup", "features"),
    ("AWS::SageMaker::ModelPackageGroup", "model versions"),
    ("AWS::SageMaker::NotebookInstance", "the volume"),
    ("AWS::SageMaker::Space", "the space's files"),
    ("AWS::SageMaker::UserProfile", "the user's files"),
    ("AWS::SecretsManager::Secret", "the secret"),
    ("AWS::SQS::Queue", "messages"),
    ("AWS::Timestream::Table", "records"),
];

/// What a resource of this type holds that is gone when it is deleted, in a few words; `None` when nothing.
pub fn holds_data(resource_type: &str) -> Option<&'static str> {
    HOLDERS.iter().find(|(name, _)| *name == resource_type).map(|(_, what)| *what)
}

/// What becomes of the data, if there is any and something becomes of it.
pub(crate) fn fate(
    sign: Sign,
    old: Option<&Value>,
    new: Option<&Value>,
    replacement: Update,
) -> Option<Data> {
    let old_type = old?.get("Type").and_then(Value::as_str).unwrap_or_default();
    holds_data(old_type)?;
    // CloudFormation deletes by what the deployed template says, and replaces by what the new one says.
    let (policy, certain) = match sign {
        Sign::Added => return None,
        Sign::Removed => (policy(old, "DeletionPolicy"), true),
        Sign::Changed if replacement == Update::Never => return None,
        Sign::Changed => (policy(new, "UpdateReplacePolicy"), replacement == Update::Replacement),
    };
    Some(match policy {
        "Retain" | "RetainExceptOnCreate" => Data::Kept,
        "Snapshot" => Data::Snapshot,
        // The two whose default is a snapshot.
        "" if matches!(old_type, "AWS::RDS::DBCluster" | "AWS::RDS::DBInstance") && sign == Sign::Removed => {
            Data::Snapshot
        }
        _ if certain => Data::Lost,
        _ => Data::AtRisk,
    })
}

fn policy<'a>(resource: Option<&'a Value>, key: &str) -> &'a str {
    resource.and_then(|resource| resource.get(key)).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_decides() {
        let check = |key: &str, policy: &str, sign: Sign, replacement: Update, expected: Option<Data>| {
            let mut resource = json!({"Type": "AWS::S3::Bucket"});
            if !policy.is_empty() {
                resource[key] = json!(policy);
            }
            let found = fate(sign, Some(&resource), Some(&resource), replacement);
            assert_eq!(found, expected, "{key} {policy} {sign:?} {replacement:?}");
        };
        check("DeletionPolicy", "", Sign::Removed, Update::Never, Some(Data::Lost));
        check("DeletionPolicy", "Delete", Sign::Removed, Update::Never, Some(Data::Lost));
        check("DeletionPolicy", "Retain", Sign::Removed, Update::Never, Some(Data::Kept));
        check("DeletionPolicy", "Snapshot", Sign::Removed, Update::Never, Some(Data::Snapshot));
        check("DeletionPolicy", "Retain", Sign::Changed, Update::Replacement, Some(Data::Lost));
        check("UpdateReplacePolicy", "Retain", Sign::Changed, Update::Replacement, Some(Data::Kept));
        check("UpdateReplacePolicy", "", Sign::Changed, Update::Conditional, Some(Data::AtRisk));
        check("UpdateReplacePolicy", "", Sign::Changed, Update::Never, None);
        check("UpdateReplacePolicy", "", Sign::Added, Update::Never, None);
    }

    #[test]
    fn holders_are_sorted() {
        assert!(HOLDERS.is_sorted_by_key(|(name, _)| name.to_lowercase()));
        assert_eq!(holds_data("AWS::IAM::Role"), None);
    }
}
