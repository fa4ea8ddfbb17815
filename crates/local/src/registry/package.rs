//! A model package: what `CreateModelPackage` takes and `DescribeModelPackage` answers, as values.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Registrar;

/// A model that may be used.
pub const APPROVED: &str = "Approved";
/// A model that may not.
pub const REJECTED: &str = "Rejected";
/// A model that nobody has judged yet.
pub const PENDING: &str = "PendingManualApproval";

/// Members of `CreateModelPackage` that `DescribeModelPackage` answers as they were given, in the order of its shape.
const KEPT: [&str; 19] = [
    "ModelPackageRegistrationType",
    "ModelPackageDescription",
    "InferenceSpecification",
    "SourceAlgorithmSpecification",
    "ValidationSpecification",
    "ModelMetrics",
    "Domain",
    "Task",
    "SamplePayloadUrl",
    "CustomerMetadataProperties",
    "DriftCheckBaselines",
    "AdditionalInferenceSpecifications",
    "SkipModelValidation",
    "SourceUri",
    "SecurityConfig",
    "ModelCard",
    "ModelLifeCycle",
    "ManagedStorageType",
    "CertifyForMarketplace",
];

/// The member of the file that is not SageMaker's.
const ORIGIN: &str = "Origin";

/// A model package of the local registry.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// `ModelPackageArn`.
    pub arn: String,
    /// `ModelPackageGroupName`, where it is in a group.
    pub group: Option<String>,
    /// `ModelPackageVersion`, where it is in a group; from 1.
    pub version: Option<u64>,
    /// All of `DescribeModelPackage`; times are ISO 8601.
    pub description: Value,
    /// Who registered it.
    pub origin: Option<Registrar>,
}

/// What a package is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A version of this group.
    Group(String),
    /// In no group.
    Alone(String),
}

impl Package {
    pub(super) fn of(description: Value, origin: Option<Registrar>) -> Result<Self, String> {
        let text = |member: &str| description.get(member).and_then(Value::as_str).map(str::to_owned);
        let arn = text("ModelPackageArn").ok_or("there is no text ModelPackageArn")?;
        let group = text("ModelPackageGroupName");
        let version = description.get("ModelPackageVersion").and_then(Value::as_u64);
        let name = group.clone().or_else(|| text("ModelPackageName"));
        if !name.is_some_and(|name| is_name(&name)) || group.is_some() != version.is_some() {
            return Err(
                "it has neither a ModelPackageGroupName and ModelPackageVersion nor a ModelPackageName"
                    .to_owned(),
            );
        }
        Ok(Self { arn, group, version, description, origin })
    }

    /// `GROUP/VERSION`, or the name of one in no group.
    pub fn short_name(&self) -> String {
        match (&self.group, self.version) {
            (Some(group), Some(version)) => format!("{group}/{version}"),
            _ => self.description["ModelPackageName"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// `ModelApprovalStatus`.
    pub fn approval(&self) -> &str {
        self.description["ModelApprovalStatus"].as_str().unwrap_or(PENDING)
    }

    pub(super) fn named(&self) -> Named {
        match &self.group {
            Some(group) => Named::Group(group.clone()),
            None => Named::Alone(self.short_name()),
        }
    }

    pub(super) fn set_approval(&mut self, status: &str, description: Option<&str>, now: Timestamp) {
        let Some(members) = self.description.as_object_mut() else { return };
        members.insert("ModelApprovalStatus".to_owned(), status.into());
        if let Some(text) = description {
            members.insert("ApprovalDescription".to_owned(), text.into());
        }
        members.insert("LastModifiedTime".to_owned(), now.to_string().into());
    }

    /// What is in the file.
    pub(super) fn stored(&self) -> Value {
        let mut stored = self.description.clone();
        if let (Some(members), Ok(origin @ Value::Object(_))) =
            (stored.as_object_mut(), serde_json::to_value(&self.origin))
        {
            members.insert(ORIGIN.to_owned(), origin);
        }
        stored
    }

    pub(super) fn restored(mut stored: Value) -> Result<Self, String> {
        let origin = stored.as_object_mut().and_then(|members| members.shift_remove(ORIGIN));
        let origin =
            origin.map(serde_json::from_value).transpose().map_err(|error| format!("{ORIGIN}: {error}"))?;
        Self::of(stored, origin)
    }
}

/// What the request calls its package.
pub(super) fn named(request: &Value) -> Result<Named, String> {
    let text = |member: &str| match request.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(format!("{member} is {other}: it is a text")),
    };
    match (text("ModelPackageGroupName")?, text("ModelPackageName")?) {
        (Some(group), None) => {
            let name = match group.rsplit_once(":model-package-group/") {
                Some((arn, name)) if arn.starts_with("arn:") => name,
                _ => group,
            };
            check_name("ModelPackageGroupName", name)?;
            Ok(Named::Group(name.to_owned()))
        }
        (None, Some(name)) => {
            check_name("ModelPackageName", name)?;
            Ok(Named::Alone(name.to_owned()))
        }
        (Some(_), Some(_)) => Err("ModelPackageGroupName and ModelPackageName exclude each other".to_owned()),
        (None, None) => {
            Err("neither ModelPackageGroupName nor ModelPackageName is given: give one".to_owned())
        }
    }
}

/// Checks of a request what the registry itself relies on.
pub(super) fn check(request: &Value) -> Result<(), String> {
    match request.get("ModelApprovalStatus") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(status)) => check_status(status),
        Some(other) => check_status(&other.to_string()),
    }
}

