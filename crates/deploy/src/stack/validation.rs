//! Early validation: what CloudFormation found wrong in a change set before anything was made, for each resource.

use aws_sdk_cloudformation::types::{EventFilter, EventType, OperationEvent};

use crate::stack::Cloud;

/// How many pages are read at most.
const PAGES: usize = 20;

/// What is wrong, one line for each resource; none where the service can't tell, or the reason says it all already.
///
/// [DescribeEvents](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html)
pub(crate) async fn failures(cloud: &Cloud<'_>, change_set_id: &str, reason: &str) -> Vec<String> {
    let points_there =
        ["DescribeEvents", "EarlyValidation", "alidation", "hook"].iter().any(|word| reason.contains(word));
    if !points_there {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let filter = EventFilter::builder().failed_events(true).build();
        let request = cloud.client.describe_events().change_set_name(change_set_id).filters(filter);
        // Older than the API, or not allowed: the reason that we have must do.
        let Ok(answer) = request.set_next_token(next).send().await else { break };
        lines.extend(answer.operation_events().iter().filter_map(line));
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    lines.sort();
    lines.dedup();
    lines
}

fn line(event: &OperationEvent) -> Option<String> {
    let reason = match event.event_type() {
        Some(EventType::HookInvocationError) => event.hook_status_reason().or(event.resource_status_reason()),
        _ => {
            event.validation_status_reason().or(event.hook_status_reason()).or(event.resource_status_reason())
        }
    }?;
    let id = event.logical_resource_id().unwrap_or("the template");
    let kind = event.resource_type().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let path = event.validation_path().map(|path| format!(" at {path}")).unwrap_or_default();
    Some(format!("{id}{kind}{path}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_resource_place_and_reason() {
        let event = OperationEvent::builder()
            .event_type(EventType::ValidationError)
            .logical_resource_id("SourceBucket")
            .resource_type("AWS::S3::Bucket")
            .validation_path("/Resources/SourceBucket/Properties/BucketName")
            .validation_status_reason("a bucket of this name exists")
            .build();
        assert_eq!(
            line(&event).unwrap(),
            "SourceBucket (AWS::S3::Bucket) at /Resources/SourceBucket/Properties/BucketName: a bucket of this name exists"
        );
        assert_eq!(line(&OperationEvent::builder().build()), None);
        let bare = OperationEvent::builder().resource_status_reason("no").build();
        assert_eq!(line(&bare).unwrap(), "the template: no");
    }
}
