//! What the derive macros do: syntax, model, check, emit, on `proc_macro2` alone.
//!
//! `syntax` turns tokens into what was written, `check` turns that into a `model` in which a mistake can't
//! be written, and `emit` turns the model into tokens and can't fail. All parts of the first two report to
//! one collection of errors and go on, so that one compile shows every mistake, at its token. With a
//! mistake the output is the errors and implementations that do nothing, so that the mistake has no echo
//! where the type is used.
//!
//! The attributes are documented where their users find them, at the derive macros in `pipewright-macros`.

mod check;
mod constant;
mod emit;
mod errors;
mod keys;
mod kind;
mod model;
mod syntax;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;

/// Which derive macro is at work.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Derive {
    Pipeline,
    Config,
}

/// The output of `#[derive(Pipeline)]`.
pub fn derive_pipeline(input: TokenStream) -> TokenStream {
    expand(input, Derive::Pipeline)
}

/// The output of `#[derive(Config)]`.
pub fn derive_config(input: TokenStream) -> TokenStream {
    expand(input, Derive::Config)
}

fn expand(input: TokenStream, derive: Derive) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let (ident, generics) = (input.ident.clone(), input.generics.clone());
    let mut errors = Errors::default();
    let raw = syntax::container(input, &mut errors);
    match check::container(raw, derive, &mut errors) {
        (_, Some(model)) => emit::model(&model),
        (roots, None) => {
            let mut output = errors.into_tokens();
            output.extend(emit::stub(&ident, &generics, &roots, derive));
            output
        }
    }
}
