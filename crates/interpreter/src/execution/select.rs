//! Which steps run, and which results are taken from an earlier execution: selective execution, and from a step on.

use std::collections::BTreeSet;

use super::graph::{Shape, downstream, upstream};
use super::node::{Node, NodeId, State};
use super::{Earlier, Hit};
use crate::definition::StepId;
use crate::{Definition, Problem, Problems, Start};

/// The most steps that can be selected.
const MOST_SELECTED: usize = 50;

/// Takes what is not to run out of the graph, and returns what is taken from the earlier execution instead.
pub(crate) fn select(
    definition: &Definition,
    shape: &Shape,
    start: &Start,
    earlier: &dyn Earlier,
    nodes: &mut [Node],
) -> Result<Vec<(NodeId, Hit)>, Problems> {
    let mut problems = Problems::default();
    let chooses = !start.selected.is_empty() || start.from.is_some();
    if let Some(source) = start.source.as_deref().filter(|_| chooses)
        && !earlier.has_run(&start.pipeline, source)
    {
        let message = format!("pipeline {:?} has no earlier run {source:?}", start.pipeline);
        return Err(Problem::new("SourcePipelineExecutionArn", message).into());
    }
    match (&start.from, start.selected.as_slice()) {
        (None, []) => Ok(Vec::new()),
        (Some(from), []) => begin_at(definition, shape, start, from, earlier, nodes),
        (None, selected) => {
            let selected = resolve(definition, shape, selected, &mut problems);
            if selected.len() > MOST_SELECTED {
                let message =
                    format!("{} steps are selected; at most {MOST_SELECTED} can be", selected.len());
                problems.push(Problem::new("SelectedSteps", message));
            }
            connected(definition, &selected, nodes, &mut problems);
            let taken = collect(definition, shape, start, &selected, earlier, &mut problems);
            let taken = problems.or(taken)?;
            narrow(&selected, nodes);
            Ok(taken)
        }
        (Some(from), _) => {
            let message =
                format!("steps are selected, and the run is to begin at {from:?}; it can be one of both");
            Err(Problem::new("SelectedSteps", message).into())
        }
    }
}

/// The selected steps.
fn resolve(
    definition: &Definition,
    shape: &Shape,
    selected: &[String],
    problems: &mut Problems,
) -> BTreeSet<StepId> {
    let mut steps = BTreeSet::new();
    for (index, name) in selected.iter().enumerate() {
        let path = format!("SelectedSteps[{index}]");
        match definition.step(name) {
            None => problems.push(unknown(definition, path, name)),
            Some(id) => {
                if let Some(owner) = shape.within[id] {
                    let owner = &definition.steps[owner].name;
                    let problem =
                        Problem::new(path, format!("step {name:?} is in the body of the loop {owner:?}"));
                    problems.push(problem.help(format!("select {owner:?}")));
                } else {
                    steps.insert(id);
                }
            }
        }
    }
    steps
}

fn unknown(definition: &Definition, path: String, name: &str) -> Problem {
    let problem = Problem::new(path, format!("the pipeline has no step {name:?}"));
    let known = definition.steps.iter().map(|step| step.name.as_str());
    match crate::problem::similar(name, known) {
        Some(known) => problem.help(format!("did you mean {known:?}?")),
        None => problem,
    }
}

/// What lies between two selected steps has to be selected, too.
fn connected(definition: &Definition, selected: &BTreeSet<StepId>, nodes: &[Node], problems: &mut Problems) {
    let after = downstream(nodes, selected.iter().copied());
    let before = upstream(nodes, selected.iter().copied());
    for (id, step) in definition.steps.iter().enumerate() {
        if after[id] && before[id] && !selected.contains(&id) {
            let message = format!("step {:?} lies between selected steps and is not selected", step.name);
            problems.push(Problem::new("SelectedSteps", message).help("select it, too"));
        }
    }
}

/// The results that selected steps read of others.
fn collect(
    definition: &Definition,
    shape: &Shape,
    start: &Start,
    selected: &BTreeSet<StepId>,
    earlier: &dyn Earlier,
    problems: &mut Problems,
) -> Vec<(NodeId, Hit)> {
    let mut taken = Vec::new();
    let mut seen = BTreeSet::new();
    for id in selected {
        let own = std::iter::once(id).chain(&shape.bodies[*id]);
        for read in own.flat_map(|id| &definition.steps[*id].reads) {
            let read = shape.within[*read].unwrap_or(*read);
            if selected.contains(&read) || !seen.insert(read) {
                continue;
            }
            let (reader, name) = (&definition.steps[*id].name, &definition.steps[read].name);
            let Some(source) = start.source.as_deref() else {
                let message = format!("step {reader:?} reads {name:?}, which is not selected");
                let help = format!("select {name:?}, too, or name an earlier run to take its result from");
                problems.push(Problem::new("SelectedSteps", message).help(help));
                continue;
            };
            if let Some(hit) = earlier.of_run(source, name) {
                taken.push((read, hit));
            } else {
                let message =
                    format!("step {reader:?} reads {name:?}, which did not succeed in run {source:?}");
                let help = format!("select {name:?}, too, or name a run in which it succeeded");
                problems.push(Problem::new("SourcePipelineExecutionArn", message).help(help));
            }
        }
    }
    taken
}

/// Leaves the selected steps, and what they wait for among themselves.
fn narrow(selected: &BTreeSet<StepId>, nodes: &mut [Node]) {
    for (id, node) in nodes.iter_mut().enumerate() {
        if selected.contains(&id) {
            node.needs.retain(|(needed, _)| selected.contains(needed));
            node.dependents.retain(|(dependent, _)| selected.contains(dependent));
        } else {
            node.state = State::Outside;
            node.needs.clear();
            node.dependents.clear();
        }
        node.pending = node.needs.len();
    }
}

/// Everything that is not after a step is taken from the source, as far as it succeeded there.
fn begin_at(
    definition: &Definition,
    shape: &Shape,
    start: &Start,
    from: &str,
    earlier: &dyn Earlier,
    nodes: &[Node],
) -> Result<Vec<(NodeId, Hit)>, Problems> {
    let Some(source) = start.source.as_deref() else {
        return Err(Problem::new(
            "",
            format!("a run that begins at {from:?} needs an earlier run to take results from"),
        )
        .into());
    };
    let Some(id) = definition.step(from) else { return Err(unknown(definition, String::new(), from).into()) };
    let again = downstream(nodes, [shape.within[id].unwrap_or(id)]);
    let kept = (0..nodes.len()).filter(|id| !again[*id] && nodes[*id].state != State::Outside);
    Ok(kept.filter_map(|id| Some((id, earlier.of_run(source, &nodes[id].name)?))).collect())
}

/// The steps that a run from `step` on runs again: the step and all that waits for it, directly or not, by name and in the order of the
/// definition. A step of a loop's body stands for its loop. `None` where there is no such step.
pub fn steps_from(definition: &Definition, step: &str) -> Option<Vec<String>> {
    let shape = Shape::new(definition);
    let nodes = shape.nodes(definition);
    let id = definition.step(step)?;
    let again = downstream(&nodes, [shape.within[id].unwrap_or(id)]);
    let named = nodes.into_iter().zip(again).filter(|(_, again)| *again);
    Some(named.map(|(node, _)| node.name).collect())
}
