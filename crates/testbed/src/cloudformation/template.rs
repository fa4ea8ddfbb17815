//! Templates: read, checked as CloudFormation checks them first, dependencies, intrinsics, physical names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::query::Refused;

/// A template of which at least `Resources` is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    pub(super) body: String,
    pub(super) root: Value,
}

impl Template {
    /// Reads a template.
    ///
    /// Errors: CloudFormation's words for text that isn't JSON, no resources, references to nothing.
    pub(super) fn read(body: &str) -> Result<Self, Refused> {
        let root: Value = serde_json::from_str(body).map_err(|error| {
            Refused::validation(format!("Template format error: JSON not well-formed. ({error})"))
        })?;
        let template = Self { body: body.to_owned(), root };
        if template.resources().is_none_or(Map::is_empty) {
            let text = "Template format error: At least one Resources member must be defined.";
            return Err(Refused::validation(text));
        }
        for (id, resource) in template.resources().into_iter().flatten() {
            if resource["Type"].as_str().is_none() {
                let text = format!(
                    "Template format error: [/Resources/{id}] Every Resources object must contain a Type member."
                );
                return Err(Refused::validation(text));
            }
        }
        let mut dangling = BTreeSet::new();
        for (id, _) in template.resources().into_iter().flatten() {
            dangling.extend(template.references(id).into_iter().filter(|name| !template.knows(name)));
        }
        if !dangling.is_empty() {
            let names: Vec<_> = dangling.into_iter().collect();
            return Err(Refused::validation(format!(
                "Template format error: Unresolved resource dependencies [{}] in the Resources block of the template",
                names.join(", ")
            )));
        }
        Ok(template)
    }

    pub(super) fn empty() -> Self {
        Self { body: String::new(), root: json!({ "Resources": {} }) }
    }

    fn knows(&self, name: &str) -> bool {
        name.starts_with("AWS::")
            || self.root["Parameters"].get(name).is_some()
            || self.resource(name).is_some()
    }

    pub(super) fn resources(&self) -> Option<&Map<String, Value>> {
        self.root["Resources"].as_object()
    }

    pub(super) fn resource(&self, id: &str) -> Option<&Value> {
        self.resources()?.get(id)
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.resources().into_iter().flatten().map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn kind(&self, id: &str) -> String {
        self.resource(id).and_then(|one| one["Type"].as_str()).unwrap_or("AWS::Unknown::Thing").to_owned()
    }

    /// Whether a resource stays when it is removed or its stack is deleted.
    pub(super) fn retains(&self, id: &str) -> bool {
        let policy = self.resource(id).and_then(|one| one["DeletionPolicy"].as_str());
        matches!(policy, Some("Retain" | "RetainExceptOnCreate"))
    }

    /// Every name that a resource refers to, parameters and pseudo parameters included.
    fn references(&self, id: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Some(resource) = self.resource(id) {
            collect(&resource["Properties"], &mut names);
            match &resource["DependsOn"] {
                Value::String(name) => drop(names.insert(name.clone())),
                Value::Array(list) => names.extend(list.iter().filter_map(Value::as_str).map(str::to_owned)),
                _ => {}
            }
        }
        names
    }

    /// The resources that have to be there before this one.
    pub(super) fn needs(&self, id: &str) -> BTreeSet<String> {
        self.references(id).into_iter().filter(|name| self.resource(name).is_some()).collect()
    }

    /// The resources that a part of a template refers to.
    pub(super) fn named_in(&self, value: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        collect(value, &mut names);
        names.retain(|name| self.resource(name).is_some());
        names
    }

    /// The parameters' values: what the request gives, what was there before, defaults.
    pub(super) fn parameters(
        &self,
        given: &BTreeMap<String, Option<String>>,
        before: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Refused> {
        let declared = self.root["Parameters"].as_object();
        let unknown: Vec<_> = given
            .keys()
            .filter(|name| declared.is_none_or(|declared| !declared.contains_key(*name)))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            let text = format!("Parameters: [{}] do not exist in the template", unknown.join(", "));
            return Err(Refused::validation(text));
        }
        let (mut values, mut missing) = (BTreeMap::new(), Vec::new());
        for (name, about) in declared.into_iter().flatten() {
            let default = about.get("Default").map(plain);
            let value = match given.get(name) {
                Some(Some(value)) => Some(value.clone()),
                Some(None) => before.get(name).cloned(),
                None => default,
            };
            match value {
                Some(value) => drop(values.insert(name.clone(), value)),
                None => missing.push(name.clone()),
            }
        }
        if !missing.is_empty() {
            let text = format!("Parameters: [{}] must have values", missing.join(", "));
            return Err(Refused::validation(text));
        }
        Ok(values)
    }

    /// The capability that the template needs, if any.
    pub(super) fn capability(&self) -> Option<&'static str> {
        let mut needed = None;
        for (id, resource) in self.resources().into_iter().flatten() {
            let kind = self.kind(id);
            let identity = ["Role", "User", "Group", "Policy", "ManagedPolicy", "InstanceProfile"];
            if !identity.iter().any(|name| kind == format!("AWS::IAM::{name}")) {
                continue;
            }
            let names = ["RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"];
            if names.iter().any(|name| resource["Properties"].get(name).is_some()) {
                return Some("CAPABILITY_NAMED_IAM");
            }
            needed = Some("CAPABILITY_IAM");
        }
        needed
    }
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            match (map.len(), map.iter().next()) {
                (1, Some((key, Value::String(name)))) if key == "Ref" => drop(names.insert(name.clone())),
                (1, Some((key, Value::String(name)))) if key == "Fn::GetAtt" => {
                    names.insert(name.split('.').next().unwrap_or_default().to_owned());
                }
                (1, Some((key, Value::Array(list)))) if key == "Fn::GetAtt" => {
                    names.extend(list.first().and_then(Value::as_str).map(str::to_owned));
                }
                (1, Some((key, content))) if key == "Fn::Sub" => {
                    let (text, local) = match content {
                        Value::Array(list) => (list.first().and_then(Value::as_str), list.get(1)),
                        other => (other.as_str(), None),
                    };
                    let found = placeholders(text.unwrap_or_default()).into_iter();
                    let found = found.filter(|name| local.is_none_or(|local| local.get(name).is_none()));
                    names.extend(found.map(|name| name.split('.').next().unwrap_or_default().to_owned()));
                }
                _ => {}
            }
            map.values().for_each(|value| collect(value, names));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

fn placeholders(text: &str) -> Vec<String> {
    let parts = text.split("${").skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with('!')).collect()
}

