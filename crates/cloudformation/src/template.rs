//! [`Template`]: what goes to CloudFormation.

use std::collections::BTreeMap;

use serde::Serialize as _;
use serde_json::{Map as Object, Value as Node, json};

use crate::check;
use crate::condition::{Condition, ConditionRef};
use crate::problem::Problem;
use crate::resource::{Body, Handle, Resource};
use crate::sections::{Mapping, Output, Parameter};
use crate::value::Value;

/// The size in bytes up to which a template may stand in the body of a request.
pub const BODY_LIMIT: usize = 51_200;

/// The size in bytes up to which a template may be fetched from S3.
pub const S3_LIMIT: usize = 1_000_000;

/// The greatest number of resources in a template.
pub const RESOURCE_LIMIT: usize = 500;

/// A CloudFormation template.
///
/// Entries of a section are written in the order of their names, and sections in CloudFormation's usual order, so the same
/// content gives the same bytes. Faults, a name used twice among them, are collected and
/// come out of [`check`](Self::check).
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub(crate) description: String,
    pub(crate) metadata: Object<String, Node>,
    pub(crate) parameters: BTreeMap<String, Node>,
    pub(crate) mappings: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
    pub(crate) conditions: BTreeMap<String, Node>,
    pub(crate) resources: BTreeMap<String, Entry>,
    pub(crate) outputs: BTreeMap<String, Node>,
    /// Section and name of what was declared a second time.
    pub(crate) duplicates: Vec<(&'static str, String)>,
}

/// A resource of a template.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) type_name: String,
    pub(crate) body: Body,
}

impl Template {
    /// A template with nothing but a description (up to 1,024 bytes; may be empty).
    pub fn new(description: impl Into<String>) -> Self {
        Self { description: description.into(), ..Self::default() }
    }

    /// Adds a resource under a logical id (1 to 255 letters and digits) and gives a handle that refers to it.
    pub fn add<R: Resource>(&mut self, logical_id: impl Into<String>, resource: R) -> Handle<R> {
        let logical_id = logical_id.into();
        let entry = Entry { type_name: resource.type_name().to_owned(), body: resource.into_body() };
        declare(&mut self.resources, "Resources", &mut self.duplicates, &logical_id, entry);
        Handle::named(logical_id)
    }

    /// Declares a parameter and gives a reference to it.
    pub fn parameter<T>(&mut self, name: impl Into<String>, parameter: Parameter<T>) -> Value<T> {
        let name = name.into();
        let node = parameter.into_node();
        declare(&mut self.parameters, "Parameters", &mut self.duplicates, &name, node);
        Value::raw(json!({ "Ref": name }))
    }

