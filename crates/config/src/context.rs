//! [`Context`]: what a decoder reports to.
//!
//! A decoder never stops at a problem and never returns one: it reports it here, with the path that the
//! context keeps, and goes on with the next value.

mod scope;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::problem::{Problem, Severity, code};
use crate::report::Reports;
use crate::resolved::{Leaves, Noted};
use crate::source::Inputs;
use crate::suggest;
use crate::tree::{MAX_DEPTH, Node, Origin, Value, quote, write_index, write_key};

/// Unknown keys for which similar ones are looked up; beyond this number nobody reads the suggestions.
const SUGGESTIONS: usize = 2000;

/// Longer keys than this, in bytes, are shortened where a message shows them.
const LONG_KEY: usize = 100;

/// What stands for a secret wherever a value is shown.
pub(crate) const MASK: &str = "******";

/// Collects problems and resolved values while a tree is decoded.
pub struct Context<'c> {
    reports: Reports<'c>,
    path: String,
    depth: usize,
    /// The innermost table or list that stands in an input: where missing keys would be written.
    enclosing: Origin,
    leaves: Leaves,
    suggestions_left: usize,
    /// Whether what is decoded is a secret.
    secret: bool,
    /// The paths of tables that have a key for a secret: what a misspelt key of theirs holds may be one.
    with_secrets: BTreeSet<String>,
    /// The shared values that this configuration has no key for.
    unused: Vec<(String, Origin)>,
}

impl<'c> Context<'c> {
    pub(crate) fn new(reports: Reports<'c>) -> Self {
        Self {
            reports,
            path: String::new(),
            depth: 0,
            enclosing: Origin::Default,
            leaves: Leaves::default(),
            suggestions_left: SUGGESTIONS,
            secret: false,
            with_secrets: BTreeSet::new(),
            unused: Vec::new(),
        }
    }

    pub(crate) fn into_parts(self) -> (Reports<'c>, Leaves, Vec<(String, Origin)>) {
        (self.reports, self.leaves, self.unused)
    }

