//! A type alias hides its range from the macro, not from the compiler.

type Epochs = u8;
type Name = String;

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Settings {
    #[config(default = 300)]
    epochs: Epochs,
    #[config(default = 3)]
    name: Name,
    #[config(ge = 0.5)]
    half: Epochs,
    #[config(default)]
    bare: Epochs,
}

fn main() {}
