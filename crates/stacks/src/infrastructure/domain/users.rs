//! What users of the domain may do: look at everything of SageMaker's, work with pipelines and their own apps.
//!
//! They create no job themselves: a pipeline does, under its own role.

use pipewright_cloudformation::Value;
use pipewright_cloudformation::intrinsic::sub;
use pipewright_model::Deploy;
use serde_json::{Value as Json, json};

use crate::infrastructure::Stack;
use crate::infrastructure::key::alias;

/// Lists, which SageMaker gives whole or not at all.
const LISTS: [&str; 15] = [
    "sagemaker:ListApps",
    "sagemaker:ListDomains",
    "sagemaker:ListExperiments",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListModels",
    "sagemaker:ListPipelines",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListSpaces",
    "sagemaker:ListTrainingJobs",
    "sagemaker:ListTransformJobs",
    "sagemaker:ListTrialComponents",
    "sagemaker:ListTrials",
    "sagemaker:ListUserProfiles",
    "sagemaker:Search",
    "logs:DescribeLogGroups",
];

pub(super) fn statements(stack: &Stack<'_>, kms: bool) -> Vec<Json> {
    let sagemaker = |resource: &str| sub(stack.arn("sagemaker", resource));
    let logs = |resource: &str| sub(stack.arn("logs", resource));
    let bucket = |deploy: &Deploy, key: &str| -> Value<String> {
        sub(format!("arn:{}:s3:::{}{key}", stack.text(&Deploy::Partition), stack.text(deploy)))
    };
    let mut statements = vec![
        json!({"Sid": "Lists", "Effect": "Allow", "Action": LISTS, "Resource": "*"}),
        json!({
            "Sid": "Pipelines",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DescribePipeline",
                "sagemaker:DescribePipelineDefinitionForExecution",
                "sagemaker:DescribePipelineExecution",
                "sagemaker:ListPipelineExecutionSteps",
                "sagemaker:ListPipelineExecutions",
                "sagemaker:ListPipelineParametersForExecution",
                "sagemaker:RetryPipelineExecution",
                "sagemaker:StartPipelineExecution",
                "sagemaker:StopPipelineExecution",
            ],
            "Resource": sagemaker("pipeline/*"),
        }),
        json!({
            "Sid": "Results",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DescribeModel",
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:DescribeTransformJob",
                "sagemaker:ListModelPackages",
                "sagemaker:ListTags",
            ],
            "Resource": [
                sagemaker("model/*"),
                sagemaker("model-package-group/*"),
                sagemaker("model-package/*"),
                sagemaker("processing-job/*"),
                sagemaker("training-job/*"),
                sagemaker("transform-job/*"),
            ],
        }),
        json!({
            "Sid": "Apps",
            "Effect": "Allow",
            "Action": [
                "sagemaker:AddTags",
                "sagemaker:CreateApp",
                "sagemaker:CreatePresignedDomainUrl",
                "sagemaker:CreateSpace",
                "sagemaker:DeleteApp",
                "sagemaker:DeleteSpace",
                "sagemaker:DescribeApp",
                "sagemaker:DescribeDomain",
                "sagemaker:DescribeSpace",
                "sagemaker:DescribeUserProfile",
                "sagemaker:UpdateSpace",
            ],
            "Resource": [
                sagemaker("app/${Domain}/*"),
                sagemaker("domain/${Domain}"),
                sagemaker("space/${Domain}/*"),
                sagemaker("user-profile/${Domain}/*"),
            ],
        }),
        json!({
            "Sid": "Buckets",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": [bucket(&Deploy::SourceBucket, ""), bucket(&Deploy::DataBucket, "")],
        }),
        json!({
            "Sid": "ReadObjects",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": [bucket(&Deploy::SourceBucket, "/*"), bucket(&Deploy::DataBucket, "/*")],
        }),
        json!({
            "Sid": "OwnObjects",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
            "Resource": bucket(&Deploy::DataBucket, "/users/*"),
        }),
        json!({
            "Sid": "ReadLogs",
            "Effect": "Allow",
            "Action": ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
            "Resource": logs("log-group:/aws/sagemaker/*"),
        }),
        json!({
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [
                logs("log-group:/aws/sagemaker/studio"),
                logs("log-group:/aws/sagemaker/studio:*"),
            ],
        }),
    ];
    if kms {
        let key = sub(stack.arn("kms", "key/*"));
        let alias = json!({"kms:ResourceAliases": alias(&stack.environment.prefix)});
        statements.push(json!({
            "Sid": "Key",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": {"ForAnyValue:StringEquals": alias},
        }));
        // The volume of an app is attached by EC2, on behalf of its user.
        statements.push(json!({
            "Sid": "KeyGrants",
            "Effect": "Allow",
            "Action": "kms:CreateGrant",
            "Resource": key,
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}, "ForAnyValue:StringEquals": alias},
        }));
    }
    statements
}
