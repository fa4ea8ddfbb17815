//! Channels of a training job.

use pipewright_model::Expr;

use crate::enums::{CompressionType, RecordWrapper, S3DataDistribution, S3DataType, TrainingInputMode};
use crate::requests::{self, DataSource, FileSystemDataSource, S3DataSource, ShuffleConfig};

/// A channel of a training job: a named data set that the container finds in
/// `/opt/ml/input/data/NAME`.
///
/// Unless said otherwise every object under the prefix goes to every instance, as with the SageMaker
/// Python SDK's `TrainingInput`.
///
/// ```
/// use pipewright_sagemaker::Channel;
/// let train = Channel::s3("s3://bucket/train").content_type("text/csv").input_mode("FastFile");
/// ```
#[derive(Clone, Debug)]
pub struct Channel {
    source: Source,
    request: Vec<Set>,
}

#[derive(Clone, Debug)]
enum Source {
    S3(S3DataSource),
    FileSystem(FileSystemDataSource),
}

/// A setting of the channel itself.
#[derive(Clone, Debug)]
enum Set {
    ContentType(Expr<String>),
    Compression(Expr<CompressionType>),
    RecordWrapping(Expr<RecordWrapper>),
    InputMode(Expr<TrainingInputMode>),
    ShuffleSeed(Expr<i64>),
}

impl Channel {
    /// Everything under an S3 prefix.
    pub fn s3(uri: impl Into<Expr<String>>) -> Self {
        let source = S3DataSource::new(S3DataType::S3_PREFIX, uri)
            .s3_data_distribution_type(S3DataDistribution::FULLY_REPLICATED);
        Self { source: Source::S3(source), request: Vec::new() }
    }

    /// Everything under an S3 prefix, as CSV (`text/csv`).
    pub fn csv(uri: impl Into<Expr<String>>) -> Self {
        Self::s3(uri).content_type("text/csv")
    }

    /// A folder of an EFS or `FSx` for Lustre file system.
    pub const fn file_system(source: FileSystemDataSource) -> Self {
        Self { source: Source::FileSystem(source), request: Vec::new() }
    }

    /// The MIME type of the data.
    pub fn content_type(self, value: impl Into<Expr<String>>) -> Self {
        self.set(Set::ContentType(value.into()))
    }

    /// How the data is compressed: `None` or `Gzip`, which needs `Pipe`.
    pub fn compression(self, value: impl Into<Expr<CompressionType>>) -> Self {
        self.set(Set::Compression(value.into()))
    }

    /// Wraps each object in a record: `None` or `RecordIO`.
    pub fn record_wrapping(self, value: impl Into<Expr<RecordWrapper>>) -> Self {
        self.set(Set::RecordWrapping(value.into()))
    }

    /// How this channel's data comes: `File`, `Pipe` or `FastFile`, instead of the job's own mode.
    pub fn input_mode(self, value: impl Into<Expr<TrainingInputMode>>) -> Self {
        self.set(Set::InputMode(value.into()))
    }

    /// Shuffles the objects in each epoch, with this seed.
    pub fn shuffle(self, seed: impl Into<Expr<i64>>) -> Self {
        self.set(Set::ShuffleSeed(seed.into()))
    }

    /// What the URI names: a prefix (`S3Prefix`), a list of objects (`ManifestFile`), or one with
    /// attributes (`AugmentedManifestFile`).
    pub fn data_type(self, value: impl Into<Expr<S3DataType>>) -> Self {
        self.s3_source(|s3| s3.s3_data_type(value))
    }

    /// Whether each instance has everything (`FullyReplicated`) or a share (`ShardedByS3Key`).
    pub fn distribution(self, value: impl Into<Expr<S3DataDistribution>>) -> Self {
        self.s3_source(|s3| s3.s3_data_distribution_type(value))
    }

    /// The attributes of an augmented manifest to use: up to 16.
    pub fn attribute_names(self, names: impl IntoIterator<Item = impl Into<Expr<String>>>) -> Self {
        self.s3_source(|s3| s3.attribute_names(names))
    }

    /// The instance groups of a heterogeneous cluster that get this channel: up to 5.
    pub fn instance_groups(self, names: impl IntoIterator<Item = impl Into<Expr<String>>>) -> Self {
        self.s3_source(|s3| s3.instance_group_names(names))
    }

    fn s3_source(mut self, set: impl FnOnce(S3DataSource) -> S3DataSource) -> Self {
        self.source = match self.source {
            Source::S3(s3) => Source::S3(set(s3)),
            other @ Source::FileSystem(_) => other,
        };
        self
    }

    fn set(mut self, set: Set) -> Self {
        self.request.push(set);
        self
    }

    pub(super) fn into_request(self, name: impl Into<Expr<String>>) -> requests::Channel {
        let source = match self.source {
            Source::S3(s3) => DataSource::new().s3_data_source(s3),
            Source::FileSystem(fs) => DataSource::new().file_system_data_source(fs),
        };
        self.request.into_iter().fold(requests::Channel::new(name, source), |channel, set| match set {
            Set::ContentType(value) => channel.content_type(value),
            Set::Compression(value) => channel.compression_type(value),
            Set::RecordWrapping(value) => channel.record_wrapper_type(value),
            Set::InputMode(value) => channel.input_mode(value),
            Set::ShuffleSeed(seed) => channel.shuffle_config(ShuffleConfig::new(seed)),
        })
    }
}

/// An S3 prefix is a channel without further settings.
impl<U: Into<Expr<String>>> From<U> for Channel {
    fn from(uri: U) -> Self {
        Self::s3(uri)
    }
}
