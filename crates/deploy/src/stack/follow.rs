//! Follows an operation of CloudFormation until it has ended, whatever happens on the way: late reads, throttling, a network
//! that is gone, Ctrl-C.

use std::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::interrupt::Asked;
use crate::show::cause::root_cause;
use crate::stack::cloud::passes;
use crate::stack::decide::is_moving;
use crate::stack::events::{Tail, of_last_operation};
use crate::stack::{Cloud, Failure, StackState, observe};

/// How an operation ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// The stack at its end; `None` when there is none any more.
    pub(crate) state: Option<StackState>,
    /// Whether that is known of this operation. If not, the stack looked as before for as long as one may wait for that.
    pub(crate) certain: bool,
    /// Whether it was asked for to be taken back, and CloudFormation agreed.
    pub(crate) cancelled: bool,
}

/// What of an operation is followed.
pub(crate) struct Operation<'o> {
    /// The stack's name, for people.
    pub(crate) name: &'o str,
    /// Its id.
    pub(crate) stack_id: &'o str,
    /// The stack before the operation began, where it was begun here: a late read shows it as it was.
    pub(crate) before: Option<&'o StackState>,
    /// Its events.
    pub(crate) tail: Tail,
}

/// Follows it.
///
/// # Errors
/// [`Kind::Interrupted`] when nobody wants to wait any more, [`Kind::Expired`], [`Kind::Network`] and the like when
/// CloudFormation could not be asked any more. The operation goes on then, and the message says so.
pub(crate) async fn follow(cloud: &Cloud<'_>, mut operation: Operation<'_>) -> Result<End> {
    let _running = cloud.interrupts.run();
    let name = operation.name;
    let begun = Instant::now();
    let mut pauses = cloud.pace.pauses();
    let mut cancel = Cancel::default();
    let mut blind = false;
    loop {
        let request = || observe(&cloud.client, operation.stack_id);
        let state = cloud.patiently(name, request).await.map_err(|error| lost(error, name))?;
        if !blind {
            let news = cloud.interrupts.unless_detached(operation.tail.news(&cloud.client)).await;
            match news.ok_or_else(|| detached(name))? {
                Ok(news) if news.is_empty() => {}
                Ok(news) => {
                    cloud.watch.events(name, &news);
                    pauses.restart();
                }
                // The status decides; the events come with the next look.
                Err(error) if passes(&error) => {}
                Err(_) if state.is_none() => {}
                Err(error) if matches!(error.kind, Kind::Expired | Kind::Credentials) => {
                    return Err(lost(error, name));
                }
                Err(error) => {
                    blind = true;
                    cloud.watch.note(name, &format!("{error}; going on without"));
                }
            }
        }
        let Some(state) = state else {
            return Ok(End { state: None, certain: true, cancelled: cancel.done });
        };
        let late = begun.elapsed() > cloud.pace.stale;
        match ending(operation.before, &state, operation.tail.ends_with(&state.status), late || blind) {
            Ending::NotYet => {}
            Ending::Certain => {
                return Ok(End { state: Some(state), certain: true, cancelled: cancel.done });
            }
            Ending::Unknown => {
                return Ok(End { state: Some(state), certain: false, cancelled: cancel.done });
            }
        }
        match cloud.interrupts.asked() {
            Asked::Detach => return Err(detached(name)),
            Asked::Cancel => cancel.ask(cloud, operation.stack_id, &state).await,
            Asked::Nothing | Asked::Pending => {}
        }
        cloud.interrupts.sleep(pauses.next()).await;
        if cloud.interrupts.detached() {
            return Err(detached(name));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    NotYet,
    Certain,
    Unknown,
}

/// Whether an operation has ended. `heard` is whether the last event of the stack itself says what its status says; `late`
/// whether nothing more is expected to be heard.
fn ending(before: Option<&StackState>, now: &StackState, heard: bool, late: bool) -> Ending {
    if is_moving(&now.status) {
        return Ending::NotYet;
    }
    let Some(before) = before.filter(|before| before.status == now.status && !heard) else {
        return Ending::Certain;
    };
    match (late, before.since == now.since) {
        // A late read, perhaps; even of its time that is not certain.
        (false, _) => Ending::NotYet,
        (true, false) => Ending::Certain,
        (true, true) => Ending::Unknown,
    }
}

/// Has an update taken back, once.
#[derive(Debug, Default)]
struct Cancel {
    asked: bool,
    done: bool,
}

impl Cancel {
    /// [CancelUpdateStack](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html)
    async fn ask(&mut self, cloud: &Cloud<'_>, stack_id: &str, state: &StackState) {
        if self.asked {
            return;
        }
        self.asked = true;
        let name = &state.name;
        if state.status != "UPDATE_IN_PROGRESS" {
            let what = match state.status.as_str() {
                "CREATE_IN_PROGRESS" => {
                    "CloudFormation can't cancel the creation of a stack; waiting for its end, after which `cargo xtask destroy` removes it"
                }
                _ => "only an update can be cancelled; waiting for the end",
            };
            cloud.watch.note(name, &format!("{what} (Ctrl-C again leaves at once)"));
            return;
        }
        let request = || async {
            let answer = cloud.client.cancel_update_stack().stack_name(stack_id).send().await;
            let what = format!("cancel the update of stack {name} (cloudformation:CancelUpdateStack)");
            answer.map(|_| ()).map_err(|error| Error::from_sdk(&what, error))
        };
        match cloud.patiently(name, request).await {
            Ok(()) => {
                self.done = true;
                cloud.watch.note(name, "the update is cancelled; waiting until it is taken back");
            }
            Err(error) => cloud.watch.note(name, &format!("{error}; waiting for the end")),
        }
    }
}

fn detached(name: &str) -> Error {
    Error::new(
        Kind::Interrupted,
        format!("stopped watching stack {name}: its operation goes on in CloudFormation"),
    )
    .hint("`cargo xtask deploy --attach` follows it again")
}

/// Adds to an error that the operation is not gone with us.
pub(crate) fn lost(error: Error, name: &str) -> Error {
    if error.kind == Kind::Interrupted {
        return detached(name);
    }
    let first = match error.kind {
        Kind::Expired | Kind::Credentials => {
            "sign in again, then follow it with `cargo xtask deploy --attach`"
        }
        _ => "`cargo xtask deploy --attach` follows it again",
    };
    let message = format!(
        "can't follow stack {name} any longer, its operation goes on in CloudFormation: {}",
        error.message
    );
    let mut lost = Error::new(error.kind, message).hint(first);
    lost.source = error.source;
    lost
}

/// The error of an operation that ended badly: what failed first, in the stacks within it too, and all its events.
///
/// `what` is what was tried: `update stack dev-pipelines`.
pub(crate) async fn failure(cloud: &Cloud<'_>, what: &str, state: &StackState) -> Error {
    let request = || of_last_operation(&cloud.client, &state.id);
    let (events, note) = match cloud.patiently(&state.name, request).await {
        Ok(events) => (events, None),
        Err(error) => (Vec::new(), Some(format!("its events could not be read: {error}"))),
    };
    let mut error = if let Some(cause) = root_cause(&events) {
        cause.into_error(what)
    } else {
        let reason = state.reason.as_deref().unwrap_or("CloudFormation gave no reason");
        Error::new(Kind::Stack, format!("can't {what}: it is {}: {reason}", state.status))
    };
    if let Some(note) = note {
        error = error.hint(note);
    }
    for hint in hints(state, &events) {
        error = error.hint(hint);
    }
    error.caused_by(Failure { state: state.clone(), events })
}

/// What the status means for the next attempt.
fn hints(state: &StackState, events: &[crate::stack::Event]) -> Vec<String> {
    let name = &state.name;
    let mut hints = Vec::new();
    let denied_by_policy = |event: &crate::stack::Event| {
        event.reason.as_deref().is_some_and(|reason| reason.to_lowercase().contains("stack policy"))
    };
    if events.iter().any(denied_by_policy) {
        hints.push(format!(
            "the stack policy of {name} forbids it: `aws cloudformation get-stack-policy --stack-name {name}` shows it"
        ));
    }
    hints.extend(match state.status.as_str() {
        "ROLLBACK_COMPLETE" => {
            Some(format!("what was made of {name} is gone again; the next deploy begins anew"))
        }
        "UPDATE_ROLLBACK_COMPLETE" => Some(format!("stack {name} is as it was before")),
        "UPDATE_ROLLBACK_FAILED" => Some(format!(
            "stack {name} is neither as before nor as wanted; mend what stands in the way, then the next deploy goes on with taking it back"
        )),
        "CREATE_FAILED" | "UPDATE_FAILED" => Some(format!(
            "what was made of {name} stays where it is; deploy with --no-rollback goes on from there, without it takes it back first"
        )),
        "ROLLBACK_FAILED" | "DELETE_FAILED" => {
            Some(format!("the next attempt deletes what is left of {name}; empty or remove by hand what stands in the way"))
        }
        _ => None,
    });
    hints
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;

    fn state(status: &str, since: i64) -> StackState {
        StackState {
            name: "dev".to_owned(),
            id: "arn".to_owned(),
            status: status.to_owned(),
            reason: None,
            since: Some(Timestamp::from_second(since).unwrap()),
            tags: BTreeMap::new(),
            outputs: BTreeMap::new(),
            termination_protection: false,
        }
    }

    #[test]
    fn late_reads_are_no_end() {
        use Ending::{Certain, NotYet, Unknown};
        let check = |before: Option<(&str, i64)>, now: (&str, i64), heard, late, expected| {
            let before = before.map(|(status, since)| state(status, since));
            assert_eq!(ending(before.as_ref(), &state(now.0, now.1), heard, late), expected, "{now:?}");
        };
        let old = Some(("UPDATE_COMPLETE", 1));
        check(old, ("UPDATE_COMPLETE", 1), false, false, NotYet);
        check(old, ("UPDATE_COMPLETE", 1), false, true, Unknown);
        check(old, ("UPDATE_COMPLETE", 1), true, false, Certain);
        check(old, ("UPDATE_COMPLETE", 2), false, false, NotYet);
        check(old, ("UPDATE_COMPLETE", 2), false, true, Certain);
        check(old, ("UPDATE_ROLLBACK_COMPLETE", 1), false, false, Certain);
        check(old, ("UPDATE_IN_PROGRESS", 2), false, true, NotYet);
        check(old, ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", 2), true, true, NotYet);
        let new = Some(("REVIEW_IN_PROGRESS", 1));
        check(new, ("REVIEW_IN_PROGRESS", 1), false, false, NotYet);
        check(new, ("REVIEW_IN_PROGRESS", 1), false, true, Unknown);
        check(new, ("CREATE_COMPLETE", 1), false, false, Certain);
        check(None, ("CREATE_COMPLETE", 1), false, false, Certain);
    }

    #[test]
    fn what_is_lost_says_how_to_find_it_again() {
        let error = lost(Error::new(Kind::Expired, "can't look: the token is expired"), "dev");
        assert_eq!(error.kind, Kind::Expired);
        assert!(error.message.contains("goes on in CloudFormation"), "{error}");
        assert!(error.hints.iter().any(|hint| hint.contains("--attach")), "{:?}", error.hints);
        assert_eq!(lost(Error::new(Kind::Interrupted, "x"), "dev").kind, Kind::Interrupted);
    }
}
