//! What decides and repeats: conditions, loops, and what is cleaned up.

use serde_json::{Map, Value};

use super::{Part, Walk};
use crate::evaluate::expression::{Expression, expression};
use crate::evaluate::path::shown;
use crate::evaluate::{COMPARISONS, CONDITION_TYPES};
use crate::problem::shortened;

/// The most iterations of a loop at once.
const MOST_CONCURRENCY: u64 = 50;

/// The most items of a loop that a definition lists.
const MOST_ITEMS: usize = 100;

impl<'d> Walk<'d, '_> {
    pub(super) fn condition_step(&mut self, members: &'d Map<String, Value>) {
        for (name, member) in members {
            self.within(Part::Member(name), |walk| {
                if name == "Conditions" { walk.conditions(member) } else { walk.value(member) }
            });
        }
    }

    fn conditions(&mut self, value: &'d Value) {
        match value {
            Value::Null => {}
            Value::Array(conditions) => {
                for (index, condition) in conditions.iter().enumerate() {
                    self.within(Part::Item(index), |walk| walk.condition(condition));
                }
            }
            other => self.note(format!("a list of conditions is expected, not {}", shown(other)), None),
        }
    }

    fn condition(&mut self, condition: &'d Value) {
        let Value::Object(members) = condition else {
            return self.note(format!("a condition is an object, not {}", shown(condition)), None);
        };
        let kind = members.get("Type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "Not" => self.part(members, "Condition", Self::condition),
            "Or" => self.part(members, "Conditions", Self::conditions),
            "In" => {
                self.part(members, "QueryValue", Self::compared);
                self.part(members, "Values", |walk, values| match values {
                    Value::Array(values) => {
                        for (index, value) in values.iter().enumerate() {
                            walk.within(Part::Item(index), |walk| walk.compared(value));
                        }
                    }
                    other => walk.note(format!("a list is expected, not {}", shown(other)), None),
                });
            }
            comparison if COMPARISONS.contains(&comparison) => {
                self.part(members, "LeftValue", Self::compared);
                self.part(members, "RightValue", Self::compared);
            }
            other => {
                let help = self
                    .problems
                    .suggest(other, CONDITION_TYPES)
                    .unwrap_or_else(|| format!("it is one of {}", CONDITION_TYPES.join(", ")));
                let message = format!("{:?} is no condition", shortened(other));
                self.within(Part::Member("Type"), |walk| walk.note(message, Some(help)));
            }
        }
    }

    fn part(
        &mut self,
        members: &'d Map<String, Value>,
        name: &'static str,
        look: impl FnOnce(&mut Self, &'d Value),
    ) {
        match members.get(name) {
            Some(value) => self.within(Part::Member(name), |walk| look(walk, value)),
            None => self.note(format!("the condition has no {name}"), None),
        }
    }

    /// What is compared is a scalar, or an expression.
    fn compared(&mut self, value: &'d Value) {
        let is_plain = match value {
            Value::Object(members) => expression(members).is_none(),
            Value::Array(_) | Value::Null => true,
            _ => false,
        };
        if is_plain {
            let help = "compare texts, numbers, booleans and expressions of them".to_owned();
            self.note(format!("{} can't be compared", shown(value)), Some(help));
        }
        self.value(value);
    }

    pub(super) fn loop_step(&mut self, members: &'d Map<String, Value>) {
        for (name, member) in members {
            self.within(Part::Member(name), |walk| match name.as_str() {
                "IterableItems" => walk.items(member),
                "MaxConcurrency" => walk.concurrency(member),
                "Selector" => walk.selector(member),
                _ => walk.value(member),
            });
        }
        for required in ["IterableItems", "MaxConcurrency"] {
            if !members.contains_key(required) {
                self.note(format!("the loop has no {required}"), None);
            }
        }
    }

    fn items(&mut self, items: &'d Value) {
        match items {
            Value::Array(listed) if listed.is_empty() || listed.len() > MOST_ITEMS => {
                let message = format!("{} items are listed: there are 1 to {MOST_ITEMS}", listed.len());
                let help = "a parameter or a property of a step can hold a longer JSON list".to_owned();
                self.note(message, Some(help));
            }
            Value::Array(_) => {}
            Value::Object(members) if expression(members).is_some() => {}
            Value::String(text) if text.trim_start().starts_with('[') => {}
            other => self.note(format!("a list is expected, not {}", shown(other)), None),
        }
        self.value(items);
    }

    fn concurrency(&mut self, value: &'d Value) {
        if !value.as_u64().is_some_and(|most| (1..=MOST_CONCURRENCY).contains(&most)) {
            let message = format!("{} is no whole number from 1 to {MOST_CONCURRENCY}", shown(value));
            self.note(message, None);
        }
    }

    fn selector(&mut self, selector: &'d Value) {
        let Value::Object(members) = selector else {
            if !selector.is_null() {
                self.note(format!("a selector is an object, not {}", shown(selector)), None);
            }
            return;
        };
        self.within(Part::Member("Pick"), |walk| {
            let pick = members.get("Pick").unwrap_or(&Value::Null);
            if !matches!(pick.as_str(), Some("MaxBy" | "MinBy")) {
                walk.note(format!("{} is neither MaxBy nor MinBy", shown(pick)), None);
            }
        });
        self.within(Part::Member("Field"), |walk| {
            let field = members.get("Field").and_then(Value::as_object).and_then(expression);
            if let Some(Ok(Expression::Get(text))) = field
                && (text.starts_with("IterationOutput.") || text.starts_with("ChildOutput."))
            {
                return walk.get(text, true);
            }
            let help = "write {\"Get\": \"IterationOutput.STEP.PROPERTY\"}".to_owned();
            walk.note("the selector's field is no result of an iteration".to_owned(), Some(help));
        });
    }

    /// `Resources.S3[].StepName` is a step whose outputs are deleted.
    pub(super) fn cleanup(&mut self, members: &'d Map<String, Value>) {
        self.members(members);
        let sources = members.get("Resources").and_then(|resources| resources.get("S3"));
        for (index, source) in sources.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let Some(name) = source.get("StepName").and_then(Value::as_str) else { continue };
            self.within(Part::Member("Resources"), |walk| {
                walk.within(Part::Member("S3"), |walk| {
                    walk.within(Part::Item(index), |walk| {
                        walk.within(Part::Member("StepName"), |walk| {
                            walk.reads(name);
                        });
                    });
                });
            });
        }
    }
}
