//! Change sets: named by their content, made, waited for, and thrown away when they hold nothing.
//!
//! The name says what the change set is made of: the stack, what is deployed, what is wanted. So nobody's is overwritten,
//! two who want the same share one, and one that an earlier run left behind is found again. A change set of another name is
//! never touched.

use std::time::Instant;

use aws_sdk_cloudformation::types::{Capability, ChangeSetType, Tag};

use crate::error::{Error, Kind, Result, action_in};
use crate::stack::compare::{needs, sha256, sha256_of};
use crate::stack::described::{Standing, changes, describe, standing};
use crate::stack::{Change, Cloud, StackState, Wanted, validation};

/// A change set that is there and can be executed.
#[derive(Clone, Debug)]
pub(crate) struct ChangeSet {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) stack_id: String,
    pub(crate) changes: Vec<Change>,
}

/// What came of making a change set.
#[derive(Clone, Debug)]
pub(crate) enum Made {
    /// It can be executed.
    Ready(ChangeSet),
    /// There is nothing to change; it is gone again.
    Empty,
    /// Somebody else was faster: look at the stack again.
    Raced,
}

/// Where CloudFormation finds the template.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    Body(String),
    Url(String),
}

/// The name of the change set that makes of a stack what is wanted. No time is part of it: making a change set may change
/// the stack's, and the name has to be found again.
pub(crate) fn name(state: Option<&StackState>, deployed: Option<&str>, wanted: &Wanted) -> String {
    // A stack in review never was one: the change set that made it is found again by the same name.
    let state =
        state.filter(|state| !matches!(state.status.as_str(), "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE"));
    let deployed = deployed.map(sha256).unwrap_or_default();
    let template = sha256(&wanted.template);
    let mut parts = vec![
        wanted.name.as_str(),
        state.map_or("new", |state| state.id.as_str()),
        &deployed,
        &template,
        wanted.role_arn.as_deref().unwrap_or_default(),
        if wanted.import_existing { "import" } else { "" },
    ];
    parts.extend(wanted.tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]));
    format!("pipewright-{}", &sha256_of(parts)[..32])
}

/// Makes the change set, or finds the one that is there already, and waits until it can be executed.
pub(crate) async fn make(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    state: Option<&StackState>,
    deployed: Option<&str>,
    location: &Location,
) -> Result<Made> {
    let name = name(state, deployed, wanted);
    // Once more after one that is of no use was thrown away, and once more for whoever did the same meanwhile.
    for _ in 0..3 {
        let stack = match create(cloud, wanted, state, &name, location).await? {
            Created::New { id, stack_id } => {
                let made = wait(cloud, wanted, &id).await?;
                return conclude(cloud, wanted, state, &id, &stack_id, made).await;
            }
            Created::Raced => return Ok(Made::Raced),
            // By the stack's name, as it was made: the change set's own name holds the stack's id already, and not every
            // server finds one by that.
            Created::Exists => wanted.name.as_str(),
        };
        let request = || describe(cloud, stack, &name, None);
        let Some(found) = cloud.patiently(&wanted.name, request).await? else { continue };
        let id = found.change_set_id().unwrap_or(&name).to_owned();
        let stack_id = found.stack_id().unwrap_or(stack).to_owned();
        match standing(&found) {
            Standing::Taken => return Ok(Made::Raced),
            // An executed one is only a record: what is deployed is once more what it was made from.
            Standing::Executed | Standing::Spent(_) | Standing::Failed(_) | Standing::Empty => {
                delete(cloud, stack, &id).await?;
            }
            Standing::Making | Standing::Ready => {
                let made = wait(cloud, wanted, &id).await?;
                return conclude(cloud, wanted, state, &id, &stack_id, made).await;
            }
        }
    }
    Ok(Made::Raced)
}

enum Created {
    New { id: String, stack_id: String },
    Exists,
    Raced,
}

