//! Executes a change set, once, and follows it to its end.

use crate::error::{Error, Kind, Result};
use crate::stack::change_set::is_raced;
use crate::stack::cloud::passes;
use crate::stack::compare::{same_template, sha256};
use crate::stack::decide::is_good;
use crate::stack::described::{self, Standing};
use crate::stack::events::Tail;
use crate::stack::follow::{End, Operation, failure, follow, lost};
use crate::stack::{Cloud, Ready, StackState, Wanted, observe, template};
use crate::watch::Stage;

/// What came of executing a change set.
#[derive(Clone, Debug)]
pub enum Executed {
    /// The stack is as wanted.
    Done(StackState),
    /// The stack was changed by somebody else meanwhile, and the change set is of no use any more: prepare again.
    Raced,
}

/// Executes what was prepared and waits for its end.
///
/// Two who execute the same change set follow the same operation.
///
/// # Errors
/// [`Kind::Stack`] with a [`Failure`](crate::stack::Failure) as its source when CloudFormation could not do it;
/// [`Kind::Interrupted`]; what the service says. When the operation goes on all the same, the message says so.
pub async fn execute(cloud: &Cloud<'_>, wanted: &Wanted, ready: &Ready) -> Result<Executed> {
    let name = &wanted.name;
    let (Some(id), Some(stack_id)) = (&ready.prepared.change_set_id, &ready.stack_id) else {
        return Err(Error::new(Kind::Usage, format!("there is nothing to execute for stack {name}")));
    };
    cloud.interrupts.go_on(name).await?;
    let before = cloud.patiently(name, || observe(&cloud.client, stack_id)).await?;
    let Some(before) = before.filter(|before| is_as_prepared(ready.state.as_ref(), before)) else {
        return Ok(Executed::Raced);
    };
    let tail = match Tail::from_now(cloud, stack_id).await {
        Ok(tail) => tail,
        Err(error) if error.kind == Kind::Interrupted => return Err(error),
        // Only the events are missing then, and following says so.
        Err(_) => Tail::from_its_beginning(stack_id),
    };
    cloud.interrupts.go_on(name).await?;
    cloud.watch.stage(name, Stage::Executing);
    let running = cloud.interrupts.run();
    if !begin(cloud, wanted, id).await? {
        return Ok(Executed::Raced);
    }
    let operation = Operation { name, stack_id, before: Some(&before), tail };
    let end = follow(cloud, operation).await?;
    drop(running);
    conclude(cloud, wanted, ready, id, end).await
}

/// Whether the stack is still the one that the change set was made for.
fn is_as_prepared(prepared: Option<&StackState>, now: &StackState) -> bool {
    match prepared.filter(|state| !matches!(state.status.as_str(), "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE"))
    {
        None => now.status == "REVIEW_IN_PROGRESS",
        // What else changed has made the change set obsolete, which executing tells.
        Some(then) => then.id == now.id && then.status == now.status,
    }
}

/// Whether the execution has begun, by us or by somebody with the same change set.
///
/// [ExecuteChangeSet](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html)
async fn begin(cloud: &Cloud<'_>, wanted: &Wanted, id: &str) -> Result<bool> {
    let name = &wanted.name;
    // From the change set's id, which there is only once: whoever sends it twice means the same.
    let token = format!("pipewright-{}", &sha256(id)[..32]);
    let request = || async {
        let request = cloud.client.execute_change_set().change_set_name(id).client_request_token(&token);
        let request = if wanted.no_rollback {
            request.disable_rollback(true)
        } else {
            // A bucket that was made in vain would stand in the way of the next attempt.
            request.retain_except_on_create(true)
        };
        let what = format!("execute the change set of stack {name} (cloudformation:ExecuteChangeSet)");
        request.send().await.map(|_| ()).map_err(|error| Error::from_sdk(&what, error))
    };
    let error = match cloud.patiently(name, request).await {
        Ok(()) => return Ok(true),
        Err(error) => error,
    };
    match error.code() {
        // It was executed: by us, when the answer got lost, or by somebody with the same content.
        Some(
            "InvalidChangeSetStatus"
            | "InvalidChangeSetStatusException"
            | "TokenAlreadyExistsException"
            | "ChangeSetNotFound"
            | "ChangeSetNotFoundException",
        ) => {
            let found = cloud.patiently(name, || described::describe(cloud, name, id, None)).await?;
            let begun = [Standing::Taken, Standing::Executed];
            Ok(found.is_some_and(|found| begun.contains(&described::standing(&found))))
        }
        Some("ValidationError") if is_raced(&error.message) => Ok(false),
        // Whether it has begun is unknown.
        _ if passes(&error) || error.kind == Kind::Interrupted => Err(lost(error, name)),
        _ => Err(error),
    }
}

async fn conclude(cloud: &Cloud<'_>, wanted: &Wanted, ready: &Ready, id: &str, end: End) -> Result<Executed> {
    let name = &wanted.name;
    let Some(state) = end.state else {
        let message = format!("stack {name} was deleted by somebody while it was changed");
        return Err(Error::new(Kind::Stack, message).hint("deploy again to make it anew"));
    };
    if !end.certain && !is_proven(cloud, wanted, id, &state).await? {
        let message = format!(
            "CloudFormation took the change set of stack {name}, and after {} s the stack still looks as before ({})",
            cloud.pace.stale.as_secs(),
            state.status
        );
        return Err(Error::new(Kind::Stack, message).hint("`cargo xtask deploy --attach` looks at it again"));
    }
    if is_good(&state.status) {
        return Ok(Executed::Done(state));
    }
    if end.cancelled && state.status == "UPDATE_ROLLBACK_COMPLETE" {
        let message = format!("the update of stack {name} was cancelled: it is as it was before");
        return Err(Error::new(Kind::Interrupted, message));
    }
    let verb = if ready.is_new() { "create" } else { "update" };
    Err(failure(cloud, &format!("{verb} stack {name}"), &state).await)
}

/// Whether the stack has what is wanted, where its status can't tell.
async fn is_proven(cloud: &Cloud<'_>, wanted: &Wanted, id: &str, state: &StackState) -> Result<bool> {
    if !is_good(&state.status) || state.tags != wanted.tags {
        return Ok(false);
    }
    let found = cloud.patiently(&wanted.name, || described::describe(cloud, &wanted.name, id, None)).await?;
    let standing = found.as_ref().map(described::standing);
    let executed = found.is_none_or(|found| {
        found.execution_status() == Some(&aws_sdk_cloudformation::types::ExecutionStatus::ExecuteComplete)
    });
    if !executed || matches!(standing, Some(Standing::Ready | Standing::Spent(_))) {
        return Ok(false);
    }
    let deployed = cloud.patiently(&wanted.name, || template(&cloud.client, &state.id)).await?;
    Ok(same_template(&deployed, &wanted.template))
}
