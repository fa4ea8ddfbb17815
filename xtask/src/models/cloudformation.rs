//! Resource schemas of CloudFormation → the same schemas without prose, permissions and transforms.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::lines;

/// Keywords that say what a template may hold, or what a property is.
const KEPT: &[&str] = &[
    "$ref",
    "additionalProperties",
    "conditionalCreateOnlyProperties",
    "const",
    "createOnlyProperties",
    "dependentExcluded",
    "dependentRequired",
    "enum",
    "enumCaseInsensitive",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maxUniqueItems",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "primaryIdentifier",
    "readOnlyProperties",
    "relationshipRef",
    "replacementStrategy",
    "required",
    "requiredOr",
    "requiredXor",
    "type",
    "uniqueItems",
    "writeOnlyProperties",
];

/// Keywords whose value is a map from names to schemas.
const NAMED: &[&str] = &["definitions", "patternProperties", "properties"];

/// Keywords whose value is a schema or a list of schemas.
const NESTED: &[&str] = &["allOf", "anyOf", "items", "oneOf"];

/// Prose, what only the service's own handlers need, and values the service fills in by itself.
const IGNORED: &[&str] = &[
    "$comment",
    "$id",
    "$schema",
    "additionalIdentifiers",
    "default",
    "deprecatedProperties",
    "description",
    "documentationUrl",
    "examples",
    "handlers",
    "insertionOrder",
    "propertyTransform",
    "sourceUrl",
    "taggable",
    "tagging",
    "title",
    "typeName",
];

/// Type name → file (without `.json`) that holds its schema, from the index of one region.
///
/// # Errors
/// When a type is not in the index.
pub(super) fn locate(index: &str, types: &[String]) -> Result<BTreeMap<String, String>> {
    let index: BTreeMap<String, String> =
        serde_json::from_str(index).context("the index of schemas is no map")?;
    types
        .iter()
        .map(|name| match index.get(name) {
            Some(file) => Ok((name.clone(), file.clone())),
            None => bail!("resource type {name} is not in this region's schemas; correct models/roots.toml"),
        })
        .collect()
}

/// Compacts the schemas, one resource a line, sorted by type name.
///
/// # Errors
/// When a text is no schema, or holds a keyword that this function does not know: a new keyword may change
/// what is valid, so somebody has to look.
pub(super) fn extract(schemas: &BTreeMap<String, String>) -> Result<String> {
    let mut resources = Map::new();
    for (name, text) in schemas {
        let schema: Value = serde_json::from_str(text).with_context(|| format!("in the schema of {name}"))?;
        let kept = compact(&schema, "").with_context(|| format!("in the schema of {name}"))?;
        resources.insert(name.clone(), kept);
    }
    lines::write(&json!({ "resources": resources }), &|path| path.is_empty() || path == ["resources"])
}

fn compact(schema: &Value, path: &str) -> Result<Value> {
    let Some(map) = schema.as_object() else {
        return Ok(schema.clone());
    };
    let mut out = Map::new();
    for (key, value) in map {
        let below = format!("{path}/{key}");
        let kept = match key.as_str() {
            known if KEPT.contains(&known) => value.clone(),
            known if NAMED.contains(&known) => {
                let named = value.as_object().with_context(|| format!("{below} is no object"))?;
                let mut kept = Map::new();
                for (name, schema) in named {
                    kept.insert(name.clone(), compact(schema, &format!("{below}/{name}"))?);
                }
                Value::Object(kept)
            }
            known if NESTED.contains(&known) => match value {
                Value::Array(all) => {
                    all.iter().map(|schema| compact(schema, &below)).collect::<Result<_>>()?
                }
                one => compact(one, &below)?,
            },
            known if IGNORED.contains(&known) => continue,
            _ => bail!(
                "unknown keyword {below}: decide in xtask/src/models/cloudformation.rs whether to keep it"
            ),
        };
        out.insert(key.clone(), kept);
    }
    Ok(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("AWS::Demo::Thing".to_owned(), text.to_owned())])
    }

    #[test]
    fn prose_goes_and_properties_called_like_keywords_stay() {
        let text = extract(&schemas(
            r##"{"typeName": "AWS::Demo::Thing", "description": "prose", "handlers": {"create": {}},
                "properties": {
                    "description": {"type": "string", "maxLength": 5, "description": "prose", "default": "x"},
                    "Tags": {"type": "array", "items": {"$ref": "#/definitions/Tag", "title": "prose"}}},
                "definitions": {"Tag": {"oneOf": [{"required": ["Key"], "description": "prose"}]}},
                "additionalProperties": false}"##,
        ))
        .unwrap();
        assert_eq!(
            text,
            r##"{
 "resources": {
  "AWS::Demo::Thing": {"properties":{"description":{"type":"string","maxLength":5},"Tags":{"type":"array","items":{"$ref":"#/definitions/Tag"}}},"definitions":{"Tag":{"oneOf":[{"required":["Key"]}]}},"additionalProperties":false}
 }
}
"##
        );
    }

    #[test]
    fn a_new_keyword_is_refused() {
        let error = extract(&schemas(r#"{"properties": {"A": {"wildcard": true}}}"#)).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "in the schema of AWS::Demo::Thing: unknown keyword /properties/A/wildcard: decide in \
             xtask/src/models/cloudformation.rs whether to keep it"
        );
    }

    #[test]
    fn types_are_looked_up_in_the_index() {
        let index = r#"{"AWS::Demo::Thing": "0123"}"#;
        assert_eq!(locate(index, &["AWS::Demo::Thing".into()]).unwrap()["AWS::Demo::Thing"], "0123");
        assert_eq!(
            locate(index, &["AWS::Demo::Other".into()]).unwrap_err().to_string(),
            "resource type AWS::Demo::Other is not in this region's schemas; correct models/roots.toml"
        );
    }
}
