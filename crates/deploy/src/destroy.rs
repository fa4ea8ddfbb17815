//! The command `destroy`: takes stacks down, those that depend on others first.
//!
//! It deletes stacks and nothing else: no object, no app, no space, no file system, and it lifts no protection. It says
//! beforehand what stays and what has to go first. Run again after a failure, it goes on with what is left.

mod outlook;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use aws_sdk_cloudformation::types::ResourceStatus;
use pipewright_assembly::Assembly;
use serde::Serialize;

use crate::approve::{ask, is_interactive};
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupts;
use crate::order::{self, Node, Outcome};
use crate::session::Session;
use crate::show::console::Console;
use crate::stack::{Cloud, Pace, StackState, attach, delete, observe, template};
use crate::watch::{Stage, Watch};

pub use outlook::{Outlook, StackOutlook};

/// How to destroy.
#[derive(Clone, Debug)]
pub struct Options {
    /// The stacks, with those that depend on them; all when none is named.
    pub stacks: Vec<String>,
    /// The role that CloudFormation takes on.
    pub role_arn: Option<String>,
    /// How many stacks are worked on at once.
    pub concurrency: usize,
    /// How often CloudFormation is asked.
    pub pace: Pace,
    /// Who may stop it.
    pub interrupts: Interrupts,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stacks: Vec::new(),
            role_arn: None,
            concurrency: 4,
            pace: Pace::default(),
            interrupts: Interrupts::none(),
        }
    }
}

/// Says whether stacks may be taken down.
pub trait Confirm: Send + Sync {
    /// Shows what would happen and returns when it may. Blocks for as long as a person thinks.
    ///
    /// # Errors
    /// [`Kind::Refused`] when it was not confirmed.
    fn confirm(&self, outlook: &Outlook) -> Result<()>;
}

/// Shows what would happen, and has the environment's name typed.
#[derive(Clone)]
pub struct Typed {
    /// Whether it is confirmed beforehand.
    pub yes: bool,
    /// Where it is shown and asked.
    pub console: Console,
}

impl Confirm for Typed {
    fn confirm(&self, outlook: &Outlook) -> Result<()> {
        let shown = outlook.text(self.console.columns(), self.console.ink());
        let environment = &outlook.environment;
        if self.yes || !is_interactive() {
            self.console.say(&shown);
        }
        if self.yes {
            return Ok(());
        }
        if !is_interactive() {
            let message = format!(
                "taking down environment {environment:?} needs confirmation, and there is no terminal to ask on"
            );
            return Err(Error::new(Kind::Refused, message).hint("add --yes if it is meant"));
        }
        let question = format!("{shown}Type the environment's name ({environment}) to take this down: ");
        match ask(&self.console, &question)? {
            Some(answer) if answer == *environment => Ok(()),
            _ => Err(Error::new(
                Kind::Refused,
                format!("taking down environment {environment:?} was not confirmed"),
            )),
        }
    }
}

/// What became of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It is gone.
    Destroyed,
    /// It was not there.
    Absent,
    /// It is still there.
    Failed,
    /// It was not begun, because a stack that depends on it is still there.
    Skipped,
}

/// One stack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StackEnd {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub result: Ended,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What stays of it, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<String>,
    /// Why it is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// All stacks, in the order of taking them down.
#[must_use = "some stacks may still be there"]
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The stacks.
    pub stacks: Vec<StackEnd>,
    /// Why stacks are still there, by their names.
    #[serde(skip)]
    pub failures: Vec<(String, Error)>,
}

