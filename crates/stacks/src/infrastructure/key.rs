//! The key that encrypts what S3 and SageMaker do not encrypt with their own.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_cloudformation::intrinsic::sub;
use pipewright_cloudformation::{Handle, Resource as _, kms};
use pipewright_model::{Deploy, Environment, Permission};
use serde_json::{Value as Json, json};

use super::network::flow_log_group;
use super::published::Published;
use super::{InfrastructureSettings, Stack, policy};

/// Adds the key where anything asks for one.
pub(super) fn add(stack: &mut Stack<'_>) -> Option<Handle<kms::Key>> {
    let settings = stack.settings;
    let wanted = settings.buckets_have_key() || settings.domain.as_ref().is_some_and(|domain| domain.kms);
    if !wanted {
        return None;
    }
    let resource = kms::Key::new()
        .description(format!("Data of {}", stack.environment.prefix))
        .enable_key_rotation(true)
        .key_policy(policy(&statements(stack)))
        .tags(stack.named_tags("key"));
    // What it encrypted can't be read without it, and that stays.
    let key = stack.template.add("Key", resource.retain());
    stack.template.add("KeyAlias", kms::Alias::new(alias(&stack.environment.prefix), key.key_id()));
    stack.published.insert("key-arn", Published::text(key.arn()));
    Some(key)
}

/// The key's alias, by which roles are given its use.
pub(crate) fn alias(prefix: &str) -> String {
    format!("alias/{prefix}")
}

/// What a pipeline's role needs beside what its graph names, where the buckets are encrypted with the stack's own key:
/// its use, for every step that reads or writes in them.
pub fn use_of_key(
    environment: &Environment,
    settings: &InfrastructureSettings,
    permissions: &[Permission],
) -> Option<Permission> {
    if !settings.buckets_have_key() {
        return None;
    }
    let text = |deploy| environment.text(&deploy, "");
    let s3 = |permission: &&Permission| permission.actions.iter().any(|action| action.starts_with("s3:"));
    let steps: BTreeSet<String> = permissions.iter().filter(s3).flat_map(|p| p.steps.clone()).collect();
    let partition = text(Deploy::Partition);
    let (region, account) = (text(Deploy::Region), text(Deploy::Account));
    let aliases = BTreeMap::from([("kms:ResourceAliases".to_owned(), vec![alias(&environment.prefix)])]);
    (!steps.is_empty()).then(|| Permission {
        sid: "BucketKey".to_owned(),
        actions: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"].map(str::to_owned).to_vec(),
        resources: vec![format!("arn:{partition}:kms:{region}:{account}:key/*")],
        conditions: BTreeMap::from([("ForAnyValue:StringEquals".to_owned(), aliases)]),
        steps: steps.into_iter().collect(),
    })
}

/// In a key's policy `*` stands for the key itself.
fn statements(stack: &Stack<'_>) -> Vec<Json> {
    let root = format!("arn:{}:iam::{}:root", stack.text(&Deploy::Partition), stack.text(&Deploy::Account));
    let mut statements = vec![json!({
        "Sid": "PoliciesOfTheAccount",
        "Effect": "Allow",
        "Principal": {"AWS": sub(root)},
        "Action": "kms:*",
        "Resource": "*",
    })];
    if let Some(group) = flow_log_group(stack) {
        let service = format!("logs.{}.amazonaws.com", stack.text(&Deploy::Region));
        let group = stack.arn("logs", &format!("log-group:{group}"));
        statements.push(json!({
            "Sid": "FlowLogs",
            "Effect": "Allow",
            "Principal": {"Service": sub(service)},
            "Action": ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Resource": "*",
            "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": sub(group)}},
        }));
    }
    statements
}