/// [CreateChangeSet](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html)
async fn create(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    state: Option<&StackState>,
    name: &str,
    location: &Location,
) -> Result<Created> {
    let kind = match state.map(|state| state.status.as_str()) {
        None | Some("REVIEW_IN_PROGRESS" | "DELETE_COMPLETE") => ChangeSetType::Create,
        Some(_) => ChangeSetType::Update,
    };
    let needs = needs(&wanted.template);
    let mut capabilities = Vec::new();
    if needs.iam {
        capabilities.extend([Capability::CapabilityIam, Capability::CapabilityNamedIam]);
    }
    if needs.expansion {
        capabilities.push(Capability::CapabilityAutoExpand);
    }
    let tags: Vec<Tag> =
        wanted.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    // Another token for each attempt at making it: the same one after a deletion would be taken for a repetition.
    let token = format!("{name}-{:x}", jiff::Timestamp::now().as_nanosecond());
    // Left out, tags stay as they are; an empty list removes them.
    let has_tags = !tags.is_empty() || state.is_some_and(|state| !state.tags.is_empty());
    let (body, url) = match location {
        Location::Body(text) => (Some(text.clone()), None),
        Location::Url(url) => (None, Some(url.clone())),
    };
    let what = format!("make change set {name} of stack {} (cloudformation:CreateChangeSet)", wanted.name);
    let request = || async {
        let request = cloud.client.create_change_set();
        let answer = request
            .stack_name(&wanted.name)
            .change_set_name(name)
            .change_set_type(kind.clone())
            .set_template_body(body.clone())
            .set_template_url(url.clone())
            .set_capabilities(Some(capabilities.clone()).filter(|some| !some.is_empty()))
            .set_tags(has_tags.then(|| tags.clone()))
            .set_role_arn(wanted.role_arn.clone())
            .set_include_nested_stacks(needs.nested.then_some(true))
            .set_import_existing_resources(wanted.import_existing.then_some(true))
            .client_token(&token)
            .description("Made by pipewright; its name is made from its content.")
            .send()
            .await;
        answer.map_err(|error| Error::from_sdk(&what, error))
    };
    match cloud.patiently(&wanted.name, request).await {
        Ok(answer) => Ok(Created::New {
            id: answer.id.unwrap_or_else(|| name.to_owned()),
            stack_id: answer.stack_id.unwrap_or_else(|| wanted.name.clone()),
        }),
        Err(error) => match error.code() {
            Some("AlreadyExistsException") => Ok(Created::Exists),
            Some("ValidationError") if is_raced(&error.message) => Ok(Created::Raced),
            Some("LimitExceededException") => {
                Err(error.hint("delete change sets that nobody needs: `aws cloudformation list-change-sets`"))
            }
            _ => Err(error),
        },
    }
}

/// Whether the service says that the stack is not what it was when we looked.
pub(crate) fn is_raced(message: &str) -> bool {
    (message.contains("_IN_PROGRESS state") && message.contains("can not be"))
        || message.contains("already exists and cannot be created again")
        || (message.contains("Stack") && message.contains("does not exist"))
}

/// Waits for the end of the making: never [`Standing::Making`]; `None` when somebody deleted it.
async fn wait(cloud: &Cloud<'_>, wanted: &Wanted, id: &str) -> Result<Option<(Standing, Vec<Change>)>> {
    let begun = Instant::now();
    let mut pauses = cloud.pace.short_pauses();
    loop {
        let Some(found) = cloud.patiently(&wanted.name, || describe(cloud, &wanted.name, id, None)).await?
        else {
            return Ok(None);
        };
        match standing(&found) {
            Standing::Making => {}
            Standing::Ready => {
                let changes = changes(cloud, &wanted.name, id, found).await?;
                return Ok(changes.map(|changes| (Standing::Ready, changes)));
            }
            other => return Ok(Some((other, Vec::new()))),
        }
        if begun.elapsed() > cloud.pace.change_set {
            let message = format!(
                "the change set of stack {} is still not made after {} s: {id}",
                wanted.name,
                cloud.pace.change_set.as_secs()
            );
            return Err(
                Error::new(Kind::Stack, message).hint("look at it in the console, or deploy again later")
            );
        }
        cloud.pause(&wanted.name, &mut pauses).await?;
    }
}

