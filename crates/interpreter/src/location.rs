//! Places in S3.

use std::fmt;

/// A bucket and a key or prefix: `s3://BUCKET/KEY`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct S3Uri {
    /// The bucket: not empty, no `/`.
    pub bucket: String,
    /// The key or prefix, without a slash at its beginning; may be empty.
    pub key: String,
}

impl S3Uri {
    /// Reads `s3://BUCKET/KEY`; `None` where the text is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (bucket, key) =
            text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        (!bucket.is_empty()).then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}
