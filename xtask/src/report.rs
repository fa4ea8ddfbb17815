//! What is wrong, rendered: for people with the text and a caret under the place, or as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anyhow::Result;
use pipewright_model::Severity;
use pipewright_model::protocol::{Diagnostic, Place};
use serde::Serialize;
use serde_json::{Value, json};

/// The texts that places are in, by name.
pub(crate) type Texts = BTreeMap<String, String>;

/// One thing that is wrong, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    krate: Option<String>,
    pipeline: Option<String>,
    diagnostic: Diagnostic,
}

impl Report {
    /// An error without a place.
    pub(crate) fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Diagnostic {
            severity: Severity::Error,
            code: code.to_owned(),
            message: message.into(),
            place: None,
            path: String::new(),
            value: None,
            limit: None,
            help: None,
        })
    }

    pub(crate) fn new(diagnostic: Diagnostic) -> Self {
        Self { krate: None, pipeline: None, diagnostic }
    }

    pub(crate) fn of_crate(mut self, name: &str) -> Self {
        self.krate = Some(name.to_owned());
        self
    }

    pub(crate) fn of_pipeline(mut self, name: &str) -> Self {
        self.pipeline = Some(name.to_owned());
        self
    }

    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.diagnostic.value = Some(value.into());
        self
    }

    pub(crate) fn limit(mut self, limit: impl Into<String>) -> Self {
        self.diagnostic.limit = Some(limit.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.diagnostic.help = Some(help.into());
        self
    }

    pub(crate) fn place(mut self, place: Option<Place>) -> Self {
        self.diagnostic.place = place;
        self
    }

    /// The same as a warning.
    pub(crate) fn warning(mut self) -> Self {
        self.diagnostic.severity = Severity::Warning;
        self
    }

    pub(crate) fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    /// Whether this is an error of the pipeline of this name.
    pub(crate) fn is_error_of(&self, pipeline: &str) -> bool {
        self.is_error() && self.pipeline.as_deref() == Some(pipeline)
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.diagnostic.message
    }

    fn json(&self, texts: &Texts) -> Value {
        let Diagnostic { severity, code, message, place, path, value, limit, help } = &self.diagnostic;
        let place = place.as_ref().map(|place| {
            let at = located(place, texts).map(|(text, start, _)| line_and_column(text, start));
            let Place { source, start, end } = place;
            json!({"source": source, "start": start, "end": end, "line": at.map(|at| at.0), "column": at.map(|at| at.1)})
        });
        json!({
            "severity": severity, "code": code, "message": message, "crate": self.krate, "pipeline": self.pipeline,
            "place": place, "path": path, "value": value, "limit": limit, "help": help,
        })
    }

    fn render(&self, texts: &Texts, renderer: &Renderer) -> String {
        let Diagnostic { severity, code, message, place, path, value, limit, help } = &self.diagnostic;
        let level = match severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(clean(message)).id(clean(code)));
        let located = place.as_ref().and_then(|place| Some((place, located(place, texts)?)));
        let mut notes = Vec::new();
        if let Some((place, (text, start, end))) = located {
            let mark = AnnotationKind::Primary.span(start..end).label(limit.as_deref().map(clean));
            group = group.element(Snippet::source(text).path(clean(&place.source)).annotation(mark));
        } else {
            // A place says by itself what these say, and shows the value.
            notes.push(("crate", self.krate.as_ref().filter(|_| self.pipeline.is_none())));
            notes.push(("pipeline", self.pipeline.as_ref()));
            notes.push(("at", Some(path)));
            notes.push(("value", value.as_ref()));
            notes.push(("limit", limit.as_ref()));
        }
        notes.push(("help", help.as_ref()));
        for (name, text) in notes {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                group = group.element(Level::NOTE.with_name(name).message(clean(text)));
            }
        }
        renderer.render(&[group])
    }
}

impl From<pipewright_config::Problem> for Report {
    fn from(problem: pipewright_config::Problem) -> Self {
        let pipewright_config::Problem { code, severity, message, place, path, value, limit, help, secret } =
            problem;
        // The line would be shown, and with it the secret.
        let place = place.filter(|_| !secret);
        let severity = match severity {
            pipewright_config::Severity::Error => Severity::Error,
            pipewright_config::Severity::Warning => Severity::Warning,
        };
        let place = place.map(|place| {
            let span = place.span();
            Place { source: place.source().into_owned(), start: span.start, end: span.end }
        });
        Self::new(Diagnostic { severity, code: code.to_owned(), message, place, path, value, limit, help })
    }
}

/// The text of a place and its span there; `None` where the text is not known.
///
/// A program may say anything: the span is moved to where characters begin, and into the text.
fn located<'t>(place: &'t Place, texts: &'t Texts) -> Option<(&'t str, usize, usize)> {
    let text = match texts.get(&place.source) {
        Some(text) => text.as_str(),
        // A value of the command line is its own text, and so is a variable.
        None if place.source.starts_with("--set ") || place.source.contains('=') => place.source.as_str(),
        None => return None,
    };
    let start = floor(text, place.start);
    Some((text, start, floor(text, place.end).max(start)))
}

fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// Counted from 1, columns in characters.
fn line_and_column(text: &str, index: usize) -> (usize, usize) {
    let before = &text[..index];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Without what could drive a terminal.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' && c != '\t' {
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// All reports as JSON.
pub(crate) fn to_json(reports: &[Report], texts: &Texts) -> Value {
    unrepeated(reports).map(|report| report.json(texts)).collect()
}

/// Each only once: two pipelines may read one file and complain of the same place.
fn unrepeated(reports: &[Report]) -> impl Iterator<Item = &Report> {
    let mut seen = BTreeSet::new();
    reports.iter().filter(move |report| {
        let Diagnostic { code, message, place, .. } = &report.diagnostic;
        let place = place.as_ref().map(|place| (&place.source, place.start, place.end));
        place.is_none() || seen.insert((place, code, message))
    })
}

/// All reports for people, with colours.
fn to_text(reports: &[Report], texts: &Texts, renderer: &Renderer) -> String {
    let mut out = String::new();
    for report in unrepeated(reports) {
        out.push_str(&report.render(texts, renderer));
        out.push_str("\n\n");
    }
    out
}

/// Prints all reports to standard error, in colour where that is a terminal.
pub(crate) fn print(reports: &[Report], texts: &Texts) {
    if reports.is_empty() {
        return;
    }
    let text = to_text(reports, texts, &Renderer::styled());
    // There is nobody to tell that standard error is gone.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Prints what went wrong outside of anybody's input.
pub(crate) fn failure(error: &anyhow::Error) {
    print(&[Report::error("failed", format!("{error:#}"))], &Texts::new());
}

/// Prints a line that is not data to standard error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", clean(line));
}

/// Prints a line of data to standard output.
///
/// # Errors
/// When it can't be written, unless the reader has gone: `… | head` is no failure.
pub(crate) fn line(line: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints a value to standard output as indented JSON.
///
/// # Errors
/// As [`line()`].
pub(crate) fn data(value: &impl Serialize) -> Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(place: Option<Place>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: "config/constraint".into(),
            message: "`epochs` must be at most 100, but is 1000".into(),
            place,
            path: "epochs".into(),
            value: Some("1000".into()),
            limit: Some("at most 100".into()),
            help: Some("take fewer".into()),
        }
    }

    fn rendered(report: &Report, texts: &Texts) -> String {
        to_text(std::slice::from_ref(report), texts, &Renderer::plain())
    }

    #[test]
    fn with_a_place_the_text_is_shown() {
        let texts = Texts::from([("p/config.toml".to_owned(), "a = 1\nepochs = 1000\n".to_owned())]);
        let place = Place { source: "p/config.toml".into(), start: 15, end: 19 };
        let report = Report::new(diagnostic(Some(place))).of_pipeline("p");
        assert_eq!(
            rendered(&report, &texts),
            "error[config/constraint]: `epochs` must be at most 100, but is 1000
 --> p/config.toml:2:10
  |
2 | epochs = 1000
  |          ^^^^ at most 100
  |
  = help: take fewer

"
        );
        let json = report.json(&texts);
        assert_eq!((&json["place"]["line"], &json["place"]["column"]), (&json!(2), &json!(10)));
        let place = Place { source: "--set epochs=1000".into(), start: 13, end: 17 };
        assert_eq!(
            rendered(&Report::new(diagnostic(Some(place))), &texts),
            "error[config/constraint]: `epochs` must be at most 100, but is 1000
 --> --set epochs=1000:1:14
  |
1 | --set epochs=1000
  |              ^^^^ at most 100
  |
  = help: take fewer

"
        );
    }

    #[test]
    fn without_a_place_all_is_said() {
        let report = Report::new(diagnostic(None)).of_crate("c").of_pipeline("p");
        assert_eq!(
            rendered(&report, &Texts::new()),
            "error[config/constraint]: `epochs` must be at most 100, but is 1000
 |
 = pipeline: p
 = at: epochs
 = value: 1000
 = limit: at most 100
 = help: take fewer

"
        );
    }

    #[test]
    fn a_place_that_lies_is_no_panic() {
        let texts = Texts::from([("x".to_owned(), "é\n".to_owned()), ("empty".to_owned(), String::new())]);
        for source in ["x", "empty", "unknown", "--set "] {
            for (start, end) in
                [(0, 0), (1, 1), (1, 0), (2, 3), (3, 9), (usize::MAX, usize::MAX), (0, usize::MAX)]
            {
                let place = Place { source: source.into(), start, end };
                let report = Report::new(diagnostic(Some(place)));
                let _ = report.json(&texts);
                assert!(rendered(&report, &texts).contains("at most 100"));
            }
        }
    }

    #[test]
    fn nothing_drives_the_terminal() {
        let report = Report::error("x", "a\x1b[2Jb\r").value("\u{9b}31m\nnext");
        let text = rendered(&report, &Texts::new());
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}
