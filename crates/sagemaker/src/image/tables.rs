//! The tables of published images, generated from `models/images.json` by `build_support::images`.

use pipewright_model::Registry;

/// A framework or built-in algorithm.
pub(super) struct Framework {
    /// The name that the Python SDK uses.
    pub(super) name: &'static str,
    /// Its images by what they are used for.
    pub(super) scopes: &'static [Scope],
}

/// The images for one use, or for several that share them all.
pub(super) struct Scope {
    /// `training`, `inference`, …
    pub(super) names: &'static [&'static str],
    /// Short version and version.
    pub(super) aliases: &'static [(&'static str, &'static str)],
    /// Version, short name of a variant and name.
    pub(super) variant_aliases: &'static [(&'static str, &'static str, &'static str)],
    /// Sorted by version; the variants of a version stand together.
    pub(super) images: &'static [Published],
}

/// An image, in one repository under one or more tags.
pub(super) struct Published {
    pub(super) version: &'static str,
    /// The base framework or the Python this image is for, where the version has an image for each.
    pub(super) variant: &'static str,
    pub(super) repository: &'static str,
    pub(super) registry: &'static Registry,
    /// What it is published for; empty where tags do not say.
    pub(super) processors: &'static [&'static str],
    /// The Python versions it is published with; empty where tags do not say.
    pub(super) pythons: &'static [&'static str],
    /// The build in the tag, by processor.
    pub(super) container_versions: &'static [(&'static str, &'static str)],
    /// The versions of the Neuron SDK it is published with.
    pub(super) sdk_versions: &'static [&'static str],
    /// What the tag begins with in place of the version.
    pub(super) tag_prefix: &'static str,
}

mod generated {
    use super::{Framework, Published, Registry, Scope};
    include!(concat!(env!("OUT_DIR"), "/images.rs"));
}

pub(super) use generated::FRAMEWORKS;
