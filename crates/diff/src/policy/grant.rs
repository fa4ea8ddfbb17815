//! A [`Grant`]: one action on one resource for one principal, allowed or denied under conditions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::change::Effect;
use crate::intrinsic::{function, unescaped, written};
use crate::secret::masked_text;

/// A statement with more combinations than this is not taken apart: its lists stand as one.
const COMBINATIONS: usize = 4096;

/// What a text is compared by, and how it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) key: String,
    pub(crate) shown: String,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Text {
    fn of(key: String) -> Self {
        let shown = masked_text(&unescaped(&key));
        Self { key, shown }
    }

    /// Actions are the same in upper and lower case; what they refer to is not.
    fn action(text: &str) -> Self {
        let key = if text.contains("${") { text.to_owned() } else { text.to_ascii_lowercase() };
        Self { key, shown: masked_text(&unescaped(text)) }
    }

    /// A list that stands as one is no pattern: its wildcards end where its elements do.
    fn list(texts: &[String]) -> Self {
        let shown = texts.join(", ");
        Self { key: shown.replace('*', "\u{2217}").replace('?', "\u{fe56}"), shown }
    }
}

/// An action, a resource or a principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// The statement names none.
    Absent,
    /// This one.
    One(Rc<Text>),
    /// All but these: `NotAction`, `NotResource`, `NotPrincipal`.
    AllBut(Rc<BTreeSet<Text>>),
}

impl Term {
    /// How it is shown; `None` where there is nothing to show.
    pub(crate) fn shown(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::One(text) => Some(text.shown.clone()),
            Self::AllBut(texts) => {
                let texts: Vec<&str> = texts.iter().map(|text| text.shown.as_str()).collect();
                Some(format!("all but {}", texts.join(", ")))
            }
        }
    }
}

/// By operator and key, the values, one of which has to match.
pub(crate) type Conditions = BTreeMap<(String, Text), BTreeSet<String>>;

/// One action on one resource for one principal, under conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    pub(crate) effect: Effect,
    pub(crate) principal: Term,
    pub(crate) action: Term,
    pub(crate) resource: Term,
    pub(crate) conditions: Rc<Conditions>,
    /// The conditions of the template that it stands under, as `Name` or `!Name`.
    pub(crate) when: Rc<BTreeSet<String>>,
}

impl Grant {
    /// The conditions, for people.
    pub(crate) fn conditions_shown(&self) -> Vec<String> {
        let of_policy = self.conditions.iter().map(|((operator, key), values)| {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            masked_text(&unescaped(&format!("{} {operator} {}", key.shown, values.join(" or "))))
        });
        of_policy.chain(self.when.iter().map(|name| format!("if {name}"))).collect()
    }
}

/// The grants of a policy document, each with the `Sid` of its statement. The document may be a text that holds JSON.
pub(crate) fn grants(document: &Value, when: &BTreeSet<String>) -> Vec<(Grant, String)> {
    let mut out = Vec::new();
    from_document(document, when, 0, &mut out);
    out
}

fn from_document(document: &Value, when: &BTreeSet<String>, depth: usize, out: &mut Vec<(Grant, String)>) {
    if let Value::String(text) = document
        && let Ok(parsed @ Value::Object(_)) = serde_json::from_str::<Value>(text)
    {
        from_document(&parsed, when, depth + 1, out);
    } else if let Some((branches, _)) = branches(document, when)
        && depth < 32
    {
        for (when, branch) in branches {
            from_document(branch, &when, depth + 1, out);
        }
    } else {
        match document.get("Statement") {
            Some(statement) => from_statement(statement, when, depth, out),
            // A list of statements, as AWS::Events::EventBusPolicy has it.
            None if document.get("Effect").is_some() || document.is_array() => {
                from_statement(document, when, depth, out);
            }
            None if document.is_null() || document.as_object().is_some_and(Map::is_empty) => {}
            None => out.push((opaque(document, when), String::new())),
        }
    }
}

fn from_statement(statement: &Value, when: &BTreeSet<String>, depth: usize, out: &mut Vec<(Grant, String)>) {
    match statement {
        Value::Array(statements) if depth < 32 => {
            for statement in statements {
                from_statement(statement, when, depth + 1, out);
            }
        }
        Value::Object(fields) => {
            if let Some((branches, _)) = branches(statement, when)
                && depth < 32
            {
                for (when, branch) in branches {
                    from_statement(branch, &when, depth + 1, out);
                }
            } else if statement.get("Ref").and_then(Value::as_str) == Some("AWS::NoValue") {
            } else if function(statement).is_some() {
                out.push((opaque(statement, when), String::new()));
            } else {
                take_apart(fields, when, out);
            }
        }
        other => out.push((opaque(other, when), String::new())),
    }
}

/// Both branches of `Fn::If`, each with the conditions it stands under.
type Branches<'a> = (Vec<(BTreeSet<String>, &'a Value)>, &'a str);

fn branches<'a>(value: &'a Value, when: &BTreeSet<String>) -> Option<Branches<'a>> {
    let ("Fn::If", Value::Array(parts)) = function(value)? else { return None };
    let [Value::String(name), yes, no] = parts.as_slice() else { return None };
    let with = |name: String| {
        let mut when = when.clone();
        when.insert(name);
        when
    };
    Some((vec![(with(name.clone()), yes), (with(format!("!{name}")), no)], name))
}

/// What can't be understood: as good as a permission that nothing covers but itself.
fn opaque(value: &Value, when: &BTreeSet<String>) -> Grant {
    Grant {
        effect: Effect::Allow,
        principal: Term::Absent,
        action: Term::One(Rc::new(Text::of(written(value)))),
        resource: Term::Absent,
        conditions: Rc::default(),
        when: Rc::new(when.clone()),
    }
}

