//! What jobs are called: names and ARNs as SageMaker makes them, the same ones at every run of the same attempt.

use serde_json::{Map, Value};

use crate::Start;

/// The longest name of a job.
const LONGEST: usize = 63;
/// The longest name of a tuning job.
const LONGEST_TUNING: usize = 32;
/// The length of the suffix that tells attempts apart.
const SUFFIX: usize = 10;

/// 128 bits of FNV-1a. For keys and names, where nobody gains from a collision.
pub(crate) struct Hash(u128);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        self
    }

    /// A text and where it ends, so that `ab` `c` is not `a` `bc`.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    pub(crate) fn finish(&self) -> u128 {
        self.0
    }
}

impl std::fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

/// The name of a step's job: `pipelines-EXECUTION-STEP-SUFFIX`, or `EXECUTION-STEP-SUFFIX` where names are short.
pub(crate) fn job_name(start: &Start, step: &str, kind: &str, attempt: u32) -> String {
    let mut hash = Hash::new();
    hash.text(&start.pipeline).text(&start.execution_id).text(step).text(&attempt.to_string());
    let suffix = letters(hash.finish());
    let execution = clean(&start.execution_id, 12);
    let mut name = if kind == "Tuning" { String::new() } else { "pipelines-".to_owned() };
    let longest = if kind == "Tuning" { LONGEST_TUNING } else { LONGEST };
    for part in
        [execution.as_str(), &clean(step, longest - name.len() - execution.len() - SUFFIX - 2), &suffix]
    {
        if !part.is_empty() {
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            name.push_str(part);
        }
    }
    name
}

/// Ten letters and digits of a hash.
fn letters(hash: u128) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = hash ^ (hash >> 64);
    (0..SUFFIX)
        .map(|_| {
            let digit = usize::try_from(rest % 62).unwrap_or_default();
            rest /= 62;
            char::from(DIGITS[digit])
        })
        .collect()
}

/// Letters and digits, single hyphens between them, at most `longest`.
fn clean(text: &str, longest: usize) -> String {
    let mut clean = String::new();
    for char in text.chars() {
        if clean.len() == longest {
            break;
        }
        if char.is_ascii_alphanumeric() {
            clean.push(char);
        } else if !clean.is_empty() && !clean.ends_with('-') {
            clean.push('-');
        }
    }
    clean.truncate(clean.trim_end_matches('-').len());
    clean
}

/// `aws`, or what it is called in the region's part of the world.
fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// The ARN of something of SageMaker's in the execution's account.
fn sagemaker(start: &Start, resource: &str) -> String {
    format!("arn:{}:sagemaker:{}:{}:{resource}", partition(&start.region), start.region, start.account)
}

/// The pipeline's ARN.
pub(crate) fn pipeline_arn(start: &Start) -> String {
    sagemaker(start, &format!("pipeline/{}", start.pipeline))
}

/// The ARN of an execution of the pipeline.
pub(crate) fn execution_arn(start: &Start, execution_id: &str) -> String {
    sagemaker(start, &format!("pipeline/{}/execution/{execution_id}", start.pipeline))
}

/// What a step's job is called in ARNs; `None` where a step is no resource of SageMaker's.
pub(crate) fn resource(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Processing" | "QualityCheck" | "ClarifyCheck" => "processing-job",
        "Training" => "training-job",
        "Transform" => "transform-job",
        "Tuning" => "hyper-parameter-tuning-job",
        "AutoML" => "automl-job",
        "Model" => "model",
        "RegisterModel" => "model-package",
        "EndpointConfig" => "endpoint-config",
        "Endpoint" => "endpoint",
        "InferenceComponent" => "inference-component",
        "Job" => "job",
        _ => return None,
    })
}

/// The ARN of a step's job. For a Lambda step its function, empty for a step that is nothing with an ARN.
pub(crate) fn job_arn(
    start: &Start,
    kind: &str,
    name: &str,
    arguments: &Value,
    members: &Map<String, Value>,
) -> String {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    match (kind, resource(kind)) {
        ("Lambda", _) => members.get("FunctionArn").and_then(Value::as_str).unwrap_or_default().to_owned(),
        // What the definition names itself is created under this name.
        ("EndpointConfig", Some(resource)) => {
            own(start, resource, text("EndpointConfigName").unwrap_or(name))
        }
        ("Endpoint", Some(resource)) => own(start, resource, text("EndpointName").unwrap_or(name)),
        ("InferenceComponent", Some(resource)) => {
            own(start, resource, text("InferenceComponentName").unwrap_or(name))
        }
        ("RegisterModel", Some(resource)) => {
            own(start, resource, text("ModelPackageGroupName").unwrap_or(name))
        }
        (_, Some(resource)) => own(start, resource, name),
        (_, None) => String::new(),
    }
}

fn own(start: &Start, resource: &str, name: &str) -> String {
    // A group may be given by its ARN.
    let name = name.rsplit('/').next().unwrap_or(name);
    let lower = matches!(resource, "model" | "endpoint" | "endpoint-config" | "model-package");
    let name = if lower { name.to_ascii_lowercase() } else { name.to_owned() };
    sagemaker(start, &format!("{resource}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Start {
        Start {
            pipeline: "abalone".into(),
            execution_id: "0123456789ab".into(),
            account: "000000000000".into(),
            region: "us-east-1".into(),
            ..Start::default()
        }
    }

    #[test]
    fn names_fit_and_are_told_apart() {
        let check = |step: &str, kind: &str, before_suffix: &str| {
            let name = job_name(&start(), step, kind, 0);
            assert_eq!(&name[..name.len() - SUFFIX], before_suffix);
            assert!(name.len() <= if kind == "Tuning" { 32 } else { 63 }, "{name}");
            assert_eq!(name, job_name(&start(), step, kind, 0));
            assert_ne!(name, job_name(&start(), step, kind, 1));
            assert_ne!(name, job_name(&start(), &format!("{step}-"), kind, 0));
        };
        check("Train", "Training", "pipelines-0123456789ab-Train-");
        check("my__step-", "Processing", "pipelines-0123456789ab-my-step-");
        check("Loop[3].Body", "Training", "pipelines-0123456789ab-Loop-3-Body-");
        check(&"x".repeat(64), "Model", &format!("pipelines-0123456789ab-{}-", "x".repeat(29)));
        check("Tune", "Tuning", "0123456789ab-Tune-");
        check("TuneEverything", "Tuning", "0123456789ab-TuneEver-");
        check("___", "Training", "pipelines-0123456789ab-");
    }

    #[test]
    fn arns() {
        let check = |region: &str, kind: &str, arguments: Value, expected: &str| {
            let start = Start { region: region.into(), ..start() };
            assert_eq!(job_arn(&start, kind, "Name-1", &arguments, &Map::new()), expected);
        };
        check(
            "us-east-1",
            "Training",
            Value::Null,
            "arn:aws:sagemaker:us-east-1:000000000000:training-job/Name-1",
        );
        check(
            "cn-north-1",
            "Model",
            Value::Null,
            "arn:aws-cn:sagemaker:cn-north-1:000000000000:model/name-1",
        );
        check(
            "us-gov-west-1",
            "Endpoint",
            serde_json::json!({"EndpointName": "Mine"}),
            "arn:aws-us-gov:sagemaker:us-gov-west-1:000000000000:endpoint/mine",
        );
        check("us-east-1", "Callback", Value::Null, "");
        assert_eq!(
            execution_arn(&start(), "x"),
            "arn:aws:sagemaker:us-east-1:000000000000:pipeline/abalone/execution/x"
        );
    }
}