/// A scalar as CloudFormation turns it into a string.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What intrinsics are evaluated against.
pub(super) struct Scope<'a> {
    pub(super) template: &'a Template,
    pub(super) parameters: &'a BTreeMap<String, String>,
    /// Physical ids by logical id; a resource that isn't here stays a reference.
    pub(super) physical: &'a BTreeMap<String, String>,
    pub(super) exports: &'a BTreeMap<String, String>,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) stack_name: &'a str,
    pub(super) stack_id: &'a str,
}

impl Scope<'_> {
    /// A value with every intrinsic resolved that can be.
    pub(super) fn evaluate(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                if map.len() == 1
                    && let Some((key, content)) = map.iter().next()
                    && (key == "Ref" || key.starts_with("Fn::"))
                {
                    return self.intrinsic(key, content).unwrap_or_else(|| value.clone());
                }
                let fields = map.iter().map(|(key, value)| (key.clone(), self.evaluate(value)));
                Value::Object(fields.filter(|(_, value)| *value != json!({"Ref": "AWS::NoValue"})).collect())
            }
            Value::Array(list) => {
                let items = list.iter().map(|value| self.evaluate(value));
                Value::Array(items.filter(|value| *value != json!({"Ref": "AWS::NoValue"})).collect())
            }
            other => other.clone(),
        }
    }

    fn named(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::Region" => self.region.to_owned(),
            "AWS::AccountId" => self.account.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => self.stack_name.to_owned(),
            "AWS::StackId" => self.stack_id.to_owned(),
            _ => self.parameters.get(name).or_else(|| self.physical.get(name))?.clone(),
        })
    }

    fn attribute(&self, id: &str, attribute: &str) -> Option<String> {
        let physical = self.physical.get(id)?;
        let (region, account) = (self.region, self.account);
        let kind = self.template.kind(id);
        let mut parts = kind.split("::").skip(1);
        let service = parts.next().unwrap_or_default().to_lowercase();
        let thing = parts.next().unwrap_or_default().to_lowercase();
        Some(match (attribute, service.as_str()) {
            (name, _) if !name.ends_with("Arn") => format!("{physical}.{attribute}"),
            _ if physical.starts_with("arn:") => physical.clone(),
            (_, "s3") => format!("arn:aws:s3:::{physical}"),
            (_, "iam") => format!("arn:aws:iam::{account}:{thing}/{physical}"),
            (_, "lambda") => format!("arn:aws:lambda:{region}:{account}:function:{physical}"),
            _ => format!("arn:aws:{service}:{region}:{account}:{thing}/{physical}"),
        })
    }

    fn intrinsic(&self, key: &str, content: &Value) -> Option<Value> {
        let string = |value: &Value| match self.evaluate(value) {
            Value::Object(_) | Value::Array(_) => None,
            scalar => Some(plain(&scalar)),
        };
        let list = |value: &Value| match self.evaluate(value) {
            Value::Array(list) => Some(list),
            _ => None,
        };
        Some(match (key, content) {
            ("Ref", Value::String(name)) => Value::String(self.named(name)?),
            ("Fn::GetAtt", Value::String(text)) => {
                let (id, attribute) = text.split_once('.')?;
                Value::String(self.attribute(id, attribute)?)
            }
            ("Fn::GetAtt", Value::Array(pair)) => {
                Value::String(self.attribute(pair.first()?.as_str()?, pair.get(1)?.as_str()?)?)
            }
            ("Fn::Sub", content) => {
                let (text, local) = match content {
                    Value::Array(pair) => (pair.first()?.as_str()?, pair.get(1)),
                    other => (other.as_str()?, None),
                };
                let mut filled = text.to_owned();
                for name in placeholders(text) {
                    let value = match local.and_then(|local| local.get(&name)) {
                        Some(value) => string(value)?,
                        None => match name.split_once('.') {
                            Some((id, attribute)) => self.attribute(id, attribute)?,
                            None => self.named(&name)?,
                        },
                    };
                    filled = filled.replace(&format!("${{{name}}}"), &value);
                }
                Value::String(filled.replace("${!", "${"))
            }
            ("Fn::Join", Value::Array(pair)) => {
                let parts: Option<Vec<_>> = list(pair.get(1)?)?.iter().map(string).collect();
                Value::String(parts?.join(pair.first()?.as_str()?))
            }
            ("Fn::Select", Value::Array(pair)) => {
                let index: usize = string(pair.first()?)?.parse().ok()?;
                list(pair.get(1)?)?.get(index)?.clone()
            }
            ("Fn::Split", Value::Array(pair)) => {
                let text = string(pair.get(1)?)?;
                Value::Array(text.split(pair.first()?.as_str()?).map(|part| json!(part)).collect())
            }
            ("Fn::GetAZs", _) => json!(["a", "b", "c"].map(|zone| format!("{}{zone}", self.region))),
            ("Fn::ImportValue", value) => Value::String(self.exports.get(&string(value)?)?.clone()),
            ("Fn::If", Value::Array(three)) => {
                let holds = self.holds(&json!({ "Condition": three.first()? }))?;
                self.evaluate(three.get(if holds { 1 } else { 2 })?)
            }
            ("Fn::Base64", value) => json!({ "Fn::Base64": string(value)? }),
            _ => return None,
        })
    }

    /// Whether a condition holds; `None` when it can't be told.
    pub(super) fn holds(&self, condition: &Value) -> Option<bool> {
        let (key, content) = condition.as_object()?.iter().next()?;
        let all = || -> Option<Vec<bool>> { content.as_array()?.iter().map(|one| self.holds(one)).collect() };
        Some(match key.as_str() {
            "Condition" => self.holds(self.template.root["Conditions"].get(content.as_str()?)?)?,
            "Fn::Equals" => self.evaluate(content.get(0)?) == self.evaluate(content.get(1)?),
            "Fn::Not" => !*all()?.first()?,
            "Fn::And" => all()?.into_iter().all(|one| one),
            "Fn::Or" => all()?.into_iter().any(|one| one),
            _ => return None,
        })
    }
}

