//! Who waits for whom: the nodes of a definition.

use std::collections::HashSet;

use super::node::{Need, Node, NodeId, State};
use crate::Definition;
use crate::definition::{Branch, Step, StepId, Trigger};

/// What about the definition's loops does not change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// By step: the loop whose body it stands in, at any depth of branches.
    pub(crate) within: Vec<Option<StepId>>,
    /// By step: its position in `bodies`.
    pub(crate) position: Vec<usize>,
    /// By step: the steps of its body, where it is a loop.
    pub(crate) bodies: Vec<Vec<StepId>>,
}

impl Shape {
    pub(crate) fn new(definition: &Definition) -> Self {
        let steps = &definition.steps;
        let mut shape = Self {
            within: vec![None; steps.len()],
            position: vec![0; steps.len()],
            bodies: vec![Vec::new(); steps.len()],
        };
        // Steps stand after the step that they stand in, so that what is known of it is known by now.
        for (id, step) in steps.iter().enumerate() {
            let within = match step.parent {
                Some((parent, Branch::Body)) => Some(parent),
                Some((parent, Branch::If | Branch::Else)) => shape.within[parent],
                None => None,
            };
            if let Some(owner) = within {
                shape.within[id] = Some(owner);
                shape.position[id] = shape.bodies[owner].len();
                shape.bodies[owner].push(id);
            }
        }
        shape
    }

    /// What a step waits for: its own branch, what it reads, what it depends on.
    fn needs(definition: &Definition, id: StepId) -> impl Iterator<Item = (StepId, Need)> + '_ {
        let step = &definition.steps[id];
        let branch = step.parent.and_then(|(parent, branch)| match branch {
            Branch::If => Some((parent, Need::Outcome(true))),
            Branch::Else => Some((parent, Need::Outcome(false))),
            Branch::Body => None,
        });
        // A step that is named with a trigger is waited for by that alone, though it is read, too.
        let triggers = step.depends_on.iter().filter(|one| one.trigger != Trigger::Completed);
        let triggers: HashSet<StepId> = triggers.map(|one| one.step).collect();
        let reads = step.reads.iter().filter(move |read| !triggers.contains(read));
        let reads = reads.map(|read| (*read, Need::Ends(Trigger::Completed)));
        branch
            .into_iter()
            .chain(reads)
            .chain(step.depends_on.iter().map(|one| (one.step, Need::Ends(one.trigger))))
    }

    /// The nodes of all steps: loops' bodies are left out until their loops begin.
    pub(crate) fn nodes(&self, definition: &Definition) -> Vec<Node> {
        let steps = definition.steps.iter().enumerate();
        let node = |(id, step): (StepId, &Step)| Node::new(id, is_job(&step.kind), step.name.clone(), None);
        let mut nodes: Vec<Node> = steps.map(node).collect();
        for id in 0..nodes.len() {
            let owner = self.within[id];
            if owner.is_some() {
                nodes[id].state = State::Outside;
            }
            for (needed, need) in Self::needs(definition, id) {
                // What a body needs from outside its loop waits for, and a body is ended when its loop is.
                let waiting = owner.unwrap_or(id);
                let needed = match self.within[needed] {
                    within if within == owner && owner.is_some() => continue,
                    Some(other) => other,
                    None => needed,
                };
                if waiting != needed {
                    nodes[waiting].needs.push((needed, need));
                }
            }
        }
        connect(&mut nodes, 0);
        nodes
    }

    /// What a body's step waits for in its own iteration, whose first node is `first`.
    pub(crate) fn needs_within(
        &self,
        definition: &Definition,
        id: StepId,
        first: NodeId,
    ) -> Vec<(NodeId, Need)> {
        let own = Self::needs(definition, id).filter(|(needed, _)| self.within[*needed] == self.within[id]);
        own.map(|(needed, need)| (first + self.position[needed], need)).collect()
    }
}

/// Whether a step of this type is done by a runner.
fn is_job(kind: &str) -> bool {
    !matches!(kind, "Condition" | "Fail" | "ForEach")
}

/// Tells those that are needed by the nodes from `first` on, and counts.
pub(crate) fn connect(nodes: &mut [Node], first: NodeId) {
    for id in first..nodes.len() {
        for index in 0..nodes[id].needs.len() {
            let (needed, need) = nodes[id].needs[index];
            nodes[needed].dependents.push((id, need));
        }
        nodes[id].pending += nodes[id].needs.len();
    }
}

/// The nodes that come after any of these, these among them, by index.
pub(crate) fn downstream(nodes: &[Node], from: impl IntoIterator<Item = NodeId>) -> Vec<bool> {
    reach(nodes, from, |node| &node.dependents)
}

/// The nodes that any of these waits for, these among them, by index.
pub(crate) fn upstream(nodes: &[Node], from: impl IntoIterator<Item = NodeId>) -> Vec<bool> {
    reach(nodes, from, |node| &node.needs)
}

fn reach(
    nodes: &[Node],
    from: impl IntoIterator<Item = NodeId>,
    edges: impl Fn(&Node) -> &Vec<(NodeId, Need)>,
) -> Vec<bool> {
    let mut reached = vec![false; nodes.len()];
    let mut left: Vec<NodeId> = from.into_iter().collect();
    while let Some(id) = left.pop() {
        if !std::mem::replace(&mut reached[id], true) {
            left.extend(edges(&nodes[id]).iter().map(|(id, _)| *id));
        }
    }
    reached
}
