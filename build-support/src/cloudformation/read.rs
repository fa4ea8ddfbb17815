//! A resource's JSON schema → [`Resource`].
//!
//! Anything that is not understood is an error: it is found when `models/` is refreshed, not by a user.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::kinds::Kinds;
use super::rules::{only_required, strings};
use super::shape::{Enum, Network, Object, Presence, Property, Replaces, Resource, Rule, Shape, Text};
use super::{attributes, names, patterns, rules};

/// Types whose `Ref` is not what their identifier says (AWS's page of the type, "Return values").
const REF_IS_A_NAME: &[&str] = &["AWS::Events::Rule"];

/// Methods that every resource has; a property of such a name would hide it.
const TAKEN: &[&str] = &[
    "body",
    "condition",
    "deletion_policy",
    "depends_on",
    "into_body",
    "metadata",
    "new",
    "retain",
    "update_replace_policy",
];

pub(super) fn resource(type_name: &str, schema: &Value, kinds: &Kinds) -> Result<Resource> {
    let mut parts = type_name.split("::");
    let (Some("AWS"), Some(service), Some(short), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        bail!("the name is not made of AWS, a service and a type");
    };
    let create_only = paths(schema, "createOnlyProperties");
    let conditional = paths(schema, "conditionalCreateOnlyProperties");
    let read_only = paths(schema, "readOnlyProperties");
    let mut reader =
        Reader { schema, kinds, objects: BTreeMap::new(), enums: BTreeMap::new(), origins: BTreeMap::new() };
    reader.reserve();
    let mut root = reader.object(names::type_name(short), schema, "")?;
    for property in &mut root.properties {
        let method = names::method(&property.name).to_string();
        ensure!(
            !TAKEN.contains(&method.as_str()),
            "property {} would hide a method of every resource",
            property.name
        );
        if create_only.contains(&property.name) {
            property.replaces = Replaces::Always;
        } else if conditional.contains(&property.name) {
            property.replaces = Replaces::Sometimes;
        }
    }
    for path in &read_only {
        attributes::mark_read_only(&mut reader.objects, &mut root, path);
    }
    let attributes = attributes::attributes(type_name, kinds, &reader.objects, &root, &read_only);
    let identifier = paths(schema, "primaryIdentifier");
    let reference = match identifier.as_slice() {
        [one] if !REF_IS_A_NAME.contains(&type_name) => kinds.of_attribute(type_name, one),
        _ => None,
    };
    let objects = reader.objects.into_values().flatten().collect();
    let enums = reader.enums.into_values().collect();
    Ok(Resource {
        type_name: type_name.to_owned(),
        service: service.to_ascii_lowercase(),
        name: names::type_name(short),
        module: heck::ToSnakeCase::to_snake_case(short),
        root,
        objects,
        enums,
        reference,
        attributes,
        create_only,
        conditional_create_only: conditional,
    })
}

/// `/properties/A/B` → `A.B`, sorted.
fn paths(schema: &Value, key: &str) -> Vec<String> {
    let mut paths: Vec<String> = schema[key]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|path| path.as_str()?.strip_prefix("/properties/"))
        .map(|path| path.replace('/', "."))
        .collect();
    paths.sort();
    paths
}

struct Reader<'a> {
    schema: &'a Value,
    kinds: &'a Kinds,
    /// `None` while the object is being read: it may refer to itself.
    objects: BTreeMap<String, Option<Object>>,
    enums: BTreeMap<String, Enum>,
    /// Rust name → place in the schema that took it.
    origins: BTreeMap<String, String>,
}

