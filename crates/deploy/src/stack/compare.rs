//! Whether a stack has to be changed at all, and what its template asks for. Nothing here asks anybody.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The largest template that a request may hold, in bytes.
///
/// [Quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)
pub const BODY_LIMIT: usize = 51_200;

/// The largest template at all, in bytes: through S3.
pub const S3_LIMIT: usize = 1_000_000;

/// Whether two templates say the same: the same text, or the same JSON.
pub fn same_template(one: &str, other: &str) -> bool {
    if one.trim_end() == other.trim_end() {
        return true;
    }
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    matches!((json(one), json(other)), (Some(one), Some(other)) if one == other)
}

/// Whether a template refers to something whose value only CloudFormation can tell: `{{resolve:ssm:NAME}}` without a version.
/// The template may then be the same, and the stack behind all the same.
pub fn has_open_references(template: &str) -> bool {
    template.split("{{resolve:ssm:").skip(1).any(|rest| {
        let Some((reference, _)) = rest.split_once("}}") else { return false };
        let version = reference.rsplit(':').next().filter(|_| reference.contains(':')).unwrap_or_default();
        version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What a template needs to be allowed beforehand.
///
/// [CreateChangeSet, Capabilities](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// It makes roles, policies or users: `CAPABILITY_NAMED_IAM`.
    pub(crate) iam: bool,
    /// It holds macros or nested stacks: `CAPABILITY_AUTO_EXPAND`.
    pub(crate) expansion: bool,
    /// It holds nested stacks.
    pub(crate) nested: bool,
}

/// What the template needs; everything, where it can't be read as JSON.
pub(crate) fn needs(template: &str) -> Needs {
    let Ok(template) = serde_json::from_str::<Value>(template) else {
        return Needs { iam: true, expansion: true, nested: false };
    };
    let kinds = || {
        let resources = template.get("Resources").and_then(Value::as_object);
        resources
            .into_iter()
            .flat_map(|resources| resources.values())
            .filter_map(|resource| resource.get("Type")?.as_str())
    };
    let nested = kinds().any(|kind| kind == "AWS::CloudFormation::Stack");
    Needs {
        iam: nested || kinds().any(|kind| kind.starts_with("AWS::IAM::")),
        expansion: nested || template.get("Transform").is_some(),
        nested,
    }
}

/// The resources that one template has and the next one has not, in the order of the first; none where one can't be read.
pub(crate) fn removed(old: &str, new: &str) -> Vec<String> {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let (Some(old), Some(new)) = (read(old), read(new)) else { return Vec::new() };
    let Some(resources) = old.get("Resources").and_then(Value::as_object) else { return Vec::new() };
    let is_gone =
        |id: &&String| new.get("Resources").and_then(|resources| resources.get(id.as_str())).is_none();
    resources.keys().filter(is_gone).cloned().collect()
}

/// The text to send in a request, if the template is small enough: as it is, or else without the spaces that are for people.
pub(crate) fn body(template: &str) -> Option<String> {
    if template.len() <= BODY_LIMIT {
        return Some(template.to_owned());
    }
    let dense = serde_json::from_str::<Value>(template).ok()?.to_string();
    (dense.len() <= BODY_LIMIT).then_some(dense)
}

/// SHA-256, lower-case hex.
pub fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// SHA-256 of a list of texts, lower-case hex: no two lists give the same, however their texts are split.
pub(crate) fn sha256_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_the_same_as_text_or_as_json() {
        assert!(same_template("{\"A\": 1}\n", "{\"A\": 1}"));
        assert!(same_template(r#"{"A": 1, "B": [1, 2]}"#, r#"{"B":[1,2],"A":1}"#));
        assert!(!same_template(r#"{"B": [1, 2]}"#, r#"{"B":[2,1]}"#));
        assert!(same_template("Resources: {}", "Resources: {}\n"));
        assert!(!same_template("Resources: {}", "Resources:  {}"));
        assert!(!same_template("", "{}"));
    }

    #[test]
    fn references_without_a_version_are_open() {
        for open in [
            "{{resolve:ssm:/dev/vpc}}",
            "x {{resolve:ssm:/a:3}} {{resolve:ssm:/b}}",
            "{{resolve:ssm:/a:}}",
            "{{resolve:ssm:/a:x}}",
        ] {
            assert!(has_open_references(open), "{open}");
        }
        for closed in [
            "",
            "{{resolve:ssm:/a:12}}",
            "{{resolve:ssm-secure:/a}}",
            "{{resolve:secretsmanager:x}}",
            "{{resolve:ssm:",
        ] {
            assert!(!has_open_references(closed), "{closed}");
        }
    }

    #[test]
    fn only_what_is_needed_is_allowed() {
        let of = |kind: &str| needs(&format!(r#"{{"Resources":{{"A":{{"Type":"{kind}"}}}}}}"#));
        assert_eq!(of("AWS::S3::Bucket"), Needs::default());
        assert_eq!(of("AWS::IAM::Role"), Needs { iam: true, ..Needs::default() });
        assert_eq!(of("AWS::CloudFormation::Stack"), Needs { iam: true, expansion: true, nested: true });
        assert_eq!(needs(r#"{"Transform": "X"}"#), Needs { expansion: true, ..Needs::default() });
        assert_eq!(needs("Resources:"), Needs { iam: true, expansion: true, nested: false });
    }

    #[test]
    fn what_is_removed() {
        let old = r#"{"Resources": {"A": {}, "B": {}}}"#;
        assert_eq!(removed(old, r#"{"Resources": {"B": {}}}"#), ["A"]);
        assert_eq!(removed(old, "{}"), ["A", "B"]);
        assert!(
            removed(old, old).is_empty() && removed("{}", old).is_empty() && removed("x", old).is_empty()
        );
    }

    #[test]
    fn a_large_template_is_sent_dense() {
        assert_eq!(body("{ }"), Some("{ }".to_owned()));
        let airy = format!("{{{}\"A\": 1}}", " ".repeat(BODY_LIMIT));
        assert_eq!(body(&airy), Some(r#"{"A":1}"#.to_owned()));
        assert_eq!(body(&format!("{{\"A\": \"{}\"}}", "x".repeat(BODY_LIMIT))), None);
        assert_eq!(body(&"x".repeat(BODY_LIMIT + 1)), None);
    }

    #[test]
    fn lists_do_not_run_together() {
        assert_ne!(sha256_of(["ab", "c"]), sha256_of(["a", "bc"]));
        assert_ne!(sha256_of(["a", ""]), sha256_of(["a"]));
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
