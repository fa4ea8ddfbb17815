//! Reading in a scope of its own: an attempt that may be taken back, keys, secrets.

use serde_json::Value as Json;

use super::Context;
use crate::plain::Plain;
use crate::problem::{Problem, Severity, code};
use crate::resolved::Noted;
use crate::suggest;
use crate::tree::{Node, Origin, Table};

impl Context<'_> {
    /// Decodes; when that fails nothing is reported, and what would have been is returned.
    pub(crate) fn attempt<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Vec<(Origin, Problem)>> {
        let (problems, leaves, enclosing) = (self.problems(), self.leaves.mark(), self.enclosing);
        let decoded = decode(self);
        self.enclosing = enclosing;
        let found = self.reports.split_off(problems);
        match decoded {
            Some(value) if found.iter().all(|(_, problem)| problem.severity == Severity::Warning) => {
                self.again(found);
                Ok(value)
            }
            _ => {
                self.leaves.back(leaves);
                Err(found)
            }
        }
    }

    /// Reports what an attempt returned.
    pub(crate) fn again(&mut self, problems: Vec<(Origin, Problem)>) {
        for (origin, problem) in problems {
            self.push(origin, problem);
        }
    }

    /// Decodes what is no value of the configuration, as a key, so that it is not listed among them.
    pub(crate) fn without_leaves<T>(&mut self, decode: impl FnOnce(&mut Self) -> T) -> T {
        let leaves = self.leaves.mark();
        let decoded = decode(self);
        self.leaves.back(leaves);
        decoded
    }

    /// Whether what is decoded is a secret.
    pub(crate) fn is_secret(&self) -> bool {
        self.secret
    }

    /// Notes where a secret stands, so that no other problem shows it.
    pub(super) fn hidden(&mut self, origin: Origin) -> Noted<'static> {
        self.reports.hide(origin);
        Noted::Secret
    }

    /// Notes that the table at hand has a key for a secret.
    pub(crate) fn has_secret_key(&mut self) {
        if !self.with_secrets.contains(&self.path) {
            self.with_secrets.insert(self.path.clone());
        }
    }

    /// Reports a problem whose path is filled in.
    pub(crate) fn push(&mut self, origin: Origin, mut problem: Problem) {
        problem.secret |= self.secret;
        if self.secret {
            self.reports.hide(origin);
        }
        self.reports.push(origin, problem);
    }

    /// Reports that a table must have other keys. Nobody has looked at what these hold: it may be a secret.
    pub(crate) fn wrong_keys<T>(&mut self, node: &Node<'_>, table: &Table<'_>, limit: &str) -> Option<T> {
        let keys: Vec<&str> = table.iter().map(|(key, _)| key).take(10).collect();
        let found = if keys.is_empty() { "none".to_owned() } else { suggest::list(&keys) };
        let message = format!("{} must have {limit}, but has {found}", self.subject());
        let mut problem = Problem::error(code::CONSTRAINT, message);
        problem.limit = Some(limit.to_owned());
        self.secret(|cx| cx.report(node.origin, problem));
        None
    }

    /// The value as a message shows it.
    pub(crate) fn shown(&self, node: &Node<'_>) -> String {
        self.show(node)
    }

    /// Lists what a value holds, value by value.
    pub(crate) fn leaves_of(&mut self, value: Option<&Plain>, origin: Origin) {
        match value {
            Some(Plain::List(items)) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    self.at_index(i, |cx| {
                        cx.leaves_of(Some(item), origin);
                        Some(())
                    });
                }
            }
            Some(Plain::Table(entries)) if !entries.is_empty() => {
                for (key, value) in entries {
                    self.at_key(key, |cx| {
                        cx.leaves_of(Some(value), origin);
                        Some(())
                    });
                }
            }
            other => self.leaf_at(origin, other.map_or(Json::Null, Plain::to_json)),
        }
    }
}