impl Reader<'_> {
    fn object(&mut self, name: String, schema: &Value, place: &str) -> Result<Object> {
        let required = strings(&schema["required"]);
        let at_root = place.is_empty();
        let mut properties = BTreeMap::new();
        let mut add = |reader: &mut Self, from: &Value, place: &str| -> Result<()> {
            for (property, schema) in from["properties"].as_object().into_iter().flatten() {
                let place = format!("{place}/properties/{property}");
                let hint = Hint { parent: &name, property, at_root };
                let shape = reader.shape(hint, schema, &place).with_context(|| place.clone())?;
                let presence =
                    if required.contains(property) { Presence::Required } else { Presence::Optional };
                let entry = Property { name: property.clone(), presence, replaces: Replaces::Never, shape };
                properties.insert(property.clone(), entry);
            }
            Ok(())
        };
        add(self, schema, place)?;
        let mut rules = Vec::new();
        let mut alternatives = Vec::new();
        for (index, one) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
            add(self, one, &format!("{place}/oneOf/{index}"))?;
            alternatives.push(only_required(one).with_context(|| format!("{place}/oneOf/{index}"))?);
        }
        if !alternatives.is_empty() {
            rules.push(Rule::ExactlyOne(alternatives.clone()));
        }
        if let Some(missing) = required.iter().find(|name| !properties.contains_key(*name)) {
            bail!("{place} requires {missing}, which it does not have");
        }
        rules.extend(rules::rules(schema, &properties, place)?);
        let properties: Vec<Property> = properties.into_values().collect();
        let is_tag = is_tag(&name, &properties);
        Ok(Object { name, properties, rules, alternatives, is_tag })
    }

    fn shape(&mut self, hint: Hint<'_>, schema: &Value, place: &str) -> Result<Shape> {
        if let Some(target) = schema["$ref"].as_str() {
            return self.definition(hint, target);
        }
        let types = match &schema["type"] {
            Value::String(one) => vec![one.as_str()],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ if schema.get("properties").is_some() => vec!["object"],
            _ if schema["format"] == "json" => vec!["object", "string"],
            _ => vec!["string"],
        };
        Ok(match types.as_slice() {
            ["string"] => self.text(hint, schema, place)?,
            ["integer"] => Shape::Integer {
                min: schema["minimum"].as_i64(),
                max: schema["maximum"].as_i64(),
                values: schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect(),
            },
            ["number"] => Shape::Number { min: schema["minimum"].as_f64(), max: schema["maximum"].as_f64() },
            ["boolean"] => Shape::Boolean,
            ["array"] => {
                let item = schema.get("items").context("a list without items")?;
                Shape::List {
                    min: count(schema, "minItems")?,
                    max: count(schema, "maxItems")?.or(count(schema, "maxUniqueItems")?),
                    unique: schema["uniqueItems"] == true,
                    item: Box::new(self.shape(hint, item, &format!("{place}/items"))?),
                }
            }
            ["object"] => self.map_or_object(hint, schema, place)?,
            // Documents: CloudFormation takes them as JSON or as text that holds JSON.
            ["object", "string"] | ["string", "object"] => Shape::Json,
            other => bail!("type {other:?} is unknown"),
        })
    }

    fn definition(&mut self, hint: Hint<'_>, target: &str) -> Result<Shape> {
        let key =
            target.strip_prefix("#/definitions/").with_context(|| format!("{target} leads elsewhere"))?;
        let schema =
            self.schema["definitions"].get(key).with_context(|| format!("{target} leads nowhere"))?;
        let named = Hint { parent: "", property: key, at_root: false };
        let mut shape = self.shape(named, schema, target)?;
        if let Shape::Text(text) = &mut shape {
            // The definition may be called less clearly than the property.
            text.kind = text.kind.take().or_else(|| self.kinds.of_property(hint.property, schema));
        }
        Ok(shape)
    }

    fn map_or_object(&mut self, hint: Hint<'_>, schema: &Value, place: &str) -> Result<Shape> {
        if let Some(patterns) = schema["patternProperties"].as_object() {
            let (Some((key, value)), 1) = (patterns.iter().next(), patterns.len()) else {
                bail!("{} patterns of properties: one is understood", patterns.len());
            };
            return Ok(Shape::Map {
                min: count(schema, "minItems")?.or(count(schema, "minProperties")?),
                max: count(schema, "maxItems")?.or(count(schema, "maxProperties")?),
                key: patterns::translate(key),
                value: Box::new(self.shape(hint, value, &format!("{place}/patternProperties"))?),
            });
        }
        if schema.get("properties").is_none() && schema.get("oneOf").is_none() {
            return Ok(Shape::Json);
        }
        let name = self.name(hint, place)?;
        if !self.objects.contains_key(&name) {
            self.objects.insert(name.clone(), None);
            let object = self.object(name.clone(), schema, place)?;
            self.objects.insert(name.clone(), Some(object));
        }
        let is_tag = self.objects.get(&name).and_then(Option::as_ref).is_some_and(|object| object.is_tag);
        Ok(Shape::Object { name, is_tag })
    }

    fn text(&mut self, hint: Hint<'_>, schema: &Value, place: &str) -> Result<Shape> {
        let ignore_case = schema.get("enumCaseInsensitive").is_some();
        let mut values = strings(&schema["enum"]);
        values.extend(strings(&schema["enumCaseInsensitive"]));
        values.extend(schema["const"].as_str().map(str::to_owned));
        let mut seen = BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
        let mut enumeration = None;
        if !values.is_empty() {
            let name = self.name(hint, place)?;
            self.enums.entry(name.clone()).or_insert_with(|| enumerated(&name, &values));
            enumeration = Some(name);
        }
        Ok(Shape::Text(Text {
            min: count(schema, "minLength")?.filter(|min| *min > 0),
            max: count(schema, "maxLength")?,
            pattern: schema["pattern"].as_str().and_then(patterns::translate),
            values,
            ignore_case,
            network: match schema["format"].as_str() {
                Some("ipv4-network") => Some(Network::V4),
                Some("ipv6-network") => Some(Network::V6),
                _ => None,
            },
            kind: self.kinds.of_property(hint.property, schema),
            enumeration,
        }))
    }

    /// Gives the definitions their own names, whatever else would like to have them.
    fn reserve(&mut self) {
        for key in self.schema["definitions"].as_object().into_iter().flatten().map(|(key, _)| key) {
            let place = format!("#/definitions/{key}");
            self.origins.entry(names::type_name(key)).or_insert(place);
        }
    }

    /// The Rust name of an object or enumeration: that of its definition, or of where it stands.
    fn name(&mut self, hint: Hint<'_>, place: &str) -> Result<String> {
        let full = names::type_name(&format!("{}{}", hint.parent, hint.property));
        let first = if hint.at_root { names::type_name(hint.property) } else { full.clone() };
        for name in [first, full.clone(), format!("{full}Value")] {
            match self.origins.get(&name) {
                None => {
                    self.origins.insert(name.clone(), place.to_owned());
                    return Ok(name);
                }
                Some(origin) if origin == place => return Ok(name),
                Some(_) => {}
            }
        }
        bail!("{place} and {} would both be called {full}", self.origins[&full])
    }
}

