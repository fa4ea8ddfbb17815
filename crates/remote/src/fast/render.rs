//! [`Renderer`]: a value of a template as CloudFormation would make it, as far as that can be known without it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// What placeholders of a template stand for.
#[derive(Clone, Debug, Default)]
pub struct Renderer<'t> {
    /// `AWS::Region` and the like.
    pub pseudo: BTreeMap<&'static str, String>,
    /// The template's `Mappings`.
    pub mappings: Option<&'t Value>,
}

/// Why a value can't be known without CloudFormation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It refers to a parameter or a resource.
    Reference(String),
    /// It is an SSM parameter or a secret, which CloudFormation looks up.
    Dynamic(String),
    /// It is made by a function that is not understood here.
    Function(String),
    /// A mapping has no such entry: the region is not in the tables.
    Mapping(String),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(name) => write!(f, "it refers to {name}, which only CloudFormation knows"),
            Self::Dynamic(text) => write!(f, "it holds {text}, which only CloudFormation looks up"),
            Self::Function(name) => write!(f, "it is made by {name}, which only CloudFormation evaluates"),
            Self::Mapping(entry) => write!(f, "the template's mappings have no {entry}"),
        }
    }
}

impl<'t> Renderer<'t> {
    /// For a template in a stack; `url_suffix` follows from the partition.
    pub fn new(
        template: &'t Value,
        region: &str,
        account: &str,
        partition: &str,
        stack: (&str, &str),
    ) -> Self {
        let url_suffix = match partition {
            "aws-cn" => "amazonaws.com.cn",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            _ => "amazonaws.com",
        };
        let pseudo = BTreeMap::from([
            ("AWS::AccountId", account.to_owned()),
            ("AWS::Partition", partition.to_owned()),
            ("AWS::Region", region.to_owned()),
            ("AWS::StackId", stack.1.to_owned()),
            ("AWS::StackName", stack.0.to_owned()),
            ("AWS::URLSuffix", url_suffix.to_owned()),
        ]);
        Self { pseudo, mappings: template.get("Mappings") }
    }

    /// The text that a value comes to.
    ///
    /// # Errors
    /// When only CloudFormation can tell.
    pub fn text(&self, value: &Value) -> Result<String, Unknown> {
        let text = self.evaluate(value)?;
        match text.find("{{resolve:") {
            None => Ok(text),
            Some(at) => {
                let rest = &text[at..];
                let end = rest.find("}}").map_or(rest.len(), |end| end + 2);
                Err(Unknown::Dynamic(rest[..end].chars().take(200).collect()))
            }
        }
    }

