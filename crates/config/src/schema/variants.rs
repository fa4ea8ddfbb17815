//! The schema of an enum whose variants hold something.

use serde_json::{Value as Json, json};

use super::object::{described, field, flatten, object};
use super::{Schema, Schemas};
use crate::variants::{Content, Tagging, Variant};

/// One of the variants; any of them for an untagged enum.
pub(super) fn variants(schemas: &mut Schemas, tagging: Tagging, variants: &[Variant]) -> Schema {
    let list: Vec<Json> = variants.iter().map(|variant| one(schemas, tagging, variant)).collect();
    // A part of a table, from one of several files, need not say which variant it is.
    match tagging {
        Tagging::Untagged => json!({ "anyOf": list }),
        _ if schemas.partial => json!({ "anyOf": list }),
        _ => json!({ "oneOf": list }),
    }
}

fn one(schemas: &mut Schemas, tagging: Tagging, variant: &Variant) -> Schema {
    let content = match &variant.content {
        Content::Unit => None,
        Content::Fields(fields, types, flat) => {
            let mut schema = object(schemas, fields, types);
            for describe in flat {
                flatten(schemas, &mut schema, *describe);
            }
            Some(schema)
        }
        Content::Value(own, ty) => Some(field(schemas, own, *ty)),
    };
    let name = match variant.names {
        [only] => json!({ "const": only }),
        several => json!({ "enum": several }),
    };
    let need = |keys: &[&str]| -> Json { if schemas.partial { json!([]) } else { json!(keys) } };
    let schema = match (tagging, content) {
        (Tagging::External, None) => name,
        (Tagging::External, Some(content)) => {
            let properties: serde_json::Map<String, Json> =
                variant.names.iter().map(|name| ((*name).to_owned(), content.clone())).collect();
            json!({
                "type": "object",
                "properties": properties,
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": false,
            })
        }
        (Tagging::Internal { tag }, content) => {
            let content = content.unwrap_or_else(
                || json!({ "type": "object", "properties": {}, "additionalProperties": false }),
            );
            let mut schema = schemas.resolve(content);
            let mut properties = serde_json::Map::from_iter([(tag.to_owned(), name)]);
            properties.extend(schema["properties"].as_object().cloned().unwrap_or_default());
            schema["properties"] = properties.into();
            let mut required = need(&[tag]);
            if let (Some(all), Some(own)) = (required.as_array_mut(), schema["required"].as_array()) {
                all.extend(own.iter().cloned());
            }
            schema["required"] = required;
            schema
        }
        (Tagging::Adjacent { tag, content: _ }, None) => json!({
            "type": "object",
            "properties": { tag: name },
            "required": need(&[tag]),
            "additionalProperties": false,
        }),
        (Tagging::Adjacent { tag, content: key }, Some(content)) => json!({
            "type": "object",
            "properties": { tag: name, key: content },
            "required": need(&[tag, key]),
            "additionalProperties": false,
        }),
        (Tagging::Untagged, content) => content.unwrap_or(Json::Bool(false)),
    };
    described(schema, variant.description)
}
