//! What is emitted, formatted.

use std::str::FromStr as _;

use proc_macro2::TokenStream;

use crate::{derive_config, derive_pipeline};

fn formatted(derive: fn(TokenStream) -> TokenStream, item: &str) -> String {
    let output = derive(TokenStream::from_str(item).unwrap());
    prettyplease::unparse(&syn::parse2(output).unwrap())
}

#[test]
fn pipeline() {
    insta::assert_snapshot!(formatted(
        derive_pipeline,
        r#"
        /// Prints a greeting:
        /// the smallest useful pipeline.
        #[pipeline(name = "example", display_name = "Example")]
        struct ExamplePipeline {
            /// Greeting handed to the script.
            #[config(min_length = 1, default = "hi")]
            greeting: String,
            training: Training,
            /// Instance type.
            #[parameter(default = "ml.m5.large", choices = ["ml.m5.large", "ml.m5.xlarge"])]
            instance_type: Parameter<String>,
            #[parameter(name = "N", unused = "for later")]
            count: Parameter<i64>,
        }"#
    ));
}

#[test]
fn pipeline_without_settings() {
    insta::assert_snapshot!(formatted(derive_pipeline, "struct NightlyRetrainPipeline;"));
}

#[test]
fn config_struct() {
    insta::assert_snapshot!(formatted(
        derive_config,
        r#"
        #[config(crate = "pipewright_config")]
        struct Training {
            #[config(ge = -1, lt = 10.5, default = 0)]
            rate: f64,
            #[config(pattern = "^a{2}$", alias = "maxName")]
            name: String,
            #[config(choices = [1, 2])]
            workers: Option<u8>,
            #[config(default = ["a"], max_length = 3)]
            tags: Vec<String>,
            #[config(default)]
            inner: Inner,
            #[config(ge = 1, default = 2)]
            epochs: Epochs,
            #[config(default = "fa{st", min_length = 2)]
            mode: Mode,
            r#type: bool,
        }"#
    ));
}

#[test]
fn config_enum() {
    insta::assert_snapshot!(formatted(
        derive_config,
        r#"
        /// Speed or care.
        enum Mode {
            /// As fast as can be.
            Fast,
            VeryThorough,
            #[config(alias = "XGBoost")]
            Xgboost,
        }"#
    ));
}

#[test]
fn mistakes_come_with_implementations_that_do_nothing() {
    insta::assert_snapshot!(formatted(
        derive_pipeline,
        "struct P<T: Copy> { a: Parameter<u8>, b: &'static str, c: T }"
    ));
}
