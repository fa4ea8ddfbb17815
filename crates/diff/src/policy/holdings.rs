//! Who holds which grants: the grants of a whole template, by whom or what they speak of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::change::PolicyKind;
use crate::intrinsic::{referred, written};
use crate::policy::documents::{ATTACHED, IDENTITIES, documents, target};
use crate::policy::grant::{Grant, grants};
use crate::template::resources;

/// A template with more grants than this is compared up to there, and said to be. Account limits are far below.
pub(crate) const GRANTS: usize = 500_000;

/// A grant of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub(crate) kind: PolicyKind,
    pub(crate) grant: Grant,
    /// The steps of a pipeline that need it.
    pub(crate) steps: Vec<String>,
}

/// A grant of a template.
pub(crate) struct Holding {
    /// The logical id of the resource whose policy holds it.
    pub(crate) holder: String,
    pub(crate) resource_type: String,
    /// Whom or what it speaks of: a logical id, or what the policy names.
    pub(crate) scope: String,
    pub(crate) held: Held,
}

static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

/// The properties of a resource; none, where there are none or they aren't an object.
pub(crate) fn properties(resource: &Value) -> &Map<String, Value> {
    resource.get("Properties").and_then(Value::as_object).unwrap_or(&NOTHING)
}

/// The type of a resource; empty where it has none.
pub(crate) fn type_of(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or_default()
}

/// The grants that the policies of a resource make.
pub(crate) fn held(resource: &Value) -> Vec<Held> {
    let condition = resource.get("Condition").and_then(Value::as_str);
    let when: BTreeSet<String> = condition.map(str::to_owned).into_iter().collect();
    let (resource_type, properties) = (type_of(resource), properties(resource));
    let mut out: Vec<Held> = Vec::new();
    for document in documents(resource_type, properties) {
        let kind = document.kind;
        out.extend(grants(document.value, &when).into_iter().map(|(grant, sid)| Held {
            kind,
            grant,
            steps: steps(resource, &sid),
        }));
    }
    if resource_type == "AWS::Lambda::Permission" {
        let statement = lambda_statement(properties);
        let found = grants(&json!({"Statement": statement}), &when).into_iter();
        out.extend(found.map(|(grant, _)| Held { kind: PolicyKind::Resource, grant, steps: Vec::new() }));
    }
    out
}

/// The statement that a permission of a function adds to the function's policy.
fn lambda_statement(properties: &Map<String, Value>) -> Value {
    let get = |key: &str| properties.get(key).cloned().unwrap_or_default();
    let mut conditions = Map::new();
    for (key, operator, name) in [
        ("SourceArn", "ArnLike", "aws:SourceArn"),
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ] {
        if let Some(value) = properties.get(key) {
            let entry = conditions.entry(operator).or_insert_with(|| json!({}));
            if let Some(entry) = entry.as_object_mut() {
                entry.insert(name.to_owned(), value.clone());
            }
        }
    }
    json!({
        "Effect": "Allow", "Principal": get("Principal"), "Action": get("Action"), "Resource": get("FunctionName"),
        "Condition": conditions,
    })
}

/// The steps that need a statement, as the metadata beside the policy says.
fn steps(resource: &Value, sid: &str) -> Vec<String> {
    let steps = resource.pointer("/Metadata/Pipewright/Steps").and_then(|steps| steps.get(sid));
    let steps = steps.and_then(Value::as_array).into_iter().flatten();
    steps.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The grants of a template, and whether these are all. `other` is the one it is compared with: defaults are told apart from
/// absence by it.
pub(crate) fn holdings(template: Option<&Value>, other: Option<&Value>) -> (Vec<Holding>, bool) {
    let Some(resources) = resources(template) else { return (Vec::new(), true) };
    let identities = Identities::of(resources);
    let mut out = Vec::new();
    for (id, resource) in resources {
        let resource_type = type_of(resource);
        let mut held = held(resource);
        // An endpoint without a policy lets everything through.
        if resource_type == "AWS::EC2::VPCEndpoint"
            && !properties(resource).contains_key("PolicyDocument")
            && crate::template::resources(other).is_some_and(|other| other.contains_key(id))
        {
            let everything =
                json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}});
            let found = grants(&everything, &BTreeSet::new()).into_iter();
            held.extend(found.map(|(grant, _)| Held {
                kind: PolicyKind::Resource,
                grant,
                steps: Vec::new(),
            }));
        }
        if held.is_empty() {
            continue;
        }
        for scope in identities.scopes(id, resource) {
            if out.len() + held.len() > GRANTS {
                return (out, false);
            }
            out.extend(held.iter().map(|held| Holding {
                holder: id.clone(),
                resource_type: resource_type.to_owned(),
                scope: scope.clone(),
                held: held.clone(),
            }));
        }
    }
    (out, true)
}

/// The roles, users and groups of a template.
struct Identities {
    /// From a name that a template gives to the logical id that has it.
    named: BTreeMap<String, String>,
    /// From the logical id of a managed policy to those of the identities that attach it.
    attached: BTreeMap<String, BTreeSet<String>>,
}

impl Identities {
    fn of(resources: &Map<String, Value>) -> Self {
        let mut found = Self { named: BTreeMap::new(), attached: BTreeMap::new() };
        for (id, resource) in resources.iter().filter(|(_, resource)| IDENTITIES.contains(&type_of(resource)))
        {
            let properties = properties(resource);
            for name in ["RoleName", "UserName", "GroupName"].iter().filter_map(|key| properties.get(*key)) {
                found.named.insert(written(name), id.clone());
            }
            for policy in managed(properties).filter_map(referred) {
                found.attached.entry(policy.to_owned()).or_default().insert(id.clone());
            }
        }
        found
    }

    /// Whom or what the policies of a resource speak of.
    fn scopes(&self, id: &str, resource: &Value) -> BTreeSet<String> {
        let (resource_type, properties) = (type_of(resource), properties(resource));
        if let Some((_, keys)) = ATTACHED.iter().find(|(name, _)| *name == resource_type) {
            let names = keys.iter().filter_map(|key| properties.get(*key));
            let names =
                names.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
            let mut scopes: BTreeSet<String> = names.map(|name| self.identity(name)).collect();
            scopes.extend(self.attached.get(id).into_iter().flatten().cloned());
            if !scopes.is_empty() {
                return scopes;
            }
        }
        let scope = match resource_type {
            "AWS::Lambda::Permission" => properties.get("FunctionName").map(scope_of),
            _ => target(resource_type, properties),
        };
        BTreeSet::from([scope.unwrap_or_else(|| id.to_owned())])
    }

    fn identity(&self, name: &Value) -> String {
        let plain = || {
            let written = written(name);
            self.named.get(&written).cloned().unwrap_or(written)
        };
        referred(name).map_or_else(plain, str::to_owned)
    }
}

/// What a value speaks of: the logical id that it refers to, or what it says.
pub(crate) fn scope_of(value: &Value) -> String {
    referred(value).map_or_else(|| written(value), str::to_owned)
}

/// The managed policies of an identity.
pub(crate) fn managed(properties: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let value = properties.get("ManagedPolicyArns");
    value.into_iter().flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice))
}
