//! [`Outlook`]: what a destruction takes, what it leaves, and what stands in its way, read from templates. Asks nobody.

use std::collections::BTreeMap;

use pipewright_diff::holds_data;
use serde::Serialize;
use serde_json::Value;

use crate::show::text::{Ink, Role, excerpt, harmless, wrap};

const DOMAIN: &str = "AWS::SageMaker::Domain";
const KEY: &str = "AWS::KMS::Key";
/// How many days KMS keeps a key that was deleted, unless the template says otherwise.
const PENDING: u64 = 30;

/// What a destruction does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// The environment.
    pub environment: String,
    /// The stacks that are there, in the order in which they are taken down.
    pub stacks: Vec<StackOutlook>,
    /// Those that are not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

/// What a destruction does to one stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StackOutlook {
    /// Its name.
    pub name: String,
    /// How many resources go.
    pub goes: usize,
    /// What goes that holds something, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<String>,
    /// What stays, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<String>,
    /// What has to go first, by hand, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
}

impl StackOutlook {
    /// What happens to a stack with this template; `ids` are what its resources are called in their services, by logical id.
    pub fn of(name: &str, template: &str, ids: &BTreeMap<String, String>, protected: bool) -> Self {
        let mut outlook = Self { name: name.to_owned(), protected, ..Self::default() };
        let template: Option<Value> = serde_json::from_str(template).ok();
        let resources = template.as_ref().and_then(|template| template.get("Resources")?.as_object());
        let Some(resources) = resources else {
            outlook.stays.push("its template is not JSON, so what stays can't be told".to_owned());
            return outlook;
        };
        let has_network = resources.values().any(|resource| kind(resource) == "AWS::EC2::VPC");
        for (logical_id, resource) in resources {
            // What was never made neither goes nor stays.
            if !ids.is_empty() && !ids.contains_key(logical_id) {
                continue;
            }
            let id = ids.get(logical_id).filter(|id| !id.is_empty()).unwrap_or(logical_id);
            outlook.add(resource, id, has_network);
        }
        outlook
    }

    fn add(&mut self, resource: &Value, id: &str, has_network: bool) {
        let kind = kind(resource);
        let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        let holds = holds_data(kind).map(|what| format!(" ({what})")).unwrap_or_default();
        match text("DeletionPolicy") {
            "Retain" | "RetainExceptOnCreate" => {
                self.stays.push(format!("{kind} {id}{holds}"));
                return;
            }
            "Snapshot" => self.stays.push(format!("a snapshot of {kind} {id}")),
            _ => {}
        }
        self.goes += 1;
        match kind {
            DOMAIN => {
                let network = if has_network {
                    "; its mount targets and security groups keep the VPC from being deleted until you remove them"
                } else {
                    ""
                };
                self.stays.push(format!("the file system of domain {id}, with its users' files{network}"));
                self.first.push(format!(
                    "apps and spaces of domain {id}: `aws sagemaker list-apps --domain-id-equals {id}` and `list-spaces` show them, `delete-app` and `delete-space` remove them"
                ));
            }
            "AWS::S3::Bucket" => {
                self.first.push(format!(
                    "objects in bucket {id}, old versions too: a stack never empties a bucket"
                ));
            }
            KEY => {
                let days = resource.pointer("/Properties/PendingWindowInDays").and_then(Value::as_u64);
                let days = days.unwrap_or(PENDING);
                self.loses.push(format!(
                    "{kind} {id}: deleted in {days} days, until then `aws kms cancel-key-deletion --key-id {id}` brings it back"
                ));
            }
            _ if !holds.is_empty() => self.loses.push(format!("{kind} {id}{holds}")),
            _ => {}
        }
    }
}

fn kind(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or_default()
}