/// Turns what waiting gave into what came of it, and clears away what is of no use.
async fn conclude(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    state: Option<&StackState>,
    id: &str,
    stack_id: &str,
    made: Option<(Standing, Vec<Change>)>,
) -> Result<Made> {
    let Some((standing, changes)) = made else { return Ok(Made::Raced) };
    match standing {
        Standing::Ready => Ok(Made::Ready(ChangeSet {
            name: name_in(id),
            id: id.to_owned(),
            stack_id: stack_id.to_owned(),
            changes,
        })),
        Standing::Empty => {
            discard(cloud, wanted, state, id, stack_id).await?;
            Ok(Made::Empty)
        }
        Standing::Failed(reason) => {
            let lines = validation::failures(cloud, id, &reason).await;
            // It says nothing that the error does not; should it stay, the next run clears it away.
            let _ = discard(cloud, wanted, state, id, stack_id).await;
            Err(failed(wanted, &reason, &lines))
        }
        Standing::Making | Standing::Taken | Standing::Executed | Standing::Spent(_) => Ok(Made::Raced),
    }
}

/// The name in a change set's id, `arn:aws:cloudformation:REGION:ACCOUNT:changeSet/NAME/ID`.
fn name_in(id: &str) -> String {
    if id.starts_with("arn:") { id.split('/').nth(1).unwrap_or(id).to_owned() } else { id.to_owned() }
}

fn failed(wanted: &Wanted, reason: &str, lines: &[String]) -> Error {
    let kind = match action_in(reason) {
        Some(action) => Kind::Denied { action: Some(action) },
        None => Kind::Stack,
    };
    let mut message = format!("can't make a change set of stack {}: {reason}", wanted.name);
    for line in lines {
        message.push_str("\n  ");
        message.push_str(line);
    }
    Error::new(kind, message)
}

/// Deletes a change set of ours, and the stack in review that was made for it if nobody else has a change set there.
async fn discard(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    state: Option<&StackState>,
    id: &str,
    stack_id: &str,
) -> Result<()> {
    delete(cloud, stack_id, id).await?;
    if state.is_some_and(|state| !matches!(state.status.as_str(), "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE")) {
        return Ok(());
    }
    let what = format!("list the change sets of stack {} (cloudformation:ListChangeSets)", wanted.name);
    let others = cloud.client.list_change_sets().stack_name(stack_id).send().await;
    let others = others.map_err(|error| Error::from_sdk(&what, error))?;
    if others.summaries().iter().any(|other| other.change_set_id() != Some(id)) {
        return Ok(());
    }
    // By its id: a stack of the same name that somebody just created is another one. In review it holds nothing.
    let now = crate::stack::observe(&cloud.client, stack_id).await?;
    if now.is_none_or(|now| now.status != "REVIEW_IN_PROGRESS") {
        return Ok(());
    }
    let what = format!("delete stack {}, which has nothing in it (cloudformation:DeleteStack)", wanted.name);
    let answer = cloud.client.delete_stack().stack_name(stack_id).send().await;
    answer.map(|_| ()).map_err(|error| Error::from_sdk(&what, error))
}

/// [DeleteChangeSet](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html)
pub(crate) async fn delete(cloud: &Cloud<'_>, stack: &str, id: &str) -> Result<()> {
    let request = || async {
        let mut request = cloud.client.delete_change_set().change_set_name(id);
        if !id.starts_with("arn:") {
            request = request.stack_name(stack);
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let error = Error::from_sdk("delete the change set (cloudformation:DeleteChangeSet)", error);
                // Gone, or taken by somebody else meanwhile: looking again will tell.
                match error.code() {
                    Some("ChangeSetNotFound" | "ChangeSetNotFoundException" | "InvalidChangeSetStatus") => {
                        Ok(())
                    }
                    _ => Err(error),
                }
            }
        }
    };
    cloud.patiently(crate::stack::observe::short(stack), request).await
}

#[cfg(test)]
#[path = "change_set_tests.rs"]
mod tests;
