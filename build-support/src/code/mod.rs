//! A pipeline's `code/` folder → one Rust type for each script and source folder.
//!
//! ```text
//! code/evaluate.py        code::Evaluate, with a setter for each argument that its argparse declares
//! code/config.json        code::ConfigJson
//! code/pkg/train.py       code::pkg::Train, which runs train.py inside of the uploaded folder
//! code/pkg/               code::pkg::folder(), the folder as an asset
//! ```
//!
//! The steps, one module each: [`scan`] finds files and hashes, `syntax` parses Python, `survey` and `interpret` follow
//! the script to its parsers, `argument` reads declarations, `rules` makes a [`contract`] of them, and `generate`,
//! `structs` and `fields` write Rust. Scripts are read, never run.

mod argument;
mod bindings;
mod command_line;
pub mod contract;
mod docs;
mod expressions;
mod fields;
mod generate;
mod interpret;
mod names;
mod parsers;
mod read;
mod rules;
pub mod scan;
mod structs;
mod survey;
mod syntax;
mod values;

use std::path::{Component, Path};

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

pub use generate::{Generated, generate};
pub use read::read;

use crate::emit;

/// The file in `OUT_DIR` that `pipewright::code!()` includes.
const OUTPUT: &str = "code.rs";

/// The build script of a pipeline: makes `pipewright::code!()` of the folder `code` beside its `Cargo.toml`.
///
/// A pipeline without that folder has no scripts; that is no mistake. What is wrong in it (names that collide, symbolic
/// links that leave it) fails the build with all errors at once; a script whose arguments can't be read is a warning.
pub fn pipeline() {
    code_in("code");
}

/// Like [`pipeline`], for another folder of the crate, `/` between names: `code_in("tests/code")`.
pub fn code_in(dir: &str) {
    emit::finish(run(dir));
}

fn run(dir: &str) -> Result<()> {
    let crate_dir = emit::manifest_dir()?;
    let dir = dir.trim_end_matches('/');
    if dir.is_empty() || !Path::new(dir).components().all(|part| matches!(part, Component::Normal(_))) {
        emit::fail([format!("\"{dir}\" is no folder inside of the crate")]);
    }
    if !crate_dir.join(dir).exists() {
        // When the folder comes up, the crate's folder changes.
        emit::rerun_if_changed(&crate_dir);
        return emit::write_out_dir(OUTPUT, quote!());
    }
    let scan = match scan::scan(&crate_dir, dir) {
        Ok(scan) => scan,
        Err(errors) => {
            emit::rerun_if_changed(&crate_dir.join(dir));
            emit::fail(errors)
        }
    };
    for path in &scan.watched {
        emit::rerun_if_changed(path);
    }
    let Generated { items, warnings, errors, .. } = generate(&scan, &runtime());
    for warning in warnings {
        emit::warning(warning);
    }
    if !errors.is_empty() {
        emit::fail(errors);
    }
    emit::write_out_dir(OUTPUT, items)
}

/// What a pipeline's generated code refers to.
fn runtime() -> TokenStream {
    quote!(::pipewright::__private)
}
