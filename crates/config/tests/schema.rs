//! The JSON Schema of everything a field can say.

#![allow(dead_code, reason = "the structs are described, not read")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipewright_config::{file_schema, schema};
use pipewright_macros::Config;

/// How a model
/// is trained.
///
/// Twice, if need be.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct Training {
    /// How many times the data is seen.
    #[config(ge = 1, lt = 100, default = 10)]
    epochs: u32,
    #[config(gt = 0.0, le = 1, multiple_of = 0.5)]
    rate: f64,
    #[config(min_length = 1, max_length = 63, pattern = "^[a-z]+$")]
    name: String,
    #[config(min_length = 1, default = ["a"])]
    tags: Vec<String>,
    #[config(default, max_length = 50)]
    environment: BTreeMap<String, String>,
    #[config(choices = [1, 2])]
    workers: Option<i8>,
    #[config(choices = ["a", "b"], alias = "maxRuntime")]
    max_runtime: String,
    #[config(default = false)]
    spot: bool,
    single: f32,
    path: Option<PathBuf>,
    wide: u128,
    /// The optimiser's settings.
    #[config(default)]
    optimiser: Optimiser,
    other: Option<other::Optimiser>,
    #[config(default = "fast")]
    mode: Mode,
    plain: Plain,
}

/// What minimises the loss.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct Optimiser {
    next: Option<Box<Optimiser>>,
}

mod other {
    #[derive(pipewright_macros::Config)]
    #[config(crate = "pipewright_config")]
    pub(crate) struct Optimiser {}
}

/// Speed or care.
#[derive(Config)]
#[config(crate = "pipewright_config")]
enum Mode {
    /// As fast as can be.
    Fast,
    VeryThorough,
}

#[derive(Config)]
#[config(crate = "pipewright_config")]
enum Plain {
    A,
    #[config(alias = "bee")]
    B,
}

#[test]
fn everything_a_field_can_say() {
    insta::assert_json_snapshot!(schema::<Training>());
}

#[test]
fn a_file_may_hold_environments_and_leave_keys_to_them() {
    insta::assert_json_snapshot!(file_schema::<Optimiser>());
}

#[test]
fn a_type_that_contains_itself_keeps_its_definition() {
    let schema = schema::<Optimiser>();
    assert_eq!(schema["properties"]["next"]["$ref"], "#/$defs/Optimiser");
    assert_eq!(schema["$defs"]["Optimiser"]["properties"]["next"]["$ref"], "#/$defs/Optimiser");
}
