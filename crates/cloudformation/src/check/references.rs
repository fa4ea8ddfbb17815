//! Follows every reference of a template: does it lead somewhere, and never in a circle?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Node;

use super::walk::{Part, function, sub_parts};
use super::{DEPTH_LIMIT, Faults, cycles, shown};
use crate::problem::Fault;
use crate::template::Template;
use crate::{pseudo, schema};

/// What stands at a place and what it refers to; and what has been referred to at all.
struct References<'a> {
    template: &'a Template,
    faults: &'a mut Faults,
    section: &'static str,
    name: &'a str,
    path: String,
    depth: usize,
    /// Resource → resources that it refers to.
    edges: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Condition → conditions that it refers to.
    condition_edges: BTreeMap<&'a str, BTreeSet<&'a str>>,
    used: BTreeSet<(&'static str, &'a str)>,
}

pub(super) fn check(template: &Template, faults: &mut Faults) {
    let resources: Vec<(&str, Node)> = template
        .resources
        .iter()
        .map(|(id, entry)| (id.as_str(), entry.body.to_node(&entry.type_name)))
        .collect();
    let mut walk = References {
        template,
        faults,
        section: "",
        name: "",
        path: String::new(),
        depth: 0,
        edges: BTreeMap::new(),
        condition_edges: BTreeMap::new(),
        used: BTreeSet::new(),
    };
    for (name, node) in &template.conditions {
        walk.entry("Conditions", name, "", node);
    }
    for (id, node) in &resources {
        walk.resource(id, node);
    }
    for (name, node) in &template.outputs {
        walk.output(name, node);
    }
    walk.unused();
    let References { faults, edges, condition_edges, .. } = walk;
    for (section, edges) in [("Resources", edges), ("Conditions", condition_edges)] {
        for names in cycles::find(&edges) {
            let first = names.first().cloned().unwrap_or_default();
            faults.add(section, &first, "", Fault::Cycle { names });
        }
    }
}

impl<'a> References<'a> {
    fn entry(&mut self, section: &'static str, name: &'a str, path: &str, node: &Node) {
        self.section = section;
        self.name = name;
        path.clone_into(&mut self.path);
        self.value(node);
    }

    fn resource(&mut self, id: &'a str, node: &Node) {
        self.section = "Resources";
        self.name = id;
        if let Some(condition) = node["Condition"].as_str() {
            "Condition".clone_into(&mut self.path);
            self.condition(condition);
        }
        if let Some(entry) = self.template.resources.get(id) {
            for other in entry.body.depends_on() {
                "DependsOn".clone_into(&mut self.path);
                if !self.resource_edge(other) {
                    self.fault(Fault::DanglingReference { target: other.clone() });
                }
            }
        }
        for part in ["Properties", "Metadata"] {
            if let Some(node) = node.get(part) {
                self.entry("Resources", id, part, node);
            }
        }
    }

