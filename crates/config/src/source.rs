//! What a configuration is read from: [`Source`] texts and [`Override`]s, and the way back from a byte to
//! a line.
//!
//! Nothing here opens a file: the program reads its files and names them as its users know them.

use std::sync::OnceLock;

use crate::problem::Place;
use crate::tree::Origin;

/// The longest source or override that is read, in bytes: 64 MiB.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// A text in TOML, and the name under which its problems are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name its user knows it by, usually the path: `pipelines/example/config.toml`.
    pub name: String,
    /// The text, up to [`MAX_SOURCE_BYTES`] long.
    pub text: String,
}

impl Source {
    /// A source with this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// One value given on the command line, `--set KEY=VALUE`; it wins over every source.
///
/// The key is a path in TOML's own spelling: `training.epochs`, `tags."cost centre"`. The value is a TOML
/// value where it parses as one (`3`, `true`, `"3"`, `[1, 2]`, `{ a = 1 }`) and otherwise text, so that
/// `--set greeting=hello` needs no quotes inside quotes. Where the field is text, a bare `3` or `true` is
/// the text `3` or `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The key path.
    pub key: String,
    /// The value's text.
    pub value: String,
}

impl Override {
    /// An override of this key by this value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// All inputs of one reading, to which an [`Origin`] points.
pub(crate) struct Inputs<'s> {
    pub(crate) sources: &'s [Source],
    pub(crate) overrides: &'s [Override],
    /// For each source, where its lines start; found when a first problem or leaf asks.
    lines: Vec<OnceLock<Vec<usize>>>,
    /// For each source that is not well-formed, its text without the lines that can't be read.
    repaired: Vec<OnceLock<String>>,
}

impl<'s> Inputs<'s> {
    pub(crate) fn new(sources: &'s [Source], overrides: &'s [Override]) -> Self {
        let lines = sources.iter().map(|_| OnceLock::new()).collect();
        let repaired = sources.iter().map(|_| OnceLock::new()).collect();
        Self { sources, overrides, lines, repaired }
    }

    /// Keeps the text that is read instead of a source that is not well-formed; the first one stays.
    pub(crate) fn keep_repaired(&self, source: usize, text: String) -> &str {
        self.repaired[source].get_or_init(|| text)
    }

    /// The line that holds a byte of a source, counted from 0.
    pub(crate) fn line(&self, source: usize, byte: usize) -> usize {
        let starts = self.lines[source].get_or_init(|| {
            let newlines = self.sources[source].text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(newlines.map(|(i, _)| i + 1)).collect()
        });
        starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    fn line_and_column(&self, source: usize, byte: usize) -> (usize, usize) {
        let line = self.line(source, byte);
        let start = self.lines[source].get().map_or(0, |starts| starts[line]);
        let before = self.sources[source].text.get(start..byte).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// What an origin looks like from outside; `None` for a default.
    pub(crate) fn place(&self, origin: Origin) -> Option<Place> {
        match origin {
            Origin::Default => None,
            Origin::File { source, start, end } => {
                let (source, start, end) = (source as usize, start as usize, end as usize);
                let (line, column) = self.line_and_column(source, start);
                let source = self.sources[source].name.clone();
                Some(Place::File { source, start, end, line, column })
            }
            Origin::Override { index, start, end } => {
                let Override { key, value } = self.overrides[index as usize].clone();
                Some(Place::Override { key, value, start: start as usize, end: end as usize })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, byte: usize, expected: (usize, usize)) {
        let sources = [Source::new("a.toml", text)];
        assert_eq!(Inputs::new(&sources, &[]).line_and_column(0, byte), expected);
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        check("", 0, (1, 1));
        check("a = 1\nb = 2\n", 0, (1, 1));
        check("a = 1\nb = 2\n", 4, (1, 5));
        check("a = 1\nb = 2\n", 6, (2, 1));
        check("a = 1\nb = 2\n", 12, (3, 1));
        check("é = 1", 5, (1, 5));
    }
}
