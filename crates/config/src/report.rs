//! Where problems are collected while they still carry their [`Origin`], and put in order at the end.

use std::collections::BTreeSet;

use crate::problem::{Problem, Problems, code};
use crate::source::Inputs;
use crate::tree::Origin;

/// The problems found so far.
pub(crate) struct Reports<'s> {
    inputs: &'s Inputs<'s>,
    list: Vec<(Origin, Problem)>,
    /// The lines, as (source, line), that could not be read whole.
    broken_lines: BTreeSet<(u32, usize)>,
    /// Whether keys may have been lost, so that a missing one says nothing.
    incomplete: bool,
}

impl<'s> Reports<'s> {
    pub(crate) fn new(inputs: &'s Inputs<'s>) -> Self {
        Self { inputs, list: Vec::new(), broken_lines: BTreeSet::new(), incomplete: false }
    }

    pub(crate) fn inputs(&self) -> &'s Inputs<'s> {
        self.inputs
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds a problem, found at this origin.
    pub(crate) fn push(&mut self, origin: Origin, mut problem: Problem) {
        problem.place = self.inputs.place(origin);
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

    /// All problems in order, without those that only follow from a syntax error: a key that is missing
    /// may stand in what could not be read, and what stands on a broken line may be half a value.
    pub(crate) fn finish(self) -> Problems {
        let Self { inputs, mut list, broken_lines, incomplete } = self;
        list.retain(|(origin, problem)| match (problem.code, *origin) {
            (code::SYNTAX | code::SIZE, _) => true,
            (code::MISSING, _) => !incomplete,
            (_, Origin::File { source, start, .. }) if !broken_lines.is_empty() => {
                !broken_lines.contains(&(source, inputs.line(source as usize, start as usize)))
            }
            _ => true,
        });
        list.sort_by_key(|(origin, _)| *origin);
        Problems::new(list.into_iter().map(|(_, problem)| problem).collect())
    }
}
