//! Follows what is under way, or says how the last operation ended. Begins nothing.

use crate::error::Result;
use crate::stack::decide::is_moving;
use crate::stack::events::Tail;
use crate::stack::follow::{Operation, failure, follow};
use crate::stack::{Cloud, StackState, observe};
use crate::watch::Stage;

/// What was found, and how it ended.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The stack as it is now; `None` when it is gone.
    pub state: Option<StackState>,
    /// Whether an operation was under way.
    pub was_moving: bool,
}

/// Follows the operation under way on the stack of this name; without one, looks at how the last one ended.
///
/// # Errors
/// [`Kind::Stack`](crate::Kind::Stack) with a [`Failure`](crate::stack::Failure) as its source when it ended badly;
/// otherwise as [`execute`](crate::stack::execute).
pub async fn attach(cloud: &Cloud<'_>, name: &str) -> Result<Attached> {
    let Some(state) = cloud.patiently(name, || observe(&cloud.client, name)).await? else {
        cloud.watch.note(name, &format!("there is no stack {name}"));
        return Ok(Attached { state: None, was_moving: false });
    };
    if !is_moving(&state.status) {
        cloud.watch.note(name, &format!("nothing is under way: stack {name} is {}", state.status));
        return judge(cloud, name, Some(state), false).await;
    }
    cloud.watch.stage(name, Stage::Executing);
    cloud.watch.note(name, &format!("following the operation under way ({})", state.status));
    let tail = Tail::from_its_beginning(&state.id);
    let operation = Operation { name, stack_id: &state.id, before: None, tail };
    let end = follow(cloud, operation).await?;
    judge(cloud, name, end.state, true).await
}

async fn judge(
    cloud: &Cloud<'_>,
    name: &str,
    state: Option<StackState>,
    was_moving: bool,
) -> Result<Attached> {
    match state {
        Some(state) if !is_fine(&state.status) => {
            let verb = match state.status.split('_').next() {
                Some("UPDATE") => "update",
                Some("DELETE") => "delete",
                Some("IMPORT") => "import resources into",
                _ => "create",
            };
            Err(failure(cloud, &format!("{verb} stack {name}"), &state).await)
        }
        state => Ok(Attached { state: state.filter(|state| state.status != "DELETE_COMPLETE"), was_moving }),
    }
}

/// Whether the last operation did what it was meant to, whatever that was.
fn is_fine(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" | "DELETE_COMPLETE" | "REVIEW_IN_PROGRESS"
    )
}
