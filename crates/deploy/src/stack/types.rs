//! What is known of a stack, apart from how CloudFormation's API says it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A stack as it is now.
///
/// [Stack](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html)
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackState {
    /// Its name.
    pub name: String,
    /// Its id, an ARN: another one for each stack that ever had the name.
    pub id: String,
    /// Its status, in CloudFormation's words: `UPDATE_COMPLETE`.
    pub status: String,
    /// Why it has that status.
    pub reason: Option<String>,
    /// When it was last updated, or else made.
    pub since: Option<Timestamp>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Whether it is protected from deletion.
    pub termination_protection: bool,
}

/// What CloudFormation said that happened to a resource, or to the stack itself.
///
/// [StackEvent](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html)
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The stack.
    pub stack: String,
    /// The resource, or the stack's name.
    pub logical_id: String,
    /// What the resource is called in its service; may be empty.
    pub physical_id: String,
    /// Its type: `AWS::S3::Bucket`.
    pub kind: String,
    /// Its status: `CREATE_IN_PROGRESS`.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// The token of the operation that it belongs to.
    pub token: Option<String>,
}

/// A resource that a change set changes.
///
/// [ResourceChange](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    pub action: String,
    /// The resource.
    pub logical_id: String,
    /// What it is called in its service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True`, `False` or `Conditional`; of a `Modify` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// What happens to what is removed: `Delete`, `Retain`, `Snapshot`, `ReplaceAndRetain` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_action: Option<String>,
    /// What of it changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ChangeDetail>,
}

/// A property, or another attribute, that a change set changes.
///
/// [ResourceChangeDetail](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChangeDetail.html)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeDetail {
    /// `Properties`, `Tags`, `DeletionPolicy` …
    pub attribute: String,
    /// The property's name, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Never`, `Conditionally` or `Always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_recreation: Option<String>,
    /// What it depends on, where the template itself did not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causing_entity: Option<String>,
}

/// What was prepared for a stack, and may be executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// The stack.
    pub stack: String,
    /// The stack's id, if it was there before; an id that changed means another stack of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_id: Option<String>,
    /// The change set's name, made from its content; `None` when there is nothing to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_set: Option<String>,
    /// The change set's id, an ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_set_id: Option<String>,
    /// SHA-256 of the new template, lower-case hex.
    pub template_sha256: String,
    /// SHA-256 of the template that the change set was made against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed_sha256: Option<String>,
    /// What it changes, in CloudFormation's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// How an operation failed: the source of an error of [`Kind::Stack`](crate::Kind::Stack).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("stack {} is {}{}", state.name, state.status, state.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
pub struct Failure {
    /// The stack after it.
    pub state: StackState,
    /// All events of the operation, oldest first, with those of the stacks within the stack that failed.
    pub events: Vec<Event>,
}
