//! Brings a stack to where it can be changed, and makes the change set; or sees that there is nothing to change.

use std::collections::BTreeMap;

use crate::error::{Error, Kind, Result};
use crate::stack::change_set::{self, Location, Made};
use crate::stack::compare::{
    BODY_LIMIT, S3_LIMIT, body, has_open_references, removed, same_template, sha256,
};
use crate::stack::decide::{Busy, Next, decide};
use crate::stack::recover::{busy, continue_rollback, delete, roll_back, say_why, wait_for_others};
use crate::stack::{Cloud, Prepared, StackState, observe, template};
use crate::watch::Stage;

/// How often a stack is looked at anew because somebody else changed it meanwhile.
const ROUNDS: usize = 12;

/// What a stack is to become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The text of its template.
    pub template: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The role that CloudFormation takes on.
    pub role_arn: Option<String>,
    /// Whether what was made stays where it is when something fails.
    pub no_rollback: bool,
    /// Whether resources that are there already, by the name that the template gives them, are taken over.
    pub import_existing: bool,
    /// Whether the template was made of a part only, so that what it does not hold is not what nobody wants any more.
    pub partial: bool,
}

/// How far preparing may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Whether what an earlier failure left may be taken back or deleted.
    pub recover: bool,
    /// What is done about somebody else's operation.
    pub busy: Busy,
}

/// A stack that was looked at, and its change set if it needs one.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The stack before; `None` when there is none, or none that ever was one.
    pub state: Option<StackState>,
    /// The template that is deployed.
    pub deployed: Option<String>,
    /// The stack's id, of a new one as well; `None` when there is nothing to change.
    pub stack_id: Option<String>,
    /// The change set, and what it changes.
    pub prepared: Prepared,
}

impl Ready {
    /// Whether there is nothing to change.
    pub fn is_unchanged(&self) -> bool {
        self.prepared.change_set_id.is_none()
    }

    /// Whether the stack is made anew.
    pub fn is_new(&self) -> bool {
        self.state.is_none()
    }
}

/// Looks at the stack, gets it out of what an earlier failure left if that is allowed, and makes the change set.
///
/// `put` sends a template to S3 that is too large for a request, and gives its URL. Nothing is executed.
///
/// # Errors
/// [`Kind::Stack`] when the stack is in a state that nothing here can or may mend, or when CloudFormation does not take the
/// template; [`Kind::Busy`]; [`Kind::Interrupted`]; what the service says.
pub async fn prepare(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    way: Way,
    put: impl AsyncFn(&str) -> Result<String>,
) -> Result<Ready> {
    let name = &wanted.name;
    check_size(wanted)?;
    let mut location = None;
    let mut pauses = cloud.pace.pauses();
    for round in 0..ROUNDS {
        if round > 0 {
            cloud.pause(name, &mut pauses).await?;
        }
        cloud.interrupts.go_on(name).await?;
        cloud.watch.stage(name, Stage::Comparing);
        let state = cloud.patiently(name, || observe(&cloud.client, name)).await?;
        let next = decide(state.as_ref(), wanted.no_rollback, way.busy);
        let resumes = next == Next::Resume;
        let state = match (next, state) {
            (Next::Create, _) => None,
            (Next::Update | Next::Resume, Some(state)) => Some(state),
            (Next::Wait, Some(state)) => {
                wait_for_others(cloud, name, &state).await?;
                continue;
            }
            (Next::Busy, Some(state)) => return Err(busy(name, &state.status, "")),
            (Next::Stop(message), _) => return Err(stopped(message, name)),
            (next, Some(state)) => {
                recover(cloud, wanted, way, &next, &state).await?;
                continue;
            }
            (_, None) => None,
        };
        let deployed = match &state {
            None => None,
            Some(state) => {
                let request = || template(&cloud.client, &state.id);
                Some(cloud.patiently(name, request).await?)
            }
        };
        if let Some(state) = state.as_ref().filter(|state| is_as_wanted(state, deployed.as_deref(), wanted)) {
            return Ok(unchanged(wanted, state.clone(), deployed));
        }
        if let Some(deployed) = deployed.as_deref().filter(|_| wanted.partial) {
            check_whole(wanted, deployed)?;
        }
        if location.is_none() {
            location = Some(locate(wanted, state.is_none(), &put).await?);
        }
        let Some(location) = &location else { continue };
        let change_set = change_set::name(state.as_ref(), deployed.as_deref(), wanted);
        cloud.watch.stage(name, Stage::ChangeSet(change_set));
        let made = change_set::make(cloud, wanted, state.as_ref(), deployed.as_deref(), location).await;
        let made = match (made, &state) {
            // Not every failure can be gone on from: then it is taken back, as it would be without --no-rollback.
            (Err(error), Some(state))
                if resumes && error.message.contains("state and can not be updated") =>
            {
                recover(cloud, wanted, way, &Next::Rollback, state).await?;
                continue;
            }
            (made, _) => made?,
        };
        match made {
            Made::Raced => {}
            Made::Empty => return empty(wanted, state, deployed),
            Made::Ready(made) => {
                let prepared = Prepared {
                    stack: name.clone(),
                    stack_id: state.as_ref().map(|state| state.id.clone()),
                    change_set: Some(made.name),
                    change_set_id: Some(made.id),
                    template_sha256: sha256(&wanted.template),
                    deployed_sha256: deployed.as_deref().map(sha256),
                    changes: made.changes,
                };
                return Ok(Ready { state, deployed, stack_id: Some(made.stack_id), prepared });
            }
        }
    }
    Err(Error::new(Kind::Busy, format!("somebody else keeps changing stack {name}"))
        .hint("deploy again when they are done"))
}

