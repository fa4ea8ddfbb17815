//! The expressions of a definition: each is well-formed and leads to something that there is, and which steps
//! a step reads.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use super::steps::Found;
use super::{Branch, Definition, StepId};
use crate::evaluate::expression::{
    Document, EXECUTION_VARIABLES, Expression, Reference, expression, reference,
};
use crate::evaluate::path::{Segment, Segments, json_segments, segments, shown};
use crate::problem::{Problem, Problems, shortened};

mod conditions;

/// Checks all expressions, and notes which steps each step reads.
pub(super) fn check(definition: &mut Definition, found: &[Found<'_>], problems: &mut Problems) {
    let mut reads = Vec::with_capacity(found.len());
    for (id, step) in found.iter().enumerate() {
        let mut walk = Walk::new(definition, Some(id), &step.path, problems);
        let step = &definition.steps[id];
        walk.arguments(&step.kind, &step.arguments);
        for (name, member) in &step.members {
            walk.within(Part::Member(name), |walk| walk.value(member));
        }
        walk.own_property_files();
        reads.push(walk.reads);
    }
    for (member, config) in
        [("PipelineExperimentConfig", &definition.experiment), ("MlflowConfig", &definition.mlflow)]
    {
        let mut walk = Walk::new(definition, None, member, problems);
        walk.members(config);
    }
    for (step, reads) in definition.steps.iter_mut().zip(reads) {
        step.reads = reads;
    }
    hoist(definition);
}

/// A loop begins once all is there that its body takes from outside of it.
fn hoist(definition: &mut Definition) {
    for id in 0..definition.steps.len() {
        if definition.steps[id].kind != "ForEach" {
            continue;
        }
        let inside = |step: StepId| step == id || definition.in_body_of(step, id);
        let whole = &definition.steps[id];
        let mut reads = whole.reads.clone();
        let mut waits = whole.depends_on.clone();
        let mut read: HashSet<StepId> = reads.iter().copied().collect();
        let mut waited: HashSet<StepId> = waits.iter().map(|wait| wait.step).collect();
        for child in &whole.children {
            let body = &definition.steps[*child];
            reads.extend(body.reads.iter().filter(|step| !inside(**step) && read.insert(**step)));
            waits
                .extend(body.depends_on.iter().filter(|wait| !inside(wait.step) && waited.insert(wait.step)));
        }
        definition.steps[id].reads = reads;
        definition.steps[id].depends_on = waits;
    }
}

/// A part of a place.
#[derive(Clone, Copy)]
enum Part<'d> {
    Member(&'d str),
    Item(usize),
}

/// Goes through one step's values.
struct Walk<'d, 'p> {
    definition: &'d Definition,
    step: Option<StepId>,
    /// The place of the step.
    base: &'d str,
    /// The place in the step.
    parts: Vec<Part<'d>>,
    problems: &'p mut Problems,
    reads: Vec<StepId>,
    known: HashSet<StepId>,
}

impl fmt::Display for Walk<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base)?;
        self.parts.iter().try_for_each(|part| match part {
            Part::Member(name) => write!(f, ".{}", shortened(name)),
            Part::Item(index) => write!(f, "[{index}]"),
        })
    }
}

impl<'d, 'p> Walk<'d, 'p> {
    fn new(
        definition: &'d Definition,
        step: Option<StepId>,
        base: &'d str,
        problems: &'p mut Problems,
    ) -> Self {
        let (parts, reads, known) = (Vec::new(), Vec::new(), HashSet::new());
        Self { definition, step, base, parts, problems, reads, known }
    }

    fn within(&mut self, part: Part<'d>, look: impl FnOnce(&mut Self)) {
        self.parts.push(part);
        look(self);
        self.parts.pop();
    }

    fn note(&mut self, message: String, help: Option<String>) {
        let step = self.step.and_then(|id| self.definition.steps.get(id)).map(|step| step.name.as_str());
        let mut problem = Problem::new(self.to_string(), message).in_step(step);
        problem.help = help;
        self.problems.push(problem);
    }

    fn arguments(&mut self, kind: &str, arguments: &'d Value) {
        self.within(Part::Member("Arguments"), |walk| {
            let Value::Object(members) = arguments else { return };
            match kind {
                "Condition" => walk.condition_step(members),
                "ForEach" => walk.loop_step(members),
                "Cleanup" => walk.cleanup(members),
                _ => walk.value(arguments),
            }
        });
    }

