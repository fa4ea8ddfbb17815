//! Tells literals from functions.

use serde_json::Value as Node;

/// The function that a value is, if it is one: its name and its arguments.
///
/// A policy has a `Condition` of its own, an object; that of a template is a name.
pub(super) fn function(node: &Node) -> Option<(&str, &Node)> {
    let map = node.as_object().filter(|map| map.len() == 1)?;
    let (name, arguments) = map.iter().next()?;
    let is_one = name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && arguments.is_string());
    is_one.then_some((name.as_str(), arguments))
}

/// A part of the text of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    /// What stands between `${` and `}`, trimmed.
    Variable(&'a str),
}

/// The parts of the text of `Fn::Sub`. A `${` that is never closed is text.
pub(super) fn sub_parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let inside = &rest[start + 2..start + length];
        if let Some(escaped) = inside.strip_prefix('!') {
            // `${!x}` stands for `${x}`.
            parts.push(Part::Text(&rest[..start + 2]));
            parts.push(Part::Text(escaped));
            parts.push(Part::Text("}"));
        } else {
            parts.push(Part::Text(&rest[..start]));
            parts.push(Part::Variable(inside.trim()));
        }
        rest = &rest[start + length + 1..];
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| *part != Part::Text(""));
    parts
}

/// The number of characters that a text has at least, as far as that is known; `None` when nothing is known.
pub(super) fn least_length(node: &Node) -> Option<usize> {
    if let Some(text) = node.as_str() {
        return (!text.contains("{{resolve:")).then(|| text.chars().count());
    }
    let (name, arguments) = function(node)?;
    match name {
        "Fn::Sub" => {
            let text = arguments.as_str().or_else(|| arguments.get(0)?.as_str())?;
            let parts = sub_parts(text);
            let known = parts.iter().map(|part| match part {
                Part::Text(text) => text.chars().count(),
                Part::Variable(_) => 0,
            });
            Some(known.sum())
        }
        "Fn::Join" => {
            let delimiter = arguments.get(0)?.as_str()?.chars().count();
            let values = arguments.get(1)?.as_array()?;
            let known: usize = values.iter().filter_map(least_length).sum();
            Some(known + delimiter * values.len().saturating_sub(1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn functions_are_objects_with_one_key() {
        for (node, expected) in [
            (json!({"Ref": "A"}), Some("Ref")),
            (json!({"Fn::Sub": "x"}), Some("Fn::Sub")),
            (json!({"Fn::Sub": "x", "b": 1}), None),
            (json!({"Bucket": "x"}), None),
            (json!({"Condition": "A"}), Some("Condition")),
            (json!({"Condition": {"StringEquals": {}}}), None),
            (json!({}), None),
            (json!("Ref"), None),
        ] {
            assert_eq!(function(&node).map(|(name, _)| name), expected, "{node}");
        }
    }

    #[test]
    fn sub_is_taken_apart() {
        use Part::{Text, Variable};
        for (text, expected) in [
            ("", vec![]),
            ("a", vec![Text("a")]),
            ("a${B}c${ D.E }", vec![Text("a"), Variable("B"), Text("c"), Variable("D.E")]),
            ("${!a}b", vec![Text("${"), Text("a"), Text("}"), Text("b")]),
            ("x${open", vec![Text("x${open")]),
            ("$${A}", vec![Text("$"), Variable("A")]),
        ] {
            assert_eq!(sub_parts(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_are_known_as_far_as_literals_go() {
        for (node, expected) in [
            (json!("äb"), Some(2)),
            (json!("{{resolve:ssm:/x}}"), None),
            (json!({"Ref": "A"}), None),
            (json!({"Fn::Sub": "ab${C}"}), Some(2)),
            (json!({"Fn::Sub": ["ab${C}", {"C": "x"}]}), Some(2)),
            (json!({"Fn::Join": ["--", ["a", {"Ref": "B"}, "c"]]}), Some(6)),
            (json!({"Fn::Join": ["--", {"Ref": "B"}]}), None),
        ] {
            assert_eq!(least_length(&node), expected, "{node}");
        }
    }
}
