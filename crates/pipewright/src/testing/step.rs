//! One step of a synthesised pipeline.

use pipewright_model::protocol::StepAnswer;
use serde_json::Value;

use super::path;

/// A step of a definition, to assert on.
#[derive(Clone, Copy, Debug)]
pub struct Step<'s> {
    pub(super) answer: &'s StepAnswer,
    pub(super) value: &'s Value,
}

impl<'s> Step<'s> {
    /// The name.
    pub fn name(&self) -> &'s str {
        &self.answer.name
    }

    /// The type, such as `Processing`.
    pub fn kind(&self) -> &'s str {
        &self.answer.kind
    }

    /// The whole step as it stands in the definition: `Name`, `Type`, `Arguments`, `CacheConfig`, …
    pub fn value(&self) -> &'s Value {
        self.value
    }

    /// The arguments: the request of the job, without what SageMaker fills in.
    pub fn arguments(&self) -> &'s Value {
        self.value.get("Arguments").unwrap_or(&Value::Null)
    }

    /// One argument, by its path: `AppSpecification.ContainerArguments[0]`, or with the name of an element
    /// `InputDataConfig['train'].ContentType`.
    ///
    /// # Panics
    /// Where there is nothing at that path, with how far it leads and what there is.
    #[track_caller]
    pub fn argument(&self, path: &str) -> &'s Value {
        match path::find(self.arguments(), path, "Arguments") {
            Ok(value) => value,
            Err(why) => panic!("step {}: {why}", self.name()),
        }
    }

    /// As [`argument`](Self::argument), where there may be none.
    pub fn get(&self, path: &str) -> Option<&'s Value> {
        path::find(self.arguments(), path, "").ok()
    }

    /// The steps that end before it begins: those named by hand and those that its values come from, sorted.
    pub fn depends_on(&self) -> Vec<&'s str> {
        self.answer.depends_on.iter().map(String::as_str).collect()
    }

    /// The Condition step that it is in a branch of.
    pub fn parent(&self) -> Option<&'s str> {
        self.answer.parent.as_deref()
    }

    /// The run-time parameters that its own values come from, sorted, each once. Those of steps in its branches are not
    /// among them.
    pub fn parameters(&self) -> Vec<&'s str> {
        let mut found = Vec::new();
        let members = self.value.as_object().into_iter().flatten();
        for (name, value) in members {
            match (name.as_str(), value) {
                ("Arguments", Value::Object(arguments)) => {
                    let own = arguments.iter().filter(|(name, _)| !BRANCHES.contains(&name.as_str()));
                    own.for_each(|(_, value)| references(value, &mut found));
                }
                (_, value) => references(value, &mut found),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Where steps have steps.
const BRANCHES: [&str; 3] = ["IfSteps", "ElseSteps", "ForEachBody"];

fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            let get = members.get("Get").filter(|_| members.len() == 1).and_then(Value::as_str);
            found.extend(get.and_then(|path| path.strip_prefix("Parameters.")));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The step of this name in a definition.
pub(super) fn raw<'v>(definition: &'v Value, name: &str) -> Option<&'v Value> {
    steps(definition.get("Steps")?).find_map(|step| within(step, name))
}

fn within<'v>(step: &'v Value, name: &str) -> Option<&'v Value> {
    if step.get("Name").and_then(Value::as_str) == Some(name) {
        return Some(step);
    }
    let arguments = step.get("Arguments")?;
    BRANCHES
        .iter()
        .filter_map(|branch| arguments.get(branch))
        .find_map(|branch| steps(branch).find_map(|step| within(step, name)))
}

fn steps(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
