//! What an event does to an execution's state. Nothing else changes it: an execution is its events, folded.

use serde_json::Value;

use super::graph::downstream;
use super::node::{End, Node, NodeId, State};
use super::{Execution, Status, Trouble};
use crate::{Event, What};

impl Execution {
    /// Changes the state. Events of steps that there are none of, as of another definition's, change nothing.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.modified = event.time;
        match &event.what {
            What::Began { parameters, retry } => {
                self.parameters.clone_from(parameters);
                if self.began.is_none() {
                    self.began = Some(event.time);
                } else {
                    self.go_on(*retry);
                }
            }
            What::StepBegan { step, attempt, arguments, .. } => {
                let Some(id) = self.node(step) else { return };
                self.is_not_ready(id);
                self.leave_retries(id);
                let node = &mut self.nodes[id];
                node.state = State::Running;
                node.attempt = *attempt;
                node.began.get_or_insert(event.time);
                node.attempted = true;
                if node.is_job {
                    self.running += 1;
                } else if self.definition.steps[node.step].kind == "ForEach" {
                    self.expand(id, arguments);
                }
            }
            What::StepRetries { step, reason, attempt, at } => {
                let Some(id) = self.node(step) else { return };
                self.leave_running(id);
                let node = &mut self.nodes[id];
                node.state = State::Retrying(*at);
                node.attempt = *attempt;
                node.retries += 1;
                node.reason = Some(reason.clone());
                self.retrying.insert((*at, id));
            }
            What::StepSucceeded { step, properties, metadata, taken_from } => {
                self.step_ended(event, step, End::Succeeded, Some((properties, metadata)), |node| {
                    node.reason = None;
                    node.taken_from.clone_from(taken_from);
                });
            }
            What::StepFailed { step, reason, properties, metadata } => {
                self.step_ended(event, step, End::Failed, Some((properties, metadata)), |node| {
                    node.reason = Some(reason.clone());
                });
            }
            What::StepStopped { step } => self.step_ended(event, step, End::Stopped, None, |_| ()),
            What::Ended { status, reason } => {
                self.status = Status::named(status).unwrap_or(Status::Failed);
                self.reason.clone_from(reason);
            }
        }
    }

    fn step_ended(
        &mut self,
        event: &Event,
        step: &str,
        end: End,
        left: Option<(&Value, &Value)>,
        more: impl FnOnce(&mut Node),
    ) {
        let Some(id) = self.node(step) else { return };
        if matches!(self.nodes[id].state, State::Ended(_)) {
            return;
        }
        self.leave_running(id);
        self.leave_retries(id);
        let node = &mut self.nodes[id];
        node.began.get_or_insert(event.time);
        node.ended = Some(event.time);
        if let Some((properties, metadata)) = left {
            node.properties.clone_from(properties);
            node.metadata.clone_from(metadata);
        }
        more(node);
        self.end(id, end);
    }

    fn leave_running(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        if node.state == State::Running && node.is_job {
            self.running -= 1;
        }
    }

    pub(crate) fn leave_retries(&mut self, id: NodeId) {
        if let State::Retrying(at) = self.nodes[id].state {
            self.retrying.remove(&(at, id));
        }
    }

    /// Ends a node, and tells those that wait for it.
    fn end(&mut self, id: NodeId, end: End) {
        let mut ending = vec![(id, end)];
        while let Some((id, end)) = ending.pop() {
            if matches!(self.nodes[id].state, State::Ended(_)) {
                continue;
            }
            self.nodes[id].state = State::Ended(end);
            self.is_not_ready(id);
            self.over.remove(&id);
            let dependents = std::mem::take(&mut self.nodes[id].dependents);
            for (dependent, need) in &dependents {
                if self.nodes[*dependent].state != State::Waiting {
                    continue;
                }
                if need.is_met(end, &self.nodes[id].properties) {
                    self.meet(*dependent);
                } else {
                    ending.push((*dependent, End::Skipped));
                }
            }
            self.nodes[id].dependents = dependents;
            if self.nodes[id].iteration.is_some() {
                self.iteration_step_ended(id, end);
            } else {
                self.note(id, end);
            }
        }
    }

    /// One thing less to wait for.
    pub(crate) fn meet(&mut self, id: NodeId) {
        let node = &mut self.nodes[id];
        if node.state == State::Waiting {
            node.pending = node.pending.saturating_sub(1);
            if node.pending == 0 {
                self.is_ready(id);
            }
        }
    }

    /// What the end of a step means for the execution.
    fn note(&mut self, id: NodeId, end: End) {
        let expected = self.nodes[id].expected_to_end(end);
        let is_fail = self.definition.steps[self.nodes[id].step].kind == "Fail";
        match end {
            End::Failed if expected && !is_fail => self.trouble.expected = true,
            End::Failed => {
                self.trouble.failing = true;
                if is_fail {
                    self.trouble.failed_by.get_or_insert(id);
                }
            }
            End::Stopped if expected => self.trouble.expected = true,
            End::Stopped => self.trouble.halted = true,
            End::Succeeded | End::Skipped => {}
        }
    }

    /// Goes on after an interruption: what ran then begins again. With `retry`, so does what failed or was stopped.
    fn go_on(&mut self, retry: bool) {
        for id in 0..self.nodes.len() {
            let node = &mut self.nodes[id];
            if node.state == State::Running && node.iterations.is_none() {
                node.attempt += u32::from(node.is_job);
                node.state = State::Waiting;
                self.is_ready(id);
            }
        }
        self.running = 0;
        self.status = Status::Executing;
        self.reason = None;
        self.stopping = false;
        if retry {
            self.reset();
        }
    }

    /// Has all that failed or was stopped, and what came of that, run again.
    fn reset(&mut self) {
        let ended = |node: &&Node| matches!(node.state, State::Ended(End::Failed | End::Stopped));
        let mut failed = vec![false; self.nodes.len()];
        for (id, node) in self.nodes.iter().enumerate().filter(|(_, node)| ended(node)) {
            failed[id] = true;
            // The loop may have succeeded, where another step waited for this.
            if let Some((owner, _)) = node.iteration {
                failed[owner] |= self.nodes[owner].state != State::Running;
            }
        }
        let failing = (0..self.nodes.len()).filter(|id| failed[*id]);
        let after = failing.flat_map(|id| self.nodes[id].dependents.iter().map(|(id, _)| *id));
        let after = downstream(&self.nodes, after);
        // A loop goes on with the iterations it has, unless what it iterates over may be another by now.
        for (id, _) in after.iter().enumerate().filter(|(_, after)| **after) {
            self.leave_retries(id);
            self.forget_iterations(id);
        }
        let (mut again, mut loops) = (Vec::new(), Vec::new());
        for (id, node) in self.nodes.iter_mut().enumerate() {
            let fits = node.state != State::Outside && (after[id] || failed[id]);
            if node.iterations.is_some() && (fits || node.state == State::Running) {
                node.state = State::Running;
                loops.push(id);
            } else if fits {
                let next = node.attempt + u32::from(node.began.is_some());
                let fresh = Node::new(node.step, node.is_job, std::mem::take(&mut node.name), node.iteration);
                let old = std::mem::replace(node, fresh);
                node.needs = old.needs;
                node.dependents = old.dependents;
                node.attempt = next;
                again.push(id);
            }
        }
        self.trouble = Trouble::default();
        let mut skipped = Vec::new();
        for id in &again {
            self.is_not_ready(*id);
            let mut pending = usize::from(!self.is_open(*id));
            for (needed, need) in &self.nodes[*id].needs {
                match self.nodes[*needed].state {
                    State::Ended(end) if need.is_met(end, &self.nodes[*needed].properties) => {}
                    State::Ended(_) => skipped.push(*id),
                    _ => pending += 1,
                }
            }
            self.nodes[*id].pending = pending;
            if pending == 0 {
                self.is_ready(*id);
            }
        }
        for id in loops {
            let node = &mut self.nodes[id];
            (node.ended, node.reason, node.properties, node.metadata) =
                (None, None, Value::Null, Value::Null);
            self.recount(id);
        }
        for id in skipped {
            self.end(id, End::Skipped);
        }
    }
}
