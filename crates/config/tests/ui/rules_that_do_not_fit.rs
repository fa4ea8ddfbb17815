//! Functions of another type, and constants that contradict each other.

use pipewright_config::ByteSize;

const LEAST: u32 = 9;
const WRONG: u8 = 3;

fn about_text(_: &str) -> Result<(), String> {
    Ok(())
}

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Settings {
    #[config(validate = about_text)]
    number: u32,
    #[config(ge = LEAST, le = 5)]
    none: u32,
    #[config(le = LEAST, default = 10)]
    outside: u32,
    #[config(le = WRONG)]
    other: u32,
    #[config(le = "50 gigs")]
    size: ByteSize,
    #[config(default = "1h30", ge = "1m")]
    time: std::time::Duration,
    #[config(flatten)]
    flat: Mode,
}

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
enum Mode {
    Fast,
    Slow,
}

fn main() {}
