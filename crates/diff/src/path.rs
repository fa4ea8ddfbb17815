//! Where in a value something stands.

use std::fmt;

/// A place in a JSON value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path(Vec<Segment>);

#[derive(Clone, Debug)]
enum Segment {
    Name(String),
    /// An element of a list: its index, or what it is called.
    Item(String),
}

impl Path {
    pub(crate) fn of(name: &str) -> Self {
        Self(vec![Segment::Name(name.to_owned())])
    }

    /// Does `walk` with the path one name longer.
    pub(crate) fn within(&mut self, name: &str, walk: impl FnOnce(&mut Self)) {
        self.0.push(Segment::Name(name.to_owned()));
        walk(self);
        self.0.pop();
    }

    /// Does `walk` with the path one element longer.
    pub(crate) fn at(&mut self, item: impl fmt::Display, walk: impl FnOnce(&mut Self)) {
        self.0.push(Segment::Item(item.to_string()));
        walk(self);
        self.0.pop();
    }

    pub(crate) fn depth(&self) -> usize {
        self.0.len()
    }

    /// The last name, whatever elements follow it.
    pub(crate) fn name(&self) -> &str {
        let names = self.0.iter().rev().filter_map(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Item(_) => None,
        });
        names.into_iter().next().unwrap_or_default()
    }

    /// Whether the last segment is a name, and not an element of a list.
    pub(crate) fn ends_in_name(&self) -> bool {
        matches!(self.0.last(), Some(Segment::Name(_)))
    }

    /// Names and elements, from the outside in.
    pub(crate) fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().map(|segment| match segment {
            Segment::Name(name) | Segment::Item(name) => name.as_str(),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Name(name) if name.contains(['.', '[', ']']) || name.is_empty() => {
                    write!(f, "['{name}']")?;
                }
                Segment::Name(name) if position == 0 => f.write_str(name)?,
                Segment::Name(name) => write!(f, ".{name}")?,
                Segment::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_readable() {
        let mut path = Path::of("Tags");
        path.at("Name", |path| {
            path.within("a.b", |path| {
                assert_eq!(path.to_string(), "Tags[Name]['a.b']");
                assert_eq!(path.name(), "a.b");
            });
            assert_eq!(path.name(), "Tags");
            assert!(!path.ends_in_name());
        });
        assert_eq!(path.depth(), 1);
    }
}
