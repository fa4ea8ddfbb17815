//! `deploy --fast`: sends definitions to SageMaker without CloudFormation, where nothing but definitions changed.
//!
//! It makes no pipeline, changes nothing else of one, and never touches a stack: that is behind afterwards, until the next
//! deploy, which finds its template changed and brings it up to date.

mod differences;
mod render;
mod update;
mod wanted;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pipewright_assembly::{Assembly, StackRecord};
use pipewright_cli::{Approval, DeployArgs};
use pipewright_deploy::Session;
use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::publish::publish;
use pipewright_deploy::stack::{StackState, observe, template};
use pipewright_deploy::watch::{Stage, Watch};
use serde::Serialize;
use serde_json::Value;

pub use differences::differences;
pub use render::{Renderer, Unknown};

use update::Pipelines;
use wanted::{Wanted, damaged};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The pipelines that were updated, sorted.
    pub updated: Vec<String>,
    /// Those whose definition was what it should be, sorted.
    pub unchanged: Vec<String>,
    /// The stacks whose template is not that of the assembly: behind, until the next deploy.
    pub behind: Vec<String>,
}

/// A stack of the assembly, and what is deployed of it.
struct Stack<'a> {
    record: &'a StackRecord,
    state: StackState,
    deployed: Value,
    wanted: Value,
}

/// Updates the definitions of the assembly's pipelines that differ from SageMaker's.
///
/// # Errors
/// [`Kind::Usage`] for arguments that only CloudFormation has a use for; [`Kind::Stack`] when anything but definitions changed, or a
/// definition holds what only CloudFormation knows, all of it said; [`Kind::Busy`] while a stack is changed by somebody;
/// [`Kind::Drifted`] when a stack or a definition changed in between. Nothing was sent in any of these cases but the last.
pub async fn fast(
    session: &Session,
    assembly: &Assembly,
    args: &DeployArgs,
    watch: &dyn Watch,
) -> Result<Report> {
    check_arguments(args)?;
    let records = chosen(assembly, &args.stacks)?;
    let cloudformation = session.cloudformation();
    let (mut stacks, mut problems) = (Vec::new(), Vec::new());
    for record in records {
        watch.stage(&record.name, Stage::Comparing);
        let Some(state) = observe(&cloudformation, &record.name).await? else {
            problems.push(format!("stack {} is not deployed yet", record.name));
            continue;
        };
        settled(&state)?;
        let deployed = parse(&template(&cloudformation, &record.name).await?).map_err(|error| {
            Error::new(
                Kind::Stack,
                format!("the deployed template of stack {} is no JSON: {error}", record.name),
            )
        })?;
        let wanted = assembly.template(record).map_err(damaged)?;
        let wanted = parse(&wanted).map_err(|error| {
            Error::new(Kind::Assembly, format!("the template of stack {} is no JSON: {error}", record.name))
        })?;
        problems.extend(
            differences(&deployed, &wanted)
                .into_iter()
                .map(|found| format!("stack {}: {found}", record.name)),
        );
        if state.tags != record.tags {
            problems.push(format!("stack {}: its tags", record.name));
        }
        stacks.push(Stack { record, state, deployed, wanted });
    }
    refuse("more than definitions changed", &problems)?;

    let mut definitions = Vec::new();
    for stack in &stacks {
        let of = (stack.state.name.as_str(), stack.state.id.as_str());
        let renderer =
            Renderer::new(&stack.wanted, &session.region, &session.account, &session.partition, of);
        let (found, unknown) = wanted::of(assembly, stack.record, &stack.wanted, &renderer)?;
        definitions.extend(found);
        problems.extend(unknown.into_iter().map(|problem| format!("stack {}: {problem}", stack.record.name)));
    }
    let pipelines = Pipelines::new(session);
    let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
    for definition in definitions {
        match pipelines.definition(&definition.name).await? {
            None => problems
                .push(format!("stack {}: pipeline {} does not exist", definition.stack, definition.name)),
            Some(text) if same(&text, &definition.text) => unchanged.push(definition.name),
            Some(_) => changed.push(definition),
        }
    }
    refuse("not every definition can be sent without CloudFormation", &problems)?;
    if args.require_approval == Approval::Any && !args.yes && !changed.is_empty() {
        let names: Vec<&str> = changed.iter().map(|wanted| wanted.name.as_str()).collect();
        let message =
            format!("the definitions of {} would change, and nobody approved that", names.join(", "));
        return Err(Error::new(Kind::Refused, message).hint("--yes approves it beforehand"));
    }
    if !changed.is_empty() {
        for stack in &stacks {
            watch.stage(&stack.record.name, Stage::Publishing);
            publish(session, assembly, stack.record, watch).await?;
        }
        // Sending files may have taken long.
        for stack in &stacks {
            unmoved(&stack.state, observe(&cloudformation, &stack.record.name).await?.as_ref())?;
        }
    }
    let touched: BTreeSet<String> = changed.iter().map(|wanted| wanted.stack.clone()).collect();
    let updated = send(&pipelines, changed, watch).await?;
    unchanged.sort();
    let behind: Vec<String> = stacks
        .iter()
        .filter(|stack| stack.deployed != stack.wanted)
        .map(|stack| stack.record.name.clone())
        .collect();
    for stack in &stacks {
        watch.stage(&stack.record.name, Stage::Done { changed: touched.contains(&stack.record.name) });
    }
    Ok(Report { updated, unchanged, behind })
}

