//! Walks properties along their schema.

use std::fmt::Write as _;

use serde_json::{Map, Value as Node};

use super::patterns::Patterns;
use super::{DEPTH_LIMIT, Faults, shown, walk};
use crate::problem::{Bounds, Fault, Known};
use crate::schema::{Entries, Format, Integer, Items, Number, Object, Presence, Rule, Shape, Text};

/// The walk through one resource.
pub(super) struct Constraints<'a> {
    logical_id: &'a str,
    path: String,
    depth: usize,
    faults: &'a mut Faults,
    patterns: &'a mut Patterns,
}

impl<'a> Constraints<'a> {
    pub(super) fn new(logical_id: &'a str, faults: &'a mut Faults, patterns: &'a mut Patterns) -> Self {
        Self { logical_id, path: "Properties".to_owned(), depth: 0, faults, patterns }
    }

    pub(super) fn properties(&mut self, object: &'static Object, node: &Node) {
        self.object(object, node);
    }

    fn fault(&mut self, fault: Fault) {
        self.faults.add("Resources", self.logical_id, &self.path, fault);
    }

    fn at(&mut self, part: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(part);
        check(self);
        self.path.truncate(length);
    }

    fn wrong_type(&mut self, node: &Node, wanted: &'static str) {
        self.fault(Fault::WrongType { value: shown(node), wanted });
    }

    fn value(&mut self, shape: &'static Shape, node: &Node) {
        if self.depth >= DEPTH_LIMIT {
            self.fault(Fault::TooDeep { limit: DEPTH_LIMIT });
            return;
        }
        self.depth += 1;
        // Free-form JSON may hold functions anywhere; `references` looks at those.
        match walk::function(node) {
            Some((name, arguments)) if !matches!(shape, Shape::Json) => {
                self.function(shape, node, name, arguments);
            }
            _ => self.literal(shape, node),
        }
        self.depth -= 1;
    }

    fn function(&mut self, shape: &'static Shape, node: &Node, name: &str, arguments: &Node) {
        if name == "Fn::If" {
            for side in [1, 2] {
                if let Some(value) = arguments.get(side) {
                    self.at(&format!(".Fn::If[{side}]"), |walk| walk.value(shape, value));
                }
            }
        } else if let (Shape::Text(text), Some(length)) = (shape, walk::least_length(node))
            && text.max.is_some_and(|max| length > max as usize)
        {
            self.fault(Fault::Length {
                value: shown(node),
                length,
                known: Known::AtLeast,
                allowed: bounds(text.min, text.max),
            });
        }
    }

    fn literal(&mut self, shape: &'static Shape, node: &Node) {
        match shape {
            Shape::Text(text) => self.text(text, node),
            Shape::Integer(integer) => self.integer(integer, node),
            Shape::Number(number) => self.number(number, node),
            // CloudFormation takes the words as well.
            Shape::Boolean if !node.is_boolean() && !matches!(node.as_str(), Some("true" | "false")) => {
                self.wrong_type(node, "boolean");
            }
            Shape::Boolean => {}
            Shape::List(items) => self.list(items, node),
            Shape::Map(entries) => self.map(entries, node),
            Shape::Object(object) => self.object(object, node),
            Shape::Json if node.is_object() || node.is_string() || node.is_array() => {}
            Shape::Json => self.wrong_type(node, "JSON document"),
        }
    }

    fn text(&mut self, text: &'static Text, node: &Node) {
        let Some(value) = node.as_str() else {
            return self.wrong_type(node, "text");
        };
        if value.contains("{{resolve:") {
            return;
        }
        if !text.values.is_empty() {
            let same = |allowed: &&&str| {
                if text.ignore_case { allowed.eq_ignore_ascii_case(value) } else { **allowed == value }
            };
            if !text.values.iter().any(|allowed| same(&allowed)) {
                let allowed = text.values.iter().map(|value| (*value).to_owned()).collect();
                self.fault(Fault::NotAllowed { value: shown(node), allowed });
            }
            return;
        }
        let length = value.chars().count();
        let allowed = bounds(text.min, text.max);
        if !within(length, text.min, text.max) {
            self.fault(Fault::Length { value: shown(node), length, known: Known::Exactly, allowed });
        }
        if let Some(pattern) = text.pattern.filter(|pattern| !self.patterns.matches(pattern, value)) {
            self.fault(Fault::Pattern { value: shown(node), pattern });
        }
        let wanted = match text.format {
            Format::Ipv4Network if !is_network::<std::net::Ipv4Addr>(value, 32) => "block of IPv4 addresses",
            Format::Ipv6Network if !is_network::<std::net::Ipv6Addr>(value, 128) => "block of IPv6 addresses",
            _ => return,
        };
        self.fault(Fault::Format { value: shown(node), wanted });
    }

    fn integer(&mut self, integer: &'static Integer, node: &Node) {
        // CloudFormation takes numbers as text, too.
        let Some(value) = node.as_i64().or_else(|| node.as_str()?.parse().ok()) else {
            return self.wrong_type(node, "whole number");
        };
        if !integer.values.is_empty() && !integer.values.contains(&value) {
            let allowed = integer.values.iter().map(ToString::to_string).collect();
            self.fault(Fault::NotAllowed { value: value.to_string(), allowed });
        }
        if integer.min.is_some_and(|min| value < min) || integer.max.is_some_and(|max| value > max) {
            #[expect(clippy::cast_precision_loss, reason = "only shown; no limit of AWS comes near 2^52")]
            let allowed =
                Bounds { min: integer.min.map(|min| min as f64), max: integer.max.map(|max| max as f64) };
            self.fault(Fault::Range { value: value.to_string(), allowed });
        }
    }

