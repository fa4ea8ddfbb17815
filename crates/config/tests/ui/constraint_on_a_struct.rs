//! Constraints on a type of the author's own that has nothing to constrain.

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Inner {}

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Settings {
    #[config(ge = 1)]
    bounded: Inner,
    #[config(min_length = 1)]
    long: Inner,
    #[config(pattern = "a")]
    matched: Inner,
    #[config(default)]
    fine: Inner,
}

fn main() {}
