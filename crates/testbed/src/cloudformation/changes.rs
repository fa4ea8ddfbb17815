//! What a change set lists: two templates compared resource by resource and property by property.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::query::{element, list, maybe, text};
use super::template::{Scope, Template};

/// One resource's change.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// `Add`, `Modify` or `Remove`.
    pub(super) action: &'static str,
    pub(super) id: String,
    pub(super) physical: Option<String>,
    pub(super) kind: String,
    /// `True`, `False` or `Conditional`; only when modified.
    pub(super) replacement: Option<&'static str>,
    pub(super) policy: Option<&'static str>,
    pub(super) details: Vec<Detail>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// One attribute of a modified resource.
#[derive(Debug, Clone)]
pub(super) struct Detail {
    /// `Properties`, `Tags`, `Metadata`, `DeletionPolicy` and so on.
    attribute: String,
    name: Option<String>,
    /// `Never`, `Conditionally` or `Always`.
    recreation: &'static str,
    dynamic: bool,
    source: &'static str,
    causing: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
}

/// One side of the comparison.
pub(super) struct Side<'a> {
    pub(super) template: &'a Template,
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) tags: &'a BTreeMap<String, String>,
}

/// What else the comparison needs to know.
pub(super) struct About<'a> {
    pub(super) physical: &'a BTreeMap<String, String>,
    pub(super) exports: &'a BTreeMap<String, String>,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) stack_name: &'a str,
    pub(super) stack_id: &'a str,
    /// Properties whose change needs a new resource, added to the built-in ones: type and property.
    pub(super) create_only: &'a BTreeSet<(String, String)>,
}

/// Compares two sides; sorted by logical id.
pub(super) fn compare(before: &Side<'_>, after: &Side<'_>, about: &About<'_>) -> Vec<Change> {
    let nothing = BTreeMap::new();
    let scope = |side: &Side<'_>| -> BTreeMap<String, Value> {
        let scope = Scope {
            template: side.template,
            parameters: side.parameters,
            physical: &nothing,
            exports: about.exports,
            region: about.region,
            account: about.account,
            stack_name: about.stack_name,
            stack_id: about.stack_id,
        };
        let present = side.template.ids().into_iter().filter(|id| {
            let condition = side.template.resource(id).and_then(|one| one.get("Condition"));
            condition
                .is_none_or(|name| scope.holds(&serde_json::json!({ "Condition": name })).unwrap_or(true))
        });
        present
            .map(|id| (id.clone(), scope.evaluate(&side.template.resource(&id).unwrap()["Properties"])))
            .collect()
    };
    let (old, new) = (scope(before), scope(after));
    let ids: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    for id in ids {
        let change = match (old.get(&id), new.get(&id)) {
            (None, Some(properties)) => {
                Change { after: Some(properties.clone()), ..bare("Add", &id, after.template.kind(&id), None) }
            }
            (Some(properties), None) => Change {
                before: Some(properties.clone()),
                policy: Some(if before.template.retains(&id) { "Retain" } else { "Delete" }),
                ..bare("Remove", &id, before.template.kind(&id), about.physical.get(&id))
            },
            (Some(one), Some(other)) => match modified(&id, one, other, before, after, about) {
                Some(change) => change,
                None => continue,
            },
            (None, None) => continue,
        };
        changes.insert(id, change);
    }
    dependents(&mut changes, &new, after.template, about);
    changes.into_values().collect()
}

fn bare(action: &'static str, id: &str, kind: String, physical: Option<&String>) -> Change {
    Change {
        action,
        id: id.to_owned(),
        physical: physical.cloned(),
        kind,
        replacement: None,
        policy: None,
        details: Vec::new(),
        before: None,
        after: None,
    }
}

