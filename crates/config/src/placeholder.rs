//! `${…}` in texts: [`Placeholders`] says what each stands for.
//!
//! Nothing here reads an environment variable: the program hands over those that its sources name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::problem::{Problem, code};
use crate::report::Reports;
use crate::tree::{Node, Origin, Table, Value, quote, write_index, write_key};

/// What placeholders in the texts of a configuration stand for.
///
/// `${NAME}` stands for what the program says, `${env:NAME}` for an environment variable, and `$${` for `${` itself.
/// They count in values that are text, not in keys and not in a type's defaults. One that stands for nothing is a
/// problem at its place.
///
/// ```
/// use pipewright_config::{Placeholders, Reading, Source};
/// use pipewright_macros::Config;
///
/// #[derive(Config)]
/// #[config(crate = "pipewright_config")]
/// struct Data {
///     bucket: String,
///     home: String,
/// }
///
/// let text = "bucket = '${prefix}-data-$${x}'\nhome = '${env:HOME}'";
/// let sources = [Source::new("config.toml", text)];
/// let placeholders = Placeholders::new().value("prefix", "dsm").variable("HOME", "/home/me");
/// let data = Reading::new(&sources).placeholders(&placeholders).load::<Data>()?.value;
/// assert_eq!((data.bucket.as_str(), data.home.as_str()), ("dsm-data-${x}", "/home/me"));
///
/// let placeholders = Placeholders::new().absent("prefix", "give the environment a prefix");
/// let problems = Reading::new(&sources).placeholders(&placeholders).load::<Data>().err().unwrap();
/// let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
/// assert_eq!(messages, ["`${prefix}` has no value", "`${env:HOME}` has no value: the variable is not set"]);
/// # Ok::<(), pipewright_config::Problems>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    /// Values, or what to do about their absence.
    names: BTreeMap<String, Result<String, String>>,
    variables: BTreeMap<String, String>,
}

impl Placeholders {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// `${NAME}` stands for this.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.names.insert(name.into(), Ok(value.into()));
        self
    }

    /// `${NAME}` could stand for something, and does not; the text says what to do about it.
    #[must_use]
    pub fn absent(mut self, name: impl Into<String>, help: impl Into<String>) -> Self {
        self.names.insert(name.into(), Err(help.into()));
        self
    }

    /// `${env:NAME}` stands for this.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// What a placeholder stands for.
    fn get(&self, name: &str) -> Result<&str, Failure> {
        if let Some(variable) = name.strip_prefix(VARIABLE) {
            let failure = || Failure {
                message: format!("`${{{name}}}` has no value: the variable is not set"),
                help: format!("set {variable}, or write $${{ for a plain ${{"),
            };
            return self.variables.get(variable).map(String::as_str).ok_or_else(failure);
        }
        match self.names.get(name) {
            Some(Ok(value)) => Ok(value),
            Some(Err(help)) => {
                Err(Failure { message: format!("`${{{name}}}` has no value"), help: help.clone() })
            }
            None => {
                let known = self.names.keys().map(|name| format!("${{{name}}}"));
                let known: Vec<_> = known.chain([format!("${{{VARIABLE}NAME}}")]).collect();
                Err(Failure {
                    message: format!("{} is no placeholder", quote(&format!("${{{name}}}"))),
                    help: format!("known: {}; write $${{ for a plain ${{", known.join(", ")),
                })
            }
        }
    }
}

/// What the name of a placeholder begins with that stands for an environment variable.
const VARIABLE: &str = "env:";

struct Failure {
    message: String,
    help: String,
}

/// The names of the environment variables that a text's placeholders name, so that a program reads no others.
///
/// ```
/// let names = pipewright_config::named_variables("a = '${env:HOME}/${prefix}$${env:NOT}'");
/// assert_eq!(names.into_iter().collect::<Vec<_>>(), ["HOME"]);
/// ```
pub fn named_variables(text: &str) -> BTreeSet<String> {
    let names = pieces(text).filter_map(|piece| match piece {
        Piece::Placeholder { name, .. } => name.strip_prefix(VARIABLE).map(str::to_owned),
        _ => None,
    });
    names.collect()
}

enum Piece<'t> {
    Text(&'t str),
    Placeholder {
        name: &'t str,
        range: Range<usize>,
    },
    /// `${` without an end.
    Open(Range<usize>),
}

