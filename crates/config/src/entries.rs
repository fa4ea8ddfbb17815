//! The entries of a table that is being read, in which a key is found quickly however many there are.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::read::narrow;
use crate::tree::{Entry, FEW, Table, Value};

/// Entries that are still being added to.
#[derive(Default)]
pub(crate) struct Entries<'s> {
    list: Vec<(Cow<'s, str>, Entry<'s>)>,
    /// Made when there are more than a few.
    index: Option<Box<Index>>,
}

impl<'s> Entries<'s> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { list: Vec::with_capacity(capacity), index: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The value of the entry at this place.
    pub(crate) fn value_mut(&mut self, place: usize) -> &mut Value<'s> {
        &mut self.list[place].1.node.value
    }

    /// The place of the entry with this key.
    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(key, &self.list),
            None => self.list.iter().position(|(known, _)| known == key),
        }
    }

    /// Adds an entry and says its place; `None` when there is one with this key.
    pub(crate) fn insert(&mut self, key: Cow<'s, str>, entry: Entry<'s>) -> Option<usize> {
        if self.find(&key).is_some() {
            return None;
        }
        self.list.push((key, entry));
        match &mut self.index {
            Some(index) => index.add(&self.list),
            None if self.list.len() > FEW => self.index = Some(Box::new(Index::new(&self.list))),
            None => {}
        }
        Some(self.list.len() - 1)
    }

    pub(crate) fn finish(self) -> Table<'s> {
        Table::new(self.list)
    }
}

/// Finds keys by their hashes, which the author of a text can't foresee.
struct Index {
    hasher: RandomState,
    /// Places in the list, or [`EMPTY`]; twice as many as there are entries, or more.
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl Index {
    fn new(list: &[(Cow<'_, str>, Entry<'_>)]) -> Self {
        let mut index = Self { hasher: RandomState::new(), slots: Vec::new() };
        index.rebuild(list);
        index
    }

    fn rebuild(&mut self, list: &[(Cow<'_, str>, Entry<'_>)]) {
        self.slots = vec![EMPTY; (list.len() * 4).next_power_of_two()];
        for place in 0..list.len() {
            let slot = self.slot(&list[place].0, list);
            self.slots[slot] = narrow(place);
        }
    }

    /// The slot of this key: where it stands or would.
    fn slot(&self, key: &str, list: &[(Cow<'_, str>, Entry<'_>)]) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let mut slot = self.hasher.hash_one(key) as usize & mask;
        while self.slots[slot] != EMPTY && list[self.slots[slot] as usize].0 != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn find(&self, key: &str, list: &[(Cow<'_, str>, Entry<'_>)]) -> Option<usize> {
        let place = self.slots[self.slot(key, list)];
        (place != EMPTY).then_some(place as usize)
    }

    /// Notes the list's last entry.
    fn add(&mut self, list: &[(Cow<'_, str>, Entry<'_>)]) {
        if list.len() * 2 > self.slots.len() {
            self.rebuild(list);
        } else if let Some((key, _)) = list.last() {
            let slot = self.slot(key, list);
            self.slots[slot] = narrow(list.len() - 1);
        }
    }
}
