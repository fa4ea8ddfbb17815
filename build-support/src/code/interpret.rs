//! Follows a script from its first line, the way Python would run it, as far as its argument parser goes.
//!
//! It executes nothing: functions of the script are entered where they are called, branches and loops are looked at but
//! what happens in them is not relied on, and everything else is a [`Value::Unknown`]. Whatever touches a parser in a
//! way that is not understood makes the whole contract void; [`super::read`] then says why.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::argument::Arguments;
use super::contract::Reason;
use super::parsers::Parser;
use super::survey::Survey;
use super::syntax::{Source, children, field, string};
use super::values::Value;

/// How deep expressions, blocks and calls may nest, all counted together; what is deeper is not looked at.
const MAX_DEPTH: usize = 100;

/// How many nodes more than the script has are looked at before giving up: functions that call each other could keep this
/// busy for ever.
const MAX_STEPS: usize = 100_000;

/// The variables of a function call, or of the module.
#[derive(Default)]
struct Frame<'s> {
    parent: Option<usize>,
    names: HashMap<&'s str, Value<'s>>,
}

/// Whether a block went to its end.
pub(super) enum Flow<'s> {
    /// It did.
    Next,
    /// It returned a value.
    Return(Value<'s>),
}

/// The state of following one script.
pub(super) struct Interpreter<'s, 't> {
    pub(super) source: &'s Source<'t>,
    pub(super) survey: &'s Survey<'s>,
    frames: Vec<Frame<'s>>,
    frame: usize,
    /// Why the code that is looked at may not run, or not once; the outermost first.
    pub(super) branches: Vec<&'static str>,
    /// Every name that was bound so far, to undo what a branch bound.
    bound: Vec<(usize, &'s str)>,
    /// The functions that are being called.
    active: Vec<usize>,
    depth: usize,
    /// How many nodes may still be looked at.
    steps: usize,
    /// The parsers that were made so far.
    pub(super) parsers: Vec<Parser>,
    /// Ids of the `add_argument` calls that were understood.
    pub(super) seen: HashSet<usize>,
    /// Ids of functions that were entered.
    entered: HashSet<usize>,
}

impl<'s, 't> Interpreter<'s, 't> {
    /// Follows a script to its end.
    pub(super) fn run(source: &'s Source<'t>, survey: &'s Survey<'s>) -> Self {
        let mut this = Self {
            source,
            survey,
            frames: vec![Frame::default()],
            frame: 0,
            branches: Vec::new(),
            bound: Vec::new(),
            active: Vec::new(),
            depth: 0,
            steps: MAX_STEPS + source.root().descendant_count(),
            parsers: Vec::new(),
            seen: HashSet::new(),
            entered: HashSet::new(),
        };
        this.bind_module_doc();
        let _ = this.block(source.root());
        // Functions that only something else calls: a framework, another module.
        for &function in &survey.functions {
            let id = function.id();
            if survey.telling.contains(&id) && !this.entered.contains(&id) && this.builds_parser(function) {
                let _ = this.enter(function, 0, &Arguments::default());
            }
        }
        this
    }

    /// Whether following the script was given up.
    pub(super) fn gave_up(&self) -> bool {
        self.steps == 0
    }

    fn builds_parser(&self, function: Node<'s>) -> bool {
        let range = function.byte_range();
        let unseen = |call: &&Node<'s>| range.contains(&call.start_byte()) && !self.seen.contains(&call.id());
        self.survey.declarations.iter().any(|call| unseen(&call))
            && self.source.text(function).contains("Parser(")
    }

    /// `__doc__`, which many scripts hand to their parser.
    fn bind_module_doc(&mut self) {
        let first = children(self.source.root())
            .into_iter()
            .next()
            .filter(|node| node.kind() == "expression_statement");
        let text = first.and_then(|node| node.named_child(0)).filter(|node| node.kind() == "string");
        if let Some(text) = text.and_then(|node| string(self.source, node)) {
            self.bind("__doc__", Value::Str(text));
        }
    }

