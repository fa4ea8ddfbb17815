//! Parameters that CloudFormation itself gives to every template.

use serde_json::json;

use crate::value::Value;

fn pseudo<T>(name: &str) -> Value<T> {
    Value::raw(json!({ "Ref": name }))
}

/// The names, for checks.
pub(crate) const NAMES: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The account that the stack is deployed to, 12 digits.
pub fn account_id() -> Value<String> {
    pseudo("AWS::AccountId")
}

/// The partition: `aws`, `aws-cn`, `aws-us-gov`, …
pub fn partition() -> Value<String> {
    pseudo("AWS::Partition")
}

/// The region that the stack is deployed to.
pub fn region() -> Value<String> {
    pseudo("AWS::Region")
}

/// The stack's ARN.
pub fn stack_id() -> Value<String> {
    pseudo("AWS::StackId")
}

/// The stack's name.
pub fn stack_name() -> Value<String> {
    pseudo("AWS::StackName")
}

/// The suffix of the partition's host names, mostly `amazonaws.com`.
pub fn url_suffix() -> Value<String> {
    pseudo("AWS::URLSuffix")
}

/// As if the property had not been set; for one side of [`intrinsic::when`](crate::intrinsic::when).
pub fn no_value<T>() -> Value<T> {
    pseudo("AWS::NoValue")
}