    fn output(&mut self, name: &'a str, node: &Node) {
        self.section = "Outputs";
        self.name = name;
        if let Some(condition) = node["Condition"].as_str() {
            "Condition".clone_into(&mut self.path);
            self.condition(condition);
        }
        for part in ["Value", "Export"] {
            if let Some(node) = node.get(part) {
                self.entry("Outputs", name, part, node);
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.faults.add(self.section, self.name, &self.path, fault);
    }

    fn at(&mut self, part: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if !self.path.is_empty() && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        check(self);
        self.path.truncate(length);
    }

    fn value(&mut self, node: &Node) {
        if self.depth >= DEPTH_LIMIT {
            return self.fault(Fault::TooDeep { limit: DEPTH_LIMIT });
        }
        self.depth += 1;
        match (function(node), node) {
            (Some((name, arguments)), _) => self.function(name, arguments),
            (None, Node::Object(map)) => {
                for (key, below) in map {
                    self.at(key, |walk| walk.value(below));
                }
            }
            (None, Node::Array(items)) => {
                for (index, below) in items.iter().enumerate() {
                    self.at(&format!("[{index}]"), |walk| walk.value(below));
                }
            }
            _ => {}
        }
        self.depth -= 1;
    }

    fn function(&mut self, name: &str, arguments: &Node) {
        let known = match (name, arguments) {
            ("Ref", Node::String(target)) => {
                self.reference(target);
                true
            }
            // Elsewhere it is a key like any other.
            ("Condition", Node::String(target)) if self.section == "Conditions" => {
                self.condition(target);
                true
            }
            ("Fn::GetAtt", _) => self.get_att(arguments),
            ("Fn::Sub", _) => self.sub(arguments),
            ("Fn::FindInMap", _) => self.find_in_map(arguments),
            ("Fn::If", Node::Array(all)) if all.len() == 3 => {
                if let Some(condition) = all[0].as_str() {
                    self.condition(condition);
                }
                for side in [1, 2] {
                    self.at(&format!("Fn::If[{side}]"), |walk| walk.value(&all[side]));
                }
                all[0].is_string()
            }
            ("Ref" | "Fn::If", _) => false,
            _ => {
                self.at(name, |walk| walk.value(arguments));
                true
            }
        };
        if !known {
            self.fault(Fault::Malformed { function: name.to_owned(), value: shown(arguments) });
        }
    }

    fn reference(&mut self, target: &str) {
        if pseudo::NAMES.contains(&target) {
            return;
        }
        if let Some((name, _)) = self.template.parameters.get_key_value(target) {
            self.used.insert(("Parameters", name));
        } else if !self.resource_edge(target) {
            self.fault(Fault::DanglingReference { target: target.to_owned() });
        }
    }

    /// Notes that the entry refers to a resource; says whether there is one.
    fn resource_edge(&mut self, target: &str) -> bool {
        let Some((target, _)) = self.template.resources.get_key_value(target) else {
            return false;
        };
        if self.section == "Resources" {
            self.edges.entry(self.name).or_default().insert(target);
        }
        true
    }

    fn condition(&mut self, target: &str) {
        let Some((target, _)) = self.template.conditions.get_key_value(target) else {
            return self.fault(Fault::UnknownCondition { target: target.to_owned() });
        };
        self.used.insert(("Conditions", target));
        if self.section == "Conditions" {
            self.condition_edges.entry(self.name).or_default().insert(target);
        }
    }

    fn get_att(&mut self, arguments: &Node) -> bool {
        let parts = match arguments {
            Node::String(text) => text.split_once('.'),
            Node::Array(parts) => match parts.as_slice() {
                [Node::String(target), Node::String(attribute)] => {
                    Some((target.as_str(), attribute.as_str()))
                }
                [Node::String(target), attribute] => {
                    // The attribute's name may be worked out later.
                    if !self.resource_edge(target) {
                        self.fault(Fault::DanglingReference { target: target.clone() });
                    }
                    self.value(attribute);
                    return true;
                }
                _ => None,
            },
            _ => None,
        };
        let Some((target, attribute)) = parts else {
            return false;
        };
        self.attribute(target, attribute);
        true
    }

    fn attribute(&mut self, target: &str, attribute: &str) {
        if !self.resource_edge(target) {
            return self.fault(Fault::DanglingReference { target: target.to_owned() });
        }
        let Some(entry) = self.template.resources.get(target) else {
            return;
        };
        let Some(schema) = schema::resource(&entry.type_name) else {
            return;
        };
        if schema.attributes.binary_search(&attribute).is_err() {
            self.fault(Fault::UnknownAttribute {
                target: target.to_owned(),
                type_name: entry.type_name.clone(),
                attribute: attribute.to_owned(),
                known: schema.attributes,
            });
        }
    }

    fn sub(&mut self, arguments: &Node) -> bool {
        let (text, variables) = match arguments {
            Node::String(text) => (text.as_str(), None),
            Node::Array(parts) => match parts.as_slice() {
                [Node::String(text), Node::Object(variables)] => (text.as_str(), Some(variables)),
                _ => return false,
            },
            _ => return false,
        };
        let mut used = BTreeSet::new();
        for part in sub_parts(text) {
            let Part::Variable(name) = part else { continue };
            if variables.is_some_and(|variables| variables.contains_key(name)) {
                used.insert(name);
            } else if let Some((target, attribute)) = name.split_once('.') {
                self.attribute(target, attribute);
            } else {
                self.reference(name);
            }
        }
        for (name, value) in variables.into_iter().flatten() {
            if !used.contains(name.as_str()) {
                self.fault(Fault::UnusedVariable { variable: name.clone() });
            }
            self.at(&format!("Fn::Sub.{name}"), |walk| walk.value(value));
        }
        true
    }

    fn find_in_map(&mut self, arguments: &Node) -> bool {
        let Some(parts) = arguments.as_array().filter(|parts| parts.len() >= 3) else {
            return false;
        };
        for part in parts {
            self.at("Fn::FindInMap", |walk| walk.value(part));
        }
        let Some(name) = parts[0].as_str() else {
            return true;
        };
        let Some((name, rows)) = self.template.mappings.get_key_value(name) else {
            self.fault(Fault::UnknownMapping { target: name.to_owned(), what: "mapping" });
            return true;
        };
        self.used.insert(("Mappings", name));
        // Whatever is not literal may be any of the keys.
        let first = parts[1].as_str();
        let second = parts[2].as_str();
        let found = rows
            .iter()
            .filter(|(row, _)| first.is_none_or(|first| first == *row))
            .any(|(_, cells)| second.is_none_or(|second| cells.contains_key(second)));
        if !found {
            let target = format!("{name}.{}.{}", first.unwrap_or("*"), second.unwrap_or("*"));
            self.fault(Fault::UnknownMapping { target, what: "entry of a mapping" });
        }
        true
    }

    fn unused(&mut self) {
        let template = self.template;
        let declared = [
            ("Parameters", template.parameters.keys().collect::<Vec<_>>()),
            ("Mappings", template.mappings.keys().collect()),
            ("Conditions", template.conditions.keys().collect()),
        ];
        for (section, names) in declared {
            for name in names {
                if !self.used.contains(&(section, name.as_str())) {
                    self.faults.add(section, name, "", Fault::Unused);
                }
            }
        }
    }
}
