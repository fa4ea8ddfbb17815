use std::collections::BTreeMap;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{ChangeSetStatus as C, ExecutionStatus as E};

use super::*;

fn wanted() -> Wanted {
    Wanted {
        name: "dev".to_owned(),
        template: "{}".to_owned(),
        tags: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        role_arn: None,
        no_rollback: false,
        import_existing: false,
        partial: false,
    }
}

fn state(status: &str) -> StackState {
    StackState {
        name: "dev".to_owned(),
        id: "arn:dev".to_owned(),
        status: status.to_owned(),
        reason: None,
        since: None,
        tags: BTreeMap::new(),
        outputs: BTreeMap::new(),
        termination_protection: false,
    }
}

#[test]
fn the_name_says_what_it_is_made_of() {
    let base = name(Some(&state("UPDATE_COMPLETE")), Some("{}"), &wanted());
    assert_eq!(base.len(), "pipewright-".len() + 32);
    assert_eq!(base, name(Some(&state("CREATE_COMPLETE")), Some("{}"), &wanted()), "a status is no content");
    let mut others = vec![
        name(None, None, &wanted()),
        name(Some(&state("UPDATE_COMPLETE")), Some("{ }"), &wanted()),
        name(Some(&state("UPDATE_COMPLETE")), None, &wanted()),
    ];
    let mut other = wanted();
    other.template.push(' ');
    others.push(name(Some(&state("UPDATE_COMPLETE")), Some("{}"), &other));
    let mut other = wanted();
    other.tags.insert("a".to_owned(), "c".to_owned());
    others.push(name(Some(&state("UPDATE_COMPLETE")), Some("{}"), &other));
    let mut other = wanted();
    other.role_arn = Some("arn:role".to_owned());
    others.push(name(Some(&state("UPDATE_COMPLETE")), Some("{}"), &other));
    let mut other = wanted();
    other.import_existing = true;
    others.push(name(Some(&state("UPDATE_COMPLETE")), Some("{}"), &other));
    let mut later = state("UPDATE_COMPLETE");
    later.since = Some(jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(base, name(Some(&later), Some("{}"), &wanted()), "nor is a time");
    others.push(base);
    let count = others.len();
    others.sort();
    others.dedup();
    assert_eq!(others.len(), count);
}

#[test]
fn a_stack_in_review_is_new() {
    let new = name(None, None, &wanted());
    assert_eq!(new, name(Some(&state("REVIEW_IN_PROGRESS")), None, &wanted()));
    assert_eq!(new, name(Some(&state("DELETE_COMPLETE")), None, &wanted()));
}

#[test]
fn standings() {
    let check = |status: C, execution: E, reason: &str, expected: &Standing| {
        let found = DescribeChangeSetOutput::builder();
        let found = found.status(status).execution_status(execution).status_reason(reason).build();
        assert_eq!(standing(&found), *expected);
    };
    check(C::CreatePending, E::Unavailable, "", &Standing::Making);
    check(C::CreateInProgress, E::Unavailable, "", &Standing::Making);
    check(C::CreateComplete, E::Available, "", &Standing::Ready);
    check(C::CreateComplete, E::Unavailable, "", &Standing::Making);
    check(C::CreateComplete, E::Obsolete, "", &Standing::Spent("OBSOLETE".to_owned()));
    check(C::CreateComplete, E::ExecuteFailed, "", &Standing::Spent("EXECUTE_FAILED".to_owned()));
    check(C::CreateComplete, E::ExecuteInProgress, "", &Standing::Taken);
    check(C::CreateComplete, E::ExecuteComplete, "", &Standing::Executed);
    check(C::DeleteFailed, E::Unavailable, "", &Standing::Spent("DELETE_FAILED".to_owned()));
    check(C::Failed, E::Unavailable, "Template error", &Standing::Failed("Template error".to_owned()));
    let none = "The submitted information didn't contain changes. Submit different information to create a change set.";
    check(C::Failed, E::Unavailable, none, &Standing::Empty);
    check(C::Failed, E::Unavailable, "No updates are to be performed.", &Standing::Empty);
}

#[test]
fn races_are_told_from_mistakes() {
    for raced in [
        "Stack:arn:x is in UPDATE_IN_PROGRESS state and can not be updated.",
        "Stack [dev] does not exist",
        "Stack [dev] already exists and cannot be created again with the changeSet [x].",
    ] {
        assert!(is_raced(raced), "{raced}");
    }
    for mistake in
        ["Template format error: unsupported structure.", "Stack name is too long", "Role arn:x is invalid"]
    {
        assert!(!is_raced(mistake), "{mistake}");
    }
}

#[test]
fn a_failure_names_the_missing_action() {
    let error = failed(&wanted(), "User: x is not authorized to perform: iam:PassRole on resource: y", &[]);
    assert_eq!(error.kind, Kind::Denied { action: Some("iam:PassRole".to_owned()) });
    let error = failed(&wanted(), "Validation failed", &["Bucket: wrong".to_owned()]);
    assert_eq!(error.kind, Kind::Stack);
    assert_eq!(error.message, "can't make a change set of stack dev: Validation failed\n  Bucket: wrong");
}
