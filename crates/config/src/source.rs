//! What a configuration is read from: [`Source`] texts and [`Override`]s, and the way back from a byte to
//! a line.
//!
//! Nothing here opens a file: the program reads its files and names them as its users know them.

use std::sync::OnceLock;

use crate::problem::Place;
use crate::tree::Origin;

/// The longest source or override that is read, in bytes: 64 MiB.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// What a source's text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// TOML 1.1.
    Toml,
    /// JSON (RFC 8259). An entry that is `null` counts as absent.
    Json,
    /// YAML 1.2 with its core schema: one document, whose tables have plain keys. An entry that is `null` counts
    /// as absent.
    Yaml,
}

impl Format {
    /// That of a file with this name: by its ending `.json`, `.yaml` or `.yml`, and TOML otherwise.
    pub fn of(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("json") => Self::Json,
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Toml,
        }
    }
}

/// A text, what it is written in, and the name under which its problems are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name its user knows it by, usually the path: `pipelines/example/config.toml`.
    pub name: String,
    /// The text, up to [`MAX_SOURCE_BYTES`] long.
    pub text: String,
    /// What the text is written in.
    pub format: Format,
    /// The only table of the text that counts, where not all of it does: see [`shared`](Self::shared).
    pub part: Option<String>,
}

impl Source {
    /// A source with this name and text; its format follows from the name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let name = name.into();
        Self { format: Format::of(&name), name, text: text.into(), part: None }
    }

    /// The same text, written in this.
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// Values that several configurations have in common: the table `part` of the text, and over it
    /// `[env.NAME.part]`. What else the text holds is passed over.
    ///
    /// A configuration takes those keys that it has. The others are no problem, since another configuration may
    /// have them: they are listed in [`Loaded::unused`](crate::Loaded::unused), so that a program which reads all
    /// configurations can tell which keys nobody has.
    pub fn shared(name: impl Into<String>, text: impl Into<String>, part: impl Into<String>) -> Self {
        Self { part: Some(part.into()), ..Self::new(name, text) }
    }
}

/// One value given by itself: on the command line, `--set KEY=VALUE`, or in an environment variable. Overrides
/// win over every source, and later ones over earlier ones.
///
/// The key is a path in TOML's own spelling: `training.epochs`, `tags."cost centre"`. The value is a TOML
/// value where it parses as one (`3`, `true`, `"3"`, `[1, 2]`, `{ a = 1 }`), a JSON object or list where it parses
/// as that, and otherwise text, so that `--set greeting=hello` needs no quotes inside quotes. Where the field is
/// text, a bare `3` or `true` is the text `3` or `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The key path; for a variable the parts of its name, two underscores between them.
    pub key: String,
    /// The value's text.
    pub value: String,
    /// The variable's whole name, where the value comes from one.
    pub variable: Option<String>,
}

impl Override {
    /// An override of this key by this value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into(), variable: None }
    }

    /// The override by an environment variable; `None` when its name does not begin with the prefix, which
    /// ends in two underscores.
    ///
    /// What follows the prefix is a key in capitals, with two underscores where the path has a dot:
    /// `APP__TRAINING__MAX_RUNTIME` with the prefix `APP__` is `training.max_runtime`. A key of the configuration
    /// is meant whatever its case, with or without underscores and hyphens: `MAX_RUNTIME` is also `maxRuntime`.
    ///
    /// ```
    /// use pipewright_config::Override;
    /// assert!(Override::variable("APP__", "APP__TRAINING__EPOCHS", "3").is_some());
    /// assert!(Override::variable("APP__", "APPLE", "3").is_none());
    /// ```
    pub fn variable(prefix: &str, name: &str, value: impl Into<String>) -> Option<Self> {
        let key = name.strip_prefix(prefix).filter(|key| !key.is_empty())?;
        Some(Self { key: key.to_owned(), value: value.into(), variable: Some(name.to_owned()) })
    }
}

/// All inputs of one reading, to which an [`Origin`] points.
#[derive(Clone)]
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

    /// The place of a piece of what stands at an origin, from this byte on, where it stands there as it is.
    pub(crate) fn find(&self, origin: Origin, from: usize, piece: &str) -> Origin {
        let within = |text: &str, start: u32, end: u32| {
            let at = from + text.get(start as usize + from..end as usize)?.find(piece)?;
            let first = start.checked_add(u32::try_from(at).ok()?)?;
            Some((first, first.checked_add(u32::try_from(piece.len()).ok()?)?))
        };
        let found = match origin {
            Origin::File { source, start, end } => within(&self.sources[source as usize].text, start, end)
                .map(|(start, end)| Origin::File { source, start, end }),
            Origin::Override { index, start, end } => {
                within(&self.overrides[index as usize].value, start, end)
                    .map(|(start, end)| Origin::Override { index, start, end })
            }
            Origin::OverrideKey { .. } | Origin::Default => None,
        };
        found.unwrap_or(origin)
    }

    /// Whether a text holds what may be a placeholder.
    pub(crate) fn have_placeholders(&self) -> bool {
        self.sources.iter().any(|source| may_have_placeholders(&source.text))
            || self.overrides.iter().any(|given| may_have_placeholders(&given.value))
    }

    /// Whether an origin is in a source of shared values.
    pub(crate) fn is_shared(&self, origin: Origin) -> bool {
        let Origin::File { source, .. } = origin else { return false };
        self.sources.get(source as usize).is_some_and(|source| source.part.is_some())
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
                let (start, end) = (start as usize, end as usize);
                Some(match self.overrides[index as usize].clone() {
                    Override { key, value, variable: None } => {
                        let start = key.len() + 1 + start;
                        let end = key.len() + 1 + end;
                        Place::Override { key, value, start, end }
                    }
                    Override { value, variable: Some(name), .. } => {
                        let start = name.len() + 1 + start;
                        let end = name.len() + 1 + end;
                        Place::Variable { name, value, start, end }
                    }
                })
            }
            Origin::OverrideKey { index, start, end } => {
                let (start, end) = (start as usize, end as usize);
                Some(match self.overrides[index as usize].clone() {
                    Override { key, value, variable: None } => Place::Override { key, value, start, end },
                    Override { key, value, variable: Some(name) } => {
                        let prefix = name.len() - key.len().min(name.len());
                        Place::Variable { name, value, start: prefix + start, end: prefix + end }
                    }
                })
            }
        }
    }
}

/// A `$` alone decides: a format's escapes can hide the brace.
fn may_have_placeholders(text: &str) -> bool {
    text.contains(['$']) || text.contains("\\u") || text.contains("\\x") || text.contains("\\U")
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