impl Report {
    /// What a person should know.
    pub fn text(&self) -> String {
        // Writing to a String can't fail.
        let mut out = String::new();
        for name in &self.updated {
            let _ = writeln!(out, "updated   {name}");
        }
        for name in &self.unchanged {
            let _ = writeln!(out, "unchanged {name}");
        }
        for stack in &self.behind {
            let _ = writeln!(out, "stack {stack} is behind until the next deploy");
        }
        if !self.behind.is_empty() {
            out.push_str("to go back to what the stack has, use --fast again: a deploy of that would find nothing to change\n");
        }
        out
    }
}

fn check_arguments(args: &DeployArgs) -> Result<()> {
    let of_no_use =
        [("--role-arn", args.role_arn.is_some()), ("--outputs-file", args.outputs_file.is_some())];
    match of_no_use.iter().find(|(_, given)| *given) {
        Some((name, _)) => {
            let message = format!("{name} says something to CloudFormation, which --fast does without");
            Err(Error::new(Kind::Usage, message))
        }
        None => Ok(()),
    }
}

/// The stacks that were named, in the assembly's order; all when none was.
fn chosen<'a>(assembly: &'a Assembly, names: &[String]) -> Result<Vec<&'a StackRecord>> {
    let known = |name: &&String| assembly.stacks().iter().any(|stack| stack.name == **name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let all: Vec<&str> = assembly.stacks().iter().map(|stack| stack.name.as_str()).collect();
        let message = format!("the assembly has no stack {unknown:?}; it has {}", all.join(", "));
        return Err(Error::new(Kind::Usage, message));
    }
    Ok(assembly.stacks().iter().filter(|stack| names.is_empty() || names.contains(&stack.name)).collect())
}

/// Whether nobody is changing the stack, and it is what its template says.
fn settled(state: &StackState) -> Result<()> {
    let StackState { name, status, .. } = state;
    match status.as_str() {
        "CREATE_COMPLETE"
        | "UPDATE_COMPLETE"
        | "UPDATE_ROLLBACK_COMPLETE"
        | "IMPORT_COMPLETE"
        | "IMPORT_ROLLBACK_COMPLETE" => Ok(()),
        status if status.ends_with("_IN_PROGRESS") => {
            let message = format!("stack {name} is {status}: somebody is changing it");
            Err(Error::new(Kind::Busy, message).hint("repeat the command when that is done"))
        }
        status => {
            let message =
                format!("stack {name} is {status}, so that what is deployed is not what its template says");
            Err(Error::new(Kind::Stack, message).hint("deploy without --fast"))
        }
    }
}

/// Whether a stack is still what it was.
fn unmoved(before: &StackState, now: Option<&StackState>) -> Result<()> {
    let key = |state: &StackState| (state.id.clone(), state.status.clone(), state.since);
    if now.map(key) == Some(key(before)) {
        return Ok(());
    }
    let message =
        format!("stack {} was changed by somebody in the meantime; no definition was sent", before.name);
    Err(Error::new(Kind::Drifted, message).hint("repeat the command"))
}

/// Updates one after the other, sorted by name, and looks afterwards whether it is so.
async fn send(pipelines: &Pipelines, mut changed: Vec<Wanted>, watch: &dyn Watch) -> Result<Vec<String>> {
    changed.sort_by(|a, b| a.name.cmp(&b.name));
    let mut updated = Vec::new();
    for wanted in changed {
        let so_far = |error: Error| match updated.as_slice() {
            [] => error.hint("no definition was updated"),
            [..] => error.hint(format!("these were updated before: {}", updated.join(", "))),
        };
        pipelines.update(&wanted).await.map_err(so_far)?;
        watch.note(&wanted.stack, &format!("pipeline {} updated", wanted.name));
        updated.push(wanted.name);
    }
    Ok(updated)
}

/// Whether two definitions say the same.
fn same(one: &str, other: &str) -> bool {
    one == other || matches!((parse(one), parse(other)), (Ok(one), Ok(other)) if one == other)
}

fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

fn refuse(what: &str, problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let message = format!("{what}:\n  {}", problems.join("\n  "));
    Err(Error::new(Kind::Stack, message).hint("deploy without --fast"))
}