/// Whether the stack is in order and has what is wanted, as far as can be told without a change set.
fn is_as_wanted(state: &StackState, deployed: Option<&str>, wanted: &Wanted) -> bool {
    // In other states the template may be the new one, and the resources are not.
    state.status.ends_with("_COMPLETE")
        && state.tags == wanted.tags
        && !has_open_references(&wanted.template)
        && deployed.is_some_and(|deployed| same_template(deployed, &wanted.template))
}

fn unchanged(wanted: &Wanted, state: StackState, deployed: Option<String>) -> Ready {
    let prepared = Prepared {
        stack: wanted.name.clone(),
        stack_id: Some(state.id.clone()),
        change_set: None,
        change_set_id: None,
        template_sha256: sha256(&wanted.template),
        deployed_sha256: deployed.as_deref().map(sha256),
        changes: Vec::new(),
    };
    Ready { stack_id: Some(state.id.clone()), state: Some(state), deployed, prepared }
}

fn empty(wanted: &Wanted, state: Option<StackState>, deployed: Option<String>) -> Result<Ready> {
    let name = &wanted.name;
    match state {
        Some(state) if state.status.ends_with("_COMPLETE") => Ok(unchanged(wanted, state, deployed)),
        Some(state) => Err(Error::new(
            Kind::Stack,
            format!("stack {name} is {}, and CloudFormation sees nothing to change in it", state.status),
        )
        .hint("deploy without --no-rollback: that takes back what failed, and begins again")),
        None => Err(Error::new(Kind::Stack, format!("the template of stack {name} makes nothing"))),
    }
}

async fn recover(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    way: Way,
    next: &Next,
    state: &StackState,
) -> Result<()> {
    let name = &wanted.name;
    let role = wanted.role_arn.as_deref();
    if !way.recover {
        let what = match next {
            Next::Delete => "be deleted and made again",
            _ => "be taken back",
        };
        let message =
            format!("stack {name} is {}: it has to {what} before anything can be prepared", state.status);
        return Err(Error::new(Kind::Stack, message).hint("`cargo xtask deploy` does that"));
    }
    cloud.watch.stage(name, Stage::Recovering(state.status.clone()));
    say_why(cloud, state).await;
    match next {
        Next::Delete => {
            cloud.watch.note(name, "deleting what is left of it, to make it anew");
            delete(cloud, state, role).await
        }
        Next::Rollback => {
            cloud.watch.note(name, "taking it back first");
            roll_back(cloud, state, role).await
        }
        _ => continue_rollback(cloud, state, role).await,
    }
}

fn stopped(message: String, name: &str) -> Error {
    let protected = message.contains("protected from deletion");
    let error = Error::new(Kind::Stack, message);
    if protected {
        return error.hint(format!(
            "if it may go: `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {name}`, then deploy again"
        ));
    }
    error.hint("mend it in the CloudFormation console or with `aws cloudformation`, then deploy again")
}

/// A part of the pipelines is no reason to delete the others.
fn check_whole(wanted: &Wanted, deployed: &str) -> Result<()> {
    let gone = removed(deployed, &wanted.template);
    if gone.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the assembly was made of some pipelines only, and stack {} has what it would delete: {}",
        wanted.name,
        gone.join(", ")
    );
    Err(Error::new(Kind::Assembly, message)
        .hint("synthesise all pipelines: `cargo xtask synth` without names"))
}

fn check_size(wanted: &Wanted) -> Result<()> {
    let size = wanted.template.len();
    if size <= S3_LIMIT || body(&wanted.template).is_some() {
        return Ok(());
    }
    let message = format!(
        "the template of stack {} has {size} bytes, and CloudFormation takes at most {S3_LIMIT}",
        wanted.name
    );
    Err(Error::new(Kind::Stack, message)
        .hint("give some of the pipelines a stack of their own (`stack = \"…\"` in pipewright.toml)"))
}

async fn locate(
    wanted: &Wanted,
    is_new: bool,
    put: &impl AsyncFn(&str) -> Result<String>,
) -> Result<Location> {
    if let Some(text) = body(&wanted.template) {
        return Ok(Location::Body(text));
    }
    match put(&wanted.template).await {
        Ok(url) => Ok(Location::Url(url)),
        Err(error) if is_new => Err(error.hint(format!(
            "the template of stack {} has {} bytes, and one of more than {BODY_LIMIT} goes through the source bucket, which has to be there before",
            wanted.name,
            wanted.template.len()
        ))),
        Err(error) => Err(error),
    }
}