    fn evaluate(&self, value: &Value) -> Result<String, Unknown> {
        let (function, argument) = match value {
            Value::String(text) => return Ok(text.clone()),
            Value::Number(number) => return Ok(number.to_string()),
            Value::Bool(bool) => return Ok(bool.to_string()),
            Value::Object(map) if map.len() == 1 => match map.iter().next() {
                Some(only) => only,
                None => return Err(Unknown::Function("an empty object".to_owned())),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => {
                return Err(Unknown::Function("something that is no text".to_owned()));
            }
        };
        let unknown = || Unknown::Function(function.clone());
        match (function.as_str(), argument) {
            ("Ref", Value::String(name)) => self.reference(name),
            ("Fn::Sub", Value::String(text)) => self.substitute(text, None),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), variables @ Value::Object(_)] => self.substitute(text, Some(variables)),
                _ => Err(unknown()),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(on), Value::Array(pieces)] => {
                    let pieces =
                        pieces.iter().map(|piece| self.evaluate(piece)).collect::<Result<Vec<_>, _>>()?;
                    Ok(pieces.join(on))
                }
                _ => Err(unknown()),
            },
            ("Fn::FindInMap", Value::Array(keys)) => match keys.as_slice() {
                [map, first, second] => self.mapped(&[map, first, second]),
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }

    fn reference(&self, name: &str) -> Result<String, Unknown> {
        self.pseudo.get(name).cloned().ok_or_else(|| Unknown::Reference(name.to_owned()))
    }

    fn mapped(&self, keys: &[&Value; 3]) -> Result<String, Unknown> {
        let mut at = self.mappings;
        let mut path = Vec::with_capacity(3);
        for key in keys {
            let key = self.evaluate(key)?;
            at = at.and_then(|value| value.get(&key));
            path.push(key);
        }
        match at {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(Unknown::Mapping(path.join("."))),
        }
    }

    /// `${Name}` becomes what it stands for, `${!Name}` becomes `${Name}`.
    fn substitute(&self, text: &str, variables: Option<&Value>) -> Result<String, Unknown> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            out.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            if let Some(literal) = inner.strip_prefix('!') {
                out.push_str("${");
                rest = literal;
                continue;
            }
            let Some(end) = inner.find('}') else {
                out.push_str("${");
                rest = inner;
                continue;
            };
            let name = inner[..end].trim();
            match variables.and_then(|variables| variables.get(name)) {
                Some(value) => out.push_str(&self.evaluate(value)?),
                None => out.push_str(&self.reference(name)?),
            }
            rest = &inner[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: &Value, expected: Result<&str, Unknown>) {
        let template = json!({"Mappings": {"Image": {"eu-west-1": {"Account": "141", "Port": 80}}}});
        let renderer = Renderer::new(&template, "eu-west-1", "123456789012", "aws", ("s", "arn:s"));
        assert_eq!(renderer.text(value), expected.map(str::to_owned), "{value}");
    }

    #[test]
    fn what_can_be_known() {
        check(&json!("a${b}"), Ok("a${b}"));
        check(
            &json!({"Fn::Sub": "s3://b-${AWS::AccountId}-${AWS::Region}"}),
            Ok("s3://b-123456789012-eu-west-1"),
        );
        check(&json!({"Fn::Sub": "${!a} $ {x} ${!b ${AWS::Partition}"}), Ok("${a} $ {x} ${b aws"));
        check(&json!({"Fn::Sub": "a ${"}), Ok("a ${"));
        let map = json!({"Fn::FindInMap": ["Image", {"Ref": "AWS::Region"}, "Account"]});
        check(&map, Ok("141"));
        check(&json!({"Fn::Sub": ["${X}.ecr.${AWS::URLSuffix}", {"X": map}]}), Ok("141.ecr.amazonaws.com"));
        check(&json!({"Fn::Join": ["/", ["a", {"Ref": "AWS::StackName"}, 1]]}), Ok("a/s/1"));
    }

    #[test]
    fn what_only_cloudformation_knows() {
        check(&json!({"Ref": "Role"}), Err(Unknown::Reference("Role".into())));
        check(&json!({"Fn::Sub": "${Role.Arn}"}), Err(Unknown::Reference("Role.Arn".into())));
        let ssm = json!({"Fn::Sub": ["a ${P} b", {"P": "{{resolve:ssm:/p/vpc}}"}]});
        check(&ssm, Err(Unknown::Dynamic("{{resolve:ssm:/p/vpc}}".into())));
        check(&json!("{{resolve:ssm:"), Err(Unknown::Dynamic("{{resolve:ssm:".into())));
        check(&json!({"Fn::GetAtt": ["A", "B"]}), Err(Unknown::Function("Fn::GetAtt".into())));
        check(
            &json!({"Fn::FindInMap": ["Image", "us-east-1", "Account"]}),
            Err(Unknown::Mapping("Image.us-east-1.Account".into())),
        );
        for odd in [json!(null), json!([]), json!({}), json!({"Fn::Sub": 1}), json!({"Fn::Join": ["a"]})] {
            let template = json!({});
            assert!(Renderer::new(&template, "", "", "", ("", "")).text(&odd).is_err(), "{odd}");
        }
    }
}
