//! A field's type that can't be read is one error, at the type.

struct Bare;

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Settings {
    bare: Bare,
    map: std::collections::BTreeMap<String, Bare>,
    fine: u8,
}

fn main() {}
