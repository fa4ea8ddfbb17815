//! A step's request, held against SageMaker's shapes.

use std::collections::{HashMap, HashSet};

use crate::check::place::Place;
use crate::check::{bounds, length, shortened, shown};
use crate::expr::Expression;
use crate::node::{Node, Object};
use crate::parameter::{Literal, ParameterDecl};
use crate::problem::Problem;
use crate::resolver::Resolver;
use crate::shape::{Kind, Pattern, Range, Rule, Shape};

/// A walk along a request and its shape.
pub(crate) struct Walk<'a, 'r> {
    resolver: &'a Resolver<'r>,
    problems: &'a mut Vec<Problem>,
    matched: &'a mut Matched,
}

/// Texts that are known to match a pattern: in a large pipeline most come again and again.
#[derive(Default)]
pub(crate) struct Matched(HashMap<&'static str, HashSet<String>>);

impl Matched {
    fn matches(&mut self, pattern: &Pattern, text: &str) -> bool {
        let known = self.0.entry(pattern.source).or_default();
        if known.contains(text) {
            return true;
        }
        // A pattern that can't be compiled, which the tests of the tables rule out, refuses nothing.
        let matches = pattern.matches(text).unwrap_or(true);
        if matches {
            known.insert(text.to_owned());
        }
        matches
    }
}

impl<'a, 'r> Walk<'a, 'r> {
    pub(crate) fn new(
        resolver: &'a Resolver<'r>,
        problems: &'a mut Vec<Problem>,
        matched: &'a mut Matched,
    ) -> Self {
        Self { resolver, problems, matched }
    }

    fn report(
        &mut self,
        code: &'static str,
        at: &Place<'_>,
        message: String,
        value: String,
        limit: String,
    ) -> &mut Problem {
        self.problems.push(Problem::error(code, at.to_string(), message).value(value).limit(limit));
        // Just pushed.
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// Free JSON: only what can't be written at all is wrong.
    pub(crate) fn node(&mut self, node: &Node, at: &Place<'_>) {
        match node {
            Node::Invalid(invalid) => {
                let value = shortened(&invalid.value);
                let message = format!("{value} is not allowed here: {}", invalid.limit);
                self.report("limit/value", at, message, value, invalid.limit.clone())
                    .help
                    .clone_from(&invalid.help);
            }
            Node::Float(f) if !f.is_finite() => {
                let limit = "a finite number".to_owned();
                self.report(
                    "limit/number",
                    at,
                    format!("{f} can't be written as JSON"),
                    f.to_string(),
                    limit,
                );
            }
            Node::List(list) => {
                for (index, item) in list.iter().enumerate() {
                    self.node(item, &at.index(index));
                }
            }
            Node::Object(object) => self.object(object, at),
            Node::Expr(Expression::Join(pieces)) => pieces.iter().for_each(|piece| self.node(piece, at)),
            _ => {}
        }
    }

    pub(crate) fn object(&mut self, object: &Object, at: &Place<'_>) {
        for (name, node) in object.iter() {
            if matches!(
                node,
                Node::List(_) | Node::Object(_) | Node::Invalid(_) | Node::Float(_) | Node::Expr(_)
            ) {
                self.node(node, &at.name(name));
            }
        }
    }

    /// A structure: known members, required ones, and rules over several.
    pub(crate) fn structure(&mut self, object: &Object, shape: &'static Shape, at: &Place<'_>) {
        let Kind::Structure { members, rules } = &shape.kind else {
            return self.object(object, at);
        };
        for (name, node) in object.iter() {
            match members.iter().find(|m| m.name == name) {
                Some(member) => self.shaped(node, member.shape, &at.name(name)),
                None => self.unknown_member(shape, name, at),
            }
        }
        for member in members.iter().filter(|m| m.required && object.get(m.name).is_none()) {
            let message = format!("{} needs {}", shape.name, member.name);
            self.report(
                "graph/missing",
                &at.name(member.name),
                message,
                "(missing)".to_owned(),
                "required".to_owned(),
            );
        }
        for rule in *rules {
            let (names, exact) = match rule {
                Rule::ExactlyOne(names) => (*names, true),
                Rule::AtMostOne(names) => (*names, false),
            };
            let given: Vec<&str> = names.iter().copied().filter(|n| object.get(n).is_some()).collect();
            if given.len() > 1 || (exact && given.is_empty()) {
                let limit =
                    format!("{} of {}", if exact { "exactly one" } else { "at most one" }, names.join(", "));
                let value = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
                self.report("graph/either-or", at, format!("{} takes {limit}", shape.name), value, limit);
            }
        }
    }

    fn unknown_member(&mut self, shape: &'static Shape, name: &str, at: &Place<'_>) {
        let known: Vec<&str> = match &shape.kind {
            Kind::Structure { members, .. } => members.iter().map(|m| m.name).collect(),
            _ => Vec::new(),
        };
        let nearest = known
            .iter()
            .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
        let help = nearest.map(|n| format!("did you mean {n}? {} has: {}", shape.name, known.join(", ")));
        let message = format!("{} has no member {name}", shape.name);
        self.report(
            "graph/unknown-member",
            &at.name(name),
            message,
            name.to_owned(),
            shape.name.to_owned(),
        )
        .help = help;
    }

    /// Any node against any shape. The at is made only where it is needed.
    fn shaped(&mut self, node: &Node, shape: &'static Shape, at: &Place<'_>) {
        match (node, &shape.kind) {
            (Node::Invalid(_), _) | (_, Kind::Any) => self.node(node, at),
            (Node::Expr(expression), kind) => self.expression(node, expression, shape, kind, at),
            (Node::Object(object), Kind::Structure { .. }) => self.structure(object, shape, at),
            (Node::List(list), Kind::List { item, size }) => {
                self.size(list.len(), *size, "items", shape, at);
                for (index, node) in list.iter().enumerate() {
                    self.shaped(node, item, &at.index(index));
                }
            }
            (Node::Object(object), Kind::Map { key, value, size }) => {
                self.size(object.len(), *size, "entries", shape, at);
                for (name, node) in object.iter() {
                    if let Kind::String { length, pattern, .. } = &key.kind {
                        self.text(name, *length, *pattern, &[], key, &at.key(name));
                    }
                    self.shaped(node, value, &at.name(name));
                }
            }
            (Node::Str(text), Kind::String { length, pattern, values }) => {
                self.text(text, *length, *pattern, values, shape, at);
            }
            (Node::Vouched(text), Kind::String { length, .. }) => {
                self.text(text, *length, None, &[], shape, at);
            }
            (Node::Int(i), Kind::Integer(range) | Kind::Float(range)) => self.number(*i, *range, shape, at),
            (Node::Float(f), Kind::Float(range)) => self.float(*f, *range, shape, at),
            (Node::Bool(_), Kind::Boolean)
            | (Node::Str(_) | Node::Int(_) | Node::Float(_), Kind::Timestamp) => {}
            (node, kind) => {
                let (found, wanted) = (shown(node), kind_name(kind));
                let message = format!("{} is {wanted}, not {found}", shape.name);
                self.report("graph/type", at, message, found, wanted.to_owned());
            }
        }
    }

    /// What is known of an expression: a parameter's values, and how long a text can be.
    fn expression(
        &mut self,
        node: &Node,
        expression: &Expression,
        shape: &'static Shape,
        kind: &'static Kind,
        at: &Place<'_>,
    ) {
        self.node(node, at);
        match (expression, kind) {
            (Expression::Parameter(decl), Kind::String { length, pattern, values }) => {
                for value in bounds::known_values(decl) {
                    let place = at.parameter(&decl.name);
                    self.text(value, *length, *pattern, values, shape, &place);
                }
                if decl.choices.is_empty() && decl.max_length.is_some() {
                    self.known_length(node, *length, shape, at);
                }
            }
            (Expression::Parameter(decl), Kind::Integer(range) | Kind::Float(range)) => {
                self.default_in_range(decl, *range, shape, at);
            }
            (_, Kind::String { length, pattern, values }) => match self.resolver.literal(node) {
                Some(text) => self.text(&text, *length, *pattern, values, shape, at),
                None => self.known_length(node, *length, shape, at),
            },
            _ => {}
        }
    }

    fn default_in_range(&mut self, decl: &ParameterDecl, range: Range, shape: &Shape, at: &Place<'_>) {
        let place = at.parameter(&decl.name);
        match decl.default {
            Some(Literal::Integer(i)) => self.number(i, range, shape, &place),
            Some(Literal::Float(f)) => self.float(f, range, shape, &place),
            _ => {}
        }
    }

    /// A text of which only parts are known can still be known to be too long.
    fn known_length(&mut self, node: &Node, range: Range, shape: &Shape, at: &Place<'_>) {
        let Some(most) = range.max.and_then(|max| usize::try_from(max).ok()) else {
            return;
        };
        let bounds = length(node, self.resolver);
        if bounds.min > most {
            let value = format!("at least {} characters", bounds.min);
            let message = format!("{value} are more than {} takes", shape.name);
            self.report("limit/length", at, message, value, range.words("characters"));
        } else if let Some(max) = bounds.max.filter(|max| *max > most) {
            let value = format!("up to {max} characters");
            let message = format!("{value} can be more than {} takes", shape.name);
            self.report("limit/length", at, message, value, range.words("characters")).help =
                Some("bound the parameters in it: `#[parameter(max_length = …)]` or `choices`".to_owned());
        }
    }

    fn size(&mut self, len: usize, size: Range, unit: &str, shape: &Shape, at: &Place<'_>) {
        if !size.contains(i64::try_from(len).unwrap_or(i64::MAX)) {
            let limit = size.words(unit);
            let message = format!("{} takes {limit}, not {len}", shape.name);
            self.report("limit/count", at, message, format!("{len} {unit}"), limit);
        }
    }

    fn text(
        &mut self,
        text: &str,
        length: Range,
        pattern: Option<&'static Pattern>,
        values: &[&str],
        shape: &Shape,
        at: &Place<'_>,
    ) {
        // Bytes bound characters from above: most texts need no counting.
        if length != Range::ANY {
            let chars = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            if !length.contains(chars) {
                let limit = length.words("characters");
                let message = format!("{} takes {limit}, not {chars}", shape.name);
                self.report("limit/length", at, message, shortened(text), limit);
            }
        }
        if !values.is_empty() && !values.contains(&text) {
            let limit = format!("one of {}", values.join(", "));
            let message = format!("{} is no known {}", shortened(text), shape.name);
            self.report("limit/value", at, message, shortened(text), limit);
        }
        if let Some(pattern) = pattern.filter(|p| !self.matched.matches(p, text)) {
            let message = format!("{} does not match what {} looks like", shortened(text), shape.name);
            self.report("limit/pattern", at, message, shortened(text), format!("pattern {}", pattern.source));
        }
    }

    fn number(&mut self, value: i64, range: Range, shape: &Shape, at: &Place<'_>) {
        if !range.contains(value) {
            let limit = range.words("");
            let message = format!("{} takes {limit}, not {value}", shape.name);
            self.report("limit/range", at, message, value.to_string(), limit);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "bounds of the API are small")]
    fn float(&mut self, value: f64, range: Range, shape: &Shape, at: &Place<'_>) {
        if !value.is_finite() {
            self.node(&Node::Float(value), at);
        } else if range.min.is_some_and(|min| value < min as f64)
            || range.max.is_some_and(|max| value > max as f64)
        {
            let limit = range.words("");
            let message = format!("{} takes {limit}, not {value:?}", shape.name);
            self.report("limit/range", at, message, format!("{value:?}"), limit);
        }
    }
}

const fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure { .. } => "an object",
        Kind::List { .. } => "a list",
        Kind::Map { .. } => "a map",
        Kind::String { .. } => "text",
        Kind::Integer(_) => "an integer",
        Kind::Float(_) => "a number",
        Kind::Boolean => "true or false",
        Kind::Timestamp => "a time",
        Kind::Any => "anything",
    }
}
