//! Image settings of the Python SDK → frameworks and registries in one shape.
//!
//! The SDK's files come in several shapes (scopes at the top or listed beside the versions; versions that hold
//! the image, or one image for each base framework or Python); here there is one. A registry (region →
//! account) is stored once and referred to by name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::lines;

/// Keys of an image that are taken as they are.
const IMAGE: &[&str] = &["container_version", "processors", "py_versions", "sdk_versions", "tag_prefix"];

/// The scope of a file that names none.
const ANY_SCOPE: &str = "any";

/// Compacts the settings; `configs` maps the framework's name to its file.
///
/// # Errors
/// When a file has a shape this function does not know.
pub(super) fn extract(configs: &BTreeMap<String, String>) -> Result<String> {
    let mut registries = Registries::default();
    let mut frameworks = Map::new();
    for (name, text) in configs {
        let config: Value = serde_json::from_str(text).with_context(|| format!("in the images of {name}"))?;
        let scopes =
            framework(&config, &mut registries).with_context(|| format!("in the images of {name}"))?;
        frameworks.insert(name.clone(), Value::Object(scopes));
    }
    let out = json!({ "frameworks": frameworks, "registries": registries.finish() });
    lines::write(&out, &|path| match path {
        ["registries", below @ ..] => below.is_empty(),
        ["frameworks", _, _, below @ ..] => below.is_empty() || below == ["versions"],
        _ => true,
    })
}

fn framework(config: &Value, registries: &mut Registries) -> Result<Map<String, Value>> {
    let config = object(config, "the file")?;
    let mut scopes = Map::new();
    if config.contains_key("versions") {
        let names = match config.get("scope") {
            Some(names) => strings(names).context("scope is no list of names")?,
            None => vec![ANY_SCOPE.to_owned()],
        };
        for name in names {
            scopes.insert(name, scope(config, registries)?);
        }
    } else {
        for (name, below) in config {
            let below = object(below, name)?;
            scopes
                .insert(name.clone(), scope(below, registries).with_context(|| format!("in scope {name}"))?);
        }
    }
    scopes.sort_keys();
    Ok(scopes)
}

fn scope(config: &Map<String, Value>, registries: &mut Registries) -> Result<Value> {
    let mut out = Map::new();
    for (key, value) in config {
        match key.as_str() {
            "scope" | "versions" => {}
            "processors" => {
                out.insert(key.clone(), value.clone());
            }
            "version_aliases" => {
                out.insert("aliases".into(), value.clone());
            }
            unknown => {
                bail!("unknown key {unknown:?}: decide in xtask/src/models/images.rs whether to keep it")
            }
        }
    }
    let mut versions = Map::new();
    for (version, below) in object(&config["versions"], "versions")? {
        let below = object(below, version)?;
        versions.insert(
            version.clone(),
            image_or_variants(below, registries).with_context(|| format!("in version {version}"))?,
        );
    }
    out.insert("versions".into(), Value::Object(versions));
    Ok(Value::Object(out))
}

/// A version is an image, or has one for each base framework (`pytorch2.1.0`) or Python (`py3`).
fn image_or_variants(version: &Map<String, Value>, registries: &mut Registries) -> Result<Value> {
    if version.contains_key("repository") {
        return Ok(Value::Object(image(version, registries)?));
    }
    let mut out = Map::new();
    let mut variants = Map::new();
    for (key, value) in version {
        match key.as_str() {
            "version_aliases" => {
                out.insert("aliases".into(), value.clone());
            }
            // Some versions keep what all their images share beside the images.
            shared if IMAGE.contains(&shared) => {
                out.insert(key.clone(), value.clone());
            }
            variant => {
                let below = object(value, variant)?;
                let image = image(below, registries).with_context(|| format!("in variant {variant}"))?;
                variants.insert(variant.to_owned(), Value::Object(image));
            }
        }
    }
    ensure!(!variants.is_empty(), "it holds no image");
    out.insert("variants".into(), Value::Object(variants));
    Ok(Value::Object(out))
}

fn image(config: &Map<String, Value>, registries: &mut Registries) -> Result<Map<String, Value>> {
    let repository = config.get("repository").and_then(Value::as_str).context("it has no repository")?;
    let mut out = Map::new();
    out.insert("repository".into(), json!(repository));
    let accounts = object(config.get("registries").context("it has no registries")?, "registries")?;
    out.insert("registry".into(), json!(registries.name_of(accounts, repository)?));
    for (key, value) in config {
        match key.as_str() {
            "repository" | "registries" => {}
            known if IMAGE.contains(&known) => {
                out.insert(key.clone(), value.clone());
            }
            unknown => {
                bail!("unknown key {unknown:?}: decide in xtask/src/models/images.rs whether to keep it")
            }
        }
    }
    Ok(out)
}

/// The registries met so far.
#[derive(Default)]
struct Registries {
    names: BTreeMap<BTreeMap<String, String>, String>,
    taken: BTreeSet<String>,
}

