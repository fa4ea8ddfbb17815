//! A place in a request, put into words only when something is wrong there.

use std::fmt;

/// A place: a part, and the place around it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    around: Option<&'a Place<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Name(&'a str),
    Index(usize),
    /// The key itself of an entry, not its value.
    Key(&'a str),
    /// A value that this parameter can take here.
    Parameter(&'a str),
}

impl<'a> Place<'a> {
    /// The outermost place; an empty name is left out.
    pub(crate) const fn root(name: &'a str) -> Self {
        Self { around: None, part: Part::Name(name) }
    }

    pub(crate) const fn name<'b>(&'b self, name: &'b str) -> Place<'b> {
        Place { around: Some(self), part: Part::Name(name) }
    }

    pub(crate) const fn index(&self, index: usize) -> Place<'_> {
        Place { around: Some(self), part: Part::Index(index) }
    }

    pub(crate) const fn key<'b>(&'b self, key: &'b str) -> Place<'b> {
        Place { around: Some(self), part: Part::Key(key) }
    }

    pub(crate) const fn parameter<'b>(&'b self, name: &'b str) -> Place<'b> {
        Place { around: Some(self), part: Part::Parameter(name) }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self { around: None, part: Part::Name("") })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = match self.around {
            Some(around) => {
                around.fmt(f)?;
                if around.is_empty() { "" } else { "." }
            }
            None => "",
        };
        match self.part {
            Part::Name(name) => write!(f, "{dot}{name}"),
            Part::Index(index) => write!(f, "[{index}]"),
            Part::Key(key) => write!(f, "{dot}{key} (key)"),
            Part::Parameter(name) => write!(f, " (parameter {name})"),
        }
    }
}
