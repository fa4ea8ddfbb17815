//! From `models/images.json` to static tables: which images SageMaker publishes, and in whose registries.
//!
//! [`generate`] is pure. What it emits is data alone (a few static slices, no function), so that five hundred images
//! cost the compiler next to nothing; how a URI is made of the tables is written by hand in
//! `crates/sagemaker/src/image/`.

mod order;
mod registries;
mod schema;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use registries::Registries;
use schema::{Image, Images, Scope};

/// Generates the statics `REGISTRIES` and `FRAMEWORKS`.
///
/// The output names the types `Registry`, `Framework`, `Scope` and `Published`, which must be in scope where it is
/// included.
///
/// # Errors
/// A text that is not of the format in `models/README.md`, or an image in a registry that is not listed.
///
/// ```
/// let tokens = build_support::images::generate(
///     r#"{"registries": {"A": {"eu-west-1": "000000000001"}}, "frameworks": {"f": {"training": {"versions": {
///         "1": {"repository": "r", "registry": "A"}}}}}}"#,
/// )
/// .unwrap();
/// assert!(tokens.to_string().contains("FRAMEWORKS"));
/// ```
pub fn generate(images_json: &str) -> Result<TokenStream> {
    let images: Images = serde_json::from_str(images_json).context("models/images.json")?;
    let mut registries = Registries::new(images.registries.keys().map(String::as_str));
    let mut frameworks = Vec::new();
    for (name, scopes) in &images.frameworks {
        frameworks.push(framework(name, scopes, &mut registries)?);
    }
    let accounts = images.registries.values().map(|accounts| {
        // A BTreeMap: sorted by region, as the look-up by bisection needs it.
        let rows = accounts.iter().map(|(region, account)| quote! { (#region, #account) });
        quote! { &[#(#rows),*] }
    });
    let registries = registries.emit();
    let count = Literal::usize_unsuffixed(registries.len());
    Ok(quote! {
        /// Region and account, sorted by region.
        const ACCOUNTS: &[&[(&str, &str)]] = &[#(#accounts),*];
        /// The registries, by framework.
        pub(crate) static REGISTRIES: [Registry; #count] = [#(#registries),*];
        /// The frameworks and algorithms, by name.
        pub(crate) static FRAMEWORKS: &[Framework] = &[#(#frameworks),*];
    })
}

/// For the build script of `crates/sagemaker`: reads the file and writes `OUT_DIR/images.rs`.
///
/// # Errors
/// A file that can't be read, or is not of the format in `models/README.md`.
pub fn build(images: &Path) -> Result<()> {
    crate::emit::rerun_if_changed(images);
    let text = std::fs::read_to_string(images).with_context(|| format!("reading {}", images.display()))?;
    crate::emit::write_out_dir("images.rs", generate(&text)?)
}

fn framework(
    name: &str,
    scopes: &BTreeMap<String, Scope>,
    registries: &mut Registries<'_>,
) -> Result<TokenStream> {
    let mut registries = registries.framework(name);
    // Scopes with the same images are one table: an author need not choose between them.
    let mut tables: Vec<(Vec<&str>, &Scope)> = Vec::new();
    for (scope, images) in scopes {
        match tables.iter_mut().find(|(_, known)| *known == images) {
            Some((names, _)) => names.push(scope),
            None => tables.push((vec![scope], images)),
        }
    }
    let tables = tables
        .into_iter()
        .map(|(names, images)| {
            scope(&names, images, &mut registries)
                .with_context(|| format!("models/images.json: the images of {name}, {}", names[0]))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(quote! { Framework { name: #name, scopes: &[#(#tables),*] } })
}

fn scope(
    names: &[&str],
    scope: &Scope,
    registries: &mut registries::Framework<'_, '_>,
) -> Result<TokenStream> {
    let mut rows = Vec::new();
    let mut variant_aliases = Vec::new();
    let mut versions: Vec<_> = scope.versions.iter().collect();
    versions.sort_by(|a, b| order::versions(a.0, b.0));
    for (version, image) in versions {
        let place = || format!("version {version:?}");
        if image.variants.is_empty() {
            rows.push(published(version, "", image, scope, registries).with_context(place)?);
        }
        let mut variants: Vec<_> = image.variants.iter().collect();
        variants.sort_by(|a, b| order::versions(a.0, b.0));
        for (variant, own) in variants {
            let row = published(version, variant, &own.or(image), scope, registries);
            rows.push(row.with_context(place)?);
        }
        for (alias, variant) in &image.aliases {
            ensure!(
                image.variants.contains_key(variant),
                "version {version:?}: alias {alias} of {variant}, which is no variant"
            );
            variant_aliases.push(quote! { (#version, #alias, #variant) });
        }
    }
    let mut aliases: Vec<_> = scope.aliases.iter().collect();
    aliases.sort_by(|a, b| order::versions(a.0, b.0));
    for (alias, version) in &aliases {
        ensure!(scope.versions.contains_key(*version), "alias {alias} of {version}, which is no version");
    }
    let aliases = aliases.iter().map(|(alias, version)| quote! { (#alias, #version) });
    Ok(quote! {
        Scope {
            names: &[#(#names),*],
            aliases: &[#(#aliases),*],
            variant_aliases: &[#(#variant_aliases),*],
            images: &[#(#rows),*],
        }
    })
}

fn published(
    version: &str,
    variant: &str,
    image: &Image,
    scope: &Scope,
    registries: &mut registries::Framework<'_, '_>,
) -> Result<TokenStream> {
    let repository = image.repository.as_deref().context("no repository")?;
    let registry = image.registry.as_deref().context("no registry")?;
    let registry = Literal::usize_unsuffixed(registries.index(registry)?);
    // As the Python SDK looks them up: those of the scope win.
    let processors = Some(&scope.processors)
        .filter(|list| !list.is_empty())
        .or(image.processors.as_ref())
        .into_iter()
        .flatten();
    let pythons = image.py_versions.iter().flatten();
    let container_versions = image
        .container_version
        .iter()
        .flatten()
        .map(|(processor, version)| quote! { (#processor, #version) });
    let sdk_versions = image.sdk_versions.iter().flatten();
    let tag_prefix = image.tag_prefix.as_deref().unwrap_or("");
    Ok(quote! {
        Published {
            version: #version,
            variant: #variant,
            repository: #repository,
            registry: &REGISTRIES[#registry],
            processors: &[#(#processors),*],
            pythons: &[#(#pythons),*],
            container_versions: &[#(#container_versions),*],
            sdk_versions: &[#(#sdk_versions),*],
            tag_prefix: #tag_prefix,
        }
    })
}

#[cfg(test)]
mod tests;
