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
    /// SHA-256 of the content, lower-case hex. Of what is packed: of its listing, not of the archive.
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
    /// A file of the pipeline's crate, uploaded alone in a `tar.gz`.
    Archive {
        /// Relative to the crate's folder, `/` between names.
        path: Cow<'static, str>,
    },
    /// A text that the pipeline made itself.
    Text {
        /// The content.
        text: Cow<'static, str>,
    },
}

/// Stands first in what is hashed of a file packed alone, before its name and its own hash. The
/// command that packs it counts the same way.
const ALONE: &str = "pipewright file 1\n";

/// Lower-case hex of the SHA-256 of some bytes.
fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in sha2::Sha256::digest(bytes) {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

impl CodeAsset {
    /// A file made by the pipeline, such as a start script or a configuration.
    pub fn text(name: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        let sha256 = sha256(text.as_bytes());
        Self { name: name.into(), sha256: sha256.into(), source: AssetSource::Text { text } }
    }

    /// The asset as a `sourcedir.tar.gz`: a file is packed alone, a folder is packed anyway.
    ///
    /// ```
    /// use pipewright_model::{AssetSource, CodeAsset};
    /// let source = AssetSource::File { path: "code/train.py".into() };
    /// let sha256 = "c7d9b938f2689ecd5aa95521611eaa67d8ea599095dac2d55c9e29b37d4def34";
    /// let file = CodeAsset { name: "train.py".into(), sha256: sha256.into(), source };
    /// let archive = file.archived();
    /// assert_eq!(archive.name, "sourcedir.tar.gz");
    /// assert_eq!(archive.sha256, "fb0d721ab2485b8b5a8d448199a070130ff8a6a9493d13cdff7ddd5bec1ef901");
    /// ```
    pub fn archived(self) -> Self {
        let AssetSource::File { path } = self.source else { return self };
        let name = path.rsplit('/').next().unwrap_or_default();
        let sha256 = sha256(format!("{ALONE}{}\n{}", name, self.sha256).as_bytes());
        Self { name: "sourcedir.tar.gz".into(), sha256: sha256.into(), source: AssetSource::Archive { path } }
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
