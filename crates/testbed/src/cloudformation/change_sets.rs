//! Change sets: created, computed, described, executed, deleted; and what was found before any of it.

use std::time::Instant;

use jiff::Timestamp;

use super::actions::{Answer, can_update, obsolete, parameters, repeated, tags};
use super::operate::NOTHING;
use super::query::{Params, Refused, list, maybe, text};
use super::show::{page, plain_list};
use super::state::{ChangeSet, Version, World};

pub(super) fn create(world: &mut World, params: &Params, fetched: Option<String>) -> Answer {
    let stack_name = params.required("StackName")?.to_owned();
    let name = params.required("ChangeSetName")?.to_owned();
    let valid = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '-')
        && name.len() <= 128;
    if !valid {
        return Err(Refused::validation(format!(
            "1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )));
    }
    let token = params.get("ClientToken").map(str::to_owned);
    let kind = params.get("ChangeSetType").unwrap_or("UPDATE").to_owned();
    let position = world.position(&stack_name).filter(|position| world.stacks[*position].lives());
    if let Some(position) = position {
        let stack_id = &world.stacks[position].id;
        let known = world.change_sets.iter().find(|set| set.stack_id == *stack_id && set.name == name);
        if let Some(known) = known {
            if token.is_some() && known.token == token {
                return Ok(text("Id", &known.id) + &text("StackId", stack_id));
            }
            let text =
                format!("ChangeSet {name} cannot be created due to a mismatch with existing attribute");
            let text = if token.is_some() { text } else { format!("ChangeSet [{name}] already exists") };
            return Err(Refused::new(400, "AlreadyExistsException", text));
        }
    }
    let position = match (kind.as_str(), position) {
        ("CREATE", None) => None,
        ("CREATE", Some(position)) if world.stacks[position].status == "REVIEW_IN_PROGRESS" => Some(position),
        ("CREATE", Some(_)) => {
            return Err(Refused::validation(format!(
                "Stack [{stack_name}] already exists and cannot be created again with the changeSet [{name}]."
            )));
        }
        (_, None) => return Err(Refused::validation(format!("Stack [{stack_name}] does not exist"))),
        (_, Some(position)) => {
            let stack = &world.stacks[position];
            if stack.status == "REVIEW_IN_PROGRESS" {
                let text =
                    format!("Stack:{} is in REVIEW_IN_PROGRESS state and can not be updated.", stack.id);
                return Err(Refused::validation(text));
            }
            can_update(world, position)?;
            Some(position)
        }
    };
    let before = position.map(|position| world.stacks[position].now.clone());
    let target = World::wanted(params, fetched, before.as_ref())?;
    let position = position.unwrap_or_else(|| {
        let position = world.new_stack(&stack_name, "REVIEW_IN_PROGRESS");
        world.stacks[position].turn("REVIEW_IN_PROGRESS", Some("User Initiated".to_owned()));
        position
    });
    let (stack_name, stack_id) = (world.stacks[position].name.clone(), world.stacks[position].id.clone());
    let before = before.unwrap_or_else(Version::empty);
    let changes = world.changes(&before, &target, &stack_name, &stack_id);
    let validations = world.script.early.clone();
    let unchanged = changes.is_empty() && !world.differs(&before, &target, &stack_name, &stack_id);
    let failed = |reason: String| ("FAILED".to_owned(), Some(reason), "UNAVAILABLE".to_owned());
    let becomes = if let Some(first) = validations.first() {
        failed(format!(
            "The following hook(s)/validation failed: [{}]. To troubleshoot Early Validation errors, use the \
             DescribeEvents API for detailed failure information.",
            first.name
        ))
    } else if let Some(reason) = world.script.change_set_failure.clone() {
        failed(reason)
    } else if unchanged {
        failed(NOTHING.to_owned())
    } else {
        ("CREATE_COMPLETE".to_owned(), None, "AVAILABLE".to_owned())
    };
    let uuid = world.uuid();
    let id = format!("arn:aws:cloudformation:{}:{}:changeSet/{name}/{uuid}", world.region, world.account);
    world.change_sets.push(ChangeSet {
        id: id.clone(),
        name,
        stack_id: stack_id.clone(),
        stack_name,
        status: "CREATE_PENDING".to_owned(),
        reason: None,
        execution: "UNAVAILABLE".to_owned(),
        description: params.get("Description").map(str::to_owned),
        target,
        changes,
        created: Timestamp::now(),
        began: Instant::now(),
        polls: 0,
        becomes: Some(becomes),
        token,
        capabilities: params.list("Capabilities"),
        notifications: params.list("NotificationARNs"),
        role: params.get("RoleARN").map(str::to_owned),
        on_failure: params.get("OnStackFailure").map(str::to_owned),
        validations,
    });
    Ok(text("Id", id) + &text("StackId", stack_id))
}

/// The change set that a request names, by ARN or by name and stack.
fn find(world: &World, params: &Params) -> Result<usize, Refused> {
    let name = params.required("ChangeSetName")?;
    let missing = || Refused::new(404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist"));
    if name.starts_with("arn:") {
        return world.change_sets.iter().position(|set| set.id == name).ok_or_else(missing);
    }
    let Some(stack) = params.get("StackName") else {
        return Err(Refused::validation(
            "StackName must be specified if ChangeSetName is not specified as an ARN.",
        ));
    };
    let position = world.position(stack);
    let Some(position) = position else {
        return Err(Refused::validation(format!("Stack [{stack}] does not exist")));
    };
    let id = &world.stacks[position].id;
    let found = world.change_sets.iter().position(|set| set.name == name && set.stack_id == *id);
    found.ok_or_else(missing)
}

pub(super) fn describe(world: &mut World, params: &Params) -> Answer {
    let position = find(world, params)?;
    world.change_sets[position].polls += 1;
    if world.change_sets[position].status == "CREATE_PENDING" {
        "CREATE_IN_PROGRESS".clone_into(&mut world.change_sets[position].status);
    }
    world.advance();
    let set = &world.change_sets[position];
    let values = params.is("IncludePropertyValues");
    let ready = set.status == "CREATE_COMPLETE";
    let all: Vec<String> = set.changes.iter().filter(|_| ready).map(|change| change.xml(values)).collect();
    let (changes, next) = page(&all, params, world.page)?;
    Ok([
        text("ChangeSetName", &set.name),
        text("ChangeSetId", &set.id),
        text("StackId", &set.stack_id),
        text("StackName", &set.stack_name),
        maybe("Description", set.description.as_ref()),
        parameters(&set.target),
        text("CreationTime", set.created),
        text("ExecutionStatus", &set.execution),
        text("Status", &set.status),
        maybe("StatusReason", set.reason.as_ref()),
        plain_list("NotificationARNs", &set.notifications),
        plain_list("Capabilities", &set.capabilities),
        tags(&set.target),
        list("Changes", changes),
        maybe("NextToken", next.as_ref()),
        text("IncludeNestedStacks", "false"),
        maybe("OnStackFailure", set.on_failure.as_ref()),
    ]
    .concat())
}

pub(super) fn execute(world: &mut World, params: &Params) -> Answer {
    let position = find(world, params)?;
    let set = world.change_sets[position].clone();
    let stack = world.existing(&set.stack_id)?;
    let token = params.get("ClientRequestToken").map(str::to_owned);
    let known = token.clone().map(|token| (format!("ExecuteChangeSet {}", set.id), token));
    if known.is_some_and(|known| world.stacks[stack].tokens.contains(&known)) {
        return Ok(String::new());
    }
    if set.execution != "AVAILABLE" {
        let what = if set.status == "CREATE_COMPLETE" {
            ("execution status", &set.execution)
        } else {
            ("status", &set.status)
        };
        let text =
            format!("ChangeSet [{}] cannot be executed in its current {} of [{}]", set.id, what.0, what.1);
        return Err(Refused::new(400, "InvalidChangeSetStatus", text));
    }
    can_update(world, stack)?;
    repeated(world, stack, &format!("ExecuteChangeSet {}", set.id), token.as_deref());
    let default = if params.is("DisableRollback") { "DO_NOTHING" } else { "ROLLBACK" };
    let on_failure = set.on_failure.clone().unwrap_or_else(|| default.to_owned());
    let stale = world.script.stale_reads;
    let here = &mut world.stacks[stack];
    here.stale = (stale > 0).then(|| (stale, here.status.clone(), here.reason.clone()));
    here.change_set = Some(set.id.clone());
    here.capabilities.clone_from(&set.capabilities);
    here.notifications.clone_from(&set.notifications);
    here.role = set.role.clone().or_else(|| here.role.clone());
    here.disable_rollback = params.is("DisableRollback");
    "EXECUTE_IN_PROGRESS".clone_into(&mut world.change_sets[position].execution);
    obsolete(world, &set.stack_id, Some(&set.id));
    world.run(stack, set.target, token, &on_failure, Some(set.id));
    Ok(String::new())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let position = match find(world, params) {
        Ok(position) => position,
        // Deleting one that isn't there is no mistake.
        Err(refused) if refused.code == "ChangeSetNotFound" => return Ok(String::new()),
        Err(refused) => return Err(refused),
    };
    let set = &world.change_sets[position];
    if set.execution == "EXECUTE_IN_PROGRESS" {
        let text = format!("ChangeSet [{}] cannot be deleted in its current status", set.id);
        return Err(Refused::new(400, "InvalidChangeSetStatus", text));
    }
    world.change_sets.remove(position);
    Ok(String::new())
}

pub(super) fn list_all(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    let id = &world.stacks[position].id;
    let sets = world.change_sets.iter().filter(|set| set.stack_id == *id);
    let all: Vec<String> = sets
        .map(|set| {
            [
                text("StackId", &set.stack_id),
                text("StackName", &set.stack_name),
                text("ChangeSetId", &set.id),
                text("ChangeSetName", &set.name),
                text("ExecutionStatus", &set.execution),
                text("Status", &set.status),
                maybe("StatusReason", set.reason.as_ref()),
                text("CreationTime", set.created),
                maybe("Description", set.description.as_ref()),
            ]
            .concat()
        })
        .collect();
    let (sets, next) = page(&all, params, world.page)?;
    Ok(list("Summaries", sets) + &maybe("NextToken", next.as_ref()))
}

/// `DescribeEvents`: a change set's early validation, or a stack's events by operation.
pub(super) fn events(world: &mut World, params: &Params) -> Answer {
    let only_failed = params.is("Filters.FailedEvents");
    let all: Vec<String> = if params.get("ChangeSetName").is_some() {
        let set = &world.change_sets[find(world, params)?];
        let validations = set.validations.iter().filter(|_| set.status == "FAILED").enumerate();
        validations
            .map(|(number, one)| {
                [
                    text("EventId", format!("{}-{number}", set.name)),
                    text("StackId", &set.stack_id),
                    text("OperationId", &set.id),
                    text("OperationType", "CREATE_CHANGESET"),
                    text("EventType", "VALIDATION_ERROR"),
                    text("LogicalResourceId", &one.logical_id),
                    text("ResourceType", set.target.template.kind(&one.logical_id)),
                    text("Timestamp", set.created),
                    text("ValidationFailureMode", "FAIL"),
                    text("ValidationName", &one.name),
                    text("ValidationStatus", "FAILED"),
                    text("ValidationStatusReason", &one.reason),
                    text("ValidationPath", &one.path),
                ]
                .concat()
            })
            .collect()
    } else {
        let position = world.existing(params.required("StackName")?)?;
        world.polled(position);
        world.advance();
        let stack = &world.stacks[position];
        let failed = |status: &str| status.ends_with("_FAILED");
        let operation = params.get("OperationId");
        let events = stack.events.iter().rev();
        events
            .filter(|event| operation.is_none_or(|id| event.operation == id))
            .filter(|event| !only_failed || failed(&event.status))
            .map(|event| {
                let kind = if failed(&event.status) { "PROVISIONING_ERROR" } else { "STACK_EVENT" };
                [
                    text("EventId", &event.id),
                    text("StackId", &stack.id),
                    text("OperationId", &event.operation),
                    text("EventType", kind),
                    text("LogicalResourceId", &event.logical_id),
                    text("PhysicalResourceId", &event.physical_id),
                    text("ResourceType", &event.resource_type),
                    text("Timestamp", event.at),
                    text("ResourceStatus", &event.status),
                    maybe("ResourceStatusReason", event.reason.as_ref()),
                    maybe("ClientRequestToken", event.token.as_ref()),
                ]
                .concat()
            })
            .collect()
    };
    let (events, next) = page(&all, params, world.page)?;
    Ok(list("OperationEvents", events) + &maybe("NextToken", next.as_ref()))
}
