//! `ForEach` steps: the iterations of a body, how many run at once, and what the loop as a whole leaves behind.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::graph::connect;
use super::node::{End, Node, NodeId, State};
use super::result::cut;
use super::view::View;
use super::{Execution, Nowhere};
use crate::EvaluationError;
use crate::evaluate::evaluate;
use crate::problem::shortened;

/// The most items of a loop.
pub(crate) const MOST_ITEMS: usize = 100;
/// The most iterations at once.
pub(crate) const MOST_AT_ONCE: u64 = 50;

/// The iterations of a loop that runs or ran.
#[derive(Clone, Debug)]
pub(crate) struct Iterations {
    pub(crate) items: Vec<Value>,
    /// The node of the first step of the first iteration; the others follow.
    pub(crate) first: NodeId,
    /// How many steps a body has.
    size: usize,
    /// How many iterations may run at once.
    width: usize,
    /// How many have begun.
    opened: usize,
    /// How many have begun and not ended.
    active: usize,
    each: Vec<Iteration>,
}

/// One iteration.
#[derive(Clone, Copy, Debug)]
struct Iteration {
    /// How many of its steps have not ended.
    left: usize,
    /// Whether a step failed, and none was there that waits for just that.
    failed: bool,
    /// Whether a step was stopped, and none was there that waits for just that.
    stopped: bool,
}

/// How a loop ended.
#[derive(Debug)]
pub(crate) struct LoopResult {
    pub(crate) end: End,
    /// Why it failed.
    pub(crate) reason: String,
    pub(crate) properties: Value,
    pub(crate) metadata: Value,
}

impl Default for LoopResult {
    fn default() -> Self {
        Self { end: End::Stopped, reason: String::new(), properties: Value::Null, metadata: json!({}) }
    }
}

impl Iterations {
    fn broken(&self) -> bool {
        self.each.iter().any(|one| one.failed || one.stopped)
    }

    /// Whether nothing of it runs or will run any more.
    fn is_over(&self) -> bool {
        self.active == 0 && (self.opened == self.items.len() || self.broken())
    }

    fn nodes(&self) -> std::ops::Range<NodeId> {
        self.first..self.first + self.size * self.items.len()
    }
}

impl Execution {
    /// Makes the nodes of a loop that begins with these arguments, as its `StepBegan` has them.
    pub(crate) fn expand(&mut self, id: NodeId, arguments: &Value) {
        let items = arguments.get("IterableItems").and_then(Value::as_array).cloned().unwrap_or_default();
        let width = arguments.get("MaxConcurrency").and_then(Value::as_u64).unwrap_or(MOST_AT_ONCE);
        let step = self.nodes[id].step;
        let first = self.nodes.len();
        let size = self.shape.bodies[step].len();
        for index in 0..items.len() {
            for position in 0..size {
                let body = self.shape.bodies[step][position];
                let name = format!("{}[{index}].{}", self.nodes[id].name, self.definition.steps[body].name);
                let mut node = Node::new(body, self.nodes[body].is_job, name, Some((id, index)));
                node.needs = self.shape.needs_within(&self.definition, body, first + index * size);
                // Until its iteration is open.
                node.pending = 1;
                self.names.insert(node.name.clone(), self.nodes.len());
                self.nodes.push(node);
            }
        }
        connect(&mut self.nodes, first);
        let each = vec![Iteration { left: size, failed: false, stopped: false }; items.len()];
        let width = usize::try_from(width).unwrap_or(usize::MAX).max(1);
        let iterations = Iterations { items, first, size, width, opened: 0, active: 0, each };
        self.nodes[id].iterations = Some(Box::new(iterations));
        self.open(id);
    }

    /// Begins as many iterations as may run; notes where the loop is over.
    fn open(&mut self, id: NodeId) {
        let Some(mut iterations) = self.nodes[id].iterations.take() else { return };
        while iterations.active < iterations.width
            && iterations.opened < iterations.items.len()
            && !iterations.broken()
        {
            let first = iterations.first + iterations.opened * iterations.size;
            iterations.opened += 1;
            // A body without steps is over at once.
            iterations.active += usize::from(iterations.size > 0);
            for node in first..first + iterations.size {
                self.meet(node);
            }
        }
        if iterations.is_over() {
            self.over.insert(id);
        }
        self.nodes[id].iterations = Some(iterations);
    }

    /// Notes that a step of an iteration ended.
    pub(crate) fn iteration_step_ended(&mut self, id: NodeId, end: End) {
        let Some((owner, index)) = self.nodes[id].iteration else { return };
        let expected = self.nodes[id].expected_to_end(end);
        self.trouble.expected |= expected && matches!(end, End::Failed | End::Stopped);
        let Some(iterations) = self.nodes[owner].iterations.as_deref_mut() else { return };
        let iteration = &mut iterations.each[index];
        iteration.failed |= end == End::Failed && !expected;
        iteration.stopped |= end == End::Stopped && !expected;
        iteration.left -= 1;
        if iteration.left == 0 {
            iterations.active -= 1;
            self.open(owner);
        }
    }

    /// Forgets the iterations of a loop that is to begin anew.
    pub(crate) fn forget_iterations(&mut self, id: NodeId) {
        self.over.remove(&id);
        let Some(iterations) = self.nodes[id].iterations.take() else { return };
        for node in iterations.nodes() {
            self.leave_retries(node);
            self.nodes[node].state = State::Outside;
            self.is_not_ready(node);
            self.names.remove(&self.nodes[node].name);
        }
    }

    /// Whether a node's iteration has begun; true outside of loops.
    pub(crate) fn is_open(&self, id: NodeId) -> bool {
        let Some((owner, index)) = self.nodes[id].iteration else { return true };
        self.nodes[owner].iterations.as_ref().is_some_and(|iterations| index < iterations.opened)
    }