/// The physical id of a new resource: its own name where it has one, else one that CloudFormation makes up.
pub(super) fn physical_id(kind: &str, properties: &Value, stack: &str, id: &str, number: u64) -> String {
    const NAMES: [&str; 16] = [
        "BucketName",
        "RoleName",
        "PipelineName",
        "FunctionName",
        "TopicName",
        "QueueName",
        "LogGroupName",
        "AlarmName",
        "ModelPackageGroupName",
        "UserProfileName",
        "AliasName",
        "RepositoryName",
        "TableName",
        "GroupName",
        "RuleName",
        "Name",
    ];
    let named = NAMES.iter().find_map(|name| properties.get(name)?.as_str());
    let short = match kind {
        "AWS::EC2::VPC" => Some("vpc"),
        "AWS::EC2::Subnet" => Some("subnet"),
        "AWS::EC2::SecurityGroup" => Some("sg"),
        "AWS::EC2::NatGateway" => Some("nat"),
        "AWS::EC2::InternetGateway" => Some("igw"),
        "AWS::EC2::RouteTable" => Some("rtb"),
        "AWS::SageMaker::Domain" => Some("d"),
        _ => None,
    };
    match (short, named) {
        (Some(short), _) => format!("{short}-{number:012x}"),
        (None, Some(name)) if kind == "AWS::SNS::Topic" => {
            format!("arn:aws:sns:us-east-1:111122223333:{name}")
        }
        (None, Some(name)) => name.to_owned(),
        (None, None) => format!("{stack}-{id}-{number:012X}"),
    }
}
