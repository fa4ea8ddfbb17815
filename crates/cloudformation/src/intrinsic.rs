//! Functions that CloudFormation evaluates.
//!
//! Each mirrors the `Fn::…` of its name. `Ref` and `Fn::GetAtt` come from a [`Handle`](crate::Handle), and the
//! values CloudFormation always knows from [`pseudo`](crate::pseudo).

use serde_json::{Map as Object, json};

use crate::condition::ConditionRef;
use crate::value::{List, Value};

/// `Fn::Sub`: `text` with each `${Name}` and `${Name.Attribute}` replaced; `${!x}` stands for the text `${x}`.
///
/// Text without anything to replace becomes a literal.
pub fn sub(text: impl Into<String>) -> Value<String> {
    let text = text.into();
    match plain(&text) {
        Some(plain) => plain.into(),
        None => Value::raw(json!({ "Fn::Sub": text })),
    }
}

/// `Fn::Sub` with variables of its own beside the template's names.
pub fn sub_with<K, V>(text: impl Into<String>, variables: impl IntoIterator<Item = (K, V)>) -> Value<String>
where
    K: Into<String>,
    V: Into<Value<String>>,
{
    let text = text.into();
    let variables: Object<String, _> =
        variables.into_iter().map(|(name, value)| (name.into(), value.into().into_node())).collect();
    if variables.is_empty() { sub(text) } else { Value::raw(json!({ "Fn::Sub": [text, variables] })) }
}

/// The text itself when `Fn::Sub` would find nothing to replace in it.
fn plain(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let escaped = rest[at + 2..].strip_prefix('!')?;
        out.push_str(&rest[..at + 2]);
        rest = escaped;
    }
    out.push_str(rest);
    Some(out)
}

/// Text in which `Fn::Sub` finds nothing: `${` written as `${!`.
pub fn escape_sub(text: &str) -> String {
    text.replace("${", "${!")
}

/// `Fn::Join`: the parts with `delimiter` between them.
pub fn join(delimiter: &str, parts: impl Into<Value<List<String>>>) -> Value<String> {
    Value::raw(json!({ "Fn::Join": [delimiter, parts.into()] }))
}

/// `Fn::Split`: the parts of a text.
pub fn split(delimiter: &str, text: impl Into<Value<String>>) -> Value<List<String>> {
    Value::raw(json!({ "Fn::Split": [delimiter, text.into()] }))
}

/// `Fn::Select`: one item of a list, counted from 0.
pub fn select<T>(index: usize, list: impl Into<Value<List<T>>>) -> Value<T> {
    Value::raw(json!({ "Fn::Select": [index, list.into()] }))
}

/// `Fn::FindInMap`: an entry of a [mapping](crate::Template::mapping), by its two keys.
pub fn find_in_map(
    mapping: impl AsRef<str>,
    first: impl Into<Value<String>>,
    second: impl Into<Value<String>>,
) -> Value<String> {
    Value::raw(json!({ "Fn::FindInMap": [mapping.as_ref(), first.into(), second.into()] }))
}

/// `Fn::If`: one of two values. [`pseudo::no_value`](crate::pseudo::no_value) on one side takes the property away.
pub fn when<T>(
    condition: &ConditionRef,
    then: impl Into<Value<T>>,
    otherwise: impl Into<Value<T>>,
) -> Value<T> {
    Value::raw(json!({ "Fn::If": [condition.as_ref(), then.into(), otherwise.into()] }))
}

/// `Fn::ImportValue`: an output that another stack exports. It ties the two stacks together: the exporting one can't change
/// the value while it is imported.
pub fn import_value(name: impl Into<Value<String>>) -> Value<String> {
    Value::raw(json!({ "Fn::ImportValue": name.into() }))
}

/// `Fn::GetAZs`: the availability zones of a region.
pub fn availability_zones(region: impl Into<Value<String>>) -> Value<List<String>> {
    Value::raw(json!({ "Fn::GetAZs": region.into() }))
}

