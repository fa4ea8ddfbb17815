//! From SageMaker's shapes to Rust: request builders, property paths, enums, and the constraint
//! tables that synth checks.
//!
//! [`generate`] is pure: `models/sagemaker.json` and the written overlay go in, tokens come out.
//!
//! The generated types are thin: a request is a newtype over an ordered JSON object, a setter one
//! line, a constraint a row of a table. Structs of options with a serialiser each would cost a
//! pipeline's author minutes of compile time and buy nothing.

mod enums;
mod names;
mod overlay;
mod properties;
mod requests;
mod schema;
mod tables;

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::quote;

pub use overlay::Overlay;
pub use schema::Model;

/// Generates the modules `enums`, `requests`, `properties` and `tables`.
///
/// # Errors
/// An overlay that names what the model does not have: it is older than the model.
pub fn generate(model: &Model, overlay: &Overlay) -> Result<TokenStream> {
    overlay.check(model)?;
    let requests = model.reachable(&overlay.requests)?;
    let responses = model.reachable(&overlay.properties)?;
    let enums = enums::emit(model, requests.union(&responses).copied());
    let request_types = requests::emit(model, overlay, &requests)?;
    let property_types = properties::emit(model, overlay, &responses)?;
    let tables = tables::emit(model, overlay, &requests)?;
    Ok(quote! {
        /// Strings with known values.
        pub mod enums {
            #enums
        }
        /// Request shapes: what a step asks SageMaker to do.
        pub mod requests {
            #request_types
        }
        /// Property paths: what a step's job says of itself.
        pub mod properties {
            #property_types
        }
        /// The constraints of the request shapes, which the check of a graph walks.
        pub mod tables {
            #tables
        }
    })
}

/// The build script of `crates/sagemaker`: reads the model and the overlay, writes
/// `OUT_DIR/sagemaker.rs`.
///
/// # Errors
/// A file that can't be read, or that does not fit the other.
pub fn build(model: &std::path::Path, overlay: &std::path::Path) -> Result<()> {
    for path in [model, overlay] {
        crate::emit::rerun_if_changed(path);
    }
    let read = |path: &std::path::Path| {
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
    };
    let tokens = generate(&Model::parse(&read(model)?)?, &Overlay::parse(&read(overlay)?)?)?;
    crate::emit::write_out_dir("sagemaker.rs", tokens)
}