fn modified(
    id: &str,
    one: &Value,
    other: &Value,
    before: &Side<'_>,
    after: &Side<'_>,
    about: &About<'_>,
) -> Option<Change> {
    let (old, new) = (before.template.resource(id)?, after.template.resource(id)?);
    let kind = after.template.kind(id);
    let mut details = Vec::new();
    let names: BTreeSet<_> =
        one.as_object().into_iter().chain(other.as_object()).flat_map(|map| map.keys()).collect();
    for name in names {
        let (was, is) = (one.get(name), other.get(name));
        if was == is {
            continue;
        }
        let text_same = old["Properties"].get(name) == new["Properties"].get(name);
        details.push(Detail {
            attribute: if name == "Tags" { "Tags" } else { "Properties" }.to_owned(),
            name: Some(name.clone()).filter(|name| name != "Tags"),
            recreation: if create_only(&kind, name, about) { "Always" } else { "Never" },
            dynamic: false,
            source: if text_same { "ParameterReference" } else { "DirectModification" },
            causing: None,
            before: was.cloned(),
            after: is.cloned(),
        });
    }
    for attribute in ["Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy"] {
        if old.get(attribute) != new.get(attribute) {
            details.push(attribute_detail(attribute, old.get(attribute), new.get(attribute)));
        }
    }
    if before.tags != after.tags {
        details.push(attribute_detail("Tags", None, None));
    }
    let retyped = before.template.kind(id) != kind;
    if details.is_empty() && !retyped {
        return None;
    }
    let replaced = retyped || details.iter().any(|detail| detail.recreation == "Always");
    let retain =
        after.template.resource(id).and_then(|one| one["UpdateReplacePolicy"].as_str()) == Some("Retain");
    Some(Change {
        replacement: Some(if replaced { "True" } else { "False" }),
        policy: replaced.then_some(if retain { "ReplaceAndRetain" } else { "ReplaceAndDelete" }),
        details,
        before: Some(one.clone()),
        after: Some(other.clone()),
        ..bare("Modify", id, kind, about.physical.get(id))
    })
}

fn attribute_detail(attribute: &str, before: Option<&Value>, after: Option<&Value>) -> Detail {
    Detail {
        attribute: attribute.to_owned(),
        name: None,
        recreation: "Never",
        dynamic: false,
        source: "DirectModification",
        causing: None,
        before: before.cloned(),
        after: after.cloned(),
    }
}

/// Resources that refer to one that may be replaced may change as well; that is known only when it runs.
fn dependents(
    changes: &mut BTreeMap<String, Change>,
    new: &BTreeMap<String, Value>,
    template: &Template,
    about: &About<'_>,
) {
    let mut queue: Vec<String> = changes
        .values()
        .filter(|change| change.replacement == Some("True"))
        .map(|change| change.id.clone())
        .collect();
    while let Some(source) = queue.pop() {
        for (id, properties) in new {
            let names: Vec<_> = properties
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(_, value)| template.named_in(value).contains(&source))
                .map(|(name, _)| name.clone())
                .collect();
            if names.is_empty() || changes.get(id).is_some_and(|change| change.action == "Add") {
                continue;
            }
            let kind = template.kind(id);
            let change = changes.entry(id.clone()).or_insert_with(|| Change {
                replacement: Some("False"),
                before: Some(properties.clone()),
                after: Some(properties.clone()),
                ..bare("Modify", id, kind.clone(), about.physical.get(id))
            });
            for name in names {
                let known = change.details.iter().any(|detail| detail.name.as_ref() == Some(&name));
                if known {
                    continue;
                }
                let always = create_only(&kind, &name, about);
                change.details.push(Detail {
                    attribute: "Properties".to_owned(),
                    name: Some(name),
                    recreation: if always { "Always" } else { "Never" },
                    dynamic: true,
                    source: "ResourceReference",
                    causing: Some(source.clone()),
                    before: None,
                    after: None,
                });
                if always && change.replacement == Some("False") {
                    change.replacement = Some("Conditional");
                    queue.push(id.clone());
                }
            }
        }
    }
}

