//! [`Cloud`]: CloudFormation, and the patience to ask it again.

use std::future::Future;
use std::time::Instant;

use aws_sdk_cloudformation::Client;

use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupts;
use crate::stack::Pace;
use crate::stack::pace::Pauses;
use crate::watch::Watch;

/// What all work on stacks needs: the client, how often it asks, who listens, and who may stop it.
#[derive(Clone)]
pub struct Cloud<'a> {
    /// The client.
    pub client: Client,
    /// How often it is asked.
    pub pace: Pace,
    /// Who listens.
    pub watch: &'a dyn Watch,
    /// Who may stop it.
    pub interrupts: Interrupts,
}

impl Cloud<'_> {
    /// Sends a request again while it fails with what passes: throttling, a network that is gone, a fault of the service.
    /// The SDK has repeated it quickly before; this is for outages of minutes.
    ///
    /// # Errors
    /// What passes, once it did not for as long as [`Pace::patience`] says; everything else at once; [`Kind::Interrupted`].
    pub(crate) async fn patiently<T, F>(&self, stack: &str, mut request: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut since = None;
        let mut pauses = self.pace.pauses();
        loop {
            // A request may take a minute by itself, with all its repetitions.
            let answer = self.interrupts.unless_detached(request()).await;
            let error = match answer.ok_or_else(|| interrupted(stack))? {
                Ok(answer) => {
                    if since.is_some() {
                        self.watch.note(stack, "CloudFormation answers again");
                    }
                    return Ok(answer);
                }
                Err(error) => error,
            };
            if !passes(&error) {
                return Err(error);
            }
            if since.is_none() {
                self.watch.note(stack, &format!("{error}; trying again"));
            }
            if since.get_or_insert_with(Instant::now).elapsed() > self.pace.patience {
                return Err(error);
            }
            self.pause(stack, &mut pauses).await?;
        }
    }

    /// Waits a moment, less if somebody asks for the end.
    ///
    /// # Errors
    /// [`Kind::Interrupted`] when no operation is under way that would have to be taken back.
    pub(crate) async fn pause(&self, stack: &str, pauses: &mut Pauses) -> Result<()> {
        self.interrupts.sleep(pauses.next()).await;
        if self.interrupts.detached() { Err(interrupted(stack)) } else { Ok(()) }
    }
}

/// Whether the same request may succeed later. CloudFormation always gives a code: an answer without one was cut off on its
/// way.
pub(crate) fn passes(error: &Error) -> bool {
    error.is_transient() || error.kind == Kind::Service { code: None }
}

/// What is said when somebody pressed Ctrl-C.
fn interrupted(stack: &str) -> Error {
    Error::new(Kind::Interrupted, format!("stopped before stack {stack} was done"))
        .hint("`cargo xtask deploy --attach` follows what is under way; `cargo xtask deploy` goes on where it stopped")
}