    /// Declares a mapping of two levels and gives a handle to look into it.
    pub fn mapping<A, B, K, V>(
        &mut self,
        name: impl Into<String>,
        rows: impl IntoIterator<Item = (A, B)>,
    ) -> Mapping
    where
        A: Into<String>,
        B: IntoIterator<Item = (K, V)>,
        K: Into<String>,
        V: Into<String>,
    {
        let name = name.into();
        let rows = rows
            .into_iter()
            .map(|(row, cells)| {
                (row.into(), cells.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
            })
            .collect();
        declare(&mut self.mappings, "Mappings", &mut self.duplicates, &name, rows);
        Mapping::named(name)
    }

    /// Declares a condition.
    pub fn condition(&mut self, name: impl Into<String>, condition: impl Into<Condition>) -> ConditionRef {
        let name = name.into();
        let node = condition.into().node().clone();
        declare(&mut self.conditions, "Conditions", &mut self.duplicates, &name, node);
        ConditionRef::named(name)
    }

    /// Declares an output.
    pub fn output(&mut self, name: impl Into<String>, output: Output) {
        let name = name.into();
        declare(&mut self.outputs, "Outputs", &mut self.duplicates, &name, output.into_node());
    }

    /// Sets an entry of the template's own metadata.
    pub fn metadata(&mut self, key: impl Into<String>, value: Node) {
        self.metadata.insert(key.into(), value);
    }

    /// Whether a resource of this logical id is there.
    pub fn contains(&self, logical_id: &str) -> bool {
        self.resources.contains_key(logical_id)
    }

    /// The template as JSON.
    pub fn to_node(&self) -> Node {
        let mut out = Object::new();
        out.insert("AWSTemplateFormatVersion".into(), "2010-09-09".into());
        if !self.description.is_empty() {
            out.insert("Description".into(), self.description.as_str().into());
        }
        let mut metadata = self.metadata.clone();
        metadata.sort_keys();
        section(&mut out, "Metadata", metadata);
        section(&mut out, "Parameters", nodes(&self.parameters));
        let mappings = self.mappings.iter().map(|(name, rows)| (name.clone(), json!(rows)));
        section(&mut out, "Mappings", mappings.collect());
        section(&mut out, "Conditions", nodes(&self.conditions));
        let resources =
            self.resources.iter().map(|(id, entry)| (id.clone(), entry.body.to_node(&entry.type_name)));
        // A template has to have this section, even when nothing is in it.
        out.insert("Resources".into(), Node::Object(resources.collect()));
        section(&mut out, "Outputs", nodes(&self.outputs));
        Node::Object(out)
    }

    /// The template as it is written to a file: indented, with a line break at its end.
    pub fn text(&self) -> String {
        let node = self.to_node();
        let mut out = Vec::new();
        let one_space = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let written = node.serialize(&mut serde_json::Serializer::with_formatter(&mut out, one_space));
        out.push(b'\n');
        match (written, String::from_utf8(out)) {
            (Ok(()), Ok(text)) => text,
            // Memory takes all that is written and JSON is text, so this is not reached; and if it were, it
            // would be the same template.
            _ => format!("{node}\n"),
        }
    }

    /// The size of [`text`](Self::text) in bytes.
    pub fn size(&self) -> usize {
        self.text().len()
    }

    /// Whether the template may stand in the body of a request: [`BODY_LIMIT`].
    pub fn fits_body(&self) -> bool {
        self.size() <= BODY_LIMIT
    }

    /// Whether CloudFormation takes the template at all, from S3: [`S3_LIMIT`].
    pub fn fits_s3(&self) -> bool {
        self.size() <= S3_LIMIT
    }

    /// Everything that is wrong with the template, in the order of its sections and names; empty when it is well.
    ///
    /// Looked for: names used twice or badly spelt; properties that are missing, unknown, of the wrong type, or
    /// outside their limits, through both sides of `Fn::If` and, for a length, through the known parts of `Fn::Join` and
    /// `Fn::Sub`; `Ref`, `Fn::GetAtt`, `DependsOn`, variables of `Fn::Sub`, conditions and mappings that lead nowhere;
    /// what is declared and never used; cycles; more than AWS takes of anything.
    pub fn check(&self) -> Vec<Problem> {
        check::template(self)
    }
}

fn declare<T>(
    section: &mut BTreeMap<String, T>,
    section_name: &'static str,
    duplicates: &mut Vec<(&'static str, String)>,
    name: &str,
    value: T,
) {
    if section.contains_key(name) {
        duplicates.push((section_name, name.to_owned()));
    } else {
        section.insert(name.to_owned(), value);
    }
}

fn nodes(section: &BTreeMap<String, Node>) -> Object<String, Node> {
    section.iter().map(|(name, node)| (name.clone(), node.clone())).collect()
}

fn section(out: &mut Object<String, Node>, name: &str, content: Object<String, Node>) {
    if !content.is_empty() {
        out.insert(name.to_owned(), Node::Object(content));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Untyped;

    type Step = Box<dyn Fn(&mut Template)>;

    #[test]
    fn the_text_does_not_depend_on_the_order_of_calls() {
        let make = |reverse: bool| {
            let mut template = Template::new("demo");
            let mut steps: Vec<Step> = vec![
                Box::new(|t| {
                    t.add("B", Untyped::new("X::Y::Z").property("P", json!(1)).property("Q", json!(2)));
                }),
                Box::new(|t| {
                    t.add("A", Untyped::new("X::Y::Z"));
                }),
                Box::new(|t| t.output("Out", Output::new::<String>("x".into()).description("why"))),
                Box::new(|t| {
                    t.parameter("Size", Parameter::number().default(3).min_value(1));
                }),
                Box::new(|t| {
                    t.mapping("M", [("eu-west-1", [("Account", "1")])]);
                }),
                Box::new(|t| t.metadata("k", json!("v"))),
            ];
            if reverse {
                steps.reverse();
            }
            for step in steps {
                step(&mut template);
            }
            template.text()
        };
        assert_eq!(make(false), make(true));
        assert_eq!(
            serde_json::from_str::<Node>(&make(false)).unwrap(),
            json!({
                "AWSTemplateFormatVersion": "2010-09-09",
                "Description": "demo",
                "Metadata": {"k": "v"},
                "Parameters": {"Size": {"Default": 3, "MinValue": 1, "Type": "Number"}},
                "Mappings": {"M": {"eu-west-1": {"Account": "1"}}},
                "Resources": {"A": {"Type": "X::Y::Z"}, "B": {"Type": "X::Y::Z", "Properties": {"P": 1, "Q": 2}}},
                "Outputs": {"Out": {"Value": "x", "Description": "why"}},
            })
        );
        assert!(
            make(false).starts_with("{\n \"AWSTemplateFormatVersion\": \"2010-09-09\",\n \"Description\"")
        );
    }

    #[test]
    fn size_decides_where_a_template_may_go() {
        let with = |bytes: usize| {
            let mut template = Template::new("");
            let base = template.size();
            template.metadata("k", json!(""));
            let empty = template.size();
            template.metadata("k", json!("x".repeat(bytes - empty)));
            assert!(base < empty);
            assert_eq!(template.size(), bytes);
            (template.fits_body(), template.fits_s3())
        };
        assert_eq!(with(BODY_LIMIT), (true, true));
        assert_eq!(with(BODY_LIMIT + 1), (false, true));
        assert_eq!(with(S3_LIMIT), (false, true));
        assert_eq!(with(S3_LIMIT + 1), (false, false));
    }
}
