//! Values with references in them, written for people: `${Bucket.Arn}/*`.

use serde_json::Value;

/// Below this, a value is written as `…`.
const DEPTH: usize = 64;

/// Whether an object is a function of `CloudFormation` and not data.
pub(crate) fn is_intrinsic(value: &Value) -> bool {
    function(value).is_some()
}

/// The name of a function and its argument.
pub(crate) fn function(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object()?;
    let (name, argument) = object.iter().next()?;
    (object.len() == 1 && (name == "Ref" || name.starts_with("Fn::"))).then_some((name, argument))
}

/// The logical id that a value refers to, whether to the resource or to an attribute of it.
pub(crate) fn referred(value: &Value) -> Option<&str> {
    match function(value)? {
        ("Ref", Value::String(id)) => Some(id),
        ("Fn::GetAtt", Value::String(id)) => id.split('.').next(),
        ("Fn::GetAtt", Value::Array(parts)) => parts.first()?.as_str(),
        ("Fn::Sub", Value::String(text)) => {
            let id = text.strip_prefix("${")?.strip_suffix('}')?;
            (!id.contains(['$', '!', '{', '}'])).then(|| id.split('.').next().unwrap_or(id))
        }
        _ => None,
    }
}

/// A value as text, references as `Fn::Sub` writes them. What is literal is escaped as it is there (`${!`), so that two
/// values that are not the same are not written the same.
pub(crate) fn written(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

/// The same without escapes, for people.
pub(crate) fn shown(value: &Value) -> String {
    unescaped(&written(value))
}

/// What [`written`] made, without escapes.
pub(crate) fn unescaped(text: &str) -> String {
    text.replace("${!", "${")
}

fn write(out: &mut String, value: &Value, depth: usize) {
    if depth > DEPTH {
        out.push('…');
        return;
    }
    match value {
        Value::String(text) => out.push_str(&text.replace("${", "${!")),
        Value::Object(_) => match function(value) {
            Some(("Ref" | "Fn::GetAtt", Value::String(name))) => reference(out, name),
            Some(("Fn::GetAtt", Value::Array(parts))) => {
                let parts: Vec<&str> = parts.iter().map(|part| part.as_str().unwrap_or("…")).collect();
                reference(out, &parts.join("."));
            }
            Some(("Fn::Sub", Value::String(text))) => out.push_str(text),
            Some(("Fn::Sub", Value::Array(parts))) => substituted(out, parts, depth),
            Some(("Fn::Join", Value::Array(parts))) => joined(out, parts, depth),
            Some((name, argument)) => {
                out.push_str("${");
                out.push_str(name.trim_start_matches("Fn::"));
                out.push('(');
                let arguments = argument.as_array().map_or(std::slice::from_ref(argument), Vec::as_slice);
                list(out, arguments, ", ", depth);
                out.push_str(")}");
            }
            None => out.push_str(&value.to_string()),
        },
        Value::Array(items) => {
            out.push('[');
            list(out, items, ", ", depth);
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn reference(out: &mut String, name: &str) {
    out.push_str("${");
    out.push_str(name);
    out.push('}');
}

fn list(out: &mut String, items: &[Value], delimiter: &str, depth: usize) {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push_str(delimiter);
        }
        write(out, item, depth + 1);
    }
}

fn joined(out: &mut String, parts: &[Value], depth: usize) {
    if let [Value::String(delimiter), Value::Array(items)] = parts {
        list(out, items, delimiter, depth);
    } else {
        out.push_str("${Join(");
        list(out, parts, ", ", depth);
        out.push_str(")}");
    }
}

/// `Fn::Sub` with variables: each in its place.
fn substituted(out: &mut String, parts: &[Value], depth: usize) {
    let [Value::String(text), Value::Object(variables)] = parts else {
        out.push_str("${Sub(");
        list(out, parts, ", ", depth);
        out.push_str(")}");
        return;
    };
    let mut rest = text.as_str();
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = rest.find('}') else { break };
        match variables.get(&rest[2..end]) {
            Some(value) => write(out, value, depth + 1),
            None => out.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_readable() {
        let check = |value: Value, expected: &str| assert_eq!(written(&value), expected, "{value}");
        check(json!("plain"), "plain");
        check(json!("${aws:username}"), "${!aws:username}");
        check(json!({"Ref": "Bucket"}), "${Bucket}");
        check(json!({"Fn::GetAtt": ["Bucket", "Arn"]}), "${Bucket.Arn}");
        check(json!({"Fn::GetAtt": "Bucket.Arn"}), "${Bucket.Arn}");
        check(json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::${B}"}), "arn:${AWS::Partition}:s3:::${B}");
        check(json!({"Fn::Join": ["/", [{"Fn::GetAtt": ["B", "Arn"]}, "*"]]}), "${B.Arn}/*");
        check(
            json!({"Fn::Sub": ["${A}.x.${AWS::Region}", {"A": {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "K"]}}]}),
            "${FindInMap(M, ${AWS::Region}, K)}.x.${AWS::Region}",
        );
        check(json!({"Fn::ImportValue": "x"}), "${ImportValue(x)}");
        check(json!({"Fn::Sub": ["${A", {"A": 1}]}), "${A");
        check(json!({"Fn::Sub": 5}), "${Sub(5)}");
        check(json!({"a": 1}), r#"{"a":1}"#);
        check(json!([1, {"Ref": "A"}, null]), "[1, ${A}, null]");
        assert_eq!(shown(&json!("${aws:username}")), "${aws:username}");
    }
}