impl Outlook {
    /// For people, in lines of at most so many columns where spaces allow. Ends with a line break.
    pub fn text(&self, columns: usize, ink: Ink) -> String {
        let columns = columns.max(40);
        let mut lines = Vec::new();
        for stack in &self.stacks {
            let protected = if stack.protected { ", protected from deletion" } else { "" };
            let resources = if stack.goes == 1 {
                "1 resource goes".to_owned()
            } else {
                format!("{} resources go", stack.goes)
            };
            lines
                .push(format!("{}: {resources}{protected}", ink.paint(Role::Strong, &harmless(&stack.name))));
            let groups = [
                ("must go first", &stack.first, Role::Bad),
                ("is lost", &stack.loses, Role::Bad),
                ("stays", &stack.stays, Role::Care),
            ];
            for (head, items, role) in groups.iter().filter(|(_, items, _)| !items.is_empty()) {
                lines.push(format!("  {}", ink.paint(*role, head)));
                for item in *items {
                    let parts = wrap(&excerpt(item), columns - 6);
                    let mark = |at: usize| if at == 0 { "    - " } else { "      " };
                    lines.extend(parts.iter().enumerate().map(|(at, part)| format!("{}{part}", mark(at))));
                }
            }
        }
        for name in &self.absent {
            lines.push(format!("{}: is not there", harmless(name)));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template() -> String {
        json!({"Resources": {
            "Data": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
            "Scratch": {"Type": "AWS::S3::Bucket"},
            "Domain": {"Type": "AWS::SageMaker::Domain", "DeletionPolicy": "Delete"},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"PendingWindowInDays": 7}},
            "Logs": {"Type": "AWS::Logs::LogGroup"},
            "Vpc": {"Type": "AWS::EC2::VPC"},
            "Odd": 3,
        }})
        .to_string()
    }

    #[test]
    fn what_stays_and_what_goes() {
        let ids = BTreeMap::from(
            [
                ("Data", "dsm-data-1"),
                ("Domain", "d-1"),
                ("Key", "k-1"),
                ("Logs", "/dsm\u{1b}[2J"),
                ("Vpc", "vpc-1"),
                ("Scratch", ""),
            ]
            .map(|(logical_id, id)| (logical_id.to_owned(), id.to_owned())),
        );
        let stack = StackOutlook::of("dsm-infrastructure", &template(), &ids, true);
        let outlook = Outlook {
            environment: "dev".to_owned(),
            stacks: vec![stack],
            absent: vec!["dsm-pipelines".to_owned()],
        };
        insta::assert_snapshot!(outlook.text(90, Ink::Plain), @r"
        dsm-infrastructure: 5 resources go, protected from deletion
          must go first
            - objects in bucket Scratch, old versions too: a stack never empties a bucket
            - apps and spaces of domain d-1: `aws sagemaker list-apps --domain-id-equals d-1` and
              `list-spaces` show them, `delete-app` and `delete-space` remove them
          is lost
            - AWS::KMS::Key k-1: deleted in 7 days, until then `aws kms cancel-key-deletion
              --key-id k-1` brings it back
            - AWS::Logs::LogGroup /dsm\u{1b}[2J (logs)
          stays
            - AWS::S3::Bucket dsm-data-1 (objects)
            - the file system of domain d-1, with its users' files; its mount targets and security
              groups keep the VPC from being deleted until you remove them
        dsm-pipelines: is not there
        ");
    }

    #[test]
    fn templates_that_are_none() {
        for template in ["", "a: b", "[]", r#"{"Resources": []}"#, &"[".repeat(100_000)] {
            let outlook = StackOutlook::of("dsm", template, &BTreeMap::new(), false);
            assert!(outlook.stays[0].contains("can't be told"), "{template:.20}");
        }
    }

    #[test]
    fn resources_that_were_never_made() {
        let ids = BTreeMap::from([("Vpc".to_owned(), "vpc-1".to_owned())]);
        let outlook = StackOutlook::of("dsm", &template(), &ids, false);
        assert_eq!(outlook, StackOutlook { name: "dsm".to_owned(), goes: 1, ..StackOutlook::default() });
    }
}