    /// Recursion is bounded: how deep the whole definition nests was looked at before.
    fn value(&mut self, value: &'d Value) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(Part::Item(index), |walk| walk.value(item));
                }
            }
            Value::Object(members) => match expression(members) {
                None => self.members(members),
                Some(Ok(expression)) => self.expression(&expression),
                Some(Err(malformed)) => {
                    let help = malformed.help.map(str::to_owned);
                    match malformed.place {
                        "" => self.note(malformed.message, help),
                        place => {
                            self.within(Part::Member(place), |walk| walk.note(malformed.message, help));
                        }
                    }
                }
            },
            _ => {}
        }
    }

    fn members(&mut self, members: &'d Map<String, Value>) {
        for (name, member) in members {
            self.within(Part::Member(name), |walk| walk.value(member));
        }
    }

    fn expression(&mut self, expression: &Expression<'d>) {
        match *expression {
            Expression::Get(text) => self.get(text, false),
            Expression::Join { values, .. } => self.within(Part::Member("Std:Join"), |walk| {
                walk.within(Part::Member("Values"), |walk| {
                    for (index, value) in values.iter().enumerate() {
                        walk.within(Part::Item(index), |walk| walk.joined(value));
                    }
                });
            }),
            Expression::JsonGet { document, path } => {
                self.within(Part::Member("Std:JsonGet"), |walk| walk.json_get(document, path));
            }
        }
    }

    /// What stands in a Join becomes text.
    fn joined(&mut self, value: &'d Value) {
        let is_plain = match value {
            Value::Array(_) | Value::Null => true,
            Value::Object(members) => expression(members).is_none(),
            _ => false,
        };
        if is_plain {
            let help = "a Join takes texts, numbers, booleans and expressions of them".to_owned();
            self.note(format!("{} can't become text", shown(value)), Some(help));
        }
        self.value(value);
    }

    fn json_get(&mut self, document: Document<'d>, path: &'d str) {
        self.within(Part::Member("Path"), |walk| {
            if path.is_empty() {
                let help = "name a place in the document, such as metrics.mse.value".to_owned();
                walk.note("the path is empty".to_owned(), Some(help));
            }
            walk.path(path, json_segments(path));
        });
        match document {
            Document::S3Uri(uri) => self.within(Part::Member("S3Uri"), |walk| walk.value(uri)),
            Document::PropertyFile { step, name } => self.within(Part::Member("PropertyFile"), |walk| {
                let Some(target) = walk.reads(step) else { return };
                let target = &walk.definition.steps[target];
                if target.property_files.iter().all(|file| file.name != name) {
                    let known = target.property_files.iter().map(|file| file.name.as_str());
                    let help = walk.problems.suggest(name, known).unwrap_or_else(|| {
                        format!(
                            "declare it in PropertyFiles of step {step:?}, with its OutputName and FilePath"
                        )
                    });
                    let message = format!("step {step:?} declares no property file {:?}", shortened(name));
                    walk.note(message, Some(help));
                }
            }),
        }
    }

    /// `selector`: in a loop's selector, where the results of an iteration can be named.
    fn get(&mut self, text: &'d str, selector: bool) {
        let reference = match reference(text) {
            Ok(reference) => reference,
            Err(message) => return self.note(message, None),
        };
        match reference {
            Reference::Parameter(name) => {
                if !self.definition.declared.contains_key(name) {
                    let known = self.definition.parameters.iter().map(|known| known.name.as_str());
                    let help = self.problems.suggest(name, known);
                    self.note(format!("the pipeline has no parameter {:?}", shortened(name)), help);
                }
            }
            Reference::Execution(variable) => {
                if !EXECUTION_VARIABLES.contains(&variable) {
                    let help = self
                        .problems
                        .suggest(variable, EXECUTION_VARIABLES)
                        .unwrap_or_else(|| format!("it is one of {}", EXECUTION_VARIABLES.join(", ")));
                    self.note(format!("an execution has no {:?}", shortened(variable)), Some(help));
                }
            }
            Reference::Experiment(member) => {
                if !self.definition.experiment.contains_key(member) {
                    let known = self.definition.experiment.keys().map(String::as_str);
                    let help = self.problems.suggest(member, known);
                    let message = format!("PipelineExperimentConfig has no {:?}", shortened(member));
                    self.note(message, help);
                }
            }
            Reference::Property { step, path } => {
                self.path(path, segments(path));
                if let Some(target) = self.reads(step) {
                    self.property(target, path);
                }
            }
            Reference::Item { path } => {
                self.path(path, segments(path));
                let parent = self.step.and_then(|id| self.definition.steps[id].parent);
                if !matches!(parent, Some((_, Branch::Body))) {
                    let message = "ForEach.CurrentItem is known in a loop's body alone".to_owned();
                    self.note(message, None);
                }
            }
            Reference::Iteration { step, path } => {
                self.path(path, segments(path));
                self.iteration(step, selector);
            }
        }
    }

    /// The results of an iteration are known to the selector of that loop.
    fn iteration(&mut self, step: &str, selector: bool) {
        if !selector {
            let help = "outside, write Steps.LOOP.IterationOutputs[0].STEP.…, or Steps.LOOP.Selected.…";
            let message = "IterationOutput is known in Selector.Field alone".to_owned();
            return self.note(message, Some(help.to_owned()));
        }
        let children = self.step.map_or(&[][..], |id| &self.definition.steps[id].children);
        let mut names = children.iter().map(|child| self.definition.steps[*child].name.as_str());
        if !names.any(|name| name == step) {
            let names = children.iter().map(|child| self.definition.steps[*child].name.as_str());
            let help = self.problems.suggest(step, names);
            self.note(format!("the loop's body has no step {:?}", shortened(step)), help);
        }
    }

    /// Notes that a step is read, where there is one of that name.
    fn reads(&mut self, name: &str) -> Option<StepId> {
        let Some(id) = self.definition.step(name) else {
            let known = self.definition.names.keys().map(String::as_str);
            let help = self.problems.suggest(name, known);
            self.note(format!("the pipeline has no step {:?}", shortened(name)), help);
            return None;
        };
        if self.step.is_none() {
            self.note("no step has run yet here: its results are not known".to_owned(), None);
            return None;
        }
        if self.step == Some(id) {
            self.note("the step reads its own results".to_owned(), None);
            return None;
        }
        if self.known.insert(id) {
            self.reads.push(id);
        }
        Some(id)
    }

    fn path(&mut self, path: &str, mut segments: Segments<'_>) {
        if let Some(reason) = segments.find_map(Result::err) {
            self.note(format!("the path {:?} is none: {reason}", shortened(path)), None);
        }
    }

    /// What can be told of a property before anything has run: the names that the step itself gives.
    fn property(&mut self, target: StepId, path: &str) {
        let target = &self.definition.steps[target];
        let mut way = segments(path).map_while(Result::ok);
        let (what, given, named) = match (target.kind.as_str(), way.next(), way.next(), way.next()) {
            (
                "Processing",
                Some(Segment::Member("ProcessingOutputConfig")),
                Some(Segment::Member("Outputs")),
                Some(Segment::Key(key)),
            ) => ("output", outputs(&target.arguments), key),
            (
                "Lambda" | "Callback",
                Some(Segment::Member("OutputParameters")),
                Some(Segment::Key(key)),
                _,
            ) => ("output parameter", names(target.members.get("OutputParameters"), "OutputName"), key),
            (_, Some(Segment::Member("PropertyFiles")), ..) => {
                let help = "read it by {\"Std:JsonGet\": {\"PropertyFile\": …, \"Path\": …}}".to_owned();
                return self.note("a property file is no property".to_owned(), Some(help));
            }
            _ => return,
        };
        if let Some(given) = given
            && !given.contains(&named)
        {
            let help = self.problems.suggest(named, given.iter().copied()).unwrap_or_else(|| {
                if given.is_empty() {
                    "it has none".to_owned()
                } else {
                    format!("it has {}", given.join(", "))
                }
            });
            let message = format!("step {:?} has no {what} {:?}", target.name, shortened(named));
            self.note(message, Some(help));
        }
    }

    /// The outputs that property files are in.
    fn own_property_files(&mut self) {
        let Some(step) = self.step.map(|id| &self.definition.steps[id]) else { return };
        if step.kind != "Processing" {
            return;
        }
        let Some(given) = outputs(&step.arguments) else { return };
        for (index, file) in step.property_files.iter().enumerate() {
            if !given.contains(&file.output.as_str()) {
                let help = self.problems.suggest(&file.output, given.iter().copied());
                let message = format!("the step has no output {:?}", shortened(&file.output));
                self.within(Part::Member("PropertyFiles"), |walk| {
                    walk.within(Part::Item(index), |walk| {
                        walk.within(Part::Member("OutputName"), |walk| walk.note(message, help));
                    });
                });
            }
        }
    }
}

/// The names of a processing job's outputs; `None` where one is known at run time alone.
fn outputs(arguments: &Value) -> Option<Vec<&str>> {
    names(arguments.get("ProcessingOutputConfig").and_then(|config| config.get("Outputs")), "OutputName")
}

fn names<'d>(list: Option<&'d Value>, member: &str) -> Option<Vec<&'d str>> {
    match list {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.get(member).and_then(Value::as_str)).collect()
        }
        Some(_) => None,
    }
}
