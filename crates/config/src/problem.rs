//! What can be wrong with a configuration, and where: [`Problem`], [`Problems`], [`Place`].
//!
//! Nothing here decides whether something is wrong, and nothing here prints to a terminal: a program
//! renders the problems as it likes, or takes [`Problems`]' plain `Display`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Whether a problem stops the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// The configuration can be used, and deserves a look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// The stable names that [`Problem::code`] takes, so that a program can tell problems apart.
pub mod code {
    /// A source is not well-formed.
    pub const SYNTAX: &str = "config/syntax";
    /// A source or value is larger or nested deeper than the reader takes.
    pub const SIZE: &str = "config/size";
    /// `env` is not a table of tables.
    pub const ENVIRONMENT: &str = "config/environment";
    /// An override's key is not a key path.
    pub const OVERRIDE: &str = "config/override";
    /// A value is of another type than the field.
    pub const TYPE: &str = "config/type";
    /// A required key is absent.
    pub const MISSING: &str = "config/missing";
    /// A key that no field has.
    pub const UNKNOWN: &str = "config/unknown";
    /// A value of the right type that its field does not allow.
    pub const CONSTRAINT: &str = "config/constraint";
    /// A rule of the program's own that a value breaks.
    pub const RULE: &str = "config/rule";
    /// A key that goes out of use; a warning.
    pub const DEPRECATED: &str = "config/deprecated";
    /// A `${…}` in a text that stands for nothing here.
    pub const PLACEHOLDER: &str = "config/placeholder";
}

/// Where a value, or its absence, was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Place {
    /// A range of bytes in one of the sources.
    File {
        /// The source's name, as given in [`Source::name`](crate::Source::name).
        source: String,
        /// First byte.
        start: usize,
        /// One past the last byte; equal to `start` where something is missing between two bytes.
        end: usize,
        /// Line of `start`, counted from 1.
        line: usize,
        /// Column of `start` in characters, counted from 1.
        column: usize,
    },
    /// An override that was given to the program.
    Override {
        /// The override's key, as given.
        key: String,
        /// The override's value, as given.
        value: String,
        /// First byte, in `KEY=VALUE`.
        start: usize,
        /// One past the last byte, in `KEY=VALUE`.
        end: usize,
    },
    /// An environment variable.
    Variable {
        /// The variable's name.
        name: String,
        /// Its value.
        value: String,
        /// First byte, in `NAME=VALUE`.
        start: usize,
        /// One past the last byte, in `NAME=VALUE`.
        end: usize,
    },
}

impl Place {
    /// The name of the text that [`span`](Self::span) counts in: a source's name, or for an override the
    /// override itself, `--set KEY=VALUE` or `NAME=VALUE` of a variable, which so is its own one-line source.
    ///
    /// ```
    /// use pipewright_config::Place;
    /// let place = Place::Override { key: "epochs".into(), value: "ten".into(), start: 7, end: 10 };
    /// let text = place.source();
    /// assert_eq!(text, "--set epochs=ten");
    /// assert_eq!(&text[place.span()], "ten");
    /// ```
    pub fn source(&self) -> Cow<'_, str> {
        match self {
            Self::File { source, .. } => Cow::Borrowed(source),
            Self::Override { key, value, .. } => Cow::Owned(format!("{OVERRIDE_PREFIX}{key}={value}")),
            Self::Variable { name, value, .. } => Cow::Owned(format!("{name}={value}")),
        }
    }

    /// The range of bytes in the text that [`source`](Self::source) names.
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::File { start, end, .. } | Self::Variable { start, end, .. } => *start..*end,
            Self::Override { start, end, .. } => OVERRIDE_PREFIX.len() + start..OVERRIDE_PREFIX.len() + end,
        }
    }
}

const OVERRIDE_PREFIX: &str = "--set ";

impl Place {
    /// The place without the value, which is a secret; its span then covers what stands for it.
    pub(crate) fn without_value(self) -> Self {
        let masked = || crate::context::MASK.to_owned();
        match self {
            file @ Self::File { .. } => file,
            Self::Override { key, start, end, .. } => {
                let (start, end) = masked_span(key.len(), start, end);
                Self::Override { key, value: masked(), start, end }
            }
            Self::Variable { name, start, end, .. } => {
                let (start, end) = masked_span(name.len(), start, end);
                Self::Variable { name, value: masked(), start, end }
            }
        }
    }
}

/// A span in the key stays; one in the value becomes the whole mask's.
fn masked_span(key: usize, start: usize, end: usize) -> (usize, usize) {
    if start > key { (key + 1, key + 1 + crate::context::MASK.len()) } else { (start, end) }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { source, line, column, .. } => write!(f, "{source}:{line}:{column}"),
            Self::Override { key, value, .. } => {
                write!(f, "{OVERRIDE_PREFIX}{}={}", shorten(key), shorten(value))
            }
            Self::Variable { name, value, .. } => write!(f, "{}={}", shorten(name), shorten(value)),
        }
    }
}

/// The beginning of a text that may be as long as its author likes.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(100) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// One of [`code`]'s names.
    pub code: &'static str,
    /// Whether it stops the program.
    pub severity: Severity,
    /// One sentence in lower case, without a full stop, that names the key, the value and the limit.
    pub message: String,
    /// Where; `None` when no source has anything to do with it.
    pub place: Option<Place>,
    /// The key path, as in `training.channels[2].name`; empty for the whole configuration.
    pub path: String,
    /// What was found, as TOML, shortened.
    pub value: Option<String>,
    /// What would have been right, as in `an integer` or `at most 10`.
    pub limit: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether the value is a secret, so that the text around the place must not be shown either.
    #[serde(skip_serializing_if = "is_false")]
    pub secret: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Problem {
    /// An error with this code and message, and nothing else filled in.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            path: String::new(),
            value: None,
            limit: None,
            help: None,
            secret: false,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  at {place}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration, in the order of the sources and then of the overrides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// The problems as a list.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
