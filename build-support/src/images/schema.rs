//! `models/images.json` as data; `models/README.md` describes the format.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Images {
    /// Framework → scope → images.
    pub(super) frameworks: BTreeMap<String, BTreeMap<String, Scope>>,
    /// Registry → region → account.
    pub(super) registries: BTreeMap<String, BTreeMap<String, String>>,
}

/// The images of one use: training, inference, processing.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    #[serde(default)]
    pub(super) processors: Vec<String>,
    /// Short version → version.
    #[serde(default)]
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) versions: BTreeMap<String, Image>,
}

/// What stands under a version: an image, or several by base framework or Python, and what holds for all of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Image {
    pub(super) repository: Option<String>,
    pub(super) registry: Option<String>,
    pub(super) processors: Option<Vec<String>>,
    pub(super) py_versions: Option<Vec<String>>,
    /// By processor.
    pub(super) container_version: Option<BTreeMap<String, String>>,
    pub(super) sdk_versions: Option<Vec<String>>,
    pub(super) tag_prefix: Option<String>,
    #[serde(default)]
    pub(super) variants: BTreeMap<String, Image>,
    /// Short name of a variant → name.
    #[serde(default)]
    pub(super) aliases: BTreeMap<String, String>,
}

impl Image {
    /// This image, with what it leaves open taken from `shared`.
    pub(super) fn or(&self, shared: &Self) -> Self {
        let (image, shared) = (self.clone(), shared.clone());
        Self {
            repository: image.repository.or(shared.repository),
            registry: image.registry.or(shared.registry),
            processors: image.processors.or(shared.processors),
            py_versions: image.py_versions.or(shared.py_versions),
            container_version: image.container_version.or(shared.container_version),
            sdk_versions: image.sdk_versions.or(shared.sdk_versions),
            tag_prefix: image.tag_prefix.or(shared.tag_prefix),
            variants: BTreeMap::new(),
            aliases: BTreeMap::new(),
        }
    }
}
