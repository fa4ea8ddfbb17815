//! What those who work tell those who show it.

use crate::stack::Event;

/// Where a stack is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its assets are compared with the bucket and sent.
    Publishing,
    /// It is compared with what is deployed.
    Comparing,
    /// Somebody else's operation is waited for; its status.
    Waiting(String),
    /// What is left of an earlier failure is cleared away; its status.
    Recovering(String),
    /// Its change set is made; its name.
    ChangeSet(String),
    /// Its changes wait for approval.
    Approving,
    /// Its change set is executed.
    Executing,
    /// It is taken down.
    Deleting,
    /// It is as it should be; whether anything was changed.
    Done {
        /// Whether anything was changed.
        changed: bool,
    },
    /// It failed, or was stopped; why, in one line.
    Failed(String),
    /// It was not begun, because of another stack, which is named.
    Skipped(String),
}

/// How far the assets of one stack are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Files that are to be sent.
    pub files: u64,
    /// Of which these are there.
    pub files_done: u64,
    /// Bytes that are to be sent.
    pub bytes: u64,
    /// Of which these were taken by the server.
    pub bytes_done: u64,
    /// Files that were there already.
    pub present: u64,
}

/// Listens to work that is done on stacks. Called from several tasks at once; never blocks for long.
pub trait Watch: Send + Sync {
    /// A stack has come to another stage.
    fn stage(&self, stack: &str, stage: Stage);
    /// CloudFormation's events since the last call, oldest first.
    fn events(&self, stack: &str, events: &[Event]);
    /// How far the assets of a stack are.
    fn transfer(&self, stack: &str, transfer: Transfer);
    /// Something that a person should know, in one line.
    fn note(&self, stack: &str, text: &str);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Watch for Silent {
    fn stage(&self, _: &str, _: Stage) {}
    fn events(&self, _: &str, _: &[Event]) {}
    fn transfer(&self, _: &str, _: Transfer) {}
    fn note(&self, _: &str, _: &str) {}
}
