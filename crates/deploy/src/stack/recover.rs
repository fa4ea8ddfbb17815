//! Gets a stack out of what an earlier operation left it in, and waits for the operations of others.

use std::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::show::cause::root_cause;
use crate::stack::compare::sha256_of;
use crate::stack::decide::is_moving;
use crate::stack::events::{Tail, of_last_operation};
use crate::stack::follow::{End, Operation, failure, follow};
use crate::stack::{Cloud, Event, StackState, observe};
use crate::watch::Stage;

/// Waits until somebody else's operation has ended.
///
/// # Errors
/// [`Kind::Busy`] when it takes longer than [`Pace::busy`](crate::stack::Pace::busy); [`Kind::Interrupted`].
pub(crate) async fn wait_for_others(cloud: &Cloud<'_>, name: &str, state: &StackState) -> Result<()> {
    let begun = Instant::now();
    let mut pauses = cloud.pace.pauses();
    let mut status = state.status.clone();
    cloud.watch.stage(name, Stage::Waiting(status.clone()));
    cloud
        .watch
        .note(name, &format!("somebody else's operation is under way ({status}); waiting for its end"));
    loop {
        cloud.pause(name, &mut pauses).await?;
        let Some(now) = cloud.patiently(name, || observe(&cloud.client, &state.id)).await? else {
            return Ok(());
        };
        if !is_moving(&now.status) {
            cloud.watch.note(name, &format!("the other operation has ended: {}", now.status));
            return Ok(());
        }
        if now.status != status {
            status = now.status;
            cloud.watch.stage(name, Stage::Waiting(status.clone()));
        }
        if begun.elapsed() > cloud.pace.busy {
            let seconds = cloud.pace.busy.as_secs();
            return Err(busy(name, &status, &format!(" for more than {seconds} s")));
        }
    }
}

/// Somebody else's operation is a reason to stop.
pub(crate) fn busy(name: &str, status: &str, since: &str) -> Error {
    Error::new(Kind::Busy, format!("somebody else's operation on stack {name} is under way{since}: {status}"))
        .hint("`cargo xtask deploy --attach` follows it; deploy again when it has ended")
}

/// Says why a stack is as it is, by its events. What can't be read is not said.
pub(crate) async fn say_why(cloud: &Cloud<'_>, state: &StackState) {
    let name = &state.name;
    let events = of_last_operation(&cloud.client, &state.id).await.unwrap_or_default();
    if let Some(cause) = root_cause(&events) {
        let error = cause.into_error(&format!("keep stack {name}, which is {}", state.status));
        cloud.watch.note(name, &error.message);
        return;
    }
    let reason = state.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    cloud.watch.note(name, &format!("stack {name} is {}{reason}", state.status));
}

/// Deletes a stack and waits until it is gone.
///
/// # Errors
/// [`Kind::Stack`] with a [`Failure`](crate::stack::Failure) as its source when something stands in the way;
/// [`Kind::Interrupted`]; what the service says.
pub async fn delete(cloud: &Cloud<'_>, state: &StackState, role_arn: Option<&str>) -> Result<()> {
    let name = &state.name;
    if state.termination_protection {
        return Err(protected(
            Error::new(Kind::Stack, format!("stack {name} is protected from deletion")),
            name,
        ));
    }
    let token = token("delete", state);
    let request = || async {
        let request = cloud.client.delete_stack().stack_name(&state.id).client_request_token(&token);
        let answer = request.set_role_arn(role_arn.map(str::to_owned)).send().await;
        let what = format!("delete stack {name} (cloudformation:DeleteStack)");
        answer.map(|_| ()).map_err(|error| Error::from_sdk(&what, error))
    };
    let end = run(cloud, state, request).await;
    let end = match end {
        Err(error) if error.message.contains("TerminationProtection") => return Err(protected(error, name)),
        end => end?,
    };
    match end.state {
        None => Ok(()),
        Some(state) if state.status == "DELETE_COMPLETE" => Ok(()),
        Some(state) => Err(failure(cloud, &format!("delete stack {name}"), &state).await),
    }
}

/// Takes back what an operation without rollback left. A stack that was never complete is deleted by that.
///
/// # Errors
/// As [`delete`].
pub(crate) async fn roll_back(cloud: &Cloud<'_>, state: &StackState, role_arn: Option<&str>) -> Result<()> {
    let name = &state.name;
    let token = token("rollback", state);
    let request = || async {
        let request = cloud.client.rollback_stack().stack_name(&state.id).client_request_token(&token);
        let request = request.set_role_arn(role_arn.map(str::to_owned)).retain_except_on_create(true);
        let what = format!("take back what was done to stack {name} (cloudformation:RollbackStack)");
        request.send().await.map(|_| ()).map_err(|error| Error::from_sdk(&what, error))
    };
    let end = match run(cloud, state, request).await {
        // A creation that was not begun without rollback can't be taken back, only deleted.
        Err(error) if error.code() == Some("ValidationError") && state.status == "CREATE_FAILED" => {
            return delete(cloud, state, role_arn).await;
        }
        end => end?,
    };
    match end.state {
        None => Ok(()),
        Some(now) if now.status.ends_with("_COMPLETE") => Ok(()),
        Some(now) => Err(failure(cloud, &format!("take back what was done to stack {name}"), &now).await),
    }
}

