//! The derive macros `Pipeline` and `Config`: a shell around `pipewright-macros-impl`.

use proc_macro::TokenStream;

#[doc = include_str!("pipeline.md")]
#[proc_macro_derive(Pipeline, attributes(pipeline, config, parameter))]
pub fn derive_pipeline(input: TokenStream) -> TokenStream {
    pipewright_macros_impl::derive_pipeline(input.into()).into()
}

#[doc = include_str!("config.md")]
#[proc_macro_derive(Config, attributes(config, pipeline, parameter))]
pub fn derive_config(input: TokenStream) -> TokenStream {
    pipewright_macros_impl::derive_config(input.into()).into()
}
