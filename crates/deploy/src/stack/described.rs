//! Reading a change set: where it is on its way, and what it changes.

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types as api;

use crate::error::{Error, Result};
use crate::stack::observe::is_absent;
use crate::stack::{Change, ChangeDetail, Cloud};

/// Where a change set is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Making,
    Ready,
    Empty,
    /// Being executed.
    Taken,
    /// Executed.
    Executed,
    /// Of no use any more; why.
    Spent(String),
    Failed(String),
}

/// [DescribeChangeSet](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html);
/// `None` when it is gone.
pub(crate) async fn describe(
    cloud: &Cloud<'_>,
    stack: &str,
    change_set: &str,
    next: Option<String>,
) -> Result<Option<DescribeChangeSetOutput>> {
    let mut request = cloud.client.describe_change_set().change_set_name(change_set).set_next_token(next);
    if !change_set.starts_with("arn:") {
        request = request.stack_name(stack);
    }
    match request.send().await {
        Ok(answer) if answer.status() == Some(&api::ChangeSetStatus::DeleteComplete) => Ok(None),
        Ok(answer) => Ok(Some(answer)),
        Err(error) => {
            let error = Error::from_sdk("look at the change set (cloudformation:DescribeChangeSet)", error);
            let gone = matches!(error.code(), Some("ChangeSetNotFound" | "ChangeSetNotFoundException"))
                || is_absent(&error);
            if gone { Ok(None) } else { Err(error) }
        }
    }
}

/// What the service's words mean.
pub(crate) fn standing(found: &DescribeChangeSetOutput) -> Standing {
    let status = found.status().map_or("", |status| status.as_str());
    let execution = found.execution_status().map_or("", |status| status.as_str());
    let reason = found.status_reason().unwrap_or_default();
    match (status, execution) {
        ("FAILED", _) if is_empty(reason) => Standing::Empty,
        ("FAILED", _) => Standing::Failed(reason.to_owned()),
        (_, "EXECUTE_IN_PROGRESS") => Standing::Taken,
        (_, "EXECUTE_COMPLETE") => Standing::Executed,
        (_, "EXECUTE_FAILED" | "OBSOLETE") => Standing::Spent(execution.to_owned()),
        ("CREATE_COMPLETE", "AVAILABLE") => Standing::Ready,
        ("CREATE_PENDING" | "CREATE_IN_PROGRESS" | "CREATE_COMPLETE", _) => Standing::Making,
        _ => Standing::Spent(status.to_owned()),
    }
}

/// Whether a change set failed only because there is nothing to change.
fn is_empty(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// All changes, of which the first page has been read.
pub(crate) async fn changes(
    cloud: &Cloud<'_>,
    stack: &str,
    id: &str,
    first: DescribeChangeSetOutput,
) -> Result<Option<Vec<Change>>> {
    let mut all = Vec::new();
    let mut page = first;
    loop {
        all.extend(page.changes().iter().filter_map(|change| Some(read(change.resource_change()?))));
        let Some(next) = page.next_token.filter(|token| !token.is_empty()) else { return Ok(Some(all)) };
        let request = || describe(cloud, stack, id, Some(next.clone()));
        match cloud.patiently(stack, request).await? {
            Some(next) => page = next,
            None => return Ok(None),
        }
    }
}

fn read(change: &api::ResourceChange) -> Change {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Change {
        action: change.action().map(|action| action.as_str().to_owned()).unwrap_or_default(),
        logical_id: text(change.logical_resource_id()).unwrap_or_default(),
        physical_id: text(change.physical_resource_id()),
        kind: text(change.resource_type()).unwrap_or_default(),
        replacement: text(change.replacement().map(api::Replacement::as_str)),
        policy_action: text(change.policy_action().map(api::PolicyAction::as_str)),
        details: (change.details().iter())
            .map(|detail| {
                let target = detail.target();
                ChangeDetail {
                    attribute: target
                        .and_then(|target| text(target.attribute().map(api::ResourceAttribute::as_str)))
                        .unwrap_or_default(),
                    name: target.and_then(|target| text(target.name())),
                    requires_recreation: target.and_then(|target| {
                        text(target.requires_recreation().map(api::RequiresRecreation::as_str))
                    }),
                    causing_entity: text(detail.causing_entity()),
                }
            })
            .collect(),
    }
}
