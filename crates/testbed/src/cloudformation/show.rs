//! The API's actions that only look: stacks, events, resources, templates, exports.

use super::actions::{Answer, parameters, tags};
use super::query::{Params, Refused, element, list, maybe, text};
use super::state::{Event, Output, Resource, Stack, World};
use super::template::Template;

/// One page of an answer, and the token of the next.
pub(super) fn page(
    all: &[String],
    params: &Params,
    size: usize,
) -> Result<(Vec<String>, Option<String>), Refused> {
    let start: usize = match params.get("NextToken") {
        None => 0,
        Some(token) => {
            let number = token.strip_prefix("page-").and_then(|number| number.parse().ok());
            number.ok_or_else(|| Refused::validation("Invalid NextToken"))?
        }
    };
    let part: Vec<_> = all.iter().skip(start).take(size).cloned().collect();
    let end = start + part.len();
    Ok((part, (end < all.len()).then(|| format!("page-{end}"))))
}

/// A list of plain strings.
pub(super) fn plain_list(name: &str, values: &[String]) -> String {
    let members: String = values.iter().map(|value| text("member", value)).collect();
    element(name, &members)
}

pub(super) fn stacks(world: &mut World, params: &Params) -> Answer {
    let shown: Vec<usize> = match params.get("StackName") {
        Some(name) => {
            let position = world.existing(name)?;
            world.polled(position);
            vec![position]
        }
        None => (0..world.stacks.len()).filter(|position| world.stacks[*position].lives()).collect(),
    };
    world.advance();
    let all: Vec<String> = shown.into_iter().map(|position| stack(&mut world.stacks[position])).collect();
    let (stacks, next) = page(&all, params, world.page)?;
    Ok(list("Stacks", stacks) + &maybe("NextToken", next.as_ref()))
}

fn stack(stack: &mut Stack) -> String {
    let (mut status, mut reason) = (stack.status.clone(), stack.reason.clone());
    if let Some((left, old, why)) = &mut stack.stale {
        (status, reason) = (old.clone(), why.clone());
        *left -= 1;
        if *left == 0 {
            stack.stale = None;
        }
    }
    let description = stack.now.template.root["Description"].as_str();
    [
        text("StackId", &stack.id),
        text("StackName", &stack.name),
        maybe("ChangeSetId", stack.change_set.as_ref()),
        maybe("Description", description),
        parameters(&stack.now),
        text("CreationTime", stack.created),
        maybe("DeletionTime", stack.deleted.as_ref()),
        maybe("LastUpdatedTime", stack.updated.as_ref()),
        text("StackStatus", status),
        maybe("StackStatusReason", reason.as_ref()),
        text("DisableRollback", stack.disable_rollback),
        plain_list("NotificationARNs", &stack.notifications),
        plain_list("Capabilities", &stack.capabilities),
        list("Outputs", stack.now.outputs.iter().map(output)),
        maybe("RoleARN", stack.role.as_ref()),
        tags(&stack.now),
        text("EnableTerminationProtection", stack.protected),
        element("DriftInformation", &text("StackDriftStatus", "NOT_CHECKED")),
    ]
    .concat()
}

fn output(output: &Output) -> String {
    [
        text("OutputKey", &output.key),
        text("OutputValue", &output.value),
        maybe("Description", output.description.as_ref()),
        maybe("ExportName", output.export.as_ref()),
    ]
    .concat()
}

pub(super) fn summaries(world: &mut World, params: &Params) -> Answer {
    let wanted = params.list("StackStatusFilter");
    let stacks = world.stacks.iter().filter(|stack| wanted.is_empty() || wanted.contains(&stack.status));
    let all: Vec<String> = stacks
        .map(|stack| {
            [
                text("StackId", &stack.id),
                text("StackName", &stack.name),
                text("CreationTime", stack.created),
                maybe("LastUpdatedTime", stack.updated.as_ref()),
                maybe("DeletionTime", stack.deleted.as_ref()),
                text("StackStatus", &stack.status),
                maybe("StackStatusReason", stack.reason.as_ref()),
            ]
            .concat()
        })
        .collect();
    let (stacks, next) = page(&all, params, world.page)?;
    Ok(list("StackSummaries", stacks) + &maybe("NextToken", next.as_ref()))
}

pub(super) fn events(world: &mut World, params: &Params) -> Answer {
    let name = params.required("StackName")?;
    let missing = || Refused::validation(format!("Stack [{name}] does not exist"));
    let position = world.position(name).ok_or_else(missing)?;
    world.polled(position);
    world.advance();
    let stack = &world.stacks[position];
    // Newest first; a token counts from the oldest, so that new events don't shift the pages.
    let end = match params.get("NextToken") {
        None => stack.events.len(),
        Some(token) => {
            let number = token.strip_prefix("before-").and_then(|number| number.parse().ok());
            number.ok_or_else(|| Refused::validation("Invalid NextToken"))?
        }
    };
    let end = end.min(stack.events.len());
    let start = end.saturating_sub(world.page);
    let members = stack.events[start..end].iter().rev().map(|event| one_event(stack, event));
    let next = (start > 0).then(|| format!("before-{start}"));
    Ok(list("StackEvents", members) + &maybe("NextToken", next.as_ref()))
}

