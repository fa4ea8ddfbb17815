//! Names and ARNs as SSM parameters, for those who come without this program.

use pipewright_cloudformation::intrinsic::join;
use pipewright_cloudformation::{List, Output, Value, ssm};

use super::Stack;

/// A value that is published.
#[derive(Clone, Debug)]
pub(super) struct Published {
    kind: ssm::parameter::Type,
    value: Value<String>,
}

impl Published {
    /// One text.
    pub(super) fn text(value: impl Into<Value<String>>) -> Self {
        Self { kind: ssm::parameter::Type::STRING, value: value.into() }
    }

    /// Several texts, commas between them.
    pub(super) fn list(values: impl Into<Value<List<String>>>) -> Self {
        Self { kind: ssm::parameter::Type::STRING_LIST, value: join(",", values) }
    }
}

/// Adds a parameter `/PREFIX/NAME` and an output for each.
pub(super) fn add(stack: &mut Stack<'_>) {
    for (name, Published { kind, value }) in std::mem::take(&mut stack.published) {
        let id = logical_id(name);
        let mut parameter =
            ssm::Parameter::new(kind, value.clone()).name(format!("/{}/{name}", stack.environment.prefix));
        if !stack.settings.tags.is_empty() {
            let tags = stack.settings.tags.iter();
            parameter = parameter.tags(tags.map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>());
        }
        stack.template.add(format!("{id}Parameter"), parameter);
        stack.template.output(id, Output::new(value));
    }
}

/// `data-bucket` → `PublishedDataBucket`.
fn logical_id(name: &str) -> String {
    let mut id = String::from("Published");
    for word in name.split('-') {
        let mut chars = word.chars();
        id.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        id.extend(chars);
    }
    id
}