pub(super) fn check_status(status: &str) -> Result<(), String> {
    if [APPROVED, REJECTED, PENDING].contains(&status) {
        return Ok(());
    }
    Err(format!("ModelApprovalStatus is {status:?}: it is {APPROVED}, {REJECTED} or {PENDING}"))
}

/// Checks a name by SageMaker's pattern: nothing in it can lead out of a folder.
pub(super) fn check_name(member: &str, name: &str) -> Result<(), String> {
    if is_name(name) {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    Err(format!("{member} is {shown:?}: 1 to 63 letters, digits and hyphens, a letter or digit at both ends"))
}

/// Whether SageMaker takes it for a name: `EntityName`.
pub(super) fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// The version that a file of a group's folder has.
pub(super) fn version(file: &str) -> Option<u64> {
    let version = file.strip_suffix(".json")?;
    let number: u64 = version.parse().ok()?;
    // Not `+1`, `01` or 0.
    (number > 0 && version == number.to_string()).then_some(number)
}

/// The value without members that are null: to SageMaker they are not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let there = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        scalar => scalar.clone(),
    }
}

/// What `DescribeModelPackage` answers for a package that was made just now.
pub(super) fn describe(
    request: &Value,
    by: &Registrar,
    named: &Named,
    version: Option<u64>,
    now: Timestamp,
) -> Value {
    let Registrar { account, region, pipeline, run, .. } = by;
    let partition = if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    };
    let sagemaker = format!("arn:{partition}:sagemaker:{region}:{account}");
    let mut members = Map::new();
    let mut set = |member: &str, value: Value| members.insert(member.to_owned(), value);
    match named {
        Named::Group(group) => {
            let version = version.unwrap_or_default();
            // Of a version, too: the shape requires it, and it is the group's name.
            set("ModelPackageName", group.as_str().into());
            set("ModelPackageGroupName", group.as_str().into());
            set("ModelPackageVersion", version.into());
            set("ModelPackageArn", format!("{sagemaker}:model-package/{group}/{version}").into());
        }
        Named::Alone(name) => {
            set("ModelPackageName", name.as_str().into());
            set("ModelPackageArn", format!("{sagemaker}:model-package/{name}").into());
        }
    }
    set("CreationTime", now.to_string().into());
    set("ModelPackageStatus", "Completed".into());
    set("ModelPackageStatusDetails", json!({"ValidationStatuses": [], "ImageScanStatuses": []}));
    set("CertifyForMarketplace", false.into());
    let given = |member: &str| request.get(member).filter(|value| !value.is_null()).map(without_nulls);
    set("ModelApprovalStatus", given("ModelApprovalStatus").unwrap_or_else(|| PENDING.into()));
    // SageMaker names the execution there, for a package that a pipeline registers.
    let mut metadata = match given("MetadataProperties") {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    let execution = format!("{sagemaker}:pipeline/{pipeline}/execution/{run}");
    metadata.entry("GeneratedBy").or_insert_with(|| execution.into());
    set("MetadataProperties", metadata.into());
    for member in KEPT {
        if let Some(value) = given(member) {
            set(member, value);
        }
    }
    Value::Object(members)
}
