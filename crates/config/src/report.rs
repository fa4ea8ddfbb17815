//! Where problems are collected while they still carry their [`Origin`], and put in order at the end.

use std::collections::BTreeSet;

use crate::problem::{Place, Problem, Problems, code};
use crate::source::Inputs;
use crate::tree::Origin;

/// The problems found so far.
pub(crate) struct Reports<'s> {
    inputs: &'s Inputs<'s>,
    list: Vec<(Origin, Problem)>,
    /// The lines, as (source, line), that could not be read whole.
    broken_lines: BTreeSet<(u32, usize)>,
    /// The values that could not be made: what else is said of them means nothing.
    failed: BTreeSet<Origin>,
    /// Whether keys may have been lost, so that a missing one says nothing.
    incomplete: bool,
}

impl<'s> Reports<'s> {
    pub(crate) fn new(inputs: &'s Inputs<'s>) -> Self {
        Self {
            inputs,
            list: Vec::new(),
            broken_lines: BTreeSet::new(),
            failed: BTreeSet::new(),
            incomplete: false,
        }
    }

    pub(crate) fn inputs(&self) -> &'s Inputs<'s> {
        self.inputs
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Takes out what was reported since there were this many problems.
    pub(crate) fn split_off(&mut self, length: usize) -> Vec<(Origin, Problem)> {
        self.list.split_off(length.min(self.list.len()))
    }

    /// Adds a problem, found at this origin.
    pub(crate) fn push(&mut self, origin: Origin, mut problem: Problem) {
        problem.place = self.inputs.place(origin);
        if problem.secret {
            problem.place = problem.place.map(Place::without_value);
        }
        self.list.push((origin, problem));
    }

    /// Adds a problem because of which what stands at this origin is not in the tree, or not whole.
    pub(crate) fn push_lost(&mut self, origin: Origin, problem: Problem) {
        self.incomplete = true;
        self.push_broken(origin, problem);
    }

    /// Adds a problem in the text that loses no key.
    pub(crate) fn push_broken(&mut self, origin: Origin, problem: Problem) {
        if let Origin::File { source, start, .. } = origin {
            self.broken_lines.insert((source, self.inputs.line(source as usize, start as usize)));
        }
        self.push(origin, problem);
    }

    /// Adds a problem because of which a value could not be made; it is with this piece of
    /// the value, which begins at the byte `from` or, for escapes before it, later.
    pub(crate) fn push_failed(&mut self, origin: Origin, from: usize, piece: &str, problem: Problem) {
        self.failed.insert(origin);
        let exact = self.inputs.find(origin, from, piece);
        self.push(exact, problem);
    }

    /// The problems that were found where `which` says yes, and nowhere else.
    pub(crate) fn only(mut self, which: impl Fn(Origin) -> bool) -> Self {
        self.list.retain(|(origin, _)| which(*origin));
        self
    }

    /// All problems in order, without those that only follow from a syntax error: a key that is missing
    /// may stand in what could not be read, and what stands on a broken line may be half a value.
    pub(crate) fn finish(self) -> Problems {
        let Self { inputs, mut list, broken_lines, failed, incomplete } = self;
        list.retain(|(origin, problem)| match (problem.code, *origin) {
            (code::SYNTAX | code::SIZE | code::PLACEHOLDER, _) => true,
            (_, origin) if failed.contains(&origin) => false,
            (code::MISSING, _) => !incomplete,
            (_, Origin::File { source, start, .. }) if !broken_lines.is_empty() => {
                !broken_lines.contains(&(source, inputs.line(source as usize, start as usize)))
            }
            _ => true,
        });
        list.sort_by_key(|(origin, _)| order(*origin));
        Problems::new(list.into_iter().map(|(_, problem)| problem).collect())
    }
}

/// Sources first, then overrides, each key before its value, and defaults at the end.
fn order(origin: Origin) -> (u8, u32, u8, u32, u32) {
    match origin {
        Origin::File { source, start, end } => (0, source, 0, start, end),
        Origin::OverrideKey { index, start, end } => (1, index, 0, start, end),
        Origin::Override { index, start, end } => (1, index, 1, start, end),
        Origin::Default => (2, 0, 0, 0, 0),
    }
}