/// Tries again to take back an update.
///
/// # Errors
/// As [`delete`]; the resources that could not be taken back are named.
pub(crate) async fn continue_rollback(
    cloud: &Cloud<'_>,
    state: &StackState,
    role_arn: Option<&str>,
) -> Result<()> {
    let name = &state.name;
    let events = of_last_operation(&cloud.client, &state.id).await.unwrap_or_default();
    let stuck = stuck(&events, &state.id);
    if !stuck.is_empty() {
        cloud
            .watch
            .note(name, &format!("an update could not be taken back at {}; trying again", stuck.join(", ")));
    }
    let token = token("continue", state);
    let request = || async {
        let request =
            cloud.client.continue_update_rollback().stack_name(&state.id).client_request_token(&token);
        let answer = request.set_role_arn(role_arn.map(str::to_owned)).send().await;
        let what =
            format!("go on taking back the update of stack {name} (cloudformation:ContinueUpdateRollback)");
        answer.map(|_| ()).map_err(|error| Error::from_sdk(&what, error))
    };
    let end = run(cloud, state, request).await?;
    match end.state {
        Some(now) if now.status == "UPDATE_ROLLBACK_COMPLETE" => Ok(()),
        None => Ok(()),
        Some(now) => {
            let mut error = failure(cloud, &format!("take back the update of stack {name}"), &now).await;
            let events = error.failure().map(|failure| failure.events.clone()).unwrap_or_default();
            let stuck = self::stuck(&events, &state.id);
            if !stuck.is_empty() {
                error.message = format!("{} (still stuck: {})", error.message, stuck.join(", "));
                error = error.hint(format!(
                    "if it can't be mended, leave it out: `aws cloudformation continue-update-rollback --stack-name {name} --resources-to-skip {}`",
                    stuck.join(" ")
                ));
            }
            Err(error)
        }
    }
}

/// The resources whose last event is a failure, sorted.
fn stuck(events: &[Event], stack_id: &str) -> Vec<String> {
    let mut last = std::collections::BTreeMap::new();
    for event in events.iter().filter(|event| event.physical_id != stack_id) {
        last.insert(event.logical_id.as_str(), event.status.as_str());
    }
    last.into_iter().filter(|(_, status)| status.ends_with("_FAILED")).map(|(id, _)| id.to_owned()).collect()
}

fn protected(error: Error, name: &str) -> Error {
    error.hint(format!(
        "if it may go: `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {name}`"
    ))
}

/// Another token for each state of the stack: a second attempt is another operation, a repeated request is not.
fn token(verb: &str, state: &StackState) -> String {
    let since = state.since.map(|since| since.to_string()).unwrap_or_default();
    format!("pipewright-{}", &sha256_of([verb, &state.id, &state.status, &since])[..32])
}

/// Sends the request that begins an operation, and follows that.
async fn run<F>(cloud: &Cloud<'_>, state: &StackState, request: impl FnMut() -> F) -> Result<End>
where
    F: Future<Output = Result<()>>,
{
    let name = &state.name;
    cloud.interrupts.go_on(name).await?;
    let tail = Tail::from_now(cloud, &state.id).await?;
    let running = cloud.interrupts.run();
    match cloud.patiently(name, request).await {
        Ok(()) => {}
        // The answer to the first one got lost, and it has begun.
        Err(error) if error.code() == Some("TokenAlreadyExistsException") => {}
        Err(error) => return Err(error),
    }
    let operation = Operation { name, stack_id: &state.id, before: Some(state), tail };
    let end = follow(cloud, operation).await?;
    drop(running);
    Ok(end)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn stuck_is_what_failed_last() {
        let event = |logical_id: &str, physical_id: &str, status: &str| Event {
            id: String::new(),
            at: Timestamp::UNIX_EPOCH,
            stack: "dev".to_owned(),
            logical_id: logical_id.to_owned(),
            physical_id: physical_id.to_owned(),
            kind: String::new(),
            status: status.to_owned(),
            reason: None,
            token: None,
        };
        let events = [
            event("B", "b", "UPDATE_FAILED"),
            event("A", "a", "UPDATE_FAILED"),
            event("A", "a", "UPDATE_COMPLETE"),
            event("C", "c", "UPDATE_FAILED"),
            event("dev", "arn", "UPDATE_ROLLBACK_FAILED"),
        ];
        assert_eq!(stuck(&events, "arn"), ["B", "C"]);
    }
}
