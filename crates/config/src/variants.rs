//! How an enum whose variants hold something is told apart in a table; what the derive on one calls.

#![allow(clippy::single_match_else, reason = "a match shows what is told apart")]

use std::fmt::Write as _;

use crate::context::Context;
use crate::decode::choice;
use crate::problem::{Problem, code};
use crate::tree::{Entry, Node, Origin, Value};

/// How a value says which variant it is, with serde's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// By the only key of a table, whose value is what the variant holds; a text for a variant that holds nothing.
    External,
    /// By a key among the variant's own.
    Internal {
        /// The key.
        tag: &'static str,
    },
    /// By a key beside the one that has what the variant holds.
    Adjacent {
        /// The key with the variant's name.
        tag: &'static str,
        /// The key with what it holds.
        content: &'static str,
    },
    /// By what it holds: the first variant that reads it without a mistake.
    Untagged,
}

/// A variant that was found: its index, and what it holds with the key under which that stands.
pub type Found<'n> = (usize, Option<(&'static str, &'n Node<'n>)>);

/// Finds the variant of an externally tagged value; those before `units` hold something, the others nothing.
pub fn external<'n>(
    node: &'n Node<'n>,
    cx: &mut Context<'_>,
    names: &'static [&'static str],
    holds: &[bool],
) -> Option<Found<'n>> {
    let expected = crate::suggest::list(names);
    let Value::Table(table) = &node.value else {
        if !matches!(node.value, Value::Text(_)) {
            return cx.mismatch(node, &format!("a table with one of the keys {expected}"));
        }
        let index = choice(node, cx, names)?;
        if holds.get(index) == Some(&true) {
            let must = format!("hold something: write it as {{ {} = … }}", names[index]);
            return cx.invalid(node, &must, "a table", None);
        }
        return Some((index, None));
    };
    cx.enter(node);
    let mut entries = table.iter();
    let (Some((key, entry)), None) = (entries.next(), entries.next()) else {
        let limit = format!("exactly one of the keys {expected}");
        return cx.wrong_keys(node, table, &limit);
    };
    let Some(index) = names.iter().position(|name| *name == key) else {
        cx.unknown(key, entry.key, names);
        return None;
    };
    if holds.get(index) == Some(&false) {
        let must = format!("be the text \"{key}\": the variant holds nothing");
        return cx.invalid(node, &must, "a text", None);
    }
    Some((index, Some((names[index], &entry.node))))
}

/// Finds the variant of an internally tagged value.
pub fn internal(
    node: &Node<'_>,
    cx: &mut Context<'_>,
    tag: &str,
    names: &'static [&'static str],
) -> Option<usize> {
    let Value::Table(table) = &node.value else {
        return cx.mismatch(node, "a table");
    };
    cx.enter(node);
    cx.at_key(tag, |cx| match table.get(tag) {
        Some(Entry { node, .. }) => choice(node, cx, names),
        None => {
            cx.missing(&crate::constraint::one_of_text(names));
            None
        }
    })
}

/// Finds the variant of an adjacently tagged value.
pub fn adjacent<'n>(
    node: &'n Node<'n>,
    cx: &mut Context<'_>,
    (tag, content): (&'static str, &'static str),
    names: &'static [&'static str],
    holds: &[bool],
) -> Option<Found<'n>> {
    let index = internal(node, cx, tag, names);
    let Value::Table(table) = &node.value else {
        return None;
    };
    let holds = index.map(|index| holds.get(index) == Some(&true));
    let known: &[&str] = if holds == Some(false) { &[tag] } else { &[tag, content] };
    for (key, entry) in table.iter().filter(|(key, _)| !known.contains(key)) {
        cx.unknown(key, entry.key, known);
    }
    let index = index?;
    if holds == Some(false) {
        return Some((index, None));
    }
    let Some(entry) = table.get(content) else {
        return cx.at_key(content, |cx| {
            cx.missing(&format!("what \"{}\" holds", names[index]));
            None
        });
    };
    Some((index, Some((content, &entry.node))))
}

/// Reads one variant from what it holds.
pub type ReadVariant<T> = fn(&Node<'_>, &mut Context<'_>) -> Option<T>;

/// Reads the first variant that a value is without a mistake.
///
/// When it is none: the mistakes of the only variant whose kind of value it is, and otherwise one that says why
/// it is none of them.
pub fn untagged<T>(
    node: &Node<'_>,
    cx: &mut Context<'_>,
    variants: &[(&'static str, ReadVariant<T>)],
) -> Option<T> {
    let mut failed: Vec<(&str, Vec<(Origin, Problem)>)> = Vec::new();
    for (name, read) in variants {
        match cx.attempt(|cx| read(node, cx)) {
            Ok(value) => return Some(value),
            Err(problems) => failed.push((name, problems)),
        }
    }
    let path = cx.path().to_owned();
    let another_kind = |problem: &Problem| problem.code == code::TYPE && problem.path == path;
    let near: Vec<usize> = (0..failed.len())
        .filter(|i| !failed[*i].1.iter().any(|(_, problem)| another_kind(problem)))
        .collect();
    if let [only] = near.as_slice() {
        cx.again(failed.swap_remove(*only).1);
        return None;
    }
    let mut help = String::new();
    for (name, problems) in &failed {
        let first = problems.first().map_or("", |(_, problem)| problem.message.as_str());
        let separator = if help.is_empty() { "" } else { "; " };
        let _ = write!(help, "{separator}not `{name}`: {first}");
    }
    let names: Vec<String> = failed.iter().map(|(name, _)| format!("`{name}`")).collect();
    let limit = format!("one of {}", names.join(", "));
    cx.invalid(node, &format!("be {limit}"), &limit, Some(help))
}

/// A variant for a schema.
pub struct Variant {
    /// Its names, the first of which is the one to write.
    pub names: &'static [&'static str],
    /// What it is for; may be empty.
    pub description: &'static str,
    /// What it holds.
    pub content: Content,
}

/// What a variant holds.
pub enum Content {
    /// Nothing.
    Unit,
    /// Fields of its own, with their types and what is flattened into them.
    Fields(&'static [crate::field::Field], Vec<crate::field::FieldSchema>, Vec<DescribeFn>),
    /// One value, written as a field without a key.
    Value(&'static crate::field::Field, crate::field::FieldSchema),
}

/// Describes a type.
pub type DescribeFn = fn(&mut crate::schema::Schemas) -> crate::schema::Schema;
