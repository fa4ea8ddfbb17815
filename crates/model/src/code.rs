//! Code that a step runs: what is uploaded, and how a script is called.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::deploy::Deploy;
use crate::expr::Expr;
use crate::join;

/// A file, folder or text that is uploaded to `code/PIPELINE/SHA256/NAME` of the source bucket.
///
/// The key depends on the content alone: unchanged code keeps its key, and SageMaker's step cache
/// keeps hitting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CodeAsset {
    /// The file's name in S3: `evaluate.py`, `sourcedir.tar.gz`.
    pub name: Cow<'static, str>,
    /// SHA-256 of the content, lower-case hex. Of a folder: of its listing, not of the archive.
    pub sha256: Cow<'static, str>,
    /// Where the content is.
    pub source: AssetSource,
}

/// Where the content of a [`CodeAsset`] is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AssetSource {
    /// A file of the pipeline's crate.
    File {
        /// Relative to the crate's folder, `/` between names.
        path: Cow<'static, str>,
    },
    /// A folder of the pipeline's crate, uploaded as a `tar.gz`.
    Folder {
        /// Relative to the crate's folder, `/` between names.
        path: Cow<'static, str>,
    },
    /// A text that the pipeline made itself.
    Text {
        /// The content.
        text: Cow<'static, str>,
    },
}

impl CodeAsset {
    /// A file made by the pipeline, such as a start script or a configuration.
    pub fn text(name: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        use sha2::Digest as _;
        use std::fmt::Write as _;
        let text = text.into();
        let mut sha256 = String::with_capacity(64);
        for byte in sha2::Sha256::digest(text.as_bytes()) {
            // Writing to a String can't fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Self { name: name.into(), sha256: sha256.into(), source: AssetSource::Text { text } }
    }

    /// The S3 URI that the content has once it is published.
    pub fn s3_uri(&self) -> Expr<String> {
        let Self { name, sha256, .. } = self;
        join!(
            "s3://",
            Deploy::SourceBucket,
            "/code/",
            Deploy::PipelineName,
            "/",
            sha256.as_ref(),
            "/",
            name.as_ref()
        )
    }
}

/// A script with its arguments, ready to run.
///
/// `pipewright::code!()` brings one type for every script in the pipeline's `code/`, with a setter
/// for each argument that the script's `argparse` declares.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be run: it is no script, or a required argument of it is still `Missing`",
    note = "every required argument of a script has a method on its type: call those that show as `Missing`"
)]
pub trait Script {
    /// What is uploaded.
    fn asset(&self) -> CodeAsset;
    /// The file to run inside of the asset.
    fn entry(&self) -> &str;
    /// The command line after the script's name.
    fn arguments(&self) -> Vec<Expr<String>>;
}
