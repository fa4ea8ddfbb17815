//! Finds all steps, wherever they stand: at the top, in the branches of conditions, in the bodies of loops.

use serde_json::{Map, Value};

use super::read::is_name;
use super::{Branch, StepId};
use crate::evaluate::path::shown;
use crate::problem::{Problem, Problems, shortened};

/// The most characters of a step's name.
const MOST_NAME: usize = 64;

/// A step as it stands in the text.
pub(super) struct Found<'d> {
    /// `None`: it has none that could be one.
    pub(super) name: Option<&'d str>,
    pub(super) kind: &'d str,
    pub(super) members: &'d Map<String, Value>,
    pub(super) path: String,
    pub(super) parent: Option<(StepId, Branch)>,
    pub(super) children: Vec<StepId>,
}

impl<'d> Found<'d> {
    /// `Arguments`, where it has any.
    pub(super) fn arguments(&self) -> Option<&'d Map<String, Value>> {
        self.members.get("Arguments").and_then(Value::as_object)
    }
}

/// The members of a step's arguments that hold steps.
pub(super) fn nested(kind: &str) -> &'static [(&'static str, Branch)] {
    match kind {
        "Condition" => &[("IfSteps", Branch::If), ("ElseSteps", Branch::Else)],
        "ForEach" => &[("ForEachBody", Branch::Body)],
        _ => &[],
    }
}

pub(super) struct Gather<'d, 'p> {
    problems: &'p mut Problems,
    found: Vec<Found<'d>>,
}

impl<'d, 'p> Gather<'d, 'p> {
    pub(super) fn new(problems: &'p mut Problems) -> Self {
        Self { problems, found: Vec::new() }
    }

    /// The steps of the definition's list, each followed by those in it.
    pub(super) fn steps(mut self, listed: &'d [Value]) -> Vec<Found<'d>> {
        self.list(listed, "Steps", None);
        self.found
    }

    /// Recursion is bounded: how deep the whole definition nests was looked at before.
    fn list(&mut self, listed: &'d [Value], place: &str, parent: Option<(StepId, Branch)>) {
        for (index, step) in listed.iter().enumerate() {
            let path = format!("{place}[{index}]");
            match step {
                Value::Object(members) => self.step(members, &path, parent),
                other => {
                    let message = format!("a step is an object, not {}", shown(other));
                    self.problems.push(Problem::new(path, message));
                }
            }
        }
    }

    fn step(&mut self, members: &'d Map<String, Value>, path: &str, parent: Option<(StepId, Branch)>) {
        let id = self.found.len();
        let name = self.required(members, "Name", path, None);
        if let Some(name) = name
            && !is_name(name, MOST_NAME)
        {
            let message = format!("{:?} is no step's name", shortened(name));
            let help = format!("a name has 1 to {MOST_NAME} letters, digits, - or _");
            let problem = Problem::new(format!("{path}.Name"), message).help(help);
            self.problems.push(problem.in_step(Some(name)));
        }
        let kind = self.required(members, "Type", path, name).unwrap_or_default();
        if matches!(parent, Some((_, Branch::Body))) && matches!(kind, "Condition" | "Fail" | "ForEach") {
            let message = format!("a step of type {kind} can't stand in a loop's body");
            self.problems.push(Problem::new(format!("{path}.Type"), message).in_step(name));
        }
        if let Some((parent, _)) = parent
            && let Some(parent) = self.found.get_mut(parent)
        {
            parent.children.push(id);
        }
        let found = Found { name, kind, members, path: path.to_owned(), parent, children: Vec::new() };
        let arguments = found.arguments();
        self.found.push(found);
        let mut holds = 0;
        for &(member, branch) in nested(kind) {
            match arguments.and_then(|arguments| arguments.get(member)) {
                None | Some(Value::Null) => {}
                Some(Value::Array(listed)) => {
                    holds += listed.len();
                    self.list(listed, &format!("{path}.Arguments.{member}"), Some((id, branch)));
                }
                Some(other) => {
                    let message = format!("a list of steps is expected, not {}", shown(other));
                    let problem = Problem::new(format!("{path}.Arguments.{member}"), message);
                    self.problems.push(problem.in_step(name));
                }
            }
        }
        if kind == "ForEach" && holds == 0 {
            let problem =
                Problem::new(format!("{path}.Arguments.ForEachBody"), "a loop has at least one step");
            self.problems.push(problem.in_step(name));
        }
    }

    fn required(
        &mut self,
        members: &'d Map<String, Value>,
        member: &str,
        path: &str,
        step: Option<&str>,
    ) -> Option<&'d str> {
        let message = match members.get(member) {
            Some(Value::String(text)) => return Some(text),
            None | Some(Value::Null) => format!("the step has no {member}"),
            Some(other) => format!("a text is expected, not {}", shown(other)),
        };
        self.problems.push(Problem::new(format!("{path}.{member}"), message).in_step(step));
        None
    }
}