    fn number(&mut self, number: &'static Number, node: &Node) {
        let Some(value) = node.as_f64().or_else(|| node.as_str()?.parse().ok()) else {
            return self.wrong_type(node, "number");
        };
        if number.min.is_some_and(|min| value < min) || number.max.is_some_and(|max| value > max) {
            let allowed = Bounds { min: number.min, max: number.max };
            self.fault(Fault::Range { value: value.to_string(), allowed });
        }
    }

    fn list(&mut self, items: &'static Items, node: &Node) {
        let Some(values) = node.as_array() else {
            return self.wrong_type(node, "list");
        };
        // `Fn::If` may take an item away, so a list with one has no known length.
        let open = values.iter().any(|value| matches!(walk::function(value), Some(("Fn::If", _))));
        if !within(values.len(), items.min, items.max) && !open {
            let allowed = bounds(items.min, items.max);
            self.fault(Fault::Count { count: values.len(), allowed });
        }
        let mut seen = std::collections::BTreeSet::new();
        for (index, value) in values.iter().enumerate() {
            self.at(&format!("[{index}]"), |walk| {
                walk.value(&items.item, value);
                if items.unique && !seen.insert(value.to_string()) {
                    walk.fault(Fault::DuplicateItem { value: shown(value) });
                }
            });
        }
    }

    fn map(&mut self, entries: &'static Entries, node: &Node) {
        let Some(values) = node.as_object() else {
            return self.wrong_type(node, "map");
        };
        if !within(values.len(), entries.min, entries.max) {
            let allowed = bounds(entries.min, entries.max);
            self.fault(Fault::Count { count: values.len(), allowed });
        }
        for (key, value) in values {
            self.at(&format!(".{key}"), |walk| {
                if let Some(pattern) = entries.key.filter(|pattern| !walk.patterns.matches(pattern, key)) {
                    walk.fault(Fault::Pattern { value: shown(&Node::from(key.as_str())), pattern });
                }
                walk.value(&entries.value, value);
            });
        }
    }

    fn object(&mut self, object: &'static Object, node: &Node) {
        let Some(values) = node.as_object() else {
            return self.wrong_type(node, "object");
        };
        for property in object.properties {
            if property.presence == Presence::Required && !values.contains_key(property.name) {
                self.fault(Fault::Missing { property: property.name });
            }
        }
        for rule in object.rules {
            self.rule(rule, values);
        }
        let mut part = String::new();
        for (name, value) in values {
            part.clear();
            let _ = write!(part, ".{name}");
            self.at(&part, |walk| match object.property(name) {
                Some(property) if property.presence == Presence::ReadOnly => {
                    walk.fault(Fault::ReadOnly);
                }
                Some(property) => walk.value(&property.shape, value),
                None => {
                    let settable = object.properties.iter().filter(|p| p.presence != Presence::ReadOnly);
                    let known = settable.map(|property| property.name).collect();
                    walk.fault(Fault::UnknownProperty { known });
                }
            });
        }
    }

    fn rule(&mut self, rule: &'static Rule, values: &Map<String, Node>) {
        let set = |name: &&'static str| values.contains_key(*name);
        // `Fn::If` may take a property away, so nothing is known of it.
        let open = |names: &[&'static str]| {
            names.iter().any(|name| {
                values.get(*name).and_then(walk::function).is_some_and(|(name, _)| name == "Fn::If")
            })
        };
        match *rule {
            Rule::AtLeastOne(names) => {
                if !names.iter().any(set) {
                    self.fault(Fault::NoneOf { properties: names });
                }
            }
            Rule::ExactlyOne(names) => {
                let present: Vec<&'static str> = names.iter().copied().filter(|name| set(name)).collect();
                if present.len() != 1 && !open(names) {
                    self.fault(Fault::NotOneOf { properties: names, set: present });
                }
            }
            Rule::Requires(property, others) => {
                if set(&property) && !open(&[property]) {
                    for missing in others.iter().copied().filter(|name| !set(name)) {
                        self.fault(Fault::Requires { property, missing });
                    }
                }
            }
            Rule::Excludes(property, others) => {
                if set(&property) && !open(&[property]) {
                    for other in others.iter().copied().filter(|name| set(name) && !open(&[*name])) {
                        self.fault(Fault::Excludes { property, other });
                    }
                }
            }
        }
    }
}

fn within(count: usize, min: Option<u32>, max: Option<u32>) -> bool {
    min.is_none_or(|min| count >= min as usize) && max.is_none_or(|max| count <= max as usize)
}

fn bounds(min: Option<u32>, max: Option<u32>) -> Bounds {
    Bounds { min: min.map(f64::from), max: max.map(f64::from) }
}

fn is_network<A: std::str::FromStr>(text: &str, bits: u8) -> bool {
    text.split_once('/').is_some_and(|(address, prefix)| {
        address.parse::<A>().is_ok() && prefix.parse::<u8>().is_ok_and(|prefix| prefix <= bits)
    })
}
