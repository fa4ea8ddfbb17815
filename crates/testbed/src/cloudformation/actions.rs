//! The API's actions on stacks: what each checks, what it starts, what it answers.

use super::apply::{elapsed, turn_round};
use super::query::{Params, Refused, list, maybe, text};
use super::state::{Kind, Version, World};
use super::template::Template;
use super::{change_sets, show};

/// An answer's result, as XML, or an error.
pub(super) type Answer = Result<String, Refused>;

/// Does what a request asks for; `fetched` is the template behind its `TemplateURL`.
pub(super) fn dispatch(world: &mut World, action: &str, params: &Params, fetched: Option<String>) -> Answer {
    world.advance();
    if params.get("TemplateBody").is_some_and(|body| body.len() > 51_200) {
        return Err(Refused::validation(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have \
             length less than or equal to 51200",
        ));
    }
    match action {
        "GetCallerIdentity" => Ok([
            text("Arn", &world.caller),
            text("UserId", "AIDATESTBED0000000001"),
            text("Account", &world.account),
        ]
        .concat()),
        "CreateChangeSet" => change_sets::create(world, params, fetched),
        "DescribeChangeSet" => change_sets::describe(world, params),
        "ExecuteChangeSet" => change_sets::execute(world, params),
        "DeleteChangeSet" => change_sets::delete(world, params),
        "ListChangeSets" => change_sets::list_all(world, params),
        "DescribeEvents" => change_sets::events(world, params),
        "DescribeStacks" => show::stacks(world, params),
        "DescribeStackEvents" => show::events(world, params),
        "DescribeStackResources" => show::resources(world, params),
        "DescribeStackResource" => show::resource(world, params),
        "ListStackResources" => show::resource_summaries(world, params),
        "ListStacks" => show::summaries(world, params),
        "ListExports" => Ok(show::exports(world)),
        "ListImports" => show::imports(world, params),
        "GetTemplate" => show::template(world, params),
        "GetTemplateSummary" => show::template_summary(world, params, fetched),
        "ValidateTemplate" => {
            let version =
                fetched.or_else(|| params.get("TemplateBody").map(str::to_owned)).unwrap_or_default();
            Ok(show::declared(&Template::read(&version)?))
        }
        "GetStackPolicy" => {
            let position = world.existing(params.required("StackName")?)?;
            Ok(maybe("StackPolicyBody", world.stacks[position].policy.as_ref()))
        }
        "SetStackPolicy" => {
            let position = world.existing(params.required("StackName")?)?;
            world.stacks[position].policy = params.get("StackPolicyBody").map(str::to_owned);
            Ok(String::new())
        }
        "UpdateTerminationProtection" => {
            let position = world.existing(params.required("StackName")?)?;
            world.stacks[position].protected = params.is("EnableTerminationProtection");
            Ok(text("StackId", &world.stacks[position].id))
        }
        "CreateStack" => create_stack(world, params, fetched),
        "UpdateStack" => update_stack(world, params, fetched),
        "DeleteStack" => delete_stack(world, params),
        "CancelUpdateStack" => cancel(world, params),
        "ContinueUpdateRollback" => continue_rollback(world, params),
        "RollbackStack" => rollback(world, params),
        other => {
            let text = format!("Could not find operation {other} for version 2010-05-15");
            Err(Refused::new(400, "InvalidAction", text))
        }
    }
}

/// Whether the stack can take another operation; CloudFormation's words when it can't.
pub(super) fn can_update(world: &World, position: usize) -> Result<(), Refused> {
    let stack = &world.stacks[position];
    let final_states = ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"];
    let waiting = ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"];
    if stack.busy() || final_states.contains(&&*stack.status) || waiting.contains(&&*stack.status) {
        let text = format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status);
        return Err(Refused::validation(text));
    }
    Ok(())
}

/// Whether a request with this token was accepted before; remembers it when it wasn't.
pub(super) fn repeated(world: &mut World, position: usize, action: &str, token: Option<&str>) -> bool {
    let Some(token) = token else { return false };
    !world.stacks[position].tokens.insert((action.to_owned(), token.to_owned()))
}

fn token(params: &Params) -> Option<String> {
    params.get("ClientRequestToken").map(str::to_owned)
}

fn create_stack(world: &mut World, params: &Params, fetched: Option<String>) -> Answer {
    let name = params.required("StackName")?;
    if let Some(stack) = world.find(name) {
        let known =
            ("CreateStack".to_owned(), params.get("ClientRequestToken").unwrap_or_default().to_owned());
        if stack.tokens.contains(&known) {
            return Ok(text("StackId", &stack.id));
        }
        return Err(Refused::new(400, "AlreadyExistsException", format!("Stack [{name}] already exists")));
    }
    let target = World::wanted(params, fetched, None)?;
    let position = world.new_stack(name, "REVIEW_IN_PROGRESS");
    repeated(world, position, "CreateStack", params.get("ClientRequestToken"));
    world.stacks[position].protected = params.is("EnableTerminationProtection");
    let default = if params.is("DisableRollback") { "DO_NOTHING" } else { "ROLLBACK" };
    let on_failure = params.get("OnFailure").unwrap_or(default).to_owned();
    world.run(position, target, token(params), &on_failure, None);
    Ok(text("StackId", &world.stacks[position].id))
}

