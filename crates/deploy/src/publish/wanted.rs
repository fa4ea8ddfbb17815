//! What is to be in the bucket.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_assembly::StackAsset;

/// A file that is to be an object of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The key.
    pub(super) key: String,
    /// The file.
    pub(super) file: PathBuf,
    /// Its size in bytes.
    pub(super) size: u64,
    /// SHA-256 of its bytes, lower-case hex.
    pub(super) sha256: String,
    /// SHA-256 of its content; another one for a packed folder.
    pub(super) content: String,
}

/// A bucket, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) region: String,
}

/// The assets by bucket, each key once, sorted.
pub(super) fn by_bucket(
    assets: Vec<StackAsset>,
    region: &str,
    fill: impl Fn(&str) -> String,
) -> BTreeMap<Place, Vec<Wanted>> {
    let mut buckets: BTreeMap<Place, BTreeMap<String, Wanted>> = BTreeMap::new();
    for asset in assets {
        let region = asset.region.as_deref().map_or_else(|| region.to_owned(), &fill);
        let place = Place { bucket: fill(&asset.bucket), region };
        let wanted = Wanted {
            key: asset.key,
            file: asset.file,
            size: asset.size,
            sha256: asset.file_sha256,
            content: asset.sha256,
        };
        buckets.entry(place).or_default().insert(wanted.key.clone(), wanted);
    }
    buckets.into_iter().map(|(place, wanted)| (place, wanted.into_values().collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_wanted_once() {
        let asset = |bucket: &str, key: &str| StackAsset {
            bucket: bucket.into(),
            key: key.into(),
            region: None,
            file: PathBuf::new(),
            size: 1,
            file_sha256: "a".into(),
            sha256: "a".into(),
        };
        let assets = vec![asset("b-${A}", "y"), asset("b-1", "x"), asset("b-1", "y"), asset("a", "z")];
        let buckets = by_bucket(assets, "r", |text| text.replace("${A}", "1"));
        let found: Vec<_> = buckets
            .iter()
            .map(|(place, wanted)| {
                (place.bucket.as_str(), wanted.iter().map(|one| one.key.as_str()).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(found, [("a", vec!["z"]), ("b-1", vec!["x", "y"])]);
    }
}
