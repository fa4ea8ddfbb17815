//! What is to be done with a stack, by its status alone. Nothing here asks anybody.

use crate::stack::StackState;

/// What is done about somebody else's operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Busy {
    /// Its end is waited for.
    #[default]
    Wait,
    /// It is a reason to stop.
    Stop,
}

/// What the next step with a stack is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is no stack, or none that ever was one: a change set of type CREATE.
    Create,
    /// It is in order: compare, and change it by a change set of type UPDATE if something differs.
    Update,
    /// It stands where an operation without rollback left it: a change set of type UPDATE, whatever the templates say.
    Resume,
    /// What is left of it can only be deleted; then it is created again.
    Delete,
    /// An operation without rollback failed: it is taken back first.
    Rollback,
    /// Its rollback failed, and is tried again.
    ContinueRollback,
    /// Somebody else's operation is under way: look again when it has ended.
    Wait,
    /// Somebody else's operation is under way, and that is a reason to stop.
    Busy,
    /// Only a person can help; what to know.
    Stop(String),
}

/// What is to be done next with a stack, on the way to having it as the template says.
///
/// [Stack status codes](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html)
pub fn decide(state: Option<&StackState>, no_rollback: bool, busy: Busy) -> Next {
    let Some(state) = state else { return Next::Create };
    match state.status.as_str() {
        "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => Next::Create,
        "CREATE_COMPLETE"
        | "UPDATE_COMPLETE"
        | "UPDATE_ROLLBACK_COMPLETE"
        | "IMPORT_COMPLETE"
        | "IMPORT_ROLLBACK_COMPLETE" => Next::Update,
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" | "CREATE_FAILED" | "UPDATE_FAILED"
            if state.termination_protection
                && !(no_rollback && resumable(&state.status))
                && !stands(&state.status) =>
        {
            Next::Stop(format!(
                "stack {} is {}: it has to be deleted before it can be made again, and it is protected from deletion",
                state.name, state.status
            ))
        }
        "CREATE_FAILED" | "UPDATE_FAILED" if no_rollback => Next::Resume,
        // Taking back removes what was just made even where its deletion policy would retain it; deleting would not, and the
        // retained buckets would then stand in the way of the next attempt.
        "CREATE_FAILED" | "UPDATE_FAILED" => Next::Rollback,
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" => Next::Delete,
        "UPDATE_ROLLBACK_FAILED" => Next::ContinueRollback,
        "IMPORT_ROLLBACK_FAILED" => Next::Stop(format!(
            "stack {} is IMPORT_ROLLBACK_FAILED: an import of resources failed and could not be taken back",
            state.name
        )),
        status if status.ends_with("_IN_PROGRESS") => match busy {
            Busy::Wait => Next::Wait,
            Busy::Stop => Next::Busy,
        },
        status => Next::Stop(format!("stack {} has the unknown status {status:?}", state.name)),
    }
}

/// Whether an operation without rollback may have left it like that, and another can go on from there.
fn resumable(status: &str) -> bool {
    matches!(status, "CREATE_FAILED" | "UPDATE_FAILED")
}

/// Whether it was complete before, so that taking back leaves a stack.
fn stands(status: &str) -> bool {
    status == "UPDATE_FAILED"
}

/// Whether an operation is under way in this status.
pub(crate) fn is_moving(status: &str) -> bool {
    status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS"
}

/// Whether a create or an update ended well with this status.
pub(crate) fn is_good(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str, termination_protection: bool) -> StackState {
        StackState {
            name: "dev".to_owned(),
            id: "arn".to_owned(),
            status: status.to_owned(),
            reason: None,
            since: None,
            tags: std::collections::BTreeMap::new(),
            outputs: std::collections::BTreeMap::new(),
            termination_protection,
        }
    }

    #[track_caller]
    fn check(status: &str, expected: &Next) {
        for busy in [Busy::Wait, Busy::Stop] {
            assert_eq!(decide(Some(&state(status, false)), false, busy), *expected, "{status}");
        }
    }

    #[track_caller]
    fn check_protected(status: &str, no_rollback: bool, stops: bool) {
        let next = decide(Some(&state(status, true)), no_rollback, Busy::Wait);
        let says = matches!(&next, Next::Stop(text) if text.contains("protected from deletion") && text.contains(status));
        assert_eq!(says, stops, "{status} {next:?}");
    }

    #[test]
    fn what_rests() {
        check("REVIEW_IN_PROGRESS", &Next::Create);
        check("DELETE_COMPLETE", &Next::Create);
        check("CREATE_COMPLETE", &Next::Update);
        check("UPDATE_COMPLETE", &Next::Update);
        check("UPDATE_ROLLBACK_COMPLETE", &Next::Update);
        check("IMPORT_COMPLETE", &Next::Update);
        check("IMPORT_ROLLBACK_COMPLETE", &Next::Update);
        check("ROLLBACK_COMPLETE", &Next::Delete);
        check("ROLLBACK_FAILED", &Next::Delete);
        check("DELETE_FAILED", &Next::Delete);
        check("CREATE_FAILED", &Next::Rollback);
        check("UPDATE_FAILED", &Next::Rollback);
        check("UPDATE_ROLLBACK_FAILED", &Next::ContinueRollback);
        assert_eq!(decide(None, false, Busy::Stop), Next::Create);
    }

    #[test]
    fn what_moves_is_waited_for_or_a_reason_to_stop() {
        for status in [
            "CREATE_IN_PROGRESS",
            "DELETE_IN_PROGRESS",
            "IMPORT_IN_PROGRESS",
            "IMPORT_ROLLBACK_IN_PROGRESS",
            "ROLLBACK_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
        ] {
            assert_eq!(decide(Some(&state(status, false)), false, Busy::Wait), Next::Wait, "{status}");
            assert_eq!(decide(Some(&state(status, false)), false, Busy::Stop), Next::Busy, "{status}");
            assert!(is_moving(status) && !is_good(status));
        }
        assert!(!is_moving("REVIEW_IN_PROGRESS"));
    }

    #[test]
    fn what_only_a_person_can_mend() {
        for status in ["IMPORT_ROLLBACK_FAILED", "SOMETHING_NEW", ""] {
            let next = decide(Some(&state(status, false)), true, Busy::Wait);
            assert!(matches!(&next, Next::Stop(text) if text.contains(status)), "{status} {next:?}");
        }
    }

    #[test]
    fn without_rollback_it_goes_on_from_where_it_stopped() {
        for status in ["CREATE_FAILED", "UPDATE_FAILED"] {
            assert_eq!(decide(Some(&state(status, false)), true, Busy::Wait), Next::Resume);
        }
        assert_eq!(decide(Some(&state("ROLLBACK_COMPLETE", false)), true, Busy::Wait), Next::Delete);
    }

    #[test]
    fn what_is_protected_is_not_deleted() {
        for status in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"] {
            check_protected(status, false, true);
            check_protected(status, true, true);
        }
        check_protected("CREATE_FAILED", false, true);
        check_protected("CREATE_FAILED", true, false);
        // It was complete before: taking back deletes nothing but what was added.
        check_protected("UPDATE_FAILED", false, false);
        check_protected("CREATE_COMPLETE", false, false);
        check_protected("UPDATE_ROLLBACK_FAILED", false, false);
    }
}
