//! What looks like a secret is never shown: values of properties that are called so, and references to Secrets Manager.

use serde_json::{Map, Value};

/// What stands in place of a secret.
const MASK: &str = "****";

/// Names end in one of these, or hold one before another word: `DB_PASSWORD`, `SecretString`, `AuthTokenValue`.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
];

/// What such names end in when they say where a secret is, and not what it is.
const PLACES: &[&str] = &["arn", "arns", "id", "name", "names", "required", "enabled", "path", "url"];

/// Whether a property of this name holds a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    WORDS.iter().any(|word| plain.contains(word)) && !PLACES.iter().any(|place| plain.ends_with(place))
}

/// The value without the secrets in it, and whether it itself was one.
pub(crate) fn masked(value: &Value, secret: bool) -> Value {
    match value {
        Value::String(_) | Value::Number(_) if secret => Value::String(MASK.to_owned()),
        Value::String(text) => Value::String(masked_text(text)),
        Value::Array(items) => items.iter().map(|item| masked(item, secret)).collect(),
        Value::Object(object) => {
            // A reference is not the secret; the text around it may be one.
            if ["Ref", "Fn::GetAtt", "Fn::ImportValue"].iter().any(|key| object.contains_key(*key)) {
                return value.clone();
            }
            let named = names_a_secret(object);
            let fields = object.iter().map(|(key, value)| {
                let secret = secret || is_secret_name(key) || (named && key == "Value");
                (key.clone(), masked(value, secret))
            });
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Whether this is a pair of name and value whose name is a secret's, or a parameter of a template with `NoEcho`.
fn names_a_secret(object: &Map<String, Value>) -> bool {
    let name = |key: &str| object.get(key).and_then(Value::as_str).is_some_and(is_secret_name);
    name("Name") || name("Key") || name("ParameterKey")
}

/// The text without what a dynamic reference to a secret names, and without the values of secret names where it is, or nearly
/// is, JSON.
pub(crate) fn masked_text(text: &str) -> String {
    masked_pairs(&masked_references(text))
}

fn masked_references(text: &str) -> String {
    const KINDS: [&str; 2] = ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"];
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(start) = rest.find("{{resolve:") {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(kind) = KINDS.iter().find(|kind| rest.starts_with(**kind)) else {
            out.push_str("{{resolve:");
            rest = &rest["{{resolve:".len()..];
            continue;
        };
        out.push_str(kind);
        out.push_str(MASK);
        rest = rest[kind.len()..].find("}}").map_or("", |end| &rest[kind.len() + end..]);
    }
    out.push_str(rest);
    out
}

/// `"Password": "x"` inside of a text becomes `"Password": "****"`.
fn masked_pairs(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !text.contains(':')
        || !["pass", "secret", "token", "key", "credential"].iter().any(|word| lower.contains(word))
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut name: Option<&str> = None;
    let mut after_colon = false;
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let (between, quoted) = rest.split_at(start);
        if name.is_some() {
            after_colon = between.trim() == ":";
        }
        out.push_str(between);
        let end = closing_quote(quoted);
        let inner = &quoted[1..end];
        let closed = quoted.len() > end;
        out.push('"');
        if after_colon && name.is_some_and(is_secret_name) && !inner.is_empty() {
            out.push_str(MASK);
            name = None;
        } else {
            out.push_str(inner);
            name = Some(inner);
        }
        after_colon = false;
        if closed {
            out.push('"');
        }
        rest = quoted.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Where the text that begins with a quote ends: at its closing quote, or where the text does.
fn closing_quote(quoted: &str) -> usize {
    let mut escaped = false;
    for (position, byte) in quoted.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return position,
            _ => {}
        }
    }
    quoted.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "Password",
            "MasterUserPassword",
            "SecretString",
            "DB_PASSWORD",
            "AuthToken",
            "apiKey",
            "db-password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in
            ["KmsKeyId", "SecretArn", "PasswordResetRequired", "Key", "Name", "InstanceType", "SecretName"]
        {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let check = |value: Value, expected: Value| assert_eq!(masked(&value, false), expected);
        check(json!({"Password": "x", "User": "u"}), json!({"Password": "****", "User": "u"}));
        check(
            json!({"Secret": {"deep": ["x", 1, true]}}),
            json!({"Secret": {"deep": ["****", "****", true]}}),
        );
        check(json!({"Password": {"Ref": "P"}}), json!({"Password": {"Ref": "P"}}));
        check(json!({"Password": {"Fn::Sub": "x"}}), json!({"Password": {"Fn::Sub": "****"}}));
        check(json!([{"Name": "API_TOKEN", "Value": "x"}]), json!([{"Name": "API_TOKEN", "Value": "****"}]));
        check(
            json!("a {{resolve:secretsmanager:db:SecretString:password}} b {{resolve:ssm:/x}}"),
            json!("a {{resolve:secretsmanager:****}} b {{resolve:ssm:/x}}"),
        );
        check(json!("{{resolve:secretsmanager:open"), json!("{{resolve:secretsmanager:****"));
        check(json!(r#"{"Password": "a\"b", "x": "y"}"#), json!(r#"{"Password": "****", "x": "y"}"#));
        check(json!(r#"{"Password": "a"#), json!(r#"{"Password": "****"#));
        check(json!(r#"{"Token":["x"],"é":"y"}"#), json!(r#"{"Token":["x"],"é":"y"}"#));
    }
}
