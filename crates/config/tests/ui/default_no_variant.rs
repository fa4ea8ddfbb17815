//! A default that is none of the enum's names.

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
enum Mode {
    Fast,
    VeryThorough,
}

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Settings {
    #[config(default = "thorough")]
    mode: Mode,
    #[config(choices = ["fast", "slow"])]
    other: Mode,
    #[config(default = "very_thorough")]
    fine: Mode,
}

fn main() {}