fn update_stack(world: &mut World, params: &Params, fetched: Option<String>) -> Answer {
    let name = params.required("StackName")?;
    let missing = || Refused::validation(format!("Stack [{name}] does not exist"));
    let position = world.position(name).ok_or_else(missing)?;
    if repeated(world, position, "UpdateStack", params.get("ClientRequestToken")) {
        return Ok(text("StackId", &world.stacks[position].id));
    }
    can_update(world, position)?;
    let before = world.stacks[position].now.clone();
    let target = World::wanted(params, fetched, Some(&before))?;
    let (name, id) = (world.stacks[position].name.clone(), world.stacks[position].id.clone());
    let changes = world.changes(&before, &target, &name, &id);
    if changes.is_empty() && !world.differs(&before, &target, &name, &id) {
        return Err(Refused::validation("No updates are to be performed."));
    }
    let on_failure = if params.is("DisableRollback") { "DO_NOTHING" } else { "ROLLBACK" };
    obsolete(world, &id, None);
    world.run(position, target, token(params), on_failure, None);
    Ok(text("StackId", id))
}

/// Every other change set of a stack can't be executed any more.
pub(super) fn obsolete(world: &mut World, stack_id: &str, but: Option<&str>) {
    let sets = world.change_sets.iter_mut().filter(|set| set.stack_id == stack_id);
    for set in sets.filter(|set| Some(&*set.id) != but && set.execution == "AVAILABLE") {
        "OBSOLETE".clone_into(&mut set.execution);
    }
}

fn delete_stack(world: &mut World, params: &Params) -> Answer {
    let name = params.required("StackName")?;
    let Some(position) = world.position(name) else { return Ok(String::new()) };
    let stack = &world.stacks[position];
    if !stack.lives() || stack.status == "DELETE_IN_PROGRESS" {
        return Ok(String::new());
    }
    if stack.protected {
        let text = format!("Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.name);
        return Err(Refused::validation(text));
    }
    if stack.busy() && !stack.status.starts_with("CREATE") {
        let text = format!("Stack [{}] cannot be deleted while in status {}", stack.name, stack.status);
        return Err(Refused::validation(text));
    }
    for export in stack.now.outputs.iter().filter_map(|output| output.export.as_ref()) {
        let users = world.importers(export, &stack.name);
        if !users.is_empty() {
            let text =
                format!("Export {export} cannot be deleted as it is in use by {}", users.join(" and "));
            return Err(Refused::validation(text));
        }
    }
    let id = stack.id.clone();
    let retained = params.list("RetainResources");
    if !retained.is_empty() && stack.status != "DELETE_FAILED" {
        let text = "Invalid operation on stack. RetainResources can only be specified when the stack is in \
                    DELETE_FAILED state";
        return Err(Refused::validation(text));
    }
    world.change_sets.retain(|set| set.stack_id != id);
    if stack_is_empty(world, position) {
        world.stacks[position].turn("DELETE_COMPLETE", None);
        return Ok(String::new());
    }
    world.delete(position, &retained, token(params));
    Ok(String::new())
}

fn stack_is_empty(world: &World, position: usize) -> bool {
    let stack = &world.stacks[position];
    stack.status == "REVIEW_IN_PROGRESS" && stack.now.resources.is_empty()
}

fn cancel(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    let (by_poll, each) = (world.pace.by_poll, world.pace.resource);
    let stack = &mut world.stacks[position];
    let updating = stack.operation.as_ref().is_some_and(|operation| operation.kind == Kind::Update);
    if stack.status != "UPDATE_IN_PROGRESS" || !updating {
        let text = "CancelUpdateStack cannot be called from current stack status";
        return Err(Refused::validation(text));
    }
    let due = stack.operation.as_ref().map_or(0, |operation| elapsed(operation, by_poll));
    if let Some(operation) = &mut stack.operation {
        "ROLLBACK".clone_into(&mut operation.on_failure);
    }
    turn_round(stack, due, each, Some("User Initiated".to_owned()));
    world.advance();
    Ok(String::new())
}

fn continue_rollback(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    if repeated(world, position, "ContinueUpdateRollback", params.get("ClientRequestToken")) {
        return Ok(String::new());
    }
    let stack = &world.stacks[position];
    if stack.status != "UPDATE_ROLLBACK_FAILED" {
        let text =
            format!("Stack:{} is in {} state and can not continue update rollback.", stack.id, stack.status);
        return Err(Refused::validation(text));
    }
    let skip = params.list("ResourcesToSkip");
    let failed = |id: &String| stack.now.resources.get(id).is_some_and(|one| one.status == "UPDATE_FAILED");
    if let Some(wrong) = skip.iter().find(|id| !failed(id)) {
        let text = format!("The resources to skip are not in UPDATE_FAILED state: [{wrong}]");
        return Err(Refused::validation(text));
    }
    for id in &skip {
        world.stacks[position].resource(id, "UPDATE_COMPLETE", None);
    }
    world.roll_back(position, &skip, token(params));
    Ok(String::new())
}

fn rollback(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    let id = world.stacks[position].id.clone();
    if repeated(world, position, "RollbackStack", params.get("ClientRequestToken")) {
        return Ok(text("StackId", id));
    }
    let status = &world.stacks[position].status;
    if !["CREATE_FAILED", "UPDATE_FAILED"].contains(&status.as_str()) {
        let text = format!("Stack:{id} is in {status} state and can not be rolled back.");
        return Err(Refused::validation(text));
    }
    world.roll_back(position, &[], token(params));
    Ok(text("StackId", id))
}

/// The tags of a version as a list.
pub(super) fn tags(version: &Version) -> String {
    let tags = version.tags.iter();
    list("Tags", tags.map(|(key, value)| text("Key", key) + &text("Value", value)))
}

/// The parameters of a version as a list.
pub(super) fn parameters(version: &Version) -> String {
    let parameters = version.parameters.iter();
    list(
        "Parameters",
        parameters.map(|(key, value)| text("ParameterKey", key) + &text("ParameterValue", value)),
    )
}
