//! Printing: data to standard output, words to standard error. A closed pipe is no failure.

use std::io::Write as _;

use pipewright_deploy::error::Error;
use pipewright_deploy::show::diagnose::{diagnose, diagnose_json};
use pipewright_terminal::canvas::{ink, size};
use serde_json::{Value, json};

/// Prints data.
pub(super) fn data(value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    line(&text);
}

/// Prints a line of data.
pub(super) fn line(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Says something.
pub(super) fn say(text: &str) {
    if !text.is_empty() {
        let mut out = anstream::stderr().lock();
        let _ = writeln!(out, "{}", text.trim_end_matches('\n'));
    }
}

/// Says what went wrong, and prints it as data where that is asked for.
pub(super) fn failure(error: &Error, as_json: bool) {
    if as_json {
        data(&json!({ "error": diagnose_json(error) }));
    }
    say(&diagnose(error, size().0, ink()));
}
