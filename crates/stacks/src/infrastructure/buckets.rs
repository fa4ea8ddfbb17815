//! The buckets: code, data, and the logs of who read them.

use pipewright_cloudformation::intrinsic::{join, sub};
use pipewright_cloudformation::{DeletionPolicy, Handle, Resource as _, Value, kms, s3};
use pipewright_model::Deploy;
use serde_json::{Value as Json, json};

use super::published::Published;
use super::{Stack, policy};

/// After how many days the parts of an upload that never ended are deleted.
const INCOMPLETE_DAYS: i64 = 7;

pub(super) fn add(stack: &mut Stack<'_>, key: Option<&Handle<kms::Key>>) {
    let settings = &stack.settings.buckets;
    if !settings.create {
        return;
    }
    let key = key.filter(|_| settings.kms);
    let log_bucket = settings.access_log_days.map(|days| logs(stack, days));
    for (id, deploy, name) in
        [("SourceBucket", Deploy::SourceBucket, "source"), ("DataBucket", Deploy::DataBucket, "data")]
    {
        let expiry = settings.data_days.filter(|_| deploy == Deploy::DataBucket);
        let mut resource = private(stack, &stack.text(&deploy), encryption(key))
            .lifecycle_configuration(lifecycle(settings.noncurrent_days, expiry));
        if stack.settings.data_events && deploy == Deploy::DataBucket {
            let on = s3::bucket::EventBridgeConfiguration::new(true);
            resource = resource.notification_configuration(
                s3::bucket::NotificationConfiguration::new().event_bridge_configuration(on),
            );
        }
        if let Some((logs, _)) = &log_bucket {
            resource = resource.logging_configuration(
                s3::bucket::LoggingConfiguration::new()
                    .destination_bucket_name(logs.reference())
                    .log_file_prefix(format!("{name}/")),
            );
        }
        if let Some((_, policy)) = &log_bucket {
            // S3 tries whether it may write there.
            resource = resource.depends_on(policy);
        }
        let bucket = stack.template.add(id, kept(resource, settings.retain));
        stack.template.add(
            format!("{id}Policy"),
            s3::BucketPolicy::new(bucket.reference(), policy(&[tls_only(&bucket)])),
        );
        let (by_name, by_arn) = match deploy {
            Deploy::DataBucket => ("data-bucket", "data-bucket-arn"),
            _ => ("source-bucket", "source-bucket-arn"),
        };
        stack.published.insert(by_name, Published::text(bucket.reference()));
        stack.published.insert(by_arn, Published::text(bucket.arn()));
    }
}

/// The bucket of access logs. S3 writes there only what a key of its own encrypts.
fn logs(stack: &mut Stack<'_>, days: u32) -> (Handle<s3::Bucket>, Handle<s3::BucketPolicy>) {
    let settings = &stack.settings.buckets;
    let (account, region) = (stack.text(&Deploy::Account), stack.text(&Deploy::Region));
    let name = stack.named(&format!("logs-{account}-{region}"));
    let resource = private(stack, &name, encryption(None))
        .lifecycle_configuration(lifecycle(settings.noncurrent_days, Some(days)));
    let bucket = stack.template.add("LogBucket", kept(resource, settings.retain));
    let partition = stack.text(&Deploy::Partition);
    let sources: Vec<Value<String>> = [Deploy::SourceBucket, Deploy::DataBucket]
        .map(|deploy| sub(format!("arn:{partition}:s3:::{}", stack.text(&deploy))))
        .into();
    let write = json!({
        "Sid": "AccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": join("/", [bucket.arn(), "*".into()]),
        "Condition": {
            "ArnLike": {"aws:SourceArn": sources},
            "StringEquals": {"aws:SourceAccount": sub(account)},
        },
    });
    let policy = stack.template.add(
        "LogBucketPolicy",
        s3::BucketPolicy::new(bucket.reference(), policy(&[tls_only(&bucket), write])),
    );
    stack.published.insert("log-bucket", Published::text(bucket.reference()));
    (bucket, policy)
}

/// A bucket that nobody outside of the account gets to see.
fn private(stack: &Stack<'_>, name: &str, encryption: s3::bucket::BucketEncryption) -> s3::Bucket {
    s3::Bucket::new()
        .bucket_name(sub(name))
        .bucket_encryption(encryption)
        .public_access_block_configuration(
            s3::bucket::PublicAccessBlockConfiguration::new()
                .block_public_acls(true)
                .block_public_policy(true)
                .ignore_public_acls(true)
                .restrict_public_buckets(true),
        )
        .ownership_controls(s3::bucket::OwnershipControls::new([s3::bucket::OwnershipControlsRule::new()
            .object_ownership(s3::bucket::OwnershipControlsRuleObjectOwnership::BUCKET_OWNER_ENFORCED)]))
        .versioning_configuration(s3::bucket::VersioningConfiguration::new(
            s3::bucket::VersioningConfigurationStatus::ENABLED,
        ))
        .tags(stack.tags())
}

fn encryption(key: Option<&Handle<kms::Key>>) -> s3::bucket::BucketEncryption {
    use s3::bucket::{ServerSideEncryptionByDefault, ServerSideEncryptionByDefaultSseAlgorithm as Algorithm};
    let rule = s3::bucket::ServerSideEncryptionRule::new();
    let rule = match key {
        // A key for the bucket: one call to KMS for many objects.
        Some(key) => rule.bucket_key_enabled(true).server_side_encryption_by_default(
            ServerSideEncryptionByDefault::new(Algorithm::AWS_KMS).kms_master_key_id(key.arn()),
        ),
        None => rule.server_side_encryption_by_default(ServerSideEncryptionByDefault::new(Algorithm::AES256)),
    };
    s3::bucket::BucketEncryption::new([rule])
}

fn lifecycle(noncurrent_days: u32, expiry: Option<u32>) -> s3::bucket::LifecycleConfiguration {
    let rule = || s3::bucket::Rule::new(s3::bucket::RuleStatus::ENABLED);
    let mut rules = vec![
        rule().id("old-versions").noncurrent_version_expiration(
            s3::bucket::NoncurrentVersionExpiration::new(i64::from(noncurrent_days)),
        ),
        rule().id("incomplete-uploads").abort_incomplete_multipart_upload(
            s3::bucket::AbortIncompleteMultipartUpload::new(INCOMPLETE_DAYS),
        ),
    ];
    if let Some(days) = expiry {
        rules.push(rule().id("expiry").expiration_in_days(i64::from(days)));
    }
    s3::bucket::LifecycleConfiguration::new(rules)
}

/// Refuses whoever comes without TLS: everybody, so this is the one place where a principal is `*`.
fn tls_only(bucket: &Handle<s3::Bucket>) -> Json {
    json!({
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket.arn(), join("/", [bucket.arn(), "*".into()])],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

fn kept(bucket: s3::Bucket, retain: bool) -> s3::Bucket {
    let policy = if retain { DeletionPolicy::Retain } else { DeletionPolicy::Delete };
    // When it is replaced, the old one keeps what is in it.
    bucket.deletion_policy(policy).update_replace_policy(DeletionPolicy::Retain)
}
