//! CloudFormation's resource schemas → Rust types and tables of constraints.
//!
//! [`generate`] is pure: the text of `models/cloudformation.json` in, tokens out. What it writes is made to stand in
//! a module of `pipewright-cloudformation`: it names that crate's run-time types through `crate::…`, and what
//! it writes itself by relative paths.
//!
//! For each resource type there is a struct in a module named after its service, and a module beside it with the
//! property types and enumerations. All wrap one map of JSON, so that a setter is one line and the whole stays
//! cheap to compile; limits are static tables that the crate's checks walk.

mod attributes;
mod docs;
mod kinds;
mod names;
mod patterns;
mod read;
mod rules;
mod shape;
mod tables;
mod types;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use self::shape::Resource;
use crate::emit;

/// Reads the schemas and writes `OUT_DIR/resources.rs`; what the build script of `pipewright-cloudformation` does.
///
/// # Errors
///
/// When the file can't be read or written, or holds a schema that this generator does not understand.
pub fn write(models: &Path) -> Result<()> {
    emit::rerun_if_changed(models);
    let text = std::fs::read_to_string(models).with_context(|| format!("can't read {}", models.display()))?;
    let tokens = generate(&text).with_context(|| format!("in {}", models.display()))?;
    emit::write_out_dir("resources.rs", tokens)
}

/// The Rust of all resource types in the text of a `cloudformation.json`.
///
/// # Errors
///
/// When the text is not such a file, or holds a schema that this generator does not understand.
pub fn generate(models: &str) -> Result<TokenStream> {
    let models: Value = serde_json::from_str(models)?;
    let schemas = models["resources"].as_object().context("there is no object called resources")?;
    let kinds = kinds::Kinds::collect(schemas)?;
    let mut resources = Vec::new();
    for (name, schema) in schemas {
        let resource = read::resource(name, schema, &kinds).with_context(|| format!("in {name}"))?;
        resources.push(resource);
    }
    resources.sort_by(|a, b| a.type_name.cmp(&b.type_name));

    let kinds = kinds.emit();
    let services = services(&resources);
    let tables = tables::emit(&resources);
    Ok(quote! { #kinds #services #tables })
}

fn services(resources: &[Resource]) -> TokenStream {
    let mut services: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for resource in resources {
        let types = types::resource(resource);
        services.entry(&resource.service).or_default().push(types);
    }
    let modules = services.into_iter().map(|(service, types)| {
        let module = names::ident(service);
        let doc = docs::attributes(&format!("Resource types of `AWS::{}`.", service_of(resources, service)));
        quote! {
            #doc
            pub mod #module {
                #(#types)*
            }
        }
    });
    quote! { #(#modules)* }
}

fn service_of<'a>(resources: &'a [Resource], module: &str) -> &'a str {
    let resource = resources.iter().find(|resource| resource.service == module);
    resource.and_then(|resource| resource.type_name.split("::").nth(1)).unwrap_or_default()
}
