//! What a deployment did, for `--json` and `--outputs-file`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Error;
use crate::stack::Prepared;

/// What became of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was changed, and is as wanted.
    Deployed,
    /// It was as wanted already.
    Unchanged,
    /// Its change set is made, and was not to be executed.
    Prepared,
    /// Nothing can be prepared before a stack that it depends on is there.
    Deferred,
    /// There is no such stack, or no longer: only when attaching.
    Absent,
    /// It failed, or was stopped.
    Failed,
    /// It was not begun, because a stack that it depends on failed.
    Skipped,
}

/// One stack.
#[derive(Clone, Debug, Serialize)]
pub struct StackReport {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub result: Ended,
    /// Whether anything was changed.
    pub changed: bool,
    /// Its status in CloudFormation's words, where there is a stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its outputs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Why it failed, was skipped or deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was prepared and not executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared: Option<Prepared>,
}

/// All stacks, in the assembly's order. Not good by itself: ask [`Report::is_good`].
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The stacks.
    pub stacks: Vec<StackReport>,
    /// Why stacks failed, by their names, in the order of the stacks.
    #[serde(skip)]
    pub failures: Vec<(String, Error)>,
}

impl Report {
    /// Whether no stack failed.
    pub fn is_good(&self) -> bool {
        self.failures.is_empty()
    }

    /// What was prepared and not executed.
    pub fn prepared(&self) -> impl Iterator<Item = &Prepared> {
        self.stacks.iter().filter_map(|stack| stack.prepared.as_ref())
    }

    /// The outputs of the stacks that have some: stack, output, value, as `cdk deploy --outputs-file` writes them.
    pub fn outputs(&self) -> BTreeMap<&str, &BTreeMap<String, String>> {
        let stacks = self.stacks.iter().filter(|stack| !stack.outputs.is_empty());
        stacks.map(|stack| (stack.name.as_str(), &stack.outputs)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_well_as_json() {
        let stack = |name: &str, outputs: &[(&str, &str)]| StackReport {
            name: name.to_owned(),
            result: Ended::Deployed,
            changed: true,
            status: Some("CREATE_COMPLETE".to_owned()),
            outputs: outputs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            seconds: 1.5,
            reason: None,
            prepared: None,
        };
        let report =
            Report { stacks: vec![stack("b", &[("Arn", "x")]), stack("a", &[])], failures: Vec::new() };
        assert_eq!(serde_json::to_string(&report.outputs()).unwrap(), r#"{"b":{"Arn":"x"}}"#);
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(
            text,
            r#"{"stacks":[{"name":"b","result":"deployed","changed":true,"status":"CREATE_COMPLETE","outputs":{"Arn":"x"},"seconds":1.5},{"name":"a","result":"deployed","changed":true,"status":"CREATE_COMPLETE","seconds":1.5}]}"#
        );
    }
}