fn one_event(stack: &Stack, event: &Event) -> String {
    [
        text("StackId", &stack.id),
        text("EventId", &event.id),
        text("StackName", &stack.name),
        text("OperationId", &event.operation),
        text("LogicalResourceId", &event.logical_id),
        text("PhysicalResourceId", &event.physical_id),
        text("ResourceType", &event.resource_type),
        text("Timestamp", event.at),
        text("ResourceStatus", &event.status),
        maybe("ResourceStatusReason", event.reason.as_ref()),
        maybe("ClientRequestToken", event.token.as_ref()),
    ]
    .concat()
}

fn one_resource(one: &Resource, time: &str) -> String {
    [
        text("LogicalResourceId", &one.logical_id),
        text("PhysicalResourceId", &one.physical_id),
        text("ResourceType", &one.resource_type),
        text(time, one.at),
        text("ResourceStatus", &one.status),
        maybe("ResourceStatusReason", one.reason.as_ref()),
    ]
    .concat()
}

pub(super) fn resources(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    let stack = &world.stacks[position];
    let wanted = params.get("LogicalResourceId");
    let resources = stack.now.resources.values().filter(|one| wanted.is_none_or(|id| one.logical_id == id));
    Ok(list(
        "StackResources",
        resources.map(|one| {
            text("StackName", &stack.name) + &text("StackId", &stack.id) + &one_resource(one, "Timestamp")
        }),
    ))
}

pub(super) fn resource(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    let stack = &world.stacks[position];
    let id = params.required("LogicalResourceId")?;
    let one = stack.now.resources.get(id).ok_or_else(|| {
        Refused::validation(format!("Resource {id} does not exist for stack {}", stack.name))
    })?;
    let about = text("StackName", &stack.name)
        + &text("StackId", &stack.id)
        + &one_resource(one, "LastUpdatedTimestamp");
    Ok(element("StackResourceDetail", &about))
}

pub(super) fn resource_summaries(world: &mut World, params: &Params) -> Answer {
    let position = world.existing(params.required("StackName")?)?;
    let resources = world.stacks[position].now.resources.values();
    let all: Vec<String> = resources.map(|one| one_resource(one, "LastUpdatedTimestamp")).collect();
    let (resources, next) = page(&all, params, world.page)?;
    Ok(list("StackResourceSummaries", resources) + &maybe("NextToken", next.as_ref()))
}

pub(super) fn exports(world: &World) -> String {
    let stacks = world.stacks.iter().filter(|stack| stack.lives());
    let exports = stacks.flat_map(|stack| {
        stack.now.outputs.iter().filter_map(|output| {
            let name = output.export.as_ref()?;
            let id = text("ExportingStackId", &stack.id);
            Some(id + &text("Name", name) + &text("Value", &output.value))
        })
    });
    list("Exports", exports)
}

pub(super) fn imports(world: &World, params: &Params) -> Answer {
    let export = params.required("ExportName")?;
    let users = world.importers(export, "");
    if users.is_empty() {
        let text = format!("Export '{export}' is not imported by any stack.");
        return Err(Refused::validation(text));
    }
    Ok(plain_list("Imports", &users))
}

pub(super) fn template(world: &mut World, params: &Params) -> Answer {
    let body = if let Some(name) = params.get("ChangeSetName") {
        let stack = params.get("StackName");
        let fits = |set: &&super::state::ChangeSet| {
            set.id == name || (set.name == name && stack.is_some_and(|stack| stack == set.stack_name))
        };
        let set = world.change_sets.iter().find(fits).ok_or_else(|| {
            Refused::new(404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist"))
        })?;
        &set.target.template.body
    } else {
        let position = world.existing(params.required("StackName")?)?;
        &world.stacks[position].now.template.body
    };
    Ok(text("TemplateBody", body) + &plain_list("StagesAvailable", &["Original".into(), "Processed".into()]))
}

/// Parameters, description and capabilities of a template.
pub(super) fn declared(template: &Template) -> String {
    let parameters = template.root["Parameters"].as_object().into_iter().flatten().map(|(name, about)| {
        [
            text("ParameterKey", name),
            maybe("DefaultValue", about.get("Default").map(super::template::plain).as_ref()),
            maybe("Description", about["Description"].as_str()),
            maybe("ParameterType", about["Type"].as_str()),
            text("NoEcho", about["NoEcho"].as_bool().unwrap_or(false)),
        ]
        .concat()
    });
    let capability: Vec<_> = template.capability().map(str::to_owned).into_iter().collect();
    [
        list("Parameters", parameters),
        maybe("Description", template.root["Description"].as_str()),
        plain_list("Capabilities", &capability),
    ]
    .concat()
}

pub(super) fn template_summary(world: &World, params: &Params, fetched: Option<String>) -> Answer {
    let body = match (fetched, params.get("TemplateBody"), params.get("StackName")) {
        (Some(body), _, _) => body,
        (None, Some(body), _) => body.to_owned(),
        (None, None, Some(name)) => world.stacks[world.existing(name)?].now.template.body.clone(),
        _ => return Err(Refused::validation("Either Template URL or Template Body must be specified.")),
    };
    let template = Template::read(&body)?;
    let mut types: Vec<_> = template.ids().iter().map(|id| template.kind(id)).collect();
    types.sort();
    types.dedup();
    Ok(declared(&template) + &plain_list("ResourceTypes", &types))
}
