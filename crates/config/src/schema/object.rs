//! The schema of a table with the keys of fields.

use serde_json::{Map, Value as Json, json};

use super::{Schema, Schemas, constrain};
use crate::field::{Field, FieldSchema};
use crate::variants::DescribeFn;

/// A table with these fields and no others.
pub(super) fn object(schemas: &mut Schemas, fields: &'static [Field], types: &[FieldSchema]) -> Schema {
    let mut properties = Map::new();
    let (mut required, mut elsewhere, mut rules) = (Vec::new(), Vec::new(), Vec::new());
    for (field, ty) in fields.iter().zip(types) {
        let schema = self::field(schemas, field, *ty);
        let has_to_be = field.default.is_none() && !ty.optional;
        let needed = has_to_be && !schemas.partial;
        if has_to_be && schemas.partial {
            elsewhere.push(field.key);
        }
        let keys: Vec<&str> = field.keys().collect();
        match keys.as_slice() {
            [only] if needed => required.push(*only),
            [_] => {}
            several if needed => {
                let one: Vec<Json> = several.iter().map(|key| json!({ "required": [key] })).collect();
                rules.push(json!({ "oneOf": one }));
            }
            several => {
                for (i, a) in several.iter().enumerate() {
                    rules.extend(several[i + 1..].iter().map(|b| json!({ "not": { "required": [a, b] } })));
                }
            }
        }
        for key in keys {
            properties.insert(key.to_owned(), schema.clone());
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if !elsewhere.is_empty() {
        schema[super::REQUIRED_SOMEWHERE] = elsewhere.into();
    }
    if !rules.is_empty() {
        schema["allOf"] = rules.into();
    }
    schema["additionalProperties"] = false.into();
    schema
}

/// The schema with its description before everything but its type.
pub(super) fn described(schema: Schema, description: &str) -> Schema {
    let Json::Object(own) = schema else { return schema };
    if description.is_empty() {
        return Json::Object(own);
    }
    let mut out = Map::new();
    let mut rest = own;
    if let Some(ty) = rest.shift_remove("type") {
        out.insert("type".to_owned(), ty);
    }
    out.insert("description".to_owned(), description.into());
    out.extend(rest);
    Json::Object(out)
}

/// Adds the keys of another table.
pub(super) fn flatten(schemas: &mut Schemas, into: &mut Schema, describe: DescribeFn) {
    let inner = describe(schemas);
    let inner = schemas.resolve(inner);
    if let (Some(own), Some(other)) = (into["properties"].as_object_mut(), inner["properties"].as_object()) {
        own.extend(other.clone());
    }
    for list in ["required", super::REQUIRED_SOMEWHERE, "allOf"] {
        let Some(more) = inner[list].as_array() else { continue };
        match into[list].as_array_mut() {
            Some(own) => own.extend(more.iter().cloned()),
            None => into[list] = more.clone().into(),
        }
    }
    if inner["additionalProperties"] != json!(false) && inner.is_object() {
        into["additionalProperties"] = inner["additionalProperties"].clone();
        if inner.get("propertyNames").is_some() {
            let known: Vec<&String> =
                into["properties"].as_object().into_iter().flat_map(Map::keys).collect();
            into["propertyNames"] = json!({ "anyOf": [{ "enum": known }, inner["propertyNames"]] });
        }
    }
}

/// The schema of a field's type with what the field says.
pub(super) fn field(schemas: &mut Schemas, field: &Field, ty: FieldSchema) -> Schema {
    let mut schema = if ty.open { json!({}) } else { (ty.describe)(schemas) };
    if !ty.open && constrain::needs_structure(&field.constraints) {
        schema = schemas.resolve(schema);
    }
    let Json::Object(entries) = &mut schema else { return schema };
    let mut set = |key: &str, value: Json| {
        entries.insert(key.to_owned(), value);
    };
    if !field.title.is_empty() {
        set("title", field.title.into());
    }
    if !field.description.is_empty() {
        set("description", field.description.into());
    }
    if field.deprecated.is_some() {
        set("deprecated", true.into());
    }
    if !(ty.secret)() {
        if let Some(default) = field.default {
            set("default", default.json(ty.shape));
        }
        if let Some(default) = ty.default.and_then(|default| default()) {
            set("default", default.to_json());
        }
        if !field.examples.is_empty() {
            set("examples", field.examples.iter().map(|example| example.json(ty.shape)).collect());
        }
    }
    if !ty.open {
        constrain::constrain(&mut schema, &field.constraints);
    }
    if let Some(extra) = ty.extra {
        extend(&mut schema, extra());
    }
    schema
}

/// The schema of the texts that a field's type is as the key of a map.
pub(super) fn key(schemas: &mut Schemas, field: &Field, ty: FieldSchema) -> Schema {
    if ty.open {
        return json!({ "type": "string" });
    }
    let schema = (ty.describe_key)(schemas);
    let mut schema = schemas.resolve(schema);
    constrain::constrain_key(&mut schema, &field.constraints);
    schema
}

/// Adds what a program says of a schema; where it says something of a keyword that is there, both hold.
pub(super) fn extend(schema: &mut Schema, extra: Schema) {
    let (Json::Object(own), Json::Object(extra)) = (schema, extra) else { return };
    let (both, more): (Map<_, _>, Map<_, _>) = extra.into_iter().partition(|(key, _)| own.contains_key(key));
    own.extend(more);
    if both.is_empty() {
        return;
    }
    match own.get_mut("allOf").and_then(Json::as_array_mut) {
        Some(rules) => rules.push(both.into()),
        None => {
            own.insert("allOf".to_owned(), json!([both]));
        }
    }
}
