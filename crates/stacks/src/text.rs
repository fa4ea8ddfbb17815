//! A template's text, so that it goes into a request where that can be.

use pipewright_cloudformation::{BODY_LIMIT, Template};
use serde_json::Value;

/// With line breaks where it fits into a request so; without white space where it fits only so; otherwise it has to go
/// through S3, with line breaks.
pub(crate) fn fitting(template: &Template) -> String {
    let text = template.text();
    if text.len() <= BODY_LIMIT {
        return text;
    }
    let compact = compact(&text);
    if compact.len() <= BODY_LIMIT { compact } else { text }
}

/// The text without white space.
pub(crate) fn compact(text: &str) -> String {
    // What was just written can be read again.
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |template| format!("{template}\n"))
}