fn take_apart(statement: &Map<String, Value>, when: &BTreeSet<String>, out: &mut Vec<(Grant, String)>) {
    let effect = match statement.get("Effect").and_then(Value::as_str) {
        Some("Deny") => Effect::Deny,
        _ => Effect::Allow,
    };
    let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
    let mut lists = [
        terms(statement, "Principal", "NotPrincipal", principals),
        terms(statement, "Action", "NotAction", actions),
        terms(statement, "Resource", "NotResource", resources),
    ];
    if lists.iter().map(Vec::len).product::<usize>() > COMBINATIONS {
        for list in &mut lists {
            let texts: Vec<String> = list.iter().filter_map(Term::shown).collect();
            if texts.len() > 1 {
                *list = vec![Term::One(Rc::new(Text::list(&texts)))];
            }
        }
    }
    let conditions = Rc::new(conditions(statement.get("Condition")));
    let when = Rc::new(when.clone());
    let [principals, actions, resources] = lists;
    for principal in &principals {
        for action in &actions {
            for resource in &resources {
                let grant = Grant {
                    effect,
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    conditions: Rc::clone(&conditions),
                    when: Rc::clone(&when),
                };
                out.push((grant, sid.to_owned()));
            }
        }
    }
}

fn terms(
    statement: &Map<String, Value>,
    key: &str,
    negated: &str,
    texts: fn(&Value) -> BTreeSet<Text>,
) -> Vec<Term> {
    let mut terms: Vec<Term> = statement
        .get(key)
        .map(texts)
        .unwrap_or_default()
        .into_iter()
        .map(|text| Term::One(Rc::new(text)))
        .collect();
    if let Some(value) = statement.get(negated) {
        terms.push(Term::AllBut(Rc::new(texts(value))));
    }
    if terms.is_empty() {
        terms.push(Term::Absent);
    }
    terms
}

/// A text, or a list of them.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(written).collect(),
        other => vec![written(other)],
    }
}

fn actions(value: &Value) -> BTreeSet<Text> {
    texts(value).iter().map(|text| Text::action(text)).collect()
}

fn resources(value: &Value) -> BTreeSet<Text> {
    texts(value).into_iter().map(Text::of).collect()
}

/// `Service sagemaker.amazonaws.com`; `*` for everybody, in whichever way it is written.
fn principals(value: &Value) -> BTreeSet<Text> {
    let Value::Object(kinds) = value else { return resources(value) };
    if function(value).is_some() {
        return resources(value);
    }
    let each = kinds.iter().flat_map(|(kind, names)| {
        texts(names).into_iter().map(move |name| match (kind.as_str(), name.as_str()) {
            ("AWS", "*") => Text::of("*".to_owned()),
            _ => Text::of(format!("{kind} {name}")),
        })
    });
    each.collect()
}

fn conditions(value: Option<&Value>) -> Conditions {
    let mut out = Conditions::new();
    let Some(value) = value else { return out };
    let Value::Object(operators) = value else {
        out.insert(("condition".to_owned(), Text::of(String::new())), BTreeSet::from([written(value)]));
        return out;
    };
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else {
            out.insert((operator.clone(), Text::of(String::new())), texts(keys).into_iter().collect());
            continue;
        };
        for (key, values) in keys {
            // Keys are the same in upper and lower case, but for what follows the slash (a tag's name).
            let same = match key.split_once('/') {
                Some((name, tag)) => format!("{}/{tag}", name.to_ascii_lowercase()),
                None => key.to_ascii_lowercase(),
            };
            let key = Text { key: same, shown: key.clone() };
            out.entry((operator.clone(), key)).or_default().extend(texts(values));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The grants as `Effect principal action resource conditions`.
    #[expect(clippy::needless_pass_by_value, reason = "a table of cases reads better without references")]
    fn check(document: Value, expected: &[&str]) {
        let mut found: Vec<String> = grants(&document, &BTreeSet::new())
            .iter()
            .map(|(grant, _)| {
                let [principal, action, resource] = [&grant.principal, &grant.action, &grant.resource]
                    .map(|term| term.shown().unwrap_or_else(|| "-".to_owned()));
                let conditions = grant.conditions_shown().join("; ");
                format!("{:?} {principal} {action} {resource} {conditions}", grant.effect)
                    .trim_end()
                    .to_owned()
            })
            .collect();
        found.sort();
        assert_eq!(found, expected, "{document}");
    }

    #[test]
    fn statements_are_taken_apart() {
        check(
            json!({"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": ["x", "y"]}}),
            &["Allow - a:B x", "Allow - a:B y"],
        );
        check(
            json!({"Statement": [{
                "Effect": "Deny", "Principal": {"AWS": "*", "Service": ["s"]}, "NotAction": ["a:C", "a:B"], "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": false}}
            }]}),
            &[
                "Deny * all but a:B, a:C * aws:SecureTransport Bool false",
                "Deny Service s all but a:B, a:C * aws:SecureTransport Bool false",
            ],
        );
        check(
            json!({"Statement": [{"Fn::If": ["Prod", {"Action": "a"}, {"Ref": "AWS::NoValue"}]}]}),
            &["Allow - a - if Prod"],
        );
        check(json!(r#"{"Statement": [{"Effect": "Allow", "Action": "a"}]}"#), &["Allow - a -"]);
        check(json!({"Statement": [5, null]}), &["Allow - 5 -", "Allow - null -"]);
        check(json!({}), &[]);
    }

    #[test]
    fn too_many_combinations_stay_together() {
        let many: Vec<String> = (0..100).map(|n| format!("a:{n}")).collect();
        let document = json!({"Statement": {"Effect": "Allow", "Action": many, "Resource": many}});
        assert_eq!(grants(&document, &BTreeSet::new()).len(), 1);
    }
}