    /// Counts anew what is left of a loop that failed and goes on.
    pub(crate) fn recount(&mut self, id: NodeId) {
        self.over.remove(&id);
        let Some(mut iterations) = self.nodes[id].iterations.take() else { return };
        for index in 0..iterations.items.len() {
            let first = iterations.first + index * iterations.size;
            let nodes = &self.nodes[first..first + iterations.size];
            let left = nodes.iter().filter(|node| !matches!(node.state, State::Ended(_))).count();
            iterations.each[index] = Iteration { left, failed: false, stopped: false };
        }
        iterations.active = iterations.each[..iterations.opened].iter().filter(|one| one.left > 0).count();
        self.nodes[id].iterations = Some(iterations);
        self.open(id);
    }

    /// What a loop that is over leaves behind.
    pub(crate) fn loop_result(&self, id: NodeId, now: Timestamp) -> LoopResult {
        let node = &self.nodes[id];
        let Some(iterations) = node.iterations.as_deref() else { return LoopResult::default() };
        let failed = iterations.each.iter().any(|one| one.failed);
        // Not all of it ran: the execution ends before the loop is over.
        let stopped = iterations.each.iter().any(|one| one.stopped || one.left > 0);
        let (mut end, status) = match (failed, stopped) {
            (true, _) => (End::Failed, "Failed"),
            (false, true) => (End::Stopped, "Stopped"),
            (false, false) => (End::Succeeded, "Succeeded"),
        };
        let mut reason = if failed { self.why(iterations) } else { String::new() };
        let count = |end| {
            let nodes = &self.nodes[iterations.nodes()];
            nodes.iter().filter(|node| node.state == State::Ended(end)).count()
        };
        let mut metadata = json!({
            "Status": status,
            "InputItemCount": iterations.items.len(),
            "TotalStepCount": iterations.nodes().len(),
            "SucceededStepCount": count(End::Succeeded),
            "FailedStepCount": count(End::Failed),
            "StoppedStepCount": count(End::Stopped),
        });
        let mut properties = metadata.clone();
        let outputs: Vec<Value> =
            (0..iterations.items.len()).map(|index| self.outputs(iterations, index)).collect();
        let selector =
            self.definition.steps[node.step].arguments.get("Selector").filter(|value| !value.is_null());
        if let Some(selector) = selector.filter(|_| end == End::Succeeded) {
            match self.select(selector, iterations, now) {
                Ok((index, body)) => {
                    metadata["Selector"] = json!({"StepName": cut(body, 256), "Index": index});
                    properties["Selected"] = outputs[index][body].clone();
                }
                Err(error) => {
                    end = End::Failed;
                    reason = error.within("Arguments.Selector").to_string();
                }
            }
        }
        properties["IterationOutputs"] = outputs.into();
        LoopResult { end, reason, properties, metadata: json!({"ForEach": metadata}) }
    }

    /// The properties of the steps of one iteration, by the body's names.
    fn outputs(&self, iterations: &Iterations, index: usize) -> Value {
        let first = iterations.first + index * iterations.size;
        let nodes = self.nodes[first..first + iterations.size].iter();
        let ended = nodes.filter(|node| node.state == State::Ended(End::Succeeded));
        let outputs =
            ended.map(|node| (self.definition.steps[node.step].name.clone(), node.properties.clone()));
        Value::Object(outputs.collect::<Map<_, _>>())
    }

    /// Why a loop failed: the first step that did.
    fn why(&self, iterations: &Iterations) -> String {
        let failed = iterations.each.iter().filter(|one| one.failed).count();
        let mut nodes = self.nodes[iterations.nodes()].iter();
        let first = nodes.find(|node| node.state == State::Ended(End::Failed));
        let first =
            first.map(|node| format!("{}: {}", node.name, node.reason.as_deref().unwrap_or_default()));
        format!("{failed} of {} items failed: {}", iterations.items.len(), first.unwrap_or_default())
    }

    /// The iteration that a selector picks, the first of equals, and the step of its body that it looks at.
    fn select<'s>(
        &self,
        selector: &'s Value,
        iterations: &Iterations,
        now: Timestamp,
    ) -> Result<(usize, &'s str), EvaluationError> {
        let error = |path: &str, message: String| EvaluationError { path: path.to_owned(), message };
        let pick = selector.get("Pick").and_then(Value::as_str).unwrap_or_default();
        let largest = match pick {
            "MaxBy" => true,
            "MinBy" => false,
            _ => return Err(error("Pick", format!("{pick:?} is neither MaxBy nor MinBy"))),
        };
        let field = selector.get("Field").unwrap_or(&Value::Null);
        let mut best: Option<(usize, f64)> = None;
        for index in 0..iterations.items.len() {
            let node = Some(iterations.first + index * iterations.size);
            let view = View { execution: self, node, job: "", now, files: &Nowhere };
            let value = evaluate(field, &view).map_err(|error| error.within("Field"))?;
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            let number = number.filter(|number: &f64| !number.is_nan()).ok_or_else(|| {
                error(
                    "Field",
                    format!("of item {index} it is {}, which is no number", shortened(&value.to_string())),
                )
            })?;
            if best.is_none_or(|(_, best)| if largest { number > best } else { number < best }) {
                best = Some((index, number));
            }
        }
        let text = field.get("Get").and_then(Value::as_str).unwrap_or_default();
        let body =
            text.split_once('.').and_then(|(_, path)| path.split(['.', '[']).next()).unwrap_or_default();
        Ok((best.map_or(0, |(index, _)| index), body))
    }
}