/// A text cut at its placeholders.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        if rest.starts_with("$${") {
            at += 3;
            return Some(Piece::Text(&rest[1..3]));
        }
        if let Some(after) = rest.strip_prefix("${") {
            // A name reaches to the brace, and not over a line.
            let end = after.find(['}', '\n']).filter(|end| after[*end..].starts_with('}'));
            return Some(if let Some(end) = end {
                at += 2 + end + 1;
                Piece::Placeholder { name: &after[..end], range: start..at }
            } else {
                at += 2;
                Piece::Open(start..at)
            });
        }
        let next = |from: usize| rest[from..].find('$').map(|found| from + found);
        let mut end = next(usize::from(rest.starts_with('$')));
        while let Some(dollar) = end
            && !rest[dollar..].starts_with("${")
            && !rest[dollar..].starts_with("$${")
        {
            end = next(dollar + 1);
        }
        let end = end.unwrap_or(rest.len());
        at += end;
        Some(Piece::Text(&rest[..end]))
    })
}

/// Puts the values of placeholders into all texts of a table.
pub(crate) fn fill(table: &mut Table<'_>, placeholders: &Placeholders, reports: &mut Reports<'_>) {
    fill_table(table, placeholders, &mut String::new(), reports);
}

fn fill_table(
    table: &mut Table<'_>,
    placeholders: &Placeholders,
    path: &mut String,
    reports: &mut Reports<'_>,
) {
    let length = path.len();
    for (key, node) in table.nodes_mut() {
        if length > 0 {
            path.push('.');
        }
        write_key(key, path);
        fill_node(node, placeholders, path, reports);
        path.truncate(length);
    }
}

fn fill_node(node: &mut Node<'_>, placeholders: &Placeholders, path: &mut String, reports: &mut Reports<'_>) {
    match &mut node.value {
        Value::Text(text) if text.contains("${") => {
            if let Some(filled) = filled(text, node.origin, placeholders, path, reports) {
                *text = filled.into();
            }
        }
        Value::List(items) => {
            let length = path.len();
            for (index, item) in items.iter_mut().enumerate() {
                write_index(index, path);
                fill_node(item, placeholders, path, reports);
                path.truncate(length);
            }
        }
        Value::Table(table) => fill_table(table, placeholders, path, reports),
        _ => {}
    }
}

/// The text with values for placeholders; `None` when one has none, which is reported.
fn filled(
    text: &str,
    origin: Origin,
    placeholders: &Placeholders,
    path: &str,
    reports: &mut Reports<'_>,
) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut whole = true;
    for piece in pieces(text) {
        let (failure, range) = match piece {
            Piece::Text(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Placeholder { name, range } => match placeholders.get(name) {
                Ok(value) => {
                    out.push_str(value);
                    continue;
                }
                Err(failure) => (failure, range),
            },
            Piece::Open(range) => {
                let help = "close it with }, or write $${ for a plain ${".to_owned();
                (Failure { message: "`${` is not closed".to_owned(), help }, range)
            }
        };
        whole = false;
        let mut problem = Problem::error(code::PLACEHOLDER, failure.message);
        path.clone_into(&mut problem.path);
        problem.value = Some(quote(&text[range.clone()]));
        problem.help = Some(failure.help);
        reports.push_failed(origin, range.start, &text[range], problem);
    }
    whole.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let placeholders = Placeholders::new().value("a", "1").value("b", "${a}").variable("V", "v");
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Placeholder { name, range } => {
                    assert_eq!(&text[range], format!("${{{name}}}"));
                    match placeholders.get(name) {
                        Ok(value) => out.push_str(value),
                        Err(failure) => out.extend(["<", &failure.message, ">"]),
                    }
                }
                Piece::Open(_) => out.push_str("<open>"),
            }
        }
        assert_eq!(out, expected, "{text}");
    }

    #[test]
    fn placeholders_are_found_and_escaped() {
        check("", "");
        check("x", "x");
        check("${a}", "1");
        check("x${a}y${env:V}z", "x1yvz");
        // What a placeholder stands for is not looked through again.
        check("${b}", "${a}");
        check("$${a}", "${a}");
        check("$$${a}", "$${a}");
        check("$", "$");
        check("$$", "$$");
        check("a$b$", "a$b$");
        check("é$é${a}é", "é$é1é");
        check("${", "<open>");
        check("${a", "<open>a");
        check("${a\n}", "<open>a\n}");
        check("${}", "<\"${}\" is no placeholder>");
        check("${env:W}", "<`${env:W}` has no value: the variable is not set>");
    }
}
