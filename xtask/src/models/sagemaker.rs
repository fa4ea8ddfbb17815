//! The service model of SageMaker → the shapes that steps use.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::lines;

/// Keys of a shape that say nothing about what is valid, or say it in prose.
const IGNORED: &[&str] =
    &["box", "documentation", "deprecatedMessage", "deprecatedSince", "exception", "error", "fault"];

/// Takes the shapes reachable from `roots` out of a service model (botocore's `service-2.json`).
///
/// # Errors
/// When the text is not such a model, a root does not exist, or a shape has a key that this function does not
/// know: a new key may change what is valid, so somebody has to look.
pub(super) fn extract(model: &str, roots: &[String]) -> Result<String> {
    let model: Value = serde_json::from_str(model)?;
    let all = model["shapes"].as_object().context("the model has no object called shapes")?;
    let version = model["metadata"]["apiVersion"].as_str().context("the model has no metadata.apiVersion")?;

    let mut shapes = BTreeMap::new();
    let mut open: BTreeSet<&str> = roots.iter().map(String::as_str).collect();
    while let Some(name) = open.pop_first() {
        let shape = all
            .get(name)
            .and_then(Value::as_object)
            .with_context(|| format!("shape {name} is not in the model; correct models/roots.toml"))?;
        let compact = compact(shape).with_context(|| format!("in shape {name}"))?;
        shapes.insert(name, compact);
        open.extend(references(shape).filter(|name| !shapes.contains_key(name)));
    }
    let shapes: Map<String, Value> =
        shapes.into_iter().map(|(name, shape)| (name.to_owned(), shape)).collect();
    let out = json!({ "service": "sagemaker", "api_version": version, "shapes": shapes });
    lines::write(&out, &|path| path.is_empty() || path == ["shapes"])
}

fn references(shape: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let members = shape.get("members").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let sides = ["member", "key", "value"].into_iter().filter_map(|side| shape.get(side));
    members.chain(sides).filter_map(|reference| reference["shape"].as_str())
}

/// One shape without prose; a reference becomes the name of its shape.
fn compact(shape: &Map<String, Value>) -> Result<Value> {
    let mut out = Map::new();
    out.insert("type".into(), shape.get("type").context("it has no type")?.clone());
    for (key, value) in shape {
        match key.as_str() {
            "type" => {}
            "required" | "min" | "max" | "enum" | "union" | "sensitive" | "deprecated" => {
                out.insert(key.clone(), value.clone());
            }
            "pattern" => {
                let pattern = value.as_str().context("its pattern is not a string")?;
                if has_lookaround(pattern) {
                    out.insert("lookaround".into(), json!(true));
                } else {
                    out.insert("pattern".into(), json!(pattern));
                }
            }
            "members" => members(value, &mut out)?,
            "member" | "key" | "value" => {
                out.insert(key.clone(), reference(value)?);
            }
            known if IGNORED.contains(&known) => {}
            unknown => {
                bail!("unknown key {unknown:?}: decide in xtask/src/models/sagemaker.rs whether to keep it")
            }
        }
    }
    Ok(Value::Object(out))
}

fn members(value: &Value, out: &mut Map<String, Value>) -> Result<()> {
    let mut members = Map::new();
    let mut deprecated = Vec::new();
    for (name, member) in value.as_object().context("its members are not an object")? {
        members.insert(name.clone(), reference(member).with_context(|| format!("in member {name}"))?);
        if member["deprecated"] == json!(true) {
            deprecated.push(name.clone());
        }
    }
    out.insert("members".into(), Value::Object(members));
    if !deprecated.is_empty() {
        out.insert("deprecated_members".into(), json!(deprecated));
    }
    Ok(())
}

fn reference(value: &Value) -> Result<Value> {
    Ok(json!(value["shape"].as_str().context("it refers to no shape")?))
}

/// The engine that checks these at synth has no lookaround, so such a pattern is only marked.
fn has_lookaround(pattern: &str) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|start| pattern.contains(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"{
        "metadata": {"apiVersion": "2017-07-24"},
        "shapes": {
            "Root": {"type": "structure", "required": ["Zed"], "documentation": "<p>prose</p>",
                "members": {"Zed": {"shape": "Name", "documentation": "prose"}, "Alpha": {"shape": "Items", "deprecated": true}}},
            "Items": {"type": "list", "member": {"shape": "Root"}, "max": 3},
            "Name": {"type": "string", "min": 1, "pattern": "[a-z]+", "box": true},
            "Other": {"type": "string"}
        }
    }"#;

    #[test]
    fn what_is_reachable_stays_and_prose_goes() {
        let text = extract(MODEL, &["Root".into()]).unwrap();
        assert_eq!(
            text,
            r#"{
 "service": "sagemaker",
 "api_version": "2017-07-24",
 "shapes": {
  "Items": {"type":"list","member":"Root","max":3},
  "Name": {"type":"string","min":1,"pattern":"[a-z]+"},
  "Root": {"type":"structure","required":["Zed"],"members":{"Zed":"Name","Alpha":"Items"},"deprecated_members":["Alpha"]}
 }
}
"#
        );
    }

    fn refused(model: &str, root: &str, wanted: &str) {
        let error = extract(model, &[root.to_owned()]).unwrap_err();
        assert_eq!(format!("{error:#}"), wanted);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        refused(MODEL, "Rot", "shape Rot is not in the model; correct models/roots.toml");
        refused("{}", "Root", "the model has no object called shapes");
        let new = r#"{"metadata":{"apiVersion":"1"},"shapes":{"A":{"type":"string","format":"uuid"}}}"#;
        refused(
            new,
            "A",
            "in shape A: unknown key \"format\": decide in xtask/src/models/sagemaker.rs whether to keep it",
        );
        let dangling =
            r#"{"metadata":{"apiVersion":"1"},"shapes":{"A":{"type":"list","member":{"shape":"B"}}}}"#;
        refused(dangling, "A", "shape B is not in the model; correct models/roots.toml");
    }

    #[test]
    fn patterns_with_lookaround_are_marked() {
        for (pattern, marked) in
            [("(?!x).+", true), ("a(?<!-)", true), ("(?=.{1,9}$)a", true), ("(?:a)?", false)]
        {
            assert_eq!(has_lookaround(pattern), marked, "{pattern}");
        }
    }
}