impl Report {
    /// Whether all are gone.
    pub fn is_good(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Takes down the stacks of an assembly.
///
/// # Errors
/// What concerns no single stack: [`Kind::Usage`] for a stack that the assembly doesn't have, [`Kind::Stack`] when one is
/// protected from deletion, [`Kind::Refused`]; nothing is taken down then. What failed of single stacks is in the report.
pub async fn destroy(
    session: &Session,
    assembly: &Assembly,
    options: &Options,
    watch: &dyn Watch,
    confirm: Arc<dyn Confirm>,
) -> Result<Report> {
    let all: Vec<Node> = assembly
        .stacks()
        .iter()
        .map(|stack| Node { name: stack.name.clone(), after: stack.depends_on.clone() })
        .collect();
    let nodes = order::select_dependants(&all, &options.stacks)?;
    let cloud = Cloud {
        client: session.cloudformation(),
        pace: options.pace.clone(),
        watch,
        interrupts: options.interrupts.clone(),
    };
    let outlook = look(&cloud, &nodes, &assembly.marker().target.environment).await?;
    check_protection(&outlook)?;
    if !outlook.stacks.is_empty() {
        let shown = outlook.clone();
        let asking = tokio::task::spawn_blocking(move || confirm.confirm(&shown));
        let answer = async {
            asking.await.unwrap_or_else(|error| {
                Err(Error::new(Kind::Refused, "what would be taken down could not be shown").caused_by(error))
            })
        };
        options.interrupts.guard(&outlook.environment, answer).await?;
    }
    let one = async |at: usize| -> std::result::Result<StackEnd, (Error, f64)> {
        let name = &nodes[at].name;
        let begun = Instant::now();
        let is_there = outlook.stacks.iter().any(|stack| stack.name == *name);
        let result =
            if is_there { take_down(&cloud, name, options.role_arn.as_deref()).await } else { Ok(false) };
        let seconds = begun.elapsed().as_secs_f64();
        match result {
            Ok(changed) => {
                watch.stage(name, Stage::Done { changed });
                let result = if changed { Ended::Destroyed } else { Ended::Absent };
                Ok(StackEnd {
                    name: name.clone(),
                    result,
                    seconds,
                    stays: stays(&outlook, name),
                    reason: None,
                })
            }
            Err(error) => {
                let first = error.message.lines().next().unwrap_or_default().to_owned();
                watch.stage(name, Stage::Failed(first));
                Err((error, seconds))
            }
        }
    };
    let outcomes = order::run(&nodes, options.concurrency, one).await?;
    let mut report = Report::default();
    for (name, outcome) in outcomes {
        let (result, seconds, reason) = match outcome {
            Outcome::Done(end) => {
                report.stacks.push(end);
                continue;
            }
            Outcome::Skipped(other) => {
                watch.stage(&name, Stage::Skipped(other.clone()));
                (Ended::Skipped, 0.0, format!("stack {other}, which depends on it, is still there"))
            }
            Outcome::Failed((error, seconds)) => {
                let reason = error.message.clone();
                report.failures.push((name.clone(), error));
                (Ended::Failed, seconds, reason)
            }
        };
        report.stacks.push(StackEnd { name, result, seconds, stays: Vec::new(), reason: Some(reason) });
    }
    Ok(report)
}

fn stays(outlook: &Outlook, name: &str) -> Vec<String> {
    let stack = outlook.stacks.iter().find(|stack| stack.name == name);
    stack.map(|stack| stack.stays.clone()).unwrap_or_default()
}

/// Everything that is protected, at once.
fn check_protection(outlook: &Outlook) -> Result<()> {
    let protected: Vec<&str> =
        outlook.stacks.iter().filter(|stack| stack.protected).map(|stack| stack.name.as_str()).collect();
    if protected.is_empty() {
        return Ok(());
    }
    let message = format!("protected from deletion: {}; nothing was taken down", protected.join(", "));
    let lift = |name: &&str| {
        format!(
            "to lift it: `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {name}`"
        )
    };
    let mut error = Error::new(Kind::Stack, message);
    error.hints = protected.iter().map(lift).collect();
    Err(error)
}

async fn look(cloud: &Cloud<'_>, nodes: &[Node], environment: &str) -> Result<Outlook> {
    let mut outlook = Outlook { environment: environment.to_owned(), ..Outlook::default() };
    for node in nodes {
        let name = &node.name;
        let state = cloud.patiently(name, || observe(&cloud.client, name)).await?;
        let Some(state) = state.filter(is_there) else {
            outlook.absent.push(name.clone());
            continue;
        };
        if state.status == "REVIEW_IN_PROGRESS" {
            // It has change sets, and neither a template nor resources.
            let protected = state.termination_protection;
            outlook.stacks.push(StackOutlook { name: name.clone(), protected, ..StackOutlook::default() });
            continue;
        }
        let text = cloud.patiently(name, || template(&cloud.client, &state.id)).await?;
        let ids = match cloud.patiently(name, || resources(cloud, &state.id, name)).await {
            Err(error) if matches!(error.kind, Kind::Denied { .. }) => {
                // Logical ids say it too.
                cloud.watch.note(name, &error.message);
                BTreeMap::new()
            }
            ids => ids?,
        };
        outlook.stacks.push(StackOutlook::of(name, &text, &ids, state.termination_protection));
    }
    Ok(outlook)
}

fn is_there(state: &StackState) -> bool {
    state.status != "DELETE_COMPLETE"
}

/// What the resources of a stack are called in their services, by logical id; without those that are gone.
///
/// [ListStackResources](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html)
async fn resources(cloud: &Cloud<'_>, stack_id: &str, name: &str) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut next = None;
    loop {
        let request = cloud.client.list_stack_resources().stack_name(stack_id).set_next_token(next);
        let what = format!("list the resources of stack {name} (cloudformation:ListStackResources)");
        let page = request.send().await.map_err(|error| Error::from_sdk(&what, error))?;
        for resource in page.stack_resource_summaries() {
            let status = resource.resource_status().map(ResourceStatus::as_str).unwrap_or_default();
            if let Some(logical_id) = resource.logical_resource_id()
                && status != "DELETE_COMPLETE"
            {
                let id = resource.physical_resource_id().unwrap_or_default();
                found.insert(logical_id.to_owned(), id.to_owned());
            }
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Whether it was there.
async fn take_down(cloud: &Cloud<'_>, name: &str, role_arn: Option<&str>) -> Result<bool> {
    let mut state = cloud.patiently(name, || observe(&cloud.client, name)).await?.filter(is_there);
    if state.is_none() {
        return Ok(false);
    }
    if state.as_ref().is_some_and(|state| is_moving(&state.status)) {
        // Whoever began it, and however it ends: then it is deleted.
        match attach(cloud, name).await {
            Ok(_) => {}
            Err(error) if error.kind == Kind::Stack => cloud.watch.note(name, &error.message),
            Err(error) => return Err(error),
        }
        state = cloud.patiently(name, || observe(&cloud.client, name)).await?.filter(is_there);
    }
    let Some(state) = state else { return Ok(true) };
    cloud.watch.stage(name, Stage::Deleting);
    delete(cloud, &state, role_arn).await?;
    Ok(true)
}

fn is_moving(status: &str) -> bool {
    status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS"
}