/// The properties, by type, whose change needs a new resource, as far as tests need them.
const CREATE_ONLY: [(&str, &[&str]); 14] = [
    ("AWS::EC2::SecurityGroup", &["GroupDescription", "GroupName", "VpcId"]),
    ("AWS::EC2::Subnet", &["AvailabilityZone", "CidrBlock", "VpcId"]),
    ("AWS::EC2::VPC", &["CidrBlock", "InstanceTenancy"]),
    ("AWS::Events::Rule", &["Name", "EventBusName"]),
    ("AWS::IAM::Role", &["Path", "RoleName"]),
    ("AWS::Lambda::Function", &["FunctionName", "PackageType"]),
    ("AWS::Logs::LogGroup", &["LogGroupName"]),
    ("AWS::S3::Bucket", &["BucketName", "ObjectLockEnabled"]),
    ("AWS::S3::BucketPolicy", &["Bucket"]),
    ("AWS::SNS::Topic", &["TopicName", "FifoTopic"]),
    ("AWS::SSM::Parameter", &["Name"]),
    ("AWS::SageMaker::Domain", &["AuthMode", "DomainName", "KmsKeyId", "VpcId"]),
    ("AWS::SageMaker::Pipeline", &["PipelineName"]),
    ("AWS::SageMaker::UserProfile", &["DomainId", "SingleSignOnUserIdentifier", "UserProfileName"]),
];

fn create_only(kind: &str, name: &str, about: &About<'_>) -> bool {
    let known = CREATE_ONLY.iter().any(|(one, names)| *one == kind && names.contains(&name));
    known || about.create_only.contains(&(kind.to_owned(), name.to_owned()))
}

impl Change {
    /// The change as a member of `Changes`; with values when they were asked for.
    pub(super) fn xml(&self, values: bool) -> String {
        let context = |properties: &Option<Value>| {
            let properties = properties.as_ref().filter(|_| values)?;
            Some(serde_json::json!({ "Properties": properties }).to_string())
        };
        let mut scope: Vec<_> = self.details.iter().map(|detail| detail.attribute.clone()).collect();
        scope.sort();
        scope.dedup();
        let scope: String = scope.into_iter().map(|name| text("member", name)).collect();
        let details = self.details.iter().map(|detail| detail.xml(values));
        let change = [
            maybe("PolicyAction", self.policy),
            text("Action", self.action),
            text("LogicalResourceId", &self.id),
            maybe("PhysicalResourceId", self.physical.as_ref()),
            text("ResourceType", &self.kind),
            maybe("Replacement", self.replacement),
            element("Scope", &scope),
            list("Details", details),
            maybe("BeforeContext", context(&self.before).as_ref()),
            maybe("AfterContext", context(&self.after).as_ref()),
        ];
        text("Type", "Resource") + &element("ResourceChange", &change.concat())
    }
}

impl Detail {
    fn xml(&self, values: bool) -> String {
        let path = match &self.name {
            Some(name) => format!("/{}/{name}", self.attribute),
            None => format!("/{}", self.attribute),
        };
        let shown = |value: &Option<Value>| value.as_ref().filter(|_| values).map(super::template::plain);
        let kind = match (&self.before, &self.after) {
            (None, Some(_)) => "Add",
            (Some(_), None) => "Remove",
            _ => "Modify",
        };
        let target = [
            text("Attribute", &self.attribute),
            maybe("Name", self.name.as_ref()),
            text("RequiresRecreation", self.recreation),
            text("Path", path),
            maybe("BeforeValue", shown(&self.before).as_ref()),
            maybe("AfterValue", shown(&self.after).as_ref()),
            if values { text("AttributeChangeType", kind) } else { String::new() },
        ];
        [
            element("Target", &target.concat()),
            text("Evaluation", if self.dynamic { "Dynamic" } else { "Static" }),
            text("ChangeSource", self.source),
            maybe("CausingEntity", self.causing.as_ref()),
        ]
        .concat()
    }
}
