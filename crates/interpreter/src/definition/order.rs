//! Whether the steps can be run in some order: no cycle, and nothing taken from where it can't be.

use std::collections::HashSet;

use super::{Branch, Definition, StepId};
use crate::problem::{Problem, Problems, shortened};

/// The most cycles that are told: one edge can close many.
const MOST_CYCLES: usize = 20;

/// The most steps of a cycle that are named.
const MOST_NAMED: usize = 10;

pub(super) fn check(definition: &Definition, problems: &mut Problems) {
    for (id, step) in definition.steps.iter().enumerate() {
        let waits = step.depends_on.iter().map(|wait| (wait.step, "depends on"));
        for (other, verb) in waits.chain(step.reads.iter().map(|read| (*read, "reads"))) {
            if let Some((message, help)) = out_of_reach(definition, id, other, verb) {
                let problem = Problem::new(step.path.clone(), message).in_step(Some(&step.name));
                problems.push(problem.help(help));
            }
        }
    }
    iteration_names(definition, problems);
    for cycle in cycles(definition) {
        let names: Vec<&str> = cycle.iter().map(|id| definition.steps[*id].name.as_str()).collect();
        let first = &definition.steps[cycle[0]];
        let problem =
            Problem::new(first.path.clone(), format!("steps wait for each other: {}", round(&names)));
        problems
            .push(problem.help("take one of the references or DependsOn away").in_step(Some(&first.name)));
    }
}

/// `a → b → a`.
fn round(names: &[&str]) -> String {
    let mut told: Vec<String> = names.iter().take(MOST_NAMED).map(|name| shortened(name)).collect();
    if names.len() > MOST_NAMED {
        told.push(format!("… ({} more)", names.len() - MOST_NAMED));
    }
    told.extend(names.first().map(|name| shortened(name)));
    told.join(" → ")
}

/// Why a step can't have the results of another, whatever the order.
fn out_of_reach(definition: &Definition, id: StepId, other: StepId, verb: &str) -> Option<(String, String)> {
    let name = &definition.steps[other].name;
    let own = ancestors(definition, id);
    for (parent, branch) in ancestors(definition, other) {
        let here = own.iter().find(|(mine, _)| *mine == parent);
        match (branch, here) {
            (Branch::Body, None) => {
                let whole = &definition.steps[parent].name;
                return Some((
                    format!("it {verb} {name:?}, which stands in the body of {whole:?}"),
                    format!("outside of the loop there is {whole:?}, with IterationOutputs[0].{name}"),
                ));
            }
            (branch, Some((_, mine))) if *mine != branch => {
                return Some((
                    format!(
                        "it {verb} {name:?}, which stands in the other branch of {:?}",
                        definition.steps[parent].name
                    ),
                    "only one of the branches runs".to_owned(),
                ));
            }
            _ => {}
        }
    }
    None
}

fn ancestors(definition: &Definition, id: StepId) -> Vec<(StepId, Branch)> {
    std::iter::successors(definition.steps[id].parent, |(id, _)| definition.steps[*id].parent).collect()
}

/// What runs of a loop is named `BODY-INDEX`: no other step may be.
fn iteration_names(definition: &Definition, problems: &mut Problems) {
    let bodies: HashSet<&str> = definition
        .steps
        .iter()
        .filter(|step| matches!(step.parent, Some((_, Branch::Body))))
        .map(|step| step.name.as_str())
        .collect();
    for step in &definition.steps {
        let Some((body, index)) = step.name.rsplit_once('-') else { continue };
        if bodies.contains(body) && !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("the name is that of an iteration of {body:?}");
            let problem = Problem::new(format!("{}.Name", step.path), message).in_step(Some(&step.name));
            problems.push(problem.help("rename it: what runs of a loop is named BODY-INDEX"));
        }
    }
}

/// What has to have ended, or begun, before a step has ended. A step of a branch waits for its condition, a
/// loop for its body.
fn waits(definition: &Definition, id: StepId) -> Vec<StepId> {
    let step = &definition.steps[id];
    let mut waits: Vec<StepId> = step.depends_on.iter().map(|wait| wait.step).collect();
    waits.extend(&step.reads);
    match step.parent {
        Some((parent, Branch::If | Branch::Else)) => waits.push(parent),
        Some((_, Branch::Body)) | None => {}
    }
    if step.kind == "ForEach" {
        waits.extend(&step.children);
    }
    waits
}

/// The cycles that going through all steps once comes across.
fn cycles(definition: &Definition) -> Vec<Vec<StepId>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut cycles = Vec::new();
    let mut states = vec![State::New; definition.steps.len()];
    for start in 0..definition.steps.len() {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::Open;
        let mut way = vec![(start, waits(definition, start))];
        while let Some((id, open)) = way.last_mut() {
            let id = *id;
            match open.pop() {
                None => {
                    states[id] = State::Done;
                    way.pop();
                }
                Some(next) if states[next] == State::New => {
                    states[next] = State::Open;
                    way.push((next, waits(definition, next)));
                }
                Some(next) if states[next] == State::Open && cycles.len() < MOST_CYCLES => {
                    let round = way.iter().map(|(id, _)| *id).skip_while(|id| *id != next);
                    cycles.push(from_first(round.collect()));
                }
                Some(_) => {}
            }
        }
    }
    cycles
}

/// The same round, from the step that stands first in the text.
fn from_first(mut round: Vec<StepId>) -> Vec<StepId> {
    let first = round.iter().enumerate().min_by_key(|(_, id)| **id).map_or(0, |(position, _)| position);
    round.rotate_left(first);
    round
}
