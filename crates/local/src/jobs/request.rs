//! Reads a job's arguments: JSON that somebody wrote, judged in whole before anything is done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use pipewright_interpreter::S3Uri;
use serde_json::Value;

use super::Trouble;

/// What is wrong, all of it.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<String>>);

impl Problems {
    /// Notes a problem.
    pub fn add(&self, problem: String) {
        self.0.borrow_mut().push(problem);
    }

    /// The value, unless there were problems.
    ///
    /// # Errors
    /// The problems, in the order in which they were found.
    pub fn or<T>(self, value: T) -> Result<T, Trouble> {
        let problems = self.0.into_inner();
        if problems.is_empty() { Ok(value) } else { Err(Trouble::Failed(problems.join("; "))) }
    }
}

/// A value in the arguments, and its path. `null` and what is not there are alike.
#[derive(Clone, Debug)]
pub struct Read<'r> {
    value: Option<&'r Value>,
    path: String,
    problems: &'r Problems,
}

impl<'r> Read<'r> {
    /// The arguments as a whole.
    pub fn new(value: &'r Value, problems: &'r Problems) -> Self {
        Self { value: Some(value), path: String::new(), problems }
    }

    /// The path of this value, such as `ProcessingInputs[0].S3Input`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value itself, where it is there.
    pub fn value(&self) -> Option<&'r Value> {
        self.value.filter(|value| !value.is_null())
    }

    /// Whether it is there.
    pub fn is_some(&self) -> bool {
        self.value().is_some()
    }

    /// Notes a problem with this value.
    pub fn problem(&self, problem: impl std::fmt::Display) {
        self.problems.add(format!("{}: {problem}", self.path));
    }

    /// A member.
    pub fn get(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { value: self.value.and_then(|value| value.get(name)), path, problems: self.problems }
    }

    /// A text, a number or a truth value as text; `None` where it is not there.
    pub fn text(&self) -> Option<String> {
        match self.value()? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => {
                self.problem("expected a text");
                None
            }
        }
    }

    /// A text that must be there.
    pub fn required(&self) -> String {
        if !self.is_some() {
            self.problem("is missing");
        }
        self.text().unwrap_or_default()
    }

    /// A place in S3 that must be there.
    pub fn place(&self) -> S3Uri {
        let text = self.required();
        S3Uri::parse(&text).unwrap_or_else(|| {
            if self.is_some() {
                self.problem(format!("`{text}` is no place in S3; give s3://BUCKET/KEY"));
            }
            S3Uri { bucket: String::new(), key: String::new() }
        })
    }

    /// A whole number.
    pub fn number(&self) -> Option<u64> {
        let text = self.text()?;
        let number = text.parse().ok();
        if number.is_none() {
            self.problem(format!("`{text}` is no whole number"));
        }
        number
    }

    /// A limit in whole seconds. More than ten years is ten years: nobody waits longer, and no clock overflows.
    pub fn seconds(&self) -> Option<Duration> {
        const LONGEST: u64 = 10 * 365 * 24 * 60 * 60;
        self.number().map(|seconds| Duration::from_secs(seconds.min(LONGEST)))
    }

    /// A truth value; not there is `false`.
    pub fn flag(&self) -> bool {
        matches!(self.text().as_deref(), Some("true" | "True"))
    }

    /// One of some words; the first where nothing is said.
    pub fn one_of(&self, words: &[&'static str]) -> &'static str {
        let first = words.first().copied().unwrap_or_default();
        let Some(text) = self.text() else { return first };
        words.iter().copied().find(|word| *word == text).unwrap_or_else(|| {
            self.problem(format!("`{text}` is none of {}", words.join(", ")));
            first
        })
    }

    /// The elements of a list.
    pub fn list(&self) -> Vec<Self> {
        let elements = match self.value() {
            None => return Vec::new(),
            Some(Value::Array(elements)) => elements,
            Some(_) => {
                self.problem("expected a list");
                return Vec::new();
            }
        };
        let element = |(i, value)| Self {
            value: Some(value),
            path: format!("{}[{i}]", self.path),
            problems: self.problems,
        };
        elements.iter().enumerate().map(element).collect()
    }

    /// A list of texts.
    pub fn texts(&self) -> Vec<String> {
        self.list().iter().map(Self::required).collect()
    }

    /// An object of texts.
    pub fn entries(&self) -> BTreeMap<String, String> {
        match self.value() {
            None => BTreeMap::new(),
            Some(Value::Object(entries)) => {
                entries.keys().map(|name| (name.clone(), self.get(name).text().unwrap_or_default())).collect()
            }
            Some(_) => {
                self.problem("expected an object");
                BTreeMap::new()
            }
        }
    }
}
