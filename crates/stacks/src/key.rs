//! The key of a stack of pipelines: it encrypts what is said of executions, and starts that failed.

use pipewright_cloudformation::intrinsic::sub;
use pipewright_cloudformation::{Tag, Template, Value, kms};
use pipewright_model::{Deploy, Environment};
use serde_json::{Value as Json, json};

use crate::infrastructure::policy;
use crate::pipelines::StackInput;

/// Its id. It begins in lower case, as no pipeline's does.
const ID: &str = "stackkey";

/// The services that send to topics and queues.
pub(crate) const SENDERS: [&str; 2] = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];

/// The key's ARN. The key is added where it is not there yet: those that AWS manages let neither `EventBridge` nor `CloudWatch` in.
pub(crate) fn of_stack(
    template: &mut Template,
    environment: &Environment,
    stack: &StackInput<'_>,
) -> Value<String> {
    if !template.contains(ID) {
        let text = |deploy| environment.text(&deploy, "");
        let root = format!("arn:{}:iam::{}:root", text(Deploy::Partition), text(Deploy::Account));
        // In a key's policy `*` stands for the key itself.
        let statements = [
            json!({
                "Sid": "PoliciesOfTheAccount",
                "Effect": "Allow",
                "Principal": {"AWS": sub(root)},
                "Action": "kms:*",
                "Resource": "*",
            }),
            json!({
                "Sid": "Senders",
                "Effect": "Allow",
                "Principal": {"Service": SENDERS},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": of_account(environment),
            }),
        ];
        let mut key = kms::Key::new()
            .description(format!("Notifications and failed starts of {}", stack.name))
            .enable_key_rotation(true)
            .key_policy(policy(&statements));
        if !stack.tags.is_empty() {
            let tags = stack.tags.iter().map(|(k, v)| Tag::new(k.as_str(), v.as_str()));
            key = key.tags(tags.collect::<Vec<_>>());
        }
        template.add(ID, key);
    }
    Value::raw(json!({"Fn::GetAtt": [ID, "Arn"]}))
}

/// A condition: for this account alone.
pub(crate) fn of_account(environment: &Environment) -> Json {
    json!({"StringEquals": {"aws:SourceAccount": sub(environment.text(&Deploy::Account, ""))}})
}