    /// Decodes a secret: whatever is reported or noted meanwhile shows six asterisks instead of a value.
    pub fn secret<R>(&mut self, decode: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.secret, true);
        let decoded = decode(self);
        self.secret = before;
        decoded
    }

    /// The value as a message shows it.
    fn show(&self, node: &Node<'_>) -> String {
        if self.secret { MASK.to_owned() } else { node.show() }
    }

    /// The value in a few words.
    fn describe(&self, node: &Node<'_>) -> String {
        if self.secret { node.kind().to_owned() } else { node.describe() }
    }

    /// The path of the value being decoded: `training.channels[2].name`; empty at the top.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Decodes what stands under a key of the table at hand; `None` when that nests too deeply.
    pub fn at_key<R>(&mut self, key: &str, decode: impl FnOnce(&mut Self) -> Option<R>) -> Option<R> {
        self.nested(decode, |path| {
            if !path.is_empty() {
                path.push('.');
            }
            write_key(key, path);
        })
    }

    /// Decodes an element of the list at hand; `None` when that nests too deeply.
    pub fn at_index<R>(&mut self, index: usize, decode: impl FnOnce(&mut Self) -> Option<R>) -> Option<R> {
        self.nested(decode, |path| write_index(index, path))
    }

    fn nested<R>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Option<R>,
        segment: impl FnOnce(&mut String),
    ) -> Option<R> {
        let (length, enclosing) = (self.path.len(), self.enclosing);
        segment(&mut self.path);
        // Sources can't nest this deep; defaults of a type that contains itself can.
        let decoded = if self.depth > MAX_DEPTH {
            let message = format!("the defaults at `{}` nest without end", self.path);
            self.report(Origin::Default, Problem::error(code::SIZE, message));
            None
        } else {
            self.depth += 1;
            let decoded = decode(self);
            self.depth -= 1;
            decoded
        };
        self.path.truncate(length);
        self.leaves.cut(length);
        self.enclosing = enclosing;
        decoded
    }

    /// Notes that what is decoded next stands inside this node.
    pub(crate) fn enter(&mut self, node: &Node<'_>) {
        if node.origin != Origin::Default {
            self.enclosing = node.origin;
        }
    }

    /// Notes a value at the end of a path, to be listed among the resolved values.
    ///
    /// Decoders of scalars call this; tables and lists only do when they are empty.
    pub fn leaf(&mut self, node: &Node<'_>, value: Json) {
        self.leaf_at(node.origin, value);
    }

    /// Notes a text at the end of a path, as [`leaf`](Self::leaf) does.
    pub fn leaf_text(&mut self, node: &Node<'_>, text: &str) {
        let noted = if self.secret { self.hidden(node.origin) } else { Noted::Text(text) };
        self.leaves.add(&self.path, node.origin, noted);
    }

    pub(crate) fn leaf_at(&mut self, origin: Origin, value: Json) {
        let noted = if self.secret && !value.is_null() { self.hidden(origin) } else { Noted::Json(value) };
        self.leaves.add(&self.path, origin, noted);
    }

    /// The text of an override that is this whole node, so that text fields take it as it was typed.
    pub(crate) fn typed_text(&self, node: &Node<'_>) -> Option<&'c str> {
        let Origin::Override { index, start, end } = node.origin else {
            return None;
        };
        if matches!(node.value, Value::List(_) | Value::Table(_)) {
            return None;
        }
        let inputs: &'c Inputs<'c> = self.reports.inputs();
        let text = inputs.overrides[index as usize].value.as_str();
        let whole = text.get(start as usize..end as usize)? == text.trim();
        whole.then_some(text)
    }

    /// How many problems were reported so far.
    pub fn problems(&self) -> usize {
        self.reports.len()
    }

    /// Reports that a value is of another kind than expected, in words as `an integer from 1 to 10`.
    ///
    /// Always returns `None`, so that a decoder can end with it.
    pub fn mismatch<T>(&mut self, node: &Node<'_>, expected: &str) -> Option<T> {
        self.mismatch_with_help(node, expected, None)
    }

    pub(crate) fn mismatch_with_help<T>(
        &mut self,
        node: &Node<'_>,
        expected: &str,
        help: Option<String>,
    ) -> Option<T> {
        let message = format!("{} must be {expected}, not {}", self.subject(), self.describe(node));
        let mut problem = Problem::error(code::TYPE, message);
        problem.value = Some(self.show(node));
        problem.limit = Some(expected.to_owned());
        problem.help = help.filter(|_| !self.secret);
        self.report(node.origin, problem);
        None
    }

    /// Reports that a value of the right kind is not allowed, in words as `be at most 10`.
    ///
    /// Always returns `None`, so that a decoder can end with it.
    pub fn invalid<T>(
        &mut self,
        node: &Node<'_>,
        must: &str,
        limit: &str,
        help: Option<String>,
    ) -> Option<T> {
        let message = format!("{} must {must}, but is {}", self.subject(), self.show(node));
        let mut problem = Problem::error(code::CONSTRAINT, message);
        problem.value = Some(self.show(node));
        problem.limit = Some(limit.to_owned());
        problem.help = help;
        self.report(node.origin, problem);
        None
    }

    /// Reports a required key that the table at hand lacks.
    pub(crate) fn missing(&mut self, description: &str) {
        let message = format!("{} is missing", self.subject());
        let mut problem = Problem::error(code::MISSING, message);
        problem.limit = Some("required".to_owned());
        let sentence = description.lines().next().unwrap_or_default().trim_end_matches('.');
        let mut help = format!("give it a value: {} = …", self.path);
        if !sentence.is_empty() {
            help.push_str(" (");
            help.push_str(sentence);
            help.push(')');
        }
        problem.help = Some(help);
        self.report(self.enclosing, problem);
    }

    /// Reports a key that no field has; `known` are those that the table may have.
    pub(crate) fn unknown(&mut self, key: &str, at: Origin, known: &[&str]) {
        let mut place = String::new();
        write_key(key, &mut place);
        if self.reports.inputs().is_shared(at) {
            let path = if self.path.is_empty() { place } else { format!("{}.{place}", self.path) };
            self.unused.push((path, at));
            return;
        }
        let table = match self.path.as_str() {
            "" => "the configuration".to_owned(),
            path => format!("`{path}`"),
        };
        let shown = if place.len() > LONG_KEY { quote(key) } else { format!("`{place}`") };
        let mut problem = Problem::error(code::UNKNOWN, format!("{shown} is not a key of {table}"));
        problem.value = Some(quote(key));
        if self.suggestions_left > 0 {
            self.suggestions_left -= 1;
            problem.limit = Some(suggest::list(known));
            problem.help = Some(suggest::help(key, known, "remove it: this table takes no keys"));
        }
        if !self.path.is_empty() {
            place.insert(0, '.');
            place.insert_str(0, &self.path);
        }
        problem.path = place;
        problem.secret = self.secret || self.with_secrets.contains(&self.path);
        self.reports.push(at, problem);
    }

    /// Reports any other problem with a value; path and place are filled in.
    pub fn problem(&mut self, node: &Node<'_>, severity: Severity, message: impl Into<String>) {
        let problem = Problem { severity, ..Problem::error(code::CONSTRAINT, message) };
        self.report(node.origin, problem);
    }

    fn report(&mut self, origin: Origin, mut problem: Problem) {
        problem.path.clone_from(&self.path);
        problem.secret = self.secret;
        if self.secret {
            self.reports.hide(origin);
        }
        self.reports.push(origin, problem);
    }

    /// How a message names the value at hand.
    fn subject(&self) -> String {
        match self.path.as_str() {
            "" => "the configuration".to_owned(),
            path => format!("`{path}`"),
        }
    }
}
