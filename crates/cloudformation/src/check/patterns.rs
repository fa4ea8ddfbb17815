//! Regular expressions, compiled once for each check.

use std::collections::BTreeMap;

use regex_lite::Regex;

/// The expressions met so far. One that can't be compiled matches everything: the generator leaves those out.
#[derive(Default)]
pub(super) struct Patterns {
    compiled: BTreeMap<&'static str, Option<Regex>>,
}

impl Patterns {
    /// Whether the expression matches somewhere in the text.
    pub(super) fn matches(&mut self, pattern: &'static str, text: &str) -> bool {
        let compiled = self.compiled.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}
