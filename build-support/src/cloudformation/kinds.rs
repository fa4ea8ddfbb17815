//! What references stand for: one marker type for each thing that a property can name.
//!
//! A schema says `"format": "AWS::EC2::VPC.Id"` for some properties. Where it does not, the name tells: an
//! attribute called `Arn`, `Id`, `TopicArn` of a topic or `VpcId` of a VPC, and a property of the same name elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use super::{docs, names};

/// A kind of reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// `VpcId`.
    pub(super) name: String,
    /// `AWS::EC2::VPC.Id`.
    pub(super) format: String,
}

#[derive(Debug, Default)]
pub(super) struct Kinds {
    all: BTreeSet<Kind>,
    /// (`AWS::EC2::VPC`, `VpcId`) → what that attribute gives.
    attributes: BTreeMap<(String, String), Kind>,
    /// `VpcId` → what a property of this name takes; `None` where two types share the name.
    by_name: BTreeMap<String, Option<Kind>>,
}

impl Kinds {
    pub(super) fn collect(schemas: &Map<String, Value>) -> Result<Self> {
        let mut kinds = Self::default();
        for (type_name, schema) in schemas {
            kinds.formats(schema);
            for property in identities(schema) {
                kinds.attribute(type_name, &property, &schema["properties"][&property]);
            }
        }
        let mut names = BTreeMap::new();
        for kind in &kinds.all {
            if let Some(other) = names.insert(kind.name.clone(), kind.format.clone()) {
                ensure!(false, "{other} and {} would both be called {}", kind.format, kind.name);
            }
        }
        Ok(kinds)
    }

    /// All formats that stand anywhere in a schema.
    fn formats(&mut self, node: &Value) {
        match node {
            Value::Object(map) => {
                self.all.extend(format(node));
                map.values().for_each(|below| self.formats(below));
            }
            Value::Array(items) => items.iter().for_each(|below| self.formats(below)),
            _ => {}
        }
    }

    fn attribute(&mut self, type_name: &str, property: &str, schema: &Value) {
        let short = type_name.rsplit("::").next().unwrap_or(type_name);
        let is = |what: &str| property == what || property.eq_ignore_ascii_case(&format!("{short}{what}"));
        let several = schema.get("anyOf").is_some();
        let kind = match format(schema) {
            Some(kind) => kind,
            None if !several && is("Arn") => kind(type_name, "Arn"),
            None if !several && is("Id") => kind(type_name, "Id"),
            None => return,
        };
        for what in ["Arn", "Id"] {
            if kind.format == format!("{type_name}.{what}") {
                let camel = names::type_name(short);
                let entry =
                    self.by_name.entry(format!("{camel}{what}")).or_insert_with(|| Some(kind.clone()));
                if entry.as_ref().is_some_and(|other| *other != kind) {
                    *entry = None;
                }
            }
        }
        self.all.insert(kind.clone());
        self.attributes.insert((type_name.to_owned(), property.to_owned()), kind);
    }

    /// What a text property takes: by its own schema, else by its name.
    pub(super) fn of_property(&self, name: &str, schema: &Value) -> Option<Kind> {
        if schema.get("anyOf").is_some() || schema.get("enum").is_some() {
            return None;
        }
        if let Some(kind) = format(schema) {
            return Some(kind);
        }
        let related = &schema["relationshipRef"];
        if let (Some(type_name), Some(path)) =
            (related["typeName"].as_str(), related["propertyPath"].as_str())
        {
            let property = path.rsplit('/').next().unwrap_or(path);
            return self.of_attribute(type_name, property);
        }
        self.by_name.get(&names::type_name(name)).cloned().flatten()
    }

    /// What an attribute gives.
    pub(super) fn of_attribute(&self, type_name: &str, property: &str) -> Option<Kind> {
        self.attributes.get(&(type_name.to_owned(), property.to_owned())).cloned()
    }

    pub(super) fn emit(&self) -> TokenStream {
        let markers = self.all.iter().map(|Kind { name, format }| {
            let ident = names::ident(name);
            let (type_name, what) = format.rsplit_once('.').unwrap_or((format, ""));
            let doc = docs::attributes(&format!("Stands for the {what} of an `{type_name}`."));
            quote! {
                #doc
                #[derive(Debug)]
                pub enum #ident {}
                impl crate::value::Reference for #ident {}
            }
        });
        quote! {
            /// What references stand for, as types of [`Value`](crate::Value). No values of these types exist.
            pub mod kinds {
                #(#markers)*
            }
        }
    }
}

