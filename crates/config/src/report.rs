//! Where problems are collected while they still carry their [`Origin`], and put in order at the end.

use std::collections::BTreeSet;

use crate::context::MASK;
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
    /// Where secrets stand.
    secrets: BTreeSet<Origin>,
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
            secrets: BTreeSet::new(),
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

    /// Notes that a secret stands at this origin.
    pub(crate) fn hide(&mut self, origin: Origin) {
        if origin != Origin::Default {
            self.secrets.insert(origin);
        }
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
        let Self { inputs, mut list, broken_lines, failed, secrets, incomplete } = self;
        list.retain(|(origin, problem)| match (problem.code, *origin) {
            (code::SYNTAX | code::SIZE | code::PLACEHOLDER, _) => true,
            (_, origin) if failed.contains(&origin) => false,
            (code::MISSING, _) => !incomplete,
            (_, Origin::File { source, start, .. }) if !broken_lines.is_empty() => {
                !broken_lines.contains(&(source, inputs.line(source as usize, start as usize)))
            }
            _ => true,
        });
        Secrets::new(secrets, inputs).mask(&mut list);
        list.sort_by_key(|(origin, _)| order(*origin));
        Problems::new(list.into_iter().map(|(_, problem)| problem).collect())
    }
}

/// Where secrets stand, and what would be shown along with them.
struct Secrets<'s> {
    inputs: &'s Inputs<'s>,
    origins: BTreeSet<Origin>,
    /// As (source, line).
    lines: BTreeSet<(u32, usize)>,
    /// The indices of overrides.
    overrides: BTreeSet<u32>,
}

impl<'s> Secrets<'s> {
    fn new(origins: BTreeSet<Origin>, inputs: &'s Inputs<'s>) -> Self {
        let (mut lines, mut overrides) = (BTreeSet::new(), BTreeSet::new());
        for origin in &origins {
            match *origin {
                Origin::File { source, start, end } => {
                    let (first, last) = lines_of(inputs, source, start, end);
                    lines.extend((first..=last).map(|line| (source, line)));
                }
                Origin::Override { index, .. } | Origin::OverrideKey { index, .. } => {
                    overrides.insert(index);
                }
                Origin::Default => {}
            }
        }
        Self { inputs, origins, lines, overrides }
    }

    /// A problem with a table shows what the table holds, and one beside a secret the line of both.
    fn mask(&self, list: &mut [(Origin, Problem)]) {
        if self.origins.is_empty() {
            return;
        }
        for (origin, problem) in list {
            if !problem.secret && self.is_beside(*origin) {
                problem.secret = true;
                problem.place = problem.place.take().map(Place::without_value);
            }
            if let Some(value) = problem.value.take_if(|_| self.is_within(*origin)) {
                problem.message = problem.message.replace(&value, MASK);
                problem.value = Some(MASK.to_owned());
            }
        }
    }

    /// Whether who shows the text around an origin shows a secret.
    fn is_beside(&self, origin: Origin) -> bool {
        match origin {
            Origin::File { source, start, end } => {
                let (first, last) = lines_of(self.inputs, source, start, end);
                self.lines.range((source, first)..=(source, last)).next().is_some()
            }
            Origin::Override { index, .. } | Origin::OverrideKey { index, .. } => {
                self.overrides.contains(&index)
            }
            Origin::Default => false,
        }
    }

    /// Whether a secret stands within an origin.
    fn is_within(&self, origin: Origin) -> bool {
        let (from, to) = match origin {
            Origin::File { source, start, end } => {
                (Origin::File { source, start, end: 0 }, Origin::File { source, start: end, end })
            }
            Origin::Override { index, start, end } => {
                (Origin::Override { index, start, end: 0 }, Origin::Override { index, start: end, end })
            }
            Origin::OverrideKey { .. } | Origin::Default => return false,
        };
        self.origins.range(from..=to).next().is_some()
    }
}

/// The first and the last line of a place in a source.
fn lines_of(inputs: &Inputs<'_>, source: u32, start: u32, end: u32) -> (usize, usize) {
    let line = |byte: u32| inputs.line(source as usize, byte as usize);
    (line(start), line(end.saturating_sub(1).max(start)))
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
