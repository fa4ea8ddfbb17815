//! Whether a change of a property replaces its resource: [`Update`], and the create-only marks of the types that
//! `models/` knows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What `CloudFormation` does with a resource when a property of it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// It changes the resource in place.
    #[default]
    Never,
    /// It may have to replace the resource; only a change set says.
    Conditional,
    /// It makes another resource and deletes this one.
    Replacement,
}

/// The marks of one type, as paths below `Properties`.
#[derive(Debug, Default, Deserialize)]
struct Marks {
    #[serde(default)]
    create_only: Vec<String>,
    #[serde(default)]
    conditional: Vec<String>,
}

/// Derived from `models/cloudformation.json`; a test holds the two against each other.
static MARKS: LazyLock<BTreeMap<String, Marks>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../create-only.json")).unwrap_or_default());

/// Whether a change at `path` replaces a resource of this type, by the create-only marks of its schema.
///
/// The path is relative to `Properties`, its names separated by dots, without the indices of lists. Of a type that the
/// models don't hold, every change is [`Update::Conditional`].
pub fn create_only(resource_type: &str, path: &str) -> Update {
    let Some(marks) = MARKS.get(resource_type) else { return Update::Conditional };
    if marks.create_only.iter().any(|mark| below(path, mark)) {
        Update::Replacement
    } else if marks.create_only.iter().any(|mark| below(mark, path))
        || marks.conditional.iter().any(|mark| below(path, mark) || below(mark, path))
    {
        Update::Conditional
    } else {
        Update::Never
    }
}

/// Whether `path` is `place` or lies in it.
fn below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn marks_reach_into_what_is_below() {
        let check = |resource_type: &str, path: &str, expected: Update| {
            assert_eq!(create_only(resource_type, path), expected, "{resource_type} {path}");
        };
        check("AWS::S3::Bucket", "BucketName", Update::Replacement);
        check("AWS::S3::Bucket", "BucketNameX", Update::Never);
        check("AWS::S3::Bucket", "VersioningConfiguration.Status", Update::Never);
        check("AWS::SageMaker::Domain", "KmsKeyId", Update::Replacement);
        check("AWS::SageMaker::Domain", "VpcId", Update::Conditional);
        check("AWS::EC2::VPCEndpoint", "DnsOptions.PrivateDnsPreference", Update::Replacement);
        check("AWS::EC2::VPCEndpoint", "DnsOptions", Update::Conditional);
        check("AWS::EC2::FlowLog", "DestinationOptions.FileFormat", Update::Replacement);
        check("AWS::Made::Up", "Anything", Update::Conditional);
    }

    /// `UPDATE_GOLDENS=1` writes the table anew.
    #[test]
    fn the_table_is_what_the_models_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let models = std::fs::read_to_string(folder.join("../../models/cloudformation.json")).unwrap();
        let models: Value = serde_json::from_str(&models).unwrap();
        let marks = |schema: &Value, key: &str| -> Vec<String> {
            let paths = schema[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut paths: Vec<String> = paths
                .filter_map(|path| path.strip_prefix("/properties/"))
                .map(|path| path.replace("/*", "").replace('/', "."))
                .collect();
            paths.sort();
            paths
        };
        let table: BTreeMap<&String, Value> = models["resources"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, schema)| {
                let [always, sometimes] =
                    ["createOnlyProperties", "conditionalCreateOnlyProperties"].map(|key| marks(schema, key));
                (name, json!({"create_only": always, "conditional": sometimes}))
            })
            .collect();
        let rows: Vec<String> = table.iter().map(|(name, row)| format!("  {}: {row}", json!(name))).collect();
        let text = format!("{{\n{}\n}}\n", rows.join(",\n"));
        let file = folder.join("create-only.json");
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "UPDATE_GOLDENS=1 writes it anew");
        assert!(!MARKS.is_empty());
    }
}
