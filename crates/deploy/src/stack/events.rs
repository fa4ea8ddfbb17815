//! The events of a stack: those since the last look, and those of a whole operation.

use std::collections::HashSet;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::StackEvent;

use crate::error::{Error, Result};
use crate::stack::observe::{is_absent, short, timestamp};
use crate::stack::{Cloud, Event};

/// How deep stacks within stacks are followed for the reason of a failure.
const DEPTH: usize = 5;

/// How many pages of 100 events are read at most, so that a stack with a long life does not keep anybody waiting.
const PAGES: usize = 100;

/// Reads a stack's events, each once.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    stack_id: String,
    seen: HashSet<String>,
    /// The newest event before the operation: what is older is of others.
    anchor: Option<String>,
    /// The statuses that the stack itself had in what was read.
    own: Vec<String>,
}

impl Tail {
    /// Everything after the newest event of now.
    pub(crate) async fn from_now(cloud: &Cloud<'_>, stack_id: &str) -> Result<Self> {
        let page = cloud.patiently(short(stack_id), || page(&cloud.client, stack_id, None)).await;
        let anchor = match page {
            Ok((events, _)) => events.first().map(|event| event.id.clone()),
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { stack_id: stack_id.to_owned(), anchor, ..Self::default() })
    }

    /// Everything of the operation that is under way.
    pub(crate) fn from_its_beginning(stack_id: &str) -> Self {
        Self { stack_id: stack_id.to_owned(), ..Self::default() }
    }

    /// What happened since the last look, oldest first. When it fails, nothing counts as read.
    pub(crate) async fn news(&mut self, client: &Client) -> Result<Vec<Event>> {
        let mut news = Vec::new();
        let mut next = None;
        'pages: for _ in 0..PAGES {
            let (events, more) = page(client, &self.stack_id, next).await?;
            for event in events {
                if self.seen.contains(&event.id) || self.anchor.as_ref() == Some(&event.id) {
                    break 'pages;
                }
                let is_beginning = begins(&event, &self.stack_id);
                news.push(event);
                if is_beginning && self.anchor.is_none() {
                    break 'pages;
                }
            }
            next = more;
            if next.is_none() {
                break;
            }
        }
        news.reverse();
        for event in &news {
            self.seen.insert(event.id.clone());
            if is_own(event, &self.stack_id) {
                self.own.push(event.status.clone());
            }
        }
        Ok(news)
    }

    /// Whether the last that was heard of the stack itself is this status.
    pub(crate) fn ends_with(&self, status: &str) -> bool {
        self.own.last().is_some_and(|own| own == status)
    }
}

/// The events of a stack's last operation, oldest first, and those of the stacks within it that failed.
pub(crate) async fn of_last_operation(client: &Client, stack_id: &str) -> Result<Vec<Event>> {
    let mut all = Tail::from_its_beginning(stack_id).news(client).await?;
    let mut open: Vec<(String, usize)> = nested_failures(&all, stack_id).map(|id| (id, 1)).collect();
    let mut known: HashSet<String> = open.iter().map(|(id, _)| id.clone()).collect();
    known.insert(stack_id.to_owned());
    while let Some((id, depth)) = open.pop() {
        // What can't be read is missing from the reason, and no reason to say nothing at all.
        let Ok(events) = Tail::from_its_beginning(&id).news(client).await else { continue };
        for inner in nested_failures(&events, &id) {
            if depth < DEPTH && known.insert(inner.clone()) {
                open.push((inner, depth + 1));
            }
        }
        all.extend(events);
    }
    all.sort_by_key(|event| event.at);
    Ok(all)
}

fn nested_failures(events: &[Event], stack_id: &str) -> impl Iterator<Item = String> {
    let nested = |event: &&Event| {
        event.kind == "AWS::CloudFormation::Stack"
            && event.physical_id != stack_id
            && event.physical_id.starts_with("arn:")
            && event.status.ends_with("_FAILED")
    };
    let mut ids: Vec<String> = events.iter().filter(nested).map(|event| event.physical_id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter()
}

/// Whether an event is about the stack itself.
fn is_own(event: &Event, stack_id: &str) -> bool {
    event.physical_id == stack_id && event.kind == "AWS::CloudFormation::Stack"
}

/// Whether an operation begins with this event.
fn begins(event: &Event, stack_id: &str) -> bool {
    let beginnings = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"];
    is_own(event, stack_id) && beginnings.contains(&event.status.as_str())
}

/// A page of events, newest first, and where the next one begins.
///
/// [DescribeStackEvents](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html)
async fn page(client: &Client, stack_id: &str, next: Option<String>) -> Result<(Vec<Event>, Option<String>)> {
    let answer = client.describe_stack_events().stack_name(stack_id).set_next_token(next).send().await;
    let answer = answer.map_err(|error| {
        let name = short(stack_id);
        Error::from_sdk(
            &format!("read the events of stack {name} (cloudformation:DescribeStackEvents)"),
            error,
        )
    })?;
    let events = answer.stack_events().iter().map(event).collect();
    Ok((events, answer.next_token.filter(|token| !token.is_empty())))
}

fn event(event: &StackEvent) -> Event {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Event {
        id: text(event.event_id()),
        at: timestamp(event.timestamp()).unwrap_or_default(),
        stack: text(event.stack_name()),
        logical_id: text(event.logical_resource_id()),
        physical_id: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: event.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: event.resource_status_reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        token: event.client_request_token().filter(|token| !token.is_empty()).map(str::to_owned),
    }
}
