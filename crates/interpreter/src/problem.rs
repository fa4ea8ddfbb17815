//! What is wrong with a definition or with the values it is started with: every mistake at once, each at its
//! place.

use std::fmt;

use serde::Serialize;

/// The most problems that are told; a definition that holds more is not an author's slip.
const MOST: usize = 500;

/// The most problems that a similar name is looked for: each costs a look at all names.
const MOST_SUGGESTIONS: usize = 20;

/// The most characters of a value that a message repeats.
const SHOWN: usize = 120;

/// One mistake, its place, and what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where it stands, such as `Steps[3].Arguments.ProcessingInputs[0].S3Input.S3Uri`. Empty: the whole
    /// text.
    pub path: String,
    /// The step that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What is wrong: names thing, value and limit.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), ..Self::default() }
    }

    /// The same problem, with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, in a step.
    pub fn in_step(mut self, step: Option<&str>) -> Self {
        self.step = step.map(shortened);
        self
    }
}

/// `PATH (step "NAME"): MESSAGE; HELP`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(step) = &self.step {
            let space = if self.path.is_empty() { "" } else { " " };
            write!(f, "{space}(step {step:?})")?;
        }
        if !self.path.is_empty() || self.step.is_some() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// All mistakes of one input, in the order of the input. Never empty where it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    list: Vec<Problem>,
    untold: usize,
    suggestions: usize,
}

impl Problems {
    /// The problems.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many more there were than are told.
    pub fn untold(&self) -> usize {
        self.untold
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        if self.list.len() < MOST {
            self.list.push(problem);
        } else {
            self.untold += 1;
        }
    }

    /// `did you mean "…"?` for a name that is not among the known ones.
    pub(crate) fn suggest<'n>(
        &mut self,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        if self.suggestions == MOST_SUGGESTIONS || name.len() > 256 {
            return None;
        }
        self.suggestions += 1;
        similar(name, known).map(|known| format!("did you mean {known:?}?"))
    }

    /// The value where nothing is wrong.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { list: vec![problem], ..Self::default() }
    }
}

impl<'p> IntoIterator for &'p Problems {
    type Item = &'p Problem;
    type IntoIter = std::slice::Iter<'p, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line each.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        if self.untold > 0 {
            write!(f, "\nand {} more", self.untold)?;
        }
        Ok(())
    }
}

/// The known name that is most like this one, where one is alike enough to have been meant.
pub(crate) fn similar<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()), known))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, known)| known)
}

/// A text, cut where it is too long for a message.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
