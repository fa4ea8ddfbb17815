//! What a step waits for beside what it reads.

use std::sync::Arc;

use crate::node::{Node, Object};

/// A step that another one waits for, and how it has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The step that is waited for.
    pub step: Arc<str>,
    /// How it has to end.
    pub trigger: Trigger,
}

/// How a step has to end for one that depends on it to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trigger {
    /// It succeeded.
    #[default]
    Completed,
    /// It failed.
    Failed,
    /// It was stopped.
    Stopped,
    /// It ended, however.
    Any,
}

impl Dependency {
    /// An entry of `DependsOn`: the name alone, unless it is for another end than success.
    pub(crate) fn node(&self) -> Node {
        let step = Node::from(self.step.to_string());
        let trigger = match self.trigger {
            Trigger::Completed => return step,
            Trigger::Failed => "Failed",
            Trigger::Stopped => "Stopped",
            Trigger::Any => "Any",
        };
        Object::from_iter([("Step", step), ("Trigger", Node::text(trigger))]).into()
    }
}
