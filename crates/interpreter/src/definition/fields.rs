//! Members of objects, read one at a time: what is null counts as absent, and what has the wrong type is
//! noted at its place.

use std::fmt;

use serde_json::{Map, Value};

use crate::evaluate::path::shown;
use crate::problem::{Problem, Problems};

/// An object of the definition, its place, and where to note what is wrong with it.
pub(super) struct Fields<'d, 'n> {
    pub(super) members: &'d Map<String, Value>,
    pub(super) place: &'n dyn fmt::Display,
    pub(super) step: Option<&'d str>,
    pub(super) problems: &'n mut Problems,
}

impl<'d> Fields<'d, '_> {
    /// The member, where it is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'d Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Option<&'d str> {
        self.typed(name, "a text", Value::as_str)
    }

    pub(super) fn list(&mut self, name: &str) -> &'d [Value] {
        self.typed(name, "a list", |value| value.as_array().map(Vec::as_slice)).unwrap_or_default()
    }

    pub(super) fn object(&mut self, name: &str) -> Option<&'d Map<String, Value>> {
        self.typed(name, "an object", Value::as_object)
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.typed(name, "true or false", Value::as_bool)
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, name: &str) -> Option<&'d str> {
        if self.get(name).is_none() {
            self.note_at_whole(format!("it has no {name}"), None);
        }
        self.text(name)
    }

    /// A number of at least `least` and at most `most`.
    pub(super) fn number(&mut self, name: &str, least: f64, most: f64) -> Option<f64> {
        let number = self.typed(name, "a number", Value::as_f64)?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        let limit =
            if most < f64::INFINITY { format!("{least} to {most}") } else { format!("at least {least}") };
        self.note(name, format!("{number} is out of range: {limit}"), None);
        None
    }

    /// Notes something about a member.
    pub(super) fn note(&mut self, name: impl fmt::Display, message: String, help: Option<String>) {
        let place = self.place.to_string();
        let dot = if place.is_empty() { "" } else { "." };
        self.push(format!("{place}{dot}{name}"), message, help);
    }

    /// Notes something about the whole object.
    pub(super) fn note_at_whole(&mut self, message: String, help: Option<String>) {
        self.push(self.place.to_string(), message, help);
    }

    fn push(&mut self, path: String, message: String, help: Option<String>) {
        let mut problem = Problem::new(path, message).in_step(self.step);
        problem.help = help;
        self.problems.push(problem);
    }

    fn typed<T>(&mut self, name: &str, expected: &str, read: fn(&'d Value) -> Option<T>) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            let message = format!("{expected} is expected, not {}", shown(value));
            let help = value.is_object().then(|| "SageMaker evaluates no expression here".to_owned());
            self.note(name, message, help.filter(|_| expected != "a list"));
        }
        read
    }
}