/// The properties that name a resource: those the service gives out, and those of its identifier.
fn identities(schema: &Value) -> BTreeSet<String> {
    ["readOnlyProperties", "primaryIdentifier"]
        .into_iter()
        .filter_map(|key| schema[key].as_array())
        .flatten()
        .filter_map(|path| path.as_str()?.strip_prefix("/properties/"))
        .filter(|path| !path.contains('/'))
        .map(str::to_owned)
        .collect()
}

fn format(schema: &Value) -> Option<Kind> {
    let (type_name, what) = schema.get("format")?.as_str()?.rsplit_once('.')?;
    // `.Ids` says of a list what `.Id` says of its items.
    (type_name.starts_with("AWS::") && !what.ends_with('s')).then(|| kind(type_name, what))
}

fn kind(type_name: &str, what: &str) -> Kind {
    let short = names::type_name(type_name.rsplit("::").next().unwrap_or(type_name));
    // `AWS::KMS::Alias.AliasName` needs its name but once.
    let name = if what.starts_with(&short) { what.to_owned() } else { format!("{short}{what}") };
    Kind { name, format: format!("{type_name}.{what}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kinds() -> Kinds {
        let schemas = json!({
            "AWS::EC2::VPC": {
                "properties": {"VpcId": {"type": "string"}, "Owner": {"type": "string"}},
                "readOnlyProperties": ["/properties/VpcId", "/properties/Owner", "/properties/A/B"]
            },
            "AWS::SNS::Topic": {
                "properties": {"TopicArn": {"type": "string", "format": "AWS::SNS::Topic.Arn"}},
                "primaryIdentifier": ["/properties/TopicArn"]
            },
            "AWS::A::Pool": {"properties": {"Arn": {}}, "readOnlyProperties": ["/properties/Arn"]},
            "AWS::KMS::Key": {"properties": {"P": {"format": "AWS::KMS::Alias.AliasName"}, "L": {"format": "AWS::X::Y.Ids"}}}
        });
        Kinds::collect(schemas.as_object().unwrap()).unwrap()
    }

    #[test]
    fn kinds_come_from_formats_and_from_names() {
        let kinds = kinds();
        let all: Vec<_> = kinds.all.iter().map(|kind| (kind.name.as_str(), kind.format.as_str())).collect();
        assert_eq!(
            all,
            [
                ("AliasName", "AWS::KMS::Alias.AliasName"),
                ("PoolArn", "AWS::A::Pool.Arn"),
                ("TopicArn", "AWS::SNS::Topic.Arn"),
                ("VpcId", "AWS::EC2::VPC.Id"),
            ]
        );
        let check = |property: &str, schema: Value, expected: Option<&str>| {
            let found = kinds.of_property(property, &schema).map(|kind| kind.name);
            assert_eq!(found.as_deref(), expected, "{property} {schema}");
        };
        check("VpcId", json!({}), Some("VpcId"));
        check("TopicArn", json!({}), Some("TopicArn"));
        check("Other", json!({"format": "AWS::KMS::Alias.AliasName"}), Some("AliasName"));
        check("Other", json!({"format": "json"}), None);
        check("VpcId", json!({"anyOf": []}), None);
        let related =
            json!({"relationshipRef": {"typeName": "AWS::EC2::VPC", "propertyPath": "/properties/VpcId"}});
        check("Other", related, Some("VpcId"));
        assert_eq!(kinds.of_attribute("AWS::EC2::VPC", "Owner"), None);
    }

    #[test]
    fn two_kinds_of_one_name_are_refused() {
        let schemas = json!({
            "AWS::A::X": {"properties": {"P": {"format": "AWS::B::Role.Arn"}, "Q": {"format": "AWS::C::Role.Arn"}}}
        });
        let error = Kinds::collect(schemas.as_object().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "AWS::B::Role.Arn and AWS::C::Role.Arn would both be called RoleArn");
    }
}
