//! Amazon resource names: [`Arn`], and [`ArnOf`] a kind of resource.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde_json::json;

use super::Misspelt;
use super::spelt::spelt;
use crate::constraint::Measure;
use crate::context::Context;
use crate::decode::{Decode, parse};
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::Node;

spelt! {
    /// An ARN of any service: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
    Arn, "an ARN", "arn:aws:iam::111122223333:role/name", concat!(
        "^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12}|aws)?:",
        r"[^\x00-\x20\x7f]+$",
    )
}

impl Arn {
    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service, as `iam`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region; empty for what has none.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account's twelve digits, `aws` for what belongs to AWS, or nothing.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// What follows the account: `role/name`.
    pub fn resource(&self) -> &str {
        self.part(5)
    }
}

/// A kind of resource that an ARN can name.
///
/// ```
/// use pipewright_config::{ArnKind, ArnOf};
///
/// /// A state machine of Step Functions.
/// enum StateMachine {}
///
/// impl ArnKind for StateMachine {
///     const SERVICE: &'static str = "states";
///     const RESOURCE: &'static str = "stateMachine:";
///     const EXPECTED: &'static str = "the ARN of a state machine";
/// }
///
/// let arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:x".parse::<ArnOf<StateMachine>>()?;
/// assert_eq!(arn.name(), "x");
/// assert!("arn:aws:iam::111122223333:role/x".parse::<ArnOf<StateMachine>>().is_err());
/// # Ok::<(), pipewright_config::Misspelt>(())
/// ```
pub trait ArnKind {
    /// The service: lower-case letters, digits and hyphens.
    const SERVICE: &'static str;
    /// How the resource begins, up to its name, as `role/`; possibly empty.
    const RESOURCE: &'static str;
    /// What it is, in a few words for a message.
    const EXPECTED: &'static str;
}

/// The ARN of one kind of resource: service and resource are checked.
pub struct ArnOf<K> {
    arn: Arn,
    kind: PhantomData<fn() -> K>,
}

impl<K: ArnKind> ArnOf<K> {
    /// The ARN.
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// What follows the beginning that all resources of the kind share.
    pub fn name(&self) -> &str {
        self.arn.resource().strip_prefix(K::RESOURCE).unwrap_or_default()
    }
}

impl<K: ArnKind> FromStr for ArnOf<K> {
    type Err = Misspelt;

    fn from_str(text: &str) -> Result<Self, Misspelt> {
        let arn: Arn = text.parse()?;
        if arn.service() != K::SERVICE {
            return Err(Misspelt("the service is another one"));
        }
        if arn.resource().strip_prefix(K::RESOURCE).is_none_or(str::is_empty) {
            return Err(Misspelt("the resource is of another kind"));
        }
        Ok(Self { arn, kind: PhantomData })
    }
}

impl<K: ArnKind> Decode for ArnOf<K> {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        parse(node, cx, K::EXPECTED)
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Text(self.arn.as_str())
    }

    fn encode(&self) -> Option<Plain> {
        self.arn.encode()
    }
}

impl<K: ArnKind> Describe for ArnOf<K> {
    const SHAPE: Shape = Shape::Text;

    fn describe(_: &mut Schemas) -> Schema {
        let service = regex_lite::escape(K::SERVICE);
        let resource = regex_lite::escape(K::RESOURCE);
        let pattern = format!(
            r"^arn:aws[a-z-]*:{service}:[a-z0-9-]*:(?:[0-9]{{12}}|aws)?:{resource}[^\x00-\x20\x7f]+$"
        );
        json!({ "type": "string", "pattern": pattern })
    }
}

impl<K> Clone for ArnOf<K> {
    fn clone(&self) -> Self {
        Self { arn: self.arn.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for ArnOf<K> {
    fn eq(&self, other: &Self) -> bool {
        self.arn == other.arn
    }
}

impl<K> Eq for ArnOf<K> {}

impl<K> PartialOrd for ArnOf<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for ArnOf<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.arn.cmp(&other.arn)
    }
}

impl<K> fmt::Debug for ArnOf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(f)
    }
}

impl<K> fmt::Display for ArnOf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.arn, f)
    }
}

/// The kinds of resources that pipelines speak of.
pub mod kinds {
    use super::ArnKind;

    macro_rules! kinds {
        ($($(#[$meta:meta])* $name:ident: $service:literal, $resource:literal, $expected:literal;)*) => {$(
            $(#[$meta])*
            #[derive(Debug)]
            pub enum $name {}

            impl ArnKind for $name {
                const SERVICE: &'static str = $service;
                const RESOURCE: &'static str = $resource;
                const EXPECTED: &'static str = concat!("the ARN of ", $expected);
            }
        )*};
    }

    kinds! {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        Role: "iam", "role/", "an IAM role";
        /// `arn:aws:iam::ACCOUNT:policy/NAME`.
        Policy: "iam", "policy/", "an IAM policy";
        /// `arn:aws:kms:REGION:ACCOUNT:key/ID`.
        KmsKey: "kms", "key/", "a KMS key";
        /// `arn:aws:kms:REGION:ACCOUNT:alias/NAME`.
        KmsAlias: "kms", "alias/", "a KMS alias";
        /// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`.
        SecretsManagerSecret: "secretsmanager", "secret:", "a secret in Secrets Manager";
        /// `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`.
        SsmParameter: "ssm", "parameter/", "an SSM parameter";
        /// `arn:aws:sns:REGION:ACCOUNT:NAME`.
        SnsTopic: "sns", "", "an SNS topic";
        /// `arn:aws:sqs:REGION:ACCOUNT:NAME`.
        SqsQueue: "sqs", "", "an SQS queue";
        /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
        LambdaFunction: "lambda", "function:", "a Lambda function";
        /// `arn:aws:s3:::BUCKET`, possibly with a key.
        S3Bucket: "s3", "", "an S3 bucket";
        /// `arn:aws:ecr:REGION:ACCOUNT:repository/NAME`.
        EcrRepository: "ecr", "repository/", "an ECR repository";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_kinds() {
        let arn: Arn = "arn:aws-cn:kms:cn-north-1:111122223333:key/a:b".parse().unwrap();
        let parts = [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()];
        assert_eq!(parts, ["aws-cn", "kms", "cn-north-1", "111122223333", "key/a:b"]);
        for bad in
            ["", "arn", "arn:aws:iam:::", "arn:aws:iam::123:role/x", "arn:aws:iam::111122223333:role/a b"]
        {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
        assert!("arn:aws:iam::111122223333:role/x".parse::<ArnOf<kinds::Role>>().is_ok());
        for bad in ["arn:aws:iam::111122223333:user/x", "arn:aws:iam::111122223333:role/", "arn:aws:s3:::x"] {
            assert!(bad.parse::<ArnOf<kinds::Role>>().is_err(), "{bad}");
        }
    }
}
