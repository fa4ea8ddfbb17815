//! Inputs of a processing job.

use pipewright_model::{CodeAsset, Expr, Script};

use crate::enums::{
    ProcessingS3CompressionType, ProcessingS3DataDistributionType, ProcessingS3DataType,
    ProcessingS3InputMode,
};
use crate::requests::{ProcessingInput, ProcessingS3Input};

/// An input of a processing job: what is copied from S3 to a folder of the container.
///
/// Unless said otherwise every object under the prefix is copied, whole, to every instance, before
/// the job begins; that is what the SageMaker Python SDK's `ProcessingInput` does.
///
/// ```
/// use pipewright_sagemaker::Input;
/// let input = Input::s3("s3://bucket/shards", "/opt/ml/processing/in").name("in").data_distribution("ShardedByS3Key");
/// ```
#[derive(Clone, Debug)]
pub struct Input {
    name: Option<String>,
    pub(super) s3: Option<ProcessingS3Input>,
    other: Option<ProcessingInput>,
    pub(super) asset: Option<CodeAsset>,
}

impl Input {
    /// Everything under an S3 prefix, in a folder of the container below `/opt/ml/processing`.
    pub fn s3(uri: impl Into<Expr<String>>, local_path: impl Into<Expr<String>>) -> Self {
        let s3 = ProcessingS3Input::new(uri, ProcessingS3DataType::S3_PREFIX)
            .local_path(local_path)
            .s3_input_mode(ProcessingS3InputMode::FILE)
            .s3_data_distribution_type(ProcessingS3DataDistributionType::FULLY_REPLICATED)
            .s3_compression_type(ProcessingS3CompressionType::NONE);
        Self { name: None, s3: Some(s3), other: None, asset: None }
    }

    /// A file or folder of the pipeline's own `code/`, in a folder of the container.
    pub fn code(script: &impl Script, local_path: impl Into<Expr<String>>) -> Self {
        Self::asset(script.asset(), local_path)
    }

    /// Anything that is uploaded with the pipeline, in a folder of the container.
    pub fn asset(asset: CodeAsset, local_path: impl Into<Expr<String>>) -> Self {
        let mut input = Self::s3(asset.s3_uri(), local_path);
        input.asset = Some(asset);
        input
    }

    /// An input written as the request has it, such as a dataset definition for Athena or Redshift.
    pub fn request(input: ProcessingInput) -> Self {
        Self { name: None, s3: None, other: Some(input), asset: None }
    }

    /// The input's name. Unless given, `input-1` and so on in the order of the inputs.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Whether the URI is a prefix (`S3Prefix`) or a list of objects (`ManifestFile`).
    pub fn data_type(self, value: impl Into<Expr<ProcessingS3DataType>>) -> Self {
        self.map(|s3| s3.s3_data_type(value))
    }

    /// Whether the data is copied before the job begins (`File`) or streamed (`Pipe`).
    pub fn input_mode(self, value: impl Into<Expr<ProcessingS3InputMode>>) -> Self {
        self.map(|s3| s3.s3_input_mode(value))
    }

    /// Whether each instance has everything (`FullyReplicated`) or a share (`ShardedByS3Key`).
    pub fn data_distribution(self, value: impl Into<Expr<ProcessingS3DataDistributionType>>) -> Self {
        self.map(|s3| s3.s3_data_distribution_type(value))
    }

    /// How the data is compressed: `None` or `Gzip`, which needs `Pipe`.
    pub fn compression(self, value: impl Into<Expr<ProcessingS3CompressionType>>) -> Self {
        self.map(|s3| s3.s3_compression_type(value))
    }

    fn map(mut self, set: impl FnOnce(ProcessingS3Input) -> ProcessingS3Input) -> Self {
        self.s3 = self.s3.map(set);
        self
    }

    /// The request, with `input-POSITION` for a name where none was given.
    pub(super) fn into_request(self, position: usize) -> ProcessingInput {
        match (self.s3, self.other, self.name) {
            (Some(s3), _, name) => {
                ProcessingInput::new(name.unwrap_or_else(|| format!("input-{position}"))).s3_input(s3)
            }
            (None, Some(other), Some(name)) => other.input_name(name),
            (None, Some(other), None) => other,
            (None, None, name) => ProcessingInput::new(name.unwrap_or_default()),
        }
    }
}
