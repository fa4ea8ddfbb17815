//! Whether what was planned is still true, to the last change.

use crate::error::{Error, Kind, Result};
use crate::stack::change_set;
use crate::stack::compare::{same_template, sha256};
use crate::stack::decide::{is_good, is_moving};
use crate::stack::described::{self, Standing};
use crate::stack::recover::wait_for_others;
use crate::stack::{Cloud, Prepared, Ready, StackState, Wanted, observe, template};

/// Compares a planned change set with what is there, and gives what can be executed; nothing, where that has been done already.
///
/// # Errors
/// [`Kind::Drifted`] when the assembly's template, the stack, its deployed template or the change set is another than
/// planned; what the service says.
pub async fn verify(cloud: &Cloud<'_>, wanted: &Wanted, planned: &Prepared) -> Result<Ready> {
    let name = &wanted.name;
    if sha256(&wanted.template) != planned.template_sha256 {
        return Err(drifted(name, "the assembly has another template"));
    }
    let mut state = cloud.patiently(name, || observe(&cloud.client, name)).await?;
    if let Some(moving) = state.as_ref().filter(|state| is_moving(&state.status)) {
        if !is_begun(cloud, name, planned).await? {
            let message = format!("somebody else's operation is under way ({})", moving.status);
            return Err(drifted(name, &message));
        }
        wait_for_others(cloud, name, moving).await?;
        state = cloud.patiently(name, || observe(&cloud.client, name)).await?;
    }
    if let Some(ready) = done(cloud, wanted, planned, state.as_ref()).await? {
        return Ok(ready);
    }
    let current = state.as_ref().map(|state| state.id.clone());
    // A stack that was planned to be made is in review now.
    let state =
        state.filter(|state| !matches!(state.status.as_str(), "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE"));
    match (&planned.stack_id, &state) {
        (None, None) => {}
        (Some(then), Some(now)) if *then == now.id => {}
        (None, Some(_)) => return Err(drifted(name, "somebody made the stack meanwhile")),
        (Some(_), None) => return Err(drifted(name, "the stack is gone")),
        (Some(_), Some(_)) => return Err(drifted(name, "the stack was deleted and made again")),
    }
    let deployed = match &state {
        None => None,
        Some(state) => {
            let request = || template(&cloud.client, &state.id);
            Some(cloud.patiently(name, request).await?)
        }
    };
    if deployed.as_deref().map(sha256) != planned.deployed_sha256 {
        return Err(drifted(name, "another template was deployed meanwhile"));
    }
    let Some(id) = &planned.change_set_id else {
        if state.as_ref().is_some_and(|state| state.tags != wanted.tags) {
            return Err(drifted(name, "its tags are no longer as wanted"));
        }
        return Ok(Ready { stack_id: current, state, deployed, prepared: planned.clone() });
    };
    // Whether it takes over what is there was decided when it was planned.
    let contents = [false, true].map(|import_existing| {
        let wanted = Wanted { import_existing, ..wanted.clone() };
        change_set::name(state.as_ref(), deployed.as_deref(), &wanted)
    });
    if !planned.change_set.as_ref().is_some_and(|planned| contents.contains(planned)) {
        return Err(drifted(
            name,
            "the stack changed meanwhile, or its tags or the role (--role-arn) are not those of the plan",
        ));
    }
    let Some(found) = cloud.patiently(name, || described::describe(cloud, name, id, None)).await? else {
        return Err(drifted(name, "the change set is gone"));
    };
    let (found_id, stack_id) =
        (found.change_set_id().map(str::to_owned), found.stack_id().map(str::to_owned));
    if found_id.as_deref() != Some(id) {
        return Err(drifted(name, "the change set was made anew"));
    }
    match described::standing(&found) {
        Standing::Ready => {}
        Standing::Taken | Standing::Executed => {
            return Err(drifted(name, "the change set was executed already"));
        }
        other => {
            return Err(drifted(name, &format!("the change set can't be executed any more ({other:?})")));
        }
    }
    if described::changes(cloud, name, id, found).await?.as_ref() != Some(&planned.changes) {
        return Err(drifted(name, "the change set changes something else"));
    }
    Ok(Ready { stack_id: stack_id.or(current), state, deployed, prepared: planned.clone() })
}

/// Whether the planned change set is being executed, by a run that was ended perhaps, or was just now.
async fn is_begun(cloud: &Cloud<'_>, name: &str, planned: &Prepared) -> Result<bool> {
    let Some(id) = &planned.change_set_id else { return Ok(false) };
    let found = cloud.patiently(name, || described::describe(cloud, name, id, None)).await?;
    // The operation may end between our look at the stack and the one at the change set.
    Ok(found.is_some_and(|found| matches!(described::standing(&found), Standing::Taken | Standing::Executed)))
}

/// What the plan says is there already: a run that was ended in the middle is gone on with.
async fn done(
    cloud: &Cloud<'_>,
    wanted: &Wanted,
    planned: &Prepared,
    state: Option<&StackState>,
) -> Result<Option<Ready>> {
    let Some(state) = state.filter(|state| is_good(&state.status) && state.tags == wanted.tags) else {
        return Ok(None);
    };
    // Where the templates are the same, only the change set can tell.
    if planned.change_set_id.is_none() || planned.deployed_sha256.as_ref() == Some(&planned.template_sha256) {
        return Ok(None);
    }
    let deployed = cloud.patiently(&wanted.name, || template(&cloud.client, &state.id)).await?;
    if !same_template(&deployed, &wanted.template) {
        return Ok(None);
    }
    let prepared = Prepared { change_set: None, change_set_id: None, changes: Vec::new(), ..planned.clone() };
    let (stack_id, state) = (Some(state.id.clone()), Some(state.clone()));
    Ok(Some(Ready { state, deployed: Some(deployed), stack_id, prepared }))
}

fn drifted(name: &str, why: &str) -> Error {
    Error::new(Kind::Drifted, format!("the plan for stack {name} is no longer true: {why}"))
        .hint("make a new one with `cargo xtask plan`")
}
