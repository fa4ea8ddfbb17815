//! [`Failures`]: what a rule of the program's own says, and how it reaches the other problems.
//!
//! A rule is a function; the derive macro names it with `validate`, `before` and `after`.

use crate::context::Context;
use crate::plain::Plain;
use crate::problem::{Problem, Severity, code};
use crate::tree::{Entry, Node, Origin, Value};

/// What a rule found wrong: one sentence or several, each of the value at hand or of one within.
///
/// A text is one failure of the value at hand:
///
/// ```
/// use pipewright_config::{Failures, Source, load};
///
/// #[derive(pipewright_macros::Config)]
/// #[config(crate = "pipewright_config", validate = in_order)]
/// struct Scaling {
///     min: u32,
///     max: u32,
///     #[config(validate = even)]
///     step: u32,
/// }
///
/// fn in_order(scaling: &Scaling) -> Result<(), Failures> {
///     let mut failures = Failures::default();
///     if scaling.min > scaling.max {
///         failures.at("min", format!("must be at most `max`, {}", scaling.max));
///     }
///     failures.finish()
/// }
///
/// fn even(step: &u32) -> Result<(), String> {
///     if step % 2 == 0 { Ok(()) } else { Err("must be even".to_owned()) }
/// }
///
/// let sources = [Source::new("a.toml", "min = 3\nmax = 2\nstep = 2")];
/// let problems = load::<Scaling>(&sources, None, &[]).err().unwrap();
/// assert_eq!(problems.to_string(), "error: `min` must be at most `max`, 2\n  at a.toml:1:7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failures(Vec<Failure>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    path: String,
    message: String,
}

impl Failures {
    /// Adds a failure of the value at hand, in words that follow its name, as `must be even`.
    pub fn add(&mut self, message: impl Into<String>) {
        self.at("", message);
    }

    /// Adds a failure of a value within, by its path as the configuration has it: `channels[2].name`.
    pub fn at(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Failure { path: path.into(), message: message.into() });
    }

    /// What the rule returns.
    ///
    /// # Errors
    /// When anything was added.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<String> for Failures {
    fn from(message: String) -> Self {
        let mut failures = Self::default();
        failures.add(message);
        failures
    }
}

impl From<&str> for Failures {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

/// Reports what a rule said about a node; `None` when it failed.
#[doc(hidden)]
pub fn judge<T, F: Into<Failures>>(
    verdict: Result<T, F>,
    node: &Node<'_>,
    cx: &mut Context<'_>,
) -> Option<T> {
    let failures: Failures = match verdict {
        Ok(value) => return Some(value),
        Err(failures) => failures.into(),
    };
    for Failure { path, message } in failures.0 {
        let mut full = cx.path().to_owned();
        let (origin, value) = find(node, &path);
        if !path.is_empty() {
            if !full.is_empty() && !path.starts_with('[') {
                full.push('.');
            }
            full.push_str(&path);
        }
        let subject = if full.is_empty() { "the configuration".to_owned() } else { format!("`{full}`") };
        // Whether a value within is a secret is not known here.
        let value = value.filter(|_| path.is_empty());
        let shown = value.filter(|node| !matches!(node.value, Value::Table(_) | Value::List(_)));
        let shown = shown.map(|node| cx.shown(node));
        let found = shown.as_ref().map(|shown| format!(" (found {shown})")).unwrap_or_default();
        let mut problem = Problem::error(code::RULE, format!("{subject} {message}{found}"));
        problem.value = shown;
        problem.path = full;
        cx.push(origin.unwrap_or(node.origin), problem);
    }
    None
}

/// The value at a path below a node, if it is written there, and its place.
fn find<'n>(node: &'n Node<'n>, path: &str) -> (Option<Origin>, Option<&'n Node<'n>>) {
    let mut at = node;
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let next = if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']').unwrap_or((inner, ""));
            rest = after;
            match (&at.value, index.parse::<usize>()) {
                (Value::List(items), Ok(index)) => items.get(index),
                _ => None,
            }
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            rest = after;
            match &at.value {
                Value::Table(table) => table.get(key).map(|Entry { node, .. }| node),
                _ => None,
            }
        };
        match next {
            Some(next) => at = next,
            None => return (Some(at.origin), None),
        }
    }
    (Some(at.origin), Some(at))
}

/// What normalises a value before it is decoded.
pub type Before = fn(Plain) -> Result<Plain, Failures>;

/// Reports a key that goes out of use.
pub(crate) fn deprecated(instead: &str, key: Origin, cx: &mut Context<'_>) {
    let message = format!("`{}` is deprecated", cx.path());
    let mut problem = Problem { severity: Severity::Warning, ..Problem::error(code::DEPRECATED, message) };
    problem.help = (!instead.is_empty()).then(|| instead.to_owned());
    cx.path().clone_into(&mut problem.path);
    cx.push(key, problem);
}