/// `Fn::Cidr`: `count` (1 to 256) blocks out of `block`, each with `bits` bits for hosts.
pub fn cidr(block: impl Into<Value<String>>, count: u16, bits: u8) -> Value<List<String>> {
    Value::raw(json!({ "Fn::Cidr": [block.into(), count, bits] }))
}

/// `Fn::Base64`: the text, encoded.
pub fn base64(text: impl Into<Value<String>>) -> Value<String> {
    Value::raw(json!({ "Fn::Base64": text.into() }))
}

/// Dynamic references: text that CloudFormation replaces by what another service stores.
pub mod resolve {
    use crate::value::Value;

    /// The newest value of a parameter of Systems Manager: `{{resolve:ssm:NAME}}`.
    pub fn ssm(name: &str) -> Value<String> {
        format!("{{{{resolve:ssm:{name}}}}}").into()
    }

    /// One version of a parameter of Systems Manager.
    pub fn ssm_version(name: &str, version: u32) -> Value<String> {
        format!("{{{{resolve:ssm:{name}:{version}}}}}").into()
    }

    /// The newest value of an encrypted parameter; CloudFormation takes these only in the few properties that AWS lists.
    pub fn ssm_secure(name: &str) -> Value<String> {
        format!("{{{{resolve:ssm-secure:{name}}}}}").into()
    }

    /// A key of a secret in Secrets Manager.
    pub fn secret(name: &str, key: &str) -> Value<String> {
        format!("{{{{resolve:secretsmanager:{name}:SecretString:{key}}}}}").into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Node;

    use super::*;
    use crate::pseudo;

    fn check<T>(value: &Value<T>, expected: &Node) {
        assert_eq!(value.node(), expected);
    }

    #[test]
    fn each_function_writes_its_json() {
        let condition = ConditionRef::named("InChina");
        check(&sub("${A}/b"), &json!({"Fn::Sub": "${A}/b"}));
        check(&sub("plain"), &json!("plain"));
        check(&sub("a${!b}${!"), &json!("a${b}${"));
        check(
            &sub_with("${A}", [("A", pseudo::region())]),
            &json!({"Fn::Sub": ["${A}", {"A": {"Ref": "AWS::Region"}}]}),
        );
        check(&sub_with("plain", Vec::<(&str, &str)>::new()), &json!("plain"));
        check(&join("-", ["a", "b"]), &json!({"Fn::Join": ["-", ["a", "b"]]}));
        check(&select(1, split(",", "a,b")), &json!({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}));
        check(
            &find_in_map("M", pseudo::region(), "k"),
            &json!({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}),
        );
        check(
            &when::<i64>(&condition, 1, pseudo::no_value()),
            &json!({"Fn::If": ["InChina", 1, {"Ref": "AWS::NoValue"}]}),
        );
        check(&import_value("x"), &json!({"Fn::ImportValue": "x"}));
        check(&availability_zones(pseudo::region()), &json!({"Fn::GetAZs": {"Ref": "AWS::Region"}}));
        check(&cidr("10.0.0.0/16", 3, 8), &json!({"Fn::Cidr": ["10.0.0.0/16", 3, 8]}));
        check(&base64("x"), &json!({"Fn::Base64": "x"}));
        check(&resolve::ssm("/a/b"), &json!("{{resolve:ssm:/a/b}}"));
        check(&resolve::ssm_version("/a", 2), &json!("{{resolve:ssm:/a:2}}"));
        check(&resolve::ssm_secure("/a"), &json!("{{resolve:ssm-secure:/a}}"));
        check(&resolve::secret("s", "k"), &json!("{{resolve:secretsmanager:s:SecretString:k}}"));
    }

    #[test]
    fn escaped_text_comes_back() {
        for text in ["", "${a}", "${!a}", "$${${", "a$b"] {
            assert_eq!(sub(escape_sub(text)).as_str(), Some(text));
        }
    }
}
