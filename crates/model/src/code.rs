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
    /// One of several that lie together below one prefix, as [`CodeAsset::together`] makes them.
    Member {
        /// What stands in the key where the content's own hash would: `SHA256/NAME`, with the hash of them all.
        folder: Cow<'static, str>,
        /// Where the content is: never another member.
        source: Box<AssetSource>,
    },
}

/// Stands first in what is hashed of a file packed alone, before its name and its own hash. The
/// command that packs it counts the same way.
const ALONE: &str = "pipewright file 1\n";
/// Stands first in what is hashed of files that lie together, before the name and the hash of each.
const TOGETHER: &str = "pipewright files 1\n";

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

    /// Files that lie together below one prefix, `code/PIPELINE/SHA256/NAME/`, for a job that reads a folder: the prefix's S3 URI,
    /// and what is uploaded. The hash is of all names and contents, so that the prefix holds these files and no others.
    ///
    /// A folder can't be one of them, for it is packed; nor can two files of one name. Where that is tried, the URI is a mistake that
    /// the graph's check reports.
    ///
    /// ```
    /// use pipewright_model::CodeAsset;
    /// let (uri, files) = CodeAsset::together("conf", [CodeAsset::text("a.json", "{}"), CodeAsset::text("b.json", "[]")]);
    /// assert_eq!(files.len(), 2);
    /// assert!(files[0].key("example").ends_with("/conf/a.json"));
    /// ```
    pub fn together(name: &str, assets: impl IntoIterator<Item = Self>) -> (Expr<String>, Vec<Self>) {
        let mut assets: Vec<Self> = assets.into_iter().collect();
        assets.sort_unstable();
        assets.dedup();
        let is_packed =
            |asset: &&Self| !matches!(asset.source, AssetSource::File { .. } | AssetSource::Text { .. });
        if let Some(packed) = assets.iter().find(is_packed) {
            let name = packed.name.clone();
            return (
                Expr::invalid(name, "a file", "a folder is packed: name the files of it one by one"),
                assets,
            );
        }
        if let Some(pair) = assets.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let name = pair[0].name.clone();
            let help = "they lie in one folder: give one of them another name";
            return (Expr::invalid(name, "files of different names", help), assets);
        }
        let mut listing = TOGETHER.to_owned();
        for asset in &assets {
            listing.extend([&asset.name, "\n", &asset.sha256, "\n"]);
        }
        let folder = format!("{}/{name}", sha256(listing.as_bytes()));
        for asset in &mut assets {
            let source = AssetSource::Text { text: Cow::Borrowed("") };
            let source = Box::new(std::mem::replace(&mut asset.source, source));
            asset.source = AssetSource::Member { folder: folder.clone().into(), source };
        }
        (join!("s3://", Deploy::SourceBucket, "/code/", Deploy::PipelineName, "/", folder), assets)
    }

    /// The key that the content has in the source bucket: `code/PIPELINE/SHA256/NAME`.
    pub fn key(&self, pipeline: &str) -> String {
        format!("code/{pipeline}/{}", self.place())
    }

    fn place(&self) -> String {
        match &self.source {
            AssetSource::Member { folder, .. } => format!("{folder}/{}", self.name),
            _ => format!("{}/{}", self.sha256, self.name),
        }
    }

    /// The S3 URI that the content has once it is published.
    pub fn s3_uri(&self) -> Expr<String> {
        join!("s3://", Deploy::SourceBucket, "/code/", Deploy::PipelineName, "/", self.place())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Node;

    #[test]
    fn files_that_lie_together() {
        let text = |name: &'static str, text: &'static str| CodeAsset::text(name, text);
        let (_, files) = CodeAsset::together("in", [text("b", "2"), text("a", "1"), text("b", "2")]);
        let keys: Vec<String> = files.iter().map(|file| file.key("p")).collect();
        let folder = keys[0].strip_suffix("/a").unwrap_or_default();
        assert!(folder.starts_with("code/p/") && folder.ends_with("/in"), "{folder}");
        assert_eq!(keys, [format!("{folder}/a"), format!("{folder}/b")]);
        assert_ne!(files[0].sha256, files[1].sha256);
        // Another content, name or file is another folder.
        for other in
            [vec![text("a", "1")], vec![text("a", "1"), text("b", "3")], vec![text("a", "1"), text("c", "2")]]
        {
            let (_, others) = CodeAsset::together("in", other);
            assert!(!others[0].key("p").starts_with(folder));
        }
    }

    #[test]
    fn what_can_not_lie_together() {
        let folder = CodeAsset {
            source: AssetSource::Folder { path: "code/x".into() },
            ..CodeAsset::text("x.tar.gz", "")
        };
        let same = [CodeAsset::text("a", "1"), CodeAsset::text("a", "2")];
        for assets in [vec![folder], same.to_vec()] {
            let (uri, _) = CodeAsset::together("in", assets);
            assert!(matches!(uri.node(), Node::Invalid(_)));
        }
    }
}
