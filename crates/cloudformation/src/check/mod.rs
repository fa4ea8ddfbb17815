//! Finds what is wrong with a template: all of it, at once.
//!
//! Never asks AWS: what depends on an account (does this bucket exist?) is not looked at.

mod constraints;
mod cycles;
mod patterns;
mod references;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeSet;

use serde_json::Value as Node;

use self::constraints::Constraints;
use self::patterns::Patterns;
use crate::problem::{Fault, Problem};
use crate::schema;
use crate::template::{RESOURCE_LIMIT, S3_LIMIT, Template};

/// Values nested deeper than this are not looked at. CloudFormation's own limit is far below.
pub(crate) const DEPTH_LIMIT: usize = 100;

/// The limits on other sections, and on texts, in entries and bytes.
const SECTION_LIMIT: usize = 200;
const DESCRIPTION_LIMIT: usize = 1_024;

/// Collects faults, each with its place.
#[derive(Default)]
pub(crate) struct Faults {
    found: Vec<Problem>,
}

impl Faults {
    pub(crate) fn add(&mut self, section: &'static str, name: &str, path: &str, fault: Fault) {
        let problem = Problem { section, logical_id: name.to_owned(), path: path.to_owned(), fault };
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }
}

pub(crate) fn template(template: &Template) -> Vec<Problem> {
    let mut faults = Faults::default();
    names(template, &mut faults);
    limits(template, &mut faults);
    let mut patterns = Patterns::default();
    for (id, entry) in &template.resources {
        if let Some(schema) = schema::resource(&entry.type_name) {
            let node = entry.body.to_node(&entry.type_name);
            let empty = Node::Object(serde_json::Map::new());
            let properties = node.get("Properties").unwrap_or(&empty);
            Constraints::new(id, &mut faults, &mut patterns).properties(schema.root, properties);
        }
    }
    references::check(template, &mut faults);
    let mut found = faults.found;
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found
}

/// Problems come in the order of the template, and those of one place in the order they were found.
fn order(problem: &Problem) -> (usize, &str, &str) {
    const SECTIONS: [&str; 7] =
        ["", "Metadata", "Parameters", "Mappings", "Conditions", "Resources", "Outputs"];
    let section = SECTIONS.iter().position(|name| *name == problem.section);
    (section.unwrap_or(SECTIONS.len()), &problem.logical_id, &problem.path)
}

fn names(template: &Template, faults: &mut Faults) {
    for (section, name) in &template.duplicates {
        faults.add(section, name, "", Fault::DuplicateName);
    }
    let sections: [(&'static str, BTreeSet<&String>); 5] = [
        ("Parameters", template.parameters.keys().collect()),
        ("Mappings", template.mappings.keys().collect()),
        ("Conditions", template.conditions.keys().collect()),
        ("Resources", template.resources.keys().collect()),
        ("Outputs", template.outputs.keys().collect()),
    ];
    for (section, names) in sections {
        for name in names {
            if !(1..=255).contains(&name.len()) || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                faults.add(section, name, "", Fault::InvalidName);
            }
        }
    }
    // One name space: `Ref` finds either.
    for name in template.parameters.keys().filter(|name| template.resources.contains_key(*name)) {
        faults.add("Resources", name, "", Fault::DuplicateName);
    }
}

fn limits(template: &Template, faults: &mut Faults) {
    let counts = [
        ("Parameters", template.parameters.len(), SECTION_LIMIT),
        ("Mappings", template.mappings.len(), SECTION_LIMIT),
        ("Resources", template.resources.len(), RESOURCE_LIMIT),
        ("Outputs", template.outputs.len(), SECTION_LIMIT),
    ];
    for (section, count, limit) in counts {
        if count > limit {
            faults.add(section, "", "", Fault::TooMany { count, limit });
        }
    }
    let size = template.description.len();
    if size > DESCRIPTION_LIMIT {
        faults.add("", "", "Description", Fault::TooLarge { size, limit: DESCRIPTION_LIMIT });
    }
    let size = template.size();
    if size > S3_LIMIT {
        faults.add("", "", "", Fault::TooLarge { size, limit: S3_LIMIT });
    }
}

/// A value for a message: as JSON, cut after 80 characters.
pub(crate) fn shown(node: &Node) -> String {
    let text = node.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
