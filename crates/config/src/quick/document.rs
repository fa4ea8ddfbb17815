//! The tables of a document while more may be said of them.

use crate::entries::Entries;
use crate::tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value};

use super::key::Key;

/// A table that headers or dotted keys made.
struct Draft<'s> {
    entries: Entries<'s>,
    /// The entries that are drafts of their own, by place, with the latest draft of each.
    below: Vec<(usize, usize)>,
    /// The draft that this one is an entry of, and the entry's place.
    parent: (usize, usize),
    kind: Kind,
    /// How deep its keys stand; those of the document stand 1 deep.
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Made by a header or on the way to one.
    Header,
    /// Made by a dotted key.
    Dotted,
    /// This element of a list of tables.
    Element(usize),
}

/// All tables of a document, each after the one that it is in.
pub(super) struct Document<'s> {
    drafts: Vec<Draft<'s>>,
    current: usize,
}

impl<'s> Document<'s> {
    pub(super) fn new() -> Self {
        let root = Draft {
            entries: Entries::default(),
            below: Vec::new(),
            parent: (0, 0),
            kind: Kind::Header,
            depth: 1,
        };
        Self { drafts: vec![root], current: 0 }
    }

    pub(super) fn current(&self) -> usize {
        self.current
    }

    pub(super) fn set_current(&mut self, draft: usize) {
        self.current = draft;
    }

    /// How deep the keys of the current table stand.
    pub(super) fn depth(&self) -> usize {
        self.drafts[self.current].depth
    }

    /// The current table's entries.
    pub(super) fn entries(&mut self) -> &mut Entries<'s> {
        &mut self.drafts[self.current].entries
    }

    /// Makes the document itself the current table.
    pub(super) fn begin(&mut self) {
        self.current = 0;
    }

    /// The place of an entry of the current table, and the latest draft that it is.
    fn find(&self, key: &str) -> Option<(usize, Option<usize>)> {
        let draft = &self.drafts[self.current];
        let place = draft.entries.find(key)?;
        let below = draft.below.binary_search_by_key(&place, |(place, _)| *place);
        Some((place, below.ok().map(|found| draft.below[found].1)))
    }

    /// Makes a table below the current one the current one; makes the table if need be.
    pub(super) fn descend(&mut self, key: Key<'s>, dotted: bool) -> Option<()> {
        match self.find(&key.text) {
            // What a header made, no dotted key adds to.
            Some((_, Some(draft))) if !dotted || self.drafts[draft].kind == Kind::Dotted => {
                self.current = draft;
                Some(())
            }
            Some(_) => None,
            None => {
                let origin = key.origin;
                self.make(key, origin, if dotted { Kind::Dotted } else { Kind::Header })
            }
        }
    }

    /// Makes the table of a header below the current one. One that is there already is unusual.
    pub(super) fn table(&mut self, key: Key<'s>, origin: Origin) -> Option<()> {
        self.make(key, origin, Kind::Header)
    }

    /// Adds a table to a list of tables below the current one; makes the list if need be.
    pub(super) fn element(&mut self, key: Key<'s>, origin: Origin) -> Option<()> {
        let Some((place, below)) = self.find(&key.text) else {
            return self.make(key, origin, Kind::Element(0));
        };
        let last = below?;
        let Kind::Element(index) = self.drafts[last].kind else { return None };
        let capacity = self.drafts[last].entries.len();
        let parent = self.current;
        let draft = &mut self.drafts[parent];
        let Value::List(items) = draft.entries.value_mut(place) else { return None };
        items.push(Node { value: Value::Table(Table::default()), origin });
        self.current = self.drafts.len();
        let current = self.current;
        let below = &mut self.drafts[parent].below;
        let found = below.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        below[found].1 = current;
        self.push(parent, place, Kind::Element(index + 1), capacity);
        Some(())
    }

    fn make(&mut self, key: Key<'s>, origin: Origin, kind: Kind) -> Option<()> {
        let parent = self.current;
        let depth = self.drafts[parent].depth + usize::from(matches!(kind, Kind::Element(_)));
        if depth >= MAX_DEPTH {
            return None;
        }
        let empty = || Value::Table(Table::default());
        let value = match kind {
            Kind::Element(_) => Value::List(vec![Node { value: empty(), origin }]),
            _ => empty(),
        };
        let entry = Entry { key: key.origin, node: Node { value, origin } };
        let place = self.drafts[parent].entries.insert(key.text, entry)?;
        self.current = self.drafts.len();
        let current = self.current;
        self.drafts[parent].below.push((place, current));
        self.push(parent, place, kind, 0);
        Some(())
    }

    fn push(&mut self, parent: usize, place: usize, kind: Kind, capacity: usize) {
        let depth = self.drafts[parent].depth + 1 + usize::from(matches!(kind, Kind::Element(_)));
        let entries = Entries::with_capacity(capacity);
        self.drafts.push(Draft { entries, below: Vec::new(), parent: (parent, place), kind, depth });
    }

    /// The document's tree: each table is put where it belongs, the innermost first.
    pub(super) fn finish(mut self) -> Option<Table<'s>> {
        while let Some(draft) = self.drafts.pop() {
            let table = draft.entries.finish();
            let (parent, place) = draft.parent;
            let Some(parent) = self.drafts.get_mut(parent) else { return Some(table) };
            let value = parent.entries.value_mut(place);
            match (draft.kind, value) {
                (Kind::Element(index), Value::List(items)) => {
                    items.get_mut(index)?.value = Value::Table(table);
                }
                (_, value) => *value = Value::Table(table),
            }
        }
        None
    }
}