    /// Counts a step down; `false` when it is too deep or too long already.
    pub(super) fn descend(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        if self.depth >= MAX_DEPTH || self.gave_up() {
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn ascend(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn block(&mut self, block: Node<'s>) -> Flow<'s> {
        for statement in children(block) {
            if let Flow::Return(value) = self.statement(statement) {
                return Flow::Return(value);
            }
        }
        Flow::Next
    }

    fn statement(&mut self, node: Node<'s>) -> Flow<'s> {
        if !self.descend() {
            return Flow::Next;
        }
        let flow = self.statement_within(node);
        self.ascend();
        flow
    }

    fn statement_within(&mut self, node: Node<'s>) -> Flow<'s> {
        match node.kind() {
            "import_statement" => self.import(node),
            "import_from_statement" => self.import_from(node),
            "function_definition" => {
                if let Some(name) = field(node, "name") {
                    self.bind(self.source.text(name), Value::Function { node, frame: self.frame });
                }
            }
            "decorated_definition" => {
                if let Some(definition) = field(node, "definition") {
                    return self.statement(definition);
                }
            }
            "class_definition" => {
                if let Some(name) = field(node, "name") {
                    self.bind(self.source.text(name), Value::Unknown);
                }
            }
            "if_statement" => return self.choice(node),
            "try_statement" => return self.attempt(node),
            "with_statement" => {
                for child in children(node) {
                    if child.kind() == "block" {
                        return self.block(child);
                    }
                    self.each(child);
                }
            }
            "for_statement" | "while_statement" => self.repetition(node),
            "match_statement" => self.branch("under a condition", |this| this.branch_body(node)),
            "return_statement" => {
                let value = children(node).first().map_or(Value::None, |value| self.value(*value));
                return Flow::Return(value);
            }
            "delete_statement" => {
                for name in children(node) {
                    self.forget(name);
                }
            }
            _ => self.each(node),
        }
        Flow::Next
    }

    /// Evaluates everything directly below a node.
    pub(super) fn each(&mut self, node: Node<'s>) {
        for child in children(node) {
            self.value(child);
        }
    }

    fn choice(&mut self, node: Node<'s>) -> Flow<'s> {
        let condition = field(node, "condition");
        if let Some(condition) = condition {
            self.value(condition);
        }
        let condition = condition.map(|condition| self.source.text(condition)).unwrap_or_default();
        let main =
            condition.contains("__name__") && condition.contains("__main__") && !condition.contains("!=");
        let mut flow = Flow::Next;
        for child in children(node) {
            match child.kind() {
                "block" if main => flow = self.block(child),
                "block" | "elif_clause" | "else_clause" => {
                    self.branch("under a condition", |this| this.branch_body(child));
                }
                _ => {}
            }
        }
        flow
    }

    fn attempt(&mut self, node: Node<'s>) -> Flow<'s> {
        let mut flow = Flow::Next;
        for child in children(node) {
            if child.kind() == "block" {
                flow = self.block(child);
            } else {
                self.branch("under a condition", |this| this.branch_body(child));
            }
        }
        flow
    }

    fn repetition(&mut self, node: Node<'s>) {
        for name in ["right", "condition"] {
            if let Some(value) = field(node, name) {
                self.value(value);
            }
        }
        if let Some(left) = field(node, "left") {
            self.forget(left);
        }
        for child in children(node) {
            match child.kind() {
                "block" => self.branch("in a loop", |this| this.branch_body(child)),
                "else_clause" => self.branch("under a condition", |this| this.branch_body(child)),
                _ => {}
            }
        }
    }

    /// The body of a clause, whatever its shape.
    fn branch_body(&mut self, node: Node<'s>) {
        if !self.descend() {
            return;
        }
        if node.kind() == "block" {
            // What a branch returns is not what the function returns for sure.
            let _ = self.block(node);
        } else {
            for child in children(node) {
                match child.kind() {
                    "block" | "case_clause" | "elif_clause" | "else_clause" => self.branch_body(child),
                    _ => {
                        self.value(child);
                    }
                }
            }
        }
        self.ascend();
    }

    /// Looks at code that may not run: what it binds is unknown afterwards.
    pub(super) fn branch(&mut self, why: &'static str, look: impl FnOnce(&mut Self)) {
        let start = self.bound.len();
        self.branches.push(why);
        look(self);
        self.branches.pop();
        for index in start..self.bound.len() {
            let (frame, name) = self.bound[index];
            if let Some(value) = self.frames[frame].names.get_mut(name) {
                // An import stands for the same thing wherever it is.
                if !matches!(value, Value::Path(_)) {
                    *value = Value::Unknown;
                }
            }
        }
    }

    pub(super) fn bind(&mut self, name: &'s str, value: Value<'s>) {
        self.bound.push((self.frame, name));
        self.frames[self.frame].names.insert(name, value);
    }

    /// The value of a name, or of a dotted name that was assigned as a whole.
    pub(super) fn lookup(&self, name: &str) -> Option<Value<'s>> {
        let mut frame = Some(self.frame);
        while let Some(index) = frame {
            let Frame { parent, names } = &self.frames[index];
            if let Some(value) = names.get(name) {
                let elsewhere = parent.is_none() && self.survey.globals.contains(name);
                return Some(if elsewhere { Value::Unknown } else { value.clone() });
            }
            frame = *parent;
        }
        None
    }

    /// Calls a function of the script.
    pub(super) fn call(&mut self, function: Node<'s>, frame: usize, given: &Arguments<'s>) -> Value<'s> {
        if !self.survey.telling.contains(&function.id()) || self.active.contains(&function.id()) {
            return Value::Unknown;
        }
        match self.enter(function, frame, given) {
            Flow::Return(value) => value,
            Flow::Next => Value::None,
        }
    }

    fn enter(&mut self, function: Node<'s>, frame: usize, given: &Arguments<'s>) -> Flow<'s> {
        let Some(body) = field(function, "body") else { return Flow::Next };
        self.entered.insert(function.id());
        self.frames.push(Frame { parent: Some(frame), names: HashMap::new() });
        let caller = std::mem::replace(&mut self.frame, self.frames.len() - 1);
        self.active.push(function.id());
        self.bind_parameters(function, given);
        let flow = self.block(body);
        self.active.pop();
        self.frame = caller;
        flow
    }

    fn bind_parameters(&mut self, function: Node<'s>, given: &Arguments<'s>) {
        let mut handed_on: Vec<&Value<'s>> = given
            .positional
            .iter()
            .map(|(value, _)| value)
            .chain(given.named.iter().map(|(_, value, _)| value))
            .filter(|value| value.parser().is_some())
            .collect();
        let mut by_place = given.positional.iter();
        for parameter in field(function, "parameters").map(children).unwrap_or_default() {
            let name = match parameter.kind() {
                "identifier" => Some(parameter),
                "typed_parameter" => parameter.named_child(0).filter(|child| child.kind() == "identifier"),
                "default_parameter" | "typed_default_parameter" => field(parameter, "name"),
                _ => None,
            };
            let Some(name) = name.map(|name| self.source.text(name)) else {
                self.forget(parameter);
                continue;
            };
            let value =
                by_place.next().map(|(value, _)| value).or_else(|| given.named(name).map(|(value, _)| value));
            let value = match (value, field(parameter, "value")) {
                (Some(value), _) if !given.splat => {
                    handed_on.retain(|other| !std::ptr::eq(*other, value));
                    value.clone()
                }
                (None, Some(default)) if !given.splat => self.value(default),
                _ => Value::Unknown,
            };
            self.bind(name, value);
        }
        let lost: Vec<usize> = handed_on.into_iter().filter_map(Value::parser).collect();
        for parser in lost {
            self.spoil(parser, function, "it is handed to a function in a way that can't be followed");
        }
    }

    /// Makes a parser's contract void, unless it is already.
    pub(super) fn spoil(&mut self, parser: usize, place: Node<'_>, why: impl Into<String>) {
        let reason = Reason::new(super::syntax::line(place), why);
        if let Some(parser) = self.parsers.get_mut(parser) {
            parser.trouble.get_or_insert(reason);
        }
    }
}