/// Where a shape stands, for want of a name of its own.
#[derive(Clone, Copy)]
struct Hint<'a> {
    parent: &'a str,
    property: &'a str,
    /// Whether it is a property of the resource itself: the resource's name says nothing new then.
    at_root: bool,
}

fn is_tag(name: &str, properties: &[Property]) -> bool {
    let plain = |property: &Property, name: &str| {
        property.name == name && matches!(&property.shape, Shape::Text(text) if text.enumeration.is_none())
    };
    name == "Tag" && matches!(properties, [key, value] if plain(key, "Key") && plain(value, "Value"))
}

/// Constants for the values, told apart where two would have the same name.
fn enumerated(name: &str, values: &[String]) -> Enum {
    let mut taken = BTreeSet::new();
    let values = values.iter().map(|value| {
        let base = names::constant(value);
        let mut constant = base.clone();
        let mut count = 1;
        while !taken.insert(constant.clone()) {
            count += 1;
            constant = format!("{base}_{count}");
        }
        (constant, value.clone())
    });
    Enum { name: name.to_owned(), values: values.collect() }
}

fn count(schema: &Value, key: &str) -> Result<Option<u32>> {
    let Some(value) = schema.get(key) else {
        return Ok(None);
    };
    let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
    Ok(Some(count.with_context(|| format!("{key} is {value}: a count is wanted"))?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(schema: &Value, wanted: &str) {
        let error = resource("AWS::Demo::Thing", schema, &Kinds::default()).unwrap_err();
        assert_eq!(format!("{error:#}"), wanted);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let property = |schema: Value| json!({"properties": {"P": schema}});
        refused(&property(json!({"type": "null"})), "/properties/P: type [\"null\"] is unknown");
        refused(&property(json!({"type": "array"})), "/properties/P: a list without items");
        refused(&property(json!({"$ref": "other.json#/x"})), "/properties/P: other.json#/x leads elsewhere");
        refused(
            &property(json!({"$ref": "#/definitions/X"})),
            "/properties/P: #/definitions/X leads nowhere",
        );
        refused(
            &property(json!({"type": "string", "maxLength": -1})),
            "/properties/P: maxLength is -1: a count is wanted",
        );
        refused(&json!({"required": ["X"], "properties": {}}), " requires X, which it does not have");
        refused(
            &property(json!({"type": "object", "oneOf": [{"required": ["A", "B"]}]})),
            "/properties/P: /properties/P/oneOf/0: an alternative requires 2 properties: one is understood",
        );
        refused(
            &json!({"properties": {"Metadata": {"type": "string"}}}),
            "property Metadata would hide a method of every resource",
        );
        let error = resource("Custom::Thing", &json!({}), &Kinds::default()).unwrap_err();
        assert_eq!(error.to_string(), "the name is not made of AWS, a service and a type");
    }
}