impl Registries {
    /// The name of a registry: that of the repository that used it first, in letters and digits because it
    /// becomes the name of a CloudFormation mapping.
    fn name_of(&mut self, accounts: &Map<String, Value>, repository: &str) -> Result<String> {
        let mut registry = BTreeMap::new();
        for (region, account) in accounts {
            let account =
                account.as_str().with_context(|| format!("the account of region {region} is no string"))?;
            ensure!(
                account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()),
                "the account of region {region} is {account:?}: 12 digits are wanted"
            );
            registry.insert(region.clone(), account.to_owned());
        }
        if let Some(name) = self.names.get(&registry) {
            return Ok(name.clone());
        }
        let base = pascal_case(repository);
        let mut name = base.clone();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{base}V{count}");
        }
        self.names.insert(registry, name.clone());
        Ok(name)
    }

    fn finish(self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.names.into_iter().map(|(registry, name)| (name, registry)).collect()
    }
}

/// `sagemaker-scikit-learn` → `SagemakerScikitLearn`; a digit at the front gets an `R` before it.
fn pascal_case(name: &str) -> String {
    let mut out = String::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.extend(letters);
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("R{out}") } else { out }
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>> {
    value.as_object().with_context(|| format!("{what} is no object"))
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configs(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_shapes_of_the_sdk_become_one() {
        let east = r#""registries": {"us-east-1": "000000000001", "eu-west-1": "000000000002"}"#;
        let west = r#""registries": {"us-west-2": "000000000003"}"#;
        let flat = format!(
            r#"{{"scope": ["training", "inference"], "processors": ["cpu"], "versions": {{"1": {{"repository": "a-b", {east}, "py_versions": ["py3"]}}}}}}"#
        );
        let scoped = format!(
            r#"{{"training": {{"version_aliases": {{"4": "4.1"}}, "versions": {{"4.1": {{"version_aliases": {{"pytorch1": "pytorch1.9"}},
                "pytorch1.9": {{"repository": "a-b", {west}}}, "tensorflow2.0": {{"repository": "c", {east}}}}}}}}}}}"#
        );
        let bare = format!(r#"{{"versions": {{"1.0": {{"repository": "0x", {west}, "tag_prefix": "t"}}}}}}"#);
        let text = extract(&configs(&[("bare", &bare), ("flat", &flat), ("scoped", &scoped)])).unwrap();
        assert_eq!(
            text,
            r#"{
 "frameworks": {
  "bare": {
   "any": {
    "versions": {
     "1.0": {"repository":"0x","registry":"R0x","tag_prefix":"t"}
    }
   }
  },
  "flat": {
   "inference": {
    "processors": ["cpu"],
    "versions": {
     "1": {"repository":"a-b","registry":"AB","py_versions":["py3"]}
    }
   },
   "training": {
    "processors": ["cpu"],
    "versions": {
     "1": {"repository":"a-b","registry":"AB","py_versions":["py3"]}
    }
   }
  },
  "scoped": {
   "training": {
    "aliases": {"4":"4.1"},
    "versions": {
     "4.1": {"aliases":{"pytorch1":"pytorch1.9"},"variants":{"pytorch1.9":{"repository":"a-b","registry":"R0x"},"tensorflow2.0":{"repository":"c","registry":"AB"}}}
    }
   }
  }
 },
 "registries": {
  "AB": {"eu-west-1":"000000000002","us-east-1":"000000000001"},
  "R0x": {"us-west-2":"000000000003"}
 }
}
"#
        );
    }

    #[test]
    fn another_registry_of_the_same_repository_gets_a_number() {
        let text = r#"{"scope": ["s"], "versions": {
            "1": {"repository": "a", "registries": {"r": "000000000001"}},
            "2": {"repository": "a", "registries": {"r": "000000000002"}}}}"#;
        let out: Value = serde_json::from_str(&extract(&configs(&[("f", text)])).unwrap()).unwrap();
        assert_eq!(out["frameworks"]["f"]["s"]["versions"]["2"]["registry"], "AV2");
        assert_eq!(out["registries"]["AV2"]["r"], "000000000002");
    }

    fn refused(text: &str, wanted: &str) {
        let error = extract(&configs(&[("f", text)])).unwrap_err();
        assert_eq!(format!("{error:#}"), format!("in the images of f: {wanted}"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        refused(
            r#"{"versions": {"1": {"repository": "a", "registries": {"r": "12"}}}}"#,
            "in version 1: the account of region r is \"12\": 12 digits are wanted",
        );
        refused(r#"{"versions": {"1": {}}}"#, "in version 1: it holds no image");
        refused(
            r#"{"versions": {}, "arch": 1}"#,
            "unknown key \"arch\": decide in xtask/src/models/images.rs whether to keep it",
        );
        refused(
            r#"{"training": {"versions": {"1": {"py3": {"registries": {}}}}}}"#,
            "in scope training: in version 1: in variant py3: it has no repository",
        );
    }
}
